"""What waits, group by group: the same drafts in the same order as where all are read."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fakes import START
from tests.fresh import new_database
from twitter_manager import decisions
from twitter_manager.content import plain
from twitter_manager.domain import DraftStatus
from twitter_manager.pipeline.select import in_turn
from twitter_manager.store import drafts, listing
from twitter_manager.store.database import Database, from_text, to_text
from twitter_manager.store.listing import Group

STATUSES = (
    *(DraftStatus.PENDING, DraftStatus.NEEDS_ATTENTION, DraftStatus.APPROVED, DraftStatus.PUBLISHING),
    *(DraftStatus.FAILED, DraftStatus.PARTLY_POSTED, DraftStatus.POSTED, DraftStatus.SKIPPED),
)
Kind = tuple[DraftStatus, str, int | None, int, str, int | None, str]
KINDS = st.tuples(
    st.sampled_from(STATUSES),
    st.sampled_from(["person", "generator"]),
    st.sampled_from([None, -1, 5]),  # its date, in hours
    st.sampled_from([-1, 1, 90]),  # its end
    st.sampled_from(["news", "pool"]),
    st.sampled_from([None, 0, 2]),  # the lane that a person put it into
    st.sampled_from(["old", "new"]),  # its topic
)


def fill(db: Database, kinds: list[Kind]) -> None:
    with db.transaction():
        db.update("DELETE FROM parts")
        db.update("DELETE FROM drafts")
        for number, (status, origin, due, end, lane, put, topic) in enumerate(kinds, start=1):
            due_at = START + timedelta(hours=due) if due is not None else None
            choice = {"lane": lane, "note": 'says "lane": "news"'}
            life, text = timedelta(hours=end), plain([f"Text {number}"])
            new = drafts.NewDraft("b", origin, text, ("feed",), life, topic=topic, due_at=due_at)
            number = drafts.add(db, new, START)
            sql = "UPDATE drafts SET status = ?, choice = ?, lane = ?, rank = ?, published_at = ? WHERE id = ?"
            out = to_text(START + timedelta(minutes=number)) if status is DraftStatus.POSTED else None
            db.update(sql, status, json.dumps(choice), put, None if put is None else -number, out, number)


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Database:
    opened = new_database(tmp_path_factory.mktemp("listing") / "twitter.db")
    return opened


@given(st.lists(KINDS, max_size=12))
@settings(max_examples=60)
def test_the_groups_are_those_that_the_runs_and_verbs_see(db: Database, kinds: list[Kind]) -> None:
    """Whatever the drafts are: what waits for a person, for its date and for its turn is what `decisions`, the outbox
    and the queue say, in their order; the numbers are right and the pages join to the whole."""
    fill(db, kinds)
    asked = [draft.id for draft in decisions.waiting(db, "b")]
    both = [number for group in (Group.PENDING, Group.ATTENTION) for number in page(db, group)]
    assert sorted(both) == asked
    dated = [turn.id for turn in listing.turns(db, Group.DATED, "b", START)]
    assert dated == [draft.id for draft in drafts.dated(db, "b", START)]
    queued = [turn.id for turn in listing.turns(db, Group.QUEUED, "b", START)]
    assert queued == [draft.id for _, draft in in_turn(db, "b", START)]
    for group in Group:
        assert listing.count(db, group, ["b"], START) == len(page(db, group))
        assert [*page(db, group, most=3), *page(db, group, 3)] == page(db, group)
    assert listing.count(db, Group.PENDING, ["another"], START) == 0


def page(db: Database, group: Group, start: int = 0, most: int = 99) -> list[int]:
    return listing.page(db, group, ["b"], START, start, most)


def test_a_stored_time_is_read_as_it_was_written() -> None:
    """To the microsecond, in UTC, at both ends of the calendar."""
    for moment in (START, datetime(2026, 12, 31, 23, 59, 59, 999_999, UTC), datetime(1970, 1, 1, tzinfo=UTC)):
        assert from_text(to_text(moment)) == moment and from_text(to_text(moment)).tzinfo is UTC
