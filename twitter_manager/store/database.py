"""Opens the database and gives explicit transactions over it. The SQL itself stands in the modules beside this one, and
what is SQLite's own in `dialect.py`. An error of the database leaves as a StoreError with a remedy, or as a
StoreConflict.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from twitter_manager.domain import Json
from twitter_manager.errors import StoreBusy, StoreConflict, StoreError
from twitter_manager.store import dialect
from twitter_manager.store.dialect import Row, Trouble, Value
from twitter_manager.terminal import command

log = logging.getLogger(__name__)

_SLOW = 0.05
"""Seconds of a statement from which on LOG_LEVEL_DATABASE=DEBUG names it."""
BACKUPS = "backups"
"""The folder beside the database that its copies are kept in, as `twitter-….db`."""


def to_text(moment: datetime) -> str:
    """UTC, fixed width, so that text order is time order: 2026-11-21T03:00:00.000000Z."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def from_text(text: str) -> datetime:
    """The aware datetime that `to_text` wrote."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)  # strptime takes forty times as long


def optional_text(moment: datetime | None) -> str | None:
    """`to_text`, or None."""
    return None if moment is None else to_text(moment)


def optional_time(text: str | None) -> datetime | None:
    """`from_text`, or None."""
    return None if text is None else from_text(text)


def iso(moment: datetime | None) -> str | None:
    """As people and JSON are told it, to the second: 2026-11-21T03:00:00Z."""
    return None if moment is None else f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def refuse_file(folder: Path) -> None:
    """Raise StoreError where something else stands in the place of a folder."""
    if os.path.lexists(folder) and not folder.is_dir():
        raise StoreError(f"{folder} is not a folder.", "Move it away: the next backup makes the folder.")


def placeholders(values: Collection[object]) -> str:
    """A `?` for each value, as the inside of `IN (…)`. There must be one value at least."""
    return ", ".join("?" * len(values))


def not_in(column: str, values: Collection[object]) -> str:
    """The condition that the column has none of these values, of which there may be none."""
    return f"{column} NOT IN ({placeholders(values)})" if values else "1 = 1"


def as_json(row: Row) -> Json:
    """A row's columns by their names."""
    return dict(zip(row.keys(), row, strict=True))


class Database:
    """A connection whose writes happen only inside `transaction()`."""

    def __init__(self, connection: dialect.Connection, name: str) -> None:
        self._connection = connection
        self.name = name

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commits at the end. Anything raised inside rolls back and goes on up."""
        self._execute(dialect.BEGIN, ())
        began = time.monotonic()
        try:
            yield
            self._execute("COMMIT", ())
        except BaseException:
            dialect.roll_back(self._connection)
            raise
        finally:
            log.debug("transaction: %.3f s", time.monotonic() - began)

    def rows(self, sql: str, *parameters: Value) -> list[Row]:
        """All rows of a query."""
        with _translated(self.name, sql):
            return self._connection.execute(sql, parameters).fetchall()

    def row(self, sql: str, *parameters: Value) -> Row | None:
        """The first row of a query, or None."""
        with _translated(self.name, sql):
            row: Row | None = self._connection.execute(sql, parameters).fetchone()
            return row

    def value(self, sql: str, *parameters: Value) -> Any:
        """The first column of the first row, or None."""
        row = self.row(sql, *parameters)
        return None if row is None else row[0]

    def insert(self, table: str, **values: Value) -> None:
        """Insert one row: a value for each column that is named."""
        self._write(_insertion(table, values), tuple(values.values()))

    def add(self, table: str, **values: Value) -> int:
        """Insert one row and give its `id`."""
        added = self._write(f"{_insertion(table, values)} RETURNING id", tuple(values.values())).fetchall()
        return int(added[0]["id"])

    def update(self, sql: str, *parameters: Value) -> int:
        """Run a statement that writes; gives the number of rows it touched."""
        return self._write(sql, parameters).rowcount

    def update_one(self, sql: str, *parameters: Value) -> None:
        """Run an UPDATE that must touch exactly one row; anything else is a bug and raises."""
        touched = self.update(sql, *parameters)
        if touched != 1:
            raise AssertionError(f"expected to change one row, changed {touched}: {sql.split(chr(10))[0][:80]}")

    def copy_to(self, target: Path) -> None:
        """Write a copy of the whole database, readable by its owner only. `target` is there complete and sound, or not
        at all: a copy that fails the integrity check is thrown away. Raises StoreError."""
        temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
        try:
            refuse_file(target.parent)
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            temporary.unlink(missing_ok=True)
            temporary.touch(mode=0o600, exist_ok=False)
            try:
                with _translated(str(temporary)):
                    verdict = dialect.copy_to_file(self._connection, temporary)
                self._refuse_damage(verdict)
                flush(temporary)
                temporary.replace(target)
                flush(target.parent)
            finally:
                temporary.unlink(missing_ok=True)
        except OSError as error:
            remedy = "Free some space, or mend the permissions."
            raise StoreError(f"The backup {target} can't be written ({error.strerror}).", remedy) from error

    def size(self) -> int:
        """Bytes of the file."""
        return int(self.value(dialect.SIZE))

    def free(self) -> int:
        """Bytes of the file that hold nothing."""
        return int(self.value(dialect.FREE))

    def vacuum(self) -> None:
        """Write the file anew, as small as it can be. Raises StoreBusy while another process reads it."""
        self._execute(dialect.VACUUM, ())

    def quick_check(self) -> None:
        """Raise StoreError when the file is damaged."""
        self._refuse_damage(str(self.value(dialect.QUICK_CHECK)))

    def integrity_check(self) -> None:
        """The same, thorough and slow."""
        self._refuse_damage(str(self.value(dialect.INTEGRITY_CHECK)))

    def close(self) -> None:
        self._connection.close()

    def _refuse_damage(self, verdict: str) -> None:
        if verdict != "ok":
            raise _store_error(self.name, Trouble.DAMAGED, verdict)

    def _write(self, sql: str, parameters: Sequence[Value]) -> dialect.Cursor:
        if not dialect.in_transaction(self._connection):
            raise AssertionError("a write outside a transaction")
        return self._execute(sql, parameters)

    def _execute(self, sql: str, parameters: Sequence[Value]) -> dialect.Cursor:
        with _translated(self.name, sql):
            return self._connection.execute(sql, parameters)


def _insertion(table: str, values: dict[str, Value]) -> str:
    return f"INSERT INTO {table} ({', '.join(values)}) VALUES ({placeholders(tuple(values))})"


# -- opening -------------------------------------------------------------------------------------------


def connect(path: Path) -> Database:
    """Open (or create) the database for reading and writing."""
    _refuse_odd_file(path)
    if not path.exists():
        _refuse_lost(path)
    try:
        path.touch(mode=0o600)
    except OSError as error:
        remedy = "Give this user write access to it."
        raise StoreError(f"The database {path} can't be written ({error.strerror}).", remedy) from error
    return _opened(path, read_only=False)


def connect_to_read(path: Path) -> Database | None:
    """Open an existing database for reading; None when there is none yet."""
    if not path.exists():
        _refuse_lost(path)
        return None
    _refuse_odd_file(path)
    return _opened(path, read_only=True)


def scratch_copy(path: Path) -> Database:
    """A copy in memory (empty when there is no file): what is written to it leaves no trace."""
    connection = dialect.open_memory()
    original = connect_to_read(path)
    if original is not None:
        try:
            with _translated(str(path)):
                dialect.copy(original._connection, connection)
        finally:
            original.close()
    return Database(connection, f"{path} (copy)")


def _opened(path: Path, *, read_only: bool) -> Database:
    with _translated(str(path)):
        connection = dialect.open_file(path, read_only=read_only)
        is_empty, is_ours = dialect.is_empty(connection), dialect.is_ours(connection)
    if is_empty:
        _refuse_lost(path)
    elif not is_ours:
        raise StoreError(f"{path} is a database of some other program.", _way_back(path, "Move it away and run again."))
    return Database(connection, str(path))


def _refuse_odd_file(path: Path) -> None:
    if path.exists() and not path.is_file():
        raise StoreError(f"{path} is not a file.", "Move it away and run again.")


def _refuse_lost(path: Path) -> None:
    """A new database forgets every post that went out: where there are backups, there was one before."""
    if _has_backups(path):
        remedy = f"To begin anew, move {path.parent / BACKUPS} away."
        raise StoreError(f"The database {path} is missing or empty, yet it has backups.", _way_back(path, "", remedy))


def _has_backups(path: Path) -> bool:
    return any((path.parent / BACKUPS).glob("twitter-*.db"))


def _way_back(path: Path, without: str, besides: str = "") -> str:
    """What a person can do about a database that is lost; `without`: where there is no backup of it."""
    if not _has_backups(path):
        return without
    return f"Restore the newest good backup with: {command('restore')}" + (f" ({besides})" if besides else "")


def flush(path: Path) -> None:
    """Bring a file, or a folder's list of names, to the disk."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


# -- errors --------------------------------------------------------------------------------------------

_MESSAGES = {
    Trouble.FULL: ("The disk is full; {name} could not be written.", "Free some space and run again."),
    Trouble.READ_ONLY: ("The database {name} is read-only.", "Give this user write access to it and its folder."),
    Trouble.NOT_THERE: ("The database {name} can't be opened.", "Check that its folder exists and is writable."),
    Trouble.BUSY: ("The database {name} is in use by another program.", "Close it there and run again."),
    Trouble.DISK: ("Reading or writing {name} failed ({detail}).", "Check the disk, then run again."),
    Trouble.OTHER: ("The database {name} refused: {detail}.", "The verb doctor looks for what is wrong."),
}


@contextmanager
def _translated(name: str, sql: str = "") -> Iterator[None]:
    """Turn the database's errors into ours. `sql`: what is told in the log where it takes long; no values stand in
    it."""
    began = time.monotonic()
    try:
        yield
        if (seconds := time.monotonic() - began) >= _SLOW:
            log.debug("%.3f s: %s", seconds, sql[:300])
    except dialect.Error as error:
        what = dialect.trouble(error)
        if what is Trouble.CONFLICT:
            raise StoreConflict(f"The database {name} does not take this: {error}.") from error
        raise _store_error(name, what, str(error)) from error


def _store_error(name: str, trouble: Trouble, detail: str) -> StoreError:
    if trouble is Trouble.DAMAGED:
        message = f"The database {name} is damaged ({detail.splitlines()[-1][:120]})."
        rescue = f"There is no backup; rescue it with: sqlite3 {name} .recover"
        return StoreError(message, _way_back(Path(name), rescue))
    message, remedy = (text.format(name=name, detail=detail) for text in _MESSAGES[trouble])
    return StoreBusy(message, remedy) if trouble is Trouble.BUSY else StoreError(message, remedy)
