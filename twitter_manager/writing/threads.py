"""Threads of notes that share a label: a first part made of the label and their number, then one note a part."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from twitter_manager.domain import Item

THREAD = "thread"
LEAST_NOTES, MOST_NOTES = 2, 7
"""How many notes a thread has, one a part, beside its first part."""
INTROS = (
    "{number} things worth knowing about {label}.",
    "{number} small facts about {label}.",
    "{number} things about {label} that are easy to miss.",
    "{number} details of {label}, one a post.",
)
PLAIN_INTROS = ("{label}: {count} things worth knowing.", "{label}: {count} small facts, one a post.")
"""For a label that is not known to read well inside a sentence."""
_NUMBERS = ("zero", "one", "two", "three", "four", "five", "six", "seven")


def names_label(item: Item) -> bool:
    """A text of the note has its label in it, so that readers see what it is about."""
    texts = " ".join((item.text, *item.wordings))
    return bool(item.label) and re.search(rf"(?<!\w){re.escape(item.label)}(?!\w)", texts, re.IGNORECASE) is not None


def intros(items: Sequence[Item]) -> tuple[str, ...]:
    """First parts for a thread of these notes. Only notes that name their label count; none where they are too few or
    too many."""
    items = _alike(items)
    if not LEAST_NOTES <= len(items) <= MOST_NOTES:
        return ()
    label, count = items[0].label, _NUMBERS[len(items)]
    every: tuple[str, ...] = PLAIN_INTROS
    if re.search(rf"[a-z,] {re.escape(label)}(?!\w)", " ".join(item.text for item in items)):
        every = (*INTROS, *PLAIN_INTROS)
    return tuple(one.format(label=label, number=count.capitalize(), count=count) for one in every)


def threads(items: Sequence[Item], fits: Callable[[str], bool], seed: int) -> list[tuple[str, ...]]:
    """Threads of these notes: a first part, then each note that names their subject in one of its wordings. None where
    a part doesn't fit."""
    bodies = []
    for item in _alike(items):
        fitting = [text for text in (item.text, *item.wordings) if fits(text)]
        if not fitting:
            return []
        bodies.append(fitting[seed % len(fitting)])
    firsts = [text for text in intros(items) if fits(text)]
    turn = seed % max(1, len(firsts))
    return [(first, *bodies) for first in firsts[turn:] + firsts[:turn]]


def _alike(items: Sequence[Item]) -> Sequence[Item]:
    """Those of the notes that name the label which all share; none where they share none."""
    return [item for item in items if names_label(item)] if len({item.label for item in items}) == 1 else []
