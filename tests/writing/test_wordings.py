"""Rules that put a sentence differently, contractions on top, and what must survive both, as properties."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twitter_manager.sources.notes import starter_items
from twitter_manager.writing import wordings
from twitter_manager.writing.wordings import CONTRACTIONS, contracted, variants


@pytest.mark.parametrize(
    ("note", "variant"),
    [
        ("Git does not track folders.", "Git doesn't track folders."),
        ("It does not wait and cannot ask.", "It doesn't wait and can't ask."),
        ("Sorting is stable; the order of keys is kept.", "Sorting is stable. The order of keys is kept."),
        ("A lock is cheap, but it must be freed.", "A lock is cheap. However, it must be freed."),
        ("The file is locked, so a second run waits.", ""),  # that "waits" is a verb is not known
        ("The file is locked, so a second run gets none.", "The file is locked. That is why a second run gets none."),
        ("Python's list.sort() is stable.", "In Python, list.sort() is stable."),
        ("All is well. A; the B is C.", "All is well. A. The B is C."),
        ("Python's sort is stable.", ""),
        ("Ada's sort() is stable.", ""),
        ("C's free() is in the library.", ""),
        ("no-cache lets it be stored; no-store may too.", ""),
        ("Take b; a matches it.", ""),
        ("The header says: a lock is cheap, but a scan is slow.", ""),
        ("JSON.stringify() can omit undefined in objects, but changes it to null in arrays.", ""),
        ("Some differences are shown, but the changes on B that A lacks are.", ""),
        ("The lock is held, but the process that has it.", ""),
        ("It can parse a date as UTC, but a date with a time as local time.", ""),
        ("Quote the name, so the shell gets it whole.", ""),
        ("A pickle can run code, so only load what is yours.", ""),
        ("Use a lock when it is slow, so a second run has none.", ""),
        ("A lock is held, so that it is safe.", ""),
        ("Run `git log -- does-not-exist` first.", ""),
        ("Run `git log -- does not exist` first.", ""),  # code and quotations are left alone
        ('The error says "cannot open" twice.', ""),
        ('The error says "a lock is held, but it is free", so it has to wait.', ""),
        ("`a; b` is a list.", ""),
        ("is-not is a word, cannot-do too.", ""),
    ],
)  # fmt: skip
def test_each_rule_has_two_sides(note: str, variant: str) -> None:
    """What a rule makes of a sentence; "" where a doubtful one must stay as it is."""
    assert variants(note)[1:] == ((variant,) if variant else ())


def test_one_rule_and_contractions_at_most() -> None:
    """Rules are never piled up, contractions come on top, and the first variant is the note itself."""
    note = "A lock is cheap, but it does not nest; it cannot start twice."
    assert variants(note) == (note, note.replace("does not", "doesn't").replace("cannot", "can't"))
    note = "A lock is cheap, but it does not nest."
    however = "A lock is cheap. However, it does not nest."
    assert set(variants(note)) == {one for each in (note, however) for one in (each, contracted(each))}


# --- Properties ------------------------------------------------------------------------------------------------------

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


@st.composite
def texts(draw: st.DrawFn) -> str:
    clauses = [f"{draw(SUBJECTS)} {draw(VERBS)}" for _ in range(draw(st.integers(1, 3)))]
    text = draw(st.sampled_from(("", "", "By default, ", "In Python, ", "If ", "Unless "))) + clauses[0]
    text += "".join(draw(JOINS) + clause for clause in clauses[1:])
    whole = ". ".join(part[0].upper() + part[1:] for part in text.split(". "))
    return whole + draw(st.sampled_from([".", "", "!", "..."]))


def facts(text: str) -> dict[str, list[str]]:
    """What no rule may change: numbers, names and code, negations, qualifiers, comparisons, and what is said of what:
    each subject with its verb, wherever it stands."""
    plain = re.sub(r"n't\b", " not", text.replace("can't", "cannot")).replace("cannot", "can not").casefold()
    said = plain.replace("that is why ", "").replace("however, ", "")
    return {
        "numbers": sorted(re.findall(r"\d+(?:\.\d+)?", plain)),
        "names": sorted(re.findall(r"\b(?:python|git log|sqlite|utf-8)\b|[\w.]+\(\)|`[^`]+`|--\w+", plain)),
        "negations": sorted(re.findall(r"\b(?:not|no|never|unless)\b", plain)),
        "qualifiers": sorted(re.findall(r"\b(?:may|about|at most|only|each|both|can|by default)\b", plain)),
        "comparisons": sorted(re.findall(r"\S+ than \S+ \S+", plain.replace(".", ""))),
        "clauses": sorted(re.findall(r"[\w)]+ (?:is|needs|does not|can not|may|holds|keeps|gets) \w+", said)),
    }


@pytest.mark.parametrize(
    "note",
    [
        "Not only is SQLite small, but it is fast.",
        "As long as it is open, but no one reads, it has a cost.",
        "Two commands help here: git stash; the newer git worktree.",
    ],
)
def test_half_a_clause_is_no_sentence(note: str) -> None:
    """What hangs on a "not only" or "as long as", and what has no verb, is not parted from the rest."""
    assert variants(note) == (note,)


@given(texts())
def test_whatever_a_fact_hangs_on_survives(note: str) -> None:
    """Whatever sentence is put together, each variant has the same numbers, names, negations, qualifiers, clauses."""
    for one in variants(note):
        assert facts(one) == facts(note), one


@given(texts())
def test_variants_are_well_formed(note: str) -> None:
    """A capital first, no doubled words or marks, no lost end, no second colon, and every variant differs."""
    found = variants(note)
    assert len(set(found)) == len(found) <= wordings.MOST_VARIANTS
    for one in found[1:]:
        assert one[0] == one[0].upper() and one[-1] == note[-1]
        assert not re.search(r"  |,,|\.\.(?!\.)|\b(because|so|but|while|unless) \1\b|, [.;]", one) or note[-3:] == "..."
        assert one.count(": ") <= max(1, note.count(": "))


@given(st.text(max_size=300))
def test_no_text_breaks_the_rules(note: str) -> None:
    """Any characters at all: the note comes first and nothing is raised."""
    assert variants(note)[0] == note
    assert 0.0 <= wordings.new_share(note, [note]) <= 1.0


def test_the_starter_notes_keep_their_facts() -> None:
    """All real notes and their human wordings, with every variant of each. The rules are worth their length: about a
    hundred new texts are more than a contraction."""
    texts = [text for item in starter_items() for text in (item.text, *item.wordings)]
    changed = {one: text for text in texts for one in variants(text)[1:]}
    assert all(facts(one) == facts(text) for one, text in changed.items())
    assert len(changed) > 300 and sum(one != contracted(text) for one, text in changed.items()) > 100


def test_new_share() -> None:
    """Nothing recent: all new; the same words: nothing new; case and marks do not count."""
    assert wordings.new_share("Git keeps a log.", []) == 1.0
    assert wordings.new_share("Git keeps a log.", ["git keeps, a LOG"]) == 0.0
    assert wordings.new_share("Git keeps a log.", ["Git keeps a tree."]) == pytest.approx(1 / 3)


@pytest.mark.parametrize(("words", "short"), CONTRACTIONS.items())
def test_every_contraction_is_used(words: str, short: str) -> None:
    """No entry of the table is dead."""
    assert contracted(f"It {words} there.") == f"It {short} there."
