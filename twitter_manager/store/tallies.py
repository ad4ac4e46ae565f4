"""Numbers that only grow, by bot, day, name and label: they outlive the rows that they count."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from twitter_manager.store.database import Database
from twitter_manager.store.dialect import Row

_ALL_TIME = ""


@dataclass(frozen=True, slots=True)
class Tally:
    """One of them. `day`: None for all time; a day is the bot's own, in its time zone."""

    bot: str
    day: date | None
    name: str
    label: str
    value: float


def add(db: Database, bot: str, day: date, name: str, label: str, value: float = 1) -> None:
    """Let the tally of the day grow, and that of all time, in the caller's transaction."""
    for key in (day.isoformat(), _ALL_TIME):
        where = "WHERE bot = ? AND day = ? AND name = ? AND label = ?"
        if not db.update(f"UPDATE tallies SET value = value + ? {where}", value, bot, key, name, label):
            db.insert("tallies", bot=bot, day=key, name=name, label=label, value=value)


def totals(db: Database) -> list[Tally]:
    """Those of all time, of all bots."""
    # By bot, as the key begins with it: so the rows of days are not read.
    bots = [row["bot"] for row in db.rows("SELECT DISTINCT bot FROM runs ORDER BY bot")]
    sql = "SELECT * FROM tallies WHERE bot = ? AND day = '' ORDER BY name, label"
    return [_tally(row) for bot in bots for row in db.rows(sql, bot)]


def of_days(db: Database, bot: str, first: date, last: date) -> list[Tally]:
    """A bot's tallies of these days, both included, oldest first."""
    sql = "SELECT * FROM tallies WHERE bot = ? AND day BETWEEN ? AND ? ORDER BY day, name, label"
    return [_tally(row) for row in db.rows(sql, bot, first.isoformat(), last.isoformat())]


def _tally(row: Row) -> Tally:
    day = date.fromisoformat(row["day"]) if row["day"] else None
    return Tally(row["bot"], day, row["name"], row["label"], row["value"])
