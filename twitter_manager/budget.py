"""The time and the money that a run may take, as objects that each step hands on to the next."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from twitter_manager.domain import TimeLeft


@dataclass(frozen=True, slots=True)
class TimeBudget:
    """Seconds left, asked by calling it, so that it serves wherever a `TimeLeft` is wanted."""

    left: TimeLeft
    reserved: float = 0.0
    """Seconds of `left` that are kept for what comes later."""

    @classmethod
    def of(cls, seconds: float) -> TimeBudget:
        """A budget that begins now."""
        deadline = time.monotonic() + seconds
        return cls(lambda: deadline - time.monotonic())

    def __call__(self) -> float:
        return self.left() - self.reserved


def reserve(left: TimeLeft, seconds: float) -> TimeBudget:
    """What is left but for these seconds."""
    return TimeBudget(left, seconds)


def share(left: TimeLeft, fraction: float) -> TimeBudget:
    """This fraction of what is left now; the rest is kept for what comes later."""
    return TimeBudget(left, left() * (1 - fraction))


Book = Callable[[str, str, int, float], int | None]
"""Writes a paid call down: its kind, the service, how much of it, US dollars. Gives its number."""


@dataclass(slots=True)
class MoneyBudget:
    """What may still be spent, handed from step to step: each takes off what it spent."""

    usd_left: float = math.inf
    """US dollars. The last answer may overdraw it, since its price is known only afterwards."""
    book: Book = lambda kind, service, units, usd: None
    booked: list[int] = field(default_factory=list)
    """The charges that were written down, by their numbers."""

    def cap(self, usd: float) -> None:
        """No more than this may be spent, whatever is left."""
        self.usd_left = min(self.usd_left, usd)

    def spend(self, usd: float) -> None:
        """Take off what an answer cost."""
        self.usd_left -= usd

    def pay(self, kind: str, service: str, tokens: int, usd: float) -> None:
        """Take it off, and have it written down at once: a process that dies before the answer is used has paid."""
        self.spend(usd)
        number = self.book(kind, service.removeprefix("judge "), tokens, usd)
        self.booked += [number] if number else []

    def allows(self, asked: Priced) -> bool:
        """Whether it is free to ask, or there is money left."""
        return asked.free or self.usd_left > 0


class Priced(Protocol):
    """Something that can be asked."""

    @property
    def free(self) -> bool:
        """Whether an answer costs nothing."""
