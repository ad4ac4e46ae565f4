"""Feeds: RSS, Atom and JSON Feed become items, one an entry.

The first look only learns what is there and lets the newest entry through (`backfill`), so that a new feed shows that
it works and doesn't flood. From then on an entry is news when it was not seen before, under whatever id, address or
words, and is not too old. One that changes later changes its item, and is not news again. Entries that leave the feed
stay known.
"""

from __future__ import annotations

import calendar
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from twitter_manager.domain import Item, Json
from twitter_manager.errors import SourceError
from twitter_manager.sources import plain
from twitter_manager.sources.fetch import FEED, Answer, shown
from twitter_manager.sources.material import Collected, Look, Source, moment, short_key, sift, web_address

MOST_ENTRIES = 500
"""Of one feed, as it lists them."""
MOST_TEXT = 4000
"""Characters of an entry: the news stands at its beginning."""


def collect(look: Look) -> Collected:
    """Look at a feed. Raises SourceError."""
    state = look.state
    answer = look.fetcher.get(look.source.urls[0], FEED, etag=state.get("etag", ""), modified=state.get("modified", ""))
    if answer is None:
        return Collected(state=state)
    feed = read(answer, look.source, look.now)
    items, seen = sift(feed.items, look, home=feed.home)
    return Collected(
        items, {"etag": answer.etag, "modified": answer.modified, "seen": seen}, complete="seen" not in state
    )


class Feed(NamedTuple):
    """A feed as it was read: what it calls itself, the page it belongs to, its entries in its own order."""

    title: str
    home: str
    items: list[Item]


def read(answer: Answer, source: Source, now: datetime) -> Feed:
    """What an answer holds. Raises SourceError when that is no feed, or one without a readable entry."""
    head = answer.content[:2000].lstrip(b"\xef\xbb\xbf \t\r\n")
    if not head:
        raise SourceError(f"{shown(answer.url)}: the answer is empty.", "The next look tries again.")
    title, home, found = _json_feed(answer) if head.startswith(b"{") else _xml_feed(answer)
    items = [item for entry in found[:MOST_ENTRIES] if (item := _item(entry, source, now))]
    if not items:
        message = f"{shown(answer.url)}: the feed has no entries that can be read."
        raise SourceError(message, "The next look tries again.")
    return Feed(plain.line(plain.from_html(title), 100), home, items)


def _item(entry: Mapping[str, Any], source: Source, now: datetime) -> Item | None:
    """An entry (`id`, `url`, `title`, `html` or `text`, `date`) as an item; None where it says nothing."""
    title = plain.line(plain.from_html(entry["title"]))
    text = plain.from_html(entry["html"]) if entry["html"] else plain.clean(entry["text"])
    text = plain.shorten(text, MOST_TEXT) or title
    url = web_address(entry["url"])
    if not text:
        return None
    published = entry["date"]
    return Item(
        source=source.name,
        key=short_key(plain.line(entry["id"], 2000) or url or f"{title}\n{text}"),
        text=text,
        title=title,
        url=url if source.link else "",
        label=source.label,
        kind="entry",
        published_at=min(published, now) if published else None,
    )


# -- the formats -------------------------------------------------------------------------------------


def _xml_feed(answer: Answer) -> tuple[str, str, list[Json]]:
    """RSS and Atom, as liberal as feedparser is."""
    import feedparser

    if b"<!ENTITY" in answer.content.replace(b"\0", b""):  # in UTF-16 too
        raise SourceError(f"{shown(answer.url)}: the feed declares entities of its own.", "Tell the site's owner.")
    header = (
        f"{answer.media_type or 'application/xml'}; charset={answer.charset}" if answer.charset else "application/xml"
    )
    parsed = feedparser.parse(
        answer.content,
        response_headers={"content-type": header},
        sanitize_html=False,
        resolve_relative_uris=False,
    )
    if not parsed.get("version") and not parsed.entries:
        raise _no_feed(answer, " ".join(str(parsed.get("bozo_exception", "")).split())[:120])
    found = [_xml_entry(entry, answer.url) for entry in parsed.entries[:MOST_ENTRIES]]
    return _text(parsed.feed.get("title")), _text(parsed.feed.get("link")), found


def _xml_entry(entry: Any, base: str) -> Json:
    bodies = [body for body in [*entry.get("content", ()), entry.get("summary_detail") or {}] if body.get("value")]
    body = bodies[0] if bodies else {}
    is_text = body.get("type") == "text/plain" and "<" not in _text(body.get("value"))
    when = dict.get(entry, "published_parsed") or dict.get(entry, "updated_parsed")
    return {
        "id": _text(entry.get("id")),
        "url": _absolute(base, _text(entry.get("link"))),
        "title": _text(entry.get("title")),
        "html": "" if is_text else _text(body.get("value")),
        "text": _text(body.get("value")) if is_text else "",
        "date": _moment(when),
    }


def _json_feed(answer: Answer) -> tuple[str, str, list[Json]]:
    """https://www.jsonfeed.org/version/1.1/"""
    try:
        document = json.loads(answer.content.decode("utf-8-sig", "replace"))
    except (ValueError, RecursionError) as error:
        raise _no_feed(answer, str(error)[:120]) from None
    if not isinstance(document, dict) or not isinstance(document.get("items"), list):
        raise _no_feed(answer, "JSON without items")
    found = [entry for entry in document["items"][:MOST_ENTRIES] if isinstance(entry, dict)]
    return (
        _text(document.get("title")),
        _text(document.get("home_page_url")),
        [
            {
                "id": str(entry.get("id") or ""),
                "url": _absolute(answer.url, _text(entry.get("url")) or _text(entry.get("external_url"))),
                "title": _text(entry.get("title")),
                "html": _text(entry.get("content_html")),
                "text": _text(entry.get("content_text")) or _text(entry.get("summary")),
                "date": _plausible(moment(entry.get("date_published") or entry.get("date_modified"))),
            }
            for entry in found
        ],
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


def _moment(when: Any) -> datetime | None:
    """feedparser's struct_time (UTC), as far as it is a date of this age."""
    try:
        return _plausible(datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=calendar.timegm(when))) if when else None
    except (ValueError, OverflowError, TypeError):
        return None


def _plausible(when: datetime | None) -> datetime | None:
    return when if when and 1990 <= when.year < 2200 else None
