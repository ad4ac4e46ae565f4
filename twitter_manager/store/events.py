"""The append-only audit trail. Each event's hash covers the hash before it, so a change anywhere shows."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import datetime

from twitter_manager.domain import Json
from twitter_manager.store import dialect
from twitter_manager.store.database import Database, to_text
from twitter_manager.store.dialect import Row

FIRST_HASH = "0" * 64
_FIELDS = ("at", "bot", "run_id", "draft_id", "delivery_id", "kind", "data")
"""What an event's hash covers besides the hash before it, in this order."""
_COLUMNS = ("id", *_FIELDS, "previous_hash", "hash")
_TEXTS = frozenset(_COLUMNS) - {"id", "run_id", "draft_id", "delivery_id"}


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
    details = json.dumps(data, ensure_ascii=False, default=str)
    fields = (to_text(now), bot, run_id, draft_id, delivery_id, kind, details)
    number, digest = head["events"] + 1, _hash(head["hash"], fields)
    values = dict(zip(_FIELDS, fields, strict=True))
    db.insert("events", id=number, **values, previous_hash=head["hash"], hash=digest)
    db.update_one("UPDATE audit_head SET events = ?, hash = ? WHERE id = 1", number, digest)


def of_draft(db: Database, draft_id: int) -> list[Json]:
    """The events about one draft, oldest first."""
    return [_as_json(row) for row in db.rows("SELECT * FROM events WHERE draft_id = ? ORDER BY id", draft_id)]


def of_run(db: Database, run_id: int) -> list[Json]:
    """The events of one run, oldest first."""
    return [_as_json(row) for row in db.rows("SELECT * FROM events WHERE run_id = ? ORDER BY id", run_id)]


def newest(db: Database, bot: str, kind: str, limit: int = 100) -> list[Json]:
    """The bot's newest events of one kind, newest first."""
    sql = "SELECT * FROM events WHERE bot = ? AND kind = ? ORDER BY id DESC LIMIT ?"
    return [_as_json(row) for row in db.rows(sql, bot, kind, limit)]


def last_at(db: Database) -> str:
    """When the newest event happened, as stored; empty without any."""
    return str(db.value("SELECT at FROM events ORDER BY id DESC LIMIT 1") or "")


def head(db: Database) -> tuple[int, str]:
    """How many events there are, and the hash that covers them all."""
    row = db.row("SELECT events, hash FROM audit_head WHERE id = 1")
    return (row["events"], row["hash"]) if row else (0, "")


def hash_of(db: Database, number: int) -> str:
    """The hash of one event; "" where it is missing."""
    return FIRST_HASH if number == 0 else str(db.value("SELECT hash FROM events WHERE id = ?", number) or "")


def earliest_after(db: Database, number: int) -> str:
    """The earliest time, as stored, of the events that were recorded after that one; "" where there are none."""
    return str(db.value("SELECT min(at) FROM events WHERE id > ?", number) or "")


def everything(db: Database, after: int | None = None) -> Iterator[Json]:
    """Every event as it is stored, or those that come after one, oldest first. Bytes that are no text any more come as
    lone surrogates."""
    wanted = ", ".join(dialect.undecoded(name) if name in _TEXTS else name for name in _COLUMNS)
    where, values = ("", ()) if after is None else (" WHERE id > ?", (after,))
    for row in db.rows(f"SELECT {wanted} FROM events{where} ORDER BY id", *values):
        yield {name: row[name].decode("utf-8", "surrogateescape") if name in _TEXTS else row[name] for name in _COLUMNS}


def verify(db: Database, after: int = 0) -> list[str]:
    """What is wrong with the trail, a line for each place; empty when nothing was changed, removed, added or moved.
    `after`: an event that is taken as it is; only what comes after it is looked at."""
    wrong: list[str] = []
    number, digest = after, hash_of(db, after)
    for event in everything(db, after or None):
        if event["id"] < 1:
            wrong.append(f"event {event['id']} was inserted")
            continue
        if event["id"] > number + 1:
            wrong.append(_missing(number + 1, event["id"] - 1))
        elif event["previous_hash"] != digest:
            wrong.append(f"event {event['id']} does not follow event {number}")
        if _hash(event["previous_hash"], tuple(event[name] for name in _FIELDS)) != event["hash"]:
            wrong.append(f"event {event['id']} was changed")
        number, digest = event["id"], event["hash"]
    return wrong + _wrong_end(db, number, digest)


def missing_until(db: Database, number: int) -> int:
    """How many of the events up to this one are not there."""
    return number - int(db.value("SELECT count(*) FROM events WHERE id BETWEEN 1 AND ?", number))


def _missing(first: int, last: int) -> str:
    return f"event {first} is missing" if first == last else f"events {first} to {last} are missing"


def _wrong_end(db: Database, number: int, digest: str) -> list[str]:
    """The trail must end as its head says: else its last events were taken away, or some were added behind them."""
    head = db.row("SELECT events, hash FROM audit_head WHERE id = 1")
    if head is None:
        return ["what the trail ended with (audit_head) is missing"]
    if head["events"] > number:
        return [f"the trail should end with event {head['events']}: {_missing(number + 1, head['events'])}"]
    if head["events"] < number:
        return [f"the trail should end with event {head['events']}, and ends with event {number}"]
    return [] if head["hash"] == digest else [f"event {number} is not the one that the trail should end with"]


def _hash(previous: str, fields: tuple[object, ...]) -> str:
    content = json.dumps([previous, *fields], ensure_ascii=False)
    return hashlib.sha256(content.encode(errors="surrogatepass")).hexdigest()


def _as_json(row: Row) -> Json:
    return {"at": row["at"], "kind": row["kind"], "delivery_id": row["delivery_id"], **json.loads(row["data"])}
