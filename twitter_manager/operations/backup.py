"""The copies of the database in `data/backups/`, with the pictures that its posts need: a day's is made when it is due,
and of the older ones a week and the newest of four weeks before are kept.

Copies made before a schema change and damaged files that were moved aside lie in the same folder and are never pruned.
Neither is a copy that holds more than the newest one: a database that lost its history does not push out the copies
that still have it. How a backup takes the database's place is `restore.py`'s business.
"""

from __future__ import annotations

import logging
import re
import shlex
import shutil
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from twitter_manager import phrases
from twitter_manager.errors import StoreError, TwitterManagerError
from twitter_manager.operations import picture_backups
from twitter_manager.store import contents, schema
from twitter_manager.store.contents import Contents
from twitter_manager.store.database import Database, connect_to_read, refuse_file, to_text
from twitter_manager.terminal import command

log = logging.getLogger(__name__)

TASK = "backup"
"""Its name in the upkeep."""
EVERY = timedelta(days=1)
DAYS, WEEKS = 7, 4
"""So many of the newest days, and of the newest weeks before them, have a backup that is kept."""
_STAMP = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True, slots=True)
class Backup:
    """A copy of the database."""

    path: Path
    at: datetime
    """When it was made, by its name."""
    regular: bool
    """One of the daily ones."""


@dataclass(frozen=True, slots=True)
class Made:
    """What became of a new backup. `trouble`: lines for a person; the backup may be there all the same. `remedy`: what
    to do about the last of them, with the command."""

    path: Path | None
    trouble: str = ""
    remedy: str = ""


def backups(folder: Path, now: datetime) -> list[Backup]:
    """The backups, newest first; those that a clock which was ahead put into the future come last."""
    return newest_first([folder], now)


def newest_first(folders: Sequence[Path], now: datetime) -> list[Backup]:
    """Those in all of these folders, in the same order."""
    copies = []
    for path in (path for folder in folders for path in folder.glob("twitter-*.db")):
        if name := re.fullmatch(r"twitter-(schema\d+-)?(\d{8}T\d{6}Z)\.db", path.name):
            if not path.is_file():  # a pipe, or a link to nowhere
                continue
            with suppress(ValueError):  # digits that are no date: somebody's own file
                copies.append(Backup(path, datetime.strptime(name[2], _STAMP).replace(tzinfo=UTC), not name[1]))
    return sorted(copies, key=lambda copy: (copy.at <= now, copy.at), reverse=True)


def regular(folder: Path, now: datetime) -> list[Backup]:
    """The daily ones among them."""
    return [copy for copy in backups(folder, now) if copy.regular]


def kept(times: Iterable[datetime], now: datetime) -> set[datetime]:
    """Which of the backups made at these times (UTC) are kept: the newest of each of the newest seven days, and of each
    of the four newest ISO weeks before. Days and weeks without a backup don't count: a machine that was off for a
    season loses none. Those from the future are kept while there are not enough others."""
    times = sorted(times, reverse=True)
    past = [time for time in times if time <= now]
    days: dict[date, datetime] = {}
    for time in past:
        days.setdefault(time.date(), time)
    daily = list(days.values())[:DAYS]
    weeks: dict[tuple[int, int], datetime] = {}
    for time in past:
        if daily and _week(time) < _week(daily[-1]):
            weeks.setdefault(_week(time), time)
    future = set(times) - set(past) if len(daily) < DAYS else set[datetime]()
    return {*daily, *list(weeks.values())[:WEEKS]} | future


def _week(time: datetime) -> tuple[int, int]:
    return time.isocalendar()[:2]


def stamp(now: datetime) -> str:
    """The time as it stands in the names of backups."""
    return f"{now:{_STAMP}}"


def is_due(folder: Path, now: datetime) -> bool:
    """Whether the newest backup is a day old, or there is none."""
    newest = next(iter(regular(folder, now)), None)
    return newest is None or not now - EVERY < newest.at <= now


def make(db: Database, folder: Path, now: datetime) -> Made:
    """Make a backup and prune. Its trouble undoes no run."""
    target = folder / f"twitter-{stamp(now)}.db"
    older = [copy for copy in backups(folder, now) if copy.path != target and copy.at <= now]
    try:
        refuse_file(folder)
        trouble = _copy_pictures(db, folder, now)
        size = Path(db.name).stat().st_size
        require_space(size, folder, left=size)
        db.copy_to(target)
        mine = contents.of(db)
    except (StoreError, OSError) as error:
        log.warning("backup: %s", error)
        return Made(None, f"Today's backup failed: {why(error)}")
    log.info("backup: %s", target)
    lines = [trouble]
    try:
        prune(folder, target, mine, now)
    except OSError as error:
        lines.append(f"Older backups in {folder} can't be removed ({error.strerror}).")
    shrunken, remedy = _shrunken(db, older)
    return Made(target, "\n".join(filter(None, [*lines, shrunken])), remedy)


def why(error: TwitterManagerError | OSError) -> str:
    """What went wrong with a file, for a person."""
    if isinstance(error, TwitterManagerError):
        return str(error)
    return f"{error.filename or 'a file'} can't be read or written ({error.strerror or type(error).__name__})."


def _copy_pictures(db: Database, folder: Path, now: datetime) -> str:
    """Before the database, which is kept without them too; gives a line for a person where any is missing."""
    try:
        lacking = picture_backups.copy(db, folder.parent, folder, now)
    except (TwitterManagerError, OSError) as error:
        log.warning("backup of pictures: %s", error)
        return f"Today's backup is without some pictures: {why(error)}"
    if not lacking:
        return ""
    line = f"Today's backup is without a picture of {', '.join(lacking)}: it is gone or damaged."
    log.warning("%s", line)
    return line


def require_space(size: int, folder: Path, left: int) -> None:
    """So many bytes must be `left` beside a new copy: one that takes the last of the disk would stop the next run.
    Raises StoreError, OSError."""
    free = shutil.disk_usage(folder if folder.exists() else folder.parent).free
    if free < size + left:
        raise StoreError(f"only {free / 1e6:.1f} MB are free for a copy of {size / 1e6:.1f} MB.", "Free some space.")


def _shrunken(db: Database, older: Iterable[Backup]) -> tuple[str, str]:
    """A warning where an older copy holds more than the database, and the remedy. It stays until a person puts a backup
    in place, or takes away those that hold more."""
    if (more := fuller(db, older)) is None:
        return "", ""
    line = (
        f"The database holds less than its backup of {phrases.clock(more.copy.at, 'UTC')} did ({more.lost})."
        f" Each backup that holds more is kept for good."
    )
    log.warning("%s", line)
    remedy = (
        f"If it is right as it is, remove each backup that holds more, and then say backup now. If not, put that one"
        f" back: {restoring(more.copy.path)}"
    )
    return line, remedy


@dataclass(frozen=True, slots=True)
class Fuller:
    """A copy that holds more than a database, which has `lost` so much."""

    copy: Backup
    lost: str


Look = Callable[[Path], Contents | None]


def fuller(db: Database, older: Iterable[Backup], look: Look | None = None) -> Fuller | None:
    """The fullest of these copies that is good and holds more than the database. Those of before a person last put a
    backup in place don't count. `look`: gives what a copy holds."""
    mine, restored_at = contents.of(db), contents.restored_at(db)
    more = []
    for copy in older:
        theirs = (look or contents_of)(copy.path) if to_text(copy.at) > restored_at else None
        if theirs is not None and (lost := contents.missing(mine, theirs)):
            more.append((tuple(theirs.values()), copy.at, Fuller(copy, lost)))
    fullest_first = sorted(more, key=lambda each: each[:2], reverse=True)
    return next((each for _, _, each in fullest_first if _is_good(each.copy.path)), None)


def _is_good(path: Path) -> bool:
    try:
        open_good(path).close()
    except StoreError as error:
        log.warning("%s", error)
        return False
    return True


def open_good(path: Path) -> Database:
    """Raises StoreError where it is no whole database of ours that this program knows."""
    db = connect_to_read(path) if path.is_file() else None
    if db is None:
        raise StoreError(f"There is no file {path}.")
    try:
        db.integrity_check()
        if not 0 < schema.version(db) <= len(schema.MIGRATIONS):
            raise StoreError(f"{path} has schema {schema.version(db)}; known are 1 to {len(schema.MIGRATIONS)}.")
    except BaseException:
        db.close()
        raise
    return db


def restoring(path: Path) -> str:
    """The command that puts this backup in place."""
    return command(f"restore {shlex.quote(str(path))}")


def contents_of(path: Path) -> Contents | None:
    """None where it can't be read: a damaged file, or one that is no database."""
    try:
        db = connect_to_read(path)
        if db is None:
            return None
        with closing(db):
            return contents.of(db)
    except StoreError as error:
        log.warning("%s", error)
        return None


def prune(folder: Path, newest: Path, mine: Contents, now: datetime) -> None:
    """Remove the backups that are not kept any more, but none that holds more than `newest`, whose contents are
    `mine`; and pictures that no kept one needs. Raises OSError."""
    copies = regular(folder, now)
    keep = kept([copy.at for copy in copies], now)
    left = [copy for copy in copies if copy.at in keep or copy.path == newest or not _removed(copy, mine)]
    picture_backups.prune(folder, min([now.replace(microsecond=0), *(copy.at for copy in left)]), now)
    for path in folder.glob(".twitter-*.tmp"):  # what a killed process left
        if path.stat().st_mtime < (now - EVERY).timestamp():
            path.unlink(missing_ok=True)


def _removed(copy: Backup, mine: Contents) -> bool:
    """Remove a backup unless it holds more; whether it did."""
    theirs = contents_of(copy.path)
    if theirs is not None and contents.missing(mine, theirs):
        return False
    copy.path.unlink(missing_ok=True)
    return True
