"""The words that a report's figures are told in, on a terminal, on its page and in a message alike."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from twitter_manager import phrases
from twitter_manager.domain import Json
from twitter_manager.reports.periods import MONTH
from twitter_manager.show.costs import KINDS

_HASH = 16
"""Digits of a hash that are shown: enough to compare."""


def title(report: Json) -> str:
    """Which time it is about: "16 to 22 November 2026", "November 2026"."""
    return span(report["kind"], report["first"], report["last"])


def span(kind: str, first: str, last: str) -> str:
    """The same of any period, by its first and its last day."""
    begin, end = date.fromisoformat(first), date.fromisoformat(last)
    if kind == MONTH:
        return f"{begin:%B %Y}"
    year = "" if begin.year == end.year else f" {begin.year}"
    month = "" if (begin.month, begin.year) == (end.month, end.year) else f" {begin:%B}{year}"
    return f"{begin.day}{month} to {end.day} {end:%B %Y}"


def day(text: str) -> str:
    """A day of the calendar: "Mon 16"."""
    known = date.fromisoformat(text)
    return f"{known:%a} {known.day:2}"


def seconds(value: float | None) -> str:
    """How long something took."""
    if value is None:
        return ""
    return f"{value:.1f} s" if value < 120 else f"{value / 60:.0f} min"


def minutes(value: int) -> str:
    """The same of minutes, where days may pass."""
    if value < 120:
        return phrases.amount(value, "minute")
    return phrases.amount(value // 60, "hour") if value < 2880 else phrases.amount(value // 1440, "day")


def percent(value: float | None) -> str:
    """A rate, or a dash where there is none."""
    return "–" if value is None else f"{value:.1f}\u00a0%"


def change(now: float | None, before: float | None, *, money: bool = False) -> str:
    """Against the period before: "+3", "−0.5", "as before", or "" where there is nothing to compare with."""
    if now is None or before is None:
        return ""
    difference = round(now - before, 4 if money else 1)
    if difference == 0:
        return "as before"
    amount = phrases.usd(abs(difference)) if money else f"{abs(difference):,g}"
    return f"{'+' if difference > 0 else '−'}{amount}"


def not_begun(report: Json) -> str:
    """What to say of a time before the bot's first run, where that is all there is to say."""
    if not report["ever_ran"]:
        return "It has not run yet."
    if report["tried"] or any(each["hours"] for each in report["days"]):
        return ""
    return f"Its first run came later. For the {report['kind']} that is on say --of with today's date."


def before(report: Json) -> Json:
    """What to compare with: nothing as long as the time is not over."""
    return (report["before"] or {}) if report["over"] else {}


def slots(report: Json) -> str:
    """How many slots had their post."""
    due, filled = report["slots"]["due"], report["slots"]["filled"]
    if not due:
        return "no slot was due"
    return f"{filled:,} of {due:,} had {'its' if due == 1 else 'their'} post"


def dated(report: Json) -> str:
    """The posts with a date of their own; "" where there were none."""
    posts, late = report["dated"]["posts"], report["dated"]["late"]
    if not posts:
        return ""
    told = f"{phrases.amount(posts, 'post')} with a date of {'its' if posts == 1 else 'their'} own, "
    return told + (f"{late} late, {minutes(report['dated']['worst_minutes'])} at worst" if late else "none late")


def paid_for(kind: Json) -> str:
    """What was paid: "x: posts with a link"."""
    return f"{kind['service']}: {KINDS.get(kind['kind'], kind['kind'])}"


def drafts(report: Json) -> str:
    """What became of the drafts that were made."""
    made = report["drafts"]
    told = [f"{each['drafts']} {phrases.DRAFT.get(each['status'], each['status'])}" for each in made["by_status"]]
    waiting = (
        f"; now {made['waiting']} {'waits' if made['waiting'] == 1 else 'wait'} for you" if made["waiting"] else ""
    )
    return f"{made['made']} made{': ' * bool(told)}{', '.join(told)}{waiting}"


def refused(report: Json) -> str:
    """How much of what was written was thrown away; "" where nothing is known of it."""
    checks = report["checks"]
    thrown = sum(each["times"] for each in (*checks["rules"], *checks["judges"]))
    if not checks["candidates"] and not thrown:
        return ""
    return f"{checks['candidates']:,} possible posts looked at, {thrown:,} objections"


def hours(report: Json) -> str:
    """In how much of the time a run took place."""
    whole = sum(each["hours"] for each in report["days"])
    there = sum(each["hours_with_a_run"] for each in report["days"])
    failures = sum(each["failures"] for each in report["days"])
    share = f" ({100 * there / whole:.1f}\u00a0%)" if whole else ""
    failed = f"; {phrases.amount(failures, 'run')} failed" if failures else "; no run failed"
    return f"a run in {there:,} of {phrases.amount(whole, 'hour')}{share}{failed}"


def receipt(report: Json) -> list[tuple[str, str]]:
    """The receipt, as names and values."""
    told = report["receipt"]
    names = {
        "slots_due": "Slots due",
        "slots_filled": "Slots that had their post",
        "out": "Posts out, counted on each platform",
        "held": "Held for you",
        "failed": "Failed",
        "unfinished": "Not finished",
        "taken_down": "Taken down since",
        "sent_twice": "Sent twice",
    }
    return [(words, f"{told[name]:,}") for name, words in names.items()]


def proofs(report: Json) -> list[tuple[str, str]]:
    """The verbs by which a person checks the receipt, each behind what it shows."""
    posts = max(report["receipt"]["posts_since"], 1)
    return [
        ("To check the audit trail yourself", "audit verify"),
        ("To see what went out since it began", f"history --bot {report['bot']} --limit {posts}"),
    ]


def reached(there: Json) -> str:
    """What posts came to on a platform: "12 likes, 3 replies on 5 posts"."""
    return f"{', '.join(phrases.came_to(there)) or 'nothing yet'} on {phrases.amount(there['posts'], 'post')}"


def stood_out(post: Json) -> str:
    """How much a post stood out: "12, usually 5"."""
    return f"{post['engagement']:,}, usually {post['usual']:,g}"


def looked_back(report: Json) -> str:
    """What to say where no post is named; "" where there is one, or nothing to look back on."""
    back = report["look_back"]
    if back is None or not report["posts"] or back["best"] or back["weakest"]:
        return ""
    if not back["counted"]:
        return "no figures of these posts were read"
    if not back["enough"]:
        return f"figures of {phrases.amount(back['counted'], 'post')}: too few to tell what worked"
    return "no post stood out from what is usual"


TWICE = (
    "“Sent twice” is counted from the record: a platform that said yes to more than one try of a post, a number that it"
    " gave to two posts, or the same words there within a day."
)


def trail(report: Json) -> Iterator[str]:
    """What came of the look at the audit trail, in sentences."""
    told = report["receipt"]["trail"]
    if not told["events"]:
        yield "The audit trail is empty."
        return
    if not told["whole"]:
        yield f"THE AUDIT TRAIL WAS CHANGED: {'; '.join(told['wrong'])}."
    elif told["from_start"] and not told["vouched_at"]:
        yield f"The audit trail of {phrases.amount(told['events'], 'event')} is whole."
    else:
        number = told["events"] - told["first"] + 1
        yield f"Looked at now: the newest {number:,} of {told['events']:,} events of the audit trail."
        yield "Each follows on the one before, and none of the earlier ones is missing."
        if told["vouched_at"]:
            looked = phrases.clock(told["vouched_at"], report["time_zone"])
            yield f"What the earlier ones say was looked at by {looked[:10]}."
    yield f"It ends with {told['hash'][:_HASH]}…"
