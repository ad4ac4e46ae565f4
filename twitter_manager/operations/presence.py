"""Looks whether posts that went out are still there, and puts on record what somebody took down on the platform.

A post counts as gone only where its platform says so: what can't be asked now stays as it was, and what a platform may
not show yet, because it is too new, counts as there."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from twitter_manager import phrases
from twitter_manager.amendments import AskablePlatform, ChargingPlatform
from twitter_manager.delivery import guarded, same_account
from twitter_manager.domain import Clock, Delivery, Draft, Platform, TimeLeft
from twitter_manager.errors import PlatformError
from twitter_manager.store import amendments, charges, deliveries
from twitter_manager.store.database import Database, from_text
from twitter_manager.terminal import command

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Look:
    """One look at some posts. `only`: this platform; "": each that charges nothing for it."""

    db: Database
    clock: Clock
    time_left: TimeLeft
    settle: timedelta
    """So old must a post be, where the platform's look-up is not definite."""
    only: str = ""
    notes: list[str] = field(default_factory=list)
    """What was seen."""
    trouble: list[str] = field(default_factory=list)
    """What could not be seen, and why."""

    def at(self, posts: Iterable[Draft], platforms: Mapping[str, Platform], used_up: str = "") -> None:
        """Look at these posts of one bot on its platforms. `used_up`: why nothing may cost."""
        every = (delivery for draft in posts for delivery in deliveries.of_draft(self.db, draft.id))
        there = [each for each in every if each.receipt and each.removed_at is None]
        for name in dict.fromkeys(each.platform for each in there if self.only in ("", each.platform)):
            mine, platform = [each for each in there if each.platform == name], platforms.get(name)
            if platform is None:
                self.trouble.append(f"{name}: not set up for {mine[0].bot} any more, and can't be asked")
            if not isinstance(platform, AskablePlatform):
                continue
            known = [each for each in mine if platform.definite or self._is_settled(each)]
            price = platform.reading_usd if isinstance(platform, ChargingPlatform) else 0.0
            if price and not self.only:
                way = command(f"history --check {name}")
                self.notes.append(f"{name}: not asked, for it takes ${price:.3f} a post. To ask it: {way}")
                continue
            if price and used_up:
                self.trouble.append(f"{name}: not asked, for it costs: {used_up}")
                continue
            try:
                gone = list(self._gone(platform, known))
            except PlatformError as error:
                self.trouble.append(f"{name}: not all posts could be looked at: {error}")
                continue
            cost = f" (${price * len(known):.3f})" if price else ""
            new = f" {len(mine) - len(known)} too new to tell." if len(known) < len(mine) else ""
            self.notes.append(f"{name}: {phrases.amount(len(known), 'post')} looked at{cost}, {len(gone)} gone.{new}")

    def _gone(self, platform: AskablePlatform, mine: Iterable[Delivery]) -> Iterator[Delivery]:
        """What is gone, put on record at once. Raises PlatformError."""
        for delivery in mine:
            assert delivery.receipt is not None, "only what is posted is looked at"
            if self.time_left() <= 0:
                self.trouble.append(f"{platform.name}: the time was up; look at fewer posts, with --limit")
                return
            before = charges.newest_id(self.db)
            with guarded(platform):
                ours = same_account(self.db, platform, delivery)
                there = not ours or platform.is_there(delivery.receipt.remote_id)
            with self.db.transaction():
                charges.assign_reads(self.db, before, delivery, None)
            if not ours:
                self.trouble.append(f"{platform.name}: draft {delivery.draft_id} was posted as {delivery.account}")
            if not there:
                log.warning("%s: draft %d part %d is gone", platform.name, delivery.draft_id, delivery.part + 1)
                with self.db.transaction():
                    amendments.notice_gone(self.db, platform.name, delivery.receipt.remote_id, self.clock())
                yield delivery

    def _is_settled(self, delivery: Delivery) -> bool:
        sent = deliveries.last_send(self.db, delivery.id)
        return sent is None or from_text(sent["started_at"]) + self.settle <= self.clock()
