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
_HEAVY = "\N{SLIGHTLY SMILING FACE}"
"""Any one code point that weighs 2, as an emoji sequence does."""
_LINKS_MATTER_TO = 10 * 280
"""Weighted characters; past it a text is too long whatever its links weigh, so they are counted letter by letter."""
_EFFORT = 10_000
"""Places where a link may begin, times dots, in one word; above it (no real link is) it is counted letter by letter."""
_LONGEST_LINK = 4096
_LONGEST_LABEL = 63
_LONGEST_TCO_SLUG = 40


def weighted_length(text: str) -> int:
    """The weighted length of `text`. A lone surrogate weighs 2."""
    if text.isascii() and "." not in text:
        return len(text)
    text = unicodedata.normalize("NFC", text)
    total = at = 0
    for word in re.finditer(r"[^ \t\r\n]+", text):
        total += word.start() - at + _word_weight(word[0])
        at = word.end()
        if total > _LINKS_MATTER_TO:
            break
    return total + _letters_weight(text[at:])


def count_links(text: str) -> int:
    """How many links X makes of `text`."""
    text = unicodedata.normalize("NFC", text[:_LINKS_MATTER_TO])
    return sum(1 for word in re.findall(r"[^ \t\r\n]+", text) for _ in _links(word))


def _word_weight(word: str) -> int:
    total = at = 0
    for start, end in _links(word):
        total += _letters_weight(word[at:start]) + _LINK_WEIGHT
        at = end
    return total + _letters_weight(word[at:])


def _letters_weight(text: str) -> int:
    if not _heavy().search(text):
        return len(text)
    # A bare © or ® is in the package's table, but the official parser wants a variation selector after it.
    text = _expressions().emoji.sub(lambda match: match[0] if match[0] in "©®" else _HEAVY, text)
    return len(text) + len(_heavy().findall(text))


@functools.cache
def _heavy() -> re.Pattern[str]:
    """A code point that weighs 2."""
    return re.compile("[^\0-\u10ff\u2000-\u200d\u2010-\u201f\u2032-\u2037]")


def _links(word: str) -> Iterator[tuple[int, int]]:
    """Where links begin and end, as `extractUrlsWithIndices` of the official parser finds them."""
    if "." not in word or not _may_hold_link(word):
        return
    expressions = _expressions()
    for match in expressions.link.finditer(word):
        _, before, link, protocol, domain, _, path, _ = match.groups()
        if not _is_valid(link, protocol or "https://", domain):
            continue
        if protocol:
            tco = expressions.tco.match(link)
            if not tco:
                yield match.span(3)
            elif len(tco[1]) <= _LONGEST_TCO_SLUG:
                yield match.start(3), match.start(3) + tco.end()
        elif before not in tuple("-_./"):
            yield from _bare_links(domain, match.start(5), match.end() if path else None)


def _bare_links(domain: str, offset: int, end: int | None) -> Iterator[tuple[int, int]]:
    """The ASCII names in `domain`, which begins at `offset`; what follows it up to `end` belongs to the last."""
    spans = [match.span() for match in _expressions().ascii_domain.finditer(domain)]
    for at, (start, stop) in enumerate(spans, 1):
        # The path adds to the last name's length as it stands: the official parser replaces the whole domain by it.
        tail = end - offset - len(domain) if end is not None and at == len(spans) else 0
        yield offset + start, offset + stop + tail


def _is_valid(link: str, protocol: str, domain: str) -> bool:
    if domain.startswith("xn--") and not _expressions().ascii_domain.search(domain):
        return False
    labels = (len(_ascii_label(label)) for label in domain.split("."))
    return all(0 < size <= _LONGEST_LABEL for size in labels) and len(protocol) + len(link) <= _LONGEST_LINK


def _ascii_label(label: str) -> bytes:
    return label.encode() if label.isascii() else b"xn--" + label.encode("punycode", "replace")


def _may_hold_link(word: str) -> bool:
    """False for what surely holds none; it spares the package's expression, slow on a word of many dots."""
    tlds = _expressions().tlds
    if not (
        any(label[1].lower() in tlds for label in re.finditer(r"\.([A-Za-z0-9]+)(?![A-Za-z0-9@+-])", word))
        or re.search(r"\.[^\0-\x7f]|\.xn--", word, re.IGNORECASE)
    ):
        return False
    starts = len(re.findall(r"[^A-Za-z0-9]", word))
    return starts * word.count(".") <= _EFFORT and starts <= _EFFORT // 5


class _Expressions(NamedTuple):
    link: re.Pattern[str]
    ascii_domain: re.Pattern[str]
    tco: re.Pattern[str]
    emoji: re.Pattern[str]
    tlds: frozenset[str]


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
        found = {
            name: getattr(importlib.import_module(f"twitter_text.regexp.{name}"), name)
            for name in ("extract_url", "valid_ascii_domain", "valid_tco_url", "emoji", "valid_gtld", "valid_cctld")
        }
    finally:
        del sys.modules["pkg_resources"]
        if before is not None:
            sys.modules["pkg_resources"] = before
    tlds = re.findall("[a-z]{2,}", f"{found['valid_gtld'].pattern} {found['valid_cctld'].pattern}")
    return _Expressions(
        found["extract_url"], found["valid_ascii_domain"], found["valid_tco_url"], found["emoji"], frozenset(tlds)
    )


def _resource_string(package: str, name: str) -> bytes:
    from importlib import resources

    return resources.files(package.rpartition(".")[0]).joinpath(name).read_bytes()
