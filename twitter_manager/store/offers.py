"""Posts that did well and are offered again in other words: each once."""

from __future__ import annotations

from datetime import datetime

from twitter_manager.store.database import Database, optional_time, to_text

_AT_WORK = "('needs_attention', 'pending', 'approved', 'publishing')"


def waits(db: Database, bot: str) -> bool:
    """Whether one is not decided or not out yet."""
    sql = f"SELECT 1 FROM offered_again o JOIN drafts d ON d.id = o.draft_id WHERE o.bot = ? AND d.status IN {_AT_WORK}"
    return db.row(f"{sql} LIMIT 1", bot) is not None


def last_at(db: Database, bot: str) -> datetime | None:
    """When one was offered, or could not be, last."""
    return optional_time(db.value("SELECT max(at) FROM offered_again WHERE bot = ?", bot))


def is_free(db: Database, draft_id: int, since: datetime) -> bool:
    """Whether a post was never offered again, and its material is there still and was not used since then."""
    sql = (
        "SELECT EXISTS (SELECT 1 FROM drafts d JOIN items i ON i.id = d.item_id WHERE d.id = ?"
        " AND i.retired_at IS NULL AND i.postable = 1"
        " AND NOT EXISTS (SELECT 1 FROM offered_again o WHERE o.of_draft = d.id)"
        " AND NOT EXISTS (SELECT 1 FROM drafts newer WHERE newer.item_id = i.id AND newer.created_at > ?))"
    )
    return bool(db.value(sql, draft_id, to_text(since)))


def note(db: Database, bot: str, of_draft: int, draft_id: int | None, now: datetime, reason: str = "") -> None:
    """This draft offers that one again, or none does (`reason`: why), in the caller's transaction."""
    changed = db.update(
        "UPDATE offered_again SET at = ?, draft_id = ?, reason = ? WHERE of_draft = ?",
        *(to_text(now), draft_id, reason, of_draft),
    )
    if not changed:
        db.insert("offered_again", of_draft=of_draft, bot=bot, at=to_text(now), draft_id=draft_id, reason=reason)
