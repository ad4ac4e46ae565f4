"""What stands above a comment, as far as it is stored: others' comments and what the bot said itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from twitter_manager.domain import Delivery
from twitter_manager.store import comments, deliveries
from twitter_manager.store.comments import Comment
from twitter_manager.store.database import Database, from_text
from twitter_manager.store.dialect import Row

MOST = 20
"""Posts above a comment that are looked for."""


@dataclass(frozen=True, slots=True)
class Ours:
    """A post of the bot's own in a conversation. `delivery` holds its words as they went out."""

    delivery: Delivery
    at: datetime


Said = Comment | Ours


def above(db: Database, comment: Comment) -> list[Said]:
    """What the comment answers, and what that answers, the first of all first. Where what it answers is not stored,
    the post of ours that it stands beneath is all that is known."""
    said = list[Said]()
    seen, parent = {comment.receipt.remote_id}, comment.parent_id
    while parent and parent not in seen and len(said) < MOST:
        seen.add(parent)
        found = _of_name(db, comment, parent)
        if found is None:
            break
        said.append(found)
        parent = found.parent_id if isinstance(found, Comment) else _parent_of(db, found.delivery)
    ours = beneath(db, comment)
    if ours and not any(isinstance(each, Ours) and each.delivery.id == ours.delivery.id for each in said):
        said.append(ours)
    return said[::-1]


def beneath(db: Database, comment: Comment) -> Ours | None:
    """The post of the bot's that it stands beneath."""
    sql = "SELECT id, posted_at, created_at FROM deliveries WHERE id = ?"
    row = db.row(sql, comment.delivery_id) if comment.delivery_id else None
    return _ours(db, row) if row else None


def _of_name(db: Database, comment: Comment, remote_id: str) -> Said | None:
    sql = "SELECT id, posted_at, created_at FROM deliveries WHERE bot = ? AND platform = ? AND remote_id = ?"
    if row := db.row(sql, comment.bot, comment.platform, remote_id):
        return _ours(db, row)
    return comments.by_remote_id(db, comment.bot, comment.platform, remote_id)


def _ours(db: Database, row: Row) -> Ours:
    return Ours(deliveries.get(db, row["id"]), from_text(row["posted_at"] or row["created_at"]))


def _parent_of(db: Database, delivery: Delivery) -> str:
    """What an answer of ours answers: the comment; what a later part of a thread goes on from: the part before."""
    if delivery.part:
        before = "SELECT remote_id FROM deliveries WHERE draft_id = ? AND platform = ? AND part = ?"
        return str(db.value(before, delivery.draft_id, delivery.platform, delivery.part - 1) or "")
    sql = "SELECT c.remote_id FROM comments c JOIN drafts d ON d.comment_id = c.id WHERE d.id = ?"
    return str(db.value(sql, delivery.draft_id) or "")
