"""A person hears of keys that end, twice before, and of keys that are old."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.home import Home, x_settings
from tests.notify.receivers import hook_server
from tests.standins.x import XStandIn
from tests.test_auth import change
from twitter_manager.pipeline.key_ages import expiring, old
from twitter_manager.store.credentials import Credential

NOW = datetime(2026, 12, 1, 9, tzinfo=UTC)


def key(*, ends_in: timedelta | None = None, age: timedelta = timedelta()) -> Credential:
    return Credential("club", "bluesky", "0123abcd", "", NOW - age, NOW + ends_in if ends_in is not None else None)


@pytest.mark.parametrize(
    ("days", "subjects"),
    [(None, []), (14.1, []), (14, ["14"]), (3.1, ["14"]), (3, ["3"]), (0.1, ["3"]), (-40, ["3"])],
)
def test_an_end_is_told_two_weeks_and_three_days_before(days: float | None, subjects: list[str]) -> None:
    """Nothing before, and each of both times has a subject of its own, so that it is told once."""
    told = expiring([key(ends_in=timedelta(days=days) if days is not None else None)], NOW, "Europe/Berlin")
    assert [subject.rpartition(":")[2] for subject in told] == subjects
    for words in told.values():
        assert "Bluesky" in words and "auth rotate bluesky --bot club" in words and " CE" in words
        assert ("ended" in words) == (days is not None and days < 0)


@pytest.mark.parametrize(("days", "told"), [(365, 0), (366, 1)])
def test_a_key_is_old_after_a_year(days: int, told: int) -> None:
    """With its age in days, and the way to another one."""
    lines = old([key(age=timedelta(days=days))], NOW)
    assert len(lines) == told and all("366 days old" in line for line in lines)


def session_token(until: datetime) -> str:
    """A session's token that tells its end."""
    claims = base64.urlsafe_b64encode(json.dumps({"exp": int(until.timestamp())}).encode()).decode().rstrip("=")
    return f"eyJhbGciOiJub25lIn0.{claims}.c2lnbmF0dXJl"


def test_a_run_tells_of_an_end_once(tmp_path: Path) -> None:
    """Two runs send one message of a Bluesky session that ends in ten days, though the server can't be reached."""
    token = session_token(datetime.now(UTC) + timedelta(days=10))
    account = {"BLUESKY_IDENTIFIER": "club.example.org", "BLUESKY_SERVICE_URL": "http://127.0.0.1:9"}
    with hook_server() as hook:
        home = Home(tmp_path, **account, BLUESKY_PASSWORD=token, NOTIFY_URLS=hook.url)
        for _ in range(2):
            home("run")
    [(words,)] = home.rows("SELECT text FROM notices WHERE subject LIKE 'ends:bluesky:%:14'")
    assert "The Bluesky key of the bot default ends " in words and token not in home.log()


def test_status_and_doctor_tell_of_old_keys(tmp_path: Path, x: XStandIn) -> None:
    """A key that was first seen over a year ago is named by both; a new one by neither."""
    home = Home(tmp_path, **x_settings(x))
    assert home("run").code == 0
    assert home("status", "--json").json["bots"][0]["keys"] == []
    change(home, "UPDATE credentials SET first_seen = '2024-01-01T00:00:00Z'")
    assert "the X key of the bot default is" in home("status").out
    ages = next(look for look in home("doctor", "--json").json["checks"] if look["name"] == "age of keys")
    assert ages["result"] == "warning" and "days old" in ages["detail"]
