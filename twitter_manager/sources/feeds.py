"""Feeds: RSS, Atom and JSON Feed become items, one an entry.

The first look only learns what is there and lets the newest entry through (`backfill`), so that a new feed shows that
it works and doesn't flood. From then on an entry is news when it was not seen before, under whatever id, address or
words, and is not too old. One that changes later changes its item, and is not news again. Entries that leave the feed
stay known.

Here is what the formats call things; `feed_xml` mends what is no XML, `entries` makes an item of an entry.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

from twitter_manager.domain import Item, Json
from twitter_manager.errors import SourceError
from twitter_manager.language import differs, primary
from twitter_manager.sources import entries, feed_xml, images
from twitter_manager.sources.charsets import to_utf8
from twitter_manager.sources.dates import Dates
from twitter_manager.sources.entries import MOST_TEXT, Entry, Words
from twitter_manager.sources.feed_xml import MOST_ENTRIES
from twitter_manager.sources.fetch import FEED, Answer, shown
from twitter_manager.sources.images import Image
from twitter_manager.sources.limits import Overgrown
from twitter_manager.sources.material import Collected, Look, Source, select_news

__all__ = ["MOST_ENTRIES", "MOST_TEXT", "Feed", "collect", "is_feed", "read"]

_READER = 3
"""Goes up when entries are read differently, so that those without id and address look new."""


def collect(look: Look) -> Collected:
    """Look at a feed. Raises SourceError."""
    state = look.state
    answer = look.fetcher.get(look.source.urls[0], FEED, etag=state.get("etag", ""), modified=state.get("modified", ""))
    if answer is None:
        return Collected(state=state)
    feed = read(answer, look.source, look.now)
    items, seen = select_news(feed.items, look, home=feed.home, reader=_READER, doubtful=entries.has_key_of_words)
    known = {"etag": answer.etag, "modified": answer.modified, "reader": _READER, "seen": seen}
    return Collected(items, known, complete="seen" not in state)


class Feed(NamedTuple):
    """A feed as it was read: what it calls itself, the page it belongs to, its entries in its own order."""

    title: str
    home: str
    items: list[Item]


class _Parsed(NamedTuple):
    """What a format gave: its title and home page as they stand there, its language, its entries."""

    title: str
    home: str
    language: str
    entries: list[Entry]


def is_feed(answer: Answer) -> bool:
    """Whether an answer is a feed by its content, whatever type the server gives it."""
    return b"jsonfeed.org/version" in answer.content[:3000] or feed_xml.is_xml_feed(answer.content, answer.charset)


def read(answer: Answer, source: Source, now: datetime) -> Feed:
    """What an answer holds. Raises SourceError when that is no feed, or one without a readable entry."""
    head = answer.content[:2000].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    if not head:
        raise SourceError(f"{shown(answer.url)}: the answer is empty.", "The next look tries again.")
    try:
        parsed = _json_feed(answer) if head.startswith(b"{") else _xml_feed(answer)
    except Overgrown as error:
        raise SourceError(f"{shown(answer.url)}: the feed {error.message}", "Tell the site's owner.") from None
    name = entries.project(parsed.title, parsed.home)
    items = list(filter(None, (entries.item(entry, source, now, name) for entry in parsed.entries)))
    items = _without_false_language(entries.without_boilerplate(items), primary(parsed.language.strip()))
    if not items:
        message = f"{shown(answer.url)}: the feed has no entries that can be read."
        raise SourceError(message, "The next look tries again.")
    return Feed(name, parsed.home, items)


def _without_false_language(items: list[Item], declared: str) -> list[Item]:
    """The items without the language that the feed declares, where its texts are surely in another: generators put
    their own there."""
    if not declared or not differs("\n".join(item.text[:500] for item in items[:10]), declared):
        return items
    return [replace(item, language="") if item.language == declared else item for item in items]


# -- RSS and Atom ----------------------------------------------------------------------------------------


def _xml_feed(answer: Answer) -> _Parsed:
    """RSS and Atom, as liberal as feedparser is."""
    declared = re.search(
        rb"<language>\s*([A-Za-z-]{2,20})|<feed\b[^>]*xml:lang=[\"']([A-Za-z-]{2,20})", answer.content[:20_000]
    )
    language = (declared[1] or declared[2]).decode() if declared else ""
    dates = Dates(language.partition("-")[0].lower(), time.monotonic)
    pieces = feed_xml.pieces(answer.content, answer.charset, language, dates.read)
    if pieces is None:
        raise _no_feed(answer, "")
    parsed = _parsed(feed_xml.document(pieces, pieces.entries))
    if not parsed.get("version") and not parsed.entries:
        raise _no_feed(answer, "")
    xml_entries = list(parsed.entries if not parsed.bozo else _one_by_one(pieces))
    home = _text(parsed.feed.get("link"))
    base = home if parsed.get("version", "").startswith("rss") and home.startswith("http") else answer.url
    atom = parsed.get("version", "").startswith("atom")
    title = parsed.feed.get("title_detail") or {}
    return _Parsed(
        _text(title.get("value")),
        home,
        language or _text(parsed.feed.get("language")),
        [_xml_entry(entry, base, atom, dates, language or _text(parsed.feed.get("language"))) for entry in xml_entries],
    )


def _parsed(document: bytes) -> Any:
    import feedparser

    return feedparser.parse(
        document,
        response_headers={"content-type": "application/xml; charset=utf-8"},
        sanitize_html=False,
        resolve_relative_uris=False,
    )


def _one_by_one(pieces: feed_xml.Pieces) -> Iterator[Any]:
    """Each entry by itself, where one is so broken that feedparser had to guess: the others are read as they are."""
    for entry in pieces.entries:
        yield from _parsed(feed_xml.document(pieces, [entry])).entries[:1]


def _xml_entry(entry: Any, base: str, atom: bool, dates: Dates, language: str) -> Entry:
    get = dict.get  # feedparser's own falls back from one element to another
    bodies = [
        body for body in (*(get(entry, "content") or ()), get(entry, "summary_detail")) if body and body.get("value")
    ]
    teaser = get(entry, "summary_detail") if get(entry, "content") else None
    when = next((text for key in ("published", "created", "updated") if (text := _text(get(entry, key)))), "")
    return Entry(
        id=_text(get(entry, "id")),
        url=_address(entry, base),
        title=_words(get(entry, "title_detail"), atom),
        body=_words(bodies[0] if bodies else None, atom),
        teaser=_words(teaser, atom),
        categories=tuple(_text(tag.get("label")) or _text(tag.get("term")) for tag in (get(entry, "tags") or ())[:20]),
        language=_text((bodies[0] if bodies else get(entry, "title_detail") or {}).get("language")) or language,
        date=dates.read(when) if when else None,
        pictures=tuple(_pictures(entry, base)),
    )


def _pictures(entry: Any, base: str) -> Iterator[Image]:
    """The pictures that an entry names beside its text, largest first of several sizes."""
    get = dict.get
    media = [one for one in get(entry, "media_content") or () if _is_image(one)]
    media.sort(key=lambda one: -int(_text(one.get("width"))) if _text(one.get("width")).isdecimal() else 0)
    enclosed = [
        {"url": one.get("href")}
        for one in get(entry, "links") or ()
        if one.get("rel") == "enclosure" and _is_image(one)
    ]
    for one in (*media, *enclosed, *(get(entry, "media_thumbnail") or ())):
        if address := images.web_address(_text(one.get("url")), base):
            yield Image(address, _text(one.get("alt")))


def _is_image(media: Any) -> bool:
    kind = _text(media.get("type"))
    medium = media.get("medium") or "image" * bool(
        re.search(r"\.(?:jpe?g|png|webp|gif)(?:\?|\Z)", _text(media.get("url")))
    )
    return kind.startswith("image/") if kind else medium == "image"


def _words(detail: Any, atom: bool) -> Words:
    """RSS leaves open whether its texts are HTML; Atom says so."""
    if not detail or not isinstance(detail.get("value"), str):
        return Words("", "text")
    kind = _text(detail.get("type"))
    is_markup = kind in ("text/html", "application/xhtml+xml", "html", "xhtml")
    return Words(detail["value"], "html" if atom and is_markup else "either")


def _address(entry: Any, base: str) -> str:
    """The entry's page; a guid only where it is an address; else what is enclosed."""
    identity, link = (
        _text(dict.get(entry, "id")),
        _text(dict.get(entry, "feedburner_origlink") or dict.get(entry, "link")),
    )
    links = [link for link in dict.get(entry, "links") or () if link.get("href")]
    written = any(each.get("rel") == "alternate" and each["href"] == link for each in links)
    if link == identity and not written and not re.match(r"https?://", link):
        link = ""
    enclosed = (link["href"] for link in links if link.get("rel") == "enclosure")
    return _absolute(base, link or next(enclosed, ""))


# -- JSON Feed -------------------------------------------------------------------------------------------


def _json_feed(answer: Answer) -> _Parsed:
    """https://www.jsonfeed.org/version/1.1/"""
    try:
        document = json.loads(to_utf8(answer.content, (answer.charset,)), strict=False)
    except (ValueError, RecursionError) as error:
        raise _no_feed(answer, str(error)[:120]) from None
    if not isinstance(document, dict) or not isinstance(document.get("items"), list):
        raise _no_feed(answer, "JSON without items")
    language = _text(document.get("language"))
    dates = Dates(language.partition("-")[0].lower(), time.monotonic)
    json_entries = [entry for entry in document["items"] if isinstance(entry, dict)]
    if len(json_entries) > MOST_ENTRIES:
        json_entries = sorted(json_entries, key=lambda entry: str(entry.get("date_published") or ""), reverse=True)[
            :MOST_ENTRIES
        ]
    read_entries = [_json_entry(entry, answer.url, dates, language) for entry in json_entries]
    return _Parsed(_text(document.get("title")), _text(document.get("home_page_url")), language, read_entries)


def _json_entry(entry: Json, base: str, dates: Dates, language: str) -> Entry:
    markup, plain_text, summary = (_text(entry.get(key)) for key in ("content_html", "content_text", "summary"))
    body = Words(markup, "html") if markup else Words(plain_text or summary, "text")
    tags = entry.get("tags")
    return Entry(
        id=str(entry.get("id") or ""),
        url=_absolute(base, _text(entry.get("url")) or _text(entry.get("external_url"))),
        title=Words(_text(entry.get("title")), "text"),
        body=body,
        teaser=Words(summary if markup or plain_text else "", "text"),
        categories=tuple(_text(tag) for tag in tags[:20]) if isinstance(tags, list) else (),
        language=_text(entry.get("language")) or language,
        date=dates.read(_text(entry.get("date_published")) or _text(entry.get("date_modified"))),
        pictures=tuple(
            Image(address)
            for name in ("image", "banner_image")
            if (address := images.web_address(_text(entry.get(name)), base))
        ),
    )


def _no_feed(answer: Answer, detail: str) -> SourceError:
    if b"<html" in answer.content[:5000].lower():
        return SourceError(
            f"{shown(answer.url)}: this is a web page, no feed.",
            "`sources add` with this address finds the page's feed.",
        )
    return SourceError(f"{shown(answer.url)}: this is no feed{f' ({detail})' if detail else ''}.", "Check the address.")


# -- small things ------------------------------------------------------------------------------------


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _absolute(base: str, url: str) -> str:
    from urllib.parse import urljoin

    try:
        return urljoin(base, url.strip()) if url else ""
    except ValueError:
        return ""
