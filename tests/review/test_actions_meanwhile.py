"""Two decide at once, or a program does, or something ends in the middle: what was decided holds, and is on record."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta

import pytest

from tests.home import Home
from twitter_manager.app import App
from twitter_manager.budget import TimeBudget
from twitter_manager.domain import Actor, Draft, DraftStatus
from twitter_manager.errors import Changed, Meanwhile, TextKnown
from twitter_manager.operations.own_posts import OwnPost, keep
from twitter_manager.platforms import exact
from twitter_manager.review.actions import Actions
from twitter_manager.store import drafts, events

ANNA, DESK = Actor("anna", "console"), Actor("desk", "mcp")


@pytest.fixture
def app(home: Home, monkeypatch: pytest.MonkeyPatch) -> App:
    for name, value in home.environment().items():
        monkeypatch.setenv(name, value)
    return App.load(home.path, os.environ, lambda line: None)


@contextmanager
def acting(app: App, by: Actor) -> Iterator[Actions]:
    """With a connection of its own, as each process has one."""
    with closing(app.session.open_store()) as db:
        yield Actions(app, db, by)


def now(actions: Actions, number: int) -> Draft:
    draft = drafts.get(actions.db, number)
    assert draft is not None
    return draft


def test_a_programs_edit_approves_nothing(app: App) -> None:
    """A person approves a proposal in the moment in which its program edits it: the new words wait for them."""
    with acting(app, ANNA) as anna, acting(app, DESK) as desk:
        number = desk.post("", OwnPost(("We ride to the hut.",)), pending=True).draft.id
        anna.approve(number)
        desk.edit(number, ["We ride to the sea."])
        assert now(anna, number).status is DraftStatus.PENDING
        assert anna.db.value("SELECT approved_hash FROM drafts WHERE id = ?", number) is None


def test_a_proposal_that_nobody_decides_on_expires(home: Home, app: App) -> None:
    """After `approval_hours`, from its date on where it has one; approved, it has no end but one that was asked for."""
    with acting(app, DESK) as desk:
        posts = {
            "plain": OwnPost(("We ride.",)),
            "dated": OwnPost(("We ride next month.",), at="in 720 hours"),
            "ends": OwnPost(("We ride now.",), expires="in 40 hours"),
        }
        numbers = {name: desk.post("", post, pending=True).draft.id for name, post in posts.items()}
        ends = {name: now(desk, number).expires_at for name, number in numbers.items()}
        hours = {name: (end - app.clock()).total_seconds() / 3600 for name, end in ends.items() if end}
        assert {name: round(count) for name, count in hours.items()} == {"plain": 72, "dated": 792, "ends": 40}
        left = desk.post("", OwnPost(("We ride, left alone.",)), pending=True).draft.id
        with acting(app, ANNA) as anna:
            for number in numbers.values():
                anna.approve(number)
            assert [now(anna, number).expires_at for number in numbers.values()] == [None, None, ends["ends"]]
        with desk.db.transaction():
            drafts.renew(desk.db, now(desk, left), app.clock() - timedelta(hours=1))
        assert home("run").code == 0
        assert now(desk, left).status is DraftStatus.EXPIRED


def test_a_proposal_can_be_given_any_date(app: App) -> None:
    """A person puts one off for longer than it would have waited for them: it waits until they decide."""
    with acting(app, DESK) as desk, acting(app, ANNA) as anna:
        number = desk.post("", OwnPost(("We ride.",)), pending=True).draft.id
        anna.move(number, at="in 720 hours")
        moved = now(anna, number)
        assert (moved.status, moved.expires_at) == (DraftStatus.PENDING, None)


def test_a_proposal_that_a_person_wrote_anew_has_no_end_but_their_own(app: App) -> None:
    """Their words are not lost to the time that the proposal was to wait, whether they approved them at once or not."""
    with acting(app, DESK) as desk, acting(app, ANNA) as anna:
        for approve in (True, False):
            number = desk.post("", OwnPost((f"We ride, {approve}.",)), pending=True).draft.id
            desk.edit(number, [f"We ride home, {approve}."])
            assert now(anna, number).expires_at is not None
            anna.edit(number, [f"We ride to the sea, {approve}."], approve=approve)
            assert now(anna, number).expires_at is None
        number = desk.post("", OwnPost(("We ride now.",), expires="in 40 hours"), pending=True).draft.id
        anna.edit(number, ["We ride at noon."], approve=True)
        assert now(anna, number).expires_at is not None


def test_proposals_do_not_fill_the_pool(home: Home, app: App) -> None:
    """The bot writes as far ahead as it would without them; its own drafts that wait for a yes count."""
    with acting(app, DESK) as desk:
        for day in range(9):
            desk.post("", OwnPost((f"We ride on day {day}.",)), pending=True)
        assert drafts.in_pool(desk.db, "default", app.clock()) == 0
    number = generated(home, app)
    with acting(app, ANNA) as anna:
        before = drafts.in_pool(anna.db, "default", app.clock())
        assert before == 8
        with anna.db.transaction():
            drafts.move(anna.db, now(anna, number), DraftStatus.PENDING, app.clock(), reason="always")
        assert drafts.in_pool(anna.db, "default", app.clock()) == before


def generated(home: Home, app: App) -> int:
    """The number of a draft that a run wrote and did not post."""
    assert home("run").code == 0
    number: int = home.rows("SELECT max(id) FROM drafts WHERE status = 'approved'")[0][0]
    return number


def written_again(actions: Actions, old: Draft) -> int | None:
    """What `regenerate` does with a draft as it read it."""
    bot = actions.app.session.bot("")
    budget = TimeBudget.of(60)
    filler = actions.app.factory.pool_filler(actions.db, bot, bot.generators, budget, [], None, lasting=True)
    return filler.write_again(old, actions.by)[0]


def test_an_edit_is_not_lost_to_another_post(home: Home, app: App) -> None:
    """A person edits a draft while another post of its material is written: the edit stays, and nothing is added."""
    number = generated(home, app)
    with acting(app, ANNA) as anna, acting(app, Actor("ben", "api")) as ben:
        seen = now(ben, number)
        anna.edit(number, ["My own words on it."])
        before = anna.db.value("SELECT count(*) FROM drafts")
        with pytest.raises(Changed):
            written_again(ben, seen)
        assert now(anna, number).texts == ("My own words on it.",)
        assert now(anna, number).status is DraftStatus.APPROVED
        assert anna.db.value("SELECT count(*) FROM drafts") == before


def test_a_date_is_not_lost_to_another_post(home: Home, app: App) -> None:
    """The same for a date that a person gave it."""
    number = generated(home, app)
    with acting(app, ANNA) as anna, acting(app, Actor("ben", "api")) as ben:
        seen = now(ben, number)
        anna.move(number, at="in 72 hours")
        with pytest.raises(Changed):
            written_again(ben, seen)
        assert now(anna, number).status is DraftStatus.APPROVED


def test_what_waited_for_approval_waits_in_its_new_words(home: Home, app: App) -> None:
    """Another post in the place of one that is pending is pending; who wished so is on record with both steps."""
    number = generated(home, app)
    with acting(app, ANNA) as anna:
        with anna.db.transaction():
            drafts.move(anna.db, now(anna, number), DraftStatus.PENDING, app.clock(), reason="always")
        new = anna.regenerate(number)
        assert new.id != number
        assert new.status is DraftStatus.PENDING
        assert now(anna, number).status is DraftStatus.SKIPPED
        told = {event["kind"]: event for event in events.of_draft(anna.db, number)}
        for kind in ("draft_skipped", "draft_regenerated"):
            assert ANNA.on_record.items() <= told[kind].items()


def test_what_is_written_anew_keeps_its_date_and_its_place(home: Home, app: App) -> None:
    """A person gave the old draft a date, before which nothing goes out, or put it first."""
    number = generated(home, app)
    with acting(app, ANNA) as anna:
        for place in ({"at": "in 720 hours"}, {"first": True}):
            anna.move(number, **place)  # type: ignore[arg-type]
            old, new = now(anna, number), anna.regenerate(number)
            assert (new.due_at, new.lane, new.rank) == (old.due_at, old.lane, old.rank)
            assert new.due_at is None or new.expires_at is None
            number = new.id


@pytest.mark.parametrize("every", ["", "week"])
def test_a_post_that_is_sent_twice_at_once_is_queued_once(app: App, every: str) -> None:
    """Of two requests of a double click both pass the checks before either is kept."""
    with acting(app, ANNA) as anna:
        post = OwnPost(("We swim on Mondays.",), at="Mon 09:00", every=every)
        first, second = (anna.checked(app.session.bot(""), post) for _ in range(2))
        with anna.db.transaction():
            keep(anna.db, first, app.clock(), ANNA)
        with pytest.raises(TextKnown), anna.db.transaction():
            keep(anna.db, second, app.clock(), ANNA)
        assert anna.db.value("SELECT count(*) FROM drafts") == 1
        assert anna.db.value("SELECT count(*) FROM series") == bool(every)


def test_of_two_who_decide_one_is_told(app: App) -> None:
    """Both saw the same draft; who is second hears that it is another by now, whatever the two wanted."""
    for first in ("approve", "skip", "edit"):
        for second in ("approve", "skip", "edit", "move"):
            with acting(app, ANNA) as anna, acting(app, Actor("ben", "telegram")) as ben:
                number = anna.post("", OwnPost((f"We {first}, then {second}.",)), pending=True).draft.id
                seen = exact.content_hash(now(anna, number))
                given = {"edit": (["Other words", str(number)],), "move": ()}
                getattr(anna, first)(number, *given.get(first, ()), seen=seen)
                status = now(anna, number).status
                if (first, second) in (("approve", "approve"), ("skip", "skip")):
                    assert "already" in getattr(ben, second)(number, seen=seen)
                elif first == "edit":
                    more = {"at": "in 48 hours"} if second == "move" else {}
                    with pytest.raises(Meanwhile):
                        getattr(ben, second)(number, *given.get(second, ()), seen=seen, **more)
                    assert now(anna, number).status is status
                assert not events.verify(anna.db)
