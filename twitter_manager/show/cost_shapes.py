"""The JSON Schema of what is told of money. In US dollars."""

from __future__ import annotations

from twitter_manager.show.shapes import Shape


class Charge(Shape):
    """A paid call."""

    at: str
    service: str
    kind: str
    units: int
    usd: float


class Allowance(Shape):
    """A budget."""

    name: str
    """The month (2026-11) or the day (2026-11-24) of the bot's time zone."""
    spent_usd: float
    budget_usd: float | None
    """None: no limit."""
    left_usd: float | None
    """Neither spent nor promised."""


class BudgetStanding(Shape):
    """How the budgets of month and day stand."""

    month: Allowance
    today: Allowance
    promised_usd: float
    """To deletions, and to posts in the place of others, that a person decided."""


class Paid(Shape):
    """What a bot paid on a day to a service for one kind of thing."""

    day: str
    service: str
    kind: str
    """`post`, `post_with_link`, `deletion`, `read`, `user_read`, `interaction`; `writing`, `judging`, `comparing`."""
    calls: int
    units: int
    """Posts, or accounts; of models' answers tokens."""
    usd: float


class CostForecast(Shape):
    """What the month comes to, by what was spent in the last seven days."""

    over_days: float
    """So many days it rests on: less than seven since the first charge, but one at least."""
    usd_per_day: float
    by_days_usd: float
    posts_to_come: int
    usd_per_post: float | None
    by_posts_usd: float | None
    most_usd: float
    """What the budgets of month and day let it come to."""


class Dearest(Shape):
    """A draft for which much was paid."""

    draft: int
    usd: float


class BotCosts(BudgetStanding):
    """What one bot paid."""

    bot: str
    time_zone: str
    first: str
    last: str
    days: list[Paid]
    total_usd: float
    posts: int
    usd_per_post: float | None
    forecast: CostForecast
    dearest: list[Dearest]


class Costs(Shape):
    """`costs`."""

    now: str
    bots: list[BotCosts]
