"""When each piece of the upkeep was last done, what it remembers for the next time, and what trouble was told."""

from __future__ import annotations

from datetime import datetime, timedelta

from twitter_manager.store.database import Database, optional_time, to_text

TOLD_AGAIN_AFTER = timedelta(days=7)
"""Trouble that goes on is told so seldom."""


def troubles(db: Database) -> dict[str, str]:
    """What keeps each task from its end now, where something does."""
    return {row["task"]: row["trouble"] for row in db.rows("SELECT * FROM upkeep WHERE trouble != '' ORDER BY task")}


def done_at(db: Database, task: str) -> datetime | None:
    """When it was last brought to its end."""
    return optional_time(db.value("SELECT done_at FROM upkeep WHERE task = ?", task))


def state(db: Database, task: str) -> str:
    """What it remembers; "" at first."""
    return str(db.value("SELECT state FROM upkeep WHERE task = ?", task) or "")


def set_state(db: Database, task: str, state: str) -> None:
    """Remember this in the place of what it remembered."""
    _make_row(db, task)
    db.update_one("UPDATE upkeep SET state = ? WHERE task = ?", state, task)


def end(db: Database, task: str, now: datetime, trouble: str, *, done: bool) -> bool:
    """Write down how it went; True where the trouble is to be told: where it begins, and where it goes on for long."""
    _make_row(db, task)
    row = db.row("SELECT * FROM upkeep WHERE task = ?", task)
    assert row is not None
    told_at = optional_time(row["told_at"]) if row["trouble"] else None
    is_news = bool(trouble) and (told_at is None or abs(now - told_at) >= TOLD_AGAIN_AFTER)
    db.update_one(
        "UPDATE upkeep SET done_at = ?, trouble = ?, told_at = ? WHERE task = ?",
        to_text(now) if done else row["done_at"],
        trouble,
        to_text(now) if is_news else row["told_at"],
        task,
    )
    return is_news


def _make_row(db: Database, task: str) -> None:
    db.update("INSERT INTO upkeep (task) VALUES (?) ON CONFLICT (task) DO NOTHING", task)
