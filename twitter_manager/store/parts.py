"""How a part of a post is kept: in the columns `text` and `attached` (JSON, "" for text alone)."""

from __future__ import annotations

import json
from collections.abc import Sequence

from twitter_manager.content import Part, part_of
from twitter_manager.store.database import Database, placeholders
from twitter_manager.store.dialect import Row

_AT_ONCE = 500
"""So many drafts' parts are read by one statement."""


def part_columns(part: Part) -> dict[str, str]:
    """The columns of a part."""
    return {"text": part.text, "attached": json.dumps(part.attached, ensure_ascii=False) if part.attached else ""}


def read_part(row: Row) -> Part:
    """The part that a row's columns hold."""
    return part_of(row["text"], json.loads(row["attached"] or "{}"))


def parts_of(db: Database, drafts: Sequence[int]) -> dict[int, list[Part]]:
    """The parts of these drafts, in order, by the draft's number."""
    parts: dict[int, list[Part]] = {number: [] for number in drafts}
    for first in range(0, len(drafts), _AT_ONCE):
        some = drafts[first : first + _AT_ONCE]
        where = f"WHERE draft_id IN ({placeholders(some)}) ORDER BY draft_id, number"
        for row in db.rows(f"SELECT draft_id, text, attached FROM parts {where}", *some):
            parts[row["draft_id"]].append(read_part(row))
    return parts
