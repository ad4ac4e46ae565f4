"""A year of hourly runs with seeded faults (`tests/year.py`): nothing twice, nothing lost, no slot without a reason."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from tests.year import RATES, Findings, Year, findings, live, table
from twitter_manager.store import runs
from twitter_manager.store.database import connect

SEED = 1


def in_words(found: Findings) -> str:
    again = (
        f"python -m tests.year --seed {found.year.seed} --times {found.year.times:g} --runs {len(found.year.started)}"
    )
    return "\n".join([again, *(f"{what}: {figure}" for what, figure in table(found))])


def assert_exactly_once(found: Findings) -> None:
    """What must hold whatever went wrong, how often soever."""
    said = in_words(found)
    print(said)
    for name, one in found.platforms.items():
        assert one.posts > 0, said
        assert (one.twice, one.reported_not_there, one.there_not_reported, one.out_of_order) == ([], [], [], []), name
    assert found.still_open == 0, said
    assert found.slots.unexplained == [], said
    assert (found.integrity, found.audit) == ("ok", []), said


def assert_flat(found: Findings) -> None:
    """The last month costs what the second cost, statement by statement, and the file grows evenly."""
    said, last = in_words(found), found.months - 1
    assert found.steps(last) <= 1.5 * found.steps(1), said
    assert found.statements_that_grow() == {}, said
    assert found.bytes_a_run(3) <= 1.2 * found.bytes_a_run(1), said
    large = [run for run in found.year.started if run.size > runs.CHEAP_TO_CHECK]
    checked = sum(run.checked for run in large)
    days = len({run.slot.date() for run in large})
    assert checked <= days + found.year.deaths + found.year.chance.seen["a person posts now"], said


def test_a_hundred_and_fifty_runs_at_ten_times_the_plain_rates() -> None:
    """Six days in which something goes wrong every other hour: no post twice, none lost, no slot unexplained."""
    found = live(SEED, 10, 150)
    assert_exactly_once(found)
    assert found.year.deaths > 0
    assert sum(found.year.chance.seen.values()) > 50


def test_the_findings_see_what_is_wrong(tmp_path: Path) -> None:
    """The test of the test: a post made twice, one that vanished and one that nobody reported are each told."""
    year = Year(tmp_path, seed=SEED, times=0.01)
    year.live(12)
    assert_exactly_once(findings(year))
    first, second, *_ = sorted(year.x.posts)
    text = year.x.posts[first].text
    year.x.add_post(text)
    gone = year.x.posts.pop(second).text
    year.x.add_post("nobody knows of this")
    year.sky.posts["other"] = {"key": "other", "text": "nor of this", "reply": ""}
    found = findings(year).platforms
    assert (found["x"].twice, found["x"].reported_not_there) == ([text], [gone])
    assert found["x"].there_not_reported == ["nobody knows of this"]
    assert found["bluesky"].there_not_reported == ["nor of this"]


def test_a_slot_without_a_reason_is_seen(tmp_path: Path) -> None:
    """The test of the test: runs that left no row, and no line about the gap, are not excused."""
    year = Year(tmp_path, seed=SEED, times=0.01)
    year.live(12)
    with closing(connect(year.path)) as db, db.transaction():
        db.update("UPDATE drafts SET slot = NULL WHERE slot = ?", "2026-03-01T05:00:00.000000Z")
        db.update("UPDATE runs SET slot = '2026-02-01T05:00:00.000000Z' WHERE slot = '2026-03-01T05:00:00.000000Z'")
    assert [f"{slot:%H}" for slot in findings(year).slots.unexplained] == ["05"]


@pytest.mark.slow
@pytest.mark.timeout(2400)  # some minutes on a core of its own; a busy machine is no failure
@pytest.mark.parametrize(("times", "runs"), [(1, 2900), (10, 2190)], ids=["plain", "ten-times"])
def test_months(times: float, runs: int) -> None:
    """Four months at the plain rates, and three with the faults of thirty. If the rates are plain, at least 99.8 % of
    the slots that were due have their post out (one outage of two hours weighs more than in a year), each other one
    its reason; else every kind of fault struck. The whole year is played by hand, with `python -m tests.year`."""
    found = live(SEED, times, runs)
    assert_exactly_once(found)
    assert_flat(found)
    if times == 1:
        assert found.slots.filled >= 0.998 * found.slots.due, in_words(found)
    else:
        assert [name for name in RATES if not found.year.chance.seen[name]] == []
