"""What an invocation leaves behind for whoever watches the program, once its bots have run. Trouble with it is told,
and never makes the runs fail that it is about."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from twitter_manager.app import App
from twitter_manager.errors import TwitterManagerError
from twitter_manager.stages import Stage
from twitter_manager.store import troubles
from twitter_manager.store import usage as kept_usage
from twitter_manager.store.database import Database
from twitter_manager.telemetry import counting, usage

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Invocation:
    """One start of the program that does runs. `stages`: of each bot's run."""

    app: App
    began: datetime
    stages: Mapping[str, Sequence[Stage]] = field(default_factory=dict)
    _start: float = field(default_factory=time.monotonic)

    def catch_up(self, db: Database) -> None:
        """Before the runs, count what came after the last ones: so reports of days that are over lack nothing."""
        self._guarded(lambda db: counting.count(db, self.app.session.time_zone, {}, seconds=0), db)

    def keep_figures(self, db: Database) -> None:
        """Count what happened, keep what it took, and hand the figures to those who are named in the settings."""
        for step in (self._count, self._keep_usage, self._publish):
            self._guarded(step, db)

    def _guarded(self, step: Callable[[Database], object], db: Database) -> None:
        try:
            step(db)
        except TwitterManagerError as error:  # such as a full disk: its words say all
            log.error("the figures are not kept: %s", error)
        except Exception as error:  # whatever it is, the posts are out
            log.error("the figures are not kept: %s", error, exc_info=True)

    def _count(self, db: Database) -> None:
        if not counting.count(db, self.app.session.time_zone, self.stages):
            log.info("figures: older rows are counted by the next runs")

    def _keep_usage(self, db: Database) -> None:
        seconds = time.monotonic() - self._start
        now = self.app.clock()
        kept_usage.keep(db, usage.measured(db, self.app.settings.data, self.began, seconds), now)

    def _publish(self, db: Database) -> None:
        """To the file and the gateway that the settings name."""
        settings, trouble = self.app.settings, {"METRICS_FILE": "", "PUSHGATEWAY_URL": ""}
        if settings.metrics_path or settings.pushgateway_url:
            from twitter_manager.telemetry import metrics, pushing

            figures = metrics.read(db, {bot.name: bot.time_zone for bot in settings.bots}, self.app.clock())
            registry = metrics.registry(figures, self.app.factory.redacted)
            if settings.metrics_path:
                trouble["METRICS_FILE"] = metrics.write(settings.metrics_path, metrics.exposition(registry))
            if settings.pushgateway_url:
                trouble["PUSHGATEWAY_URL"] = pushing.push(settings.pushgateway_url, registry)
        for name, error in trouble.items():
            self._tell_once(db, name, error)

    def _tell_once(self, db: Database, name: str, error: str) -> None:
        """A person hears of trouble when it begins; "" where there is none."""
        error = self.app.redactor.redact(error)
        if error:
            log.info("%s: %s", name, error)
        if troubles.note(db, name, error, self.app.clock()):
            self.app.notes.append(f"{name}: {error}. This is told once, until it works again.")
