"""Rules on what must not go out by itself though the material says it: fraud, hatred, accusations, quackery, danger.

Fetched text is somebody else's. Whether a sentence is a crime or a report of one is no program's to decide: what these
rules find is a doubt, and the post waits for a person. They look at kinds, not at phrases: words of several classes
that stand together in a sentence (`harm.toml`), in seven languages and any disguise. Reports and warnings ("scammers
ask for …", "the court convicted …") are told from what they report by words of their own, `unless`.

What the person's own material says (trust `own`), and what a person writes, is theirs.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from twitter_manager.checks.context import CheckContext
from twitter_manager.checks.folding import folded, undisguised
from twitter_manager.domain import Violation
from twitter_manager.english import LINK

MOST = 10_000
"""Characters of a part that are looked at; no platform takes as many."""
_EDGE_BEFORE, _EDGE_AFTER = r"(?<!\w)", r"(?!\w)"
_MARK = "\x1f"
"""Stands around the names of groups of people."""
_GAP = r".{0,70}?"
_END = r"(?<=[.!?…:;])[\"'»“”)]?\s+|\n+|(?<=[。！？])"


@dataclass(frozen=True, slots=True)
class _Pattern:
    """Found where all of `needed` stand together, and `written` in the text as it is written (case and all), and none
    of `unless` there or in the sentence before."""

    needed: tuple[str, ...]
    written: re.Pattern[str] | None
    unless: str

    def found(self, before: str, text: str) -> bool:
        """Whether it stands in `text`; `before` is the sentence before it."""
        if self.written is not None and not self.written.search(text):
            return False
        if not any(all(_compiled(one).search(form) for one in self.needed) for form in _forms(text)):
            return False
        return not self.unless or not _compiled(self.unless).search(folded(f"{before} {text}"))


def _rule(kind: str, what: str) -> Callable[[Sequence[str], CheckContext], Iterator[Violation]]:
    def check(parts: Sequence[str], context: CheckContext) -> Iterator[Violation]:
        for at, text in enumerate(parts if context.trust != "own" else ()):
            if _stands(kind, text[:MOST], context.trust):
                yield Violation(kind, f"This may be {what}: a person must look at it.", at, doubt=True)
        if context.trust != "own" and context.leads_to and _stands(kind, context.leads_to, context.trust):
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


def _stands(kind: str, text: str, trust: str) -> bool:
    sentences = [one for one in re.split(_END, re.sub(LINK, " ", text)) if one.strip()]
    befores = ["", *sentences]
    return any(
        one.found(before, sentence) or (before and one.found("", f"{before} {sentence}"))
        for one in _patterns(kind, trust)
        for before, sentence in zip(befores, sentences, strict=False)
    )


@functools.cache
def _patterns(kind: str, trust: str) -> tuple[_Pattern, ...]:
    """Of what anybody may write a report's words prove nothing (`reported`)."""
    return tuple(
        _Pattern(
            tuple(rule.get("all", ())),
            re.compile(rule["written"]) if "written" in rule else None,
            "" if trust == "open" and rule.get("reported") else rule.get("unless", ""),
        )
        for rule in _file()["rules"][kind]
    )


@functools.lru_cache(64)
def _forms(text: str) -> tuple[str, ...]:
    return tuple(_MARK.join(re.split(f"({_class('group')})", form)) for form in undisguised(folded(text)))


@functools.cache
def _compiled(pattern: str) -> re.Pattern[str]:
    begins_anywhere = pattern.startswith(("^", "(?:^"))
    return re.compile(("" if begins_anywhere else _EDGE_BEFORE) + f"(?:{_expression(pattern)}){_EDGE_AFTER}")


def _expression(pattern: str) -> str:
    """A pattern of the file as a regular expression: <class> of words, " .. " for a few words between, a space for any
    gap between two words, * behind a letter for any ending."""
    spelled = re.sub(r"(?<=\w)(?<!\\[wsdSW])\*", r"\\w*", pattern)
    spelled = spelled.replace(" .. ", _GAP).replace(" ?", r"\W{0,4}").replace(" ", r"\W{1,5}")
    return re.sub(r"<(\w+)>", lambda found: _words(found[1]), spelled)


@functools.cache
def _words(name: str) -> str:
    """What stands for a class of words in an expression. Groups of people, hundreds of words that many patterns need,
    are looked for once and marked in the text (`_forms`)."""
    return f"{_MARK}[^{_MARK}]{{1,60}}{_MARK}" if name == "group" else _class(name)


@functools.cache
def _class(name: str) -> str:
    """A class of words, as one group."""
    listed = re.split(r"\s+\|\s+|\s*\n\s*", str(_file()["words"][name]).strip())
    return f"{_EDGE_BEFORE}(?:{'|'.join(_expression(one) for one in listed if one)}){_EDGE_AFTER}"


@functools.cache
def _file() -> dict[str, Any]:
    import tomllib
    from importlib import resources

    return tomllib.loads(resources.files(__package__).joinpath("harm.toml").read_text("utf-8"))
