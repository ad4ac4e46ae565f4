"""The outbox at work: which deliveries are sent in which order, and what a draft's deliveries add up to.

What becomes of a try is written down by `ledger`; what may have arrived is found out about by `settling`."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from twitter_manager import phrases
from twitter_manager.delivery import limiting, uploading
from twitter_manager.delivery.accounts import another_account, same_account
from twitter_manager.delivery.amending import Amender
from twitter_manager.delivery.ledger import Ledger, price
from twitter_manager.delivery.policy import RESERVE_SECONDS, Policy, Standing, Unlimited, attempts, guarded
from twitter_manager.delivery.settling import Settler
from twitter_manager.delivery.uploading import Pictures, Uploader
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
    ReplyTo,
    ThreadPlatform,
    TimeLeft,
)
from twitter_manager.errors import (
    AlreadyThere,
    Gone,
    NotSent,
    OutcomeUnknown,
    PlatformError,
    Refused,
    Unaffordable,
    Unreadable,
)
from twitter_manager.platforms import SPECS
from twitter_manager.stages import Stages
from twitter_manager.store import amendments, comments, deliveries, drafts, uploads
from twitter_manager.store.database import Database

if TYPE_CHECKING:
    import tenacity

log = logging.getLogger(__name__)

_OPEN = frozenset({DeliveryStatus.QUEUED, DeliveryStatus.SENDING, DeliveryStatus.UNKNOWN})


@dataclass(slots=True)
class Outbox:
    """The deliveries of one bot during one run. `fresh` tells whether the slot that this run works for is still on."""

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
    pictures: Pictures
    stages: Stages = field(default_factory=Stages)
    standing: Standing = lambda draft: Unlimited()
    time_zone: str = "UTC"
    """In which a person reads when a platform takes posts again."""
    attention: list[tuple[int, str]] = field(default_factory=list)
    """What failed for good or is held: the draft's id and a line for a person."""
    notes: list[str] = field(default_factory=list)
    """What else is worth telling."""
    posted: list[tuple[int, str]] = field(default_factory=list)
    """What went out, or was found to be out, in the same form."""
    _unreachable: dict[str, str] = field(default_factory=dict)
    """Platforms that could not be reached in this run, and why."""
    _ledger: Ledger = field(init=False)
    _settler: Settler = field(init=False)
    _uploader: Uploader = field(init=False)
    _amender: Amender = field(init=False)

    def __post_init__(self) -> None:
        self._ledger = Ledger(
            self.db, self.run_id, self.platforms, self.clock, self.redact, self.attention, self.posted, self.notes
        )
        self._settler = Settler(self._ledger, self.policy, self.progress, self.standing)
        self._uploader = Uploader(
            self.db, self.pictures, self.clock, self.time_left, self.progress, self.redact, self.run_id, self.notes
        )
        self._amender = Amender(
            self.db,
            self.bot,
            self.platforms,
            self.policy,
            self.clock,
            self.sleep,
            self.time_left,
            self.progress,
            self.redact,
            self.run_id,
            self.attention,
            self.notes,
            self.time_zone,
        )

    # -- what an earlier run left ------------------------------------------------------------------

    def settle(self) -> None:
        """Find out about every delivery whose fate is open."""
        self._look_again_for_old_absences()
        for delivery in deliveries.with_status(self.db, self.bot, DeliveryStatus.SENDING, DeliveryStatus.UNKNOWN):
            unknown = self._ledger.end_lost(delivery)
            if delivery.platform not in self._settler.blind and self.time_left() > RESERVE_SECONDS:
                self._settler.settle(unknown)
                self._close(delivery.draft_id)
        self._amender.go_on()

    def _look_again_for_old_absences(self) -> None:
        """What an earlier run did not find, and did not get out again, may be there to see by now."""
        for delivery in deliveries.with_status(self.db, self.bot, DeliveryStatus.QUEUED):
            platform = self.platforms.get(delivery.platform)
            if platform and not platform.definite and deliveries.may_be_out(self.db, delivery.id):
                self._ledger.move(delivery, DeliveryStatus.UNKNOWN, "it waited since it was looked up")

    def resume(self) -> None:
        """Go on with every draft that is on its way."""
        for draft in drafts.in_status(self.db, self.bot, DraftStatus.PUBLISHING):
            self._give_up_old(draft)
            for platform in self._within_reach(draft):
                self._deliver_on(platform, draft)
            self._close(draft.id)

    # -- a new draft -------------------------------------------------------------------------------

    def publish(self, draft: Draft, slot: datetime | None, names: Collection[str]) -> None:
        """Claim the slot, queue every part for each of the named platforms, and send."""
        accounts = {name: self.platforms[name].account for name in names}
        with self.db.transaction():
            drafts.claim(self.db, draft, slot, self.clock(), self.run_id)
            deliveries.enqueue(
                self.db, draft, accounts, {name: SPECS[name].parts_of(draft) for name in names}, self.clock()
            )
        self._supersede(draft, accounts)
        for platform in self._within_reach(draft):
            self._deliver_on(platform, draft)
        self._close(draft.id)

    def answer(self, draft: Draft, name: str) -> None:
        """Publish an answer to a comment on its platform, beside all slots."""
        self.publish(draft, None, [name])

    def outcome(self, draft: Draft) -> Outcome:
        """What a run ends with that published this draft."""
        statuses = [delivery.status for delivery in deliveries.of_draft(self.db, draft.id)]
        unposted = [status for status in statuses if status is not DeliveryStatus.POSTED]
        if not unposted:
            return Outcome.POSTED
        if not _OPEN.isdisjoint(unposted):
            return Outcome.UNFINISHED
        return Outcome.PARTLY_POSTED if len(unposted) < len(statuses) else Outcome.FAILED

    def _supersede(self, newer: Draft, accounts: Mapping[str, str]) -> None:
        """After an outage one post is caught up, not all: what an older generated draft never got out makes way. Each
        answer to a comment stands for itself."""
        if newer.comment_id is not None:
            return
        for draft in drafts.in_status(self.db, self.bot, DraftStatus.PUBLISHING):
            if draft.id == newer.id or draft.is_persons or draft.comment_id is not None:
                continue
            for name in accounts:
                mine = self._on(draft, name)
                if mine and all(part.status is DeliveryStatus.QUEUED and part.resumed_at is None for part in mine):
                    self._ledger.move_all(
                        mine, DeliveryStatus.FAILED, f"never got out; draft {newer.id} took its place"
                    )
            self._close(draft.id)

    # -- one draft, platform by platform -----------------------------------------------------------

    def _within_reach(self, draft: Draft) -> Iterator[Platform]:
        """The draft's platforms. Where one could not be reached in this run, it goes on record why its parts wait."""
        for name in sorted({delivery.platform for delivery in deliveries.of_draft(self.db, draft.id)}):
            platform = self.platforms.get(name)
            if platform is not None and name not in self._unreachable:
                yield platform
            elif platform is not None:
                self._wait(self._on(draft, name), None, self._unreachable[name])

    def _deliver_on(self, platform: Platform, draft: Draft) -> None:
        """Send the parts in order; the first that is not out stops the chain on this platform."""
        mine = self._on(draft, platform.name)
        if platform.name in amendments.taken_down(self.db, draft.id):
            queued = [delivery for delivery in mine if delivery.status is DeliveryStatus.QUEUED]
            self._ledger.move_all(queued, DeliveryStatus.FAILED, "what was out of it there was taken down")
            return
        refusals = (SPECS[platform.name].refusal(delivery.content) for delivery in mine if delivery.request is None)
        if refusal := next(filter(None, refusals), ""):  # before a thread is half out
            queued = [delivery for delivery in mine if delivery.status is DeliveryStatus.QUEUED]
            self._ledger.move_all(queued, DeliveryStatus.FAILED, refusal)
            return
        nothing_out = all(delivery.receipt is None for delivery in mine)
        reply = comments.parent_of(self.db, draft)
        if len(mine) > 1 and nothing_out and isinstance(platform, ThreadPlatform):
            self._deliver_whole(platform, mine, reply, draft)
            return
        for delivery in mine:
            if delivery.status is DeliveryStatus.QUEUED and self._may_send(platform, delivery, draft):
                [delivery] = self._send(platform, [delivery], reply, draft)
            if delivery.receipt is None:
                return
            reply = ReplyTo(reply.root if reply else delivery.receipt, delivery.receipt)

    def _deliver_whole(
        self, platform: ThreadPlatform, mine: list[Delivery], reply: ReplyTo | None, draft: Draft
    ) -> None:
        """Send a thread that is not begun at once, so that readers never see half of it."""
        queued = [delivery for delivery in mine if delivery.status is DeliveryStatus.QUEUED]
        if any(delivery.status in (DeliveryStatus.FAILED, DeliveryStatus.HELD) for delivery in mine):
            self._ledger.move_all(queued, DeliveryStatus.FAILED, "another part is not out")
        elif queued == mine and self._may_send(platform, mine[0], draft):
            self._send(platform, mine, reply, draft)

    def _may_send(self, platform: Platform, delivery: Delivery, draft: Draft) -> bool:
        waiting = [part for part in self._on(draft, platform.name) if part.status is DeliveryStatus.QUEUED]
        operations = limiting.posting(part.content for part in waiting)  # the pictures of all go first
        limit = limiting.in_the_way(self.db, platform, operations, self.clock())
        if limit is not None:
            self._wait(
                [delivery], limit.until, phrases.limited(platform.name, limit.operation, limit.until, self.time_zone)
            )
        elif self.time_left() <= RESERVE_SECONDS:
            self._wait([delivery], None, "the run's time was up")
        elif (usd := price(self.db, platform, delivery)) and usd > self.standing(draft).left:
            self._wait([delivery], None, self.standing(draft).words)
        else:
            return self._is_meant_for(platform, delivery)
        return False

    def _is_meant_for(self, platform: Platform, delivery: Delivery) -> bool:
        """What was queued for one account never goes out on another; under a new name it is the same."""
        try:
            if same_account(self.db, platform, delivery):
                return True
        except NotSent as error:
            self._ledger.end_unprepared([delivery], error)
            self._unreachable[platform.name] = self.redact(str(error))
        except Refused as error:
            self._ledger.end_refused([delivery], error)
        else:
            self._ledger.move(delivery, DeliveryStatus.HELD, another_account(delivery, platform))
        return False

    def _wait(self, batch: list[Delivery], until: datetime | None, why: str) -> None:
        """What is queued and has no reason on record yet gets one."""
        with self.db.transaction():
            for delivery in batch:
                if delivery.status is DeliveryStatus.QUEUED and not delivery.error:
                    deliveries.postpone(self.db, delivery, until, why)

    def _send(self, platform: Platform, batch: list[Delivery], reply: ReplyTo | None, draft: Draft) -> list[Delivery]:
        """Try until it is out, refused, unclear or out of time; gives the deliveries as they stand then."""
        what = f"part {batch[0].part + 1} of" if len(batch) == 1 else "all"
        self.progress(f"{platform.name}: {what} {len(draft.parts)}")
        ids = [delivery.id for delivery in batch]
        try:
            for attempt in self._attempts():
                with attempt:
                    self._try_once(platform, ids, reply, draft)
        except NotSent as error:
            self._unreachable[platform.name] = self.redact(str(error))
            log.warning("%s: not sent, stays queued: %s", platform.name, error)
        except Refused as error:
            log.error("%s: refused: %s", platform.name, error)
        except (AlreadyThere, OutcomeUnknown) as error:
            log.warning("%s: outcome unknown: %s", platform.name, error)
            self._look_up_now(platform, ids, reply, draft)
        return [deliveries.get(self.db, number) for number in ids]

    def _attempts(self) -> tenacity.Retrying:
        """Only what surely never arrived is tried again."""
        return attempts(self.policy, self.clock, self.sleep, self.time_left, self.fresh, NotSent)

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
            with self.stages("send", platform=platform.name), guarded(platform):
                if len(requests) > 1 and isinstance(platform, ThreadPlatform):
                    receipts = platform.publish_thread(requests)
                else:
                    [request] = requests
                    receipts = [platform.publish(request)]
        except PlatformError as error:
            self._ledger.end_unposted(sending, error)
            if isinstance(error, Gone) and reply:
                self._amender.look_whether_gone(platform, reply.parent.remote_id)
            raise
        self._ledger.end_posted(platform, sending, "posted", receipts)

    def _prepare(self, platform: Platform, batch: list[Delivery], reply: ReplyTo | None, draft: Draft) -> list[Json]:
        """The requests: as stored, else made now. Whatever goes wrong here goes wrong before anything was sent."""
        try:
            return list(self._requests(platform, batch, reply, draft))
        except Refused as error:
            self._ledger.end_refused(batch, error)
            raise
        except NotSent as error:
            self._ledger.end_unprepared(batch, error)
            raise
        except Exception as error:
            log.exception("%s: an unforeseen error while preparing", platform.name)
            unforeseen = NotSent(f"unforeseen {type(error).__name__} while preparing")
            self._ledger.end_unprepared(batch, unforeseen)
            raise unforeseen from error

    def _requests(
        self, platform: Platform, batch: list[Delivery], reply: ReplyTo | None, draft: Draft
    ) -> Iterator[Json]:
        whole = self._on(draft, platform.name)  # no part goes out before the pictures of all are there
        self._uploader.upload(platform, draft, [part for part in whole if part.status is DeliveryStatus.QUEUED])
        batch = [deliveries.get(self.db, delivery.id) for delivery in batch]  # one may go without its picture
        anew = any(uploading.is_outdated(self.db, delivery) for delivery in batch)  # a reply names what it follows
        for delivery in batch:
            # A millisecond apart, so that a platform that sorts by time keeps the order.
            created_at = self.clock() + timedelta(milliseconds=delivery.part)
            link, unattended = draft.links.get(platform.name, ""), draft.origin != "person"
            given = uploads.of(self.db, delivery)
            post = Outgoing(delivery.id, delivery.content, created_at, draft.language, reply, link, unattended, given)
            request = delivery.request if delivery.request and not anew else platform.prepare(post)
            yield request
            if len(batch) > 1 and isinstance(platform, ThreadPlatform):
                foreseen = platform.foresee(request)
                reply = ReplyTo(reply.root if reply else foreseen, foreseen)

    # -- finding out -------------------------------------------------------------------------------

    def _look_up_now(self, platform: Platform, ids: list[int], reply: ReplyTo | None, draft: Draft) -> None:
        """Look in this run already; where not finding it proves that it isn't there, send the same bytes once more.
        When only some of a thread are there (a person deleted the others), the next run mends it part by part."""
        for wait in (0.0, *self.policy.look_up_waits):
            if wait > self.time_left() - RESERVE_SECONDS or (wait == 0 and self._settler.is_limited(platform)):
                return
            self.sleep(wait)
            batch = (deliveries.get(self.db, number) for number in ids)
            unknown = [delivery for delivery in batch if delivery.status is DeliveryStatus.UNKNOWN]
            try:
                absent = [delivery for delivery in unknown if not self._settler.look_up(platform, delivery)]
            except Unaffordable:
                return
            except Unreadable as error:
                log.warning("%s: can't look it up yet: %s", platform.name, error)
                continue
            if not absent:
                return
            if platform.definite:
                self._ledger.move_all(absent, DeliveryStatus.QUEUED, "proved not to be there")
                if len(absent) == len(ids):
                    self._send_once_more(platform, ids, reply, draft)
                return

    def _send_once_more(self, platform: Platform, ids: list[int], reply: ReplyTo | None, draft: Draft) -> None:
        try:
            for attempt in self._attempts():
                with attempt:
                    self._try_once(platform, ids, reply, draft)
        except PlatformError as error:
            self._unreachable[platform.name] = self.redact(str(error))
            log.warning("%s: second try: %s", platform.name, error)

    # -- ends --------------------------------------------------------------------------------------

    def _give_up_old(self, draft: Draft) -> None:
        """What is queued doesn't stay so for ever: it ends, or where a person cares more, it is held."""
        for name in {delivery.platform for delivery in deliveries.of_draft(self.db, draft.id)}:
            mine = self._on(draft, name)
            begun = any(delivery.status is not DeliveryStatus.QUEUED for delivery in mine)
            status = DeliveryStatus.HELD if begun or draft.is_persons else DeliveryStatus.FAILED
            for delivery in mine:
                reason = self._why_give_up(draft, delivery)
                if delivery.status is DeliveryStatus.QUEUED and reason:
                    self._ledger.move(delivery, status, reason)

    def _why_give_up(self, draft: Draft, delivery: Delivery) -> str:
        tried = deliveries.runs_that_tried(self.db, delivery.id)
        if delivery.platform not in self.platforms:
            return f"{delivery.platform} is no longer set up"
        since = delivery.resumed_at or delivery.created_at
        waits = self._settler.met_a_limit(delivery, "prepare", "send")
        waits = waits and not (draft.is_persons and self._settler.outlasts_limits(since))  # theirs is not kept silent
        if tried >= self.policy.max_runs and self._settler.has_settled(since) and not waits:
            return f"gave up after {tried} runs: {delivery.error}"
        over = draft.expires_at is not None and draft.expires_at <= self.clock()
        return "its time to live ran out before it got out" if over else ""

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
                    self._ledger.move(delivery, DeliveryStatus.FAILED, "an earlier part is not out")
                stopped = stopped or delivery.status in (DeliveryStatus.FAILED, DeliveryStatus.HELD)

    def _on(self, draft: Draft, platform: str) -> list[Delivery]:
        return [delivery for delivery in deliveries.of_draft(self.db, draft.id) if delivery.platform == platform]
