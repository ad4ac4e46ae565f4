"""The folder of the pictures that posts show: `DIGEST.ext`, each known by the SHA-256 of its content."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path

from twitter_manager.content import Media, MediaLimits
from twitter_manager.errors import MediaError
from twitter_manager.files import UnfitFile, make_folder, read_small, replace_bytes
from twitter_manager.media.limits import EXTENSIONS, MOST_STORED
from twitter_manager.media.preparing import fits, rendition


@dataclass(frozen=True, slots=True)
class MediaStore:
    """The pictures in one folder, readable by this user alone."""

    folder: Path

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

    def fitted(self, media: Media, limits: MediaLimits) -> tuple[Media, bytes]:
        """A picture as it fits a platform's limits: as it is kept, or smaller. Raises MediaError."""
        content = self.read(media)
        if fits(media, limits):
            return media, content
        content, mime, width, height = rendition(content, limits, self._path(media).name)
        return replace(media, mime=mime, size=len(content), width=width, height=height), content

    def _path(self, media: Media) -> Path:
        return self.folder / f"{media.digest}.{EXTENSIONS[media.mime]}"
