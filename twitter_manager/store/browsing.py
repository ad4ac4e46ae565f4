"""What a person leafs through: posts found by words, a month's posts at a glance, the pictures that posts show.

Each asks for one page or one month, so that a long history costs no more than a short one."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from twitter_manager.content import Media, Part, part_of
from twitter_manager.domain import Draft, DraftStatus
from twitter_manager.store import drafts
from twitter_manager.store.database import Database, from_text, placeholders, to_text
from twitter_manager.store.dialect import Row, Value

MOST_WORDS = 8
"""So many words of a search are looked for."""
_AT_ONCE = 500
"""So many numbers stand in one statement."""


@dataclass(frozen=True, slots=True)
class Search:
    """Which posts a person wants to see. What is empty leaves nothing out."""

    bots: Collection[str] = ()
    words: tuple[str, ...] = ()
    """Each stands somewhere in the post."""
    trouble: bool = False
    """Only where something went wrong, whatever came of it."""
    before: int = 0
    """The page begins after this one: the last of the page before."""


@dataclass(frozen=True, slots=True)
class Glance:
    """A draft as a calendar shows it."""

    id: int
    status: DraftStatus
    at: datetime
    """When it went out or tried to; else its date."""
    text: str
    """Its first part's."""


_TRIED_IN_VAIN = (
    "SELECT 1 FROM deliveries d JOIN attempts a ON a.delivery_id = d.id WHERE d.draft_id = drafts.id"
    " AND a.kind = 'send' AND a.outcome NOT IN ('posted', 'begun')"
)


def history(db: Database, search: Search, limit: int) -> list[Draft]:
    """Posts that went out or tried to, newest first."""
    conditions, values = ["published_at IS NOT NULL"], list[Value]()
    if search.bots:
        conditions, values = [*conditions, f"bot IN ({placeholders(search.bots)})"], [*values, *search.bots]
    if search.before:
        # Of two at the same moment the newer stands first.
        at = db.value("SELECT published_at FROM drafts WHERE id = ?", search.before)
        conditions.append("published_at <= ? AND (published_at < ? OR id < ?)")
        values += [at, at, search.before]
    if search.trouble:
        conditions.append(f"(status IN ('failed', 'partly_posted') OR EXISTS ({_TRIED_IN_VAIN}))")
    for word in search.words[:MOST_WORDS]:
        forms = _forms(word)
        likes = " OR ".join("lower(p.text) LIKE ? ESCAPE '\\'" for _ in forms)
        conditions.append(f"EXISTS (SELECT 1 FROM parts p WHERE p.draft_id = drafts.id AND ({likes}))")
        values += forms
    sql = f"SELECT id FROM drafts WHERE {' AND '.join(conditions)} ORDER BY published_at DESC, id DESC LIMIT ?"
    numbers = [row["id"] for row in db.rows(sql, *values, limit)]
    return [draft for number in numbers if (draft := drafts.get(db, number))]


def _forms(word: str) -> list[str]:
    """Patterns for a word in small and large letters. SQLite's `lower` knows ASCII alone, so that the other letters
    are looked for as they may be written."""
    written = dict.fromkeys((word.lower(), word.capitalize(), word.upper(), word))
    ascii_small = dict.fromkeys("".join(c.lower() if c.isascii() else c for c in form) for form in written)
    escaped = (form.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") for form in ascii_small)
    return [f"%{form}%" for form in escaped]


_GLANCE = (
    "SELECT d.id, d.status, d.due_at, d.published_at, p.text"
    " FROM drafts d JOIN parts p ON p.draft_id = d.id AND p.number = 0"
)


def went_out(db: Database, bot: str, since: datetime, until: datetime) -> list[Glance]:
    """What the bot sent, or tried to, from one moment on and before another, oldest first."""
    where = "WHERE d.bot = ? AND d.published_at >= ? AND d.published_at < ? ORDER BY d.published_at, d.id"
    return [_glance(row, "published_at") for row in db.rows(f"{_GLANCE} {where}", bot, to_text(since), to_text(until))]


def dated_for_a_person(db: Database, bot: str, since: datetime, until: datetime) -> list[Glance]:
    """What has a date in that time and waits for a person, earliest first."""
    where = (
        "WHERE d.bot = ? AND d.due_at >= ? AND d.due_at < ? AND d.status IN ('needs_attention', 'pending')"
        " ORDER BY d.due_at, d.id"
    )
    return [_glance(row, "due_at") for row in db.rows(f"{_GLANCE} {where}", bot, to_text(since), to_text(until))]


def beginnings(db: Database, numbers: Sequence[int]) -> dict[int, str]:
    """The first part's text of each of these drafts."""
    texts = dict[int, str]()
    for first in range(0, len(numbers), _AT_ONCE):
        some = numbers[first : first + _AT_ONCE]
        where = f"WHERE number = 0 AND draft_id IN ({placeholders(some)})"
        texts |= {row["draft_id"]: row["text"] for row in db.rows(f"SELECT draft_id, text FROM parts {where}", *some)}
    return texts


def _glance(row: Row, moment: str) -> Glance:
    return Glance(row["id"], DraftStatus(row["status"]), from_text(row[moment]), row["text"])


def picture(db: Database, digest: str) -> Media | None:
    """A picture that some post or recurring post shows, or its card; None where nobody knows it."""
    pattern = f"%{digest}%"
    rows = db.rows("SELECT attached FROM parts WHERE attached LIKE ? LIMIT 1", pattern)
    known = [row["attached"] for row in rows]
    for row in db.rows("SELECT variants FROM series WHERE variants LIKE ? LIMIT 1", pattern):
        known += [part["attached"] for variant in json.loads(row["variants"]) for part in variant if part["attached"]]
    pictures = _pictures(part_of("", json.loads(attached)) for attached in known)
    return next((media for media in pictures if media.digest == digest), None)


def _pictures(parts: Iterator[Part]) -> Iterator[Media]:
    return (media for part in parts for media in part.pictures)


def waiting(db: Database, bot: str) -> dict[DraftStatus, int]:
    """How many drafts of the bot are not at their end, by status."""
    statuses: Sequence[DraftStatus] = (
        *drafts.WAITING,
        DraftStatus.PUBLISHING,
        DraftStatus.PARTLY_POSTED,
        DraftStatus.FAILED,
    )
    rows = db.rows(
        f"SELECT status, count(*) AS number FROM drafts WHERE bot = ? AND status IN ({placeholders(statuses)})"
        " GROUP BY status",
        bot,
        *statuses,
    )
    return {DraftStatus(row["status"]): row["number"] for row in rows}
