"""How long a text is by each platform's own counting. What to say about a text that is too long is left to the rules.

X counts weighted characters (`weighted.py`). Bluesky counts graphemes, and UTF-8 bytes besides (lexicon
app.bsky.feed.post, https://github.com/bluesky-social/atproto/blob/main/lexicons/app/bsky/feed/post.json). The feed
takes any length; it is given in code points.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from twitter_manager.checks.weighted import weighted_length
from twitter_manager.errors import UsageError

PLATFORM_LIMITS: Mapping[str, int | None] = {"x": 280, "bluesky": 300, "feed": None}
"""Weighted characters, graphemes, none."""
BLUESKY_BYTES = 3000


def length(text: str, platform: str) -> tuple[int, int | None]:
    """The length of `text` as `platform` counts it, and its limit (None: no limit).

    Raises UsageError for an unknown platform."""
    if platform not in PLATFORM_LIMITS:
        raise UsageError(f"There is no platform {platform!r}.", f"Use one of {', '.join(PLATFORM_LIMITS)}.")
    counters: Mapping[str, Callable[[str], int]] = {"x": weighted_length, "bluesky": _graphemes, "feed": len}
    return counters[platform](text), PLATFORM_LIMITS[platform]


def utf8_length(text: str) -> int:
    """Bytes of `text` in UTF-8; a lone surrogate counts three, as the character that replaces it would."""
    return len(text.encode("utf-8", "surrogatepass"))


def _graphemes(text: str) -> int:
    if text.isascii():  # where a line break of two characters is the only grapheme of more than one
        return len(text) - text.count("\r\n")
    import regex  # type: ignore[import-untyped]

    return sum(1 for _ in regex.finditer(r"\X", text))
