"""The table of formats: what suits what, what must hold of a post, and threads of notes that share a label."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twitter_manager.domain import FORMATS, Item
from twitter_manager.sources.notes import starter_items
from twitter_manager.writing.formats import (
    TABLE,
    drawable,
    first_parts,
    notes_wanted,
    own_words,
    problem,
    suits,
    threads,
    told,
)

NOTE = Item("starter", "k", "Git keeps lost commits.", label="Git", wordings=("Lost commits are kept in Git.",))
ASKED = Item("starter", "k", "If a hook is not executable, Git ignores it.", label="Git")
TWO = Item("s", "k", "SQLite's sum() returns NULL, while total() returns 0.0 for no rows.", label="SQLite")
QUOTED = "Errors should never pass silently"
ENTRY = Item("Zig news", "k", "Zig 1.0 keeps its promise of a stable language.", title="Zig 1.0 is out", kind="entry")
PAGE = Item("docs", "k", "Errors should never pass silently in Python.", title="The Zen of Python", kind="page")
SAYING = Item("s", "k", f"“{QUOTED}.” — Tim Peters", label="Python")
RELEASE = Item("attrs", "k", "Slotted classes support cached properties.", title="Release 26.1.0", kind="release")
COMMIT = Item("attrs", "k", "Speed up imports by half", title="Speed up imports by half", kind="commit")


def fitting(item: Item, *, writes: bool = False) -> set[str]:
    return {name for name in FORMATS if suits(name, item, writes=writes)}


@pytest.mark.parametrize(
    ("item", "without", "with_model"),
    [
        (NOTE, {"tip", "thread"}, {"tip", "thread"}),
        (TWO, {"tip", "thread"}, {"tip", "thread", "comparison"}),
        (replace(TWO, text=f"{TWO.text} {TWO.text}"), {"tip", "thread"}, {"tip", "thread", "comparison", "question"}),
        (SAYING, {"tip", "quote"}, {"tip", "quote"}),
        (ENTRY, {"news"}, {"news"}),
        (PAGE, {"tip"}, {"tip"}),
        (RELEASE, {"news", "release note"}, {"news", "release note"}),
        (COMMIT, {"news"}, {"news"}),
    ],
)
def test_formats_suit_items(item: Item, without: set[str], with_model: set[str]) -> None:
    """Without a model that writes only what can be made true by construction; with one, what the material can serve."""
    assert (fitting(item), fitting(item, writes=True)) == (without, with_model)


def test_a_thread_of_a_text_needs_a_long_one() -> None:
    """A model makes no thread of two sentences."""
    long = Item("docs", "k", PAGE.text * 20, title=PAGE.title, kind="page")
    assert not suits("thread", PAGE, writes=True) and suits("thread", long, writes=True)


def test_only_what_suits_is_drawn() -> None:
    """Weights of 0 and formats that don't suit fall out; where nothing is left the post says plainly what it has."""
    assert drawable({"tip": 2, "question": 1, "news": 3, "thread": 0}, NOTE) == {"tip": 2}
    assert drawable({"quote": 1}, COMMIT) == {"news": 1.0}
    assert drawable({"quote": 1}, NOTE) == drawable({"question": 1, "comparison": 2}, TWO) == {"tip": 1.0}
    assert all(set(drawable({}, item)) == {"news"} for item in (ENTRY, RELEASE, COMMIT))
    assert set(drawable({"limerick": 1}, PAGE)) == {"tip"}


def test_the_defaults_reach_every_kind() -> None:
    """With the default weights each kind of item has a format of its own, and no thread comes unasked."""
    assert tuple(TABLE) == tuple(FORMATS) and FORMATS["thread"] == 0
    assert told()["formats"].keys() == TABLE.keys()
    for item in (NOTE, ENTRY, PAGE, RELEASE, COMMIT):
        assert set(drawable(FORMATS, item)) <= fitting(item)
    drawn = [set(drawable(FORMATS, item, writes=True)) for item in starter_items()]
    assert sum("question" in one for one in drawn) > 60 and sum("comparison" in one for one in drawn) > 3


@pytest.mark.parametrize(
    ("name", "item", "good", "bad"),
    [
        ("question", ASKED, ["What if it is not executable? Git ignores it."], ["Git ignores it. Did you know?"]),
        ("question", ASKED, ["Why? How?", "Because Git ignores it."], ["Git ignores hooks."]),
        ("quote", SAYING, [f"“{QUOTED}” — Tim Peters"], ["Errors pass silently."]),
        ("quote", SAYING, [f'Tim Peters says "{QUOTED}".'], [f"{QUOTED}, says Tim Peters."]),
        ("quote", SAYING, ["Tim Peters: “never pass silently”"], [f"“{QUOTED}.”"]),
        ("quote", SAYING, [f"Tim Peters: “{QUOTED}.”"], ["Tim Peters: “open from noon to ten on its door”"]),
        ("release note", RELEASE, ["attrs 26.1.0 caches properties."], ["attrs caches properties."]),
        ("release note", RELEASE, ["New in attrs: 26.1.0 is out."], ["attrs 26.1.05 is out."]),
        ("thread", NOTE, ["One.", "Two."], ["One."]),
        ("thread", NOTE, ["x"] * 8, ["x"] * 9),
        ("tip", NOTE, ["Anything."], None),
        ("limerick", NOTE, ["Anything."], None),
    ],
)  # fmt: skip
def test_what_must_hold_of_a_format(name: str, item: Item, good: list[str], bad: list[str] | None) -> None:
    """A question is answered, a quote is from somebody, a release is named, a thread has parts."""
    assert problem(name, good, (item,)) == ""
    if bad is not None:
        assert problem(name, bad, (item,)).startswith(f"It is no {name}. ")


def test_what_designs_add_is_known_to_the_checks() -> None:
    """A project's name from its source, a version, the first part of a thread; nothing for a plain note."""
    assert own_words("tip", (NOTE,)) == ()
    assert "attrs" in own_words("release note", (RELEASE,)) and "26.1.0" in own_words("release note", (RELEASE,))
    assert any(one.startswith("Git: two") for one in own_words("thread", (NOTE, ASKED)))


def test_threads_want_several_notes() -> None:
    """Three to five, by the seed; any other format takes one."""
    assert {notes_wanted("thread", seed) for seed in range(9)} == {3, 4, 5}
    assert {notes_wanted(name, 1) for name in FORMATS if name != "thread"} == {1}


def notes(count: int, label: str = "Git", text: str = "Git does thing {at} well.") -> list[Item]:
    return [Item("s", str(at), text.format(at=at), label=label) for at in range(count)]


def test_a_thread_begins_with_its_label_and_number() -> None:
    """The first part counts the others; the notes follow in their order, each whole."""
    for count, number in zip(range(2, 8), ("two", "three", "four", "five", "six", "seven"), strict=True):
        for seed in range(5):
            (first, *rest) = threads(notes(count), lambda text: True, seed)[0]
            assert first.startswith(f"Git: {number} ") and rest == [note.text for note in notes(count)]


def test_no_thread_without_a_common_subject_or_room() -> None:
    """Different labels, too few, too many, or a part that does not fit give none; notes that never name their label
    share nothing for a reader."""
    assert [*first_parts([*notes(2), *notes(1, "Vim")]), *first_parts(notes(1)), *first_parts(notes(8))] == []
    assert threads(notes(3), lambda text: len(text) < 10, 0) == threads([], lambda text: True, 0) == []
    assert threads(notes(3), lambda text: "thing 2" not in text, 0) == []
    assert first_parts(notes(3, "Habits", "Test {at} first.")) == []
    (first, *rest) = threads([*notes(2), *notes(1, text="Test {at} first.")], lambda text: True, 0)[0]
    assert "two" in first and len(rest) == 2


@given(
    st.sampled_from(tuple(FORMATS)),
    st.text(max_size=200),
    st.text(max_size=60),
    st.sampled_from(["note", "entry", "page", "document", "commit", "release", "other"]),
    st.lists(st.text(max_size=80), max_size=3),
)
def test_any_item_and_any_post_can_be_judged(name: str, text: str, title: str, kind: str, parts: list[str]) -> None:
    """Nothing raises, whatever a source gave or a model said."""
    item = Item("s", "k", text, title=title, kind=kind, label=title)
    assert suits(name, item) <= suits(name, item, writes=True)
    assert isinstance(problem(name, parts, (item,)), str)
    assert own_words(name, (item, item)) is not None
