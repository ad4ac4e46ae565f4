"""What waits, group by group and a page at a time: what is not shown is counted and ordered, and never read whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from twitter_manager.store.database import Database, optional_time, placeholders, to_text
from twitter_manager.store.drafts import POST


class Group(StrEnum):
    """Where a draft waits, in the order in which a person looks."""

    PENDING = "pending"
    """For a person's approval."""
    ATTENTION = "attention"
    """For a person: doubted, held, half out."""
    ON_ITS_WAY = "on_its_way"
    DATED = "dated"
    """For its own date."""
    QUEUED = "queued"
    """For a slot."""


_CONCERNS_A_PERSON = (
    "(status <> 'failed' OR origin = 'person' OR edited_at IS NOT NULL OR due_at IS NOT NULL"
    " OR EXISTS (SELECT 1 FROM deliveries d WHERE d.draft_id = drafts.id AND d.status = 'held'))"
)
_ALIVE = "(expires_at IS NULL OR expires_at > ?)"
_IN: Mapping[Group, str] = {
    Group.PENDING: f"status = 'pending' AND replaces IS NULL AND {POST}",
    Group.ATTENTION: f"status IN ('needs_attention', 'failed', 'partly_posted') AND {_CONCERNS_A_PERSON}",
    Group.ON_ITS_WAY: "status IN ('publishing', 'pending') AND (status = 'publishing' OR replaces IS NOT NULL)",
    Group.DATED: f"status = 'approved' AND {POST} AND due_at IS NOT NULL AND {_ALIVE}",
    Group.QUEUED: f"status = 'approved' AND {POST} AND due_at IS NULL AND {_ALIVE}",
}


@dataclass(frozen=True, slots=True)
class Turn:
    """What the moment at which a draft goes out hangs on, and no more of it."""

    id: int
    bot: str
    due_at: datetime | None
    expires_at: datetime | None


_LANE = (
    "CASE WHEN lane IS NOT NULL THEN lane WHEN origin = 'person' THEN 0"
    ' WHEN choice LIKE \'%"lane": "news"%\' AND topic <> coalesce((SELECT last.topic FROM drafts last'
    "   WHERE last.bot = drafts.bot AND last.published_at IS NOT NULL ORDER BY last.published_at DESC, last.id DESC"
    "   LIMIT 1), '') THEN 1 ELSE 2 END"
)
_ORDER: Mapping[Group, str] = {
    Group.DATED: "due_at, id",
    Group.QUEUED: f"{_LANE}, CASE WHEN rank IS NULL THEN 1 ELSE 0 END, rank, id",
}
"""In which they go out: as `pipeline.select` orders those that it has read."""


def count(db: Database, group: Group, bots: Sequence[str], now: datetime) -> int:
    """How many drafts of these bots wait there."""
    where, values = _where(group, bots, now)
    return int(db.value(f"SELECT count(*) FROM drafts WHERE {where}", *values))


def page(db: Database, group: Group, bots: Sequence[str], now: datetime, start: int, most: int) -> list[int]:
    """The numbers of at most so many drafts that wait for a person or are on their way, the oldest first, without the
    first `start`."""
    where, values = _where(group, bots, now)
    rows = db.rows(f"SELECT id FROM drafts WHERE {where} ORDER BY id LIMIT ? OFFSET ?", *values, most, start)
    return [row["id"] for row in rows]


def turns(db: Database, group: Group, bot: str, now: datetime, most: int = 2**31, start: int = 0) -> list[Turn]:
    """At most so many of those that wait for their date or for a slot, in the order in which they go out, without the
    first `start`."""
    where, values = _where(group, [bot], now)
    sql = f"SELECT id, due_at, expires_at FROM drafts WHERE {where} ORDER BY {_ORDER[group]} LIMIT ? OFFSET ?"
    rows = db.rows(sql, *values, most, start)
    return [Turn(row["id"], bot, optional_time(row["due_at"]), optional_time(row["expires_at"])) for row in rows]


def _where(group: Group, bots: Sequence[str], now: datetime) -> tuple[str, list[str]]:
    moment = [to_text(now)] if _ALIVE in _IN[group] else []
    return f"bot IN ({placeholders(bots)}) AND {_IN[group]}", [*bots, *moment]
