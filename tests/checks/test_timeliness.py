"""Claims that age: only with fresh material, and what only sounds like one is left alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from twitter_manager.checks import CheckContext, Policy, check_draft

OLD = CheckContext(platforms=("feed",), material=("m",))


def found(text: str, context: CheckContext = OLD) -> bool:
    return "timeliness" in {one.rule for one in check_draft((text,), context)}


AGEING = [
    "Just released: Harbour 3.4.",
    "Version 3.4 is now available.",
    "Harbour 3.4 is out now!",
    "The library was released today.",
    "Today, the council voted.",
    "It opens tomorrow at nine.",
    "The match was played yesterday.",
    "This week we look at hooks.",
    "See the latest version of the tool.",
    "The new release drops Python 3.9.",
    "Breaking: the bridge is closed.",
    "Only 3 days left to register.",
    "Coming soon: a dark mode.",
    "Tickets are currently sold out.",
    "A brand-new parser.",
    "The choir sings tonight.",
    "Last chance to see the show.",
    "Sale ends this weekend.",
    "The swap takes place next Saturday.",
    "The swap is planned for next week.",
]
TIMELESS = [
    "A new line ends the record.",
    "Each call makes a new object.",
    "git switch -c creates a new branch from the latest commit.",
    "date +%F prints today's date.",
    "Today most browsers know it.",
    "Use `docker pull app:latest version` with care.",
    "The session stays valid for the next week.",
    "It is kept for the next two weeks.",
    "It returns the currently selected row.",
    "Know what a new version may break: read the changelog first.",
    "Every new release needs a tag.",
    "The news is on page one.",
    "A renewed interest in tomatoes.",
]


@pytest.mark.parametrize("text", AGEING)
def test_ageing(text: str) -> None:
    """Refused with material that is old or of unknown age, fine with fresh one, and a person may say it."""
    assert found(text)
    assert found(text, replace(OLD, age_days=3.5))
    assert not found(text, replace(OLD, age_days=0.5))
    assert not found(text, replace(OLD, age_days=9, policy=Policy(fresh_days=10)))
    assert not found(text, CheckContext(platforms=("feed",)))


@pytest.mark.parametrize("text", TIMELESS)
def test_timeless(text: str) -> None:
    """Words that only look like it."""
    assert not found(text)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("de", "Heute Abend spielt die Band."),
        ("de", "Nächste Woche geht es los."),
        ("fr", "Rendez-vous demain à 9h."),
        ("es", "Esta noche hay concierto."),
        ("it", "Domani si vota."),
        ("nl", "Volgende week is het zover."),
        ("ja", "明日オープンします。"),
        ("pl", "Jutro gra orkiestra."),
        ("sv", "I morgon spelar bandet."),
        ("ru", "Завтра концерт."),
    ],
)
def test_other_languages(language: str, text: str) -> None:
    """Words for days age in the bot's language too."""
    assert found(text, replace(OLD, language=language))
    assert not found(text, replace(OLD, language=language, age_days=0.5))


def test_a_day_that_is_named_speaks_for_itself() -> None:
    """Until it is over; and what the material calls new stays so for a month."""
    named = replace(OLD, age_days=9, today=date(2026, 12, 1))
    assert not found("This Saturday, 5 December: film night.", named)
    assert found("This Saturday, 5 December: film night.", replace(named, today=date(2026, 12, 6)))
    assert found("This Saturday: film night.", named)
    assert not found("See the new exhibition.", replace(named, material=("Our new exhibition is open.",)))
    assert found("See the new exhibition.", replace(named, age_days=None, material=("Our new exhibition is open.",)))
