"""The queue: what waits for approval, what needs attention, what is on its way, dated or in turn, a page at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from twitter_manager import moments, phrases
from twitter_manager.content import Card, Media
from twitter_manager.domain import Draft, DraftStatus
from twitter_manager.pipeline.timetable import Waiting, foreseen
from twitter_manager.platforms import SPECS
from twitter_manager.platforms.exact import content_hash
from twitter_manager.review.console.views.shown import Length, Words, lengths, words_of
from twitter_manager.settings import Bot
from twitter_manager.store import drafts, listing
from twitter_manager.store.database import Database
from twitter_manager.store.listing import Group, Turn

A_PAGE = 25
"""So many drafts stand on a page of one group."""
A_GLANCE = 5
"""So many of each group that waits for nobody stand on the page of all."""
FORESEEN = 200
"""Of so many that come first it is reckoned when they go out."""
LONGEST_SHOWN = 600
"""Characters of a text in the list; the whole stands on the draft's own page."""

HEADINGS: Mapping[Group, str] = {
    Group.PENDING: "Waiting for your approval",
    Group.ATTENTION: "Needs your attention",
    Group.ON_ITS_WAY: "On its way",
    Group.DATED: "With a date of its own",
    Group.QUEUED: "In the next slots, in this order",
}
NAMES: Mapping[Group, str] = {
    Group.PENDING: "For approval",
    Group.ATTENTION: "Attention",
    Group.ON_ITS_WAY: "On its way",
    Group.DATED: "Dated",
    Group.QUEUED: "Queued",
}
"""The same in a word or two."""
_TOLD = (DraftStatus.FAILED, DraftStatus.PARTLY_POSTED, DraftStatus.PUBLISHING)
"""What a group's heading doesn't say."""
DECIDABLE = (Group.PENDING, Group.ATTENTION)
"""What a person is asked about."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A draft in the list. `seen`: the hash of what is shown, which a decision about it carries."""

    id: int
    bot: str
    seen: str
    status: str
    """In words; "" where the group's heading says it."""
    words: tuple[Words, ...]
    """The text; of a thread the first part."""
    language: str
    parts: int
    media: tuple[Media, ...]
    card: str
    """The title of what its address leads to."""
    lengths: tuple[Length, ...]
    """On each platform, of the longest part there."""
    origin: str
    reason: str
    moment: str
    """When it goes out, or until when it waits."""
    place: int
    """In the queue; 0 for none."""
    can_approve: bool
    can_skip: bool
    can_edit: bool


@dataclass(frozen=True, slots=True)
class Section:
    """A group on the page. `total`: how many are in it."""

    group: Group
    heading: str
    entries: tuple[Entry, ...]
    total: int

    @property
    def more(self) -> int:
        """How many are not shown."""
        return self.total - len(self.entries)


@dataclass(frozen=True, slots=True)
class Queue:
    """The page. `page`: from 1, of `pages`; both 1 where all groups are shown."""

    sections: tuple[Section, ...]
    totals: Mapping[Group, int]
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class Row:
    """A draft's place in a group, before anything else of it is read."""

    id: int
    place: int = 0
    moment: str = ""


def overview(db: Database, bots: Sequence[Bot], now: datetime) -> Queue:
    """The beginning of each group."""
    totals = _totals(db, bots, now)
    sections = []
    for group in Group:
        most = A_PAGE if group in DECIDABLE else A_GLANCE
        sections += [_section(db, group, bots, now, 0, most, totals[group])] if totals[group] else []
    return Queue(tuple(sections), totals, 1, 1)


def of_group(db: Database, bots: Sequence[Bot], now: datetime, group: Group, page: int) -> Queue:
    """One page of one group; the last one where there are fewer."""
    totals = _totals(db, bots, now)
    pages = max(1, -(-totals[group] // A_PAGE))
    page = min(max(page, 1), pages)
    section = _section(db, group, bots, now, (page - 1) * A_PAGE, A_PAGE, totals[group])
    return Queue((section,), totals, page, pages)


def _totals(db: Database, bots: Sequence[Bot], now: datetime) -> dict[Group, int]:
    names = [bot.name for bot in bots]
    return {group: listing.count(db, group, names, now) if names else 0 for group in Group}


def _section(
    db: Database, group: Group, bots: Sequence[Bot], now: datetime, start: int, most: int, total: int
) -> Section:
    by_name = {bot.name: bot for bot in bots}
    entries = []
    for row in _rows(db, group, bots, now, start, most):
        draft = drafts.get(db, row.id)
        if draft is not None:
            entries.append(_entry(db, draft, by_name[draft.bot], group, row))
    return Section(group, HEADINGS[group], tuple(entries), total)


def _rows(db: Database, group: Group, bots: Sequence[Bot], now: datetime, start: int, most: int) -> Sequence[Row]:
    if bots and group not in (Group.DATED, Group.QUEUED):
        return list(map(Row, listing.page(db, group, [bot.name for bot in bots], now, start, most)))
    rows: list[Row] = []
    for bot in bots:  # one after the other: each has slots of its own
        wanted = listing.turns(db, group, bot.name, now, most - len(rows), start)
        rows += _in_turn(db, bot, now, group, wanted, start)
        start = max(0, start - listing.count(db, group, [bot.name], now))
        if len(rows) == most:
            break
    return rows


def _in_turn(db: Database, bot: Bot, now: datetime, group: Group, wanted: Sequence[Turn], begin: int) -> Iterator[Row]:
    """Each with its place, and when it goes out."""
    told = moments_of(db, bot, now, wanted)
    for place, turn in enumerate(wanted, start=begin + 1):
        yield Row(turn.id, place if group is Group.QUEUED else 0, told[turn.id])


def moments_of(db: Database, bot: Bot, now: datetime, wanted: Sequence[Turn]) -> dict[int, str]:
    """When each goes out, in words, as far as that is reckoned; by its number."""
    if not wanted:
        return {}
    queued, dated = (listing.turns(db, each, bot.name, now, FORESEEN) for each in (Group.QUEUED, Group.DATED))
    asked = {turn.id for turn in wanted}
    near: dict[int, Waiting] = {turn.id: turn for turn in (*queued, *dated) if turn.id in asked}
    told = foreseen(bot, db, now, queued, dated, near) if near else {}
    due = {turn.id: f"has its date {moments.told(turn.due_at, bot.time_zone)}" for turn in wanted if turn.due_at}
    return {number: told[number].words if number in told else due.get(number, "") for number in asked}


def _entry(db: Database, draft: Draft, bot: Bot, group: Group, row: Row) -> Entry:
    text = draft.parts[0].text if draft.parts else ""
    text = text if len(text) <= LONGEST_SHOWN else text[:LONGEST_SHOWN].rstrip() + " …"
    waits = draft.status in drafts.WAITING and group is not Group.ON_ITS_WAY
    return Entry(
        id=draft.id,
        bot=draft.bot,
        seen=content_hash(draft),
        status=phrases.DRAFT[draft.status] if draft.status in _TOLD else "",
        words=words_of(text),
        language=draft.language,
        parts=len(draft.parts),
        media=tuple(picture for part in draft.parts for picture in part.media),
        card=next((card.title or card.url for card in _cards(draft)), ""),
        lengths=_longest(draft, bot),
        origin=origin(draft),
        reason=draft.reason,
        moment=row.moment or waits_until(draft, bot),
        place=row.place,
        can_approve=draft.status in (DraftStatus.PENDING, DraftStatus.NEEDS_ATTENTION) and waits,
        can_skip=group is not Group.ON_ITS_WAY,
        can_edit=waits,
    )


def origin(draft: Draft) -> str:
    """Whose words it holds."""
    if draft.origin == "person":
        return "a person's own"
    edited = ", edited" if draft.edited_at else ""
    return f"{draft.format or 'post'} by the bot{edited}"


def waits_until(draft: Draft, bot: Bot) -> str:
    """When a draft that waits for a person goes out, where it has a date, and until when it waits, where that has an
    end."""
    if draft.status not in (DraftStatus.PENDING, DraftStatus.NEEDS_ATTENTION):
        return ""
    due = f"goes out {moments.told(draft.due_at, bot.time_zone)}, if it is approved" if draft.due_at else ""
    end = f"expires {moments.told(draft.expires_at, bot.time_zone)}" if draft.expires_at else ""
    return "; ".join(filter(None, (due, end)))


def _cards(draft: Draft) -> Iterator[Card]:
    """Those that some platform gets."""
    for name in draft.platforms:
        if name in SPECS and draft.parts:
            yield from (part.card for part in SPECS[name].parts_of(draft) if part.card)


def _longest(draft: Draft, bot: Bot) -> tuple[Length, ...]:
    longest = []
    for name in draft.platforms:
        if name in SPECS and draft.parts:
            parts = SPECS[name].parts_of(draft)
            counted = [lengths(draft, part.text, (name,), bot.limits_there)[0] for part in parts]
            longest.append(max(counted, key=lambda length: length.counted))
    return tuple(longest)
