"""Finds out about deliveries whose fate is open: looks each up, adopts it where it is there, and where it is not
decides whether that is proof. It sends nothing."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import datetime

from twitter_manager.amendments import ChargingPlatform
from twitter_manager.delivery import limiting
from twitter_manager.delivery.accounts import another_account, same_account
from twitter_manager.delivery.ledger import Ledger, price
from twitter_manager.delivery.policy import Policy, Standing
from twitter_manager.domain import Delivery, DeliveryStatus, Platform, Progress, Receipt
from twitter_manager.errors import TOO_MANY, Doubtful, PlatformError, Unaffordable, Unreadable
from twitter_manager.store import charges, deliveries, drafts, events
from twitter_manager.store.database import from_text
from twitter_manager.store.limits import LONGEST

log = logging.getLogger(__name__)

WORTH_TELLING = 0.01
"""US dollars of a look-up above which the run tells of it."""


@dataclass(frozen=True, slots=True)
class Settler:
    """The look-ups of one run."""

    ledger: Ledger
    policy: Policy
    progress: Progress
    standing: Standing
    blind: set[str] = field(default_factory=set)
    """Platforms whose posts could not be read in this run."""

    def settle(self, unknown: Delivery) -> None:
        """Find out about one that an earlier run left."""
        platform = self.ledger.platforms.get(unknown.platform)
        if platform is None:
            self._hold(unknown, f"{unknown.account} is not set up, so it can't be looked up")
            return
        if self.is_limited(platform) or self._could_not_go_on(platform, unknown):
            return
        if not self._may_look_up(platform, unknown):
            self._hold(unknown, f"it can't be looked up: {another_account(unknown, platform)}")
            return
        self.progress(f"{platform.name}: looking for a post whose outcome is unknown")
        try:
            is_there = self.look_up(platform, unknown)
        except Unaffordable as error:
            log.warning("%s: %s", unknown.platform, error)
            return
        except Unreadable as error:
            self._unreadable(unknown, error)
            return
        if not is_there:
            self._absent(platform, unknown)

    def look_up(self, platform: Platform, unknown: Delivery) -> bool:
        """Ask the platform for the post; adopt it when it's there. Raises Unreadable."""
        ledger, db = self.ledger, self.ledger.db
        self._refuse_unaffordable(platform, unknown)
        since = deliveries.first_send(db, unknown.id) or unknown.created_at
        claimed = deliveries.claimed_ids(db, unknown.platform, unknown.account)
        with db.transaction():
            attempt = deliveries.begin_attempt(db, unknown, ledger.run_id, ledger.clock(), kind="look_up")
        before = charges.newest_id(db)
        try:
            try:
                receipt = _guarded_look_up(platform, unknown, since, claimed)
            finally:
                self._tell_cost(unknown, before)
        except Unreadable as error:
            why = ledger.redact(str(error))
            with db.transaction():
                deliveries.end_attempt(db, attempt, "unreadable", ledger.clock(), http_status=error.status, detail=why)
                limiting.met(db, unknown.bot, platform, limiting.READ, error, ledger.clock(), why)
            raise
        if receipt is None:
            with db.transaction():
                deliveries.end_attempt(db, attempt, "absent", ledger.clock())
                limiting.passed(db, unknown.bot, platform, limiting.READ, ledger.clock())
            return False
        ledger.end_posted(platform, [(unknown, attempt)], "found", [receipt])
        return True

    def _refuse_unaffordable(self, platform: Platform, unknown: Delivery) -> None:
        """Where reading costs and the budget is used up, its outcome stays open; a person hears of it once. Raises
        Unaffordable."""
        if not isinstance(platform, ChargingPlatform) or (purse := self.standing(None)).left > 0:
            return
        db, kind, now = self.ledger.db, "look_up_waits", self.ledger.clock()
        why = f"whether draft {unknown.draft_id} is out is looked up later: {purse.words}"
        if all(event["delivery"] != unknown.id for event in events.newest(db, unknown.bot, kind)):
            with db.transaction():
                events.record(
                    db, now, kind, bot=unknown.bot, run_id=self.ledger.run_id, delivery=unknown.id, error=purse.words
                )
            self.ledger.attention.append((unknown.draft_id, f"{platform.name}: {why}"))
        raise Unaffordable(why)

    def _tell_cost(self, unknown: Delivery, before: int) -> None:
        """What the look-up cost, as the platform has booked it, belongs to the post that was looked for."""
        ledger = self.ledger
        with ledger.db.transaction():
            cost = charges.assign_reads(ledger.db, before, unknown, ledger.run_id)
        if cost:
            line = f"{unknown.platform}: to look for draft {unknown.draft_id} cost ${cost:.3f}"
            log.info("%s", line)
            ledger.notes.extend([line] if cost > WORTH_TELLING else [])

    def has_settled(self, since: datetime) -> bool:
        """Enough time has passed; a clock that was put back has no say in it."""
        return abs(self.ledger.clock() - since) >= self.policy.settle

    def is_limited(self, platform: Platform) -> bool:
        """Whether looking is limited now: then all on this platform wait as they are."""
        now = self.ledger.clock()
        limit = limiting.in_the_way(self.ledger.db, platform, (limiting.READ,), now)
        if limit is not None:
            log.info("%s: nothing is looked up: limited until %s", platform.name, limit.until)
        return limit is not None

    def _could_not_go_on(self, platform: Platform, unknown: Delivery) -> bool:
        """Whether it was surely not there when it was looked up last, and may not be sent now: then it is looked up
        when it may, once, not by every run, for a look may cost."""
        send = deliveries.last_send(self.ledger.db, unknown.id)
        absent = deliveries.last_absence(self.ledger.db, unknown.id)
        if send is None or absent is None or absent - from_text(send["started_at"]) < self.policy.settle:
            return False
        usd, draft = price(self.ledger.db, platform, unknown), drafts.get(self.ledger.db, unknown.draft_id)
        if usd and usd > self.standing(draft).left:
            return True
        operations = limiting.posting([unknown.content])
        return limiting.in_the_way(self.ledger.db, platform, operations, self.ledger.clock()) is not None

    def _may_look_up(self, platform: Platform, unknown: Delivery) -> bool:
        try:
            return same_account(self.ledger.db, platform, unknown)
        except PlatformError:
            return True  # the look-up meets the same trouble, and puts it on record

    def _unreadable(self, unknown: Delivery, error: Unreadable) -> None:
        """Hold it, or wait for a better day: then all on this platform wait (unless one post alone is in doubt), and
        what went in the same request is held together when its days are over."""
        why = self.ledger.redact(f"its outcome can't be looked up: {error}")
        if error.forbidden:
            self._hold(unknown, why)
            return
        if not isinstance(error, Doubtful):
            self.blind.add(unknown.platform)
        if self._looked_enough(unknown):
            mine = [
                delivery
                for delivery in deliveries.of_draft(self.ledger.db, unknown.draft_id)
                if delivery.platform == unknown.platform and delivery.status is DeliveryStatus.UNKNOWN
            ]
            self.ledger.move_all(mine, DeliveryStatus.HELD, why)
        else:
            log.warning("%s: can't look up delivery %d yet: %s", unknown.platform, unknown.id, error)

    def _absent(self, platform: Platform, unknown: Delivery) -> None:
        """Not found. Proof where the platform's look-up is definite, or when it had time to show up."""
        send = deliveries.last_send(self.ledger.db, unknown.id)
        said_duplicate = send is not None and send["outcome"] == "already_there"
        sent_at = from_text(send["started_at"]) if send else unknown.created_at
        if platform.definite:
            self._queue(unknown, "proved not to be there")
        elif unknown.resumed_at is not None and unknown.resumed_at >= sent_at and self.has_settled(sent_at):
            self._queue(unknown, "not found, and a person told it to go on")
        elif said_duplicate:
            if self._looked_enough(unknown):
                self._hold(unknown, "the platform calls it a duplicate, yet it can't be found")
        elif self.has_settled(sent_at):
            if self.policy.hold_when_unsure:
                self._hold(unknown, "not found after the settling time; a person decides")
            else:
                self._queue(unknown, "not found after the settling time")

    def _looked_enough(self, unknown: Delivery) -> bool:
        since = unknown.resumed_at or unknown.created_at
        looked = deliveries.runs_that_looked(self.ledger.db, unknown.id)
        if self.met_a_limit(unknown, "look_up") and not self.outlasts_limits(since):
            return False
        return looked >= self.policy.max_runs and self.has_settled(since)

    def met_a_limit(self, delivery: Delivery, *kinds: str) -> bool:
        """Whether its last try of these kinds met a rate limit."""
        return deliveries.last_status(self.ledger.db, delivery.id, *kinds) == TOO_MANY

    def outlasts_limits(self, since: datetime) -> bool:
        """Longer ago than any rate limit lasts."""
        return abs(self.ledger.clock() - since) > LONGEST

    def _hold(self, unknown: Delivery, why: str) -> None:
        self.ledger.move(unknown, DeliveryStatus.HELD, why)

    def _queue(self, unknown: Delivery, why: str) -> None:
        self.ledger.move(unknown, DeliveryStatus.QUEUED, why)


def _guarded_look_up(platform: Platform, unknown: Delivery, since: datetime, claimed: frozenset[str]) -> Receipt | None:
    try:
        return platform.look_up(unknown.request or {}, since, claimed)
    except PlatformError as error:
        if isinstance(error, Unreadable):
            raise
        raise Unreadable(
            error.message, error.remedy, status=error.status, retry_at=error.retry_at, operation=error.operation
        ) from error
    except Exception as error:
        log.exception("%s: an unforeseen error while looking up", platform.name)
        raise Unreadable(f"unforeseen {type(error).__name__} while looking up") from error
