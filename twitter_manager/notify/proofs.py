"""When something last went well: what shows that trouble is over, and what a person is told of the time before it.

Each proof is something that was really done or measured, so that a run that tried nothing proves nothing."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from twitter_manager.domain import DraftStatus, Outcome
from twitter_manager.notify.rules import CAUSES, DISK_LOW, SHARE_WRONG, Kind
from twitter_manager.settings import Bot
from twitter_manager.store import deliveries, drafts, generations, notices, runs
from twitter_manager.store import sources as memory
from twitter_manager.store.database import Database, from_text

_RUNS = 48
"""So many of the newest are looked at."""
_LONGEST = timedelta(days=60)
"""What went well longer ago is not looked for."""
_WELL = (Outcome.POSTED, Outcome.WAITING_FOR_REVIEW)
_OUT = (DraftStatus.POSTED, DraftStatus.PARTLY_POSTED)
_NEWEST = 20
_IDLE = (Outcome.RUNNING, Outcome.NOTHING_DUE, Outcome.DRY_RUN, Outcome.NOTHING_TO_POST)
"""Nothing was tried; that there is nothing to post is told of its own."""
_TRIED, _RECENT = 24, timedelta(days=3)
"""The runs of which it is told how many did not go well."""
_ROOM_AGAIN = 1.25 * DISK_LOW
"""Bytes: so that a disk at the edge is not told each day."""


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


def _text(db: Database, bot: Bot, name: str, now: datetime) -> datetime | None:
    answers = generations.recent(db, bot.name, name, _NEWEST)
    return next((from_text(answer["at"]) for answer in answers if answer["used"]), None)


def _disk(db: Database, bot: Bot, name: str, now: datetime) -> datetime | None:
    return now if shutil.disk_usage(name).free > _ROOM_AGAIN else None


def _rate(db: Database, bot: Bot, name: str, now: datetime) -> datetime | None:
    bad, tried = went_wrong(db, bot.name, now)
    return now if tried and bad <= SHARE_WRONG / 2 * tried else None


def _source(db: Database, bot: Bot, name: str, now: datetime) -> datetime | None:
    known = memory.remembered(db, bot.name).get(name)
    return known.succeeded_at if known else now


def went_wrong(db: Database, bot: str, now: datetime) -> tuple[int, int]:
    """Of the newest runs that had something to do: how many did not go well, and of how many. Those of which a person
    knows why don't count."""
    since = max(filter(None, (now - _RECENT, notices.newest_at(db, bot, (*CAUSES, Kind.RECOVERED)))))
    newest = [run for run in runs.last(db, bot, _RUNS) if run.started_at > since and run.outcome not in _IDLE]
    return sum(run.outcome not in _WELL for run in newest[:_TRIED]), len(newest[:_TRIED])


PROOFS: Mapping[str, Callable[[Database, Bot, str, datetime], datetime | None]] = {
    "platform": _platform,
    "service": _service,
    "posts": _posts,
    "run": _run,
    "draft": _draft,
    "text": _text,
    "disk": _disk,
    "rate": _rate,
    "source": _source,
}
LAST_TIME = {
    "platform": "The last post there went out at {}.",
    "service": "Its last answer came at {}.",
    "text": "Its last text that could be used came at {}.",
    "source": "It was last read at {}.",
    "posts": "The last post went out at {}.",
    "run": "The last run that went well ended at {}.",
}
"""What a person is told of it."""
