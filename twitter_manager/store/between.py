"""What a bot did between two moments, for its reports. Each asks by the bot and the time, and gives plain rows.

A clock may have been wrong, so that a run's number tells nothing of its time: the runs are gone through all of them,
which takes a twentieth of a second for ten years of a bot."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from twitter_manager.store.database import Database, from_text, placeholders, to_text
from twitter_manager.store.dialect import Row

_AT_ONCE = 500
"""So many numbers stand in one statement."""

_CORRECTED = (
    "(SELECT a.text FROM deliveries o JOIN amendments a ON a.delivery_id = o.id WHERE o.draft_id = d.id AND o.part = 0"
    " AND a.kind = 'edit' AND a.status = 'done' ORDER BY a.id DESC LIMIT 1)"
)


def first_run(db: Database, bot: str) -> datetime | None:
    """When the bot's first run began; None where it never ran."""
    text = db.value("SELECT started_at FROM runs WHERE bot = ? ORDER BY id LIMIT 1", bot)
    return None if text is None else from_text(text)


def runs(db: Database, bot: str, since: datetime, until: datetime) -> list[Row]:
    """Runs that began in that time, the oldest first."""
    sql = (
        "SELECT id, verb, slot, started_at, outcome, reason FROM runs"
        " WHERE bot = ? AND started_at >= ? AND started_at < ? ORDER BY id"
    )
    return db.rows(sql, bot, to_text(since), to_text(until))


def sent(db: Database, bot: str, since: datetime, until: datetime) -> list[Row]:
    """Drafts that were sent or were to be, each with its first part's `text`, as it was corrected last, and the
    `source` of its material."""
    sql = (
        "SELECT d.id, d.status, d.origin, d.topic, d.format, d.due_at, d.published_at, d.reason, i.source,"
        f" coalesce({_CORRECTED}, p.text) AS text"
        " FROM drafts d LEFT JOIN parts p ON p.draft_id = d.id AND p.number = 0 LEFT JOIN items i ON i.id = d.item_id"
        " WHERE d.bot = ? AND d.published_at >= ? AND d.published_at < ? ORDER BY d.published_at, d.id"
    )
    return db.rows(sql, bot, to_text(since), to_text(until))


def sent_since(db: Database, bot: str, since: datetime) -> int:
    """How many drafts were sent or were to be since then."""
    return int(db.value("SELECT count(*) FROM drafts WHERE bot = ? AND published_at >= ?", bot, to_text(since)))


def made(db: Database, bot: str, since: datetime, until: datetime) -> dict[str, int]:
    """How many of the drafts that were made in that time stand where now."""
    sql = (
        "SELECT status, count(*) AS number FROM drafts WHERE bot = ? AND created_at >= ? AND created_at < ?"
        " GROUP BY status ORDER BY status"
    )
    return {row["status"]: row["number"] for row in db.rows(sql, bot, to_text(since), to_text(until))}


def slots(db: Database, bot: str, since: datetime, until: datetime) -> list[Row]:
    """Drafts that took a slot which began in that time."""
    sql = "SELECT id, slot, status FROM drafts WHERE bot = ? AND slot >= ? AND slot < ? ORDER BY slot"
    return db.rows(sql, bot, to_text(since), to_text(until))


def deliveries(db: Database, draft_ids: Sequence[int]) -> list[Row]:
    """What became of these drafts on their platforms, each with the number of the `comment` that it answers."""
    columns = "id, draft_id, platform, part, account, status, text, remote_id, url, error, posted_at, removed_at"
    columns += ", (SELECT comment_id FROM drafts d WHERE d.id = draft_id) AS comment"
    return _in(db, f"SELECT {columns} FROM deliveries WHERE draft_id", draft_ids)


def attempts(db: Database, run_ids: Sequence[int]) -> list[Row]:
    """The tries of these runs, each with its `platform`."""
    sql = (
        "SELECT a.delivery_id, a.kind, a.started_at, a.ended_at, a.outcome, d.platform"
        " FROM attempts a JOIN deliveries d ON d.id = a.delivery_id WHERE a.run_id"
    )
    return _in(db, sql, run_ids)


def sends(db: Database, delivery_ids: Sequence[int]) -> dict[int, int]:
    """By delivery: how often it was sent and the platform said yes."""
    sql = "SELECT delivery_id FROM attempts WHERE kind = 'send' AND outcome = 'posted' AND delivery_id"
    counts: dict[int, int] = {}
    for row in _in(db, sql, delivery_ids):
        counts[row["delivery_id"]] = counts.get(row["delivery_id"], 0) + 1
    return counts


def _in(db: Database, sql: str, numbers: Sequence[int]) -> list[Row]:
    some = (numbers[first : first + _AT_ONCE] for first in range(0, len(numbers), _AT_ONCE))
    return [row for batch in some for row in db.rows(f"{sql} IN ({placeholders(batch)})", *batch)]
