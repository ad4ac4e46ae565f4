"""The folder of the pictures that posts show: `DIGEST.ext`, each known by the SHA-256 of its content."""

from __future__ import annotations

import hashlib
import re
import stat
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from pathlib import Path

from twitter_manager.content import Media, MediaLimits
from twitter_manager.errors import MediaError
from twitter_manager.files import UnfitFile, make_folder, read_small, replace_bytes
from twitter_manager.media.limits import EXTENSIONS, MOST_STORED
from twitter_manager.media.preparing import fits, rendition

FOLDER = "media"
"""In the data folder."""


@dataclass(frozen=True, slots=True)
class MediaStore:
    """The pictures in one folder, readable by this user alone."""

    folder: Path

    @classmethod
    def of(cls, data: Path) -> MediaStore:
        """That of a data folder."""
        return cls(data / FOLDER)

    def save(self, media: Media, content: bytes) -> None:
        """Keep it; one that is there already is written anew, which mends it. Raises OSError, TwitterManagerError."""
        make_folder(self.folder)
        replace_bytes(self._path(media), content)

    def read(self, media: Media) -> bytes:
        """The picture as it was saved. Raises MediaError for one that is gone or was changed."""
        path = self._path(media)
        try:
            content = read_small(path, MOST_STORED, own=True)
        except (FileNotFoundError, UnfitFile) as error:
            wrong = error.message if isinstance(error, UnfitFile) else "is gone"
            raise MediaError(f"The picture {path} {wrong}.", "Put it back, or queue the post anew.") from error
        if hashlib.sha256(content).hexdigest() != media.digest:
            raise MediaError(f"The picture {path} was changed after it was added.", "Queue the post anew.")
        return content

    def trouble(self, media: Media) -> str:
        """What is wrong with a picture that was saved, and what to do; "" where it is as it was."""
        try:
            self.read(media)
        except MediaError as error:
            return str(error)
        return ""

    def fitted(self, media: Media, limits: MediaLimits) -> tuple[Media, bytes]:
        """A picture as it fits a platform's limits: as it is kept, or smaller. Raises MediaError."""
        content = self.read(media)
        if fits(media, limits):
            return media, content
        content, mime, width, height = rendition(content, limits, self._path(media).name)
        return replace(media, mime=mime, size=len(content), width=width, height=height), content

    def remove_all_but(self, needed: Callable[[], Collection[str]], before: datetime, most: int) -> int:
        """Remove at most so many files that were written before then: pictures whose digests nobody needs, and what
        a killed process left. Gives how many. Files of other names are somebody else's. Raises OSError."""
        if not self.folder.is_dir():
            return 0
        old = [path for path in self.folder.iterdir() if _OURS.match(path.name) and _is_older(path, before)]
        kept = needed() if old else ()
        return sum(_remove(path, before) for path in islice((path for path in old if path.stem not in kept), most))

    def _path(self, media: Media) -> Path:
        return self.folder / f"{media.digest}.{EXTENSIONS[media.mime]}"


def sound(path: Path) -> bytes | None:
    """A picture whose file is named by its digest; None where it is gone or damaged."""
    try:
        content = read_small(path, MOST_STORED)
    except (FileNotFoundError, UnfitFile):
        return None
    return content if hashlib.sha256(content).hexdigest() == path.stem else None


def by_digest(folders: Iterable[Path]) -> dict[str, list[Path]]:
    """The files in these folders that are named like pictures, in their order. Raises OSError."""
    found: dict[str, list[Path]] = {}
    for path in (path for folder in folders if folder.is_dir() for path in folder.iterdir()):
        if re.fullmatch(_NAME, path.name):
            found.setdefault(path.stem, []).append(path)
    return found


_NAME = rf"[0-9a-f]{{64}}\.(?:{'|'.join(EXTENSIONS.values())})"
_OURS = re.compile(rf"{_NAME}\Z|\.{_NAME}-")
"""A picture, or one that was being written or removed."""


def _is_older(path: Path, moment: datetime) -> bool:
    try:
        facts = path.lstat()
    except FileNotFoundError:
        return False
    return stat.S_ISREG(facts.st_mode) and facts.st_mtime < moment.timestamp()


def _remove(path: Path, before: datetime) -> bool:
    """Remove a file that is still as old as it was: aside first, for the same picture may come anew at any moment."""
    aside = path.with_name(f".{path.name.lstrip('.')}-removed")
    path.rename(aside)
    if not _is_older(aside, before):
        aside.rename(path)
        return False
    aside.unlink()
    return True
