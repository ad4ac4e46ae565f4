"""A bot's month: its days, what goes out on them, and what moves it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from tests.fresh import new_database
from tests.home import BUNDLED, Home
from twitter_manager.content import plain
from twitter_manager.domain import DraftStatus
from twitter_manager.errors import UsageError
from twitter_manager.review.console import month
from twitter_manager.review.console.month import Entry, Month
from twitter_manager.settings import Bot
from twitter_manager.settings import load as settings_of
from twitter_manager.store import drafts, runs, series
from twitter_manager.store.database import Database

NOW = datetime(2027, 3, 27, 9, 30, tzinfo=UTC)  # the day before the clocks are put forward in Berlin
HOUR = timedelta(hours=1)


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    with closing(new_database(tmp_path / "twitter.db", NOW)) as db:
        yield db


@pytest.fixture
def bot(tmp_path: Path) -> Bot:
    home = Home(tmp_path / "home")
    home.bot("b", f'time_zone = "Europe/Berlin"\n[schedule]\ntimes = ["18:00"]\n{BUNDLED}')
    return settings_of(home.path, {}).bots[0]


def wait(db: Database, text: str, due_at: datetime | None = None, **more: object) -> int:
    new = drafts.NewDraft("b", "person", plain([text]), ("feed",), None, due_at=due_at, **more)  # type: ignore[arg-type]
    with db.transaction():
        return drafts.add(db, new, NOW)


def shown(db: Database, bot: Bot, words: str = "2027-03") -> Month:
    return month.month_of(db, bot, month.read_month(words, NOW, bot.time_zone), NOW)


def entries(of: Month) -> dict[int, list[Entry]]:
    return {day.date.day: list(day.entries) for day in of.days if day.entries}


def test_a_month_has_its_days_from_monday_on(db: Database, bot: Bot) -> None:
    """March 2027 begins on a Monday and has 31 days, April begins on a Thursday."""
    march, april = shown(db, bot), shown(db, bot, "2027-04")
    assert (march.blanks, len(march.days), march.told) == (0, 31, "March 2027")
    assert (april.blanks, len(april.days)) == (3, 30)
    assert [day.date for day in march.days if day.is_today] == [date(2027, 3, 27)]
    assert (march.earlier, march.later) == ("2027-02", "2027-04")


def test_the_day_on_which_the_clocks_change_says_so(db: Database, bot: Bot) -> None:
    """Forward in March, back in October, and no other day says anything."""
    spring = {day.date: day.clocks for day in shown(db, bot).days if day.clocks}
    autumn = {day.date: day.clocks for day in shown(db, bot, "2027-10").days if day.clocks}
    assert spring == {date(2027, 3, 28): "clocks go forward 60 minutes"}
    assert autumn == {date(2027, 10, 31): "clocks go back 60 minutes"}


def test_days_and_clocks_are_the_bots_own(db: Database, bot: Bot) -> None:
    """What is due at 23:30 UTC stands on the next day in Berlin, after the change at 01:30."""
    number = wait(db, "late", datetime(2027, 3, 28, 23, 30, tzinfo=UTC))
    assert [(entry.draft, entry.clock) for entry in entries(shown(db, bot))[29]] == [(number, "01:30")]


def test_what_went_out_what_has_a_date_and_what_waits_for_its_turn(db: Database, bot: Bot) -> None:
    """Each stands on its day, in order; the queue takes the slot of the evening, and what is not out can be moved."""
    with db.transaction():
        out = drafts.adopt(db, drafts.NewDraft("b", "person", plain(["out"]), ("feed",), None), None, NOW - HOUR, NOW)
    dated = wait(db, "dated", NOW + 26 * HOUR)
    turn, next_turn = wait(db, "turn"), wait(db, "next turn")
    doubted = wait(db, "doubted", NOW + 3 * HOUR, status=DraftStatus.NEEDS_ATTENTION)
    of = entries(shown(db, bot))
    assert [(entry.draft, entry.kind, entry.movable) for entry in of[27]] == [
        (out, "posted", False),
        (turn, "turn", True),  # nothing filled yesterday's slot
        (doubted, "waits", True),
        (next_turn, "turn", True),
    ]
    assert [(entry.draft, entry.clock) for entry in of[28]] == [(dated, "13:30")]


def test_a_post_that_limits_move_says_where_its_date_was(db: Database, bot: Bot) -> None:
    """Two dates at the same minute: the second comes half an hour later and says why."""
    first, second = (wait(db, f"at noon {number}", NOW + 3 * HOUR) for number in range(2))
    noon = [entry for entry in entries(shown(db, bot))[27] if entry.kind == "date"]
    assert [(entry.draft, entry.note == "") for entry in noon] == [(first, True), (second, False)]
    assert noon[1].state == "moved from its date"
    assert noon[1].note.startswith("Saturday 27 March 2027, 13:30, for ")


def test_a_recurring_post_stands_on_each_of_its_days(db: Database, bot: Bot) -> None:
    """Every Monday at the same time of the bot's clock, with its rule, before and after the clocks change."""
    with db.transaction():
        series.add(db, series.NewSeries("b", "week 0 09:00", (plain(["Again."]),), ("feed",), "en"), NOW)
    april = entries(shown(db, bot, "2027-04"))
    assert list(april) == [5, 12, 19, 26]
    assert {(entry.clock, entry.kind, entry.note) for day in april.values() for entry in day} == {
        ("09:00", "again", "every Monday at 09:00")
    }


def test_a_pause_leaves_dates_where_they_are_and_foresees_nothing(db: Database, bot: Bot) -> None:
    """Dated posts stay to be seen and moved; the queue has no turn; the page says that nothing goes out."""
    dated = wait(db, "dated", NOW + 26 * HOUR)
    wait(db, "turn")
    with db.transaction():
        runs.pause(db, "b", "holidays", NOW)
    of = shown(db, bot)
    assert [entry.draft for day in entries(of).values() for entry in day] == [dated]
    assert "holidays" in of.notes[0]


@pytest.mark.parametrize("words", ["2027-13", "november", "2027-1", "1999-01", "2031-01", "2027-03-01", "２０２７-03"])
def test_a_month_that_is_none_is_refused(words: str) -> None:
    """One line names what can be asked for."""
    with pytest.raises(UsageError, match="There is no such month here"):
        month.read_month(words, NOW, "UTC")


def test_a_long_post_is_cut(db: Database, bot: Bot) -> None:
    """A page stays short."""
    wait(db, "word " * 100)
    assert max(len(entry.text) for day in entries(shown(db, bot)).values() for entry in day) == 90


def test_a_full_day_shows_what_has_a_date_and_folds_the_rest(db: Database, bot: Bot) -> None:
    """Of ten posts that went out three stand there; one with a date stands there too, whatever comes before it."""
    with db.transaction():
        for number in range(10):
            new = drafts.NewDraft("b", "person", plain([f"out {number}"]), ("feed",), None)
            drafts.adopt(db, new, None, NOW - (10 - number) * timedelta(minutes=1), NOW)
    dated = wait(db, "dated", NOW + 3 * HOUR)
    [day] = [day for day in shown(db, bot).days if day.entries]
    assert [entry.draft for entry in day.shown] == [1, 2, 3, dated]
    assert [entry.draft for entry in day.folded] == [4, 5, 6, 7, 8, 9, 10]


def test_what_expires_before_its_turn_is_counted_not_listed(db: Database, bot: Bot) -> None:
    """Of a queue that is too long most never go out: a line says how many, and the days stay readable."""
    with db.transaction():
        for number in range(9):
            new = drafts.NewDraft("b", "generator", plain([f"made {number}"]), ("feed",), timedelta(hours=36))
            drafts.add(db, new, NOW)
    of = shown(db, bot)
    assert [entry.draft for day in entries(of).values() for entry in day] == [1, 2, 3]
    assert of.notes == ["6 drafts of the queue will expire before their turn."]


def test_ten_thousand_drafts_in_turn_are_no_burden(db: Database, bot: Bot) -> None:
    """Only what falls into the month is shown; `make bench` knows how fast."""
    with db.transaction():
        for number in range(10_000):
            new = drafts.NewDraft("b", "generator", plain([f"made {number}"]), ("feed",), timedelta(days=90))
            drafts.add(db, new, NOW)
    assert len(entries(shown(db, bot, "2027-04"))) == 25  # of the thirty days that are foreseen
