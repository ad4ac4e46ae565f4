"""What `figures` tells of posts: numbers, charts, what is usual, what is gone."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from jsonschema import Draft202012Validator

from tests.engaged import out, read
from tests.fakes import FakeClock, FakePlatform
from tests.fresh import new_database
from tests.home import Home
from tests.review import filled
from twitter_manager.review.console.views.draft import view
from twitter_manager.show.charts import ASCII, BLOCKS
from twitter_manager.show.figures import figures_lines
from twitter_manager.show.verb_shapes import json_schema
from twitter_manager.social import Figures
from twitter_manager.store import amendments, drafts

NOW = datetime.now(UTC)
DAY = timedelta(days=1)


@pytest.fixture
def told(home: Home) -> Home:
    """Six posts on Bluesky; the second newest is on X with views, the newest was read twice, the oldest is gone."""
    home("status")
    home.database.parent.mkdir(exist_ok=True)
    sky, x = FakePlatform("bluesky", FakeClock(NOW)), FakePlatform("x", FakeClock(NOW))
    with closing(new_database(home.database, NOW)) as db:
        for number in range(6):
            there = out(db, sky, (9 - number) * DAY, now=NOW, bot="default", text=f"Tea, number {number}")
            read(db, there, Figures(number, 0, 0, 0), Figures(number + 1, 1, 0, 0))
        read(db, out(db, x, DAY, now=NOW, bot="default", text="Tea on X"), Figures(3, 1, 0, 0, views=200))
        out(db, sky, timedelta(minutes=5), now=NOW, bot="default", text="Just now")
        with db.transaction():
            amendments.notice_gone(db, "bluesky", "r1", NOW)
    return home


def test_figures_tells_what_posts_came_to(told: Home) -> None:
    """Newest first; each age with its reading, the rate where views are known, and what is usual at that age."""
    done = told("figures", "--json")
    Draft202012Validator(json_schema("figures")).validate(done.json)
    [bot] = done.json["bots"]
    new, on_x, *sky = bot["posts"]
    assert new["platforms"][0]["newest"] is None
    [there] = on_x["platforms"]
    assert (there["newest"]["engagement"], there["newest"]["engagement_rate"], there["usual"]) == (4, 2.0, None)
    assert [post["platforms"][0]["newest"]["engagement"] for post in sky] == [7, 6, 5, 4, 3, 2]
    assert [reading["band"] for reading in sky[0]["platforms"][0]["readings"]] == ["1h", "3h"]
    assert {post["platforms"][0]["usual"] for post in sky} == {5}, "the median of the five that are still there"
    assert sky[0]["platforms"][0]["newest"]["engagement_rate"] is None
    assert sky[-1]["platforms"][0]["removed_at"] and not sky[0]["platforms"][0]["removed_at"]


def test_figures_draws_small_charts(told: Home) -> None:
    """A column for each age, a dot where nothing was read; a gone post and one that was not read say so."""
    shown = told("figures", PYTHONIOENCODING="utf-8").out
    assert "bluesky  ▆█···· ██████████ 7 after 3h: 6 likes, 1 reply, usually 5" in shown
    assert "x        █····· ██████░░░░ 4 after 1h: 3 likes, 1 reply; 200 views, 2\u00a0%" in shown
    assert "bluesky  not read yet" in shown
    assert "“Tea, number 0”" in shown and "; taken down " in shown
    plain = "".join(figures_lines(told("figures", "--json").json, ASCII))
    assert not {*BLOCKS.steps, "·"} & set(plain)
    assert "+#" in plain


def test_what_is_not_read_says_why(home: Home) -> None:
    """Young, left out by the settings as X is at first, or too old: none of the last two will ever be read."""
    home("status")
    home.database.parent.mkdir(exist_ok=True)
    with closing(new_database(home.database, NOW)) as db:
        for name, age in (("bluesky", timedelta(minutes=5)), ("x", DAY), ("mastodon", 9 * DAY)):
            out(db, FakePlatform(name, FakeClock(NOW)), age, now=NOW, bot="default")
    shown = [line.split(maxsplit=1) for line in home("figures").out.splitlines() if line.startswith("    ")]
    assert shown == [
        ["bluesky", "not read yet"],
        ["x", "not read: [listen] figures leaves it out"],
        ["mastodon", "was not read in its first days"],
    ]


def test_figures_of_one_platform_and_few_posts(told: Home) -> None:
    def shown(*words: str) -> list[str]:
        [bot] = told("figures", *words, "--json").json["bots"]
        return [post["text"] for post in bot["posts"]]

    assert shown("--platform", "x") == ["Tea on X"]
    assert shown("--limit", "1") == ["Just now"]
    assert shown("--bot", "default", "--platform", "mastodon") == []


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["--platform", "feed"], "Nobody can answer a post on feed. There are: x, bluesky, mastodon."),
        (["--platform", "blusky"], "There is no platform 'blusky'. Did you mean bluesky?"),
        (["--bot", "nobody"], "There is no bot 'nobody'."),
        (["--limit", "0"], "'0' is not a number from 1 to 1000"),
    ],
)
def test_slips_are_told_in_one_line(home: Home, words: list[str], line: str) -> None:
    done = home("figures", *words)
    assert done.code == 2 and line in done.err and "Traceback" not in done.err


def test_before_the_first_run_there_is_nothing(home: Home) -> None:
    done = home("figures")
    assert (done.code, done.out) == (0, "default: no post went out yet where people can answer it.\n")


def test_explain_and_history_tell_the_newest_figures(told: Home) -> None:
    """In a line beside the address, and as an object."""
    line = "bluesky: https://bluesky.example/6; 7 after 3h: 6 likes, 1 reply"
    assert line in told("explain", "6").out and line in told("history").out
    [newest] = told("explain", "6", "--json").json["figures"]
    assert (newest["platform"], newest["band"], newest["engagement"]) == ("bluesky", "3h", 7)
    assert [post["figures"] for post in told("history", "--json").json if post["id"] == 6] == [[newest]]


def test_the_consoles_page_of_a_draft_tells_them(told: Home) -> None:
    with filled.opened(told) as (app, db):
        draft = drafts.get(db, 6)
        assert draft is not None
        [place] = view(db, draft, app.session.bot("default"), app.clock()).places
    assert (place.url, place.came_to) == ("https://bluesky.example/6", "7 after 3h: 6 likes, 1 reply")
