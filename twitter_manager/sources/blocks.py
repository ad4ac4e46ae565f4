"""What a document consists of, whatever it is written in: headings, paragraphs, entries of lists, in their order.

`markdown` and `restructured` read documents into blocks; `sections` and `changelog` make material of them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

UNUSABLE = "\ufffc"
"""Stands for what a text cannot hold: a formula, a picture among words. No post is made of a sentence with it."""
_RAISED = str.maketrans("0123456789+-−=()ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿⁱ")
_LOWERED = str.maketrans("0123456789+-−=()aeox", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎ₐₑₒₓ")
_ORDINAL = re.compile(r"(?:st|nd|rd|th|ers?|i?[eè]re|[eè]mes?|mes?|lles?|e|o|a|os|as|TM|SM|®|™)\Z")


Kind = Literal["heading", "paragraph", "item", "more", "code"]


@dataclass(frozen=True, slots=True)
class Block:
    """A heading, a paragraph, an entry of a list (`item`), what goes on in an entry (`more`), or code or a table."""

    kind: Kind
    level: int
    """Of a heading 1 to 6; of `item` and `more` how deep the list is nested."""
    text: str
    """Empty for code and tables."""


def raised(text: str, before: str) -> str:
    """What stands above the line, in characters that say so. `before`: the text it follows, which tells an exponent
    (10, m) from the mark of a footnote (a word, the end of a sentence)."""
    text = text.strip()
    if not text or re.fullmatch(r"\[?[\w†‡*]{1,3}\]", text):
        return ""
    if _ORDINAL.fullmatch(text):
        return text
    if re.fullmatch(r"\d{1,3}|[*†‡§]+", text) and not re.search(r"(?:\d|\b[^\W\d_]{1,2}|\))\Z", before):
        return ""
    shown = text.translate(_RAISED)
    return shown if not re.search(r"[\w+=()-]", re.sub("[⁰¹²³⁴⁵⁶⁷⁸⁹ⁿⁱ]", "", shown)) else UNUSABLE


def lowered(text: str) -> str:
    """What stands below the line, in characters that say so."""
    shown = text.strip().translate(_LOWERED)
    return shown if not re.search(r"[\w+=()-]", re.sub("[₀₁₂₃₄₅₆₇₈₉ₐₑₒₓ]", "", shown)) else UNUSABLE
