"""Contractions, alone and on top of a rule of `rewrites`, and what must survive both, as properties."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.writing.test_rewrites import texts as sentences
from twitter_manager.writing import wordings
from twitter_manager.writing.wordings import CONTRACTIONS, contracted, variants

NOTES = Path(wordings.__file__).parent.parent / "sources" / "starter_notes.toml"


def texts(note: str) -> list[str]:
    return list(variants(note)[1:])


@pytest.mark.parametrize(
    ("note", "variant"),
    [
        ("Git does not track folders.", "Git doesn't track folders."),
        ("It does not wait and cannot ask.", "It doesn't wait and can't ask."),
    ],
)
def test_contractions_stand_in(note: str, variant: str) -> None:
    """The good side of the table."""
    assert texts(note) == [variant]


@pytest.mark.parametrize(
    "note",
    [
        "Use a lock when it is slow, so a second run waits.",
        "Run `git log -- does not exist` first.",  # code and quotations are left alone
        'The error says "cannot open" twice.',
        "is-not is a word, cannot-do too.",
    ],
)
def test_guards_keep_a_doubtful_sentence_as_it_is(note: str) -> None:
    """The other side: a sentence that a rule would break, or could break, has no variant."""
    assert texts(note) == []


def test_one_rule_and_contractions_at_most() -> None:
    """Rules are never piled up, contractions come on top, and the first variant is the note itself."""
    note = "The index is small, so a scan does not help; it cannot start twice."
    assert variants(note) == (note, note.replace("does not", "doesn't").replace("cannot", "can't"))
    note = "A lock is cheap, but it does not nest."
    however = "A lock is cheap. However, it does not nest."
    assert set(variants(note)) == {one for each in (note, however) for one in (each, contracted(each))}


# --- Properties ------------------------------------------------------------------------------------------------------


def facts(text: str) -> dict[str, list[str]]:
    """What no rule may change: numbers, names and code, negations, qualifiers."""
    plain = re.sub(r"n't\b", " not", text.replace("can't", "cannot")).replace("cannot", "can not").casefold()
    return {
        "numbers": sorted(re.findall(r"\d+(?:\.\d+)?", plain)),
        "names": sorted(re.findall(r"\b(?:python|git log|sqlite|utf-8)\b", plain)),
        "negations": sorted(re.findall(r"\b(?:not|no|never|unless)\b", plain)),
        "qualifiers": sorted(re.findall(r"\b(?:may|about|at most|only|each|can)\b", plain)),
    }


@given(sentences())
def test_numbers_names_negations_and_qualifiers_survive(note: str) -> None:
    """Whatever sentence is put together, each variant has the same of all that a fact hangs on."""
    for one in variants(note):
        assert facts(one) == facts(note), one


@given(sentences())
def test_variants_are_well_formed(note: str) -> None:
    """No doubled words or marks, no lost end, one colon at most, and every variant differs."""
    found = variants(note)
    assert len(set(found)) == len(found) <= wordings.MOST_VARIANTS
    for one in found[1:]:
        assert one[-1] == note[-1]
        assert not re.search(r"  |,,|\.\.(?!\.)|\b(because|so|but|while|unless) \1\b|, [.;]", one) or note.endswith(
            "..."
        )
        assert one.count(": ") <= max(1, note.count(": "))


@given(st.text(max_size=300))
def test_no_text_breaks_the_rules(note: str) -> None:
    """Any characters at all: the note comes first and nothing is raised."""
    assert variants(note)[0] == note
    assert 0.0 <= wordings.new_share(note, [note]) <= 1.0


def test_the_starter_notes_keep_their_facts() -> None:
    """All real notes and their human wordings, with every variant of each."""
    changed = 0
    for note in tomllib.loads(NOTES.read_text())["note"]:
        every = [note["text"], *note["wordings"]]
        for text in every:
            for one in variants(text):
                changed += one != text
                assert facts(one) == facts(text)
                assert sorted(re.findall(r"[\w.]+\(\)|`[^`]+`|--\w+", one)) == sorted(
                    re.findall(r"[\w.]+\(\)|`[^`]+`|--\w+", text)
                )
    assert changed > 100


def test_new_share() -> None:
    """Nothing recent: all new; the same words: nothing new; case and marks do not count."""
    assert wordings.new_share("Git keeps a log.", []) == 1.0
    assert wordings.new_share("Git keeps a log.", ["git keeps, a LOG"]) == 0.0
    assert wordings.new_share("Git keeps a log.", ["Git keeps a tree."]) == pytest.approx(1 / 3)


@pytest.mark.parametrize(("words", "short"), CONTRACTIONS.items())
def test_every_contraction_is_used(words: str, short: str) -> None:
    """No entry of the table is dead."""
    assert contracted(f"It {words} there.") == f"It {short} there."
