"""The time that a run may take, as objects that each step hands a part of to the next."""

from __future__ import annotations

import time
from dataclasses import dataclass

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
