"""Each platform's own text: the link goes along where it may, and what is counted is what is sent."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twitter_manager.checks import CheckContext, Policy, check_draft
from twitter_manager.checks.lengths import links, room
from twitter_manager.content import short_link, text_hash, with_link, without_link
from twitter_manager.platforms import SPECS

LINK = "https://example.org/a/long/path"
ALL = ("x", "bluesky", "feed")


DEFAULT = Policy()


def found(parts: tuple[str, ...], link: str = LINK, policy: Policy = DEFAULT) -> list[tuple[str, str]]:
    context = CheckContext(platforms=ALL, policy=policy, material=parts, links=links(link, ALL, policy))
    return [(one.rule, one.platform) for one in check_draft(parts, context)]


def test_the_link_ends_the_last_part() -> None:
    """On a line of its own; the other parts stay as they are, and a link that is there already is not added."""
    assert with_link(("One.", "Two."), LINK) == ("One.", f"Two.\n{LINK}")
    assert with_link((f"See {LINK}.",), LINK) == (f"See {LINK}.",)
    assert with_link(("One.",), "") == ("One.",)
    assert with_link((), LINK) == ()


def test_links_go_where_the_policy_has_them() -> None:
    """By default to Bluesky and the feed and not to X, where one makes a post 13 times dearer."""
    assert links(LINK, ALL, Policy()) == {"bluesky": LINK, "feed": LINK}
    assert links(LINK, ("x", "feed"), Policy(links=("x",))) == {"x": LINK}
    assert links("", ALL, Policy()) == links(LINK, ALL, Policy(links=())) == links(LINK, ALL, Policy(max_links=0)) == {}


def test_a_link_that_leaves_no_room_stays_away() -> None:
    """Bluesky has it in a card, X counts 23 of it, the feed none: where a server leaves too little, the text goes
    alone."""
    everywhere = Policy(links=ALL)
    assert links(LONG, ALL, everywhere) == dict.fromkeys(ALL, LONG)
    assert links(LONG, ALL, everywhere, {"x": 160}) == {"bluesky": LONG, "feed": LONG}
    assert room(ALL, links(LONG, ALL, everywhere)) == 256
    assert room(("bluesky",), {"bluesky": LINK}) == 300
    assert room(("bluesky",), {"bluesky": LINK}, cards=False) == 300 - len(f"\n{LINK}")  # a picture takes its place
    assert room(("feed",), {"feed": LONG}) is None


LONG = "https://example.org/" + "a" * 400


def test_a_long_link_takes_what_is_shown_of_it() -> None:
    """On Bluesky without a card it is cut to 30 characters and an ellipsis: with its line end that is 32, however long
    it is."""
    assert links(LONG, ALL, DEFAULT) == {"bluesky": LONG, "feed": LONG}
    assert found(("a" * 267 + ".",), link=LONG) == []
    assert found(("a" * 268 + ".",), link=LONG) == [("length", "bluesky")]


@pytest.mark.parametrize(
    ("link", "shown"),
    [
        ("https://example.org/1", "https://example.org/1"),
        ("https://example.org/2026/11/26/the-mill-opens", "example.org/2026/11/26/the-mil…"),
        ("http://www.example.org/?p=20261126&feed=all", "www.example.org/?p=20261126&fee…"),
        ("https://a-rather-long-host-name.example.org/x", "a-rather-long-host-name.example.org/x"),
        (
            "https://a-rather-long-host-name.example.org/" + "x" * 40,
            "a-rather-long-host-name.example.org/" + "x" * 15 + "…",
        ),
        ("https://example.org/wiki/%E6%B0%B4%E8%BB%8A%E5%B0%8F%E5%B1%8B", "example.org/wiki/%E6%B0%B4%E8…"),
    ],
)
def test_what_is_shown_of_a_link(link: str, shown: str) -> None:
    """The host is whole always, a short address too; no half of a character is left."""
    assert short_link(link) == shown


def test_lengths_count_the_link_where_it_goes() -> None:
    """A text that fills Bluesky has no room for a link there; the same draft is right for X and the feed."""
    room = 300 - len(LINK) - 1
    assert found(("a" * (room - 1) + ".",)) == []
    assert found(("a" * room + ".",)) == [("length", "bluesky")]


def test_links_are_counted_per_platform() -> None:
    """A link in the text is none for X by default; with the one that goes along it is one too many elsewhere."""
    own = f"See {LINK} today."
    assert found((own,), link="") == [("links", "x")]
    assert found((own,), link="", policy=Policy(links=ALL)) == []
    assert found((own,), link="https://example.org/other") == [("links", "x"), ("links", "bluesky"), ("links", "feed")]
    assert found((own,), link="", policy=Policy(max_links=0)) == [(("links"), platform) for platform in ALL]


@pytest.mark.parametrize(
    ("text", "x", "bluesky", "feed"),
    [
        ("https://example.org/x", 1, 1, 1),
        ("Read example.org now", 1, 0, 0),
        ("setup.py and a.b", 1, 0, 0),
        ("Section 3.14, e.g. this", 0, 0, 0),
        ("(http://a.com) https://b.com", 2, 2, 2),
    ],
)
def test_each_platform_makes_its_own_links(text: str, x: int, bluesky: int, feed: int) -> None:
    """X makes links of bare names with a real top-level domain, on Bluesky and in the feed we do not."""
    assert [SPECS[platform].count_links(text) for platform in ALL] == [x, bluesky, feed]


PARTS = st.lists(st.text(max_size=40), max_size=3).map(tuple)


@given(PARTS)
def test_a_link_is_added_once_and_can_be_taken_away_again(parts: tuple[str, ...]) -> None:
    """No part but the last is touched, and what was there before is found again."""
    once = with_link(parts, LINK)
    assert with_link(once, LINK) == once
    assert once[:-1] == parts[:-1]
    if parts and parts[-1].strip():
        assert without_link(once) == ((*parts[:-1], parts[-1].rstrip()), LINK)


@given(PARTS)
def test_an_approval_covers_the_links(parts: tuple[str, ...]) -> None:
    """Another link, or another platform for it, is another text; without any the hash is that of the parts alone."""
    hashes = [
        text_hash(parts),
        text_hash(parts, {"x": LINK}),
        text_hash(parts, {"feed": LINK}),
        text_hash(parts, {"x": "http://a.b"}),
    ]
    assert len(set(hashes)) == 4
    assert text_hash(parts, {}) == hashes[0]
    assert text_hash(parts, {"x": LINK, "feed": LINK}) == text_hash(parts, {"feed": LINK, "x": LINK})


@pytest.mark.parametrize(
    ("link", "rule"),
    [
        ("https://example.org/?key=hunter2hunter2", "secrets"),
        ("https://example.org/casino", "blocked_terms"),
        ("https://example.org/news?to=joe.smith%40gmx.de", "personal"),
        ("https://example.org/a\u202eb", "characters"),
        ("https://example.org/fuck-it", "swearing"),
    ],
)
def test_what_a_link_says_is_looked_at_too(link: str, rule: str) -> None:
    """An address is text that others wrote: no key, no unwanted word and no hidden character goes out in it."""
    context = CheckContext(("feed",), Policy(blocked_terms=("casino",)), ("One.",), secrets=("hunter2hunter2",))
    assert check_draft(("One.",), context) == ()
    assert rule in {one.rule for one in check_draft(("One.",), replace(context, links={"feed": link}))}


def test_a_number_in_a_link_is_an_articles() -> None:
    """What would be a payment card in a text is none in an address, and a writer's handle is no e-mail address."""
    for link in ("https://example.org/4539578763621486", "https://example.org/@joe.smith/post"):
        assert check_draft(("One.",), CheckContext(("feed",), material=("One.",), links={"feed": link})) == ()
