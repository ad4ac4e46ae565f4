"""Which slots of a time had their post, and why the others had none. Pure."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from twitter_manager.domain import DraftStatus, Json, Outcome

MISSED: Mapping[str, str] = {
    "no_run": "no run took place: the machine was off, or cron stood still",
    "failed": "a run failed or was cut off",
    "post_failed": "its post failed",
    "unfinished": "its post is not out yet, or it is not known whether it is",
    "given_up": "its post was given up",
    "nothing": "there was nothing to publish",
    "not_approved": "no draft was approved",
    "budget": "no platform was left, or the budget was used up",
    "limited": "the platforms took no posts for a time: their rate limits",
    "other": "for another reason: see the runs",
}
"""Why a slot had no post that was to have one; the first that holds of its runs is told."""
NOT_DUE: Mapping[str, str] = {
    "other_post": "another post went out in its place, one with a date or a forced one",
    "apart": "another post was too near",
    "limit": "the limit of posts was reached",
    "paused": "the bot was paused",
    "quiet": "quiet hours",
}
"""Why a slot was to have no post: its person wanted it so."""
WORDS = {**MISSED, **NOT_DUE}
_OUTCOMES: Mapping[str, str] = {
    Outcome.FAILED: "failed",
    Outcome.ABANDONED: "failed",
    Outcome.INTERRUPTED: "failed",
    Outcome.RUNNING: "failed",
    Outcome.UNFINISHED: "unfinished",
    Outcome.NOTHING_TO_POST: "nothing",
    Outcome.WAITING_FOR_REVIEW: "not_approved",
    Outcome.POSTED: "other_post",
    Outcome.PARTLY_POSTED: "other_post",
}
_FILLED = (DraftStatus.POSTED, DraftStatus.PARTLY_POSTED)
_DRAFTS: Mapping[str, str] = {DraftStatus.FAILED: "post_failed", DraftStatus.PUBLISHING: "unfinished"}
_WHY_NOT_DUE = (
    ("paused", re.compile("(?:every bot is )?paused since")),
    ("budget", re.compile("no platform (?:is left|may take it)|.*budget")),
    ("limit", re.compile("the limit of ")),
    ("quiet", re.compile("quiet hours")),
    ("limited", re.compile(r"\S+ [a-z ]+ again at \d")),
    ("apart", re.compile("the last post went out less than")),
)
"""How the reasons begin that `due.why_not` gives; a test holds the two together."""


@dataclass(frozen=True, slots=True)
class Tried:
    """A run, as far as a slot is concerned."""

    at: datetime
    outcome: str
    reason: str


@dataclass(frozen=True, slots=True)
class Taken:
    """The draft that took a slot: where it stands."""

    slot: datetime
    status: str


def why(run: Tried) -> str:
    """Why a run filled no slot, by a key of WORDS."""
    if run.outcome in _OUTCOMES:
        return _OUTCOMES[run.outcome]
    return next((key for key, begins in _WHY_NOT_DUE if begins.match(run.reason)), "other")


def between(first: datetime, until: datetime, next_slot: Callable[[datetime], datetime]) -> Iterator[datetime]:
    """The slots from `first` on, which is one, that begin before `until`."""
    slot = first
    while slot < until:
        yield slot
        slot = next_slot(slot)


def told(
    slots: Sequence[datetime],
    taken: Sequence[Taken],
    tried: Sequence[Tried],
    *,
    now: datetime,
    next_slot: Callable[[datetime], datetime],
    quiet_until: Callable[[datetime], datetime | None],
) -> Json:
    """The figures on slots, which stand in order. One that is on `now` counts only once it has its post. What fell
    into a slot is told by its time, as the bot's schedule may be another since."""
    by_slot: defaultdict[int, list[Tried]] = defaultdict(list)
    for run in tried:
        by_slot[bisect_right(slots, run.at) - 1].append(run)
    statuses: defaultdict[int, set[str]] = defaultdict(set)
    for draft in taken:
        statuses[bisect_right(slots, draft.slot) - 1].add(draft.status)
    filled, reasons = 0, Counter[str]()
    for number, slot in enumerate(slots):
        end = next_slot(slot)
        if statuses[number] & set(_FILLED):
            filled += 1
        elif end <= now:
            reasons[_reason(statuses[number], by_slot[number], _is_quiet(slot, end, quiet_until))] += 1
    missed = sum(number for key, number in reasons.items() if key in MISSED)
    return {
        "all": filled + reasons.total(),
        "due": filled + missed,
        "filled": filled,
        "missed": missed,
        "reasons": [
            {"reason": key, "words": words, "slots": reasons[key], "missed": key in MISSED}
            for key, words in WORDS.items()
            if reasons[key]
        ],
    }


def _is_quiet(slot: datetime, end: datetime, quiet_until: Callable[[datetime], datetime | None]) -> bool:
    """Whether all of a slot lies in quiet hours."""
    quiet = quiet_until(slot)
    return quiet is not None and quiet >= end


def _reason(statuses: set[str], tried: Sequence[Tried], is_quiet: bool) -> str:
    if statuses:
        return next((reason for status, reason in _DRAFTS.items() if status in statuses), "given_up")
    if not tried:
        return "quiet" if is_quiet else "no_run"
    reasons = {why(run) for run in tried}
    return next(key for key in WORDS if key in reasons)
