"""The table of rules: both sides of each rule, and what must survive every rule, as properties."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twitter_manager.sources.notes import starter_items
from twitter_manager.writing.rewrites import RULES, Example, restructured
from twitter_manager.writing.wordings import names_in

EXAMPLES = [(name, example) for name, rule in RULES.items() for example in rule.examples]


@pytest.mark.parametrize(
    ("name", "example"), EXAMPLES, ids=lambda one: one if isinstance(one, str) else one.sentence[:40]
)
def test_examples(name: str, example: Example) -> None:
    """Every example of the table comes out as it says: what the rule makes, or nothing where a guard holds it back."""
    made = list(RULES[name].make(example.sentence, frozenset()))
    assert made == [] if not example.made else example.made in made


def test_every_rule_has_examples_of_both_sides() -> None:
    """No rule is only shown at its best."""
    for name, rule in RULES.items():
        assert any(one.made for one in rule.examples), name
        assert any(not one.made for one in rule.examples), name


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
    for name, made in restructured(text, frozenset({"Python"})):
        assert facts(made) == facts(text), name
        assert clauses_of(made) == clauses_of(text), name


@given(texts())
def test_what_is_left_stands_in_the_text_and_what_goes_bounds_nothing(text: str) -> None:
    """A shorter text is made of the whole's own words in their order; no denial and no bound goes."""
    for name, made in restructured(text, frozenset({"Python"}), shorten=True):
        left = iter(text.split())
        assert all(any(mine.strip(".,()") == word.strip(".,()") for word in left) for mine in made.split()), name
        for kind in ("negations", "qualifiers"):
            assert facts(made)[kind] == facts(text)[kind], name


@given(texts())
def test_what_a_rule_makes_is_well_formed(text: str) -> None:
    """A capital at the beginning, the same end, no doubled words or marks, no second colon."""
    for shorten in (False, True):
        for name, made in restructured(text, frozenset({"Python"}), shorten=shorten):
            assert made[0] == made[0].upper(), name
            assert made[-1] == text[-1], name
            assert not re.search(r"  |,,|, [.;]|\b(because|so|but|while|although) \1\b", made), name
            assert made.count(": ") <= max(1, text.count(": ")), name


@given(st.text(max_size=300))
def test_any_text_is_taken_without_an_error(text: str) -> None:
    """Whatever the characters: texts or none."""
    for shorten in (False, True):
        assert all(made for _, made in restructured(text, frozenset(), shorten=shorten))


def test_rules_make_something_of_the_starter_notes() -> None:
    """The table is worth its length: it gives well over a hundred texts that no person wrote, none twice."""
    made = set()
    for item in starter_items():
        every = (item.text, *item.wordings)
        names = names_in(item.label, every)
        made |= {text for one in every for _, text in restructured(one, names) if text not in every}
    assert len(made) > 120


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
    for _, made in restructured(text, frozenset()):
        assert broken and broken not in made
