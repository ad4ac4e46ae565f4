"""The daily copy of the database in `data/backups/`, with the pictures that its posts need: made when it is due, the
newest week of them kept.

Copies made before a schema change and damaged files that were moved aside lie in the same folder and are never pruned.
How a backup takes the database's place is `restore.py`'s business.
"""

from __future__ import annotations

import logging
import re
import shutil
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from twitter_manager.errors import StoreError, TwitterManagerError
from twitter_manager.operations import picture_backups
from twitter_manager.store.database import Database

log = logging.getLogger(__name__)

EVERY = timedelta(days=1)
KEPT = 7
_STAMP = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True, slots=True)
class Backup:
    """A copy of the database."""

    path: Path
    at: datetime
    """When it was made, by its name."""
    regular: bool
    """One of the daily ones."""


def backups(folder: Path, now: datetime) -> list[Backup]:
    """The backups, newest first; those that a clock which was ahead put into the future come last."""
    copies = []
    for path in folder.glob("twitter-*.db"):
        if name := re.fullmatch(r"twitter-(schema\d+-)?(\d{8}T\d{6}Z)\.db", path.name):
            with suppress(ValueError):  # digits that are no date: somebody's own file
                copies.append(Backup(path, datetime.strptime(name[2], _STAMP).replace(tzinfo=UTC), not name[1]))
    return sorted(copies, key=lambda copy: (copy.at <= now, copy.at), reverse=True)


def stamp(now: datetime) -> str:
    """The time as it stands in the names of backups."""
    return f"{now:{_STAMP}}"


def make_if_due(db: Database, folder: Path, now: datetime) -> str:
    """Make the day's backup unless there is one, and prune. Gives a line for a person where it failed: a run that is
    done is not undone by it."""
    regular = [copy for copy in backups(folder, now) if copy.regular]
    if regular and now - EVERY < regular[0].at <= now:
        return ""
    target = folder / f"twitter-{stamp(now)}.db"
    trouble = _copy_pictures(db, folder, now)
    try:
        _require_space(Path(db.name), folder)
        db.copy_to(target)
        _clean(folder, target, regular, now)
    except (StoreError, OSError) as error:
        log.warning("backup: %s", error)
        return f"Today's backup failed: {error}"
    log.info("backup: %s", target)
    return trouble


def _copy_pictures(db: Database, folder: Path, now: datetime) -> str:
    """Before the database, which is kept without them too; gives a line for a person where any is missing."""
    try:
        lacking = picture_backups.copy(db, folder.parent, folder, now)
    except (TwitterManagerError, OSError) as error:
        log.warning("backup of pictures: %s", error)
        return f"Today's backup is without some pictures: {error}"
    if not lacking:
        return ""
    line = f"Today's backup is without a picture of {', '.join(lacking)}: it is gone or damaged."
    log.warning("%s", line)
    return line


def _require_space(database: Path, folder: Path) -> None:
    """A backup that takes the last of the disk would stop the next run. Raises StoreError, OSError."""
    size, free = database.stat().st_size, shutil.disk_usage(folder.parent).free
    if free < 2 * size:
        raise StoreError(f"only {free / 1e6:.1f} MB are free for a copy of {size / 1e6:.1f} MB.", "Free some space.")


def _clean(folder: Path, newest: Path, older: list[Backup], now: datetime) -> None:
    for copy in older[KEPT - 1 :]:
        if copy.path != newest:
            copy.path.unlink(missing_ok=True)
    picture_backups.prune(folder, min([now.replace(microsecond=0), *(copy.at for copy in older[: KEPT - 1])]), now)
    for path in folder.glob(".twitter-*.tmp"):  # what a killed process left
        if path.stat().st_mtime < (now - EVERY).timestamp():
            path.unlink(missing_ok=True)
