"""Scores what a model wrote, so that the best of several is taken: plain counts, each from 0 (bad) to 1 (good).

Scores choose among what the checks let pass; none of them makes a post true. Candidates that are true by construction
have scores of their own, from the model that chooses among them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from twitter_manager.checks.wishes import liking
from twitter_manager.domain import Brief
from twitter_manager.english import function_words, words
from twitter_manager.writing.style import Style

WEIGHTS: Mapping[str, float] = {"closeness": 1.0, "novelty": 2.0, "style": 2.0, "tone": 1.0}
"""How much each score counts in the whole; one that there is nothing for (no style was learned) is left out."""
STEM = 4
"""Letters of a word that count, so that its endings don't: rough, and the same in every language."""


def rate(parts: Sequence[str], brief: Brief, style: Style | None = None) -> dict[str, float]:
    """The scores of a candidate: closeness to the material, novelty against the recent posts, how like the learned
    style it is, and how much it has of what the wished tone likes."""
    said = _content("\n\n".join(parts))
    found = {"novelty": novelty(said, (*brief.near, *brief.recent))}
    if brief.items:
        texts = [part for one in brief.items for part in (one.title, one.text, *one.wordings)]
        found["closeness"] = _share(said, _content(" ".join(texts)))
    if style is not None:
        found["style"] = style.closeness(parts)
    if (liked := liking(parts, brief.tone)) is not None:
        found["tone"] = liked
    return {name: round(found[name], 3) for name in WEIGHTS if name in found}


def whole(scores: Mapping[str, float]) -> float:
    """The weighted mean of those of the scores that have a weight; 0 where none has."""
    known = {name: value for name, value in scores.items() if name in WEIGHTS}
    return sum(WEIGHTS[name] * value for name, value in known.items()) / (sum(WEIGHTS[name] for name in known) or 1.0)


def novelty(said: Collection[str], recent: Sequence[str]) -> float:
    """1 where no recent post shares a content word, 0 where one of them has all of them."""
    return 1.0 - max((_share(said, _content(post)) for post in recent), default=0.0)


def _content(text: str) -> set[str]:
    return {word[:STEM] for word in words(text) if word not in function_words()}


def _share(of: Collection[str], among: Collection[str]) -> float:
    return sum(word in among for word in of) / len(of) if of else 0.0
