"""What goes along with a text is checked as the text is."""

from __future__ import annotations

import pytest

from twitter_manager.checks import CheckContext, Policy, check_draft, check_post
from twitter_manager.checks.rules import _OF_TEXTS_ALONE, RULES
from twitter_manager.content import Card, Media, Part, plain
from twitter_manager.platforms import SPECS

SECRET = "correct-horse-battery"
CONTEXT = CheckContext(("feed",), Policy(blocked_terms=("coffee",)), ("Tea.",), secrets=(SECRET,))


def picture(alt: str) -> Part:
    return Part("Tea.", (Media("ab" * 32, "image/png", 9, 3, 2, alt),))


def found(part: Part) -> set[tuple[str, int]]:
    return {(one.rule, one.part) for one in check_post((Part("Tea."), part), CONTEXT) if one.rule != "duplicate"}


@pytest.mark.parametrize(
    ("text", "rule"),
    [(f"My key is {SECRET}.", "secrets"), ("Te\u200ba", "characters"), ("Coffee.", "blocked_terms")],
)
def test_words_beside_the_text_are_words_of_the_post(text: str, rule: str) -> None:
    """In an alt text and in each field of a card, told with the part, and a secret is not repeated."""
    cards = (Card(text, "Tea"), Card("https://a.example", text), Card("https://a.example", "Tea", text))
    for part in (*(Part("Tea.", card=card) for card in cards), picture(text)):
        assert (rule, 1) in found(part)
    assert not any(SECRET in one.message for one in check_post((picture(text),), CONTEXT))


def test_a_card_may_be_longer_than_a_text_and_carries_an_address() -> None:
    """Lengths, links and the search for duplicates are about texts."""
    assert found(Part("Tea.", card=Card("https://a.example/tea", "Tea", "Tea. " * 200))) == set()


def test_a_platform_that_takes_no_pictures_is_named() -> None:
    """One line for each platform that can't have the post."""
    without = {name for name, spec in SPECS.items() if not spec.media}
    refused = [one for one in check_post((picture("Tea."),), CheckContext(tuple(SPECS))) if one.rule == "media"]
    assert {one.platform for one in refused} == without
    assert all(SPECS[one.platform].title in one.message for one in refused)


@pytest.mark.parametrize("text", ["Tea.", "", "a" * 400, f"My key is {SECRET}."])
def test_text_alone_is_checked_as_ever(text: str) -> None:
    """Nothing is found that the rules on texts do not find."""
    assert check_post(plain([text]), CONTEXT) == check_draft([text], CONTEXT)


def test_the_rules_that_spare_what_goes_along_are_rules() -> None:
    """A rule under another name would look at alt texts again."""
    assert {rule.name for rule in RULES} >= _OF_TEXTS_ALONE
