"""Takes a text apart into words, in any script. What is made of them is left to the rules."""

from __future__ import annotations

import functools
import re
import unicodedata

LINK = r"https?://[^\s<>\"“”]+"
EMOJI = "[\u2600-\u27bf\U0001f1e6-\U0001f1ff\U0001f300-\U0001faff]"


def set_of(words: str) -> frozenset[str]:
    """The words of a list that is written as one text."""
    return frozenset(words.split())


def shown(text: str, limit: int = 60) -> str:
    """`text` as it may stand in a message: one line, printable, shortened to `limit` characters."""
    line = "".join(c if c.isprintable() else "\ufffd" for c in " ".join(text[: 4 * limit].split()))
    return line if len(line) <= limit else beginning(line, limit - 1) + "…"


def beginning(text: str, limit: int) -> str:
    """The longest beginning of `text` of at most `limit` characters that takes none apart as readers see them: a letter
    and its accents, a family of emoji, a flag."""
    if len(text) <= limit or text.isascii():
        return text[:limit]
    import regex  # type: ignore[import-untyped]

    ends = [0, *(found.end() for found in regex.finditer(r"\X", text[: limit + 1]))]
    if ends[-1] > limit:  # the last one may go on behind the limit
        ends.pop()
    return text[: ends[-1]] or text[:limit]


@functools.cache
def unspaced() -> re.Pattern[str]:
    """A letter of a script that is written without spaces: Thai, Lao, Myanmar, Khmer, CJK, kana."""
    return re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")


def words(text: str) -> list[str]:
    """The words of `text`, case folded, without links; a letter of an unspaced script is a word of its own."""
    folded = unicodedata.normalize("NFKC", re.sub(LINK, " ", text)).casefold()
    spread = unspaced().sub(r" \g<0> ", folded)
    return re.findall(r"\d+(?:[.,:]\d+)+|[^\W_]+(?:['’][^\W_]+)?", spread)


_FUNCTION_WORDS = """
    a about after all also an and any are as at be because been before between both but by can did do does each either
    every for from had has have how i if in instead into is it its just may might more most must no nor not of on once
    only onto or other our over own per same should since so some such than that the their them then there these they
    this those to too under until up upon was we were what when where whether which while who why will with without
    would you your
    ever fact facts fun fyi heads here know knowing learned note psa quick remember reminder til tip tips today wonder
    wondered worth
"""


@functools.cache
def function_words() -> frozenset[str]:
    """English words that carry no content of their own, and those that openers are made of."""
    return set_of(_FUNCTION_WORDS)
