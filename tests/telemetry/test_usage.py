"""What runs need of the machine: kept for a day and a year, within bounds, and told where it is near what there is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.fakes import START
from tests.fresh import new_database
from tests.home import Home
from twitter_manager import settings
from twitter_manager.store import usage
from twitter_manager.store.database import Database
from twitter_manager.telemetry.usage import crossed

USED = usage.Usage(START, 12.0, 3.0, 200_000_000, 5_000_000, 9_000_000_000)


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    with closing(new_database(tmp_path / "twitter.db")) as db:
        yield db


def keep(db: Database, moment: datetime, **other: float) -> None:
    usage.keep(db, replace(USED, began=moment, **other), moment + timedelta(seconds=20))  # type: ignore[arg-type]


def test_two_years_of_runs_leave_a_day_and_a_year(db: Database) -> None:
    """Hourly for two years: the invocations of the last 24 hours, the days of the last year, each day's mean right."""
    for hour in range(2 * 365 * 24):
        keep(db, START + timedelta(hours=hour), seconds=hour % 24)
    assert 24 <= len(usage.invocations(db)) <= 25
    days = usage.days(db)
    assert len(days) == 367
    assert {day["invocations"] for day in days[1:-1]} == {24}
    assert {day["mean_seconds"] for day in days[1:-1]} == {11.5}
    assert {day["most_seconds"] for day in days[1:-1]} == {23}


def test_a_day_keeps_its_worst(db: Database) -> None:
    """The most of time and memory, the least of the disk, the last size of the database."""
    keep(db, START, memory_bytes=900, disk_free_bytes=50, seconds=90.0)
    keep(db, START + timedelta(hours=1), memory_bytes=100, disk_free_bytes=70, seconds=10.0, database_bytes=6)
    [day] = usage.days(db)
    assert (day["memory_bytes"], day["disk_free_bytes"], day["most_seconds"]) == (900, 50, 90)
    assert (day["database_bytes"], day["mean_seconds"], day["invocations"]) == (6, 50, 2)


def test_what_a_wrong_clock_left_goes(db: Database) -> None:
    """Rows of a year ahead don't stand as the newest once the clock is right again."""
    keep(db, START + timedelta(days=365))
    keep(db, START, seconds=1.0)
    newest = usage.newest(db)
    assert newest is not None
    assert (newest.began, len(usage.days(db))) == (START, 1)
    keep(db, START, seconds=2.0)
    assert len(usage.invocations(db)) == 1, "the same moment again"


def test_each_threshold_is_told_by_its_setting(home: Home) -> None:
    """At it nothing, past it the figure and the remedy; 0 says never."""
    home.settings(LEAST_DISK_MB="1000", MOST_MEMORY_MB="300", RUN_SECONDS="100")
    limits = settings.load(home.path, {})
    fine = replace(USED, seconds=90, memory_bytes=300_000_000, disk_free_bytes=1_000_000_000)
    assert crossed(fine, limits) == []
    worst = crossed(replace(USED, seconds=91, memory_bytes=301_000_000, disk_free_bytes=999_000_000), limits)
    assert [each.name for each in worst] == ["disk", "memory", "time"]
    names = ("LEAST_DISK_MB", "MOST_MEMORY_MB", "RUN_SECONDS")
    assert all(name in each.remedy for name, each in zip(names, worst, strict=True))
    assert "999 MB of the disk are free, less than 1,000" in worst[0].text
    home.settings(LEAST_DISK_MB="0", MOST_MEMORY_MB="0")
    assert crossed(replace(USED, memory_bytes=10**12, disk_free_bytes=0), settings.load(home.path, {})) == []


def test_status_tells_what_the_last_run_needed(home: Home) -> None:
    """A line for a person, with what is short; all of it as JSON; nothing before the first run."""
    assert home("status", "--json").json["machine"] is None
    home.settings(GENERATORS="excerpt", LEAST_DISK_MB="999999", METRICS_FILE="gone/bot.prom")
    assert home("run").code == 0
    told = home("status").out
    assert " of memory; database " in told
    assert "warning: " in told
    assert "LEAST_DISK_MB" in told
    assert "METRICS_FILE, since " in told
    machine = home("status", "--json").json["machine"]
    assert machine["last"]["memory_bytes"] > 10_000_000
    assert machine["last"]["database_bytes"] == home.database.stat().st_size
    assert machine["days"][0]["invocations"] == len(machine["invocations"]) == 1
    assert [each["name"] for each in machine["crossed"]] == ["disk"]
    assert [each["name"] for each in machine["troubles"]] == ["METRICS_FILE"]
