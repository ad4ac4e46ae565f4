"""The one-time codes of answers, by their hashes, and who typed wrong ones. A code itself: `answers/codes.py`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from twitter_manager.domain import Draft
from twitter_manager.store import events
from twitter_manager.store.database import Database, from_text, to_text

KEPT = timedelta(days=14)
"""For so long a code that is over is still known, so that a late answer can be told why it does nothing."""
_REFUSED = "answer_refused"


@dataclass(frozen=True, slots=True)
class IssuedCode:
    """A code that was given out."""

    draft_id: int
    content_hash: str
    code_hash: str
    expires_at: datetime
    is_used: bool


def add(db: Database, draft: Draft, content_hash: str, code_hash: str, expires_at: datetime, now: datetime) -> None:
    """Keep a code that is given out, in the caller's transaction; those that are long over are dropped."""
    db.update("DELETE FROM answer_codes WHERE expires_at < ?", to_text(now - KEPT))
    db.insert(
        "answer_codes",
        draft_id=draft.id,
        content_hash=content_hash,
        code_hash=code_hash,
        expires_at=to_text(expires_at),
    )
    until = to_text(expires_at)
    events.record(db, now, "answer_code_issued", bot=draft.bot, draft_id=draft.id, expires_at=until)


def known(db: Database) -> list[IssuedCode]:
    """Every code that is kept, newest first."""
    return [
        IssuedCode(
            draft_id=row["draft_id"],
            content_hash=row["content_hash"],
            code_hash=row["code_hash"],
            expires_at=from_text(row["expires_at"]),
            is_used=row["used_at"] is not None,
        )
        for row in db.rows("SELECT * FROM answer_codes ORDER BY id DESC")
    ]


def void_before(db: Database, draft_id: int, content_hash: str, now: datetime) -> bool:
    """Whether a code of this draft was given out, and would still hold, had the draft not got another content."""
    sql = (
        "SELECT EXISTS (SELECT 1 FROM answer_codes WHERE draft_id = ? AND content_hash <> ? AND used_at IS NULL"
        " AND expires_at > ?)"
    )
    return bool(db.value(sql, draft_id, content_hash, to_text(now)))


def use_up(db: Database, draft_id: int, now: datetime) -> None:
    """None of the draft's codes can be used any more."""
    db.update("UPDATE answer_codes SET used_at = ? WHERE draft_id = ? AND used_at IS NULL", to_text(now), draft_id)


def void_all(db: Database, now: datetime) -> None:
    """No code that was given out until now can be used any more."""
    db.update("UPDATE answer_codes SET used_at = ? WHERE used_at IS NULL", to_text(now))


def record_wrong(db: Database, by: str, via: str, now: datetime) -> None:
    """Put a wrong code of this sender into the audit trail."""
    events.record(db, now, _REFUSED, by=by, via=via, reason="a code that is none")


def wrong_since(db: Database, by: str, via: str, since: datetime) -> int:
    """How many wrong codes came from this sender since then, as far as they are among the newest 100."""
    newest = events.newest(db, "", _REFUSED)
    return sum(event["by"] == by and event["via"] == via and event["at"] >= to_text(since) for event in newest)
