"""Puts what waits elsewhere: to a date of its own, or to another place in the queue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from twitter_manager import decisions, phrases
from twitter_manager.domain import Actor, Draft, DraftStatus, Json
from twitter_manager.errors import UsageError
from twitter_manager.pipeline.select import Lane, in_turn
from twitter_manager.store import drafts, events
from twitter_manager.store.database import Database, iso
from twitter_manager.terminal import command


@dataclass(frozen=True, slots=True)
class Place:
    """Where a person wants a draft. One of the four is given."""

    due_at: datetime | None = None
    first: bool = False
    last: bool = False
    before: int = 0
    """The number of the draft that comes next."""


def move(db: Database, seen: Draft, place: Place, now: datetime, by: Actor | None = None) -> None:
    """Put a draft into its place; the others keep their order. What waits for an approval can be given a date, and goes
    out then if it was approved. Raises UsageError."""
    with db.transaction():
        draft = decisions.as_seen(db, seen)
        decisions.refuse_begun(db, draft)
        if draft.comment_id is not None:
            raise UsageError(f"Draft {draft.id} answers a comment.", "It goes out in the first run that may send it.")
        if draft.status is not DraftStatus.APPROVED and (place.due_at is None or decisions.is_replacement(db, draft)):
            remedy = phrases.way_on(decisions.ways_on(db, draft))
            stands = phrases.draft(draft.id, draft.status).capitalize()
            raise UsageError(f"{stands}, and has no place yet.", remedy)
        if place.due_at is not None:
            _date(db, draft, place.due_at)
        else:
            lane, row = _row(in_turn(db, draft.bot, now), draft, place)
            for rank, member in enumerate(row, start=1):
                drafts.put(db, member, lane, rank)
        to: Json = {"due_at": iso(place.due_at), "first": place.first, "last": place.last, "before": place.before}
        given = {name: value for name, value in to.items() if value}
        told = by.on_record if by else {}
        events.record(db, now, "draft_moved", bot=draft.bot, draft_id=draft.id, **given, **told)


def _date(db: Database, draft: Draft, due_at: datetime) -> None:
    """An end that a person set stays; what a generator wrote does not expire before its date."""
    end = draft.own_end if draft.is_persons else None
    if end is not None and end <= due_at:
        raise UsageError(f"Draft {draft.id} would expire before that.", "Take an earlier moment.")
    drafts.date(db, draft, due_at, end)


def _row(queue: list[tuple[Lane, Draft]], draft: Draft, place: Place) -> tuple[Lane, list[Draft]]:
    """The lane that the draft comes into, and all that is in it then, in order."""
    lanes = {other.id: lane for lane, other in queue if other.id != draft.id}
    if place.before and place.before not in lanes:
        raise UsageError(f"Draft {place.before} is not in the queue to come before.", f"See: {command('drafts')}")
    lane = lanes[place.before] if place.before else Lane.OWN if place.first else Lane.POOL
    row = [other for _, other in queue if lanes.get(other.id) is lane]
    at = [other.id for other in row].index(place.before) if place.before else 0 if place.first else len(row)
    return lane, [*row[:at], draft, *row[at:]]
