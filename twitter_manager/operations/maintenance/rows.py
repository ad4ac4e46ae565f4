"""The tasks within the database: rows that are removed by age, and the file made smaller when that is worth it."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

from twitter_manager import phrases
from twitter_manager.operations.maintenance.task import Done, Place, was_done_within
from twitter_manager.store import pruning

VACUUM = "smaller file"
_EVERY = timedelta(days=7)
_LEAST_BYTES, _LEAST_SHARE = 10_000_000, 0.25
"""Of a file that are free: for less it is not written anew."""
_BYTES_A_SECOND = 5_000_000
"""That a slow disk writes anew."""


def prune(place: Place) -> Done:
    """Remove rows by age, step by step; what is left the next run does."""
    from twitter_manager.retrieval.indexing import OLD_POSTS

    now, days = place.clock(), place.settings.upkeep.keep_days
    age = pruning.Age(now - timedelta(days=days), now, OLD_POSTS)
    removed: dict[str, int] = {}
    for name, step in pruning.PIECES.items():
        last: int | None = 0
        while last is not None:
            if place.left() <= 0:
                return Done(_removed(removed, days, "no time was left for the rest"), "", False, sum(removed.values()))
            with place.db.transaction():
                done = step(place.db, age, last)
            last, removed[name] = done.last, removed.get(name, 0) + done.rows
            place.progress(f"Upkeep: {name}: {phrases.amount(removed[name], 'row')} removed")
    return Done(_removed(removed, days), rows=sum(removed.values()))


def _removed(removed: dict[str, int], days: int, *more: str) -> str:
    pieces = [f"{name}: {rows:,}" for name, rows in removed.items() if rows]
    return "; ".join([*(pieces or [f"nothing is older than {days} days and in nobody's use"]), *more])


def vacuum_is_due(place: Place) -> bool:
    """Once a week at most."""
    return not was_done_within(place.db, VACUUM, place.clock(), _EVERY) and not _why_not(place)


def vacuum(place: Place) -> Done:
    """Write the file anew without its free pages."""
    if why_not := _why_not(place):
        return Done(why_not)
    before = place.db.size()
    place.db.vacuum()
    freed = before - place.db.size()
    return Done(f"written anew, {before / 1e6:.1f} MB before", bytes=freed)


def _why_not(place: Place) -> str:
    """Why it is not worth it, or can't be done; or ""."""
    size, free = place.db.size(), place.db.free()
    if free < max(_LEAST_BYTES, _LEAST_SHARE * size):
        return f"not worth it: {free / 1e6:.1f} of {size / 1e6:.1f} MB are free"
    if place.left() < size / _BYTES_A_SECOND:
        return "no time was left"
    if shutil.disk_usage(Path(place.db.name).parent).free < 3 * size:  # the new file, and the old pages to roll back
        return f"the disk has less than {3 * size / 1e6:.1f} MB free, which it needs on the way"
    return ""
