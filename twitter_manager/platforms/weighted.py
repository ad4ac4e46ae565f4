"""X's weighted length by twitter-text v3. The limit and what to say about it are left to others.

Most letters weigh 1, CJK and other letters 2, an emoji sequence 2, a link 23, whatever its length
(https://docs.x.com/fundamentals/counting-characters; weights in
https://github.com/twitter/twitter-text/blob/master/config/v3.json).
Links and emoji are found by the package twitter-text-parser. The counting around it is ours, because the package's
fails on lone surrogates and takes quadratic time on runs of dots.
"""

from __future__ import annotations

import functools
import importlib
import re
import sys
import threading
import types
import unicodedata
from collections.abc import Callable, Iterator
from typing import Any

_LINK_WEIGHT = 23
_LONGEST_TEXT = 10_000
"""Characters in which links are looked for; past it a text is too long whatever its links weigh."""
_EFFORT = 10_000
"""Places where a link may begin, times dots, in one word; above it (no real link is) it is counted letter by letter."""


def weighted_length(text: str) -> int:
    """The weighted length of `text`. A lone surrogate weighs 2."""
    text = unicodedata.normalize("NFC", text)
    total = at = 0
    for start, end in links(text):
        total += _letters_weight(text[at:start]) + _LINK_WEIGHT
        at = end
    return total + _letters_weight(text[at:])


def count_links(text: str) -> int:
    """How many links X makes of `text`."""
    return sum(1 for _ in links(unicodedata.normalize("NFC", text)))


def _letters_weight(text: str) -> int:
    if not _heavy().search(text):
        return len(text)
    # A bare © or ® is in the package's table, but the official parser wants a variation selector after it.
    text = _package()[1].sub(lambda match: match[0] if match[0] in "©®" else "\N{SLIGHTLY SMILING FACE}", text)
    return len(text) + len(_heavy().findall(text))


@functools.cache
def _heavy() -> re.Pattern[str]:
    """A code point that weighs 2, as one that stands for an emoji sequence does."""
    return re.compile("[^\0-\u10ff\u2000-\u200d\u2010-\u201f\u2032-\u2037]")


def links(text: str) -> Iterator[tuple[int, int]]:
    """Where links begin and end."""
    for word in re.finditer(r"[^ \t\r\n]+", text[:_LONGEST_TEXT]):
        starts = len(re.findall(r"[^A-Za-z0-9]", word[0]))
        if "." in word[0] and starts * word[0].count(".") <= _EFFORT and starts <= _EFFORT // 5:
            for link in _package()[0](re.sub("[\ud800-\udfff]", "\ufffd", word[0])):
                start, end = link["indices"]
                yield word.start() + start, word.start() + end


_LENDING = threading.Lock()


@functools.cache
def _package() -> tuple[Callable[[str], list[dict[str, Any]]], re.Pattern[str]]:
    """What finds links, as `extractUrlsWithIndices` of the official parser does, and the expression for emoji.

    At import the package reads its emoji table through `pkg_resources`, which setuptools no longer has (and which
    took longer than all the rest); it finds the one function it needs in a module of ours, gone afterwards."""
    lender = types.ModuleType("pkg_resources")
    lender.__dict__["resource_string"] = _resource_string
    with _LENDING:  # the console counts in several threads
        before = sys.modules.get("pkg_resources")
        sys.modules["pkg_resources"] = lender
        try:
            return (
                importlib.import_module("twitter_text").extract_urls_with_indices,
                importlib.import_module("twitter_text.regexp.emoji").emoji,
            )
        finally:
            del sys.modules["pkg_resources"]
            if before is not None:
                sys.modules["pkg_resources"] = before


def _resource_string(package: str, name: str) -> bytes:
    from importlib import resources

    return resources.files(package.rpartition(".")[0]).joinpath(name).read_bytes()
