"""What the runs of one start leave behind for whoever watches the program. Trouble with it is told, and never makes the
runs fail that it is about."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from twitter_manager.app import App
from twitter_manager.errors import TwitterManagerError
from twitter_manager.operations import told
from twitter_manager.store import usage as kept_usage
from twitter_manager.store.database import Database
from twitter_manager.telemetry import counting, usage
from twitter_manager.telemetry.watch import Watch

log = logging.getLogger(__name__)


def catch_up(db: Database, app: App) -> None:
    """Before the runs, count what came after the last ones: so reports of days that are over lack nothing."""
    with _harmless():
        counting.count(db, app.session.time_zone, {}, seconds=0)


def keep_figures(db: Database, app: App, watch: Watch, began: datetime) -> None:
    """Count what happened, keep what it took, and hand the figures to those who are named in the settings."""
    with _harmless():
        if not counting.count(db, app.session.time_zone, watch.stages):
            log.info("figures: older rows are counted by the next runs")
    with _harmless():
        kept_usage.keep(db, usage.measured(db, app.settings.data, began, watch.seconds()), app.clock())
    with _harmless():
        _publish(db, app)


@contextmanager
def _harmless() -> Iterator[None]:
    try:
        yield
    except TwitterManagerError as error:  # such as a full disk: its words say all
        log.error("the figures are not kept: %s", error)
    except Exception as error:  # whatever it is, the posts are out
        log.error("the figures are not kept: %s", error, exc_info=True)


def _publish(db: Database, app: App) -> None:
    """To the file and the gateway that the settings name. A person hears of trouble when it begins."""
    settings, trouble = app.settings, {"METRICS_FILE": "", "PUSHGATEWAY_URL": ""}
    if settings.metrics_path or settings.pushgateway_url:
        from twitter_manager.telemetry import metrics, pushing

        figures = metrics.read(db, {bot.name: bot.time_zone for bot in settings.bots}, app.clock())
        registry = metrics.registry(figures, app.factory.redacted)
        if settings.metrics_path:
            trouble["METRICS_FILE"] = metrics.write(settings.metrics_path, metrics.exposition(registry))
        if settings.pushgateway_url:
            trouble["PUSHGATEWAY_URL"] = pushing.push(settings.pushgateway_url, registry)
    for name, words in trouble.items():
        error = app.redactor.redact(words)
        if error:
            log.info("%s: %s", name, error)
        if told.begins(settings.data, name, error, app.clock()):
            app.notes.append(f"{name}: {error}. This is told once, until it works again.")
