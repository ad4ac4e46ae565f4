"""Gathers what a period of a bot came to, as one object of JSON: `show.report_shapes` says what stands in it."""

from __future__ import annotations

import math
import statistics
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from twitter_manager import phrases
from twitter_manager.domain import DeliveryStatus, DraftStatus, Json, Outcome
from twitter_manager.pipeline.context import Calendar
from twitter_manager.pipeline.run import LATE
from twitter_manager.reports import slots
from twitter_manager.reports.looking_back import look_back
from twitter_manager.reports.periods import Period
from twitter_manager.reports.receipt import SAME_WORDS, receipt
from twitter_manager.settings import Bot
from twitter_manager.store import between, browsing, charges, tallies
from twitter_manager.store.database import Database, from_text, iso, to_text
from twitter_manager.store.dialect import Row

MOST_POSTS = 1000
"""So many posts are named, the newest."""
_MOST_NAMES = 50
_TEXT = 280
"""Characters of a post that are shown."""
_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)
"""No slot is longer."""
_TRIED = (DraftStatus.POSTED, DraftStatus.PARTLY_POSTED, DraftStatus.FAILED)
_OUT = (DraftStatus.POSTED, DraftStatus.PARTLY_POSTED)
_FAILURES = (Outcome.FAILED, Outcome.ABANDONED, Outcome.INTERRUPTED)
_WAITING = (DraftStatus.NEEDS_ATTENTION, DraftStatus.PENDING)
"""For a person."""
_COMPARED = ("posts", "success_rate", "usd", "slots_due", "slots_filled", "slots_missed", "late")
OF_ITS_TIME = ("slots", "days", "drafts", "checks", "stages")
"""Of a report that was kept these hold: they hang on settings as they were, or on what changes or is thrown away."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A bot, and what is known of when it posts."""

    bot: str
    calendar: Calendar | None
    """None: it is set up no more."""
    time_zone: str = "UTC"
    settings: Bot | None = None
    """By which something can be suggested."""

    @property
    def is_gone(self) -> bool:
        return self.calendar is None


def gather(db: Database, subject: Subject, period: Period, now: datetime, trail: Json) -> Json:
    """All figures of the period, as far as it lies before `now`. `trail`: what `receipt.looked_at` gave."""
    bot, since, until = subject.bot, period.since, min(period.until, max(now, period.since))
    first = between.first_run(db, bot)
    runs_and_after = between.runs(db, bot, since, until + _DAY)
    runs = [run for run in runs_and_after if run["started_at"] < to_text(until)]
    day_before = since - SAME_WORDS
    posts = between.sent(db, bot, day_before, until)
    mine = [post for post in posts if from_text(post["published_at"]) >= since]
    ids = {post["id"] for post in mine}
    sent = between.deliveries(db, [post["id"] for post in posts])
    out = [delivery for delivery in sent if delivery["draft_id"] in ids]
    earlier = [delivery for delivery in sent if delivery["draft_id"] not in ids]
    told_at = _told_at(mine, out)
    of_slots = _slots(db, subject, period, runs_and_after, first, now)
    kept = tallies.of_days(db, bot, period.first, period.last)
    return {
        "bot": bot,
        "gone": subject.is_gone,
        "time_zone": period.time_zone,
        "kind": period.kind,
        "first": period.first.isoformat(),
        "last": period.last.isoformat(),
        "since": iso(since),
        "until": iso(period.until),
        "over": now >= period.until,
        "ever_ran": first is not None,
        **_posts(mine),
        "platforms": _platforms(out, between.attempts(db, [run["id"] for run in runs])),
        "slots": of_slots,
        "dated": _dated(mine, told_at),
        "stages": _stages(kept),
        "cost": _cost(charges.by_day(db, bot, since, until)),
        "topics": _counted(post["topic"] for post in mine if post["status"] in _OUT),
        "formats": _counted(post["format"] for post in mine if post["status"] in _OUT),
        "sources": _counted(_source(post) for post in mine if post["status"] in _OUT),
        "checks": _checks(kept),
        "drafts": _drafts(db, bot, since, until),
        "days": list(_days(period, runs, mine, first, now)),
        "receipt": receipt(db, out, earlier, of_slots, trail, between.sent_since(db, bot, since)),
        "look_back": look_back(db, bot, period, now, subject.settings, mine, out),
        "published": [_published(post, told_at[post["id"]], out) for post in mine[-MOST_POSTS:]],
    }


def with_what_was_kept(figures: Json, kept: Json) -> Json:
    """The figures of a period that was reckoned once it was over. What the rows still tell is told anew: a post that
    was on its way then is out by now."""
    merged = figures | {name: kept[name] for name in OF_ITS_TIME}
    of_slots = {"slots_due": kept["slots"]["due"], "slots_filled": kept["slots"]["filled"]}
    return merged | {"receipt": figures["receipt"] | of_slots}


def compared(figures: Json) -> Json:
    """What of a period is told beside the next one's figures."""
    values = (
        figures["posts"],
        figures["success_rate"],
        figures["cost"]["usd"],
        figures["slots"]["due"],
        figures["slots"]["filled"],
        figures["slots"]["missed"],
        figures["dated"]["late"],
    )
    return dict(zip(_COMPARED, values, strict=True)) | {"first": figures["first"], "last": figures["last"]}


# -- posts ---------------------------------------------------------------------------------------------


def _posts(posts: Sequence[Row]) -> Json:
    tried = [post for post in posts if post["status"] in _TRIED]
    whole = sum(post["status"] == DraftStatus.POSTED for post in tried)
    return {
        "posts": sum(post["status"] in _OUT for post in posts),
        "tried": len(tried),
        "success_rate": round(100 * whole / len(tried), 1) if tried else None,
    }


def _source(post: Row) -> str:
    return str(post["source"] or ("own words" if post["origin"] == "person" else ""))


def _platforms(out: Sequence[Row], attempts: Sequence[Row]) -> list[Json]:
    """By platform: how its deliveries stand, and how long it took to answer."""
    standing: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for delivery in out:
        standing[delivery["platform"]][delivery["status"]] += 1
        standing[delivery["platform"]]["taken_down"] += delivery["removed_at"] is not None
    seconds: defaultdict[str, list[float]] = defaultdict(list)
    for attempt in attempts:
        if attempt["kind"] == "send" and attempt["ended_at"] and attempt["outcome"] != "lost":
            took = from_text(attempt["ended_at"]) - from_text(attempt["started_at"])
            seconds[attempt["platform"]].append(max(0.0, took.total_seconds()))
    return [
        {
            "platform": name,
            "posted": standing[name][DeliveryStatus.POSTED],
            "failed": standing[name][DeliveryStatus.FAILED],
            "held": standing[name][DeliveryStatus.HELD],
            "unfinished": standing[name].total()
            - standing[name]["taken_down"]
            - sum(standing[name][status] for status in ("posted", "failed", "held")),
            "taken_down": standing[name]["taken_down"],
            "tries": len(seconds[name]),
            "median_seconds": round(statistics.median(seconds[name]), 2) if seconds[name] else None,
            "p95_seconds": round(percentile(seconds[name], 0.95), 2) if seconds[name] else None,
        }
        for name in sorted({*standing, *seconds})
    ]


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest of the values that at least such a share of them does not exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def _told_at(posts: Sequence[Row], out: Sequence[Row]) -> dict[int, datetime]:
    """By draft: when the first of its posts was out; of one that is not, when it was begun."""
    times = {post["id"]: post["published_at"] for post in posts}
    times |= {
        delivery["draft_id"]: delivery["posted_at"]
        for delivery in sorted(out, key=lambda each: each["posted_at"] or "", reverse=True)
        if delivery["posted_at"]
    }
    return {draft: from_text(at) for draft, at in times.items()}


def _dated(posts: Sequence[Row], told_at: Mapping[int, datetime]) -> Json:
    """Of the posts with a date of their own: how many came later than the next hourly run."""
    dated = [post for post in posts if post["due_at"] and post["status"] in _OUT]
    waits = [told_at[post["id"]] - from_text(post["due_at"]) for post in dated]
    minutes = [round(wait.total_seconds() / 60) for wait in waits]
    return {"posts": len(dated), "late": sum(wait > LATE for wait in waits), "worst_minutes": max(minutes, default=0)}


def _published(post: Row, at: datetime, out: Sequence[Row]) -> Json:
    mine = [delivery for delivery in out if delivery["draft_id"] == post["id"] and delivery["part"] == 0]
    return {
        "draft": post["id"],
        "at": iso(at),
        "status": post["status"],
        "text": phrases.in_a_line(post["text"] or "", _TEXT),
        "topic": post["topic"],
        "reason": post["reason"],
        "platforms": [
            {
                "platform": delivery["platform"],
                "status": delivery["status"],
                "url": delivery["url"],
                "error": delivery["error"],
                "taken_down": delivery["removed_at"] is not None,
            }
            for delivery in mine
        ],
    }


# -- time ----------------------------------------------------------------------------------------------


def _slots(
    db: Database, subject: Subject, period: Period, runs: Sequence[Row], first: datetime | None, now: datetime
) -> Json:
    """`runs`: those of the period, and of the day after it, into which its last slot may reach; `first`: when the
    bot's first run began. Of a bot that is set up no more those slots are known in which a run began."""
    tried = [slots.Tried(from_text(run["started_at"]), run["outcome"], run["reason"]) for run in runs]
    calendar = subject.calendar
    if calendar is None:
        within = {from_text(run["slot"]) for run in runs}
        due = sorted(slot for slot in within if period.since <= slot < period.until)
        following = dict(zip(due, [*due[1:], period.until], strict=True)) if due else {}
        next_slot: Callable[[datetime], datetime] = following.__getitem__
        quiet_until: Callable[[datetime], datetime | None] = _never
    else:
        next_slot, quiet_until = calendar.next_slot, calendar.quiet_until
        began = calendar.slot_at(max(first or now, period.since))
        start = began if began >= period.since else next_slot(began)
        due = list(slots.between(start, min(period.until, now), next_slot)) if first else []
    end = next_slot(due[-1]) if due else period.since
    tried = [run for run in tried if due and due[0] <= run.at < end]
    rows = between.slots(db, subject.bot, due[0], end) if due else []
    taken = [slots.Taken(from_text(row["slot"]), row["status"]) for row in rows]
    return slots.told(due, taken, tried, now=now, next_slot=next_slot, quiet_until=quiet_until)


def _never(moment: datetime) -> datetime | None:
    return None


def _days(
    period: Period, runs: Sequence[Row], posts: Sequence[Row], first: datetime | None, now: datetime
) -> Iterator[Json]:
    """Each day: in how many of its hours a run began, as cron starts one an hour, and what came of them."""
    times = [(from_text(run["started_at"]), run["verb"], run["outcome"]) for run in runs]
    published = [from_text(post["published_at"]) for post in posts if post["status"] in _OUT]
    for day, since, until in period.days:
        hours = {int((at - since) / _HOUR) for at, verb, _ in times if since <= at < until and verb == "run"}
        expected = _hours(since, until, first, now) | hours
        yield {
            "day": day.isoformat(),
            "hours": len(expected),
            "hours_with_a_run": len(hours),
            "runs": sum(since <= at < until for at, _, _ in times),
            "failures": sum(since <= at < until and outcome in _FAILURES for at, _, outcome in times),
            "posts": sum(since <= at < until for at in published),
        }


def _hours(since: datetime, until: datetime, first: datetime | None, now: datetime) -> set[int]:
    """The hours of a day, by their numbers, that are over, and not before the bot's first run."""
    if first is None:
        return set()
    number = round((until - since) / _HOUR)
    begins = [(hour, since + hour * _HOUR) for hour in range(number)]
    return {hour for hour, begin in begins if begin + _HOUR <= now and begin + _HOUR > first}


def _stages(kept: Sequence[tallies.Tally]) -> list[Json]:
    """How long each step of a run takes on average; the longest in all first."""
    sums: defaultdict[str, dict[str, float]] = defaultdict(dict)
    for tally in kept:
        if tally.name in ("stage_seconds", "stage_count"):
            sums[tally.label][tally.name] = sums[tally.label].get(tally.name, 0) + tally.value
    timed = {label: (each.get("stage_count", 0), each.get("stage_seconds", 0)) for label, each in sums.items()}
    longest = sorted(timed.items(), key=lambda item: (-item[1][1], item[0]))
    return [
        {"stage": label, "times": int(times), "seconds": round(seconds / times, 2)}
        for label, (times, seconds) in longest
        if times
    ]


# -- money, checks, drafts ------------------------------------------------------------------------------


def _cost(by_day: Sequence[Json]) -> Json:
    sums: defaultdict[tuple[str, str], list[float]] = defaultdict(lambda: [0, 0, 0.0])
    for row in by_day:
        total = sums[row["service"], row["kind"]]
        for place, name in enumerate(("calls", "units", "usd")):
            total[place] += row[name]
    dearest = sorted(sums.items(), key=lambda item: (-item[1][2], item[0]))
    return {
        "usd": round(sum(usd for _, (_, _, usd) in dearest), 6),
        "by_kind": [
            {"service": service, "kind": kind, "calls": int(calls), "units": int(units), "usd": round(usd, 6)}
            for (service, kind), (calls, units, usd) in dearest
        ],
    }


def _checks(kept: Sequence[tallies.Tally]) -> Json:
    sums: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for tally in kept:
        sums[tally.name][tally.label] += int(tally.value)
    return {
        "candidates": sums["candidates"].total(),
        "rules": _ranked(sums["refusals"]),
        "judges": _ranked(sums["judge_refusals"]),
    }


def _drafts(db: Database, bot: str, since: datetime, until: datetime) -> Json:
    made, waiting = between.made(db, bot, since, until), browsing.waiting(db, bot)
    return {
        "made": sum(made.values()),
        "by_status": [{"status": status, "drafts": number} for status, number in made.items()],
        "waiting": sum(waiting.get(status, 0) for status in _WAITING),
    }


def _counted(names: Iterable[str]) -> list[Json]:
    return _ranked(Counter(name for name in names if name))


def _ranked(counter: Counter[str]) -> list[Json]:
    """The most frequent first; beyond the fiftieth as one."""
    ranked = sorted(counter.items(), key=lambda item: (-item[1], item[0]))
    rest = sum(number for _, number in ranked[_MOST_NAMES:])
    told = [*ranked[:_MOST_NAMES], *([("others", rest)] if rest else [])]
    return [{"name": name, "times": number} for name, number in told]
