"""Times are in the bot's time zone wherever a person reads one, and in UTC in `--json`."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.home import Home

ZONE, OFFSET = "Asia/Kathmandu", "+0545"  # no whole hours from UTC, and no summer time
TIME = r"\d{4}-\d\d-\d\d \d\d:\d\d"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    note = '[[note]]\nid = "tea"\nlabel = "club"\ntext = "Tea is served in the hut on every ride."\n'
    home.path.joinpath("notes.toml").write_text(note)
    source = '[[sources]]\nkind = "notes"\nname = "notes"\npath = "notes.toml"'
    home.bot("club", f'time_zone = "{ZONE}"\nlimits.quiet_hours = "00:00-23:59"\n{source}')
    assert home("run", "--force").code == 0
    return home


@pytest.mark.parametrize(
    "words",
    [
        ("status",),
        ("history",),
        ("explain", "1"),
        ("explain", "1", "--full"),
        ("explain", "run:1"),
        ("explain", "run:1", "--full"),
        ("preview", "--runs", "3"),
        ("sources", "list"),
        ("doctor",),
        ("run",),
        ("post", "We are open on Sunday."),
    ],
    ids=" ".join,
)
def test_a_person_reads_the_time_of_their_own_clock(home: Home, words: tuple[str, ...]) -> None:
    """Every time of the day that a verb prints is that of the bot's zone, which is named; its JSON has UTC."""
    shown = home.at_terminal(*words).out
    assert ZONE in shown or OFFSET in shown, shown
    assert "UTC" not in shown and not re.search(r"\d{4}-\d\d-\d\dT", shown), shown
    if words[0] not in ("run", "post", "doctor"):
        as_json = home(*words, "--json").out
        assert re.search(r'"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z"', as_json), as_json


@pytest.mark.parametrize(
    "words", [("status",), ("run",), ("preview",), ("post", "We are open.", "--now")], ids=" ".join
)
@pytest.mark.parametrize("whose", [(), ("--bot", "club")], ids=["all", "one"])
def test_a_pause_is_told_by_the_bots_clock(home: Home, words: list[str], whose: tuple[str, ...]) -> None:
    """Since when; and the hint to end it is for the bot alone where the pause is."""
    assert home("pause", *whose).code == 0
    shown = home.at_terminal(*words).out
    assert re.search(rf"paused since {TIME} \{OFFSET}", shown) and "UTC" not in shown, shown
    assert words[0] != "run" or shown.count(f"pause --off{' --bot club' if whose else ''}\n") == 1, shown


def test_the_end_of_one_bots_pause_does_not_hide_that_of_all(home: Home) -> None:
    """Who ends it hears that the bot rests all the same, and how to end that."""
    for pauses in ((), ("--bot", "club")):
        home("pause")
        home("pause", *pauses)
        done = home.at_terminal("pause", "--off", "--bot", "club").out
        assert done.startswith("club still rests: every bot is paused; to end that: "), done
        assert "Running again: every bot." in home.at_terminal("pause", "--off").out
        assert "There was no pause to end." in home.at_terminal("pause", "--off", "--bot", "club").out
