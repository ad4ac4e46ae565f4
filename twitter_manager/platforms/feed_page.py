"""The page beside the local feed: what the feed holds, for a person who opens it from disk.

No script, nothing loaded from anywhere. The looks are in `feed.html.template`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

from twitter_manager import __version__
from twitter_manager.platforms.feed_atom import (
    BIDI_MARKS,
    Contents,
    Entry,
    Header,
    anchor,
    escaped,
    lang_attribute,
    relative,
    rfc3339,
)

MAX_ADDRESS_CHARS = 2000
SIGN = b'<meta name="generator" content="twitter_manager'
"""Near the top of every page that this program wrote."""


@cache
def template() -> str:
    return Path(__file__).with_name("feed.html.template").read_text(encoding="utf-8")


def render_page(header: Header, contents: Contents) -> Iterator[bytes]:
    """The page, piece by piece. No script, nothing loaded from anywhere; its content security policy says so too."""
    from base64 import b64encode
    from string import Template

    top, bottom = template().split("$posts\n")
    style = top.partition("<style>")[2].partition("</style>")[0]
    count = len(contents.entries)
    yield (
        Template(top)
        .substitute(
            style_hash=b64encode(hashlib.sha256(style.encode()).digest()).decode(),
            version=__version__,
            lang=lang_attribute("lang", header.language),
            title=escaped(header.title),
            author=escaped(header.author),
            feed=escaped(relative(header.feed_name)),
            count="1 post" if count == 1 else f"{count} posts",
        )
        .encode()
    )
    if not contents.entries:
        yield b'<p class="empty" lang="en">No posts yet. The first one will stand here.</p>\n'
    for thread in _threads(contents.entries):
        yield _page_thread(thread).encode()
    yield bottom.encode()


def _threads(entries: Sequence[Entry]) -> list[list[Entry]]:
    """The newest thread first, each in reading order; a post without replies is a thread of one."""
    by_id = {entry.entry_id: entry for entry in entries}
    threads: dict[str, list[Entry]] = {}
    for entry in entries:
        threads.setdefault(_root(entry, by_id), []).append(entry)
    return [thread[::-1] for thread in threads.values()]


def _root(entry: Entry, by_id: Mapping[str, Entry]) -> str:
    """The id of the first post of the entry's thread that the feed still holds."""
    seen = {entry.entry_id}
    while entry.reply_to in by_id and entry.reply_to not in seen:
        entry = by_id[entry.reply_to]
        seen.add(entry.entry_id)
    return entry.entry_id


def _page_thread(thread: Sequence[Entry]) -> str:
    if len(thread) == 1:
        return _page_post(thread[0], "")
    posts = "".join(_page_post(entry, f"{n} of {len(thread)} · ") for n, entry in enumerate(thread, 1))
    label = f"Thread of {len(thread)} posts"
    return f'<section lang="en" aria-label="{label}">\n<p class="label">{label}</p>\n{posts}</section>\n'


def _page_post(entry: Entry, place: str) -> str:
    name, moment = anchor(entry.entry_id), entry.published
    text = entry.text.replace("\r\n", "\n").replace("\r", "\n")
    return (
        f'<article id="{name}">\n<h2 lang="en"><a href="#{name}">{place}<time datetime="{rfc3339(moment)}">'
        f"{moment.day} {moment:%b %Y, %H:%M} UTC</time></a></h2>\n"
        f'<p class="text" dir="auto" lang="{entry.language}">{_linked(text)}</p>\n</article>\n'
    )


def _linked(text: str) -> str:
    """Escaped, with what is plainly an http(s) address made a link."""
    parts = []
    end = 0
    for match in _web_address().finditer(text) if "://" in text else ():
        if len(match.group()) > MAX_ADDRESS_CHARS:
            continue
        address = _trimmed(match.group())
        link = f'<a dir="ltr" rel="nofollow noopener noreferrer" href="{escaped(address)}">{escaped(address)}</a>'
        parts += [escaped(text[end : match.start()]), link]
        end = match.start() + len(address)
    return "".join((*parts, escaped(text[end:])))


@cache
def _web_address() -> re.Pattern[str]:
    """Begins with plain letters, the look-behind after them: that lets `re` skip through the text at speed. Stops at
    white space, quotes, controls, direction marks and full-width punctuation (which no space follows)."""
    stop = rf"\s<>\"\x00-\x1f\x7f-\x9f\u3000-\u303f\uff00-\uff65{BIDI_MARKS}"
    return re.compile(rf"http(?<!\whttp)s?://[\w\[][^{stop}]*")


def _trimmed(address: str) -> str:
    """Without the sentence's own punctuation; a closing bracket stays where its partner is in the address."""
    while True:
        last = address[-1]
        unpaired = last in ")]" and address.count(last) > address.count("(" if last == ")" else "[")
        if last not in ".,;:!?…'’”»" and not unpaired:
            return address
        address = address[:-1]
