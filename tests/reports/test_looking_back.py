"""What a report says of what worked: the posts that stand out, and commands that do what is suggested."""

from __future__ import annotations

import random
import shlex
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from tests.engaged import out, read
from tests.fakes import FakeClock, FakePlatform
from tests.fresh import new_database
from tests.home import Home
from twitter_manager.domain import Json
from twitter_manager.reports import page, text
from twitter_manager.reports.keeping import make_due, report_of, subject_of
from twitter_manager.reports.looking_back import Compared
from twitter_manager.reports.receipt import looked_at
from twitter_manager.settings import load
from twitter_manager.show.verb_shapes import json_schema
from twitter_manager.social import Figures
from twitter_manager.store.database import Database, connect

MONDAY = date(2026, 3, 2)
NOW = datetime(2026, 3, 9, 8, tzinfo=UTC)
"""The Monday after."""
DAY = timedelta(days=1)
SKY = FakePlatform("bluesky", FakeClock())
TOPICS = '[topics]\n"git bisect" = 2\nmake = 1\n'


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    with closing(new_database(tmp_path / "t.db", NOW - 40 * DAY)) as db:
        yield db


def posted(db: Database, likes: int, age: timedelta, topic: str = "", words: str = "") -> None:
    """A post that was read at all six ages, so many likes at the last; `age` before NOW."""
    there = out(db, SKY, age, now=NOW, topic=topic, text=words)
    read(db, there, *[Figures(likes, 0, 0, 0)] * 6)


def told(db: Database, home: Home, settings: str = "") -> Json:
    """The report of the week."""
    home.bot("b", settings)
    [bot] = load(home.path, {}).bots
    return report_of(db, subject_of(bot), "week", MONDAY, NOW, looked_at(db, NOW))


def test_posts_that_stand_out_are_named(db: Database, home: Home) -> None:
    """Of a week with usual 10: the one of 40 worked, the one of 2 did not, 12 is chance. Another week's stays out."""
    for number, likes in enumerate([10, 9, 11, 10, 12, 40, 2]):
        posted(db, likes, (1 + number * 0.8) * DAY, words=f"Post {number} of {likes}")
    for likes in (90, 1):
        posted(db, likes, 20 * DAY, words=f"Long ago, of {likes}")
    report = told(db, home)
    back = report["look_back"]
    assert [post["text"] for post in back["best"]] == ["Post 5 of 40"]
    assert [post["text"] for post in back["weakest"]] == ["Post 6 of 2"]
    assert (back["counted"], back["enough"], back["best"][0]["usual"]) == (7, True, 10)
    [there] = back["platforms"]
    assert (there["platform"], there["posts"], there["likes"], there["views"]) == ("bluesky", 7, 94, None)
    lines = "\n".join(text.lines(report, text.ASCII))
    assert "94 likes on 7 posts" in lines and "worked        40, usually 10: draft 6 “Post 5 of 40”" in lines
    assert "did not       2, usually 10" in lines
    assert "Worked (40, usually 10): “Post 5 of 40”" in text.message(report)
    Draft202012Validator(json_schema("report")).validate({"reports": [report], "file": None})


def test_a_bot_without_an_account_hears_nothing_of_it(db: Database, home: Home) -> None:
    """Nobody can answer a post of the local feed: there is nothing to look back on."""
    for number in range(6):
        out(db, FakePlatform("feed", FakeClock()), (1 + number) * DAY, now=NOW)
    report = told(db, home)
    assert report["look_back"] is None
    shown = [*text.lines(report, text.ASCII), text.message(report), page.html([report], NOW, lambda text: text)]
    assert report["posts"] and "looking back" not in "".join(shown).casefold()
    Draft202012Validator(json_schema("report")).validate({"reports": [report], "file": None})


@pytest.mark.parametrize(
    ("likes", "words"),
    [
        ([], "no figures of these posts were read"),
        ([3, 90], "figures of 2 posts: too few to tell what worked"),
        ([1, 0, 2, 1, 0, 3, 1], "no post stood out from what is usual"),
    ],
)
def test_where_little_is_known_it_says_so(db: Database, home: Home, likes: list[int], words: str) -> None:
    """Few posts, and a small account whose likes are one or two: nobody is told that something worked."""
    for number, some in enumerate(likes):
        posted(db, some, (1 + number * 0.8) * DAY)
    if not likes:
        out(db, SKY, DAY, now=NOW)
    report = told(db, home)
    assert (report["look_back"]["best"], report["look_back"]["weakest"]) == ([], [])
    assert words in "\n".join(text.lines(report, text.ASCII)) and words in text.message(report)


def test_each_suggestion_is_one_command_that_works(db: Database, home: Home) -> None:
    """Posts on git always do better than usual, those on make worse, those at night worst: three suggestions, each
    carried out as it stands, and the settings say so."""
    kinds = [("git bisect", 20, 14)] * 3 + [("make", 8, 14), ("git bisect", 6, 3), ("make", 1, 3)]
    for number in range(60):
        topic, likes, hour = kinds[number % len(kinds)]
        posted(db, likes, NOW - NOW.replace(hour=hour) + (1 + number) * DAY, topic)
    back = told(db, home, TOPICS)["look_back"]
    assert len(back["suggestions"]) == 3
    assert {each["command"].split(" --bot")[0] for each in back["suggestions"]} == {
        "tune 'topics.git bisect' 4", "tune topics.make 0.5", "tune limits.quiet_hours 00:00-06:00",
    }  # fmt: skip
    for each in back["suggestions"]:
        done = home(*shlex.split(each["command"]))
        assert done.code == 0, done.err
    [bot] = load(home.path, {}).bots
    assert dict(bot.topics) == {"git bisect": 4, "make": 0.5}
    assert bot.limits.quiet_hours is not None
    assert "posts on git bisect did better than is usual" in str(back["suggestions"])


def test_what_was_suggested_last_week_is_not_suggested_again(db: Database, home: Home) -> None:
    """Posts on git always do better than usual: one report suggests what follows from that, the next ones don't, be it
    done or not. A quarter later, when other posts tell the same, it comes once more."""
    home.bot("b", TOPICS)
    [bot] = load(home.path, {}).bots

    def week(later: timedelta) -> list[Json]:
        """The suggestions of a week that is kept, as cron's run does."""
        made = make_due(db, bot, NOW + later, lambda text: text)
        [report] = [each for each in made if each["kind"] == "week"]
        again = report_of(db, subject_of(bot), "week", MONDAY + later, NOW + later, looked_at(db, NOW + later))
        assert again["look_back"]["suggestions"] == report["look_back"]["suggestions"], "it says the same all week"
        return list(report["look_back"]["suggestions"])

    def a_day(age: timedelta) -> None:
        posted(db, 20, age, "git bisect")
        posted(db, 8, age, "make")

    for number in range(30):
        a_day((1 + number) * DAY)
    first = week(timedelta())
    assert [each["key"] for each in first] == ["topics.git bisect", "topics.make", "learn.mode"]
    for number in range(14 * 7):
        a_day(-number * DAY)
    later = [[each["key"] for each in week(number * 7 * DAY)] for number in range(1, 14)]
    assert later == [[]] * 12 + [["topics.git bisect", "topics.make", "learn.mode"]]


def test_where_topics_have_no_weights_learning_is_suggested(db: Database, home: Home) -> None:
    """One topic alone in the file would silence the others."""
    for number in range(40):
        posted(db, 20 if number % 2 else 8, (1 + number) * DAY, "git" if number % 2 else "make")
    [learn] = told(db, home)["look_back"]["suggestions"]
    assert learn["command"] == "tune learn.mode on --bot b"
    assert home(*shlex.split(learn["command"])).code == 0
    assert load(home.path, {}).bots[0].learn.mode == "on"


def test_a_topic_is_suggested_where_the_file_names_none(home: Home) -> None:
    """As in most bots: the topics count as their material does. The command gives that one its weight and leaves the
    others theirs."""
    home.bot("default")
    assert home("sources", "update").code == 0
    now = datetime.now(UTC)
    with closing(connect(home.database)) as db:
        for number in range(40):
            age = (1 + number) * DAY
            topic, likes = ("Git", 20) if number % 2 else ("Make", 8)
            read(db, out(db, SKY, age, now=now, bot="default", topic=topic), *[Figures(likes, 0, 0, 0)] * 6)
        [bot] = load(home.path, {}).bots
        week = report_of(
            db, subject_of(bot), "week", now.date() - timedelta(days=now.weekday()), now, looked_at(db, now)
        )
    commands = [each["command"] for each in week["look_back"]["suggestions"]]
    assert "tune topics.Git 20 --bot default" in commands
    for each in commands:
        assert home(*shlex.split(each)).code == 0
    topics = dict(load(home.path, {}).bots[0].topics)
    assert topics["Git"] == 20 and topics["Linux"] == 10


def test_figures_that_are_not_read_are_suggested_with_their_price(db: Database, home: Home) -> None:
    for number in range(5):
        out(db, FakePlatform("x", FakeClock()), (1 + number) * DAY, now=NOW)
    [reading] = told(db, home)["look_back"]["suggestions"]
    assert reading["why"] == "nothing is known of 5 posts on x; to read as many costs $0.030"
    assert home(*shlex.split(reading["command"])).code == 0
    assert load(home.path, {}).bots[0].listen.figures == ("bluesky", "mastodon", "x")


def test_chance_is_rarely_taken_for_more(db: Database, home: Home) -> None:
    """Ten topics, all alike: of 20 such months at most two suggest something on them."""
    wrong = 0
    for seed in range(20):
        dice = random.Random(seed)
        counts = [[0, 0] for _ in range(10)]
        for _ in range(200):
            counts[dice.randrange(10)][dice.randrange(2)] += 1
        compared = [Compared("topics", str(name), *both) for name, both in enumerate(counts)]
        wrong += any(each.chance * len(compared) <= 0.05 for each in compared)
    assert wrong <= 2


def test_nothing_is_suggested_of_a_time_long_past_or_to_a_bot_that_is_gone(db: Database, home: Home) -> None:
    for number in range(5):
        out(db, FakePlatform("x", FakeClock()), (1 + number) * DAY, now=NOW)
    home.bot("b")
    [bot] = load(home.path, {}).bots
    later = NOW + 30 * DAY
    report = report_of(db, subject_of(bot), "week", MONDAY, later, looked_at(db, later))
    assert report["look_back"]["suggestions"] == []


def test_the_page_shows_it_and_runs_nothing_of_it(db: Database, home: Home) -> None:
    for number, likes in enumerate([10, 9, 11, 10, 12, 40, 2]):
        posted(db, likes, (1 + number * 0.8) * DAY, words=f"<script>alert({likes})</script>{number}")
    html = page.html([told(db, home)], NOW, lambda text: text)
    assert "<h2>Looking back</h2>" in html and "Bluesky: 94 likes on 7 posts." in html
    assert "What worked" in html and "&lt;script&gt;alert(40)" in html and "<script>" not in html
