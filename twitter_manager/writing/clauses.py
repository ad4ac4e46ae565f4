"""English as `frames` and `rewrites` need it to take a sentence apart: what has a verb of its own, what is an order,
and which words have their capital from the beginning of a sentence alone.

Word lists instead of a parser: where they don't know a word, the rules stay silent.
"""

from __future__ import annotations

import re
from collections.abc import Sequence, Set
from dataclasses import dataclass

from twitter_manager.english import set_of


@dataclass(frozen=True, slots=True)
class Spelling:
    """How a note's texts write words: small or large inside a sentence, and which begin one."""

    small: frozenset[str]
    names: frozenset[str]
    first: frozenset[str]

    @classmethod
    def of(cls, texts: Sequence[str], label: str = "") -> Spelling:
        """The texts together: "leap" in one of them tells that "Leap" in another has its capital from the sentence
        alone. `label`: what they are about, which is a name where it has a capital."""
        inside = re.findall(r"(?<=[\w,;:)] )[A-Za-z][a-z-]*(?![\w(./])", "\n".join((*texts, f"about {label}")))
        small = frozenset(word for word in inside if word.islower())
        return cls(small, frozenset(inside) - small, frozenset(text.split()[0] for text in texts if text.split()))

    def lowered(self, text: str) -> str:
        """`text` as it reads inside a sentence; "" where it is not known."""
        first, _, rest = text.partition(" ")
        word = re.fullmatch(r"([A-Z][a-z-]*)(['’]s)?", first)
        if not word or (len(first) == 1 and first != "A"):
            return text
        small = word[1].lower()
        if small in SMALL or small in self.small:
            return f"{small}{word[2] or ''} {rest}".rstrip()
        return text if word[1] in self.names else ""

    def raised(self, text: str) -> str:
        """`text` as it reads at the beginning of a sentence; "" where it is not known. Code keeps its small letter."""
        first = text.split()[0]
        if first[0].isupper() or first[0].isdigit() or not re.fullmatch(r"[a-z]+", first):
            return text if first[0].isalnum() else ""
        return upper(text) if first in SMALL | ORDERS or upper(first) in self.first else ""


def upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def begins(text: str, words: Set[str]) -> bool:
    first = re.match(r"[\w'’]+", text)
    return first is not None and first[0].casefold() in words


def has_verb(text: str) -> bool:
    """One of FINITE stands in it."""
    return not FINITE.isdisjoint(re.findall(r"[\w'’]+", text.casefold()))


def is_statement(text: str) -> bool:
    """It has a verb after its first word, and is no order."""
    return has_verb(text.partition(" ")[2]) and not begins(text, ORDERS)


AUXILIARIES = "is|are|was|were|can|could|must|should|will|does|do|did"
FINITE = set_of(AUXILIARIES.replace("|", " ")) | set_of(
    "has have had cannot can't may might would isn't aren't doesn't don't adds affects allows applies asks avoids "
    "becomes begins belongs blocks calls causes changes closes comes compares contains continues converts copies costs "
    "counts creates defers depends discards discourages drops ends evaluates exits expects fails filters finds follows "
    "forbids forces gets gives goes grows guarantees helps holds ignores includes indicates inherits interprets "
    "invokes keeps leaves lets loses makes matches matters means measures modifies monitors moves needs opens "
    "overwrites parses passes performs points pops prevents prints produces prohibits provides puts raises reaches "
    "reads receives recommends refers refuses rejects releases remains remembers removes represents requires respects "
    "returns rounds runs says see seems selects sends sets share shares shows sorts splits stands starts stays stops "
    "stores suits takes tells tests throws tracks treats truncates tries turns uses wait waits works wraps writes "
    "yields"
)
"""Words that show that a clause has a verb of its own; a clause without one of them is taken for a fragment."""
ORDERS = set_of(
    "add always ask avoid await call cast check choose close consider convert declare do don't enable escape export "
    "give inspect keep let lock look make mark never normalize note only open pair pass patch pick prefer press put "
    "quote read remember run see set specify start store take test treat try turn type use validate wait wrap write"
)
"""Words that begin an order, which is no statement that something could follow from."""
SUBORDINATORS = set_of("although as because before after if once since though unless until when whenever while")
PREPOSITIONS = set_of("at between by during for from in inside of on outside to under with within without")
POINTING = set_of("it its they their them this that these those he she his her such then there one another we our")
"""Words that point back to what was said before."""
PRONOUNS = POINTING | set_of("any either itself neither ones other others same themselves which who you your")
SMALL = (
    SUBORDINATORS
    | PREPOSITIONS
    | PRONOUNS
    | set_of("a all an both each every few many most no several some the three two")
    | set_of(
        "adding calling closing comparing declaring deleting inserting joining opening ordering passing reading "
        "receiving running sending setting sorting storing using writing"
    )
)
"""The only words whose capital may be taken away or given: of others it is not known whether they are names or code."""
