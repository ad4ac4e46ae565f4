"""The pictures in the backups: `data/backups/pictures/` holds each that a kept backup needs, once.

Those of posts that can still go out and those that the feeds show are copied, before the database is: a backup that is
there has its pictures. What goes in and what comes out is compared with the digest that names it.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from twitter_manager.errors import StoreError, TwitterManagerError
from twitter_manager.files import make_folder, replace_bytes
from twitter_manager.media.storage import FOLDER, by_digest, sound
from twitter_manager.store import pictures
from twitter_manager.store.database import Database

KEPT_IN = "pictures"
LEFT_FREE = 100_000_000
"""Bytes that no copy of a picture takes from the disk: a run needs some."""
_LEFT_ALONE = timedelta(days=1)
_PRIVATE, _PUBLIC = 0o600, 0o644
"""Modes: the folder of a feed may be served to others."""
_SHOWN = re.compile(rb'"([\w-]+-pictures)/([0-9a-f]{64}\.(?:jpg|png|gif))"')
"""The address of a picture in a feed."""


def copy(db: Database, data: Path, folder: Path, now: datetime) -> list[str]:
    """Copy what the day's backup needs to `folder`; gives who lacks a picture: "draft 12". Raises OSError,
    TwitterManagerError, and for the trouble with one picture when all others are there."""
    copies, sources = by_digest([folder / KEPT_IN]), by_digest(_folders(data))
    needed = {path.stem: "the feed" for path in _shown(data)} | dict(pictures.needed(db))
    lacking, troubles = set[str](), list[OSError | TwitterManagerError]()
    for digest, owner in needed.items():
        try:
            if not _copied(copies.get(digest, ()), sources.get(digest, ()), folder, now):
                lacking.add(owner)
        except (OSError, TwitterManagerError) as error:
            troubles.append(error)
    if troubles:
        raise troubles[0]
    return sorted(lacking - {""})


def _copied(copies: Iterable[Path], sources: Iterable[Path], folder: Path, now: datetime) -> bool:
    """Whether a whole copy lies in `folder`, now at the latest. Raises OSError, TwitterManagerError."""
    target, content = _first_sound(copies)
    if content is None:
        source, content = _first_sound(sources)
        if content is None:
            return False
        target = folder / KEPT_IN / source.name
        _require_space(len(content), folder)
        make_folder(target.parent)
        replace_bytes(target, content)
    os.utime(target, (now.timestamp(),) * 2)  # the time of the newest backup that needs it
    return True


def prune(folder: Path, oldest: datetime, now: datetime) -> None:
    """Remove what no backup has needed since the oldest one was made. Raises OSError."""
    for path in (folder / KEPT_IN).glob("*"):
        unfinished = path.name.startswith(".")  # by a process that was killed, or that is at it
        if path.stat().st_mtime < (now - _LEFT_ALONE if unfinished else oldest).timestamp():
            path.unlink(missing_ok=True)


def put_back(db: Database, data: Path, backups: Sequence[Path]) -> Iterator[str]:
    """Put the pictures in place that the restored database and the feeds need and that are gone or damaged; gives a
    line for each that is nowhere. To do it twice does no harm. Raises OSError."""
    found = by_digest([*(folder / KEPT_IN for folder in backups), *_folders(data)])
    for digest, owner in pictures.needed(db).items():
        if not _put(digest, data / FOLDER, found, _PRIVATE) and owner:
            yield f"A picture of {owner} is gone, and no backup has it: {digest}"
    for path in _shown(data):
        if not _put(path.stem, path.parent, found, _PUBLIC):
            yield f"A picture that the feed shows is gone, and no backup has it: {path}"


def lacking(db: Database, backups: Sequence[Path]) -> int:
    """How many pictures that a backup's posts need are not with it."""
    copies = by_digest(folder / KEPT_IN for folder in backups)
    needed = (digest for digest, owner in pictures.needed(db).items() if owner)
    return sum(_first_sound(copies.get(digest, ()))[1] is None for digest in needed)


def _folders(data: Path) -> list[Path]:
    return [data / FOLDER, *data.glob("feed*-pictures")]


def _shown(data: Path) -> Iterator[Path]:
    """The pictures that the feeds name."""
    for feed in data.glob("feed*.xml"):
        for folder, name in sorted(set(_SHOWN.findall(feed.read_bytes()))):
            if folder.decode() == f"{feed.stem}-pictures":
                yield data / folder.decode() / name.decode()


def _first_sound(paths: Iterable[Path]) -> tuple[Path, bytes | None]:
    """The first of these files that is what its name says, with its content."""
    for path in paths:
        if (content := sound(path)) is not None:
            return path, content
    return Path(), None


def _put(digest: str, folder: Path, found: Mapping[str, Sequence[Path]], mode: int) -> bool:
    """Whether the picture lies whole in the folder, now at the latest."""
    source, content = _first_sound(sorted(found.get(digest, ()), key=lambda path: path.parent != folder))
    if content is not None and source.parent != folder:
        folder.mkdir(mode=0o700 if mode == _PRIVATE else 0o755, parents=True, exist_ok=True)
        replace_bytes(folder / source.name, content, mode)
    return content is not None


def _require_space(size: int, folder: Path) -> None:
    free = shutil.disk_usage(folder if folder.exists() else folder.parent).free
    if free < size + LEFT_FREE:
        raise StoreError(f"only {free / 1e6:.1f} MB are free for copies of pictures.", "Free some space.")
