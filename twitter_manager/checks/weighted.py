"""X's weighted length by twitter-text v3. The limit and what to say about it are left to others.

Most letters weigh 1, CJK and other letters 2, an emoji sequence 2, a link 23, whatever its length
(https://docs.x.com/fundamentals/counting-characters; weights in
https://github.com/twitter/twitter-text/blob/master/config/v3.json). The expressions that find links and emoji come
from the package twitter-text-parser. The loops around them are ours, because the package's fail on lone surrogates
and on domains with newer emoji, and take quadratic time on runs of dots.
"""

from __future__ import annotations

import functools
import importlib
import re
import sys
import types
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

_LINK_WEIGHT = 23
_LONGEST_TEXT = 10_000
"""Characters in which links are looked for; past it a text is too long whatever its links weigh."""
_EFFORT = 10_000
"""Places where a link may begin, times dots, in one word; above it (no real link is) it is counted letter by letter."""
_LONGEST_LINK = 4096
_LONGEST_LABEL = 63
_LONGEST_TCO_SLUG = 40


def weighted_length(text: str) -> int:
    """The weighted length of `text`. A lone surrogate weighs 2."""
    text = unicodedata.normalize("NFC", text)
    total = at = 0
    for start, end in _links(text):
        total += _letters_weight(text[at:start]) + _LINK_WEIGHT
        at = end
    return total + _letters_weight(text[at:])


def count_links(text: str) -> int:
    """How many links X makes of `text`."""
    return sum(1 for _ in _links(unicodedata.normalize("NFC", text)))


def _letters_weight(text: str) -> int:
    if not _heavy().search(text):
        return len(text)
    # A bare © or ® is in the package's table, but the official parser wants a variation selector after it.
    text = _expressions().emoji.sub(lambda match: match[0] if match[0] in "©®" else "\N{SLIGHTLY SMILING FACE}", text)
    return len(text) + len(_heavy().findall(text))


@functools.cache
def _heavy() -> re.Pattern[str]:
    """A code point that weighs 2, as one that stands for an emoji sequence does."""
    return re.compile("[^\0-\u10ff\u2000-\u200d\u2010-\u201f\u2032-\u2037]")


def _links(text: str) -> Iterator[tuple[int, int]]:
    """Where links begin and end, as `extractUrlsWithIndices` of the official parser finds them."""
    for word in re.finditer(r"[^ \t\r\n]+", text[:_LONGEST_TEXT]):
        starts = len(re.findall(r"[^A-Za-z0-9]", word[0]))
        if "." in word[0] and starts * word[0].count(".") <= _EFFORT and starts <= _EFFORT // 5:
            for match in _expressions().link.finditer(word[0]):
                yield from ((word.start() + start, word.start() + end) for start, end in _in_match(match))


def _in_match(match: re.Match[str]) -> Iterator[tuple[int, int]]:
    """The links in a match of the package's expression: one with its scheme, or the ASCII names of a bare domain."""
    _, before, link, protocol, domain, _, path, _ = match.groups()
    if not _is_valid(link, protocol or "https://", domain):
        return
    if protocol:
        tco = _expressions().tco.match(link)
        if not tco or len(tco[1]) <= _LONGEST_TCO_SLUG:
            yield match.start(3), match.start(3) + tco.end() if tco else match.end(3)
    elif before not in tuple("-_./"):
        names = [name.span() for name in _expressions().ascii_domain.finditer(domain)]
        ends = [end for _, end in names]
        if path and names:  # The path adds to the last name as it stands: the parser replaces the whole domain by it.
            ends[-1] += match.end() - match.end(5)
        yield from ((match.start(5) + start, match.start(5) + end) for (start, _), end in zip(names, ends, strict=True))


def _is_valid(link: str, protocol: str, domain: str) -> bool:
    if domain.startswith("xn--") and not _expressions().ascii_domain.search(domain):
        return False
    labels = (len(_ascii_label(label)) for label in domain.split("."))
    return all(0 < size <= _LONGEST_LABEL for size in labels) and len(protocol) + len(link) <= _LONGEST_LINK


def _ascii_label(label: str) -> bytes:
    return label.encode() if label.isascii() else b"xn--" + label.encode("punycode", "replace")


class _Expressions(NamedTuple):
    link: re.Pattern[str]
    ascii_domain: re.Pattern[str]
    tco: re.Pattern[str]
    emoji: re.Pattern[str]


@functools.cache
def _expressions() -> _Expressions:
    """The package's expressions.

    At import the package reads its emoji table through `pkg_resources`, which setuptools no longer has (and which
    took longer than all the rest); it finds the one function it needs in a module of ours, gone afterwards."""
    lender = types.ModuleType("pkg_resources")
    lender.__dict__["resource_string"] = _resource_string
    before = sys.modules.get("pkg_resources")
    sys.modules["pkg_resources"] = lender
    try:
        names = ("extract_url", "valid_ascii_domain", "valid_tco_url", "emoji")
        found = [getattr(importlib.import_module(f"twitter_text.regexp.{name}"), name) for name in names]
    finally:
        del sys.modules["pkg_resources"]
        if before is not None:
            sys.modules["pkg_resources"] = before
    return _Expressions(*found)


def _resource_string(package: str, name: str) -> bytes:
    from importlib import resources

    return resources.files(package.rpartition(".")[0]).joinpath(name).read_bytes()
