"""The story of a run with fakes at the protocols: what is asked, in which order, and what a moved clock does."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.fakes import START, FakeClock, FakePlatform, FakeWriter, as_it_is
from tests.fresh import new_database
from twitter_manager import due, schedule
from twitter_manager.content import plain
from twitter_manager.delivery import Policy
from twitter_manager.domain import DraftStatus, Outcome
from twitter_manager.errors import NotSent
from twitter_manager.pipeline.approval import Approval
from twitter_manager.pipeline.context import AtRest, Calendar, RunContext
from twitter_manager.pipeline.run import run_bot
from twitter_manager.pipeline.spending import Budget
from twitter_manager.settings.records import ALWAYS, NEVER
from twitter_manager.store import drafts, events, runs
from twitter_manager.store.database import Database

HOURLY = schedule.Schedule()


class Writer(FakeWriter):
    """Writes numbered posts and keeps how many it was asked for; `takes`: how long a call lasts."""

    def __init__(self, db: Database, clock: FakeClock) -> None:
        self.db, self.clock, self.asked, self.made, self.takes = db, clock, list[int](), 0, timedelta()

    def top_up(self, run_id: int, wanted: int) -> str:
        self.asked.append(wanted)
        self.clock.now += self.takes
        for _ in range(wanted):
            self.made += 1
            new = drafts.NewDraft("b", "generator", plain([f"post {self.made}"]), ("feed",), timedelta(hours=72))
            with self.db.transaction():
                drafts.add(self.db, new, self.clock())
        return ""


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def writer(db: Database, clock: FakeClock) -> Writer:
    return Writer(db, clock)


@pytest.fixture
def db(tmp_path: Path) -> Database:
    db = new_database(tmp_path / "t.db")
    return db


@pytest.fixture
def context(db: Database, clock: FakeClock, writer: Writer) -> RunContext:
    def quiet_until(now: datetime) -> datetime | None:
        return schedule.quiet_ends(now, None, "UTC")

    return RunContext(
        bot="b",
        db=db,
        platforms={"feed": FakePlatform("feed", clock, definite=True)},
        calendar=Calendar(
            lambda now: schedule.slot_at(now, HOURLY, "UTC"),
            lambda now: schedule.next_slot(now, HOURLY, "UTC"),
            lambda now: schedule.local_day_start(now, "UTC"),
            quiet_until,
        ),
        bounds=due.Bounds(per_hour=1, per_day=24),
        budget=Budget(15.0),
        policy=Policy(),
        pool=8,
        writer=writer,
        clock=clock,
        sleep=clock.sleep,
        time_left=lambda: 600.0,
        run_time=timedelta(minutes=10),
        progress=lambda line: None,
        redact=lambda text: text,
        pictures=as_it_is,
    )


def posted(context: RunContext) -> list[str]:
    platform = context.platforms["feed"]
    assert isinstance(platform, FakePlatform)
    return [post["text"] for post in platform.posts]


def test_an_empty_pool_writes_one_publishes_it_and_then_writes_the_rest(context: RunContext, writer: Writer) -> None:
    report = run_bot(context)
    assert (report.outcome, posted(context), writer.asked) == (Outcome.POSTED, ["post 1"], [1, 8])


def test_the_pool_is_refilled_only_when_less_than_half_is_left(
    context: RunContext, writer: Writer, clock: FakeClock
) -> None:
    """A day of hourly runs: 24 posts, and the writer is asked in few of them."""
    for _ in range(24):
        assert run_bot(context).ok
        clock.now += timedelta(hours=1)
    assert posted(context) == [f"post {number}" for number in range(1, 25)]
    assert len(writer.asked) <= 6


def test_one_post_a_slot_whatever_the_clock_does(context: RunContext, clock: FakeClock) -> None:
    """Twice in the hour, two hours back, a day ahead, three days' outage: every UTC slot has at most one post."""
    for move in (0, 0.4, -2, 2, 24, -1, 1, 72, 0.1):
        clock.now += timedelta(hours=move)
        run_bot(context)
    slots = [row["slot"] for row in context.db.rows("SELECT slot FROM drafts WHERE slot IS NOT NULL")]
    assert len(slots) == len(set(slots)) == len(posted(context))


def test_a_clock_that_went_back_is_told_once(context: RunContext, clock: FakeClock) -> None:
    """The run after says it, with both times; a clock that was set by a minute is no news."""
    told = []
    for move in (0, 1, -48, 1, -1 / 60):
        clock.now += timedelta(hours=move)
        context.warnings.clear()
        told.append([line for line in run_bot(context).warnings if "went back" in line])
    assert [len(lines) for lines in told] == [0, 0, 1, 0, 0]
    assert "the last run began 2026-03-01 11:" in told[2][0] and "now it says 2026-02-27 11:" in told[2][0]


def test_a_process_stopped_for_longer_than_its_budget_sends_nothing_stale(
    context: RunContext, writer: Writer, clock: FakeClock
) -> None:
    """SIGSTOP while writing, SIGCONT two hours later: the post waits for a run that is awake."""
    writer.takes = timedelta(hours=2)
    report = run_bot(context)
    assert (report.outcome, posted(context)) == (Outcome.UNFINISHED, [])
    writer.takes = timedelta()
    clock.now += timedelta(hours=1)
    run_bot(context)
    assert posted(context)[0] == "post 1"


def test_a_run_that_writes_over_the_hour_fills_the_new_slot(
    context: RunContext, writer: Writer, clock: FakeClock
) -> None:
    clock.now = START.replace(minute=58)
    writer.takes = timedelta(minutes=4)
    run_bot(context)
    [slot] = [row["slot"] for row in context.db.rows("SELECT slot FROM drafts WHERE slot IS NOT NULL")]
    assert slot.startswith("2026-03-01T11:00")


def test_a_forced_post_takes_no_slot_that_is_taken(context: RunContext) -> None:
    run_bot(context)
    assert run_bot(context, forced=True).outcome is Outcome.POSTED
    assert context.db.value("SELECT count(*) FROM drafts WHERE slot IS NOT NULL") == 1


def test_a_pause_settles_and_posts_nothing_even_when_forced(context: RunContext) -> None:
    with context.db.transaction():
        runs.pause(context.db, "b", "holiday", START)
    report = run_bot(context, forced=True)
    assert (report.outcome, posted(context)) == (Outcome.NOTHING_DUE, [])


def test_a_draft_whose_text_was_changed_is_set_aside_and_the_next_goes_out(context: RunContext) -> None:
    run_bot(context)
    with context.db.transaction():
        context.db.update("UPDATE parts SET text = 'changed by hand' WHERE draft_id = 2")
    report = run_bot(context, forced=True)
    assert posted(context) == ["post 1", "post 3"]
    assert not report.ok
    assert "draft 2" in report.attention[0]
    changed = drafts.get(context.db, 2)
    assert changed is not None
    assert changed.status is DraftStatus.NEEDS_ATTENTION


def test_a_run_that_breaks_is_closed_as_failed(context: RunContext, clock: FakeClock) -> None:
    class Broken(Writer):
        def write(self, run_id: int) -> str:
            raise KeyError("boom")

    with pytest.raises(KeyError):
        run_bot(replace(context, writer=Broken(context.db, clock)))
    assert runs.last(context.db, "b")[0].outcome is Outcome.FAILED


def test_a_slot_in_which_no_run_began_is_on_record(context: RunContext, clock: FakeClock) -> None:
    """The machine was off, or the lock was held: the next run says from when to when. An hour's pause is no gap."""
    for hours in (0, 1, 4, 1):
        clock.now += timedelta(hours=hours)
        run_bot(context)
    kind = "slots_without_a_run"
    gaps = [event for run in (1, 2, 3, 4) for event in events.of_run(context.db, run) if event["kind"] == kind]
    assert [(gap["first"][11:13], gap["until"][11:13]) for gap in gaps] == [("12", "15")]


def test_a_run_that_posts_nothing_says_why_also_where_a_person_is_needed(context: RunContext) -> None:
    """A failed run's reason names the limit that kept the post back, besides what needs a look."""
    run_bot(context)
    with context.db.transaction():
        context.db.update("UPDATE parts SET text = 'changed by hand' WHERE draft_id = 2")
    report = run_bot(context)
    assert report.outcome is Outcome.FAILED
    assert "draft 2 was changed" in report.reason
    assert "this slot has its post already (draft 1)" in report.reason


def test_what_waits_for_an_approval_counts_in_the_pool(context: RunContext, writer: Writer, db: Database) -> None:
    """One draft is ready and three are pending: after the post the pool of eight lacks five, not eight."""
    with db.transaction():
        for number, status in enumerate([DraftStatus.APPROVED, *[DraftStatus.PENDING] * 3]):
            text = (f"waiting {number}",)
            drafts.add(
                db, drafts.NewDraft("b", "generator", plain(text), ("feed",), timedelta(hours=9), status=status), START
            )
    assert run_bot(context).outcome is Outcome.POSTED
    assert writer.asked == [5]


def test_a_persons_post_that_no_platform_can_take_is_told(context: RunContext, writer: Writer) -> None:
    """It would wait without a word; what a generator wrote for the same platform only waits."""
    mine, others = (_waiting_for_x(context, origin) for origin in ("person", "generator"))
    report = run_bot(context)
    assert report.attention == (f"draft {mine} waits: x can't take it (x is not set up)",)
    assert not report.ok and posted(context) == ["post 1"]
    assert f"draft {others} " not in str(report)


def _waiting_for_x(context: RunContext, origin: str) -> int:
    with context.db.transaction():
        new = drafts.NewDraft("b", origin, plain([f"for x by a {origin}"]), ("x",), timedelta(hours=72))
        return drafts.add(context.db, new, context.clock())


def test_that_a_draft_is_out_is_told_of_other_drafts_and_not_of_its_own(context: RunContext, clock: FakeClock) -> None:
    """What an earlier run left queued goes out beside the new post: one line for it, none for the new one."""
    platform = context.platforms["feed"]
    assert isinstance(platform, FakePlatform)
    platform.faults = [NotSent("down")] * 4
    assert run_bot(context).outcome is Outcome.UNFINISHED
    clock.now += timedelta(hours=1)
    report = run_bot(context)
    assert report.draft is not None and report.draft.id == 2 and posted(context) == ["post 1", "post 2"]
    assert report.notes == ("feed: draft 1 is out: https://feed.invalid/1",)


def test_trouble_that_goes_on_is_told_once_and_to_a_person_who_asks_each_time(
    context: RunContext, clock: FakeClock
) -> None:
    """The second run that ends the same way is marked; a forced one is an answer, so it is not."""

    class Stuck(Writer):
        def write(self, run_id: int) -> str:
            return "no generator is ready"

    stuck = replace(context, writer=Stuck(context.db, clock))
    repeated = []
    for forced in (False, False, True):
        report = run_bot(stuck, forced=forced)
        assert report.outcome is Outcome.NOTHING_TO_POST
        repeated.append(report.repeated)
        clock.now += timedelta(hours=1)
    assert repeated == [False, True, False]


@pytest.mark.parametrize(
    ("mode", "shortage", "outcome"),
    [
        (ALWAYS, "every source fails", Outcome.WAITING_FOR_REVIEW),
        (NEVER, "every source fails", Outcome.NOTHING_TO_POST),
        (NEVER, AtRest("all is used"), Outcome.WAITING_FOR_REVIEW),
    ],
)
def test_what_waits_hides_no_trouble_of_a_bot_that_posts_by_itself(
    context: RunContext, db: Database, mode: str, shortage: str, outcome: Outcome
) -> None:
    """Where posts need no approval, that none can be written is told although somebody's proposal waits; one that has
    a date of its own waits for no slot."""

    class Idle(FakeWriter):
        def top_up(self, run_id: int, wanted: int) -> str:
            return shortage

    with db.transaction():
        for words, due_at in (("for the next slot", None), ("for next week", START + timedelta(days=7))):
            new = drafts.NewDraft("b", "person", plain([words]), ("feed",), None, status=DraftStatus.PENDING)
            drafts.add(db, replace(new, due_at=due_at), START)
    report = run_bot(replace(context, writer=Idle(), approval=Approval(mode)))
    assert (report.outcome, report.ok) == (outcome, outcome is Outcome.WAITING_FOR_REVIEW)
    if report.ok:
        assert report.reason == "1 draft waits for your approval"
