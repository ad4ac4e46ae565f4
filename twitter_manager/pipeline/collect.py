"""Brings material into the store: looks at a bot's sources, keeps what they gave and how each look went.

One source's trouble is a warning: it is logged, kept with the source and told with the run, and the others go on; what
the source gave before stays. Those that waited longest are asked first, and only as long as there is time.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from twitter_manager.budget import share
from twitter_manager.domain import Clock, Item, Json, Progress, TimeLeft
from twitter_manager.errors import SourceError, StoreError
from twitter_manager.pipeline.leaving import let_go
from twitter_manager.sources import NOTES, Collected, Look, Source, drift, stem
from twitter_manager.store import events, items
from twitter_manager.store import sources as memory
from twitter_manager.store.database import Database

if TYPE_CHECKING:
    from twitter_manager.sources.bounded import Reader
    from twitter_manager.sources.fetch import Fetcher

log = logging.getLogger(__name__)

NEWS = ("rss", "git")
"""The kinds of source that give news, which grows old."""
AGEING = (*NEWS, "files")
"""Of a folder only the documents with a date grow old."""
MOST_ODD = 500
"""Entries of a source that are remembered as unlike it."""
SHARE = 3
"""A run spends at most one part in so many of the time it has left on collecting."""


@dataclass(frozen=True, slots=True)
class Looked:
    """How one look went."""

    source: Source
    change: items.Change = field(default_factory=items.Change)
    error: str = ""
    """"" where the source could be read."""
    warnings: tuple[str, ...] = ()
    """Parts of it that could not be read."""

    @property
    def trouble(self) -> list[str]:
        """All that went wrong, each line with the source's name."""
        return [f"{self.source.name}: {line}" for line in (self.error, *self.warnings) if line]


@dataclass(frozen=True, slots=True)
class Collector:
    """Looks at the sources of one bot."""

    db: Database
    bot: str
    sources: Sequence[Source]
    fetcher: Callable[[TimeLeft], Fetcher]
    """Makes the one client that fetches, for so much time."""
    clock: Clock
    time_left: TimeLeft
    progress: Progress
    redact: Callable[[str], str]
    """Takes secrets out of what is kept of an error."""
    run_id: int | None = None
    holds_secret: Callable[[str], bool] = lambda text: False
    """Whether one of the settings' secrets stands in a text."""

    def collect(self, only: str = "", *, due_only: bool = True, kinds: Collection[str] = ()) -> list[Looked]:
        """Look at the sources that are due, or at the one that is meant, and store what they give. `kinds`: at these
        alone, where any are given."""
        let_go(self.db, self.bot, self.sources, self.clock(), self.run_id)
        known = memory.remembered(self.db, self.bot)
        from twitter_manager.sources.bounded import Reader

        left = share(self.time_left, 1 / SHARE) if due_only else self.time_left
        fetcher = self.fetcher(left)
        reader = Reader(fetcher)
        looked = []
        try:
            for source in sorted(self.sources, key=lambda source: _waited_since(known.get(source.name))):
                before = known.get(source.name)
                if kinds and source.kind not in kinds:
                    continue
                if (only and source.name != only) or (due_only and not self._due(source, before)):
                    continue
                if left() <= 0:
                    log.warning("no time left to look at %s; the next run does", source.name)
                    continue
                if source.kind not in NOTES:
                    self.progress(f"{source.name}: looking at {source.place}")
                looked.append(self._look(source, before, fetcher, reader, left))
        finally:
            reader.close()
            fetcher.close()
        self._tidy()
        return looked

    def _due(self, source: Source, before: memory.Remembered | None) -> bool:
        if before is None or not source.is_unchanged(before.signature):
            return True
        waited = self.clock() - before.looked_at
        return not timedelta(0) <= waited < timedelta(minutes=source.every_minutes)

    def _look(
        self, source: Source, before: memory.Remembered | None, fetcher: Fetcher, reader: Reader, time_left: TimeLeft
    ) -> Looked:
        now = self.clock()
        fresh = before is None or not source.is_unchanged(before.signature)
        warnings: list[str] = []
        state = before.state if before and not fresh else {}
        try:
            collected = reader.look(Look(source, state, now, fetcher, warnings.append, time_left))
        except StoreError:
            raise
        except Exception as error:  # noqa: BLE001 (hostile material may break a library in any way; the others go on)
            return self._failed(source, error, now)
        for line in warnings:
            log.warning("%s: %s", source.name, line)
        collected = self._without_secrets(collected, warnings)
        odd = self._odd(source, before, collected)
        with self.db.transaction():
            change = items.refresh(
                self.db,
                self.bot,
                source.name,
                collected.items,
                now,
                complete=collected.complete or fresh,
                kept=lambda key: stem(key) in collected.kept,
            )
            known = {**collected.state, "odd": odd} if odd else collected.state
            memory.succeeded(self.db, self.bot, source.name, source.kept_signature(self.redact), known, now)
        return Looked(source, change, warnings=tuple(map(self.redact, warnings)))

    def _without_secrets(self, collected: Collected, warnings: list[str]) -> Collected:
        """What may be kept: material that holds a key of the settings was never meant to be any."""
        fit = tuple(item for item in collected.items if not self.holds_secret("\n".join(_texts_of(item))))
        if left_out := len(collected.items) - len(fit):
            words = f"{left_out} of its entries hold a secret of your settings and are left out; take it out there"
            warnings.append(words)
        return replace(collected, items=fit)

    def _odd(self, source: Source, before: memory.Remembered | None, collected: Collected) -> dict[str, str]:
        """The keys of entries that look as if their feed was taken over, with a line on each: posts of them wait."""
        odd: dict[str, str] = before.state.get("odd", {}) if before else {}
        if source.kind != "rss" or source.trust == "own" or before is None or not collected.items:
            return odd
        known = items.usual(self.db, self.bot, source.name, odd)
        there = items.keys(self.db, self.bot, source.name)
        new = [item for item in collected.items if item.key not in there]
        return dict([*odd.items(), *drift.changes(known, new, source.name).items()][-MOST_ODD:])

    def _failed(self, source: Source, error: Exception, now: datetime) -> Looked:
        foreseen = isinstance(error, SourceError)
        message = self.redact(" ".join(str(error).split()) if foreseen else f"unforeseen {type(error).__name__}")
        log.warning("%s: %s", source.name, message, exc_info=not foreseen)
        with self.db.transaction():
            memory.failed(self.db, self.bot, source.name, message, now)
            about: Json = {"source": source.name, "error": message}
            events.record(self.db, now, "source_failed", bot=self.bot, run_id=self.run_id, **about)
        return Looked(source, error=message)

    def _tidy(self) -> None:
        """A feed's old news is none, however it fares."""
        with self.db.transaction():
            for source in self.sources:
                if source.kind in AGEING:
                    before = self.clock() - timedelta(days=source.max_age_days)
                    items.age_out(self.db, self.bot, source.name, before, dated_only=source.kind not in NEWS)


def _texts_of(item: Item) -> Iterator[str]:
    for each in fields(item):
        value = getattr(item, each.name)
        yield from (value,) if isinstance(value, str) else value if isinstance(value, tuple) else ()


def _waited_since(before: memory.Remembered | None) -> float:
    return before.looked_at.timestamp() if before else 0.0
