"""The page beside the local feed: what the feed holds and where else each post went, for a person who opens it from
disk, on a telephone or a desk.

Nothing is loaded but pictures that lie beside it. The one script is the page's own, and only tells the times in the
reader's zone; without it they stand in the bot's. The looks are in `feed.html.template`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

from twitter_manager import __version__, phrases, schedule
from twitter_manager.domain import Elsewhere
from twitter_manager.platforms.feed_atom import (
    BIDI_MARKS,
    Contents,
    Entry,
    Header,
    Picture,
    anchor,
    escaped,
    lang_attribute,
    one_line,
    relative,
    rfc3339,
)

MAX_ADDRESS_CHARS = 2000
SIGN = b'<meta name="generator" content="twitter_manager'
"""Near the top of every page that this program wrote."""
Places = Mapping[int, Sequence[Elsewhere]]
"""By the number of the feed's delivery."""


@cache
def template() -> str:
    return Path(__file__).with_name("feed.html.template").read_text(encoding="utf-8")


def render_page(header: Header, contents: Contents, places: Places) -> Iterator[bytes]:
    """The page, piece by piece. Its content security policy names its own style and script, and nothing else runs."""
    from string import Template

    top, bottom = template().split("$posts\n")
    words = {
        "style_hash": _hash_of("style"),
        "script_hash": _hash_of("script"),
        "version": __version__,
        "lang": lang_attribute("lang", header.language),
        "title": escaped(header.title),
        "feed": escaped(relative(header.feed_name)),
        "count": phrases.amount(len(contents.entries), "post"),
        "zone": escaped(header.time_zone.replace("_", " ")),
    }
    yield Template(top).substitute(words).encode()
    if not contents.entries:
        yield b'<p class="empty" lang="en">No posts yet. The first one will stand here.</p>\n'
    for thread in _threads(contents.entries):
        yield _page_thread(thread, header, places).encode()
    yield Template(bottom).substitute(words).encode()


def _hash_of(element: str) -> str:
    """What the policy knows the page's own style or script by."""
    from base64 import b64encode

    content = template().partition(f"<{element}>")[2].partition(f"</{element}>")[0]
    return b64encode(hashlib.sha256(content.encode()).digest()).decode()


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


def _page_thread(thread: Sequence[Entry], header: Header, places: Places) -> str:
    where = _places([places.get(entry.delivery, ()) for entry in thread])
    if len(thread) == 1:
        return _page_post(thread[0], header, "", where)
    posts = "".join(_page_post(entry, header, f"{n} of {len(thread)} · ") for n, entry in enumerate(thread, 1))
    label = f"Thread of {len(thread)} posts"
    return f'<section lang="en" aria-label="{label}">\n<p class="label">{label}</p>\n{posts}{where}</section>\n'


def _page_post(entry: Entry, header: Header, place: str, where: str = "") -> str:
    name, moment = anchor(entry.entry_id), entry.published
    local = moment.astimezone(schedule.zone(header.time_zone))
    text = entry.text.replace("\r\n", "\n").replace("\r", "\n")
    return (
        f'<article id="{name}">\n<h2 lang="en"><a href="#{name}">{place}<time datetime="{rfc3339(moment)}">'
        f"{local.day} {local:%b %Y, %H:%M %Z}</time></a></h2>\n"
        f'<p class="text" dir="auto" lang="{entry.language}">{_linked(text)}</p>\n'
        f"{_pictures(entry)}{_card(entry)}{where}</article>\n"
    )


def _pictures(entry: Entry) -> str:
    return f'<ul class="pictures">{"".join(map(_picture, entry.pictures))}</ul>\n' if entry.pictures else ""


def _picture(picture: Picture) -> str:
    """A picture that leads to its file, for it may be shown small or cropped."""
    longer, shorter = max(picture.width, picture.height), min(picture.width, picture.height)
    odd = longer > _MOST_CROPPED * shorter or picture.width < _CELL[0] or picture.height < _CELL[1]
    name = "" if picture.alt else ' aria-label="The picture"'
    return f'<li{_WHOLE * odd}><a href="{escaped(picture.href)}"{name}>{picture.html}</a></li>'


_CELL = (300, 225)
"""Pixels, width and height, of a picture among others on a desk."""
_MOST_CROPPED = 2.5
"""How many times longer than wide, or the other way round, a picture may be that is cropped among others."""
_WHOLE = ' class="whole"'
"""It is neither cropped nor blown up."""


def _places(parts: Sequence[Sequence[Elsewhere]]) -> str:
    """Where else a post went, each platform once; a thread leads to its first part there."""
    by_title: dict[str, list[Elsewhere]] = {}
    for part in parts:
        for place in part:
            by_title.setdefault(place.title, []).append(place)
    if not by_title:
        return ""
    lines = "".join(f"<li>{_place(title, places, len(parts))}</li>" for title, places in by_title.items())
    return f'<ul class="places" lang="en" aria-label="Elsewhere">{lines}</ul>\n'


def _place(title: str, places: Sequence[Elsewhere], parts: int) -> str:
    out = [place for place in places if not place.state]
    state = next((place.state for place in places if place.state), "")
    if out and state:
        state = f"{len(out)} of {parts}"
    url = next((place.url for place in out if place.url.startswith(("https://", "http://"))), "")
    name = _link(url, title) if url else escaped(title)
    return name + (f' <span class="state">{escaped(state)}</span>' if state else "")


def _link(address: str, words: str, more: str = "") -> str:
    return f'<a {more}rel="nofollow noopener noreferrer" href="{escaped(address)}">{escaped(words)}</a>'


def _card(entry: Entry) -> str:
    """What the address leads to, where that is a web address."""
    card, thumb = entry.card, entry.thumb
    host = re.match(r"https?://([^/?#]+)", card.url) if card else None
    if card is None or host is None or len(card.url) > MAX_ADDRESS_CHARS:
        return ""
    lines = ("title", card.title), ("about", card.description), ("site", host[1])
    words = "".join(f'<span class="{name}" dir="auto">{escaped(one_line(line))}</span>' for name, line in lines if line)
    shown = thumb.html if thumb else ""
    return f'<a class="card" rel="nofollow noopener noreferrer" href="{escaped(card.url)}">{shown}{words}</a>\n'


def _linked(text: str) -> str:
    """Escaped, with what is plainly an http(s) address made a link."""
    pieces = pieces_of(text)
    return "".join(_link(words, words, 'dir="ltr" ') if is_address else escaped(words) for words, is_address in pieces)


def pieces_of(text: str) -> Iterator[tuple[str, bool]]:
    """A text piece by piece, each with whether it is plainly an http(s) address."""
    end = 0
    for match in _web_address().finditer(text) if "://" in text else ():
        if len(match.group()) > MAX_ADDRESS_CHARS:
            continue
        address = _trimmed(match.group())
        yield from ((text[end : match.start()], False), (address, True))
        end = match.start() + len(address)
    yield text[end:], False


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
