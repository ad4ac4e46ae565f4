"""Each platform's own text: the link goes along where it may, and what is counted is what is sent."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twitter_manager.checks import CheckContext, Policy, check_draft, count_links, dressed, length

LINK = "https://example.org/a/long/path"
ALL = ("x", "bluesky", "feed")


DEFAULT = Policy()


def found(parts: tuple[str, ...], link: str = LINK, policy: Policy = DEFAULT) -> list[tuple[str, str]]:
    context = CheckContext(platforms=ALL, policy=policy, material=parts, link=link)
    return [(one.rule, one.platform) for one in check_draft(parts, context)]


def test_the_link_ends_the_last_part_where_links_go() -> None:
    """Bluesky and the feed carry it, X does not; the other parts stay as they are."""
    parts = ("One.", "Two.")
    assert dressed(parts, "x", LINK, Policy()) == parts
    assert (
        dressed(parts, "bluesky", LINK, Policy()) == dressed(parts, "feed", LINK, Policy()) == ("One.", f"Two.\n{LINK}")
    )
    assert dressed(parts, "x", LINK, Policy(links=("x",))) == ("One.", f"Two.\n{LINK}")


@pytest.mark.parametrize(
    ("parts", "link", "policy"),
    [
        ((f"See {LINK}.",), LINK, Policy()),
        (("One.",), "", Policy()),
        ((), LINK, Policy()),
        (("One.",), LINK, Policy(links=())),
        (("One.",), LINK, Policy(max_links=0)),
    ],
)
def test_nothing_is_added(parts: tuple[str, ...], link: str, policy: Policy) -> None:
    """No link to add, no place for it, there already, or not wanted: the parts are sent as they are."""
    assert all(dressed(parts, platform, link, policy) == parts for platform in ALL)


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
        ("Read example.org now", 1, 1, 0),
        ("setup.py and a.b", 1, 1, 0),
        ("Section 3.14, e.g. this", 0, 0, 0),
        ("(http://a.com) https://b.com", 2, 2, 2),
    ],
)
def test_each_platform_makes_its_own_links(text: str, x: int, bluesky: int, feed: int) -> None:
    """X and Bluesky make links of bare names with a real top-level domain, the feed does not."""
    assert [count_links(text, platform) for platform in ALL] == [x, bluesky, feed]


@given(st.lists(st.text(max_size=40), max_size=3).map(tuple), st.sampled_from(ALL))
def test_dressing_twice_adds_nothing(parts: tuple[str, ...], platform: str) -> None:
    """What is dressed already is left alone, and no part but the last is touched."""
    once = dressed(parts, platform, LINK, Policy())
    assert dressed(once, platform, LINK, Policy()) == once
    assert once[:-1] == parts[:-1]
    assert all(length(part, platform)[0] >= 0 for part in once)
