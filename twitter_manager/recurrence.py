"""When a recurring post comes again. Pure; which occurrences were made is kept by `store.series`.

Times of day are local and stay so when the clocks change: see `schedule` for a time that a day lacks or has twice. What
comes on a day that a month lacks comes on its last day."""

from __future__ import annotations

import calendar
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from twitter_manager import moments, schedule
from twitter_manager.errors import UsageError

_UNITS = {"day": "day", "daily": "day", "week": "week", "weekly": "week", "month": "month", "monthly": "month"}
_DAY_OF_MONTH = re.compile(
    r"(?:the )?(?:(?P<number>\d{1,3})(?:st|nd|rd|th|\.)|last(?: day)?)\s+(?P<clock>.+)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Rule:
    """Every day, or every week or month on one day of it, at one time of day."""

    unit: str
    number: int
    """The weekday (Monday is 0) or the day of the month (31: its last day); 0 for every day."""
    clock: time

    def __str__(self) -> str:
        return f"{self.unit} {self.number} {self.clock:%H:%M}"

    @classmethod
    def read(cls, stored: str) -> Rule:
        """The rule that `str` gave."""
        unit, number, clock = stored.split()
        return cls(unit, int(number), time.fromisoformat(clock))

    @property
    def told(self) -> str:
        """The rule for a person."""
        if self.unit == "day":
            return f"every day at {self.clock:%H:%M}"
        if self.unit == "week":
            return f"every {moments.WEEKDAYS[self.number].title()} at {self.clock:%H:%M}"
        if self.number == 31:
            return f"on the last day of each month at {self.clock:%H:%M}"
        shorter = ", in a shorter month on its last day" if self.number > 28 else ""
        return f"on day {self.number} of each month at {self.clock:%H:%M}{shorter}"

    def after(self, moment: datetime, time_zone: str) -> datetime:
        """The first occurrence (UTC) after a moment."""
        return next(found for found in self._from(moment, time_zone) if found > moment)

    def last(self, moment: datetime, time_zone: str) -> datetime:
        """The last occurrence (UTC) that is not after a moment."""
        past = itertools.takewhile(lambda found: found <= moment, self._from(moment - timedelta(days=40), time_zone))
        return max(past)

    def between(self, after: datetime, before: datetime, time_zone: str) -> list[datetime]:
        """The occurrences (UTC) after one moment and before another."""
        coming = itertools.takewhile(lambda found: found < before, self._from(after, time_zone))
        return [found for found in coming if found > after]

    def _from(self, moment: datetime, time_zone: str) -> Iterator[datetime]:
        """Occurrences in order, from some days before a moment on."""
        local = schedule.zone(time_zone)
        day = moment.astimezone(local).date() - timedelta(days=2)
        while True:
            if self._falls_on(day):
                yield schedule.moment_on(day, self.clock, local)
            day += timedelta(days=1)

    def _falls_on(self, day: date) -> bool:
        if self.unit == "week":
            return day.weekday() == self.number
        return self.unit == "day" or day.day == min(self.number, calendar.monthrange(day.year, day.month)[1])


def understand(every: str, first: datetime | None, time_zone: str, language: str) -> Rule:
    """The rule that a person's words name; `first`: when the first is due, for "week". Raises UsageError."""
    words = " ".join(every[: moments.LONGEST].casefold().split()).removeprefix("every ")
    unit, _, clock = words.partition(" ")
    if unit in _UNITS and not clock:
        if first is None:
            raise UsageError(
                f"--every {words} needs the first date.", 'Say it with --at, or write --every "Mon 09:00".'
            )
        local = first.astimezone(schedule.zone(time_zone))
        number = {"day": 0, "week": local.weekday(), "month": local.day}[_UNITS[unit]]
        return Rule(_UNITS[unit], number, local.time().replace(second=0, microsecond=0, fold=0))
    if first is not None:
        remedy = "Say --every day, week or month with --at, or leave --at out."
        raise UsageError(f'--every "{words}" does not go with --at.', remedy)
    if unit == "day":
        return Rule("day", 0, moments.time_of_day(clock, "en")[1])
    if match := _DAY_OF_MONTH.fullmatch(words):
        number = int(match["number"] or 31)
        if not 1 <= number <= 31:
            raise UsageError(f"--every: no month has a day {number}.", 'Write it as "1st 09:00".')
        weekday, time_of_day = moments.time_of_day(match["clock"], language)
        if weekday is None:
            return Rule("month", number, time_of_day)
    weekday, time_of_day = moments.time_of_day(words, language)
    return Rule("day", 0, time_of_day) if weekday is None else Rule("week", weekday, time_of_day)
