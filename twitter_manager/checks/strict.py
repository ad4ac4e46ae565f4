"""The rule for those who want only the material's own words: `fidelity = "strict"` in the bot's file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from twitter_manager.checks.context import CheckContext
from twitter_manager.checks.plain import plain
from twitter_manager.checks.words import LINK, shown
from twitter_manager.domain import Violation

_SENTENCES = r"(?<=[.!?…])[\"')\]]?\s+|(?<=[。！？])|\n+"


def strict(parts: Sequence[str], context: CheckContext) -> Iterator[Violation]:
    """Each sentence is a whole sentence of the material, word for word; hashtags and addresses don't count."""
    if context.policy.fidelity != "strict" or context.material is None:
        return
    known = {_words(sentence) for one in context.material for sentence in [one, *re.split(_SENTENCES, one)]}
    for at, text in enumerate(parts):
        for sentence in re.split(_SENTENCES, text):
            said = _words(sentence)
            if said and said not in known:
                message = f"Not the material's own words (fidelity = strict): “{shown(sentence)}”"
                yield Violation("strict", message, at)
                break


def _words(text: str) -> str:
    bare = re.sub(rf"{LINK}|(?<!\w)#\w+", " ", text)
    return " ".join(re.findall(r"\w+", plain(bare).casefold()))
