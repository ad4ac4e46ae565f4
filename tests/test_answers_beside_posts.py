"""Answers and listening never cost a post: none is lost, delayed or put elsewhere for them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.commented import heard, standing
from tests.test_answering import World
from tests.test_hearing import Talkative
from twitter_manager import decisions, takedown
from twitter_manager.content import plain
from twitter_manager.delivery import Outbox
from twitter_manager.domain import Draft, DraftStatus, Outcome
from twitter_manager.errors import Interrupted, NotSent, Unreadable, UsageError
from twitter_manager.pipeline import answering
from twitter_manager.settings.records import Answers, Listen
from twitter_manager.social import Author, Heard, SeenPost
from twitter_manager.store import comments, drafts, runs
from twitter_manager.store.database import Database


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


@pytest.mark.parametrize(
    ("there", "draft_is", "comment_is"),
    [
        ([], "skipped", "gone"),
        ([heard("Vote for me!", "901")], "needs_attention", "drafted"),
        ([heard("How?", "901")], "posted", "answered"),
    ],
    ids=["deleted", "edited", "as it was"],
)
def test_what_is_answered_is_what_was_said(world: World, there: list[Heard], draft_is: str, comment_is: str) -> None:
    """An answer to words that were deleted or edited since does not go out; its person hears of it, reads the new
    words, and can let it go out beneath those."""
    sky = Talkative("bluesky", world.clock)
    world.platforms["bluesky"] = sky
    number = world.said("bluesky", "901", text="How?")
    draft, sky.said = world.answer(number, "Like this."), there
    done = world.run()
    assert (world.status(draft), standing(world.db, number)[0]) == (draft_is, comment_is)
    assert bool(world.there("bluesky")) == (draft_is == "posted") == (not done.attention)
    if draft_is == "needs_attention":
        comment, seen = comments.get(world.db, number), drafts.get(world.db, draft)
        assert comment and seen and comment.text == "Vote for me!"
        decisions.resume(world.db, seen, timedelta(hours=5), world.clock())
        world.run()
        assert world.there("bluesky") == [("901", "Like this.")]


@pytest.mark.parametrize("origin", ["generator", "person"])
@pytest.mark.parametrize("who", ["The_Bot", "ann"])
def test_what_its_person_answered_there_no_model_answers_again(world: World, who: str, origin: str) -> None:
    """A model's answer, approved or not asked about, is given up where the account's own stands beneath the comment by
    then; what others said there, and the person's own words, keep nothing back."""

    class Threaded(Talkative):
        def thread(self, remote_id: str) -> list[SeenPost]:
            return [each.post for each in self.said]

        def author(self, handle: str) -> Author | None:
            return Author("the_bot", "The bot", "", "https://there.invalid/the_bot", 1, 1, None)

    sky = Threaded("bluesky", world.clock)
    world.platforms["bluesky"] = sky
    number = world.said("bluesky", "901", text="How?")
    draft = world.answer(number, "Like this.", origin=origin)
    sky.said = [heard("How?", "901"), heard("Like so.", "902", parent="901", author=who)]
    done = world.run()
    again = (who, origin) == ("The_Bot", "generator")
    assert world.status(draft) == ("skipped" if again else "posted")
    assert world.there("bluesky") == ([] if again else [("901", "Like this.")])
    assert standing(world.db, number) == ("answered", "the account answered it there" if again else "")
    assert not done.attention


def test_no_answer_stops_the_posts(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault that nobody foresaw costs that answer, which is told, and no other and no post."""
    broken, sound = (world.answer(world.said(remote_id=name), f"Thanks, {name}.") for name in ("900", "901"))
    post(world)
    why_not = answering.why_not

    def failing(db: Database, draft: Draft, answers: Answers) -> str:
        if draft.id == broken:
            raise KeyError("nobody foresaw this")
        return why_not(db, draft, answers)

    monkeypatch.setattr(answering, "why_not", failing)
    done = world.run()
    assert world.there() == [("901", "Thanks, 901."), ("", "A post.")]
    assert (world.status(broken), world.status(sound)) == ("approved", "posted")
    assert any(f"the answer in draft {broken} is not sent: unforeseen KeyError" in line for line in done.attention)


def test_what_only_a_person_can_mend_is_told(world: World) -> None:
    """An answer whose comment may not be looked at waits, and its person hears why, also later by `status`, which tells
    what the last run has on record."""

    class Shut(Talkative):
        def seen(self, remote_id: str) -> SeenPost | None:
            raise Unreadable("The token lacks read:statuses.", "Make a new one.", forbidden=True)

    world.platforms["bluesky"] = Shut("bluesky", world.clock)
    draft = world.answer(world.said("bluesky", "901"))
    done = world.run()
    assert (world.status(draft), world.there("bluesky")) == ("approved", [])
    assert any("read:statuses" in line for line in done.attention)
    [run] = runs.last(world.db, "b")
    assert "The token lacks read:statuses." in run.reason
