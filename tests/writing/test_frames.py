"""The forms that a note can take: each frame's examples, and what holds for whatever they make."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twitter_manager.checks import CheckContext, Policy, check_draft
from twitter_manager.domain import Item
from twitter_manager.sources.notes import starter_items
from twitter_manager.writing import formats
from twitter_manager.writing.clauses import Spelling
from twitter_manager.writing.frames import COMPARISON, FRAMES, QUESTION, Framed, forms, framed, intros, threads

STARTER = starter_items()
EXAMPLES = [
    (
        "what if",
        "If a hook does not have the executable bit set, Git ignores it.",
        "What if a hook does not have the executable bit set? Git ignores it.",
    ),
    (
        "what if",
        "When a command ends on a signal, the shell adds 128.",
        "What happens when a command ends on a signal? The shell adds 128.",
    ),
    ("what if", "When simply called, a coroutine function is not scheduled.", ""),
    ("what if", "When it is full, the table grows.", ""),
    ("what if", "When a process needs more, use two.", ""),
    (
        "how",
        "To see which pattern makes Git ignore a file, run git check-ignore -v.",
        "How do you see which pattern makes Git ignore a file? Run git check-ignore -v.",
    ),
    ("how", "To measure a duration, time.monotonic() is suitable.", ""),
    ("how", "To be sure, run it twice.", ""),
    (
        "no",
        "In JavaScript, forEach() does not wait for promises, because it expects a synchronous function.",
        "In JavaScript, does forEach() wait for promises? No, because it expects a synchronous function.",
    ),
    (
        "no",
        "SQLite does not have a separate Boolean storage class; Boolean values are stored as integers.",
        "Does SQLite have a separate Boolean storage class? No; Boolean values are stored as integers.",
    ),
    ("no", "The lock is not released until the transaction ends.", ""),
    ("no", "Git keeps commits and does not remove them.", ""),
    ("no", "A key is not shared because a copy is made.", ""),
    ("no", "All of them are not removed.", ""),
    (
        "why",
        "In Go, the order can be different each time, because it is not specified.",
        "In Go, why can the order be different each time? Because it is not specified.",
    ),
    ("why", "Bash does not exit because of a failing command in a test.", ""),
    ("why", "By default, a row is lost, because each command has a lock.", ""),
    ("why", "Bash does not exit because a command in a test fails.", ""),
    (
        "then why",
        "A variable that a pipeline sets is lost afterwards, because each command runs in its own subshell.",
        "A variable that a pipeline sets is lost afterwards. Why? Because each command runs in its own subshell.",
    ),
    ("then why", "Check the response as well, because its promise does not reject.", ""),
    (
        "versus",
        "JavaScript's Promise.allSettled() waits for all promises, while Promise.all() rejects early.",
        "Promise.allSettled() or Promise.all()? JavaScript's Promise.allSettled() waits for all promises, "
        "while Promise.all() rejects early.",
    ),
    ("versus", "Git keeps objects by hash, while SVN() numbers them.", ""),
    ("versus", "A test calls tearDown() in any case, but only if setUp() succeeds.", ""),
    ("versus", "count(*) counts rows, while count(X) and total() count values.", ""),
]
"""Frame, note, and what the frame makes of it: "" where its guards must hold it back."""
EVERY = [(item, form) for item in STARTER for kind in (QUESTION, COMPARISON) for form in forms(item, kind)]


def test_examples() -> None:
    """Every example comes out as it says, and every frame has some of both sides."""
    for name, note, wanted in EXAMPLES:
        made = [form.text for form in framed(note, FRAMES[name].format, Spelling.of([note])) if form.frame == name]
        assert made == ([wanted] if wanted else []), (name, note)
    for name in FRAMES:
        assert {bool(wanted) for frame, _, wanted in EXAMPLES if frame == name} == {True, False}, name


def test_enough_starter_notes_have_forms() -> None:
    """A quarter of the bundled notes can be asked, and every frame is in use."""
    asked = {item.key for item, form in EVERY if form.format == QUESTION}
    assert len(asked) >= len(STARTER) // 4
    assert {form.frame for _, form in EVERY} == set(FRAMES)


def test_every_form_of_a_starter_note_passes_the_checks() -> None:
    """Founded in the note, of its format, and nothing that a platform refuses."""
    for item, form in EVERY:
        context = CheckContext(
            platforms=("x", "bluesky", "feed"),
            policy=Policy(max_links=0, max_mentions=0, max_hashtags=0),
            material=(item.text, item.label, *item.wordings),
        )
        assert check_draft((form.text,), context) == (), form
        assert formats.problem(form.format, (form.text,), (item,)) == "", form


ADDED = "why what if happens when how do you does is are can may must should yes no did was were could will not or"
SMALL = set(ADDED.split())


def test_a_form_has_the_words_of_its_note_and_no_others() -> None:
    """Beside the words of questions and answers nothing is added, and every number and code word is kept."""
    for item, form in EVERY:
        there = [set(words(text)) for text in (item.text, *item.wordings)]
        made = set(words(form.text))
        assert any(made - SMALL <= one | bases(one) for one in there), form
        kept = [set(re.findall(r"\S*[\d_(<>=/+*%]\S*", text)) for text in (item.text, *item.wordings)]
        mine = " ".join(form.text.split())
        assert any(all(code.strip(".,;:?") in mine for code in codes) for codes in kept), form


def asked(note: str, *beside: str) -> tuple[Framed, ...]:
    """The note as questions; `beside`: its other wordings."""
    return framed(note, QUESTION, Spelling.of((note, *beside)))


def words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text.casefold().replace("cannot", "can not"))


def bases(found: set[str]) -> set[str]:
    """As "return" of "returns"."""
    return {word.removesuffix("s") for word in found}


def test_the_order_of_pieces_is_kept_where_a_note_is_only_cut() -> None:
    """Frames that ask "why" keep reason and consequence as they are: no "so" becomes a "because"."""
    for item, form in EVERY:
        if form.frame in ("why", "then why"):
            reason = form.text.split("Because ")[1].removesuffix(".")
            assert any(f"because {reason}" in text for text in (item.text, *item.wordings)), form


@pytest.mark.parametrize(
    "note",
    [
        "Git does not keep commits and does not tell.",
        "All rows are not counted, because some are hidden.",
        "Only root can bind the port, but a capability helps.",
        "The lock is not released until the transaction ends.",
        "No table is needed here, because all is in memory.",
        "It is not thread-safe, because it has no lock.",
        "Postgres says that the value is not unique.",
        "A value that is not in range raises an error.",
        "Leap seconds are not counted, because days are equal.",
        "Never call it twice, because it is slow.",
        "If it fails, Git stops.",
        "When set to on, psql stops.",
        "If you need two, use three.",
        'He said "it is not done", because he left.',
        "Two sentences are here. The second is not used.",
        "Is it not fast?",
        "",
    ],
)
def test_unsure_notes_keep_their_form(note: str) -> None:
    """Scopes, pronouns, orders, quotations and unknown names: no frame that turns the words of a note speaks."""
    assert [form for form in asked(note) if form.frame not in ("then why", "what if")] == []


def test_a_capital_is_only_taken_where_the_note_shows_that_it_is_none() -> None:
    """As in "Leap seconds", which loses its capital as another wording writes "leap seconds"; a name keeps it."""
    note = "Leap seconds are not counted, because all days are equal."
    assert not [one for one in asked(note) if one.frame == "why"]
    (why,) = [one for one in asked(note, "Days leave leap seconds out.") if one.frame == "why"]
    assert why.text == "Why are leap seconds not counted? Because all days are equal."
    made = asked("Rust is not slow, because it is compiled.", "in Rust")
    assert "Why is Rust not slow? Because it is compiled." in [one.text for one in made]


def test_must_not_is_no_lack_of_a_duty() -> None:
    """It is asked with "may": "Must they be used? No." would allow what is forbidden."""
    (no,) = asked("In YAML, tab characters must not be used for indentation.")
    assert no.text == "In YAML, may tab characters be used for indentation? No."


def notes(count: int, label: str = "Git", text: str = "Git does thing {at} well.") -> list[Item]:
    return [Item("s", str(at), text.format(at=at), label=label) for at in range(count)]


NUMBERS = ("", "", "two", "three", "four", "five", "six", "seven")


def test_a_thread_begins_with_its_label_and_number() -> None:
    """The first part counts the others; the notes follow in their order, each whole."""
    for count in range(2, 8):
        for seed in range(5):
            (first, *rest) = threads(notes(count), lambda text: True, seed)[0]
            assert "Git" in first and NUMBERS[count] in first.casefold()
            assert rest == [note.text for note in notes(count)]


def test_no_thread_without_a_common_label_or_room() -> None:
    """Different labels, too few, too many, or a part that does not fit give none."""
    assert intros([*notes(2), *notes(1, "Vim")]) == intros(notes(1)) == intros(notes(8)) == intros([]) == ()
    assert threads(notes(3), lambda text: len(text) < 10, 0) == ()
    assert threads(notes(3), lambda text: "thing 2" not in text, 0) == ()


def test_a_label_goes_into_a_sentence_only_where_it_reads_well() -> None:
    """As "about Floating point" is written as no note writes it."""
    assert any("about git" in one for one in intros(notes(2, "git", "With git you do {at}.")))
    every = intros(notes(2, "Floating point", "Floating point is {at}."))
    assert every and all(one.startswith("Floating point: ") for one in every)


def test_a_thread_needs_a_subject_that_readers_see() -> None:
    """Notes that never name their label share nothing for a reader; one that does not name it is left out."""
    assert intros(notes(3, "Habits", "Test {at} first.")) == ()
    (first, *rest) = threads([*notes(2), *notes(1, text="Test {at} first.")], lambda text: True, 0)[0]
    assert "two" in first.casefold() and len(rest) == 2


PIECES = """Git keeps commits|the lock is not released|In Go, maps are unordered|because it is slow|If P is set|, so|; |
, but|when x is NaN|, while|sum() returns NULL|total() returns 0.0|cannot|must not|To see it, use ls|By default|with -x
|it|not|no|is|does|a|A|“|"|?|."""
CLAUSES = st.sampled_from(PIECES.split("|"))


@given(st.lists(CLAUSES | st.text(max_size=12), max_size=14).map(" ".join), st.sampled_from([QUESTION, COMPARISON]))
def test_any_text_is_framed_without_an_error(text: str, kind: str) -> None:
    """Whatever stands in a note: forms or none, each with an end, and a question with its answer."""
    for note in (text, text + "."):
        for form in framed(note, kind, Spelling.of([note])):
            assert form.text.endswith(".") and form.format == kind
            if kind == QUESTION:
                assert re.search(r"\? \S", form.text)


def test_forms_differ_from_each_other() -> None:
    """No two forms of one note are the same post."""
    for item in STARTER:
        texts = [form.text for kind in (QUESTION, COMPARISON) for form in forms(item, kind)]
        assert all(one != other for one, other in pairwise(sorted(texts)))
