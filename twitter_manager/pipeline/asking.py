"""Rate limits of who writes, judges and compares texts: met, and respected until they end. What runs on this machine in
this process has none."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, runtime_checkable

from twitter_manager import phrases
from twitter_manager.domain import Clock
from twitter_manager.errors import GeneratorError
from twitter_manager.store import limits
from twitter_manager.store.database import Database
from twitter_manager.store.limits import Whose

ASK = "ask"


@runtime_checkable
class Service(Protocol):
    """Somebody elsewhere who is asked. `account`: whose limits it meets, without a secret."""

    @property
    def name(self) -> str: ...
    @property
    def account(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Asking:
    """The services that one bot asks."""

    db: Database
    bot: str
    clock: Clock
    time_zone: str

    def limit(self, asked: object) -> str:
        """Until when one is limited, for a person; "" where it may be asked."""
        if not isinstance(asked, Service):
            return ""
        limit = limits.current(self.db, asked.name, asked.account, (ASK,), self.clock())
        return phrases.limited(asked.name, ASK, limit.until, self.time_zone) if limit else ""

    def met(self, asked: object, error: BaseException | None, why: str) -> None:
        """Write down that one was limited, where that is what the error says."""
        if isinstance(asked, Service) and isinstance(error, GeneratorError) and error.is_limit:
            now, whose = self.clock(), Whose(self.bot, asked.name, asked.account, ASK)
            with self.db.transaction():
                limits.hit(self.db, whose, now, _retry_at(error, now), why)

    def passed(self, asked: object) -> None:
        """It answered."""
        if isinstance(asked, Service) and limits.has(self.db, asked.name, asked.account):
            with self.db.transaction():
                limits.succeeded(self.db, asked.name, asked.account, (ASK,), self.clock())


def _retry_at(error: GeneratorError, now: datetime) -> datetime | None:
    """No service names more than a day and is believed."""
    return now + timedelta(seconds=min(error.wait, limits.LONGEST.total_seconds())) if error.wait > 0 else None
