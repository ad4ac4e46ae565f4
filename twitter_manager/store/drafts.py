"""Drafts: saved with the hash of their exact text, moved only along the allowed transitions."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from twitter_manager.content import Part, exact_hash, normalised_hash, whole_texts
from twitter_manager.domain import DRAFT_TRANSITIONS, Actor, Draft, DraftStatus, Json
from twitter_manager.errors import Changed, TextKnown
from twitter_manager.store import approvals, comments, deliveries, events, repeats, succession
from twitter_manager.store.database import Database, from_text, optional_text, optional_time, placeholders, to_text
from twitter_manager.store.dialect import Row, Value
from twitter_manager.store.parts import part_columns, parts_of
from twitter_manager.store.repeats import HELD, NOT_DEAD


@dataclass(frozen=True, slots=True)
class NewDraft:
    """What a draft is made from, and what it begins as."""

    bot: str
    origin: str
    parts: tuple[Part, ...]
    platforms: tuple[str, ...]
    lifetime: timedelta | None
    """From now on; None: it never expires."""
    language: str = "en"
    topic: str = ""
    format: str = ""
    item_id: int | None = None
    run_id: int | None = None
    choice: Json = field(default_factory=dict)
    links: Mapping[str, str] = field(default_factory=dict)
    rules: int = 0
    """The edition of the rules that it passed."""
    status: DraftStatus = DraftStatus.APPROVED
    """Whoever makes it decides: what is approved goes out by itself, what is pending waits for an approval, and what
    needs attention waits until a person has looked."""
    reason: str = ""
    """Why it begins so, where that needs saying."""
    due_at: datetime | None = None
    """Its own date: it goes out in the first run from then on, and needs no slot."""
    series_id: int | None = None
    """The recurring post that it is the occurrence of `due_at` of. Its words may have been said before."""
    replaces: int | None = None
    """The draft whose posts must be gone before this one, which is pending until then, goes out in their place."""
    comment_id: int | None = None
    """The comment that it answers."""


POST = "comment_id IS NULL"
"""Of drafts: it is a post, and no answer to a comment. Answers take no slot, and fill no pool."""
WAITING = (DraftStatus.APPROVED, DraftStatus.PENDING, DraftStatus.NEEDS_ATTENTION)
"""Nothing of it was begun."""


def digest(draft: Draft) -> str:
    """The `normalised_hash` of its text."""
    return normalised_hash(draft.texts)


def add(db: Database, new: NewDraft, now: datetime, by: Actor | None = None) -> int:
    """Save a checked draft; gives its id. Raises TextKnown: another was quicker with the same words."""
    if new.series_id is None and not (new.comment_id and new.origin == "person"):  # who may thank two people alike
        refuse = refuse_slip if new.origin == "person" else _refuse_known
        refuse(db, new.parts, new.links, now, besides=new.replaces or 0)
    draft_id, exact = _save(db, new, now)
    events.record(
        db,
        now,
        "draft_saved",
        bot=new.bot,
        run_id=new.run_id,
        draft_id=draft_id,
        origin=new.origin,
        text_hash=exact,
        due_at=optional_text(new.due_at),
        **(by.on_record if by else {}),
    )
    if new.status is not DraftStatus.APPROVED:
        kind = "draft_" + new.status
        events.record(db, now, kind, bot=new.bot, run_id=new.run_id, draft_id=draft_id, reason=new.reason)
    return draft_id


def _refuse_known(
    db: Database, parts: Sequence[Part], links: Mapping[str, str], now: datetime, besides: int = 0
) -> None:
    if any(text_known(db, known, besides) for known in digests(parts, links)):
        raise TextKnown("The same words were posted before, or are waiting to be.", "Say something else.")


def refuse_slip(db: Database, parts: Sequence[Part], links: Mapping[str, str], now: datetime, besides: int = 0) -> None:
    """What a person may say again is decided before, by `operations.repeating`; another may have been quicker. Raises
    TextKnown."""
    for repeat in repeats.of(db, digests(parts, links), succession.same_post(db, besides)):
        if repeat.is_slip(now):
            raise TextKnown(f"Draft {repeat.draft} has the same words.", "Say something else.")


def digests(parts: Sequence[Part], links: Mapping[str, str]) -> list[str]:
    """The `normalised_hash` of all that the same post may have been: the text with its link is another's whole text, of
    before links went along by themselves, or read back."""
    return [normalised_hash(post) for post in whole_texts([part.text for part in parts], links.values())]


def rewrite(
    db: Database,
    draft: Draft,
    parts: tuple[Part, ...],
    links: Mapping[str, str],
    now: datetime,
    *,
    approved: bool = True,
    by: Actor | None = None,
) -> None:
    """A person wrote a waiting draft anew, and it ends only where they said so. `approved`: that is their yes to
    exactly this; else it waits for one. What waits for another's posts to be gone goes on waiting. Raises TextKnown,
    Changed."""
    refuse_slip(db, parts, links, now, besides=draft.id)
    exact = exact_hash(parts, links)
    touched = db.update(
        "UPDATE drafts SET text_hash = ?, approved_hash = ?, normalised_hash = ?, edited_at = ?, links = ?,"
        f" expires_at = CASE WHEN origin = 'person' THEN expires_at END WHERE {_AS_READ}",
        exact,
        exact if approved else None,
        normalised_hash([part.text for part in parts]),
        to_text(now),
        json.dumps(dict(links), ensure_ascii=False),
        *_as_read(draft),
    )
    if not touched:
        raise Changed(draft.id)
    db.update("DELETE FROM parts WHERE draft_id = ?", draft.id)
    db.update("DELETE FROM post_vectors WHERE draft_id = ?", draft.id)  # it was the old text's
    _save_parts(db, draft.id, parts)
    told = by.on_record if by else {}
    before, after = list(map(_whole, draft.parts)), list(map(_whole, parts))
    events.record(db, now, "draft_edited", bot=draft.bot, draft_id=draft.id, before=before, after=after, **told)
    if waits_for(db, draft) is not None:
        return
    status = DraftStatus.APPROVED if approved else DraftStatus.PENDING
    reason = "a person edited it" if approved else "it was edited"
    if draft.status is not status:
        move(db, replace(draft, edited_at=now), status, now, reason=reason, by=by)
    elif status is DraftStatus.PENDING:  # what was said against the old words is not said of the new ones
        db.update_one("UPDATE drafts SET reason = ? WHERE id = ?", reason, draft.id)


def _whole(part: Part) -> str | Json:
    """A part on record: its text, with what goes along where something does."""
    return {"text": part.text, **part.attached} if part.attached else part.text


def put(db: Database, draft: Draft, lane: int, rank: int) -> None:
    """Give a draft a place in the queue; a date of its own it has no more."""
    db.update_one("UPDATE drafts SET lane = ?, rank = ?, due_at = NULL WHERE id = ?", lane, rank, draft.id)


def date(db: Database, draft: Draft, due_at: datetime, expires_at: datetime | None) -> None:
    """Give a draft a date of its own; a place in the queue it has no more."""
    columns = "due_at = ?, expires_at = ?, lane = NULL, rank = NULL"
    db.update_one(f"UPDATE drafts SET {columns} WHERE id = ?", to_text(due_at), optional_text(expires_at), draft.id)


def use_up_material(db: Database, draft: Draft, why: str) -> None:
    """What it was made from is not chosen again, though nothing of it goes out."""
    db.update_one("UPDATE drafts SET held = ? WHERE id = ?", why, draft.id)


def generated(db: Database, bot: str) -> list[Draft]:
    """What waits and was never begun of a generator's drafts, oldest first; not what a person edited or dated."""
    return _many(
        db,
        f"WHERE bot = ? AND status IN ({placeholders(WAITING)}) AND origin = 'generator' AND edited_at IS NULL"
        f" AND {POST} AND due_at IS NULL AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.draft_id = drafts.id)"
        " ORDER BY id",
        bot,
        *WAITING,
    )


def of_older_rules(db: Database, bot: str, edition: int) -> list[Draft]:
    """Drafts of generators, approved or pending, that passed an older edition of the rules, and of which nothing was
    ever sent; not those that a person edited or gave a date."""
    return _many(
        db,
        f"WHERE {_IN_POOL} AND {POST} AND origin = 'generator' AND rules < ? AND edited_at IS NULL"
        " AND due_at IS NULL AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.draft_id = drafts.id) ORDER BY id",
        bot,
        edition,
    )


def passed(db: Database, draft: Draft, edition: int, now: datetime, run_id: int) -> None:
    """A draft passed the rules of a newer edition."""
    db.update_one("UPDATE drafts SET rules = ? WHERE id = ?", edition, draft.id)
    events.record(db, now, "draft_rechecked", bot=draft.bot, run_id=run_id, draft_id=draft.id, rules=edition)


def held(db: Database, bot: str) -> dict[str, tuple[int, int]]:
    """By source: how many posts that were held wait for a person, and how many a person let through."""
    rows = db.rows(
        "SELECT items.source, sum(CASE WHEN status = 'needs_attention' THEN 1 ELSE 0 END) AS waiting,"
        " sum(CASE WHEN status NOT IN ('needs_attention', 'skipped') THEN 1 ELSE 0 END) AS resumed"
        f" FROM drafts JOIN items ON items.id = drafts.item_id WHERE drafts.bot = ? AND {HELD} GROUP BY items.source",
        bot,
    )
    return {row["source"]: (row["waiting"], row["resumed"]) for row in rows}


def adopt(db: Database, new: NewDraft, slot: datetime | None, published_at: datetime, now: datetime) -> int:
    """Save as posted what the platforms show and a restored database has forgotten; gives its id."""
    draft_id, exact = _save(db, replace(new, status=DraftStatus.POSTED), now, slot, published_at)
    events.record(db, now, "draft_adopted", bot=new.bot, draft_id=draft_id, text_hash=exact)
    return draft_id


def use_up(db: Database, bot: str, slot: datetime, reason: str, now: datetime) -> None:
    """Fill a slot with nothing, so that no post goes out in it."""
    draft_id = fill_with_nothing(db, bot, reason, now, slot)
    events.record(db, now, "slot_used_up", bot=bot, draft_id=draft_id, slot=to_text(slot), reason=reason)


def fill_with_nothing(db: Database, bot: str, reason: str, now: datetime, slot: datetime | None = None) -> int:
    """A draft without a text that stands where no post may go; gives its id."""
    nothing = NewDraft(bot, "person", (), (), timedelta(), status=DraftStatus.SKIPPED, reason=reason)
    return _save(db, nothing, now, slot)[0]


def _save(
    db: Database, new: NewDraft, now: datetime, slot: datetime | None = None, published_at: datetime | None = None
) -> tuple[int, str]:
    """Insert a draft; gives its id and the hash of its exact text. What waits for a person has no approval yet."""
    exact = exact_hash(new.parts, new.links)
    held = new.reason if new.status is DraftStatus.NEEDS_ATTENTION else ""
    choice = {**new.choice, "held": held} if held else new.choice
    draft_id = db.add(
        "drafts",
        bot=new.bot,
        run_id=new.run_id,
        origin=new.origin,
        status=new.status,
        topic=new.topic,
        format=new.format,
        item_id=new.item_id,
        platforms=json.dumps(new.platforms),
        language=new.language,
        text_hash=exact,
        approved_hash=None if new.status in _UNAPPROVED else exact,
        normalised_hash=normalised_hash([part.text for part in new.parts]),
        slot=optional_text(slot),
        choice=json.dumps(choice, ensure_ascii=False, default=str),
        links=json.dumps(dict(new.links), ensure_ascii=False),
        created_at=to_text(now),
        expires_at=None if new.lifetime is None else to_text(now + new.lifetime),
        due_at=optional_text(new.due_at),
        series_id=new.series_id,
        occurrence=optional_text(new.due_at) if new.series_id else None,
        published_at=optional_text(published_at),
        rules=new.rules,
        reason=new.reason,
        held=held,
        replaces=new.replaces,
        comment_id=new.comment_id,
    )
    _save_parts(db, draft_id, new.parts)
    if new.comment_id is not None:
        comments.follow(db, new.comment_id, new.status, new.reason)
    return draft_id, exact


def _save_parts(db: Database, draft_id: int, parts: Sequence[Part]) -> None:
    for number, part in enumerate(parts):
        db.insert("parts", draft_id=draft_id, number=number, **part_columns(part))


_UNAPPROVED = (DraftStatus.NEEDS_ATTENTION, DraftStatus.PENDING)


_APPROVAL = {DraftStatus.APPROVED: ", approved_hash = text_hash", DraftStatus.PENDING: ", approved_hash = NULL"}


def move(
    db: Database,
    draft: Draft,
    status: DraftStatus,
    now: datetime,
    *,
    run_id: int | None = None,
    reason: str = "",
    by: Actor | None = None,
) -> None:
    """Take a draft to another status; a step that the table doesn't allow is a bug and raises. To approve it is to
    approve the text that was saved; what is pending has no approval. Raises Changed where it is in another status by
    now, or where a person edited or dated it since it was read."""
    if status not in DRAFT_TRANSITIONS[draft.status]:
        raise AssertionError(f"draft {draft.id}: {draft.status} -> {status} is not allowed")
    approves = _APPROVAL.get(status, "")
    sql = f"UPDATE drafts SET status = ?, reason = ?{approves} WHERE {_AS_READ}"
    if not db.update(sql, status, reason, *_as_read(draft)):
        raise Changed(draft.id)
    if draft.comment_id is not None:
        comments.follow(db, draft.comment_id, status, reason)
    kind, told = "draft_" + status, by.on_record if by else {}
    events.record(
        db, now, kind, bot=draft.bot, run_id=run_id, draft_id=draft.id, before=draft.status, reason=reason, **told
    )


_AS_READ = "id = ? AND status = ? AND coalesce(edited_at, '') = ? AND coalesce(due_at, '') = ?"
"""Nobody decided on it, edited it or gave it a date since it was read."""


def _as_read(draft: Draft) -> tuple[Value, ...]:
    return draft.id, draft.status, optional_text(draft.edited_at) or "", optional_text(draft.due_at) or ""


def claim(db: Database, draft: Draft, slot: datetime | None, now: datetime, run_id: int) -> None:
    """Start publishing: the exact text must still be the approved one, and the slot still free (UNIQUE refuses). Raises
    Changed where it is not as it was chosen."""
    move(db, draft, DraftStatus.PUBLISHING, now, run_id=run_id)
    touched = db.update(
        "UPDATE drafts SET slot = ?, published_at = ? WHERE id = ? AND approved_hash = ? AND platforms = ?",
        optional_text(slot),
        to_text(now),
        draft.id,
        _exact(draft),
        json.dumps(draft.platforms),
    )
    if not touched:
        raise Changed(draft.id)


def renew(db: Database, draft: Draft, expires_at: datetime | None) -> None:
    """Give a draft a new time to live; None: it never expires."""
    db.update_one("UPDATE drafts SET expires_at = ? WHERE id = ?", optional_text(expires_at), draft.id)


def replacements(db: Database, bot: str, *, status: DraftStatus = DraftStatus.PENDING) -> list[tuple[Draft, int]]:
    """Drafts that wait until the posts of another are gone, each with that one's number; or those `approved`, whose
    way is free by now."""
    sql = "SELECT id, replaces FROM drafts WHERE bot = ? AND replaces IS NOT NULL AND status = ? ORDER BY id"
    return [(_many(db, "WHERE id = ?", row["id"])[0], row["replaces"]) for row in db.rows(sql, bot, status)]


def waits_for(db: Database, draft: Draft) -> int | None:
    """The draft whose posts must be gone before this one goes out; None where it waits for none."""
    if draft.status not in _UNAPPROVED:
        return None
    old: int | None = db.value("SELECT replaces FROM drafts WHERE id = ?", draft.id)
    there = deliveries.of_draft(db, old) if old else []
    stays = any(post.receipt and not post.removed_at and post.platform in draft.platforms for post in there)
    return old if draft.status is DraftStatus.PENDING or stays else None


def is_vouched_for(db: Database, draft: Draft) -> bool:
    """Whether a person stands for it as it is: theirs, or approved by one."""
    return draft.is_persons or approvals.newest(db, draft) is not None


def narrow(db: Database, draft: Draft, platforms: Collection[str]) -> None:
    """Leave a draft no more platforms than these."""
    names = [name for name in draft.platforms if name in platforms]
    db.update_one("UPDATE drafts SET platforms = ? WHERE id = ?", json.dumps(names), draft.id)


def expire_old(db: Database, bot: str, now: datetime, run_id: int) -> list[Draft]:
    """Mark the pool's drafts past their time; gives them, as they were."""
    old = _many(db, f"WHERE {_IN_POOL} AND expires_at <= ?", bot, to_text(now))
    for draft in old:
        unseen = draft.status is DraftStatus.PENDING
        reason = "nobody approved it in time" if unseen else "its time to live ran out"
        move(db, draft, DraftStatus.EXPIRED, now, run_id=run_id, reason=reason)
    return old


def expired_in(db: Database, run_id: int) -> list[Draft]:
    """What a run let expire, as it is now."""
    which = "id IN (SELECT draft_id FROM events WHERE run_id = ? AND kind = 'draft_expired')"
    return _many(db, f"WHERE status = 'expired' AND {which}", run_id)


def set_changed_aside(
    db: Database, bot: str, now: datetime, run_id: int, hashes: Callable[[Draft], Mapping[str, str]]
) -> list[Draft]:
    """An approval holds for one exact content: approved drafts wait for a person whose text is another by now, or of
    which a platform would get something else than a person approved; and so do those whose text changed while they
    waited for an approval. `hashes`: see `platforms.exact`."""
    aside = []
    exact = "CASE status WHEN 'approved' THEN approved_hash ELSE text_hash END"
    for row in db.rows(f"SELECT id, {exact} AS exact FROM drafts WHERE {_IN_POOL}", bot):
        draft = get(db, row["id"])
        if draft is not None and (reason := _changed(db, draft, row["exact"], hashes)):
            move(db, draft, DraftStatus.NEEDS_ATTENTION, now, run_id=run_id, reason=reason)
            aside.append(draft)
    return aside


def _changed(db: Database, draft: Draft, expected: str, hashes: Callable[[Draft], Mapping[str, str]]) -> str:
    pending = draft.status is DraftStatus.PENDING
    if _exact(draft) != expected:
        return f"its text changed {'while it waited for approval' if pending else 'after it was approved'}"
    approval = None if pending else approvals.newest(db, draft)
    other = [name for name, digest in hashes(draft).items() if approval.hashes.get(name) != digest] if approval else []
    return f"what {', '.join(other)} would get is not what was approved" if other else ""


def is_unchanged(db: Database, draft: Draft) -> bool:
    """Whether its text is, byte for byte, the one that the program saved."""
    return bool(db.value("SELECT text_hash FROM drafts WHERE id = ?", draft.id) == _exact(draft))


def _exact(draft: Draft) -> str:
    return exact_hash(draft.parts, draft.links)


def get(db: Database, draft_id: int) -> Draft | None:
    """One draft, or None."""
    return next(iter(_many(db, "WHERE id = ?", draft_id)), None)


_IN_POOL = "bot = ? AND status IN ('approved', 'pending')"
_ALIVE = "(expires_at IS NULL OR expires_at > ?)"


def in_pool(db: Database, bot: str, now: datetime) -> int:
    """How many unexpired drafts may still fill a slot: those that are approved, and those of the bot that wait for an
    approval. What others propose is an extra: else it could fill the pool, and the bot would write nothing ahead."""
    where = f"{_IN_POOL} AND {POST} AND (status = 'approved' OR origin = 'generator') AND due_at IS NULL AND {_ALIVE}"
    return int(db.value(f"SELECT count(*) FROM drafts WHERE {where}", bot, to_text(now)))


def ready(db: Database, bot: str, now: datetime) -> list[Draft]:
    """Approved and unexpired drafts that wait for a slot; a person's own come first, then the oldest."""
    return _many(
        db,
        f"WHERE bot = ? AND status = 'approved' AND {POST} AND due_at IS NULL AND {_ALIVE}"
        " ORDER BY CASE origin WHEN 'person' THEN 0 ELSE 1 END, id",
        bot,
        to_text(now),
    )


def awaiting(db: Database, bot: str, now: datetime) -> list[Draft]:
    """Unexpired posts that wait for a person's approval, oldest first; not what goes out by itself once the posts of
    another are gone."""
    where = f"WHERE bot = ? AND status = 'pending' AND {POST} AND replaces IS NULL AND {_ALIVE} ORDER BY id"
    return _many(db, where, bot, to_text(now))


def pending_since(db: Database, draft: Draft) -> datetime:
    """Since when a draft that waits for approval does so."""
    sql = "SELECT max(at) FROM events WHERE draft_id = ? AND kind = 'draft_pending'"
    return optional_time(db.value(sql, draft.id)) or draft.created_at


def let_through(db: Database, bot: str) -> list[Draft]:
    """Generators' drafts that are approved though no person ever looked: nobody approved, edited or dated them, and
    nothing of them was begun."""
    return _many(
        db,
        f"WHERE bot = ? AND status = 'approved' AND {POST} AND origin = 'generator' AND edited_at IS NULL"
        " AND due_at IS NULL"
        " AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.draft_id = drafts.id)"
        " AND NOT EXISTS (SELECT 1 FROM events e WHERE e.draft_id = drafts.id AND e.kind = 'draft_approved')"
        " ORDER BY id",
        bot,
    )


def went_out(db: Database, bot: str, most: int) -> int:
    """How many posts that a generator made went out for a bot, of which so many are counted at `most`."""
    out = (
        "SELECT 1 FROM drafts WHERE bot = ? AND published_at IS NOT NULL AND status IN ('posted', 'partly_posted')"
        f" AND origin = 'generator' AND {POST} LIMIT ?"
    )
    return int(db.value(f"SELECT count(*) FROM ({out}) counted", bot, most))


def dated(db: Database, bot: str, now: datetime, *, due: bool = False) -> list[Draft]:
    """Approved and unexpired drafts with a date of their own, the earliest first. `due`: those whose date has come."""
    where = f"WHERE bot = ? AND due_at IS NOT NULL AND status = 'approved' AND {POST} AND {_ALIVE}"
    until = (" AND due_at <= ?", [to_text(now)]) if due else ("", [])
    return _many(db, f"{where}{until[0]} ORDER BY due_at, id", bot, to_text(now), *until[1])


def in_status(db: Database, bot: str, *statuses: DraftStatus) -> list[Draft]:
    """The bot's drafts of these statuses, oldest first."""
    return _many(db, f"WHERE bot = ? AND status IN ({placeholders(statuses)}) ORDER BY id", bot, *statuses)


def answering(db: Database, bot: str, *statuses: DraftStatus) -> list[Draft]:
    """The bot's answers to comments of these statuses, oldest first."""
    where = f"WHERE bot = ? AND status IN ({placeholders(statuses)}) AND NOT {POST} ORDER BY id"
    return _many(db, where, bot, *statuses)


def answers_since(db: Database, bot: str, since: datetime, now: datetime) -> int:
    """How many answers to comments went out (or are on their way) since then."""
    sql = (
        "SELECT count(*) FROM drafts WHERE bot = ? AND published_at BETWEEN ? AND ?"
        f" AND status NOT IN ('failed', 'skipped') AND NOT {POST}"
    )
    return int(db.value(sql, bot, to_text(since), to_text(now)))


def answer_to(db: Database, comment_id: int) -> Draft | None:
    """The answer to a comment that is not given up."""
    alive = "status NOT IN ('skipped', 'expired')"
    return next(iter(_many(db, f"WHERE comment_id = ? AND {alive}", comment_id)), None)


def waiting_of_series(db: Database, bot: str, series_id: int) -> list[Draft]:
    """The occurrences of a recurring post of which nothing was begun, oldest first."""
    # What waits is little, what was ever made of it is not: the plus keeps SQLite from the index of occurrences.
    where = f"WHERE bot = ? AND status IN ({placeholders(WAITING)}) AND +series_id = ? ORDER BY id"
    return _many(db, where, bot, *WAITING, series_id)


def bots(db: Database) -> list[str]:
    """Every bot that ever had a draft."""
    return [row["bot"] for row in db.rows("SELECT DISTINCT bot FROM drafts ORDER BY bot")]


def newest(db: Database, bot: str | None, limit: int) -> list[Draft]:
    """The newest drafts that went out or tried to, newest first."""
    where = "WHERE published_at IS NOT NULL" + (" AND bot = ?" if bot else "")
    return _many(db, f"{where} ORDER BY published_at DESC, id DESC LIMIT ?", *([bot] if bot else []), limit)


def tried_in_run(db: Database, run_id: int) -> list[Draft]:
    """The drafts that a run sent or looked up."""
    return _many(
        db,
        "WHERE id IN (SELECT d.draft_id FROM deliveries d JOIN attempts a ON a.delivery_id = d.id WHERE a.run_id = ?)"
        " ORDER BY id",
        run_id,
    )


def made_in_run(db: Database, run_id: int) -> list[Draft]:
    """The drafts that a run chose and wrote."""
    return _many(db, "WHERE run_id = ? ORDER BY id", run_id)


def recent_texts(db: Database, bot: str, limit: int) -> list[str]:
    """The texts of the bot's newest drafts that are out or waiting, newest first; a thread counts as one text."""
    return list(recent_posts(db, bot, limit).values())


def recent_posts(db: Database, bot: str, limit: int) -> dict[int, str]:
    """The same with the drafts' ids."""
    newest = _many(db, f"WHERE bot = ? AND {POST} AND {NOT_DEAD} ORDER BY created_at DESC, id DESC LIMIT ?", bot, limit)
    return {draft.id: draft.text for draft in newest}


_LOOKED_AT = 2_000


def of_others(db: Database, bot: str, limit: int) -> list[Draft]:
    """The other bots' newest posts that are out or waiting, as far as they are among the newest 2,000 drafts."""
    of_the_newest = f"id > (SELECT coalesce(max(id), 0) FROM drafts) - {_LOOKED_AT}"
    return _many(
        db, f"WHERE {of_the_newest} AND bot <> ? AND {POST} AND {NOT_DEAD} ORDER BY id DESC LIMIT ?", bot, limit
    )


def recent_topics(db: Database, bot: str, limit: int) -> list[str]:
    """The topics of the bot's newest generated drafts, newest first."""
    rows = db.rows(
        "SELECT topic FROM drafts WHERE bot = ? AND origin = 'generator' AND status NOT IN ('skipped', 'expired')"
        f" AND {POST} ORDER BY created_at DESC, id DESC LIMIT ?",
        bot,
        limit,
    )
    return [row["topic"] for row in rows]


def text_known(db: Database, digest: str, besides: int = 0) -> bool:
    """True when a draft with this `normalised_hash` is waiting, out or maybe out, at any time in the history of any
    bot, or when one was given these words after it was out: X forbids the same post on several accounts
    (https://help.x.com/en/rules-and-policies/x-automation). `besides`: a draft, and what is one post with it."""
    same = succession.same_post(db, besides)
    others = f"NOT IN ({placeholders(same)})"
    waits = f"status = 'needs_attention' AND {HELD}"
    sql = f"SELECT EXISTS (SELECT 1 FROM drafts WHERE normalised_hash = ? AND id {others} AND ({NOT_DEAD} OR {waits}))"
    edited = (
        "SELECT EXISTS (SELECT 1 FROM amendments a JOIN deliveries d ON d.id = a.delivery_id"
        f" WHERE a.normalised_hash = ? AND d.draft_id {others} AND a.status <> 'refused')"
    )
    return bool(db.value(sql, digest, *same) or db.value(edited, digest, *same))


def slot_filled(db: Database, bot: str, slot: datetime) -> Draft | None:
    """The draft that fills this slot, or None."""
    return next(iter(_many(db, "WHERE bot = ? AND slot = ?", bot, to_text(slot))), None)


def published_since(db: Database, bot: str, since: datetime, now: datetime) -> int:
    """How many posts went out (or are on their way) since then. What a clock put into the future doesn't count."""
    sql = (
        "SELECT count(*) FROM drafts WHERE bot = ? AND published_at BETWEEN ? AND ?"
        f" AND status NOT IN ('failed', 'skipped') AND {POST}"
    )
    return int(db.value(sql, bot, to_text(since), to_text(now)))


def published_at(db: Database, bot: str, since: datetime, now: datetime, *, dated: bool = False) -> list[datetime]:
    """When posts went out since then, the oldest first. `dated`: those alone that had a date of their own."""
    which = " AND due_at IS NOT NULL" if dated else ""
    rows = db.rows(
        "SELECT published_at FROM drafts WHERE bot = ? AND published_at BETWEEN ? AND ?"
        f" AND status NOT IN ('failed', 'skipped') AND {POST}{which} ORDER BY published_at",
        bot,
        to_text(since),
        to_text(now),
    )
    return [from_text(row["published_at"]) for row in rows]


def _many(db: Database, where: str, *parameters: Value) -> list[Draft]:
    rows = db.rows(f"SELECT * FROM drafts {where}", *parameters)
    parts = parts_of(db, [row["id"] for row in rows])
    return [_draft(row, parts[row["id"]]) for row in rows]


def _draft(row: Row, parts: Sequence[Part]) -> Draft:
    return Draft(
        id=row["id"],
        bot=row["bot"],
        run_id=row["run_id"],
        origin=row["origin"],
        status=DraftStatus(row["status"]),
        topic=row["topic"],
        format=row["format"],
        item_id=row["item_id"],
        parts=tuple(parts),
        platforms=tuple(json.loads(row["platforms"])),
        language=row["language"],
        slot=optional_time(row["slot"]),
        choice=json.loads(row["choice"]),
        created_at=from_text(row["created_at"]),
        expires_at=optional_time(row["expires_at"]),
        published_at=optional_time(row["published_at"]),
        reason=row["reason"],
        links=json.loads(row["links"]),
        due_at=optional_time(row["due_at"]),
        series_id=row["series_id"],
        edited_at=optional_time(row["edited_at"]),
        lane=row["lane"],
        rank=row["rank"],
        comment_id=row["comment_id"],
    )
