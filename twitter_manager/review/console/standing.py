"""`/health` and `/bots`: how each bot stands, what this machine has for it, and how it is set up.

Read only; nobody else is asked, and no secret is shown."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime, time
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from twitter_manager import phrases, providers, show
from twitter_manager.domain import DraftStatus, Json, Run
from twitter_manager.operations import doctor, overview
from twitter_manager.pipeline.context import Calendar
from twitter_manager.pipeline.spending import this_month
from twitter_manager.review.console.desk import desk, reading, render
from twitter_manager.settings import botfile
from twitter_manager.store import browsing, limits
from twitter_manager.store import sources as memory
from twitter_manager.store.database import Database
from twitter_manager.telemetry.health import Finding, Level, gather, judged

if TYPE_CHECKING:
    from twitter_manager.settings import Bot, Settings

QUICK = ("disk", "folders", "backups", "cron")
"""What is looked at whenever the page is; the rest takes its time."""
NEXT_DATED = 100
"""So many of a bot's dated posts are compared with the times at which runs start, then; of more the first."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """A source that can't be read."""

    name: str
    error: str
    since: str
    """When it could be read last."""


@dataclass(frozen=True, slots=True)
class Health:
    """How one bot stands."""

    bot: str
    last_run: str
    last_run_id: int
    is_failing: bool
    findings: Sequence[Finding]
    """What is not as it should be, as the verb `health` tells it."""
    last_success: str
    failures: int
    next_post: str
    paused: bool
    ready: int
    pool: int
    waiting: int
    """Drafts that wait for a person."""
    half_out: int
    """Posts that failed, or are out in part."""
    spent: str
    budget: str
    spent_share: float
    sources: Sequence[Trouble]
    limits: Sequence[str]
    """Until when platforms and services are left alone."""
    unfinished: Sequence[str]


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting as it holds."""

    name: str
    value: str
    help: str
    is_default: bool


def health(request: Request) -> Response:
    """How every bot stands, and the machine; `?look=closer` takes longer."""
    app, now = desk(request), desk(request).clock()
    closer = request.query_params.get("look") == "closer"
    with reading(request) as db:
        bots = [health_of(db, app.settings, bot, now) for bot in app.settings.bots]
        size = db.size()
    looks = doctor.here(app.settings, app.clock) if closer else doctor.here(app.settings, app.clock, NEXT_DATED)
    wanted = ((name, look) for name, look in looks if closer or name in QUICK)
    found = doctor.examine(wanted, app.redactor.redact)
    return render(
        request, "health.html.j2", bots=bots, checks=found["checks"], closer=closer, size=f"{size / 1e6:.1f} MB"
    )


def health_of(db: Database, settings: Settings, bot: Bot, now: datetime) -> Health:
    """How a bot stands, from what the database knows."""
    facts = gather(db, settings, bot, now, ahead=bot.enabled)
    found = judged(facts, now) if bot.enabled else None
    zone, counted, newest = bot.time_zone, browsing.waiting(db, bot.name), facts.last_run
    spent = this_month(db, bot.name, zone, now)
    return Health(
        bot=bot.name,
        last_run=_run(newest, zone),
        last_run_id=newest.id if newest else 0,
        is_failing=found is not None and found.level is Level.FAILING,
        findings=found.findings if found else (),
        last_success=phrases.clock(facts.last_success, zone) if facts.last_success else "never",
        failures=facts.failures,
        next_post=show.next_post(db, bot, Calendar.of(bot), now),
        paused=facts.paused is not None,
        ready=facts.ready,
        pool=bot.pool_size,
        waiting=facts.waiting,
        half_out=counted.get(DraftStatus.PARTLY_POSTED, 0) + counted.get(DraftStatus.PUBLISHING, 0),
        spent=f"${spent:.2f}",
        budget=f"${bot.limits.usd_per_month:.2f}",
        spent_share=min(1.0, spent / bot.limits.usd_per_month) if bot.limits.usd_per_month else float(spent > 0),
        sources=list(_troubles(db, bot)),
        limits=_limits(db, bot, now),
        unfinished=[phrases.delivery(each) for each in show.unfinished(db, bot.name)[:10]],
    )


def _limits(db: Database, bot: Bot, now: datetime) -> list[str]:
    holding = limits.holding(db, bot.name, providers.services(bot.generators), now)
    return [phrases.limited(each.service, each.operation, each.until, bot.time_zone) for each in holding]


def _run(run: Run | None, zone: str) -> str:
    if run is None:
        return "never"
    reason = f": {run.reason}" if run.reason else ""
    return f"{phrases.clock(run.started_at, zone)}, {phrases.OUTCOME[run.outcome]}{reason}"


def _troubles(db: Database, bot: Bot) -> Iterator[Trouble]:
    known = memory.remembered(db, bot.name)
    for source in bot.sources:
        if (each := known.get(source.name)) and each.error:
            since = phrases.clock(each.succeeded_at, bot.time_zone) if each.succeeded_at else "never"
            yield Trouble(without_query(source.name), each.error, since)


def bots(request: Request) -> Response:
    """Each bot as it is set up."""
    app = desk(request)
    shown = [_bot(bot) | {"accounts": overview.describe(bot, app.settings)} for bot in app.settings.bots]
    return render(request, "bots.html.j2", bots=[_redacted(each, app.redactor.redact) for each in shown])


def _bot(bot: Bot) -> Json:
    tables = ((_TITLES.get(name, name.capitalize()), name, list(settings_of(bot, name))) for name in botfile.TABLES)
    return {
        "name": bot.name,
        "enabled": bot.enabled,
        "tables": [(title, name, settings) for title, name, settings in tables if settings],
        "weights": [("Topics", dict(bot.topics)), ("Formats", dict(bot.formats))],
        "sources": [
            {"name": without_query(source.name), "kind": source.kind, "trust": source.trust}
            | {"place": ", ".join(map(without_query, source.urls)) or str(source.path or "comes with the program")}
            for source in bot.sources
        ],
    }


def without_query(place: str) -> str:
    """An address as it may be shown: a feed's query can hold a key."""
    return re.sub(r"([?#]).*", r"\1…", place)


def _redacted(value: Any, redact: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, Mapping):
        return {redact(str(name)): _redacted(each, redact) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_redacted(each, redact) for each in value]
    return replace(value, value=redact(value.value)) if isinstance(value, Setting) else value


_TITLES = {"": "The bot", "approve_when": "What you approve", "mcp": "Assistants", "notify": "Messages to you"}
"""Of the tables whose own name says little."""


def settings_of(bot: Bot, table: str) -> Iterator[Setting]:
    """The settings of a table of the bot's file, as they hold."""
    record = getattr(bot, table) if table else bot
    for name, info in botfile.keys(table).items():
        value = getattr(record, name)
        yield Setting(name, _told(value), info.description or "", value == _default(record, name))


def _default(record: object, name: str) -> object:
    """What a setting is where the file says nothing."""
    if isinstance(record, BaseModel):
        return type(record).model_fields[name].default
    return next(each.default for each in fields(record) if each.name == name)  # type: ignore[arg-type]


def _told(value: object) -> str:
    """A value for a person."""
    if value is None or value == "" or value == () or value == {}:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, time):
        return f"{value:%H:%M}"
    if isinstance(value, Mapping):
        return ", ".join(f"{key} = {_told(each)}" for key, each in value.items())
    if isinstance(value, tuple):
        between = "–" if len(value) == 2 and all(isinstance(each, time) for each in value) else ", "
        return between.join(map(_told, value))
    return str(value)


ROUTES: Sequence[BaseRoute] = (Route("/health", health), Route("/bots", bots))
