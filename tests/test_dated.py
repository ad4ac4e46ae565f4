"""Posts with a date of their own and recurring posts, in runs on a clock that the test moves."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fresh import new_database
from tests.home import Home
from tests.moving import MovingHome
from tests.standins.mastodon import TOKEN
from twitter_manager import decisions
from twitter_manager.content import plain
from twitter_manager.domain import DraftStatus
from twitter_manager.operations import queue
from twitter_manager.operations.cron.install import Wishes
from twitter_manager.pipeline.recurring import Maker
from twitter_manager.recurrence import Rule, understand
from twitter_manager.settings import load as settings_of
from twitter_manager.store import drafts, runs, series
from twitter_manager.store.database import connect

BERLIN = "Europe/Berlin"


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1)),
    st.sampled_from(["day", "week", "month"]),
    st.times(),
    st.integers(0, 31),
)
@settings(deadline=None, max_examples=60)
def test_a_rule_keeps_its_time_of_day(at: datetime, unit: str, clock: time, number: int) -> None:
    """Occurrences follow without a gap, and the clocks show the same time but in an hour that a day lacks."""
    number = {"day": 0, "week": number % 7, "month": max(1, number)}[unit]
    rule = Rule.read(f"{unit} {number} {clock:%H:%M}")
    moment, most = at.replace(tzinfo=UTC), {"day": 1, "week": 7, "month": 31}[unit]
    first = rule.after(moment, BERLIN)
    second = rule.after(first, BERLIN)
    assert rule.last(first, BERLIN) == first and rule.last(second - timedelta(seconds=1), BERLIN) == first
    assert timedelta() < second - first <= timedelta(days=most, hours=1)
    local = first.astimezone(ZoneInfo(BERLIN))
    assert f"{local:%H:%M}" == f"{clock:%H:%M}" or f"{clock:%H}" == "02"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("Mon 09:00", "every Monday at 09:00"),
        ("1st 09:00", "on day 1 of each month at 09:00"),
        ("31st 9am", "on the last day of each month at 09:00"),
        ("30th 09:00", "on day 30 of each month at 09:00, in a shorter month on its last day"),
        ("day 17:30", "every day at 17:30"),
    ],
)
def test_rules_in_words(words: str, told: str) -> None:
    """A rule is told as it was understood."""
    assert understand(words, None, BERLIN, "en").told == told


def test_a_recurring_post_stands_as_one_dated_draft(tmp_path: Path) -> None:
    """Runs make no second draft for an occurrence, nothing goes out early, and the promise names the date."""
    home = Home(tmp_path)
    queued = home("post", "The ride on {date} starts at nine.", "--every", "Mon 09:00", "--json").json
    assert queued["draft"]["due_at"] == queued["goes_out_at"]
    assert "{date}" not in queued["draft"]["parts"][0]
    for _ in range(2):
        home("run")
    assert home.rows("SELECT status, published_at FROM drafts WHERE series_id IS NOT NULL") == [("approved", None)]


def test_a_person_ends_a_recurring_post(tmp_path: Path) -> None:
    """Dropping one occurrence says that it comes again; --series ends it, once, and not what is no series."""
    home = Home(tmp_path)
    for words in (["Ride at nine.", "--every", "Mon 09:00"], ["Once."]):
        assert home("post", *words).code == 0
    assert "drafts drop 1 --series" in home("drafts", "drop", "1", "--json").out
    assert home("drafts", "drop", "1", "--series").code == 0
    assert home.rows("SELECT count(*) FROM series WHERE ended_at IS NULL") == [(0,)]
    for draft in ("1", "2"):
        assert "no post that comes again" in home("drafts", "drop", draft, "--series").err
    assert home.rows("SELECT status FROM drafts ORDER BY id") == [("skipped",), ("approved",)]


def test_a_date_that_is_past_goes_out_once_without_a_slot_and_late(tmp_path: Path) -> None:
    """After an outage the post is told as late, and why, by the run and by `explain`; the slot stays free."""
    home = Home(tmp_path)
    home("post", "We meet at the bridge today.", "--at", "in 2 hours")
    _past(home)
    told = home("run")
    assert "days late: no run took place before 20" in told.err
    assert "days late (no run took place before 20" in home("explain", "1").out
    home("run")
    assert home.rows("SELECT status, slot FROM drafts WHERE due_at IS NOT NULL") == [("posted", None)]


def _past(home: Home) -> None:
    import sqlite3

    with sqlite3.connect(home.database) as connection:
        connection.execute("UPDATE drafts SET due_at = '2026-01-01T09:00:00.000000Z'")


def test_an_outage_is_caught_up_once_and_used_up_texts_end(tmp_path: Path) -> None:
    """The newest missed occurrence takes the place of older ones; X gets no text twice; alone, it ends the series once
    the last text is out."""
    now, texts = datetime(2026, 11, 2, 12, tzinfo=UTC), (plain(["one"]), plain(["two"]))
    db = new_database(tmp_path / "twitter.db", now)
    with db.transaction():
        both = series.add(db, series.NewSeries("b", "day 0 09:00", texts, ("x", "feed"), "en"), now)
        alone = series.add(db, series.NewSeries("b", "day 0 09:00", (plain(["three"]),), ("x",), "en"), now)
    told = Maker(db, "UTC", now).make_all("b")
    for _ in range(2):
        told += Maker(db, "UTC", now + timedelta(days=5)).make_all("b")
    rows = db.rows("SELECT status, platforms, occurrence FROM drafts WHERE series_id = ? ORDER BY id", both)
    assert [(row["status"], row["platforms"], row["occurrence"][8:10]) for row in rows] == [
        ("skipped", '["x", "feed"]', "03"),
        ("approved", '["x", "feed"]', "07"),
        ("approved", '["x", "feed"]', "08"),
    ]
    passed = "series 1 was not sent for Tuesday 3 November 2026, 09:00 and 3 more: a later date of it has come"
    assert told == [passed, passed.replace("1", "2", 1)]
    Maker(db, "UTC", now + timedelta(days=5, hours=1)).make_all("b")
    running = series.running(db, "b")
    assert [each.id for each in running] == [both, alone], "its one text is still to go out"
    with db.transaction():
        run_id = runs.start(db, "b", "run", now, now)
        for draft in (draft for each in running for draft in series.waiting(db, each)):
            drafts.claim(db, draft, None, now, run_id)
    later = Maker(db, "UTC", now + timedelta(days=6)).make_all("b")
    assert "x is left out" in later[0] and "has ended" in later[1]
    ended = series.get(db, alone)
    assert ended is not None and ended.ended_at is not None


@pytest.mark.parametrize("days", [1, 3])
@pytest.mark.parametrize("minutes", [-5, 5])
def test_an_occurrence_that_a_person_moved_goes_out_beside_the_next_one(
    tmp_path: Path, minutes: int, days: int
) -> None:
    """Moved to just before the next date or behind it, with no run in between or none for days: both are sent."""
    now, next_date = datetime(2026, 11, 2, 12, tzinfo=UTC), datetime(2026, 11, 4, 9, tzinfo=UTC)
    db = new_database(tmp_path / "twitter.db", now)
    with db.transaction():
        series.add(db, series.NewSeries("b", "day 0 09:00", (plain(["{date}"]),), ("feed",), "en"), now)
    Maker(db, "UTC", now).make_all("b")
    [first] = drafts.dated(db, "b", now)
    with db.transaction():
        drafts.date(db, first, next_date + timedelta(minutes=minutes), None)
    Maker(db, "UTC", next_date - timedelta(hours=3)).make_all("b")
    run_at = datetime(2026, 11, 3 + days, 10, tzinfo=UTC)
    Maker(db, "UTC", run_at).make_all("b")
    texts = {draft.text for draft in drafts.dated(db, "b", run_at, due=True)}
    assert texts == {"November 3, 2026", f"November {3 + days}, 2026"}


def test_what_waits_through_a_pause_makes_way_and_the_last_date_is_caught_up(tmp_path: Path) -> None:
    """Runs that may not publish make the dates ahead, and yet one alone waits at the end; an outage over the last date
    does not lose it."""
    now, until = datetime(2026, 11, 2, 12, tzinfo=UTC), datetime(2026, 11, 5, 23, 59, tzinfo=UTC)
    db = new_database(tmp_path / "twitter.db", now)
    with db.transaction():
        series.add(db, series.NewSeries("b", "day 0 09:00", (plain(["{date}"]),), ("feed",), "en", until), now)
    told = [line for hours in range(0, 60, 4) for line in Maker(db, "UTC", now + timedelta(hours=hours)).make_all("b")]
    assert told == ["series 1 was not sent for Tuesday 3 November 2026, 09:00: a later date of it has come"]
    told = Maker(db, "UTC", now + timedelta(days=9)).make_all("b")
    assert told == ["series 1 was not sent for Wednesday 4 November 2026, 09:00: a later date of it has come"]
    assert [draft.texts for draft in drafts.dated(db, "b", now)] == [("November 5, 2026",)]


def test_another_time_zone_brings_no_occurrence_twice_on_its_day(tmp_path: Path) -> None:
    """What went out at nine in Berlin does not come again at nine in New York, nor is it caught up."""
    now = datetime(2026, 11, 2, 12, tzinfo=UTC)
    db = new_database(tmp_path / "twitter.db", now)
    with db.transaction():
        series.add(db, series.NewSeries("b", "week 4 09:00", (plain(["{date}"]),), ("feed",), "en"), now)
    Maker(db, BERLIN, now).make_all("b")
    for hours in (4 * 24 - 3, 4 * 24 + 6):
        Maker(db, "America/New_York", now + timedelta(hours=hours)).make_all("b")
    assert [row["occurrence"][:13] for row in db.rows("SELECT occurrence FROM drafts ORDER BY id")] == [
        "2026-11-06T08",
        "2026-11-13T14",
    ]


def test_a_date_is_told_as_passed_once_whatever_the_time_zone_was(tmp_path: Path) -> None:
    """A day whose date was made before the time zone changed is not told again for its other time of day."""
    now = datetime(2026, 11, 2, 12, tzinfo=UTC)
    db = new_database(tmp_path / "twitter.db", now)
    with db.transaction():
        series.add(db, series.NewSeries("b", "week 4 09:00", (plain(["{date}"]),), ("feed",), "en"), now)
    Maker(db, BERLIN, now).make_all("b")
    told = Maker(db, "America/New_York", now + timedelta(days=13)).make_all("b")
    assert told == ["series 1 was not sent for Friday 6 November 2026, 03:00: a later date of it has come"]


def test_an_occurrence_in_words_of_before_can_be_resumed_and_a_date_is_a_persons_yes(tmp_path: Path) -> None:
    """What was set aside by a restore goes on where a text may come again; a run that publishes a generated draft at
    the date that a person gave it has not just taken it back for newer rules."""
    now = datetime(2026, 11, 2, 12, tzinfo=UTC)
    db = new_database(tmp_path / "twitter.db", now)
    with db.transaction():
        series.add(db, series.NewSeries("b", "day 0 09:00", (plain(["one"]),), ("feed",), "en"), now)
        number = drafts.add(db, drafts.NewDraft("b", "generator", plain(["two"]), ("feed",), timedelta(days=1)), now)
    for day in range(2):
        Maker(db, "UTC", now + timedelta(days=day)).make_all("b")
    second = drafts.dated(db, "b", now)[1]
    with db.transaction():
        drafts.move(db, second, DraftStatus.NEEDS_ATTENTION, now)
    decisions.resume(db, replace(second, status=DraftStatus.NEEDS_ATTENTION), timedelta(), now)
    assert len(drafts.dated(db, "b", now)) == 2
    assert [draft.id for draft in drafts.of_older_rules(db, "b", 9)] == [number]
    queue.move(db, drafts.ready(db, "b", now)[0], queue.Place(now + timedelta(hours=1)), now)
    assert drafts.of_older_rules(db, "b", 9) == []


def test_a_date_is_told_where_it_really_comes(tmp_path: Path) -> None:
    """drafts, status, drafts move and the cron line name the end of the quiet hours that a date falls in, on the bot's
    own clock; explain and history name the date."""
    home = MovingHome(tmp_path / "home")
    home.it_is(datetime(2026, 11, 2, 12, tzinfo=UTC))
    limits = 'time_zone = "Asia/Kathmandu"\nlimits.quiet_hours = "22:00-07:10"\nschedule.times = ["12:00"]\n'
    home.bot("club", limits)
    assert home("post", "We ride at nine.", "--at", "2027-06-04 23:00").code == 0
    really = "Saturday 5 June 2027, 07:10"
    for words in (["drafts"], ["drafts", "show", "1"], ["status"], ["drafts", "move", "1", "--at", "2027-06-04 22:30"]):
        said = home.at_terminal(*words).out
        assert really in said and "quiet hours" in said and "UTC" not in said, said
    [dated] = home("status", "--json").json["bots"][0]["dated_posts"]
    assert (dated["due_at"], dated["goes_out_at"]) == ("2027-06-04T16:45:00Z", "2027-06-05T01:25:00Z")
    assert "for its own date, 2027-06-04 22:30 +0545" in home("explain", "1").out
    now = datetime(2026, 11, 2, 12, tzinfo=UTC)
    with closing(connect(home.database)) as db:
        bots = settings_of(home.path, {}).bots
        assert Wishes.of(home.path, bots, db, now).dated == {"draft 1": datetime(2027, 6, 5, 1, 25, tzinfo=UTC)}
        with db.transaction():
            runs.pause(db, runs.ALL_BOTS, "", now)
    assert "after the pause, not before Friday 4 June 2027, 22:30" in home("drafts").out
    home("pause", "--off")
    _past(home)
    assert home("run", "--force").code == 0
    assert "published, its date 2026-01-01 14:45 +0545" in home("history").out


def test_drafts_says_how_a_post_comes_again_and_where_it_can_go(tmp_path: Path) -> None:
    """A platform that is not set up any more is named as such, and no length there."""
    home = MovingHome(tmp_path / "home", MASTODON_BASE_URL="https://a.example", MASTODON_ACCESS_TOKEN=TOKEN)
    home.it_is(datetime(2026, 11, 2, 12, tzinfo=UTC))
    assert home("post", "Ride at nine.", "--every", "Mon 09:00", "--until", "2027-06-04").code == 0
    home.settings(GENERATORS="excerpt")
    for words in (["drafts"], ["drafts", "show", "1"]):
        said = home(*words).out
        assert "comes again every Monday at 09:00, until Friday 4 June 2027, 23:59" in said, said
        assert "feed 13; not set up now: mastodon" in said and "mastodon 13" not in said, said
    home("drafts", "drop", "1", "--series")
    assert home("drafts", "show", "1", "--json").json["drafts"][0]["comes_again"] is None


def test_what_a_person_put_first_is_told_first(tmp_path: Path) -> None:
    """The timetable goes by the order of drafts, and not by the numbers."""
    home = Home(tmp_path)
    home.bot("club", 'schedule.times = ["12:00"]\n')
    for text in ("One.", "Two."):
        home("post", text)
    home("drafts", "move", "2", "--first")
    told = {draft["id"]: draft["goes_out_at"] for draft in home("drafts", "--json").json["drafts"]}
    assert told[2] < told[1]
