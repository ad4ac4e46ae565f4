"""Is a post due, which draft is it, and which platforms may take it within the month's budget?"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from twitter_manager import due, phrases
from twitter_manager.content import Part
from twitter_manager.domain import Draft
from twitter_manager.pipeline.context import RunContext
from twitter_manager.platforms import SPECS
from twitter_manager.store import deliveries, drafts, generations, runs
from twitter_manager.store.database import Database


def why_not_due(context: RunContext, slot: datetime, *, forced: bool) -> str | None:
    """Why nothing is due in this slot; None when a post is."""
    now, db, bot = context.clock(), context.db, context.bot
    filled = drafts.slot_filled(db, bot, slot)
    hour = now.replace(minute=0, second=0, microsecond=0)
    # A day of 25 hours holds as many posts in any 24 of them as another day.
    day = max(context.calendar.day_start(now), hour - timedelta(hours=23))
    quiet = context.calendar.quiet_until(now)
    cost = spent(db, bot, now)
    facts = due.Facts(
        paused=runs.paused(db, bot),
        used_by=filled.id if filled else None,
        posts_this_hour=drafts.published_since(db, bot, hour, now),
        posts_today=drafts.published_since(db, bot, day, now),
        quiet_until=phrases.clock(quiet, context.calendar.time_zone) if quiet else None,
        platforms=_affordable(context, lambda name: (Part(""),), cost),
        spent_usd=cost,
    )
    return due.why_not(facts, context.bounds, forced=forced)


def spent(db: Database, bot: str, now: datetime) -> float:
    """USD that this bot's posts and generations cost since the month began (UTC)."""
    month = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return deliveries.cost_since(db, bot, month) + generations.cost_since(db, bot, month)


def next_draft(context: RunContext, only: int | None) -> Draft | None:
    """The draft to publish: the one that was asked for, else the first in turn that some platform can take."""
    candidates = [draft for draft in ready(context) if only is None or draft.id == only]
    newest = drafts.newest(context.db, context.bot, 1)
    topic = newest[0].topic if newest else ""
    # A person's own come first, then fresh news, unless the last post was on the same topic; then the oldest.
    candidates.sort(key=lambda draft: draft.origin != "person" and (not is_news(draft) or draft.topic == topic))
    return next((draft for draft in candidates if takers(context, draft)), None)


def takers(context: RunContext, draft: Draft) -> list[str]:
    """The platforms of a draft that can take it now."""
    cost = spent(context.db, context.bot, context.clock())
    affordable = _affordable(context, lambda name: SPECS[name].parts_of(draft), cost)
    return [name for name in affordable if name in draft.platforms]


def ready(context: RunContext) -> list[Draft]:
    """The drafts that may go out."""
    return drafts.ready(context.db, context.bot, context.clock())


def in_pool(context: RunContext) -> int:
    """How many drafts the pool holds, those that wait for an approval too."""
    return drafts.in_pool(context.db, context.bot, context.clock())


def is_news(draft: Draft) -> bool:
    """Whether it was made of fresh news."""
    return draft.choice.get("lane") == "news"


def _affordable(context: RunContext, parts_on: Callable[[str], tuple[Part, ...]], cost: float) -> tuple[str, ...]:
    """The platforms on which these parts are free, or stay within what `cost` leaves of the month's budget."""
    left = context.month_usd - cost
    prices = {
        name: sum(platform.price(part.text) for part in parts_on(name)) for name, platform in context.platforms.items()
    }
    return tuple(name for name, price in prices.items() if price == 0 or price <= left)
