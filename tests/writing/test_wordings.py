"""Synonyms keep the meaning, alone and on top of a rule of `rewrites`, and what must survive both, as properties."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.writing.test_rewrites import texts as sentences
from twitter_manager.writing import wordings
from twitter_manager.writing.clauses import Spelling
from twitter_manager.writing.rewrites import RULES
from twitter_manager.writing.wordings import SYNONYMS, Variant, variants

NOTES = Path(wordings.__file__).parent.parent / "sources" / "starter_notes.toml"


SPELLING = Spelling.of([], "Python")


def texts(note: str) -> list[str]:
    return [one.text for one in variants(note, SPELLING)[1:]]


@pytest.mark.parametrize(
    ("note", "variant"),
    [
        ("Git does not track folders.", "Git doesn't track folders."),
        ("A table needs a key.", "A table requires a key."),
        ("It takes about 3 seconds.", "It takes roughly 3 seconds."),
        ("A label has at most 63 octets.", "A label has no more than 63 octets."),
    ],
)
def test_synonyms_stand_in(note: str, variant: str) -> None:
    """The good side of the table."""
    assert texts(note) == [variant]


@pytest.mark.parametrize(
    "note",
    [
        "Use a lock when it is slow, so a second run waits.",
        "Cookies are shared unless ports differ in 80 or 443.",  # is "Cookies" a name?
        "The task waits 5 seconds after the lock is gone.",  # "5 seconds after" belongs together
        "A row is locked only when the index is used.",  # so does "only when"
        "A row is locked and the index is read when the flag is set.",  # how far does "when" reach?
        "The docs say that a row is locked when the flag is set.",
        "The hook was never run because the flag is set.",  # "not because", or "not, because"?
        "A row is locked because it is in use.",  # "it" must come after "a row"
        "The size is kept if the limit is 5.",  # "5, the size"
        "A service needs to wait.",  # "requires to wait" is no English
        "Their needs are met.",
        "It is about time.",
        "Run `git log -- does not exist` first.",  # code and quotations are left alone
        'The error says "cannot open" twice.',
        "is-not is a word, cannot-do too.",
    ],
)
def test_guards_keep_a_doubtful_sentence_as_it_is(note: str) -> None:
    """The other side: a sentence that a rule would break, or could break, has no variant."""
    assert texts(note) == []


def test_one_structure_rule_and_two_synonyms_at_most() -> None:
    """Rules are never piled up, and the first variant is the note itself."""
    note = "The index is small, so a scan does not help; it cannot start at the beginning of a table and needs a key."
    for one in variants(note, SPELLING):
        assert sum(rule in RULES for rule in one.rules) <= 1
        assert sum(rule not in RULES for rule in one.rules) <= wordings.MOST_SYNONYMS
    assert variants(note, SPELLING)[0] == Variant(note)
    assert any(len(one.rules) > 1 for one in variants(note, SPELLING))


def test_synonyms_are_not_applied_twice() -> None:
    """What one synonym put in, its opposite does not take out again."""
    assert texts("A table needs a key.") == ["A table requires a key."]
    assert texts("It does not wait and does not ask.") == ["It doesn't wait and doesn't ask."]


# --- Properties ------------------------------------------------------------------------------------------------------


def facts(text: str) -> dict[str, list[str]]:
    """What no rule may change: numbers, names and code, negations, qualifiers."""
    plain = re.sub(r"n't\b", " not", text.replace("can't", "cannot")).replace("cannot", "can not").casefold()
    plain = plain.replace("no more than", "at most").replace("roughly", "about")
    return {
        "numbers": sorted(re.findall(r"\d+(?:\.\d+)?", plain)),
        "names": sorted(re.findall(r"\b(?:python|git log|sqlite|utf-8)\b", plain)),
        "negations": sorted(re.findall(r"\b(?:not|no|never|unless)\b", plain)),
        "qualifiers": sorted(re.findall(r"\b(?:may|about|at most|only|each|can)\b", plain)),
    }


@given(sentences())
def test_numbers_names_negations_and_qualifiers_survive(note: str) -> None:
    """Whatever sentence is put together, each variant has the same of all that a fact hangs on."""
    for one in variants(note, SPELLING):
        assert facts(one.text) == facts(note), one


@given(sentences())
def test_variants_are_well_formed(note: str) -> None:
    """No doubled words or marks, no lost end, one colon at most, and every variant differs."""
    found = variants(note, SPELLING)
    assert len({one.text for one in found}) == len(found) <= wordings.MOST_VARIANTS
    for one in found[1:]:
        assert one.rules
        assert one.text[-1] == note[-1]
        assert not re.search(
            r"  |,,|\.\.(?!\.)|\b(because|so|but|while|unless) \1\b|, [.;]", one.text
        ) or note.endswith("...")
        assert one.text.count(": ") <= max(1, note.count(": "))


@given(st.text(max_size=300))
def test_no_text_breaks_the_rules(note: str) -> None:
    """Any characters at all: the note comes first and nothing is raised."""
    assert variants(note, SPELLING)[0].text == note
    assert 0.0 <= wordings.new_share(note, [note]) <= 1.0


def test_the_starter_notes_keep_their_facts() -> None:
    """All real notes and their human wordings, with every variant of each."""
    changed = 0
    for note in tomllib.loads(NOTES.read_text())["note"]:
        every = [note["text"], *note["wordings"]]
        spelling = Spelling.of(every, note["label"])
        for text in every:
            for one in variants(text, spelling):
                changed += one.text != text
                assert facts(one.text) == facts(text)
                assert sorted(re.findall(r"[\w.]+\(\)|`[^`]+`|--\w+", one.text)) == sorted(
                    re.findall(r"[\w.]+\(\)|`[^`]+`|--\w+", text)
                )
    assert changed > 100


# --- Novelty and synonyms ---------------------------------------------------------------------------------------------


def test_stiff_ways_of_speaking_are_known() -> None:
    """Each way has an example; plain sentences, "by default" and "by hand" have none."""
    assert wordings.stiffness("The length is ignored by SQLite.") == 1
    assert wordings.stiffness("Three rows are what SQLite returns.") == 1
    for plain in (
        "SQLite ignores the length.",
        "The list is sorted by default.",
        "Only one row is kept.",
        "It is made.",
    ):
        assert wordings.stiffness(plain) == 0
    assert sum(wordings.stiffness(note["text"]) for note in tomllib.loads(NOTES.read_text())["note"]) < 20


def test_new_share() -> None:
    """Nothing recent: all new; the same words: nothing new; case and marks do not count."""
    assert wordings.new_share("Git keeps a log.", []) == 1.0
    assert wordings.new_share("Git keeps a log.", ["git keeps, a LOG"]) == 0.0
    assert wordings.new_share("Git keeps a log.", ["Git keeps a tree."]) == pytest.approx(1 / 3)


@pytest.mark.parametrize(("phrase", "new"), SYNONYMS)
def test_every_synonym_is_a_pattern_that_can_match(phrase: str, new: str) -> None:
    """No entry of the table is dead: each finds its own words in a sentence made for it."""
    bare = re.sub(r"\(\?<!.*?\)|\(\?=.*\)", "", phrase)
    ahead = re.search(r"\(\?=(.*)\)$", phrase)
    follow = " the lock" if ahead and "the" in ahead[1] else " 5 rows" if ahead else " it"
    assert any(new in text for text in texts(f"It {bare}{follow} there."))
