"""Which pictures are needed still. Only their digests are read here, out of whatever is stored of posts and cards."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from twitter_manager.store.database import Database, to_text

_BOTS = (
    "WITH RECURSIVE bots (bot) AS (SELECT min(bot) FROM drafts UNION ALL"
    " SELECT (SELECT min(d.bot) FROM drafts d WHERE d.bot > bots.bot) FROM bots WHERE bots.bot IS NOT NULL)"
)
"""The bots that ever had a draft, one look into the index for each."""
_NEEDED = (
    f"{_BOTS} SELECT 'draft ' || d.id AS owner, p.attached AS kept FROM bots JOIN drafts d ON d.bot = bots.bot"
    " AND d.status IN ('needs_attention', 'pending', 'approved', 'publishing', 'partly_posted', 'failed')"
    " JOIN parts p ON p.draft_id = d.id WHERE p.attached <> ''",
    "SELECT 'draft ' || draft_id AS owner, attached AS kept FROM deliveries"
    " WHERE status IN ('queued', 'sending', 'unknown', 'held') AND attached <> ''",
    "SELECT 'draft ' || d.draft_id AS owner, p.attached AS kept FROM amendments a JOIN deliveries d"
    " ON d.id = a.delivery_id JOIN parts p ON p.draft_id = d.draft_id WHERE a.status IN ('queued', 'sending')",
    "SELECT 'the recurring post ' || id AS owner, variants AS kept FROM series WHERE ended_at IS NULL",
)


def needed(db: Database) -> Mapping[str, str]:
    """The digests of what can still go out, each with who can't go out without it: "draft 12"; "" for the thumbnail of
    a card, which goes out without one."""
    found: dict[str, str] = {}
    for sql in _NEEDED:
        for row in db.rows(sql):
            for thumb, digest in _DIGEST.findall(row["kept"]):
                found[digest] = found.get(digest) or ("" if thumb else row["owner"])
    return found


def useful(db: Database, since: datetime) -> set[str]:
    """The digests of what went out since then, which a person may still correct, and of cards that are kept."""
    published = (
        "SELECT p.attached AS kept FROM drafts d JOIN parts p ON p.draft_id = d.id"
        " WHERE d.published_at IS NOT NULL AND d.published_at >= ? AND p.attached <> ''"
    )
    rows = [*db.rows(published, to_text(since)), *db.rows("SELECT card AS kept FROM cards")]
    return {digest for row in rows for _, digest in _DIGEST.findall(row["kept"])}


_DIGEST = re.compile(r"(thumb\W+)?\bdigest\W+([0-9a-f]{64})\b")
"""Wherever it stands in what is kept as JSON, which may hold JSON as text."""
