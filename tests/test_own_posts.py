"""What a person is promised of their own posts when they queue them, on a clock that the test moves."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.moving import MovingHome

SCHEDULE = 'schedule.times = ["12:00"]\n'
NOON = datetime(2026, 12, 1, 12, 10, tzinfo=UTC)


@pytest.fixture
def home(tmp_path: Path) -> MovingHome:
    """A bot that posts at twelve, ten minutes later."""
    home = MovingHome(tmp_path / "home")
    home.bot("club", SCHEDULE)
    home.it_is(NOON)
    home("run")
    return home


def waiting(home: MovingHome) -> list[tuple[str]]:
    return home.rows("SELECT p.text FROM drafts d JOIN parts p ON p.draft_id = d.id WHERE d.origin = 'person'")


def test_a_post_that_expires_before_its_turn_is_not_queued(home: MovingHome) -> None:
    """One that waits for a slot, one that quiet hours move past its end, and a row of a file: told with the turn."""
    refused = home("post", "Short life", "--expires", "in 2 hours")
    turn = "the post expires before its turn, Wednesday 2 December 2026, 12:00 (UTC)"
    assert refused.code == 2 and turn in refused.err and "--now" in refused.err
    home.bot("club", f'{SCHEDULE}limits.quiet_hours = "22:00-07:00"\n')
    moved = home("post", "Night", "--at", "23:00", "--expires", "2026-12-02 06:00")
    assert moved.code == 2 and "before its turn, Wednesday 2 December 2026, 07:00" in moved.err
    file = home.path.parent / "posts.csv"
    file.write_text("text,expires\nLong life,\nShort life,2026-12-01 20:00\n")
    rows = home("post", "--file", str(file))
    assert rows.code == 2 and "line 3: expires: the post expires before its turn" in rows.err and "now" not in rows.err
    assert waiting(home) == []
    assert home("post", "Short life", "--expires", "in 2 hours", "--now").code == 0


def test_a_queue_that_grows_past_an_end_is_told(home: MovingHome) -> None:
    """`drafts` names the turn that a post expires before, and what comes after it takes that turn."""
    home("post", "Two days", "--expires", "2026-12-03 11:00")
    others = [str(home("post", text, "--json").json["draft"]["id"]) for text in ("Another", "A third")]
    assert home("drafts", "move", *others, "--first").code == 0
    told = home("drafts").out
    assert "expires before its turn, Friday 4 December 2026, 12:00" in told
    assert "goes out Wednesday 2 December 2026, 12:00" in told and "goes out Thursday 3 December 2026, 12:00" in told
