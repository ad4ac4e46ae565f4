"""The options `--image`, `--alt`, `--no-alt` and `--focus`: pictures that a person gives along with a post."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from twitter_manager.errors import UsageError
from twitter_manager.operations import own_pictures
from twitter_manager.operations.own_pictures import MOST, Pictures
from twitter_manager.verbs.verb import Words, switch, word

OPTIONS = (
    word("--image", action="append", default=[], metavar="FILE", help=f"a picture for it, up to {MOST}; needs --alt"),
    word(
        "--alt", action="append", default=[], metavar="TEXT", help="what the picture shows, for those who can't see it"
    ),
    switch("--no-alt", "the pictures show nothing that needs words"),
    word(
        "--focus",
        action="append",
        type=own_pictures.focus,
        default=[],
        metavar="X,Y",
        help="what Mastodon keeps in sight where it crops: -1,-1 is below on the left, 1,1 above on the right",
    ),
)


def given(words: Words) -> Pictures:
    """The pictures, cleaned, each with its alt text. Raises UsageError, MediaError."""
    pictures = own_pictures.given([Path(image) for image in words.image], words.alt, words.no_alt)
    if len(words.focus) > len(pictures):
        raise UsageError("There are more --focus than --image.", "Give each picture with its --image.")
    places = [*words.focus, *[""] * (len(pictures) - len(words.focus))]
    return [(replace(media, focus=place), content) for (media, content), place in zip(pictures, places, strict=True)]
