"""The rows that came after those that are counted, table by table. What is counted of them is left to `telemetry`."""

from __future__ import annotations

from twitter_manager.store.database import Database
from twitter_manager.store.dialect import Row

TABLES = ("events", "attempts", "generations", "charges")
"""Rows of these are only added, in the order of their ids. Whatever deletes some leaves the newest, and those that
are not counted yet (see `position`): an id that is given again would not be counted."""
JUDGE = "judge "
"""How the generator of a judge's answer begins."""
_LOOKED_BACK = 50
"""So many answers before a generator's, at most, are its judges'."""


def position(db: Database, table: str) -> int:
    """The highest id of a table that is counted; 0 before the first."""
    return int(db.value("SELECT id FROM counted WHERE name = ?", table) or 0)


def move_to(db: Database, table: str, position: int) -> None:
    """Keep that the rows up to this id are counted."""
    if not db.update("UPDATE counted SET id = ? WHERE name = ?", position, table):
        db.insert("counted", name=table, id=position)


def slice_end(db: Database, table: str, after: int, most: int) -> int:
    """The id of the last of the next `most` rows; `after` where there are none."""
    end = db.value(f"SELECT max(id) FROM (SELECT id FROM {table} WHERE id > ? ORDER BY id LIMIT ?)", after, most)
    return after if end is None else int(end)


def endings(db: Database, after: int, end: int) -> list[Row]:
    """Runs and deliveries that ended, as the audit trail has it."""
    return db.rows(
        "SELECT e.at, e.bot, e.kind, r.outcome, r.started_at, r.ended_at, d.platform, d.part FROM events e"
        " LEFT JOIN runs r ON r.id = e.run_id LEFT JOIN deliveries d ON d.id = e.delivery_id"
        " WHERE e.id > ? AND e.id <= ? AND e.kind IN"
        " ('run_ended', 'delivery_posted', 'delivery_adopted', 'delivery_failed', 'delivery_held') ORDER BY e.id",
        after,
        end,
    )


def attempts(db: Database, after: int, end: int) -> list[Row]:
    """Tries; `again`: of what was tried before."""
    return db.rows(
        "SELECT a.kind, a.outcome, a.started_at, a.ended_at, d.bot, d.platform, EXISTS (SELECT 1 FROM attempts b"
        " WHERE b.delivery_id = a.delivery_id AND b.id < a.id AND b.kind <> 'look_up') AS again FROM attempts a"
        " JOIN deliveries d ON d.id = a.delivery_id WHERE a.id > ? AND a.id <= ? ORDER BY a.id",
        after,
        end,
    )


def generations(db: Database, after: int, end: int) -> list[Row]:
    """Answers of generators and judges; `bot` is '' where nothing says whose they are."""
    return db.rows(
        "SELECT g.id, g.generator, g.tokens_in, g.tokens_out, g.created_at, g.run_id, g.draft_id, g.item_id,"
        " coalesce(r.bot, d.bot, i.bot, '') AS bot FROM generations g LEFT JOIN runs r ON r.id = g.run_id"
        " LEFT JOIN drafts d ON d.id = g.draft_id LEFT JOIN items i ON i.id = g.item_id"
        " WHERE g.id > ? AND g.id <= ? ORDER BY g.id",
        after,
        end,
    )


def candidates(db: Database, after: int, end: int) -> list[Row]:
    """The candidates of these answers."""
    return db.rows(
        "SELECT generation_id, violations FROM candidates WHERE generation_id > ? AND generation_id <= ?"
        " ORDER BY generation_id, number",
        after,
        end,
    )


def judge_before(db: Database, generation: Row) -> str:
    """Who judged an answer's candidates: judges' answers are written down before it. "" where nobody did."""
    about = ("run_id", "draft_id", "item_id")
    rows = db.rows(
        "SELECT generator, run_id, draft_id, item_id FROM generations WHERE id < ? AND id >= ? ORDER BY id DESC",
        generation["id"],
        generation["id"] - _LOOKED_BACK,
    )
    beside = [row["generator"] for row in rows if all(row[name] == generation[name] for name in about)]
    return next((str(name).removeprefix(JUDGE) for name in beside if name.startswith(JUDGE)), "")


def charges(db: Database, after: int, end: int) -> list[Row]:
    """Paid calls."""
    sql = "SELECT at, bot, service, kind, usd FROM charges WHERE id > ? AND id <= ? ORDER BY id"
    return db.rows(sql, after, end)
