"""How long a bot's material lasts: the posts that its time table takes, one after the other, from what is at hand.

It counts as `writing.topics` chooses: what is ready first, then what was never used, then what has rested. Where no
model writes, items that give no post don't count; what the checks turn down is not foreseen. News comes by itself, so
only other material can run out for good.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice

from twitter_manager import phrases, schedule
from twitter_manager.domain import Item, Json
from twitter_manager.pipeline.collect import NEWS
from twitter_manager.pipeline.timetable import Timetable
from twitter_manager.providers import writers
from twitter_manager.settings import Bot
from twitter_manager.store import drafts, events, items
from twitter_manager.store import sources as memory
from twitter_manager.store.database import Database, iso

FORESEEN, EARLY = timedelta(days=30), timedelta(days=7)
"""How far ahead is looked, and how long before its end it is told that material runs out."""
MOST_JUDGED = 1000
"""Of more items each counts: there are more than posts in the time that is foreseen."""
TOLD, MATERIAL_TOLD = "material_runs_out", "material_told"
_NEVER_USED = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Outlook:
    """How long a bot's material lasts."""

    posts: int
    """How many it is good for."""
    until: datetime | None
    """When the last of them goes out; None where there is none, or where the material `lasts`."""
    lasts: bool
    """It lasts longer than is looked ahead."""
    renews: bool
    """Some source brings news by itself."""
    words: str
    """All that for a person."""

    def as_json(self) -> Json:
        return {
            "posts_left": None if self.lasts else self.posts,
            "until": iso(self.until),
            "renews": self.renews,
            "words": self.words,
        }


def outlook(bot: Bot, db: Database | None, now: datetime, ahead: timedelta = FORESEEN) -> Outlook | None:
    """How long what is at hand lasts; None before the first look. `ahead`: how far is looked."""
    if not bot.sources:
        return Outlook(0, None, False, False, bot.on_material)
    return _outlook(bot, db, now, ahead) if db and memory.remembered(db, bot.name) else None


def _outlook(bot: Bot, db: Database, now: datetime, ahead: timedelta) -> Outlook:
    renews = _renews(bot)
    ready = len(drafts.ready(db, bot.name, now)) + len(drafts.awaiting(db, bot.name, now))
    moments = list(_posting_times(bot, db, now, ahead))
    free = _free(bot, db, len(moments) - ready)
    posts, until = 0, None
    for moment in moments:
        if posts < ready:
            pass
        elif free and free[0][0] <= moment:
            heapq.heapreplace(free, (moment + free[0][1], free[0][1]))
        else:
            return Outlook(posts, until, False, renews, _words(posts, until, now, bot.time_zone, renews))
        posts, until = posts + 1, moment
    return Outlook(posts, None, True, renews, f"enough for the next {ahead.days} days")


def running_out(bot: Bot, db: Database, now: datetime, run_id: int) -> str:
    """A line where the bot's material needs a word or runs out soon, and it was not told before; else ""."""
    if words := bot.on_material:
        before = next(iter(events.newest(db, bot.name, MATERIAL_TOLD, 1)), None)
        if before is None or before["words"] != words:
            with db.transaction():
                events.record(db, now, MATERIAL_TOLD, bot=bot.name, run_id=run_id, words=words)
            return words
    if not bot.sources or _renews(bot):
        return ""
    ahead = _outlook(bot, db, now, EARLY)
    if ahead.lasts:
        return ""
    newest = items.newest_id(db, bot.name)
    told = next(iter(events.newest(db, bot.name, TOLD, 1)), None)
    if not newest or (told is not None and told["newest_item"] >= newest):
        return ""
    facts: Json = {"newest_item": newest, "posts": ahead.posts, "until": iso(ahead.until)}
    with db.transaction():
        events.record(db, now, TOLD, bot=bot.name, run_id=run_id, **facts)
    return f"the material runs out: {ahead.words}; add some, or post less often"


def _renews(bot: Bot) -> bool:
    return any(source.kind in NEWS for source in bot.sources)


def _free(bot: Bot, db: Database, most: int) -> list[tuple[datetime, timedelta]]:
    """A heap: from when on each item may be used, and how long it rests after that, for as many as posts may need."""
    from twitter_manager.writing import scoring

    wanted = {scoring.fold(name) for name, weight in bot.topics.items() if weight > 0}
    used, rest = items.last_used(db, bot.name), timedelta(days=bot.item_rest_days)
    free = []
    for number, item in items.available(db, bot.name):
        if not wanted or not item.label or scoring.fold(item.label) in wanted:
            pause = scoring.rest_of(item, rest)
            free.append((used[number] + pause if number in used else _NEVER_USED, pause, item))
    free.sort(key=lambda each: each[0])  # a heap is in order too
    return [(moment, pause) for moment, pause, _ in islice(_giving(bot, free), max(0, most))]


def _giving(bot: Bot, free: Sequence[tuple[datetime, timedelta, Item]]) -> Iterable[tuple[datetime, timedelta, Item]]:
    """Those of the items that give a post, where no model writes."""
    from twitter_manager.writing.designs import why_not

    if len(free) > MOST_JUDGED or set(bot.generators.usable[:1]) & set(writers(bot.generators)):
        return free
    linked = {source.name: source.link and bot.has_links for source in bot.sources}
    language = bot.persona.language
    return (each for each in free if not why_not(each[2], language, linked=linked.get(each[2].source, bot.has_links)))


def _posting_times(bot: Bot, db: Database, now: datetime, ahead: timedelta) -> Iterator[datetime]:
    """When the bot's slots take a post from now on."""
    until = now + ahead
    postings = Timetable.of(db, bot, now, until).postings(until)
    return (posting.at for posting in postings if posting.draft is None and not posting.is_occurrence)


def _words(posts: int, until: datetime | None, now: datetime, time_zone: str, renews: bool) -> str:
    more = ", unless its sources bring more" if renews else ""
    if until is None:
        return f"no post left{more}"
    last, today = (moment.astimezone(schedule.zone(time_zone)) for moment in (until, now))
    year = f" {last.year}" if last.year != today.year else ""
    return f"{phrases.amount(posts, 'post')} left, until {last.day} {last:%B}{year}{more}"
