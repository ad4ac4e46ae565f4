"""Fetches and reads what others wrote, beside the sources: pages for cards, and pictures. Each thing has its time, and
what hosts cost is remembered for as long as it lasts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from twitter_manager.budget import TimeBudget
from twitter_manager.domain import TimeLeft
from twitter_manager.errors import SourceError, TwitterManagerError

if TYPE_CHECKING:
    from twitter_manager.sources.bounded import Reader
    from twitter_manager.sources.fetch import Answer, Fetcher, Wanted

SLOW = 3.0
"""Seconds. A host that takes longer to give no picture is not asked for another."""


@dataclass(slots=True)
class Outside:
    """One client that fetches and one process that reads, started when they are needed. `close` it in the end."""

    fetcher: Callable[[TimeLeft], Fetcher]
    """Makes the client, for so much time."""
    run_left: TimeLeft
    _budget: TimeLeft = field(default=lambda: 0.0)
    _fetches: Fetcher | None = None
    _reads: Reader | None = None
    _slow: set[str] = field(default_factory=set)
    """Hosts that are not asked for pictures again."""

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

    @contextmanager
    def picture(self, url: str) -> Iterator[bytes]:
        """The file at an address, to be read within the block. Raises SourceError, for a slow host too."""
        from twitter_manager.sources.fetch import PICTURE

        if host_of(url) in self._slow:
            raise SourceError(f"{host_of(url)} was too slow with a picture before.")
        before = self.time_left()
        try:
            answer = self.get(url, PICTURE)
            yield answer.content if answer else b""
        except (TwitterManagerError, OSError):
            if before - self.time_left() > SLOW:
                self._slow.add(host_of(url))
            raise

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


def host_of(url: str) -> str:
    """Its host and port; "" where it has none."""
    try:
        return urlsplit(url).netloc.rpartition("@")[2]
    except ValueError:
        return ""
