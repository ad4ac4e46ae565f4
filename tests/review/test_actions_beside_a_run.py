"""A run reads a draft, a person decides on it, the run goes on: what the person did holds, and the run ends well."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from tests.home import Home, x_settings
from tests.review.test_actions_meanwhile import ANNA, acting, app, generated, now
from tests.standins.x import XStandIn
from twitter_manager.app import App
from twitter_manager.domain import Draft, DraftStatus
from twitter_manager.errors import Changed
from twitter_manager.pipeline import holding
from twitter_manager.pipeline.approval import Approval, Written
from twitter_manager.review.actions import Actions
from twitter_manager.settings.records import ALWAYS
from twitter_manager.store import drafts
from twitter_manager.store.database import Database
from twitter_manager.writing import recheck

__all__ = ["app"]
STORE = "twitter_manager.store"
WORDS = "My own words on it."
Act = Callable[[Actions, int], object]
ACTS: dict[str, Act] = {
    "edit": lambda actions, number: actions.edit(number, [WORDS]),
    "date": lambda actions, number: actions.move(number, at="in 72 hours"),
}


@dataclass
class Person:
    """Acts once, when a run looks at the draft."""

    app: App
    number: int
    act: Act
    acted: bool = False

    def __call__(self, words: str = "") -> str:
        if not self.acted:
            self.acted = True
            with acting(self.app, ANNA) as anna:
                self.act(anna, self.number)
        return words


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
def test_older_rules_skip_nothing_that_a_person_took_over(home: Home, app: App, act: Act) -> None:
    """A draft of older rules is edited, or dated, while a run checks it: it is not skipped."""
    number = generated(home, app)
    person = Person(app, number, act)
    with acting(app, ANNA) as anna:
        with anna.db.transaction():
            anna.db.update_one("UPDATE drafts SET rules = 0, item_id = NULL WHERE id = ?", number)
        bot = app.session.bot("")
        spec = app.factory.pool_filler(anna.db, bot, bot.generators, lambda: 60.0, [], None).spec
        recheck.recheck(anna.db, spec, run_id(anna.db), app.clock(), person)
        assert person.acted and now(anna, number).status is DraftStatus.APPROVED


def test_older_rules_never_throw_away_what_a_person_approved(home: Home, app: App) -> None:
    """It is set aside with the reason, and its person asked again, not skipped without a word."""
    home.bot("default", 'approve = "always"\nplatforms = ["feed"]\npool = 2\n')
    assert home("run").code == 0
    again = App.load(home.path, os.environ, lambda line: None)
    with acting(again, ANNA) as anna:
        anna.approve(1)
        with anna.db.transaction():
            anna.db.update_one("UPDATE drafts SET rules = 0, item_id = NULL WHERE id = 1")
    assert home("run").code == 0
    [[status, reason]] = home.rows("SELECT status, reason FROM drafts WHERE id = 1")
    assert (status, "its material is gone" in reason) == ("needs_attention", True)


def run_id(db: Database) -> int:
    return int(db.value("SELECT max(id) FROM runs"))


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
def test_a_new_setting_takes_no_approval_back_that_came_meanwhile(home: Home, app: App, act: Act) -> None:
    """What a person edits or dates while a run holds the rest to `approve` stays as they left it."""
    number = generated(home, app)
    person = Person(app, number, act)

    class Slow(Approval):
        def why(self, written: Written) -> str:
            person()
            return super().why(written)

    with acting(app, ANNA) as anna:
        held = holding.hold(anna.db, "default", Slow(ALWAYS), app.clock(), run_id(anna.db))
        assert number not in {draft.id for draft in held}
        assert (now(anna, number).status, now(anna, number).expires_at) == (DraftStatus.APPROVED, None)


@pytest.mark.parametrize(
    "late",
    [
        lambda db, old, at: drafts.move(db, old, DraftStatus.SKIPPED, at, reason="its source left"),
        lambda db, old, at: drafts.rewrite(db, old, (old.parts[0],), {}, at),
        lambda db, old, at: drafts.claim(db, old, None, at, run_id(db)),
    ],
    ids=["move", "rewrite", "claim"],
)
@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
def test_nothing_is_done_to_a_draft_as_it_was_before_a_person_touched_it(
    home: Home, app: App, act: Act, late: Callable[[Database, Draft, datetime], None]
) -> None:
    """Whoever comes late with what they read before is told so, and changes nothing."""
    number = generated(home, app)
    with acting(app, ANNA) as anna, acting(app, ANNA) as run:
        old = now(run, number)
        act(anna, number)
        after = now(anna, number)
        with pytest.raises(Changed), run.db.transaction():
            late(run.db, old, app.clock() + timedelta(seconds=1))
        assert now(anna, number) == after


MEANWHILE = """
import subprocess, sys
from twitter_manager import cli
from {module} import {owner}
original, times = {owner}.{name}, []
def overtaken(*words, **more):
    result = original(*words, **more)
    times.append(1)
    if len(times) == 1:
        subprocess.run({person!r}, check=True, capture_output=True)
    return result
{owner}.{name} = overtaken
sys.exit(cli.main())
"""
"""The program, in which a person acts just after something was read for the first time."""


@pytest.fixture
def corrected(home: Home, x: XStandIn) -> Home:
    """Draft 1 is out and can't be taken down yet; draft 2 waits to go out in its place."""
    home.settings(GENERATORS="excerpt", **x_settings(x))
    assert home("post", "We meet at ten.", "--platform", "x", "--now").code == 0
    x.fault("rate_limited", method="DELETE", path="*", times=0)
    assert home("correct", "1", "We meet at noon.", "--yes").code == 1
    return home


def test_a_run_goes_on_where_a_replacement_is_dropped_meanwhile(corrected: Home, x: XStandIn) -> None:
    """The old post is gone, its replacement is given up in the same moment: the run ends well, and nothing comes."""
    x.faults.clear()
    corrected.next_slot()
    person = [*corrected.program(), "skip", "2"]
    done = corrected("run", code=MEANWHILE.format(module=STORE, owner="drafts", name="replacements", person=person))
    assert done.code == 0, done
    assert corrected.rows("SELECT status FROM drafts WHERE id = 2") == [("skipped",)]
    assert corrected.rows("SELECT count(*) FROM runs WHERE outcome = 'failed'") == [(0,)]
    assert "We meet at noon." not in x.texts()


def test_a_correction_writes_over_no_edit_that_came_meanwhile(corrected: Home) -> None:
    """What waits in the post's place is edited while `correct` is carried out: the edit stays, and that is told."""
    person = [*corrected.program(), "drafts", "edit", "2", "--text", "We meet at two."]
    code = MEANWHILE.format(module="twitter_manager.verbs", owner="amending", name="_carded", person=person)
    done = corrected("correct", "1", "We meet at one.", "--yes", code=code)
    assert (done.code, "Traceback" in done.err) == (1, False), done
    assert "Draft 2 was changed meanwhile." in done.err
    assert corrected.rows("SELECT text FROM parts WHERE draft_id = 2") == [("We meet at two.",)]
