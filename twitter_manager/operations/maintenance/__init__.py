"""The upkeep of a home folder, for years: copies of the database, and the removal of what nobody needs any more.

`TASKS` says what there is. After the bots' runs each task that is due is done, in this order, within the time that is
left of the run; what does not get its turn is due in the next run. No task's failure is a run's: a person hears of it
once, and again when it goes on for a week.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from twitter_manager import phrases
from twitter_manager.budget import TimeBudget
from twitter_manager.domain import Json
from twitter_manager.errors import StoreBusy, StoreError, TwitterManagerError
from twitter_manager.operations import backup, told
from twitter_manager.operations.maintenance import files, rows
from twitter_manager.operations.maintenance.task import Done, Place, Task, every, was_done_within
from twitter_manager.store import upkeep

log = logging.getLogger(__name__)

__all__ = ["BACKING_UP", "TASKS", "Place", "Result", "Task", "run_all", "run_due"]

A_DAY = timedelta(hours=20)
"""As often as it is meant: some run of a day is always later than the same one of the day before."""
BACKING_UP = (
    Task(backup.TASK, files.backup_is_due, files.back_up),
    Task(files.SECOND_COPY, files.copy_is_due, files.copy),
)
TASKS: Sequence[Task] = (
    *BACKING_UP,
    Task("old rows", every("old rows", A_DAY), rows.prune),
    Task("pictures", every("pictures", A_DAY), files.sweep_pictures),
    Task("logs", every("logs", A_DAY), files.archive_logs),
    Task(rows.VACUUM, rows.vacuum_is_due, rows.vacuum),
)
LEAST_SECONDS = 5.0
"""With less than this left no task begins."""
LONGEST_WAIT = timedelta(days=3)
"""A task without a turn for so long is done although the time is over: runs that always take all of it starve none."""
TOLD_AGAIN_AFTER = timedelta(days=7)
"""Trouble that goes on is told so seldom."""
_OVERTIME = 60.0
"""Seconds, for such a task."""


@dataclass(frozen=True, slots=True)
class Result:
    """What a task came to."""

    task: str
    done: Done
    is_news: bool
    """Whether its trouble was not told yet."""

    @property
    def line(self) -> str:
        """For a person."""
        rows = f", {phrases.amount(self.done.rows, 'row')}" if self.done.rows else ""
        freed = f", {self.done.bytes / 1e6:.1f} MB freed" if self.done.bytes else ""
        return f"{self.task}: {self.done.words}{rows}{freed}"

    def as_json(self) -> Json:
        """As an object."""
        done = self.done
        return {
            "task": self.task,
            "done": done.words,
            "trouble": done.lines,
            "finished": done.is_finished,
            "rows": done.rows,
            "bytes": done.bytes,
        }


def run_due(place: Place, tasks: Sequence[Task] = TASKS) -> list[str]:
    """Do what is due; gives what a person should hear."""
    results = [result for task in tasks if (result := _in_turn(task, place))]
    return [line for result in results if result.is_news for line in result.done.lines]


def run_all(place: Place, tasks: Sequence[Task] = TASKS) -> Iterator[Result]:
    """Do all of these because a person asks for it, due or not."""
    for task in tasks:
        place.progress(f"Upkeep: {task.name}")
        yield _result(task, replace(place, by_hand=True))


def _in_turn(task: Task, place: Place) -> Result | None:
    """None where it is not due, or where there is no time."""
    try:
        if not task.is_due(place):
            return None
        if place.left() < LEAST_SECONDS:
            if was_done_within(place.db, task.name, place.clock(), LONGEST_WAIT):
                log.info("upkeep: no time is left for: %s", task.name)
                return None
            place = replace(place, left=TimeBudget.of(_OVERTIME))
    except (TwitterManagerError, OSError) as error:
        log.warning("upkeep: %s: %s", task.name, error)
        return None
    return _result(task, place)


def _result(task: Task, place: Place) -> Result:
    done = _done(task, place)
    log.log(logging.WARNING if done.trouble else logging.INFO, "upkeep: %s: %s %s", task.name, done.words, done.trouble)
    now, data = place.clock(), place.settings.data
    if done.is_finished:
        try:
            with place.db.transaction():
                upkeep.end(place.db, task.name, now)
        except StoreError as error:
            log.warning("upkeep: %s", error)
    is_news = told.begins(
        data, f"{told.UPKEEP}{task.name}", done.trouble, now, remedy=done.remedy, again=TOLD_AGAIN_AFTER
    )
    return Result(task.name, done, is_news)


def _done(task: Task, place: Place) -> Done:
    try:
        return task.work(place)
    except StoreBusy:
        return Done("another program is using the database; the next run tries again", is_finished=False)
    except (TwitterManagerError, OSError) as error:
        return Done("did not get through", f"The upkeep ({task.name}) failed: {backup.why(error)}", is_finished=False)
    except Exception as error:  # one task's trouble, whatever it is, doesn't touch the next
        log.error("upkeep: %s: %s", task.name, error, exc_info=True)
        trouble = f"The upkeep ({task.name}) failed unforeseen ({type(error).__name__}); see logs/error.log."
        return Done("did not get through", trouble, is_finished=False)
