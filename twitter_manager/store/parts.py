"""How a part of a post is kept: in the columns `text` and `attached` (JSON, "" for text alone)."""

from __future__ import annotations

import json

from twitter_manager.content import Part, part_of
from twitter_manager.store.dialect import Row


def part_columns(part: Part) -> dict[str, str]:
    """The columns of a part."""
    return {"text": part.text, "attached": json.dumps(part.attached, ensure_ascii=False) if part.attached else ""}


def read_part(row: Row) -> Part:
    """The part that a row's columns hold."""
    return part_of(row["text"], json.loads(row["attached"] or "{}"))
