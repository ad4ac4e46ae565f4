"""Asks a platform for what came back, within the run's time, the platform's limits and the money that may go into it.
Nothing that it meets there can fail a run: most of it is a line in the log, and a person hears once of what only they
can mend."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeVar

from twitter_manager.amendments import ChargingPlatform
from twitter_manager.delivery import limiting
from twitter_manager.delivery.policy import RESERVE_SECONDS
from twitter_manager.domain import Json, Platform
from twitter_manager.errors import NeedsPerson, PlatformError, Unreadable
from twitter_manager.pipeline import select
from twitter_manager.pipeline.context import RunContext
from twitter_manager.pipeline.spending import month_began
from twitter_manager.social import SocialPlatform
from twitter_manager.store import charges, deliveries, events
from twitter_manager.store.comments import READING_REFUSED
from twitter_manager.store.database import from_text

log = logging.getLogger(__name__)

TOLD_AGAIN = timedelta(days=30)
"""After so long a person hears again of the same lack."""
_NO_LOGIN = 401
"""The status with which keys are refused for everything."""
_TRIED_AGAIN = timedelta(days=1)
"""After so long keys that were refused are tried again though no post went through."""
_ROUNDING = 1e-6
"""Of a read: sums of prices are off by less."""

_Answer = TypeVar("_Answer")


@dataclass(slots=True)
class Reader:
    """The reads of one run."""

    context: RunContext
    run_id: int
    _blind: set[str] = field(default_factory=set)
    """Platforms that gave no answer in this run: they are asked for nothing more."""

    def platforms(self, names: Sequence[str]) -> Iterator[SocialPlatform]:
        """Those of the named platforms that are on and may be read now."""
        for name in names:
            platform = self.context.platforms.get(name)
            if isinstance(platform, SocialPlatform) and self.may_ask(platform):
                yield platform

    def may_ask(self, platform: Platform) -> bool:
        """Whether there is time for a request, and nothing in its way there."""
        context = self.context
        if platform.name in self._blind or context.time_left() <= RESERVE_SECONDS or self._keys_are_refused(platform):
            return False
        limit = limiting.in_the_way(context.db, platform, limiting.LISTENING, context.clock())
        if limit is not None:
            log.info("%s: what came back is not read: limited until %s", platform.name, limit.until)
        return limit is None

    def _keys_are_refused(self, platform: Platform) -> bool:
        """Whether the keys were refused within the last day, and no post went through since: they are not tried again
        and again. Who has mended them resumes a post."""
        context, db = self.context, self.context.db
        kinds = (READING_REFUSED, "account_refused")
        refusals = [event for kind in kinds for event in events.newest(db, context.bot, kind)]
        mine = [event for event in refusals if (event["platform"], event.get("status")) == (platform.name, _NO_LOGIN)]
        last = max((from_text(event["at"]) for event in mine), default=None)
        if last is None or last < context.clock() - _TRIED_AGAIN:
            return False
        return not deliveries.posted_since(db, context.bot, platform.name, last)

    def affordable(self, platform: Platform, wanted: int, usd_each: Callable[[ChargingPlatform], float]) -> int:
        """For how many of `wanted` the money lasts there that may go into reads, beside what is kept for posts."""
        if not isinstance(platform, ChargingPlatform):
            return wanted
        context = self.context
        began = month_began(context.clock(), context.budget.time_zone)
        spent = charges.spent_on_reads(context.db, context.bot, platform.name, began)
        left = max(0.0, min(context.listen.x_usd_per_month - spent, select.standing(context).left_beside_posts))
        return min(wanted, int(left / usd_each(platform) + _ROUNDING))

    def ask(self, platform: Platform, what: str, request: Callable[[], _Answer]) -> _Answer | None:
        """The platform's answer; None where it gave none. `what` is read, in a person's words: "figures"."""
        context, db = self.context, self.context.db
        before = charges.newest_id(db)
        try:
            with guarded(platform):
                answer = request()
        except Unreadable as error:
            self._blind.add(platform.name)
            self._note(platform, what, error)
            return None
        finally:
            with db.transaction():
                charges.assign_reads_to_run(db, before, context.bot, platform.name, self.run_id)
        with db.transaction():
            limiting.heard(db, context.bot, platform, context.clock())
        return answer

    def _note(self, platform: Platform, what: str, error: Unreadable) -> None:
        context, db, now = self.context, self.context.db, self.context.clock()
        why = context.redact(str(error))
        line = f"{platform.name}: {what} can't be read: {why}"
        with db.transaction():
            limiting.met(db, context.bot, platform, limiting.LISTEN, error, now, why)
        is_login = error.status == _NO_LOGIN
        if is_login or (error.forbidden and not self._was_told(platform, what, why)):
            told: Json = {"platform": platform.name, "what": what, "error": why, "status": error.status}
            with db.transaction():
                events.record(db, now, READING_REFUSED, bot=context.bot, run_id=self.run_id, **told)
            if not is_login:  # of that a person hears where posts fail by it
                context.warnings.append(line)
        log.warning("%s", line)

    def _was_told(self, platform: Platform, what: str, why: str) -> bool:
        context = self.context
        since = context.clock() - TOLD_AGAIN
        told = events.newest(context.db, context.bot, READING_REFUSED)
        same = [
            event for event in told if (event["platform"], event["what"], event["error"]) == (platform.name, what, why)
        ]
        return any(from_text(event["at"]) > since for event in same)


@contextmanager
def guarded(platform: Platform) -> Iterator[None]:
    """Whatever goes wrong within comes out as Unreadable; `forbidden` where a person must act first."""
    try:
        yield
    except Unreadable:
        raise
    except PlatformError as error:
        raise Unreadable(
            error.message,
            error.remedy,
            status=error.status,
            retry_at=error.retry_at,
            operation=error.operation,
            forbidden=isinstance(error, NeedsPerson),
        ) from error
    except Exception as error:
        log.exception("%s: an unforeseen error while reading what came back", platform.name)
        raise Unreadable(f"unforeseen {type(error).__name__} while reading") from error
