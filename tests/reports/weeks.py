"""Weeks that real runs left in a database, with outages, and a home over it; counted here once more, in another way."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from tests.dated_year import DatedYear, Outage
from tests.home import Home
from twitter_manager.domain import Json
from twitter_manager.reports.keeping import report_of, subject_of
from twitter_manager.reports.receipt import looked_at
from twitter_manager.settings import Bot
from twitter_manager.store.database import Database, connect, from_text, to_text

BERLIN, NEW_YORK = "Europe/Berlin", "America/New_York"
CHANGES = {BERLIN: date(2026, 3, 29), NEW_YORK: date(2026, 11, 1)}
"""By zone: a Sunday on which the clocks change."""
TIMES = (6, 10, 14, 18)
"""Of the bot of `tests/dated_year.py`."""
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Weeks:
    """What was left, and where the week of the change lies."""

    zone: str
    path: Path
    bot: Bot
    now: datetime
    """After all."""

    @property
    def monday(self) -> date:
        return CHANGES[self.zone] - 6 * DAY

    @property
    def home(self) -> Home:
        """A home folder with the bot and the database."""
        home = Home.__new__(Home)
        home.path = self.path.parent / "home"
        shutil.copy(self.path, home.database)
        home.database.chmod(0o600)
        return home

    @contextmanager
    def opened(self, folder: Path) -> Iterator[Database]:
        """A copy of the database, for a test to change."""
        shutil.copy(self.path, folder / "twitter.db")
        with closing(connect(folder / "twitter.db")) as db:
            yield db

    def report(self, db: Database, kind: str = "week", day: date | None = None, now: datetime | None = None) -> Json:
        at = now or self.now
        return report_of(db, subject_of(self.bot), kind, day or self.monday, at, looked_at(db, at))


def lived(folder: Path, zone: str) -> Weeks:
    """Twelve days around the change: the machine is off, X is down, the bot is paused, the machine is off again over
    the change."""
    start = datetime.combine(CHANGES[zone] - 8 * DAY, time(0, 7), UTC)
    outages = [
        Outage(start + 3 * DAY, "the machine is off", 30),
        Outage(start + 4.5 * DAY, "X is down", 9),
        Outage(start + 6 * DAY, "a pause", 20),
        Outage(datetime.combine(CHANGES[zone], time(3, 7), UTC), "the machine is off", 9),
    ]
    year = DatedYear(folder, zone=zone, seed=1, times=0, start=start, outages=outages)
    year.live(24 * 10)
    return Weeks(zone, year.path, year.bot, year.now)


@dataclass(frozen=True)
class Counted:
    """The week as it is counted here: minute by minute of the wall clock, over rows as they stand."""

    posts: int
    slots: Counter[str]
    """`filled`, and for the others what the runs of the slot ended with, joined; "" for none."""
    hours: dict[str, tuple[int, int]]
    """By day: how many it has, and in how many a run began."""
    out: Counter[str]
    """By platform."""


def count(weeks: Weeks, db: Database) -> Counted:
    """Count the week of the change."""
    local = ZoneInfo(weeks.zone)
    days = [weeks.monday + number * DAY for number in range(7)]

    def day_of(text: str) -> date:
        return from_text(text).astimezone(local).date()

    posted = db.rows("SELECT * FROM drafts WHERE status IN ('posted', 'partly_posted')")
    numbers = {row["id"] for row in posted if day_of(row["published_at"]) in days}
    filled = {row["slot"] for row in posted}
    runs = db.rows("SELECT * FROM runs")
    slots = Counter[str]()
    for day in days:
        for hour in TIMES:
            slot = to_text(datetime.combine(day, time(hour), local).astimezone(UTC))
            ended = sorted({f"{run['outcome']} {run['reason'][:6]}" for run in runs if run["slot"] == slot})
            slots["filled" if slot in filled else "; ".join(ended)] += 1
    hours = {}
    for day in days:
        begins, ends = (datetime.combine(each, time(), local).astimezone(UTC) for each in (day, day + DAY))
        began = {run["started_at"][:13] for run in runs if to_text(begins) <= run["started_at"] < to_text(ends)}
        hours[day.isoformat()] = (int((ends - begins).total_seconds()) // 3600, len(began))
    out = Counter[str](
        row["platform"]
        for row in db.rows("SELECT * FROM deliveries WHERE status = 'posted'")
        if row["draft_id"] in numbers
    )
    return Counted(len(numbers), slots, hours, out)
