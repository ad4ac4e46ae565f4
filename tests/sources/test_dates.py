"""Dates as feeds write them: every language, every zone, and the older reading where there are two."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twitter_manager.sources.dates import Dates


def read(text: str, language: str = "") -> datetime | None:
    return Dates(language, time.monotonic).read(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Thu, 12 Mar 2026 08:30:00 +0100", "2026-03-12T07:30"),
        ("2026-03-12T08:30:00Z", "2026-03-12T08:30"),
        ("2026-03-12 08:30:00 CEST", "2026-03-12T06:30"),
        ("Thu Mar 12 08:30:00 GMT 2026", "2026-03-12T08:30"),
        ("Do, 12 Mrz 2026 08:30:00 +0100", "2026-03-12T07:30"),
        ("Mi, 15.04.2026 - 09:10", "2026-04-15T09:10"),
        ("jeu., 12 févr. 2026 08:30:00 +0100", "2026-02-12T07:30"),
        ("12 de marzo de 2026", "2026-03-12T00:00"),
        ("gio, 12 giu 2025 08:30:00 +0200", "2025-06-12T06:30"),
        ("Чт, 12 мар 2026 08:30:00 +0300", "2026-03-12T05:30"),
        ("2026年3月12日 08:30", "2026-03-12T08:30"),
        ("Qui, 12 Fev 2026 08:30:00 -0300", "2026-02-12T11:30"),
        ("czw, 12 lut 2026 08:30:00 +0100", "2026-02-12T07:30"),
        ("Per, 12 Şub 2026 08:30:00 +0300", "2026-02-12T05:30"),
        ("March 12, 2026 3:05 PM", "2026-03-12T15:05"),
        ("20260312", "2026-03-12T00:00"),
        ("Thu, 12 Mar 2026 08:30:00 JST", "2026-03-11T23:30"),
        ("Thu, 12 Mar 2026 08:30:00 AEDT", "2026-03-11T21:30"),
        ("Thu, 12 Mar 2026 08:30:00 EST", "2026-03-12T13:30"),
        ("Thu, 12 Mar 26 08:30:00 PDT", "2026-03-12T15:30"),
    ],
)
def test_dates_of_many_languages_and_zones(text: str, expected: str) -> None:
    """Month and day names, orders and zones as feeds have them."""
    assert read(text) == datetime.fromisoformat(expected).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Thu, 12 Mar 2026 08:30:00 CST", "2026-03-12T00:30"),
        ("Thu, 12 Mar 2026 08:30:00 IST", "2026-03-12T03:00"),
        ("Thu, 12 Mar 2026 08:30:00 XYZT", "2026-03-11T18:30"),
        ("05/03/2026", "2026-03-05T00:00"),
        ("03/05/2026", "2026-03-05T00:00"),
        ("2026-03-12T08:30:00+00:0", "2026-03-11T18:30"),
    ],
)
def test_the_older_reading_is_taken(text: str, expected: str) -> None:
    """A zone that several countries share or nobody knows, and numbers in either order, never make news fresher."""
    assert read(text) == datetime.fromisoformat(expected).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    ["", "yesterday", "soon", "12", "2026", "March 2026", "Thu, 01 Jan 1970 00:00:00 GMT", "32.13.2026", "9999-12-31"],
)
def test_what_names_no_day_is_none(text: str) -> None:
    """Neither words that depend on today nor half a date."""
    assert read(text) is None


def test_the_feeds_language_decides() -> None:
    """ "lis" is November in Polish and October in Croatian."""
    assert read("12 lis 2025", "pl") == datetime(2025, 11, 12, tzinfo=UTC)
    assert read("12 lis 2025", "hr") == datetime(2025, 10, 12, tzinfo=UTC)


def test_the_languages_have_a_budget() -> None:
    """When looking through the languages has taken its time, dates in words are none, others are read on."""
    clock = iter(range(0, 10_000, 60))
    dates = Dates("", lambda: float(next(clock)))
    assert dates.read("12 de marzo de 2026") is not None
    assert dates.read("13 de marzo de 2026") is None
    assert dates.read("Fri, 13 Mar 2026 08:30:00 GMT") is not None


@given(st.text(max_size=120) | st.text("0123456789:/.-+ TZapmJn,", max_size=40))
@settings(deadline=None, max_examples=60)
def test_any_text_gives_a_date_of_this_age_or_none(text: str) -> None:
    """Never an error."""
    found = Dates("en", time.monotonic).read(text)
    assert found is None or (found.tzinfo is UTC and 1990 <= found.year < 2200)
