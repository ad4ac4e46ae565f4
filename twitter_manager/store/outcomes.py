"""What became of a bot's own posts, as learning needs it: what each was, and what people did with it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from twitter_manager.store.database import Database, from_text, optional_time, to_text
from twitter_manager.store.drafts import POST


@dataclass(frozen=True, slots=True)
class Outcome:
    """One generated post. `generator`: who wrote it, "" where nobody knows; `engagement`: all that people did with it,
    by platform and band."""

    draft_id: int
    posted_at: datetime
    topic: str
    format: str
    generator: str
    engagement: Mapping[tuple[str, str], int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Use:
    """One generated draft. `status`: what became of it."""

    topic: str
    format: str
    generator: str
    status: str
    posted_at: datetime | None


_WRITER = "(SELECT g.generator FROM generations g WHERE g.draft_id = d.id ORDER BY g.id DESC LIMIT 1)"

_NEWEST = (
    "FROM drafts d WHERE d.bot = ? AND d.published_at >= ? AND d.origin = 'generator'"
    f" AND {POST} ORDER BY d.published_at DESC, d.id DESC LIMIT ?"
)


def measured(db: Database, bot: str, since: datetime, most: int) -> list[Outcome]:
    """The bot's generated posts that went out since then and have figures, the oldest first: of the newest `most`. The
    first part of a thread stands for all of it."""
    limited = (bot, to_text(since), most)
    rows = db.rows(
        "SELECT dl.draft_id, dl.platform, e.band, e.likes + e.replies + e.reposts + e.quotes"
        f" FROM (SELECT d.id {_NEWEST}) d JOIN deliveries dl ON dl.draft_id = d.id AND dl.part = 0"
        " JOIN engagement e ON e.delivery_id = dl.id",
        *limited,
    )
    seen: defaultdict[int, dict[tuple[str, str], int]] = defaultdict(dict)
    for number, platform, band, engagement in rows:
        seen[number][platform, band] = engagement
    posts = db.rows(f"SELECT d.id, d.published_at, d.topic, d.format, {_WRITER} {_NEWEST}", *limited)
    return [
        Outcome(number, from_text(at), topic, format_, generator or "", seen[number])
        for number, at, topic, format_, generator in reversed(posts)
        if number in seen
    ]


def uses(db: Database, bot: str, most: int) -> list[Use]:
    """The bot's newest generated drafts, whatever became of them, the newest first."""
    rows = db.rows(
        f"SELECT d.topic, d.format, {_WRITER} AS generator, d.status, d.published_at FROM drafts d WHERE d.bot = ?"
        f" AND d.origin = 'generator' AND {POST} ORDER BY d.created_at DESC, d.id DESC LIMIT ?",
        bot,
        most,
    )
    return [Use(row[0], row[1], row[2] or "", row[3], optional_time(row[4])) for row in rows]
