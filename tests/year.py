"""A year of hourly runs in one process, on a simulated clock, with seeded faults: nothing twice, nothing lost.

    python -m tests.year [--seed 1] [--times 10] [--runs 8760]      prints the table for these rates

Real: `run_bot`, the outbox, the store (a file, a new connection for each run), the feed platform, and the X class over
HTTP against the stand-in. Bluesky is a fake at the protocol that keeps posts by their key, as the server does: the
reference server knows no other clock than its own; `tests/platforms` and `tests/faults` run against it.

RATES says how often what goes wrong. A run that dies, dies at a random commit, and the next hourly run is what mends
it. The machine's clock and the world's are two: while the machine's is wrong, X refuses its signatures, as it does.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.fakes import Crash, FakeWriter, as_it_is
from tests.standins import x as standin
from tests.standins.x import Fault, XStandIn
from twitter_manager import decisions, due, schedule, show
from twitter_manager.content import plain
from twitter_manager.delivery import Policy
from twitter_manager.domain import (
    Candidate,
    DeliveryStatus,
    DraftStatus,
    Generation,
    Json,
    Outcome,
    Outgoing,
    Receipt,
    RemotePost,
    Violation,
)
from twitter_manager.errors import NeedsPerson, NotSent, OutcomeUnknown, Unreadable
from twitter_manager.pipeline.context import Calendar, RunContext
from twitter_manager.pipeline.report import Report
from twitter_manager.pipeline.run import run_bot
from twitter_manager.pipeline.spending import Budget
from twitter_manager.platforms.feed import Feed
from twitter_manager.platforms.x import X
from twitter_manager.store import drafts, events, generations, runs, schema
from twitter_manager.store.database import Database, Row, Value, connect, from_text

START = datetime(2026, 3, 1, 0, 7, tzinfo=UTC)
HOURLY = schedule.Schedule()
BOT = "b"
POOL = 8
MONTH = 730
"""Runs in a month."""
READ_TIMEOUT = 1.0
"""Real seconds."""
STEPS = 10
"""SQLite's virtual machine is counted by so many steps."""


@dataclass(frozen=True, slots=True)
class Rate:
    """One thing that goes wrong or happens: on average once in so many chances; how many hours it lasts."""

    once_in: float
    chance: str
    why: str
    hours: tuple[float, float] = (0, 0)


RATES: Mapping[str, Rate] = {
    # What services and machines do wrong is known (each kind here was seen, or stands in the services' documents); how
    # often, nobody publishes. So these are guesses on the dark side of ordinary, and the year is run at ten times them.
    "the process dies": Rate(1000, "run", "out of memory, power, a reboot: nine a year, each within ten busy seconds"),
    "the process is stopped": Rate(4380, "run", "SIGSTOP, a hung disk: cron goes on and finds the lock held", (1.1, 3)),
    "the machine sleeps": Rate(2000, "run", "suspended in the middle of a run", (1.1, 9)),
    "the machine is off": Rate(730, "hour", "updates, power: once a month", (1, 12)),
    "the machine is off for three days": Rate(2920, "hour", "the outage one remembers", (72, 72)),
    "the clock is two hours behind": Rate(4380, "hour", "a time service gone wrong", (1, 6)),
    "the clock is a day ahead": Rate(2190, "hour", "a date set by hand", (1, 6)),
    "the generators are down": Rate(730, "hour", "a provider's bad day, once a month", (1, 6)),
    "the feed's file is in the way": Rate(4380, "hour", "a folder of that name, made by hand", (2, 6)),
    "X is down": Rate(1000, "hour", "every request is answered 503, reading too", (1, 4)),
    "X's credit is used up": Rate(4380, "hour", "402 until a person tops it up", (2, 12)),
    "X's timeline is forbidden": Rate(4380, "hour", "403 for every read", (12, 36)),
    "Bluesky is down": Rate(1000, "hour", "no connection", (1, 4)),
    "Bluesky's password is revoked": Rate(4380, "hour", "a definite no until a person acts", (2, 12)),
    "hang": Rate(4000, "X post", "no answer within the time limit, nothing stored"),
    "store_then_hang": Rate(2000, "X post", "stored, and no answer within the time limit"),
    "drop": Rate(1000, "X post", "the line is cut before anything is stored"),
    "store_then_drop": Rate(1000, "X post", "the line is cut after the post is stored"),
    "error_500": Rate(500, "X post", "nothing stored"),
    "error_503": Rate(500, "X post", "nothing stored"),
    "store_then_error_500": Rate(2000, "X post", "stored all the same"),
    "store_then_error_503": Rate(2000, "X post", "stored all the same"),
    "store_then_html": Rate(2000, "X post", "200 with a page of HTML; stored"),
    "store_then_truncate": Rate(2000, "X post", "half an answer; stored"),
    "rate_limited": Rate(500, "X post", "429 that says when to come back"),
    "rate_limited_bare": Rate(1000, "X post", "429 that says nothing"),
    "usage_capped": Rate(8000, "X post", "429: not today"),
    "duplicate": Rate(8000, "X post", "refused as a duplicate of what is not there"),
    "not_permitted": Rate(4000, "X post", "a definite no to this one post"),
    "its list lags": Rate(200, "X listing", "a new post is not yet listed", (0.01, 0.2)),
    "its list lags long": Rate(2000, "X listing", "for longer than the settling time of 15 minutes", (0.3, 3)),
    "its list lacks it": Rate(8000, "X listing", "for ever", (1e6, 1e6)),
    "read: error_503": Rate(50, "X read", ""),
    "read: drop": Rate(100, "X read", ""),
    "read: rate_limited": Rate(100, "X read", ""),
    "not sent": Rate(300, "Bluesky post", "no connection, 429, a session that could not be renewed"),
    "unknown, not stored": Rate(1000, "Bluesky post", "cut before it is stored, 5xx"),
    "stored, unknown": Rate(1000, "Bluesky post", "cut after it is stored, a time-out"),
    "unreadable": Rate(50, "Bluesky read", "5xx, cut"),
    "a person posts": Rate(48, "hour", "text of one's own, queued"),
    "a person posts a thread": Rate(168, "hour", "three parts, queued"),
    "a person posts now": Rate(1000, "hour", "`post --now` at the minute of cron's run, which finds the lock held"),
    "a pause": Rate(4380, "hour", "a person stops the bot for a while", (6, 48)),
}
WORDS = (
    "queue",
    "lock",
    "retry",
    "index",
    "page",
    "commit",
    "&",
    "<",
    ">",
    "café",
    "naïve",
    "数据",
    "🙂",
    "don’t",
    "—",
)
LASTING = [name for name, rate in RATES.items() if rate.chance == "hour" and rate.hours != (0, 0)]


@dataclass(slots=True)
class Chance:
    """Draws from RATES, `times` as often as they stand there. `never`: what does not come in this year; `seen` counts
    what was drawn."""

    random: random.Random
    times: float
    never: frozenset[str] = frozenset()
    seen: Counter[str] = field(default_factory=Counter)
    quiet: bool = False

    def strikes(self, name: str) -> bool:
        hit = self.random.random() < self.times / RATES[name].once_in and not self.quiet and name not in self.never
        self.seen[name] += hit
        return hit

    def one_of(self, chance: str) -> str:
        """The first of that chance's kinds that strikes, or ''."""
        return next((name for name, rate in RATES.items() if rate.chance == chance and self.strikes(name)), "")

    def hours(self, name: str) -> timedelta:
        return timedelta(hours=self.random.uniform(*RATES[name].hours))


class Counting(Database):
    """Counts the steps of SQLite's virtual machine, in all and by statement; lets things happen at a commit. A check of
    the whole file is counted apart: it is as long as the file."""

    def __init__(self, connection: Any, name: str) -> None:
        super().__init__(connection, name)
        self.steps, self.by_statement = 0, Counter[str]()
        self.commits = self.checks = 0
        self.at_commit: dict[int, Callable[[], None]] = {}
        self._connection.set_progress_handler(self._step, STEPS)

    def _step(self) -> int:
        self.steps += STEPS
        return 0

    def quick_check(self) -> None:
        self.checks += 1
        self._connection.set_progress_handler(None, 0)
        super().quick_check()
        self._connection.set_progress_handler(self._step, STEPS)

    @contextmanager
    def _counted(self, sql: str) -> Iterator[None]:
        before = self.steps
        try:
            yield
        finally:
            self.by_statement[sql] += self.steps - before

    def rows(self, sql: str, *parameters: Value) -> list[Row]:
        with self._counted(sql):
            return super().rows(sql, *parameters)

    def row(self, sql: str, *parameters: Value) -> Row | None:
        with self._counted(sql):
            return super().row(sql, *parameters)

    def _execute(self, sql: str, parameters: Any) -> Any:
        with self._counted(sql):
            return super()._execute(sql, parameters)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """What is due at commit n happens before it (2n) or after it (2n + 1)."""
        number, self.commits = self.commits, self.commits + 1
        with super().transaction():
            yield
            self.at_commit.pop(2 * number, lambda: None)()
        self.at_commit.pop(2 * number + 1, lambda: None)()


class Sky:
    """A definite platform at the protocol: a post stands under the key that was chosen for it, once."""

    name, account, definite = "bluesky", "me.example", True

    def __init__(self, year: Year) -> None:
        self.year = year
        self.posts: dict[str, Json] = {}
        self.at: dict[str, datetime] = {}

    def price(self, text: str, *, summoned: bool = False) -> float:
        return 0.0

    def prepare(self, post: Outgoing) -> Json:
        self._refuse()
        key = f"{post.delivery_id}-{self.year.chance.random.randrange(10**9)}"
        return {"key": key, "text": post.text, "reply": post.reply.parent.remote_id if post.reply else ""}

    def publish(self, request: Json) -> Receipt:
        self._refuse()
        fault = self.year.chance.one_of("Bluesky post")
        if fault == "not sent":
            raise NotSent("no connection")
        if fault == "unknown, not stored":
            raise OutcomeUnknown("502")
        self.posts.setdefault(request["key"], request)
        self.at.setdefault(request["key"], self.year.now)
        if fault:
            raise OutcomeUnknown("the line was cut")
        return Receipt(request["key"], f"https://sky.invalid/{request['key']}")

    def look_up(self, request: Json, since: datetime, claimed: frozenset[str]) -> Receipt | None:
        if self.year.lasts("Bluesky is down") or self.year.chance.one_of("Bluesky read"):
            raise Unreadable("no answer")
        key = request["key"]
        return Receipt(key, f"https://sky.invalid/{key}") if key in self.posts and key not in claimed else None

    def _refuse(self) -> None:
        if self.year.lasts("Bluesky is down"):
            raise NotSent("no connection")
        if self.year.lasts("Bluesky's password is revoked"):
            raise NeedsPerson("wrong password")

    def recent(self, since: datetime, limit: int = 100) -> list[RemotePost]:
        raise NotImplementedError

    def delete(self, remote_id: str) -> None:
        raise NotImplementedError

    def verify(self) -> str:
        raise NotImplementedError


class FaultyX(XStandIn):
    """The stand-in, with faults drawn for each request."""

    def __init__(self, year: Year) -> None:
        self.year = year
        # Requests are signed by the clock of the real machine; the simulated one's error comes on top.
        super().__init__(now=lambda: year.now.timestamp(), signed_now=lambda: time.time() - year.error.total_seconds())

    def _take_fault(self, method: str, path: str) -> Fault | None:
        year, chance = self.year, self.year.chance
        if year.lasts("X is down"):
            return Fault("error_503")
        if method == "GET" and year.lasts("X's timeline is forbidden"):
            return Fault("not_permitted")
        if method == "GET":
            return Fault(chance.one_of("X read").removeprefix("read: ") or "normal")
        if year.lasts("X's credit is used up"):
            return Fault("credits_depleted")
        lag = chance.one_of("X listing")
        hide = chance.hours(lag).total_seconds() if lag else 0.0
        return Fault(chance.one_of("X post") or "normal", hide=hide, seconds=1.2 * READ_TIMEOUT)


@dataclass(frozen=True, slots=True)
class Judged:
    """A candidate as the store takes it."""

    parts: tuple[str, ...]
    score: float = 1.0
    scores: Mapping[str, float] = field(default_factory=dict)
    violations: tuple[Violation, ...] = ()
    verdict: str = "chosen"


@dataclass(frozen=True, slots=True)
class Started:
    """One run that cron started: its slot by the machine's clock, what it cost, the size of the file after it, and
    whether all of a file that was no longer small was checked."""

    slot: datetime
    steps: int
    seconds: float
    size: int
    checked: bool


@dataclass(frozen=True, slots=True)
class _Writer(FakeWriter):
    """Writes for the pool of the year's bot."""

    year: Year
    db: Database

    def top_up(self, run_id: int, wanted: int) -> str:
        return self.year.write(self.db, run_id, wanted)


class Year:
    """One bot with three platforms through a year. `now` is the world's time, `clock` what the machine believes.
    `never`: what of RATES does not come."""

    start = START
    calendar = Calendar(
        lambda now: schedule.slot_at(now, HOURLY, "UTC"),
        lambda now: schedule.next_slot(now, HOURLY, "UTC"),
        lambda now: schedule.local_day_start(now, "UTC"),
        lambda now: None,
    )
    bounds = due.Bounds(per_hour=1, per_day=24)

    def __init__(self, folder: Path, *, seed: int, times: float, never: frozenset[str] = frozenset()) -> None:
        self.folder, self.seed, self.times = folder, seed, times
        self.chance = Chance(random.Random(seed), times, never)
        random.seed(seed)  # the outbox's jitter
        self.now = self.start
        self.until: dict[str, datetime] = {}
        self.planned: dict[int, Callable[[], None]] = {}
        self.sky = Sky(self)
        self.feed_texts: dict[str, str] = {}
        self.written = self.hours_off = self.deaths = self.steps = self.checks = 0
        self.resumed: set[int] = set()
        self.started: list[Started] = []
        self.by_statement: list[Counter[str]] = []
        self.path, self.feed_path = folder / "twitter.db", folder / "feed.xml"
        with closing(self._open()) as db:
            schema.migrate(db, self.start, None)

    # -- time ----------------------------------------------------------------------------------------

    @property
    def error(self) -> timedelta:
        """How far the machine's clock is off."""
        behind, ahead = self.lasts("the clock is two hours behind"), self.lasts("the clock is a day ahead")
        return timedelta(hours=-2 * behind + 24 * ahead)

    def clock(self) -> datetime:
        return self.now + self.error

    def sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def lasts(self, *names: str) -> bool:
        """True while one of these goes on."""
        return any(self.now < self.until.get(name, self.start) for name in names)

    def live(self, wanted: int) -> None:
        """Let cron start so many runs, an hour apart while the machine is on; then let all come to rest."""
        with FaultyX(self) as self.x:
            hour = 0
            while len(self.started) < wanted:
                self._hour(self.start + timedelta(hours=hour))
                hour += 1
            self.chance.quiet = True
            self.planned, self.until = {}, {}
            for more in range(30):  # X's monthly cap says: not before tomorrow
                self._hour(self.start + timedelta(hours=hour + more), counts=False)
        self._read_feed()

    def _hour(self, at: datetime, *, counts: bool = True) -> None:
        stopped = at < self.until.get("the process is stopped", self.start)
        self.now = max(self.now, at)
        self._what_begins()
        asleep = self.now > at and not stopped
        if asleep or self.lasts("the machine is off", "the machine is off for three days"):
            self.hours_off += 1
            return
        slot = self.calendar.slot_at(self.clock())
        began = time.perf_counter()
        self.steps, self.checks, size = 0, 0, self.path.stat().st_size
        if not stopped:
            self._people(at)
            if not self._person_posts_now():
                self._run()
        self.x.requests.clear()
        if counts:
            checked = self.checks > 0 and size > runs.CHEAP_TO_CHECK
            spent = time.perf_counter() - began
            self.started.append(Started(slot, self.steps, spent, self.path.stat().st_size, checked))
        if at.hour % 12 == 0:
            self._read_feed()

    def _what_begins(self) -> None:
        """Draw what lasts for hours, and what happens in the middle of a run."""
        for name in LASTING:
            if not self.lasts(name) and self.chance.strikes(name):
                if name.startswith("the clock"):
                    self._plan(name)
                else:
                    self.until[name] = self.now + self.chance.hours(name)
        for name in [name for name, rate in RATES.items() if rate.chance == "run"]:
            if self.chance.strikes(name):
                self._plan(name)
        self._feed_in_the_way(self.lasts("the feed's file is in the way"))

    def _plan(self, name: str) -> None:
        """Before or after some commit of the first run that comes so far."""

        def happens() -> None:
            if name == "the process dies":
                raise Crash
            self.until[name] = self.now + self.chance.hours(name)
            if not name.startswith("the clock"):
                self.now = self.until[name]

        free = [number for number in range(2 * 24) if number not in self.planned]
        self.planned[self.chance.random.choice(free)] = happens

    def _feed_in_the_way(self, blocked: bool) -> None:
        aside = self.folder / "aside.xml"
        if blocked and not self.feed_path.is_dir():
            if self.feed_path.exists():
                self.feed_path.rename(aside)
            self.feed_path.mkdir()
        elif not blocked and self.feed_path.is_dir():
            self.feed_path.rmdir()
            if aside.exists():
                aside.rename(self.feed_path)

    # -- the program -----------------------------------------------------------------------------------

    def _open(self) -> Counting:
        connection = connect(self.path)._connection
        return Counting(connection, str(self.path))

    def _run(self, verb: str = "run", only: int | None = None) -> Report | None:
        """One run, as `app.py` makes it, with all parts new; gives nothing where it died."""
        report = None
        with closing(self._open()) as db, self._a_new_x() as x:
            runs.check_file(db, self.clock())
            schema.migrate(db, self.clock(), None)
            db.at_commit = self.planned
            try:
                with db.transaction():
                    runs.abandon_open(db, self.clock())
                report = run_bot(self._context(db, x), verb, only=only)
            except Crash:
                self.deaths += 1
            self.steps, self.checks = db.steps, db.checks
            month = len(self.started) // MONTH
            self.by_statement += [Counter() for _ in range(month + 1 - len(self.by_statement))]
            self.by_statement[month] += db.by_statement
        return report

    @contextmanager
    def _a_new_x(self) -> Iterator[X]:
        """With a connection of its own, which ends as a process's does."""
        x = X(*standin.CREDENTIALS, clock=self.clock, base_url=self.x.url, read_timeout=READ_TIMEOUT)
        try:
            yield x
        finally:
            if "_connection" in vars(x):
                x._connection[0].session.close()

    def _feed(self) -> Feed:
        return Feed(self.feed_path, title="b", feed_id="urn:year", author="b", keep=80, clock=self.clock)

    def _context(self, db: Database, x: X) -> RunContext:
        deadline = self.now + timedelta(minutes=10)
        return RunContext(
            bot=BOT,
            db=db,
            platforms={"bluesky": self.sky, "feed": self._feed(), "x": x},
            calendar=self.calendar,
            bounds=self.bounds,
            budget=Budget(15.0),
            policy=Policy(),
            pool=POOL,
            writer=_Writer(self, db),
            clock=self.clock,
            sleep=self.sleep,
            time_left=lambda: (deadline - self.now).total_seconds(),
            run_time=timedelta(minutes=10),
            progress=lambda line: None,
            redact=lambda text: text,
            pictures=as_it_is,
        )

    def write(self, db: Database, run_id: int, wanted: int) -> str:
        """Make drafts, unless the generators are down."""
        for number in range(wanted):
            if self.lasts("the generators are down"):
                return f"made {number} of {wanted}: every generator is down"
            text = self._text()
            made = Generation(
                "claude", "model", "1", number, "prompt " * 60, text, (Candidate((text,)),), 200, 60, 2e-4
            )
            with db.transaction():
                draft = self._save(db, "generator", (text,), run_id)
                generations.add(db, made, [Judged((text,))], "chosen", self.clock(), run_id=run_id, draft_id=draft)
            self.sleep(3)
        return ""

    def _save(self, db: Database, origin: str, parts: tuple[str, ...], run_id: int | None = None) -> int:
        new = drafts.NewDraft(BOT, origin, plain(parts), ("x", "bluesky", "feed"), timedelta(hours=72), run_id=run_id)
        return drafts.add(db, new, self.clock())

    def _text(self) -> str:
        """Unique, and now and then with what platforms show in another way than it was sent."""
        self.written += 1
        words = " ".join(self.chance.random.choices(WORDS, k=self.chance.random.randrange(6, 20)))
        link = f" https://example.com/notes/{self.written}" if self.written % 60 == 0 else ""
        return f"Note {self.written}: {words}.{link}"

    # -- people ------------------------------------------------------------------------------------------

    def _people(self, at: datetime) -> None:
        with closing(self._open()) as db:
            if self.lasts("a pause") != (runs.paused(db, BOT) is not None):
                with db.transaction():
                    if self.lasts("a pause"):
                        runs.pause(db, BOT, "a holiday", self.clock())
                    else:
                        runs.unpause(db, BOT, self.clock())
            for name, count in (("a person posts", 1), ("a person posts a thread", 3)):
                if self.chance.strikes(name):
                    with db.transaction():
                        self._save(db, "person", tuple(self._text() for _ in range(count)))
            if at.hour == 9:
                self._look_after(db)

    def _look_after(self, db: Database) -> None:
        """Each morning a person looks, and resumes once what did not get out."""
        show.bot_status(db, BOT, self.clock())
        show.history_as_json(db, None, 20)
        for status in (DraftStatus.FAILED, DraftStatus.PARTLY_POSTED):
            for draft in drafts.in_status(db, BOT, status):
                if draft.id not in self.resumed:
                    self.resumed.add(draft.id)
                    decisions.resume(db, draft, timedelta(hours=72), self.clock())

    def _person_posts_now(self) -> bool:
        if not self.chance.strikes("a person posts now"):
            return False
        with closing(self._open()) as db, db.transaction():
            draft = self._save(db, "person", (self._text(),))
        self._run("post", draft)
        return True

    def _read_feed(self) -> None:
        """The feed keeps its newest 80, and this is asked twice a day: note each while it is there."""
        if not self.feed_path.is_dir():
            for post in self._feed().recent(datetime(2000, 1, 1, tzinfo=UTC), 200):
                self.feed_texts[post.receipt.remote_id] = post.text


# -- what came of it -----------------------------------------------------------------------------------


@dataclass(slots=True)
class Platformwise:
    """One platform's end of the year: how many posts stand there, and what must not be. Each entry is a text."""

    posts: int
    twice: list[str]
    reported_not_there: list[str]
    there_not_reported: list[str]
    out_of_order: list[str]
    held: int


@dataclass(slots=True)
class Slots:
    """The slots for which cron started a run while no pause and no limit forbade a post."""

    due: int = 0
    filled: int = 0
    everywhere: int = 0
    not_due: int = 0
    why_not: Counter[str] = field(default_factory=Counter)
    unexplained: list[datetime] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Findings:
    """The year in figures."""

    year: Year
    platforms: dict[str, Platformwise]
    slots: Slots
    still_open: int
    integrity: str
    audit: list[str]

    def steps(self, month: int) -> float:
        """The median of the month's runs."""
        return statistics.median(run.steps for run in self._runs(month) if run.steps)

    def milliseconds(self, month: int) -> float:
        return 1000 * statistics.median(run.seconds for run in self._runs(month) if run.steps)

    def _runs(self, month: int) -> list[Started]:
        return self.year.started[month * MONTH : (month + 1) * MONTH]

    @property
    def months(self) -> int:
        return len(self.year.started) // MONTH

    def bytes_a_run(self, quarter: int) -> float:
        """By how much a run of this quarter of the year made the file longer."""
        sizes = [0, *(run.size for run in self.year.started)]
        at = [len(self.year.started) * n // 4 for n in range(5)]
        return (sizes[at[quarter + 1]] - sizes[at[quarter]]) / (at[quarter + 1] - at[quarter])

    def statements_that_grow(self) -> dict[str, tuple[float, float]]:
        """Statements whose mean cost a run is more than half as much again in the last month as in the second, and
        not small."""
        early, late = self.year.by_statement[1], self.year.by_statement[self.months - 1]
        means = {sql: (early[sql] / MONTH, late[sql] / MONTH) for sql in late}
        return {sql: (one, other) for sql, (one, other) in means.items() if other > 1.5 * one and other > 200}


def findings(year: Year) -> Findings:
    """Compare what the program believes with what the platforms hold."""
    there = {
        "x": {post.id: post.text for post in year.x.posts.values()},
        "bluesky": {key: post["text"] for key, post in year.sky.posts.items()},
        "feed": year.feed_texts,
    }
    with closing(connect(year.path)) as db:
        mine = db.rows("SELECT * FROM deliveries ORDER BY draft_id, platform, part")
        parents = {post.id: post.reply_to for post in year.x.posts.values()}
        parents |= {key: post["reply"] for key, post in year.sky.posts.items()}
        return Findings(
            year,
            {
                name: _on_platform([row for row in mine if row["platform"] == name], there[name], parents)
                for name in there
            },
            _slots(year, db),
            sum(row["status"] in ("queued", "sending", "unknown") for row in mine),
            str(db.value("PRAGMA integrity_check")),
            events.verify(db),
        )


def _on_platform(mine: list[Row], there: Mapping[str, str], parents: Mapping[str, str]) -> Platformwise:
    # A post that comes again may have the same text more than once.
    wanted = Counter(row["text"] for row in mine)
    reported = Counter(row["text"] for row in mine if row["status"] in ("posted", "held"))
    ids = {(row["draft_id"], row["part"]): row["remote_id"] for row in mine}
    posted = [row for row in mine if row["status"] == DeliveryStatus.POSTED]
    return Platformwise(
        posts=len(there),
        twice=[text for text, count in Counter(there.values()).items() if count > max(1, wanted[text])],
        reported_not_there=[row["text"] for row in posted if there.get(row["remote_id"]) != row["text"]],
        there_not_reported=[
            text for text, count in Counter(there.values()).items() if reported[text] < min(count, max(1, wanted[text]))
        ],
        out_of_order=[
            row["text"]
            for row in posted
            if row["remote_id"] in parents
            and (parents[row["remote_id"]] or None) != ids.get((row["draft_id"], row["part"] - 1))
        ],
        held=sum(row["status"] == DeliveryStatus.HELD for row in mine),
    )


def _slots(year: Year, db: Database) -> Slots:
    """For each slot that cron started a run in: is its post out, on one platform, on all? If not, what says why?"""
    out = {
        from_text(row["slot"]): row["status"]
        for row in db.rows(
            "SELECT slot, status FROM drafts WHERE slot IS NOT NULL AND EXISTS (SELECT 1 FROM deliveries"
            " WHERE draft_id = drafts.id AND status = 'posted')"
        )
    }
    by_slot: dict[datetime, list[Row]] = {}
    for row in db.rows("SELECT * FROM runs ORDER BY id"):
        by_slot.setdefault(from_text(row["slot"]), []).append(row)
    gaps = [json.loads(row["data"]) for row in db.rows("SELECT data FROM events WHERE kind = 'slots_without_a_run'")]
    without = [(from_text(gap["first"]), from_text(gap["until"])) for gap in gaps]
    found = Slots()
    for slot in sorted({started.slot for started in year.started}):
        if slot in out:
            found.due, found.filled = found.due + 1, found.filled + 1
            found.everywhere += out[slot] == DraftStatus.POSTED
        elif slot in by_slot and all(row["outcome"] == Outcome.NOTHING_DUE for row in by_slot[slot]):
            found.not_due += 1
        else:
            found.due += 1
            reasons = [f"{row['outcome']}: {row['reason']}" for row in by_slot.get(slot, []) if row["reason"]]
            reasons += ["no run could begin" for first, until in without if first <= slot < until]
            found.why_not[reasons[-1] if reasons else ""] += 1
            found.unexplained += [] if reasons else [slot]
    return found


def live(seed: int, times: float, wanted: int) -> Findings:
    """A year from its beginning to its findings. In memory where there is such a file system: a real disk takes 20 ms
    for each of 170,000 commits, and what survives a power cut is not the question here."""
    shm = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=shm if shm.is_dir() else None) as folder:
        year = Year(Path(folder), seed=seed, times=times)
        year.live(wanted)
        return findings(year)


def table(found: Findings) -> list[tuple[str, str]]:
    """The rows of the table in docs/reliability.md, in words and figures."""
    year, slots, platforms = found.year, found.slots, found.platforms
    faults = sum(count for name, count in year.chance.seen.items() if not name.startswith("a p"))

    def each(figure: Callable[[Platformwise], object]) -> str:
        return " / ".join(str(figure(platforms[name])) for name in ("x", "bluesky", "feed"))

    last = found.months - 1
    rows = [
        ("runs that cron started", f"{len(year.started):,}"),
        ("hours with the machine off or asleep", f"{year.hours_off:,}"),
        ("faults", f"{faults:,}"),
        ("of them processes that died at a commit", f"{year.deaths:,}"),
        ("posts on X / Bluesky / the feed", each(lambda one: f"{one.posts:,}")),
        ("posts there twice", each(lambda one: len(one.twice))),
        ("reported as published, and not there", each(lambda one: len(one.reported_not_there))),
        ("there, and not reported", each(lambda one: len(one.there_not_reported))),
        ("held for a person at the end", each(lambda one: one.held)),
        ("slots due", f"{slots.due:,}"),
        ("of them with a post out", f"{slots.filled:,} ({slots.filled / slots.due:.2%})"),
        ("of them with it out on all three", f"{slots.everywhere:,} ({slots.everywhere / slots.due:.2%})"),
        ("slots due and empty, each with its reason on record", f"{slots.due - slots.filled - len(slots.unexplained)}"),
        ("slots due and empty without a reason", f"{len(slots.unexplained)}"),
        ("integrity_check, audit trail", f"{found.integrity}, {found.audit or 'ok'}"),
        ("database at the end", f"{year.started[-1].size / 1e6:.1f} MB"),
        ("bytes a run, by quarter", " / ".join(f"{found.bytes_a_run(quarter):,.0f}" for quarter in range(4))),
    ]
    if found.months > 1:
        rows += [
            ("steps of SQLite a run, median of month 2 / last", f"{found.steps(1):,.0f} / {found.steps(last):,.0f}"),
            ("ms a run, the same", f"{found.milliseconds(1):.0f} / {found.milliseconds(last):.0f}"),
        ]
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--times", type=float, default=1, help="so many times the plain rates")
    parser.add_argument("--runs", type=int, default=8760)
    given = parser.parse_args()
    found = live(given.seed, given.times, given.runs)
    print(f"seed {given.seed}, {given.times:g} times the plain rates")
    for what, figure in table(found):
        print(f"{what:56} {figure}")
    print("\nempty slots, by what the record says")
    for reason, count in found.slots.why_not.most_common():
        print(f"{count:6}  {reason[:110]}")
    print("\nwhat happened, and how often")
    for name, count in found.year.chance.seen.items():
        print(f"{count:6}  {name}")


if __name__ == "__main__":
    main()
