"""Scores what a model wrote, so that the best of several is taken: plain counts, each from 0 (bad) to 1 (good).

Scores choose among what the checks let pass; none of them makes a post true. Candidates that are true by construction
have scores of their own, from the model that chooses among them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence

from twitter_manager.checks.wishes import liking
from twitter_manager.domain import Brief
from twitter_manager.english import function_words, words
from twitter_manager.writing.style import Style, sentences

WEIGHTS: Mapping[str, float] = {"closeness": 1.0, "novelty": 2.0, "style": 2.0, "tone": 1.0, "readability": 1.0}
"""How much each score counts in the whole; one that there is nothing for (no style was learned) is left out."""
EASY, HARD = 70.0, 10.0
"""Flesch reading ease from which a text is plain (1) and to which it is for few (0)."""
SHORT, LONG = 14.0, 35.0
"""Words of a sentence: up to SHORT it is easy, from LONG on hard; for other languages than English."""

STEM = 4
"""Letters of a word that count, so that its endings don't: rough, and the same in every language."""


def rate(parts: Sequence[str], brief: Brief, style: Style | None = None) -> dict[str, float]:
    """The scores of a candidate: closeness to the material, novelty against the recent posts, readability, how like the
    learned style it is, and how much it has of what the wished tone likes."""
    text = "\n\n".join(parts)
    said = _content(text)
    found = {
        "novelty": novelty(said, (*brief.near, *brief.recent)),
        "readability": readability(text, brief.persona.language),
    }
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


def readability(text: str, language: str = "en") -> float:
    """English: Flesch's reading ease (Journal of Applied Psychology 32, 1948), which counts words of a sentence and
    syllables of a word. Other languages: words of a sentence alone."""
    said = [word for word in words(text) if not word[0].isdigit()]
    count = len(sentences(text))
    if not said or not count:
        return 0.0
    length = len(said) / count
    if language.partition("-")[0] != "en":
        return _between(length, LONG, SHORT)
    ease = 206.835 - 1.015 * length - 84.6 * sum(map(syllables, said)) / len(said)
    return _between(ease, HARD, EASY)


def syllables(word: str) -> int:
    """Groups of vowels, a silent e at the end left out: right for nine English words of ten."""
    bare = re.sub(r"(?<=[^aeiouyl])e$|(?<=[aeiouy])l?e$", "", word) if len(word) > 3 else word
    return max(1, len(re.findall(r"[aeiouy]+", bare)))


def _content(text: str) -> set[str]:
    return {word[:STEM] for word in words(text) if word not in function_words()}


def _share(of: Collection[str], among: Collection[str]) -> float:
    return sum(word in among for word in of) / len(of) if of else 0.0


def _between(value: float, worst: float, best: float) -> float:
    return min(1.0, max(0.0, (value - worst) / (best - worst)))
