"""What is removed from the database by its age, and what is kept for good.

Removed, because it is bulk that nobody looks at after so long:
`generations`: the prompt and the raw answer are emptied and the `candidates` deleted, once the draft is at its end; the
row stays, with its tokens, its cost and its verdict. `items` that their source has no more: the text, unless a draft
names it as its material; key, title and hash stay, so that it is known when it comes again. `passages`: of items that
are gone. `post_vectors`: of posts that no new one is compared with any more. `notices` with `notice_deliveries`: those
that wait for nothing. What holds for days only: `cards`, `answer_codes`, `uploads` of posts that are not on their way.

Kept for good, because it is the history, or the proof of it, or money:
`drafts`, `parts`, `deliveries`, `attempts`, `amendments`, `events` with `audit_head`, `approvals`, `charges`, `runs`,
`series`, `tallies`, `engagement`, `comments`, `experiments`, `experiment_posts`, `offered_again`, `lessons`. Kept
because it is what is, and small: `installation`, `pauses`, `sources`, `api_tokens`, `answer_channels`,
`notice_troubles`, `upkeep`, `counted`, `usage` (which
lets go of its own rows), `alerts`, `credentials`, `service_limits`, `reports`, `listened`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from twitter_manager.store import answer_codes, cards, counted
from twitter_manager.store.database import Database, placeholders, to_text
from twitter_manager.store.repeats import NOT_DEAD

_AT_ONCE = 200
"""Rows of one step."""
_NOT_OVER = "('needs_attention', 'pending', 'approved', 'publishing', 'partly_posted', 'failed')"
"""The statuses of drafts that a person or a run may still go on with."""


@dataclass(frozen=True, slots=True)
class Age:
    """What is older than `before` is removed. `compared`: how many posts of a bot a new one is compared with."""

    before: datetime
    now: datetime
    compared: int


@dataclass(frozen=True, slots=True)
class Step:
    """What one step, in a transaction of the caller's, came to. `last`: the id after which the next one goes on; None
    at the end."""

    rows: int
    last: int | None = None


def answers(db: Database, age: Age, after: int) -> Step:
    """The prompts and raw answers of models, and their candidates, once those are counted."""
    ids = [
        row["id"]
        for row in db.rows(
            "SELECT id FROM generations WHERE id > ? AND id <= ? AND pruned_at IS NULL AND created_at < ?"
            " AND (draft_id IS NULL OR"
            f" (SELECT status FROM drafts WHERE drafts.id = draft_id) NOT IN {_NOT_OVER}) ORDER BY id LIMIT ?",
            after,
            counted.position(db, "generations"),
            to_text(age.before),
            _AT_ONCE,
        )
    ]
    if not ids:
        return Step(0)
    among = f"IN ({placeholders(ids)})"
    deleted = db.update(f"DELETE FROM candidates WHERE generation_id {among}", *ids)
    db.update(f"UPDATE generations SET prompt = '', raw = '', pruned_at = ? WHERE id {among}", to_text(age.now), *ids)
    return Step(deleted + len(ids), ids[-1])


def material(db: Database, age: Age, after: int) -> Step:
    """The texts of items that their source has no more, and the passages of all such items."""
    gone = db.rows(
        "SELECT id, EXISTS (SELECT 1 FROM drafts WHERE item_id = items.id) AS used FROM items WHERE id > ?"
        " AND retired_at < ? AND (pruned_at IS NULL OR indexed <> '') ORDER BY id LIMIT ?",
        after,
        to_text(age.before),
        _AT_ONCE,
    )
    if not gone:
        return Step(0)
    ids, in_threads = [row["id"] for row in gone], _in_threads(db)
    rows = db.update(f"DELETE FROM passages WHERE item_id IN ({placeholders(ids)})", *ids)
    db.update(f"UPDATE items SET indexed = '' WHERE id IN ({placeholders(ids)})", *ids)
    for number in [row["id"] for row in gone if not row["used"] and row["id"] not in in_threads]:
        rows += db.update(
            "UPDATE items SET text = '', summary = '', wordings = '[]', headings = '[]', pruned_at = ?"
            " WHERE id = ? AND pruned_at IS NULL",
            to_text(age.now),
            number,
        )
    return Step(rows, ids[-1])


def _in_threads(db: Database) -> set[int]:
    """The items that threads are made of, beside the first of each."""
    rows = db.rows("SELECT choice FROM drafts WHERE format = 'thread' AND item_id IS NOT NULL")
    return {number for row in rows for number in json.loads(row["choice"]).get("also", ())}


def vectors(db: Database, age: Age, after: int) -> Step:
    """The vectors of posts that are older than those which new ones are compared with."""
    rows = 0
    for bot in [row["bot"] for row in db.rows("SELECT DISTINCT bot FROM drafts")]:
        newest = f"SELECT created_at FROM drafts WHERE bot = ? AND {NOT_DEAD} ORDER BY created_at DESC, id DESC"
        oldest_compared = db.value(f"{newest} LIMIT 1 OFFSET ?", bot, age.compared - 1)
        before = min(to_text(age.before), oldest_compared or "")
        old = "SELECT id FROM drafts WHERE bot = ? AND created_at < ?"
        rows += db.update(f"DELETE FROM post_vectors WHERE draft_id IN ({old})", bot, before)
    return Step(rows)


def notices(db: Database, age: Age, after: int) -> Step:
    """Notices that are told, or given up; not those of drafts that are not over: they are not to be told again."""
    over = (
        "SELECT id FROM notices n WHERE created_at < ? AND NOT EXISTS (SELECT 1 FROM notice_deliveries d"
        " WHERE d.notice_id = n.id AND d.status = 'waiting') AND (draft_id IS NULL OR"
        f" (SELECT status FROM drafts WHERE drafts.id = n.draft_id) NOT IN {_NOT_OVER}) ORDER BY id LIMIT ?"
    )
    ids = [row["id"] for row in db.rows(over, to_text(age.before), _AT_ONCE)]
    if not ids:
        return Step(0)
    rows = db.update(f"DELETE FROM notice_deliveries WHERE notice_id IN ({placeholders(ids)})", *ids)
    return Step(rows + db.update(f"DELETE FROM notices WHERE id IN ({placeholders(ids)})", *ids), ids[-1])


def short_lived(db: Database, age: Age, after: int) -> Step:
    """What holds for days: cards of pages, codes of answers, and what platforms gave for pictures."""
    old_cards = db.update("DELETE FROM cards WHERE read_at < ?", to_text(age.now - cards.GOOD_FOR))
    codes = db.update("DELETE FROM answer_codes WHERE expires_at < ?", to_text(age.now - answer_codes.KEPT))
    uploads = db.update(
        "DELETE FROM uploads WHERE expires_at < ? AND delivery_id NOT IN"
        " (SELECT id FROM deliveries WHERE status IN ('queued', 'sending', 'unknown'))",
        to_text(age.before),
    )
    return Step(old_cards + codes + uploads)


PIECES: Mapping[str, Callable[[Database, Age, int], Step]] = {
    "answers of models": answers,
    "material that is gone": material,
    "vectors of old posts": vectors,
    "notices": notices,
    "cards, codes and uploads": short_lived,
}
"""By what a person calls it: one step, after the row with this id."""
