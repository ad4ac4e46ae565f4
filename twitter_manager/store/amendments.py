"""What becomes of posts after they are out: deletions and edits, each on record before its request leaves."""

from __future__ import annotations

from datetime import datetime

from twitter_manager.amendments import Amendment, Kind, Status
from twitter_manager.domain import Actor, Delivery, Draft
from twitter_manager.store import comments, deliveries, events, limits, succession
from twitter_manager.store.database import Database, from_text, optional_text, optional_time, to_text
from twitter_manager.store.dialect import Row, Value

_TAKES_DOWN = "a.kind = 'deletion' AND a.status <> 'refused'"
_OPEN = "a.status IN ('queued', 'sending')"


def ask_for(
    db: Database,
    delivery: Delivery,
    kind: Kind,
    now: datetime,
    *,
    text: str = "",
    digest: str = "",
    by: Actor | None = None,
) -> None:
    """A person wants it, so it is tried at once, whatever limit was met before. A deletion that is under way goes on;
    what else is open for that post ends: it is taken down, or gets newer words. `digest`: the `normalised_hash` of the
    draft with the new words."""
    limits.lift(db, delivery.platform, delivery.account, "write")
    for older in _many(db, f"a.delivery_id = ? AND {_OPEN}", delivery.id):
        if older.kind is kind is Kind.DELETION:
            return
        move(db, older, delivery, Status.REFUSED, now, error="something else was decided since")
    _add(db, delivery, kind, Status.QUEUED, "person", now, text=text, before=delivery.text, digest=digest, by=by)


def notice_gone(db: Database, platform: str, remote_id: str, now: datetime) -> bool:
    """A post of ours was found gone from its platform: a person took it down there. For whoever reads posts or their
    figures. Gives whether that is news; it is never posted again."""
    sql = (
        "SELECT id FROM deliveries WHERE platform = ? AND remote_id = ? AND removed_at IS NULL AND NOT EXISTS"
        f" (SELECT 1 FROM amendments a WHERE a.delivery_id = deliveries.id AND {_TAKES_DOWN})"
    )
    row = db.row(sql, platform, remote_id)
    if row is None:
        return False
    delivery = deliveries.get(db, row["id"])
    for edit in _many(db, f"a.delivery_id = ? AND {_OPEN}", delivery.id):
        move(db, edit, delivery, Status.REFUSED, now, error="the post is gone")
    _add(db, delivery, Kind.DELETION, Status.DONE, "platform", now)
    _remove(db, delivery, now)
    return True


def _add(
    db: Database,
    delivery: Delivery,
    kind: Kind,
    status: Status,
    origin: str,
    now: datetime,
    *,
    text: str = "",
    before: str = "",
    digest: str = "",
    by: Actor | None = None,
) -> None:
    db.insert(
        "amendments",
        delivery_id=delivery.id,
        kind=kind,
        status=status,
        origin=origin,
        text=text,
        before=before if kind is Kind.EDIT else "",
        normalised_hash=digest or None,
        created_at=to_text(now),
        ended_at=to_text(now) if status is Status.DONE else None,
    )
    words = ({"text": text} if text else {}) | (by.on_record if by else {})
    _record(db, kind, status, delivery, now, None, origin=origin, **words)


def move(
    db: Database,
    amendment: Amendment,
    delivery: Delivery,
    status: Status,
    now: datetime,
    *,
    run_id: int | None = None,
    error: str = "",
) -> None:
    """Take an open one to another status. What is done shows in the delivery."""
    ended = None if status in (Status.QUEUED, Status.SENDING) else now
    db.update_one(
        "UPDATE amendments SET status = ?, error = ?, ended_at = ? WHERE id = ? AND status = ?",
        status,
        error,
        optional_text(ended),
        amendment.id,
        amendment.status,
    )
    if status is Status.DONE and amendment.kind is Kind.DELETION:
        _remove(db, delivery, now)
    elif status is Status.DONE:
        db.update_one("UPDATE deliveries SET text = ? WHERE id = ?", amendment.text, delivery.id)
    why = {"error": error} if error else {}
    _record(db, amendment.kind, status, delivery, now, run_id, before=amendment.status, **why)


def _remove(db: Database, delivery: Delivery, now: datetime) -> None:
    db.update_one("UPDATE deliveries SET removed_at = ? WHERE id = ? AND removed_at IS NULL", to_text(now), delivery.id)
    comments.note_deleted_answer(db, delivery.draft_id)


def _record(
    db: Database, kind: Kind, status: Status, delivery: Delivery, now: datetime, run_id: int | None, **data: object
) -> None:
    events.record(
        db,
        now,
        f"{kind}_{status}",
        bot=delivery.bot,
        run_id=run_id,
        draft_id=delivery.draft_id,
        delivery_id=delivery.id,
        platform=delivery.platform,
        part=delivery.part,
        **data,
    )


def get(db: Database, amendment_id: int) -> Amendment:
    """One, which must exist."""
    return _many(db, "a.id = ?", amendment_id)[0]


def waiting(db: Database, bot: str) -> list[Amendment]:
    """What is to be done for the bot, platform by platform; the last part of a thread first, lest a reply is left
    without what it replies to."""
    return _many(db, f"{_OPEN} AND d.bot = ?", bot, order="d.platform, d.draft_id, d.part DESC, a.id")


def of_draft(db: Database, draft_id: int) -> list[Amendment]:
    """All of a draft, in the order in which they were asked for."""
    return _many(db, "d.draft_id = ?", draft_id)


def taken_down(db: Database, draft_id: int) -> frozenset[str]:
    """The platforms on which a part of the draft is gone, or is to be: nothing more of it goes out there."""
    sql = (
        "SELECT DISTINCT d.platform FROM deliveries d JOIN amendments a ON a.delivery_id = d.id"
        f" WHERE d.draft_id = ? AND {_TAKES_DOWN}"
    )
    return frozenset(row["platform"] for row in db.rows(sql, draft_id))


def corrected(db: Database, draft: Draft) -> bool:
    """Whether a person gave the draft other words after it was out."""
    edited = (
        "SELECT EXISTS (SELECT 1 FROM deliveries d JOIN amendments a ON a.delivery_id = d.id"
        " WHERE d.draft_id = ? AND a.kind = 'edit' AND a.status <> 'refused')"
    )
    return bool(db.value(edited, draft.id) or succession.successors(db, draft.id))


def _many(db: Database, where: str, *parameters: Value, order: str = "a.id") -> list[Amendment]:
    sql = "SELECT a.*, d.draft_id, d.platform, d.part FROM amendments a JOIN deliveries d ON d.id = a.delivery_id"
    return [_amendment(row) for row in db.rows(f"{sql} WHERE {where} ORDER BY {order}", *parameters)]


def _amendment(row: Row) -> Amendment:
    return Amendment(
        id=row["id"],
        kind=Kind(row["kind"]),
        status=Status(row["status"]),
        origin=row["origin"],
        delivery_id=row["delivery_id"],
        draft_id=row["draft_id"],
        platform=row["platform"],
        part=row["part"],
        text=row["text"],
        before=row["before"],
        error=row["error"],
        created_at=from_text(row["created_at"]),
        ended_at=optional_time(row["ended_at"]),
    )
