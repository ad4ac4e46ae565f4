"""When something last went well: what shows that trouble is over, and what a person is told of the time before it.

Each proof is something that was really done or measured, so that a run that tried nothing proves nothing."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from twitter_manager.domain import DraftStatus, Outcome
from twitter_manager.notify.rules import CAUSES, ROOM_AGAIN, SHARE_WRONG, Kind
from twitter_manager.operations import told
from twitter_manager.settings import Bot
from twitter_manager.store import deliveries, drafts, generations, notices, runs, upkeep, usage
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


@dataclass(frozen=True, slots=True)
class Place:
    """Where it is looked: one bot, on this machine. `least_disk`: bytes that its disk should have free."""

    db: Database
    bot: Bot
    now: datetime
    least_disk: int


def last_good(place: Place, proof: str) -> datetime | None:
    """When this went well last; None where it never did, or too long ago. `proof`: the name of one of `PROOFS`, and
    after a colon what it is about."""
    what, _, name = proof.partition(":")
    return PROOFS[what](place, name) if what else None


def last_time(place: Place, proof: str) -> datetime | None:
    """The same for a person who is told of trouble that is on. None also where there is no such time."""
    what, _, name = proof.partition(":")
    return {**PROOFS, **_BEFORE}[what](place, name) if what in LAST_TIME else None


def _platform(place: Place, name: str) -> datetime | None:
    return deliveries.last_posted(place.db, place.bot.name, name, place.now - _LONGEST)


def _service(place: Place, name: str) -> datetime | None:
    answered = generations.last_at(place.db, place.bot.name, name)
    return from_text(answered) if answered else None


def _posts(place: Place, name: str) -> datetime | None:
    newest = drafts.newest(place.db, place.bot.name, _NEWEST)
    return next((draft.published_at for draft in newest if draft.status in _OUT), None)


def _run(place: Place, name: str) -> datetime | None:
    return next((run.ended_at for run in runs.last(place.db, place.bot.name, _RUNS) if run.outcome in _WELL), None)


def _draft(place: Place, name: str) -> datetime | None:
    draft = drafts.get(place.db, int(name))
    return place.now if draft and draft.status is DraftStatus.POSTED else None


def _text(place: Place, name: str) -> datetime | None:
    answers = generations.recent(place.db, place.bot.name, name, _NEWEST)
    return next((from_text(answer["at"]) for answer in answers if answer["used"]), None)


def _disk(place: Place, name: str) -> datetime | None:
    """More than a little room, or as much as a person wants by now who set LEAST_DISK_MB since."""
    least, _, home = name.partition(":")
    enough = ROOM_AGAIN * place.least_disk if int(least) == place.least_disk else place.least_disk
    return place.now if shutil.disk_usage(home).free >= enough else None


def _had_room(place: Place, name: str) -> datetime | None:
    """As far as the runs of the last day tell."""
    least = int(name.partition(":")[0])
    invocations = reversed(usage.invocations(place.db))
    return next((each.began for each in invocations if each.disk_free_bytes >= least), None)


def _upkeep(place: Place, name: str) -> datetime | None:
    task, _, data = name.partition(":")
    return None if task in told.upkeep(Path(data), place.now) else place.now


def _got_through(place: Place, name: str) -> datetime | None:
    """Before the trouble began: what gets to its end may have trouble too."""
    task, _, data = name.partition(":")
    broken = told.load(Path(data), place.now).broken.get(f"{told.UPKEEP}{task}")
    done_at = upkeep.done_at(place.db, task)
    return done_at if broken and done_at and done_at < datetime.fromisoformat(broken.since) else None


def _rate(place: Place, name: str) -> datetime | None:
    bad, tried = went_wrong(place.db, place.bot.name, place.now)
    return place.now if tried and bad <= SHARE_WRONG / 2 * tried else None


def _source(place: Place, name: str) -> datetime | None:
    known = memory.remembered(place.db, place.bot.name).get(name)
    return known.succeeded_at if known else place.now


def went_wrong(db: Database, bot: str, now: datetime) -> tuple[int, int]:
    """Of the newest runs that had something to do: how many did not go well, and of how many. Those of which a person
    knows why don't count."""
    since = max(filter(None, (now - _RECENT, notices.newest_at(db, bot, (*CAUSES, Kind.RECOVERED)))))
    newest = [run for run in runs.last(db, bot, _RUNS) if run.started_at > since and run.outcome not in _IDLE]
    return sum(run.outcome not in _WELL for run in newest[:_TRIED]), len(newest[:_TRIED])


Proof = Callable[[Place, str], datetime | None]
PROOFS: Mapping[str, Proof] = {
    "platform": _platform,
    "service": _service,
    "posts": _posts,
    "run": _run,
    "draft": _draft,
    "text": _text,
    "disk": _disk,
    "rate": _rate,
    "source": _source,
    "upkeep": _upkeep,
}
_BEFORE: Mapping[str, Proof] = {"disk": _had_room, "upkeep": _got_through, "rate": _run}
"""When it last went well before trouble of which the proof tells only whether it is over."""
LAST_TIME = {
    "platform": "The last post there went out at {}.",
    "service": "Its last answer came at {}.",
    "text": "Its last text that could be used came at {}.",
    "source": "It was last read at {}.",
    "posts": "The last post went out at {}.",
    "run": "The last run that went well ended at {}.",
    "rate": "The last run that went well ended at {}.",
    "disk": "The disk last had room enough at {}.",
    "upkeep": "It last got to its end at {}.",
}
"""What a person is told of it."""
