"""The program's migrations and one more, as the next release might bring it; imported by processes that are killed."""

from __future__ import annotations

from datetime import datetime

from twitter_manager.store import events
from twitter_manager.store.database import Database
from twitter_manager.store.schema import MIGRATIONS, Migration


def _later(db: Database, now: datetime) -> None:
    """A migration of many statements."""
    db.update("CREATE TABLE later (id INTEGER PRIMARY KEY, bot TEXT NOT NULL) STRICT")
    db.update("INSERT INTO later (bot) SELECT DISTINCT bot FROM runs")
    db.update("ALTER TABLE runs ADD COLUMN later_id INTEGER")
    db.update("UPDATE runs SET later_id = (SELECT later.id FROM later WHERE later.bot = runs.bot)")
    db.update("CREATE INDEX runs_by_later ON runs (later_id)")
    events.record(db, now, "schema_changed")


TARGET: tuple[Migration, ...] = (*MIGRATIONS, _later)
