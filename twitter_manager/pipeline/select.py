"""Is a post due, which draft is it, and which platforms may take it within the budget and their limits?"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import IntEnum

from twitter_manager import due, phrases
from twitter_manager.delivery import limiting
from twitter_manager.domain import Draft, DraftStatus
from twitter_manager.pipeline.approval import Approval
from twitter_manager.pipeline.context import RunContext
from twitter_manager.pipeline.spending import Standing, left_of_budget
from twitter_manager.platforms import SPECS
from twitter_manager.store import comments, deliveries, drafts, runs
from twitter_manager.store.database import Database
from twitter_manager.store.limits import Limit

log = logging.getLogger(__name__)


def why_not_due(context: RunContext, slot: datetime, *, forced: bool, dated: Draft | None = None) -> str | None:
    """Why nothing is due in this slot, or why the draft `dated`, whose own date has come, must wait; None when a post
    is due."""
    now, db, bot = context.clock(), context.db, context.bot
    filled = None if dated else drafts.slot_filled(db, bot, slot)
    hour = now.replace(minute=0, second=0, microsecond=0)
    # A day of 25 hours holds as many posts in any 24 of them as another day.
    day = max(context.calendar.day_start(now), hour - timedelta(hours=23))
    quiet = context.calendar.quiet_until(now)
    waiting = replacements(context)
    stands = standing(context, waiting[0][0] if waiting else None)
    facts = due.Facts(
        paused=runs.paused(db, bot, context.calendar.time_zone),
        used_by=filled.id if filled else None,
        posts_this_hour=drafts.published_since(db, bot, hour, now),
        posts_today=drafts.published_since(db, bot, day, now),
        quiet_until=phrases.clock(quiet, context.calendar.time_zone) if quiet else None,
        platforms=_open_to_posts(context, stands.left),
        budget=stands.words if context.platforms else "none is set up",
        apart_until=_apart_until(context, now, dated is None),
        limited=told(context, in_the_way(context)),
    )
    reason = due.why_not(facts, context.bounds, forced=forced)
    log.debug(
        "slot %s%s: %s; posts this hour %d of %d, today %d of %d, paused %s, filled by draft %s, quiet until %s,"
        " apart until %s, platforms %s",
        *(slot, " (forced)" if forced else "", "nothing is due" if reason else "a post is due"),
        *(facts.posts_this_hour, context.bounds.per_hour, facts.posts_today, context.bounds.per_day),
        *(facts.paused is not None, facts.used_by, facts.quiet_until, facts.apart_until, ", ".join(facts.platforms)),
    )
    return reason


def _apart_until(context: RunContext, now: datetime, after_dated: bool) -> str | None:
    """By the minute, as cron starts runs: a run that is seconds earlier in its hour than the last is not too early."""
    apart = timedelta(minutes=context.bounds.minutes_apart)
    last = drafts.published_at(context.db, context.bot, now - apart, now, dated=after_dated)
    free = last[-1].replace(second=0, microsecond=0) + apart if last else now
    return phrases.clock(free, context.calendar.time_zone) if free > now else None


def standing(context: RunContext, draft: Draft | None = None) -> Standing:
    """How the budget stands now, for a draft which comes in another's place or, like most, in none."""
    statuses = (DraftStatus.APPROVED, DraftStatus.PUBLISHING)
    every = (drafts.replacements(context.db, context.bot, status=status) for status in statuses)
    own = draft if draft and any(draft.id == replacement.id for some in every for replacement, _ in some) else None
    return left_of_budget(context.db, context.bot, context.budget, context.platforms, context.clock(), replacement=own)


def replacements(context: RunContext) -> list[tuple[Draft, int]]:
    """The drafts that may go out in the place of another, which is taken down, each with that one's number."""
    return drafts.replacements(context.db, context.bot, status=DraftStatus.APPROVED)


def next_dated(context: RunContext) -> Draft | None:
    """The first draft whose own date has come and that some platform can take."""
    return next((draft for draft in with_date_come(context) if takers(context, draft)), None)


def with_date_come(context: RunContext) -> list[Draft]:
    """The drafts whose own date has come, the earliest first."""
    return drafts.dated(context.db, context.bot, context.clock(), due=True)


def next_draft(context: RunContext, only: int | None) -> Draft | None:
    """The draft to publish: the one that was asked for, else the first in turn that some platform can take."""
    queue = in_turn(context.db, context.bot, context.clock())
    candidates = [draft for _, draft in queue if only is None or draft.id == only]
    return next((draft for draft in candidates if takers(context, draft)), None)


class HeldUp(str):
    """A reason for which no draft can go out and which passes by itself: a rate limit, or a budget that is used up."""

    __slots__ = ()


def held_up(context: RunContext) -> list[Draft]:
    """The drafts that a generator wrote and that platforms would take but for their limits or the budget; none where
    one of them can go out."""
    mine = [draft for draft in ready(context) if draft.origin == "generator" and _reachable(context, draft)]
    return [] if any(takers(context, draft) for draft in mine) else mine


def why_held_up(context: RunContext) -> str:
    """Why none of those can go out; a plain text where that doesn't pass by itself, as each costs more than the whole
    budget."""
    waiting = held_up(context)
    if not waiting:
        return ""
    if limited := limits_that_hold_up(context, waiting):
        return HeldUp(told(context, limited))
    price = min(_price(context, name, draft) for draft in waiting for name in _reachable(context, draft))
    most = Standing(context.budget, 0.0, 0.0).left
    if price > most:
        return f"the budget allows ${most:.2f}, and to post one of the drafts costs ${price:.2f}: raise it"
    return HeldUp(standing(context).words)


def limits_that_hold_up(context: RunContext, waiting: Sequence[Draft]) -> dict[str, Limit]:
    """The limits of the platforms that could take one of these but for that."""
    limited = dict[str, Limit]()
    for draft in waiting:
        limited |= limits_on(context, draft, affordable_for(context, draft))
    return limited


def _reachable(context: RunContext, draft: Draft) -> list[str]:
    return [name for name in context.platforms if name in draft.platforms]


def _price(context: RunContext, name: str, draft: Draft) -> float:
    """Of an answer the first part alone hangs beneath somebody else's post."""
    summoned = draft.comment_id is not None and comments.is_summoned(context.db, draft.id)
    texts = [part.text for part in SPECS[name].parts_of(draft)]
    return sum(context.platforms[name].price(text, summoned=summoned and at == 0) for at, text in enumerate(texts))


class Lane(IntEnum):
    """In this order drafts go out."""

    OWN = 0
    """A person's, or where a person put it first."""
    NEWS = 1
    """Fresh news, unless the last post was on the same topic."""
    POOL = 2


def in_turn(db: Database, bot: str, now: datetime) -> list[tuple[Lane, Draft]]:
    """What waits for a slot, in the order in which it goes out: lane by lane, in each first what a person put in its
    place there, then the oldest."""
    newest = drafts.newest(db, bot, 1)
    topic = newest[0].topic if newest else ""
    queue = [(_lane(draft, topic), draft) for draft in drafts.ready(db, bot, now)]
    return sorted(queue, key=lambda entry: (entry[0], entry[1].rank is None, entry[1].rank or 0, entry[1].id))


def _lane(draft: Draft, last_topic: str) -> Lane:
    if draft.lane is not None:
        return Lane(draft.lane)
    if draft.origin == "person":
        return Lane.OWN
    return Lane.NEWS if is_news(draft) and draft.topic != last_topic else Lane.POOL


def takers(context: RunContext, draft: Draft) -> list[str]:
    """The platforms of a draft that can take it now, and those whose rate limit it may wait for meanwhile. Where all
    are limited there is none: nothing is begun that can't go on."""
    affordable = affordable_for(context, draft)
    limits = limits_on(context, draft, affordable)
    if len(limits) == len(affordable):
        return []
    return [name for name in affordable if name not in limits or _may_wait(context, draft, name, limits[name])]


def affordable_for(context: RunContext, draft: Draft) -> list[str]:
    """The platforms of a draft that the budget allows."""
    left = standing(context, draft).left
    prices = {name: _price(context, name, draft) for name in _reachable(context, draft)}
    return [name for name, price in prices.items() if price == 0 or price <= left]


def limits_on(context: RunContext, draft: Draft, names: Sequence[str]) -> dict[str, Limit]:
    """Those of the named platforms that don't take the draft now, each with its limit."""
    needs = {name: limiting.posting(SPECS[name].parts_of(draft)) for name in names}
    return _limits(context, needs)


def in_the_way(context: RunContext) -> dict[str, Limit]:
    """The limits of all platforms that the budget allows to take a post; none where one of them takes it."""
    names = _open_to_posts(context, standing(context).left)
    limits = _limits(context, dict.fromkeys(names, limiting.posting(())))
    return limits if len(limits) == len(names) else {}


def told(context: RunContext, limits: Mapping[str, Limit]) -> str:
    """From when on each takes posts again, for a person."""
    zone = context.calendar.time_zone
    return "; ".join(phrases.limited(name, limit.operation, limit.until, zone) for name, limit in limits.items())


def _limits(context: RunContext, needs: Mapping[str, Sequence[str]]) -> dict[str, Limit]:
    now, found = context.clock(), dict[str, Limit]()
    for name, operations in needs.items():
        if limit := limiting.in_the_way(context.db, context.platforms[name], operations, now):
            found[name] = limit
    return found


def _may_wait(context: RunContext, draft: Draft, name: str, limit: Limit) -> bool:
    """Whether a draft is queued for a platform that is limited: a person's own always, another where the limit ends
    before the next slot and nothing waits there yet. So one is caught up, and never all."""
    if draft.is_persons:
        return True
    soon = limit.until < context.calendar.next_slot(context.clock())
    return soon and not deliveries.posts_queued(context.db, context.bot, name)


def ready(context: RunContext) -> list[Draft]:
    """The drafts that may go out."""
    return drafts.ready(context.db, context.bot, context.clock())


def in_pool(context: RunContext) -> int:
    """How many drafts the pool holds, those that wait for an approval too."""
    return drafts.in_pool(context.db, context.bot, context.clock())


def awaiting(context: RunContext) -> list[Draft]:
    """The drafts that wait for a person's approval."""
    return drafts.awaiting(context.db, context.bot, context.clock())


def enough_wait(db: Database, bot: str, approval: Approval, pool: int, now: datetime) -> bool:
    """Whether so many drafts wait for a person that no more are written for a slot that nothing approved can take."""
    most = approval.most_waiting(pool, drafts.went_out(db, bot, approval.first))
    if most is None:
        return False
    return sum(draft.origin == "generator" for draft in drafts.awaiting(db, bot, now)) >= most


def is_news(draft: Draft) -> bool:
    """Whether it was made of fresh news."""
    return draft.choice.get("lane") == "news"


def _open_to_posts(context: RunContext, left: float) -> tuple[str, ...]:
    """The platforms on which a post is free, or stays within what is left of the budget."""
    prices = {name: platform.price("") for name, platform in context.platforms.items()}
    return tuple(name for name, price in prices.items() if price == 0 or price <= left)
