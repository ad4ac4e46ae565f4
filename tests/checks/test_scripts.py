"""Lengths and cuts of texts in any script: right-to-left, CJK, emoji, letters with many accents."""

from __future__ import annotations

import regex  # type: ignore[import-untyped]
from hypothesis import given
from hypothesis import strategies as st

from twitter_manager.checks.lengths import length
from twitter_manager.domain import Brief, Item, Persona
from twitter_manager.english import beginning, shown, weight
from twitter_manager.sources.plain import shorten
from twitter_manager.writing.brief import MATERIAL_CHARS, render

CLUSTERS = [
    *"ab Z.?!\n…•",
    *"漢字。、ひらカナ한국어",
    *"שלום،مرحبا؟",
    "e\u0301",
    "o\u0308\u0323",
    "\U0001f469\u200d\U0001f680",
    "\U0001f1ef\U0001f1f5",
    "\U0001f44d\U0001f3fd",
    "❤️",
    "नि",
    "ก็",
]
TEXT = st.lists(st.sampled_from(CLUSTERS), max_size=60).map("".join)


def clusters(text: str) -> list[str]:
    return list(map(str, regex.findall(r"\X", text)))


@given(TEXT, st.integers(0, 80))
def test_a_beginning_takes_no_character_apart(text: str, limit: int) -> None:
    """It is a beginning within the limit, of whole characters as readers see them, and no longer one would fit."""
    made = beginning(text, limit)
    assert text.startswith(made) and len(made) <= limit
    whole, rest = clusters(made), clusters(text)
    if made and whole == rest[: len(whole)]:
        assert len(rest) == len(whole) or len(made) + len(rest[len(whole)]) > limit
    else:
        assert not made or len(rest[0]) > limit  # not even one fits


@given(TEXT, st.integers(2, 80))
def test_every_cut_stays_within_its_limit(text: str, limit: int) -> None:
    """In messages, stored material and prompts: never longer, an ellipsis where something is missing, no half emoji."""
    for made in (shown(text, limit), shorten(text, limit)):
        assert len(made) <= limit
        assert not made.removesuffix("…").endswith("\u200d")
    many = Brief("b", "t", "tip", (Item("s", "k", text * 400),), Persona(), 280, 1)
    assert len(render(many).user) < MATERIAL_CHARS + 1_000


def test_a_cut_in_a_text_without_spaces_keeps_what_fits() -> None:
    """One early space is no reason to throw the rest of a Japanese text away."""
    user = render(Brief("b", "t", "tip", (Item("s", "k", "題 " + "漢字" * 5_000),), Persona(), 280, 1)).user
    assert user.count("漢字") > MATERIAL_CHARS // 2 - 50


@given(TEXT, TEXT)
def test_lengths_add_up(one: str, other: str) -> None:
    """No text is shorter with something behind it, and graphemes are never more than code points."""
    both = one + other
    for platform in ("x", "bluesky", "feed"):
        assert length(both, platform)[0] >= length(one, platform)[0] or "." in both  # a full stop may make a link
    assert length(both, "bluesky")[0] == len(clusters(both)) <= len(both) <= len(both.encode())


@given(st.lists(st.sampled_from([one for one in CLUSTERS if one != "."]), max_size=60).map("".join))
def test_the_safe_count_is_never_less_than_a_platforms(text: str) -> None:
    """What is chosen to fit by the quick count fits on X and on Bluesky."""
    assert weight(text) >= length(text, "x")[0]
    assert weight(text) >= length(text, "bluesky")[0]


def test_known_lengths() -> None:
    """The platforms' own figures for a few hard cases."""
    expected = {
        "漢字": (4, 2),
        "שלום": (4, 4),
        "\U0001f469\u200d\U0001f680": (2, 1),
        "\U0001f1ef\U0001f1f5": (2, 1),
        "e\u0301": (1, 1),
        "…": (2, 1),
    }
    assert {text: (length(text, "x")[0], length(text, "bluesky")[0]) for text in expected} == expected
