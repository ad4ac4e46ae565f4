"""Times are in the bot's time zone wherever a person reads one, and in UTC in `--json`."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.home import Home

ZONE, OFFSET = "Asia/Kathmandu", "+0545"  # no whole hours from UTC, and no summer time


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
