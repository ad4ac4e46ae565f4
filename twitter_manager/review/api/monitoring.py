"""For whoever watches the program from outside: health, which answers at once and to everyone, and figures."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from starlette.responses import Response

from twitter_manager import __version__
from twitter_manager.domain import DraftStatus, Json
from twitter_manager.errors import StoreError
from twitter_manager.pipeline.spending import this_month
from twitter_manager.review.api import shapes
from twitter_manager.review.api.endpoint import Call, answered
from twitter_manager.review.console.desk import reading
from twitter_manager.store import drafts, figures, runs
from twitter_manager.store.database import iso

TEXT_FORMAT = "text/plain; version=0.0.4; charset=utf-8"
"""https://prometheus.io/docs/instrumenting/exposition_formats/"""
_WAITING = (DraftStatus.PENDING, DraftStatus.NEEDS_ATTENTION)


def health(call: Call) -> Response:
    """Whether all is well: 200 where it is, 503 where the newest run of a bot failed or the database can't be read.
    Whoever reaches the port may ask."""
    try:
        told = _health(call)
    except StoreError:
        told = _told(failing=True)
    return answered(call.app, told, 503 if told["status"] == "failing" else 200)


def _health(call: Call) -> Json:
    with reading(call.request) as db:
        counted = figures.drafts_by_status(db)
        return _told(
            failing=any(runs.failures_in_a_row(db, bot.name) for bot in call.app.settings.active),
            began=runs.newest_start(db),
            succeeded=figures.last_success(db),
            waiting=sum(counted.get(status, 0) for status in _WAITING),
        )


def _told(*, failing: bool, began: datetime | None = None, succeeded: datetime | None = None, waiting: int = 0) -> Json:
    return {
        "status": "failing" if failing else "ok",
        "last_run_at": iso(began),
        "last_success_at": iso(succeeded),
        "waiting_drafts": waiting,
        "version": __version__,
    }


def metrics(call: Call) -> Json | Response:
    """Figures of all bots, in the text format of Prometheus or as JSON."""
    query: shapes.MetricsQuery = call.query
    found = _metrics(call)
    return found if query.format == "json" else Response("\n".join(_lines(found)) + "\n", media_type=TEXT_FORMAT)


def _metrics(call: Call) -> Json:
    now = call.app.clock()
    with reading(call.request) as db:
        succeeded = figures.last_success(db)
        return {
            "runs": figures.runs_by_outcome(db),
            "posts": figures.posts_by_platform(db),
            "drafts": figures.drafts_by_status(db),
            "spent_usd": {bot: this_month(db, bot, call.app.session.time_zone(bot), now) for bot in drafts.bots(db)},
            "seconds_since_success": (now - succeeded).total_seconds() if succeeded else None,
        }


_FAMILIES = (
    ("runs", "runs_total", "counter", "outcome", "Runs that were started."),
    ("posts", "posts_total", "counter", "platform", "Posts that went out; a thread is one."),
    ("drafts", "drafts", "gauge", "status", "Drafts."),
    ("spent_usd", "spent_usd", "gauge", "bot", "US dollars spent in the bot's month."),
)
"""The key of each figure, its name and type at Prometheus, its label, and its help."""


def _lines(found: Json) -> Iterator[str]:
    for key, name, kind, label, help in _FAMILIES:
        yield from _family(name, kind, help)
        for each, figure in found[key].items():
            yield f'twitter_manager_{name}{{{label}="{_quoted(each)}"}} {figure}'
    if found["seconds_since_success"] is not None:
        yield from _family("seconds_since_success", "gauge", "Seconds since the newest run ended that did not fail.")
        yield f"twitter_manager_seconds_since_success {found['seconds_since_success']:.0f}"


def _family(name: str, kind: str, help: str) -> Iterator[str]:
    yield f"# HELP twitter_manager_{name} {help}"
    yield f"# TYPE twitter_manager_{name} {kind}"


def _quoted(label: str) -> str:
    return label.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
