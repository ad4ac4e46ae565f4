"""Whether a service that writes is of any use to a bot, told to a person: once when it begins to fail, and in `status`.

What a run saw is kept as an event, so that the same trouble is not told again every hour.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from twitter_manager import phrases
from twitter_manager.domain import Json
from twitter_manager.store import events, generations
from twitter_manager.store.database import Database, from_text

TOLD = "generator_told"
LOOKED_AT = 20
"""Answers that `status` sums up."""


@dataclass(slots=True)
class Asked:
    """What became of the generators that one refill asked. `used`: by the name of one that writes and gave an answer,
    whether one of them became a draft; `failures`: why one could not be asked, or gave an error."""

    used: dict[str, bool] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)

    def troubles(self) -> dict[str, tuple[str, str]]:
        """By name: the kind of trouble and the line that tells it; both "" where there is none."""
        refused = "every answer of this run was refused; see: status, explain"
        current = {name: ("", "") if used else ("refused", f"{name}: {refused}") for name, used in self.used.items()}
        return current | {name: (f"failed: {why[:60]}", f"{name}: {why}") for name, why in self.failures.items()}


def tell_once(
    db: Database, bot: str, run_id: int | None, asked: Asked, now: datetime, tell: Callable[[str], None]
) -> None:
    """Tell of trouble that is new, and remember what was told; that it is over is remembered without a word."""
    already_told = {event["generator"]: event["trouble"] for event in reversed(events.newest(db, bot, TOLD))}
    for name, (kind, line) in asked.troubles().items():
        if kind == already_told.get(name, ""):
            continue
        with db.transaction():
            events.record(db, now, TOLD, bot=bot, run_id=run_id, generator=name, trouble=kind)
        if kind:
            tell(f"{bot}: {line}")


def summary(db: Database, bot: str, name: str, now: datetime) -> Json | None:
    """How a generator's newest answers fared, and since when it fails where it does; None where it was never asked."""
    answers = generations.recent(db, bot, name, LOOKED_AT)
    failed = failing(db, bot, name)
    if not answers and failed is None:
        return None
    used = sum(answer["used"] for answer in answers)
    refused = Counter(rule for answer in answers if not answer["used"] for rule in answer["refused_by"]).most_common()
    line = f"last {phrases.amount(len(answers), 'answer')}, {used} used"
    line += f"; refused: {', '.join(f'{rule} {number}' for rule, number in refused[:5])}" if refused else ""
    if failed:
        line = f"fails {_since(from_text(failed['since']), now)}: {failed['error']}"
    summary_of_answers: Json = {"name": name, "answers": len(answers), "used": used, "refused": dict(refused)}
    return summary_of_answers | {
        "failing": failed and {name: failed[name] for name in ("since", "error")},
        "line": f"{name}: {line}",
    }


def failing(db: Database, bot: str, name: str) -> Json | None:
    """The newest error of a generator, with its `status`, `at`, and `since` when it fails. None where it answered
    since."""
    last_answer = generations.last_at(db, bot, name)
    failures = [event for event in events.newest(db, bot, "generator_failed") if event["generator"] == name]
    failures = [event for event in failures if event["at"] > last_answer]
    newest = {name: failures[0].get(name) for name in ("error", "status", "at")} if failures else {}
    return {"since": failures[-1]["at"], **newest} if failures else None


def _since(start: datetime, now: datetime) -> str:
    hours = (now - start).total_seconds() / 3600
    if hours < 1:
        return "now"
    return f"since {phrases.amount(round(hours), 'hour') if hours < 48 else phrases.amount(round(hours / 24), 'day')}"
