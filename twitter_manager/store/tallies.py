"""Numbers that only grow, by bot, day, name and label: they outlive the rows that they count.

| name | label | counts |
| --- | --- | --- |
| runs | outcome | runs that ended so |
| deliveries | platform outcome | parts of posts that ended posted, failed or held; one that was resumed ends again |
| posts | platform | posts that went out; a thread is one |
| attempts | platform kind outcome | tries to prepare, send or look up; `lost`: its process died |
| retries | platform | tries to send what was tried before |
| platform_seconds, platform_count, platform_bucket | platform, in buckets with the bound | how long sending took |
| stage_seconds, stage_count, stage_bucket | stage, in buckets with the bound | how long stages took; `run`: all of it |
| generations, tokens_in, tokens_out | generator | answers and their tokens; one that judges is called "judge NAME" |
| candidates | generator | texts to choose from |
| refusals | rule | candidates that the rule refused or doubted |
| judge_refusals | judge | candidates that the judge refused or doubted; `nobody`: there was none to ask |
| charges, usd | service kind | paid calls and what they cost |

A bucket holds only the values above the bound before it, up to its own: "collect 5" those from 2.5 to 5 seconds. The
bound of the last is `+Inf`. See `telemetry.counting.BOUNDS`.
"""

from __future__ import annotations

from collections.abc import Iterator
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
    sql = "SELECT * FROM tallies WHERE bot = ? AND day = '' ORDER BY name, label"
    return [_tally(row) for bot in _bots(db) for row in db.rows(sql, bot)]


def _bots(db: Database) -> Iterator[str]:
    """From bot to bot along the key, which begins with it: the rows of days are not read."""
    first = "SELECT min(bot) FROM tallies"
    bot = db.value(first)
    while bot is not None:
        yield bot
        bot = db.value(f"{first} WHERE bot > ?", bot)


def of_days(db: Database, bot: str, first: date, last: date) -> list[Tally]:
    """A bot's tallies of these days, both included, oldest first."""
    sql = "SELECT * FROM tallies WHERE bot = ? AND day BETWEEN ? AND ? ORDER BY day, name, label"
    return [_tally(row) for row in db.rows(sql, bot, first.isoformat(), last.isoformat())]


def _tally(row: Row) -> Tally:
    day = date.fromisoformat(row["day"]) if row["day"] else None
    return Tally(row["bot"], day, row["name"], row["label"], row["value"])
