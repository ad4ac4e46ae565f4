"""The rule on posts that say an older one in other words."""

from __future__ import annotations

from datetime import date

import pytest

from twitter_manager.checks import CheckContext
from twitter_manager.checks.again import again, is_alike, over

TODAY = date(2026, 11, 28)
OLD = "Park what you have not committed with git stash, and fetch it back with git stash pop."


@pytest.mark.parametrize(
    "text",
    [
        "Join us in the hut.",
        "The hut opens on Saturday.",
        "We meet on 5 December.",
        "Released on 3 May 2024.",
        "The 2026 conference was great.",
        "Early-bird tickets end soon.",
        "Now available: version 2.",
        "Today we bake.",
        "In May the garden opens.",
        "Bread is 20% off.",
        "Le pain est à -20 %, dernière offre limitée.",
        "Anmeldeschluss ist der 3. Mai.",
    ],
)
def test_what_may_be_over_is_not_said_again(text: str) -> None:
    """Dates, weekdays, calls to what ends, and what is called new: months later they are over."""
    language = "de" if "ist der" in text else "fr" if "Le pain" in text else "en"
    assert over(text, CheckContext(today=TODAY, language=language))


@pytest.mark.parametrize(
    "text",
    [
        "Git stash saves uncommitted changes.",
        "Every Saturday we bake bread.",
        "On Saturdays the hut is open.",
        "On 5 December 2027 the bridge turns a hundred.",
        "Since 2019 the club has its own hut.",
        "Python 3.12 takes 5 percent less memory.",
        "May I ask whether March on is a song?",
    ],
)
def test_what_lasts_may_be_said_again(text: str) -> None:
    """Recurring days, dates to come with their year, years long past, numbers."""
    assert over(text, CheckContext(today=TODAY)) == ""


@pytest.mark.parametrize(
    "text",
    [
        OLD,
        OLD.upper().replace(",", ""),
        f"Worth knowing: {OLD}",
        "Park what you have not committed with git stash.",
        "With git stash pop fetch back what you have not committed, and park it with git stash.",
    ],
)
def test_nearly_the_same_is_no_other_wording(text: str) -> None:
    """Nor is the same with an opener, a piece of it, or its words in another order."""
    assert is_alike(text, OLD)
    [found] = again((text,), CheckContext(again=OLD, today=TODAY))
    assert found.rule == "again"


def test_another_wording_passes_and_no_other_post_is_asked() -> None:
    """The rule looks only at posts that say an older one again."""
    other = "Half-done work is in the way? A stash keeps it until you are ready."
    assert list(again((other,), CheckContext(again=OLD, today=TODAY))) == []
    assert list(again((OLD,), CheckContext(today=TODAY))) == []
