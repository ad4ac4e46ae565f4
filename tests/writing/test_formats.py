"""The table of formats: what suits what, and what must hold of a post."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twitter_manager.domain import FORMATS, Item
from twitter_manager.sources.notes import starter_items
from twitter_manager.writing.formats import TABLE, drawable, notes_wanted, numbered, own_words, plain, problem, suits

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
    assert {plain(item) for item in (ENTRY, RELEASE, COMMIT)} == {"news"} and plain(PAGE) == "tip"


def test_the_defaults_reach_every_kind() -> None:
    """With the default weights each kind of item has a format of its own, and no thread comes unasked."""
    assert tuple(TABLE) == tuple(FORMATS) and FORMATS["thread"] == 0
    for item in (NOTE, ENTRY, PAGE, RELEASE, COMMIT):
        assert set(drawable(FORMATS, item)) <= fitting(item)
    drawn = [set(drawable(FORMATS, item, writes=True)) for item in starter_items()]
    assert sum("question" in one for one in drawn) > 60 and sum("comparison" in one for one in drawn) > 3


@pytest.mark.parametrize(
    ("name", "item", "good", "bad"),
    [
        ("question", ASKED, ["What if it is not executable? Git ignores it."], ["Git ignores it. Did you know?"]),
        ("question", ASKED, ["Why?", "Because Git ignores it."], ["Git ignores hooks."]),
        ("quote", SAYING, [f"“{QUOTED}” — Tim Peters"], ["Errors pass silently."]),
        ("quote", SAYING, [f'Tim Peters says "{QUOTED}".'], ["“Errors may pass silently” — Tim Peters"]),
        ("quote", SAYING, ["Tim Peters: “never pass silently”"], [f"“{QUOTED}.”"]),
        ("release note", RELEASE, ["attrs 26.1.0 caches properties."], ["attrs caches properties."]),
        ("release note", RELEASE, ["New in attrs: 26.1.0 is out."], ["attrs 26.1.05 is out."]),
        ("comparison", TWO, ["sum() returns NULL, total() returns 0.0."], ["sum() returns NULL."]),
        ("thread", NOTE, ["One.", "Two."], ["One."]),
        ("thread", NOTE, ["x"] * 8, ["x"] * 9),
        ("tip", NOTE, ["Anything."], None),
        ("limerick", NOTE, ["Anything."], None),
    ],
)  # fmt: skip
def test_what_must_hold_of_a_format(name: str, item: Item, good: list[str], bad: list[str] | None) -> None:
    """A question is answered, a quote is word for word and from somewhere, a release is named, two are compared."""
    assert problem(name, good, (item,)) == ""
    if bad is not None:
        assert problem(name, bad, (item,)).startswith(f"As a {name} it needs ")


def test_parts_are_numbered() -> None:
    """A single post carries no number."""
    assert numbered(("a", "b", "c")) == ("1/3 a", "2/3 b", "3/3 c")
    assert numbered(("a",)) == ("a",) and numbered(()) == ()


def test_what_designs_add_is_known_to_the_checks() -> None:
    """A project's name from its source, a version, the first part of a thread; nothing for a plain note."""
    assert own_words("tip", (NOTE,)) == ()
    assert "attrs" in own_words("release note", (RELEASE,)) and "26.1.0" in own_words("release note", (RELEASE,))
    assert any(one.startswith("Git: two") for one in own_words("thread", (NOTE, ASKED)))


def test_threads_want_several_notes() -> None:
    """Three to five, by the seed; any other format takes one."""
    assert {notes_wanted("thread", seed) for seed in range(9)} == {3, 4, 5}
    assert {notes_wanted(name, 1) for name in FORMATS if name != "thread"} == {1}


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
