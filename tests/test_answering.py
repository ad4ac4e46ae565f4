"""Answers to comments on their way out: where they hang, when they go, and what becomes of the comment."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.commented import ROOT, answer, heard, keep, standing
from tests.fakes import (
    Crash,
    CrashingDatabase,
    FakeClock,
    FakePlatform,
    FakeThreadPlatform,
    FakeWriter,
    as_it_is,
)
from tests.fresh import new_database
from twitter_manager import due, schedule
from twitter_manager.content import plain
from twitter_manager.delivery import Policy
from twitter_manager.domain import DraftStatus, Outcome
from twitter_manager.errors import NotSent, OutcomeUnknown, Refused, StoreConflict
from twitter_manager.pipeline.context import READS_NOTHING, AtRest, Calendar, RunContext
from twitter_manager.pipeline.run import run_bot
from twitter_manager.pipeline.spending import Budget
from twitter_manager.settings.records import Answers
from twitter_manager.social import Kind
from twitter_manager.store import amendments, drafts, runs
from twitter_manager.store.comments import Whose
from twitter_manager.store.database import Database, connect

HOURLY = schedule.Schedule()


class Idle(FakeWriter):
    """There is nothing to write of."""

    def top_up(self, run_id: int, wanted: int) -> str:
        return AtRest("there is no material")


class World:
    """One bot on two platforms; `run` is a whole run of it."""

    def __init__(self, path: Path) -> None:
        self.path, self.clock = path, FakeClock()
        self.platforms: dict[str, FakePlatform] = {
            "bluesky": FakeThreadPlatform("bluesky", self.clock),
            "x": FakePlatform("x", self.clock),
        }
        self.answers = Answers.model_construct(per_hour=10)
        self.listen, self.budget = READS_NOTHING, Budget(15.0)
        self.db: Database = new_database(path)

    def crashing(self) -> CrashingDatabase:
        self.db.__class__ = CrashingDatabase
        assert isinstance(self.db, CrashingDatabase)
        return self.db

    def context(self) -> RunContext:
        return RunContext(
            bot="b",
            db=self.db,
            platforms=dict(self.platforms),
            calendar=Calendar(
                lambda now: schedule.slot_at(now, HOURLY, "UTC"),
                lambda now: schedule.next_slot(now, HOURLY, "UTC"),
                lambda now: schedule.local_day_start(now, "UTC"),
                lambda now: schedule.quiet_ends(now, None, "UTC"),
            ),
            bounds=due.Bounds(per_hour=1, per_day=24),
            budget=self.budget,
            policy=Policy(),
            pool=2,
            writer=Idle(),
            clock=self.clock,
            sleep=self.clock.sleep,
            time_left=lambda: 600.0,
            run_time=timedelta(minutes=10),
            progress=lambda line: None,
            redact=lambda text: text,
            pictures=as_it_is,
            answers=self.answers,
            listen=self.listen,
        )

    def run(self, **how: Any) -> Any:
        with self.db.transaction():
            runs.abandon_open(self.db, self.clock())
        return run_bot(self.context(), **how)

    def later(self, **time: float) -> None:
        self.clock.now += timedelta(**time)

    def said(self, platform: str = "x", remote_id: str = "900", **how: Any) -> int:
        whose = Whose("b", platform, self.platforms[platform].account)
        return keep(self.db, whose, heard(remote_id=remote_id, **how), self.clock())

    def answer(self, number: int, text: str = "By itself.", **how: Any) -> int:
        return answer(self.db, number, text, self.clock(), **how)

    def there(self, platform: str = "x") -> list[tuple[str, str]]:
        """What hangs beneath what."""
        return [(post["reply"], post["text"]) for post in self.platforms[platform].posts]

    def status(self, draft: int) -> str:
        found = drafts.get(self.db, draft)
        assert found
        return str(found.status)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path / "t.db")


@pytest.mark.parametrize("platform", ["x", "bluesky"])
@pytest.mark.parametrize("parts", [1, 3])
def test_an_answer_hangs_beneath_its_comment_once(world: World, platform: str, parts: int) -> None:
    """Its first part is a reply to the comment, the others follow it; no slot is used, and the comment is answered."""
    comment = world.said(platform, root=ROOT)
    draft = world.answer(comment, "one", more=("two", "three")[: parts - 1])
    assert standing(world.db, comment)[0] == "drafted"
    for _ in range(3):
        assert world.run().ok
        world.later(hours=1)
    first = ("1", "2") if platform == "x" else ("k1", "k2")
    expected = list(zip(("900", *first), ("one", "two", "three"), strict=True))[:parts]
    assert (world.there(platform), world.status(draft)) == (expected, "posted")
    assert standing(world.db, comment) == ("answered", "")
    assert world.db.value("SELECT count(*) FROM drafts WHERE slot IS NOT NULL") == 0


def test_the_root_of_a_conversation_stays_its_root(world: World) -> None:
    """Every part names the conversation's first post as root, not the answer's own first part."""
    seen = []
    prepare = world.platforms["bluesky"].prepare

    def keeping(post: Any) -> Any:
        seen.append(post.reply.root.remote_id)
        return prepare(post)

    world.platforms["bluesky"].prepare = keeping  # type: ignore[method-assign]
    world.answer(world.said("bluesky", root=ROOT), "one", more=("two",))
    world.run()
    assert seen == ["root", "root"]


def test_a_post_and_an_answer_go_out_in_one_run(world: World) -> None:
    """Answers stand beside slots: neither makes the other wait, and neither makes way for the other."""
    world.answer(world.said(), "Thanks for asking.")
    with world.db.transaction():
        new = drafts.NewDraft("b", "person", plain(["A post."]), ("x",), None)
        drafts.add(world.db, new, world.clock())
    assert world.run().outcome is Outcome.POSTED
    assert world.there() == [("900", "Thanks for asking."), ("", "A post.")]


def test_what_waits_to_be_sent_makes_way_for_nothing(world: World) -> None:
    """An answer that could not be sent stays queued when a post goes out after it, and goes out later."""
    world.platforms["x"].faults = [NotSent("no network")] * 4
    draft = world.answer(world.said(), "Thanks.", origin="generator")
    world.answers = Answers.model_construct(per_hour=10, x_allows_ai=True)
    world.run()
    world.platforms["x"].faults = [NotSent("no network")] * 4
    with world.db.transaction():
        drafts.add(world.db, drafts.NewDraft("b", "person", plain(["A post."]), ("x",), None), world.clock())
    world.later(hours=1)
    world.run()
    world.platforms["x"].faults = []
    world.later(hours=1)
    world.run()
    assert (sorted(world.there()), world.status(draft)) == ([("", "A post."), ("900", "Thanks.")], "posted")


def test_so_many_an_hour(world: World) -> None:
    """What the hour does not allow waits for the next, the oldest first."""
    world.answers = Answers.model_construct(per_hour=2)
    for number in range(5):
        world.answer(world.said(remote_id=str(900 + number)), f"Answer {number}.")
    sent = []
    for _ in range(3):
        world.run()
        world.later(minutes=20)
        world.run()
        sent.append(len(world.there()))
        world.later(minutes=40)
    assert sent == [2, 4, 5]


class Priced(FakePlatform):
    """Charges as X does."""

    def price(self, text: str, *, summoned: bool = False) -> float:
        return 0.010 if summoned else 0.015


@pytest.mark.parametrize(
    ("kind", "parts", "goes_out"), [(Kind.REPLY, 1, True), (Kind.ASKED, 1, False), (Kind.REPLY, 2, False)]
)
def test_an_answer_is_held_back_by_its_own_price(world: World, kind: Kind, parts: int, goes_out: bool) -> None:
    """Of one to somebody who named the account the first part costs less than a post: twelve thousandths of a dollar
    are enough for that alone."""
    world.platforms, world.budget = {"bluesky": Priced("bluesky", world.clock)}, Budget(0.012)
    world.answer(world.said("bluesky", kind=kind), more=("And more.",) * (parts - 1))
    world.run()
    assert bool(world.there("bluesky")) == goes_out


def test_nothing_is_answered_in_a_pause_or_beside_post_now(world: World) -> None:
    """A pause holds answers too, and `post --now` sends that post and no other."""
    world.answer(world.said(), "Thanks.")
    with world.db.transaction():
        runs.pause(world.db, "b", "a rest", world.clock())
    world.run()
    assert world.there() == []
    with world.db.transaction():
        runs.unpause(world.db, "b", world.clock())
        own = drafts.add(world.db, drafts.NewDraft("b", "person", plain(["Mine."]), ("x",), None), world.clock())
    world.run(only=own)
    assert world.there() == [("", "Mine.")]
    world.later(hours=1)
    world.run()
    assert world.there()[1:] == [("900", "Thanks.")]


def test_the_comment_says_that_its_answer_was_deleted(world: World) -> None:
    """Once all of it is gone there; it stays answered."""
    number = world.said()
    world.answer(number, more=("And more.",))
    world.run()
    for post, told in ((2, ""), (1, "its answer was deleted")):
        with world.db.transaction():
            remote_id = world.db.value("SELECT remote_id FROM deliveries WHERE id = ?", post)
            assert amendments.notice_gone(world.db, "x", str(remote_id), world.clock())
        assert standing(world.db, number) == ("answered", told)


def test_two_answers_to_one_comment_are_impossible(world: World) -> None:
    """The database refuses the second, whatever became of the first but a draft that was given up; and where that may
    be out, no program writes another."""
    comment = world.said()
    first = world.answer(comment)
    with pytest.raises(StoreConflict):
        world.answer(comment, "And again.")
    world.run()
    with pytest.raises(StoreConflict):
        world.answer(comment, "And again.")
    assert (world.status(first), len(world.there())) == ("posted", 1)


def _fails(world: World, draft: int) -> None:
    world.platforms["x"].faults = [Refused("Not allowed.")]
    world.run()


def _expires(world: World, draft: int) -> None:
    world.later(hours=2)
    world.run()


def _is_skipped(world: World, draft: int) -> None:
    found = drafts.get(world.db, draft)
    assert found
    with world.db.transaction():
        drafts.move(world.db, found, DraftStatus.SKIPPED, world.clock(), reason="a person gave it up")


def _is_held(world: World, draft: int) -> None:
    world.platforms["x"].faults = [OutcomeUnknown("no answer")]
    world.platforms["x"].unreadable = NotSent("no network")
    for _ in range(8):
        world.run()
        world.later(hours=1)


@pytest.mark.parametrize(
    ("happens", "words"),
    [
        (_fails, "its answer failed: x failed: Not allowed."),
        (_is_held, "its answer failed: x is held"),
        (_expires, "its answer expired: its time to live ran out"),
        (_is_skipped, "its answer was skipped: a person gave it up"),
    ],
)
def test_a_comment_comes_back_when_its_answer_is_not_out(world: World, happens: Any, words: str) -> None:
    """Its person sees it again, with the reason."""
    comment = world.said()
    happens(world, world.answer(comment, lifetime=timedelta(hours=1)))
    status, reason = standing(world.db, comment)
    assert (status, reason[: len(words)]) == ("flagged", words)


@pytest.mark.parametrize("status", ["dismissed", "gone", "answered"])
def test_what_wants_no_answer_gets_none(world: World, status: str) -> None:
    """An approved answer to a comment that was dismissed, deleted or answered by hand is dropped, not sent."""
    comment = world.said()
    draft = world.answer(comment)
    with world.db.transaction():
        world.db.update_one("UPDATE comments SET status = ? WHERE id = ?", status, comment)
    world.run()
    assert (world.there(), world.status(draft), standing(world.db, comment)[0]) == ([], "skipped", status)


RULES: Mapping[str, tuple[dict[str, Any], dict[str, Any], dict[str, Any], str]] = {
    "nobody turned to the account": ({"kind": Kind.ASKED}, {}, {}, "mentioned or quoted the account"),
    "a model's words": ({}, {"origin": "generator"}, {}, "x_allows_ai"),
    "a model's words, with X's leave": ({}, {"origin": "generator"}, {"x_allows_ai": True}, ""),
    "a person's words": ({}, {}, {}, ""),
    "a mention": ({"remote_id": "901"}, {}, {}, ""),
}


@pytest.mark.parametrize("rule", RULES)
def test_x_lets_a_program_answer_only_so(world: World, rule: str) -> None:
    """Only who turned to the account, and a model's words only with X's approval; else a person reads why."""
    said, words, settings, refusal = RULES[rule]
    world.answers = Answers.model_construct(per_hour=10, **settings)
    draft = world.answer(world.said(**said), **words)
    done = world.run()
    found = drafts.get(world.db, draft)
    assert found
    assert bool(world.there()) == (not refusal)
    assert str(found.status) == ("needs_attention" if refusal else "posted")
    assert refusal in found.reason and (not refusal or refusal in " ".join(done.attention))


def test_elsewhere_a_model_answers_by_the_usual_rules(world: World) -> None:
    """Bluesky asks for no leave; but where the bot said enough in a conversation, only its person goes on."""
    world.answers = Answers.model_construct(per_hour=10, per_thread=2)
    for number, origin in enumerate(("generator", "generator", "generator", "person")):
        said = world.said("bluesky", f"90{number}", root=ROOT)
        world.answer(said, f"Answer {number}.", origin=origin)
    world.run()
    assert [text for _, text in world.there("bluesky")] == ["Answer 0.", "Answer 1.", "Answer 3."]


def test_an_answer_never_goes_out_on_another_account(world: World) -> None:
    """What was said to one account is not answered by the next one that is set up."""
    draft = world.answer(world.said())
    world.platforms["x"].account = "another@x"
    assert not world.run().ok
    assert (world.there(), world.status(draft)) == ([], "needs_attention")


@pytest.mark.parametrize("stored", [False, True])
@pytest.mark.parametrize("platform", ["x", "bluesky"])
def test_an_unclear_end_is_looked_up_beneath_the_comment(world: World, platform: str, stored: bool) -> None:
    """The same words beneath another comment are not taken for it, and it is there once in the end."""
    other, mine = (world.said(platform, number, root=ROOT) for number in ("800", "900"))
    world.platforms[platform].posts.append(
        {"key": "k0", "text": "Thanks.", "reply": "800", "at": world.clock() + timedelta(minutes=1)}
    )
    unclear = OutcomeUnknown("no answer")
    world.platforms[platform].faults = [("stored", unclear) if stored else unclear]
    draft = world.answer(mine, "Thanks.")
    for _ in range(3):
        world.run()
        world.later(hours=1)
    assert world.there(platform) == [("800", "Thanks."), ("900", "Thanks.")]
    assert (world.status(draft), standing(world.db, mine)[0]) == ("posted", "answered")
    assert standing(world.db, other)[0] == "new"


@pytest.mark.parametrize("platform", ["x", "bluesky"])
def test_wherever_the_run_dies_the_answer_is_there_once(tmp_path: Path, platform: str) -> None:
    """Killed before and after every commit of the run that sends it; two parts, and the comment is answered."""
    commits = 0
    for after in (False, True):
        for number in range(40):
            folder = tmp_path / f"{after}-{number}"
            folder.mkdir()
            world = World(folder / "t.db")
            comment = world.said(platform, root=ROOT)
            draft = world.answer(comment, "one", more=("two",))
            db = world.crashing()
            db.crash_at, db.after = number, after
            died = True
            with suppress(Crash):
                world.run()
                died = False
            world.db.close()
            world.db = connect(world.path)
            for _ in range(3):
                world.later(hours=1)
                world.run()
            first = "1" if platform == "x" else "k1"
            assert world.there(platform) == [("900", "one"), (first, "two")], (after, number)
            assert (world.status(draft), standing(world.db, comment)[0]) == ("posted", "answered")
            world.db.close()
            if not died:
                break
            commits += 1
    assert commits > 10
