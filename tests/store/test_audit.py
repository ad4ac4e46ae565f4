"""The audit trail against someone who has the file: every change shows, and the row is named."""

from __future__ import annotations

import json
import re
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.fakes import START
from tests.fresh import new_database
from tests.home import Home
from twitter_manager.store import events
from twitter_manager.store.database import Database, connect

SIZE = 12
HASHED = ("at", "bot", "run_id", "draft_id", "delivery_id", "kind", "data", "previous_hash", "hash")
HOSTILE = "a\nb\r\u2028\x85\x00\x1b[2J \u202e \"'; DROP TABLE events; -- 🙂 é e\u0301 {}[] \\xff \\ud800"
Raw = sqlite3.Connection
numbers = st.integers(1, SIZE)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.sampled_from(["", HOSTILE, "{}", "null"])


@cache
def recorded(size: int) -> bytes:
    """A database with that many events, as a file."""
    with tempfile.TemporaryDirectory() as folder:
        db = new_database(Path(folder) / "t.db")
        with db.transaction():
            for n in range(size):
                number = n if n % 2 else None
                events.record(db, START, f"kind {n % 3}", bot="b", run_id=number, draft_id=number, words=HOSTILE)
        db.close()
        return (Path(folder) / "t.db").read_bytes()


@contextmanager
def trail(size: int = SIZE) -> Iterator[tuple[Database, Raw]]:
    """A copy of it, through the program and past it: the triggers are gone."""
    raw = sqlite3.connect(":memory:", isolation_level=None)
    raw.deserialize(recorded(size))
    raw.row_factory = sqlite3.Row
    for trigger in ("events_stay", "events_remain"):
        raw.execute(f"DROP TRIGGER {trigger}")
    yield Database(raw, "a copy"), raw
    raw.close()


def named(lines: list[str]) -> set[int]:
    """The events that the lines are about."""
    found: set[int] = set()
    for line in lines:
        if span := re.match(r".*events (\d+) to (\d+) are missing", line):
            found |= set(range(int(span[1]), min(int(span[2]), 2 * SIZE) + 1))  # a forged number may be huge
        found |= {int(number) for number in re.findall(r"event (-?\d+)", line)}
    return found


def test_an_untouched_trail_is_whole() -> None:
    for size in (0, 1, SIZE):
        with trail(size) as (db, _):
            assert events.verify(db) == []


@pytest.mark.parametrize(
    "statement",
    ["UPDATE events SET kind = 'x' WHERE id = 1", "UPDATE events SET id = id + 100", "DELETE FROM events WHERE id = 12",
     "DELETE FROM events", "UPDATE events SET at = at",
     "UPDATE OR REPLACE events SET id = 2 WHERE id = 1"],
)  # fmt: skip
def test_the_database_itself_refuses_to_change_or_delete(tmp_path: Path, statement: str) -> None:
    """The triggers hold for any program that opens the file, one that changes nothing included."""
    db = new_database(tmp_path / "t.db")
    with db.transaction():
        for n in range(SIZE):
            events.record(db, START, f"kind {n}")
    db.close()
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        sqlite3.connect(tmp_path / "t.db").execute(statement)
    assert events.verify(connect(tmp_path / "t.db")) == []


@given(numbers, st.sampled_from(HASHED), texts | st.integers(-(2**63), 2**63 - 1) | st.none() | st.binary(max_size=6))
def test_a_changed_field_is_found_and_its_event_named(number: int, name: str, value: str | int | bytes | None) -> None:
    """Whatever is written into it, text that is no text included; where the table's own rules don't refuse it."""
    with trail() as (db, raw):
        before = raw.execute(f"SELECT {name} FROM events WHERE id = ?", (number,)).fetchone()[0]
        what = "CAST(? AS TEXT)" if isinstance(value, bytes) else "?"
        try:
            raw.execute(f"UPDATE events SET {name} = {what} WHERE id = ?", (value, number))
        except (sqlite3.IntegrityError, sqlite3.OperationalError):
            return
        raw.text_factory = bytes
        after = raw.execute(f"SELECT {name} FROM events WHERE id = ?", (number,)).fetchone()[0]
        raw.text_factory = str
        assume(after != (before.encode() if isinstance(before, str) else before))
        assert number in named(events.verify(db))


@given(st.sets(numbers, min_size=1, max_size=5))
def test_removed_events_are_named_each_of_them(numbers: set[int]) -> None:
    """First, middle, last, several in a row."""
    with trail() as (db, raw):
        raw.executemany("DELETE FROM events WHERE id = ?", [(number,) for number in numbers])
        assert numbers <= named(events.verify(db))


@given(st.sets(numbers, min_size=1, max_size=3), st.booleans())
def test_removed_events_show_also_when_the_rest_is_numbered_anew(numbers: set[int], head: bool) -> None:
    """The gap is closed and the head's count corrected: the chain still breaks there."""
    with trail() as (db, raw):
        raw.executemany("DELETE FROM events WHERE id = ?", [(number,) for number in numbers])
        renumber(raw)
        if head:
            raw.execute("UPDATE audit_head SET events = (SELECT count(*) FROM events)")
        # The first number whose event is another now; behind the last one it is the end that does not fit.
        first = min(numbers)
        assert {first, first - 1} & named(events.verify(db))


def renumber(raw: Raw) -> None:
    raw.execute("UPDATE events SET id = -id")
    for new, (old,) in enumerate(raw.execute("SELECT id FROM events ORDER BY id DESC").fetchall(), 1):
        raw.execute("UPDATE events SET id = ? WHERE id = ?", (new, old))


@given(numbers, numbers)
def test_a_swapped_pair_with_each_others_numbers_is_named(first: int, second: int) -> None:
    assume(first != second)
    with trail() as (db, raw):
        for old, new in ((first, -1), (second, first), (-1, second)):
            raw.execute("UPDATE events SET id = ? WHERE id = ?", (new, old))
        assert {first, second} <= named(events.verify(db))


@given(st.permutations(range(1, SIZE + 1)))
def test_any_other_order_is_found(order: list[int]) -> None:
    """The first event that stands in another's place is named."""
    assume(order != sorted(order))
    with trail() as (db, raw):
        raw.execute("UPDATE events SET id = -id")
        raw.executemany("UPDATE events SET id = ? WHERE id = ?", [(new, -old) for new, old in enumerate(order, 1)])
        first = next(new for new, old in enumerate(order, 1) if new != old)
        assert first in named(events.verify(db))


def forged(raw: Raw, number: int, like: int, text: str) -> None:
    """Insert an event at this number that is right in itself: it follows the one before it, and its hash is sound."""
    _, *fields, _, _ = raw.execute("SELECT * FROM events WHERE id = ?", (like,)).fetchone()
    fields[-1] = json.dumps({"text": text})
    before = raw.execute("SELECT hash FROM events WHERE id = ?", (number - 1,)).fetchone()
    previous = before[0] if before else events.FIRST_HASH
    values = (number, *fields, previous, events._hash(previous, tuple(fields)))
    raw.execute(f"INSERT INTO events VALUES ({', '.join('?' * 10)})", values)


@given(st.integers(1, SIZE + 1), numbers, texts, st.booleans())
def test_an_inserted_event_that_is_right_in_itself_is_found(number: int, like: int, text: str, head: bool) -> None:
    """Everything behind it is moved up, and even the head's count corrected."""
    with trail() as (db, raw):
        raw.execute("UPDATE events SET id = -id - 1 WHERE id >= ?", (number,))
        raw.execute("UPDATE events SET id = -id WHERE id < 0")
        forged(raw, number, like if like < number else like + 1, text)
        if head:
            raw.execute("UPDATE audit_head SET events = events + 1")
        assert {number, number + 1} & named(events.verify(db))


@given(numbers, texts)
def test_a_rewritten_event_with_a_rewritten_hash_is_found(number: int, text: str) -> None:
    """It is right in itself then; the one behind it, or the head, is not."""
    with trail() as (db, raw):
        raw.execute("UPDATE events SET id = -99 WHERE id = ?", (number,))
        forged(raw, number, -99, text)
        raw.execute("DELETE FROM events WHERE id = -99")
        assert number in named(events.verify(db))


@pytest.mark.parametrize("number", [-5, 0, SIZE + 1, SIZE + 5, 2**63 - 1])
def test_an_event_put_before_or_behind_the_trail_is_named(number: int) -> None:
    with trail() as (db, raw):
        forged(raw, number, 3, "put there")
        assert number in named(events.verify(db))


@pytest.mark.parametrize(
    ("statement", "told"),
    [("UPDATE audit_head SET events = 11", "event 12"), ("UPDATE audit_head SET events = 14", "events 13 to 14"),
     ("UPDATE audit_head SET hash = previous", "event 12"), ("DELETE FROM audit_head", "audit_head"),
     ("UPDATE audit_head SET events = 0, hash = '0'", "event 0")],
)  # fmt: skip
def test_a_changed_head_is_found(statement: str, told: str) -> None:
    with trail() as (db, raw):
        [previous] = raw.execute("SELECT previous_hash FROM events WHERE id = 12").fetchone()
        raw.execute(statement.replace("previous", f"'{previous}'"))
        assert any(told in line for line in events.verify(db))


def test_a_trail_emptied_to_the_last_row_is_found() -> None:
    with trail() as (db, raw):
        raw.execute("DELETE FROM events")
        assert named(events.verify(db)) >= set(range(1, SIZE + 1))


TAMPERINGS: list[Callable[[Raw, int], object]] = [
    lambda raw, n: raw.execute("UPDATE events SET data = data || ' ' WHERE id = ?", (n,)),
    lambda raw, n: raw.execute("UPDATE events SET run_id = coalesce(run_id, 0) + 1 WHERE id = ?", (n,)),
    lambda raw, n: raw.execute("UPDATE events SET bot = 'B' WHERE id = ?", (n,)),
    lambda raw, n: raw.execute("UPDATE events SET hash = lower(hex(randomblob(32))) WHERE id = ?", (n,)),
    lambda raw, n: raw.execute("DELETE FROM events WHERE id = ?", (n,)),
]


@given(st.lists(st.tuples(st.sampled_from(TAMPERINGS), st.integers(2, SIZE)), min_size=1, max_size=4))
def test_several_tamperings_at_once_hide_none_of_them(done: list[tuple[Callable[[Raw, int], object], int]]) -> None:
    """Each event that was touched is named."""
    assume(len({number for _, number in done}) == len(done))
    with trail() as (db, raw):
        for tamper, number in done:
            tamper(raw, number)
        assert {number for _, number in done} <= named(events.verify(db))


# -- the verb ------------------------------------------------------------------------------------------


def test_the_verb_says_so_in_a_line_and_by_its_exit_code(home: Home) -> None:
    """Whole: silence and 0. Touched: one line that names the event, and 1. Nothing there yet: 0."""
    assert home("audit", "verify").code == 0
    assert home("audit", "export").out == ""
    home("run")
    assert home("audit", "verify").code == 0
    raw = sqlite3.connect(home.database)
    raw.execute("DROP TRIGGER events_stay")
    raw.execute("UPDATE events SET data = CAST(x'fffe' AS TEXT) WHERE id = 3")
    raw.commit()
    done = home("audit", "verify")
    assert (done.code, done.out, done.err.count("\n")) == (1, "", 1)
    assert "event 3 was changed" in done.err
    assert home("audit").err == done.err, "the verb alone looks for changes"


def test_the_export_is_json_lines_whatever_was_recorded(home: Home) -> None:
    """Every line parses by itself, for whoever splits at any line end there is; all fields, all events, in order."""
    assert home("pause", HOSTILE.replace("\0", "")).code == 0
    home("pause", "--off")
    done = home("audit", "export")
    assert done.code == 0
    lines = [json.loads(line) for line in done.out.splitlines()]
    assert [line["id"] for line in lines] == list(range(1, len(lines) + 1))
    assert set(lines[0]) == {"id", "run_id", "draft_id", "delivery_id", *HASHED}
    assert json.loads(lines[0]["data"])["reason"] == HOSTILE.replace("\0", "")
    previous = events.FIRST_HASH
    for line in lines:  # the trail can be verified from the export alone
        fields = tuple(line[name] for name in HASHED[:7])
        assert line["previous_hash"] == previous
        previous = events._hash(previous, fields)
        assert line["hash"] == previous
