"""What `costs` prints, and what a post or a bot cost in a line elsewhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from twitter_manager import phrases
from twitter_manager.domain import Json
from twitter_manager.phrases import usd
from twitter_manager.pipeline.spending import is_near
from twitter_manager.store.charges import KINDS_OF_MODELS
from twitter_manager.terminal import command

KINDS = {
    "post": "posts",
    "post_with_link": "posts with a link",
    "deletion": "deletions",
    "read": "posts read",
    "user_read": "accounts read",
    "interaction": "likes and reposts",
    "writing": "writing",
    "judging": "judging",
    "comparing": "comparing in meaning",
}
"""How the kinds of charges are called."""
_MOST_DAYS = 14


def costs_lines(costs: Json) -> Iterator[str]:
    """`costs`."""
    if not costs["bots"]:
        yield "Nothing was paid yet: there was no run."
    for bot in costs["bots"]:
        yield f"{bot['bot']}: {bot['first']} to {bot['last']} ({bot['time_zone']})"
        if bot["days"]:
            yield from (f"  {line}" for line in _table(bot["days"]))
            yield f"  {_summed_up(bot)}"
        else:
            yield "  Nothing was paid in this time."
        yield from (f"  {line}" for line in _budget(bot))
        if bot["forecast"]["by_days_usd"]:
            yield f"  {_forecast(bot)}"
        if bot["dearest"]:
            dearest = ", ".join(f"draft {each['draft']} {usd(each['usd'])}" for each in bot["dearest"])
            yield f"  dearest: {dearest}; see: {command('explain ' + str(bot['dearest'][0]['draft']))}"


def _table(days: Sequence[Json]) -> Iterator[str]:
    """By service and kind, the dearest first; then the newest days."""
    paid, units, calls = Counter[str](), Counter[str](), Counter[str]()
    by_day = Counter[str]()
    for row in days:
        what = f"{row['service']} {KINDS.get(row['kind'], row['kind'])}"
        paid[what] += row["usd"]
        units[what] += row["units"]
        calls[what] += row["calls"] if row["kind"] in KINDS_OF_MODELS else 0
        by_day[row["day"]] += row["usd"]
    wide = max(map(len, paid))
    for what, amount in paid.most_common():
        many = f"{units[what]:,} tokens in {calls[what]:,}" if calls[what] else f"{units[what]:,}"
        yield f"{what.ljust(wide)}  {usd(amount):>9}  {many}"
    newest = list(by_day)[-_MOST_DAYS:]
    for day in newest if len(by_day) > 1 else ():
        yield f"{day.ljust(wide)}  {usd(by_day[day]):>9}"
    if len(by_day) > len(newest):
        yield f"{phrases.amount(len(by_day) - len(newest), 'earlier day')}: see {command('costs --json')}"


def _summed_up(bot: Json) -> str:
    each = f", {usd(bot['usd_per_post'])} each with all that belongs to them" if bot["posts"] else ""
    return f"in all {usd(bot['total_usd'])}; {phrases.amount(bot['posts'], 'post')} went out{each}"


def _budget(bot: Json) -> Iterator[str]:
    promised = f", {usd(bot['promised_usd'])} promised" if bot["promised_usd"] else ""
    for name, part in (("this month", bot["month"]), ("today", bot["today"])):
        if part["budget_usd"] is not None:
            kept = ", kept for posts" if part["left_usd"] and is_near(part["left_usd"], part["budget_usd"]) else ""
            used = f"{usd(part['spent_usd'])} of {usd(part['budget_usd'])}{promised}"
            yield f"{name}: {used}, {usd(part['left_usd'])} left{kept}"
        else:
            yield f"{name}: {usd(part['spent_usd'])}; no limit of a day (usd_per_day)"


def _forecast(bot: Json) -> str:
    """What the month comes to by itself, and what the budgets make of that."""
    forecast, month, today = bot["forecast"], bot["month"], bot["today"]
    if not month["left_usd"]:
        used_up = "this month's budget is used up: what costs waits for next month"
        return f"month's end: about {usd(forecast['most_usd'])}; {used_up}"
    days = round(forecast["over_days"])
    lately = f"the last {days} days" if days > 1 else "the last day"
    line = f"month's end: about {usd(forecast['by_days_usd'])} at {usd(forecast['usd_per_day'])} a day, as in {lately}"
    if (by_posts := forecast["by_posts_usd"]) is not None:
        posts = phrases.amount(forecast["posts_to_come"], "post")
        line += f"; {usd(by_posts)} if {posts} still go out at {usd(forecast['usd_per_post'])} each"
    if max(forecast["by_days_usd"], by_posts or 0.0) <= forecast["most_usd"]:
        return line
    if today["budget_usd"] is None or forecast["most_usd"] >= month["budget_usd"]:
        return f"{line}; the budget ends it at {usd(month['budget_usd'])}"
    return f"{line}; {usd(today['budget_usd'])} a day (usd_per_day) end it at {usd(forecast['most_usd'])}"


def budget_line(bot: Json) -> Iterator[str]:
    """For `status`: what was spent, where anything was."""
    budget = bot["budget"]
    if budget is None or not budget["month"]["spent_usd"]:
        return
    parts = [("this month", budget["month"]), ("today", budget["today"])]
    limited = [(name, part) for name, part in parts if part["budget_usd"] is not None]
    spent = ", ".join(f"{usd(part['spent_usd'])} of {usd(part['budget_usd'])} {name}" for name, part in limited)
    used = any(part["left_usd"] <= 0 for _, part in limited)
    near = any(is_near(part["left_usd"], part["budget_usd"]) for _, part in limited)
    state = "; used up: what costs waits" if used else "; nearly used up: the rest is kept for posts" if near else ""
    yield f"  spent: {spent}{state}; see: {command('costs')}"


def of_post(charges: Sequence[Json]) -> Iterator[str]:
    """For `explain`: what a post cost in all."""
    kinds = Counter[str]()
    for charge in charges:
        kind: str = charge["kind"]
        kinds[KINDS.get(kind, kind)] += charge["usd"]
    if kinds:
        total = usd(sum(kinds.values()))
        yield f"cost {total}: " + ", ".join(f"{kind} {usd(amount)}" for kind, amount in kinds.items())
