"""A report in the tenth year: what it looks at."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.fresh import new_database
from tests.home import Home
from tests.store.test_long_history import GROWING, SHORT, counting
from twitter_manager.pipeline.context import Calendar
from twitter_manager.reports.figures import Subject
from twitter_manager.reports.keeping import make_due, report_of
from twitter_manager.reports.periods import MONTH, WEEK
from twitter_manager.reports.receipt import looked_at
from twitter_manager.schedule import Schedule, local_day_start, next_slot, quiet_ends, slot_at
from twitter_manager.settings import load
from twitter_manager.store import events
from twitter_manager.store.database import connect

HOURS = 10 * 365 * 24
START = datetime(2026, 1, 1, tzinfo=UTC)
NOW = START + timedelta(hours=HOURS)
HOURLY = Schedule()
CALENDAR = Calendar(
    slot_at=lambda now: slot_at(now, HOURLY, "UTC"),
    next_slot=lambda now: next_slot(now, HOURLY, "UTC"),
    day_start=lambda now: local_day_start(now, "UTC"),
    quiet_until=lambda now: quiet_ends(now, None, "UTC"),
)
AT = f"strftime('%Y-%m-%dT%H:%M:00.000000Z', '{START:%Y-%m-%d}', '+' || n || ' hours', '+7 minutes')"
SLOT = f"strftime('%Y-%m-%dT%H:%M:00.000000Z', '{START:%Y-%m-%d}', '+' || n || ' hours')"
HISTORY = f"""
INSERT INTO runs (id, bot, verb, slot, started_at, ended_at, outcome)
  SELECT n + 1, 'b', 'run', {SLOT}, {AT}, {AT}, 'posted' FROM hours;
INSERT INTO drafts (id, bot, run_id, origin, status, topic, format, platforms, language, text_hash, normalised_hash,
  slot, choice, created_at, published_at)
  SELECT n + 1, 'b', n + 1, 'generator', 'posted', 'Topic ' || (n % 7), 'tip', '["x"]', 'en', n, n, {SLOT}, '{{}}',
  {AT}, {AT} FROM hours;
INSERT INTO parts (draft_id, number, text) SELECT n + 1, 0, 'Post number ' || n FROM hours;
INSERT INTO deliveries (id, draft_id, bot, platform, part, account, status, text, request, remote_id, created_at,
  posted_at) SELECT n + 1, n + 1, 'b', 'x', 0, 'me', 'posted', 'Post number ' || n, '{{}}', n, {AT}, {AT} FROM hours;
INSERT INTO attempts (delivery_id, run_id, kind, started_at, ended_at, outcome)
  SELECT n + 1, n + 1, 'send', {AT}, {AT}, 'posted' FROM hours;
INSERT INTO charges (at, bot, run_id, draft_id, service, kind, units, usd)
  SELECT {AT}, 'b', n + 1, n + 1, 'x', 'post', 1, 0.015 FROM hours;
INSERT INTO events (at, bot, run_id, draft_id, kind, data, previous_hash, hash)
  SELECT {AT}, 'b', n + 1, n + 1, 'draft_posted', '{{}}', '0', '0' FROM hours, (VALUES (1), (2), (3), (4));
UPDATE audit_head SET events = (SELECT max(id) FROM events), hash = '0';
"""


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten years of a bot that posts every hour; of its events the newest thousands are chained as they should be."""
    path = tmp_path_factory.mktemp("long") / "twitter.db"
    new_database(path).close()
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("PRAGMA synchronous = OFF")
        numbers = f"WITH RECURSIVE k (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM k WHERE n < {HOURS - 1})"
        raw.executescript(f"CREATE TEMP TABLE hours AS {numbers} SELECT n FROM k; BEGIN; {HISTORY} COMMIT;")
    with closing(connect(path)) as db, db.transaction():
        for number in range(20_000):
            events.record(db, NOW, "run_ended", bot="b", run_id=HOURS, outcome="posted", number=number)
    return path


def test_a_report_in_the_tenth_year_goes_through_no_table_that_grows(path: Path) -> None:
    """A week and a month, each with the one before it and the look at the audit trail."""
    subject = Subject("b", CALENDAR)
    with closing(counting(path)) as db:
        assert db.value("SELECT count(*) FROM events") > 350_000
        for kind in (WEEK, MONTH):
            report = report_of(db, subject, kind, None, NOW, looked_at(db, NOW))
            assert report["slots"]["filled"] == report["slots"]["all"] == report["posts"] > 160
            assert report["receipt"]["trail"]["whole"] and not report["receipt"]["trail"]["from_start"]
            assert report["cost"]["usd"] == pytest.approx(0.015 * report["posts"])
        statements = [sql for sql in db.by_statement if re.match("SELECT", sql)]
    with closing(sqlite3.connect(path)) as raw:
        plans = [
            f"{plan}: {sql}"
            for sql in statements
            if "count(*) FROM events" not in sql
            for *_, plan in raw.execute(f"EXPLAIN QUERY PLAN {sql}", (None,) * sql.count("?"))
            if (scan := re.match(r"SCAN (\w+)(?: USING (?:COVERING )?INDEX (\w+))?", plan))
            and scan[1] in (*GROWING, "charges")
            and scan[2] not in SHORT
        ]
    assert plans == []


def test_to_see_that_no_report_is_due_takes_no_time(path: Path, home: Home) -> None:
    """The hourly run asks for it each time: no more steps of the database than a few hundred."""
    home.bot("b")
    [bot] = load(home.path, {"TWITTER_MANAGER_HOME": str(home.path)}).bots
    with closing(counting(path)) as db:
        made = make_due(db, bot, NOW, lambda words: words)
        assert [report["kind"] for report in made] == [WEEK, MONTH]
        before = db.steps
        assert make_due(db, bot, NOW + timedelta(hours=1), lambda words: words) == []
        assert db.steps - before < 500
