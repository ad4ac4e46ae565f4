"""Dated and recurring posts through both DST changes (`tests/dated_year.py`): each out once, none early, all told."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.dated_year import Came, DatedYear, Outage, live, what_came
from twitter_manager.store.database import connect

BERLIN, NEW_YORK = "Europe/Berlin", "America/New_York"


def at(day: str, hour: int) -> datetime:
    return datetime.fromisoformat(day).replace(hour=hour, minute=7, tzinfo=UTC)


def assert_good(came: Came) -> None:
    print(came)
    assert came.problems == [], came
    assert min(came.dated, came.occurrences, came.late) > 0


@pytest.mark.parametrize(
    ("zone", "first", "change"), [(BERLIN, "2026-03-25", "2026-03-29"), (NEW_YORK, "2026-10-27", "2026-11-01")]
)
def test_outages_around_a_change_of_the_clocks(zone: str, first: str, change: str) -> None:
    """The machine is off for 30 hours, is so over a change of the clocks, the bot is paused, X is down: of each series
    one date is caught up, the others are told, and a time of day that comes twice or never is refused when queued."""
    start, day = at(first, 0), timedelta(days=1)
    outages = [
        Outage(start + day, "the machine is off", 30),
        Outage(start + 2.5 * day, "X is down", 5),
        Outage(at(change, 0), "the machine is off", 9),
        Outage(at(change, 0) + 2 * day, "a pause", 50),
    ]
    year, came = live(zone, 1, 0, 9, start, outages)
    assert_good(came)
    assert came.passed > 0 and year.twice_or_never == 1
    assert any("no run took place before" in line for line in year.told)
    paused = [line for line in year.told if "late: paused since" in line]
    assert paused and all("UTC" not in line for line in paused)


@pytest.mark.parametrize(("zone", "first"), [(BERLIN, "2026-10-22"), (NEW_YORK, "2026-03-05")])
def test_days_at_ten_times_the_plain_rates(zone: str, first: str) -> None:
    """Six days over the other change of the clocks, in which something goes wrong every other hour."""
    year, came = live(zone, 1, 10, 6, at(first, 0))
    assert_good(came)
    assert sum(year.chance.seen.values()) > 20


def test_the_findings_see_what_is_wrong(tmp_path: Path) -> None:
    """The test of the test: what went out early, for no date, never, without a word, or not as promised is told."""
    year = DatedYear(tmp_path, zone=BERLIN, start=at("2026-03-28", 0))
    year.live(60)
    assert what_came(year).problems == []
    year.promises = [replace(promise, at=promise.due_at + timedelta(days=1)) for promise in year.promises]
    with closing(connect(year.path)) as db, db.transaction():
        rows = db.rows("SELECT id FROM drafts WHERE due_at IS NOT NULL AND published_at IS NOT NULL ORDER BY id")
        early, moved, never, *_ = (row["id"] for row in rows)
        db.update("UPDATE drafts SET published_at = '2026-03-28T00:00:00.000000Z' WHERE id = ?", early)
        db.update("UPDATE drafts SET occurrence = '2026-03-28T05:00:00.000000Z' WHERE id = ?", moved)
        db.update("UPDATE drafts SET published_at = NULL, status = 'approved' WHERE id = ?", never)
    told = "\n".join(what_came(year).problems)
    for words in ("early", "no dates of it", "out: False", "is approved", "not as promised"):
        assert words in told


@pytest.mark.slow
@pytest.mark.timeout(2400)  # some minutes on a core of its own; a busy machine is no failure
def test_eight_months_at_five_times_the_plain_rates() -> None:
    """6,000 runs: every date of six series and hundreds of posts with a date, through both changes. The whole year is
    played by hand, with `python -m tests.dated_year`."""
    year, came = live(NEW_YORK, 1, 5, 250)
    assert_good(came)
    assert year.twice_or_never >= 2 and came.passed > 0 and came.promises > 20
