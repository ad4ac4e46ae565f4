"""Counts what ended since the last time into the tallies (named in `store.tallies`): rows by how far each table is
counted, which is kept with the tallies in one transaction. So what a killed run left is counted by the next, and
nothing twice. How long stages took is known to the run alone: those of a killed one are lost."""

from __future__ import annotations

import json
import time
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from twitter_manager import schedule
from twitter_manager.stages import Stage
from twitter_manager.store import counted, tallies
from twitter_manager.store.database import Database, from_text, to_text
from twitter_manager.store.dialect import Row

BOUNDS = ("0.1", "0.25", "0.5", "1", "2.5", "5", "10", "30", "60", "120", "300", "600", "+Inf")
"""Seconds up to which a bucket of a histogram goes."""
SLICE = 2000
"""Rows of each table that are counted in one transaction: more than a run leaves."""
LONGEST = 2.0
"""Seconds after which the rest is left to the next run. A database of years that was just brought up to date takes
several runs."""
_UPPER = [float(bound) for bound in BOUNDS]
_DELIVERY = {
    "delivery_posted": "posted",
    "delivery_adopted": "posted",
    "delivery_failed": "failed",
    "delivery_held": "held",
}
_NOT_TIMED = ("abandoned", "interrupted")
"""Such a run ended at some time or other."""


@dataclass(frozen=True, slots=True)
class _Growth:
    """What the tallies of days grow by. `time_zone`: that of a bot, by name."""

    time_zone: Callable[[str], str]
    values: dict[tuple[str, date, str, str], float] = field(default_factory=lambda: defaultdict(float))

    def add(self, bot: str, at: str, name: str, label: str, value: float = 1) -> None:
        day = from_text(at).astimezone(schedule.zone(self.time_zone(bot))).date()
        self.values[bot, day, name, label] += value

    def time(self, bot: str, at: str, what: str, label: str, seconds: float) -> None:
        """A duration in a histogram; a clock that was put back makes it none."""
        seconds = max(0.0, seconds)
        self.add(bot, at, f"{what}_seconds", label, seconds)
        self.add(bot, at, f"{what}_count", label)
        self.add(bot, at, f"{what}_bucket", f"{label} {BOUNDS[bisect_left(_UPPER, seconds)]}")

    def save(self, db: Database) -> None:
        for (bot, day, name, label), value in self.values.items():
            tallies.add(db, bot, day, name, label, value)


def count(
    db: Database,
    time_zone: Callable[[str], str],
    stages: Mapping[str, Sequence[Stage]],
    *,
    seconds: float = LONGEST,
    monotonic: Callable[[], float] = time.monotonic,
) -> bool:
    """Count what ended, by the one process that does runs, after them. `stages`: of each bot's run. Gives whether all
    is counted; else the next call goes on."""
    end = monotonic() + seconds
    with db.transaction():
        growth = _Growth(time_zone)
        _count_stages(growth, stages)
        is_more = _count_slice(db, growth)
        growth.save(db)
    while is_more and monotonic() < end:
        with db.transaction():
            growth = _Growth(time_zone)
            is_more = _count_slice(db, growth)
            growth.save(db)
    return not is_more


def _count_slice(db: Database, growth: _Growth) -> bool:
    """The next rows of each table; gives whether there may be more."""
    is_more = False
    for table in counted.TABLES:
        after = counted.position(db, table)
        end = counted.slice_end(db, table, after, SLICE)
        if end > after:
            _COUNTERS[table](db, growth, after, end)
            counted.move_to(db, table, end)
        is_more |= end - after >= SLICE
    return is_more


def _count_stages(growth: _Growth, stages: Mapping[str, Sequence[Stage]]) -> None:
    for bot, done in stages.items():
        for stage in done:
            began = to_text(datetime.fromtimestamp(stage.began, UTC))
            growth.time(bot, began, "stage", stage.name, stage.seconds)


def _count_endings(db: Database, growth: _Growth, after: int, end: int) -> None:
    for row in counted.endings(db, after, end):
        bot, at = row["bot"], row["at"]
        if row["kind"] == "run_ended":
            growth.add(bot, at, "runs", row["outcome"])
            if row["outcome"] not in _NOT_TIMED:
                growth.time(bot, at, "stage", "run", _lasted(row))
            continue
        outcome, platform = _DELIVERY[row["kind"]], row["platform"]
        growth.add(bot, at, "deliveries", f"{platform} {outcome}")
        if outcome == "posted" and row["part"] == 0:
            growth.add(bot, at, "posts", platform)


def _count_attempts(db: Database, growth: _Growth, after: int, end: int) -> None:
    for row in counted.attempts(db, after, end):
        bot, at, platform, kind = row["bot"], row["started_at"], row["platform"], row["kind"]
        outcome = row["outcome"] if row["ended_at"] else "lost"  # so the next look-up will call it
        growth.add(bot, at, "attempts", f"{platform} {kind} {outcome}")
        if row["again"] and kind != "look_up":
            growth.add(bot, at, "retries", platform)
        if kind == "send" and outcome != "lost":
            growth.time(bot, at, "platform", platform, _lasted(row))


def _count_generations(db: Database, growth: _Growth, after: int, end: int) -> None:
    answers = {row["id"]: row for row in counted.generations(db, after, end)}
    for answer in answers.values():
        bot, at, generator = answer["bot"], answer["created_at"], answer["generator"]
        growth.add(bot, at, "generations", generator)
        growth.add(bot, at, "tokens_in", generator, answer["tokens_in"])
        growth.add(bot, at, "tokens_out", generator, answer["tokens_out"])
    for row in counted.candidates(db, after, end):
        answer = answers[row["generation_id"]]
        bot, at = answer["bot"], answer["created_at"]
        growth.add(bot, at, "candidates", answer["generator"])
        rules = {violation["rule"] for violation in json.loads(row["violations"])}
        for rule in rules:
            growth.add(bot, at, "refusals", rule)
        if "judge" in rules:
            growth.add(bot, at, "judge_refusals", counted.judge_before(db, answer) or "nobody")


def _count_charges(db: Database, growth: _Growth, after: int, end: int) -> None:
    for row in counted.charges(db, after, end):
        label = f"{row['service']} {row['kind']}"
        growth.add(row["bot"], row["at"], "charges", label)
        growth.add(row["bot"], row["at"], "usd", label, row["usd"])


_COUNTERS: Mapping[str, Callable[[Database, _Growth, int, int], None]] = {
    "events": _count_endings,
    "attempts": _count_attempts,
    "generations": _count_generations,
    "charges": _count_charges,
}


def _lasted(row: Row) -> float:
    return (from_text(row["ended_at"]) - from_text(row["started_at"])).total_seconds()
