"""A person's yes to a draft, each for one exact content. None is ever changed or deleted."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from twitter_manager.domain import Actor, Draft
from twitter_manager.store.database import Database, from_text, to_text


@dataclass(frozen=True, slots=True)
class Approval:
    """One yes."""

    at: datetime
    by: Actor
    hashes: Mapping[str, str]
    """By platform, the hash of exactly what it gets (`platforms.exact.hashes`)."""


def add(db: Database, draft_id: int, approval: Approval) -> None:
    """Keep one, in the caller's transaction."""
    db.insert(
        "approvals",
        draft_id=draft_id,
        at=to_text(approval.at),
        name=approval.by.name,
        via=approval.by.via,
        platforms=json.dumps(dict(approval.hashes)),
    )


def newest(db: Database, draft: Draft) -> Approval | None:
    """The newest yes to what the draft says now: none that came before a person's last edit."""
    row = db.row("SELECT * FROM approvals WHERE draft_id = ? ORDER BY id DESC LIMIT 1", draft.id)
    if row is None or (draft.edited_at and from_text(row["at"]) < draft.edited_at):
        return None
    return Approval(from_text(row["at"]), Actor(row["name"], row["via"]), json.loads(row["platforms"]))
