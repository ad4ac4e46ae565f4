"""Pictures that a person gives along with a post: each with its alt text, cleaned, and kept for the run that posts."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path

from twitter_manager.content import Media
from twitter_manager.errors import UsageError
from twitter_manager.media import MediaStore, prepared

MOST = 4
"""Pictures of a post: as many as every platform with pictures takes."""

Pictures = Sequence[tuple[Media, bytes]]


def focus(given: str) -> str:
    """A place in a picture, as `Media` keeps it, of "0.5,-0.3". Raises UsageError."""
    number = r"\s*([+-]?(?:\d+\.?\d*|\.\d+))\s*"
    match = re.fullmatch(f"{number},{number}", given, re.ASCII)
    place = [float(side) for side in match.groups()] if match else []
    if not place or max(map(abs, place)) > 1:
        remedy = "Say X,Y, each from -1 (left, below) to 1 (right, above): --focus 0.5,-0.3"
        raise UsageError(f"--focus {given[:40]!r} is no place in a picture.", remedy)
    return ",".join(f"{side:g}" for side in place) if any(place) else ""


def given(
    images: Sequence[Path],
    alts: Sequence[str],
    no_alt: bool,
    prepare: Callable[[Path, str], tuple[Media, bytes]] = prepared,
) -> Pictures:
    """The pictures, cleaned, each with its alt text. Raises UsageError, MediaError."""
    if len(images) > MOST:
        raise UsageError(f"{len(images)} pictures; a post takes at most {MOST}.", "Leave some out.")
    described = _alts(images, [alt.strip() for alt in alts], no_alt)
    pictures = [prepare(image, alt) for image, alt in zip(images, described, strict=True)]
    if len({media.digest for media, _ in pictures}) < len(pictures):
        raise UsageError("The same picture is given twice.", "Leave one of them out.")
    return pictures


def _alts(images: Sequence[Path], alts: list[str], no_alt: bool) -> list[str]:
    if no_alt and not alts:
        return [""] * len(images)
    if no_alt:
        raise UsageError("--alt and --no-alt contradict each other.", "Leave one of them out.")
    if len(alts) > len(images):
        raise UsageError("There are more --alt than --image.", "Give each picture with its --image.")
    missing = [image for image, alt in zip(images, [*alts, *[""] * len(images)], strict=False) if not alt]
    if missing:
        remedy = 'Say what it shows with --alt "…" after its --image, or --no-alt when that needs no words.'
        raise UsageError(f"{missing[0]} has no alt text, by which people who can't see it know what it shows.", remedy)
    return alts


def keep(pictures: Pictures, data: Path) -> None:
    """Keep them for the run that posts them. Raises OSError, TwitterManagerError."""
    store = MediaStore.of(data)
    for media, content in pictures:
        store.save(media, content)
