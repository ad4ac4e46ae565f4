"""The views for the person who opens the database: what they show, and that their columns stay."""

from __future__ import annotations

import re
import shutil
import sqlite3
import subprocess
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.fakes import START
from tests.fresh import new_database
from tests.home import ROOT
from tests.outbox import World
from twitter_manager.content import plain
from twitter_manager.domain import DraftStatus, Generation, Receipt
from twitter_manager.errors import NeedsPerson, NotSent
from twitter_manager.store import charges, deliveries, drafts, generations, schema
from twitter_manager.store.charges import Charge
from twitter_manager.store.drafts import NewDraft

COLUMNS = {
    "posts": "id bot content platforms posted_at status error_message url content_type is_thread cost",
    "bot_stats": "bot total published remaining last_post last_replenishment success_rate",
    "topics": "bot topic uses last_used success_rate",
    "costs": "month bot posting writing total",
}
QUERIES = re.findall(r"```sql\n(SELECT .*?;)\n```", (ROOT / "docs" / "database.md").read_text(), re.DOTALL)


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A thread and a post that are out, one that X refused, and four that are not sent: of each kind one."""
    made = World(tmp_path / "twitter.db")
    made.run(made.draft("Tea comes in six kinds.", "Pu-erh is one of them."))
    made.later(hours=1)
    made.run(_generated(made, "Oolong is half oxidised."))
    made.later(hours=1)
    made.platforms["x"].faults = [NeedsPerson("the account is locked")]
    made.run(_generated(made, "Black tea takes four minutes."))
    made.platforms["x"].faults = [NotSent("503")] * 4
    _generated(made, "White tea is picked young.")
    _generated(made, "Green tea turns bitter.", DraftStatus.PENDING)
    _generated(made, "Maté is no tea.", DraftStatus.NEEDS_ATTENTION)
    return made


def _generated(world: World, text: str, status: DraftStatus = DraftStatus.APPROVED) -> int:
    reason = "is it true?" if status is DraftStatus.NEEDS_ATTENTION else ""
    new = NewDraft("b", "generator", plain([text]), ("x", "bluesky"), timedelta(hours=72), "en", "tea", "tip")
    with world.db.transaction():
        run_id = world.db.add("runs", bot="b", verb="run", slot="", started_at="", outcome="posted")
        draft_id = drafts.add(world.db, replace(new, status=status, reason=reason), world.clock())
        answer = Generation("claude", "m", cost_usd=0.01)
        generations.add(world.db, answer, (), "chosen", world.clock(), run_id=run_id, draft_id=draft_id)
        charges.add(world.db, Charge(world.clock(), "b", "claude", "writing", 100, 0.01, run_id, draft_id))
    return draft_id


def read_only(world: World) -> sqlite3.Connection:
    raw = sqlite3.connect(f"file:{world.path}?mode=ro", uri=True)
    raw.row_factory = sqlite3.Row
    return raw


@pytest.mark.parametrize("view", COLUMNS)
def test_the_columns_of_a_view_never_change(world: World, view: str) -> None:
    """People keep queries on them; the docs name the same ones."""
    with closing(read_only(world)) as raw:
        columns = [row[1] for row in raw.execute(f"PRAGMA table_info({view})")]
    assert columns == COLUMNS[view].split()
    row = next(line for line in (ROOT / "docs" / "database.md").read_text().splitlines() if f"| `{view}` |" in line)
    assert re.findall(r"`(\w+)`", row)[1:] == columns


def test_posts_are_told_in_plain_words(world: World) -> None:
    """Each kind of status, a thread's parts in order, why one failed, and what each cost."""
    with closing(read_only(world)) as raw:
        thread, out, refused, ready, pending, doubted = raw.execute("SELECT * FROM posts ORDER BY id").fetchall()
    assert tuple(thread)[1:6] == (
        "b",
        "Tea comes in six kinds.\n\nPu-erh is one of them.",
        "bluesky, x",
        f"{START:%Y-%m-%d %H:%M:%S}",
        "published",
    )
    assert (thread["error_message"], thread["is_thread"], thread["cost"]) == (None, 1, 0)
    assert thread["url"] == "https://bluesky.invalid/k1 https://x.invalid/1"
    assert (out["content_type"], out["is_thread"], out["cost"]) == ("tip", 0, 0.01)
    assert (refused["status"], "the account is locked" in refused["error_message"]) == ("partly published", True)
    assert [row["status"] for row in (ready, pending)] == ["ready", "waiting for approval"]
    assert (ready["platforms"], ready["posted_at"], ready["url"]) == ("x, bluesky", None, None)
    assert (doubted["status"], doubted["error_message"]) == ("needs attention", "is it true?")


def test_a_slot_that_a_restore_used_up_is_no_post(world: World) -> None:
    with closing(read_only(world)) as raw:
        before = raw.execute("SELECT total FROM bot_stats").fetchone()[0]
        with world.db.transaction():
            drafts.use_up(world.db, "b", START + timedelta(days=9), "it may have gone out", world.clock())
        assert raw.execute("SELECT total FROM bot_stats").fetchone()[0] == before
        assert raw.execute("SELECT count(*) FROM posts").fetchone()[0] == before


def test_bots_topics_and_costs_are_summed_up(world: World) -> None:
    """Two of three sent posts are out everywhere; each text written costs a cent, a post what the platform took."""
    with world.db.transaction():
        drafts.adopt(world.db, NewDraft("c", "person", plain(["Hello."]), ("x",), timedelta()), None, START, START)
        [row] = world.db.rows("SELECT id FROM drafts WHERE bot = 'c'")
        delivery = deliveries.get(world.db, 1)
        forgotten = replace(delivery, id=99, draft_id=row["id"], bot="c", platform="x", account="c")
        deliveries.adopt(world.db, forgotten, Receipt("99", "https://x.invalid/99"), START)
        charges.add(world.db, Charge(START, "c", "x", "post_with_link", 1, 0.2, draft_id=row["id"]))
    with closing(read_only(world)) as raw:
        [stats, _] = map(tuple, raw.execute("SELECT * FROM bot_stats ORDER BY bot"))
        [topic] = map(tuple, raw.execute("SELECT * FROM topics"))
        costs = [tuple(row) for row in raw.execute("SELECT * FROM costs ORDER BY bot")]
    newest = f"{START + timedelta(hours=2):%Y-%m-%d %H:%M}"
    assert stats[:4] == ("b", 6, 3, 2)
    assert (stats[4][:16], stats[5][:16], stats[6]) == (newest, newest, 66.7)
    assert (topic[:3], topic[3][:16], topic[4]) == (("b", "tea", 5), newest, 50.0)
    assert costs == [("2026-03", "b", 0, 0.05, 0.05), ("2026-03", "c", 0.2, 0, 0.2)]


def test_there_are_five_ready_queries() -> None:
    assert len(QUERIES) == 5


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.split()[1].strip(","))
def test_the_queries_of_the_docs_answer(world: World, query: str) -> None:
    with closing(read_only(world)) as raw:
        assert raw.execute(query).fetchall()


@pytest.mark.skipif(not shutil.which("sqlite3"), reason="there is no sqlite3 tool here")
@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.split()[1].strip(","))
def test_the_sqlite3_tool_answers_them_too(world: World, query: str) -> None:
    """As a person calls it: read-only, on the file that lies there."""
    world.db.close()
    done = subprocess.run(["sqlite3", "-readonly", "-box", world.path, query], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert "─" in done.stdout


def test_a_persons_own_views_stay(tmp_path: Path) -> None:
    """A migration takes all views away for a moment; those that a person made come back, whatever their name."""
    db = new_database(tmp_path / "twitter.db")
    with db.transaction():
        db.update('CREATE VIEW "my own ""view""" AS SELECT count(*) AS posts FROM drafts')
    later = [*schema.MIGRATIONS, lambda db, now: db.update("ALTER TABLE drafts ADD COLUMN more TEXT") and None]
    schema.migrate(db, START, None, later)
    assert db.value('SELECT posts FROM "my own ""view"""') == 0 and db.value("SELECT count(*) FROM posts") == 0
