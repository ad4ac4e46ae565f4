"""Tokens by which programs use the API: of each its name and its hash, never itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from twitter_manager.store import events
from twitter_manager.store.database import Database, from_text, optional_time, to_text


@dataclass(frozen=True, slots=True)
class Token:
    """What is known of a token."""

    name: str
    created_at: datetime
    last_used_at: datetime | None


def add(db: Database, name: str, digest: str, now: datetime, *, by: str) -> None:
    """Keep a new token's hash (SHA-256, hex). Raises StoreConflict where there is one of this name."""
    db.insert("api_tokens", name=name, hash=digest, created_at=to_text(now))
    events.record(db, now, "token_made", name=name, by=by)


def everyone(db: Database) -> list[Token]:
    """All tokens by name."""
    rows = db.rows("SELECT name, created_at, last_used_at FROM api_tokens ORDER BY name")
    return [Token(row["name"], from_text(row["created_at"]), optional_time(row["last_used_at"])) for row in rows]


def of_hash(db: Database, digest: str) -> Token | None:
    """Whose token has this hash; None where nobody's does (any more)."""
    row = db.row("SELECT name, created_at, last_used_at FROM api_tokens WHERE hash = ?", digest)
    if row is None:
        return None
    return Token(row["name"], from_text(row["created_at"]), optional_time(row["last_used_at"]))


def used(db: Database, name: str, now: datetime) -> None:
    """Take note that it was used, if it is there still."""
    db.update("UPDATE api_tokens SET last_used_at = ? WHERE name = ?", to_text(now), name)


def revoke(db: Database, name: str, now: datetime, *, by: str) -> bool:
    """Take it away; False where there was none."""
    if not db.update("DELETE FROM api_tokens WHERE name = ?", name):
        return False
    events.record(db, now, "token_revoked", name=name, by=by)
    return True
