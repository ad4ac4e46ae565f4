"""True posts as a capable model writes them pass every rule but the judge; posts with one hard fact changed don't."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from twitter_manager.checks import CheckContext, check_draft, repair

FOLDER = Path(__file__).parent
KNOWN = {
    "What do you do with a 3,500-year-old jar?",  # reckoned from 1500 BC
    "Fermé le lundi",  # told from "du mardi au dimanche"
    "1850 gargantas",  # what a victory is worth
    "Deux heures pour écrire",  # from 18 h to 20 h
    "council voted 12–4",  # the number stands elsewhere: left to the judge
    "Oakhill Rovers 3:2",
    "Prossima tappa: Rimini",  # a name where a sentence begins
}
"""Beginnings of what is refused or passes against the label, and why nothing cheap would help."""


@pytest.mark.parametrize("name", ["natural", "natural_fresh", "natural_third"])
def test_natural_posts(name: str) -> None:
    """`natural` was looked at while the rules were written, `natural_fresh` and `natural_third` were written after
    it."""
    cases: list[dict[str, Any]] = tomllib.loads((FOLDER / f"{name}.toml").read_text())["case"]
    wrong = [
        f"{kind}: {text} {found}"
        for case in cases
        for kind in ("true", "false")
        for text in case.get(kind, ())
        if bool(found := _found(text, case)) == (kind == "true") and not any(one in text for one in KNOWN)
    ]
    assert wrong == []


def _found(text: str, case: dict[str, Any]) -> list[str]:
    context = CheckContext(
        platforms=("bluesky",),
        material=(case["material"],),
        written_by_model=True,
        language=case["lang"],
        age_days=1.0,
    )
    return [one.message for one in check_draft((repair(text),), context)]
