"""Rate limits are kept and respected: hourly runs over a real SQLite file with fake platforms, and the wait itself."""

from __future__ import annotations

import itertools
import json
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes import START, Crash, CrashingDatabase, FakeClock, FakePlatform, FakeWriter, as_it_is
from tests.fresh import new_database
from tests.home import Home, mastodon_settings, x_settings
from tests.standins.mastodon import MastodonStandIn
from tests.standins.x import XStandIn
from twitter_manager import due, schedule
from twitter_manager.content import Card, Media, Part, plain
from twitter_manager.delivery import Policy
from twitter_manager.domain import DeliveryStatus, DraftStatus, Outcome, Outgoing, Receipt
from twitter_manager.errors import NotSent, OutcomeUnknown, Unreadable
from twitter_manager.pipeline.context import Calendar, RunContext
from twitter_manager.pipeline.report import Report
from twitter_manager.pipeline.run import run_bot
from twitter_manager.pipeline.spending import Budget
from twitter_manager.store import charges, deliveries, drafts, limits, runs
from twitter_manager.store.database import connect
from twitter_manager.store.limits import LONGEST, LONGEST_UNNAMED, SHORTEST, Whose

HOURLY = schedule.Schedule()
PICTURE = Media("ab" * 32, "image/jpeg", 1000, 640, 480, "A teapot.")
EIGHT_HOURS = timedelta(hours=8)
LOGIN = Whose("b", "bluesky", "me@bluesky", "login")


class Limited(FakePlatform):
    """Lets nobody log in before `until`, and says so, as Bluesky does after too many logins."""

    until = START + EIGHT_HOURS
    asked = 0

    def prepare(self, post: Outgoing) -> dict[str, object]:
        if self.clock() < self.until:
            self.asked += 1
            raise NotSent("too many logins", status=429, retry_at=self.until, operation="login")
        return super().prepare(post)


class Writer(FakeWriter):
    """Writes numbered posts for the platforms of the bot."""

    def __init__(self, context: Callable[[], RunContext]) -> None:
        self.context, self.made = context, 0
        self.media: tuple[Media, ...] = ()
        self.card: Card | None = None

    def top_up(self, run_id: int, wanted: int) -> str:
        context = self.context()
        for _ in range(wanted):
            self.made += 1
            names, life = tuple(context.platforms), timedelta(hours=72)
            new = drafts.NewDraft("b", "generator", (Part(f"post {self.made}", self.media, self.card),), names, life)
            with context.db.transaction():
                drafts.add(context.db, new, context.clock())
        return ""


class Bot:
    """A bot that posts each hour; `hour` does one run and lets the hour pass."""

    def __init__(self, path: Path, **platforms: FakePlatform) -> None:
        self.db = new_database(path)
        self.clock = next(iter(platforms.values())).clock
        self.writer = Writer(lambda: self.context)
        self.context = RunContext(
            bot="b",
            db=self.db,
            platforms=platforms,
            calendar=Calendar(
                lambda now: schedule.slot_at(now, HOURLY, "UTC"),
                lambda now: schedule.next_slot(now, HOURLY, "UTC"),
                lambda now: schedule.local_day_start(now, "UTC"),
                lambda now: None,
            ),
            bounds=due.Bounds(per_hour=1, per_day=24),
            budget=Budget(15.0),
            policy=Policy(),
            pool=4,
            writer=self.writer,
            clock=self.clock,
            sleep=self.clock.sleep,
            time_left=lambda: 600.0,
            run_time=timedelta(minutes=10),
            progress=lambda line: None,
            redact=lambda text: text,
            pictures=as_it_is,
        )

    def run(self, only: int | None = None) -> Report:
        return run_bot(replace(self.context, warnings=[], notes=[]), only=only)

    def hour(self) -> Report:
        begun = self.clock()
        report = self.run()
        self.clock.now = begun + timedelta(hours=1)
        return report

    def reopen(self, path: Path) -> None:
        """A new process: its connection, and what the dead one began is told as such."""
        self.db.close()
        self.db = connect(path)
        self.context = replace(self.context, db=self.db)
        with self.db.transaction():
            runs.abandon_open(self.db, self.clock())

    def own(self, text: str, *names: str, due_at: datetime | None = None) -> int:
        new = drafts.NewDraft("b", "person", plain([text]), names, None, due_at=due_at)
        with self.db.transaction():
            return drafts.add(self.db, new, self.clock())

    def statuses(self) -> Counter[str]:
        return Counter(row["status"] for row in self.db.rows("SELECT status FROM drafts"))

    def of(self, draft: int) -> dict[str, DeliveryStatus]:
        return {delivery.platform: delivery.status for delivery in deliveries.of_draft(self.db, draft)}


def texts(platform: FakePlatform) -> list[str]:
    return [post["text"] for post in platform.posts]


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


def test_eight_hours_without_a_login_end_no_draft(tmp_path: Path, clock: FakeClock) -> None:
    """Ten hourly runs: one post waits, no draft fails or piles up, the platform is asked once, and afterwards what
    waited goes out, and the slot's own post, and no more."""
    bluesky = Limited("bluesky", clock)
    bot = Bot(tmp_path / "t.db", bluesky=bluesky)
    reports = [bot.hour() for _ in range(8)]
    assert reports[0].outcome is Outcome.UNFINISHED
    assert [report.outcome for report in reports[1:]] == [Outcome.NOTHING_DUE] * 7
    assert all(report.ok for report in reports[1:])
    assert reports[1].reason == "bluesky takes posts again at 2026-03-01 18:07 UTC (too many logins)"
    assert [report.warnings for report in reports[1:3]] == [(reports[1].reason,), ()], "said once"
    assert (bluesky.asked, bot.statuses()["publishing"], bot.statuses()["failed"]) == (1, 1, 0)
    later = [bot.hour() for _ in range(2)]
    assert [report.outcome for report in later] == [Outcome.POSTED, Outcome.POSTED]
    assert texts(bluesky) == ["post 1", "post 2", "post 3"]
    assert not bot.statuses().keys() & {"failed", "partly_posted", "publishing"}


def test_one_platform_s_limit_keeps_the_other_going_and_fails_nothing(tmp_path: Path, clock: FakeClock) -> None:
    """The first post waits there until the limit ends; the later ones go out on the other alone, and say so."""
    bluesky, x = Limited("bluesky", clock), FakePlatform("x", clock)
    bot = Bot(tmp_path / "t.db", bluesky=bluesky, x=x)
    reports = [bot.hour() for _ in range(10)]
    assert [report.outcome for report in reports] == [Outcome.UNFINISHED] + [Outcome.POSTED] * 9
    assert reports[1].notes[0].startswith("left out: bluesky takes posts again at 2026-03-01 18:07 UTC")
    assert texts(x) == [f"post {number}" for number in range(1, 11)]
    assert texts(bluesky) == ["post 1", "post 9", "post 10"]
    assert bot.statuses()["posted"] == 10 and not bot.statuses().keys() & {"failed", "partly_posted"}


def test_a_generated_post_waits_for_a_limit_that_ends_before_the_next_slot(tmp_path: Path, clock: FakeClock) -> None:
    """Known before it is claimed, and nothing else waits there: it goes out everywhere within its slot."""
    bluesky, x = FakePlatform("bluesky", clock), FakePlatform("x", clock)
    bot = Bot(tmp_path / "t.db", bluesky=bluesky, x=x)
    with bot.db.transaction():
        limits.hit(bot.db, LOGIN, clock(), clock() + timedelta(minutes=20), "")
    assert bot.run().outcome is Outcome.UNFINISHED
    assert (texts(x), texts(bluesky)) == (["post 1"], [])
    clock.now += timedelta(minutes=21)
    bot.run()
    assert texts(bluesky) == ["post 1"] and bot.statuses()["posted"] == 1


def test_a_limit_that_names_no_end_piles_nothing_up_either(tmp_path: Path, clock: FakeClock) -> None:
    """Two days of bare 429s: one draft waits, tried less and less often, until its time to live is over."""
    x = FakePlatform("x", clock)
    x.faults = [NotSent("slow down", status=429)] * 1000
    bot = Bot(tmp_path / "t.db", x=x)
    for _ in range(48):
        bot.hour()
    assert bot.statuses()["failed"] == 0 and bot.statuses()["publishing"] == 1
    tried = bot.db.value("SELECT count(DISTINCT run_id) FROM attempts")
    assert 10 < tried < 20
    x.faults = []
    for _ in range(5):
        bot.hour()
    assert texts(x)[0] == "post 1" and bot.statuses()["failed"] == 0


def test_a_person_s_dated_post_waits_and_is_told_as_late(tmp_path: Path, clock: FakeClock) -> None:
    """Where its only platform is limited it is not begun; it goes out first when the limit ends, and says why late."""
    bluesky = Limited("bluesky", clock)
    bot = Bot(tmp_path / "t.db", bluesky=bluesky)
    bot.hour()
    mine = bot.own("mine", "bluesky", due_at=clock() + timedelta(minutes=30))
    reports = [bot.hour() for _ in range(7)]
    assert all(report.ok for report in reports) and bot.of(mine) == {}
    report = bot.hour()
    assert texts(bluesky) == ["post 1", "mine"]
    assert "goes out 6 hours late: bluesky takes posts again" in report.warnings[0]


def test_a_person_s_post_goes_out_where_it_can_and_waits_where_not(tmp_path: Path, clock: FakeClock) -> None:
    """It is never left out for a limit."""
    bluesky, x = Limited("bluesky", clock), FakePlatform("x", clock)
    bot = Bot(tmp_path / "t.db", bluesky=bluesky, x=x)
    bot.hour()
    mine = bot.own("mine", "bluesky", "x")
    bot.hour()
    assert bot.of(mine) == {"bluesky": DeliveryStatus.QUEUED, "x": DeliveryStatus.POSTED}
    for _ in range(8):
        bot.hour()
    assert set(bot.of(mine).values()) == {DeliveryStatus.POSTED} and texts(bluesky).count("mine") == 1


def test_post_now_says_why_it_can_not(tmp_path: Path, clock: FakeClock) -> None:
    """A person who asks for one draft now hears until when it waits, and no failed draft is left."""
    bot = Bot(tmp_path / "t.db", bluesky=Limited("bluesky", clock), x=FakePlatform("x", clock))
    bot.hour()
    mine = bot.own("mine", "bluesky")
    report = bot.run(only=mine)
    assert report.outcome is Outcome.FAILED and "bluesky takes posts again at 2026-03-01 18:07" in report.reason
    draft = drafts.get(bot.db, mine)
    assert draft and draft.status is DraftStatus.APPROVED


def test_the_last_post_that_is_allowed_counts_as_a_limit(tmp_path: Path, clock: FakeClock) -> None:
    """A success that says that nothing remains: the platform isn't asked before the time it named."""

    class LastOne(FakePlatform):
        def publish(self, request: dict[str, object]) -> Receipt:
            return replace(super().publish(request), used_up_until=self.clock() + timedelta(hours=3))

    x = LastOne("x", clock)
    bot = Bot(tmp_path / "t.db", x=x)
    reports = [bot.hour() for _ in range(5)]
    assert [report.outcome for report in reports] == [
        Outcome.POSTED, Outcome.NOTHING_DUE, Outcome.NOTHING_DUE, Outcome.POSTED, Outcome.NOTHING_DUE,
    ]  # fmt: skip
    assert len(x.posts) == 2


def test_a_look_up_that_is_limited_waits_and_stays_unknown(tmp_path: Path, clock: FakeClock) -> None:
    """Nothing is asked before its time, nothing is held for it, and the post is found when it may be looked for."""
    x = FakePlatform("x", clock)
    x.faults = [("stored", OutcomeUnknown("reset"))]
    x.unreadable = Unreadable("429", status=429, retry_at=START + EIGHT_HOURS)
    bot = Bot(tmp_path / "t.db", x=x)
    bot.hour()
    looked = "SELECT count(*) FROM attempts WHERE kind = 'look_up'"
    before = bot.db.value(looked)
    for _ in range(7):
        bot.hour()
        assert bot.of(1) == {"x": DeliveryStatus.UNKNOWN}
    assert bot.db.value(looked) == before
    x.unreadable = None
    bot.hour()
    assert bot.of(1) == {"x": DeliveryStatus.POSTED} and texts(x).count("post 1") == 1


def test_a_death_around_the_record_of_a_limit_sends_nothing_twice_and_ends_no_draft(tmp_path: Path) -> None:
    """Killed before or after any commit of the run that meets the limit: afterwards each post is out once, and nothing
    failed or waits."""
    bot = Bot(tmp_path / "count.db", bluesky=Limited("bluesky", FakeClock()))
    bot.db.__class__ = CrashingDatabase
    bot.run()
    assert isinstance(bot.db, CrashingDatabase)
    for crash_at, after in itertools.product(range(bot.db.commits), (False, True)):
        bluesky = Limited("bluesky", FakeClock())
        bot_of_case = Bot(tmp_path / f"{crash_at}{after}.db", bluesky=bluesky)
        bot_of_case.db.__class__ = CrashingDatabase
        assert isinstance(bot_of_case.db, CrashingDatabase)
        bot_of_case.db.crash_at, bot_of_case.db.after = crash_at, after
        with pytest.raises(Crash):
            bot_of_case.run()
        bot_of_case.reopen(tmp_path / f"{crash_at}{after}.db")
        for _ in range(11):
            bot_of_case.clock.now += timedelta(hours=1)
            bot_of_case.run()
        assert bluesky.asked <= 2, "the limit is met once more at most"
        assert len(set(texts(bluesky))) == len(bluesky.posts) >= 4, (crash_at, after)
        assert not bot_of_case.statuses().keys() & {"failed", "publishing"}, (crash_at, after)


def test_a_death_at_any_commit_books_each_post_once(tmp_path: Path) -> None:
    """Killed before or after any commit of two runs that post: afterwards what is booked is what is out."""
    bot = Bot(tmp_path / "count.db", x=Dear("x", FakeClock()))
    bot.db.__class__ = CrashingDatabase
    for _ in range(2):
        bot.hour()
    assert isinstance(bot.db, CrashingDatabase)
    for crash_at, after in itertools.product(range(bot.db.commits), (False, True)):
        x, path = Dear("x", FakeClock()), tmp_path / f"{crash_at}{after}.db"
        killed = Bot(path, x=x)
        killed.db.__class__ = CrashingDatabase
        assert isinstance(killed.db, CrashingDatabase)
        killed.db.crash_at, killed.db.after = crash_at, after
        with pytest.raises(Crash):
            for _ in range(2):
                killed.hour()
        killed.reopen(path)
        killed.clock.now += timedelta(minutes=20)
        for _ in range(3):
            killed.hour()
        booked = killed.db.value("SELECT sum(usd) FROM charges")
        assert booked == pytest.approx(0.2 * len(x.posts)), (crash_at, after)
        assert len(set(texts(x))) == len(x.posts) >= 3, (crash_at, after)


class Dear(FakePlatform):
    """Takes as much for a post as X does for one with a link; one without words would be cheap."""

    def price(self, text: str, *, summoned: bool = False) -> float:
        return 0.2 if text else 0.015


def test_what_the_budget_can_not_pay_is_not_written_hour_by_hour(tmp_path: Path, clock: FakeClock) -> None:
    """The day's money pays for two posts: then the pool is full, nothing more is written, each run says why and goes
    well, and the next day's posts are those that waited."""
    x = Dear("x", clock)
    bot = Bot(tmp_path / "t.db", x=x)
    bot.context = replace(bot.context, budget=Budget(15.0, 0.5))
    reports = [bot.hour() for _ in range(12)]
    assert (len(x.posts), bot.writer.made) == (2, 6)
    assert all(report.ok for report in reports)
    assert reports[-1].reason.startswith("today's budget is used up ($0.400 of $0.500)")
    clock.now += timedelta(hours=8)
    assert bot.hour().outcome is Outcome.POSTED and texts(x)[-1] == "post 3"


def test_a_budget_that_pays_for_no_post_at_all_is_told_as_trouble(tmp_path: Path, clock: FakeClock) -> None:
    """That doesn't pass by itself, so it is no quiet day; and no more is written than the pool holds."""
    bot = Bot(tmp_path / "t.db", x=Dear("x", clock))
    bot.context = replace(bot.context, budget=Budget(15.0, 0.1))
    reports = [bot.hour() for _ in range(12)]
    assert bot.writer.made == 4
    assert not any(report.ok for report in reports)
    assert {report.reason for report in reports} == {
        "the budget allows $0.10, and to post one of the drafts costs $0.20: raise it"
    }


def test_a_limit_on_uploads_piles_no_drafts_up(tmp_path: Path, clock: FakeClock) -> None:
    """All posts have a picture: no more are written than the pool holds, the limit is told once, and none fails."""
    x = FakePlatform("x", clock)
    bot = Bot(tmp_path / "t.db", x=x)
    bot.writer.media = (PICTURE,)
    with bot.db.transaction():
        limits.hit(bot.db, Whose("b", "x", "me@x", "upload"), START, START + EIGHT_HOURS, "")
    reports = [bot.hour() for _ in range(8)]
    assert bot.writer.made == 4 and all(report.ok for report in reports)
    assert reports[0].warnings == (reports[0].reason,) and "x takes" in reports[0].reason
    assert not any(report.warnings for report in reports[1:])
    assert bot.hour().outcome is Outcome.POSTED
    assert bot.statuses().keys() == {"approved", "posted"}


def test_no_part_is_tried_while_a_later_part_s_picture_can_not_be_uploaded(tmp_path: Path, clock: FakeClock) -> None:
    """The pictures of all parts go first, so that a limit on uploads is in the way of the first part too."""
    x = FakePlatform("x", clock)
    x.upload_faults = [NotSent("slow down", status=429, retry_at=START + EIGHT_HOURS)] * 100
    bot = Bot(tmp_path / "t.db", x=x)
    new = drafts.NewDraft("b", "person", (Part("one"), Part("two", (PICTURE,))), ("x",), None)
    with bot.db.transaction():
        drafts.add(bot.db, new, clock())
    bot.hour()
    asked = len(x.upload_faults)
    for _ in range(7):
        bot.hour()
    assert len(x.upload_faults) == asked
    x.upload_faults = []
    bot.hour()
    assert [text for text in texts(x) if "post" not in text] == ["one", "two"]


def test_a_card_goes_without_its_picture_while_uploads_are_limited(tmp_path: Path, clock: FakeClock) -> None:
    """The first upload meets the limit, and its post goes out an hour late; the others of those hours go out in their
    slots, none fails, and nothing is uploaded before the limit ends."""
    bluesky = FakePlatform("bluesky", clock)
    bluesky.upload_faults = [NotSent("slow down", status=429, retry_at=START + EIGHT_HOURS)] * 100
    bot = Bot(tmp_path / "t.db", bluesky=bluesky)
    bot.writer.card = Card("https://example.org/", "A title", thumb=PICTURE)
    for _ in range(8):
        bot.hour()
    assert len(bluesky.upload_faults) == 99
    assert texts(bluesky) == [f"post {number}" for number in range(1, 9)]
    assert bot.statuses()["posted"] == 8
    bluesky.upload_faults = []
    bot.hour()
    assert "pictures" in bluesky.posts[-1]


def test_what_was_not_found_is_looked_up_once_more_when_the_limit_ends(tmp_path: Path, clock: FakeClock) -> None:
    """A look may cost: an unclear post that was proved absent, and can't be sent for hours, is not looked up by each of
    their runs, yet always right before it is sent; and it is out once."""
    x = FakePlatform("x", clock)
    x.faults = [OutcomeUnknown("reset"), NotSent("slow down", status=429, retry_at=START + EIGHT_HOURS)]
    bot = Bot(tmp_path / "t.db", x=x)
    for _ in range(2):
        bot.hour()
    looks = "SELECT count(*) FROM attempts WHERE delivery_id = 1 AND kind = 'look_up'"
    before = bot.db.value(looks)
    for _ in range(6):
        bot.hour()
    assert bot.db.value(looks) == before and texts(x) == []
    bot.hour()
    assert bot.db.value(looks) == before + 1
    assert texts(x).count("post 1") == 1


def test_what_was_not_found_is_looked_up_once_more_when_there_is_money(tmp_path: Path, clock: FakeClock) -> None:
    """What is left is too little to send it again: it is not spent on a look by every run of the day."""
    x = Dear("x", clock)
    x.faults = [OutcomeUnknown("reset")]
    bot = Bot(tmp_path / "t.db", x=x)
    bot.context = replace(bot.context, budget=Budget(15.0, 0.25))
    bot.hour()
    with bot.db.transaction():
        charges.add(bot.db, charges.Charge(clock(), "b", "claude", "writing", 1, 0.1))
    bot.hour()
    looks = "SELECT count(*) FROM attempts WHERE delivery_id = 1 AND kind = 'look_up'"
    before = bot.db.value(looks)
    for _ in range(6):
        bot.hour()
    assert bot.db.value(looks) == before and texts(x) == []
    clock.now += timedelta(hours=8)
    bot.hour()
    assert bot.db.value(looks) == before + 1 and texts(x) == ["post 1"]


def test_money_that_a_clock_ahead_of_time_wrote_down_does_not_count_for_years(tmp_path: Path, clock: FakeClock) -> None:
    """Put back, the clock finds charges of a later year; the budget of today is not used up by them."""
    x = Dear("x", clock)
    bot = Bot(tmp_path / "t.db", x=x)
    bot.context = replace(bot.context, budget=Budget(0.3, 0.3))
    clock.now += timedelta(days=900)
    assert bot.hour().outcome is Outcome.POSTED
    clock.now = START
    assert bot.hour().outcome is Outcome.POSTED
    assert len(x.posts) == 2


# The wait


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["limited", "success"]),
        st.one_of(st.none(), st.integers(-3600, 10 * 365 * 86400)),
        st.integers(0, 30 * 3600),
    ),
    max_size=25,
)


@given(steps=STEPS)
def test_the_wait_grows_with_limits_shrinks_with_successes_and_keeps_its_bounds(
    steps: list[tuple[str, int | None, int]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Whatever comes in whatever order: never shorter than the service named, never above the cap, longer with each
    further limit, shorter with each success, and gone in the end."""
    db = new_database(tmp_path_factory.mktemp("limits") / "t.db")
    now, level = START, 0
    for what, seconds, passes in steps:
        now += timedelta(seconds=passes)
        before = limits.current(db, "bluesky", LOGIN.account, ["login"], now)
        with db.transaction():
            if what == "success":
                limits.succeeded(db, "bluesky", LOGIN.account, ["login"], now)
                level = max(0, level - 1)
                assert limits.current(db, "bluesky", LOGIN.account, ["login"], now) is None
                continue
            named = None if seconds is None else now + timedelta(seconds=seconds)
            limit = limits.hit(db, LOGIN, now, named, "")
        level = max(1, level + (before is None))
        wait = limit.until - now
        assert limit.hits == level
        assert wait <= LONGEST and limit.until >= min(named or now, now + LONGEST)
        assert wait >= limits.unnamed_wait(level if named is None else level - 1)
        assert before is None or limit.until >= before.until
    with db.transaction():
        for _ in range(level):
            limits.succeeded(db, "bluesky", LOGIN.account, ["login"], now)
    assert db.value("SELECT count(*) FROM service_limits") == 0
    db.close()


def test_the_wait_without_a_named_end_doubles_up_to_its_cap() -> None:
    """Five minutes, ten, twenty, up to four hours, and never more."""
    waits = [limits.unnamed_wait(hits) for hits in range(1, 40)]
    assert waits[:3] == [SHORTEST, SHORTEST * 2, SHORTEST * 4]
    assert waits == sorted(waits) and waits[-1] == LONGEST_UNNAMED


@pytest.mark.parametrize("moved", [timedelta(days=-3650), timedelta(days=-2), timedelta(days=400)])
def test_a_moved_clock_silences_no_platform(tmp_path: Path, clock: FakeClock, moved: timedelta) -> None:
    """A limit that was written down by a clock that was wrong holds for a day at most."""
    db = new_database(tmp_path / "t.db")
    with db.transaction():
        limits.hit(db, LOGIN, START, START + timedelta(days=9999), "")
    assert limits.current(db, "bluesky", LOGIN.account, ["login"], START + moved) is None


# What a person sees


def test_status_and_explain_tell_of_a_limit(tmp_path: Path) -> None:
    """X says when it takes posts again: the next run ends well with that reason, and `status` and `explain` show it, in
    the bot's own time."""
    with XStandIn() as x:
        home = Home(tmp_path / "home", **x_settings(x))
        home.bot("default", 'platforms = ["x"]\ntime_zone = "Europe/Berlin"\n')
        x.fault("rate_limited", times=0, headers={"x-rate-limit-reset": str(int(time.time()) + 6 * 3600)})
        assert home("run").code == 1
        home.next_slot()
        asked = len(x.requests)
        quiet = home("run")
        assert (quiet.code, len(x.requests)) == (0, asked)
        assert "x takes posts again at " in quiet.err, "said once"
        home.next_slot()
        assert (home("run").err, len(x.requests)) == ("", asked)
        status = home("status").out
        assert "  limited: x takes posts again at " in status and (" CET (too many" in status or " CEST (too" in status)
        [limit] = json.loads(home("status", "--json").out)["bots"][0]["limits"]
        assert (limit["service"], limit["operation"], limit["hits"]) == ("x", "post", 1)
        assert "x takes posts again at " in home("explain", "run:2").out
        assert "x takes posts again at " in home("run", "--force").err + home("explain", "run:4").out
        rehearsed = home("run", "--dry-run", "--json")
        shown = rehearsed.json["bots"][0]
        assert shown["outcome"] == "dry_run" and shown["previews"], "a dry run shows the next post all the same"
        assert rehearsed.code == 0 and "took its place" not in rehearsed.out, "what waits goes on waiting"


def test_mastodon_s_limit_ends_when_it_says_so(tmp_path: Path) -> None:
    """The real client against the stand-in: X-RateLimit-Reset is kept, and nothing is asked before."""
    with MastodonStandIn() as server:
        home = Home(tmp_path / "home", **mastodon_settings(server))
        home.bot("default", 'platforms = ["mastodon"]\n')
        reset = (datetime.now(UTC) + timedelta(minutes=150)).isoformat()
        server.fault("rate_limited", times=0, headers={"x-ratelimit-reset": reset})
        home("run")
        asked = len(server.requests)
        for _ in range(2):
            home.next_slot()
            assert home("run").code == 0
        assert len(server.requests) == asked
        assert home.rows("SELECT count(*) FROM drafts WHERE status = 'publishing'") == [(1,)]
        server.faults.clear()
        home.next_slot()
        assert home("run").code == 0
        assert len(server.texts()) == 2, "what waited, and the slot's own"
        assert home.rows("SELECT * FROM service_limits") == []


def test_a_last_post_that_x_allows_is_read_from_its_headers(tmp_path: Path) -> None:
    """A success with x-rate-limit-remaining of 0: the next slot is left alone until the reset."""
    with XStandIn() as x:
        home = Home(tmp_path / "home", **x_settings(x))
        home.bot("default", 'platforms = ["x"]\n')
        reset = str(int(time.time()) + 90 * 60)
        x.fault("normal", times=1, headers={"x-rate-limit-remaining": "0", "x-rate-limit-reset": reset})
        assert home("run").code == 0
        home.next_slot()
        assert "x takes posts again at " in home("run").err
        assert len(x.texts()) == 1
        home.next_slot()
        home("run")
        assert len(x.texts()) == 2
