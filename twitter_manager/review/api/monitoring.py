"""For whoever watches the program from outside: health, which answers at once and to everyone, and figures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from starlette.responses import Response

from twitter_manager import __version__
from twitter_manager.domain import Json
from twitter_manager.errors import StoreError
from twitter_manager.review.api import shapes
from twitter_manager.review.api.endpoint import Call, answered
from twitter_manager.review.console.desk import reading
from twitter_manager.store import figures, runs
from twitter_manager.store.database import iso
from twitter_manager.telemetry import metrics as figures_of_all
from twitter_manager.telemetry.health import Level, gather, judged, machine
from twitter_manager.telemetry.metrics import TEXT_FORMAT, Figures


def health(call: Call) -> Response:
    """Whether all is well: 200 where it is, 503 where the verb `health` says `failing`. Whoever reaches the port may
    ask."""
    try:
        told = _health(call)
    except StoreError:
        told = _told(failing=True)
    return answered(call.app, told, 503 if told["status"] == "failing" else 200)


def _health(call: Call) -> Json:
    settings, now = call.app.settings, call.app.clock()
    with reading(call.request) as db:
        bots = [judged(gather(db, settings, bot, now, ahead=False), now) for bot in settings.active]
        return _told(
            failing=Level.FAILING in {machine(settings).level, *(bot.level for bot in bots)},
            began=runs.newest_start(db),
            succeeded=_newest(bot.facts.last_success for bot in bots),
            waiting=sum(bot.facts.waiting for bot in bots),
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
    now = call.app.clock()
    with reading(call.request) as db:
        found = figures_of_all.read(db, {bot.name: bot.time_zone for bot in call.app.settings.bots}, now)
        if query.format == "json":
            return _as_json(found, figures.drafts_by_status(db), now)
    registry = figures_of_all.registry(found, call.app.factory.redacted)
    return Response(figures_of_all.exposition(registry), media_type=TEXT_FORMAT)


def _newest(moments: Iterable[datetime | None]) -> datetime | None:
    return max(filter(None, moments), default=None)


def _as_json(found: Figures, by_status: Mapping[str, int], now: datetime) -> Json:
    succeeded = _newest(each.last_success.ended_at for each in found.bots if each.last_success)
    return {
        "runs": found.total("runs"),
        "posts": found.total("posts"),
        "drafts": by_status,
        "spent_usd": {each.bot: each.spent_usd for each in found.bots},
        "seconds_since_success": (now - succeeded).total_seconds() if succeeded else None,
    }
