"""Fetches and reads what others wrote, beside the sources: pages for cards, and pictures. Each thing has its time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from twitter_manager.budget import TimeBudget
from twitter_manager.domain import TimeLeft

if TYPE_CHECKING:
    from twitter_manager.sources.bounded import Reader
    from twitter_manager.sources.fetch import Answer, Fetcher, Wanted


@dataclass(slots=True)
class Outside:
    """One client that fetches and one process that reads, started when they are needed. `close` it in the end."""

    fetcher: Callable[[TimeLeft], Fetcher]
    """Makes the client, for so much time."""
    run_left: TimeLeft
    _budget: TimeLeft = field(default=lambda: 0.0)
    _fetches: Fetcher | None = None
    _reads: Reader | None = None

    def begin(self, seconds: float) -> None:
        """From now on so much time is there, and no more than the run has left."""
        of_thing, of_run = TimeBudget.of(seconds), self.run_left
        self._budget = lambda: min(of_thing(), of_run())

    def time_left(self) -> float:
        """Seconds of what was begun."""
        return self._budget()

    def get(self, url: str, wanted: Wanted) -> Answer | None:
        """What an address answers. Raises SourceError."""
        return self._helpers()[0].get(url, wanted)

    @property
    def reads(self) -> Reader:
        """The process in which what was fetched is read."""
        return self._helpers()[1]

    def close(self) -> None:
        """End what reads and fetches."""
        if self._reads is not None and self._fetches is not None:
            self._reads.close()
            self._fetches.close()
        self._reads = self._fetches = None

    def _helpers(self) -> tuple[Fetcher, Reader]:
        from twitter_manager.sources.bounded import Reader

        if self._fetches is None or self._reads is None:
            self._fetches = self.fetcher(self.time_left)
            self._reads = Reader(self._fetches)
        return self._fetches, self._reads
