"""The outbox over a real SQLite file: every fault, every crash point, exactly once."""

from __future__ import annotations

import contextlib
import itertools
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.fakes import START, Crash, CrashingDatabase, FakePlatform, FakeThreadPlatform
from tests.outbox import World
from twitter_manager import decisions, show
from twitter_manager.content import Card, Media, Part
from twitter_manager.delivery import Policy
from twitter_manager.domain import DeliveryStatus, DraftStatus, Json, Outgoing, Receipt
from twitter_manager.errors import (
    AlreadyThere,
    NeedsPerson,
    NotSent,
    OutcomeUnknown,
    Refused,
    StoreConflict,
    Unreadable,
)
from twitter_manager.platforms import SPECS
from twitter_manager.store import deliveries, drafts, runs


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path / "t.db")


def test_a_thread_goes_out_once_on_each_platform_in_order(world: World) -> None:
    draft = world.draft("one", "two", "three")
    world.run(draft)
    world.later(hours=1)
    world.run(draft)
    for name, keys in {"x": ("", "1", "2"), "bluesky": ("", "k1", "k2")}.items():
        found = [(post["text"], post["reply"]) for post in world.platforms[name].posts]
        assert found == list(zip(("one", "two", "three"), keys, strict=True))
    assert world.draft_status(draft) is DraftStatus.POSTED


CARD = Card("https://example.org/tea", "Tea")
PICTURE = Media("ab" * 32, "image/jpeg", 1000, 640, 480, "A teapot.")


def test_a_card_goes_where_it_is_taken(world: World) -> None:
    """Bluesky gets it in place of the address, and X the address; the outbox keeps each as it goes out."""
    text = f"Hello: {CARD.url}"
    draft = drafts.get(world.db, world.draft(Part(text, card=CARD), origin="person"))
    assert draft is not None
    outbox = world.outbox()
    outbox.publish(draft, world.clock(), world.platforms)
    assert {name: [post.get("card") for post in world.platforms[name].posts] for name in ("bluesky", "x")} == {
        "bluesky": [{"url": CARD.url, "title": "Tea"}],
        "x": [None],
    }
    assert outbox.notes == []
    assert {one.platform: one.content for one in deliveries.of_draft(world.db, draft.id)} == {
        "bluesky": Part("Hello:", card=CARD),
        "x": Part(text),
    }
    assert world.draft_status(draft.id) is DraftStatus.POSTED


def test_what_goes_along_is_shown_where_something_does(world: World) -> None:
    """A post of text alone looks as it always did, as an object and as lines."""
    numbers = world.draft("hello"), world.draft(Part("there", (PICTURE,), CARD))
    plain, rich = (show.draft_as_json(draft) for number in numbers if (draft := drafts.get(world.db, number)))
    assert ("attached" in plain, rich["attached"]) == (False, [Part("", (PICTURE,), CARD).attached])
    assert (plain["parts"], rich["parts"]) == (["hello"], ["there"])
    empty: Json = {
        "published_at": "2026-01-01T00:00:00Z",
        "time_zone": "UTC",
        "deliveries": [],
        "amendments": [],
        "figures": [],
        "commands": (),
    }
    lines = list(show.history_lines([plain | empty, rich | empty]))
    assert [line.strip() for line in lines if line.startswith("    ")] == [
        "hello",
        "there",
        "picture: A teapot.",
        "card: Tea https://example.org/tea",
    ]


def test_pictures_that_are_not_taken_stop_a_thread_before_its_first_part(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is sent to a platform that does not take them, and a person is told why."""
    for name in ("x", "bluesky"):
        monkeypatch.setitem(SPECS, name, replace(SPECS[name], media=None))
    draft = world.draft("one", Part("two", (PICTURE,)), "three")
    world.run(draft)
    assert (world.texts("x"), world.texts("bluesky"), world.draft_status(draft)) == ([], [], DraftStatus.FAILED)
    delivery = deliveries.of_draft(world.db, draft)[0]
    assert delivery.error.startswith("Bluesky takes no pictures")


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


@pytest.mark.parametrize("seconds", [90, -3600], ids=["to come", "past"])
def test_a_named_time_is_never_come_to_early(world: World, seconds: int) -> None:
    """Servers round it down to the second (Bluesky's refused four tries within 40 ms of it); one that is past, by a
    clock that is ahead, is no reason to ask without a pause."""
    asked = []

    class Limited(FakeThreadPlatform):
        def publish(self, request: Json) -> Receipt:
            asked.append(world.clock())
            if len(asked) < 3:
                raise NotSent("429", retry_at=START + timedelta(seconds=seconds))
            return super().publish(request)

    world.platforms["bluesky"] = Limited("bluesky", world.clock)
    world.run(world.draft("hello"))
    assert world.texts("bluesky") == ["hello"]
    assert asked[1] - asked[0] > timedelta(seconds=max(0, seconds))
    assert asked[2] > asked[1]


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
    world.run_twice(draft)
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
    world.run_twice(draft)
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


def test_a_part_deleted_before_a_lost_answer_is_settled_is_put_back_in_its_place(world: World) -> None:
    """Some of a whole thread is there: the rest goes out part by part, as it was prepared, and nothing is doubled."""
    bluesky = world.platforms["bluesky"]
    bluesky.faults, bluesky.unreadable = [("stored", OutcomeUnknown("reset"))], Unreadable("down")
    draft = world.draft("one", "two", "three")
    world.run(draft)
    assert world.statuses(draft)["bluesky"] == ["unknown"] * 3
    bluesky.unreadable = None
    [deleted] = [post for post in bluesky.posts if post["text"] == "two"]
    bluesky.posts.remove(deleted)
    world.later(hours=1)
    world.run()
    assert sorted((post["text"], post["reply"]) for post in bluesky.posts) == [
        ("one", ""),
        ("three", "k2"),
        ("two", "k1"),
    ]
    assert world.draft_status(draft) is DraftStatus.POSTED


def test_a_whole_thread_that_did_not_arrive_is_sent_again_in_the_same_run(world: World) -> None:
    world.platforms["bluesky"].faults = [OutcomeUnknown("reset")]
    draft = world.draft("one", "two", "three")
    world.run(draft)
    assert world.texts("bluesky") == ["one", "two", "three"]
    assert world.draft_status(draft) is DraftStatus.POSTED


def test_a_part_deleted_before_the_look_up_of_the_same_run_is_mended_by_the_next(world: World) -> None:
    """What is there is adopted and not sent again; the part that is missing goes out by itself."""

    class Deleting(FakeThreadPlatform):
        def publish_thread(self, requests: Sequence[Json]) -> list[Receipt]:
            super().publish_thread(requests)
            del self.posts[1]
            raise OutcomeUnknown("reset")

    world.platforms["bluesky"] = Deleting("bluesky", world.clock)
    draft = world.draft("one", "two", "three")
    world.run(draft)
    assert world.statuses(draft)["bluesky"] == ["posted", "queued", "posted"]
    world.later(hours=1)
    world.run()
    assert world.texts("bluesky") == ["one", "three", "two"]
    assert world.draft_status(draft) is DraftStatus.POSTED


def test_the_parts_of_a_thread_are_a_millisecond_apart(world: World) -> None:
    """A timeline sorted by time keeps their order, even if all are prepared within one tick of the clock."""
    seen: list[timedelta] = []

    class Noting(FakeThreadPlatform):
        def prepare(self, post: Outgoing) -> Json:
            seen.append(post.created_at - START)
            return super().prepare(post)

    world.platforms["bluesky"] = Noting("bluesky", world.clock)
    world.run(world.draft("one", "two", "three"))
    assert seen == [timedelta(milliseconds=number) for number in range(3)]


def test_what_is_refused_of_a_whole_thread_is_all_of_it_and_is_told_once(world: World) -> None:
    world.platforms["bluesky"].faults = [Refused("part 3 is too long")]
    draft = world.draft("one", "two", "three")
    found = drafts.get(world.db, draft)
    assert found is not None
    outbox = world.outbox()
    outbox.publish(found, None, world.platforms)
    assert world.statuses(draft) == {"bluesky": ["failed"] * 3, "x": ["posted"] * 3}
    assert [line for _, line in outbox.attention] == [f"bluesky: draft {draft} failed: part 3 is too long"]


@pytest.mark.parametrize("error", [Refused("broken characters"), NotSent("can't resolve @someone"), KeyError("odd")])
def test_a_part_that_can_not_be_prepared_keeps_the_whole_thread_back(world: World, error: Exception) -> None:
    """Nothing goes out alone, neither now nor in the runs until it is given up."""

    class NoSecondPart(FakeThreadPlatform):
        def prepare(self, post: Outgoing) -> Json:
            if post.text == "two":
                raise error
            return super().prepare(post)

    world.platforms["bluesky"] = NoSecondPart("bluesky", world.clock)
    draft = world.draft("one", "two", "three")
    for _ in range(4):
        world.run(draft)
        world.later(hours=1)
    assert world.texts("bluesky") == []
    assert world.statuses(draft)["bluesky"] == ["failed"] * 3
    assert world.draft_status(draft) is DraftStatus.PARTLY_POSTED
    mine = [one for one in deliveries.of_draft(world.db, draft) if one.platform == "bluesky"]
    assert len({(one.error, deliveries.runs_that_tried(world.db, one.id)) for one in mine}) == 1, "one story for all"


def test_a_thread_of_which_one_part_is_held_does_not_go_out_in_part(world: World) -> None:
    """A stranger's post stands under the second key: all ends, told to a person, who may resume once it is gone."""
    bluesky = world.platforms["bluesky"]

    class Stranger(FakeThreadPlatform):
        def look_up(self, request: Json, since: datetime, claimed: frozenset[str]) -> Receipt | None:
            if request["text"] == "two":
                raise Unreadable("another post stands there", forbidden=True)
            return super().look_up(request, since, claimed)

    world.platforms["bluesky"] = Stranger("bluesky", world.clock)
    world.platforms["bluesky"].faults = [OutcomeUnknown("500")]
    draft = world.draft("one", "two", "three")
    for _ in range(3):
        world.run(draft)
        world.later(hours=1)
    assert world.texts("bluesky") == []
    assert world.statuses(draft)["bluesky"] == ["failed", "held", "failed"]
    world.platforms["bluesky"] = bluesky
    found = drafts.get(world.db, draft)
    assert found is not None
    decisions.resume(world.db, found, timedelta(hours=72), world.clock())
    world.run()
    assert world.texts("bluesky") == ["one", "two", "three"]
    assert world.draft_status(draft) is DraftStatus.POSTED


def test_while_a_part_can_not_be_looked_up_the_others_wait(world: World) -> None:
    """Two parts are proved absent and the third can't be read yet: none is sent alone; later the thread goes whole."""

    class ReadsTwice(FakeThreadPlatform):
        def look_up(self, request: Json, since: datetime, claimed: frozenset[str]) -> Receipt | None:
            if request["text"] == "three" and world.clock() < START + timedelta(hours=2):
                raise Unreadable("down")
            return super().look_up(request, since, claimed)

    world.platforms["bluesky"] = ReadsTwice("bluesky", world.clock)
    world.platforms["bluesky"].faults = [OutcomeUnknown("reset")]
    draft = world.draft("one", "two", "three")
    world.run_twice(draft)
    assert world.texts("bluesky") == []
    assert world.statuses(draft)["bluesky"] == ["queued", "queued", "unknown"]
    world.later(hours=1)
    world.run()
    assert world.texts("bluesky") == ["one", "two", "three"]
    assert world.draft_status(draft) is DraftStatus.POSTED


def test_a_thread_begun_part_by_part_ends_so(world: World) -> None:
    """An earlier version sent the first part and was stopped: the rest follows under it."""
    whole = world.platforms["bluesky"]
    world.platforms["bluesky"] = FakePlatform("bluesky", world.clock, definite=True)
    world.platforms["bluesky"].faults = [None, *[NotSent("down")] * 4]
    draft = world.draft("one", "two", "three")
    world.run(draft)
    assert world.statuses(draft)["bluesky"] == ["posted", "queued", "queued"]
    whole.posts = world.platforms["bluesky"].posts
    world.platforms["bluesky"] = whole
    world.later(hours=1)
    world.run()
    assert world.texts("bluesky") == ["one", "two", "three"]
    assert world.draft_status(draft) is DraftStatus.POSTED


def test_a_twin_among_the_receipts_of_a_whole_thread_holds_that_part_alone(world: World) -> None:
    """The platform answers with a post that another delivery has: the other parts are saved as they are."""

    class Twin(FakeThreadPlatform):
        def publish_thread(self, requests: Sequence[Json]) -> list[Receipt]:
            return [*super().publish_thread(requests)[:2], Receipt("k1", "https://bluesky.invalid/k1")]

    first = world.draft("first")
    world.run(first)
    world.platforms["bluesky"] = Twin("bluesky", world.clock)
    world.later(hours=1)
    draft = world.draft("one", "two", "three")
    world.run(draft)
    assert world.statuses(draft)["bluesky"] == ["posted", "posted", "held"]


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
        run = runs.start(world.db, "b", "run", slot, START)
        found = drafts.get(world.db, first)
        assert found is not None
        drafts.claim(world.db, found, slot, START, run)
    found = drafts.get(world.db, second)
    assert found is not None
    with pytest.raises(StoreConflict), world.db.transaction():
        drafts.claim(world.db, found, slot, START, run)


def test_a_death_while_looking_leaves_no_try_open_for_ever(world: World) -> None:
    """A process that dies in a look-up leaves a begun attempt; the next run ends it as lost."""

    class DiesLooking(FakePlatform):
        def look_up(self, request: Json, since: datetime, claimed: frozenset[str]) -> Receipt | None:
            raise Crash

    whole = world.platforms["x"]
    world.platforms["x"] = DiesLooking("x", world.clock)
    world.platforms["x"].faults = [OutcomeUnknown("reset")]
    draft = world.draft("hello")
    with pytest.raises(Crash):
        world.run(draft)
    world.platforms["x"] = whole
    world.later(hours=1)
    world.run()
    assert world.db.value("SELECT count(*) FROM attempts WHERE ended_at IS NULL") == 0
    assert world.db.value("SELECT count(*) FROM attempts WHERE kind = 'look_up' AND outcome = 'lost'") == 1
    assert world.texts("x") == ["hello"]


def test_a_whole_thread_that_can_not_be_looked_up_is_held_within_three_runs(world: World) -> None:
    """Its parts went in one request: they are held together, not one after the other."""
    world.platforms["bluesky"].faults = [("stored", OutcomeUnknown("reset"))]
    world.platforms["bluesky"].unreadable = Unreadable("500")
    draft = world.draft("one", "two", "three")
    world.run(draft)
    for _ in range(3):
        world.later(hours=1)
        world.run()
    assert world.statuses(draft)["bluesky"] == ["held", "held", "held"]
    assert world.draft_status(draft) is DraftStatus.PARTLY_POSTED


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
@pytest.mark.parametrize(
    "fault", [pytest.param(name, marks=pytest.mark.slow) if name == "429 twice" else name for name in FAULTS]
)
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
            assert len(world.texts("bluesky")) in (0, len(parts)), "readers see half a thread"
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


class _Lagging(FakePlatform):
    """A server whose list of posts lacks the newest ones for a while, and which refuses no duplicate."""

    lag = timedelta(minutes=90)

    def look_up(self, request: Json, since: datetime, claimed: frozenset[str]) -> Receipt | None:
        if self.unreadable is None and all(self.clock() - post["at"] < self.lag for post in self.posts):
            return None
        return super().look_up(request, since, claimed)


@pytest.fixture
def lagging(world: World) -> _Lagging:
    """X holds the post of draft 1, and nobody knows."""
    x = world.platforms["x"] = _Lagging("x", world.clock)
    x.faults = [("stored", OutcomeUnknown("reset"))]
    world.run(world.draft("hello"))
    return x


def test_what_may_be_out_is_not_called_failed_when_superseded(world: World, lagging: _Lagging) -> None:
    """Not found, queued again, not let through: superseded it would be reported as not there."""
    world.later(minutes=60)
    lagging.faults = [NotSent("too many", status=429)] * 8
    world.run(world.draft("newer"))
    assert world.texts("x") == ["hello"] and world.statuses(1)["x"] == ["held"]


def test_what_a_person_edited_makes_no_way_for_a_newer_post(world: World) -> None:
    """Its words are theirs, whoever wrote the draft: it goes out when X takes posts again."""
    draft = world.draft("hello")
    if saved := drafts.get(world.db, draft):
        decisions.edit(world.db, saved, (Part("my words"),), {}, world.clock())
    world.platforms["x"].faults = [NotSent("too many", status=429)] * 4
    world.run(draft)
    world.later(minutes=60)
    world.platforms["x"].faults = [NotSent("too many", status=429)] * 4
    world.run(world.draft("newer"))
    assert world.statuses(draft)["x"] == ["queued"]
    world.later(minutes=60)
    world.run()
    assert world.texts("x").count("my words") == 1


def test_a_refusal_says_nothing_about_an_earlier_try(world: World, lagging: _Lagging) -> None:
    """The second send is refused for credit; the first may have arrived, so a person looks."""
    world.later(minutes=20)
    lagging.faults = [NeedsPerson("no credit", status=402)]
    world.run()
    assert world.texts("x") == ["hello"] and world.statuses(1)["x"] == ["held"]


def test_what_may_be_out_is_held_when_its_time_runs_out(world: World, lagging: _Lagging) -> None:
    lagging.lag = timedelta(days=30)
    for hours in (1, 80):
        world.later(hours=hours)
        lagging.faults = [NotSent("too many", status=429)] * 8
        world.run()
    assert world.texts("x") == ["hello"] and world.statuses(1)["x"] == ["held"]


def test_resumed_within_the_settling_time_it_is_not_sent_again_on_one_look(world: World, lagging: _Lagging) -> None:
    """A person mends the reading and resumes at once; the list still lags."""
    lagging.unreadable = Unreadable("no", status=403, forbidden=True)
    world.run()
    assert world.statuses(1)["x"] == ["held"]
    draft = drafts.get(world.db, 1)
    assert draft is not None
    decisions.resume(world.db, draft, timedelta(hours=72), world.clock())
    lagging.unreadable = None
    world.later(minutes=2)
    world.run()
    assert world.texts("x") == ["hello"] and world.statuses(1)["x"] == ["unknown"]
    lagging.lag = timedelta(minutes=10)
    world.later(minutes=20)
    world.run()
    assert world.texts("x") == ["hello"] and world.statuses(1)["x"] == ["posted"]
