"""What a person's edits and decisions were, as lessons are found in them, and which lessons were proposed and decided
on. What follows from one is left to `operations.lessons`."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from twitter_manager.domain import Actor, Json
from twitter_manager.store import events
from twitter_manager.store.database import Database, to_text
from twitter_manager.store.dialect import Row

PROPOSED, ACCEPTED, DROPPED = "proposed", "accepted", "dropped"
_LOOKED_AT = 200
"""The newest edits, and as many of each kind of decision."""
_BY_PROGRAMS = "mcp"


@dataclass(frozen=True, slots=True)
class Edited:
    """What a generator's draft said before a person's first edit and after the last."""

    draft: int
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Decided:
    """A person's yes or no to a generator's draft."""

    draft: int
    skipped: bool
    topic: str
    format: str
    source: str
    pictured: bool


@dataclass(frozen=True, slots=True)
class Kept:
    """A lesson that was proposed once."""

    id: int
    bot: str
    rule: str
    status: str


_POSTS = "d.origin = 'generator' AND d.comment_id IS NULL"


def edits(db: Database, bot: str) -> list[Edited]:
    """The newest drafts that a person edited, the newest first."""
    rows = db.rows(
        "SELECT e.draft_id, e.data FROM events e JOIN drafts d ON d.id = e.draft_id"
        f" WHERE e.bot = ? AND e.kind = 'draft_edited' AND {_POSTS} ORDER BY e.id DESC LIMIT ?",
        bot,
        _LOOKED_AT,
    )
    of_draft: dict[int, list[Json]] = {}
    for row in rows:
        if _is_persons(data := json.loads(row["data"])):
            of_draft.setdefault(row["draft_id"], []).append(data)
    return [Edited(draft, _text(told[-1]["before"]), _text(told[0]["after"])) for draft, told in of_draft.items()]


def decisions(db: Database, bot: str) -> list[Decided]:
    """What a person last decided on generators' drafts, the newest first."""
    told: dict[int, Row] = {}
    for kind in ("draft_skipped", "draft_approved"):
        for row in db.rows(
            "SELECT e.id, e.draft_id, e.kind, e.data, d.topic, d.format, coalesce(i.source, '') AS source,"
            " EXISTS (SELECT 1 FROM parts p WHERE p.draft_id = d.id AND p.attached LIKE '%\"media\": [{%') AS pictured"
            " FROM events e JOIN drafts d ON d.id = e.draft_id LEFT JOIN items i ON i.id = d.item_id"
            f" WHERE e.bot = ? AND e.kind = ? AND {_POSTS} ORDER BY e.id DESC LIMIT ?",
            bot,
            kind,
            _LOOKED_AT,
        ):
            newer = row["draft_id"] not in told or told[row["draft_id"]]["id"] < row["id"]
            if newer and _is_persons(json.loads(row["data"])):
                told[row["draft_id"]] = row
    newest_first = sorted(told.values(), key=lambda row: -int(row["id"]))
    return [_decided(row) for row in newest_first]


def _decided(row: Row) -> Decided:
    skipped = row["kind"] == "draft_skipped"
    return Decided(row["draft_id"], skipped, row["topic"], row["format"], row["source"], bool(row["pictured"]))


def _is_persons(data: Json) -> bool:
    return "by" in data and data.get("via") != _BY_PROGRAMS


def _text(parts: Iterable[str | Json]) -> str:
    return "\n\n".join(part if isinstance(part, str) else str(part["text"]) for part in parts)


def propose(db: Database, bot: str, rules: Iterable[str], now: datetime) -> dict[str, Kept]:
    """Each rule with its number, which stays from when it was first proposed, in the caller's transaction."""
    known = {kept.rule: kept for kept in _of_bot(db, bot)}
    for rule in rules:
        if rule not in known:
            db.add("lessons", bot=bot, rule=rule, status=PROPOSED, proposed_at=to_text(now), decided_at=None)
    return {kept.rule: kept for kept in _of_bot(db, bot)}


def get(db: Database, number: int) -> Kept | None:
    """One that was proposed, or None."""
    return next(iter(_many(db, "id = ?", number)), None)


def decide(db: Database, kept: Kept, status: str, now: datetime, by: Actor, words: str) -> None:
    """The person's word on it, on record, in the caller's transaction."""
    sql = "UPDATE lessons SET status = ?, decided_at = ? WHERE id = ? AND status = ?"
    db.update_one(sql, status, to_text(now), kept.id, kept.status)
    events.record(db, now, f"lesson_{status}", bot=kept.bot, rule=kept.rule, reason=words, **by.on_record)


def _of_bot(db: Database, bot: str) -> list[Kept]:
    return _many(db, "bot = ?", bot)


def _many(db: Database, where: str, value: str | int) -> list[Kept]:
    rows = db.rows(f"SELECT id, bot, rule, status FROM lessons WHERE {where} ORDER BY id", value)
    return [Kept(row["id"], row["bot"], row["rule"], row["status"]) for row in rows]
