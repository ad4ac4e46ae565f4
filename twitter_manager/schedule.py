"""When a bot may post: its slots, its quiet hours, the start of its day. Pure; whether a post is due is `due.py`'s.

A slot is named by the UTC moment it starts. Times of day are local to the bot. Where the clocks are put forward, a
time that the day lacks counts as far into the next hour (02:30 is 03:30); where they are put back, a time that comes
twice counts the first time. So each time gives one slot a day, whatever the clocks do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Annotated, Any

from twitter_manager.validation import InvalidValue, by, did_you_mean, entries, key

Quiet = tuple[time, time]
"""From (counts as quiet) and until (does not), local; may pass midnight; the two differ."""


_WHOLE_HOURS = tuple(hours for hours in range(1, 25) if 24 % hours == 0)


def _hours(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 24:
        raise InvalidValue("must be a whole number from 1 to 24")
    if value not in _WHOLE_HOURS:
        raise InvalidValue("must divide 24", f"Take {', '.join(map(str, _WHOLE_HOURS[:-1]))} or 24.")
    return value


def time_of_day(value: Any) -> time:
    """A time of day as a person writes it. Raises InvalidValue."""
    if not isinstance(value, str) or not re.fullmatch(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]", value):
        raise InvalidValue("must be a time of day", 'Write it as "09:00".')
    return time.fromisoformat(value)


def quiet(value: Any) -> Quiet:
    """Quiet hours as a person writes them. Raises InvalidValue."""
    if not isinstance(value, str) or not re.fullmatch(r"[0-9:]{5} ?- ?[0-9:]{5}", value):
        raise InvalidValue("must be two times of day", 'Write it as "22:00-07:00".')
    start, end = (time_of_day(part.strip()) for part in value.split("-"))
    if start == end:
        raise InvalidValue("begins and ends at the same time", "Leave it out for no quiet hours.")
    return start, end


def zone_name(value: Any) -> str:
    """The name of a time zone. Raises InvalidValue."""
    if not isinstance(value, str) or not re.fullmatch(r"[A-Za-z0-9_+/-]{1,64}", value):
        raise InvalidValue("must be the name of a time zone", "Write it as Europe/Berlin.")
    try:
        zone(value)
    except (LookupError, ValueError, OSError):
        raise InvalidValue("is no time zone that this machine knows", _near_zone(value)) from None
    return value


def _near_zone(name: str) -> str:
    from zoneinfo import available_timezones

    known = available_timezones()
    return did_you_mean(name, known) if known else "Install the system's package tzdata."


@dataclass(frozen=True, slots=True)
class Schedule:
    """A slot every so many hours of the UTC day (a divisor of 24), or at the given local times when there are any."""

    every_hours: Annotated[
        int,
        by(_hours, type="integer", enum=list(_WHOLE_HOURS)),
        key("A post every so many hours (UTC); a divisor of 24."),
    ] = 1
    times: Annotated[
        tuple[Annotated[time, by(time_of_day)], ...],
        entries(96, least=1),
        key("Instead: at these times of day.", example=["09:00", "17:30"]),
    ] = ()


def zone(name: str) -> tzinfo:
    """The time zone of that IANA name. Raises LookupError, ValueError or OSError where there is none."""
    if name == "UTC":
        return UTC
    from zoneinfo import ZoneInfo

    return ZoneInfo(name)


def slot_at(now: datetime, schedule: Schedule, time_zone: str) -> datetime:
    """The start (UTC) of the slot that `now` is in: the last one that is not later."""
    if not schedule.times:
        hour = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        return hour - timedelta(hours=hour.hour % schedule.every_hours)
    return max(moment for moment in _moments(now, schedule.times, zone(time_zone)) if moment <= now)


def next_slot(now: datetime, schedule: Schedule, time_zone: str) -> datetime:
    """The start (UTC) of the first slot after `now`."""
    if not schedule.times:
        return slot_at(now, schedule, time_zone) + timedelta(hours=schedule.every_hours)
    return min(moment for moment in _moments(now, schedule.times, zone(time_zone)) if moment > now)


def is_daily_slot(clock: time, now: datetime, schedule: Schedule, time_zone: str) -> bool:
    """Whether there is a slot at this time of day, summer and winter."""
    if schedule.times:
        return clock in schedule.times
    local = zone(time_zone)
    today = now.astimezone(local).date()
    now_and_then = [moment_on(today + timedelta(days=days), clock, local) for days in (0, 182)]
    return all(slot_at(moment, schedule, time_zone) == moment for moment in now_and_then)


def in_quiet_hours(now: datetime, quiet: Quiet | None, time_zone: str) -> bool:
    """Whether the clock on the wall shows a quiet time."""
    return quiet is not None and within(now.astimezone(zone(time_zone)).time(), quiet)


def quiet_ends(now: datetime, quiet: Quiet | None, time_zone: str) -> datetime | None:
    """The first minute (UTC) after `now` that is not quiet; None when `now` is not quiet itself."""
    if quiet is None or not in_quiet_hours(now, quiet, time_zone):
        return None
    # Minute by minute, at most a day: the wall clock may jump in between, and this stays right without cases.
    local, moment = zone(time_zone), now.astimezone(UTC).replace(second=0, microsecond=0)
    while within(moment.astimezone(local).time(), quiet):
        moment += timedelta(minutes=1)
    return moment


def local_day_start(now: datetime, time_zone: str) -> datetime:
    """The moment (UTC) at which the bot's day began."""
    local = zone(time_zone)
    return moment_on(now.astimezone(local).date(), time(), local)


def within(clock: time, quiet: Quiet) -> bool:
    """Whether a time of day is quiet."""
    start, end = quiet
    return start <= clock < end if start < end else clock >= start or clock < end


def moment_on(day: date, clock: time, local: tzinfo) -> datetime:
    """The moment (UTC) at which the day shows this time: the first of two, or as far into the hour after a gap."""
    return datetime.combine(day, clock.replace(fold=0), local).astimezone(UTC)


def _moments(now: datetime, times: tuple[time, ...], local: tzinfo) -> Iterator[datetime]:
    """The slots around `now`: two days to each side, for the zones that once left a day out."""
    return moments(now.astimezone(local).date() - timedelta(days=2), 5, times, local)


def moments(first: date, days: int, times: tuple[time, ...], local: tzinfo) -> Iterator[datetime]:
    """When these times of day come (UTC), from `first` on for so many days."""
    for number in range(days):
        for clock in times:
            yield moment_on(first + timedelta(days=number), clock, local)
