"""Finds out what a web address is: a feed, a page that names its feed, or a page."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from twitter_manager.errors import SourceError
from twitter_manager.sources.feeds import is_feed
from twitter_manager.sources.feeds import read as read_feed
from twitter_manager.sources.fetch import EITHER, shown
from twitter_manager.sources.limits import Overgrown
from twitter_manager.sources.markup import html_tree
from twitter_manager.sources.material import Source
from twitter_manager.sources.pages import html_page

if TYPE_CHECKING:
    from twitter_manager.sources.worker import JobContext

_FEED_TYPES = ("application/rss+xml", "application/atom+xml", "application/feed+json")
_MOST_FEEDS = 3


def source_at(context: JobContext, url: str, now: datetime) -> tuple[str, str, str]:
    """The kind of source, its address and its title: of the feed, of the first feed that a page names and that can be
    read, or else of the page itself. Raises SourceError."""
    answer = context.get(url, EITHER)
    assert answer is not None
    if is_feed(answer):
        return "rss", url, read_feed(answer, Source("rss"), now).title
    try:
        for feed in _feeds_of_page(answer.content, answer.url):
            if (title := _title_of_feed(context, feed, now)) is not None:
                return "rss", feed, title
        return "web", url, html_page(answer.content, answer.charset)[0].title
    except Overgrown as error:
        raise SourceError(f"{shown(url)}: it {error.message}", "Give another place.") from None


def _title_of_feed(context: JobContext, feed: str, now: datetime) -> str | None:
    """None for one that is gone or no feed: a page may name such."""
    try:
        answer = context.get(feed, EITHER)
        return read_feed(answer, Source("rss"), now).title if answer is not None else None
    except SourceError:
        return None


def _feeds_of_page(content: bytes, base: str) -> list[str]:
    """https://www.rssboard.org/rss-autodiscovery"""
    tree = html_tree(content, "")

    def named() -> Iterator[str]:
        for link in [] if tree is None else tree.xpath("//link[@rel and @type and @href]"):
            is_feed_type = link.get("type").strip().lower() in _FEED_TYPES
            if "alternate" in link.get("rel").lower().split() and is_feed_type:
                yield urljoin(base, link.get("href").strip())

    return list(named())[:_MOST_FEEDS]
