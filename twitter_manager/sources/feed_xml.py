"""Makes well-formed XML of the bytes of an RSS or Atom feed: UTF-8, only the newest entries, the usual mistakes mended.

A feed may be 25 MB long, list its oldest entries first, begin with a blank line or a warning of PHP, name a wrong
encoding, hold bare ampersands and entities of HTML, or break off. What an entry says is left to `feeds`.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from twitter_manager.sources.charsets import to_utf8
from twitter_manager.sources.limits import Overgrown, refuse_deep_xml, refuse_overgrown

MOST_ENTRIES = 500
"""Of one feed: the newest, wherever they stand."""
MOST_VALUE = 40_000
"""Bytes of one text of an entry: the news stands at its beginning."""
MOST_WORK = 6 * 2**20
"""Bytes of all entries that are read."""
MOST_HEAD = 2 * 2**20
_ROOT = re.compile(rb"<(?:[\w.-]+:)?(?:rss|feed|rdf|channel)\b", re.IGNORECASE)
_TOKENS = re.compile(rb"<!\[CDATA\[|<!--|</?((?:[\w.-]+:)?(?:item|entry))(?=[\s>/])", re.IGNORECASE)
_DATE = re.compile(
    rb"<(?:\w+:)?(pubDate|published|issued|date|updated|modified)\b[^>]{0,200}>\s{0,50}(?:<!\[CDATA\[)?([^<\]]{4,100})",
    re.I,
)
_PICTURE = re.compile(
    rb"<media:content\b([^<>]{0,2000})(?<!/)>((?:[^<]++|<(?!/?media:content\b))*+)</media:content\s*>", re.DOTALL
)
_DESCRIPTION = re.compile(
    rb"<media:description\b[^<>]{0,200}>((?:[^<]++|<(?!/?media:description\b))*+)</media:description\s*>", re.DOTALL
)
"""Each ends where the next of its kind begins: of thousands that stay open none is read to the end of the feed."""
_NAMESPACES = {
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "atom": "http://www.w3.org/2005/Atom",
    "media": "http://search.yahoo.com/mrss/",
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "xhtml": "http://www.w3.org/1999/xhtml",
}


class Pieces(NamedTuple):
    """A feed cut up: what stands before the first entry, the entries, what stands after the last."""

    head: bytes
    entries: list[bytes]
    tail: bytes


def is_xml_feed(content: bytes, declared: str = "") -> bool:
    """Whether this is a feed by its content, whatever it is called."""
    head = to_utf8(content[:20_000], (declared,))
    root = _ROOT.search(head)
    return bool(root and not re.search(rb"<(?:html|body)\b", head[: root.start()], re.IGNORECASE))


def pieces(content: bytes, charset: str, language: str, read_date: Callable[[str], datetime | None]) -> Pieces | None:
    """The feed in UTF-8, mended, with its newest entries in the feed's own order; None where it is no feed.

    Raises Overgrown. `charset`: what the server says; `language`: what the feed says, or ""."""
    in_text = re.search(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]{1,40})", content[:4096].replace(b"\0", b""))
    content = to_utf8(content, (in_text[1].decode() if in_text else "", charset), language)
    root = _ROOT.search(content, 0, 200_000)
    if root is None:
        return None
    if b"<!ENTITY" in content[: root.end()]:
        raise _declares_entities()
    spans = list(_spans(content, root.start()))
    if not spans:
        return Pieces(_mended(content[root.start() : root.start() + MOST_HEAD]), [], b"")
    head = content[root.start() : spans[0][0]][:MOST_HEAD]
    tail = content[spans[-1][1] :][:65536]
    return Pieces(_mended(head), _chosen(content, spans, read_date), _mended(tail))


def document(feed: Pieces, entries: Sequence[bytes]) -> bytes:
    """The feed with these entries, closed where it broke off. Raises Overgrown."""
    closing = feed.tail if re.search(rb"</[\w.:-]+\s*>\s*\Z", feed.tail) else _closing(feed.head)
    body = b"".join((feed.head, *entries, closing))
    if b"<!DOCTYPE" in feed.head:  # what looked like the root stood in front of it, in a comment
        raise _declares_entities()
    refuse_overgrown(body)
    refuse_deep_xml(body)
    return b'<?xml version="1.0" encoding="utf-8"?>' + _declared(body)


def _declares_entities() -> Overgrown:
    return Overgrown("declares entities of its own, which can unfold to anything; it is left out.")


# -- cutting -------------------------------------------------------------------------------------------


def _spans(content: bytes, at: int) -> Iterator[tuple[int, int]]:
    """Where the entries stand. One that is not closed ends where the next begins, and the last is lost then."""
    name, begin = b"", -1
    while token := _TOKENS.search(content, at):
        at = token.end()
        if token[0] in (b"<![CDATA[", b"<!--"):
            end = content.find(b"]]>" if token[0] == b"<![CDATA[" else b"-->", at)
            if end < 0:
                return
            at = end + 3
        elif not name or token[1] == name:
            name = token[1]
            closes = token[0].startswith(b"</")
            end = content.find(b">", at) + 1 if closes else token.start()
            if begin >= 0:
                yield begin, end or len(content)
            begin = -1 if closes else token.start()


def _chosen(content: bytes, spans: list[tuple[int, int]], read_date: Callable[[str], datetime | None]) -> list[bytes]:
    """The newest entries, mended, as many as can be read in reasonable time, in the feed's order."""
    is_long = len(spans) > MOST_ENTRIES or spans[-1][1] - spans[0][0] > MOST_WORK
    numbers = _newest_first(content, spans, read_date) if is_long else range(len(spans))
    room, kept = MOST_WORK, dict[int, bytes]()
    for number in numbers[:MOST_ENTRIES]:
        begin, end = spans[number]
        entry = _shortened(content[begin:end])
        room -= len(entry)
        if room < 0:
            break
        kept[number] = _described(_mended(entry))
    return [kept[number] for number in sorted(kept)]


def _newest_first(
    content: bytes, spans: list[tuple[int, int]], read_date: Callable[[str], datetime | None]
) -> list[int]:
    """One without a date counts as old as the one before it."""
    dated: list[tuple[float, int]] = []
    last = float("inf")
    for number, (begin, end) in enumerate(spans):
        date = _date(content[begin:end], read_date)
        last = date.timestamp() if date else last
        dated.append((-last, number))
    return [number for _, number in sorted(dated)]


def _date(entry: bytes, read_date: Callable[[str], datetime | None]) -> datetime | None:
    """When it was published, else when it changed."""
    dates = {name.lower(): value for name, value in reversed(_DATE.findall(entry[:MOST_VALUE] + entry[-2000:]))}
    for name in (b"pubdate", b"published", b"issued", b"date", b"updated", b"modified"):
        if name in dates:
            return read_date(dates[name].decode("utf-8", "replace").strip())
    return None


def _shortened(entry: bytes) -> bytes:
    """An entry whose long texts are cut."""
    if len(entry) <= MOST_VALUE:
        return entry
    values = re.split(rb"(<!\[CDATA\[|\]\]>|<[^<>]*>)", entry)
    for number, value in enumerate(values):
        if len(value) > MOST_VALUE:
            cut = value[:MOST_VALUE].decode("utf-8", "ignore").encode()
            values[number] = re.sub(rb"&[^&;\s]{0,32}\Z", b"", cut)
    return b"".join(values) if sum(map(len, values)) <= 20 * MOST_VALUE else b""


# -- mending -------------------------------------------------------------------------------------------


def _mended(part: bytes) -> bytes:
    """A part of XML without bare ampersands and angles, entities that XML does not know, and forbidden characters."""
    part = re.sub(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]", b"", part)
    return b"".join(piece if framed else _mended_text(piece) for framed, piece in _framed(part))


def _described(entry: bytes) -> bytes:
    """An entry with what it says of its pictures as an attribute of each: feedparser takes it for the entry's text."""
    return _PICTURE.sub(_with_alt, entry) if b"<media:description" in entry else entry


def _with_alt(picture: re.Match[bytes]) -> bytes:
    said = _DESCRIPTION.search(picture[2])
    if said is None or not re.search(rb"medium=[\"']image|type=[\"']image/", picture[1]):
        return picture[0]
    words = b"".join(
        piece[9:-3] if framed else html.unescape(piece.decode()).encode() for framed, piece in _framed(said[1])
    )
    alt = html.escape(words.decode("utf-8", "replace")).encode()
    return b'<media:content%s alt="%s">%s</media:content>' % (picture[1], alt, _DESCRIPTION.sub(b"", picture[2]))


def _framed(part: bytes) -> Iterator[tuple[bool, bytes]]:
    """The pieces of XML in turn, and whether each is CDATA."""
    at = 0
    while (begin := part.find(b"<![CDATA[", at)) >= 0:
        end = part.find(b"]]>", begin)
        if end < 0:
            break
        yield False, part[at:begin]
        yield True, part[begin : end + 3]
        at = end + 3
    yield False, part[at:].replace(b"<![CDATA[", b"")


def _mended_text(text: bytes) -> bytes:
    text = re.sub(rb"&(#\d{1,8}|#[xX][0-9a-fA-F]{1,7}|[A-Za-z][A-Za-z0-9]{1,31})?(;?)", _entity, text)
    return re.sub(rb"<(?![A-Za-z_/!?])", b"&lt;", text)


def _entity(match: re.Match[bytes]) -> bytes:
    name = (match[1] or b"").decode()
    if not name or not match[2]:
        return b"&amp;" + match[0][1:]
    if name in ("amp", "lt", "gt", "quot", "apos"):
        return match[0]
    character = html.unescape(f"&{name};")
    if character == f"&{name};":
        return b"&amp;" + match[0][1:]
    return html.escape(character.replace("\f", "")).encode()  # the one that `unescape` gives and XML forbids


def _closing(head: bytes) -> bytes:
    """The end tags of what the head leaves open."""
    opened: list[bytes] = []
    bare = b"".join(piece for framed, piece in _framed(head) if not framed)
    for slash, name, rest in re.findall(rb"<(/?)([A-Za-z_][\w.:-]{0,60})([^<>]{0,5000})>", bare):
        if slash and name in opened:
            del opened[len(opened) - 1 - opened[::-1].index(name) :]
        elif not slash and not rest.endswith(b"/"):
            opened.append(name)
    return b"".join(b"</" + name + b">" for name in reversed(opened[:50]))


def _declared(body: bytes) -> bytes:
    """With the prefixes declared that it uses without declaring them."""
    used = set(re.findall(rb"</?([A-Za-z_][\w.-]*):[\w.-]+[\s/>]", body)) | set(
        re.findall(rb"\s(\w+):[\w.-]+=[\"']", body)
    )
    missing = {name for name in used - {b"xml", b"xmlns"} if b"xmlns:" + name + b"=" not in body[:MOST_HEAD]}
    if not missing or len(missing) > 50:
        return body
    known = (
        f' xmlns:{name}="{_NAMESPACES.get(name, f"urn:prefix:{name}")}"' for name in sorted(map(bytes.decode, missing))
    )
    end = re.match(rb"<[\w.:-]+", body)
    return body[: end.end()] + "".join(known).encode() + body[end.end() :] if end else body
