"""The Atom file of the local feed: its records, writing it, reading it back, and which texts fit in.

Formats: Atom https://www.rfc-editor.org/rfc/rfc4287, replies https://www.rfc-editor.org/rfc/rfc4685. Files on disk
are `feed`'s business.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING

from twitter_manager import __version__
from twitter_manager.content import Card

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

TITLE_CHARS = 80
BIDI_MARKS = "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"

_ATOM, _THR, _TM = "http://www.w3.org/2005/Atom", "http://purl.org/syndication/thread/1.0", "urn:x-twitter-manager:feed"
_MEDIA = "http://search.yahoo.com/mrss/"
_FEED_TAGS = {f"{{{_ATOM}}}{tag}" for tag in ("id", "title", "updated", "author", "generator", "link", "entry")}
_ENTRY_TAGS = {f"{{{_ATOM}}}{tag}" for tag in ("id", "title", "published", "updated", "link", "content")}
_THUMB = f"{{{_MEDIA}}}thumbnail"
_OUR_TAGS = (f"{{{_TM}}}delivery", f"{{{_TM}}}text", f"{{{_TM}}}card", _THUMB, f"{{{_THR}}}in-reply-to")
_Order = tuple[datetime, int]


@dataclass(frozen=True, slots=True)
class Picture:
    """A file beside the feed. `href` is relative to it."""

    href: str
    width: int
    height: int
    mime: str = ""
    size: int = 0
    """In bytes. A card's picture has neither a type nor a size here."""
    alt: str = ""

    @property
    def html(self) -> str:
        """The element that shows it."""
        size = f'width="{self.width}" height="{self.height}"'
        return f'<img src="{escaped(self.href)}" {size} alt="{escaped(self.alt)}">'


@dataclass(frozen=True, slots=True)
class Entry:
    """One post in the feed. `reply_to` is another entry's id, or empty."""

    entry_id: str
    delivery: int
    title: str
    text: str
    published: datetime
    language: str = ""
    reply_to: str = ""
    card: Card | None = None
    thumb: Picture | None = None
    """The card's picture."""
    pictures: tuple[Picture, ...] = ()

    @property
    def files(self) -> tuple[Picture, ...]:
        """All that lies beside the feed."""
        return (*self.pictures, self.thumb) if self.thumb else self.pictures

    @property
    def order(self) -> _Order:
        return self.published, self.delivery


@dataclass(frozen=True, slots=True)
class Contents:
    """What a feed file holds: entries, newest first, the newest one that had to leave, and the feed's own id (empty:
    there is no file yet), which stays what it is even when a new database brings another."""

    entries: tuple[Entry, ...] = ()
    left: _Order | None = None
    feed_id: str = ""

    def find(self, entry_id: str) -> Entry | None:
        return next((entry for entry in self.entries if entry.entry_id == entry_id), None)

    def is_past(self, entry: Entry) -> bool:
        return self.left is not None and entry.order <= self.left

    def with_entry(self, entry: Entry, keep: int) -> Contents:
        entries = sorted((*self.entries, entry), key=lambda entry: entry.order, reverse=True)
        marks = [entry.order for entry in entries[keep:]] + ([self.left] if self.left else [])
        return replace(self, entries=tuple(entries[:keep]), left=max(marks, default=None))

    def without(self, entry_id: str) -> Contents:
        return replace(self, entries=tuple(entry for entry in self.entries if entry.entry_id != entry_id))


@dataclass(frozen=True, slots=True)
class Header:
    """What stands at the top of the feed and of the page."""

    feed_id: str
    title: str
    author: str
    language: str
    feed_name: str
    page_name: str
    time_zone: str = "UTC"
    """In which the page tells times where no script may run."""


class NotOurs(Exception):
    """What is wrong with a file that must not be replaced, worded to follow its path."""

    def __init__(
        self, message: str, remedy: str = "Move it aside (a new one is begun) or put a sound copy back."
    ) -> None:
        super().__init__(message)
        self.remedy = remedy


# -- the document ---------------------------------------------------------------------------------


def render_atom(header: Header, contents: Contents, now: datetime) -> Iterator[bytes]:
    """The feed as a valid Atom document in UTF-8, piece by piece."""
    page = escaped(relative(header.page_name))
    left = ""
    if contents.left:
        moment, delivery = contents.left
        left = f'<tm:left published="{rfc3339(moment)}" delivery="{delivery}"/>\n'
    yield (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        f'<feed xmlns="{_ATOM}" xmlns:thr="{_THR}" xmlns:tm="{_TM}" xmlns:media="{_MEDIA}"'
        f"{lang_attribute('xml:lang', header.language)}>\n"
        f"<id>{escaped(contents.feed_id or header.feed_id)}</id>\n"
        f"<title>{escaped(header.title)}</title>\n"
        f"<updated>{rfc3339(now)}</updated>\n"
        f"<author><name>{escaped(header.author)}</name></author>\n"
        f'<link rel="alternate" type="text/html" href="{page}"/>\n'
        f'<generator version="{__version__}">twitter_manager</generator>\n{left}'
    ).encode()
    for entry in contents.entries:
        yield _atom_entry(entry, page).encode()
    yield b"</feed>\n"


def _atom_entry(entry: Entry, page: str) -> str:
    published = rfc3339(entry.published)
    reply = ""
    if entry.reply_to:
        parent = escaped(entry.reply_to)
        reply = f'<thr:in-reply-to ref="{parent}" type="text/html" href="{page}#{anchor(parent)}"/>\n'
    return (
        f"<entry>\n<id>{entry.entry_id}</id>\n"
        f"<title>{escaped(entry.title)}</title>\n"
        f"<published>{published}</published>\n"
        f"<updated>{published}</updated>\n"
        f'<link rel="alternate" type="text/html" href="{page}#{anchor(entry.entry_id)}"/>\n'
        f"<tm:delivery>{entry.delivery}</tm:delivery>\n{reply}{_card_element(entry)}"
        f"{_content(entry)}</entry>\n"
    )


def _card_element(entry: Entry) -> str:
    """The card, and its picture as readers show it: https://www.rssboard.org/media-rss#media-thumbnails"""
    card, thumb = entry.card, entry.thumb
    if card is None:
        return ""
    words = f'href="{escaped(card.url)}" title="{escaped(card.title)}"'
    size = f'width="{thumb.width}" height="{thumb.height}"' if thumb else ""
    shown = f'<media:thumbnail url="{escaped(thumb.href)}" {size}/>\n' if thumb else ""
    return f"<tm:card {words}>{escaped(card.description)}</tm:card>\n{shown}"


def _content(entry: Entry) -> str:
    """The text; with pictures also their files, and all of it as HTML, for readers show that inline."""
    language = lang_attribute("xml:lang", entry.language)
    if not entry.pictures:
        return f'<content type="text"{language}>{escaped(entry.text)}</content>\n'
    enclosures = "".join(
        f'<link rel="enclosure" type="{picture.mime}" length="{picture.size}" href="{escaped(picture.href)}"'
        f' title="{_attribute(picture.alt)}" tm:width="{picture.width}" tm:height="{picture.height}"/>\n'
        for picture in entry.pictures
    )
    html = f'<p dir="auto" style="white-space: pre-wrap">{escaped(entry.text)}</p>'
    html += "".join(f"<p>{picture.html.removesuffix('>')} {_FITS}></p>" for picture in entry.pictures)
    return (
        f"{enclosures}<tm:text>{escaped(entry.text)}</tm:text>\n"
        f'<content type="html"{language}>{escaped(html)}</content>\n'
    )


_FITS = 'style="max-width: 100%; height: auto"'
"""A reader may have no rule for pictures that are wider than its window."""


def _attribute(text: str) -> str:
    """Line breaks would come back from a parser as spaces."""
    return escaped(text).replace("\n", "&#10;").replace("\t", "&#9;")


def _picture_in(link: Element) -> Picture:
    mime = link.get("type", "")
    if not re.fullmatch("image/[a-z]+", mime):
        raise ValueError("it has a file that is no picture of ours")
    width, height = (int(link.get(f"{{{_TM}}}{side}", "")) for side in ("width", "height"))
    return Picture(_file(link.get("href", "")), width, height, mime, int(link.get("length", "")), link.get("title", ""))


def _thumb_in(element: Element) -> Picture:
    return Picture(_file(element.get("url", "")), int(element.get("width", "")), int(element.get("height", "")))


def _file(href: str) -> str:
    if not re.fullmatch(r"[\w-]+-pictures/[0-9a-f]{64}\.(jpg|png|gif)", href):
        raise ValueError("it has a file that is no picture of ours")
    return href


def lang_attribute(attribute: str, language: str) -> str:
    """A tag that passed `language_tag`, or nothing."""
    return f' {attribute}="{language}"' if language else ""


def relative(name: str) -> str:
    """A file in the same folder as a URL."""
    from urllib.parse import quote

    return quote(name)


def parse(data: bytes) -> Contents:
    """Read a feed that `render_atom` made. Raises NotOurs for anything else.

    That includes entity bombs: without a DOCTYPE there are no entities, and our own text never holds a bare `<!`.
    The encoding is fixed, so that the word can't hide in another one."""
    import xml.etree.ElementTree as ET

    if b"<!DOCTYPE" in data:
        raise NotOurs("has a DOCTYPE, which this program never writes")
    try:
        root = ET.fromstring(data, parser=ET.XMLParser(encoding="utf-8"))  # noqa: S314 - see above
        return _contents(root)
    except ET.ParseError as error:
        raise NotOurs(f"is not sound XML ({error})") from error
    except ValueError as error:
        raise NotOurs(f"has an entry that this program did not write ({error})") from error


def _contents(root: Element) -> Contents:
    if root.tag != f"{{{_ATOM}}}feed":
        raise NotOurs("is not an Atom feed")
    feed_id = root.findtext(f"{{{_ATOM}}}id")
    if root.findtext(f"{{{_ATOM}}}generator") != "twitter_manager" or not feed_id:
        raise NotOurs("is a feed that some other program writes")
    left: _Order | None = None
    entries = []
    for child in root:
        if child.tag == f"{{{_ATOM}}}entry":
            entries.append(_entry_in(child))
        elif child.tag == f"{{{_TM}}}left":
            left = moment_from(child.get("published", "")), int(child.get("delivery", ""))
        elif child.tag not in _FEED_TAGS:
            raise NotOurs(f"has an element that this program did not write ({child.tag})")
    if len({entry.entry_id for entry in entries}) < len(entries):
        raise NotOurs("has the same entry twice")
    return Contents(tuple(entries), left, feed_id)


def _entry_in(element: Element) -> Entry:
    """Raises ValueError for anything that would be lost in writing it again."""
    texts: dict[str, str] = {}
    language = reply_to = ""
    card: Card | None = None
    thumb: Picture | None = None
    pictures = []
    for child in element:
        if child.get("rel") == "enclosure" and child.tag == f"{{{_ATOM}}}link":
            pictures.append(_picture_in(child))
            continue
        known = child.tag in _ENTRY_TAGS or child.tag in _OUR_TAGS
        kinds = (None, "text", "text/html", "html") if pictures else (None, "text", "text/html")
        if not known or len(child) or child.get("type") not in kinds:
            raise ValueError(f"it holds {child.tag}")
        texts[child.tag.rpartition("}")[2]] = child.text or ""
        if child.tag == f"{{{_ATOM}}}content":
            language = language_tag(child.get("{http://www.w3.org/XML/1998/namespace}lang", ""))
        if child.tag == f"{{{_TM}}}card":
            card = Card(child.get("href", ""), child.get("title", ""), child.text or "")
        thumb = _thumb_in(child) if child.tag == _THUMB else thumb
        reply_to = reply_to or child.get("ref", "")
    missing = {"id", "title", "published", "text" if pictures else "content", "delivery"} - texts.keys()
    if missing:
        raise ValueError(f"it has no {min(missing)}")
    check_id(texts["id"])
    published = moment_from(texts["published"])
    return Entry(
        entry_id=texts["id"],
        delivery=int(texts["delivery"]),
        title=texts["title"],
        text=texts["text" if pictures else "content"],
        published=published,
        language=language,
        reply_to=reply_to,
        card=card,
        thumb=thumb,
        pictures=tuple(pictures),
    )


# -- texts and values ------------------------------------------------------------------------------


def escaped(text: str) -> str:
    """For XML and HTML, in content and in quoted attributes. A bare CR would come back from a parser as LF."""
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text.replace('"', "&quot;").replace("\r", "&#13;")


@cache
def illegal() -> re.Pattern[str]:
    """What is not a Char: https://www.w3.org/TR/xml/#charsets (small sets: a large one takes 4 ms to compile)"""
    return re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]|[\ud800-\udfff]|[\ufffe\uffff]")


def one_line(text: str) -> str:
    """Without line breaks, controls and the marks that would turn the reading direction of what follows."""
    legal = illegal().sub(" ", text)
    visible = (" " if unicodedata.category(c) == "Cc" or c in BIDI_MARKS else c for c in legal)
    return " ".join("".join(visible).split())


def first_line(text: str) -> str:
    """The first line that has something to see."""
    return next(filter(None, map(one_line, text.lstrip()[:1000].splitlines())), "")


def shortened(line: str) -> str:
    """At most TITLE_CHARS code points, cut between words, or at least never inside a composed character."""
    if len(line) <= TITLE_CHARS:
        return line
    end = line.rfind(" ", TITLE_CHARS // 2, TITLE_CHARS)
    if end < 0:
        end = TITLE_CHARS - 1
        while end > 1 and _joined(line[end - 1], line[end]):
            end -= 1
    return line[:end].rstrip(" ,;:-–—") + "…"


def _joined(before: str, after: str) -> bool:
    """Whether a cut between the two would split one visible character (marks, joiners, skin tones, flags)."""
    modifier = "\U0001f3fb" <= after <= "\U0001f3ff" or "\U0001f1e6" <= after <= "\U0001f1ff"
    return modifier or "\u200d" in (before, after) or unicodedata.category(after).startswith("M")


def language_tag(language: str) -> str:
    """The tag where it is one, else nothing: a wrong tag would make the file invalid."""
    return language if re.fullmatch(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*", language) else ""


def rfc3339(moment: datetime) -> str:
    """In UTC, with the microseconds where there are any."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"


def moment_from(text: str) -> datetime:
    """The other way round. Raises ValueError."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a time without a zone")
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("a time outside of all calendars") from error


def check_id(entry_id: str) -> None:
    """Raises ValueError for an id that this program did not make."""
    if not re.fullmatch("urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", entry_id):
        raise ValueError("its id is not a UUID")


def anchor(entry_id: str) -> str:
    """The entry's place on the page."""
    return entry_id.rpartition(":")[2]
