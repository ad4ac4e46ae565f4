"""A year of posts with a date and posts that come again, beside a schedule, limits, quiet hours, pauses and outages.

    python -m tests.dated_year [--zone Europe/Berlin] [--seed 1] [--times 1] [--days 365]

All that `tests/year.py` is, with a bot as a settings file describes it; people queue as `post` does.
`problems` holds what came of it against dates that are reckoned here once more.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

from tests.home import Home
from tests.standins import x
from tests.year import START, Year, findings
from twitter_manager.domain import Draft
from twitter_manager.errors import UsageError
from twitter_manager.operations.own_posts import OwnPost, OwnPosts, keep
from twitter_manager.pipeline import timetable
from twitter_manager.pipeline.context import Calendar, bounds_of
from twitter_manager.pipeline.report import Report
from twitter_manager.pipeline.run import LATE
from twitter_manager.settings import Bot, load
from twitter_manager.store.database import Database, Row, connect, from_text, to_text

HOUR = timedelta(hours=1)
BOT_FILE = """
platforms = ["x", "bluesky", "feed"]
time_zone = "{zone}"
[schedule]
times = ["06:00", "10:00", "14:00", "18:00"]
[limits]
per_hour = 1
per_day = 7
minutes_apart = 50
quiet_hours = "22:30-01:30"
[[sources]]
kind = "starter"
"""
NEVER = frozenset({"the clock is two hours behind", "the clock is a day ahead", "a person posts now"})
"""With a wrong clock "not before its date" says nothing."""


@dataclass(frozen=True, slots=True)
class Repeat:
    """A recurring post as a person says it, and the days on which it must come, told independently."""

    every: str
    comes: Callable[[date], bool]
    clock: time
    texts: tuple[str, ...]
    platforms: tuple[str, ...] = ()
    days: int = 0
    """Until so many days after the start; 0: for ever."""
    lasts: int = 0
    """So many times, as its texts are used up; 0: until its end."""


def _is_last(day: date) -> bool:
    return (day + timedelta(days=1)).day == 1


REPEATS = (
    Repeat("Mon 09:00", lambda day: day.weekday() == 0, time(9), ("The ride on {date} starts at nine.",)),
    Repeat("31st 18:00", _is_last, time(18), ("The month ends on {date}.",)),
    Repeat("1st 18:00", lambda day: day.day == 1, time(18), ("A new month.", "The month is new.", "We begin anew.")),
    Repeat("day 02:30", lambda day: True, time(2, 30), ("It is half past two on {date}.",)),
    Repeat("Sun 01:30", lambda day: day.weekday() == 6, time(1, 30), ("Sleep well, {date}.",), days=250),
    Repeat(
        "Wed 12:00", lambda day: day.weekday() == 2, time(12), ("Lunch is at noon.", "At noon we eat."), ("x",), lasts=2
    ),
)


@dataclass(frozen=True, slots=True)
class Promise:
    """What was told as a post was queued."""

    draft: int
    queued_at: datetime
    due_at: datetime
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Outage:
    """From a moment on, one of `tests.year.RATES` for so many hours."""

    at: datetime
    name: str
    hours: float


class DatedYear(Year):
    """The year of one such bot. `outages` come besides those that are drawn."""

    def __init__(
        self,
        folder: Path,
        *,
        zone: str,
        seed: int = 1,
        times: float = 0,
        start: datetime = START,
        outages: Sequence[Outage] = (),
    ) -> None:
        self.bot, self.start, self.outages = _bot(folder / "home", zone), start, outages
        self.calendar, self.bounds = Calendar.of(self.bot), bounds_of(self.bot)
        self.told: list[str] = []
        self.promises: list[Promise] = []
        self.series: dict[int, Repeat] = {}
        self.twice_or_never = 0
        super().__init__(folder, seed=seed, times=times, never=NEVER)
        with closing(self._open()) as db:
            for repeat in REPEATS:
                until = f"{start + timedelta(days=repeat.days):%Y-%m-%d}" if repeat.days else ""
                own = OwnPost((repeat.texts[0],), repeat.platforms, every=repeat.every, until=until,
                              variants=repeat.texts[1:])  # fmt: skip
                number = self._queue(db, own).series_id
                assert number is not None
                self.series[number] = repeat

    def _hour(self, at: datetime, *, counts: bool = True) -> None:
        for outage in self.outages:
            if outage.at <= at < outage.at + HOUR:
                self.until[outage.name] = outage.at + timedelta(hours=outage.hours)
        super()._hour(at, counts=counts)

    def _run(self, verb: str = "run", only: int | None = None) -> Report | None:
        report = super()._run(verb, only)
        if report is not None:
            self.told += [report.reason, *report.attention, *report.notes, *report.warnings]
        return report

    @property
    def settled(self) -> datetime:
        """What was due by then has had time to wait for limits and quiet hours."""
        return self.now - 12 * HOUR

    # -- people ------------------------------------------------------------------------------------------

    def _people(self, at: datetime) -> None:
        super()._people(at)
        draw = self.chance.random
        if not self.chance.quiet and draw.random() < 1 / 20:
            with closing(self._open()) as db:
                due = self.now + timedelta(minutes=draw.randrange(40, 8 * 24 * 60))
                end = due + timedelta(minutes=draw.randrange(90, 2000)) if draw.random() < 0.2 else None
                self._queue_dated(db, due, end)
        if not self.chance.quiet and at.hour == 15:
            tomorrow = self.now.astimezone(ZoneInfo(self.bot.time_zone)).date() + timedelta(days=1)
            for hour in (1, 2):
                self._in_the_night(datetime.combine(tomorrow, time(hour, 30)))

    def _in_the_night(self, wall: datetime) -> None:
        """A time that the day has twice or never is refused, and the person takes the first that is named."""
        if len(_moments(wall, ZoneInfo(self.bot.time_zone))) == 1:
            return
        self.twice_or_never += 1
        with closing(self._open()) as db:
            try:
                self._queue(db, OwnPost((self._text(),), at=f"{wall:%Y-%m-%dT%H:%M}"))
            except UsageError as refusal:
                first = refusal.remedy.removeprefix("Say ").split(" or ")[0]
            self._queue(db, OwnPost((self._text(),), at=first))

    def _queue_dated(self, db: Database, due: datetime, end: datetime | None) -> None:
        local = ZoneInfo(self.bot.time_zone)
        at, expires = (f"{moment.astimezone(local):%Y-%m-%dT%H:%M%z}" if moment else "" for moment in (due, end))
        self._queue(db, OwnPost((self._text(),), at=at, expires=expires))

    def _queue(self, db: Database, own: OwnPost) -> Draft:
        """As `post` does it; the promise is kept."""
        now = self.clock()
        posts = OwnPosts(self.bot, (), now, lambda *words: "", lambda parts, platforms: tuple(parts))
        checked = posts.checked(own)
        with db.transaction():
            draft = keep(db, checked, now)
        assert draft.due_at is not None
        forecast = timetable.forecasts(self.bot, db, now, [draft.id])[draft.id]
        self.promises.append(Promise(draft.id, now, draft.due_at, forecast.at))
        return draft


def _bot(home: Path, zone: str) -> Bot:
    """The bot of the file above. Nothing is sent with its credentials."""
    keys = ("TWITTER_API_KEY", "TWITTER_API_SECRET", "TWITTER_ACCESS_TOKEN", "TWITTER_ACCESS_SECRET")
    made = Home(home, **dict(zip(keys, x.CREDENTIALS, strict=True)), BLUESKY_IDENTIFIER="b.example",
                BLUESKY_PASSWORD="abcd-efgh-ijkl-mnop")  # fmt: skip
    for file in (home / "data" / "bots").glob("*.toml"):
        file.unlink()
    made.bot("b", BOT_FILE.format(zone=zone))
    return load(home, {}).bots[0]


# -- the dates, reckoned once more -------------------------------------------------------------------


def _moments(wall: datetime, local: ZoneInfo) -> list[datetime]:
    """The moments at which the clocks show this: looked for around it, quarter by quarter of an hour."""
    near = (wall.replace(tzinfo=UTC) + timedelta(minutes=15 * step) for step in range(-60, 61))
    return [moment for moment in near if moment.astimezone(local).replace(tzinfo=None, fold=0) == wall]


def comes_at(day: date, clock: time, local: ZoneInfo) -> datetime:
    """The first of two; where there is none, as far into the hour after the gap."""
    wall = datetime.combine(day, clock)
    return (_moments(wall, local) or _moments(wall + HOUR, local))[0]


def dates_of(repeat: Repeat, year: DatedYear) -> list[datetime]:
    """All dates of a recurring post until now."""
    local = ZoneInfo(year.bot.time_zone)
    first, last = year.start.astimezone(local).date(), year.settled.astimezone(local).date()
    end = year.start.date() + timedelta(days=repeat.days) if repeat.days else last
    days = [first + timedelta(days=number) for number in range((min(end, last) - first).days + 1)]
    coming = [comes_at(day, repeat.clock, local) for day in days if repeat.comes(day)]
    return [moment for moment in coming if year.start < moment <= year.settled][: repeat.lasts or None]


# -- what came of it ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Came:
    """The year in figures, and what is wrong, a line each."""

    dated: int
    occurrences: int
    passed: int
    expired: int
    late: int
    promises: int
    problems: list[str]


def what_came(year: DatedYear) -> Came:
    """Compare dates, promises and platforms with what is on record."""
    with closing(connect(year.path)) as db:
        rows = db.rows("SELECT * FROM drafts WHERE due_at IS NOT NULL AND due_at <= ?", to_text(year.settled))
        passed = list(_passed(db))
        looked = [
            *_on_platforms(year),
            *(line for number, repeat in year.series.items() for line in _series(db, year, number, repeat)),
            *(line for row in rows for line in _dated(db, year, row)),
            *_early(db, year),
        ]
        kept = [(promise, _kept(db, year, promise)) for promise in year.promises]
    return Came(
        dated=sum(row["series_id"] is None for row in rows),
        occurrences=sum(row["series_id"] is not None and row["status"] == "posted" for row in rows),
        passed=len(passed),
        expired=sum(row["status"] == "expired" for row in rows),
        late=sum("late: " in line for line in year.told),
        promises=sum(kept is not None for _, kept in kept),
        problems=[*looked, *(f"not as promised: {promise}: {why}" for promise, why in kept if why)],
    )


def _on_platforms(year: DatedYear) -> Iterator[str]:
    found = findings(year)
    for name, there in found.platforms.items():
        wrong = (there.twice, there.reported_not_there, there.there_not_reported, there.out_of_order)
        if any(wrong):
            yield f"{name}: twice, reported and not there, there and not reported, out of order: {wrong}"
    if found.still_open or found.integrity != "ok" or found.audit:
        yield f"{found.still_open} are open; {found.integrity}; {found.audit}"


def _passed(db: Database) -> Iterator[tuple[int, datetime]]:
    for row in db.rows("SELECT data FROM events WHERE kind = 'dates_passed' ORDER BY id"):
        data = json.loads(row["data"])
        yield from ((data["series"], from_text(moment)) for moment in data["dates"])


def _series(db: Database, year: DatedYear, number: int, repeat: Repeat) -> Iterator[str]:
    """Each date went out, or was told as passed; there is no other; what passed had no run that could send it."""
    dates = dates_of(repeat, year)
    told = [moment for series, moment in _passed(db) if series == number and moment <= year.settled]
    rows = {
        from_text(row["occurrence"]): row
        for row in db.rows(
            "SELECT * FROM drafts WHERE series_id = ? AND occurrence <= ?", number, to_text(year.settled)
        )
    }
    if len(set(told)) < len(told) or not set(rows) | set(told) <= set(dates):
        yield f"series {number}: {sorted((set(rows) | set(told)) - set(dates))} are no dates of it, or told twice"
    for at, (moment, following) in enumerate(zip(dates, [*dates, year.settled][1:], strict=True)):
        row = rows.get(moment)
        out = row is not None and row["published_at"] is not None
        if out == (moment in told):
            yield f"series {number}: {moment} is out: {out}, and told as passed: {moment in told} (date {at})"
        if moment in told and (run := _sent_else(db, moment, following)):
            yield f"series {number}: {moment} passed, and run {run} sent something else"


def _sent_else(db: Database, since: datetime, until: datetime) -> int | None:
    """A run in this time that found no date due, and had a slot to fill."""
    sql = (
        "SELECT r.id FROM drafts JOIN runs r ON drafts.published_at BETWEEN r.started_at AND r.ended_at"
        " WHERE drafts.due_at IS NULL AND drafts.published_at BETWEEN ? AND ? LIMIT 1"
    )
    row = db.row(sql, to_text(since), to_text(until))
    return None if row is None else int(row["id"])


def _dated(db: Database, year: DatedYear, row: Row) -> Iterator[str]:
    """It went out at its date or later and, where late, with a word on it; or it expired, or made way, with one."""
    number, due_at = row["id"], from_text(row["due_at"])
    if row["published_at"] is None:
        if row["status"] == "expired":
            yield from (
                []
                if any(f"draft {number} of yours expired" in line for line in year.told)
                else [f"draft {number} expired without a word"]
            )
        elif row["status"] != "skipped" or not row["reason"]:
            yield f"draft {number}, due {due_at}, is {row['status']}"
        return
    late = from_text(row["published_at"]) - due_at
    if late < timedelta():
        yield f"draft {number} went out {-late} early"
    told = db.value("SELECT count(*) FROM events WHERE kind = 'late' AND draft_id = ?", number)
    if (late > LATE) != bool(told):
        yield f"draft {number} went out {late} late, and told: {told}"
    if row["status"] not in ("posted", "partly_posted", "failed") or (row["status"] != "posted" and not row["reason"]):
        yield f"draft {number} is {row['status']}: {row['reason']}"


def _early(db: Database, year: DatedYear) -> Iterator[str]:
    """By the platforms' own clocks."""
    at = {post.id: datetime.fromtimestamp(post.created, UTC) for post in year.x.posts.values()} | year.sky.at
    sql = "SELECT d.remote_id, due_at FROM deliveries d JOIN drafts ON drafts.id = draft_id WHERE due_at IS NOT NULL"
    for row in db.rows(sql):
        if (there := at.get(row["remote_id"] or "")) and there < from_text(row["due_at"]):
            yield f"{row['remote_id']} stood there at {there}, before {row['due_at']}"


def _kept(db: Database, year: DatedYear, promise: Promise) -> str | None:
    """Why a promise was not kept, "" where it was; None where something came between that nobody could foresee."""
    row = db.row("SELECT published_at FROM drafts WHERE id = ?", promise.draft)
    if row is None or row["published_at"] is None or promise.at is None:
        return None
    out = from_text(row["published_at"])
    between = (to_text(promise.queued_at), to_text(max(out, promise.at)))
    runs = db.rows("SELECT * FROM runs WHERE started_at BETWEEN ? AND ? ORDER BY id", *between)
    starts = [from_text(run["started_at"]) for run in runs]
    gaps = any(later - earlier > HOUR + timedelta(minutes=15) for earlier, later in pairwise(starts))
    troubled = any(run["outcome"] not in ("posted", "nothing_due") or "pause" in run["reason"] for run in runs)
    queued_later = db.value(
        "SELECT count(*) FROM drafts WHERE id > ? AND published_at BETWEEN ? AND ? AND origin = 'person'"
        " AND series_id IS NULL",
        promise.draft,
        to_text(promise.at - timedelta(hours=30)),
        to_text(out),
    )
    # What is foreseen by the minute may meet the quiet hours, or come a run earlier or later, as runs are an hour apart
    # and limits count from them.
    first = next((start for start in starts if start >= promise.at), out)
    if gaps or troubled or queued_later or year.calendar.quiet_until(first):
        return None
    return "" if promise.at - HOUR <= out <= promise.at + 2 * HOUR else f"it went out at {out}"


def live(
    zone: str, seed: int, times: float, days: int, start: datetime = START, outages: Sequence[Outage] = ()
) -> tuple[DatedYear, Came]:
    """So many days, and what came of them."""
    shm = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=shm if shm.is_dir() else None) as folder:
        year = DatedYear(Path(folder), zone=zone, seed=seed, times=times, start=start, outages=outages)
        year.live(24 * days)
        return year, what_came(year)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--zone", default="Europe/Berlin")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--times", type=float, default=1, help="so many times the plain rates")
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--start", type=datetime.fromisoformat, default=START)
    given = parser.parse_args()
    _, came = live(given.zone, given.seed, given.times, given.days, given.start)
    print(*came.problems, sep="\n")
    print({name: getattr(came, name) for name in ("dated", "occurrences", "passed", "expired", "late", "promises")})


if __name__ == "__main__":
    main()
