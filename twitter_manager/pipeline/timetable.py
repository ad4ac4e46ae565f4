"""When a bot's posts go out from now on: the one place that reckons with dates, slots, limits, quiet hours and a pause.

It follows the rules of `select.why_not_due`, as if a run began at every minute; with runs once an hour each post goes
out in the first run from its moment on. Money and what platforms refuse are not foreseen."""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from heapq import merge
from itertools import islice

from twitter_manager import moments, phrases
from twitter_manager.domain import Draft, DraftStatus
from twitter_manager.due import Bounds
from twitter_manager.pipeline.context import Calendar, bounds_of
from twitter_manager.pipeline.select import in_turn
from twitter_manager.recurrence import Rule
from twitter_manager.settings import Bot
from twitter_manager.store import drafts, listing, runs, series
from twitter_manager.store.database import Database
from twitter_manager.store.listing import Group, Turn

Waiting = Draft | Turn
FORESEEN = timedelta(days=30)
"""How far ahead is looked for what waits for its turn."""
_MOST_OCCURRENCES = 3_000
"""So many of the recurring posts' next dates are reckoned with."""


@dataclass(frozen=True, slots=True)
class Posting:
    """A moment at which something goes out."""

    at: datetime
    draft: Waiting | None
    """The draft with a date of its own; None: a slot takes what is next in turn, or it is an occurrence."""
    series: int = 0
    """The recurring post that it is an occurrence of which is not made yet; 0: it is none."""
    why: tuple[str, ...] = ()
    """What moved it from its date."""
    too_late: bool = False
    """It expires before, so nothing goes out."""

    @property
    def is_occurrence(self) -> bool:
        """Whether it is one of a recurring post, and not made yet."""
        return self.series != 0


@dataclass(frozen=True, slots=True)
class _Dated:
    """What waits for its date."""

    due_at: datetime
    draft: Waiting | None = None
    """None: an occurrence of a recurring post that is not made yet."""
    series: int = 0
    """That recurring post."""

    def is_over(self, now: datetime) -> bool:
        return bool(self.draft and self.draft.expires_at and self.draft.expires_at <= now)


@dataclass(slots=True)
class Timetable:
    """What went out and what is to come, as the simulation goes on."""

    calendar: Calendar
    bounds: Bounds
    now: datetime
    dated: deque[_Dated]
    """What waits for its date, the earliest first."""
    posts: list[datetime]
    """When posts went out lately, the oldest first."""
    dated_posts: list[datetime]
    """Those of them that had a date of their own."""
    slot: datetime | None
    """The slot that is filled."""
    slots_until: datetime
    """After that only dates are reckoned with, not what the slots take."""
    _why: list[str] = field(default_factory=list)

    @classmethod
    def of(
        cls, db: Database, bot: Bot, now: datetime, until: datetime, dated: Iterable[Waiting] | None = None
    ) -> Timetable:
        """As things stand. `until`: how far it is asked; `dated`: what waits for its date, where that is known."""
        made = drafts.dated(db, bot.name, now) if dated is None else dated
        calendar, lately = Calendar.of(bot), now - timedelta(days=2)
        slot = calendar.slot_at(now)
        return cls(
            calendar=calendar,
            bounds=bounds_of(bot),
            now=now,
            dated=deque(merge(_made(made), _occurrences(db, bot, now, until), key=lambda each: each.due_at)),
            posts=drafts.published_at(db, bot.name, lately, now),
            dated_posts=drafts.published_at(db, bot.name, lately, now, dated=True),
            slot=slot if drafts.slot_filled(db, bot.name, slot) else None,
            slots_until=now + FORESEEN,
        )

    def postings(self, until: datetime) -> Iterator[Posting]:
        """What goes out in order, and when."""
        while self.now < until:
            while self.dated and self.dated[0].is_over(self.now):
                yield Posting(self.now, self.dated.popleft().draft, why=tuple(self._why), too_late=True)
                self._why.clear()
            dated = self.dated[0] if self.dated and self.dated[0].due_at <= self.now else None
            slot = self.calendar.slot_at(self.now)
            free, why = self._free(dated is not None)
            if dated is None and self.now >= self.slots_until:
                self._go_to(until)
            elif dated is None and slot == self.slot:
                self._go_to(self.calendar.next_slot(self.now))
            elif free > self.now:
                if dated is None:
                    self._go_to(free)
                else:
                    self.now, self._why = free, [*self._why, why] if why not in self._why else self._why
            else:
                yield self._post(dated, slot)
                self.now = self.now.replace(second=0, microsecond=0) + timedelta(minutes=1)  # a run posts once

    def _go_to(self, moment: datetime) -> None:
        """Time passes, until a date comes at the latest."""
        self.now = min(moment, self.dated[0].due_at) if self.dated else moment

    def _post(self, dated: _Dated | None, slot: datetime) -> Posting:
        self.posts.append(self.now)
        if dated is None:
            self.slot = slot
            return Posting(self.now, None)
        posting = Posting(self.now, dated.draft, dated.series, tuple(self._why))
        self.dated.popleft()
        self.dated_posts.append(self.now)
        self._why.clear()
        return posting

    def _free(self, dated: bool) -> tuple[datetime, str]:
        """From when on a post may go out, as far as one rule at a time tells, and which rule it is."""
        now, bounds = self.now, self.bounds
        hour = now.replace(minute=0, second=0, microsecond=0)
        if self._since(hour) >= bounds.per_hour:
            return hour + timedelta(hours=1), f"the limit of {bounds.per_hour} an hour"
        if self._since(max(self.calendar.day_start(now), hour - timedelta(hours=23))) >= bounds.per_day:
            day = self.calendar.day_start(hour + timedelta(hours=1))
            return day if day > now else hour + timedelta(hours=1), f"the limit of {bounds.per_day} a day"
        if quiet := self.calendar.quiet_until(now):
            return quiet, "quiet hours"
        last = self.posts if dated else self.dated_posts
        if last and bounds.minutes_apart:
            apart = last[-1].replace(second=0, microsecond=0) + timedelta(minutes=bounds.minutes_apart)
            return apart, f"{phrases.amount(bounds.minutes_apart, 'minute')} between posts"
        return now, ""

    def _since(self, moment: datetime) -> int:
        return len(self.posts) - bisect_left(self.posts, moment)


def _made(dated: Iterable[Waiting]) -> Iterator[_Dated]:
    return (_Dated(draft.due_at, draft) for draft in dated if draft.due_at)


def _occurrences(db: Database, bot: Bot, now: datetime, until: datetime) -> Iterator[_Dated]:
    """When the recurring posts come again after those that are made already, the earliest first."""

    def coming(each: series.Series) -> Iterator[_Dated]:
        _, newest = series.made(db, each)
        moment, rule = max(newest or each.created_at, now), Rule.read(each.rule)
        while (moment := rule.after(moment, bot.time_zone)) < until and not (each.until and moment > each.until):
            yield _Dated(moment, series=each.id)

    every = merge(*map(coming, series.running(db, bot.name)), key=lambda each: each.due_at)
    return islice(every, _MOST_OCCURRENCES)


def agenda(db: Database, bot: Bot, now: datetime, until: datetime) -> list[tuple[Waiting | None, Posting]]:
    """What goes out from now on, in order: each draft that waits, and the occurrences of recurring posts that are not
    made yet (None). Slots that nothing waits for are left out, and while a pause holds there is nothing."""
    if runs.paused(db, bot.name) is not None:
        return []
    turns = deque[Waiting](listing.turns(db, Group.QUEUED, bot.name, now))
    dated = listing.turns(db, Group.DATED, bot.name, now)
    ahead = list[tuple[Waiting | None, Posting]]()
    for posting in Timetable.of(db, bot, now, until, dated).postings(until):
        ahead += [(None, posting)] if posting.is_occurrence else _going_out(posting, turns)
    return ahead


def next_post(db: Database, bot: Bot, now: datetime) -> datetime | None:
    """From when on something may go out: a post whose date has come, or what is next in turn."""
    until = now + FORESEEN
    postings = Timetable.of(db, bot, now, until, listing.turns(db, Group.DATED, bot.name, now)).postings(until)
    return next((posting.at for posting in postings if not posting.too_late), None)


@dataclass(frozen=True, slots=True)
class Forecast:
    """When one draft goes out."""

    at: datetime | None
    """None: it can't be told, as a pause holds or its turn lies too far ahead."""
    words: str
    """All that for a person."""
    too_late: bool = False
    """It expires before its turn."""


def forecasts(bot: Bot, db: Database, now: datetime, wanted: Collection[int] = ()) -> dict[int, Forecast]:
    """When the posts that a person queued go out, and what waits for approval; those alone that are `wanted`, where any
    are named."""
    held = [*drafts.awaiting(db, bot.name, now), *drafts.answering(db, bot.name, DraftStatus.PENDING)]
    pending = {draft.id: _once_approved(draft, bot.time_zone) for draft in held if not wanted or draft.id in wanted}
    answers = _answers(bot, db, now)
    pending |= {number: forecast for number, forecast in answers.items() if not wanted or number in wanted}
    turns = [draft for _, draft in in_turn(db, bot.name, now)]
    dated = drafts.dated(db, bot.name, now)
    persons = [draft for draft in turns if draft.origin == "person"]
    waiting = {draft.id: draft for draft in (*dated, *persons) if not wanted or draft.id in wanted}
    return pending | foreseen(bot, db, now, turns, dated, waiting)


def foreseen(
    bot: Bot,
    db: Database,
    now: datetime,
    turns: Iterable[Waiting],
    dated: Sequence[Waiting],
    waiting: Mapping[int, Waiting],
) -> dict[int, Forecast]:
    """When those that are `waiting` go out, by their numbers, in that order. `turns`: all that wait for a slot, in
    turn; `dated`: all that wait for their date, the earliest first."""
    turns = deque(turns)
    if runs.paused(db, bot.name) is not None:
        return {number: Forecast(None, _after_the_pause(draft, bot.time_zone)) for number, draft in waiting.items()}
    told = dict[int, Forecast]()
    until = max((now, *(draft.due_at for draft in waiting.values() if draft.due_at))) + FORESEEN
    for posting in Timetable.of(db, bot, now, until, dated).postings(until):
        for draft, turn in _going_out(posting, turns):
            if draft.id in waiting:
                told[draft.id] = _forecast(turn, draft, bot.time_zone, now)
        if waiting.keys() <= told.keys():
            break
    return told | {number: _not_soon(waiting[number], now) for number in waiting.keys() - told.keys()}


def _once_approved(draft: Draft, zone: str) -> Forecast:
    date = f", not before {moments.told(draft.due_at, zone)} ({zone})" if draft.due_at else ""
    return Forecast(None, f"goes out once you approve it{date}")


def _answers(bot: Bot, db: Database, now: datetime) -> dict[int, Forecast]:
    """When the approved answers to comments go out, which take no slot: so many an hour, the oldest first."""
    zone, waiting = bot.time_zone, drafts.answering(db, bot.name, DraftStatus.APPROVED)
    if waiting and runs.paused(db, bot.name) is not None:
        return {draft.id: Forecast(None, _after_the_pause(draft, zone)) for draft in waiting}
    if waiting and (quiet := Calendar.of(bot).quiet_until(now)):
        after = Forecast(quiet, f"goes out after the quiet hours, {moments.told(quiet, zone)} ({zone})")
        return {draft.id: after for draft in waiting}
    hour = now.replace(minute=0, second=0, microsecond=0)
    free = bot.answers.per_hour - (drafts.answers_since(db, bot.name, hour, now) if waiting else 0)
    soon, later = Forecast(now, "goes out with the next run"), Forecast(None, "goes out with one of the next runs")
    return {draft.id: soon if place < free else later for place, draft in enumerate(waiting)}


def _not_soon(draft: Waiting, now: datetime) -> Forecast:
    if not _expired(draft, now + FORESEEN):
        return Forecast(None, f"waits for its turn: not within {FORESEEN.days} days")
    return _too_late(f"which is not within {FORESEEN.days} days")


def _going_out(posting: Posting, turns: deque[Waiting]) -> Iterator[tuple[Waiting, Posting]]:
    """The draft that a posting takes; before it those of the `turns` that expire until then."""
    if posting.draft:
        yield posting.draft, posting
    while turns and not (posting.draft or posting.is_occurrence):
        draft = turns.popleft()
        too_late = _expired(draft, posting.at)
        yield draft, replace(posting, too_late=too_late)
        if not too_late:
            return


def _expired(draft: Waiting, at: datetime) -> bool:
    return draft.expires_at is not None and draft.expires_at <= at


def _forecast(posting: Posting, draft: Waiting, zone: str, now: datetime) -> Forecast:
    if posting.too_late:
        return _too_late(f"{moments.told(posting.at, zone)} ({zone})")
    return Forecast(posting.at, _words(posting, draft, zone, now))


def _too_late(turn: str) -> Forecast:
    return Forecast(None, f"expires before its turn, {turn}", True)


def _words(posting: Posting, draft: Waiting, zone: str, now: datetime) -> str:
    if posting.at <= now:
        return "goes out in the next run"
    at = f"goes out {moments.told(posting.at, zone)} ({zone}), or in the first run after that"
    if draft.due_at is None or posting.at <= draft.due_at:
        return at
    why = " and ".join(posting.why) or "another post, as a run sends one"
    return f"{at}; not at its date, {moments.told(draft.due_at, zone)}, for {why}"


def _after_the_pause(draft: Waiting, zone: str) -> str:
    date = f", not before {moments.told(draft.due_at, zone)} ({zone})" if draft.due_at else ""
    end = f", unless it expires first, {moments.told(draft.expires_at, zone)} ({zone})" if draft.expires_at else ""
    return f"goes out after the pause{date}{end}"
