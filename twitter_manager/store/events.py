"""The append-only audit trail. Each event's hash covers the hash before it, so a change anywhere shows."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import datetime

from twitter_manager.domain import Json
from twitter_manager.store.database import Database, Row, to_text

FIRST_HASH = "0" * 64


def record(
    db: Database,
    now: datetime,
    kind: str,
    *,
    bot: str = "",
    run_id: int | None = None,
    draft_id: int | None = None,
    delivery_id: int | None = None,
    **data: object,
) -> None:
    """Append one event, in the caller's transaction."""
    head = db.row("SELECT events, hash FROM audit_head WHERE id = 1")
    if head is None:
        raise AssertionError("the audit trail has no head")
    fields = (to_text(now), bot, run_id, draft_id, delivery_id, kind, json.dumps(data, ensure_ascii=False, default=str))
    number, digest = head["events"] + 1, _hash(head["hash"], fields)
    db.insert(
        "INSERT INTO events (id, at, bot, run_id, draft_id, delivery_id, kind, data, previous_hash, hash)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        number,
        *fields,
        head["hash"],
        digest,
    )
    db.update_one("UPDATE audit_head SET events = ?, hash = ? WHERE id = 1", number, digest)


def of_draft(db: Database, draft_id: int) -> list[Json]:
    """The events about one draft, oldest first."""
    return [_as_json(row) for row in db.rows("SELECT * FROM events WHERE draft_id = ? ORDER BY id", draft_id)]


def of_run(db: Database, run_id: int) -> list[Json]:
    """The events of one run, oldest first."""
    return [_as_json(row) for row in db.rows("SELECT * FROM events WHERE run_id = ? ORDER BY id", run_id)]


def everything(db: Database) -> Iterator[Json]:
    """Every event as it is stored, oldest first."""
    for row in db.rows("SELECT * FROM events ORDER BY id"):
        yield {key: row[key] for key in row.keys()}  # noqa: SIM118 (a Row iterates over values)


def verify(db: Database) -> list[str]:
    """What is wrong with the trail, a line for each place; empty when nothing was changed, removed, added or moved."""
    found: list[str] = []
    number, digest = 0, FIRST_HASH
    for event in everything(db):
        number += 1
        if event["id"] != number:
            found.append(f"event {number} is missing: after {number - 1} comes {event['id']}")
            number = event["id"]
        elif event["previous_hash"] != digest:
            found.append(f"event {number} does not follow event {number - 1}")
        fields = tuple(event[name] for name in ("at", "bot", "run_id", "draft_id", "delivery_id", "kind", "data"))
        if _hash(event["previous_hash"], fields) != event["hash"]:
            found.append(f"event {number} was changed")
        digest = event["hash"]
    head = db.row("SELECT events, hash FROM audit_head WHERE id = 1")
    if head is None or (head["events"], head["hash"]) != (number, digest):
        found.append(f"the trail should end with event {head['events'] if head else '?'}, and ends with {number}")
    return found


def _hash(previous: str, fields: tuple[object, ...]) -> str:
    return hashlib.sha256(json.dumps([previous, *fields], ensure_ascii=False).encode()).hexdigest()


def _as_json(row: Row) -> Json:
    return {"at": row["at"], "kind": row["kind"], "delivery_id": row["delivery_id"], **json.loads(row["data"])}
