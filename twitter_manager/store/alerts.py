"""Trouble that is not over: since when, when it was last told, and what will show that it is over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from twitter_manager.store.database import Database, from_text, optional_text, optional_time, to_text


@dataclass(frozen=True, slots=True)
class Alert:
    """One trouble of a bot's. Kind and subject are its fingerprint: the same two are the same trouble."""

    kind: str
    subject: str
    since: datetime
    seen_at: datetime
    told_at: datetime | None
    """When it was last told, since it began this time."""
    good_at: datetime | None
    """When it had last gone well before it began."""
    proof: str
    """What shows that it is over, once that went well after `seen_at`."""
    over: str
    """That it is over, in words; "": nobody is told."""


def unresolved(db: Database, bot: str) -> list[Alert]:
    """What is not over, as far as is known, the oldest first."""
    rows = db.rows("SELECT * FROM alerts WHERE bot = ? ORDER BY since, kind, subject", bot)
    return [
        Alert(
            kind=row["kind"],
            subject=row["subject"],
            since=from_text(row["since"]),
            seen_at=from_text(row["seen_at"]),
            told_at=optional_time(row["told_at"]),
            good_at=optional_time(row["good_at"]),
            proof=row["proof"],
            over=row["over"],
        )
        for row in rows
    ]


def save(db: Database, bot: str, alert: Alert) -> None:
    """Keep an alert, in the place of what was known of it."""
    close(db, bot, alert)
    db.insert(
        "alerts",
        bot=bot,
        kind=alert.kind,
        subject=alert.subject,
        since=to_text(alert.since),
        seen_at=to_text(alert.seen_at),
        told_at=optional_text(alert.told_at),
        good_at=optional_text(alert.good_at),
        proof=alert.proof,
        over=alert.over,
    )


def close(db: Database, bot: str, alert: Alert) -> None:
    """It is over."""
    db.update("DELETE FROM alerts WHERE bot = ? AND kind = ? AND subject = ?", bot, alert.kind, alert.subject)
