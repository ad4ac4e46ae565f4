"""A bot's month: what went out on each day, what has a date, what comes again, and when the queue gets its turn.

Pure functions over the database. Days are those of the bot's time zone; weeks begin on Monday."""

from __future__ import annotations

import calendar
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from twitter_manager import moments, phrases, schedule
from twitter_manager.domain import DraftStatus
from twitter_manager.errors import UsageError
from twitter_manager.pipeline import timetable
from twitter_manager.pipeline.timetable import Posting, Waiting
from twitter_manager.recurrence import Rule
from twitter_manager.settings import Bot
from twitter_manager.store import browsing, listing, runs, series
from twitter_manager.store.browsing import Glance
from twitter_manager.store.database import Database
from twitter_manager.store.listing import Group
from twitter_manager.store.series import Series

MONTHS_AHEAD = 24
_BEGINNING = 90
"""Characters of a post."""
Agenda = Sequence[tuple[Waiting | None, Posting]]
_FULL = 5
"""Entries of a day that stand there at once."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a day."""

    at: datetime
    clock: str
    """On the bot's clock: "09:00"."""
    kind: str
    """posted, trouble, waits, date, turn or again."""
    state: str
    """How it stands, in a word or two."""
    text: str
    """How the post begins."""
    draft: int = 0
    """Its number; 0: an occurrence of a recurring post, not made yet."""
    movable: bool = False
    note: str = ""
    """What moved it from its date."""


@dataclass(frozen=True, slots=True)
class Day:
    """One day with its entries, in order."""

    date: date
    entries: Sequence[Entry]
    is_today: bool
    is_past: bool
    clocks: str
    """What the clocks do on it, where they change."""

    @property
    def told(self) -> str:
        return f"{self.date:%A} {self.date.day} {self.date:%B}"

    @property
    def shown(self) -> Sequence[Entry]:
        """What stands there at once: of a full day what a person looks for, and the first of the rest."""
        if len(self.entries) <= _FULL:
            return self.entries
        wanted = [entry for entry in self.entries if entry.kind not in ("posted", "turn")]
        rest = [entry for entry in self.entries if entry.kind in ("posted", "turn")]
        chosen = {id(entry) for entry in (*wanted, *rest[: max(0, _FULL - 1 - len(wanted))])}
        return [entry for entry in self.entries if id(entry) in chosen]

    @property
    def folded(self) -> Sequence[Entry]:
        """The rest of a full day."""
        shown = {id(entry) for entry in self.shown}
        return [entry for entry in self.entries if id(entry) not in shown]


@dataclass(frozen=True, slots=True)
class Month:
    """The days of a month."""

    first: date
    days: Sequence[Day]
    blanks: int
    """Days between the Monday of its first week and its first day."""
    earlier: str
    """The month before, as `read_month` takes it; "" where there is none to show. `later` likewise."""
    later: str
    notes: Sequence[str]

    @property
    def told(self) -> str:
        return f"{self.first:%B} {self.first.year}"


def read_month(words: str, now: datetime, zone: str) -> date:
    """The first day of a month as "2026-11"; "" is the one that is on. Raises UsageError."""
    this = now.astimezone(schedule.zone(zone)).date().replace(day=1)
    if not words:
        return this
    match = re.fullmatch(r"(20\d\d)-(0[1-9]|1[0-2])", words, re.ASCII)
    month = date(int(match[1]), int(match[2]), 1) if match else None
    if month is None or month > _later(this, MONTHS_AHEAD):
        raise UsageError("There is no such month here.", f"Take one until {_later(this, MONTHS_AHEAD):%B %Y}.")
    return month


def month_of(db: Database, bot: Bot, first: date, now: datetime) -> Month:
    """All that is known of a bot's month."""
    local = schedule.zone(bot.time_zone)
    today, following = now.astimezone(local).date(), _later(first, 1)
    begin, end = (schedule.moment_on(day, time(), local) for day in (first, following))
    by_day = defaultdict[date, list[Entry]](list)
    agenda = timetable.agenda(db, bot, now, end) if end > now else []
    left_over = [draft for draft, posting in agenda if draft and posting.too_late and draft.due_at is None]
    agenda = [(draft, posting) for draft, posting in agenda if draft is None or draft.due_at or not posting.too_late]
    entries = _entries(db, bot, begin, end, now, local, agenda)
    for entry in sorted(entries, key=lambda entry: (entry.at, entry.draft)):
        by_day[entry.at.astimezone(local).date()].append(entry)
    days = [first + timedelta(days=number) for number in range((following - first).days)]
    this = today.replace(day=1)
    return Month(
        first=first,
        days=[Day(day, by_day[day], day == today, day < today, _clocks(day, local)) for day in days],
        blanks=first.weekday(),
        earlier=f"{_later(first, -1):%Y-%m}" if first.year > 2000 else "",
        later=f"{following:%Y-%m}" if following <= _later(this, MONTHS_AHEAD) else "",
        notes=list(_notes(db, bot, len(left_over))),
    )


def _later(first: date, months: int) -> date:
    years, month = divmod(first.month - 1 + months, 12)
    return date(first.year + years, month + 1, 1)


def _entries(
    db: Database, bot: Bot, begin: datetime, end: datetime, now: datetime, local: tzinfo, agenda: Agenda
) -> Iterator[Entry]:
    def clock(moment: datetime) -> str:
        return f"{moment.astimezone(local):%H:%M}"

    for glance in browsing.went_out(db, bot.name, begin, end):
        yield _gone_out(glance, clock(glance.at))
    for glance in browsing.dated_for_a_person(db, bot.name, begin, end):
        state, text = phrases.DRAFT[glance.status], _cut(glance.text)
        yield Entry(glance.at, clock(glance.at), "waits", state, text, glance.id, movable=True)
    if end <= now:
        return
    if runs.paused(db, bot.name) is not None:
        dated = listing.turns(db, Group.DATED, bot.name, now)
        held = [(draft, draft.due_at) for draft in dated if draft.due_at and begin <= draft.due_at < end]
        texts = browsing.beginnings(db, [draft.id for draft, _ in held])
        for draft, due_at in held:
            yield _draft(draft, due_at, clock(due_at), texts, "its date; a pause holds")
        return
    ahead = [(draft, posting) for draft, posting in agenda if posting.at >= begin]
    texts = browsing.beginnings(db, [draft.id for draft, _ in ahead if draft])
    comes_again = {each.id: each for each in series.running(db, bot.name)}
    for waiting, posting in ahead:
        if waiting is None:
            yield _occurrence(posting, clock(posting.at), comes_again[posting.series])
        else:
            yield _ahead(waiting, posting, clock(posting.at), texts, bot.time_zone, now)


def _gone_out(glance: Glance, clock: str) -> Entry:
    kind = "posted" if glance.status in (DraftStatus.POSTED, DraftStatus.PUBLISHING) else "trouble"
    return Entry(glance.at, clock, kind, phrases.DRAFT[glance.status], _cut(glance.text), glance.id)


def _occurrence(posting: Posting, clock: str, each: Series) -> Entry:
    texts = f"one of {len(each.variants)} texts" if len(each.variants) > 1 else ""
    note = ", ".join(filter(None, (Rule.read(each.rule).told, texts, _why(posting))))
    return Entry(posting.at, clock, "again", "comes again", _cut(each.variants[0][0].text), note=note)


def _ahead(draft: Waiting, posting: Posting, clock: str, texts: Mapping[int, str], zone: str, now: datetime) -> Entry:
    state, note = "has this date", ""
    if posting.too_late:
        state = "expires before its turn"
    elif posting.at <= now:
        state = "goes out in the next run"
    elif draft.due_at is None:
        state = "in its turn, about then"
    elif posting.at > draft.due_at:
        state = "moved from its date"
        note = f"{moments.told(draft.due_at, zone)}, {_why(posting) or 'for another post'}"
    return _draft(draft, posting.at, clock, texts, state, note)


def _why(posting: Posting) -> str:
    return f"for {' and '.join(posting.why)}" if posting.why else ""


def _draft(draft: Waiting, at: datetime, clock: str, texts: Mapping[int, str], state: str, note: str = "") -> Entry:
    kind = "turn" if draft.due_at is None else "date"
    return Entry(at, clock, kind, state, _cut(texts.get(draft.id, "")), draft.id, movable=True, note=note)


def _cut(text: str) -> str:
    return phrases.in_a_line(text, _BEGINNING)


def _clocks(day: date, local: tzinfo) -> str:
    """What the clocks do on a day that has not 24 hours."""
    begin, end = (schedule.moment_on(each, time(), local) for each in (day, day + timedelta(days=1)))
    longer = (end - begin) - timedelta(days=1)
    if not longer:
        return ""
    return f"clocks go {'back' if longer > timedelta() else 'forward'} {moments.lasting(abs(longer))}"


def _notes(db: Database, bot: Bot, left_over: int) -> Iterator[str]:
    if paused := runs.paused(db, bot.name, bot.time_zone):
        yield f"Nothing goes out: {paused}."
    if not bot.enabled:
        yield "This bot rests (enabled = false in its file): what waits goes out once it works again."
    if left_over:
        yield f"{phrases.amount(left_over, 'draft')} of the queue will expire before their turn."


def weekdays() -> list[str]:
    """Their short names, Monday first."""
    return list(calendar.day_abbr)
