"""Makes plain text of what others wrote: no markup, nothing hidden, no characters that nobody sees.

A text comes out as paragraphs with an empty line between them. Code blocks and tables are left out: posts are prose.
What a text says is not looked at here; that is for the checks.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from twitter_manager import invisible

_JOINERS = "\u200c\u200d"
"""Characters without a picture of their own that some scripts and emoji need."""
_DROPPED = (
    " script style noscript template iframe object embed svg math head textarea select option button input form"
    " canvas audio video pre table nav dialog "
)
_BLOCKS = (
    " p div section article main header footer aside h1 h2 h3 h4 h5 h6 ul ol li dl dt dd blockquote figure figcaption"
    " hr address details summary center body html tr td th "
)
_HIDDEN_STYLE = (
    r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|opacity\s*:\s*0(?:\.0+)?\s*(?:;|!|$)"
    r"|font-size\s*:\s*0|(?:left|right|top|text-indent)\s*:\s*-\d{3,}|clip(?:-path)?\s*:"
    r"|(?:max-)?(?:height|width)\s*:\s*0(?:px)?\s*(?:;|!|$)"
)


def clean(text: str) -> str:
    """One text with nothing in it that nobody sees; paragraphs parted by one empty line, no other line breaks."""
    text = unicodedata.normalize("NFC", text[: 4 * 10**6])
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n\n")
    text = "".join(c for c in invisible.remove(text) if c in "\n\t" or _shown(c))
    paragraphs = (" ".join(block.split()) for block in re.split(r"\n[^\S\n]*\n\s*", text))
    return "\n\n".join(filter(None, paragraphs))


def line(text: str, longest: int = 200) -> str:
    """The same on one line, cut at a word where it is too long."""
    return shorten(" ".join(clean(text).split()), longest)


def shorten(text: str, longest: int) -> str:
    """At most `longest` characters: cut after a paragraph, a sentence, or else a word, with an ellipsis."""
    if len(text) <= longest:
        return text
    head = text[:longest]
    for end in (r"\n\n", r"(?<=[.!?…])(?=\s)|(?<=[。！？])"):
        cuts = [found.start() for found in re.finditer(end, head) if found.start() > longest // 3]
        if cuts:
            return head[: cuts[-1]].rstrip()
    head = text[: longest - 1]
    words = head.rsplit(None, 1)[0] if re.search(r"\S\s+\S", head[longest // 2 :]) else head
    while words and (unicodedata.combining(text[len(words)]) or text[len(words)] in _JOINERS + "\ufe0f"):
        words = words[:-1]
    return words.rstrip(_JOINERS + " \n") + "…"


def from_html(markup: str) -> str:
    """The text that a reader of this HTML sees. Any string will do."""
    text, marked_up = _html_text(markup)
    if not marked_up and re.search(r"</[a-zA-Z][a-zA-Z0-9]*\s*>", text):
        text, _ = _html_text(text)  # markup that was escaped twice on its way
    return clean(text)


def html_tree(markup: str | bytes, charset: str = "utf-8") -> Any:
    """The parsed tree without what is hidden, or None where there is nothing. `charset`: of bytes; '' to guess."""
    from lxml import etree
    from lxml.html import HTMLParser, document_fromstring

    if isinstance(markup, str):
        markup, charset = markup.encode("utf-8", "replace"), "utf-8"
    try:
        parser = HTMLParser(encoding=charset or None, remove_comments=True, remove_pis=True, no_network=True)
    except LookupError:
        parser = HTMLParser(remove_comments=True, remove_pis=True, no_network=True)
    try:
        tree = document_fromstring(markup.replace(b"\0", b""), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError, AssertionError):
        return None
    for element in list(tree.iter()):
        if element is not tree and _hidden(element):
            element.drop_tree()
    return tree


def _html_text(markup: str) -> tuple[str, bool]:
    """The text, and whether there was any markup at all."""
    from lxml import etree

    tree = html_tree(f"<div>{markup}</div>")
    if tree is None:
        return "", False
    pieces: list[str] = []
    elements = 0
    walk = etree.iterwalk(tree, events=("start", "end"))
    for event, element in walk:
        name = f" {element.tag} "
        if event == "start" and name in _DROPPED:
            walk.skip_subtree()
            pieces.append("\n\n" if name in " pre table form nav " else " ")
            elements += 1
            continue
        if event == "start":
            elements += 1
            pieces.append("\n\n" if name in _BLOCKS else "\n" if name == " br " else "")
            pieces.append(re.sub(r"\s+", " ", element.text or ""))
        else:
            pieces.append("\n\n" if name in _BLOCKS else "")
            pieces.append(re.sub(r"\s+", " ", element.tail or ""))
    return "".join(pieces), elements > 3  # html, body and our own div


def _hidden(element: Any) -> bool:
    attributes = element.attrib
    if not attributes:
        return False
    style = attributes.get("style")
    return (
        "hidden" in attributes
        or attributes.get("aria-hidden", "").strip().lower() == "true"
        or bool(style and re.search(_HIDDEN_STYLE, style, re.IGNORECASE))
    )


def _shown(character: str) -> bool:
    """Whether it may stand in a text; of the format characters `invisible` keeps those that have a use."""
    return unicodedata.category(character) not in ("Cc", "Cs", "Co", "Cn")
