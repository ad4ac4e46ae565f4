"""The outbox when the run's time is nearly up, and what a platform that can't be read costs."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.fakes import FakePlatform, FakeThreadPlatform
from tests.outbox import World
from twitter_manager.delivery import RESERVE_SECONDS, Outbox, Policy
from twitter_manager.domain import Json, Receipt
from twitter_manager.errors import Doubtful, NotSent, OutcomeUnknown, Refused, Unreadable
from twitter_manager.store import drafts, events

ENOUGH = RESERVE_SECONDS + 0.5


class Counting(FakePlatform):
    """Counts the requests and the look-ups."""

    sent = 0
    looked = 0

    def publish(self, request: Json) -> Receipt:
        self.sent += 1
        return super().publish(request)

    def look_up(self, request: Json, since: datetime, claimed: frozenset[str]) -> Receipt | None:
        self.looked += 1
        return super().look_up(request, since, claimed)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path / "t.db")


@pytest.fixture
def x(world: World) -> Counting:
    """The only platform."""
    x = Counting("x", world.clock)
    world.platforms = {"x": x}
    return x


def publish(world: World, outbox: Outbox, *parts: str) -> int:
    draft = drafts.get(world.db, world.draft(*parts))
    assert draft is not None
    outbox.publish(draft, None, world.platforms)
    return draft.id


@pytest.mark.parametrize(("seconds", "sent"), [(RESERVE_SECONDS, 0), (ENOUGH, 1)])
def test_no_request_begins_when_the_time_is_nearly_up(world: World, x: Counting, seconds: float, sent: int) -> None:
    """What is kept back stays queued with the reason, and costs no try."""
    draft = publish(world, world.outbox(seconds=seconds), "hello")
    assert x.sent == sent
    assert world.statuses(draft)["x"] == (["posted"] if sent else ["queued"])
    reasons = [row["error"] for row in world.db.rows("SELECT error FROM deliveries")]
    assert reasons == ([""] if sent else ["the run's time was up"])


@pytest.mark.parametrize(("seconds", "looked"), [(RESERVE_SECONDS, 0), (ENOUGH, 1)])
def test_no_look_up_begins_when_the_time_is_nearly_up(world: World, x: Counting, seconds: float, looked: int) -> None:
    """An open fate that there is no time for stays open."""
    x.faults, x.unreadable = [("stored", OutcomeUnknown("reset"))], Unreadable("503")
    draft = publish(world, world.outbox(), "hello")
    x.looked, x.unreadable = 0, None
    world.outbox(seconds=seconds).settle()
    assert x.looked == looked
    assert world.statuses(draft)["x"] == (["posted"] if looked else ["unknown"])


@pytest.mark.parametrize(("seconds", "sent"), [(RESERVE_SECONDS + 29, 1), (RESERVE_SECONDS + 31, 2)])
def test_no_wait_for_another_try_goes_past_the_time(world: World, x: Counting, seconds: float, sent: int) -> None:
    """The server named a time half a minute ahead (a second is added to it)."""
    x.faults = [NotSent("429", retry_at=world.clock() + timedelta(seconds=29))]
    publish(world, world.outbox(seconds=seconds), "hello")
    assert x.sent == sent


@pytest.mark.parametrize(("seconds", "looked"), [(ENOUGH, 1), (RESERVE_SECONDS + 4.5, 2), (60, 3)])
def test_no_wait_for_another_look_goes_past_the_time(world: World, x: Counting, seconds: float, looked: int) -> None:
    """After an unclear answer it is looked for at once, after one second and after four."""
    x.faults = [OutcomeUnknown("reset")]
    publish(world, world.outbox(seconds=seconds), "hello")
    assert x.looked == looked


def _left_unknown(world: World, x: Counting, *texts: str) -> None:
    for text in texts:
        x.faults, x.unreadable = [OutcomeUnknown("reset")], Unreadable("503")
        publish(world, world.outbox(), text)
    x.looked = 0


@pytest.mark.parametrize(("error", "looked"), [(Unreadable("503"), 1), (Doubtful("odd"), 3)])
def test_one_unreadable_answer_spares_the_others(world: World, x: Counting, error: Unreadable, looked: int) -> None:
    """A platform that can't be read is asked once a run; where one post alone is in doubt, the others are asked for."""
    _left_unknown(world, x, "one", "two", "three")
    x.unreadable = error
    world.outbox().settle()
    assert x.looked == looked


def test_the_platform_that_can_be_read_is_still_asked(world: World, x: Counting) -> None:
    """The other platform's silence is no reason not to look."""
    _left_unknown(world, x, "one")
    other = FakeThreadPlatform("bluesky", world.clock)
    other.faults, other.unreadable = [OutcomeUnknown("reset")], Unreadable("503")
    world.platforms = {"bluesky": other}
    publish(world, world.outbox(), "two")
    x.unreadable, world.platforms = None, {"bluesky": other, "x": x}
    world.outbox().settle()
    assert x.looked == 1


def test_the_history_keeps_the_reason_of_a_failure(world: World, x: Counting) -> None:
    """The delivery's event and the draft's event both say why."""
    x.faults = [Refused("not allowed")]
    draft = publish(world, world.outbox(), "hello")
    told = {event["kind"]: event for event in events.of_draft(world.db, draft)}
    assert told["delivery_failed"]["error"] == "not allowed"
    assert told["draft_failed"]["reason"] == "x failed: not allowed"


def test_a_policy_of_one_try_sends_once(tmp_path: Path) -> None:
    """`attempts` counts the first one."""
    world = World(tmp_path / "t.db", policy=Policy(attempts=1))
    x = Counting("x", world.clock)
    world.platforms, x.faults = {"x": x}, [NotSent("down")] * 3
    publish(world, world.outbox(), "hello")
    assert x.sent == 1


def test_a_look_up_that_ends_in_another_error_proves_nothing(world: World, x: Counting) -> None:
    """A platform may say that it could not be reached: the post is neither taken for absent nor sent again."""
    x.faults, x.unreadable = [("stored", OutcomeUnknown("reset"))], NotSent("no connection")
    draft = publish(world, world.outbox(), "hello")
    world.later(hours=1)
    world.run()
    assert (x.sent, world.statuses(draft)["x"]) == (1, ["unknown"])
    x.unreadable = None
    world.run()
    assert (x.sent, world.statuses(draft)["x"]) == (1, ["posted"])


def test_a_post_that_another_delivery_has_is_not_adopted(world: World, x: Counting) -> None:
    """Two threads begin with the same words: the first one's lost part is not found in the second one's post."""
    x.faults, x.unreadable = [OutcomeUnknown("reset")], Unreadable("503")
    lost = publish(world, world.outbox(), "Read on:", "of this")
    x.unreadable = None
    publish(world, world.outbox(), "Read on:", "of that")
    world.later(hours=1)
    world.run_twice(0)
    assert world.statuses(lost)["x"] == ["posted", "posted"]
    assert world.texts("x") == ["Read on:", "of that", "Read on:", "of this"]
    assert [post["reply"] for post in x.posts] == ["", "1", "", "3"]
