"""Weeks and months in a bot's time zone: a week is from Monday to Sunday, a day as long as its clocks make it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from twitter_manager.schedule import moment_on, zone

WEEK, MONTH = "week", "month"
_MIDNIGHT = time()


@dataclass(frozen=True, slots=True)
class Period:
    """One of them. `first`: its first day."""

    kind: str
    first: date
    time_zone: str

    @classmethod
    def around(cls, kind: str, day: date, time_zone: str) -> Period:
        """The one that this day is part of."""
        first = day.replace(day=1) if kind == MONTH else day - timedelta(days=day.weekday())
        return cls(kind, first, time_zone)

    @classmethod
    def last_over(cls, kind: str, now: datetime, time_zone: str) -> Period:
        """The last one that is over."""
        return cls.around(kind, today(now, time_zone), time_zone).before

    @property
    def after_last(self) -> date:
        """The day after its last one."""
        if self.kind == MONTH:
            return (self.first + timedelta(days=31)).replace(day=1)
        return self.first + timedelta(days=7)

    @property
    def last(self) -> date:
        """Its last day."""
        return self.after_last - timedelta(days=1)

    @property
    def before(self) -> Period:
        """The one before it."""
        return Period.around(self.kind, self.first - timedelta(days=1), self.time_zone)

    @property
    def since(self) -> datetime:
        """When it begins (UTC)."""
        return self._begins(self.first)

    @property
    def until(self) -> datetime:
        """When it ends (UTC)."""
        return self._begins(self.after_last)

    @property
    def days(self) -> list[tuple[date, datetime, datetime]]:
        """Its days, each with the moments (UTC) between which it lies."""
        number = (self.after_last - self.first).days
        days = [self.first + timedelta(days=each) for each in range(number)]
        return [(day, self._begins(day), self._begins(day + timedelta(days=1))) for day in days]

    def _begins(self, day: date) -> datetime:
        return moment_on(day, _MIDNIGHT, zone(self.time_zone))


def today(now: datetime, time_zone: str) -> date:
    """The day that it is in the zone."""
    return now.astimezone(zone(time_zone)).date()
