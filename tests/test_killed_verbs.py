"""A verb by which a person changes what waits is killed at every commit and file operation: all is done or nothing is.

Deletions and corrections are killed in `tests/faults`, at every request too (the group amend-kills)."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.faults.world import START, World
from tests.home import Home

DAILY = ("post", "We meet at ten.", "--every", "day 10:37", "--variant", "At ten we meet.")
OWN, ANOTHER = ("post", "One of my own."), ("post", "Another one.")
BOT = 'platforms = ["feed"]\n[[sources]]\nkind = "notes"\npath = "notes.toml"\n'
NOTE = (
    '[[note]]\nid = "only"\nlabel = "Git"\ntext = "With git bisect run, Git tests each step itself."\n'
    'wordings = ["Git tests each step itself when it is told git bisect run."]\n'
)
COLUMNS = {
    "drafts": "id, status, text_hash, approved_hash, due_at, lane, rank, substr(expires_at, 1, 13),"
    " series_id, occurrence, held",
    "parts": "draft_id, number, text",
    "approvals": "draft_id, name, via, platforms",
    "series": "id, rule, variants, until, ended_at IS NULL",
}
"""All that a person changes, but for when they did."""


@dataclass(frozen=True)
class Change:
    """A verb's words, after these were said. `again`: the exit code where they are said once more."""

    name: str
    words: tuple[str, ...]
    before: tuple[tuple[str, ...], ...] = ()
    again: int = 0
    bot: str = ""
    """What its file says besides."""


SEEN = 'approve = "always"\n'
CHANGES = (
    Change("every", DAILY, (OWN,), again=1),
    Change("at", (*OWN, "--at", "2026-03-02T09:00", "--expires", "2026-03-02T10:00"), (ANOTHER,), again=1),
    Change("edit", ("drafts", "edit", "1", "--text", "In other words."), (OWN,)),
    Change("edit-recurring", ("drafts", "edit", "1", "--text", "In other words."), (DAILY,)),
    Change("move-first", ("drafts", "move", "2", "--first"), (OWN, ANOTHER)),
    Change("move-at", ("drafts", "move", "1", "--at", "2026-03-02T09:00"), (OWN,)),
    Change("drop", ("drafts", "drop", "1"), (OWN,)),
    Change("approve", ("drafts", "approve", "1"), (("run",),), bot=SEEN),
    Change("edit-unapproved", ("drafts", "edit", "1", "--text", "In other words.", "--approve"), (("run",),), bot=SEEN),
    Change("regenerate", ("drafts", "regenerate", "1"), (("run",),), again=2, bot=SEEN),
    Change("drop-series", ("drafts", "drop", "1", "--series"), (DAILY,), again=2),
)


def _marked(change: Change) -> Any:
    """One of them is enough for `make test`."""
    quick = change.name == "drop-series"
    return pytest.param(change, id=change.name, marks=() if quick else pytest.mark.slow)


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    def no_pds() -> Any:
        raise AssertionError("nothing is sent to Bluesky here")

    with World(no_pds) as made:
        yield made


def stands(home: Home) -> dict[str, list[tuple[Any, ...]]]:
    """What waits, as it is stored."""
    return {table: home.rows(f"SELECT {columns} FROM {table} ORDER BY 1, 2") for table, columns in COLUMNS.items()}


@pytest.mark.parametrize("change", [_marked(change) for change in CHANGES])
def test_killed_at_any_point_it_is_done_or_not(world: World, change: Change) -> None:
    """What stands after the kill is what stood before, or what the whole verb makes of it; said again it is done, once;
    the next run goes on from there, and the trail is whole."""
    world.clock.set(START)
    home = Home(world.folder / change.name)
    home.bot("default", change.bot + BOT)
    (home.path / "notes.toml").write_text(NOTE)
    for words in change.before:
        assert world.run(home, *words).code == 0
    before = stands(home)
    whole = _copy(world, home, "whole")
    ended = world.run(whole, *change.words)
    assert ended.code == 0, ended
    after = stands(whole)
    assert before != after and len(ended.passed) >= 2, ended.passed
    outcomes = set()
    for point in ended.passed:
        world.clock.set(START)
        copy = _copy(world, home, point)
        assert world.run(copy, *change.words, kill=point).killed, point
        left = stands(copy)
        assert left in (before, after), f"{change.name} killed at {point} leaves {left}"
        outcomes.add(left == after)
        again = world.run(copy, *change.words)
        assert again.code == (change.again if left == after else 0), (point, again)
        assert stands(copy) == after, point
        assert world.run(copy, "run").code == 0
        assert world.run(copy, "audit").code == 0
        world.end(copy)
    assert outcomes == {False, True}


def _copy(world: World, home: Home, name: str) -> Home:
    path = world.folder / f"{home.path.name}-{name}"
    shutil.copytree(home.path, path)
    copy = Home.__new__(Home)
    copy.path = path
    return copy
