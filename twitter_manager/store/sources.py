"""What each source of a bot remembers from one look to the next, and how the last look went."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from twitter_manager.domain import Json
from twitter_manager.store.database import Database, from_text, not_in, optional_time, to_text


@dataclass(frozen=True, slots=True)
class Remembered:
    """What one source remembers."""

    signature: str
    """The settings that `state` belongs to."""
    state: Json
    looked_at: datetime
    succeeded_at: datetime | None
    error: str
    """Of the last look; "" when it went well."""


def remembered(db: Database, bot: str) -> dict[str, Remembered]:
    """What is known of the bot's sources, by name."""
    return {
        row["name"]: Remembered(
            row["signature"],
            json.loads(row["state"]),
            from_text(row["looked_at"]),
            optional_time(row["succeeded_at"]),
            row["error"],
        )
        for row in db.rows("SELECT * FROM sources WHERE bot = ?", bot)
    }


def signatures(db: Database, bot: str) -> dict[str, str]:
    """The settings that each source of the bot was last read with, by name."""
    return {row["name"]: row["signature"] for row in db.rows("SELECT name, signature FROM sources WHERE bot = ?", bot)}


def change(db: Database, bot: str, name: str, key: str) -> str:
    """The line on how the item `key` differs from what the source gave before, or ""."""
    state = db.value("SELECT state FROM sources WHERE bot = ? AND name = ?", bot, name)
    return str(json.loads(state or "{}").get("odd", {}).get(key, ""))


def succeeded(db: Database, bot: str, name: str, signature: str, state: Json, now: datetime) -> None:
    """Keep what a look gave."""
    moment = to_text(now)
    db.update(
        "INSERT INTO sources (bot, name, signature, state, looked_at, succeeded_at) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (bot, name) DO UPDATE SET signature = excluded.signature, state = excluded.state,"
        " looked_at = excluded.looked_at, succeeded_at = excluded.succeeded_at, error = ''",
        bot,
        name,
        signature,
        json.dumps(state),
        moment,
        moment,
    )


def failed(db: Database, bot: str, name: str, error: str, now: datetime) -> None:
    """Keep that a look failed; what the looks before it gave stays."""
    db.update(
        "INSERT INTO sources (bot, name, signature, state, looked_at, error) VALUES (?, ?, '', '{}', ?, ?)"
        " ON CONFLICT (bot, name) DO UPDATE SET looked_at = excluded.looked_at, error = excluded.error",
        bot,
        name,
        to_text(now),
        error,
    )


def forget_others(db: Database, bot: str, names: Collection[str]) -> None:
    """Forget all but these sources of the bot."""
    db.update(f"DELETE FROM sources WHERE bot = ? AND {not_in('name', names)}", bot, *names)
