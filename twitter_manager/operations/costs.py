"""What a bot paid, for what, what is left of its budget, and what the month may come to."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from twitter_manager import schedule
from twitter_manager.domain import Json, Platform
from twitter_manager.errors import UsageError
from twitter_manager.pipeline.spending import Budget, Standing, day_of, left_of_budget, month_of
from twitter_manager.pipeline.timetable import Timetable
from twitter_manager.settings import Bot
from twitter_manager.store import charges, drafts
from twitter_manager.store.database import Database

LATELY = timedelta(days=7)
"""The forecast goes by what was spent in this time, or since the first charge where that is less; an hour tells nothing
of a day, so by a day at least."""
MOST_DEAREST = 5
_MOST_DAYS = 366


@dataclass(frozen=True, slots=True)
class Span:
    """The days that are looked at, in the bot's time zone; both are in it."""

    first: date
    last: date

    def moments(self, time_zone: str) -> tuple[datetime, datetime]:
        """When it begins, and when it is over (UTC)."""
        local = schedule.zone(time_zone)
        return tuple(schedule.moment_on(day, time(), local) for day in (self.first, self.last + timedelta(days=1)))  # type: ignore[return-value]


def span(today: date, days: int, month: str) -> Span:
    """The last so many days, or a month (2026-11). Raises UsageError."""
    if not month:
        return Span(today - timedelta(days=min(days, _MOST_DAYS) - 1), today)
    if not re.fullmatch(r"20[0-9]{2}-(0[1-9]|1[0-2])", month):
        raise UsageError(f"{month[:20]!r} is no month.", f"Write it as {today:%Y-%m}.")
    first = date.fromisoformat(f"{month}-01")
    if first > today:
        raise UsageError(f"{month} is still to come.", f"This month is {today:%Y-%m}.")
    return Span(first, min(_next_month(first) - timedelta(days=1), today))


def of_bot(
    db: Database, bot: Bot, platforms: Mapping[str, Platform], now: datetime, days: int, month: str = ""
) -> Json:
    """All of it for one bot."""
    zone = bot.time_zone
    looked_at = span(day_of(now, zone), days, month)
    since, until = looked_at.moments(zone)
    table = charges.by_day(db, bot.name, since, until, zone)
    total = sum(row["usd"] for row in table)
    posts = len(drafts.published_at(db, bot.name, since, min(until, now)))
    standing = left_of_budget(db, bot.name, Budget.of(bot), platforms, now)
    return {
        "bot": bot.name,
        "time_zone": zone,
        "first": str(looked_at.first),
        "last": str(looked_at.last),
        "days": [row | {"usd": _money(row["usd"])} for row in table],
        "total_usd": _money(total),
        "posts": posts,
        "usd_per_post": _money(total / posts) if posts else None,
        **budget_of(standing, now),
        "forecast": _forecast(db, bot, standing, now),
        "dearest": charges.dearest(db, bot.name, since, until, MOST_DEAREST),
    }


def budget_of(standing: Standing, now: datetime) -> Json:
    """How the budgets of month and day stand; without one for the day its limit is None."""
    budget = standing.budget
    return {
        "month": {
            "name": month_of(now, budget.time_zone),
            "spent_usd": _money(standing.month_usd),
            "budget_usd": budget.month_usd,
            "left_usd": _money(max(0.0, standing.left_of_month)),
        },
        "today": {
            "name": str(day_of(now, budget.time_zone)),
            "spent_usd": _money(standing.today_usd),
            "budget_usd": budget.day_usd or None,
            "left_usd": _money(max(0.0, standing.left_of_day)) if budget.day_usd else None,
        },
        "promised_usd": _money(standing.promised),
    }


def _forecast(db: Database, bot: Bot, standing: Standing, now: datetime) -> Json:
    """What the month comes to, reckoned in two ways: as the last days went on, and by the posts still to come."""
    zone, today = bot.time_zone, day_of(now, bot.time_zone)
    end = schedule.moment_on(_next_month(today), time(), schedule.zone(zone))
    lately = charges.spent(db, bot.name, now - LATELY, now + timedelta(seconds=1))
    first = charges.first_at(db, bot.name) or now
    days = min(max(now - first, timedelta(days=1)), LATELY) / timedelta(days=1)
    per_day = lately / days
    out = len(drafts.published_at(db, bot.name, now - LATELY, now))
    to_come = sum(not each.too_late for each in Timetable.of(db, bot, now, end).postings(end))
    per_post = lately / out if out else None
    by_days = standing.month_usd + per_day * ((end - now) / timedelta(days=1))
    return {
        "over_days": round(days, 2),
        "usd_per_day": _money(per_day),
        "by_days_usd": _money(by_days),
        "posts_to_come": to_come,
        "usd_per_post": None if per_post is None else _money(per_post),
        "by_posts_usd": None if per_post is None else _money(standing.month_usd + per_post * to_come),
        "most_usd": _money(_most(standing, (_next_month(today) - today).days - 1)),
    }


def _most(standing: Standing, days: int) -> float:
    """The most that the budgets let the month come to, with so many days after today."""
    paid, budget = standing.month_usd + standing.promised, standing.budget
    by_days = paid + max(0.0, standing.left_of_day) + budget.day_usd * days  # infinite without a limit of the day
    return max(paid, min(budget.month_usd, by_days))


def _next_month(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1)


def _money(usd: float) -> float:
    return round(usd, 6)
