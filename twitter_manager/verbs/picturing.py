"""The options `--image`, `--alt` and `--no-alt`: pictures that a person gives along with a post."""

from __future__ import annotations

from pathlib import Path

from twitter_manager.operations import own_pictures
from twitter_manager.operations.own_pictures import MOST, Pictures
from twitter_manager.verbs.verb import Words, switch, word

OPTIONS = (
    word("--image", action="append", default=[], metavar="FILE", help=f"a picture for it, up to {MOST}; needs --alt"),
    word(
        "--alt", action="append", default=[], metavar="TEXT", help="what the picture shows, for those who can't see it"
    ),
    switch("--no-alt", "the pictures show nothing that needs words"),
)


def given(words: Words) -> Pictures:
    """The pictures, cleaned, each with its alt text. Raises UsageError, MediaError."""
    return own_pictures.given([Path(image) for image in words.image], words.alt, words.no_alt)
