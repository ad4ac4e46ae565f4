"""Parts of posts: what goes along with a text, and the hashes that an approval and the search for duplicates go by."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twitter_manager.content import (
    Card,
    Media,
    Part,
    exact_hash,
    normalised_hash,
    part_of,
    plain,
    reworded,
    text_hash,
    without_address,
)

LINK = "https://a.example/1"
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
SIZES = st.integers(0, 4)
MEDIA = st.builds(Media, TEXTS, st.sampled_from(["image/png", "image/jpeg"]), SIZES, SIZES, SIZES, TEXTS)
PARTS = st.builds(
    Part,
    TEXTS,
    st.lists(MEDIA, max_size=2).map(tuple),
    st.none() | st.builds(Card, TEXTS, TEXTS, TEXTS, st.none() | MEDIA),
)
POSTS = st.tuples(st.lists(PARTS, max_size=3), st.dictionaries(st.sampled_from(["x", "feed"]), TEXTS))


@pytest.mark.parametrize(
    ("texts", "links", "exact"),
    [
        ((), {}, "4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945"),
        (("Tea is a leaf.",), {}, "7d36f34ee7fd327b1d9ea0d4f3165200b1ae4b4739d48bb8f6f87a1471ec78c3"),
        (
            ("Eins ß 👩‍💻", 'Zwei\n"quoted" \\'),
            {},
            "34b4e637c450d765acd34eb8956c03fb286d99e0e7f5e5dca51687aa313fa811",
        ),
        (
            ("Tea is a leaf.",),
            {"x": LINK, "bluesky": LINK},
            "a4d69f9e29f53e376e2222f917d93bdc0521338e0d922411f45d90ecf804dcf5",
        ),
    ],
)
def test_a_post_of_text_alone_has_the_hash_it_always_had(
    texts: tuple[str, ...], links: dict[str, str], exact: str
) -> None:
    """Version 1, as the program wrote it before there was anything to attach: an approval of then still holds."""
    assert exact_hash(plain(texts), links) == text_hash(texts, links) == exact


def test_duplicates_are_known_by_the_hash_they_always_had() -> None:
    """Whatever goes along with a text, its words are what is said."""
    assert normalised_hash(("Tea is a leaf.",)) == "9fd385b82350dc72b14aa32335ae063bf84975459070da9ac17dd5988f393059"
    assert (
        normalised_hash(("Eins ß 👩‍💻", 'Zwei\n"quoted" \\'))
        == "6ee134afb2c7e02c006ba6ff5f29d5c8294cef13e55638192e7b9fe031ce57f8"
    )


@given(POSTS, POSTS)
def test_two_posts_share_a_hash_only_if_they_are_the_same(
    one: tuple[list[Part], dict[str, str]], other: tuple[list[Part], dict[str, str]]
) -> None:
    """Over both versions: text, alt text, picture, card, link, and where one part ends and the next begins."""
    assert (exact_hash(*one) == exact_hash(*other)) is (one == other)


@given(PARTS, PARTS)
def test_what_is_stored_of_a_part_gives_it_back(part: Part, other: Part) -> None:
    """Nothing is lost, and what is stored of two different parts differs."""
    assert part_of(part.text, json.loads(json.dumps(part.attached))) == part
    assert ((part.text, part.attached) == (other.text, other.attached)) is (part == other)
    assert bool(part.attached) is bool(part.media or part.card)


def test_a_hash_of_a_post_with_something_attached_stays_what_it_is() -> None:
    """Version 2, to the letter: an approval of now holds for the programs to come."""
    media = Media("ab" * 32, "image/jpeg", 1000, 640, 480, "A teapot.")
    assert (
        exact_hash([Part("Tea is a leaf.", (media,))], {})
        == "2:ae4ff4c90a5efc8d4e3bbb0708a25a02c952b095a178a9814c84352e554cd967"
    )
    assert (
        exact_hash([Part("Tea is a leaf.", (), Card(LINK, "Tea"))], {"x": LINK})
        == "2:d29153898cde373e3cbeeeaad39bea3e7a20fa41621d82954ecf37548bde885a"
    )
    assert (
        exact_hash([Part("Tea is a leaf.", (), Card(LINK, "Tea", thumb=replace(media, alt="")))], {"x": LINK})
        == "2:ba92d3642ed6afaebc4ebd78f4b20ad5021943c53040f4cc147921055f127823"
    )


def test_a_card_goes_where_the_words_name_its_address_no_more() -> None:
    """A corrected address never stands beside the old one's card; a card that no word named stays."""
    card = Card("https://club.example/x", "The old route")
    part = Part("The route: club.example/x", card=card)
    assert reworded(part, "This route: club.example/x").card == card
    assert reworded(part, "The route: club.example/xy").card is None
    assert reworded(Part("The route", card=card), "The way").card == card


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Read https://a and https://b", "Read https://a and https://b"),
        ("We ride with https://b", "We ride with https://b"),
        ("We ride on: https://b", "We ride on:"),
        ("We ride. https://b", "We ride."),
        ("“We ride!” https://b", "“We ride!”"),
        ("We ride\nhttps://b", "We ride"),
        ("One https://a\nhttps://b", "One https://a\nhttps://b"),
        ("https://b", "https://b"),
    ],
)
def test_an_address_leaves_a_text_only_where_no_sentence_needs_it(text: str, left: str) -> None:
    """It stands by itself at the end, and is the only one."""
    assert without_address(text, "https://b") == left
