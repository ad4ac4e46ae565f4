"""What is SQLite's own: how its file is opened, locked, copied and checked, what its errors mean, and what its tables
need beside the SQL that PostgreSQL takes too. The rest of the store keeps to that common SQL, with `?` for a value.

Rollback journal and synchronous=EXTRA: a commit that returned has survived a power cut (WAL in SQLite before 3.51.3
has a corruption bug, and common machines carry 3.40).
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from enum import Enum, auto
from pathlib import Path

APPLICATION_ID = 0x74776D67
"""Stands in the file's header. It is "twmg" in ASCII, and tells our file from any other program's."""
BUSY_SECONDS = 10.0
"""How long a statement waits for another process's transaction to end."""

Connection = sqlite3.Connection
Cursor = sqlite3.Cursor
Row = sqlite3.Row
Error = sqlite3.Error
Value = str | int | float | bytes | None

BEGIN = "BEGIN IMMEDIATE"
"""Begins a transaction that may write, and waits here for its turn, not in the middle."""
VERSION = "PRAGMA user_version"
"""Asks for the number that `mark` wrote; 0 in an empty file."""
QUICK_CHECK = "PRAGMA quick_check(1)"
"""Answers "ok" unless the file is damaged. Costs about a second for half a gigabyte."""
INTEGRITY_CHECK = "PRAGMA integrity_check(1)"
"""Compares the indexes with their tables too. Costs about ten seconds for half a gigabyte."""
SIZE = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"
"""Asks for the bytes of the file."""
FREE = "SELECT freelist_count * page_size FROM pragma_freelist_count, pragma_page_size"
"""Asks for the bytes of the file that hold nothing."""
VACUUM = "VACUUM"
"""Writes the file anew without them; a process that dies in the middle leaves the file as it was."""
VIEWS = "SELECT name, sql FROM sqlite_schema WHERE type = 'view' ORDER BY name"
"""Asks for the names of all views, and the statements that made them."""
JOINED = "group_concat"
"""The aggregate that joins texts: `JOINED(text, separator)`."""


# -- connections ---------------------------------------------------------------------------------------


def open_file(path: Path, *, read_only: bool = False) -> Connection:
    """Open a file that exists."""
    # Readers open it for writing too: only so can SQLite roll back what a killed run left half written.
    connection = _open(f"{path.absolute().as_uri()}?mode=rw")
    if read_only:
        connection.execute("PRAGMA query_only = ON")
    else:
        connection.execute("PRAGMA journal_mode = DELETE")
        connection.execute("PRAGMA synchronous = EXTRA")
    return connection


def open_memory() -> Connection:
    """Open an empty database that vanishes when it is closed."""
    return _open("file::memory:")


def _open(uri: str) -> Connection:
    connection = sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS, isolation_level=None)
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA trusted_schema = OFF")
    return connection


def is_empty(connection: Connection) -> bool:
    """Whether the file has no table yet."""
    return not connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]


def is_ours(connection: Connection) -> bool:
    """Whether `mark` was ever called on this file."""
    return bool(connection.execute("PRAGMA application_id").fetchone()[0] == APPLICATION_ID)


def in_transaction(connection: Connection) -> bool:
    """Whether BEGIN was run, and neither COMMIT nor a rollback."""
    return connection.in_transaction


def roll_back(connection: Connection) -> None:
    """Undo the transaction, unless the error that ended it has done so."""
    if connection.in_transaction:
        connection.rollback()


def copy(connection: Connection, target: Connection) -> None:
    """Copy everything into another database."""
    connection.backup(target)


def copy_to_file(connection: Connection, path: Path) -> str:
    """Copy everything into an empty file, which the caller flushes. Gives what INTEGRITY_CHECK says of the copy."""
    with closing(sqlite3.connect(path, isolation_level=None)) as copy:
        copy.execute("PRAGMA synchronous = OFF")
        connection.backup(copy)
        return str(copy.execute(INTEGRITY_CHECK).fetchone()[0])


# -- errors --------------------------------------------------------------------------------------------


class Trouble(Enum):
    """What an error is about."""

    CONFLICT = auto()
    """A rule of the tables forbids the statement: a key that is taken, a CHECK, a trigger that refuses."""
    FULL = auto()
    READ_ONLY = auto()
    NOT_THERE = auto()
    BUSY = auto()
    DAMAGED = auto()
    DISK = auto()
    OTHER = auto()


_TROUBLES = {
    sqlite3.SQLITE_CONSTRAINT: Trouble.CONFLICT,
    sqlite3.SQLITE_FULL: Trouble.FULL,
    sqlite3.SQLITE_READONLY: Trouble.READ_ONLY,
    sqlite3.SQLITE_PERM: Trouble.READ_ONLY,
    sqlite3.SQLITE_CANTOPEN: Trouble.NOT_THERE,
    sqlite3.SQLITE_BUSY: Trouble.BUSY,
    sqlite3.SQLITE_LOCKED: Trouble.BUSY,
    sqlite3.SQLITE_CORRUPT: Trouble.DAMAGED,
    sqlite3.SQLITE_NOTADB: Trouble.DAMAGED,
    sqlite3.SQLITE_IOERR: Trouble.DISK,
}


def trouble(error: Error) -> Trouble:
    """What an error is about."""
    if isinstance(error, sqlite3.IntegrityError):
        return Trouble.CONFLICT
    code = getattr(error, "sqlite_errorcode", None) or 0
    return _TROUBLES.get(code & 0xFF, Trouble.OTHER)


# -- tables --------------------------------------------------------------------------------------------


def ddl(statement: str) -> str:
    """A statement of a migration as SQLite takes it.

    STRICT makes it hold to the columns' types. `id INTEGER PRIMARY KEY` numbers the rows by itself, BLOB holds bytes
    and REAL a 64-bit float: another dialect puts its own words there."""
    body = statement.rstrip()
    if "CREATE TABLE" in body and body.endswith("\n);"):
        return body.removesuffix(";") + " STRICT;\n"
    return statement


def refusal(name: str, event: str, table: str, message: str, when: str = "") -> str:
    """The statement that makes the table refuse an `event` (UPDATE or DELETE), of any program that opens the file.
    `when`: a condition on the OLD row."""
    condition = f" WHEN {when}" if when else ""
    return f"CREATE TRIGGER {name} BEFORE {event} ON {table}{condition}\nBEGIN SELECT RAISE(ABORT, '{message}'); END;"


def mark(version: int) -> tuple[str, ...]:
    """The statements that note whose file it is and which schema it has."""
    return f"PRAGMA application_id = {APPLICATION_ID}", f"PRAGMA user_version = {version}"


def undecoded(column: str) -> str:
    """The column as bytes: what someone wrote past the program may be no text."""
    return f"CAST({column} AS BLOB) AS {column}"
