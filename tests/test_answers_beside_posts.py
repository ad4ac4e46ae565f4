"""Answers and listening never cost a post: none is lost, delayed or put elsewhere for them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.test_answering import World
from tests.test_hearing import Talkative
from twitter_manager import takedown
from twitter_manager.content import plain
from twitter_manager.delivery import Outbox
from twitter_manager.domain import DraftStatus, Outcome
from twitter_manager.errors import Interrupted, NotSent, UsageError
from twitter_manager.settings.records import Listen
from twitter_manager.store import drafts, runs


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path / "t.db")


def post(world: World, text: str = "A post.", *, origin: str = "person", platforms: tuple[str, ...] = ("x",)) -> int:
    with world.db.transaction():
        return drafts.add(world.db, drafts.NewDraft("b", origin, plain([text]), platforms, None), world.clock())


def test_an_answer_is_not_posted_anew_beneath_nothing(world: World) -> None:
    """Where a platform can't edit, `correct` refuses an answer: the new one would stand by itself, among the posts."""
    draft = drafts.get(world.db, world.answer(world.said(), "Thnks."))
    assert draft
    world.run()
    with pytest.raises(UsageError, match="answers a comment"):
        takedown.correction(world.db, draft, None, "Thanks.", (), world.platforms, lambda draft, parts: {})
    assert world.there() == [("900", "Thnks.")]


def test_an_answer_in_the_queue_leaves_no_platform_out(world: World) -> None:
    """A post waits for a limit that ends soon, be there an answer that waits for it too."""
    x = world.platforms["x"]
    x.faults = [NotSent("no network")] * 4
    world.answer(world.said(), "Thanks.")
    world.run()
    world.later(hours=1)
    x.faults = [NotSent("too many", status=429, retry_at=world.clock() + timedelta(minutes=20))]
    post(world, origin="generator", platforms=("x", "bluesky"))
    world.run()
    assert world.there("bluesky") == [("", "A post.")]
    world.later(hours=1)
    world.run()
    assert sorted(world.there()) == [("", "A post."), ("900", "Thanks.")]


def test_the_hour_may_turn_before_answers_go_out(world: World) -> None:
    """An answer in the next hour is no post too late: it goes out, and so does the post behind it."""
    world.clock.now = world.clock.now.replace(minute=59)
    world.answer(world.said(), "Thanks.")
    post(world)

    class Slow(Outbox):
        def settle(self) -> None:
            world.clock.now += timedelta(minutes=2)

    context = replace(world.context(), outbox=Slow)
    world.context = lambda: context  # type: ignore[method-assign]
    world.run()
    assert world.there() == [("900", "Thanks."), ("", "A post.")]


@pytest.mark.parametrize("stopped", [Interrupted(15), KeyboardInterrupt()])
def test_a_run_that_is_stopped_while_it_listens_is_on_record_as_it_ended(world: World, stopped: BaseException) -> None:
    """The post went out and the run says so, whatever ends the reading after it."""

    class Stopped(Talkative):
        def heard(self, *args: object, **kwargs: object) -> object:  # type: ignore[override]
            raise stopped

    world.platforms["bluesky"] = Stopped("bluesky", world.clock)
    world.listen = Listen(figures=(), comments=("bluesky",))
    post(world)
    with pytest.raises(type(stopped)):
        world.run()
    [run] = runs.last(world.db, "b")
    assert (run.outcome, world.there()) == (Outcome.POSTED, [("", "A post.")])
    assert world.status(1) == DraftStatus.POSTED
