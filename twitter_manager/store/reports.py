"""What weeks and months came to, as it was reckoned once they were over."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime

from twitter_manager.domain import Json
from twitter_manager.store.database import Database, from_text, to_text
from twitter_manager.store.dialect import Row


@dataclass(frozen=True, slots=True)
class Kept:
    """A report that was kept. `kind`: week or month; `first`: its first day, in the bot's time zone."""

    bot: str
    kind: str
    first: date
    figures: Json
    made_at: datetime


def keep(db: Database, kept: Kept) -> None:
    """Write it down, in the caller's transaction, in the place of an earlier one of this period."""
    first_day = kept.first.isoformat()
    db.update("DELETE FROM reports WHERE bot = ? AND kind = ? AND first_day = ?", kept.bot, kept.kind, first_day)
    db.insert(
        "reports",
        bot=kept.bot,
        kind=kept.kind,
        first_day=first_day,
        figures=json.dumps(kept.figures, ensure_ascii=False),
        made_at=to_text(kept.made_at),
    )


def get(db: Database, bot: str, kind: str, first: date) -> Kept | None:
    """That of one period, or None."""
    row = db.row("SELECT * FROM reports WHERE bot = ? AND kind = ? AND first_day = ?", bot, kind, first.isoformat())
    return None if row is None else _kept(row)


def between(db: Database, bot: str, kind: str, since: date, before: date) -> list[Kept]:
    """Those of a bot's weeks, or months, that began since a day and before another, the oldest first."""
    rows = db.rows(
        "SELECT * FROM reports WHERE bot = ? AND kind = ? AND first_day >= ? AND first_day < ? ORDER BY first_day",
        *(bot, kind, since.isoformat(), before.isoformat()),
    )
    return [kept for row in rows if (kept := _kept(row))]


def of_bot(db: Database, bot: str) -> list[Kept]:
    """All of a bot, the newest first."""
    rows = db.rows("SELECT * FROM reports WHERE bot = ? ORDER BY first_day DESC, kind", bot)
    return [kept for row in rows if (kept := _kept(row))]


def bots(db: Database) -> list[str]:
    """The bots that have any."""
    return [row["bot"] for row in db.rows("SELECT DISTINCT bot FROM reports ORDER BY bot")]


def newest(db: Database, before: datetime) -> Kept | None:
    """The one that was made last, of any bot, before that moment."""
    row = db.row("SELECT * FROM reports WHERE made_at < ? ORDER BY made_at DESC LIMIT 1", to_text(before))
    return None if row is None else _kept(row)


def _kept(row: Row) -> Kept | None:
    """None where the row is damaged."""
    try:
        first, figures, made_at = row["first_day"], json.loads(row["figures"]), row["made_at"]
        kept = Kept(row["bot"], row["kind"], date.fromisoformat(first), figures, from_text(made_at))
    except (ValueError, RecursionError):
        return None
    return kept if isinstance(figures, dict) else None
