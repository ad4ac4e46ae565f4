"""What posts came to, each at a few ages. The first part of a post stands for all of it; an answer is no post."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from twitter_manager.social import Figures
from twitter_manager.store.database import Database, from_text, optional_time, placeholders, to_text
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
KINDS = ("likes", "replies", "reposts", "quotes")
"""What people do with a post."""
_MOST_LATE = 500
OLDEST = timedelta(days=8)
"""Of an older post no figures are read any more."""


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
    removed_at: datetime | None = None
    """When the post was taken down, or found gone: it could win no more from then on."""


@dataclass(frozen=True, slots=True)
class Due:
    """A post whose figures are to be read, and the band that they are kept under."""

    delivery_id: int
    draft_id: int
    platform: str
    account: str
    remote_id: str
    band: str


def due(db: Database, bot: str, platform: str, now: datetime) -> list[Due]:
    """The posts that are there, no part of a thread but its first, which have no reading of the band whose age they
    reached last; the youngest first. A band that went by without a run stays empty."""
    ages = [*BANDS.items(), ("", OLDEST)]
    return [
        Due(row["id"], row["draft_id"], platform, row["account"], row["remote_id"], band)
        for (band, age), (_, end) in pairwise(ages)
        for row in db.rows(_DUE, bot, to_text(now - end), to_text(now - age), platform, band)
    ]


_DUE = (
    "SELECT d.id, d.draft_id, d.account, d.remote_id FROM deliveries d JOIN drafts ON drafts.id = d.draft_id"
    " WHERE d.bot = ? AND d.posted_at > ? AND d.posted_at <= ? AND d.platform = ? AND d.part = 0"
    " AND d.status = 'posted' AND d.removed_at IS NULL AND d.remote_id IS NOT NULL AND drafts.comment_id IS NULL"
    " AND NOT EXISTS (SELECT 1 FROM engagement e WHERE e.delivery_id = d.id AND e.band = ?)"
    " ORDER BY d.posted_at DESC, d.id DESC"
)


def add(db: Database, delivery_id: int, band: str, figures: Figures, now: datetime) -> None:
    """Keep one, in the caller's transaction, without the replies that are the bot's own: platforms count a thread's
    next part too. A band is read once."""
    figures = figures.without(replies=int(db.value(_OWN_REPLIES, delivery_id, delivery_id)))
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


_OWN_REPLIES = (
    "SELECT count(*) FROM (SELECT draft_id, 1 AS part, platform FROM deliveries WHERE id = ? UNION ALL"
    " SELECT a.id, 0, c.platform FROM deliveries d JOIN comments c ON c.bot = d.bot AND c.platform = d.platform"
    " AND c.remote_id = d.remote_id JOIN drafts a ON a.comment_id = c.id AND a.status NOT IN ('skipped', 'expired')"
    " WHERE d.id = ?) reply JOIN deliveries own ON own.draft_id = reply.draft_id AND own.platform = reply.platform"
    " AND own.part = reply.part WHERE own.status = 'posted' AND own.removed_at IS NULL"
)
"""What hangs directly beneath a post and is there: the next part of its thread, and what a person had the bot reply."""


@dataclass(frozen=True, slots=True)
class Counted:
    """A post on one platform, and its readings, the oldest first."""

    platform: str
    url: str
    posted_at: datetime
    removed_at: datetime | None
    readings: tuple[Reading, ...]


def newest(db: Database, bot: str, platforms: Sequence[str], limit: int) -> list[int]:
    """The drafts that went out last on one of these platforms, newest first; no answers."""
    sql = (
        "SELECT d.draft_id FROM deliveries d JOIN drafts ON drafts.id = d.draft_id WHERE d.bot = ?"
        f" AND d.posted_at IS NOT NULL AND d.part = 0 AND drafts.comment_id IS NULL AND d.platform IN"
        f" ({placeholders(platforms)}) GROUP BY d.draft_id ORDER BY max(d.posted_at) DESC, d.draft_id DESC LIMIT ?"
    )
    return [row["draft_id"] for row in db.rows(sql, bot, *platforms, limit)]


def counted(db: Database, draft_id: int) -> list[Counted]:
    """Where a draft is or was, platform by platform, with what it came to there."""
    sql = (
        "SELECT id, platform, url, posted_at, removed_at FROM deliveries"
        " WHERE draft_id = ? AND part = 0 AND posted_at IS NOT NULL ORDER BY platform"
    )
    readings = of_draft(db, draft_id)
    return [
        Counted(
            row["platform"],
            row["url"] or "",
            from_text(row["posted_at"]),
            optional_time(row["removed_at"]),
            tuple(reading for reading in readings if reading.delivery_id == row["id"]),
        )
        for row in db.rows(sql, draft_id)
    ]


_READINGS = (
    "SELECT e.*, d.draft_id, d.platform, d.posted_at, d.removed_at"
    " FROM deliveries d JOIN engagement e ON e.delivery_id = d.id"
)


def of_draft(db: Database, draft_id: int) -> list[Reading]:
    """A post's readings, platform by platform, the oldest first."""
    rows = db.rows(f"{_READINGS} WHERE d.draft_id = ? ORDER BY d.platform, e.at", draft_id)
    return [_reading(row) for row in rows]


def since(db: Database, bot: str, posted_since: datetime) -> list[Reading]:
    """The readings of a bot's posts that went out since then, post by post, the oldest first."""
    sql = f"{_READINGS} WHERE d.bot = ? AND d.posted_at >= ? ORDER BY d.posted_at, d.id, e.at"
    return [_reading(row) for row in db.rows(sql, bot, to_text(posted_since))]


def late(db: Database, bot: str, posted_since: datetime, posted_until: datetime) -> list[Reading]:
    """The readings at the two oldest ages of a bot's posts that went out between these and are there still: of the
    newest, counted on each platform."""
    rows = db.rows(
        "SELECT e.*, d.draft_id, d.platform, d.posted_at, d.removed_at FROM (SELECT * FROM deliveries WHERE bot = ?"
        " AND posted_at BETWEEN ? AND ? AND part = 0 AND removed_at IS NULL ORDER BY posted_at DESC LIMIT ?) d"
        " JOIN engagement e ON e.delivery_id = d.id AND e.band IN ('3d', '7d') ORDER BY d.posted_at DESC",
        *(bot, to_text(posted_since), to_text(posted_until), _MOST_LATE),
    )
    return [_reading(row) for row in rows]


def newest_sums(db: Database, bot: str, posted_since: datetime) -> dict[tuple[str, str], int]:
    """By platform and kind (`likes`): what the posts since then that are still there came to, by the newest reading of
    each."""
    newest = {reading.delivery_id: reading for reading in since(db, bot, posted_since) if reading.removed_at is None}
    return sums(newest.values())


def sums(readings: Iterable[Reading]) -> dict[tuple[str, str], int]:
    """By platform and kind (`likes`, `views`): all that these tell."""
    total = dict[tuple[str, str], int]()
    for reading in readings:
        for kind, number in asdict(reading.figures).items():
            if number is not None:
                total[reading.platform, kind] = total.get((reading.platform, kind), 0) + number
    return total


def _reading(row: Row) -> Reading:
    return Reading(
        delivery_id=row["delivery_id"],
        draft_id=row["draft_id"],
        platform=row["platform"],
        band=row["band"],
        at=from_text(row["at"]),
        posted_at=from_text(row["posted_at"]),
        figures=Figures(row["likes"], row["replies"], row["reposts"], row["quotes"], row["views"]),
        removed_at=optional_time(row["removed_at"]),
    )
