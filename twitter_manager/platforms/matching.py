"""What the platforms share to read an answer, and to count a text and recognise it in one. Pure."""

from __future__ import annotations

import re
import unicodedata
from typing import Any
from urllib.parse import unquote

from twitter_manager.content import normalised_hash
from twitter_manager.domain import Json
from twitter_manager.errors import Refused

_LONGEST_CONTENT = 200_000
_INVISIBLE = re.compile(
    "[\0-\x08\x0e-\x1b\x7f\xad\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]"
)
"""What nobody sees, and a platform may drop. Not the joiners and variation selectors: they make another letter or
emoji of their neighbours."""


def refuse_unsendable(text: str) -> None:
    """Raises Refused for what no service takes: nothing, or half a character."""
    if not text.strip():
        raise Refused("The post is empty.", "Write something.")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise Refused("The post holds half a character (a lone surrogate).", "Write it anew.") from None


def graphemes(text: str) -> int:
    """Characters as a reader sees them: an emoji sequence is one."""
    if text.isascii():  # where a line break of two characters is the only grapheme of more than one
        return len(text) - text.count("\r\n")
    import regex  # type: ignore[import-untyped]

    return sum(1 for _ in regex.finditer(r"\X", text))


def html_text(content: str) -> str:
    """The text of a post's HTML: a line for each break, an empty one between paragraphs."""
    from html import unescape

    lines = re.sub("(?i)<br[^<>]*>", "\n", content[:_LONGEST_CONTENT])
    return unescape(re.sub("<[^<>]*>", "", re.sub("(?i)</p>", "\n\n", lines))).strip()


def normal(text: str) -> str:
    """Canonically decomposed (composed, a text would not be the sum of its pieces), the invisible left out, space
    as space."""
    return re.sub(r"\s+", " ", unicodedata.normalize("NFD", visible(text)))


def visible(text: str) -> str:
    """The text without what nobody sees."""
    return _INVISIBLE.sub("", text)


def words(text: str) -> str:
    """Equal for texts of the same words: whatever the case, punctuation and way to write a link."""
    return normalised_hash((re.sub("https?://", " ", unquote(text), flags=re.IGNORECASE),))


def as_dict(value: Any) -> Json:
    """The value, or an empty object in place of anything else."""
    return value if isinstance(value, dict) else {}


def as_list(value: Any) -> list[Any]:
    """The value, or an empty list in place of anything else."""
    return value if isinstance(value, list) else []


def as_count(value: Any) -> int | None:
    """The value where it is a count that any database keeps; None in place of anything else."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**53 else None
