"""What `doctor` looks at of the signals to the outside."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryFile
from uuid import uuid4

from twitter_manager.app import App, utc_now
from twitter_manager.operations import told
from twitter_manager.operations.doctor import Examination, NotQuite
from twitter_manager.settings import Settings
from twitter_manager.telemetry import ping, tracing

_NO_SWITCH = (
    "none is set up, so nobody hears of it when this machine or its cron stops; docs/operations.md says how to get one"
    " in three steps"
)


def examinations(app: App) -> Iterator[Examination]:
    """The dead-man's switch, traces, the figures, and the health file."""
    yield "dead-man's switch", lambda: _switch(app.settings)
    if app.settings.otlp_endpoint:
        yield "traces", lambda: _traces(app.settings)
    if path := app.settings.metrics_path:
        yield "metrics file", lambda: _metrics_file(app.settings, path)
    if app.settings.pushgateway_url:
        yield "push gateway", lambda: _gateway(app.settings)
    yield "health file", lambda: _health_file(app.settings)


def _switch(settings: Settings) -> str:
    """By a report that is neither a success nor a failure."""
    if not settings.ping_url:
        return _NO_SWITCH
    words = "doctor looked whether reports arrive."
    if why := ping.send(settings.ping_url, ping.LOG, uuid4().hex, words, ping.END_SECONDS):
        raise NotQuite(f"it {why}; look at PING_URL in .env")
    return "reports arrive"


def _traces(settings: Settings) -> str:
    if tracing.are_missing():
        raise NotQuite(f"the packages for them are not installed; add them with {tracing.HOW_TO_ADD}")
    if why := _broken(settings, "traces"):
        raise NotQuite(f"those of the last run {why}; look at OTEL_EXPORTER_OTLP_ENDPOINT and at the collector")
    return f"each run sends them to {settings.otlp_endpoint}"


def _metrics_file(settings: Settings, path: Path) -> str:
    if why := _unwritable(path):
        raise NotQuite(f"{path} {why}; look at METRICS_FILE in .env")
    if why := _broken(settings, "METRICS_FILE"):
        raise NotQuite(f"in the last run {why}; look at METRICS_FILE in .env")
    return f"each run writes {path}"


def _gateway(settings: Settings) -> str:
    from twitter_manager.telemetry import pushing

    if why := pushing.unreached(settings.pushgateway_url) or _broken(settings, "PUSHGATEWAY_URL"):
        raise NotQuite(f"{why}; look at PUSHGATEWAY_URL in .env")
    return "it is reached; each run pushes its figures there"


def _health_file(settings: Settings) -> str:
    path = settings.health_path
    is_to_come = path.parent == settings.data and not settings.data.exists()  # the first run makes that folder
    if why := "" if is_to_come else _unwritable(path) or _broken(settings, "health file"):
        raise NotQuite(f"{path} {why}; look at HEALTH_FILE in .env")
    return f"each run writes {path}"


def _unwritable(path: Path) -> str:
    """Why a file can't be put in this place, or "". Nobody makes a folder that is not there."""
    try:
        with TemporaryFile(dir=path.parent):
            return "can't be written (it is a folder)" if path.is_dir() else ""
    except OSError as error:
        return f"can't be written ({error.strerror})"


def _broken(settings: Settings, name: str) -> str:
    """Why this did not work in the last run; "" where it did."""
    known = told.load(settings.data, utc_now()).broken.get(name)
    return known.error if known else ""
