"""Comments as platforms tell of them, and answers to them, put into a database."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from twitter_manager.content import plain
from twitter_manager.domain import DraftStatus, Receipt
from twitter_manager.social import Heard, Kind, SeenPost
from twitter_manager.store import comments, drafts
from twitter_manager.store.comments import Whose
from twitter_manager.store.database import Database

ROOT = Receipt("root", "https://there.invalid/root")


def heard(
    text: str = "How does it work?",
    remote_id: str = "900",
    kind: Kind = Kind.REPLY,
    *,
    author: str = "ann",
    parent: str = "",
    root: Receipt | None = None,
    at: datetime | None = None,
    language: str = "en",
    extra: Mapping[str, str] | None = None,
) -> Heard:
    """What somebody said."""
    receipt = Receipt(remote_id, f"https://there.invalid/{remote_id}", extra or {})
    written = at or datetime.fromisoformat("2026-03-01T09:00:00+00:00")
    parent_id = parent or (root.remote_id if root else "")
    return Heard(
        kind, SeenPost(receipt, author, f"id-{author}", author.title(), text, written, language, parent_id, root=root)
    )


def keep(db: Database, whose: Whose, said: Heard, now: datetime) -> int:
    """Its number."""
    with db.transaction():
        number = comments.add(db, whose, said, now)
    assert number is not None
    return number


def answer(
    db: Database,
    number: int,
    text: str,
    now: datetime,
    *,
    status: DraftStatus = DraftStatus.APPROVED,
    origin: str = "person",
    more: tuple[str, ...] = (),
    lifetime: timedelta | None = None,
) -> int:
    """The draft of an answer to a comment."""
    comment = comments.get(db, number)
    assert comment
    new = drafts.NewDraft(
        comment.bot,
        origin,
        plain((text, *more)),
        (comment.platform,),
        lifetime,
        status=status,
        comment_id=number,
    )
    with db.transaction():
        return drafts.add(db, new, now)


def standing(db: Database, number: int) -> tuple[str, str]:
    """How a comment stands, and why."""
    comment = comments.get(db, number)
    assert comment
    return str(comment.status), comment.reason
