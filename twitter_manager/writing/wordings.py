"""Other ways to say a note that are true because of how they are made: the rules of `rewrites`, one at a time, and
phrases that mean the same.

English only. Which wording is posted is decided elsewhere; nothing here knows a model.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from twitter_manager.writing.clauses import Spelling
from twitter_manager.writing.rewrites import restructured

MOST_VARIANTS = 8
"""Per note, itself included."""
MOST_SYNONYMS = 2

SYNONYMS: tuple[tuple[str, str], ...] = (
    (r"does not", "doesn't"),
    (r"do not", "don't"),
    (r"cannot", "can't"),
    (r"is not", "isn't"),
    (r"are not", "aren't"),
    (r"should not", "shouldn't"),
    (r"needs(?= (?:an?|the|no|one|two|at|its|each) )", "requires"),
    (r"about(?= \d| O\()", "roughly"),
    (r"at most(?= \d)", "no more than"),
    (r"at the beginning of", "at the start of"),
    (r"although", "even though"),
    (r"towards", "toward"),
    (r"whenever", "every time"),
)
"""Whole phrases (as patterns, lower case) and what may stand for them. What follows is checked where grammar hangs on
it: "needs a lock" may become "requires a lock", "needs to wait" may not."""


STIFF = (
    r"\b(?:is|are|be|been|was|were)(?: (?:not|also|only|always|never|still))? \w+(?:ed|en|wn|ept|eld|ut|ent|ade)"
    r"(?: \w+)? by (?!default\b|which\b|itself\b|the same\b|\w+ing\b)",
    r" (?:is|are) what [A-Za-z]|\A(?:In \w+, )?[Ww]hat [^?]+ (?:is|are) ",
)
"""Ways of speaking that are correct and that few people post: who does it at the end, and "what it is"."""


@dataclass(frozen=True, slots=True)
class Variant:
    """A wording and the names of the rules that made it, none for what a person wrote."""

    text: str
    rules: tuple[str, ...] = ()


def variants(note: str, spelling: Spelling) -> tuple[Variant, ...]:
    """`note` itself, then true variants of it: at most one rule of `rewrites`, then up to two synonyms."""
    base = Variant(note)
    shaped = [base, *(Variant(text, (name,)) for name, text in restructured(note, spelling))]
    found = {variant.text: variant for variant in shaped}
    for count in range(1, MOST_SYNONYMS + 1):
        for variant in shaped:
            for text, rules in _with_synonyms(variant.text, count):
                found.setdefault(text, Variant(text, variant.rules + rules))
    return tuple(itertools.islice(found.values(), MOST_VARIANTS))


def new_share(text: str, recent: Sequence[str]) -> float:
    """The share (0 to 1) of the text's pairs of words that none of the `recent` posts has."""
    mine = _bigrams(text)
    if not mine:
        return 1.0
    return len(mine - set().union(*map(_bigrams, recent))) / len(mine)


def stiffness(text: str) -> int:
    """How many of the ways in STIFF it has."""
    return sum(re.search(pattern, text) is not None for pattern in STIFF)


def _with_synonyms(text: str, count: int) -> Iterator[tuple[str, tuple[str, ...]]]:
    """`text` with `count` synonyms put in, none of which touches another's words."""
    outside = _outside_quotes(text)
    fitting = [(phrase, new) for phrase, new in SYNONYMS if _phrase(phrase).search(outside)]
    for chosen in itertools.combinations(fitting, count):
        spans = sorted((hit.span(), new) for phrase, new in chosen for hit in _phrase(phrase).finditer(outside))
        if all(one[0][1] <= two[0][0] for one, two in itertools.pairwise(spans)):
            changed = text
            for (begin, end), new in reversed(spans):
                changed = changed[:begin] + new + changed[end:]
            yield changed, tuple(f"{_phrase_name(phrase)} → {new}" for phrase, new in chosen)


def _outside_quotes(text: str) -> str:
    """`text` with what stands in quotation marks or backticks blanked out, so that no rule touches it."""
    return re.sub(r"`[^`]*`|\"[^\"]*\"|“[^”]*”|«[^»]*»", lambda found: "\0" * len(found[0]), text)


@cache
def _phrase(phrase: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w'’.\-/]){phrase}(?![\w'’\-/(=])")


def _phrase_name(phrase: str) -> str:
    return phrase.partition("(?=")[0]


def _bigrams(text: str) -> set[tuple[str, str]]:
    return set(itertools.pairwise(re.findall(r"[\w'’+#]+", text.casefold())))
