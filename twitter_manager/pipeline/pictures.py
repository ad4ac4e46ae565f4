"""Pictures of material: what a post shows that was made from an entry with a picture of its own.

Only from sources whose person says that their pictures may be used (`images`), and only with the alt text that the
author wrote. A picture never costs the post, and no more than `SECONDS` or `SHARE` of what the run has left; it is
checked and cleaned like all that others wrote. One that lies in a folder is taken from there alone, whatever its path
or a link says.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from twitter_manager.checks import CheckContext, check_attached
from twitter_manager.content import Media, Part
from twitter_manager.domain import Item
from twitter_manager.errors import MediaError, TwitterManagerError
from twitter_manager.files import UnfitFile, read_small
from twitter_manager.media import of_material
from twitter_manager.pipeline.outside import Outside
from twitter_manager.sources import Source

log = logging.getLogger(__name__)

SECONDS = 20.0
"""For one picture."""
SHARE = 1 / 5
"""For the rest the posts need: several hosts may be slow."""
MOST_BYTES = 20 * 2**20
"""Of one that lies in a folder."""
_TOPS = ("", "static", "public", "assets", "docs", "source")
"""Folders in which a site's top lies."""


@dataclass(slots=True)
class PictureMaker:
    """Makes the pictures of one bot's posts."""

    sources: Mapping[str, Source]
    rules: CheckContext
    """By which the words of others are checked."""
    outside: Outside
    keep: Callable[[Media, bytes], None]
    """Keeps a picture for the run that posts it. Raises OSError, TwitterManagerError."""
    why_not: str = ""
    """Why the last item gave no picture; "" where it gave one, or where its source is not asked for any."""
    _made: dict[str, Media] = field(default_factory=dict)

    def of_item(self, item: Item) -> Media | None:
        """The picture that a piece of material leads with."""
        self.why_not = ""
        source = self.sources.get(item.source)
        if source is None or not source.images:
            return None
        if not item.image or not item.image_alt:
            self.why_not = "its material's picture has no alt text" if item.image else "its material shows none"
            return None
        try:
            return self._made_of(item, source)
        except (TwitterManagerError, OSError) as error:
            self.why_not = error.message if isinstance(error, TwitterManagerError) else str(error)
            log.info("no picture goes along: %s", self.why_not)
            return None

    def _made_of(self, item: Item, source: Source) -> Media | None:
        if refusal := self._refusal(item):
            self.why_not = refusal
            return None
        if item.image not in self._made:
            self.outside.begin(min(SECONDS, SHARE * self.outside.run_left()))
            self._made[item.image] = self._kept(item.image, source)
        media = replace(self._made[item.image], alt=item.image_alt)
        self.why_not = self._unfit(media)
        return None if self.why_not else media

    def _refusal(self, item: Item) -> str:
        """What is against its alt text, whatever the picture."""
        return self._unfit(Media("0" * 64, "image/jpeg", 1, 1, 1, item.image_alt))

    def _unfit(self, media: Media) -> str:
        found = check_attached((Part("", (media,)),), replace(self.rules, material=()))
        return "; ".join(dict.fromkeys(violation.message for violation in found))

    def _kept(self, image: str, source: Source) -> Media:
        """Raises SourceError, MediaError, OSError."""
        from twitter_manager.sources.fetch import shown

        if image.startswith(("https://", "http://")):
            with self.outside.picture(image) as content:
                return self._cleaned(content, shown(image))
        if source.path is None:
            raise MediaError(f"{image} is no web address.")
        return self._cleaned(_in_folder(source.path, image), image)

    def _cleaned(self, content: bytes, name: str) -> Media:
        media, cleaned = of_material(content, name, self.outside.reads, self.outside.time_left)
        self.keep(media, cleaned)
        return media


def _in_folder(place: Path, image: str) -> bytes:
    """A picture of a folder, or of the folder that a document is in. Raises MediaError."""
    folder = place if place.is_dir() else place.parent
    tops = _TOPS if image.startswith("/") else ("",)
    try:
        root = folder.resolve(strict=True)
        paths = [root / top / image.lstrip("/") for top in tops]
        path = next((path for path in paths if path.exists()), paths[0]).resolve(strict=True)
        if not path.is_relative_to(root):
            raise MediaError(f"{image} leads out of {folder}.", "Put the picture itself into the folder.")
        return read_small(path, MOST_BYTES)
    except (FileNotFoundError, ValueError, RuntimeError):
        raise MediaError(f"{image} is not in {folder}.", "Put it there, or mend its path.") from None
    except UnfitFile as error:
        raise MediaError(f"{image} {error.message}.", "Make it smaller.") from None
