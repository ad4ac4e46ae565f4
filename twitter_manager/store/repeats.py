"""Which drafts have the same words, and where they still stand. What follows from that is left to the caller."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from twitter_manager.domain import Draft
from twitter_manager.store.database import Database, optional_time, placeholders
from twitter_manager.store.deliveries import MAYBE_OUT

NOT_DEAD = (
    "(drafts.status NOT IN ('skipped', 'expired', 'needs_attention', 'failed') OR EXISTS (SELECT 1 FROM deliveries d"
    f" JOIN attempts a ON a.delivery_id = d.id WHERE d.draft_id = drafts.id AND {MAYBE_OUT}))"
)
"""Waiting, out, or maybe out: its text and its material are used, whatever became of the draft."""

HELD = "drafts.held <> ''"
"""Set aside for a person when it was made, whatever they decided, or dropped by one: its material is used, and not
chosen again."""

SLIP = timedelta(hours=24)
"""A person who queues the same words within this time does so by mistake."""
_USED = f"({NOT_DEAD} OR drafts.status = 'needs_attention' AND {HELD})"


@dataclass(frozen=True, slots=True)
class Repeat:
    """A draft that has the words."""

    draft: int
    out_at: datetime | None
    """When it went out. None: it waits, or whether it is out is not known yet."""
    platforms: tuple[str, ...]
    """Where it goes to, or still stands."""

    def is_slip(self, now: datetime) -> bool:
        """Whether a person surely does not mean to say it again."""
        return self.out_at is None or self.out_at > now - SLIP


def of(db: Database, digests: Collection[str], besides: Collection[int] = ()) -> list[Repeat]:
    """The drafts of any bot that have, or were given, the words of one of these `normalised_hash`, newest first; not
    what was taken down everywhere. `besides`: not these."""
    same = (0, *besides)
    marks, others = placeholders(digests), placeholders(same)
    saved = f"SELECT id FROM drafts WHERE normalised_hash IN ({marks}) AND {_USED}"
    given = (
        "SELECT d.draft_id FROM amendments a JOIN deliveries d ON d.id = a.delivery_id"
        f" WHERE a.normalised_hash IN ({marks}) AND a.status <> 'refused'"
    )
    rows = db.rows(
        "SELECT id, status, published_at, platforms FROM drafts"
        f" WHERE id IN ({saved} UNION {given}) AND id NOT IN ({others}) ORDER BY id DESC",
        *digests,
        *digests,
        *same,
    )
    repeats = (
        _repeat(db, row["id"], row["status"], optional_time(row["published_at"]), tuple(json.loads(row["platforms"])))
        for row in rows
    )
    return [repeat for repeat in repeats if repeat.platforms]


def standing(db: Database, draft: Draft) -> tuple[str, ...]:
    """Where a draft goes to, or still stands."""
    return _repeat(db, draft.id, draft.status, draft.published_at, draft.platforms).platforms


def _repeat(db: Database, draft: int, status: str, published_at: datetime | None, platforms: tuple[str, ...]) -> Repeat:
    maybe = f"EXISTS (SELECT 1 FROM attempts a WHERE a.delivery_id = d.id AND {MAYBE_OUT})"
    deliveries = db.rows(
        f"SELECT platform, status, {maybe} AS maybe_out FROM deliveries d WHERE draft_id = ? AND removed_at IS NULL",
        draft,
    )
    begun = published_at is not None
    if not begun or status == "publishing" or not db.value("SELECT count(*) FROM deliveries WHERE draft_id = ?", draft):
        return Repeat(draft, None if status == "publishing" else published_at, platforms)
    there = [row for row in deliveries if row["status"] == "posted" or row["maybe_out"]]
    unclear = any(row["status"] not in ("posted", "failed") for row in there)
    where = tuple(dict.fromkeys(row["platform"] for row in there))
    return Repeat(draft, None if unclear else published_at, where)
