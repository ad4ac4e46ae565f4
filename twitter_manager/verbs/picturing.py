"""The options `--image`, `--alt`, `--no-alt` and `--focus`: pictures that a person gives along with a post."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from twitter_manager.content import Media
from twitter_manager.errors import UsageError
from twitter_manager.media import MediaStore, prepared
from twitter_manager.verbs.verb import Words, switch, word

MOST = 4
"""Pictures of a post: as many as every platform with pictures takes."""


def _focus(given: str) -> str:
    """A place in a picture, as `Media` keeps it. Raises UsageError."""
    number = r"\s*([+-]?(?:\d+\.?\d*|\.\d+))\s*"
    match = re.fullmatch(f"{number},{number}", given, re.ASCII)
    place = [float(side) for side in match.groups()] if match else []
    if not place or max(map(abs, place)) > 1:
        remedy = "Say X,Y, each from -1 (left, below) to 1 (right, above): --focus 0.5,-0.3"
        raise UsageError(f"--focus {given[:40]!r} is no place in a picture.", remedy)
    return ",".join(f"{side:g}" for side in place) if any(place) else ""


OPTIONS = (
    word("--image", action="append", default=[], metavar="FILE", help=f"a picture for it, up to {MOST}; needs --alt"),
    word(
        "--alt", action="append", default=[], metavar="TEXT", help="what the picture shows, for those who can't see it"
    ),
    switch("--no-alt", "the pictures show nothing that needs words"),
    word(
        "--focus",
        action="append",
        type=_focus,
        default=[],
        metavar="X,Y",
        help="what Mastodon keeps in sight where it crops: -1,-1 is below on the left, 1,1 above on the right",
    ),
)

Pictures = Sequence[tuple[Media, bytes]]


def given(words: Words) -> Pictures:
    """The pictures, cleaned, each with its alt text. Raises UsageError, MediaError."""
    images: list[str] = words.image
    if len(images) > MOST:
        raise UsageError(f"{len(images)} pictures; a post takes at most {MOST}.", "Leave some out.")
    pictures = [prepared(Path(image), alt) for image, alt in zip(images, _alts(words), strict=True)]
    if len({media.digest for media, _ in pictures}) < len(pictures):
        raise UsageError("The same picture is given twice.", "Leave one of them out.")
    return _focused(pictures, words.focus)


def _focused(pictures: Pictures, places: Sequence[str]) -> Pictures:
    if len(places) > len(pictures):
        raise UsageError("There are more --focus than --image.", "Give each picture with its --image.")
    focus = [*places, *[""] * (len(pictures) - len(places))]
    return [(replace(media, focus=place), content) for (media, content), place in zip(pictures, focus, strict=True)]


def _alts(words: Words) -> list[str]:
    alts = [alt.strip() for alt in words.alt]
    if words.no_alt and not alts:
        return [""] * len(words.image)
    if words.no_alt:
        raise UsageError("--alt and --no-alt contradict each other.", "Leave one of them out.")
    if len(alts) > len(words.image):
        raise UsageError("There are more --alt than --image.", "Give each picture with its --image.")
    missing = [image for image, alt in zip(words.image, [*alts, *[""] * len(words.image)], strict=False) if not alt]
    if missing:
        remedy = 'Say what it shows with --alt "…" after its --image, or --no-alt when that needs no words.'
        raise UsageError(f"{missing[0]} has no alt text, by which people who can't see it know what it shows.", remedy)
    return alts


def keep(pictures: Pictures, data: Path) -> None:
    """Keep them for the run that posts them. Raises OSError, TwitterManagerError."""
    store = MediaStore(data / "media")
    for media, content in pictures:
        store.save(media, content)
