"""The store over real files: migrations, damage, other people's databases, the audit trail's rules."""

from __future__ import annotations

import os
import re
import sqlite3
import stat
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes import START
from tests.fresh import new_database
from tests.home import ROOT
from twitter_manager.content import Card, Media, Part, plain
from twitter_manager.domain import DraftStatus, Item, Outcome
from twitter_manager.errors import Changed, StoreBusy, StoreConflict, StoreError
from twitter_manager.platforms import exact
from twitter_manager.store import deliveries, drafts, events, items, runs, schema
from twitter_manager.store.database import (
    Database,
    connect,
    connect_to_read,
    from_text,
    optional_time,
    scratch_copy,
    to_text,
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    db = new_database(tmp_path / "t.db")
    db.close()
    return tmp_path / "t.db"


@pytest.fixture
def db(path: Path) -> Database:
    return connect(path)


def test_a_new_database_is_for_its_owner_only_and_durable(db: Database, path: Path) -> None:
    """Mode 0600, rollback journal, synchronous=EXTRA, foreign keys on."""
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert db.value("PRAGMA journal_mode") == "delete"
    assert db.value("PRAGMA synchronous") == 3
    assert db.value("PRAGMA foreign_keys") == 1


def test_a_transaction_rolls_back_on_any_error(db: Database) -> None:
    with pytest.raises(KeyboardInterrupt), db.transaction():
        runs.pause(db, "b", "", START)
        raise KeyboardInterrupt
    assert runs.paused(db, "b") is None


def test_a_write_outside_a_transaction_is_a_bug(db: Database) -> None:
    with pytest.raises(AssertionError):
        db.update("DELETE FROM pauses")


@given(st.datetimes(timezones=st.timezones()))
def test_times_survive_the_round_trip_and_sort_as_text(moment: object) -> None:
    """Every aware datetime comes back as the same instant."""
    from datetime import UTC, datetime

    assert isinstance(moment, datetime)
    try:
        moment = moment.astimezone(UTC)
    except OverflowError:
        return
    if moment.year < 1000:
        return
    assert from_text(to_text(moment)) == moment
    assert optional_time(None) is None


@pytest.mark.parametrize("text", ["SELECT 1", "not a database at all, just text " * 100])
def test_a_file_that_is_no_database_is_refused_untouched(tmp_path: Path, text: str) -> None:
    path = tmp_path / "t.db"
    path.write_text(text * 40)
    before = path.read_bytes()
    with pytest.raises(StoreError) as caught:
        connect(path)
    assert "backup" in caught.value.remedy
    assert path.read_bytes() == before


def test_a_damaged_page_is_found_before_anything_is_posted(path: Path, db: Database) -> None:
    with db.transaction():
        for n in range(300):
            items.refresh(db, f"b{n}", "s", [Item("s", "k", "text " * 50)], START)
    db.close()
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 8192] = os.urandom(8192)
    path.write_bytes(data)
    with pytest.raises(StoreError, match="damaged"):
        connect(path).quick_check()


def test_another_programs_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "t.db"
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE theirs (x)")
    other.commit()
    other.close()
    with pytest.raises(StoreError, match="other program"):
        connect(path)


def test_a_newer_schema_is_refused_and_nothing_changes(path: Path) -> None:
    raw = sqlite3.connect(path)
    raw.execute("PRAGMA user_version = 99")
    raw.close()
    before = path.read_bytes()
    db = connect(path)
    with pytest.raises(StoreError, match="schema 99"):
        schema.migrate(db, START, path.parent / "backups")
    with pytest.raises(StoreError, match="schema 99"):
        schema.require_current(db)
    db.close()
    assert path.read_bytes() == before


def test_a_step_that_fails_leaves_the_old_schema_and_a_backup(path: Path) -> None:
    """Migrations are atomic with their version, and the file is copied before the first of them."""

    def broken(db: Database, now: object) -> None:
        db.update("CREATE TABLE half (x INTEGER) STRICT")
        raise KeyError("boom")

    db = connect(path)
    with pytest.raises(KeyError):
        schema.migrate(db, START, path.parent / "backups", (*schema.MIGRATIONS, broken))
    assert schema.version(db) == len(schema.MIGRATIONS)
    assert db.value("SELECT count(*) FROM sqlite_schema WHERE name = 'half'") == 0
    [backup] = (path.parent / "backups").iterdir()
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    copy = connect(backup)
    assert schema.installation_id(copy) == schema.installation_id(db)


def test_two_processes_may_migrate_at_the_same_time(tmp_path: Path) -> None:
    failures: list[Exception] = []

    def work() -> None:
        try:
            schema.migrate(connect(tmp_path / "t.db"), START, None)
        except Exception as error:  # noqa: BLE001 (handed to the test's own thread)
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_a_scratch_copy_leaves_no_trace(path: Path) -> None:
    before = path.read_bytes()
    copy = scratch_copy(path)
    with copy.transaction():
        runs.start(copy, "b", "run", START, START)
    assert runs.last(copy, "b")
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def test_a_reader_without_a_database_makes_none(tmp_path: Path) -> None:
    assert connect_to_read(tmp_path / "none.db") is None
    assert list(tmp_path.iterdir()) == []


def test_events_and_ended_attempts_can_not_be_changed(db: Database) -> None:
    with db.transaction():
        events.record(db, START, "something", bot="b")
    for sql in ("UPDATE events SET kind = 'else'", "DELETE FROM events"):
        with pytest.raises(StoreConflict, match="append-only"), db.transaction():
            db.update(sql)


def _tampered(db: Database, *statements: str) -> list[str]:
    """Change the trail as someone with the file would: past the triggers."""
    with db.transaction():
        for n in range(6):
            events.record(db, START, f"kind {n}", bot="b", number=n)
    assert events.verify(db) == []
    with db.transaction():
        db.update("DROP TRIGGER events_stay")
        db.update("DROP TRIGGER events_remain")
        for statement in statements:
            db.update(statement)
    return events.verify(db)


@pytest.mark.parametrize(
    ("statements", "named"),
    [
        (["UPDATE events SET data = '{}' WHERE id = 3"], "event 3 was changed"),
        (["DELETE FROM events WHERE id = 4"], "event 4 is missing"),
        (["DELETE FROM events WHERE id = 6"], "should end with event 6"),
        (["INSERT INTO events SELECT 7, at, bot, run_id, draft_id, delivery_id, kind, data, hash, hash FROM events"
          " WHERE id = 6"], "event 7"),
        (["UPDATE events SET id = 99 WHERE id = 2", "UPDATE events SET id = 2 WHERE id = 5",
          "UPDATE events SET id = 5 WHERE id = 99"], "event 2 does not follow event 1"),
    ],
    ids=["changed", "removed", "removed at the end", "inserted", "reordered"],
)  # fmt: skip
def test_the_audit_trail_names_the_row_that_was_tampered_with(db: Database, statements: list[str], named: str) -> None:
    assert any(named in line for line in _tampered(db, *statements))


def test_failures_in_a_row_count_from_the_last_good_run(db: Database) -> None:
    with db.transaction():
        for outcome in (Outcome.FAILED, Outcome.POSTED, Outcome.FAILED, Outcome.ABANDONED):
            runs.finish(db, runs.start(db, "b", "run", START, START), outcome, "", START)
    assert runs.failures_in_a_row(db, "b") == 2


def test_a_vanished_item_is_retired_and_comes_back_when_it_does(db: Database) -> None:
    one, two = Item("s", "1", "one"), Item("s", "2", "two")
    with db.transaction():
        items.refresh(db, "b", "s", [one, two], START)
        items.refresh(db, "b", "s", [one], START)
    assert [item.key for _, item in items.available(db, "b")] == ["1"]
    with db.transaction():
        items.refresh(db, "b", "s", [one, two], START)
    assert [item.key for _, item in items.available(db, "b")] == ["1", "2"]


def test_a_draft_moves_only_along_the_allowed_steps(db: Database) -> None:
    with db.transaction():
        new = drafts.NewDraft("b", "person", plain(["hello"]), ("feed",), timedelta(hours=1))
        draft_id = drafts.add(db, new, START)
    draft = drafts.get(db, draft_id)
    assert draft is not None
    with pytest.raises(AssertionError, match="not allowed"), db.transaction():
        drafts.move(db, draft, DraftStatus.POSTED, START)


@pytest.mark.parametrize("status", [DraftStatus.APPROVED, DraftStatus.PENDING, DraftStatus.NEEDS_ATTENTION])
def test_a_draft_begins_as_its_writer_says(db: Database, status: DraftStatus) -> None:
    """Only an approved one is ready; the pool counts those that are approved or pending, until they expire."""
    with db.transaction():
        new = drafts.NewDraft(
            "b", "generator", plain(["hello"]), ("feed",), timedelta(hours=1), status=status, reason="why"
        )
        draft = drafts.get(db, drafts.add(db, new, START))
    assert draft is not None
    assert (draft.status, draft.reason) == (status, "why")
    assert (drafts.ready(db, "b", START) == [draft]) is (status is DraftStatus.APPROVED)
    assert drafts.in_pool(db, "b", START) == (status is not DraftStatus.NEEDS_ATTENTION)
    assert drafts.in_pool(db, "b", START + timedelta(hours=1)) == 0
    kinds = [event["kind"] for event in events.of_draft(db, draft.id)]
    assert kinds == ["draft_saved", *([] if status is DraftStatus.APPROVED else [f"draft_{status}"])]


CHANGES = ("text = 'b'", "attached = ''", "attached = replace(attached, 'A cup', 'A mug')")
"""What somebody may do to a part behind the program's back."""


@pytest.mark.parametrize("change", ["", *CHANGES])
def test_an_approval_holds_for_the_content_that_was_saved(db: Database, change: str) -> None:
    """A pending draft has no approval; once it has one it is claimed, unless its text is another by then."""
    with db.transaction():
        part = Part("a", (Media("ab" * 32, "image/png", 9, 3, 2, "A cup."),), Card("https://a.example", "Tea"))
        new = drafts.NewDraft("b", "generator", (part,), ("feed",), timedelta(hours=1), status=DraftStatus.PENDING)
        draft_id = drafts.add(db, new, START)
        if change:
            db.update(f"UPDATE parts SET {change} WHERE draft_id = ?", draft_id)
        run_id = runs.start(db, "b", "run", START, START)
    assert db.value("SELECT approved_hash FROM drafts") is None
    draft = drafts.get(db, draft_id)
    assert draft is not None
    assert drafts.is_unchanged(db, draft) is (draft.parts == (part,)) is not bool(change)
    with db.transaction():
        drafts.move(db, draft, DraftStatus.APPROVED, START)
        assert len(drafts.set_changed_aside(db, "b", START, run_id, exact.hashes)) == bool(change)
    if not change:
        [draft] = drafts.ready(db, "b", START)
        with db.transaction():
            drafts.claim(db, draft, START, START, run_id)
            deliveries.enqueue(db, draft, {"feed": "feed.xml"}, {"feed": draft.parts}, START)
        assert [delivery.content for delivery in deliveries.of_draft(db, draft.id)] == [part]


def test_a_rule_of_the_tables_that_is_broken_is_a_conflict(db: Database) -> None:
    """Not one of sqlite's errors, and nothing of the transaction stays; the connection goes on."""
    with pytest.raises(StoreConflict, match="UNIQUE"), db.transaction():
        runs.pause(db, "b", "", START)
        db.insert("pauses", bot="b", reason="", paused_at="")
    assert runs.paused(db, "b") is None


def test_only_the_dialect_knows_sqlite() -> None:
    """Another database means another dialect: nothing else of the program names what is SQLite's."""
    package = ROOT / "twitter_manager"
    words = r"\bimport sqlite3|PRAGMA |sqlite_schema|CREATE TRIGGER|\) STRICT|INSERT OR |group_concat|BEGIN IMMEDIATE"
    named = [path.name for path in package.rglob("*.py") if re.search(words, path.read_text())]
    assert named == ["dialect.py"]


def test_a_database_that_another_program_locks_is_busy(path: Path, db: Database) -> None:
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    db._connection.execute("PRAGMA busy_timeout = 1")
    with pytest.raises(StoreBusy, match="in use"), db.transaction():
        pass
    other.close()


def test_text_changed_behind_the_programs_back_is_not_published(db: Database) -> None:
    """An approval holds for one exact text."""
    with db.transaction():
        new = drafts.NewDraft("b", "person", plain(["approved"]), ("feed",), timedelta(hours=1))
        draft_id = drafts.add(db, new, START)
        db.update("UPDATE parts SET text = 'changed' WHERE draft_id = ?", draft_id)
        run_id = runs.start(db, "b", "run", START, START)
    draft = drafts.get(db, draft_id)
    assert draft is not None
    with pytest.raises(Changed), db.transaction():
        drafts.claim(db, draft, START, START, run_id)
    with db.transaction():
        drafts.set_changed_aside(db, "b", START, run_id, exact.hashes)
    again = drafts.get(db, draft_id)
    assert again is not None
    assert again.status is DraftStatus.NEEDS_ATTENTION
