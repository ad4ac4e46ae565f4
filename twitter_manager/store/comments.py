"""What others said to an account, and how far that was read. What is made of it is left to `pipeline.answering`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from twitter_manager.domain import Draft, DraftStatus, Receipt, ReplyTo
from twitter_manager.social import Heard, Kind
from twitter_manager.store import events
from twitter_manager.store.database import Database, from_text, placeholders, to_text
from twitter_manager.store.dialect import Row, Value

_MOST_TEXT, _MOST_NAME, _MOST_TAG = 5_000, 300, 35
"""Characters of a text, a name and a language that are kept."""
READING_REFUSED = "reading_refused"
"""The event that a platform did not let the account read what came back: `platform`, `what`, `error`."""
IN_DOUBT = "comments_in_doubt"
"""The event since which what was said before may have been answered without a trace: a backup was restored."""


class Status(StrEnum):
    """`new`: nothing is made of it yet; `flagged`: for its person alone, `reason` says why; `drafted`: an answer waits
    or is on its way; `dismissed`: its person wants no answer; `gone`: it was deleted there."""

    NEW = "new"
    FLAGGED = "flagged"
    DRAFTED = "drafted"
    ANSWERED = "answered"
    DISMISSED = "dismissed"
    GONE = "gone"


OPEN = (Status.NEW, Status.FLAGGED, Status.DRAFTED)
"""Its person may still want to do something with it."""


@dataclass(frozen=True, slots=True)
class Comment:
    """Something that was said to an account. `receipt` and `root`: where an answer hangs; `delivery_id`: the post of
    ours that it stands beneath; `depth`: how many answers of ours stand above it."""

    id: int
    bot: str
    platform: str
    account: str
    kind: Kind
    receipt: Receipt
    author: str
    author_id: str
    author_name: str
    text: str
    language: str
    posted_at: datetime
    seen_at: datetime
    parent_id: str
    parent_author_id: str
    root: Receipt | None
    delivery_id: int | None
    depth: int
    status: Status
    reason: str

    @property
    def as_parent(self) -> ReplyTo:
        """Where an answer to it hangs."""
        return ReplyTo(self.root or self.receipt, self.receipt)

    @property
    def is_private(self) -> bool:
        """Whether only those whom it names see it, and so the answer to it (Mastodon)."""
        return self.receipt.extra.get("visibility") == "direct"


@dataclass(frozen=True, slots=True)
class Whose:
    """Of which account of a bot."""

    bot: str
    platform: str
    account: str


def storable(text: str, most: int = _MOST_TEXT) -> str:
    """Others' words, within bounds and without what no database keeps: half characters, NUL."""
    return text[:most].replace("\0", "").encode("utf-8", "replace").decode()


def add(db: Database, whose: Whose, heard: Heard, now: datetime, *, reason: str = "") -> int | None:
    """Keep one; gives its number, or None where it is known already. `reason`: why it is for its person alone, where it
    is."""
    post = heard.post
    if by_remote_id(db, whose.bot, whose.platform, post.receipt.remote_id):
        return None
    return db.add(
        "comments",
        bot=whose.bot,
        platform=whose.platform,
        account=whose.account,
        remote_id=post.receipt.remote_id,
        url=post.receipt.url,
        extra=json.dumps(dict(post.receipt.extra)),
        kind=heard.kind,
        author=storable(post.author, _MOST_NAME),
        author_id=post.author_id,
        author_name=storable(post.author_name, _MOST_NAME),
        text=storable(post.text),
        language=storable(post.language, _MOST_TAG),
        posted_at=to_text(post.created_at),
        seen_at=to_text(now),
        parent_id=post.parent_id,
        parent_author_id=post.parent_author_id,
        root=json.dumps(_as_json(post.root)) if post.root else None,
        delivery_id=_delivery(db, whose, post.parent_id, post.root),
        depth=_depth_beneath(db, whose, post.parent_id),
        status=Status.FLAGGED if reason else Status.NEW,
        reason=reason,
    )


def _delivery(db: Database, whose: Whose, parent_id: str, root: Receipt | None) -> int | None:
    """The post of the bot's that it answers, else the one that began its conversation."""
    for remote_id in (parent_id, root.remote_id if root else ""):
        sql = "SELECT id FROM deliveries WHERE bot = ? AND platform = ? AND remote_id = ?"
        if remote_id and (row := db.row(sql, whose.bot, whose.platform, remote_id)):
            return int(row["id"])
    return None


def get(db: Database, number: int) -> Comment | None:
    """One comment, or None."""
    return next(iter(_many(db, "WHERE id = ?", number)), None)


def parent_of(db: Database, draft: Draft) -> ReplyTo | None:
    """Where a draft hangs: beneath the comment that it answers; None where it answers none."""
    comment = get(db, draft.comment_id) if draft.comment_id is not None else None
    return comment.as_parent if comment else None


def is_summoned(db: Database, draft_id: int) -> bool:
    """Whether a draft answers somebody who turned to the account."""
    sql = "SELECT 1 FROM drafts d JOIN comments c ON c.id = d.comment_id WHERE d.id = ? AND c.kind <> ?"
    return db.row(sql, draft_id, Kind.ASKED) is not None


def by_remote_id(db: Database, bot: str, platform: str, remote_id: str) -> Comment | None:
    """The same by its name there."""
    where = "WHERE bot = ? AND platform = ? AND remote_id = ?"
    return next(iter(_many(db, where, bot, platform, remote_id)), None)


def in_status(db: Database, bot: str, statuses: Sequence[Status], limit: int = 200) -> list[Comment]:
    """The bot's comments of these statuses, the oldest first."""
    where = f"WHERE bot = ? AND status IN ({placeholders(statuses)}) ORDER BY id LIMIT ?"
    return _many(db, where, bot, *statuses, limit)


def newest(db: Database, bot: str, limit: int) -> list[Comment]:
    """The bot's comments, newest first."""
    return _many(db, "WHERE bot = ? ORDER BY id DESC LIMIT ?", bot, limit)


def move(db: Database, comment: Comment, status: Status, reason: str = "") -> None:
    """Give it another status, in the caller's transaction; it must be as it was read, or have that one already."""
    sql = "UPDATE comments SET status = ?, reason = ? WHERE id = ? AND status IN (?, ?)"
    db.update_one(sql, status, reason, comment.id, comment.status, status)


def reword(db: Database, comment: Comment, text: str) -> None:
    """Its author edited it, in the caller's transaction."""
    db.update_one("UPDATE comments SET text = ? WHERE id = ?", text, comment.id)


def in_doubt_until(db: Database, bot: str) -> datetime | None:
    """When a backup was restored last: what was said before may have an answer that nothing here knows of."""
    restored = events.newest(db, bot, IN_DOUBT, 1)
    return from_text(restored[0]["at"]) if restored else None


_OUT = (DraftStatus.POSTED, DraftStatus.PARTLY_POSTED)
_OVER = {DraftStatus.FAILED: "failed", DraftStatus.SKIPPED: "was skipped", DraftStatus.EXPIRED: "expired"}


def follow(db: Database, number: int, answer: DraftStatus, reason: str) -> None:
    """A comment goes the way of its answer, in the transaction in which that moves: answered once it is out, and given
    back to its person, who sees the `reason`, where it is not. What they dismissed, or what is gone, stays so."""
    of: Sequence[Status] = (Status.NEW, Status.FLAGGED)
    to, why = Status.DRAFTED, ""
    if answer in _OUT:
        to, of = Status.ANSWERED, OPEN
    elif answer in _OVER:
        to, why, of = Status.FLAGGED, f"its answer {_OVER[answer]}: {reason}", (Status.DRAFTED,)
    sql = f"UPDATE comments SET status = ?, reason = ? WHERE id = ? AND status IN ({placeholders(of)})"
    db.update(sql, to, why, number, *of)


def note_deleted_answer(db: Database, draft_id: int) -> None:
    """Where nothing of a draft is out any more, the comment that it answered says so, in the transaction in which that
    is written down. It stays answered: it gets no second answer."""
    sql = (
        "UPDATE comments SET reason = ? WHERE status = ? AND id = (SELECT comment_id FROM drafts WHERE id = ?)"
        " AND NOT EXISTS (SELECT 1 FROM deliveries WHERE draft_id = ? AND removed_at IS NULL AND status = 'posted')"
    )
    db.update(sql, "its answer was deleted", Status.ANSWERED, draft_id, draft_id)


def _depth_beneath(db: Database, whose: Whose, parent_id: str) -> int:
    """How many answers of ours stand above what answers this."""
    if not parent_id:
        return 0
    sql = (
        "SELECT c.depth FROM deliveries d JOIN drafts a ON a.id = d.draft_id JOIN comments c ON c.id = a.comment_id"
        " WHERE d.bot = ? AND d.platform = ? AND d.remote_id = ?"
    )
    if row := db.row(sql, whose.bot, whose.platform, parent_id):
        return int(row["depth"]) + 1
    parent = by_remote_id(db, whose.bot, whose.platform, parent_id)
    return parent.depth if parent else 0


def answers_beside(db: Database, comment: Comment) -> int:
    """How many of its author's earlier comments in the same conversation are answered, or will be."""
    sql = (
        "SELECT count(*) FROM comments c JOIN drafts d ON d.comment_id = c.id WHERE c.bot = ? AND c.platform = ?"
        " AND c.author_id = ? AND coalesce(c.root, '') = ? AND c.id < ?"
        " AND d.status NOT IN ('skipped', 'expired', 'failed')"
    )
    root = json.dumps(_as_json(comment.root)) if comment.root else ""
    return int(db.value(sql, comment.bot, comment.platform, comment.author_id, root, comment.id))


_FOR_ITS_PERSON = (
    "comments c LEFT JOIN drafts d ON d.comment_id = c.id AND d.status NOT IN ('skipped', 'expired')"
    f" WHERE c.bot = ? AND c.status IN ({placeholders(OPEN)})"
    " AND (d.id IS NULL OR d.status NOT IN ('approved', 'publishing'))"
)
"""Not those whose answer is on its way."""


def waiting(db: Database, bot: str) -> dict[Status, int]:
    """How many comments of a bot wait for its person, by status."""
    sql = f"SELECT c.status, count(*) AS number FROM {_FOR_ITS_PERSON} GROUP BY c.status"
    return {Status(row["status"]): row["number"] for row in db.rows(sql, bot, *OPEN)}


def newest_waiting(db: Database, bot: str, limit: int) -> list[Comment]:
    """The newest of those."""
    ids = f"SELECT c.id FROM {_FOR_ITS_PERSON}"
    return _many(db, f"WHERE id IN ({ids}) ORDER BY id DESC LIMIT ?", bot, *OPEN, limit)


def refused(db: Database, bot: str) -> dict[str, str]:
    """By platform, why what is said there can't be read: it was refused, and not read since."""
    why: dict[str, str] = {}
    for event in events.newest(db, bot, READING_REFUSED):
        read_at = db.value("SELECT max(read_at) FROM listened WHERE bot = ? AND platform = ?", bot, event["platform"])
        if event["what"] == "comments" and (read_at is None or from_text(read_at) < from_text(event["at"])):
            why.setdefault(event["platform"], event["error"])
    return why


def cursor(db: Database, whose: Whose) -> str:
    """Where the next look begins: "" before the first."""
    sql = "SELECT cursor FROM listened WHERE bot = ? AND platform = ? AND account = ?"
    return str(db.value(sql, whose.bot, whose.platform, whose.account) or "")


def keep_cursor(db: Database, whose: Whose, cursor: str, now: datetime) -> None:
    """In the transaction that keeps what was heard."""
    which = "bot = ? AND platform = ? AND account = ?"
    db.update(f"DELETE FROM listened WHERE {which}", whose.bot, whose.platform, whose.account)
    db.insert(
        "listened",
        bot=whose.bot,
        platform=whose.platform,
        account=whose.account,
        cursor=cursor,
        read_at=to_text(now),
    )


def _as_json(receipt: Receipt) -> dict[str, object]:
    return {"remote_id": receipt.remote_id, "url": receipt.url, "extra": dict(receipt.extra)}


def _many(db: Database, where: str, *parameters: Value) -> list[Comment]:
    return [_comment(row) for row in db.rows(f"SELECT * FROM comments {where}", *parameters)]


def _comment(row: Row) -> Comment:
    return Comment(
        id=row["id"],
        bot=row["bot"],
        platform=row["platform"],
        account=row["account"],
        kind=Kind(row["kind"]),
        receipt=Receipt(row["remote_id"], row["url"], json.loads(row["extra"])),
        author=row["author"],
        author_id=row["author_id"],
        author_name=row["author_name"],
        text=row["text"],
        language=row["language"],
        posted_at=from_text(row["posted_at"]),
        seen_at=from_text(row["seen_at"]),
        parent_id=row["parent_id"],
        parent_author_id=row["parent_author_id"],
        root=Receipt(**json.loads(row["root"])) if row["root"] else None,
        delivery_id=row["delivery_id"],
        depth=row["depth"],
        status=Status(row["status"]),
        reason=row["reason"],
    )
