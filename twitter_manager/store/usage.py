"""What the program needed of the machine: each invocation of the last day, and each day of the last year."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from twitter_manager.domain import Json
from twitter_manager.store.database import Database, as_json, from_text, to_text
from twitter_manager.store.dialect import Row

FINE, COARSE = timedelta(hours=24), timedelta(days=366)
"""How long invocations are kept, and days."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Of one invocation. `seconds`: on the wall; `memory_bytes`: the most that it held at once."""

    began: datetime
    seconds: float
    cpu_seconds: float
    memory_bytes: int
    database_bytes: int
    disk_free_bytes: int


def keep(db: Database, usage: Usage, now: datetime) -> None:
    """Write down an invocation, add it to its day, and let go of what is too old, or later than the clock goes now."""
    with db.transaction():
        db.update(
            "DELETE FROM usage WHERE span = 'run' AND (began < ? OR began > ?)", to_text(now - FINE), to_text(now)
        )
        oldest, newest = to_text(now - COARSE), to_text(now + timedelta(days=1))
        db.update("DELETE FROM usage WHERE span = 'day' AND (began < ? OR began > ?)", oldest[:10], newest[:10])
        for span, began in (("run", to_text(usage.began)), ("day", to_text(usage.began)[:10])):
            if not _fold(db, span, began, usage):
                db.insert(
                    "usage",
                    span=span,
                    began=began,
                    invocations=1,
                    seconds=usage.seconds,
                    most_seconds=usage.seconds,
                    cpu_seconds=usage.cpu_seconds,
                    most_cpu_seconds=usage.cpu_seconds,
                    memory_bytes=usage.memory_bytes,
                    database_bytes=usage.database_bytes,
                    disk_free_bytes=usage.disk_free_bytes,
                )


def _fold(db: Database, span: str, began: str, usage: Usage) -> int:
    """Add it to the row that is there, if one is."""
    higher = "CASE WHEN {0} < ? THEN ? ELSE {0} END".format
    return db.update(
        "UPDATE usage SET invocations = invocations + 1, seconds = seconds + ?, cpu_seconds = cpu_seconds + ?,"
        f" most_seconds = {higher('most_seconds')}, most_cpu_seconds = {higher('most_cpu_seconds')},"
        f" memory_bytes = {higher('memory_bytes')}, database_bytes = ?,"
        " disk_free_bytes = CASE WHEN disk_free_bytes > ? THEN ? ELSE disk_free_bytes END WHERE span = ? AND began = ?",
        usage.seconds,
        usage.cpu_seconds,
        *[usage.seconds] * 2,
        *[usage.cpu_seconds] * 2,
        *[usage.memory_bytes] * 2,
        usage.database_bytes,
        *[usage.disk_free_bytes] * 2,
        span,
        began,
    )


def newest(db: Database) -> Usage | None:
    """The last invocation that is known."""
    row = db.row("SELECT * FROM usage WHERE span = 'run' ORDER BY began DESC LIMIT 1")
    return None if row is None else _usage(row)


def invocations(db: Database) -> list[Usage]:
    """Those of the last day, oldest first."""
    return [_usage(row) for row in db.rows("SELECT * FROM usage WHERE span = 'run' ORDER BY began")]


def days(db: Database) -> list[Json]:
    """Those of the last year (UTC), oldest first."""
    sql = (
        "SELECT began AS day, invocations, seconds / invocations AS mean_seconds, most_seconds,"
        " cpu_seconds / invocations AS mean_cpu_seconds, most_cpu_seconds, memory_bytes, database_bytes,"
        " disk_free_bytes FROM usage WHERE span = 'day' ORDER BY began"
    )
    return [as_json(row) for row in db.rows(sql)]


def _usage(row: Row) -> Usage:
    return Usage(
        began=from_text(row["began"]),
        seconds=row["seconds"],
        cpu_seconds=row["cpu_seconds"],
        memory_bytes=row["memory_bytes"],
        database_bytes=row["database_bytes"],
        disk_free_bytes=row["disk_free_bytes"],
    )
