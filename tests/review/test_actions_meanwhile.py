"""Two decide at once, or a program does, or something ends in the middle: what was decided holds, and is on record."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest

from tests.home import Home
from twitter_manager.app import App
from twitter_manager.budget import TimeBudget
from twitter_manager.domain import Actor, Draft, DraftStatus
from twitter_manager.errors import Changed, Meanwhile
from twitter_manager.operations.own_posts import OwnPost
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
