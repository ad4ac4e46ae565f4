"""One look at a source after the other, as the program takes them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from tests.sources.web import fetcher
from twitter_manager.domain import Item, Json
from twitter_manager.sources import Collected, Look, Source, look_at

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


@dataclass
class Watcher:
    """Looks at a source, remembers what it must, and collects the warnings."""

    source: Source
    ports: tuple[int, ...] = ()
    state: Json = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    now: datetime = NOW

    def look(self, *, after: timedelta = timedelta(0)) -> Collected:
        self.now += after
        collected = look_at(
            Look(self.source, self.state, self.now, fetcher(*self.ports), self.warnings.append, lambda: 60.0)
        )
        self.state = collected.state
        return collected

    def news(self, *, after: timedelta = timedelta(hours=1)) -> list[str]:
        """The titles of what may be posted, of a further look."""
        return [item.title for item in self.look(after=after).items if item.postable]


def by_key(collected: Collected) -> dict[str, Item]:
    return {item.key: item for item in collected.items}
