"""Writes down what becomes of each try, in the database and for the person. It decides nothing about what to try next.

`failed` says that a post is not out: where an earlier try of it may have arrived, it is held instead."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from twitter_manager import phrases
from twitter_manager.delivery import limiting
from twitter_manager.domain import Clock, Delivery, DeliveryStatus, Json, Platform, Receipt
from twitter_manager.errors import (
    AlreadyThere,
    MediaGone,
    NeedsPerson,
    NotSent,
    PlatformError,
    Refused,
    StoreConflict,
)
from twitter_manager.store import charges, comments, deliveries, events, uploads
from twitter_manager.store.database import Database

log = logging.getLogger(__name__)

Sending = list[tuple[Delivery, int]]
"""What is on its way in one request (one part, or a thread that goes at once), each with its attempt's id."""


@dataclass(frozen=True, slots=True)
class Ledger:
    """What one run does to deliveries. `attention` and `posted` take a draft's id and a line for a person,
    `notes` a line."""

    db: Database
    run_id: int
    platforms: Mapping[str, Platform]
    clock: Clock
    redact: Callable[[str], str]
    attention: list[tuple[int, str]]
    posted: list[tuple[int, str]]
    notes: list[str]

    def move(self, delivery: Delivery, status: DeliveryStatus, why: str) -> None:
        self.move_all([delivery], status, why)

    def move_all(self, batch: Sequence[Delivery], status: DeliveryStatus, why: str) -> None:
        """Move them, with one reason."""
        moves = [
            (delivery, DeliveryStatus.HELD, _doubted(why))
            if status is DeliveryStatus.FAILED and self._may_be_out(delivery)
            else (delivery, status, why)
            for delivery in batch
        ]
        with self.db.transaction():
            for delivery, to, reason in moves:
                deliveries.move(self.db, delivery, to, self.clock(), run_id=self.run_id, error=reason)
        for delivery, to, reason in moves:
            self._tell(delivery, to, reason)

    def end_unprepared(self, batch: Sequence[Delivery], error: NotSent) -> None:
        """A try that ended before there was a request: the deliveries stay queued, and the try counts."""
        why = self.redact(str(error))
        with self.db.transaction():
            for delivery in batch:
                attempt = deliveries.begin_attempt(self.db, delivery, self.run_id, self.clock(), kind="prepare")
                deliveries.end_attempt(self.db, attempt, "not_sent", self.clock(), http_status=error.status, detail=why)
                deliveries.postpone(self.db, delivery, error.retry_at, why)
            self._note_limit(batch[0], error, why)

    def end_refused(self, batch: Sequence[Delivery], error: Refused) -> None:
        """A no before there was a request."""
        why = self.redact(str(error))
        with self.db.transaction():
            self._record_account(batch[0], error, why)
        self.move_all(batch, DeliveryStatus.FAILED, why)

    def end_unposted(self, sending: Sending, error: PlatformError) -> None:
        """A try that got no clear yes."""
        outcome, meant = _meaning(error)
        retry_at = error.retry_at if meant is DeliveryStatus.QUEUED else None
        why = self.redact(str(error))
        doubtful: list[Delivery] = []
        with self.db.transaction():
            self._record_account(sending[0][0], error, why)
            self._note_limit(sending[0][0], error, why)
            for delivery, attempt in sending:
                deliveries.end_attempt(self.db, attempt, outcome, self.clock(), http_status=error.status, detail=why)
                in_doubt = meant is DeliveryStatus.FAILED and self._may_be_out(delivery)
                status = DeliveryStatus.UNKNOWN if in_doubt else meant
                doubtful += [delivery] if in_doubt else []
                if isinstance(error, MediaGone):
                    uploads.forget(self.db, delivery)
                deliveries.move(
                    self.db, delivery, status, self.clock(), run_id=self.run_id, not_before=retry_at, error=why
                )
        for delivery, _ in sending:
            if delivery in doubtful:
                self.move(deliveries.get(self.db, delivery.id), DeliveryStatus.HELD, _doubted(why))
            else:
                self._tell(delivery, meant, why)

    def end_posted(self, platform: Platform, sending: Sending, outcome: str, receipts: list[Receipt]) -> None:
        """They are out. A receipt that another delivery has is a case of its own, for that part alone."""
        try:
            with self.db.transaction():
                for (delivery, attempt), receipt in zip(sending, receipts, strict=True):
                    deliveries.end_attempt(self.db, attempt, outcome, self.clock())
                    uploads.forget(self.db, delivery)
                    deliveries.move(
                        self.db,
                        delivery,
                        DeliveryStatus.POSTED,
                        self.clock(),
                        run_id=self.run_id,
                        receipt=receipt,
                    )
                    charges.add(self.db, post_charge(self.db, platform, delivery, self.clock(), self.run_id))
                operation = limiting.POST if outcome == "posted" else limiting.READ
                used_up = receipts[-1].used_up_until
                limiting.passed(self.db, sending[0][0].bot, platform, operation, self.clock(), used_up)
        except StoreConflict:
            if len(sending) == 1:
                self._hold_duplicate(*sending[0], receipts[0])
            else:
                for try_, receipt in zip(sending, receipts, strict=True):
                    self.end_posted(platform, [try_], outcome, [receipt])
            return
        for (delivery, _), receipt in zip(sending, receipts, strict=True):
            self.posted.append((delivery.draft_id, f"{platform.name}: draft {delivery.draft_id} is out: {receipt.url}"))
            log.info("%s: %s part %d as %s", platform.name, outcome, delivery.part + 1, receipt.remote_id)

    def end_lost(self, delivery: Delivery) -> Delivery:
        """The tries that a dead process left end here; a row still in `sending` has an open fate from now on."""
        with self.db.transaction():
            for attempt in deliveries.open_attempts(self.db, delivery.id):
                deliveries.end_attempt(self.db, attempt, "lost", self.clock(), detail="the process ended around it")
            if delivery.status is DeliveryStatus.SENDING:
                why = "the process ended around the request"
                deliveries.move(self.db, delivery, DeliveryStatus.UNKNOWN, self.clock(), run_id=self.run_id, error=why)
        return deliveries.get(self.db, delivery.id)

    def _hold_duplicate(self, delivery: Delivery, attempt: int, receipt: Receipt) -> None:
        """The platform named a post that another delivery has: only a person can tell what that means."""
        why = f"the platform answered with post {receipt.remote_id}, which belongs to another delivery"
        with self.db.transaction():
            deliveries.end_attempt(self.db, attempt, "unknown", self.clock(), detail=why)
            if delivery.status is DeliveryStatus.SENDING:
                deliveries.move(self.db, delivery, DeliveryStatus.UNKNOWN, self.clock(), run_id=self.run_id, error=why)
        self.move(deliveries.get(self.db, delivery.id), DeliveryStatus.HELD, why)

    def _record_account(self, delivery: Delivery, error: PlatformError, why: str) -> None:
        """That no post passes before a person acts is more than one post's trouble."""
        if isinstance(error, NeedsPerson):
            what, now = "account_refused", self.clock()
            about: Json = {"platform": delivery.platform, "error": why, "status": error.status}
            events.record(self.db, now, what, bot=delivery.bot, run_id=self.run_id, **about)

    def _note_limit(self, delivery: Delivery, error: PlatformError, why: str) -> None:
        if platform := self.platforms.get(delivery.platform):
            limiting.met(self.db, delivery.bot, platform, limiting.POST, error, self.clock(), why)

    def _may_be_out(self, delivery: Delivery) -> bool:
        """An earlier try may have arrived, and the platform's look-up can't prove that it did not."""
        platform = self.platforms.get(delivery.platform)
        return not (platform and platform.definite) and deliveries.may_be_out(self.db, delivery.id)

    def _tell(self, delivery: Delivery, status: DeliveryStatus, why: str) -> None:
        log.info("%s: part %d %s: %s", delivery.platform, delivery.part + 1, phrases.DELIVERY[status], why)
        if status in (DeliveryStatus.FAILED, DeliveryStatus.HELD):
            line = f"{delivery.platform}: draft {delivery.draft_id} {phrases.DELIVERY[status]}: {why}"
            if (delivery.draft_id, line) not in self.attention:
                self.attention.append((delivery.draft_id, line))


def price(db: Database, platform: Platform, delivery: Delivery) -> float:
    """USD that it costs. Of an answer only the first part hangs beneath somebody else's post."""
    summoned = delivery.part == 0 and comments.is_summoned(db, delivery.draft_id)
    return platform.price(delivery.text, summoned=summoned)


def post_charge(
    db: Database, platform: Platform, delivery: Delivery, now: datetime, run_id: int | None = None
) -> charges.Charge:
    """What the platform takes for this post."""
    usd = price(db, platform, delivery)
    kind = "post_with_link" if usd > platform.price("") else "post"
    return charges.Charge(now, delivery.bot, platform.name, kind, 1, usd, run_id, delivery.draft_id)


def _doubted(why: str) -> str:
    return f"{why.rstrip('.')}; but an earlier try may have arrived"


def _meaning(error: PlatformError) -> tuple[str, DeliveryStatus]:
    """The attempt's outcome and the delivery's status after an answer that is not a clear yes."""
    if isinstance(error, MediaGone):
        return deliveries.MEDIA_GONE, DeliveryStatus.QUEUED
    if isinstance(error, NotSent):
        return "not_sent", DeliveryStatus.QUEUED
    if isinstance(error, Refused):
        return "refused", DeliveryStatus.FAILED
    if isinstance(error, AlreadyThere):
        return "already_there", DeliveryStatus.UNKNOWN
    return "unknown", DeliveryStatus.UNKNOWN
