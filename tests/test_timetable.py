"""When posts are said to go out, against runs that start every minute on a clock that the test moves."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.fakes import FakeClock
from tests.home import BUNDLED, Home
from tests.test_run import Writer, context, db, writer
from twitter_manager import moments
from twitter_manager.content import plain
from twitter_manager.domain import DraftStatus
from twitter_manager.operations import queue
from twitter_manager.pipeline import recurring, select
from twitter_manager.pipeline.context import Calendar, RunContext, bounds_of
from twitter_manager.pipeline.run import run_bot
from twitter_manager.pipeline.timetable import Posting, Timetable, forecasts
from twitter_manager.settings import Bot
from twitter_manager.settings import load as settings_of
from twitter_manager.store import drafts, series

__all__ = ["context", "db", "writer"]
START = datetime(2027, 3, 27, 9, 30, 2, tzinfo=UTC)  # a day before the clocks are put forward
DAYS = 2


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(START)


def _bot(folder: Path, dice: random.Random) -> Bot:
    """Limits and times as they fall."""
    schedule = dice.choice(["", "every_hours = 4", 'times = ["09:00", "12:30", "17:45"]', 'times = ["08:10"]'])
    quiet = dice.choice(["", 'quiet_hours = "22:00-07:30"', 'quiet_hours = "01:30-02:45"'])
    zone = dice.choice(["UTC", "Europe/Berlin", "Asia/Kathmandu"])
    home = Home(folder)
    home.bot(
        "b",
        f'time_zone = "{zone}"\n[schedule]\n{schedule}\n[limits]\n{quiet}\n'
        f"per_hour = {dice.choice([1, 1, 2, 5])}\nper_day = {dice.choice([3, 6, 24])}\n"
        f"minutes_apart = {dice.choice([0, 7, 30, 90])}\n{BUNDLED}",
    )
    return settings_of(home.path, {}).bots[0]


def _queue(context: RunContext, zone: str, dice: random.Random) -> None:
    """Posts with dates, some of them together, posts that wait for their turn, some of them moved, and a recurring
    one."""
    now = context.clock().replace(second=0)
    dates = [now + timedelta(minutes=dice.randrange(1, DAYS * 20 * 60)) for _ in range(5)]
    with context.db.transaction():
        for number, due_at in enumerate([*dates, *dice.choices(dates, k=4), *[None] * 4]):
            end = timedelta(days=9) if dice.random() < 0.7 or due_at is None else due_at - now + timedelta(hours=3)
            new = drafts.NewDraft("b", "person", plain([f"own {number}"]), ("feed",), end, due_at=due_at)
            drafts.add(context.db, new, context.clock())
        rule = f"{dice.choice(['day 0', 'week 6'])} {dice.choice(['09:00', '23:30', '12:31'])}"
        series.add(context.db, series.NewSeries("b", rule, (plain(["Again."]),), ("feed",), "en"), context.clock())
    recurring.Maker(context.db, zone, context.clock()).make_all("b")
    ready = drafts.ready(context.db, "b", context.clock())
    queue.move(context.db, ready[3], queue.Place(first=True), context.clock())
    queue.move(context.db, ready[0], queue.Place(before=ready[2].id), context.clock())


def _minutes(clock: FakeClock) -> Iterator[datetime]:
    for minute in range(DAYS * 24 * 60):
        clock.now = START + timedelta(minutes=minute)
        yield clock.now


def _is_due(context: RunContext) -> bool:
    """By the decision that a run begins with: the other runs of two days would take minutes of real time."""
    draft = select.next_dated(context)
    return select.why_not_due(context, context.calendar.slot_at(context.clock()), forced=False, dated=draft) is None


@pytest.mark.parametrize("seed", [0, 1, 4, 7, 22])
def test_posts_go_out_when_they_are_said_to(
    tmp_path: Path, seed: int, context: RunContext, writer: Writer, clock: FakeClock
) -> None:
    """To the minute, whatever the dates, limits, quiet hours, times and distances, also when asked on the way."""
    dice = random.Random(seed)
    bot = _bot(tmp_path / "home", dice)
    real = replace(context, calendar=Calendar.of(bot), bounds=bounds_of(bot))
    writer.top_up(0, 60)
    _queue(real, bot.time_zone, dice)
    said, later = forecasts(bot, real.db, START), {}
    for now in _minutes(clock):
        if now == START + timedelta(hours=20):
            later = forecasts(bot, real.db, now)
        if _is_due(real):
            run_bot(real)
    out = {
        row["id"]: row["published_at"][:16]
        for row in real.db.rows("SELECT id, published_at FROM drafts WHERE origin = 'person' AND published_at NOT NULL")
    }
    for promised in (said, later):
        expected = {number: f"{each.at:%Y-%m-%dT%H:%M}" for number, each in promised.items() if each.at}
        seen = {number: at for number, at in expected.items() if at < f"{clock.now:%Y-%m-%dT%H:%M}"}
        assert seen == {number: out.get(number) for number in seen}, bot.limits
    assert all(said[number].at for number in out.keys() & said.keys()) and len(out) > 3


def test_a_post_that_expires_before_its_turn_is_told(tmp_path: Path) -> None:
    """It holds no later one up, and what held it is not said of the next."""
    home = Home(tmp_path / "home")
    home.bot("b", f"limits.minutes_apart = 0\n{BUNDLED}")
    day = datetime.now(UTC) + timedelta(days=7)
    night, morning = (f"{day + timedelta(days=after):%Y-%m-%d}" for after in (0, 1))
    for words in (
        ["Tonight.", "--at", f"{night} 23:00", "--expires", f"{morning} 00:30"],
        ["Tomorrow.", "--at", f"{morning} 07:10"],
    ):
        assert home("post", *words).code == 0
    home.bot("b", f'limits.quiet_hours = "22:00-07:10"\nlimits.minutes_apart = 0\n{BUNDLED}')
    told = {draft["id"]: draft["goes_out"] for draft in home("drafts", "--json").json["drafts"]}
    out = moments.told(datetime.fromisoformat(f"{morning}T07:10:00Z"), "UTC")
    assert told[1] == f"expires before its turn, {out} (UTC)"
    assert told[2] == f"goes out {out} (UTC), or in the first run after that"


def test_a_date_far_ahead_is_told_and_costs_little(
    context: RunContext, clock: FakeClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Four years ahead a post has its date, and only dates are reckoned with after thirty days, not each slot."""
    reckoned = list[datetime]()
    real = Timetable.postings

    def counted(timetable: Timetable, until: datetime) -> Iterator[Posting]:
        for posting in real(timetable, until):
            reckoned.append(posting.at)
            yield posting

    monkeypatch.setattr(Timetable, "postings", counted)
    bot = _bot(tmp_path / "home", random.Random(0))
    far = (START + timedelta(days=4 * 365)).replace(hour=12, minute=0, second=0)
    new = drafts.NewDraft("b", "person", plain(["own"]), ("feed",), None, due_at=far)
    with context.db.transaction():
        drafts.add(context.db, new, context.clock())
    assert forecasts(bot, context.db, START)[1].at == far
    assert [at for at in reckoned if at > START + timedelta(days=31)] == [far]


def test_what_waits_for_approval_takes_no_others_forecast(tmp_path: Path, context: RunContext) -> None:
    """However many drafts wait for a person's yes, every post that waits for its slot is told its own."""
    bot = _bot(tmp_path / "home", random.Random(1))
    with context.db.transaction():
        for number, status in enumerate((DraftStatus.PENDING, DraftStatus.APPROVED, DraftStatus.APPROVED)):
            text = plain([f"Text {number}"])
            new = drafts.NewDraft("b", "person", text, ("feed",), timedelta(days=90), status=status)
            drafts.add(context.db, new, START)
    told = forecasts(bot, context.db, START)
    assert told[1].words == "goes out once you approve it"
    assert told[2].at is not None and told[3].at is not None and told[3].at > told[2].at
