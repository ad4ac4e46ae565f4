"""The verb `restore`: puts a backup in the place of a database that is damaged or lost, so that no post goes out twice.

A backup has forgotten what went out since it was made; how that is made up for is told in `recovery`. All of it is done
in a copy beside the database, which then takes its place in one step. The file that was there is kept.
"""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import datetime
from functools import cache
from itertools import count
from pathlib import Path

from twitter_manager import phrases
from twitter_manager.domain import Clock, Json
from twitter_manager.errors import StoreBusy, StoreError, UsageError
from twitter_manager.operations import backup, picture_backups, told
from twitter_manager.operations.recovery import Account, Recovery
from twitter_manager.store import schema
from twitter_manager.store.database import BACKUPS, connect, connect_to_read, flush, iso, refuse_file

log = logging.getLogger(__name__)


def restore(database: Path, given: Path | None, accounts: Sequence[Account], clock: Clock) -> list[str]:
    """Do it; gives lines for a person. `given`: this backup and no other. The caller holds the lock.

    Raises UsageError where the database is sound and no backup is named, StoreError where no backup is good."""
    folder = database.parent / BACKUPS
    sound = _sound_schema(database)
    if given is None and sound is not None and sound <= len(schema.MIGRATIONS):  # a newer one is of no use here
        remedy = "To go back to a backup all the same, name it: restore FILE (restore --list shows them)."
        raise UsageError(f"The database {database} is sound: there is nothing to restore.", remedy)
    refuse_file(folder)
    new = database.with_name(f".{database.name}.restored")
    _sweep(new)
    try:
        source = _copy_good(folder, given, new, clock())
        with closing(connect(new)) as db:
            schema.migrate(db, clock(), None)
            lines = Recovery(db, source, clock).recover(accounts)
            lines += picture_backups.put_back(db, database.parent, [source.parent, folder])
        what = "damaged" if sound is None else "replaced"
        aside = _put_in_place(new, database, _free_name(folder, f"{what}-{backup.stamp(clock())}"))
    except OSError as error:
        remedy = "Free some space, or mend the permissions; then do it again."
        raise StoreError(f"The backup can't be put in place ({error.strerror}).", remedy) from error
    finally:
        _sweep(new)
    told.begins(database.parent, f"{told.UPKEEP}{backup.TASK}", "", clock())  # what it is to hold is said by now
    return [*lines, f"The file that was there before is kept: {aside}" if aside else "There was no file before."]


def listing(folders: Sequence[Path], now: datetime) -> list[Json]:
    """The backups in these folders, newest first, each opened and checked."""
    copies, look = backup.newest_first(folders, now), cache(backup.contents_of)
    return [
        {
            "at": iso(copy.at),
            "path": str(copy.path),
            "bytes": copy.path.stat().st_size,
            "state": _state(copy.path, _older(copies, copy), look),
        }
        for copy in copies
    ]


def _older(copies: Sequence[backup.Backup], than: backup.Backup) -> list[backup.Backup]:
    return [copy for copy in copies if copy.at < than.at]


def listing_lines(listed: Sequence[Json]) -> Iterator[str]:
    """The same for a person."""
    for copy in listed:
        yield f"{phrases.clock(copy['at'], 'UTC')}  {copy['bytes'] / 1e6:8.1f} MB  {copy['path']}  {copy['state']}"
    if not listed:
        yield "There is no backup yet: a run makes one a day."


def _state(path: Path, older: Sequence[backup.Backup], look: backup.Look) -> str:
    try:
        with closing(backup.open_good(path)) as db:
            known = schema.version(db) == len(schema.MIGRATIONS)
            missing = picture_backups.lacking(db, [path.parent]) if known else 0
            more = backup.fuller(db, older, look)
    except StoreError as error:
        return error.message
    lacks = [f"but without {missing} of its pictures"] * bool(missing)
    lacks += [f"but holds less than {more.copy.path.name} ({more.lost})"] if more else []
    return ", ".join(["good", *lacks])


def _sound_schema(database: Path) -> int | None:
    """The schema of the database; None where it is damaged, or not there. Raises StoreBusy."""
    try:
        db = connect_to_read(database)
        if db is None:
            return None
        with closing(db):
            db.integrity_check()
            return schema.version(db)
    except StoreBusy:
        raise
    except StoreError:
        return None


def _sweep(new: Path) -> None:
    """Take away what this restore, or one that was killed, has left beside the database."""
    for path in new.parent.glob(f"*{new.name}*"):
        path.unlink(missing_ok=True)


def _copy_good(folder: Path, given: Path | None, target: Path, now: datetime) -> Path:
    """Copy the given backup, or the newest one that is good; gives where it lies. Raises UsageError where an older one
    holds more: what was made since is not in that one, so a person chooses."""
    trouble, copies = "", backup.backups(folder, now)
    older = {copy.path: _older(copies, copy) for copy in copies}
    for path in [given] if given else older:
        try:
            with closing(backup.open_good(path)) as source:
                if given is None and (more := backup.fuller(source, older[path])):
                    raise _unclear(path, more)
                source.copy_to(target)
            return path
        except StoreError as error:
            log.warning("%s", error)
            trouble = trouble or f" {error.message}"
    remedy = "Name another file: restore FILE. Or rescue what the damaged one still has: sqlite3 FILE .recover"
    raise StoreError(f"No good backup was found in {folder}.{trouble}", remedy)


def _unclear(newest: Path, more: backup.Fuller) -> UsageError:
    commands = f"{backup.restoring(more.copy.path)} for the fuller one, or {backup.restoring(newest)} for the newest."
    return UsageError(
        f"The newest good backup, {newest}, holds less than {more.copy.path} ({more.lost}).", f"Say which: {commands}"
    )


def _free_name(folder: Path, name: str) -> Path:
    """A second restore in the same second, after one that was killed, overwrites nothing."""
    candidates = (folder / f"{name}{number or ''}.db" for number in count())
    return next(path for path in candidates if not list(folder.glob(f"{path.name}*")))


def _put_in_place(new: Path, database: Path, aside: Path) -> Path | None:
    """Replace the database in one step: at no moment is there none, for a run would begin a new one. Its journal goes
    first, or SQLite would play it back into the new file. Gives where the old one lies now, if there was one."""
    there = database.exists()
    aside.parent.mkdir(parents=True, exist_ok=True)
    for suffix in ("-journal", "-wal", "-shm"):
        beside = database.with_name(database.name + suffix)
        if beside.exists():
            beside.replace(aside.with_name(aside.name + suffix))
    if there:
        _keep(database, aside)
    flush(aside.parent)
    flush(database.parent)  # the journal is gone from here for good before the new file comes
    new.replace(database)
    flush(database.parent)
    return aside if there else None


def _keep(database: Path, aside: Path) -> None:
    try:
        os.link(database, aside)
    except OSError:  # a file system without links
        shutil.copy2(database, aside)
