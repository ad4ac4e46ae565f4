"""What a piece of the upkeep is, and what one leaves behind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from twitter_manager.domain import Clock, Progress, TimeLeft
from twitter_manager.settings import Settings
from twitter_manager.store import upkeep
from twitter_manager.store.database import Database


@dataclass(frozen=True, slots=True)
class Place:
    """Where the upkeep is done, and how long it may take. `by_hand`: a person asked for it, and waits."""

    db: Database
    settings: Settings
    clock: Clock
    left: TimeLeft
    progress: Progress
    by_hand: bool = False


@dataclass(frozen=True, slots=True)
class Done:
    """What a task came to."""

    words: str
    """What it did, or why it did nothing, for a person."""
    trouble: str = ""
    """What a person should hear, whatever else was done."""
    is_finished: bool = True
    """False: the next run goes on with it."""
    rows: int = 0
    """Of the database, emptied or removed."""
    bytes: int = 0
    """Freed on the disk."""
    remedy: str = ""
    """What to do about the last line of the trouble, with the command, where to do the task again does not help."""

    @property
    def lines(self) -> list[str]:
        """What a person should hear, and what to do about it."""
        return f"{self.trouble} {self.remedy}".rstrip().splitlines()


@dataclass(frozen=True, slots=True)
class Task:
    """One piece of the upkeep. Nobody waits for it: it is done when it is due and there is time."""

    name: str
    is_due: Callable[[Place], bool]
    work: Callable[[Place], Done]
    """In steps that end soon after the time is over. Its errors are its own, and never the run's."""


def every(name: str, pause: timedelta) -> Callable[[Place], bool]:
    """Due when it was not brought to its end for so long, or in the future of a clock that was ahead."""

    def is_due(place: Place) -> bool:
        return not was_done_within(place.db, name, place.clock(), pause)

    return is_due


def was_done_within(db: Database, name: str, now: datetime, pause: timedelta) -> bool:
    """Whether it was brought to its end so lately."""
    done_at = upkeep.done_at(db, name)
    return done_at is not None and now - pause < done_at <= now
