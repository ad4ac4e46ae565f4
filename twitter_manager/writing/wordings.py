"""Other ways to say a note that are true because of how they are made: one rule of `rewrites`, then contractions.

English only. Which wording is posted is decided elsewhere; nothing here knows a model.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

from twitter_manager.writing.rewrites import restructured

MOST_VARIANTS = 8
"""Per note, itself included."""
CONTRACTIONS = {
    "does not": "doesn't",
    "do not": "don't",
    "cannot": "can't",
    "is not": "isn't",
    "are not": "aren't",
    "should not": "shouldn't",
}
_QUOTED = r"`[^`]*`|\"[^\"]*\"|“[^”]*”|«[^»]*»"


def variants(note: str) -> tuple[str, ...]:
    """`note` itself, then true variants of it: at most one rule of `rewrites`, with contractions or without."""
    shaped = [note, *restructured(note)]
    return tuple(dict.fromkeys([*shaped, *map(contracted, shaped)]))[:MOST_VARIANTS]


def contracted(text: str) -> str:
    """`text` with the contractions that people write; code and quotations are left alone."""
    words = rf"(?<![\w'’.\-/])(?:{'|'.join(CONTRACTIONS)})(?![\w'’\-/(=])"
    return re.sub(rf"{_QUOTED}|{words}", lambda found: CONTRACTIONS.get(found[0], found[0]), text)


def new_share(text: str, recent: Sequence[str]) -> float:
    """The share (0 to 1) of the text's pairs of words that none of the `recent` posts has."""
    mine = _bigrams(text)
    if not mine:
        return 1.0
    return len(mine - set().union(*map(_bigrams, recent))) / len(mine)


def _bigrams(text: str) -> set[tuple[str, str]]:
    return set(itertools.pairwise(re.findall(r"[\w'’+#]+", text.casefold())))
