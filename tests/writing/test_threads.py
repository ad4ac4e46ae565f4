"""Threads of notes: they share a label that readers see, and each note stays whole."""

from __future__ import annotations

from twitter_manager.domain import Item
from twitter_manager.writing.threads import intros, threads


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
    assert threads(notes(3), lambda text: len(text) < 10, 0) == []
    assert threads(notes(3), lambda text: "thing 2" not in text, 0) == []


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
