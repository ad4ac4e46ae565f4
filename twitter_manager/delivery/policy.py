"""How hard the outbox tries, and when it stops."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

RESERVE_SECONDS = 5.0
"""No request and no wait begins with less than this left of the run's time."""


@dataclass(frozen=True, slots=True)
class Policy:
    """How hard to try. The attempts and waits are those within one run."""

    attempts: int = 4
    first_wait: float = 1.0
    """In seconds, with jitter, as all waits."""
    longest_wait: float = 60.0
    look_up_waits: tuple[float, ...] = (1.0, 4.0)
    settle: timedelta = timedelta(minutes=15)
    """How long after an attempt X's own list of posts may still lack it."""
    hold_when_unsure: bool = False
    max_runs: int = 3
    """In how many runs it is tried, or looked up, before a person decides."""
