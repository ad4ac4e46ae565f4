"""How much of what is never removed a database holds, by which a shrunken copy is known."""

from __future__ import annotations

from collections.abc import Mapping

from twitter_manager.store.database import Database

Contents = Mapping[str, int]
"""Numbers that only grow, by what they count; and how long the texts of the posts are."""
_TEXT = "characters of posts"
_COUNTED = {
    "posts": "SELECT count(*) FROM drafts WHERE published_at IS NOT NULL",
    "deliveries": "SELECT count(*) FROM deliveries",
    "events": "SELECT count(*) FROM events",
    _TEXT: "SELECT coalesce(sum(length(text)), 0) FROM parts",
}


def of(db: Database) -> Contents:
    """What is in it; of any schema. The size of the file says nothing: the upkeep makes it smaller."""
    return {name: int(db.value(sql)) for name, sql in _COUNTED.items()}


def restored_at(db: Database) -> str:
    """When a person last put a backup in its place, as stored, and so said what it is to hold; "" for never."""
    return str(db.value("SELECT max(at) FROM events WHERE kind = 'restored'") or "")


def missing(newer: Contents, older: Contents) -> str:
    """What a newer copy has less of than an older one: "3 posts, 40 before"; "" where nothing is missing."""
    fewer = [name for name in _COUNTED if newer[name] < older[name] / (2 if name == _TEXT else 1)]
    return "; ".join(f"{newer[name]:,} {name}, {older[name]:,} before" for name in fewer)
