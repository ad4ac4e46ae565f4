"""A month of hourly runs of a bot whose person looks in now and then: real database and runs, a fake platform."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from tests.fakes import FakeClock, FakePlatform, FakeWriter
from tests.test_run import clock, context, db, writer
from twitter_manager import decisions
from twitter_manager.content import plain
from twitter_manager.domain import Actor, DraftStatus, Outcome
from twitter_manager.pipeline import holding
from twitter_manager.pipeline.approval import Approval, Written
from twitter_manager.pipeline.context import RunContext
from twitter_manager.pipeline.run import run_bot
from twitter_manager.settings.records import ALWAYS, NEVER, WHEN, ApproveWhen
from twitter_manager.show.report import cron_lines
from twitter_manager.store import drafts
from twitter_manager.store.database import Database

__all__ = ["clock", "context", "db", "writer"]  # fixtures
ANNA = Actor("anna", "command line")
WEEK = timedelta(days=7)
MONTH = 30 * 24


class Writer(FakeWriter):
    """Writes numbered posts, each third of which is a thread, and saves them as the bot's setting says."""

    def __init__(self, context: RunContext) -> None:
        self.context, self.written, self.asked = context, 0, 0

    def top_up(self, run_id: int, wanted: int) -> str:
        self.asked += 1
        for _ in range(wanted):
            self.written += 1
            parts = plain([f"post {self.written}", *["its second part"] * (self.written % 3 == 0)])
            approval = self.context.approval
            posts = drafts.went_out(self.context.db, "b", approval.first)
            why = approval.why(Written(parts, posts=posts))
            status, lifetime = (DraftStatus.PENDING, approval.lifetime) if why else (DraftStatus.APPROVED, WEEK)
            new = drafts.NewDraft("b", "generator", parts, ("feed",), lifetime, status=status, reason=why)
            with self.context.db.transaction():
                drafts.add(self.context.db, new, self.context.clock())
        return ""

    def hold(self, run_id: int) -> None:
        context = self.context
        holding.hold(context.db, "b", context.approval, context.clock(), run_id)


@dataclass
class Life:
    """The bot and its person."""

    context: RunContext
    clock: FakeClock

    @property
    def db(self) -> Database:
        return self.context.db

    @property
    def writer(self) -> Writer:
        assert isinstance(self.context.writer, Writer)
        return self.context.writer

    def sets(self, approval: Approval) -> None:
        self.context = replace(self.context, approval=approval)
        self.writer.context = self.context

    def hour(self) -> Outcome:
        """A run, of which nobody hears anything, and no more drafts wait than may."""
        report = run_bot(self.context)
        assert report.ok and not list(cron_lines(report)), report
        self.clock.now += timedelta(hours=1)
        return report.outcome

    def waiting(self) -> list[int]:
        return [draft.id for draft in drafts.awaiting(self.db, "b", self.clock())]

    def approves(self, number: int) -> None:
        for draft_id in self.waiting()[:number]:
            decisions.approve(self.db, decisions.draft_of(self.db, draft_id), WEEK, self.clock(), ANNA)

    def out(self) -> int:
        """How many posts went out."""
        return int(self.db.value("SELECT count(*) FROM drafts WHERE status = 'posted'"))

    def unapproved(self) -> set[int]:
        """What went out without a person's yes."""
        sql = (
            "SELECT id FROM drafts WHERE published_at IS NOT NULL"
            " AND NOT EXISTS (SELECT 1 FROM approvals WHERE draft_id = drafts.id)"
        )
        return {row["id"] for row in self.db.rows(sql)}


Begin = Callable[[Approval], Life]


@pytest.fixture
def begin(context: RunContext, clock: FakeClock) -> Begin:
    def begun(approval: Approval) -> Life:
        made = replace(context, pool=4, approval=approval)
        made = replace(made, writer=Writer(made))
        assert isinstance(made.platforms["feed"], FakePlatform)
        return Life(made, clock)

    return begun


def test_a_month_in_which_every_post_is_approved(begin: Begin) -> None:
    """Never a post without a yes, never more waiting than the pool, each slot is a post or waits for review; of a
    person who is away for days what waits expires and is written anew."""
    life = begin(Approval(ALWAYS, lifetime=timedelta(hours=72)))
    outcomes = Counter[Outcome]()
    for hour in range(MONTH):
        if hour % 24 in (8, 18) and not 200 < hour < 400:
            life.approves(3)
        outcomes[life.hour()] += 1
        assert len(life.waiting()) <= 4
    assert set(outcomes) == {Outcome.POSTED, Outcome.WAITING_FOR_REVIEW}
    assert life.out() == outcomes[Outcome.POSTED] > 100 and not life.unapproved()
    reasons = life.db.rows("SELECT reason, count(*) AS n FROM drafts WHERE status = 'expired' GROUP BY reason")
    assert [(row["reason"], row["n"] >= 4) for row in reasons] == [("nobody approved it in time", True)]
    assert life.writer.asked < 200  # not every hour: what waits is not written again and again


def test_ten_days_in_which_threads_wait(begin: Begin) -> None:
    """A post goes out each hour, no thread without a yes; of those no more wait than twice the pool."""
    life = begin(Approval(WHEN, ApproveWhen(threads=True), timedelta(hours=12)))
    for hour in range(240):
        if hour % 50 == 0:
            life.approves(1)
        life.hour()
        assert len(life.waiting()) <= 8
    threads = {row["draft_id"] for row in life.db.rows("SELECT DISTINCT draft_id FROM parts WHERE number = 1")}
    assert not threads & life.unapproved() and life.out() > 0.7 * 240


def test_the_first_posts_wait_and_then_the_bot_goes_on_by_itself(begin: Begin) -> None:
    """Nothing goes out until ten were approved; from then on a post each hour, with nobody there."""
    life = begin(Approval(WHEN, ApproveWhen(first=10), timedelta(hours=48)))
    for _ in range(24):
        assert life.hour() is Outcome.WAITING_FOR_REVIEW and len(life.waiting()) == 4
    while life.out() < 10:
        life.approves(1)
        assert life.hour() is Outcome.POSTED
    assert not life.unapproved()
    assert [life.hour() for _ in range(100)] == [Outcome.POSTED] * 100


def test_a_setting_that_changes_holds_from_the_next_run_on(begin: Begin) -> None:
    """never, always for a week without a yes, never again: what waited is not let out, and the bot writes anew."""
    life = begin(Approval(NEVER))
    assert [life.hour() for _ in range(10)] == [Outcome.POSTED] * 10
    by_itself = life.unapproved()
    life.sets(Approval(ALWAYS, lifetime=timedelta(days=30)))
    assert {life.hour() for _ in range(7 * 24)} == {Outcome.WAITING_FOR_REVIEW}
    waited = life.waiting()
    assert life.unapproved() == by_itself and len(waited) >= 4
    life.sets(Approval(NEVER))
    assert [life.hour() for _ in range(10)] == [Outcome.POSTED] * 10
    assert life.waiting() == waited and not life.unapproved() & set(waited)
