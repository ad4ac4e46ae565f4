"""Recurring posts: what comes again by which rule, and which occurrences were made of it.

An occurrence is a draft with a date; UNIQUE (series_id, occurrence) refuses a second one for the same date."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from twitter_manager.content import Part
from twitter_manager.domain import Actor, Draft, DraftStatus
from twitter_manager.store import drafts, events
from twitter_manager.store.database import Database, from_text, optional_text, optional_time, to_text
from twitter_manager.store.dialect import Row
from twitter_manager.store.parts import part_columns, read_part

Variant = tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class NewSeries:
    """What a series is made from."""

    bot: str
    rule: str
    """As `recurrence.Rule` reads it."""
    variants: tuple[Variant, ...]
    """They take turns."""
    platforms: tuple[str, ...]
    language: str
    until: datetime | None = None
    """None: for ever."""


@dataclass(frozen=True, slots=True)
class Series:
    """A recurring post."""

    id: int
    bot: str
    rule: str
    variants: tuple[Variant, ...]
    platforms: tuple[str, ...]
    language: str
    until: datetime | None
    told: str
    """The note that its person was given already."""
    created_at: datetime
    ended_at: datetime | None
    reason: str
    """Why it ended."""


def add(db: Database, new: NewSeries, now: datetime) -> int:
    """Save a checked series; gives its id."""
    number = db.add(
        "series",
        bot=new.bot,
        rule=new.rule,
        variants=json.dumps([list(map(part_columns, variant)) for variant in new.variants], ensure_ascii=False),
        platforms=json.dumps(new.platforms),
        language=new.language,
        until=optional_text(new.until),
        created_at=to_text(now),
    )
    events.record(db, now, "series_saved", bot=new.bot, series=number, rule=new.rule, until=optional_text(new.until))
    return number


def get(db: Database, number: int) -> Series | None:
    """One series, or None."""
    row = db.row("SELECT * FROM series WHERE id = ?", number)
    return None if row is None else _series(row)


def running(db: Database, bot: str) -> list[Series]:
    """The bot's series that have not ended, oldest first."""
    return list(map(_series, db.rows("SELECT * FROM series WHERE bot = ? AND ended_at IS NULL ORDER BY id", bot)))


def made(db: Database, series: Series) -> tuple[int, datetime | None]:
    """How many occurrences had their turn, not those that a person dropped or that were missed, and the last that was
    made."""
    went = "sum(CASE WHEN status IN ('skipped', 'expired') THEN 0 ELSE 1 END)"
    row = db.row(f"SELECT {went} AS number, max(occurrence) AS last FROM drafts WHERE series_id = ?", series.id)
    return (row["number"] or 0, optional_time(row["last"])) if row else (0, None)


def newest(db: Database, series: Series) -> datetime | None:
    """The last occurrence that has a text: not what `use_up` made."""
    where = "series_id = ? AND platforms <> '[]'"  # in order, so that the first is the last that is looked at
    return optional_time(
        db.value(f"SELECT occurrence FROM drafts WHERE {where} ORDER BY occurrence DESC LIMIT 1", series.id)
    )


def waiting(db: Database, series: Series) -> list[Draft]:
    """Its occurrences that wait for their date, or for a person."""
    return drafts.waiting_of_series(db, series.bot, series.id)


def occurrence(db: Database, draft: Draft) -> datetime:
    """The date by the rule that a draft of a series stands for, whatever it was moved to."""
    return from_text(str(db.value("SELECT occurrence FROM drafts WHERE id = ?", draft.id)))


def end(
    db: Database, series: Series, reason: str, now: datetime, run_id: int | None = None, by: Actor | None = None
) -> list[Draft]:
    """No more occurrences, and none of those that wait; gives them. What is out or on its way stays."""
    dropped = waiting(db, series)
    for draft in dropped:
        drafts.move(db, draft, DraftStatus.SKIPPED, now, run_id=run_id, reason=reason, by=by)
    db.update_one(
        "UPDATE series SET ended_at = ?, reason = ? WHERE id = ? AND ended_at IS NULL", to_text(now), reason, series.id
    )
    told = by.on_record if by else {}
    events.record(db, now, "series_ended", bot=series.bot, run_id=run_id, series=series.id, reason=reason, **told)
    return dropped


def record_passed(
    db: Database, series: Series, dates: Sequence[datetime], now: datetime, run_id: int | None = None
) -> None:
    """These dates of it passed, and nothing was sent for them."""
    texts = list(map(to_text, dates))
    events.record(db, now, "dates_passed", bot=series.bot, run_id=run_id, series=series.id, dates=texts)


def use_up(db: Database, bot: str, reason: str, now: datetime) -> None:
    """Let nothing that came until now be caught up."""
    for each in running(db, bot):
        draft_id = drafts.fill_with_nothing(db, bot, reason, now)
        db.update_one("UPDATE drafts SET series_id = ?, occurrence = ? WHERE id = ?", each.id, to_text(now), draft_id)


def tell_once(db: Database, series: Series, note: str) -> bool:
    """Keep what its person is told now; False where they were told it before."""
    if series.told == note:
        return False
    db.update_one("UPDATE series SET told = ? WHERE id = ?", note, series.id)
    return True


def _series(row: Row) -> Series:
    variants: Sequence[Sequence[Row]] = json.loads(row["variants"])
    return Series(
        id=row["id"],
        bot=row["bot"],
        rule=row["rule"],
        variants=tuple(tuple(map(read_part, variant)) for variant in variants),
        platforms=tuple(json.loads(row["platforms"])),
        language=row["language"],
        until=optional_time(row["until"]),
        told=row["told"],
        created_at=from_text(row["created_at"]),
        ended_at=optional_time(row["ended_at"]),
        reason=row["reason"],
    )
