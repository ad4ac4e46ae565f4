"""When something last went well: what shows that trouble is over, and what a person is told of the time before it.

Each proof is something that was really done or measured, so that a run that tried nothing proves nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from twitter_manager.domain import DraftStatus, Outcome
from twitter_manager.settings import Bot
from twitter_manager.store import deliveries, drafts, generations, runs
from twitter_manager.store.database import Database, from_text

_RUNS = 48
"""So many of the newest are looked at."""
_LONGEST = timedelta(days=60)
"""What went well longer ago is not looked for."""
_WELL = (Outcome.POSTED, Outcome.PARTLY_POSTED, Outcome.WAITING_FOR_REVIEW)
_OUT = (DraftStatus.POSTED, DraftStatus.PARTLY_POSTED)
_NEWEST = 20


def last_good(db: Database, bot: Bot, proof: str, now: datetime) -> datetime | None:
    """When this went well last; None where it never did, or too long ago. `proof`: the name of one of `PROOFS`, and
    after a colon what it is about."""
    what, _, name = proof.partition(":")
    return PROOFS[what](db, bot, name, now) if what else None


def _platform(db: Database, bot: Bot, name: str, now: datetime) -> datetime | None:
    return deliveries.last_posted(db, bot.name, name, now - _LONGEST)


def _service(db: Database, bot: Bot, name: str, now: datetime) -> datetime | None:
    newest = generations.recent(db, bot.name, name, 1)
    return from_text(newest[0]["at"]) if newest else None


def _posts(db: Database, bot: Bot, name: str, now: datetime) -> datetime | None:
    return next((draft.published_at for draft in drafts.newest(db, bot.name, _NEWEST) if draft.status in _OUT), None)


def _run(db: Database, bot: Bot, name: str, now: datetime) -> datetime | None:
    return next((run.ended_at for run in runs.last(db, bot.name, _RUNS) if run.outcome in _WELL), None)


def _draft(db: Database, bot: Bot, name: str, now: datetime) -> datetime | None:
    draft = drafts.get(db, int(name))
    return now if draft and draft.status is DraftStatus.POSTED else None


PROOFS: Mapping[str, Callable[[Database, Bot, str, datetime], datetime | None]] = {
    "platform": _platform,
    "service": _service,
    "posts": _posts,
    "run": _run,
    "draft": _draft,
}
LAST_TIME = {
    "platform": "The last post there went out at {}.",
    "service": "Its last answer came at {}.",
    "posts": "The last post went out at {}.",
    "run": "The last run that went well ended at {}.",
}
"""What a person is told of it."""
