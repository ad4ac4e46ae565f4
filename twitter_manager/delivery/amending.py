"""Carries out what is to become of posts that are out: takes them down, gives them other words.

Each is on disk before its request leaves. Both may be repeated, so an unclear end is tried again, by the next run too;
where a deletion costs, the post is looked for before that. A thread is taken down from its end, and a part that stays
keeps those before it, so that no reply hangs in the air."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from twitter_manager import phrases
from twitter_manager.amendments import (
    OPEN,
    Amendment,
    AskablePlatform,
    ChargingPlatform,
    EditingPlatform,
    Kind,
    Status,
)
from twitter_manager.delivery import limiting
from twitter_manager.delivery.accounts import same_account
from twitter_manager.delivery.policy import RESERVE_SECONDS, Policy, attempts, guarded
from twitter_manager.domain import Clock, Delivery, DraftStatus, PagePlatform, Platform, Progress, TimeLeft
from twitter_manager.errors import (
    Changed,
    Gone,
    NeedsPerson,
    NotSent,
    OutcomeUnknown,
    PlatformError,
    Refused,
    Unreadable,
)
from twitter_manager.store import amendments, charges, deliveries, drafts
from twitter_manager.store.database import Database

log = logging.getLogger(__name__)

_TROUBLE = (NotSent, OutcomeUnknown, Unreadable)
"""After these it is tried again."""


@dataclass(slots=True)
class Amender:
    """The amendments of one bot during one run, or one command of a person's (`run_id` None)."""

    db: Database
    bot: str
    platforms: Mapping[str, Platform]
    policy: Policy
    clock: Clock
    sleep: Callable[[float], None]
    time_left: TimeLeft
    progress: Progress
    redact: Callable[[str], str]
    run_id: int | None = None
    attention: list[tuple[int, str]] = field(default_factory=list)
    """What was refused: the draft's id and a line for a person."""
    notes: list[str] = field(default_factory=list)
    """What is done."""
    time_zone: str = "UTC"
    """In which a person reads when a platform takes requests again."""

    def go_on(self, only: int | None = None) -> None:
        """Carry out all that is open, or what is of this draft. What meets trouble waits for the next run."""
        out_of_reach: set[str] = set()
        stays: set[tuple[str, int]] = set()
        for amendment in amendments.waiting(self.db, self.bot):
            thread = (amendment.platform, amendment.draft_id)
            if only not in (None, amendment.draft_id) or amendment.platform in out_of_reach:
                continue
            if thread in stays and amendment.kind is Kind.DELETION:
                self._refuse(amendment, "a later part of the thread is still there")
                continue
            try:
                self._carry_out(amendment)
            except Refused as error:
                self._refuse(amendment, _why(error), gone=isinstance(error, Gone))
                stays.add(thread)
            except _TROUBLE as error:
                log.warning("%s: draft %d: %s waits: %s", amendment.platform, amendment.draft_id, amendment.kind, error)
                out_of_reach.add(amendment.platform)
        self._let_go_of_replacements()
        for platform in self.platforms.values() if self.notes else ():
            if isinstance(platform, PagePlatform):
                platform.redraw()

    def look_whether_gone(self, platform: Platform, remote_id: str) -> None:
        """A platform said no to a reply, for what it replies to is gone: put that on record where it is so."""
        try:
            gone = isinstance(platform, AskablePlatform) and not platform.is_there(remote_id)
        except PlatformError as error:
            log.warning("%s: can't see whether %s is there: %s", platform.name, remote_id, error)
            return
        if gone:
            with self.db.transaction():
                amendments.notice_gone(self.db, platform.name, remote_id, self.clock())

    def _carry_out(self, amendment: Amendment) -> None:
        """Try until it is done, refused or out of time. Raises Refused, or what the last try met."""
        platform = self.platforms.get(amendment.platform)
        if platform is None:
            raise Refused(f"{amendment.platform} is not set up any more.", "Put its keys back into .env.")
        operations = (limiting.WRITE, limiting.READ) if amendment.status is Status.SENDING else (limiting.WRITE,)
        if limit := limiting.in_the_way(self.db, platform, operations, self.clock()):
            raise NotSent(f"{phrases.limited(platform.name, limit.operation, limit.until, self.time_zone)}.")
        if self.time_left() <= RESERVE_SECONDS:
            raise NotSent("The run's time was up.")
        self.progress(f"{platform.name}: {_DOING[amendment.kind]} draft {amendment.draft_id}")
        for attempt in attempts(self.policy, self.clock, self.sleep, self.time_left, lambda: True, *_TROUBLE):
            with attempt:
                self._try_once(platform, amendment.id)

    def _try_once(self, platform: Platform, amendment_id: int) -> None:
        amendment = amendments.get(self.db, amendment_id)
        delivery = deliveries.get(self.db, amendment.delivery_id)
        unclear = amendment.status is Status.SENDING
        try:
            if not same_account(self.db, platform, delivery):
                raise Refused(_posted_by_another(delivery, platform), "Put that one back into .env.")
            if not (unclear and self._is_done(platform, amendment, delivery)):
                self._move(amendment, delivery, Status.SENDING)
                _ask(platform, amendment, delivery)
        except Refused as error:
            if unclear:
                error.message = f"{error.message.rstrip('.')}; but an earlier try may have done it."
            raise
        except _TROUBLE as error:
            status = Status.QUEUED if isinstance(error, NotSent) and not unclear else Status.SENDING
            why, operation = self.redact(str(error)), limiting.READ if isinstance(error, Unreadable) else limiting.WRITE
            with self.db.transaction():
                self._step(amendment, delivery, status, error=why)
                limiting.met(self.db, self.bot, platform, operation, error, self.clock(), why)
            raise
        with self.db.transaction():
            self._step(amendment, delivery, Status.DONE)
            charges.add(self.db, self._charge(platform, amendment, delivery))
            limiting.passed(self.db, self.bot, platform, limiting.WRITE, self.clock())
        self.notes.append(f"{platform.name}: {_named(delivery)} {_DONE[amendment.kind]}")

    def _is_done(self, platform: Platform, amendment: Amendment, delivery: Delivery) -> bool:
        """See `_is_gone`; what the look at the post cost belongs to it."""
        before = charges.newest_id(self.db)
        try:
            return _is_gone(platform, amendment, delivery)
        finally:
            with self.db.transaction():
                charges.assign_reads(self.db, before, delivery, self.run_id)

    def _move(self, amendment: Amendment, delivery: Delivery, status: Status, **how: Any) -> None:
        with self.db.transaction():
            self._step(amendment, delivery, status, **how)

    def _step(self, amendment: Amendment, delivery: Delivery, status: Status, **how: Any) -> None:
        stands = amendments.get(self.db, amendment.id)
        amendments.move(self.db, stands, delivery, status, self.clock(), run_id=self.run_id, **how)

    def _charge(self, platform: Platform, amendment: Amendment, delivery: Delivery) -> charges.Charge:
        is_charged = amendment.kind is Kind.DELETION and isinstance(platform, ChargingPlatform)
        usd = platform.deletion_usd if is_charged and isinstance(platform, ChargingPlatform) else 0.0
        return charges.Charge(
            self.clock(), delivery.bot, platform.name, amendment.kind, 1, usd, self.run_id, delivery.draft_id
        )

    def _refuse(self, amendment: Amendment, why: str, *, gone: bool = False) -> None:
        """It ends here, and a person is told."""
        stands = amendments.get(self.db, amendment.id)
        delivery = deliveries.get(self.db, amendment.delivery_id)
        reason = self.redact(why)
        with self.db.transaction():
            amendments.move(self.db, stands, delivery, Status.REFUSED, self.clock(), run_id=self.run_id, error=reason)
            if gone and delivery.receipt:
                amendments.notice_gone(self.db, amendment.platform, delivery.receipt.remote_id, self.clock())
        where = f" ({delivery.receipt.url})" if delivery.receipt and delivery.receipt.url and not gone else ""
        line = f"{amendment.platform}: {_named(delivery)} {_NOT_DONE[amendment.kind]}{where}: {reason}"
        self.attention.append((amendment.draft_id, line))
        log.error("%s", line)

    def _let_go_of_replacements(self) -> None:
        """A draft that waits for another's posts to be gone goes out where they are, once all deletions have ended."""
        for draft, old in drafts.replacements(self.db, self.bot):
            ends = [each for each in amendments.of_draft(self.db, old) if each.kind is Kind.DELETION]
            if any(each.status in OPEN and each.platform in draft.platforms for each in ends):
                continue
            posts = [delivery for delivery in deliveries.of_draft(self.db, old) if delivery.receipt]
            there = {delivery.platform for delivery in posts if delivery.removed_at is None}
            free = [name for name in draft.platforms if name not in there]
            reason = f"draft {old} is taken down" if free else f"draft {old} could not be taken down"
            status = DraftStatus.APPROVED if free else DraftStatus.SKIPPED
            with suppress(Changed), self.db.transaction():  # a person was quicker: the next run looks again
                drafts.narrow(self.db, draft, free)
                drafts.move(self.db, draft, status, self.clock(), run_id=self.run_id, reason=reason)


_DOING = {Kind.DELETION: "taking down", Kind.EDIT: "correcting"}
_DONE = {Kind.DELETION: "is taken down", Kind.EDIT: "is corrected"}
_NOT_DONE = {Kind.DELETION: "can't be taken down", Kind.EDIT: "can't be corrected"}


def _ask(platform: Platform, amendment: Amendment, delivery: Delivery) -> None:
    with guarded(platform):
        if amendment.kind is Kind.DELETION:
            platform.delete(_remote_id(delivery))
        elif isinstance(platform, EditingPlatform):
            platform.edit(_remote_id(delivery), amendment.text)
        else:
            raise Refused(f"{platform.name} can't edit posts.")


def _is_gone(platform: Platform, amendment: Amendment, delivery: Delivery) -> bool:
    """Whether an earlier try has done it, where asking again would cost. Where we may not look, asking again tells."""
    if amendment.kind is not Kind.DELETION or not isinstance(platform, ChargingPlatform):
        return False
    try:
        with guarded(platform):
            return not platform.is_there(_remote_id(delivery))
    except Unreadable as error:
        if error.forbidden:
            return False
        raise


def _remote_id(delivery: Delivery) -> str:
    assert delivery.receipt is not None, "only what is posted is amended"
    return delivery.receipt.remote_id


def _named(delivery: Delivery) -> str:
    return f"draft {delivery.draft_id}" + (f" part {delivery.part + 1}" if delivery.part else "")


def _why(error: Refused) -> str:
    """A platform's remedy is for a post that is refused; those for the account and the settings hold here too."""
    return str(error) if isinstance(error, NeedsPerson) or error.status is None else error.message


def _posted_by_another(delivery: Delivery, platform: Platform) -> str:
    return f"It was posted as {delivery.account}, and nothing shows that {platform.account} is the same account."
