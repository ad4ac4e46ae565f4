"""Notices cheaply, in many languages, where a post may say something else than its material: a negation more or less, a
new "only", a number by another word, a name or a count that the material does not have. It refuses nothing: the judge
and the writer are told of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from twitter_manager.checks.grounding import claims
from twitter_manager.checks.plain import plain
from twitter_manager.checks.tables import table
from twitter_manager.english import negations, sentences, set_of, shown, unspaced, words
from twitter_manager.language import primary

_MATERIAL_CHARS, _POST_CHARS, _MOST_POINTS = 20_000, 5_000, 8
_LIKE = 0.4
"""The share of a sentence's words that a sentence of the material must have to be compared with it."""


def suspicions(parts: Sequence[str], material: Sequence[str], language: str) -> tuple[str, ...]:
    """Points to look at, each a sentence; none where nothing stands out."""
    whole = "\n".join(material)[:_MATERIAL_CHARS]
    post, source = plain("\n".join(parts)[:_POST_CHARS]), plain(whole)
    absolutes = set_of(table("suspicion")["absolutes"].get(primary(language), ""))
    more = dict.fromkeys(word for word in _said(post, absolutes) if word not in _said(source, absolutes))
    inexact = (claim for part in parts for claim in claims(part[:_POST_CHARS], (whole,), language) if not claim.holds)
    points = [
        *_negated(post, source, primary(language)),
        *(f"The post says “{word}”; the material doesn't." for word in more),
        *(
            f"The post says “{shown(claim.said, 40)}” ({claim.kind}); the material doesn't say it so."
            for claim in inexact
            if not claim.sure and claim.kind != "hashtag"
        ),
        *_numbers(post, source),
    ]
    post_sentences, known = len(sentences(post)), len(sentences(source))
    if known and post_sentences > 2 * known + 2:
        points.append(f"The post makes {post_sentences} statements, the material {known}.")
    return tuple(dict.fromkeys(points))[:_MOST_POINTS]


def _said(text: str, listed: frozenset[str]) -> list[str]:
    """Those of the list that stand in a text: as words, in a script without spaces anywhere."""
    spoken = re.findall(r"n'(?=\w)|[^\W_]+(?:['-][^\W_]+)?", text.casefold())
    return [word for word in spoken if word in listed] + [
        word for word in sorted(listed) if unspaced().match(word) and word in text
    ]


def _negated(post: str, source: str, language: str) -> Iterator[str]:
    """Each sentence beside the one of the material that has most of its words."""
    known_as_not = negations(language)
    known = [(set(words(sentence)), len(_said(sentence, known_as_not)) > 0) for sentence in sentences(source)]
    for sentence in sentences(post):
        said = set(words(sentence)) - known_as_not
        near = max(known, key=lambda pair: len(pair[0] & said), default=None)
        if not near or len(said) < 3 or len(near[0] & said) < _LIKE * len(said):
            continue
        negated = len(_said(sentence, known_as_not)) > 0
        if negated != near[1]:
            what = "negates" if negated else "does not negate"
            yield f"The post {what} “{shown(sentence, 80)}”; the material's nearest sentence is the other way."


def _numbers(post: str, source: str) -> Iterator[str]:
    beside = _beside(source)
    for number, nexts in _beside(post).items():
        for word in nexts if number in beside else ():
            if not any(word[:4] == other[:4] for other in beside[number]):
                yield f"“{number} {shown(word, 30)}”: the material has {number} by “{shown(min(beside[number]), 30)}”."


def _beside(text: str) -> Mapping[str, set[str]]:
    """The word behind each number."""
    beside: dict[str, set[str]] = {}
    for match in re.finditer(r"(?<![\w.,:])(\d[\d.,:]{0,15})[ -]?([^\W\d_]{2,40})", text.casefold()):
        beside.setdefault(match[1], set()).add(match[2])
    return beside
