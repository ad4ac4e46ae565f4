"""When each piece of the upkeep was last done, and what it remembers for the next time."""

from __future__ import annotations

from datetime import datetime

from twitter_manager.store.database import Database, optional_time, to_text


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


def end(db: Database, task: str, now: datetime) -> None:
    """It was brought to its end."""
    _make_row(db, task)
    db.update_one("UPDATE upkeep SET done_at = ? WHERE task = ?", to_text(now), task)


def _make_row(db: Database, task: str) -> None:
    db.update("INSERT INTO upkeep (task) VALUES (?) ON CONFLICT (task) DO NOTHING", task)
