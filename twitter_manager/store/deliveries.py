"""The outbox: deliveries and their attempts. Each function is one step of a delivery's life, for one transaction."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import takewhile

from twitter_manager.content import Part
from twitter_manager.domain import DELIVERY_TRANSITIONS, Delivery, DeliveryStatus, Draft, Json, Receipt
from twitter_manager.store import events
from twitter_manager.store.database import (
    Database,
    as_json,
    from_text,
    optional_text,
    optional_time,
    placeholders,
    to_text,
)
from twitter_manager.store.dialect import Row, Value
from twitter_manager.store.parts import part_columns, read_part

STUCK = (DeliveryStatus.FAILED, DeliveryStatus.HELD)
"""Not on its way: a person may resume it."""


def enqueue(
    db: Database, draft: Draft, accounts: Mapping[str, str], parts: Mapping[str, Sequence[Part]], now: datetime
) -> None:
    """Queue every part of a draft for each platform (name -> account), as it goes there."""
    for platform, account in accounts.items():
        for number, part in enumerate(parts[platform]):
            db.insert(
                "deliveries",
                draft_id=draft.id,
                bot=draft.bot,
                platform=platform,
                part=number,
                account=account,
                status=DeliveryStatus.QUEUED,
                **part_columns(part),
                created_at=to_text(now),
            )


def adopt(db: Database, posted: Delivery, receipt: Receipt, now: datetime) -> None:
    """Save as posted what a platform shows and a restored database has forgotten, as it stands in `posted`."""
    db.insert(
        "deliveries",
        id=posted.id,
        draft_id=posted.draft_id,
        bot=posted.bot,
        platform=posted.platform,
        part=posted.part,
        account=posted.account,
        status=DeliveryStatus.POSTED,
        **part_columns(posted.content),
        remote_id=receipt.remote_id,
        url=receipt.url,
        extra=json.dumps(dict(receipt.extra)),
        created_at=to_text(posted.created_at),
        posted_at=to_text(posted.created_at),
    )
    events.record(
        db,
        now,
        "delivery_adopted",
        bot=posted.bot,
        draft_id=posted.draft_id,
        delivery_id=posted.id,
        platform=posted.platform,
        part=posted.part,
        remote_id=receipt.remote_id,
    )


def newest_id(db: Database) -> int:
    """The highest number that a delivery has; 0 without any."""
    return int(db.value("SELECT coalesce(max(id), 0) FROM deliveries"))


def begin_attempt(
    db: Database, delivery: Delivery, run_id: int, now: datetime, *, kind: str = "send", request: Json | None = None
) -> int:
    """Write down that a try begins; a `send` also moves the delivery to `sending` with its request. Gives its id."""
    if kind == "send":
        move(db, delivery, DeliveryStatus.SENDING, now, run_id=run_id, request=request)
    return db.add(
        "attempts", delivery_id=delivery.id, run_id=run_id, kind=kind, started_at=to_text(now), outcome="begun"
    )


def end_attempt(
    db: Database, attempt_id: int, outcome: str, now: datetime, *, http_status: int | None = None, detail: str = ""
) -> None:
    """Close a try; after this it never changes."""
    db.update_one(
        "UPDATE attempts SET ended_at = ?, outcome = ?, http_status = ?, detail = ? WHERE id = ? AND ended_at IS NULL",
        to_text(now),
        outcome,
        http_status,
        detail,
        attempt_id,
    )


def move(
    db: Database,
    delivery: Delivery,
    status: DeliveryStatus,
    now: datetime,
    *,
    run_id: int | None,
    request: Json | None = None,
    receipt: Receipt | None = None,
    not_before: datetime | None = None,
    error: str = "",
) -> None:
    """Take a delivery to another status; a step that the table doesn't allow is a bug and raises."""
    if status not in DELIVERY_TRANSITIONS[delivery.status]:
        raise AssertionError(f"delivery {delivery.id}: {delivery.status} -> {status} is not allowed")
    db.update_one(
        "UPDATE deliveries SET status = ?, request = coalesce(?, request), remote_id = ?, url = ?, extra = ?,"
        " not_before = coalesce(?, not_before), error = ?, posted_at = ?"
        " WHERE id = ? AND status = ?",
        status,
        None if request is None else json.dumps(request, ensure_ascii=False),
        receipt.remote_id if receipt else None,
        receipt.url if receipt else None,
        json.dumps(dict(receipt.extra)) if receipt else None,
        optional_text(not_before),
        error,
        to_text(now) if status is DeliveryStatus.POSTED else None,
        delivery.id,
        delivery.status,
    )
    events.record(
        db,
        now,
        "delivery_" + status,
        bot=delivery.bot,
        run_id=run_id,
        draft_id=delivery.draft_id,
        delivery_id=delivery.id,
        platform=delivery.platform,
        part=delivery.part,
        before=delivery.status,
        **({"remote_id": receipt.remote_id} if receipt else {}),
        **({"error": error} if error else {}),
    )


def resume(db: Database, delivery: Delivery, status: DeliveryStatus, now: datetime) -> None:
    """A person tells it to go on: all its tries are before it again."""
    move(db, delivery, status, now, run_id=None, error="a person resumed it")
    sql = "UPDATE deliveries SET resumed_at = ?, not_before = NULL WHERE id = ?"
    db.update_one(sql, to_text(now), delivery.id)


def rewrite(
    db: Database, delivery: Delivery, content: Part, now: datetime, *, run_id: int | None = None, reason: str = ""
) -> None:
    """Give what surely never arrived other words, or fewer pictures: its request is made anew."""
    if content == delivery.content:
        return
    columns = part_columns(content)
    db.update_one(
        "UPDATE deliveries SET text = ?, attached = ?, request = NULL WHERE id = ? AND status = ?",
        columns["text"],
        columns["attached"],
        delivery.id,
        delivery.status,
    )
    events.record(
        db,
        now,
        "delivery_rewritten",
        bot=delivery.bot,
        run_id=run_id,
        draft_id=delivery.draft_id,
        delivery_id=delivery.id,
        platform=delivery.platform,
        part=delivery.part,
        **({"before": delivery.text, "after": content.text} if content.text != delivery.text else {}),
        **({"reason": reason} if reason else {}),
    )


MEDIA_GONE = "media_gone"
"""The outcome of a try that was surely refused because the platform does not know the uploaded pictures."""
MAYBE_OUT = f"a.kind = 'send' AND a.outcome NOT IN ('not_sent', 'refused', '{MEDIA_GONE}')"
"""The attempts `a` of which it is not certain that nothing arrived."""


def may_be_out(db: Database, delivery_id: int) -> bool:
    """True unless every time it was sent it is certain that it did not arrive."""
    return last_send(db, delivery_id) is not None


def postpone(db: Database, delivery: Delivery, not_before: datetime | None, error: str) -> None:
    """Keep a queued delivery queued, with the reason and the time before which it is not tried."""
    db.update_one(
        "UPDATE deliveries SET not_before = ?, error = ? WHERE id = ? AND status = 'queued'",
        optional_text(not_before),
        error,
        delivery.id,
    )


def get(db: Database, delivery_id: int) -> Delivery:
    """One delivery, which must exist."""
    return _many(db, "WHERE id = ?", delivery_id)[0]


def of_draft(db: Database, draft_id: int) -> list[Delivery]:
    """A draft's deliveries, platform by platform, in the order of the parts."""
    return _many(db, "WHERE draft_id = ? ORDER BY platform, part", draft_id)


def is_there(db: Database, draft_id: int) -> bool:
    """Whether anything of a draft is out and was not taken down."""
    return any(post.receipt and post.removed_at is None for post in of_draft(db, draft_id))


def with_status(db: Database, bot: str, *statuses: DeliveryStatus) -> list[Delivery]:
    """The bot's deliveries of these statuses, oldest first."""
    return _many(db, f"WHERE status IN ({placeholders(statuses)}) AND bot = ? ORDER BY id", *statuses, bot)


MOST_BESIDE = 500
"""A feed holds no more posts than this."""


def beside(db: Database, bot: str, platform: str) -> list[tuple[int, Delivery]]:
    """What stands beside the bot's newest deliveries on a platform: for each one's number, the deliveries of the same
    part on other platforms."""
    rows = db.rows(
        "SELECT mine.id AS mine, other.* FROM (SELECT id, draft_id, part FROM deliveries WHERE bot = ? AND platform = ?"
        " ORDER BY id DESC LIMIT ?) AS mine JOIN deliveries other ON other.draft_id = mine.draft_id"
        " AND other.part = mine.part AND other.id <> mine.id ORDER BY mine.id, other.platform",
        bot,
        platform,
        MOST_BESIDE,
    )
    return [(row["mine"], _delivery(row)) for row in rows]


def last_send(db: Database, delivery_id: int) -> Row | None:
    """The newest sending attempt of a delivery that may have arrived."""
    return db.row(
        f"SELECT * FROM attempts a WHERE delivery_id = ? AND {MAYBE_OUT} ORDER BY id DESC LIMIT 1", delivery_id
    )


def first_send(db: Database, delivery_id: int) -> datetime | None:
    """When the first sending attempt began."""
    sql = "SELECT min(started_at) FROM attempts WHERE delivery_id = ? AND kind = 'send'"
    return optional_time(db.value(sql, delivery_id))


def posted_since(db: Database, bot: str, platform: str, since: datetime) -> bool:
    """Whether anything of a bot went out on a platform since then."""
    sql = "SELECT EXISTS (SELECT 1 FROM deliveries WHERE bot = ? AND posted_at >= ? AND platform = ?)"
    return bool(db.value(sql, bot, to_text(since), platform))


def first_posted(db: Database, draft_id: int) -> datetime | None:
    """When the first of a draft's posts was out; None as long as none is."""
    return optional_time(db.value("SELECT min(posted_at) FROM deliveries WHERE draft_id = ?", draft_id))


def lacked_media(db: Database, delivery_id: int) -> bool:
    """Whether the newest sending attempt, and so the stored request, was refused for want of its pictures."""
    sql = "SELECT outcome FROM attempts WHERE delivery_id = ? AND kind = 'send' ORDER BY id DESC LIMIT 1"
    row = db.row(sql, delivery_id)
    return row is not None and row["outcome"] == MEDIA_GONE


def times_without_media(db: Database, delivery_id: int) -> int:
    """How often it was refused for want of its pictures."""
    sql = "SELECT count(*) FROM attempts WHERE delivery_id = ? AND kind = 'send' AND outcome = ?"
    return int(db.value(sql, delivery_id, MEDIA_GONE))


def last_status(db: Database, delivery_id: int, *kinds: str) -> int | None:
    """The HTTP status of its newest attempt of these kinds, where there was one."""
    which = placeholders(kinds)
    sql = f"SELECT http_status FROM attempts WHERE delivery_id = ? AND kind IN ({which}) ORDER BY id DESC LIMIT 1"
    status = db.value(sql, delivery_id, *kinds)
    return None if status is None else int(status)


def last_absence(db: Database, delivery_id: int) -> datetime | None:
    """When it was looked up last, where it was not found then."""
    sql = "SELECT started_at, outcome FROM attempts WHERE delivery_id = ? AND kind = 'look_up' ORDER BY id DESC LIMIT 1"
    row = db.row(sql, delivery_id)
    return from_text(row["started_at"]) if row is not None and row["outcome"] == "absent" else None


def open_attempts(db: Database, delivery_id: int) -> list[int]:
    """Tries that never ended: their process died."""
    rows = db.rows("SELECT id FROM attempts WHERE delivery_id = ? AND ended_at IS NULL", delivery_id)
    return [row["id"] for row in rows]


def runs_that_tried(db: Database, delivery_id: int) -> int:
    """In how many runs this delivery was sent, or could not even be made ready, since a person last resumed it."""
    return _runs_with(db, delivery_id, "'prepare', 'send'")


def runs_that_looked(db: Database, delivery_id: int) -> int:
    """In how many runs this delivery was looked up since a person last resumed it."""
    return _runs_with(db, delivery_id, "'look_up'")


def _runs_with(db: Database, delivery_id: int, kinds: str) -> int:
    sql = (
        "SELECT count(DISTINCT a.run_id) FROM attempts a JOIN deliveries d ON d.id = a.delivery_id WHERE d.id = ?"
        f" AND a.kind IN ({kinds}) AND a.started_at >= coalesce(d.resumed_at, '')"
    )
    return int(db.value(sql, delivery_id))


MOST_CLAIMED = 1000
"""No platform is asked for more of its newest posts than this when one is looked for."""


def claimed_ids(db: Database, platform: str, account: str, only: str = "") -> frozenset[str]:
    """The remote ids of the account's newest posts that already belong to a delivery."""
    rows = db.rows(
        f"SELECT remote_id FROM deliveries WHERE platform = ? AND account = ? AND remote_id IS NOT NULL{only}"
        " ORDER BY posted_at DESC LIMIT ?",
        platform,
        account,
        MOST_CLAIMED,
    )
    return frozenset(row["remote_id"] for row in rows)


def ids_there(db: Database, platform: str, account: str) -> frozenset[str]:
    """Those of them that were not taken down."""
    return claimed_ids(db, platform, account, " AND removed_at IS NULL")


def remote_ids(db: Database, platform: str) -> frozenset[str]:
    """The remote ids of all posts on a platform, whichever account's."""
    rows = db.rows("SELECT remote_id FROM deliveries WHERE platform = ? AND remote_id IS NOT NULL", platform)
    return frozenset(row["remote_id"] for row in rows)


def draft_at(db: Database, platform: str, remote_id: str) -> int | None:
    """The draft of which this post on a platform is a part; None where the program did not make it."""
    sql = "SELECT draft_id FROM deliveries WHERE remote_id = ? AND platform = ?"
    row = db.row(sql, remote_id, platform)
    return int(row["draft_id"]) if row else None


def posts_queued(db: Database, bot: str, platform: str) -> int:
    """How many parts of the bot's posts wait to be sent there; answers to comments stand beside posts."""
    sql = (
        "SELECT count(*) FROM deliveries d JOIN drafts ON drafts.id = d.draft_id WHERE d.bot = ?"
        " AND d.status = 'queued' AND d.platform = ? AND drafts.comment_id IS NULL"
    )
    return int(db.value(sql, bot, platform))


def last_posted(db: Database, bot: str, platform: str, since: datetime) -> datetime | None:
    """When the bot's last post on a platform went out, if it was after `since`."""
    sql = "SELECT max(posted_at) FROM deliveries WHERE bot = ? AND posted_at > ? AND platform = ?"
    return optional_time(db.value(sql, bot, to_text(since), platform))


def failed_in_a_row(db: Database, bot: str, platform: str, most: int = 20) -> list[Delivery]:
    """What failed on a platform since its last post, the newest first: at most so many, and none that a person gave
    up."""
    newest = _many(
        db,
        "WHERE platform = ? AND bot = ? AND status IN ('posted', 'failed')"
        " AND (SELECT status FROM drafts WHERE id = draft_id) <> 'skipped' ORDER BY id DESC LIMIT ?",
        platform,
        bot,
        most,
    )
    return list(takewhile(lambda delivery: delivery.status is DeliveryStatus.FAILED, newest))


def attempts_of_draft(db: Database, draft_id: int) -> list[Json]:
    """Every try for a draft, oldest first."""
    return _attempts(db, "d.draft_id = ?", draft_id)


def attempts_of_run(db: Database, run_id: int) -> list[Json]:
    """Every try of a run, oldest first."""
    return _attempts(db, "a.run_id = ?", run_id)


def _attempts(db: Database, which: str, number: int) -> list[Json]:
    sql = "SELECT a.*, d.draft_id, d.platform, d.part FROM attempts a JOIN deliveries d ON d.id = a.delivery_id"
    rows = db.rows(f"{sql} WHERE {which} ORDER BY a.id", number)
    return [as_json(row) for row in rows]


def _many(db: Database, where: str, *parameters: Value) -> list[Delivery]:
    return [_delivery(row) for row in db.rows(f"SELECT * FROM deliveries {where}", *parameters)]


def _delivery(row: Row) -> Delivery:
    receipt = None
    if row["remote_id"] is not None:
        receipt = Receipt(row["remote_id"], row["url"], json.loads(row["extra"]))
    return Delivery(
        id=row["id"],
        draft_id=row["draft_id"],
        bot=row["bot"],
        platform=row["platform"],
        part=row["part"],
        account=row["account"],
        status=DeliveryStatus(row["status"]),
        content=read_part(row),
        request=None if row["request"] is None else json.loads(row["request"]),
        receipt=receipt,
        not_before=optional_time(row["not_before"]),
        error=row["error"],
        created_at=from_text(row["created_at"]),
        resumed_at=optional_time(row["resumed_at"]),
        removed_at=optional_time(row["removed_at"]),
    )
