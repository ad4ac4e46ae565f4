"""The outbox over a real SQLite file and fake platforms, an hour at a time."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from tests.fakes import FakeClock, FakePlatform, FakeThreadPlatform, as_it_is
from tests.fresh import new_database
from twitter_manager.content import Part
from twitter_manager.delivery import Outbox, Pictures, Policy
from twitter_manager.domain import DraftStatus, Outcome
from twitter_manager.store import deliveries, drafts, runs
from twitter_manager.store.database import connect


class World:
    """One bot with its database, its platforms and a clock; `run` is what an hourly run does with the outbox."""

    def __init__(self, path: Path, *, policy: Policy | None = None) -> None:
        self.path, self.clock, self.policy = path, FakeClock(), policy or Policy()
        self.pictures: Pictures = as_it_is
        self.platforms: dict[str, FakePlatform] = {
            "bluesky": FakeThreadPlatform("bluesky", self.clock),
            "x": FakePlatform("x", self.clock),
        }
        self.db = new_database(path)

    def reopen(self) -> None:
        """Throw the connection away, as the end of a process does."""
        self.db.close()
        self.db = connect(self.path)

    def draft(self, *parts: str | Part, origin: str = "generator") -> int:
        content = tuple(part if isinstance(part, Part) else Part(part) for part in parts)
        new = drafts.NewDraft("b", origin, content, ("bluesky", "x"), timedelta(hours=72))
        with self.db.transaction():
            return drafts.add(self.db, new, self.clock())

    def outbox(self, *, fresh: bool = True, seconds: float = 600.0) -> Outbox:
        """`seconds`: what is left of the run's time."""
        with self.db.transaction():
            runs.abandon_open(self.db, self.clock())
            run_id = runs.start(self.db, "b", "run", self.clock(), self.clock())
        clock = self.clock
        deadline = clock() + timedelta(seconds=seconds)
        return Outbox(
            self.db,
            "b",
            run_id,
            dict(self.platforms),
            self.policy,
            clock,
            clock.sleep,
            lambda: (deadline - clock()).total_seconds(),
            lambda: fresh,
            lambda line: None,
            lambda text: text,
            self.pictures,
        )

    def run(self, publish: int | None = None) -> None:
        outbox = self.outbox()
        outbox.settle()
        outbox.resume()
        draft = drafts.get(self.db, publish) if publish else None
        if draft and draft.status is DraftStatus.APPROVED:
            outbox.publish(draft, self.clock().replace(minute=0), self.platforms)
        with self.db.transaction():
            runs.finish(self.db, outbox.run_id, Outcome.POSTED, "", self.clock())

    def run_twice(self, publish: int) -> None:
        """The run that publishes it, and the one an hour later."""
        self.run(publish)
        self.later(hours=1)
        self.run()

    def later(self, **time: float) -> None:
        self.clock.now += timedelta(**time)

    def statuses(self, draft: int) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for delivery in deliveries.of_draft(self.db, draft):
            found.setdefault(delivery.platform, []).append(str(delivery.status))
        return found

    def texts(self, platform: str) -> list[str]:
        return [post["text"] for post in self.platforms[platform].posts]

    def draft_status(self, draft: int) -> DraftStatus:
        found = drafts.get(self.db, draft)
        assert found is not None
        return found.status
