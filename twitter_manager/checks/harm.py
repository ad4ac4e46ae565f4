"""Rules on what must not go out by itself though the material says it: fraud, hatred, accusations, quackery, danger.

Fetched text is somebody else's. Whether a sentence is a crime or a report of one is no program's to decide: what these
rules find is a doubt, and the post waits for a person. They look for relations of concepts, not for phrases
(`harm.toml`): a demand and a secret, a group of people and what takes their dignity, in seven languages, the core of
Polish, some Japanese and any disguise. Reports and warnings ("scammers ask for …", "the court convicted …") are told
from what they report by concepts of their own, `unless`.

What the person's own material says (trust `own`), and what a person writes, is theirs.
"""

from __future__ import annotations

import functools
import re
from bisect import bisect
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from twitter_manager.checks.context import CheckContext
from twitter_manager.checks.folding import folded, undisguised
from twitter_manager.domain import Violation
from twitter_manager.english import LINK

MOST = 10_000
"""Characters of a part that are looked at; no platform takes as many."""
_FAR = 90
"""Characters between two concepts in an order."""
_NEAR = 40
"""Between a negation and what it negates."""
_A_LINK = " thislink "
"""Stands for an address, so that the file can name it."""
_END = r"(?<=[.!?…:;])[\"'»“”)]?\s+|\n+|(?<=[。！？])"

_JAPANESE = "\u3040-\u9fff"
_SCRIPTS_MEET = rf"(?<=[{_JAPANESE}])(?=[a-z])|(?<=[a-z])(?=[{_JAPANESE}])"

_Chain = tuple[tuple[str, ...], ...]
"""Concepts in an order; of each, the names that may stand for it."""
_Relation = tuple[_Chain, ...]


@dataclass(frozen=True, slots=True)
class _Rule:
    """Found where each term of `needed` stands together, and `written` in the text as it is written (case and all),
    and no term of `unless` there or in the sentences beside it."""

    needed: _Relation
    written: str
    unless: _Relation

    def found(self, text: str, around: str) -> bool:
        """Whether it stands in `text`; `around` is `text` with the sentences beside it."""
        if not re.search(self.written, text.title() if text.isupper() else text):
            return False
        if not any(all(_stands(term, form) for term in self.needed) for form in _forms(text)):
            return False
        excuse = _without("scorn", _readable(around))
        return not any(_stands(term, excuse) for term in self.unless)


def _rule(kind: str, what: str) -> Callable[[Sequence[str], CheckContext], Iterator[Violation]]:
    def check(parts: Sequence[str], context: CheckContext) -> Iterator[Violation]:
        if context.trust == "own":
            return
        for at, text in enumerate(parts):
            if _found(kind, text[:MOST], context.trust):
                yield Violation(kind, f"This may be {what}: a person must look at it.", at, doubt=True)
        if _found(kind, context.leads_to, context.trust):
            message = f"Its link leads to what may be {what}: a person must look at it."
            yield Violation(kind, message, doubt=True)

    return check


payment = _rule("payment", "a demand for money, or a wallet's address")
credentials = _rule("credentials", "a demand for a password, a code, or access to a wallet")
hatred = _rule("hatred", "hatred against a group of people")
accusation = _rule("accusation", "an accusation against a person by name")
cures = _rule("cures", "a false cure, a dose, or advice against a treatment")
self_harm = _rule("self_harm", "a call to self-harm")
weapons = _rule("weapons", "a recipe for a weapon, a poison or a drug, or an offer of one")
commands = _rule("commands", "a command that destroys data or opens a machine to others")
home_address = _rule("home_address", "where somebody lives")
orders = _rule("orders", "an order to this bot or to a model")
minors = _rule("minors", "sexual and about minors")
violence = _rule("violence", "a call to violence")
election = _rule("election", "false word on how and when to vote")
panic = _rule("panic", "a false alarm")


def _found(kind: str, text: str, trust: str) -> bool:
    sentences = [sentence for sentence in re.split(_END, re.sub(LINK, _A_LINK, text)) if re.search(r"\w", sentence)]
    return any(
        rule.found(" ".join(sentences[start : at + 1]), " ".join(sentences[max(at - 1, 0) : at + 2]))
        for at in range(len(sentences))
        for start in {at, max(at - 1, 0)}
        for rule in _rules(kind, trust)
    )


@functools.cache
def _rules(kind: str, trust: str) -> tuple[_Rule, ...]:
    """Of what anybody may write a report's words prove nothing (`reported`). The terms of few words come first: they
    fail most, and what is not asked for is not compiled."""
    return tuple(
        _Rule(
            tuple(sorted(_relation(rule.get("all", "")), key=_words_of)),
            _file()["written"].get(rule.get("written"), ""),
            _relation("" if trust == "open" and rule.get("reported") else rule.get("unless", "")),
        )
        for rule in _file()["rules"][kind]
    )


def _words_of(chain: _Chain) -> int:
    return sum(len(_file()["words"][name]) for name in chain[0])


def _relation(written: str) -> _Relation:
    return tuple(tuple(tuple(link.split("|")) for link in term.split(">")) for term in written.split())


@functools.lru_cache(64)
def _forms(text: str) -> tuple[str, ...]:
    return undisguised(_readable(text))


def _readable(text: str) -> str:
    """`text` folded; Japanese has no spaces, so that a Latin word in it gets its own."""
    return re.sub(_SCRIPTS_MEET, " ", folded(text))


def _stands(chain: _Chain, text: str) -> bool:
    """Whether the concepts of `chain` stand in `text`, each not far behind the one before it."""
    ends, reach = [0], len(text)
    for names in chain:
        spans = (span for name in names for span in _spans(name, text))
        ends = sorted(end for start, end in spans if _near(ends, start, reach))
        if not ends:
            return False
        reach = _NEAR if names == ("never",) else _FAR
    return True


@functools.lru_cache(64)
def _without(name: str, text: str) -> str:
    """`text` without the words of a concept; "the police just don't care" is no report of the police."""
    kept, at = [], 0
    for start, end in sorted(_spans(name, text)):
        kept.append(text[at : max(start, at)])
        at = max(end, at)
    return "".join([*kept, text[at:]])


def _near(ends: Sequence[int], start: int, reach: int) -> bool:
    at = bisect(ends, start)
    return at > 0 and start - ends[at - 1] <= reach


@functools.lru_cache(4096)
def _spans(name: str, text: str) -> tuple[tuple[int, int], ...]:
    """Where words of a concept stand. What begins as no word of `text` does is not even compiled."""
    begun = _beginnings(text) & _entries(name).keys()
    return tuple(match.span() for begins in begun for match in _pattern(name, begins).finditer(text))


@functools.lru_cache(64)
def _beginnings(text: str) -> frozenset[str]:
    """The keys of `_entries` that may have something for `text`."""
    japanese = {_JAPANESE} if re.search(f"[{_JAPANESE}]", text) else set()
    return frozenset({"", *re.findall(r"(?<!\w)\w\w", text), *japanese})


@functools.cache
def _pattern(name: str, begins: str) -> re.Pattern[str]:
    words = "|".join(_expression(entry) for entry in _entries(name)[begins])
    return re.compile(words if begins == _JAPANESE else rf"(?<!\w)(?:{words})(?!\w)")


@functools.cache
def _entries(name: str) -> dict[str, list[str]]:
    """A concept's entries: by their first two letters, "" where these vary, and the Japanese ones, which have no
    bounds."""
    entries = defaultdict(list)
    for written in _file()["words"][name].split():
        for entry in _alternatives(written if written.isascii() else folded(written).strip()):
            entries[_beginning(entry)].append(entry)
    return dict(entries)


def _beginning(entry: str) -> str:
    if re.search(f"[{_JAPANESE}]", entry):
        return _JAPANESE
    return entry[:2] if entry[:2].isalpha() and entry[2:3] not in ("?", "*", "{", "+") else ""


def _alternatives(entry: str) -> list[str]:
    """ "(a|b)c" as "ac" and "bc"."""
    group = re.match(r"\((\w+(?:\|\w+)+)\)(?![?*+{])(?=[\w(])", entry)
    return [alternative + entry[group.end() :] for alternative in group[1].split("|")] if group else [entry]


def _expression(entry: str) -> str:
    """An entry of the file as a regular expression; words are bounded, for a Japanese text is one long word."""
    entry = re.sub(_SCRIPTS_MEET, r"\\W?", entry)
    spelled = re.sub(r"(?<=[a-zñ])(?<!\\[wsdSW])\*", r"\\w*", entry)
    for written, expression in (
        ("_?", r"[^\w?!]{0,4}"),
        ("_", r"[^\w?!]{1,5}"),
        (r"\w*", r"\w{0,30}"),
        (r"\w+", r"\w{1,30}"),
        (r"[\d.,]*", r"[\d.,]{0,12}"),
        (r"[\d,.]*", r"[\d,.]{0,12}"),
        (r"\d{3})*", r"\d{3}){0,4}"),
    ):
        spelled = spelled.replace(written, expression)
    return re.sub(r"<(\w+)>", lambda match: f"(?:{_any_of(match[1])})", spelled)


@functools.cache
def _any_of(name: str) -> str:
    return "|".join(_expression(entry) for entries in _entries(name).values() for entry in entries)


@functools.cache
def _file() -> dict[str, Any]:
    import tomllib
    from importlib import resources

    return tomllib.loads(resources.files(__package__).joinpath("harm.toml").read_text("utf-8"))
