"""Where answers come from: how far each mailbox or Telegram bot is read, and what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from twitter_manager.store.database import Database, from_text, to_text


@dataclass(frozen=True, slots=True)
class Position:
    """How far a channel's answers are read and carried out: in its own words, and when that was."""

    text: str
    read_at: datetime


def position(db: Database, name: str) -> Position | None:
    """How far it is read; None where it never was."""
    row = db.row("SELECT position, read_at FROM answer_channels WHERE name = ? AND position <> ''", name)
    return None if row is None else Position(row["position"], from_text(row["read_at"]))


def advance(db: Database, name: str, position: str, now: datetime) -> None:
    """All up to here is carried out."""
    _put(db, name, now)
    db.update_one("UPDATE answer_channels SET position = ?, read_at = ? WHERE name = ?", position, to_text(now), name)


def is_news(db: Database, name: str, trouble: str, now: datetime) -> bool:
    """Note what is wrong with it ("": nothing); whether a person was not told of this yet."""
    _put(db, name, now)
    before = db.value("SELECT trouble FROM answer_channels WHERE name = ?", name)
    db.update_one("UPDATE answer_channels SET trouble = ? WHERE name = ?", trouble, name)
    return bool(trouble) and trouble != before


def _put(db: Database, name: str, now: datetime) -> None:
    if db.value("SELECT count(*) FROM answer_channels WHERE name = ?", name) == 0:
        db.insert("answer_channels", name=name, position="", read_at=to_text(now), trouble="")
