"""The settings of the program as a whole, with those of its bots: what a `.env` says once for all of them."""

from __future__ import annotations

import re
from collections.abc import Mapping, MutableMapping
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from twitter_manager.settings.mailbox import Mailbox
from twitter_manager.settings.records import Bot, Generators
from twitter_manager.settings.sources import Table
from twitter_manager.settings.upkeep import Upkeep
from twitter_manager.validation import (
    InvalidValue,
    by,
    checked_text,
    choice,
    monitor_url,
    shared,
    text,
    url,
    variable,
    whole,
)


def _json_file(value: Any) -> str:
    """By its name no database, feed or file of keys, which each run would replace."""
    path = checked_text(value, 1000)
    if not path.endswith(".json"):
        raise InvalidValue("is not the name of a .json file", "Write it as folder/health.json.")
    return path


def _metrics_file(value: str) -> str:
    if not value.endswith(".prom") or value.endswith("/.prom") or value == ".prom":
        raise InvalidValue("must end in .prom", "Write it as /var/lib/prometheus/node-exporter/twitter_manager.prom.")
    return checked_text(value, 1000)


def _gateway(value: str) -> str:
    """An http or https address; a user and a password may stand in it."""
    from urllib.parse import urlsplit

    not_one = InvalidValue("is not the address of a push gateway", "Write it as http://host:9091.")
    try:
        parts = urlsplit(value)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise not_one from None
    if parts.scheme not in ("http", "https") or not host or not re.fullmatch(r"[!-~]{1,1000}", value):
        raise not_one
    if parts.query or parts.fragment:
        raise InvalidValue("holds a query or a fragment", "Leave out all from ? or # on.")
    return value.rstrip("/")


def health_path(home: Path, given: str) -> Path:
    """Where HEALTH_FILE lies; relative to the home folder."""
    path = Path(given or "data/health.json")
    with suppress(RuntimeError):  # the home folder of nobody
        path = path.expanduser()
    return home / path


class Settings(Table):
    """All settings of the program."""

    home: Path
    run_seconds: Annotated[int, whole(30, 3300, strict=False)] = shared(
        "RUN_SECONDS", "The most seconds that a run may take.", 600
    )
    settle_minutes: Annotated[int, whole(1, 1440, strict=False)] = shared(
        "SETTLE_MINUTES", "How long a post to X that may have arrived is looked for.", 15
    )
    unsure: Annotated[str, choice("resend", "hold")] = shared(
        "UNSURE", "If it is not found then: resend it, or hold it for a person.", "resend"
    )
    log_level: Annotated[str, choice("DEBUG", "INFO", "WARNING", "ERROR")] = shared(
        "LOG_LEVEL", "DEBUG, INFO, WARNING or ERROR.", "INFO"
    )
    keyring: Annotated[str, choice("on", "off")] = shared(
        "KEYRING",
        "on: secrets that are not set here may stand in the keyring of this machine's desktop (auth login --keyring).",
        "off",
    )
    review_port: Annotated[int, whole(1024, 65535, strict=False)] = shared(
        "REVIEW_PORT", "Where the review console listens on this machine; a free port where this one is taken.", 8756
    )
    review_idle_minutes: Annotated[int, whole(1, 1440, strict=False)] = shared(
        "REVIEW_IDLE_MINUTES", "After how many minutes without anybody the review console ends.", 15
    )
    answer_telegram: Annotated[str, choice("on", "off")] = shared(
        "ANSWER_TELEGRAM",
        "on: you may answer notices in the Telegram chat of the tgram:// address in NOTIFY_URLS.",
        "off",
    )
    telegram_url: Annotated[str, url(path=True)] = shared(
        "TELEGRAM_API_URL", "Of your own Bot API server.", "https://api.telegram.org"
    )
    answer_hours: Annotated[int, whole(1, 336, strict=False)] = shared(
        "ANSWER_HOURS", "Hours for which the code in a notice can be used at most.", 72
    )
    health_file: Annotated[str, by(_json_file)] = shared(
        "HEALTH_FILE", "Where each run writes how things stand, as health --json tells it. Empty: data/health.json.", ""
    )
    upkeep: Upkeep
    metrics_file: Annotated[str, by(_metrics_file)] = shared(
        "METRICS_FILE",
        "A file ending in .prom that each run writes its figures to, for Prometheus (docs/operations.md).",
        "",
    )
    """Empty: none. See `metrics_path`."""
    pushgateway_url: Annotated[str, by(_gateway)] = shared(
        "PUSHGATEWAY_URL",
        "A push gateway of Prometheus that gets the same figures. A user and a password may stand in the address.",
        "",
        secret=True,
    )
    least_disk_mb: Annotated[int, whole(0, 1_000_000, strict=False)] = shared(
        "LEAST_DISK_MB", "Warn where less than so many MB of the disk are free; 0: never.", 500
    )
    most_memory_mb: Annotated[int, whole(0, 1_000_000, strict=False)] = shared(
        "MOST_MEMORY_MB", "Warn where a run needs more MB of memory; 0: never.", 4000
    )
    ping_url: Annotated[str, by(monitor_url)] = variable(
        "PING_URL",
        "The dead-man's switch: each run reports here, and whoever watches it tells you when runs fail or stop coming, "
        "say https://hc-ping.com/… (docs/operations.md).",
        "",
        asked="Dead-man's switch: address",
        where="In three steps: make a free account at https://healthchecks.io, add a check with a period of 2 hours "
        "there, and copy its ping address.",
        secret=True,
        per_bot=False,
    )
    otlp_endpoint: Annotated[str, by(monitor_url)] = shared(
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        "Where traces of the runs go (OpenTelemetry over HTTP), say http://localhost:4318. Empty: nowhere.",
        "",
    )
    otlp_headers: Annotated[str, text(2000)] = shared(
        "OTEL_EXPORTER_OTLP_HEADERS",
        "What the collector of traces wants to see: name=value, with commas between.",
        "",
        secret=True,
    )
    mailbox: Mailbox | None = None
    """None where answers don't come by mail."""
    generators: Generators
    bots: tuple[Bot, ...]
    secrets: tuple[str, ...] = Field(repr=False)
    """Every secret value, for redaction."""
    pass_through: Mapping[str, str] = Field(repr=False)
    """Names and values from `.env` that libraries read from the process environment (a proxy, say), where that doesn't
    have them."""

    @property
    def takes_answers(self) -> bool:
        """Whether people's replies to notices are read."""
        return self.mailbox is not None or self.answer_telegram == "on"

    def hand_on(self, environ: MutableMapping[str, str]) -> None:
        """Give `pass_through` to the libraries, which read the process environment and nothing else. What it has
        already holds. Must come before the first client, and before a child process starts."""
        for name, value in self.pass_through.items():
            environ.setdefault(name, value)

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def logs(self) -> Path:
        return self.home / "logs"

    @property
    def database(self) -> Path:
        return self.data / "twitter.db"

    @property
    def lock(self) -> Path:
        return self.data / "twitter.lock"

    @property
    def health_path(self) -> Path:
        """Where each run writes how things stand."""
        return health_path(self.home, self.health_file)

    @property
    def models(self) -> Path:
        return self.data / "models"

    @property
    def least_disk(self) -> int:
        """Bytes that should be free."""
        return self.least_disk_mb * 2**20

    @property
    def metrics_path(self) -> Path | None:
        """The file for Prometheus; a relative name is one in the home folder."""
        return self.home / self.metrics_file if self.metrics_file else None

    def feed(self, bot: str) -> Path:
        """The bot's feed: `data/feed.xml` for `default`, `data/feed-NAME.xml` for another."""
        return self.data / ("feed.xml" if bot == "default" else f"feed-{bot}.xml")

    @property
    def active(self) -> tuple[Bot, ...]:
        """The bots that are switched on."""
        return tuple(bot for bot in self.bots if bot.enabled)
