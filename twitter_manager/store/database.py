"""Opens the one SQLite file and gives explicit transactions over it. The SQL itself stands in the modules beside this.

Rollback journal and synchronous=EXTRA: a commit that returned has survived a power cut (WAL in SQLite before 3.51.3
has a corruption bug, and common machines carry 3.40). Every sqlite3 error leaves as a StoreError with a remedy.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from twitter_manager.errors import StoreError

APPLICATION_ID = 0x74776D67  # "twmg": tells our file from anybody else's
BUSY_SECONDS = 10.0

Row = sqlite3.Row
Value = str | int | float | bytes | None


def to_text(moment: datetime) -> str:
    """UTC, fixed width, so that text order is time order: 2026-11-21T03:00:00.000000Z."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def from_text(text: str) -> datetime:
    """The aware datetime that `to_text` wrote."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)


def optional_text(moment: datetime | None) -> str | None:
    """`to_text`, or None."""
    return None if moment is None else to_text(moment)


def optional_time(text: str | None) -> datetime | None:
    """`from_text`, or None."""
    return None if text is None else from_text(text)


class Database:
    """A connection whose writes happen only inside `transaction()`."""

    def __init__(self, connection: sqlite3.Connection, name: str) -> None:
        self._connection = connection
        self.name = name

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """BEGIN IMMEDIATE … COMMIT; anything raised inside rolls back and goes on up."""
        self._execute("BEGIN IMMEDIATE", ())
        try:
            yield
            self._execute("COMMIT", ())
        except BaseException:
            if self._connection.in_transaction:
                self._connection.rollback()
            raise

    def rows(self, sql: str, *parameters: Value) -> list[Row]:
        """All rows of a query."""
        with _translated(self.name):
            return self._connection.execute(sql, parameters).fetchall()

    def row(self, sql: str, *parameters: Value) -> Row | None:
        """The first row of a query, or None."""
        with _translated(self.name):
            row: Row | None = self._connection.execute(sql, parameters).fetchone()
            return row

    def value(self, sql: str, *parameters: Value) -> Any:
        """The first column of the first row, or None."""
        row = self.row(sql, *parameters)
        return None if row is None else row[0]

    def insert(self, sql: str, *parameters: Value) -> int:
        """Run an INSERT inside a transaction; gives the new row's id."""
        return self._write(sql, parameters).lastrowid or 0

    def update(self, sql: str, *parameters: Value) -> int:
        """Run an UPDATE or DELETE inside a transaction; gives the number of rows it touched."""
        return self._write(sql, parameters).rowcount

    def update_one(self, sql: str, *parameters: Value) -> None:
        """An UPDATE that must touch exactly one row; anything else is a bug and raises."""
        touched = self.update(sql, *parameters)
        if touched != 1:
            raise AssertionError(f"expected to change one row, changed {touched}: {sql.split(chr(10))[0][:80]}")

    def copy_into(self, target: sqlite3.Connection) -> None:
        """Copy the whole database into another connection."""
        with _translated(self.name):
            self._connection.backup(target)

    def quick_check(self) -> None:
        """Raise StoreError when the file is damaged. Costs about a second for half a gigabyte."""
        found = str(self.value("PRAGMA quick_check(1)"))
        if found != "ok":
            raise _damaged(self.name, found)

    def close(self) -> None:
        self._connection.close()

    def _write(self, sql: str, parameters: Sequence[Value]) -> sqlite3.Cursor:
        if not self._connection.in_transaction:
            raise AssertionError("a write outside a transaction")
        return self._execute(sql, parameters)

    def _execute(self, sql: str, parameters: Sequence[Value]) -> sqlite3.Cursor:
        with _translated(self.name):
            return self._connection.execute(sql, parameters)


def connect(path: Path) -> Database:
    """Open (or create) the database for reading and writing."""
    _refuse_odd_file(path)
    try:
        path.touch(mode=0o600)
    except OSError as error:
        raise StoreError(
            f"The database {path} can't be written ({error.strerror}).", "Give this user write access to it."
        ) from error
    with _translated(str(path)):
        connection = _open(f"{path.absolute().as_uri()}?mode=rw")
        connection.execute("PRAGMA journal_mode = DELETE")
        connection.execute("PRAGMA synchronous = EXTRA")
    _refuse_foreign(connection, str(path))
    return Database(connection, str(path))


def connect_to_read(path: Path) -> Database | None:
    """Open an existing database for reading; None when there is none yet."""
    if not path.exists():
        return None
    _refuse_odd_file(path)
    with _translated(str(path)):
        # rw, not ro: only so can SQLite roll back what a killed run left half written.
        connection = _open(f"{path.absolute().as_uri()}?mode=rw")
        connection.execute("PRAGMA query_only = ON")
    _refuse_foreign(connection, str(path))
    return Database(connection, str(path))


def scratch_copy(path: Path) -> Database:
    """A copy in memory (empty when there is no file): what is written to it leaves no trace."""
    connection = _open("file::memory:")
    original = connect_to_read(path)
    if original is not None:
        try:
            original.copy_into(connection)
        finally:
            original.close()
    return Database(connection, f"{path} (copy)")


def _open(uri: str) -> sqlite3.Connection:
    connection = sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS, isolation_level=None)
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA trusted_schema = OFF")
    return connection


def _refuse_odd_file(path: Path) -> None:
    if path.exists() and not path.is_file():
        raise StoreError(f"{path} is not a file.", "Move it away and run again.")


def _refuse_foreign(connection: sqlite3.Connection, name: str) -> None:
    with _translated(name):
        application = connection.execute("PRAGMA application_id").fetchone()[0]
        tables = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
    if application != APPLICATION_ID and tables:
        raise StoreError(f"{name} is a database of some other program.", "Move it away and run again.")


def _damaged(name: str, detail: str) -> StoreError:
    return StoreError(
        f"The database {name} is damaged ({detail.splitlines()[0][:120]}).",
        f"Restore the newest file of data/backups/ over it, or rescue it with: sqlite3 {name} .recover",
    )


@contextmanager
def _translated(name: str) -> Iterator[None]:
    """Turn sqlite3's errors into a StoreError that says what to do."""
    try:
        yield
    except sqlite3.IntegrityError:
        raise  # a rule of ours was broken: the caller's business, or a bug
    except sqlite3.Error as error:
        raise _store_error(name, error) from error


def _store_error(name: str, error: sqlite3.Error) -> StoreError:
    code = getattr(error, "sqlite_errorcode", None) or 0
    primary = code & 0xFF
    if primary == sqlite3.SQLITE_FULL:
        return StoreError(f"The disk is full; {name} could not be written.", "Free some space and run again.")
    if primary in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM):
        return StoreError(f"The database {name} is read-only.", "Give this user write access to it and its folder.")
    if primary == sqlite3.SQLITE_CANTOPEN:
        return StoreError(f"The database {name} can't be opened.", "Check that its folder exists and is writable.")
    if primary in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return StoreError(f"The database {name} is in use by another program.", "Close it there and run again.")
    if primary in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return _damaged(name, str(error))
    if primary == sqlite3.SQLITE_IOERR:
        return StoreError(f"Reading or writing {name} failed ({error}).", "Check the disk, then run again.")
    return StoreError(f"The database {name} refused: {error}.", "See logs/error.log for the whole story.")
