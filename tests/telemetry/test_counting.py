"""What is counted of the runs: all of it once, whatever was killed, cheap however old the database is."""

from __future__ import annotations

import random
import re
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.fakes import START, Crash, FakeClock, FakePlatform
from tests.fresh import new_database
from tests.home import Home
from tests.store.test_long_history import GROWING, SHORT, add_history, counting, ten_runs
from twitter_manager.domain import Generation, Violation
from twitter_manager.stages import Stage
from twitter_manager.store import charges, counted, generations, runs, tallies
from twitter_manager.store.database import Database
from twitter_manager.telemetry.counting import BOUNDS, SLICE, count
from twitter_manager.writing.review import CheckedCandidate, Verdict


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    with closing(new_database(tmp_path / "twitter.db")) as db:
        yield db


def utc(bot: str) -> str:
    return "UTC"


def sums(db: Database, bot: str = "b") -> dict[tuple[str, str], float]:
    return {(tally.name, tally.label): tally.value for tally in tallies.totals(db) if tally.bot == bot}


def ended_run(db: Database, outcome: str, minutes: float = 1, bot: str = "b") -> int:
    with db.transaction():
        run_id = runs.start(db, bot, "run", START, START)
        runs.finish(db, run_id, outcome, "", START + timedelta(minutes=minutes))  # type: ignore[arg-type]
    return run_id


def test_every_kind_of_row_is_counted_by_its_label(path: Path, home: Home, x: FakePlatform) -> None:
    """Ten real runs whose answers from X get lost: each number is that of the rows."""
    with closing(ten_runs(path, home, x)) as db:
        while not count(db, utc, {}):
            pass
        found = sums(db, "default")
        assert found["runs", "posted"] == db.value("SELECT count(*) FROM runs WHERE outcome = 'posted'") == 10
        for row in db.rows("SELECT platform, status, count(*) AS number FROM deliveries GROUP BY 1, 2"):
            if row["status"] in ("posted", "failed", "held"):
                assert found["deliveries", f"{row['platform']} {row['status']}"] == row["number"]
        tries = "SELECT platform, kind, outcome, count(*) AS number FROM attempts a JOIN deliveries d"
        for row in db.rows(f"{tries} ON d.id = a.delivery_id GROUP BY 1, 2, 3"):
            assert found["attempts", f"{row['platform']} {row['kind']} {row['outcome']}"] == row["number"]
        assert found["candidates", "excerpt"] == db.value("SELECT count(*) FROM candidates")
        assert found["stage_count", "run"] == 10


def test_a_run_counts_what_it_did(home: Home) -> None:
    """The program itself, twice in an hour: its runs, the post and the stages that it went through."""
    assert (home("run").code, home("run").code) == (0, 0)
    found = dict(home.rows("SELECT name || ' ' || label, value FROM tallies WHERE day = ''"))
    assert (found["runs posted"], found["runs nothing_due"], found["posts feed"]) == (1, 1, 1)
    assert found["stage_count settle"] == found["stage_count run"] == 2
    assert found["stage_seconds collect"] > 0


def test_what_came_between_is_counted_before_the_next_runs(home: Home) -> None:
    """A post by hand after cron's run: the next one counts it as it begins, before a report looks, and dies here."""
    assert home("run").code == 0
    assert home("post", "We meet at ten.", "--now").code == 0
    code = (
        "import os; from twitter_manager.verbs import running;"
        "running.run_bot = lambda *words, **more: os._exit(7);"
        "from twitter_manager.cli import main; main(['run'])"
    )
    assert home(code=code).code == 7
    assert home.rows("SELECT value FROM tallies WHERE name = 'posts' AND day = ''") == [(2.0,)]


def test_a_killed_count_is_made_good_and_nothing_counts_twice(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed between the sums and how far they go: the next one counts all of it, and one more counts none."""
    ended_run(db, "failed")
    with monkeypatch.context() as patched:
        patched.setattr(counted, "move_to", lambda *about: (_ for _ in ()).throw(Crash()))
        with pytest.raises(Crash):
            count(db, utc, {})
    assert sums(db) == {}
    for _ in range(2):
        assert count(db, utc, {})
        assert sums(db)["runs", "failed"] == 1


def test_a_killed_run_is_counted_once_as_abandoned(db: Database) -> None:
    """One that is open is not counted; when the next run finds it dead it is, and how long it lay there is no time."""
    with db.transaction():
        runs.start(db, "b", "run", START, START)
    count(db, utc, {})
    assert sums(db) == {}
    with db.transaction():
        runs.abandon_open(db, START + timedelta(days=2))
    count(db, utc, {})
    assert sums(db) == {("runs", "abandoned"): 1}


def test_a_day_is_the_bots_own(db: Database) -> None:
    """Ten in the evening in UTC is the next day in Tokyo."""
    with db.transaction():
        late = START.replace(hour=22)
        runs.finish(db, runs.start(db, "b", "run", late, late), "posted", "", late)  # type: ignore[arg-type]
    count(db, lambda bot: "Asia/Tokyo", {"b": [Stage(0, None, "settle", {}, late.timestamp(), 0.3, "")]})
    days = {tally.day for tally in tallies.of_days(db, "b", date(2026, 1, 1), date(2027, 1, 1))}
    assert days == {date(2026, 3, 2)}
    assert sums(db)["stage_bucket", "settle 0.5"] == 1


def test_who_refused_what(db: Database) -> None:
    """Candidates by the rule that refused them, each rule once a candidate, and by the judge who was asked before."""
    run_id = ended_run(db, "posted")

    def answer(generator: str, *refused: tuple[str, ...]) -> None:
        made = Generation(generator, "m", tokens_in=10, tokens_out=5)
        rules = [tuple(Violation(rule, "why") for rule in names) for names in refused]
        text = ("text",)
        checked = [CheckedCandidate(made, text, text, 0, {}, each, Verdict.REJECTED, "", True) for each in rules]
        with db.transaction():
            generations.add(db, made, checked, "", START, run_id=run_id)

    answer("judge openai")
    answer("claude", ("judge", "judge"), ("length", "links"), ())
    count(db, utc, {})
    found = sums(db)
    assert (found["candidates", "claude"], found["generations", "judge openai"]) == (3, 1)
    assert (found["refusals", "length"], found["refusals", "judge"], found["judge_refusals", "openai"]) == (1, 1, 1)
    assert (found["tokens_in", "claude"], found["tokens_out", "claude"]) == (10, 5)


def test_paid_calls_are_counted(db: Database) -> None:
    """Calls and dollars by service and kind."""
    with db.transaction():
        for usd in (0.01, 0.02):
            charges.add(db, charges.Charge(START, "b", "x", "post", 1, usd))
    count(db, utc, {})
    assert (sums(db)["charges", "x post"], round(sums(db)["usd", "x post"], 6)) == (2, 0.03)


@pytest.mark.parametrize("seed", range(5))
def test_sums_never_fall_and_fit_the_rows_through_random_lives(db: Database, seed: int) -> None:
    """Runs, kills in the middle of counting, pruned rows, several bots: no sum falls, and at the end each is right."""
    chance, before, expected = random.Random(seed), dict[tuple[str, str, str], float](), Counter[tuple[str, str]]()
    for _ in range(40):
        for _ in range(chance.randrange(4)):
            bot, outcome = chance.choice("ab"), chance.choice(("posted", "failed", "nothing_due"))
            ended_run(db, outcome, chance.random() * 20, bot)
            expected[bot, outcome] += 1
        if chance.random() < 0.3:
            with pytest.raises(Crash), db.transaction():
                count_in_transaction(db)
                raise Crash
        else:
            count(db, utc, {})
        if chance.random() < 0.2:
            with db.transaction():
                db.update("DELETE FROM candidates")
        now = {(tally.bot, tally.name, tally.label): tally.value for tally in tallies.totals(db)}
        assert all(now[key] >= value for key, value in before.items())
        before = now
    count(db, utc, {})
    found = {(tally.bot, tally.label): tally.value for tally in tallies.totals(db) if tally.name == "runs"}
    assert found == expected
    for bot in "ab":
        buckets = [value for (name, _), value in sums(db, bot).items() if name == "stage_bucket"]
        assert sum(buckets) == sums(db, bot)["stage_count", "run"]


def count_in_transaction(db: Database) -> None:
    """What a count does before it commits."""
    from twitter_manager.telemetry.counting import _count_slice, _Growth

    growth = _Growth(utc)
    _count_slice(db, growth)
    growth.save(db)


def test_years_of_rows_are_counted_in_slices(db: Database) -> None:
    """A database that was just brought up to date: each call stops when its time is over, and the last is right."""
    with db.transaction():
        for number in range(SLICE):
            run_id = runs.start(db, "b", "run", START, START)
            runs.finish(db, run_id, "posted" if number % 2 else "failed", "", START)  # type: ignore[arg-type]
    assert not count(db, utc, {}, seconds=0)
    assert sums(db)["runs", "posted"] == SLICE / 4
    assert not count(db, utc, {}, seconds=0)
    assert count(db, utc, {})
    assert sums(db)["runs", "posted"] == sums(db)["runs", "failed"] == SLICE / 2


def test_to_count_is_as_cheap_after_ten_years(path: Path, home: Home, x: FakePlatform) -> None:
    """No statement goes through a table that grows, and none takes more steps with the years."""
    with closing(ten_runs(path, home, x)) as db:
        while not count(db, utc, {}):
            pass
    steps = []
    for first, last in ((1, 50), (51, 500)):
        add_history(path, first, last)
        with closing(ten_runs(path, home, x)) as db:
            pass
        with closing(counting(path)) as db:
            assert count(db, utc, {})
            tallies.totals(db)
            steps.append(db.by_statement)
    before, after = steps
    assert {sql: steps for sql, steps in after.items() if steps > 1.5 * before.get(sql, 0) + 2000} == {}
    assert scans(path, [sql for sql in after if re.match("SELECT|UPDATE", sql)]) == []


def scans(path: Path, statements: list[str]) -> list[str]:
    found = []
    with closing(sqlite3.connect(path)) as raw:
        for sql in statements:
            for *_, plan in raw.execute(f"EXPLAIN QUERY PLAN {sql}", (None,) * sql.count("?")):
                scan = re.match(r"SCAN (\w+)(?: USING (?:COVERING )?INDEX (\w+))?", plan)
                if scan and scan[1] in (*GROWING, "tallies", "charges") and scan[2] not in SHORT:
                    found.append(f"{plan}: {sql}")
    return found


@pytest.fixture
def x() -> FakePlatform:
    return FakePlatform("x", FakeClock())


@pytest.fixture
def path(home: Home) -> Path:
    home.database.parent.mkdir(exist_ok=True)
    new_database(home.database).close()
    return home.database


def test_buckets_rise() -> None:
    """Each bound is above the one before."""
    bounds = [float(bound) for bound in BOUNDS]
    assert bounds == sorted(set(bounds))
