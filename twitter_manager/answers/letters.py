"""A mail as bytes -> who sent it, whether a person did, and what they wrote. Pure; bounded, whatever the bytes hold."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email.message import Message
from email.parser import BytesParser
from email.policy import compat32
from typing import Any

from twitter_manager.answers.quotes import own_words
from twitter_manager.errors import SourceError

MOST_BYTES = 1024 * 1024
"""Of a larger mail this much is looked at: what a person wrote comes first, pictures and files after it."""
MOST_CHARS = 300_000
"""Of a text this much is looked at."""
MOST_PARTS = 60
_LONGEST_HEADER = 20_000
_LONG_FIELD = re.compile(rb"^content-[a-z-]{1,40}:(?:[^\n]|\n[ \t]){3000}", re.IGNORECASE | re.MULTILINE)
"""What the standard library's reader takes long for."""
_ADDRESS = re.compile(r"(?:[^<>]{0,500}<)?\s*([^\s<>@,;:()\"]{1,200}@[^\s<>@,;:()\"]{1,255})\s*>?\s*")
_QUOTING_CLASSES = frozenset(
    {
        "gmail_quote", "gmail_signature", "gmail_attr", "moz-cite-prefix", "moz-signature", "yahoo_quoted",
        "protonmail_quote", "protonmail_signature_block", "tutanota_quote", "OutlookMessageHeader", "MsoSignature",
    }
)  # fmt: skip
_QUOTING_IDS = frozenset({"Signature", "mail-editor-reference-message-container"})
_QUOTED_FROM_HERE = frozenset({"divRplyFwdMsg", "appendonsend", "OLK_SRC_BODY_SECTION", "x_divRplyFwdMsg"})
"""Ids of elements: they, and all that follows, is what Outlook quotes."""
_BLOCKS = frozenset(
    {
        "address", "article", "blockquote", "div", "dl", "dt", "dd", "form", "h1", "h2", "h3", "h4", "h5", "h6", "hr",
        "li", "ol", "p", "pre", "table", "tr", "ul",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Letter:
    """What a mail says."""

    sender: str
    """The address in From, in small letters; "" unless there is exactly one."""
    is_automatic: bool
    """No person wrote it: an absence note, a newsletter, a report that something could not be delivered."""
    own: str
    """Its own words, without what it quotes."""
    whole: str
    """With it."""
    headers: Sequence[tuple[str, str]]


def read(raw: bytes) -> Letter | None:
    """The mail; None where it is built to be expensive."""
    raw = raw[:MOST_BYTES]
    has_too_many = raw.lower().count(b"boundary") > MOST_PARTS or raw.count(b"essage/") > MOST_PARTS
    if has_too_many or _LONG_FIELD.search(raw):
        return None
    try:
        message = BytesParser(policy=compat32).parsebytes(raw)
        parts = _texts(message)
    except (RecursionError, ValueError, LookupError, AssertionError):
        return None
    headers = [(name, str(value)[:_LONGEST_HEADER]) for name, value in message.raw_items()]
    plain = next((text for kind, text in parts if kind == "text/plain" and text.strip()), "")
    marked_up = next((text for kind, text in parts if kind == "text/html"), "")
    whole = plain or _text_of(marked_up, quoted=True)
    own = own_words(plain or _text_of(marked_up, quoted=False))
    return Letter(_sender(headers), _is_automatic(headers), own, whole, headers)


def _values(headers: Sequence[tuple[str, str]], name: str) -> list[str]:
    return [" ".join(value.split()) for header, value in headers if header.lower() == name]


def _sender(headers: Sequence[tuple[str, str]]) -> str:
    given = _values(headers, "from")
    address = _ADDRESS.fullmatch(given[0]) if len(given) == 1 and len(given[0]) < 1_000 else None
    return address[1].casefold() if address else ""


def _is_automatic(headers: Sequence[tuple[str, str]]) -> bool:
    submitted = _values(headers, "auto-submitted")
    precedence = {value.casefold() for value in _values(headers, "precedence")}
    marks = (
        "x-autoreply", "x-autorespond", "x-autorespond-to", "list-id", "list-unsubscribe", "x-failed-recipients",
        "x-application",  # our own notices, where they come from the person's own address
    )  # fmt: skip
    return (
        any(not value.casefold().startswith("no") for value in submitted)
        or bool(precedence & {"bulk", "junk", "list", "auto_reply", "auto-reply"})
        or any(_values(headers, name) for name in marks)
        or "<>" in _values(headers, "return-path")
        or any("multipart/report" in value.casefold() for value in _values(headers, "content-type"))
    )


def _texts(message: Message) -> list[tuple[str, str]]:
    """The kind and the text of each part that is no attachment."""
    return [(part.get_content_type(), _decoded(part)) for part in _leaves(message)]


def _leaves(message: Message) -> Iterator[Message]:
    """Its texts, in their order; nothing of a file or of another mail that is attached."""
    left = [message]
    for _ in range(MOST_PARTS):
        if not left:
            return
        part = left.pop()
        disposition = str(part.get("Content-Disposition", "")).casefold()
        if "attachment" in disposition or part.get_filename():
            continue
        inner = part.get_payload()
        if part.get_content_maintype() == "multipart" and isinstance(inner, list):
            left += [each for each in reversed(inner) if isinstance(each, Message)]
        elif part.get_content_type() in ("text/plain", "text/html") and not part.is_multipart():
            yield part


def _decoded(part: Message) -> str:
    from twitter_manager.sources.charsets import to_utf8

    content = part.get_payload(decode=True)
    if not isinstance(content, bytes):
        return ""
    charset = part.get_param("charset", "")
    text = to_utf8(content, [charset] if isinstance(charset, str) else []).decode("utf-8", "replace")
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")[:MOST_CHARS]
    is_flowed = str(part.get_param("format", "")).casefold() == "flowed"
    return _unflowed(text, str(part.get_param("delsp", "")).casefold() == "yes") if is_flowed else text


def _unflowed(text: str, drops_space: bool) -> str:
    """The paragraphs whole again that a mail program broke into lines (RFC 3676)."""
    lines: list[list[str]] = []
    goes_on = False
    for line in text.split("\n"):
        is_quoted = line.startswith(">")
        stuffed = line[1:] if line.startswith(" ") else line
        if goes_on and not is_quoted and stuffed != "-- ":
            lines[-1][-1] = lines[-1][-1][:-1] if drops_space else lines[-1][-1]
            lines[-1].append(stuffed)
        else:
            lines.append([line if is_quoted else stuffed])
        goes_on = not is_quoted and stuffed.endswith(" ") and stuffed != "-- "
    return "\n".join(map("".join, lines))


def _text_of(markup: str, *, quoted: bool) -> str:
    """The text of HTML as lines; where not `quoted`, without what mail programs mark as quotation or signature."""
    from twitter_manager.sources.markup import html_tree

    if not markup.strip():
        return ""
    try:
        tree = html_tree(markup)
    except SourceError:
        return ""
    if tree is None:
        return ""
    if not quoted:
        _drop_quotations(tree)
    pieces: list[str] = []
    _append_text(tree, pieces)
    lines = "".join(pieces).replace("\xa0", " ").split("\n")
    return re.sub(r"\n{3,}", "\n\n", "\n".join(" ".join(line.split()) for line in lines)).strip()


def _drop_quotations(tree: Any) -> None:
    for element in list(tree.iter()):
        if not isinstance(element.tag, str) or element.getparent() is None:
            continue
        classes, name = element.get("class", "").split(), element.get("id", "")
        if element.tag == "blockquote" or not _QUOTING_CLASSES.isdisjoint(classes) or name in _QUOTING_IDS:
            element.drop_tree()
        elif name in _QUOTED_FROM_HERE:
            for following in [*element.itersiblings(), element]:
                following.getparent().remove(following)


def _append_text(element: Any, pieces: list[str]) -> None:
    """The text in its order; a block begins and ends a line. The tree is never deep: `html_tree` sees to it."""
    if not isinstance(element.tag, str) or element.tag in ("head", "style", "script", "title"):
        return
    is_block = element.tag in _BLOCKS
    pieces.append("\n" if is_block or element.tag == "br" else "")
    pieces.append(re.sub(r"\s+", " ", element.text or ""))
    for child in element:
        _append_text(child, pieces)
        pieces.append(re.sub(r"\s+", " ", child.tail or ""))
    pieces.append("\n" if is_block else "")
