"""Which of the ready drafts goes out next, and when a run looks for news: fakes at the protocols."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from tests.fakes import FakeClock
from tests.test_run import Writer, clock, context, db, posted, writer
from twitter_manager.content import plain
from twitter_manager.domain import Outcome
from twitter_manager.pipeline.context import RunContext
from twitter_manager.pipeline.rehearsal import RehearsalOutbox, RehearsalWriter
from twitter_manager.pipeline.run import run_bot
from twitter_manager.store import drafts

__all__ = ["clock", "context", "db", "writer"]


def add(context: RunContext, text: str, topic: str, lane: str = "any", origin: str = "generator") -> None:
    new = drafts.NewDraft(
        "b", origin, plain([text]), ("feed",), timedelta(hours=72), topic=topic, choice={"lane": lane}
    )
    with context.db.transaction():
        drafts.add(context.db, new, context.clock())


def test_news_goes_before_older_drafts_but_not_twice_in_a_row_on_one_topic(
    context: RunContext, clock: FakeClock
) -> None:
    """A person's own first, then news and the rest by turns, news of another topic at once."""
    calm = replace(context, pool=1)
    for number in range(3):
        add(calm, f"note {number}", f"t{number}")
    for number, topic in enumerate(["general", "general", "rust"]):
        add(calm, f"news {number}", topic, "news")
    add(calm, "by hand", "", origin="person")
    for _ in range(7):
        assert run_bot(calm).outcome is Outcome.POSTED
        clock.now += timedelta(hours=1)
    assert posted(calm) == ["by hand", "news 0", "news 2", "news 1", "note 0", "note 1", "note 2"]


def test_news_of_one_topic_and_the_rest_go_by_turns(context: RunContext, clock: FakeClock) -> None:
    """Where all news is on one topic, something else comes between, as long as there is something."""
    calm = replace(context, pool=1)
    for number in range(2):
        add(calm, f"note {number}", f"t{number}")
        add(calm, f"news {number}", "general", "news")
    add(calm, "news 2", "general", "news")
    for _ in range(5):
        run_bot(calm)
        clock.now += timedelta(hours=1)
    assert posted(calm) == ["news 0", "note 0", "news 1", "note 1", "news 2"]


def test_news_is_looked_for_after_a_post_while_none_waits(
    context: RunContext, writer: Writer, clock: FakeClock
) -> None:
    """Not before the post is out, not while the pool is refilled anyway, not while news waits, not where none is due;
    and what goes wrong in it costs nothing."""
    asked: list[int] = []

    class News(Writer):
        def write_news(self, run_id: int) -> str:
            asked.append(len(posted(context)))
            if len(asked) == 3:
                raise RuntimeError("no such repository")
            if len(asked) == 2:
                add(context, "news", "general", "news")
            return ""

    on = replace(context, writer=News(context.db, clock))
    assert run_bot(on).ok and asked == []  # the pool is filled
    assert run_bot(on).outcome is Outcome.NOTHING_DUE and asked == []
    for expected in ([2], [2, 3], [2, 3, 4]):
        clock.now += timedelta(hours=1)
        assert run_bot(on).ok and asked == expected
    assert posted(on)[-1] == "news"
    add(on, "more news", "other", "news")
    add(on, "still more", "other", "news")
    clock.now += timedelta(hours=1)
    run_bot(on)
    assert posted(on)[-1] == "more news" and len(asked) == 3


def test_a_rehearsal_shows_the_next_post_and_writes_nothing_for_later(context: RunContext, writer: Writer) -> None:
    """Nothing for the pool, no news; an empty pool is the one reason to write."""
    dry = replace(context, writer=RehearsalWriter(writer), outbox=RehearsalOutbox)
    assert (run_bot(dry).outcome, writer.asked) == (Outcome.DRY_RUN, [1])
    add(dry, "note", "t")
    assert (run_bot(dry, forced=True).outcome, writer.asked) == (Outcome.DRY_RUN, [1])


def test_a_rehearsal_that_meets_trouble_is_still_one(context: RunContext, writer: Writer) -> None:
    """What a platform would not take now is told as the reason; the outcome names no real run's."""
    add(context, "note", "t")
    dry = replace(context, writer=RehearsalWriter(writer), outbox=RehearsalOutbox, time_left=lambda: 0.0)
    report = run_bot(dry)
    assert (report.outcome, report.reason) == (Outcome.DRY_RUN, "feed is waiting: the run's time was up")
