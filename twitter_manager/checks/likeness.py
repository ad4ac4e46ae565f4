"""How like a hostile sentence a sentence is: a linear classifier beside the rules of `harm.py`.

The rules know words that stand together; most sentences of a kind are said in others. What the classifier sees is a
sentence's words, pairs of words near each other and pieces of words, the word classes of `harm.toml` and the rules that
found something. Its weights (`likeness.bin`) are learned from labelled sentences by `python -m tests.evaluation.harm`,
which also chooses the score from which a sentence is held.
"""

from __future__ import annotations

import functools
import re
import struct
import zlib
from collections.abc import Iterator, Sequence
from itertools import combinations

from twitter_manager.checks.folding import folded

BITS = 17
"""2 ** BITS weights: features share one by their checksum."""
HEADER = struct.Struct("<fff")
"""What stands before the weights: what a unit of theirs is worth, the bias, and the score from which one is held."""
_NAME = re.compile(r"\b[A-Z][\w'’-]{1,30}(?: (?:de |von |van |du |da )?[A-Z][\w'’-]{1,30}){1,5}")
_MOST_CHARACTERS, _MOST_WORDS, _NEAR = 1_500, 250, 3


def score(sentence: str, classes: Sequence[str], rules: Sequence[str]) -> float:
    """Above 0: held. `classes` of words stand in the sentence, `rules` found something in it."""
    unit, bias, least, weights = _weights()
    found = features(sentence, classes, rules)
    return float(sum(weights[one] for one in found) * unit / (len(found) + 1) ** 0.5 + bias - least)


def features(sentence: str, classes: Sequence[str], rules: Sequence[str]) -> set[int]:
    """The numbers of a sentence's features."""
    return {
        zlib.crc32(one.encode("utf-8", "replace")) % 2**BITS
        for one in (*_of_words(_words(sentence)), *_of_classes(classes), *_of_rules(rules))
    }


def _words(sentence: str) -> list[str]:
    """Folded, with one word for any name of a person and one for any number."""
    named = _NAME.sub(" zqname ", sentence[:_MOST_CHARACTERS])
    counted = re.sub(r"\d[\d.,]*", " zqnum ", folded(named))
    return [word[:30] for word in re.findall(r"[^\W_]+|[!:/|?]", counted)[:_MOST_WORDS]]


def _of_words(words: Sequence[str]) -> Iterator[str]:
    yield from (f"f {word}" for word in words[:1])
    for at, word in enumerate(words):
        yield f"w {word}"
        yield from (f"{distance} {word} {other}" for distance, other in enumerate(words[at + 1 : at + 1 + _NEAR]))
        if len(word) > 3:
            spelled = f"<{word}>"
            yield from (f"c {spelled[i : i + size]}" for size in (4, 5) for i in range(len(spelled) - size + 1))


def _of_classes(classes: Sequence[str]) -> Iterator[str]:
    yield from (f"k {one}" for one in classes)
    yield from (f"k {one} {other}" for one, other in combinations(classes, 2))


def _of_rules(rules: Sequence[str]) -> Iterator[str]:
    yield from (f"r {one}" for one in rules)
    yield "r any" if rules else "r none"


@functools.cache
def _weights() -> tuple[float, float, float, memoryview]:
    from importlib import resources

    content = zlib.decompress(resources.files(__package__).joinpath("likeness.bin").read_bytes())
    unit, bias, least = HEADER.unpack_from(content)
    return unit, bias, least, memoryview(content)[HEADER.size :].cast("b")
