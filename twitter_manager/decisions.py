"""What a person decides about a draft that did not get out by itself: go on with it, or give it up."""

from __future__ import annotations

from datetime import datetime, timedelta

from twitter_manager.domain import Delivery, DeliveryStatus, Draft, DraftStatus
from twitter_manager.errors import UsageError
from twitter_manager.store import deliveries, drafts
from twitter_manager.store.database import Database

_STUCK = (DeliveryStatus.FAILED, DeliveryStatus.HELD)
_ON_ITS_WAY = (DeliveryStatus.SENDING, DeliveryStatus.UNKNOWN)
_OVER = (DraftStatus.POSTED, DraftStatus.SKIPPED, DraftStatus.EXPIRED)


def resume(db: Database, draft: Draft, lifetime: timedelta, now: datetime) -> None:
    """Queue what is not out, with a new time to live and all its tries again. What may be out is looked up first, and
    sent only when it is not found: that is what the person decided. Raises UsageError where there is nothing to do."""
    stuck = [one for one in deliveries.of_draft(db, draft.id) if one.status in _STUCK]
    if draft.status not in (DraftStatus.FAILED, DraftStatus.PARTLY_POSTED) or not stuck:
        raise UsageError(f"Draft {draft.id} is {draft.status}: there is nothing to resume.")
    if drafts.text_known(db, draft.bot, drafts.digest(draft), besides=draft.id):
        raise UsageError(f"Another draft has the text of draft {draft.id}.", f"Give it up: skip {draft.id}")
    with db.transaction():
        drafts.move(db, draft, DraftStatus.PUBLISHING, now, reason="a person resumed it")
        drafts.renew(db, draft, now + lifetime)
        for one in stuck:
            maybe_out = one.status is DeliveryStatus.HELD and deliveries.may_be_out(db, one.id)
            status = DeliveryStatus.UNKNOWN if maybe_out else DeliveryStatus.QUEUED
            deliveries.resume(db, one, status, now)


def skip(db: Database, draft: Draft, now: datetime) -> None:
    """Nothing more of it goes out. Raises UsageError when it is over already, or when a part's fate is still open."""
    mine = deliveries.of_draft(db, draft.id)
    if draft.status in _OVER or any(one.status in _ON_ITS_WAY for one in mine):
        raise UsageError(
            f"Draft {draft.id} is {draft.status}: it can't be skipped.", f"See its story: explain {draft.id}"
        )
    with db.transaction():
        for one in mine:
            _end(db, one, now)
        drafts.move(db, draft, DraftStatus.SKIPPED, now, reason="a person skipped it")


def _end(db: Database, delivery: Delivery, now: datetime) -> None:
    if delivery.status in (DeliveryStatus.QUEUED, DeliveryStatus.HELD):
        deliveries.move(db, delivery, DeliveryStatus.FAILED, now, run_id=None, error="a person skipped it")
