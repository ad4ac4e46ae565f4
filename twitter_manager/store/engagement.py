"""What posts came to, each at a few ages. The first part of a post stands for all of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from twitter_manager.social import Figures
from twitter_manager.store.database import Database, from_text, to_text
from twitter_manager.store.dialect import Row

BANDS: Mapping[str, timedelta] = {
    "1h": timedelta(hours=1),
    "3h": timedelta(hours=3),
    "12h": timedelta(hours=12),
    "24h": timedelta(hours=24),
    "3d": timedelta(days=3),
    "7d": timedelta(days=7),
}
"""The ages at which figures are read, the youngest first: at that age or soon after it."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What one post came to on one platform at one age."""

    delivery_id: int
    draft_id: int
    platform: str
    band: str
    at: datetime
    posted_at: datetime
    figures: Figures


def add(db: Database, delivery_id: int, band: str, figures: Figures, now: datetime) -> None:
    """Keep one, in the caller's transaction. A band is read once."""
    db.insert(
        "engagement",
        delivery_id=delivery_id,
        band=band,
        at=to_text(now),
        likes=figures.likes,
        replies=figures.replies,
        reposts=figures.reposts,
        quotes=figures.quotes,
        views=figures.views,
    )


_READINGS = (
    "SELECT e.*, d.draft_id, d.platform, d.posted_at FROM deliveries d JOIN engagement e ON e.delivery_id = d.id"
)


def of_draft(db: Database, draft_id: int) -> list[Reading]:
    """A post's readings, platform by platform, the oldest first."""
    rows = db.rows(f"{_READINGS} WHERE d.draft_id = ? ORDER BY d.platform, e.at", draft_id)
    return [_reading(row) for row in rows]


def since(db: Database, bot: str, posted_since: datetime) -> list[Reading]:
    """The readings of a bot's posts that went out since then, post by post, the oldest first."""
    sql = f"{_READINGS} WHERE d.bot = ? AND d.posted_at >= ? ORDER BY d.posted_at, d.id, e.at"
    return [_reading(row) for row in db.rows(sql, bot, to_text(posted_since))]


def _reading(row: Row) -> Reading:
    return Reading(
        delivery_id=row["delivery_id"],
        draft_id=row["draft_id"],
        platform=row["platform"],
        band=row["band"],
        at=from_text(row["at"]),
        posted_at=from_text(row["posted_at"]),
        figures=Figures(row["likes"], row["replies"], row["reposts"], row["quotes"], row["views"]),
    )
