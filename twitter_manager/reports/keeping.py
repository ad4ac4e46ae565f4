"""Reports of periods: looked up, reckoned, and kept once their period is over."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

from twitter_manager.domain import Json
from twitter_manager.pipeline.context import Calendar
from twitter_manager.reports.figures import Subject, compared, gather, with_what_was_kept
from twitter_manager.reports.periods import MONTH, WEEK, Period
from twitter_manager.reports.receipt import looked_at
from twitter_manager.reports.sound import NOT_KEPT, sound
from twitter_manager.settings import Bot
from twitter_manager.store import between, events, reports
from twitter_manager.store.database import Database, from_text, iso
from twitter_manager.store.reports import Kept
from twitter_manager.terminal import redacted


def subject_of(bot: Bot) -> Subject:
    """A bot that is set up."""
    return Subject(bot.name, Calendar.of(bot), bot.time_zone, bot)


def report_of(db: Database, subject: Subject, kind: str, day: date | None, now: datetime, trail: Json) -> Json:
    """The figures of the period around this day, or of the last one that is over, with what the period before it came
    to. `trail`: what `receipt.looked_at` gave."""
    zone = subject.time_zone
    period = Period.around(kind, day, zone) if day else Period.last_over(kind, now, zone)
    figures, kept = _figures(db, subject, period, now, trail)
    earlier = period.before
    first = between.first_run(db, subject.bot)
    before = _figures(db, subject, earlier, now, trail)[0] if first and first < period.since else None
    return figures | {"before": compared(before) if before else None, "kept_at": iso(kept.made_at) if kept else None}


def _figures(db: Database, subject: Subject, period: Period, now: datetime, trail: Json) -> tuple[Json, Kept | None]:
    """Those of a period that was kept lie between the moments that were its own then, whatever the zone is now."""
    kept = sound(reports.get(db, subject.bot, period.kind, period.first))
    if kept is None or kept.made_at > now or now < period.until:
        return gather(db, subject, period, now, trail), None
    then = Period(period.kind, period.first, kept.figures["time_zone"])
    return with_what_was_kept(gather(db, subject, then, now, trail), kept.figures), kept


def make_due(db: Database, bot: Bot, now: datetime, redact: Callable[[str], str]) -> list[Json]:
    """Keep the report of the bot's last week and of its last month, where they are missing; gives those that were
    made. Costs next to nothing where there are none to make."""
    made = []
    subject = subject_of(bot)
    for kind in (WEEK, MONTH):
        period = Period.last_over(kind, now, bot.time_zone)
        if _is_kept(db, bot.name, period, now) or not _ran_by_then(db, bot.name, period):
            continue
        report = report_of(db, subject, kind, period.first, now, looked_at(db, now))
        lasting = {name: value for name, value in report.items() if name not in NOT_KEPT}
        if back := report["look_back"]:  # so that the next ones know what was suggested
            lasting["look_back"] = {"suggestions": back["suggestions"]}
        figures = redacted(lasting, redact)
        if not isinstance(figures, dict):
            raise AssertionError("figures are an object")
        with db.transaction():
            reports.keep(db, Kept(bot.name, kind, period.first, figures, now))
        made.append(report)
    return made


_FIRST_DAY = timedelta(days=1)
_CLOCK = timedelta(minutes=10)
"""So much a clock that is right is put back now and then."""


def _is_kept(db: Database, bot: str, period: Period, now: datetime) -> bool:
    """Whether there is one that holds. On the day after the period it is made sure that no clock that was ahead made
    it while the period was still on: then something that was recorded later has an earlier time."""
    kept = reports.get(db, bot, period.kind, period.first)
    if kept is None or now >= period.until + _FIRST_DAY:
        return kept is not None
    if sound(kept) is None:
        return False
    later = events.earliest_after(db, kept.figures["receipt"]["trail"]["events"])
    return not later or from_text(later) > kept.made_at - _CLOCK


def _ran_by_then(db: Database, bot: str, period: Period) -> bool:
    first = between.first_run(db, bot)
    return first is not None and first < period.until


def kept_as_json(db: Database, bots: list[str], now: datetime) -> list[Json]:
    """What was kept of these bots, the newest first, in short; nothing that a clock which was ahead made."""
    kept = [each for bot in bots for each in reports.of_bot(db, bot) if each.made_at <= now and sound(each)]
    return [
        {"bot": each.bot, "kind": each.kind, "made_at": iso(each.made_at)} | compared(each.figures) for each in kept
    ]
