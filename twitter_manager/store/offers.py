"""Posts that did well and are offered again in other words: each once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from twitter_manager.social import Figures
from twitter_manager.store.database import Database, from_text, optional_time, to_text

_MOST = 500
"""Posts that are looked at, counted on each platform, the newest first."""
_AT_WORK = "('needs_attention', 'pending', 'approved', 'publishing')"


@dataclass(frozen=True, slots=True)
class Out:
    """What a post came to on one platform, three or seven days old."""

    draft_id: int
    platform: str
    band: str
    posted_at: datetime
    figures: Figures


def readings(db: Database, bot: str, since: datetime, until: datetime) -> list[Out]:
    """Of the bot's posts that went out between these and are there still, the newest first."""
    rows = db.rows(
        "SELECT d.draft_id, d.platform, d.posted_at, e.* FROM (SELECT id, draft_id, platform, posted_at FROM deliveries"
        " WHERE bot = ? AND posted_at BETWEEN ? AND ? AND part = 0 AND removed_at IS NULL"
        " ORDER BY posted_at DESC LIMIT ?) d"
        " JOIN engagement e ON e.delivery_id = d.id AND e.band IN ('3d', '7d') ORDER BY d.posted_at DESC",
        *(bot, to_text(since), to_text(until), _MOST),
    )
    return [
        Out(
            draft_id=row["draft_id"],
            platform=row["platform"],
            band=row["band"],
            posted_at=from_text(row["posted_at"]),
            figures=Figures(row["likes"], row["replies"], row["reposts"], row["quotes"], row["views"]),
        )
        for row in rows
    ]


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
