"""The copy of each backup in a second folder (`BACKUP_COPY`): on another disk, which may be gone, full, another's.

The folder is a person's: it is never made here, so that nothing is written into the place where a disk should be
mounted. One that had copies and has none any more is taken for another one, until a person says `backup now`.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path

from twitter_manager.domain import TimeLeft
from twitter_manager.errors import StoreError, TwitterManagerError
from twitter_manager.files import refuse_planted
from twitter_manager.operations import backup, picture_backups
from twitter_manager.store import contents
from twitter_manager.store.database import Database, connect_to_read, flush
from twitter_manager.terminal import command

log = logging.getLogger(__name__)

_PIECE = 2**20


class _NoTime(Exception):
    """The time that is left does not do for the rest."""


def is_lacking(folder: Path, target: Path, now: datetime) -> bool:
    """Whether the newest backup in `folder` is not in the second folder yet. Raises OSError."""
    newest = next(iter(backup.regular(folder, now)), None)
    return newest is not None and not (target / newest.path.name).exists()


def copy_newest(
    db: Database, data: Path, folder: Path, target: Path, now: datetime, left: TimeLeft, *, is_known: bool
) -> bool:
    """Copy the newest backup of `folder` with its pictures, look whether the copy is whole, and prune there as here;
    False where the time did not do. `is_known`: copies were made there before.

    Raises OSError, TwitterManagerError; for trouble with a picture when the database is there."""
    newest = backup.regular(folder, now)[0].path
    refuse_unfit(folder, target)
    if is_known and not any(target.glob("twitter-*.db")):
        raise StoreError(
            f"{target} has none of the copies that were made there.",
            f"Mount its disk; if you emptied it yourself: {command('backup now')}",
        )
    trouble: OSError | TwitterManagerError | None = None
    try:
        picture_backups.copy(db, data, target, now)  # one that is lost was told with the backup
    except (OSError, TwitterManagerError) as error:
        trouble = error
    try:
        _copy(newest, target / newest.name, left)
    except _NoTime:
        return False
    copied = _opened(target / newest.name)
    with closing(copied):
        backup.prune(target, target / newest.name, contents.of(copied), now)
    log.info("second copy: %s", target / newest.name)
    if trouble:
        raise trouble
    return True


def refuse_unfit(folder: Path, target: Path) -> None:
    """Raises TwitterManagerError where the second folder can't be one: it is not there, or another user's."""
    refuse_planted(target)
    if not target.is_dir():
        what = "is not a folder" if target.exists() else "is not there"
        raise StoreError(f"{target} {what}.", "Mount its disk, make it, or change BACKUP_COPY in .env.")
    if target.resolve().is_relative_to(folder.parent.resolve()):
        raise StoreError(f"{target} is lost with {folder.parent}.", "Name a folder on another disk in BACKUP_COPY.")
    if target.stat().st_uid not in (0, os.geteuid()):
        raise StoreError(f"{target} belongs to another user.", "Name a folder of your own in BACKUP_COPY.")


def _copy(source: Path, target: Path, left: TimeLeft) -> None:
    """There whole and sound, or not at all. Raises OSError, StoreError, _NoTime."""
    backup.require_space(source.stat().st_size, target.parent, left=0)
    temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    temporary.unlink(missing_ok=True)
    try:
        with open(temporary, "xb", opener=_own) as file:
            for piece in _pieces(source):
                if left() <= 0:
                    raise _NoTime
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        _opened(temporary).close()
        temporary.replace(target)
        flush(target.parent)
    finally:
        temporary.unlink(missing_ok=True)


def _own(name: str, flags: int) -> int:
    return os.open(name, flags | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)


def _pieces(source: Path) -> Iterator[bytes]:
    with source.open("rb") as file:
        while piece := file.read(_PIECE):
            yield piece


def _opened(path: Path) -> Database:
    """The copy, which is sound. Raises StoreError."""
    db = connect_to_read(path)
    if db is None:
        raise StoreError(f"{path} is gone.", "Do it again.")
    try:
        db.integrity_check()
    except BaseException:
        db.close()
        raise
    return db


def in_words(target: Path, error: TwitterManagerError | OSError) -> str:
    """Why there is no copy of today's backup there, for a person."""
    return f"Today's backup was not copied to {target} as a whole: {backup.why(error)}"
