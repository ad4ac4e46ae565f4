"""The table of rules: both sides of each rule, and what must survive every rule, as properties."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twitter_manager.sources.notes import starter_items
from twitter_manager.writing.rewrites import RULES, restructured

EXAMPLES = [
    (
        "semicolon to stop",
        "Sorting is stable; the order of equal keys is kept",
        "Sorting is stable. The order of equal keys is kept",
    ),
    ("semicolon to stop", "no-cache lets it be stored; no-store may too", ""),
    ("but to while", "The index is small, but a scan is slow", "While the index is small, a scan is slow"),
    ("but to while", "The plan is free, but it is slow", ""),
    ("but to while", "In C, the size is fixed, but a list can grow", ""),
    ("but to while", "The header says: a lock is cheap, but a scan is slow", ""),
    ("but to while", "Cookies can expire, but a list is fast", ""),
    ("but to however", "A lock is cheap, but it does not nest", "A lock is cheap. However, it does not nest"),
    ("but to however", "JSON.stringify() omits undefined in objects, but changes it to null in arrays", ""),
    ("but to however", "Not all differences are shown, but the changes on B that A lacks are", ""),
    ("but to however", "Not all differences are shown, but the changes on B since it leaves A", ""),
    ("but to however", "The lock is not held by a thread, but the process that has it", ""),
    ("but to however", "It parses a date as UTC, but a date with a time as local time", ""),
    ("so to why", "The file is locked, so a second run waits", "The file is locked. That is why a second run waits"),
    ("so to why", "Quote the name, so the shell leaves it whole", ""),
    ("so to why", "The file is locked, so on Linux a second run waits", ""),
    ("so to why", "A pickle can run code, so only load what is yours", ""),
    ("owner to place", "Python's list.sort() is stable", "In Python, list.sort() is stable"),
    ("owner to place", "Python's sort is stable", ""),
    ("owner to place", "Ada's sort() is stable", ""),
]
"""Rule, sentence, and what the rule makes of it: "" where its guards must hold it back."""


def test_examples() -> None:
    """Every example comes out as it says, and every rule has some of both sides."""
    for name, sentence, wanted in EXAMPLES:
        made = list(RULES[name](sentence))
        assert made == [] if not wanted else wanted in made, (name, sentence)
    for name in RULES:
        assert {bool(wanted) for rule, _, wanted in EXAMPLES if rule == name} == {True, False}


def test_a_capital_is_taken_only_where_it_is_no_names() -> None:
    """ "The" loses its capital inside a sentence, code keeps it, and of other words nobody knows."""
    rule = RULES["but to while"]
    assert list(rule("Python is slow, but a list is fast")) == []
    assert list(rule("SQLite is small, but a list is fast")) == ["While SQLite is small, a list is fast"]


SUBJECTS = st.sampled_from(
    (
        *("the index", "a list", "Python", "git log", "SQLite 3.40", "it", "each of 12 rows", "no key", "both rows"),
        *("not all rows", "Python's sort()", "the changes that A lacks", "a scan (of pages) in order", "only one of 7"),
    )
)
VERBS = st.sampled_from(
    (
        *("is slow", "needs a lock", "does not wait", "cannot grow past 63 rows", "may return about 5 rows"),
        *("holds at most 255 octets", "is never read", "keeps it unless the flag is set", "use a lock"),
        *("is read by default", "is faster than 3 of the others", "gets fewer than 8 rows of the table each time"),
    )
)
JOINS = st.sampled_from(
    (
        *(", but ", "; ", ", so ", " because ", " unless ", " when ", ", while ", ". ", ": ", " and ", ", because "),
        *(", although ", ", which ", ", for example ", " if "),
    )
)
LEADS = st.sampled_from(("", "", "By default, ", "In Python, ", "If ", "Unless "))


@st.composite
def texts(draw: st.DrawFn) -> str:
    clauses = [f"{draw(SUBJECTS)} {draw(VERBS)}" for _ in range(draw(st.integers(1, 3)))]
    text = draw(LEADS) + clauses[0] + "".join(draw(JOINS) + clause for clause in clauses[1:])
    whole = ". ".join(part[0].upper() + part[1:] for part in text.split(". "))
    return whole + draw(st.sampled_from([".", "", "!", "..."]))


def facts(text: str) -> dict[str, list[str]]:
    """What no rule may change: numbers, names and code, negations, qualifiers, comparisons with their direction."""
    plain = text.casefold()
    return {
        "numbers": sorted(re.findall(r"\d+(?:\.\d+)?", plain)),
        "names": sorted(re.findall(r"\b(?:python|git log|sqlite|sort\(\))", plain)),
        "negations": sorted(re.findall(r"\b(?:not|no|never|unless|cannot)\b", plain)),
        "qualifiers": sorted(re.findall(r"\b(?:may|about|at most|only|each|both|can|by default)\b", plain)),
        "comparisons": sorted(re.findall(r"\S+ than \S+ \S+", plain.replace(".", ""))),
    }


def clauses_of(text: str) -> list[str]:
    """What is said of what: each subject with its verb, wherever it stands."""
    return sorted(
        re.findall(
            r"(\w+) (?:is|needs|does not|cannot|may|holds|keeps|gets) (\w+)",
            text.casefold().replace("that is why ", ""),
        )
    )


@given(texts())
def test_facts_survive_every_rule_that_leaves_nothing_out(text: str) -> None:
    """Numbers, names, negations, qualifiers and comparisons are the same; every verb keeps its subject and object."""
    for made in restructured(text):
        assert facts(made) == facts(text)
        assert clauses_of(made) == clauses_of(text)


@given(texts())
def test_what_a_rule_makes_is_well_formed(text: str) -> None:
    """A capital at the beginning, the same end, no doubled words or marks, no second colon."""
    for made in restructured(text):
        assert made[0] == made[0].upper()
        assert made[-1] == text[-1]
        assert not re.search(r"  |,,|, [.;]|\b(because|so|but|while|although) \1\b", made)
        assert made.count(": ") <= max(1, text.count(": "))


@given(st.text(max_size=300))
def test_any_text_is_taken_without_an_error(text: str) -> None:
    """Whatever the characters: texts or none."""
    assert all(restructured(text))


def test_rules_make_something_of_the_starter_notes() -> None:
    """The table is worth its length: it gives about a hundred texts that no person wrote, none twice."""
    made = set()
    for item in starter_items():
        every = (item.text, *item.wordings)
        made |= {text for one in every for text in restructured(one) if text not in every}
    assert len(made) > 90


@pytest.mark.parametrize(
    ("text", "broken"),
    [
        ("Not all files are shown, but the changes on B that A lacks are listed.", "However"),
        ("If both rows are equal, both are kept.", "kept if"),
        ("When two keys are equal, both keys are kept.", "Both keys are kept when"),
        ('The error says "a lock is held, but it is free", so it waits.', ""),
        ("`a; b` is a list.", ". B"),
    ],
)
def test_what_went_wrong_once(text: str, broken: str) -> None:
    """What a rule has broken: fragments after "but", "both" before what it means, words in quotation marks."""
    for made in restructured(text):
        assert broken and broken not in made
