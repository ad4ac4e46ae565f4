"""At which minutes runs must start so that each bot's times are met, and which of them a schedule misses. Pure.

A run starts at the same minutes of every hour. So only the minute of a bot's time matters, as the clock of the machine
shows it then. It differs from the bot's own minute where the two zones are not whole hours apart (India and Nepal,
Adelaide), and twice a year it may change (Lord Howe Island moves by half an hour). That is why each time is looked up
on every day of the coming year, and a minute that is needed on one day is there on all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from twitter_manager import schedule
from twitter_manager.settings import Bot

YEAR = 367
"""Days that are looked ahead."""
_MINUTE = timedelta(minutes=1)
_LONGEST_WAIT = timedelta(days=8)


@dataclass(frozen=True, slots=True)
class Due:
    """A moment at which something wants to go out."""

    what: str
    """In a person's words: "club: 17:30"."""
    moment: datetime
    """In UTC, on the full minute."""


@dataclass(frozen=True, slots=True)
class Starts:
    """When a line of a crontab, or a timer, starts a run."""

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    """0 is Sunday."""
    either_day: bool
    """Whether one of day and weekday is enough: so it is where both are restricted."""
    zone: tzinfo

    def at(self, moment: datetime) -> bool:
        """Whether a run starts in the minute that begins at `moment`."""
        local = moment.astimezone(self.zone)
        if local.minute not in self.minutes or local.hour not in self.hours or local.month not in self.months:
            return False
        days = (local.day in self.days, local.isoweekday() % 7 in self.weekdays)
        return any(days) if self.either_day else all(days)

    def after(self, moment: datetime) -> datetime | None:
        """The first start at or after `moment`; None where there is none for days."""
        for minutes in range(_LONGEST_WAIT // _MINUTE):
            if self.at(moment + minutes * _MINUTE):
                return moment + minutes * _MINUTE
        return None


def hourly(minutes: Iterable[int], zone: tzinfo) -> Starts:
    """At these minutes of every hour."""
    days = frozenset(range(1, 32)), frozenset(range(1, 13)), frozenset(range(7))
    return Starts(frozenset(minutes), frozenset(range(24)), *days, either_day=False, zone=zone)


def read(fields: Sequence[str], zone: tzinfo) -> Starts | None:
    """What a crontab's fields say (five, or one such as `@daily`); None for what can't be foretold: `@reboot`, cronie's
    random `~`, and what is wrong."""
    from crontab import CronSlices

    if "~" in "".join(fields) or fields[0].lower() == "@reboot":
        return None
    try:
        minutes, hours, days, months, weekdays = (frozenset(map(int, part)) for part in CronSlices(" ".join(fields)))
    except (ValueError, KeyError):
        return None
    either = len(fields) == 5 and not fields[2].startswith("*") and not fields[4].startswith("*")
    return Starts(minutes, hours, days, months, weekdays, either, zone)


def due(bots: Iterable[Bot], dated: Mapping[str, datetime], now: datetime) -> Iterator[Due]:
    """All that has a time: the bots' `times` on each day of the coming year, and what is dated (words -> moment)."""
    for bot in bots:
        zone = schedule.zone(bot.time_zone)
        today = now.astimezone(zone).date()
        for clock in bot.schedule.times:
            for moment in schedule.moments(today, YEAR, (clock,), zone):
                if moment > now:
                    yield Due(f"{bot.name}: {clock:%H:%M}", moment)
    for what, moment in dated.items():
        if moment > now:
            yield Due(what, _on_the_minute(moment))


def _on_the_minute(moment: datetime) -> datetime:
    return -(-(moment - datetime.min.replace(tzinfo=UTC)) // _MINUTE) * _MINUTE + datetime.min.replace(tzinfo=UTC)


def minutes(wanted: Iterable[Due], zones: Iterable[tzinfo]) -> set[int]:
    """The minutes of the hour at which a run must start, as clocks in all of these zones show them."""
    zones = list(zones)
    return {entry.moment.astimezone(zone).minute for entry in wanted for zone in zones}


Late = tuple[datetime, datetime | None]
"""When something wants to go out, and when it does instead."""


def missed(wanted: Iterable[Due], starts: Sequence[Starts]) -> dict[str, Late]:
    """What would go out more than a minute late, by its words, the first time that it does."""
    late: dict[str, Late] = {}
    for entry in wanted:
        if entry.what not in late and not any(start.at(entry.moment) for start in starts):
            instead = (start.after(entry.moment) for start in starts)
            late[entry.what] = entry.moment, min(filter(None, instead), default=None)
    return late
