"""Rate limits that were met: who allows how much of what again from when on. A limited operation is left alone until
then, by every run; how the runs go on without it is for `delivery`, `pipeline.select` and `pipeline.fill` to say.

Where a service names the end, that holds. Where it names none, the wait begins with `SHORTEST` and doubles with each
further limit, up to `LONGEST_UNNAMED`; each success halves it, until nothing is left of it. A service that names an end
and is limited again after it waits so too: its word was not enough."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from twitter_manager.store.database import Database, from_text, placeholders, to_text
from twitter_manager.store.dialect import Row, Value

SHORTEST = timedelta(minutes=5)
LONGEST_UNNAMED = timedelta(hours=4)
LONGEST = timedelta(hours=24)
"""No service's window is longer; what names a later end is not believed."""
_CLOCKS_APART = timedelta(hours=1)
"""What ends later than this after `LONGEST` was written by a clock that was ahead, and counts no more."""


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit that was met. `service`: a platform, a generator or `embeddings`; `operation`: login, post, upload, read,
    write, listen or act of a platform, `ask` of the others; `account`: whose, or the host and the model that are
    asked."""

    service: str
    account: str
    operation: str
    bot: str
    """The bot that met it."""
    until: datetime
    hits: int
    """How often in a row, less the successes since."""
    seen_at: datetime
    why: str
    """What the service said."""
    told: bool
    """A person heard of it."""

    def is_on(self, now: datetime) -> bool:
        """Whether it holds still. A clock that was put back can't make it hold for longer than a day."""
        return now < self.until <= now + LONGEST + _CLOCKS_APART


@dataclass(frozen=True, slots=True)
class Whose:
    """What is limited: an operation of an account at a service, met by a bot."""

    bot: str
    service: str
    account: str
    operation: str


def unnamed_wait(hits: int) -> timedelta:
    """How long to wait where no end is named, after so many limits in a row."""
    doublings = min(hits, 20) - 1
    return timedelta() if hits < 1 else min(SHORTEST * 2**doublings, LONGEST_UNNAMED)


def hit(db: Database, whose: Whose, now: datetime, named: datetime | None, why: str) -> Limit:
    """Write down that one was met, in the transaction of the try that met it. `named`: the end that the service named.
    What is met while a limit holds is the same limit, which may last longer."""
    before = _stands(db, whose)
    is_on = before is not None and before.is_on(now)
    hits = max(1, (before.hits if before else 0) + (not is_on))
    least = unnamed_wait(hits) if named is None else unnamed_wait(hits - 1)
    until = min(max(now + least, named or now), now + LONGEST)
    if before and is_on:
        until = max(until, before.until)
    told = before is not None and before.told
    return _save(db, Limit(whose.service, whose.account, whose.operation, whose.bot, until, hits, now, why, told))


def used_up(
    db: Database, whose: Whose, now: datetime, until: datetime, why: str = "this was the last that it allows for now"
) -> None:
    """A success took the last that is allowed until then, or that may be taken."""
    before = _stands(db, whose)
    hits = before.hits if before else 0
    until = min(until, now + LONGEST)
    _save(db, Limit(whose.service, whose.account, whose.operation, whose.bot, until, hits, now, why, False))


def succeeded(db: Database, service: str, account: str, operations: Iterable[str], now: datetime) -> None:
    """These operations were let through: they are limited no more, and the next limit lasts half as long."""
    for operation in operations:
        before = _stands(db, Whose("", service, account, operation))
        if before and before.hits > 1:
            _save(db, replace(before, hits=before.hits - 1, until=now, told=False))
        elif before:
            _forget(db, before)


def lift(db: Database, service: str, account: str, operation: str = "") -> None:
    """A person wants it tried now: this operation, or all."""
    for limit in _many(db, "service = ? AND account = ?", service, account):
        if operation in ("", limit.operation):
            _forget(db, limit)


def lift_all(db: Database) -> None:
    """As if none had been met: for a copy on which nothing is sent."""
    db.update("DELETE FROM service_limits")


def has(db: Database, service: str, account: str) -> bool:
    """Whether any was met there lately."""
    return bool(_many(db, "service = ? AND account = ?", service, account))


def current(db: Database, service: str, account: str, operations: Sequence[str], now: datetime) -> Limit | None:
    """Of the limits of these operations that hold now, the one that ends last."""
    which = f"service = ? AND account = ? AND operation IN ({placeholders(operations)})"
    found = [limit for limit in _many(db, which, service, account, *operations) if limit.is_on(now)]
    return max(found, key=lambda limit: limit.until, default=None)


def holding(db: Database, bot: str, services: Sequence[str], now: datetime) -> list[Limit]:
    """What holds now for a bot: what it met itself, and what others met at the `services` that it shares with them."""
    shared = f" OR service IN ({placeholders(services)})" if services else ""
    found = _many(db, f"(bot = ?{shared})", bot, *services)
    return sorted((limit for limit in found if limit.is_on(now)), key=lambda each: (each.service, each.operation))


def mark_told(db: Database, limit: Limit) -> None:
    """A person heard of it."""
    _save(db, replace(limit, told=True))


def _stands(db: Database, whose: Whose) -> Limit | None:
    found = _many(db, "service = ? AND account = ? AND operation = ?", whose.service, whose.account, whose.operation)
    return found[0] if found else None


def _save(db: Database, limit: Limit) -> Limit:
    _forget(db, limit)
    db.insert(
        "service_limits",
        service=limit.service,
        account=limit.account,
        operation=limit.operation,
        bot=limit.bot,
        until=to_text(limit.until),
        hits=limit.hits,
        seen_at=to_text(limit.seen_at),
        why=limit.why,
        told=int(limit.told),
    )
    return limit


def _forget(db: Database, limit: Limit) -> None:
    sql = "DELETE FROM service_limits WHERE service = ? AND account = ? AND operation = ?"
    db.update(sql, limit.service, limit.account, limit.operation)


def _many(db: Database, which: str, *parameters: Value) -> list[Limit]:
    return [_limit(row) for row in db.rows(f"SELECT * FROM service_limits WHERE {which}", *parameters)]


def _limit(row: Row) -> Limit:
    return Limit(
        service=row["service"],
        account=row["account"],
        operation=row["operation"],
        bot=row["bot"],
        until=from_text(row["until"]),
        hits=row["hits"],
        seen_at=from_text(row["seen_at"]),
        why=row["why"],
        told=bool(row["told"]),
    )
