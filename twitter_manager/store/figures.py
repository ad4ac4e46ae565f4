"""Figures over everything that is stored, for whoever watches the program from outside."""

from __future__ import annotations

from datetime import datetime

from twitter_manager.store.database import Database, optional_time

_DID_NOT_FAIL = "outcome NOT IN ('failed', 'abandoned', 'interrupted', 'running')"


def drafts_by_status(db: Database, bot: str | None = None) -> dict[str, int]:
    """How many drafts stand where, of a bot or of all."""
    where, values = ("", ()) if bot is None else ("WHERE bot = ? ", (bot,))
    sql = f"SELECT status AS name, count(*) AS number FROM drafts {where}GROUP BY status ORDER BY status"
    return {row["name"]: row["number"] for row in db.rows(sql, *values)}


def last_success(db: Database) -> datetime | None:
    """When the newest run ended that did not fail."""
    newest = f"SELECT ended_at FROM runs WHERE {_DID_NOT_FAIL} ORDER BY id DESC LIMIT 1"
    return optional_time(db.value(newest))
