"""Slots, quiet hours and the bot's day, in zones whose clocks change and in those that never do."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twitter_manager.schedule import (
    Schedule,
    in_quiet_hours,
    is_daily_slot,
    local_day_start,
    next_slot,
    quiet_ends,
    slot_at,
    zone,
)

ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia"]
MINUTE = timedelta(minutes=1)
clocks = st.times(timezones=st.none()).map(lambda t: t.replace(second=0, microsecond=0, fold=0))
moments = st.datetimes(datetime(2001, 1, 1), datetime(2037, 1, 1)).map(lambda t: t.replace(tzinfo=UTC))
# Half of the moments fall in the weeks in which clocks change.
changes = st.builds(
    lambda year, day, minutes: datetime(year, day[0], day[1], tzinfo=UTC) + timedelta(minutes=minutes),
    st.integers(2010, 2030),
    st.sampled_from([(3, 8), (3, 25), (4, 1), (10, 1), (10, 25), (11, 1), (12, 29)]),
    st.integers(0, 8 * 1440),
)
zones = st.sampled_from(ZONES)
nows = moments | changes
schedules = st.builds(Schedule, st.sampled_from([1, 2, 3, 4, 6, 8, 12, 24])) | st.builds(
    Schedule, st.just(1), st.lists(clocks, min_size=1, max_size=4, unique=True).map(tuple)
)


@given(nows, schedules, zones)
def test_now_lies_in_its_slot_and_every_moment_of_it_names_the_same_slot(
    now: datetime, schedule: Schedule, name: str
) -> None:
    """A slot is [start, next start): its start, its last microsecond and all between give one and the same start."""
    start, following = slot_at(now, schedule, name), next_slot(now, schedule, name)
    assert start <= now < following
    assert start.tzinfo is UTC and following.tzinfo is UTC
    for moment in (start, start + (following - start) / 2, following - timedelta(microseconds=1)):
        assert slot_at(moment, schedule, name) == start
        assert next_slot(moment, schedule, name) == following
    assert slot_at(following, schedule, name) == following


@given(nows, clocks, zones.filter(lambda name: name != "Pacific/Apia"))
def test_a_daily_time_gives_one_slot_each_local_day(now: datetime, clock: time, name: str) -> None:
    """Seven slots in a row fall on seven dates in a row, changes of the clocks included: none lost, none twice."""
    schedule, local = Schedule(times=(clock,)), zone(name)
    slots = [slot_at(now, schedule, name)]
    while len(slots) < 8:
        slots.append(next_slot(slots[-1], schedule, name))
    days = [slot.astimezone(local).date() for slot in slots]
    assert [(later - sooner).days for sooner, later in pairwise(days)] == [1] * 7


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "clock", "day", "slot"),
    [
        ("Europe/Berlin", "09:00", "2026-01-10 12:00", "2026-01-10 08:00"),
        ("Europe/Berlin", "09:00", "2026-07-10 12:00", "2026-07-10 07:00"),
        ("Europe/Berlin", "02:30", "2026-03-29 12:00", "2026-03-29 01:30"),  # left out: counts as 03:30
        ("Europe/Berlin", "02:30", "2026-10-25 12:00", "2026-10-25 00:30"),  # comes twice: the first
        ("America/New_York", "01:30", "2026-11-01 12:00", "2026-11-01 05:30"),
        ("Australia/Lord_Howe", "02:15", "2026-10-04 12:00", "2026-10-03 15:45"),  # half an hour is left out
        ("Asia/Kathmandu", "00:00", "2026-05-05 12:00", "2026-05-04 18:15"),
        ("Pacific/Apia", "12:00", "2011-12-30 11:00", "2011-12-29 22:00"),  # the day that Samoa left out
    ],
)
def test_slots_on_days_when_clocks_change(name: str, clock: str, day: str, slot: str) -> None:
    """The rule for missing and doubled times, against moments worked out by hand."""
    assert slot_at(at(day), Schedule(times=(time.fromisoformat(clock),)), name) == at(slot)


def test_a_daily_slot_is_one_in_summer_and_winter() -> None:
    """Slots by hours of the UTC day move on a local clock that changes; those by times of day don't."""
    now, eight = at("2027-03-20 12:00"), time(8)
    assert is_daily_slot(eight, now, Schedule(1), "Europe/Berlin")
    assert not is_daily_slot(time(7), now, Schedule(6), "Europe/Berlin")
    assert is_daily_slot(time(6), now, Schedule(6), "UTC")
    assert is_daily_slot(eight, now, Schedule(times=(eight,)), "Europe/Berlin")
    assert not is_daily_slot(time(9), now, Schedule(times=(eight,)), "Europe/Berlin")


def test_hourly_slots_are_hours_of_the_utc_day_in_any_zone() -> None:
    """`every_hours` counts from midnight UTC, also where the local clock is off by 45 minutes."""
    assert slot_at(at("2026-11-21 13:59:59"), Schedule(6), "Asia/Kathmandu") == at("2026-11-21 12:00")
    assert next_slot(at("2026-11-21 23:59"), Schedule(1), "Asia/Kathmandu") == at("2026-11-22 00:00")


@given(nows, clocks, clocks, zones)
def test_quiet_hours_end_at_the_first_minute_that_is_not_quiet(
    now: datetime, start: time, end: time, name: str
) -> None:
    """`quiet_ends` is None outside quiet hours; inside, it is later, not quiet, and all minutes before it are quiet."""
    quiet = (start, end if end != start else time((start.hour + 1) % 24, start.minute))
    ends = quiet_ends(now, quiet, name)
    assert (ends is None) == (not in_quiet_hours(now, quiet, name))
    if ends is not None:
        assert ends > now and not in_quiet_hours(ends, quiet, name)
        assert all(in_quiet_hours(ends - n * MINUTE, quiet, name) for n in range(1, int((ends - now) / MINUTE) + 1))


def test_quiet_hours_over_midnight() -> None:
    """22:00-07:00 holds at 22:00, at midnight and at 06:59, not at 07:00 or 21:59; none set is never quiet."""
    quiet = (time(22), time(7))
    shown = [f"{h:02}:{m:02}" for h in range(24) for m in (0, 59)]
    held = [t for t in shown if in_quiet_hours(at(f"2026-01-15 {t}"), quiet, "UTC")]
    assert held == [t for t in shown if t < "07:00" or t >= "22:00"]
    assert quiet_ends(at("2026-01-15 23:10:30"), quiet, "Europe/Berlin") == at("2026-01-16 06:00")
    assert not in_quiet_hours(at("2026-01-15 23:10"), None, "UTC")
    assert quiet_ends(at("2026-01-15 23:10"), None, "UTC") is None


@given(nows, zones)
def test_the_day_starts_when_the_date_changes(now: datetime, name: str) -> None:
    """The start is not later than now, shares its local date, and the moment before it does not."""
    local, start = zone(name), local_day_start(now, name)
    assert start <= now
    assert start.astimezone(local).date() == now.astimezone(local).date()
    assert (start - timedelta(microseconds=1)).astimezone(local).date() < now.astimezone(local).date()


def test_the_day_starts_where_midnight_does_not_exist() -> None:
    """In Beirut the clocks went from 00:00 to 01:00 on 2022-03-27: the day began at that jump."""
    assert local_day_start(at("2022-03-27 12:00"), "Asia/Beirut") == at("2022-03-26 22:00")
