"""A run in the tenth year looks at no more than one in the first week: the queries, and the migration that got there.

`tests/test_year.py` measures the same over a year of runs, with faults."""

from __future__ import annotations

import os
import re
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.fakes import START, FakeClock, FakePlatform
from tests.home import Home
from tests.year import Counting
from twitter_manager import show
from twitter_manager.app import App
from twitter_manager.content import normalised_hash, plain, text_hash
from twitter_manager.domain import Item, Outcome
from twitter_manager.errors import OutcomeUnknown, StoreError
from twitter_manager.pipeline.context import RunContext
from twitter_manager.pipeline.run import run_bot
from twitter_manager.store import drafts, events, generations, items, runs, schema
from twitter_manager.store.database import Database, connect, to_text

OLD = ("runs", "drafts", "parts", "deliveries", "attempts", "events", "generations", "candidates")
GROWING = (*OLD, "charges", "engagement", "comments")
SHORT = ("runs_open",)
"""Indexes that hold only what is open now: to go through all of one is no work."""
BATCH = 300
"""More rows than ten runs leave in any table."""


def counting(path: Path) -> Counting:
    return Counting(connect(path)._connection, str(path))


def context(home: Home, db: Database, x: FakePlatform) -> RunContext:
    """The program's own, with the notes that come with it and a platform whose answers get lost."""
    app = App.load(home.path, {"TWITTER_MANAGER_HOME": str(home.path)}, lambda line: None)
    made = replace(app.factory, clock=x.clock).run_context(db, app.settings.active[0])
    x.faults = [("stored", OutcomeUnknown("reset"))] * 99
    platforms = {**made.platforms, "x": x}
    return replace(made, platforms=platforms, sleep=x.clock.sleep, time_left=lambda: 600.0, pool=2)


def ten_runs(path: Path, home: Home, x: FakePlatform) -> Counting:
    """Posts, refills, look-ups, hour by hour; then a person looks at everything."""
    db, clock = counting(path), x.clock
    on = context(home, db, x)
    for number in range(10):
        clock.now += timedelta(hours=1)
        runs.check_file(db, clock())
        with db.transaction():
            runs.abandon_open(db, clock())
            new = drafts.NewDraft("default", "person", plain([f"by hand {clock()}"]), ("x", "feed"), timedelta(hours=2))
            if number % 3 == 0:
                drafts.add(db, new, clock())
        report = run_bot(on)
        assert report.outcome is Outcome.POSTED, report.reason
    newest = report.draft
    assert newest is not None
    show.bot_status(db, "default", clock())
    for bot in ("default", None):
        show.history_as_json(db, bot, 10)
    show.explain_draft(db, newest)
    [last] = runs.last(db, "default")
    show.explain_run(db, last)
    return db


def add_history(path: Path, first: int, last: int) -> None:
    """Copies of what the first ten runs left, as rows that came before them, numbered from `first` to `last`."""
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("PRAGMA foreign_keys = OFF")
        for table in GROWING:
            columns = [row[1] for row in raw.execute(f"PRAGMA table_info({table})")]
            picked = ", ".join(_as_history(table, column) for column in columns)
            number = next(column for column in ("id", "draft_id", "generation_id", "delivery_id") if column in columns)
            raw.execute(
                f"WITH RECURSIVE k (n) AS (SELECT {first} UNION ALL SELECT n + 1 FROM k WHERE n < {last})"
                f" INSERT INTO {table} ({', '.join(columns)}) SELECT {picked} FROM k, {table} AS t"
                f" WHERE t.{number} BETWEEN 1 AND {BATCH}"
            )
        raw.commit()
        raw.execute("PRAGMA foreign_keys = ON")
        assert raw.execute("PRAGMA foreign_key_check").fetchall() == []


def _as_history(table: str, column: str) -> str:
    if column in ("run_id", "draft_id", "delivery_id", "generation_id") or column == "id":
        return f"t.{column} - {BATCH} * n"
    if column in ("remote_id", "normalised_hash", "text_hash", "approved_hash"):
        return f"t.{column} || '-' || n"
    if (table, column) == ("drafts", "status"):
        return "CASE t.status WHEN 'posted' THEN 'posted' ELSE 'skipped' END"  # none waits for a person any more
    if column == "slot":
        return "NULL" if table == "drafts" else "t.slot"
    if column.endswith("_at") or column in ("at", "not_before"):
        return f"strftime('%Y-%m-%dT%H:%M:%S.000000Z', t.{column}, '-1 year', '-' || n || ' hours')"
    return f"t.{column}"


@pytest.fixture
def x() -> FakePlatform:
    return FakePlatform("x", FakeClock())


@pytest.fixture
def path(home: Home) -> Path:
    home.database.parent.mkdir(exist_ok=True)
    with closing(connect(home.database)) as db:
        schema.migrate(db, START, None)
    return home.database


def test_no_statement_of_a_run_goes_through_a_table_that_grows(path: Path, home: Home, x: FakePlatform) -> None:
    """Every statement that ten runs and a person's look at them made, as SQLite plans it."""
    with closing(ten_runs(path, home, x)) as db:
        statements = [sql for sql in db.by_statement if re.match("SELECT|UPDATE|DELETE|INSERT", sql)]
    assert len(statements) > 50
    found = []
    with closing(sqlite3.connect(path)) as raw:
        for sql in statements:
            values = (None,) * (1 if "?1" in sql else sql.count("?"))
            for *_, plan in raw.execute(f"EXPLAIN QUERY PLAN {sql}", values):
                scan = re.match(r"SCAN (\w+)(?: USING (?:COVERING )?INDEX (\w+))?", plan)
                if scan and scan[1] in GROWING and scan[2] not in SHORT:
                    found.append(f"{plan}: {sql}")
    assert found == []


def test_a_run_takes_no_more_steps_after_ten_years(path: Path, home: Home, x: FakePlatform) -> None:
    """Ten runs after a year of history, ten more after ten years: no statement costs half as much again."""
    with closing(ten_runs(path, home, x)) as db:
        assert db.value("SELECT max(id) FROM events") < BATCH
    add_history(path, 1, 100)
    with closing(ten_runs(path, home, x)) as db:
        before = db.by_statement
    add_history(path, 101, 1000)
    with closing(ten_runs(path, home, x)) as db:
        after = db.by_statement
        assert db.value("SELECT count(*) FROM events") > 150_000
    grown = {sql: (before[sql], steps) for sql, steps in after.items() if steps > 1.5 * before[sql] + 2000}
    assert grown == {}


WITHOUT_UNREAD = 9
"""The schema since which a run's process is no longer stored, nor a price that is not known."""


@pytest.mark.parametrize("old", range(1, len(schema.MIGRATIONS)))
def test_an_old_file_becomes_what_a_new_one_is(tmp_path: Path, old: int) -> None:
    """Every older schema, with rows in it: the same tables, indexes and triggers as in a new file, each row kept, and
    a backup of the file as it was."""
    new, upgraded = connect(tmp_path / "new.db"), connect(tmp_path / "old.db")
    schema.migrate(new, START, None)
    schema.migrate(upgraded, START, None, schema.MIGRATIONS[:old])
    with upgraded.transaction():
        pid = {"pid": 1} if old < WITHOUT_UNREAD else {}
        upgraded.insert("runs", id=1, bot="b", verb="run", slot="", started_at=to_text(START), outcome="posted", **pid)
        events.record(upgraded, START, "run_ended", bot="b", run_id=1)
        upgraded.update(
            "INSERT INTO drafts (bot, origin, status, topic, format, platforms, language, text_hash, approved_hash,"
            " normalised_hash, choice, created_at, expires_at) VALUES ('b', 'person', 'approved', '', '', '[\"x\"]',"
            " 'en', ?, ?, ?, '{}', ?, ?)",
            text_hash(("one", "two")),
            text_hash(("one", "two")),
            normalised_hash(("one", "two")),
            to_text(START),
            to_text(START + timedelta(hours=1)),
        )
        for number, text in enumerate(("one", "two")):
            upgraded.insert("parts", draft_id=1, number=number, text=text)
        upgraded.update(
            "INSERT INTO generations (id, run_id, generator, model, revision, prompt, raw, tokens_in, tokens_out,"
            " cost_usd, seconds, verdict, created_at) VALUES (1, 1, 'g', 'm', '', '', '', 0, 0, ?, 0, 'chosen', '')",
            None if old < WITHOUT_UNREAD else 0,
        )
    before = rows_of(upgraded)
    schema.migrate(upgraded, START, tmp_path / "backups")
    assert shape(upgraded) == shape(new)
    assert schema.version(upgraded) == len(schema.MIGRATIONS)
    assert before.items() <= rows_of(upgraded).items()
    assert events.verify(upgraded) == []
    assert [answer["cost_usd"] for answer in generations.of_run(upgraded, 1)] == [0], "no price was known then"
    [ready] = drafts.ready(upgraded, "b", START)
    assert (ready.texts, ready.links, drafts.is_unchanged(upgraded, ready)) == (("one", "two"), {}, True)
    [backup] = (tmp_path / "backups").iterdir()
    with closing(connect(backup)) as copy:
        assert (schema.version(copy), rows_of(copy)) == (old, before)


def shape(db: Database) -> set[tuple[str, str]]:
    return {(row["name"], row["sql"]) for row in db.rows("SELECT name, sql FROM sqlite_schema")}


def rows_of(db: Database) -> dict[str, int]:
    return {table: db.value(f"SELECT count(*) FROM {table}") for table in OLD}


def test_a_large_file_is_checked_once_a_day_and_after_a_death(path: Path) -> None:
    """A file past the size that is cheap to check: not again in a day whose newest run came to its end."""
    with closing(counting(path)) as db:
        with db.transaction():
            db.insert("runs", bot="b", verb="run", slot="", started_at=to_text(START), outcome="posted")
        assert checks(db, START) == 1, "a small one, every time"
        with db.transaction():
            large = [Item("s", str(number), "text " * 200_000) for number in range(6)]
            items.refresh(db, "b", "s", large, START)
        assert db.size() > runs.CHEAP_TO_CHECK
        assert checks(db, START) == 0
        assert checks(db, START + timedelta(days=1)) == 1
        with db.transaction():
            db.update("UPDATE runs SET outcome = 'running'")
        assert checks(db, START) == 1


def checks(db: Counting, now: datetime) -> int:
    before = db.checks
    runs.check_file(db, now)
    return db.checks - before


def test_a_large_damaged_file_is_refused_by_the_first_run_of_a_day(path: Path) -> None:
    with closing(connect(path)) as db, db.transaction():
        items.refresh(db, "b", "s", [Item("s", str(number), "text " * 200_000) for number in range(6)], START)
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 2)
        file.write(os.urandom(8192))
    with closing(connect(path)) as db, pytest.raises(StoreError, match="damaged"):
        runs.check_file(db, START)
