"""What a person is to be told, and how far each notice got through each channel."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from twitter_manager.domain import Json
from twitter_manager.store.database import Database, as_json, from_text, optional_time, placeholders, to_text
from twitter_manager.store.dialect import Row

KEY_REFUSED = (401, 402, 403)
"""HTTP statuses by which a service says no to a key."""
_TROUBLE = ("draft_failed", "draft_partly_posted", "delivery_held")


@dataclass(frozen=True, slots=True)
class Waiting:
    """A notice that did not get through a channel yet. `id`: of its way there."""

    id: int
    notice: int
    kind: str
    draft_id: int | None
    text: str
    created_at: datetime
    channel: str
    tries: int
    error: str
    """Of the last try."""


def add(
    db: Database,
    bot: str,
    kind: str,
    subject: str,
    text: str,
    draft_id: int | None,
    channels: Collection[str],
    now: datetime,
) -> None:
    """Write down a notice that is to go through these channels."""
    notice = db.add(
        "notices", bot=bot, kind=kind, subject=subject, draft_id=draft_id, text=text, created_at=to_text(now)
    )
    for channel in channels:
        db.insert("notice_deliveries", notice_id=notice, bot=bot, channel=channel, status="waiting")


def last_told(db: Database, bot: str, kind: str, subject: str) -> datetime | None:
    """When this was last written down."""
    sql = "SELECT created_at FROM notices WHERE bot = ? AND kind = ? AND subject = ? ORDER BY id DESC LIMIT 1"
    return optional_time(db.value(sql, bot, kind, subject))


def newest_at(db: Database, bot: str, kinds: Collection[str]) -> datetime | None:
    """When a notice of one of these kinds was last written down."""
    sql = f"SELECT max(created_at) FROM notices WHERE bot = ? AND kind IN ({placeholders(kinds)})"
    return optional_time(db.value(sql, bot, *kinds))


def waiting(db: Database, bot: str) -> list[Waiting]:
    """What did not get through yet, oldest first."""
    rows = db.rows(
        "SELECT d.id, d.notice_id, d.channel, d.tries, d.error, n.kind, n.draft_id, n.text, n.created_at"
        " FROM notice_deliveries d JOIN notices n ON n.id = d.notice_id"
        " WHERE d.bot = ? AND d.status = 'waiting' ORDER BY d.id",
        bot,
    )
    return [_waiting(row) for row in rows]


def _waiting(row: Row) -> Waiting:
    return Waiting(
        id=row["id"],
        notice=row["notice_id"],
        kind=row["kind"],
        draft_id=row["draft_id"],
        text=row["text"],
        created_at=from_text(row["created_at"]),
        channel=row["channel"],
        tries=row["tries"],
        error=row["error"],
    )


def begin_try(db: Database, ids: Sequence[int], now: datetime) -> None:
    """Count a try before its message leaves, so that no crash makes a flood."""
    sql = f"UPDATE notice_deliveries SET tries = tries + 1, tried_at = ? WHERE id IN ({placeholders(ids)})"
    db.update(sql, to_text(now), *ids)


def end_try(db: Database, ids: Sequence[int], status: str, error: str) -> None:
    """`status`: waiting (for another try), sent or dropped (given up)."""
    sql = f"UPDATE notice_deliveries SET status = ?, error = ? WHERE id IN ({placeholders(ids)})"
    db.update(sql, status, error, *ids)


def recent(db: Database, bot: str, limit: int) -> list[Json]:
    """The newest notices of a bot, or of all for "", newest first, each with its `channels`."""
    where, values = ("WHERE bot = ?", (bot,)) if bot else ("", ())
    notices = [
        as_json(row) for row in db.rows(f"SELECT * FROM notices {where} ORDER BY id DESC LIMIT ?", *values, limit)
    ]
    for notice in notices:
        sql = "SELECT channel, status, tries, tried_at, error FROM notice_deliveries WHERE notice_id = ? ORDER BY id"
        notice["channels"] = [as_json(row) for row in db.rows(sql, notice["id"])]
    return notices


def in_trouble(db: Database, bot: str) -> dict[str, tuple[datetime, str]]:
    """By channel that can't be reached: since when, and why."""
    rows = db.rows("SELECT channel, since, error FROM notice_troubles WHERE bot = ?", bot)
    return {row["channel"]: (from_text(row["since"]), row["error"]) for row in rows}


def set_trouble(db: Database, bot: str, channel: str, error: str, now: datetime) -> bool:
    """Remember that a channel can't be reached, or with no error that it works; True where that begins."""
    if not error:
        db.update("DELETE FROM notice_troubles WHERE bot = ? AND channel = ?", bot, channel)
        return False
    known = db.update("UPDATE notice_troubles SET error = ? WHERE bot = ? AND channel = ?", error, bot, channel)
    if not known:
        db.insert("notice_troubles", bot=bot, channel=channel, since=to_text(now), error=error)
    return not known


def troubled_drafts(db: Database, run_ids: Collection[int]) -> dict[int, datetime]:
    """The drafts of which something failed or was held in these runs, in the order in which that came about, with when
    it did last."""
    if not run_ids:
        return {}
    sql = (
        f"SELECT draft_id, max(at) AS at FROM events WHERE run_id IN ({placeholders(run_ids)})"
        f" AND kind IN ({placeholders(_TROUBLE)}) AND draft_id IS NOT NULL GROUP BY draft_id ORDER BY 2, 1"
    )
    return {row["draft_id"]: from_text(row["at"]) for row in db.rows(sql, *run_ids, *_TROUBLE)}


def refusals(db: Database, run_ids: Collection[int]) -> dict[str, Json]:
    """By platform or service that refused the bot's keys or account in these runs, and took no post since: the event,
    with the `status` where there was one, and the `error`."""
    kinds = ("account_refused", "generator_failed", "delivery_posted")
    sql = (
        f"SELECT at, kind, data FROM events WHERE run_id IN ({placeholders(run_ids)})"
        f" AND kind IN ({placeholders(kinds)}) ORDER BY id"
    )
    refused: dict[str, Json] = {}
    for row in db.rows(sql, *run_ids, *kinds) if run_ids else ():
        data = json.loads(row["data"])
        if row["kind"] == "delivery_posted":
            refused.pop(data["platform"], None)
        elif row["kind"] == "account_refused" or data.get("status") in KEY_REFUSED:
            refused[data.get("platform") or data["generator"]] = {"at": row["at"], "kind": row["kind"], **data}
    return refused
