"""When to come back, as the headers of a refused request say it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twitter_manager.platforms.http_errors import LONGEST_WAIT, retry_at_from_headers, scarce_until

NOW = datetime(2026, 11, 21, 12, 30, tzinfo=UTC)
UNIX = int(NOW.timestamp())
TOMORROW = NOW + LONGEST_WAIT


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, None),
        ({"Retry-After": "120"}, NOW + timedelta(minutes=2)),
        ({"retry-after": " 0 "}, NOW),
        ({"retry-after": "Sat, 21 Nov 2026 12:45:00 GMT"}, NOW + timedelta(minutes=15)),
        ({"retry-after": "Sat, 21 Nov 2026 12:00:00 GMT"}, NOW),
        ({"X-Rate-Limit-Reset": str(UNIX + 900)}, NOW + timedelta(minutes=15)),
        ({"ratelimit-reset": str(UNIX + 300)}, NOW + timedelta(minutes=5)),
        ({"ratelimit-reset": str(UNIX - 5)}, NOW),
        ({"retry-after": "60", "ratelimit-reset": str(UNIX + 300)}, NOW + timedelta(minutes=5)),
        ({"retry-after": "soon", "ratelimit-reset": str(UNIX + 300)}, NOW + timedelta(minutes=5)),
        (
            {"x-rate-limit-reset": str(UNIX + 9), "x-user-limit-24hour-remaining": "0",
             "x-user-limit-24hour-reset": str(UNIX + 7200)},
            NOW + timedelta(hours=2),
        ),
        (
            {"x-rate-limit-reset": str(UNIX + 9), "x-app-limit-24hour-remaining": "5",
             "x-app-limit-24hour-reset": str(UNIX + 7200)},
            NOW + timedelta(seconds=9),
        ),
        ({"x-rate-limit-reset": "soon"}, None),
        ({"x-rate-limit-reset": "-1"}, None),
        ({"x-rate-limit-reset": "1e9"}, None),
        ({"x-rate-limit-reset": "60"}, None),
        ({"x-rate-limit-reset": str(UNIX * 1000)}, TOMORROW),
        ({"retry-after": "9" * 400}, TOMORROW),
        ({"retry-after": "Fri, 31 Dec 9999 23:59:59 GMT"}, TOMORROW),
        ({"retry-after": ""}, None),
    ],
)  # fmt: skip
def test_the_time_to_come_back(headers: dict[str, str], expected: datetime | None) -> None:
    """Seconds, dates and resets in any case; the latest counts; garbage is absent; nothing is past or over a day."""
    assert retry_at_from_headers(headers, NOW) == expected


@given(
    st.dictionaries(
        st.sampled_from(["retry-after", "x-rate-limit-reset", "RateLimit-Reset", "x-app-limit-24hour-remaining"]),
        st.text(max_size=30)
        | st.integers().map(str)
        | st.datetimes().map(lambda at: f"{at:%a, %d %b %Y %H:%M:%S} GMT"),
    )
)
def test_no_header_breaks_it_or_makes_it_wait_for_ever(headers: dict[str, str]) -> None:
    """Whatever a server sends: a time within a day, or none."""
    retry_at = retry_at_from_headers(headers, NOW)
    assert retry_at is None or NOW <= retry_at <= TOMORROW


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"x-rate-limit-limit": "100", "x-rate-limit-remaining": "11", "x-rate-limit-reset": str(UNIX + 60)}, None),
        (
            {"X-Rate-Limit-Limit": "100", "x-rate-limit-remaining": "10", "x-rate-limit-reset": str(UNIX + 60)},
            NOW + timedelta(minutes=1),
        ),
        (
            {"ratelimit-limit": "3000", "ratelimit-remaining": "299", "ratelimit-reset": str(UNIX + 300),
             "ratelimit-policy": "3000;w=300"},
            NOW + timedelta(minutes=5),
        ),
        (
            {"x-ratelimit-limit": "300", "x-ratelimit-remaining": "3", "x-ratelimit-reset": "2026-11-21T12:35:00Z"},
            NOW + timedelta(minutes=5),
        ),
        (
            {"x-user-limit-24hour-limit": "100", "x-user-limit-24hour-remaining": "0",
             "x-user-limit-24hour-reset": str(UNIX + 7200)},
            NOW + timedelta(hours=2),
        ),
        ({"ratelimit-limit": "3000", "ratelimit-remaining": "1", "ratelimit-reset": str(UNIX - 5)}, None),
        ({"ratelimit-remaining": "1", "ratelimit-reset": str(UNIX + 5)}, None),
        ({"ratelimit-limit": "many", "ratelimit-remaining": "-1", "ratelimit-reset": "soon"}, None),
        ({}, None),
    ],
)  # fmt: skip
def test_when_little_is_left_of_a_limit(headers: dict[str, str], expected: datetime | None) -> None:
    """A tenth or less, as X, Bluesky and Mastodon say it; what can't be read tells nothing."""
    assert scarce_until(headers, NOW) == expected
