"""Figures of posts, read at the end of runs: which are due, what a request covers, what trouble and money do to it."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.engaged import on_mastodon, out
from tests.fakes import START, FakeClock, FakeSocialPlatform, FakeWriter, as_it_is
from tests.fresh import new_database
from tests.home import Home, mastodon_settings, x_settings
from tests.standins.mastodon import MastodonStandIn
from tests.standins.x import XStandIn
from twitter_manager import due, schedule
from twitter_manager.content import plain
from twitter_manager.delivery import Policy
from twitter_manager.domain import DraftStatus, Outcome, Receipt
from twitter_manager.errors import NeedsPerson, Unreadable
from twitter_manager.factory import Factory
from twitter_manager.pipeline.context import READS_NOTHING, Calendar, RunContext
from twitter_manager.pipeline.run import run_bot
from twitter_manager.pipeline.spending import Budget
from twitter_manager.redaction import Redactor
from twitter_manager.settings import load
from twitter_manager.settings.records import Listen
from twitter_manager.social import Figures, Heard, Kind, SeenPost
from twitter_manager.store import amendments, charges, comments, deliveries, drafts, engagement, limits
from twitter_manager.store.comments import Whose
from twitter_manager.store.database import Database, connect, to_text

HOURLY = schedule.Schedule()
HOUR = timedelta(hours=1)
SOME = Figures(3, 2, 1, 0)


class Silent(FakeWriter):
    """Has nothing to write."""

    def top_up(self, run_id: int, wanted: int) -> str:
        return ""


class Charging(FakeSocialPlatform):
    """X: each post that it shows costs, and `book` is told."""

    figures_at_once = 100
    deletion_usd = 0.01
    reading_usd, hearing_usd = 0.001, 0.015

    def __init__(self, clock: FakeClock, db: Database) -> None:
        super().__init__("x", clock)
        self.db = db

    def is_there(self, remote_id: str) -> bool:
        return True

    def figures(self, remote_ids: list[str]) -> dict[str, Figures | None]:  # type: ignore[override]
        with self.db.transaction():
            usd = self.reading_usd * len(remote_ids)
            charges.add(self.db, charges.Charge(self.clock(), "b", "x", "read", len(remote_ids), usd))
        return super().figures(remote_ids)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def db(tmp_path: Path) -> Database:
    db = new_database(tmp_path / "t.db")
    return db


@pytest.fixture
def sky(clock: FakeClock) -> FakeSocialPlatform:
    return FakeSocialPlatform("bluesky", clock)


@pytest.fixture
def context(db: Database, clock: FakeClock, sky: FakeSocialPlatform) -> RunContext:
    return RunContext(
        bot="b",
        db=db,
        platforms={"bluesky": sky},
        calendar=Calendar(
            lambda now: schedule.slot_at(now, HOURLY, "UTC"),
            lambda now: schedule.next_slot(now, HOURLY, "UTC"),
            lambda now: schedule.local_day_start(now, "UTC"),
            lambda now: None,
        ),
        bounds=due.Bounds(per_hour=1, per_day=24),
        budget=Budget(15.0),
        policy=Policy(),
        pool=1,
        writer=Silent(),
        clock=clock,
        sleep=clock.sleep,
        time_left=lambda: 600.0,
        run_time=timedelta(minutes=10),
        progress=lambda line: None,
        redact=lambda text: text,
        pictures=as_it_is,
        listen=Listen(figures=("bluesky", "x")),
    )


def bands(db: Database) -> list[tuple[int, str]]:
    return [(row["delivery_id"], row["band"]) for row in db.rows("SELECT * FROM engagement ORDER BY delivery_id, at")]


def test_each_band_is_read_once_by_the_hourly_runs_of_nine_days(
    context: RunContext, db: Database, sky: FakeSocialPlatform, clock: FakeClock
) -> None:
    """Six readings, each at its age or within the hour after; a run with nothing due asks for nothing."""
    there = out(db, sky, timedelta())
    sky.came_to[there] = SOME
    for _ in range(9 * 24):
        clock.now += HOUR
        assert run_bot(context).outcome is not Outcome.FAILED
    readings = engagement.of_draft(db, 1)
    assert [reading.band for reading in readings] == list(engagement.BANDS)
    assert all(timedelta() <= r.at - r.posted_at - engagement.BANDS[r.band] < HOUR for r in readings)
    assert len(sky.asked) == 6


def test_a_band_that_went_by_while_the_machine_was_off_stays_empty(
    context: RunContext, db: Database, sky: FakeSocialPlatform
) -> None:
    """A post of two days is read under 24 hours alone, one of seven days and a half under 7 days; the first hour of
    another and the ninth day are no age to read at."""
    ages = (timedelta(minutes=59), HOUR, timedelta(days=2), timedelta(days=7.5), timedelta(days=8))
    for age in ages:
        sky.came_to[out(db, sky, age)] = SOME
    run_bot(context)
    assert bands(db) == [(2, "1h"), (3, "24h"), (4, "7d")]
    assert sky.asked == [["r2", "r3", "r4"]]


def test_five_hundred_posts_take_one_request_for_each_page(
    context: RunContext, db: Database, sky: FakeSocialPlatform
) -> None:
    """Twenty requests of 25, the youngest posts first, and of a thread its first part alone."""
    for number in range(500):
        sky.came_to[out(db, sky, timedelta(hours=1, minutes=number), parts=2 if number == 7 else 1)] = SOME
    run_bot(context)
    assert [len(ids) for ids in sky.asked] == [25] * 20
    assert len(bands(db)) == 500
    assert sky.asked[0][:3] == ["r1", "r2", "r3"]


def test_what_the_bot_says_beneath_its_post_is_no_reply(
    context: RunContext, db: Database, sky: FakeSocialPlatform, clock: FakeClock
) -> None:
    """A thread whose next part alone answers it came to nothing; so did a post that its person replied to. Others'
    replies count, and so they do once the own one was taken down."""
    thread, busy, asked, short = (out(db, sky, HOUR, parts=parts) for parts in (3, 2, 1, 2))
    with db.transaction():
        post = SeenPost(Receipt(asked, "https://x.example"), "b", "me", "B", "Mine", START)
        number = comments.add(db, Whose("b", "bluesky", sky.account), Heard(Kind.ASKED, post), START)
    out(db, sky, HOUR, comment=number)
    taken_down = deliveries.of_draft(db, 4)[1].receipt
    assert taken_down is not None
    with db.transaction():
        amendments.notice_gone(db, "bluesky", taken_down.remote_id, START)
    replies = {thread: 1, busy: 3, asked: 1, short: 1}
    sky.came_to = {remote_id: Figures(0, number, 0, 0) for remote_id, number in replies.items()}
    run_bot(context)
    assert [row["replies"] for row in db.rows("SELECT replies FROM engagement ORDER BY delivery_id")] == [0, 2, 0, 1]


def test_a_thread_that_nobody_answered_came_to_nothing(home: Home) -> None:
    """The program as cron starts it, on a server that counts the second part as a reply to the first; somebody's like
    counts, the account's own does not."""
    with MastodonStandIn() as server:
        home.settings(GENERATORS="excerpt", **mastodon_settings(server))
        assert home("post", "We meet on Sunday.", "--part", "Bring tea.", "--now").code == 0
        first, second = server.posts.values()
        assert second.reply_to == first.id
        server.people.like(first.id, server.people.account("ann"))
        assert home("social", "like", first.id).code == 0
        assert server.show(first)["replies_count"] == 1 and server.show(first)["favourites_count"] == 2
        with closing(connect(home.database)) as db, db.transaction():
            db.update("UPDATE deliveries SET posted_at = ?", to_text(datetime.now(UTC) - HOUR))
        home("run")
    assert home.rows("SELECT likes, replies, reposts, quotes FROM engagement") == [(1, 0, 0, 0)]


def test_a_post_that_is_gone_is_marked_as_taken_down_there(
    context: RunContext, db: Database, sky: FakeSocialPlatform, clock: FakeClock
) -> None:
    """It counts as taken down by the platform's word, is not asked for again; what is not named is."""
    gone, unnamed = out(db, sky, HOUR), out(db, sky, HOUR)
    sky.came_to[gone] = None
    run_bot(context)
    [found] = amendments.of_draft(db, 1)
    assert (found.origin, found.kind) == ("platform", amendments.Kind.DELETION)
    assert deliveries.get(db, 1).removed_at is not None and deliveries.get(db, 2).removed_at is None
    clock.now += timedelta(minutes=1)
    run_bot(context)
    assert sky.asked == [[gone, unnamed][::-1], [unnamed]]


def test_a_post_that_its_person_takes_down_is_not_found_gone(
    context: RunContext, db: Database, sky: FakeSocialPlatform
) -> None:
    """The person's own deletion stays the only one on record, whichever end sees it first."""
    gone = out(db, sky, HOUR)
    sky.came_to[gone] = None
    with db.transaction():
        amendments.ask_for(db, deliveries.get(db, 1), amendments.Kind.DELETION, START)
    sky.delete = lambda remote_id: (_ for _ in ()).throw(Unreadable("later"))  # type: ignore[method-assign]
    run_bot(context)
    assert [found.origin for found in amendments.of_draft(db, 1)] == ["person"]


TROUBLE: Mapping[str, Exception] = {
    "unreadable": Unreadable("The server does not answer."),
    "limited": Unreadable("Too many.", status=429),
    "keys": NeedsPerson("The keys are wrong."),
    "bug": KeyError("no such thing"),
}


@pytest.mark.parametrize("trouble", TROUBLE)
def test_trouble_in_reading_fails_no_run(
    context: RunContext, db: Database, sky: FakeSocialPlatform, caplog: pytest.LogCaptureFixture, trouble: str
) -> None:
    """One line in the log, one request though two pages are due, and a limit is on record for the next run."""
    for number in range(30):
        out(db, sky, HOUR + timedelta(minutes=number))
    sky.unreadable = TROUBLE[trouble]  # type: ignore[assignment]
    with caplog.at_level(logging.WARNING):
        report = run_bot(context)
    assert report.ok and len(sky.asked) == 1
    assert [line for line in caplog.messages if line.startswith("bluesky: figures can't be read")]
    run_bot(context)
    assert len(sky.asked) == (1 if trouble == "limited" else 2)
    assert bool(limits.current(db, "bluesky", sky.account, ["listen"], START)) is (trouble == "limited")


def test_what_only_a_person_can_mend_is_told_once_a_month(
    context: RunContext, db: Database, sky: FakeSocialPlatform, clock: FakeClock
) -> None:
    sky.unreadable = Unreadable("The token lacks read:statuses.", "Make a new one.", forbidden=True)
    told = []
    for _ in range(31):
        out(db, sky, HOUR, now=clock.now)
        context.warnings.clear()
        told += [line for line in run_bot(context).warnings if "figures" in line]
        clock.now += timedelta(days=1)
    assert told == ["bluesky: figures can't be read: The token lacks read:statuses. Make a new one."] * 2


def test_keys_that_are_refused_are_tried_once_a_day_until_a_post_goes_through(
    context: RunContext, db: Database, sky: FakeSocialPlatform, clock: FakeClock
) -> None:
    """Nobody hears of it here: the post that fails by it tells it."""
    sky.unreadable = Unreadable("It does not accept the keys.", status=401, forbidden=True)
    there = out(db, sky, HOUR, now=clock.now)
    sky.came_to[there] = SOME
    for _ in range(48):
        assert run_bot(context).warnings == ()
        clock.now += HOUR
    assert len(sky.asked) == 2
    sky.unreadable = None
    out(db, sky, -timedelta(minutes=1), now=clock.now)  # one goes through in this hour
    clock.now += HOUR
    run_bot(context)
    assert len(sky.asked) == 3


def test_no_request_begins_when_the_runs_time_is_up(context: RunContext, db: Database, sky: FakeSocialPlatform) -> None:
    out(db, sky, HOUR)
    run_bot(replace(context, time_left=lambda: 4.0))
    assert sky.asked == []


def test_on_x_the_months_money_for_reading_bounds_it_newest_first(
    context: RunContext, db: Database, clock: FakeClock
) -> None:
    """Of five posts three are read for $0.003, the youngest ones, and nothing more in this month; what they cost is
    this run's in the ledger."""
    x = Charging(clock, db)
    ids = [out(db, x, timedelta(hours=1, minutes=minutes)) for minutes in (4, 3, 2, 1, 0)]
    x.came_to = dict.fromkeys(ids, SOME)
    paid = replace(context, platforms={"x": x}, listen=Listen(figures=("x",), x_usd_per_month=0.003))
    run_id = run_bot(paid).run_id
    clock.now += timedelta(minutes=1)
    run_bot(paid)
    assert x.asked == [[ids[4], ids[3], ids[2]]]
    rows = db.rows("SELECT * FROM charges")
    assert [(row["kind"], row["units"], row["run_id"]) for row in rows] == [("read", 3, run_id)]
    clock.now += timedelta(days=31)
    ids.append(out(db, x, HOUR, now=clock.now))
    run_bot(paid)
    assert x.asked[1:] == [[ids[5]]]


def test_on_x_the_bots_budget_bounds_it_too(context: RunContext, db: Database, clock: FakeClock) -> None:
    """So far that a fifth of it is left for posts: of five posts four are read for $0.004 of $0.005."""
    x = Charging(clock, db)
    ids = [out(db, x, timedelta(hours=1, minutes=minutes)) for minutes in (4, 3, 2, 1, 0)]
    x.came_to = dict.fromkeys(ids, SOME)
    run_bot(replace(context, platforms={"x": x}, budget=Budget(0.005), listen=Listen(figures=("x",))))
    assert x.asked == [ids[:0:-1]]


def test_another_accounts_posts_are_left_alone(context: RunContext, db: Database, sky: FakeSocialPlatform) -> None:
    """On another server the same number may be somebody else's post: none is asked for, none is called gone."""
    out(db, sky, HOUR)
    sky.account = "other@bluesky"
    run_bot(context)
    assert sky.asked == [] and deliveries.get(db, 1).removed_at is None


def test_a_persons_post_now_does_not_wait_for_figures(
    context: RunContext, db: Database, sky: FakeSocialPlatform
) -> None:
    out(db, sky, HOUR)
    with db.transaction():
        new = drafts.NewDraft("b", "person", plain(["now"]), ("bluesky",), HOUR, status=DraftStatus.APPROVED)
        draft = drafts.add(db, new, START)
    assert run_bot(context, only=draft).outcome is Outcome.POSTED
    assert sky.asked == []


def test_a_run_reads_what_the_bots_file_says_and_a_dry_run_nothing(home: Home, db: Database) -> None:
    home.bot("b", '[listen]\nfigures = ["mastodon"]\n')
    settings = load(home.path, {})
    factory = Factory(settings, print, Redactor(()), lambda: START, print)
    [bot] = settings.bots
    assert factory.run_context(db, bot).listen.figures == ("mastodon",)
    assert factory.rehearsal(db, bot).listen == READS_NOTHING


def test_a_run_reads_mastodon_a_page_at_a_time(home: Home) -> None:
    """The program as cron starts it: three requests of up to 20 for 45 posts, and another run asks for nothing."""
    with MastodonStandIn() as server:
        on_mastodon(home, server, 45)
        for _ in range(2):
            assert home("run").code in (0, 1)
        asked = [each["target"] for each in server.requests if each["target"].startswith("/api/v1/statuses?id")]
    assert len(asked) == 3
    assert {tuple(row) for row in home.rows("SELECT band, likes FROM engagement")} == {("1h", 1)}
    assert home.rows("SELECT count(*) FROM engagement") == [(45,)]


def test_a_run_reads_x_within_its_money_and_the_ledger_says_so(home: Home, x: XStandIn) -> None:
    """A post of an hour: read for $0.001 where the bot's file names x, and not at all with no money for it."""
    home.settings(GENERATORS="excerpt", **x_settings(x))
    home.bot("default", '[listen]\nfigures = ["x"]\nx_usd_per_month = 0\n')
    assert home("post", "We meet on Sunday.", "--now").code == 0
    with closing(connect(home.database)) as db, db.transaction():
        db.update("UPDATE deliveries SET posted_at = ?", to_text(datetime.now(UTC) - HOUR))
    home("run")
    assert home.rows("SELECT count(*) FROM engagement") == [(0,)]
    home.bot("default", '[listen]\nfigures = ["x"]\nx_usd_per_month = 1\n')
    home("run")
    assert home.rows("SELECT band FROM engagement") == [("1h",)]
    assert home.rows("SELECT units, usd, run_id IS NULL FROM charges WHERE kind = 'read'") == [(1, 0.001, 0)]
