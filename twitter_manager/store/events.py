"""The append-only audit trail. Each event's hash covers the hash before it, so a change anywhere shows."""

from __future__ import annotations

import hashlib
import json
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
    last = db.value("SELECT hash FROM events ORDER BY id DESC LIMIT 1")
    fields = (to_text(now), bot, run_id, draft_id, delivery_id, kind, json.dumps(data, ensure_ascii=False, default=str))
    previous = last or FIRST_HASH
    db.insert(
        "INSERT INTO events (at, bot, run_id, draft_id, delivery_id, kind, data, previous_hash, hash)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        *fields,
        previous,
        _hash(previous, fields),
    )


def of_draft(db: Database, draft_id: int) -> list[Json]:
    """The events about one draft, oldest first."""
    return [_as_json(row) for row in db.rows("SELECT * FROM events WHERE draft_id = ? ORDER BY id", draft_id)]


def of_run(db: Database, run_id: int) -> list[Json]:
    """The events of one run, oldest first."""
    return [_as_json(row) for row in db.rows("SELECT * FROM events WHERE run_id = ? ORDER BY id", run_id)]


def _hash(previous: str, fields: tuple[object, ...]) -> str:
    return hashlib.sha256(json.dumps([previous, *fields], ensure_ascii=False).encode()).hexdigest()


def _as_json(row: Row) -> Json:
    return {"at": row["at"], "kind": row["kind"], "delivery_id": row["delivery_id"], **json.loads(row["data"])}
