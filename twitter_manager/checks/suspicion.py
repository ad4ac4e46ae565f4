"""Notices cheaply, in many languages, where a post may say something else than its material: a negation more or less, a
new "only", a number by another word, a name or a count that the material does not have. It refuses nothing: the judge
and the writer are told of it.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping, Sequence

from twitter_manager.checks.grounding import claims
from twitter_manager.checks.plain import plain
from twitter_manager.english import negations, sentences, set_of, shown, unspaced, words

_MATERIAL_CHARS, _POST_CHARS, _MOST_POINTS = 20_000, 5_000, 8
_LIKE = 0.4
"""The share of a sentence's words that a sentence of the material must have to be compared with it."""
_ABSOLUTES = """
en only all always never every must first best everyone everything completely entirely largest biggest
de nur alle alles immer nie niemals jeder jede jedes muss müssen erste ersten beste besten ausschließlich
fr seulement uniquement tous toutes toujours jamais chaque doit doivent premier première meilleur meilleure
es solo sólo solamente únicamente todos todas siempre nunca cada debe deben primer primera mejor
it solo soltanto tutti tutte sempre mai ogni deve devono primo prima migliore
nl alleen alle allemaal altijd nooit elke elk iedereen moet moeten eerste beste
pt só somente apenas todos todas sempre nunca cada deve devem primeiro primeira melhor
ja だけ のみ すべて 全て 必ず いつも 常に 最も 一番 初めて 史上初
zh 只 仅 所有 全部 总是 从不 必须 最 首次
ru только все всегда никогда каждый должен должны первый лучший
pl tylko wszystkie wszyscy zawsze nigdy każdy musi muszą pierwszy najlepszy
sv bara endast alla alltid aldrig varje måste första bästa
da kun alle altid aldrig hver skal første bedste
"""


def suspicions(parts: Sequence[str], material: Sequence[str], language: str) -> tuple[str, ...]:
    """Points to look at, each a sentence; none where nothing stands out."""
    post = plain("\n".join(parts)[:_POST_CHARS])
    source = plain("\n".join(material)[:_MATERIAL_CHARS])
    tag = language.casefold().split("-")[0]
    points = [
        *_negated(post, source, tag),
        *_new(post, source, _list(_ABSOLUTES, tag), "The post says “{}”; the material doesn't."),
        *_unfounded(parts, "\n".join(material)[:_MATERIAL_CHARS], language),
        *_numbers(post, source),
        *_amount(post, source),
    ]
    return tuple(dict.fromkeys(points))[:_MOST_POINTS]


@functools.cache
def _list(table: str, language: str) -> frozenset[str]:
    """The words of a language; a line that is indented goes on."""
    lines = re.sub(r"\n +", " ", table).split("\n")
    return next((set_of(line[3:]) for line in lines if line[:3] == f"{language} "), frozenset())


def _said(text: str, listed: frozenset[str]) -> list[str]:
    """Those of the list that stand in a text: as words, in a script without spaces anywhere."""
    spoken = re.findall(r"n'(?=\w)|[^\W_]+(?:['-][^\W_]+)?", text.casefold())
    return [word for word in spoken if word in listed] + [
        word for word in sorted(listed) if unspaced().match(word) and word in text
    ]


def _new(post: str, source: str, listed: frozenset[str], point: str) -> Iterator[str]:
    known = set(_said(source, listed))
    yield from (point.format(word) for word in dict.fromkeys(_said(post, listed)) if word not in known)


def _negated(post: str, source: str, language: str) -> Iterator[str]:
    """Each sentence beside the one of the material that has most of its words."""
    known_as_not = negations(language)
    known = [(set(words(one)), len(_said(one, known_as_not)) > 0) for one in sentences(source)]
    for sentence in sentences(post):
        said = set(words(sentence)) - known_as_not
        near = max(known, key=lambda one: len(one[0] & said), default=None)
        if not near or len(said) < 3 or len(near[0] & said) < _LIKE * len(said):
            continue
        negated = len(_said(sentence, known_as_not)) > 0
        if negated != near[1]:
            what = "negates" if negated else "does not negate"
            yield f"The post {what} “{shown(sentence, 80)}”; the material's nearest sentence is the other way."


def _unfounded(parts: Sequence[str], material: str, language: str) -> Iterator[str]:
    """What is said exactly, but not surely wrong."""
    for part in parts:
        for claim in claims(part[:_POST_CHARS], (material,), language):
            if not (claim.holds or claim.sure or claim.kind == "hashtag"):
                yield f"The post says “{shown(claim.said, 40)}” ({claim.kind}); the material doesn't say it so."


def _numbers(post: str, source: str) -> Iterator[str]:
    beside = _beside(source)
    for number, nexts in _beside(post).items():
        for word in nexts if number in beside else ():
            if not any(word[:4] == other[:4] for other in beside[number]):
                yield f"“{number} {shown(word, 30)}”: the material has {number} by “{shown(min(beside[number]), 30)}”."


def _beside(text: str) -> Mapping[str, set[str]]:
    """The word behind each number."""
    found: dict[str, set[str]] = {}
    for match in re.finditer(r"(?<![\w.,:])(\d[\d.,:]{0,15})[ -]?([^\W\d_]{2,40})", text.casefold()):
        found.setdefault(match[1], set()).add(match[2])
    return found


def _amount(post: str, source: str) -> Iterator[str]:
    told, known = len(sentences(post)), len(sentences(source))
    if known and told > 2 * known + 2:
        yield f"The post makes {told} statements, the material {known}."
