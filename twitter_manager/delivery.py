"""The outbox at work: sends what is queued, retries what surely never arrived, finds out about what may have.

The rule that everything here serves: `sending` and the request in full are on disk before the request leaves, and a
delivery whose fate is not known is looked up, never sent again on a guess. A platform's trouble is data for the next
line; only the database's trouble stops a run. What a platform's answer means is the platform's business.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import ClassVar

from twitter_manager import phrases
from twitter_manager.content import Part
from twitter_manager.domain import (
    Clock,
    Delivery,
    DeliveryStatus,
    Draft,
    DraftStatus,
    Json,
    Outcome,
    Outgoing,
    Platform,
    Progress,
    Receipt,
    RenamingPlatform,
    ReplyTo,
    ThreadPlatform,
    TimeLeft,
)
from twitter_manager.errors import (
    AlreadyThere,
    Doubtful,
    NotSent,
    OutcomeUnknown,
    PlatformError,
    Refused,
    StoreConflict,
    Unreadable,
)
from twitter_manager.platforms import SPECS
from twitter_manager.store import deliveries, drafts
from twitter_manager.store.database import Database, from_text

log = logging.getLogger(__name__)

Sending = list[tuple[Delivery, int]]
"""What is on its way in one request (one part, or a thread that goes at once), each with its attempt's id."""
_OPEN = frozenset({DeliveryStatus.QUEUED, DeliveryStatus.SENDING, DeliveryStatus.UNKNOWN})
RESERVE_SECONDS = 5.0
"""No request and no wait begins with less than this left of the run's time."""


@dataclass(frozen=True, slots=True)
class Policy:
    """How hard to try. `attempts` and the waits (seconds, with jitter) are within one run; `max_runs` over runs.
    `settle`: how long after an attempt X's own list of posts may still lack it."""

    attempts: int = 4
    first_wait: float = 1.0
    longest_wait: float = 60.0
    look_up_waits: tuple[float, ...] = (1.0, 4.0)
    settle: timedelta = timedelta(minutes=15)
    hold_when_unsure: bool = False
    max_runs: int = 3


@dataclass(slots=True)
class Outbox:
    """The deliveries of one bot during one run. `fresh` tells whether the slot that this run works for is still on."""

    success: ClassVar[Outcome] = Outcome.POSTED
    """What a run ends with whose post is out everywhere."""

    db: Database
    bot: str
    run_id: int
    platforms: Mapping[str, Platform]
    policy: Policy
    clock: Clock
    sleep: Callable[[float], None]
    time_left: TimeLeft
    fresh: Callable[[], bool]
    progress: Progress
    redact: Callable[[str], str]
    attention: list[tuple[int, str]] = field(default_factory=list)
    """What failed for good or is held: the draft's id and a line for a person."""
    notes: list[str] = field(default_factory=list)
    """What else is worth telling."""
    posted: list[tuple[int, str]] = field(default_factory=list)
    """What went out, or was found to be out, in the same form."""
    _down: dict[str, str] = field(default_factory=dict)
    """Platforms that could not be reached in this run, and why."""
    _blind: set[str] = field(default_factory=set)
    """Platforms whose posts could not be read in this run."""

    # -- what an earlier run left ------------------------------------------------------------------

    def settle(self) -> None:
        """Find out about every delivery whose fate is open."""
        self._doubt_old_absences()
        for delivery in deliveries.with_status(self.db, self.bot, DeliveryStatus.SENDING, DeliveryStatus.UNKNOWN):
            unknown = self._lost(delivery)
            if delivery.platform not in self._blind and self.time_left() > RESERVE_SECONDS:
                self._settle_one(unknown)
                self._close(delivery.draft_id)

    def _doubt_old_absences(self) -> None:
        """What an earlier run did not find, and did not get out again, may be there to see by now."""
        for delivery in deliveries.with_status(self.db, self.bot, DeliveryStatus.QUEUED):
            platform = self.platforms.get(delivery.platform)
            if platform and not platform.definite and deliveries.may_be_out(self.db, delivery.id):
                self._move(delivery, DeliveryStatus.UNKNOWN, "it waited since it was looked up")

    def resume(self) -> None:
        """Go on with every draft that is on its way."""
        for draft in drafts.in_status(self.db, self.bot, DraftStatus.PUBLISHING):
            self._give_up_old(draft)
            self._deliver(draft)
            self._close(draft.id)

    # -- a new draft -------------------------------------------------------------------------------

    def publish(self, draft: Draft, slot: datetime | None, names: Collection[str]) -> None:
        """Claim the slot, queue every part for each of the named platforms, and send."""
        accounts = {name: self.platforms[name].account for name in names}
        with self.db.transaction():
            drafts.claim(self.db, draft, slot, self.clock(), self.run_id)
            deliveries.enqueue(self.db, draft, accounts, self.clock())
        self._supersede(draft, accounts)
        self._deliver(draft)
        self._close(draft.id)

    def _supersede(self, newer: Draft, accounts: Mapping[str, str]) -> None:
        """After an outage one post is caught up, not all: what an older generated draft never got out makes way."""
        for draft in drafts.in_status(self.db, self.bot, DraftStatus.PUBLISHING):
            if draft.id == newer.id or draft.origin == "person":
                continue
            for name in accounts:
                mine = self._on(draft, name)
                if mine and all(one.status is DeliveryStatus.QUEUED and one.resumed_at is None for one in mine):
                    self._move_all(mine, DeliveryStatus.FAILED, f"never got out; draft {newer.id} took its place")
            self._close(draft.id)

    # -- one draft, platform by platform -----------------------------------------------------------

    def _deliver(self, draft: Draft) -> None:
        for name in sorted({delivery.platform for delivery in deliveries.of_draft(self.db, draft.id)}):
            platform = self.platforms.get(name)
            if platform is not None and name not in self._down:
                self._deliver_on(platform, draft)
            elif platform is not None:
                self._wait(self._on(draft, name), None, self._down[name])

    def _deliver_on(self, platform: Platform, draft: Draft) -> None:
        """Send the parts in order; the first that is not out stops the chain on this platform."""
        mine = self._on(draft, platform.name)
        nothing_out = all(delivery.receipt is None for delivery in mine)
        if len(mine) > 1 and nothing_out and isinstance(platform, ThreadPlatform):
            self._deliver_whole(platform, mine, draft)
            return
        root: Receipt | None = None
        parent: Receipt | None = None
        for delivery in mine:
            if delivery.status is DeliveryStatus.QUEUED and self._may_send(platform, delivery):
                reply = ReplyTo(root, parent) if root and parent else None
                [delivery] = self._send(platform, [delivery], reply, draft)
            if delivery.receipt is None:
                return
            root, parent = root or delivery.receipt, delivery.receipt

    def _deliver_whole(self, platform: ThreadPlatform, mine: list[Delivery], draft: Draft) -> None:
        """Send a thread that is not begun at once, so that readers never see half of it."""
        queued = [delivery for delivery in mine if delivery.status is DeliveryStatus.QUEUED]
        if any(delivery.status in (DeliveryStatus.FAILED, DeliveryStatus.HELD) for delivery in mine):
            self._move_all(queued, DeliveryStatus.FAILED, "another part is not out")
        elif queued == mine and self._may_send(platform, mine[0]):
            self._send(platform, mine, None, draft)

    def _may_send(self, platform: Platform, delivery: Delivery) -> bool:
        if not self._is_meant_for(platform, delivery):
            return False
        until = deliveries.blocked_until(self.db, platform.name, platform.account, self.clock())
        if until is not None:
            self._wait([delivery], until, f"{platform.name} takes posts again at {until:%Y-%m-%d %H:%M} UTC")
        elif self.time_left() <= RESERVE_SECONDS:
            self._wait([delivery], None, "the run's time was up")
        else:
            return True
        return False

    def _is_meant_for(self, platform: Platform, delivery: Delivery) -> bool:
        """What was queued for one account never goes out on another; under a new name it is the same."""
        try:
            if same_account(self.db, platform, delivery):
                return True
        except NotSent as error:
            self._note([delivery], error)
            self._down[platform.name] = self.redact(str(error))
        except Refused as error:
            self._move(delivery, DeliveryStatus.FAILED, self.redact(str(error)))
        else:
            self._move(delivery, DeliveryStatus.HELD, _another_account(delivery, platform))
        return False

    def _wait(self, some: list[Delivery], until: datetime | None, why: str) -> None:
        """What is queued and has no reason on record yet gets one."""
        with self.db.transaction():
            for delivery in some:
                if delivery.status is DeliveryStatus.QUEUED and not delivery.error:
                    deliveries.postpone(self.db, delivery, until, why)

    def _send(self, platform: Platform, batch: list[Delivery], reply: ReplyTo | None, draft: Draft) -> list[Delivery]:
        """Try until it is out, refused, unclear or out of time; gives the deliveries as they stand then."""
        what = f"part {batch[0].part + 1} of" if len(batch) == 1 else "all"
        self.progress(f"{platform.name}: {what} {len(draft.parts)}")
        ids = [delivery.id for delivery in batch]
        try:
            self._retrying(lambda: self._try_once(platform, ids, reply, draft))
        except NotSent as error:
            self._down[platform.name] = self.redact(str(error))
            log.warning("%s: not sent, stays queued: %s", platform.name, error)
        except Refused as error:
            log.error("%s: refused: %s", platform.name, error)
        except (AlreadyThere, OutcomeUnknown) as error:
            log.warning("%s: outcome unknown: %s", platform.name, error)
            self._find_soon(platform, ids, reply, draft)
        return [deliveries.get(self.db, number) for number in ids]

    def _retrying(self, work: Callable[[], None]) -> None:
        """Policy as data, for tenacity: only NotSent is tried again, and no wait goes past the run's time."""
        import tenacity

        backoff = tenacity.wait_random_exponential(multiplier=self.policy.first_wait, max=self.policy.longest_wait)

        def wait(state: tenacity.RetryCallState) -> float:
            error = state.outcome.exception() if state.outcome else None
            named = error.retry_at if isinstance(error, NotSent) else None
            # A second more, for servers round the time down; and one that is past is no reason to try at once.
            until = 0.0 if named is None else (named - self.clock()).total_seconds() + 1.0
            return max(backoff(state), until)

        def stop(state: tenacity.RetryCallState) -> bool:
            out_of_time = state.upcoming_sleep > self.time_left() - RESERVE_SECONDS
            return state.attempt_number >= self.policy.attempts or out_of_time or not self.fresh()

        tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(NotSent),
            stop=stop,
            wait=wait,
            sleep=self.sleep,
            reraise=True,
        )(work)

    def _try_once(self, platform: Platform, ids: list[int], reply: ReplyTo | None, draft: Draft) -> None:
        batch = [deliveries.get(self.db, number) for number in ids]
        requests = self._prepare(platform, batch, reply, draft)
        with self.db.transaction():
            attempts = [
                deliveries.begin_attempt(self.db, delivery, self.run_id, self.clock(), request=request)
                for delivery, request in zip(batch, requests, strict=True)
            ]
        sending = list(zip((deliveries.get(self.db, number) for number in ids), attempts, strict=True))
        try:
            if not self.fresh():
                raise NotSent("the slot passed while this process slept")
            receipts = _guarded_publish(platform, requests)
        except PlatformError as error:
            self._end_unposted(sending, error)
            raise
        self._end_posted(platform, sending, "posted", receipts)

    def _prepare(self, platform: Platform, batch: list[Delivery], reply: ReplyTo | None, draft: Draft) -> list[Json]:
        """The requests: as stored, else made now. Whatever goes wrong here goes wrong before anything was sent."""
        try:
            return list(self._requests(platform, batch, reply, draft))
        except Refused as error:
            self._move_all(batch, DeliveryStatus.FAILED, self.redact(str(error)))
            raise
        except NotSent as error:
            self._note(batch, error)
            raise
        except Exception as error:
            log.exception("%s: an unforeseen error while preparing", platform.name)
            unforeseen = NotSent(f"unforeseen {type(error).__name__} while preparing")
            self._note(batch, unforeseen)
            raise unforeseen from error

    def _requests(
        self, platform: Platform, batch: list[Delivery], reply: ReplyTo | None, draft: Draft
    ) -> Iterator[Json]:
        for delivery in batch:
            # A millisecond apart, so that a platform that sorts by time keeps the order.
            created_at = self.clock() + timedelta(milliseconds=delivery.part)
            link, unattended = draft.links.get(platform.name, ""), draft.origin != "person"
            part = delivery.content if delivery.request else self._fitted(delivery)
            post = Outgoing(delivery.id, part, created_at, draft.language, reply, link, unattended)
            request = delivery.request or platform.prepare(post)
            yield request
            if len(batch) > 1 and isinstance(platform, ThreadPlatform):
                foreseen = platform.foresee(request)
                reply = ReplyTo(reply.root if reply else foreseen, foreseen)

    def _fitted(self, delivery: Delivery) -> Part:
        """What the platform takes of a part; what it does not take is told. Raises Refused."""
        part = SPECS[delivery.platform].fitted(delivery.content)
        line = f"{delivery.platform}: draft {delivery.draft_id} goes without its card, which is not taken there"
        if part != delivery.content and line not in self.notes:
            self.notes.append(line)
        return part

    def _note(self, batch: list[Delivery], error: NotSent) -> None:
        """A try that ended before there was a request: the deliveries stay queued, and the try counts."""
        why = self.redact(str(error))
        with self.db.transaction():
            for delivery in batch:
                attempt = deliveries.begin_attempt(self.db, delivery, self.run_id, self.clock(), kind="prepare")
                deliveries.end_attempt(self.db, attempt, "not_sent", self.clock(), http_status=error.status, detail=why)
                deliveries.postpone(self.db, delivery, error.retry_at, why)

    def _end_unposted(self, sending: Sending, error: PlatformError) -> None:
        outcome, meant = _meaning(error)
        retry_at = error.retry_at if isinstance(error, NotSent) else None
        why = self.redact(str(error))
        doubtful: list[Delivery] = []
        with self.db.transaction():
            for delivery, attempt in sending:
                deliveries.end_attempt(self.db, attempt, outcome, self.clock(), http_status=error.status, detail=why)
                in_doubt = meant is DeliveryStatus.FAILED and self._may_be_out(delivery)
                status = DeliveryStatus.UNKNOWN if in_doubt else meant
                doubtful += [delivery] if in_doubt else []
                deliveries.move(
                    self.db, delivery, status, self.clock(), run_id=self.run_id, not_before=retry_at, error=why
                )
        for delivery, _ in sending:
            if delivery in doubtful:
                self._move(deliveries.get(self.db, delivery.id), DeliveryStatus.HELD, _doubted(why))
            else:
                self._tell(delivery, meant, why)

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

    def _end_posted(self, platform: Platform, sending: Sending, outcome: str, receipts: list[Receipt]) -> None:
        try:
            with self.db.transaction():
                for (delivery, attempt), receipt in zip(sending, receipts, strict=True):
                    deliveries.end_attempt(self.db, attempt, outcome, self.clock())
                    deliveries.move(
                        self.db,
                        delivery,
                        DeliveryStatus.POSTED,
                        self.clock(),
                        run_id=self.run_id,
                        receipt=receipt,
                        cost_usd=platform.price(delivery.text),
                    )
        except StoreConflict:
            if len(sending) == 1:
                self._hold_twin(*sending[0], receipts[0])
            else:
                for one, receipt in zip(sending, receipts, strict=True):
                    self._end_posted(platform, [one], outcome, [receipt])
            return
        for (delivery, _), receipt in zip(sending, receipts, strict=True):
            self.posted.append((delivery.draft_id, f"{platform.name}: draft {delivery.draft_id} is out: {receipt.url}"))
            log.info("%s: %s part %d as %s", platform.name, outcome, delivery.part + 1, receipt.remote_id)

    def _hold_twin(self, delivery: Delivery, attempt: int, receipt: Receipt) -> None:
        """The platform named a post that another delivery has: only a person can tell what that means."""
        why = f"the platform answered with post {receipt.remote_id}, which belongs to another delivery"
        with self.db.transaction():
            deliveries.end_attempt(self.db, attempt, "unknown", self.clock(), detail=why)
            if delivery.status is DeliveryStatus.SENDING:
                deliveries.move(self.db, delivery, DeliveryStatus.UNKNOWN, self.clock(), run_id=self.run_id, error=why)
        self._move(deliveries.get(self.db, delivery.id), DeliveryStatus.HELD, why)

    # -- finding out -------------------------------------------------------------------------------

    def _find_soon(self, platform: Platform, ids: list[int], reply: ReplyTo | None, draft: Draft) -> None:
        """Look in this run already; where not finding it proves that it isn't there, send the same bytes once more.
        When only some of a thread are there (a person deleted the others), the next run mends it part by part."""
        for wait in (0.0, *self.policy.look_up_waits):
            if wait > self.time_left() - RESERVE_SECONDS:
                return
            self.sleep(wait)
            unknown = [
                one for number in ids if (one := deliveries.get(self.db, number)).status is DeliveryStatus.UNKNOWN
            ]
            try:
                absent = [one for one in unknown if not self._look_up(platform, one)]
            except Unreadable as error:
                log.warning("%s: can't look it up yet: %s", platform.name, error)
                continue
            if not absent:
                return
            if platform.definite:
                self._move_all(absent, DeliveryStatus.QUEUED, "proved not to be there")
                if len(absent) == len(ids):
                    self._send_once_more(platform, ids, reply, draft)
                return

    def _send_once_more(self, platform: Platform, ids: list[int], reply: ReplyTo | None, draft: Draft) -> None:
        try:
            self._retrying(lambda: self._try_once(platform, ids, reply, draft))
        except PlatformError as error:
            self._down[platform.name] = self.redact(str(error))
            log.warning("%s: second try: %s", platform.name, error)

    def _look_up(self, platform: Platform, unknown: Delivery) -> bool:
        """Ask the platform for the post; adopt it when it's there. Raises Unreadable."""
        since = deliveries.first_send(self.db, unknown.id) or unknown.created_at
        claimed = deliveries.claimed_ids(self.db, unknown.platform, unknown.account)
        with self.db.transaction():
            attempt = deliveries.begin_attempt(self.db, unknown, self.run_id, self.clock(), kind="look_up")
        try:
            receipt = _guarded_look_up(platform, unknown.request or {}, since, claimed)
        except Unreadable as error:
            with self.db.transaction():
                deliveries.end_attempt(
                    self.db,
                    attempt,
                    "unreadable",
                    self.clock(),
                    http_status=error.status,
                    detail=self.redact(str(error)),
                )
            raise
        if receipt is None:
            with self.db.transaction():
                deliveries.end_attempt(self.db, attempt, "absent", self.clock())
            return False
        self._end_posted(platform, [(unknown, attempt)], "found", [receipt])
        return True

    def _settle_one(self, unknown: Delivery) -> None:
        platform = self.platforms.get(unknown.platform)
        if platform is None:
            self._move(unknown, DeliveryStatus.HELD, f"{unknown.account} is not set up, so it can't be looked up")
            return
        if not self._may_look_up(platform, unknown):
            self._move(unknown, DeliveryStatus.HELD, f"it can't be looked up: {_another_account(unknown, platform)}")
            return
        self.progress(f"{platform.name}: looking for a post whose outcome is unknown")
        try:
            found = self._look_up(platform, unknown)
        except Unreadable as error:
            self._unreadable(unknown, error)
            return
        if not found:
            self._absent(platform, unknown)

    def _may_look_up(self, platform: Platform, unknown: Delivery) -> bool:
        try:
            return same_account(self.db, platform, unknown)
        except PlatformError:
            return True  # the look-up meets the same trouble, and puts it on record

    def _unreadable(self, unknown: Delivery, error: Unreadable) -> None:
        """Hold it, or wait for a better day: then all on this platform wait (unless one post alone is in doubt), and
        what went in the same request is held together when its days are over."""
        why = self.redact(f"its outcome can't be looked up: {error}")
        if error.forbidden:
            self._move(unknown, DeliveryStatus.HELD, why)
            return
        if not isinstance(error, Doubtful):
            self._blind.add(unknown.platform)
        if self._looked_enough(unknown):
            parts = deliveries.of_draft(self.db, unknown.draft_id)
            mine = [one for one in parts if one.platform == unknown.platform and one.status is DeliveryStatus.UNKNOWN]
            self._move_all(mine, DeliveryStatus.HELD, why)
        else:
            log.warning("%s: can't look up delivery %d yet: %s", unknown.platform, unknown.id, error)

    def _absent(self, platform: Platform, unknown: Delivery) -> None:
        """Not found. Proof where the platform's look-up is definite, or when it had time to show up."""
        send = deliveries.last_send(self.db, unknown.id)
        said_duplicate = send is not None and send["outcome"] == "already_there"
        sent_at = from_text(send["started_at"]) if send else unknown.created_at
        if platform.definite:
            self._move(unknown, DeliveryStatus.QUEUED, "proved not to be there")
        elif unknown.resumed_at is not None and unknown.resumed_at >= sent_at and self._settled(sent_at):
            self._move(unknown, DeliveryStatus.QUEUED, "not found, and a person told it to go on")
        elif said_duplicate:
            if self._looked_enough(unknown):
                self._move(unknown, DeliveryStatus.HELD, "the platform calls it a duplicate, yet it can't be found")
        elif self._settled(sent_at):
            if self.policy.hold_when_unsure:
                self._move(unknown, DeliveryStatus.HELD, "not found after the settling time; a person decides")
            else:
                self._move(unknown, DeliveryStatus.QUEUED, "not found after the settling time")

    def _looked_enough(self, unknown: Delivery) -> bool:
        since = unknown.resumed_at or unknown.created_at
        return deliveries.runs_that_looked(self.db, unknown.id) >= self.policy.max_runs and self._settled(since)

    def _settled(self, since: datetime) -> bool:
        """Enough time has passed; a clock that was put back has no say in it."""
        return abs(self.clock() - since) >= self.policy.settle

    def _lost(self, delivery: Delivery) -> Delivery:
        """The tries that a dead process left end here; a row still in `sending` has an open fate from now on."""
        with self.db.transaction():
            for attempt in deliveries.open_attempts(self.db, delivery.id):
                deliveries.end_attempt(self.db, attempt, "lost", self.clock(), detail="the process ended around it")
            if delivery.status is DeliveryStatus.SENDING:
                why = "the process ended around the request"
                deliveries.move(self.db, delivery, DeliveryStatus.UNKNOWN, self.clock(), run_id=self.run_id, error=why)
        return deliveries.get(self.db, delivery.id)

    # -- ends --------------------------------------------------------------------------------------

    def _give_up_old(self, draft: Draft) -> None:
        """What is queued doesn't stay so for ever: it ends, or where a person cares more, it is held."""
        for name in {delivery.platform for delivery in deliveries.of_draft(self.db, draft.id)}:
            mine = self._on(draft, name)
            begun = any(delivery.status is not DeliveryStatus.QUEUED for delivery in mine)
            status = DeliveryStatus.HELD if begun or draft.origin == "person" else DeliveryStatus.FAILED
            for delivery in mine:
                reason = self._why_give_up(draft, delivery)
                if delivery.status is DeliveryStatus.QUEUED and reason:
                    self._move(delivery, status, reason)

    def _why_give_up(self, draft: Draft, delivery: Delivery) -> str:
        tried = deliveries.runs_that_tried(self.db, delivery.id)
        if delivery.platform not in self.platforms:
            return f"{delivery.platform} is no longer set up"
        if tried >= self.policy.max_runs and self._settled(delivery.resumed_at or delivery.created_at):
            return f"gave up after {tried} runs: {delivery.error}"
        return "its time to live ran out before it got out" if draft.expires_at <= self.clock() else ""

    def _close(self, draft_id: int) -> None:
        """Give the draft the status that its deliveries add up to."""
        draft = drafts.get(self.db, draft_id)
        if draft is None or draft.status is not DraftStatus.PUBLISHING:
            return
        self._fail_behind_a_stop(draft)
        mine = deliveries.of_draft(self.db, draft_id)
        if any(delivery.status in _OPEN for delivery in mine):
            return
        posted = [delivery for delivery in mine if delivery.status is DeliveryStatus.POSTED]
        if len(posted) == len(mine) and mine:
            status = DraftStatus.POSTED
        else:
            status = DraftStatus.PARTLY_POSTED if posted else DraftStatus.FAILED
        errors = "; ".join(
            phrases.delivery(delivery, len(draft.parts))
            for delivery in mine
            if delivery.status is not DeliveryStatus.POSTED
        )
        with self.db.transaction():
            drafts.move(self.db, draft, status, self.clock(), run_id=self.run_id, reason=errors)

    def _fail_behind_a_stop(self, draft: Draft) -> None:
        """Parts behind one that failed or is held will not go out by themselves."""
        for name in {delivery.platform for delivery in deliveries.of_draft(self.db, draft.id)}:
            stopped = False
            for delivery in self._on(draft, name):
                if stopped and delivery.status is DeliveryStatus.QUEUED:
                    self._move(delivery, DeliveryStatus.FAILED, "an earlier part is not out")
                stopped = stopped or delivery.status in (DeliveryStatus.FAILED, DeliveryStatus.HELD)

    def _on(self, draft: Draft, platform: str) -> list[Delivery]:
        return [delivery for delivery in deliveries.of_draft(self.db, draft.id) if delivery.platform == platform]

    def _move(self, delivery: Delivery, status: DeliveryStatus, why: str) -> None:
        self._move_all([delivery], status, why)

    def _move_all(self, some: list[Delivery], status: DeliveryStatus, why: str) -> None:
        """Move them, with one reason. `failed` says that it is not out: where an earlier try may be, it is held."""
        moves = [
            (one, DeliveryStatus.HELD, _doubted(why))
            if status is DeliveryStatus.FAILED and self._may_be_out(one)
            else (one, status, why)
            for one in some
        ]
        with self.db.transaction():
            for delivery, to, reason in moves:
                deliveries.move(self.db, delivery, to, self.clock(), run_id=self.run_id, error=reason)
        for delivery, to, reason in moves:
            self._tell(delivery, to, reason)


def same_account(db: Database, platform: Platform, delivery: Delivery) -> bool:
    """Whether the account that is set up is the one that the delivery was queued for. Raises NotSent, NeedsPerson."""
    if delivery.account == platform.account:
        return True
    if not isinstance(platform, RenamingPlatform):
        return False
    return platform.is_mine(delivery.request, deliveries.claimed_ids(db, platform.name, delivery.account))


def _another_account(delivery: Delivery, platform: Platform) -> str:
    return (
        f"it was meant for {delivery.account}, and nothing shows that {platform.account} is the same account:"
        " put the old one back into .env and resume it, or skip it and post its words anew"
    )


def _doubted(why: str) -> str:
    return f"{why.rstrip('.')}; but an earlier try may have arrived"


def _meaning(error: PlatformError) -> tuple[str, DeliveryStatus]:
    """The attempt's outcome and the delivery's status after an answer that is not a clear yes."""
    if isinstance(error, NotSent):
        return "not_sent", DeliveryStatus.QUEUED
    if isinstance(error, Refused):
        return "refused", DeliveryStatus.FAILED
    if isinstance(error, AlreadyThere):
        return "already_there", DeliveryStatus.UNKNOWN
    return "unknown", DeliveryStatus.UNKNOWN


def _guarded_publish(platform: Platform, requests: list[Json]) -> list[Receipt]:
    """An error that the platform's module did not foresee came with the request on its way: the outcome is unknown."""
    try:
        if len(requests) > 1 and isinstance(platform, ThreadPlatform):
            return platform.publish_thread(requests)
        return [platform.publish(request) for request in requests]
    except PlatformError:
        raise
    except Exception as error:
        log.exception("%s: an unforeseen error while publishing", platform.name)
        raise OutcomeUnknown(f"unforeseen {type(error).__name__} while publishing") from error


def _guarded_look_up(platform: Platform, request: Json, since: datetime, claimed: frozenset[str]) -> Receipt | None:
    try:
        return platform.look_up(request, since, claimed)
    except PlatformError as error:
        if isinstance(error, Unreadable):
            raise
        raise Unreadable(error.message, error.remedy, status=error.status) from error
    except Exception as error:
        log.exception("%s: an unforeseen error while looking up", platform.name)
        raise Unreadable(f"unforeseen {type(error).__name__} while looking up") from error
