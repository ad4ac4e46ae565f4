"""Other ways to say a note that are true because of how they are made: the rules of `rewrites`, one at a time, and
phrases that mean the same.

English only. Which wording is posted is decided elsewhere; nothing here knows a model.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from twitter_manager.writing.rewrites import LOWERED, restructured

MOST_VARIANTS = 8
"""Per note, itself included."""
MOST_SYNONYMS = 2
LONG = 140
"""Characters of a note from which on it may also be said shorter."""

SYNONYMS: tuple[tuple[str, str], ...] = (
    (r"does not", "doesn't"),
    (r"doesn't", "does not"),
    (r"do not", "don't"),
    (r"don't", "do not"),
    (r"did not", "didn't"),
    (r"cannot", "can't"),
    (r"can't", "cannot"),
    (r"is not", "isn't"),
    (r"isn't", "is not"),
    (r"are not", "aren't"),
    (r"aren't", "are not"),
    (r"needs(?= (?:an?|the|no|one|two|at|its|each) )", "requires"),
    (r"requires(?= (?:an?|the|no|one|two|at|its|each) )", "needs"),
    (r"about(?= \d| O\()", "roughly"),
    (r"roughly(?= \d| O\()", "about"),
    (r"at most(?= \d)", "no more than"),
    (r"no more than(?= \d)", "at most"),
    (r"at the beginning of", "at the start of"),
    (r"at the start of", "at the beginning of"),
    (r"begins with", "starts with"),
    (r"whenever", "every time"),
    (r"(?<!, )in order to", "to"),
    (r"prior to", "before"),
    (r"towards", "toward"),
    (r"was not", "wasn't"),
    (r"were not", "weren't"),
    (r"has not", "hasn't"),
    (r"should not", "shouldn't"),
    (r"will not", "won't"),
    (r"although", "even though"),
    (r"even though", "although"),
    (r"whereas", "while"),
)
"""Whole phrases (as patterns, lower case) and what may stand for them. What follows is checked where grammar hangs on
it: "needs a lock" may become "requires a lock", "needs to wait" may not."""


STIFF: Mapping[str, tuple[str, str]] = {
    "somebody at the end": (
        r"\b(?:is|are|be|been|was|were)(?: (?:not|also|only|always|never|still))? \w+(?:ed|en|wn|ept|eld|ut|ent|ade)"
        r"(?: \w+)? by (?!default\b|which\b|itself\b|the same\b|\w+ing\b)",
        "The length is ignored by SQLite.",
    ),
    "turned round": (
        r"\bOnly (?:if|when|after|for|from|at|in|on) [^,.]+ (?:does|do|did|is|are|can) [A-Z\w]+ \w+",
        "Only if it is new does Git keep it.",
    ),
    "what it is": (
        r" (?:is|are) what [A-Za-z]|\A(?:In \w+, )?[Ww]hat [^?]+ (?:is|are) ",
        "Three rows are what SQLite returns.",
    ),
    "for, not because": (
        r", for (?:it|its|they|the|this|tabs?) (?:[^,]+ )?(?:is|are|do|does|must|can)\b",
        "Use it, for it is new.",
    ),
    "there are the": (r"\bthere (?:is|are) the\b", "For that, there are the blocks."),
}
"""Ways of speaking that are correct and that few people post: a name's pattern and an example."""


@dataclass(frozen=True, slots=True)
class Variant:
    """A wording and the names of the rules that made it, none for what a person wrote."""

    text: str
    rules: tuple[str, ...] = ()


def variants(note: str, names: frozenset[str] = frozenset()) -> tuple[Variant, ...]:
    """`note` itself, then true variants of it: at most one rule of `rewrites`, then up to two synonyms.

    `names` are words that keep their capital inside a sentence (see `names_in`). A long note comes shortened too.
    """
    base = Variant(note)
    shaped = [base, *(Variant(text, (name,)) for name, text in restructured(note, names))]
    if len(note) >= LONG:
        shaped[1:1] = [Variant(text, (name,)) for name, text in restructured(note, names, shorten=True)]
    found = {variant.text: variant for variant in shaped}
    for count in range(1, MOST_SYNONYMS + 1):
        for variant in shaped:
            for text, rules in _with_synonyms(variant.text, count):
                found.setdefault(text, Variant(text, variant.rules + rules))
    return tuple(itertools.islice(found.values(), MOST_VARIANTS))


def names_in(label: str, texts: Sequence[str]) -> frozenset[str]:
    """Words that are names: the label's, and those with a capital in the middle of a sentence."""
    inside = re.findall(r"(?<=[a-z,] )[A-Z][a-z]+\b", "\n".join(texts))
    return frozenset({*inside, *label.split()} - {word.capitalize() for word in LOWERED})


def new_share(text: str, recent: Sequence[str]) -> float:
    """The share (0 to 1) of the text's pairs of words that none of the `recent` posts has."""
    mine = _bigrams(text)
    if not mine:
        return 1.0
    return len(mine - set().union(*map(_bigrams, recent))) / len(mine)


def stiffness(text: str) -> int:
    """How many of the ways in STIFF it has."""
    return sum(re.search(pattern, text) is not None for pattern, _ in STIFF.values())


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
