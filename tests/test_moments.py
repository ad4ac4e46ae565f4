"""Words that name a moment: understood as they were typed, or refused."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.moving import MovingHome
from twitter_manager.errors import UsageError
from twitter_manager.moments import FARTHEST, told, told_day, understand

BERLIN = "Europe/Berlin"
NOW = datetime(2026, 11, 27, 10, 15, tzinfo=UTC)  # a Friday, 11:15 in Berlin
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@pytest.mark.parametrize(
    ("words", "language", "understood"),
    [
        ("Fri 09:00", "en", "Friday 4 December 2026, 09:00"),
        ("fri 12:00", "en", "Friday 27 November 2026, 12:00"),
        ("this Saturday at 9", "en", "Saturday 28 November 2026, 09:00"),
        ("tomorrow 9am", "en", "Saturday 28 November 2026, 09:00"),
        ("tomorrow at 9:30 p.m.", "en", "Saturday 28 November 2026, 21:30"),
        ("noon tomorrow", "en", "Saturday 28 November 2026, 12:00"),
        ("Sat 12am", "en", "Saturday 28 November 2026, 00:00"),
        ("17:30", "en", "Friday 27 November 2026, 17:30"),
        ("in 2 hours", "en", "Friday 27 November 2026, 13:15"),
        ("in 1 hour and 30 minutes", "en", "Friday 27 November 2026, 12:45"),
        ("in half an hour", "en", "Friday 27 November 2026, 11:45"),
        ("in 3 days at 9:00", "en", "Monday 30 November 2026, 09:00"),
        ("2026-12-01T09:00", "en", "Tuesday 1 December 2026, 09:00"),
        ("2026-12-01 09:00:00", "en", "Tuesday 1 December 2026, 09:00"),
        ("2026-12-01T09:00+05:00", "en", "Tuesday 1 December 2026, 05:00"),
        ("2026-12-01T09:00Z", "en", "Tuesday 1 December 2026, 10:00"),
        ("1 December 9:00", "en", "Tuesday 1 December 2026, 09:00"),
        ("December 1st, 9 a.m.", "en", "Tuesday 1 December 2026, 09:00"),
        ("Tuesday, 1 December 2026, 09:00", "en", "Tuesday 1 December 2026, 09:00"),
        ("13/2/2027 9:00", "en", "Saturday 13 February 2027, 09:00"),
        ("Freitag 9 Uhr", "de", "Friday 4 December 2026, 09:00"),
        ("übermorgen um 17.30 Uhr", "de", "Sunday 29 November 2026, 17:30"),
        ("4.12. 9:00", "de", "Friday 4 December 2026, 09:00"),
        ("in einer Stunde", "de", "Friday 27 November 2026, 12:15"),
        ("Fri 12:00", "de", "Friday 27 November 2026, 12:00"),
        ("demain à 9h30", "fr", "Saturday 28 November 2026, 09:30"),
        ("viernes a las 13:00", "es", "Friday 27 November 2026, 13:00"),
        ("amanhã às 9h", "pt-BR", "Saturday 28 November 2026, 09:00"),
        ("明日 9時", "ja", "Saturday 28 November 2026, 09:00"),
        ("2027-10-31T02:30+01:00", "en", "Sunday 31 October 2027, 02:30 (UTC+01:00)"),
    ],
)
def test_words_that_are_understood(words: str, language: str, understood: str) -> None:
    """In the bot's language and in English, on the clock of its zone."""
    assert told(understand(words, NOW, BERLIN, language), BERLIN) == understood


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("31 February", "no year has"),
        ("29 February 2027 9:00", "a day that 2027 doesn't have"),
        ("29 February 9:00", "the year"),
        ("20 November 9:00", "the year"),
        ("tomorrow at 25", "no day has, 25:00"),
        ("Fri 13pm", "no day has, 13pm"),
        ("tomorrow", "no time of day"),
        ("2026-12-01", "no time of day"),
        ("9999-12-31T23:59", "five years"),
        ("1 December 9999 9:00", "five years"),
        ("in 99999 hours", "five years"),
        ("2026-13-01T09:00", "doesn't exist"),
        ("2026-11-27T11:15", "is past"),
        ("today 9:00", "is past: Friday 27 November 2026, 09:00"),
        ("2027-03-28T02:30", "doesn't exist in Europe/Berlin"),
        ("28 March 2027 02:30", "Say 2027-03-28T01:30 or 2027-03-28T03:30."),
        ("2027-10-31T02:30", "Say 2027-10-31T02:30+02:00 or 2027-10-31T02:30+01:00."),
        ("31 October 2027 02:30", "comes twice in Europe/Berlin"),
        ("1/2/2027 9:00", "1 February or 2 January"),
        ("next Friday 9:00", "this Friday or the one after"),
        ("tomorrow midnight", "before or after"),
        ("Monday 1 December 9:00", "1 December 2026 is a Tuesday"),
        ("2 hours from now at 9:00", "a distance and a time"),
        *((words, "not understood") for words in ("", "soon", "now", "Fri 9", "Fri 9:00 10:00", "Fri and Sat 9:00")),
        *((words, "is past") for words in ("1 hour ago", "yesterday 9:00", "last Friday 9:00", "last week")),
        *((words, "not understood") for words in ("not Fri 9:00", "in -2 hours", "Fri 09:00 maybe", "next blursday")),
        *((words, "not understood") for words in ("in 2.5 hours", "Fri 9:00 CET", "Fri 9:00 - 10:00", "Fri\0 9:00")),
        ("1" * 101, "too long"),
    ],
)
def test_words_that_are_refused(words: str, says: str) -> None:
    """What is past, unclear, impossible or has no time of day is refused with the reason."""
    with pytest.raises(UsageError, match=says.replace("+", r"\+").replace("(", r"\(")):
        understand(words, NOW, BERLIN)


_AHEAD = st.integers(1, 290 * 24 * 60).map(lambda minutes: NOW + timedelta(minutes=minutes))


@given(_AHEAD, st.sampled_from(["UTC", BERLIN, "Australia/Lord_Howe", "America/St_Johns", "Asia/Kathmandu"]))
@settings(deadline=None)
def test_a_moment_that_is_told_is_understood_as_itself(moment: datetime, zone: str) -> None:
    """However it is written, in words or by ISO 8601, as long as the clocks show it once."""
    local = moment.astimezone(ZoneInfo(zone))
    assert understand(local.isoformat(), NOW, zone) == moment
    if "UTC" in told(moment, zone):
        return
    for form in ("%Y-%m-%dT%H:%M", "%A %d %B %Y, %H:%M", "%d %b %I:%M %p", "%B %d at %H:%M", "%d.%m.%Y %H:%M"):
        assert understand(local.strftime(form), NOW, zone) == moment
    if moment - NOW < timedelta(days=6):
        assert understand(f"{local:%a %H:%M}", NOW, zone) == moment


_CLOCKS = st.tuples(st.integers(0, 25), st.sampled_from([0, 5, 30, 59, 61]))
_DATES = st.tuples(st.integers(0, 32), st.integers(0, 11))


@given(
    st.one_of(st.none(), st.sampled_from(DAYS)),
    st.one_of(st.none(), _DATES),
    st.one_of(st.none(), st.integers(2024, 2040)),
    st.one_of(st.none(), _CLOCKS),
    st.permutations(range(3)),
    st.sampled_from(["", "", "", "not", "9", "31", "Mon", "+", "-2", "in", "ago", "9:00", "week", "2027"]),
)
@settings(deadline=None, max_examples=300)
def test_nothing_that_was_typed_is_bent(
    weekday: str | None,
    day: tuple[int, int] | None,
    year: int | None,
    clock: tuple[int, int] | None,
    order: list[int],
    more: str,
) -> None:
    """Each piece that was typed is true of what was understood, in whatever order; else the whole is refused."""
    date_words = f"{day[0]} {MONTHS[day[1]]} {year or ''}" if day else ""
    pieces = [weekday or "", date_words.strip(), f"{clock[0]}:{clock[1]:02}" if clock else ""]
    try:
        moment = understand(" ".join([*(pieces[place] for place in order), more]), NOW, BERLIN)
    except UsageError:
        return
    local = moment.astimezone(ZoneInfo(BERLIN))
    assert NOW < moment <= NOW + FARTHEST
    assert more in ("", "in", "Mon", "9:00", "2027")  # a preposition alone says nothing
    assert weekday in (None, f"{local:%a}")
    assert day is None or (local.day, local.month) == (day[0], day[1] + 1)
    assert day is None or year in (None, local.year)
    assert (local.hour, local.minute) == (clock or (9, 0))
    if more == "Mon":
        assert f"{local:%a}" == "Mon"
    if more == "2027":
        assert local.year == 2027


@given(st.dates(date(2026, 1, 1), date(2030, 12, 31)), st.times())
@settings(deadline=None)
def test_whatever_the_clock_shows_has_as_many_readings_as_there_are(day: date, clock: time) -> None:
    """A wall time is taken exactly when it stands for one moment."""
    wall = datetime.combine(day, clock.replace(second=0, microsecond=0))
    start = datetime(2025, 12, 30, tzinfo=UTC)
    real = {
        moment
        for fold in (0, 1)
        if (moment := wall.replace(tzinfo=ZoneInfo(BERLIN), fold=fold).astimezone(UTC))
        and moment.astimezone(ZoneInfo(BERLIN)).replace(tzinfo=None) == wall
    }
    try:
        assert {understand(wall.isoformat(), start, BERLIN)} == real
    except UsageError:
        assert len(real) != 1 or max(real) - start > FARTHEST


def test_a_day_in_words_is_in_the_bots_language() -> None:
    """What CLDR does not know is told in English."""
    assert told_day(NOW, BERLIN, "fr-CA") == "27 novembre 2026"
    assert told_day(NOW, BERLIN, "any") == "27 November 2026"


def _ways() -> Iterator[tuple[str, str, str]]:
    language = ""
    for line in (Path(__file__).parent / "data" / "dates.txt").read_text().splitlines():
        if line.startswith("["):
            language = line.strip("[]")
        elif language:
            words, _, meaning = line.rpartition(" = ")
            yield language, words, meaning


@pytest.mark.parametrize("language", sorted({language for language, *_ in _ways()}))
def test_the_ways_in_which_people_write_dates(language: str) -> None:
    """Each is understood rightly, or refused: nothing is guessed."""
    for spoken, words, meaning in _ways():
        if spoken == language:
            try:
                local = understand(words, NOW, BERLIN, language).astimezone(ZoneInfo(BERLIN))
                understood = f"{local:%Y-%m-%d %H:%M}"
            except UsageError:
                understood = "?"
            assert understood == meaning, words


def test_a_day_alone_means_its_end_where_something_ends(tmp_path: Path) -> None:
    """--expires takes a bare date as --until does."""
    home = MovingHome(tmp_path / "home")
    home.it_is(datetime(2026, 11, 2, 12, tzinfo=UTC))
    assert home("post", "We ride.", "--at", "2027-12-24 09:00", "--expires", "2027-12-24").code == 0
    assert home.rows("SELECT expires_at FROM drafts") == [("2027-12-24T23:59:00.000000Z",)]
    assert "expires before" in home("post", "We run.", "--at", "2027-12-24 09:00", "--expires", "2027-12-23").err
