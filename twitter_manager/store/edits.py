"""What people changed in drafts, as pairs of before and after, from the audit trail."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from twitter_manager.content import Part, part_of
from twitter_manager.domain import Actor
from twitter_manager.store.database import Database, from_text


@dataclass(frozen=True, slots=True)
class Edit:
    """One change of a person's."""

    at: datetime
    by: Actor
    """Of older ones nobody is known."""
    before: tuple[Part, ...]
    after: tuple[Part, ...]


def of_draft(db: Database, draft_id: int) -> list[Edit]:
    """The edits of one draft, oldest first."""
    sql = "SELECT at, data FROM events WHERE draft_id = ? AND kind = 'draft_edited' ORDER BY id"
    return [_edit(from_text(row["at"]), json.loads(row["data"])) for row in db.rows(sql, draft_id)]


def _edit(at: datetime, data: dict[str, object]) -> Edit:
    by = Actor(str(data.get("by", "")), str(data.get("via", "")))
    return Edit(at, by, _parts(data["before"]), _parts(data["after"]))


def _parts(kept: object) -> tuple[Part, ...]:
    """A part on record is its text, or an object where something goes along with it."""
    assert isinstance(kept, Sequence)
    return tuple(Part(part) if isinstance(part, str) else part_of(part["text"], part) for part in kept)
