"""Pictures are decoded in a process of its own, within limits of time and memory: a file may be made to break, hang or
fill whoever reads it."""

from __future__ import annotations

import hashlib
from base64 import b64decode
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from twitter_manager.content import Media, MediaLimits
from twitter_manager.domain import TimeLeft
from twitter_manager.errors import MediaError, SourceError
from twitter_manager.files import UnfitFile, read_small
from twitter_manager.media.limits import MOST_READ, SECONDS, STORED
from twitter_manager.sources.limits import LEAST_SIDE

if TYPE_CHECKING:
    from twitter_manager.sources.bounded import Reader

THUMBNAIL = MediaLimits(count=1, max_bytes=500_000, max_side=1200, max_alt=0)
"""Of a card: half of what Bluesky takes, and as many pixels as it shows.
https://github.com/bluesky-social/atproto/blob/main/lexicons/app/bsky/embed/external.json"""


def prepared(picture: Path | bytes, alt: str = "", *, name: str = "") -> tuple[Media, bytes]:
    """A picture as it is kept: upright, in sRGB, without metadata. `name`: what a message calls bytes.

    Raises MediaError, with one line for a person."""
    if isinstance(picture, Path):
        name, picture = str(picture), _read(picture)
    if not picture:
        raise MediaError(f"{name} is empty.", "Give a picture.")
    return _kept(_done("clean", name or "the picture", picture), alt)


def thumbnail(content: bytes, name: str, reader: Reader, time_left: TimeLeft) -> tuple[Media, bytes]:
    """A page's picture as a card shows it, made by a process that is there already. Raises MediaError."""
    return _kept(_asked(reader, "clean", name, (content, THUMBNAIL, LEAST_SIDE), time_left))


def of_material(content: bytes, name: str, reader: Reader, time_left: TimeLeft) -> tuple[Media, bytes]:
    """A picture that others took, as it is kept; icons are refused. Raises MediaError."""
    if not content:
        raise MediaError(f"{name} is empty.")
    return _kept(_asked(reader, "clean", name, (content, STORED, LEAST_SIDE), time_left))


def rendition(content: bytes, limits: MediaLimits, name: str = "the picture") -> tuple[bytes, str, int, int]:
    """A kept picture, smaller: within a platform's limits, with its type, width and height; of an animation the first
    frame. The same picture and limits give the same bytes. Raises MediaError."""
    return _done("scale", name, content, limits)


def fits(media: Media, limits: MediaLimits) -> bool:
    """Whether a platform takes the picture as it is kept."""
    most = limits.max_gif_bytes if media.mime == "image/gif" else limits.max_bytes
    small = media.width * media.height <= limits.max_pixels and max(media.width, media.height) <= limits.max_side
    return small and media.size <= most


def _read(path: Path) -> bytes:
    try:
        return read_small(path, MOST_READ)
    except FileNotFoundError:
        raise MediaError(f"{path} does not exist.", "Give the picture's path.") from None
    except UnfitFile as error:
        remedy = "Make it smaller." if "larger" in error.message else "Give a picture: JPEG, PNG, GIF or WebP."
        raise MediaError(f"{path} {error.message}.", remedy) from None


def _done(function: str, name: str, *arguments: Any) -> tuple[bytes, str, int, int]:
    """What a function of `pixels` gives in the process that works within bounds."""
    from twitter_manager.sources.bounded import Reader

    with closing(Reader(_NoNetwork())) as reader:
        return _asked(reader, function, name, arguments, lambda: SECONDS)


def _asked(
    reader: Reader, function: str, name: str, arguments: tuple[Any, ...], time_left: TimeLeft
) -> tuple[bytes, str, int, int]:
    from twitter_manager.media import pixels

    job: Callable[..., Any] = getattr(pixels, function)
    try:
        answer = reader.do(job, (name, *arguments), name, time_left, lambda line: None)
        content = b64decode(answer["content"], validate=True)
        return content, str(answer["mime"]), int(answer["width"]), int(answer["height"])
    except SourceError as error:
        raise MediaError(error.message, error.remedy or "Give another picture.") from None
    except (KeyError, TypeError, ValueError):
        raise MediaError(f"{name} can't be read (its reader answers nonsense).", "Give another picture.") from None


def _kept(cleaned: tuple[bytes, str, int, int], alt: str = "") -> tuple[Media, bytes]:
    content, mime, width, height = cleaned
    return Media(hashlib.sha256(content).hexdigest(), mime, len(content), width, height, alt), content


class _NoNetwork:
    """A picture needs nothing from elsewhere."""

    def get(self, url: str, wanted: Any, *, etag: str = "", modified: str = "") -> None:
        raise SourceError("a picture asks for an address")
