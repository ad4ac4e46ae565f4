"""The tasks that copy the database and remove files: backups, their second copies, pictures."""

from __future__ import annotations

from pathlib import Path

from twitter_manager import phrases
from twitter_manager.errors import TwitterManagerError
from twitter_manager.operations import backup, log_archive, pictures, second_copy
from twitter_manager.operations.maintenance.task import Done, Place
from twitter_manager.store import upkeep
from twitter_manager.store.database import BACKUPS

SECOND_COPY = "second copy"


def backup_is_due(place: Place) -> bool:
    """A day after the newest, whenever and by whom it was made."""
    return backup.is_due(_folder(place), place.clock())


def back_up(place: Place) -> Done:
    """The backup of the day, or the one that a person asks for."""
    made = backup.make(place.db, _folder(place), place.clock())
    words = f"made {made.path}, and read it back: it is sound" if made.path else "made none"
    return Done(words, made.trouble, is_finished=made.path is not None, remedy=made.remedy)


def copy_is_due(place: Place) -> bool:
    """The second folder lacks the newest backup. What is in the way is told by the try."""
    target = place.settings.upkeep.backup_copy
    try:
        return bool(target) and second_copy.is_lacking(_folder(place), Path(target), place.clock())
    except OSError:
        return True


def copy(place: Place) -> Done:
    """Copy the newest backup to the second folder."""
    given, db = place.settings.upkeep.backup_copy, place.db
    if not given:
        return Done("BACKUP_COPY names no folder")
    if not backup.regular(_folder(place), place.clock()):
        return Done("there is no backup to copy")
    is_known = upkeep.state(db, SECOND_COPY) == given and not place.by_hand
    try:
        is_done = second_copy.copy_newest(
            db, place.settings.data, _folder(place), Path(given), place.clock(), place.left, is_known=is_known
        )
    except (TwitterManagerError, OSError) as error:
        return Done("made none", second_copy.in_words(Path(given), error), is_finished=False)
    if is_done:
        with db.transaction():
            upkeep.set_state(db, SECOND_COPY, given)
    return Done(f"copied it to {given}" if is_done else "no time was left", is_finished=is_done)


def sweep_pictures(place: Place) -> Done:
    """Remove pictures that no post needs."""
    removed = pictures.sweep(place.db, place.settings.data, place.clock())
    return Done(f"{removed} files that nothing needs were removed", is_finished=removed < pictures.MOST)


def archive_logs(place: Place) -> Done:
    """Compress old log files, and delete those that are too old."""
    settings = place.settings
    done = log_archive.archive(settings.logs, place.clock(), place.left, settings.upkeep.log_days)
    words = f"{phrases.amount(done.compressed, 'file')} compressed, {done.deleted} deleted"
    return Done(words, is_finished=done.is_finished, bytes=done.bytes)


def _folder(place: Place) -> Path:
    return place.settings.data / BACKUPS
