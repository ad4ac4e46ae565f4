"""What a person decides about answers to comments."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.commented import answer, heard, keep, standing
from tests.home import Home
from tests.standins.mastodon import TOKEN
from tests.standins.x import CREDENTIALS
from twitter_manager.app import App
from twitter_manager.domain import Actor, DraftStatus
from twitter_manager.errors import UsageError
from twitter_manager.review.actions import Actions
from twitter_manager.social import Kind
from twitter_manager.store import drafts
from twitter_manager.store.comments import Whose

ANNA, ASSISTANT = Actor("anna", "console"), Actor("robot", "mcp")
NAMES = ("TWITTER_API_KEY", "TWITTER_API_SECRET", "TWITTER_ACCESS_TOKEN", "TWITTER_ACCESS_SECRET")
KEYS = dict(zip(NAMES, CREDENTIALS, strict=True)) | {
    "MASTODON_BASE_URL": "http://127.0.0.1:9",
    "MASTODON_ACCESS_TOKEN": TOKEN,
}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path / "home", **KEYS)
    made.bot("club", 'platforms = ["x", "mastodon"]\n')
    return made


@contextmanager
def acting(home: Home, by: Actor = ANNA) -> Iterator[Actions]:
    opened = App.load(home.path, {**os.environ, "EMBEDDINGS": "off"}, lambda line: None)
    with closing(opened.session.open_store()) as db:
        yield Actions(opened, db, by)


def asked(
    actions: Actions, platform: str, text: str, *, kind: Kind = Kind.REPLY, origin: str = "generator"
) -> tuple[int, int]:
    """A comment, and the draft of its answer, which waits."""
    now = actions.app.clock()
    comment = keep(actions.db, Whose("club", platform, "me"), heard(kind=kind, author="ann@there.example"), now)
    return comment, answer(actions.db, comment, text, now, status=DraftStatus.PENDING, origin=origin)


def status(actions: Actions, number: int) -> str:
    found = drafts.get(actions.db, number)
    assert found
    return str(found.status)


def test_an_approved_answer_goes_out_with_the_next_run(home: Home) -> None:
    """It takes no slot, so no turn is foreseen; approved, skipped, and the comment is its person's again."""
    with acting(home) as actions:
        comment, number = asked(actions, "mastodon", "By itself.")
        assert "goes out with the next run" in actions.approve(number)
        assert standing(actions.db, comment)[0] == "drafted"
        assert actions.skip(number) == "is skipped"
        assert standing(actions.db, comment) == ("flagged", "its answer was skipped: a person gave it up")


def test_a_models_words_are_not_approved_for_x(home: Home) -> None:
    """Neither approved nor resumed; in a person's own words it may go, in an assistant's it may not."""
    with acting(home) as actions:
        _, number = asked(actions, "x", "By itself.")
        for decide in (actions.approve, actions.resume):
            with pytest.raises(UsageError, match="x_allows_ai"):
                decide(number)
    with acting(home, ASSISTANT) as actions:
        actions.edit(number, ["It works by itself."])
    with acting(home) as actions:
        with pytest.raises(UsageError, match="x_allows_ai"):
            actions.approve(number)
        assert "goes out with the next run" in actions.edit(number, ["It does so by itself."], approve=True)
        assert status(actions, number) == "approved"


def test_x_allows_ai_where_its_person_says_so(home: Home) -> None:
    """With the setting an approval is like any other."""
    home.bot("club", 'platforms = ["x", "mastodon"]\n[answers]\nx_allows_ai = true\n')
    with acting(home) as actions:
        _, number = asked(actions, "x", "By itself.")
        assert actions.approve(number).startswith("is approved")


def test_nobody_is_answered_on_x_who_did_not_turn_to_the_account(home: Home) -> None:
    """Not even in a person's own words: that is X's rule for programs."""
    with acting(home) as actions:
        _, number = asked(actions, "x", "By itself.", kind=Kind.ASKED, origin="person")
        with pytest.raises(UsageError, match="mentioned or quoted the account"):
            actions.approve(number)


def test_an_answer_has_no_place_in_the_queue_and_is_not_written_anew(home: Home) -> None:
    with acting(home) as actions:
        _, number = asked(actions, "mastodon", "By itself.")
        actions.approve(number)
        with pytest.raises(UsageError, match="answers a comment"):
            actions.move(number, first=True)
        with pytest.raises(UsageError, match="answers a comment"):
            actions.regenerate(number)
