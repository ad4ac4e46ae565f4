"""How hard the outbox tries, and when it stops."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

from twitter_manager.domain import Clock, Draft, Platform, TimeLeft
from twitter_manager.errors import OutcomeUnknown, PlatformError

if TYPE_CHECKING:
    import tenacity

log = logging.getLogger(__name__)

RESERVE_SECONDS = 5.0
"""No request and no wait begins with less than this left of the run's time."""


class Purse(Protocol):
    """What may still be spent."""

    @property
    def left(self) -> float:
        """US dollars."""
        ...

    @property
    def words(self) -> str:
        """What holds things back where nothing is left, and the way on."""
        ...


@dataclass(frozen=True, slots=True)
class Unlimited:
    """A purse that never ends."""

    left: float = math.inf
    words: str = ""


Standing = Callable[[Draft | None], Purse]
"""The purse as it is now, for this draft, or for what belongs to none."""


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


def attempts(
    policy: Policy,
    clock: Clock,
    sleep: Callable[[float], None],
    time_left: TimeLeft,
    fresh: Callable[[], bool],
    *again: type[PlatformError],
) -> tenacity.Retrying:
    """Policy as data, for tenacity: only after the errors `again`, and no wait goes past the run's time."""
    import tenacity

    backoff = tenacity.wait_random_exponential(multiplier=policy.first_wait, max=policy.longest_wait)

    def wait(state: tenacity.RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        named = error.retry_at if isinstance(error, PlatformError) else None
        # A second more, for servers round the time down; and one that is past is no reason to try at once.
        until = 0.0 if named is None else (named - clock()).total_seconds() + 1.0
        return max(backoff(state), until)

    def stop(state: tenacity.RetryCallState) -> bool:
        out_of_time = state.upcoming_sleep > time_left() - RESERVE_SECONDS
        return state.attempt_number >= policy.attempts or out_of_time or not fresh()

    return tenacity.Retrying(
        retry=tenacity.retry_if_exception_type(again),
        stop=stop,
        wait=wait,
        sleep=sleep,
        reraise=True,
    )


@contextmanager
def guarded(platform: Platform) -> Iterator[None]:
    """An error that the platform's module did not foresee came with the request on its way: the outcome is unknown."""
    try:
        yield
    except PlatformError:
        raise
    except Exception as error:
        log.exception("%s: an unforeseen error while publishing", platform.name)
        raise OutcomeUnknown(f"unforeseen {type(error).__name__} while publishing") from error
