"""Figures over everything that is stored, for whoever watches the program from outside."""

from __future__ import annotations

from datetime import datetime

from twitter_manager.domain import DraftStatus
from twitter_manager.store.database import Database, optional_time, placeholders

_DID_NOT_FAIL = "outcome NOT IN ('failed', 'abandoned', 'interrupted', 'running')"


OPEN = (DraftStatus.NEEDS_ATTENTION, DraftStatus.PENDING, DraftStatus.APPROVED, DraftStatus.PUBLISHING)
"""What drafts wait in, or are on their way in: they are few, however old the database is."""


def drafts_by_status(db: Database) -> dict[str, int]:
    """How many drafts stand where."""
    rows = db.rows("SELECT status, count(*) AS number FROM drafts GROUP BY status ORDER BY status")
    return {row["status"]: row["number"] for row in rows}


def open_drafts(db: Database, bot: str) -> dict[str, int]:
    """How many of a bot's drafts wait or are on their way, by each such status."""
    sql = f"SELECT status, count(*) AS number FROM drafts WHERE bot = ? AND status IN ({placeholders(OPEN)}) GROUP BY 1"
    return dict.fromkeys(map(str, OPEN), 0) | {row["status"]: row["number"] for row in db.rows(sql, bot, *OPEN)}


def last_success(db: Database) -> datetime | None:
    """When the newest run ended that did not fail."""
    newest = f"SELECT ended_at FROM runs WHERE {_DID_NOT_FAIL} ORDER BY id DESC LIMIT 1"
    return optional_time(db.value(newest))
