"""Scores what a model wrote, so that the best of several is taken: plain counts, each from 0 (bad) to 1 (good).

Scores choose among what the checks let pass; none of them makes a post true. Candidates that are true by construction
have scores of their own, from the model that chooses among them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from twitter_manager.checks.style_rules import liking
from twitter_manager.domain import Brief
from twitter_manager.english import share
from twitter_manager.writing.style import Style

WEIGHTS: Mapping[str, float] = {"closeness": 1.0, "novelty": 2.0, "style": 2.0, "tone": 1.0}
"""How much each score counts in the whole; one that there is nothing for (no style was learned) is left out."""


def rate(parts: Sequence[str], brief: Brief, style: Style | None = None) -> dict[str, float]:
    """The scores of a candidate: closeness to the material, novelty against the nearest of the recent posts, how like
    the learned style it is, and how much it has of what the wished tone likes."""
    text = "\n\n".join(parts)
    ratings = {"novelty": 1 - max((share(text, post) for post in (*brief.near, *brief.recent)), default=0.0)}
    if brief.items:
        material = [part for item in brief.items for part in (item.title, item.text, *item.wordings)]
        ratings["closeness"] = share(text, " ".join(material))
    if style is not None:
        ratings["style"] = style.closeness(parts)
    if (liked := liking(parts, brief.tone)) is not None:
        ratings["tone"] = liked
    return {name: round(ratings[name], 3) for name in WEIGHTS if name in ratings}


def whole(scores: Mapping[str, float]) -> float:
    """The weighted mean of those of the scores that have a weight; 0 where none has."""
    known = {name: value for name, value in scores.items() if name in WEIGHTS}
    return sum(WEIGHTS[name] * value for name, value in known.items()) / (sum(WEIGHTS[name] for name in known) or 1.0)
