"""What posts came to, as lines with small charts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from twitter_manager import phrases
from twitter_manager.domain import Json
from twitter_manager.show.charts import ASCII, PLAIN, Charts
from twitter_manager.store.database import from_text
from twitter_manager.store.engagement import BANDS, OLDEST
from twitter_manager.terminal import command

_LONGEST = 60
"""Characters of a post that name it."""
_BAR = 10
_UNREAD = "·"


def figures_lines(figures: Json, look: Charts) -> Iterator[str]:
    """`figures`."""
    yield from (line.translate(PLAIN) if look is ASCII else line for line in _lines(figures, look))


def _lines(figures: Json, look: Charts) -> Iterator[str]:
    bots, now = figures["bots"], from_text(figures["now"])
    for bot in bots:
        if not bot["posts"]:
            yield f"{bot['bot']}: no post went out yet where people can answer it."
            continue
        every = [there for post in bot["posts"] for there in post["platforms"]]
        most = max((there["newest"]["engagement"] for there in every if there["newest"]), default=0)
        wide = max(len(there["platform"]) for there in every)
        yield f"{bot['bot']}: {_how_many(len(bot['posts']))}"
        for post in bot["posts"]:
            first = phrases.clock(min(there["posted_at"] for there in post["platforms"]), bot["time_zone"])
            yield f"  {first}  draft {post['draft']}  “{phrases.in_a_line(post['text'], _LONGEST)}”"
            for there in post["platforms"]:
                told = _told(there, most, look, bot["time_zone"]) or _unread(there, bot["reads"], now)
                yield f"    {there['platform']:{wide}}  {told}"
    if any(bot["posts"] for bot in bots):
        yield f"Columns: the ages {', '.join(BANDS)}; {_UNREAD} not read. One post: {command('explain DRAFT')}"


def _how_many(posts: int) -> str:
    return "the newest post" if posts == 1 else f"the newest {posts:,} posts"


def _unread(there: Json, reads: Sequence[str], now: datetime) -> str:
    """Why nothing is known of a post."""
    if now - from_text(there["posted_at"]) > OLDEST:
        return "was not read in its first days"
    return "not read yet" if there["platform"] in reads else "not read: [listen] figures leaves it out"


def _told(there: Json, most: int, look: Charts, time_zone: str) -> str:
    """What is known of a post, or ""."""
    gone = f"taken down {phrases.clock(there['removed_at'], time_zone)}" if there["removed_at"] else ""
    newest = there["newest"]
    if newest is None:
        return gone
    by_band = {reading["band"]: reading["engagement"] for reading in there["readings"]}
    drawn = iter(look.line([by_band[band] for band in BANDS if band in by_band]))
    line = "".join(next(drawn) if band in by_band else _UNREAD for band in BANDS)
    usual = f", usually {there['usual']:,g}" if there["usual"] is not None else ""
    told = f"{line} {look.bar(newest['engagement'], most, _BAR)} {in_words(newest)}{usual}"
    return f"{told}; {gone}" if gone else told


def in_words(reading: Json) -> str:
    """A reading: "9 after 24h: 7 likes, 2 replies; 120 views, 7.5 %"."""
    done = ", ".join(phrases.came_to(reading | {"views": 0}))
    views = f"; {phrases.amount(reading['views'], 'view')}" if reading["views"] is not None else ""
    rate = f", {reading['engagement_rate']:g}\u00a0%" if reading["engagement_rate"] is not None else ""
    return f"{reading['engagement']:,} after {reading['band']}{f': {done}' if done else ''}{views}{rate}"
