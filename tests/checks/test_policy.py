"""Characters, blocked terms, links, mentions, tags, secrets: both sides of each rule."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twitter_manager.checks import CheckContext, Policy, check_draft, check_text

PERSON = CheckContext(platforms=("x", "bluesky", "feed"))
BOT = replace(PERSON, material=())


def rules(text: str, context: CheckContext) -> list[str]:
    return [violation.rule for violation in check_draft((text,), context)]


@pytest.mark.parametrize(
    ("character", "refused_by"),
    [
        ("\ufffe", ["x", "feed"]),
        ("\uffff", ["x", "feed"]),
        ("\ufeff", ["x"]),
        ("\x00", ["bluesky", "feed"]),
        ("\x1b", ["feed"]),
        ("\t", []),
        ("\u202e", []),
        ("\U0001f600", []),
    ],
)
def test_characters_a_platform_refuses(character: str, refused_by: list[str]) -> None:
    """Each platform's own list, and the message names the character by number, never by itself."""
    found = check_draft((f"a{character}b",), PERSON)
    assert [violation.platform for violation in found] == refused_by
    assert all(f"U+{ord(character):04X}" in violation.message for violation in found)


@pytest.mark.parametrize("text", ["\ud83d", "a\udc80b", "\ude00\ud83d"])
@pytest.mark.parametrize("platform", ["x", "bluesky", "feed"])
def test_half_a_character_goes_nowhere(text: str, platform: str) -> None:
    """A lone surrogate has no UTF-8: one violation on every platform, and a report that can be printed."""
    report = check_text(text, platform, replace(PERSON, used_hashes=lambda text_hash: True))
    assert [violation.rule for violation in report.violations] == ["characters"]
    assert report.violations[0].message.isascii()


def test_invisible_characters_only_from_a_person() -> None:
    """A person may turn the reading direction; material that does so is hostile."""
    assert rules("abc \u202edef", PERSON) == []
    assert rules("abc \u202edef", BOT) == ["characters"]


def test_one_cashtag_on_x() -> None:
    """X takes one cashtag, from anybody; prices are none, and other platforms don't mind."""
    assert rules("$AAPL costs $200, up $5.", PERSON) == []
    assert rules("$AAPL or $MSFT?", PERSON) == ["cashtags"]
    assert rules("$AAPL or $MSFT?", replace(PERSON, platforms=("bluesky",))) == []


@pytest.mark.parametrize(
    ("term", "text"),
    [
        ("ass", "What an ASS."),
        ("ass", "#ass"),
        ("Buy now", "buy\u00a0NOW!"),
        ("free_money", "get free_money here"),
        ("free", "get free_money here"),
        ("straße", "In der STRASSE."),
        ("c++", "Try C++ today"),
        ("casino", "ca\u200bsi\u00adno"),
        ("casino", "ｃａｓｉｎｏ"),
        ("毒", "这是毒药"),
        ("#ad", "New phone #ad"),
    ],
)
def test_blocked(term: str, text: str) -> None:
    """A blocked term is found whatever its case, width, spacing and hidden characters, in a person's text too."""
    assert rules(text, replace(PERSON, policy=Policy(blocked_terms=(term,)))) == ["blocked_terms"]


@pytest.mark.parametrize(
    ("term", "text"),
    [
        ("ass", "A class in Scunthorpe passes the assessment."),
        ("cunt", "Scunthorpe"),
        ("c++", "c+ and c"),
        ("#ad", "#adventure"),
        ("", "anything"),
        (" \u200b ", "anything at all"),
    ],
)
def test_not_blocked(term: str, text: str) -> None:
    """A term inside a longer word is no hit, and an empty term blocks nothing."""
    assert rules(text, replace(PERSON, policy=Policy(blocked_terms=(term,)))) == []


@given(st.text(min_size=1, max_size=20), st.text(max_size=20))
def test_blocked_whatever_stands_around(term: str, other: str) -> None:
    """A blocked term between spaces is always found; no term makes the rule fail."""
    found = rules(f"{other} {term} {other}", replace(PERSON, policy=Policy(blocked_terms=(term,))))
    assert "blocked_terms" in found or not any(c.isalnum() for c in term)


@pytest.mark.parametrize(
    ("rule", "within", "beyond", "policy"),
    [
        ("links", "https://a.com", "https://a.com and https://b.com", Policy(max_links=1)),
        ("links", "no link", "https://file.py", Policy(max_links=0)),
        ("links", "(https://a.com)", "“https://a.com” http://example.com", Policy(max_links=1)),
        ("mentions", "me@example.com, 8時 @図書館", "@alice", Policy(max_mentions=0, max_links=None)),
        ("mentions", "@Us.example hi", "@us.example @them", Policy(allowed_mentions=("@us.example",), max_links=None)),
        ("hashtags", "#a #b C# #1 a#b", "#a #b #c", Policy(max_hashtags=2)),
    ],
)
def test_limits(rule: str, within: str, beyond: str, policy: Policy) -> None:
    """A bot's text keeps to the limits; a person's doesn't have to."""
    bot = replace(BOT, policy=policy, platforms=("feed",))
    assert rule not in rules(within, bot)
    assert rule in rules(beyond, bot)
    assert rules(beyond, replace(bot, material=None)) == []


def test_limits_hold_for_the_whole_thread() -> None:
    """Two parts with a link each have two links."""
    context = replace(BOT, material=("https://a.com",), policy=Policy(max_links=1))
    found = check_draft(("https://a.com", "Again: https://a.com"), context)
    assert [(one.rule, one.platform) for one in found] == [("links", "x"), ("links", "bluesky"), ("links", "feed")]


def test_no_limit() -> None:
    """None means any number."""
    policy = Policy(links=("x", "bluesky", "feed"), max_links=None, max_mentions=None, max_hashtags=None)
    text = " ".join(f"#t{n} @u{n} https://a.com/{n}" for n in range(5))
    found = rules(text, replace(BOT, policy=policy))
    assert not {"links", "mentions", "hashtags"} & set(found)


@pytest.mark.parametrize("secret", ["hunter2-hunter2", "ghp_" + "a1B2" * 9])
def test_secrets_never_go_out(secret: str) -> None:
    """A configured value, or what looks like a key, stops any text; the message and the context don't show it."""
    context = replace(PERSON, secrets=("hunter2-hunter2",))
    (violation,) = check_draft((f"My key is {secret}, see?",), context)
    assert violation.rule == "secrets"
    assert secret not in violation.message
    assert "hunter2" not in repr(context)
    assert rules("My key is under the mat.", context) == []
