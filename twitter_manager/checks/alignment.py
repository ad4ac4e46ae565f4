"""Lays the clauses of a post beside those of its material: which says the same things, word by word.

A clause of the post belongs to one clause of the material when all its words (those that the material has at all) are
that clause's; words of another clause may stand in for a pronoun or for a subject left out, or name what it is about
("in Go, …"). Whether the two say the same is left to `meaning.py`.
"""

from __future__ import annotations

import functools
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import dropwhile, takewhile

from twitter_manager.checks import vocabulary as v
from twitter_manager.checks.clauses import LONGEST, Clause, Word, clauses

FREE = frozenset({"", "to", *v.WEAK_MARKERS})
"""Of these markers one may stand for another, as in "the library on Mill Street", "the Mill Street library"."""
_MOST_SOURCES = 25
"""Clauses of the material that one of the post is laid beside: those that share most words with it."""
_MOST_BORROWED = 6
"""Words in a row that may be another clause's."""
_ALMOST_ALL = 0.7
"""Of a clause's words, what the post must have before words of another may stand in."""
_TOPIC = frozenset({"in", "of", "at", "on", "with", "for"})
_MAIN = ("", "and", "so")
_PREFIX = 5

_Link = tuple[str, tuple[Clause, ...], Clause]
_Known = list[tuple[Word, frozenset[str]]]


@dataclass(frozen=True, slots=True)
class Material:
    """Read once for all candidates. `own`: its sentences as they are looked up; `links`: how its clauses hang together;
    `amounts`, `counted`: which numbers stand by which word, and the other way round."""

    clauses: tuple[Clause, ...]
    sentences: Mapping[int, tuple[Clause, ...]]
    places: Mapping[str, tuple[int, ...]]
    prefixes: Mapping[str, frozenset[str]]
    own: frozenset[str]
    links: frozenset[tuple[str, Clause, Clause]]
    said: Mapping[int, frozenset[str]]
    """By sentence, its words and their forms."""
    tokens: frozenset[str]
    amounts: Mapping[str, frozenset[str]]
    counted: Mapping[str, frozenset[str]]
    english: bool

    def meant(self, stem: str) -> frozenset[str]:
        """Which of the material's words a stem may stand for: itself, synonyms, else other forms of the word."""
        found = frozenset(one for one in (stem, *v.synonyms().get(stem, ())) if one in self.places)
        return found or _forms(stem, self.prefixes.get(stem[:_PREFIX], frozenset()))

    def beside(self, clause: Clause) -> tuple[Clause, ...]:
        """The clauses of its sentence."""
        return self.sentences[clause.sentence]


@dataclass(frozen=True, slots=True)
class Pair:
    """A clause of the post, one of the material, and each word with its counterpart. `share`: of the material's words,
    those that the post's clause has."""

    post: Clause
    source: Clause
    words: tuple[tuple[Word, Word], ...]
    share: float


def meant(stem: str, known: frozenset[str]) -> frozenset[str]:
    """Which of a few words a stem may stand for."""
    return frozenset({stem} | v.synonyms().get(stem, frozenset())) & known or _forms(stem, known)


def _forms(stem: str, known: frozenset[str]) -> frozenset[str]:
    if len(stem) < _PREFIX or not stem.isalpha():
        return frozenset()
    return frozenset(
        one
        for one in known
        if len(one) >= _PREFIX
        and one.isalpha()
        and abs(len(one) - len(stem)) <= 3
        and (one.startswith(stem) or stem.startswith(one))
    )


# -- the material ----------------------------------------------------------------------------------------


@functools.lru_cache(maxsize=8)
def read(texts: tuple[str, ...]) -> Material:
    """All texts of the material, taken apart."""
    found: list[Clause] = []
    own: set[str] = set()
    for text in texts:
        found += clauses(text, found[-1].sentence + 1 if found else 0)
        # A text whose lines are broken at a width has sentences that run over their ends.
        unbroken = clauses(re.sub(r"(?<!\n)\n(?!\n)", " ", text)) if "\n" in text else ()
        own.update(map(_key, _by_sentence(unbroken).values()))
    sentences = _by_sentence(found)
    own.update(map(_key, sentences.values()))
    places, prefixes = defaultdict(list), defaultdict(set)
    for at, clause in enumerate(found):
        for stem in clause.stems:
            places[stem].append(at)
            prefixes[stem[:_PREFIX]].add(stem)
    said = {
        number: frozenset(_forms_of(token for one in some for token in one.tokens))
        for number, some in sentences.items()
    }
    counts = [pair for clause in found for pair in clause.amounts]
    return Material(
        clauses=tuple(found),
        sentences=sentences,
        places={stem: tuple(some) for stem, some in places.items()},
        prefixes={prefix: frozenset(some) for prefix, some in prefixes.items()},
        own=frozenset(own),
        links=frozenset(_both_ways(links(found))),
        said=said,
        tokens=frozenset().union(*said.values()),
        amounts=_grouped((noun, amount) for amount, noun in counts),
        counted=_grouped(counts),
        english=_is_english(found),
    )


def _grouped(pairs: Iterable[tuple[str, str]]) -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for one, other in pairs:
        found[one].add(other)
    return {one: frozenset(others) for one, others in found.items()}


def _by_sentence(found: Iterable[Clause]) -> dict[int, tuple[Clause, ...]]:
    sentences: dict[int, list[Clause]] = defaultdict(list)
    for clause in found:
        sentences[clause.sentence].append(clause)
    return {number: tuple(some) for number, some in sentences.items()}


def _key(sentence: Sequence[Clause]) -> str:
    return " ".join(token for one in sentence for token in one.tokens if token[0].isalnum())


def reworded(found: Sequence[Clause], material: Material) -> list[Clause]:
    """The clauses of a post without its sentences that are the material's own, whole or after an opener's colon."""
    own: set[Clause] = set()
    for sentence in _by_sentence(found).values():
        for start, clause in enumerate(sentence):
            if (start == 0 or clause.mark == ":") and _key(sentence[start:]) in material.own:
                own.update(sentence[start:])
    return [clause for clause in found if clause not in own]


def _forms_of(tokens: Iterable[str]) -> Iterator[str]:
    """Every token, its stem, and the words of a phrase that is one token."""
    for token in tokens:
        yield from (token, v.stem(token), *token.split("_"))


def _is_english(found: Sequence[Clause]) -> bool:
    """Unless it is another language: a short text of names and code is taken for English."""
    tokens = [token for clause in found for token in clause.tokens]
    english = sum(part in v.ENGLISH for token in tokens for part in token.split("_"))
    return sum(token in v.FOREIGN for token in tokens) <= english


def links(whole: Sequence[Clause]) -> Iterator[_Link]:
    """How clauses hang together: the class, the clauses that may be the main one (a list may be torn into several),
    what hangs on it. A result may stand in a sentence of its own, after its reason."""
    for at, clause in enumerate(whole):
        if clause.link in ("", "and", "though"):
            continue
        before = [one for one in reversed(whole[max(0, at - 20) : at]) if one.link in _MAIN]
        sentence = [one for one in whole[max(0, at - 20) : at + 20] if one.sentence == clause.sentence]
        here = sentence.index(clause)
        near = _block(reversed(sentence[:here])) if clause.mark not in (";", ":") else ()
        after = _block(sentence[here + 1 :])
        if clause.link == "so":
            if before:
                yield "because", (clause, *after), before[0]
        elif near or after:
            yield clause.link, near or after, clause


def _block(some: Iterable[Clause]) -> tuple[Clause, ...]:
    """The first clauses in a row that may be main ones."""
    return tuple(takewhile(lambda one: one.link in _MAIN, dropwhile(lambda one: one.link not in _MAIN, some)))


def _both_ways(found: Iterable[_Link]) -> Iterator[tuple[str, Clause, Clause]]:
    turned = {"before": "after", "after": "before"}
    for link, mains, other in found:
        for main in mains:
            yield link, main, other
            if link in turned:
                yield turned[link], other, main


# -- pairs -----------------------------------------------------------------------------------------------


def pairs(clause: Clause, material: Material) -> list[Pair]:
    """The clauses of the material that have all words of this one; where there are none, those that have them with
    the help of another clause."""
    known: _Known = [(word, found) for word in clause.words if (found := material.meant(word.stem))]
    shared: dict[int, int] = defaultdict(int)
    for _, found in known:
        for place in {place for stem in found for place in material.places[stem]}:
            shared[place] += 1
    whole, borrowing = [], []
    for place in sorted(shared, key=lambda one: (-shared[one], one))[:_MOST_SOURCES]:
        source = material.clauses[place]
        words, rest = _matched(known, source)
        pair = Pair(clause, source, tuple(words), len({other.at for _, other in words}) / len(source.words))
        if not rest:
            whole.append(pair)
        elif not whole and _is_borrowed(rest, known, pair, material):
            borrowing.append(pair)
    return whole or borrowing


def _matched(known: _Known, source: Clause) -> tuple[list[tuple[Word, Word]], list[int]]:
    """Each word with its counterpart in `source`, and the places in `known` of those that have none."""
    free: dict[str, list[Word]] = defaultdict(list)
    for other in source.words:
        free[other.stem].append(other)
    words, rest = [], []
    for at, (word, found) in enumerate(known):
        stem = next((one for one in (word.stem, *sorted(found)) if free.get(one)), None)
        if stem is None:
            rest.append(at)
        else:
            words.append((word, free[stem].pop(0) if len(free[stem]) > 1 else free[stem][0]))
    return words, rest


def _is_borrowed(rest: list[int], known: _Known, pair: Pair, material: Material) -> bool:
    """The words that the source has not are another clause's, put in for a pronoun or a subject that the source leaves
    out, or name what it is about."""
    runs = _runs(rest)
    said = [known[at][0] for at in rest]
    source = pair.source
    if any(len(run) > _MOST_BORROWED for run in runs):
        return False
    if any(word.number for word in said) and any(word.number for word in source.words):
        return False
    places = max(0, source.pronouns - pair.post.pronouns) + source.joined
    stands_in = len(runs) <= places and pair.share > _ALMOST_ALL
    topic = len(runs) == 1 and all(word.marker in _TOPIC and not word.number for word in said)
    return (topic or stands_in) and all(
        _is_run([known[at] for at in run], source, material, topic=not stands_in) for run in runs
    )


def _runs(places: Iterable[int]) -> list[list[int]]:
    """Places that follow each other, together."""
    runs: list[list[int]] = []
    for at in places:
        if runs and runs[-1][-1] == at - 1:
            runs[-1].append(at)
        else:
            runs.append([at])
    return runs


def _is_run(run: _Known, source: Clause, material: Material, *, topic: bool) -> bool:
    """These words follow each other in another clause; what names the topic stands at the beginning of a plain one."""
    for place in sorted({place for stem in run[0][1] for place in material.places[stem]})[:_MOST_SOURCES]:
        other = material.clauses[place]
        for start in range(min(len(other.words), 2 if topic else LONGEST)):
            plain = not (other.negations or other.qualifiers or other.link or other.joined)
            if topic and not plain and not (start == 0 and other.words[0].marker):
                continue
            if other is not source and _is_same(run, other.words[start : start + len(run)]):
                return True
    return False


def _is_same(run: _Known, words: Sequence[Word]) -> bool:
    return len(words) == len(run) and all(
        word.stem in found and (at == 0 or same_marker(said, word, turned=False))
        for at, (word, (said, found)) in enumerate(zip(words, run, strict=True))
    )


def same_marker(word: Word, other: Word, *, turned: bool) -> bool:
    """Whether two words play the same part; where one is `turned` into the passive, what was the subject follows
    `by`."""
    markers = {word.marker, other.marker}
    return len(markers) == 1 or markers <= FREE or (turned and "by" in markers)
