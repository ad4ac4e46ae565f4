"""Figures over everything that is stored, for whoever watches the program from outside."""

from __future__ import annotations

from datetime import datetime

from twitter_manager.store.database import Database, optional_time

_DID_NOT_FAIL = "outcome NOT IN ('failed', 'abandoned', 'interrupted', 'running')"


def runs_by_outcome(db: Database) -> dict[str, int]:
    """How many runs ended how."""
    return _counted(db, "SELECT outcome AS name, count(*) AS number FROM runs GROUP BY outcome ORDER BY outcome")


def posts_by_platform(db: Database) -> dict[str, int]:
    """How many posts went out where; a thread is one."""
    return _counted(
        db,
        "SELECT platform AS name, count(*) AS number FROM deliveries WHERE status = 'posted' AND part = 0"
        " GROUP BY platform ORDER BY platform",
    )


def drafts_by_status(db: Database) -> dict[str, int]:
    """How many drafts stand where."""
    return _counted(db, "SELECT status AS name, count(*) AS number FROM drafts GROUP BY status ORDER BY status")


def last_success(db: Database) -> datetime | None:
    """When the newest run ended that did not fail."""
    newest = f"SELECT ended_at FROM runs WHERE {_DID_NOT_FAIL} ORDER BY id DESC LIMIT 1"
    return optional_time(db.value(newest))


def _counted(db: Database, sql: str) -> dict[str, int]:
    return {row["name"]: row["number"] for row in db.rows(sql)}
