"""A conversation on Bluesky from end to end: the program as a process, the reference server with an AppView of ours
beside it, and another account that answers, likes and asks again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.home import Home
from tests.platforms.social_bluesky import BlueskyPeople
from tests.standins.pds import Account, Pds
from tests.threads import home_for

MAIN = "import sys; from twitter_manager.cli import main; main(sys.argv[1:])"
QUIET = 'platforms = ["bluesky"]\n# It has no sources: all that goes out is asked for.\n'


def at(**later: float) -> str:
    """The program with its clock so much later."""
    moved = f"app.utc_now = lambda: datetime.now(UTC) + timedelta(**{later})"
    return f"from datetime import *; from twitter_manager import app; {moved}; {MAIN}"


@pytest.fixture
def people(pds: Pds, account: Account) -> Iterator[BlueskyPeople]:
    yield BlueskyPeople(pds, account)
    pds.appview.reset()


@pytest.fixture
def home(tmp_path: Path, pds: Pds, account: Account) -> Home:
    home = home_for(tmp_path, account, pds.url)
    home.bot("default", QUIET)
    return home


def test_what_people_did_is_read_an_hour_later(home: Home, people: BlueskyPeople) -> None:
    """Posted, liked and answered by others, an hour goes by: `figures` tells of both; of a post that its person deleted
    on the web it tells that it is gone."""
    for text in ("A post that people like.", "A post that is taken down."):
        assert home("post", text, "--now").code == 0
    gone, liked = people.posts()
    people.like(liked, "ann")
    people.like(liked, "bob")
    people.reply(liked, "So it is.", "ann")
    people.delete(gone)
    done = home("run", code=at(hours=1.1))
    assert done.code == 0, done
    there, removed = sorted(
        (post["platforms"][0] for post in home("figures", "--json").json["bots"][0]["posts"]),
        key=lambda on: on["removed_at"] or "",
    )
    [reading] = there["readings"]
    assert (reading["band"], reading["likes"], reading["replies"], reading["engagement"]) == ("1h", 2, 1, 3)
    assert removed["removed_at"] is not None
    assert removed["readings"] == []
