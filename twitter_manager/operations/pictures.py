"""The upkeep of `data/media/`: which posts lack a picture, and the removal of what no post needs any more."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from twitter_manager.domain import DRAFT_TRANSITIONS, Draft
from twitter_manager.media import MediaStore
from twitter_manager.media.storage import FOLDER, by_digest, sound
from twitter_manager.store import pictures
from twitter_manager.store.database import Database

GRACE = timedelta(days=1)
"""A picture that was kept since then may be that of a post which is just being queued."""
CORRECTED_WITHIN = timedelta(days=30)
"""So long the pictures of a post stay that is out: where a platform can't edit, `correct` posts them anew."""
MOST = 500
"""Files that are removed in one go; the next goes on."""


def sweep(db: Database, data: Path, now: datetime) -> int:
    """Remove what nothing needs from the data folder's pictures, MOST at once; gives how many. Raises OSError,
    TwitterManagerError."""

    def still_useful() -> set[str]:
        return {*pictures.needed(db), *pictures.useful(db, now - CORRECTED_WITHIN)}

    return MediaStore.of(data).remove_all_but(still_useful, now - GRACE, MOST)


def who_lacks(db: Database, data: Path) -> list[str]:
    """Who can't go out because a picture is gone or damaged: "draft 12". Raises OSError."""
    files = by_digest([data / FOLDER])
    needed = pictures.needed(db).items()
    return sorted({owner for digest, owner in needed if owner and not any(map(sound, files.get(digest, ())))})


def lacking(draft: Draft, data: Path) -> list[str]:
    """What is wrong with the pictures of a draft that can still go out, and what to do; [] where all are there."""
    if not DRAFT_TRANSITIONS[draft.status]:
        return []
    store = MediaStore.of(data)
    return list(filter(None, (store.trouble(media) for part in draft.parts for media in part.media)))
