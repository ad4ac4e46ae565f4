"""What a bot spent, and what is left of its budget. A day and a month are those of the bot's own time zone, as a person
reads them, not the service's."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from twitter_manager import phrases, schedule
from twitter_manager.amendments import ChargingPlatform, Kind
from twitter_manager.domain import Draft, DraftStatus, Platform
from twitter_manager.platforms import SPECS
from twitter_manager.settings import Bot
from twitter_manager.store import amendments, charges, drafts
from twitter_manager.store.database import Database

NEAR = 0.8
"""The part of a budget that is spent when it is nearly used up. From there on what is left is kept for posts."""
_CLOCKS_APART = timedelta(days=1)
"""What was paid later than this after now was written down by a clock that was ahead, and holds nothing back."""
_SMALLEST = 9
"""Decimals of an amount that count: sums of fractions are off by less."""


@dataclass(frozen=True, slots=True)
class Budget:
    """The most that a bot may spend, in US dollars. `day_usd` 0: no limit but the month's."""

    month_usd: float
    day_usd: float = 0.0
    time_zone: str = "UTC"

    @classmethod
    def of(cls, bot: Bot) -> Budget:
        """As the bot's file says it."""
        return cls(bot.limits.usd_per_month, bot.limits.usd_per_day, bot.time_zone)


@dataclass(frozen=True, slots=True)
class Standing:
    """How a budget stands, in US dollars. `promised`: to what a person decided, neither paid nor free."""

    budget: Budget
    month_usd: float
    """Spent this month."""
    today_usd: float
    promised: float = 0.0
    post_usd: float = 0.0
    """The least that a post costs on one of the bot's platforms that charge; 0: none does."""

    @property
    def left_of_month(self) -> float:
        return round(self.budget.month_usd - self.month_usd - self.promised, _SMALLEST)

    @property
    def left_of_day(self) -> float:
        """Infinite where the day has no limit."""
        limit = self.budget.day_usd or math.inf
        return round(limit - self.today_usd - self.promised, _SMALLEST)

    @property
    def left(self) -> float:
        """Of day and month together."""
        return min(self.left_of_month, self.left_of_day)

    @property
    def left_beside_posts(self) -> float:
        """What reading and answering may take of it: nothing once it is nearly used up."""
        month = self.left_of_month - _kept(self.budget.month_usd)
        return round(min(month, self.left_of_day - _kept(self.budget.day_usd)), _SMALLEST)

    @property
    def words(self) -> str:
        """Which of the two holds things back, how far it is used up, and the way on."""
        if self.left_of_day < self.left_of_month:
            spent, most = self.today_usd, self.budget.day_usd
            whose, then, setting = "today's", "tomorrow", "usd_per_day"
        else:
            spent, most = self.month_usd, self.budget.month_usd
            whose, then, setting = "this month's", "next month", "usd_per_month"
        used = f"{phrases.usd(spent)} of {phrases.usd(most)}"
        if not spent + self.promised:
            return f"{whose} budget is too small for it ({phrases.usd(most)}); raise {setting}"
        return f"{whose} budget is used up ({used}); it goes on {then}, or raise {setting}"


def _kept(most: float) -> float:
    """What is kept of a budget for posts."""
    return (1 - NEAR) * most


def is_near(left: float, most: float) -> bool:
    """Whether a budget of which this is left is nearly used up."""
    return round(left - _kept(most), _SMALLEST) <= 0


def day_began(now: datetime, time_zone: str) -> datetime:
    """When the bot's day began (UTC)."""
    return schedule.local_day_start(now, time_zone)


def month_began(now: datetime, time_zone: str) -> datetime:
    """When the bot's month began (UTC)."""
    local = schedule.zone(time_zone)
    return schedule.moment_on(now.astimezone(local).date().replace(day=1), time(), local)


def month_of(now: datetime, time_zone: str) -> str:
    """2026-11"""
    return f"{day_of(now, time_zone):%Y-%m}"


def day_of(now: datetime, time_zone: str) -> date:
    """The day that the bot's calendar shows."""
    return now.astimezone(schedule.zone(time_zone)).date()


def this_month(db: Database, bot: str, time_zone: str, now: datetime) -> float:
    """US dollars that this bot paid since its month began."""
    return _since(db, bot, month_began(now, time_zone), now)


def _since(db: Database, bot: str, began: datetime, now: datetime) -> float:
    return charges.spent(db, bot, began, now + _CLOCKS_APART)


def left_of_budget(
    db: Database,
    bot: str,
    budget: Budget,
    platforms: Mapping[str, Platform],
    now: datetime,
    *,
    replacement: Draft | None = None,
) -> Standing:
    """How the budget stands: what is neither spent nor promised to what a person decided, which are deletions that are
    to come, and the posts in the place of what is taken down. `replacement`: what is left for this one of those, which
    only the earlier ones go before."""
    statuses = (DraftStatus.PENDING, DraftStatus.APPROVED)
    replacing = [draft for status in statuses for draft, _ in drafts.replacements(db, bot, status=status)]
    ahead = [draft for draft in replacing if replacement is None or draft.id < replacement.id]
    posts = sum(_price(platforms[name], draft) for draft in ahead for name in draft.platforms if name in platforms)
    waiting = amendments.waiting(db, bot) if replacement is None else []
    doing = [platforms.get(each.platform) for each in waiting if each.kind is Kind.DELETION]
    deletions = sum(platform.deletion_usd for platform in doing if isinstance(platform, ChargingPlatform))
    spent = this_month(db, bot, budget.time_zone, now)
    today = _since(db, bot, day_began(now, budget.time_zone), now)
    prices = [price for platform in platforms.values() if (price := platform.price(""))]
    return Standing(budget, spent, today, posts + deletions, min(prices, default=0.0))


def _price(platform: Platform, draft: Draft) -> float:
    return sum(platform.price(part.text) for part in SPECS[platform.name].parts_of(draft))
