"""A person resumes or skips, platforms come and go, clocks jump: every draft still ends, once, and nothing is lost."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from tests.fakes import START, FakePlatform
from tests.outbox import World
from twitter_manager import decisions
from twitter_manager.content import normalised_hash
from twitter_manager.delivery import Policy
from twitter_manager.domain import Draft, DraftStatus, Json, Receipt
from twitter_manager.errors import NeedsPerson, NotSent, OutcomeUnknown, Refused, Unreadable, UsageError
from twitter_manager.store import drafts


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path / "t.db")


def get(world: World, draft_id: int) -> Draft:
    found = drafts.get(world.db, draft_id)
    assert found is not None
    return found


def resume(world: World, draft_id: int) -> None:
    decisions.resume(world.db, get(world, draft_id), timedelta(hours=72), world.clock())
    world.later(hours=1)
    world.run()


def known(world: World, text: str) -> bool:
    return drafts.text_known(world.db, normalised_hash((text,)))


def test_resume_after_giving_up_has_all_its_tries_again(world: World) -> None:
    world.platforms["x"].faults = [NotSent("down")] * 99
    draft = world.draft("mine", origin="person")
    world.run(draft)
    for _ in range(3):
        world.later(hours=1)
        world.run()
    assert world.statuses(draft)["x"] == ["held"]
    world.platforms["x"].faults = []
    resume(world, draft)
    assert world.texts("x") == ["mine"]
    assert world.draft_status(draft) is DraftStatus.POSTED


def test_resume_after_the_time_to_live_gives_a_new_one(world: World) -> None:
    world.platforms["x"].faults = [NeedsPerson("out of credit")]
    draft = world.draft("mine", origin="person")
    world.run(draft)
    world.later(hours=80)
    resume(world, draft)
    assert world.texts("x") == ["mine"]


def test_resume_of_a_post_held_as_unsure_is_the_persons_word(tmp_path: Path) -> None:
    """It is looked up once more; not found, it goes out, although the setting says hold."""
    world = World(tmp_path / "t.db", policy=Policy(hold_when_unsure=True))
    world.platforms["x"].faults = [OutcomeUnknown("reset")]
    draft = world.draft("hello")
    world.run_twice(draft)
    resume(world, draft)
    assert world.texts("x") == ["hello"]


def test_resume_of_a_held_post_that_is_there_adopts_it(world: World) -> None:
    world.platforms["x"].faults = [("stored", OutcomeUnknown("reset"))]
    world.platforms["x"].unreadable = Unreadable("forbidden", forbidden=True)
    draft = world.draft("hello")
    world.run_twice(draft)
    assert world.statuses(draft)["x"] == ["held"]
    world.platforms["x"].unreadable = None
    resume(world, draft)
    assert world.texts("x") == ["hello"]
    assert world.draft_status(draft) is DraftStatus.POSTED


def test_a_resumed_post_does_not_make_way_for_a_newer_one(world: World) -> None:
    world.platforms["x"].faults = [NeedsPerson("credit")]
    old = world.draft("old")
    world.run(old)
    decisions.resume(world.db, get(world, old), timedelta(hours=72), world.clock())
    world.platforms["x"].faults = [NotSent("down")] * 4
    world.later(hours=1)
    world.run(world.draft("new"))
    assert world.statuses(old)["x"] == ["queued"]


def test_resume_is_refused_when_another_draft_has_the_text(world: World) -> None:
    drafts_made = []
    for _ in range(2):
        for platform in world.platforms.values():
            platform.faults = [Refused("no")]
        drafts_made.append(world.draft("mine", origin="person"))
        world.run(drafts_made[-1])
        world.later(hours=1)
    decisions.resume(world.db, get(world, drafts_made[0]), timedelta(hours=1), world.clock())
    with pytest.raises(UsageError, match="Another draft"):
        decisions.resume(world.db, get(world, drafts_made[1]), timedelta(hours=1), world.clock())


def test_what_may_be_out_counts_as_said(world: World) -> None:
    """A held post, and one that was skipped when one platform had it, keep their words from being posted again."""
    world.platforms["x"].faults = [("stored", OutcomeUnknown("reset"))]
    world.platforms["x"].unreadable = Unreadable("forbidden", forbidden=True)
    del world.platforms["bluesky"]
    world.run(world.draft("hello"))
    world.later(hours=1)
    world.run()
    assert known(world, "hello")


def test_a_skipped_post_that_is_out_somewhere_counts_as_said(world: World) -> None:
    world.platforms["x"].faults = [Refused("no")]
    draft = world.draft("hello")
    world.run(draft)
    decisions.skip(world.db, get(world, draft), world.clock())
    assert world.draft_status(draft) is DraftStatus.SKIPPED
    assert known(world, "hello")


def test_a_post_that_surely_never_got_out_may_be_written_anew(world: World) -> None:
    for platform in world.platforms.values():
        platform.faults = [Refused("no")]
    world.run(world.draft("hello"))
    assert not known(world, "hello")


def test_skip_ends_a_thread_that_stands_half_way(world: World) -> None:
    world.platforms["x"].faults = [None, *[NotSent("down")] * 4]
    draft = world.draft("one", "two")
    world.run(draft)
    decisions.skip(world.db, get(world, draft), world.clock())
    world.later(hours=1)
    world.run()
    assert world.texts("x") == ["one"]
    assert world.statuses(draft)["x"] == ["posted", "failed"]


def test_a_thread_on_a_platform_that_was_taken_away_is_held(world: World) -> None:
    world.platforms["x"].faults = [None, *[NotSent("down")] * 4]
    draft = world.draft("one", "two")
    world.run(draft)
    del world.platforms["x"]
    world.later(hours=1)
    world.run()
    assert world.statuses(draft)["x"] == ["posted", "held"]
    assert world.draft_status(draft) is DraftStatus.PARTLY_POSTED


def test_a_clock_that_was_ahead_blocks_no_platform(world: World) -> None:
    world.clock.now = START + timedelta(days=3650)
    world.platforms["x"].faults = [NotSent("429", retry_at=world.clock() + timedelta(hours=2))]
    world.run(world.draft("hello"))
    world.clock.now = START
    world.run(world.draft("back"))
    assert "back" in world.texts("x")


def test_what_is_over_can_not_be_skipped(world: World) -> None:
    """A post that is out stays what it is."""
    draft = world.draft("hello")
    world.run(draft)
    with pytest.raises(UsageError, match=f"Draft {draft} is published: it can't be dropped"):
        decisions.skip(world.db, get(world, draft), world.clock())
    assert world.draft_status(draft) is DraftStatus.POSTED


def test_a_remote_id_that_belongs_to_another_delivery_is_held(world: World) -> None:
    class Same(FakePlatform):
        def publish(self, request: Json) -> Receipt:
            return Receipt("1", "https://x.invalid/1")

    world.platforms["x"] = Same("x", world.clock)
    world.run(world.draft("a"))
    world.later(hours=1)
    second = world.draft("b")
    world.run(second)
    assert world.statuses(second) == {"bluesky": ["posted"], "x": ["held"]}


def test_three_quick_looks_do_not_use_up_the_settling_time(world: World) -> None:
    world.platforms["x"].faults = [OutcomeUnknown("reset")]
    world.platforms["x"].unreadable = Unreadable("503")
    draft = world.draft("hello")
    world.run(draft)
    for _ in range(2):
        world.later(seconds=20)
        world.run()
    assert world.statuses(draft)["x"] == ["unknown"]
