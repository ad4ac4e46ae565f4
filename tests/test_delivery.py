"""The outbox over a real SQLite file: every fault, every crash point, exactly once."""

from __future__ import annotations

import contextlib
import itertools
import sqlite3
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from tests.fakes import START, Crash, CrashingDatabase, FakeClock, FakePlatform
from twitter_manager.delivery import Outbox, Policy
from twitter_manager.domain import DeliveryStatus, DraftStatus, Outcome
from twitter_manager.errors import AlreadyThere, NeedsPerson, NotSent, OutcomeUnknown, Refused, Unreadable
from twitter_manager.store import deliveries, drafts, runs
from twitter_manager.store.database import Database, connect
from twitter_manager.store.schema import migrate


class World:
    """One bot with its database, its platforms and a clock; `run` is what an hourly run does with the outbox."""

    def __init__(self, path: Path, *, policy: Policy | None = None) -> None:
        self.path, self.clock, self.policy = path, FakeClock(), policy or Policy()
        self.platforms = {
            "bluesky": FakePlatform("bluesky", self.clock, definite=True),
            "x": FakePlatform("x", self.clock),
        }
        self.db: Database = connect(path)
        migrate(self.db, START, None)

    def reopen(self) -> None:
        """Throw the connection away, as the end of a process does."""
        self.db.close()
        self.db = connect(self.path)

    def draft(self, *parts: str, origin: str = "generator") -> int:
        new = drafts.NewDraft("b", origin, parts, ("bluesky", "x"), timedelta(hours=72))
        with self.db.transaction():
            return drafts.add(self.db, new, self.clock())

    def outbox(self, *, fresh: bool = True) -> Outbox:
        with self.db.transaction():
            runs.abandon_open(self.db, self.clock())
            run_id = runs.start(self.db, "b", "run", self.clock(), self.clock(), 1)
        clock = self.clock
        deadline = clock() + timedelta(minutes=10)
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


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path / "t.db")


def test_a_thread_goes_out_once_on_each_platform_in_order(world: World) -> None:
    draft = world.draft("one", "two", "three")
    world.run(draft)
    world.later(hours=1)
    world.run(draft)
    for name in ("x", "bluesky"):
        assert [(p["text"], p["reply"]) for p in world.platforms[name].posts] == [
            ("one", ""),
            ("two", "1"),
            ("three", "2"),
        ]
    assert world.draft_status(draft) is DraftStatus.POSTED


def test_what_surely_never_arrived_is_tried_again_in_the_same_run(world: World) -> None:
    world.platforms["x"].faults = [NotSent("no route"), NotSent("429")]
    draft = world.draft("hello")
    world.run(draft)
    assert world.texts("x") == ["hello"]
    assert world.draft_status(draft) is DraftStatus.POSTED


def test_a_named_time_beyond_the_run_is_not_slept_for_and_holds_until_then(world: World) -> None:
    world.platforms["x"].faults = [NotSent("429", retry_at=START + timedelta(hours=2))]
    draft = world.draft("hello")
    world.run(draft)
    assert world.clock() < START + timedelta(minutes=1)
    assert world.statuses(draft) == {"x": ["queued"], "bluesky": ["posted"]}
    world.later(hours=1)
    world.run()
    assert world.texts("x") == [], "asked again before the time that the platform named"
    world.later(hours=1, minutes=1)
    world.run()
    assert world.texts("x") == ["hello"]
    assert world.draft_status(draft) is DraftStatus.POSTED


def test_an_unknown_outcome_that_arrived_is_found_and_adopted(world: World) -> None:
    world.platforms["x"].faults = [("stored", OutcomeUnknown("timeout"))]
    draft = world.draft("hello")
    world.run(draft)
    assert world.texts("x") == ["hello"]
    assert world.draft_status(draft) is DraftStatus.POSTED


def test_an_unknown_outcome_on_x_is_sent_again_only_after_the_settling_time(world: World) -> None:
    world.platforms["x"].faults = [OutcomeUnknown("reset")]
    draft = world.draft("hello")
    world.run(draft)
    world.later(minutes=5)
    world.run()
    assert world.statuses(draft)["x"] == ["unknown"]
    world.later(minutes=12)
    world.run()
    assert world.texts("x") == ["hello"]
    assert world.draft_status(draft) is DraftStatus.POSTED


def test_hold_when_unsure_leaves_the_decision_to_a_person(tmp_path: Path) -> None:
    world = World(tmp_path / "t.db", policy=Policy(hold_when_unsure=True))
    world.platforms["x"].faults = [OutcomeUnknown("reset")]
    draft = world.draft("hello")
    world.run(draft)
    world.later(hours=1)
    world.run()
    assert world.statuses(draft)["x"] == ["held"]
    assert world.draft_status(draft) is DraftStatus.PARTLY_POSTED


def test_a_duplicate_refusal_is_looked_up_and_never_sent_again(world: World) -> None:
    world.platforms["x"].faults = [AlreadyThere("duplicate")] * 9
    draft = world.draft("hello")
    world.run(draft)
    for _ in range(4):
        world.later(hours=1)
        world.run()
    assert len(world.platforms["x"].faults) == 8, "sent again although the platform said that it has it"
    assert world.statuses(draft)["x"] == ["held"]


def test_a_timeline_that_may_not_be_read_holds_at_once(world: World) -> None:
    world.platforms["x"].faults = [OutcomeUnknown("reset")]
    world.platforms["x"].unreadable = Unreadable("forbidden", forbidden=True)
    draft = world.draft("hello")
    world.run(draft)
    world.later(hours=1)
    world.run()
    assert world.statuses(draft)["x"] == ["held"]


def test_one_platforms_refusal_does_not_stop_the_other(world: World) -> None:
    world.platforms["bluesky"].faults = [NeedsPerson("bad password")]
    draft = world.draft("hello")
    world.run(draft)
    assert world.texts("x") == ["hello"]
    assert world.statuses(draft) == {"bluesky": ["failed"], "x": ["posted"]}
    assert world.draft_status(draft) is DraftStatus.PARTLY_POSTED


def test_an_unforeseen_error_in_a_platform_counts_as_unknown_and_stops_nothing(world: World) -> None:
    world.platforms["bluesky"].faults = [("stored", KeyError("surprise"))]
    draft = world.draft("hello")
    world.run(draft)
    assert world.texts("bluesky") == ["hello"]
    assert world.draft_status(draft) is DraftStatus.POSTED


def test_a_thread_resumes_at_the_first_part_that_is_not_out(world: World) -> None:
    world.platforms["x"].faults = [None, *[NotSent("down")] * 4]
    draft = world.draft("one", "two", "three")
    world.run(draft)
    assert world.statuses(draft)["x"] == ["posted", "queued", "queued"]
    world.later(hours=1)
    world.run()
    assert [(p["text"], p["reply"]) for p in world.platforms["x"].posts] == [("one", ""), ("two", "1"), ("three", "2")]


def test_a_refused_part_leaves_the_thread_partly_posted(world: World) -> None:
    world.platforms["x"].faults = [None, Refused("not allowed")]
    draft = world.draft("one", "two", "three")
    world.run(draft)
    assert world.statuses(draft)["x"] == ["posted", "failed", "failed"]
    assert world.draft_status(draft) is DraftStatus.PARTLY_POSTED


def test_after_an_outage_one_post_is_caught_up_not_all_of_them(world: World) -> None:
    made = []
    for _hour in range(6):
        world.platforms["x"].faults = [NotSent("down")] * 99
        made.append(world.draft(f"post {len(made)}"))
        world.run(made[-1])
        world.later(hours=1)
    world.platforms["x"].faults = []
    made.append(world.draft("back"))
    world.run(made[-1])
    assert world.texts("x") == ["post 5", "back"]
    assert world.texts("bluesky") == [f"post {n}" for n in range(6)] + ["back"]


def test_a_persons_own_post_is_not_dropped_for_a_newer_one(world: World) -> None:
    world.platforms["x"].faults = [NotSent("down")] * 99
    mine = world.draft("mine", origin="person")
    world.run(mine)
    world.later(hours=1)
    world.run(world.draft("next"))
    world.later(hours=1)
    world.run()
    world.later(hours=1)
    world.run()
    assert world.statuses(mine)["x"] == ["held"], "three runs, then a person sees it"


def test_nothing_leaves_once_the_slot_has_passed(world: World) -> None:
    draft = world.draft("hello")
    found = drafts.get(world.db, draft)
    assert found is not None
    world.outbox(fresh=False).publish(found, START.replace(minute=0), world.platforms)
    assert world.texts("x") == world.texts("bluesky") == []
    assert world.statuses(draft) == {"bluesky": ["queued"], "x": ["queued"]}


def test_a_platform_taken_away_leaves_its_unknown_delivery_held(world: World) -> None:
    world.platforms["x"].faults = [OutcomeUnknown("reset")]
    draft = world.draft("hello")
    world.run(draft)
    del world.platforms["x"]
    world.later(hours=1)
    world.run()
    assert world.statuses(draft)["x"] == ["held"]


def test_the_database_refuses_a_second_post_in_a_slot(world: World) -> None:
    first, second = world.draft("one"), world.draft("two")
    slot = START.replace(minute=0)
    with world.db.transaction():
        run = runs.start(world.db, "b", "run", slot, START, 1)
        found = drafts.get(world.db, first)
        assert found is not None
        drafts.claim(world.db, found, slot, START, run)
    found = drafts.get(world.db, second)
    assert found is not None
    with pytest.raises(sqlite3.IntegrityError), world.db.transaction():
        drafts.claim(world.db, found, slot, START, run)


FAULTS = {
    "none": [],
    "drop": [OutcomeUnknown("reset before storing")],
    "store then drop": [("stored", OutcomeUnknown("reset"))],
    "store then 503": [("stored", OutcomeUnknown("503"))],
    "refused connection": [NotSent("connect")],
    "429 twice": [NotSent("429"), NotSent("429")],
    "die before storing": [Crash()],
    "die after storing": [("stored", Crash())],
}


def _commits_of_a_run(tmp_path: Path, parts: tuple[str, ...], fault: str) -> int:
    world = World(tmp_path / "count.db")
    for platform in world.platforms.values():
        platform.faults = list(FAULTS[fault])
    draft = world.draft(*parts)
    world.db.__class__ = CrashingDatabase
    with contextlib.suppress(Crash):
        world.run(draft)
    assert isinstance(world.db, CrashingDatabase)
    return world.db.commits


@pytest.mark.parametrize("parts", [("one",), ("one", "two", "three")], ids=["single", "thread"])
@pytest.mark.parametrize("fault", FAULTS)
def test_a_death_at_any_commit_under_any_fault_leaves_exactly_one_of_each(
    tmp_path: Path, fault: str, parts: tuple[str, ...]
) -> None:
    commits = _commits_of_a_run(tmp_path, parts, fault)
    assert commits >= 3
    for crash_at, after in itertools.product(range(commits), (False, True)):
        world = World(tmp_path / f"{crash_at}{after}.db")
        for platform in world.platforms.values():
            platform.faults = list(FAULTS[fault])
        draft = world.draft(*parts)
        world.reopen()
        world.db.__class__ = CrashingDatabase
        assert isinstance(world.db, CrashingDatabase)
        world.db.crash_at, world.db.after = crash_at, after
        with pytest.raises(Crash):
            world.run(draft)
        for _ in range(6):
            world.reopen()
            world.later(hours=1)
            with contextlib.suppress(Crash):  # the deadly faults that are left kill the recovery too
                world.run(draft)
        for name in ("x", "bluesky"):
            assert Counter(world.texts(name)) == Counter(parts), (fault, crash_at, after, name)
        assert world.draft_status(draft) is DraftStatus.POSTED
        assert {d.status for d in deliveries.of_draft(world.db, draft)} == {DeliveryStatus.POSTED}
        world.db.quick_check()
        world.db.close()
