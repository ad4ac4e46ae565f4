"""What a person decides about a draft that did not get out by itself: go on with it, or give it up."""

from __future__ import annotations

from datetime import datetime, timedelta

from twitter_manager import phrases
from twitter_manager.domain import Delivery, DeliveryStatus, Draft, DraftStatus
from twitter_manager.errors import UsageError
from twitter_manager.store import amendments, deliveries, drafts
from twitter_manager.store.database import Database
from twitter_manager.terminal import command

_STUCK = (DeliveryStatus.FAILED, DeliveryStatus.HELD)
_ON_ITS_WAY = (DeliveryStatus.SENDING, DeliveryStatus.UNKNOWN)
_OVER = (DraftStatus.POSTED, DraftStatus.SKIPPED, DraftStatus.EXPIRED)
_ENDED_BADLY = (DraftStatus.FAILED, DraftStatus.PARTLY_POSTED)


def ways_on(db: Database, draft: Draft) -> tuple[str, ...]:
    """The commands that end a draft's standing still; none where it goes its way by itself, or is at its end."""
    changed = draft.status is DraftStatus.NEEDS_ATTENTION and not drafts.is_unchanged(db, draft)
    if changed:
        return (f"skip {draft.id}",)
    if draft.status in (*_ENDED_BADLY, DraftStatus.NEEDS_ATTENTION):
        return (f"resume {draft.id}", f"skip {draft.id}")
    return ()


def waiting(db: Database, bot: str) -> list[Draft]:
    """What waits for a person's word, oldest first: set aside, half out, held, or a person's own that failed."""
    candidates = drafts.in_status(db, bot, DraftStatus.NEEDS_ATTENTION, *_ENDED_BADLY)
    return [draft for draft in candidates if draft.status is not DraftStatus.FAILED or _concerns_a_person(db, draft)]


def _concerns_a_person(db: Database, draft: Draft) -> bool:
    mine = deliveries.of_draft(db, draft.id)
    return draft.origin == "person" or any(delivery.status is DeliveryStatus.HELD for delivery in mine)


def resume(db: Database, draft: Draft, lifetime: timedelta, now: datetime) -> None:
    """Queue what is not out, with a new time to live and all its tries again. What may be out is looked up first, and
    sent only when it is not found: that is what the person decided. A draft that was only set aside is ready again,
    unless its text is another than the approved one. Raises UsageError where there is nothing to do."""
    if draft.status is DraftStatus.NEEDS_ATTENTION and drafts.is_unchanged(db, draft):
        _refuse_duplicate(db, draft)
        with db.transaction():
            drafts.move(db, draft, DraftStatus.APPROVED, now, reason="a person resumed it")
            drafts.renew(db, draft, now + lifetime)
        return
    gone = amendments.taken_down(db, draft.id)
    mine = [delivery for delivery in deliveries.of_draft(db, draft.id) if delivery.platform not in gone]
    stuck = [delivery for delivery in mine if delivery.status in _STUCK]
    if draft.status not in _ENDED_BADLY or not stuck:
        raise UsageError(
            f"{_stands(draft)}: there is nothing to resume.",
            f"See its story: {command(f'explain {draft.id}')}",
        )
    _refuse_duplicate(db, draft)
    with db.transaction():
        drafts.move(db, draft, DraftStatus.PUBLISHING, now, reason="a person resumed it")
        drafts.renew(db, draft, now + lifetime)
        for delivery in stuck:
            status = DeliveryStatus.UNKNOWN if deliveries.may_be_out(db, delivery.id) else DeliveryStatus.QUEUED
            deliveries.resume(db, delivery, status, now)


def _refuse_duplicate(db: Database, draft: Draft) -> None:
    if drafts.text_known(db, drafts.digest(draft), besides=draft.id):
        raise UsageError(
            f"Another draft has the text of draft {draft.id}.", f"Give it up: {command(f'skip {draft.id}')}"
        )


def skip(db: Database, draft: Draft, now: datetime) -> None:
    """Nothing more of it goes out. Raises UsageError when it is over already, or when a part's fate is still open."""
    mine = deliveries.of_draft(db, draft.id)
    if any(delivery.status in _ON_ITS_WAY for delivery in mine):
        raise UsageError(f"A part of draft {draft.id} may be out.", "The next run finds out: skip it after that.")
    if draft.status in _OVER:
        raise UsageError(
            f"{_stands(draft)}: it can't be skipped.",
            f"See its story: {command(f'explain {draft.id}')}",
        )
    with db.transaction():
        for delivery in mine:
            _end(db, delivery, now)
        drafts.move(db, draft, DraftStatus.SKIPPED, now, reason="a person skipped it")


def _stands(draft: Draft) -> str:
    return phrases.draft(draft.id, draft.status).capitalize()


def _end(db: Database, delivery: Delivery, now: datetime) -> None:
    if delivery.status in (DeliveryStatus.QUEUED, DeliveryStatus.HELD):
        deliveries.move(db, delivery, DeliveryStatus.FAILED, now, run_id=None, error="a person skipped it")
