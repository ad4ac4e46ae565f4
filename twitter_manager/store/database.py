"""Opens the one SQLite file and gives explicit transactions over it. The SQL itself stands in the modules beside this.

Rollback journal and synchronous=EXTRA: a commit that returned has survived a power cut (WAL in SQLite before 3.51.3
has a corruption bug, and common machines carry 3.40). Every sqlite3 error leaves as a StoreError with a remedy.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from twitter_manager.errors import StoreError

APPLICATION_ID = 0x74776D67  # "twmg": tells our file from anybody else's
BUSY_SECONDS = 10.0
BACKUPS = "backups"
"""The folder beside the database that its copies are kept in, as `twitter-….db`."""
RESTORE = "python -m twitter_manager restore"

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


def iso(moment: datetime | None) -> str | None:
    """As people and JSON are told it, to the second: 2026-11-21T03:00:00Z."""
    return None if moment is None else f"{moment:%Y-%m-%dT%H:%M:%SZ}"


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

    def copy_to(self, target: Path) -> None:
        """Write a copy of the whole database, readable by its owner only. `target` is there complete and sound, or not
        at all: a copy that fails the integrity check is thrown away. Raises StoreError."""
        temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            temporary.unlink(missing_ok=True)
            temporary.touch(mode=0o600, exist_ok=False)
            try:
                self._fill(temporary)
                flush(temporary)
                temporary.replace(target)
                flush(target.parent)
            finally:
                temporary.unlink(missing_ok=True)
        except OSError as error:
            remedy = "Free some space, or mend the permissions."
            raise StoreError(f"The backup {target} can't be written ({error.strerror}).", remedy) from error

    def _fill(self, path: Path) -> None:
        with _translated(str(path)), closing(sqlite3.connect(path, isolation_level=None)) as copy:
            copy.execute("PRAGMA synchronous = OFF")  # flushed as a whole, before anyone sees it
            self._connection.backup(copy)
            found = str(copy.execute("PRAGMA integrity_check(1)").fetchone()[0])
        if found != "ok":
            raise _damaged(self.name, found)

    def size(self) -> int:
        """Bytes of the file."""
        return int(self.value("PRAGMA page_count")) * int(self.value("PRAGMA page_size"))

    def quick_check(self) -> None:
        """Raise StoreError when the file is damaged. Costs about a second for half a gigabyte."""
        self._check("quick_check")

    def integrity_check(self) -> None:
        """The same, indexes compared with their tables too. Costs about ten seconds for half a gigabyte."""
        self._check("integrity_check")

    def _check(self, pragma: str) -> None:
        found = str(self.value(f"PRAGMA {pragma}(1)"))
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
    if not path.exists():
        _refuse_lost(path)
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
    _refuse_foreign(connection, path)
    return Database(connection, str(path))


def connect_to_read(path: Path) -> Database | None:
    """Open an existing database for reading; None when there is none yet."""
    if not path.exists():
        _refuse_lost(path)
        return None
    _refuse_odd_file(path)
    with _translated(str(path)):
        # rw, not ro: only so can SQLite roll back what a killed run left half written.
        connection = _open(f"{path.absolute().as_uri()}?mode=rw")
        connection.execute("PRAGMA query_only = ON")
    _refuse_foreign(connection, path)
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


def _refuse_foreign(connection: sqlite3.Connection, path: Path) -> None:
    with _translated(str(path)):
        application = connection.execute("PRAGMA application_id").fetchone()[0]
        tables = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
    if not tables:
        _refuse_lost(path)
    elif application != APPLICATION_ID:
        raise StoreError(f"{path} is a database of some other program.", _way_back(path, "Move it away and run again."))


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
    return f"Restore the newest good backup with: {RESTORE}" + (f" ({besides})" if besides else "")


def _damaged(name: str, detail: str) -> StoreError:
    message = f"The database {name} is damaged ({detail.splitlines()[-1][:120]})."
    return StoreError(message, _way_back(Path(name), f"There is no backup; rescue it with: sqlite3 {name} .recover"))


def flush(path: Path) -> None:
    """Bring a file, or a folder's list of names, to the disk."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


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
