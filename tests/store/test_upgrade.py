"""A database that the program of schema 7 wrote goes on under this one: `schema7.sql` is that file, as statements.

It holds a post that is out, one that is held on X, a thread of which X has the first part alone, and two drafts in the
pool."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from tests.fakes import START
from tests.outbox import World
from twitter_manager import decisions
from twitter_manager.content import plain
from twitter_manager.domain import DraftStatus
from twitter_manager.platforms import exact
from twitter_manager.store import charges, deliveries, drafts, events, generations, schema
from twitter_manager.store.database import connect, from_text

OUT, HELD, THREAD, FIRST_OF_POOL = 1, 2, 3, 4


@pytest.fixture(params=range(7, len(schema.MIGRATIONS)))
def world(tmp_path: Path, request: pytest.FixtureRequest) -> World:
    """An hour after the old program's last run; the file has gone by way of that schema."""
    path = tmp_path / "twitter.db"
    with closing(sqlite3.connect(path)) as raw:
        raw.executescript((Path(__file__).parent / "schema7.sql").read_text())
    with closing(connect(path)) as db:
        schema.migrate(db, from_text(events.last_at(db)), None, schema.MIGRATIONS[: request.param])
        schema.migrate(db, START, None)
    world = World(path)
    world.clock.now = from_text(events.last_at(world.db)) + timedelta(hours=1)
    for delivery in world.db.rows("SELECT * FROM deliveries WHERE remote_id IS NOT NULL ORDER BY posted_at, id"):
        post = {"key": f"k{delivery['id']}", "text": delivery["text"], "at": from_text(delivery["posted_at"])}
        world.platforms[delivery["platform"]].posts.append({**post, "reply": ""})
    return world


def test_a_thread_that_was_half_out_goes_on_where_it_stopped(world: World) -> None:
    """The next run sends the second part to X as a reply to the first, and nothing that is out goes out again."""
    before = {name: world.texts(name) for name in world.platforms}
    world.run()
    assert world.texts("bluesky") == before["bluesky"]
    assert world.texts("x") == [*before["x"], "Pu-erh is one of them."]
    assert world.platforms["x"].posts[-1]["reply"] == str(before["x"].index("Tea comes in six kinds.") + 1)
    assert world.draft_status(THREAD) is DraftStatus.POSTED
    assert events.verify(world.db) == []


def test_what_was_held_stays_held_until_a_person_decides(world: World) -> None:
    """A run leaves it alone; after `resume` it is looked up and then sent once."""
    world.run()
    assert (world.statuses(HELD), world.draft_status(HELD)) == (
        {"bluesky": ["posted"], "x": ["held"]},
        DraftStatus.PARTLY_POSTED,
    )
    assert [draft.id for draft in decisions.waiting(world.db, "b")] == [HELD]
    draft = drafts.get(world.db, HELD)
    assert draft is not None
    decisions.resume(world.db, draft, timedelta(hours=72), world.clock())
    world.later(hours=1)
    world.run()
    assert world.texts("x").count("Black tea takes four minutes.") == 1
    assert world.draft_status(HELD) is DraftStatus.POSTED


def test_the_pool_goes_out_with_its_approval(world: World) -> None:
    """Both drafts are ready, in their order and with what they cost; the first of them is published."""
    ready = drafts.ready(world.db, "b", world.clock())
    assert [draft.id for draft in ready] == [FIRST_OF_POOL, FIRST_OF_POOL + 1]
    assert drafts.in_pool(world.db, "b", world.clock()) == 2
    assert [generations.of_draft(world.db, draft.id)[0]["cost_usd"] for draft in ready] == [0.01, 0.0]
    world.run(FIRST_OF_POOL)
    assert world.texts("x").count("Oolong is half oxidised.") == 1
    assert drafts.in_pool(world.db, "b", world.clock()) == 1


@pytest.mark.parametrize("come_by", range(7, 13))
def test_what_was_paid_before_is_in_the_charges(tmp_path: Path, come_by: int) -> None:
    """Bot by bot and draft by draft the same to the cent, what a person had written outside of a run too."""
    path = tmp_path / "twitter.db"
    with closing(sqlite3.connect(path)) as raw:
        raw.executescript((Path(__file__).parent / "schema7.sql").read_text())
        raw.execute("UPDATE generations SET run_id = NULL WHERE id = 1")  # a person had it written anew
        raw.execute("UPDATE deliveries SET cost_usd = 0.2 WHERE draft_id = 1 AND platform = 'x'")
        raw.execute("UPDATE deliveries SET cost_usd = 0.015 WHERE draft_id = 3 AND remote_id IS NOT NULL")
        raw.commit()
    with closing(connect(path)) as db:
        now = from_text(events.last_at(db))
        schema.migrate(db, now, None, schema.MIGRATIONS[:come_by])
        paid = {
            tuple(row)
            for row in db.rows(
                "SELECT draft_id, round(sum(usd), 6) FROM (SELECT draft_id, cost_usd AS usd FROM deliveries UNION ALL"
                " SELECT draft_id, cost_usd FROM generations) AS every WHERE usd > 0 GROUP BY draft_id"
            )
        }
        schema.migrate(db, now, None)
        booked = db.rows("SELECT draft_id, round(sum(usd), 6) FROM charges WHERE bot = 'b' GROUP BY draft_id")
        assert len(paid) > 2
        assert {tuple(row) for row in booked} == paid
        assert charges.spent(db, "b", now - timedelta(days=999)) == pytest.approx(sum(usd for _, usd in paid))
        kinds = {(row["service"], row["kind"]) for row in db.rows("SELECT service, kind FROM charges")}
        assert {("x", "post"), ("x", "post_with_link")} <= kinds


def test_words_that_are_out_are_not_said_again(world: World) -> None:
    out = drafts.get(world.db, OUT)
    assert out is not None
    assert drafts.text_known(world.db, drafts.digest(out))


def test_every_draft_of_before_is_one_of_text_alone_with_its_hash(world: World) -> None:
    """Parts and deliveries have nothing attached, and no text counts as changed."""
    old = [draft for number in range(1, FIRST_OF_POOL + 2) if (draft := drafts.get(world.db, number))]
    assert len(old) == FIRST_OF_POOL + 1
    assert all(draft.parts == plain(draft.texts) and drafts.is_unchanged(world.db, draft) for draft in old)
    assert {one.content.attached == {} for draft in old for one in deliveries.of_draft(world.db, draft.id)} == {True}
    assert drafts.set_changed_aside(world.db, "b", world.clock(), 1, exact.hashes) == []
