"""Which drafts are one post: a corrected one that was posted anew came in the place of an older one."""

from __future__ import annotations

from twitter_manager.store.database import Database


def same_post(db: Database, draft_id: int) -> list[int]:
    """The draft, what it came in the place of, and what came in its place."""
    first = draft_id
    while earlier := db.row("SELECT replaces FROM drafts WHERE id = ? AND replaces IS NOT NULL", first):
        first = earlier["replaces"]
    return [first, *successors(db, first)]


def successors(db: Database, draft_id: int) -> list[int]:
    """The drafts that came in the place of this one, oldest first, and those in theirs."""
    own = "bot = (SELECT bot FROM drafts WHERE id = ?) AND replaces IS NOT NULL AND replaces = ?"
    direct = [row["id"] for row in db.rows(f"SELECT id FROM drafts WHERE {own} ORDER BY id", draft_id, draft_id)]
    return [each for successor in direct for each in (successor, *successors(db, successor))]
