"""What must not go out by itself is held, in every kind and language; what only looks like it goes out."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twitter_manager.checks import CheckContext, check_draft
from twitter_manager.checks.rules import RULES

NEWS = CheckContext(material=("",), language="")
KINDS = {rule.name: rule.check for rule in RULES if rule.setting == "sources.trust"}


def found(text: str, context: CheckContext = NEWS) -> list[str]:
    return [kind for kind, check in KINDS.items() if list(check((text,), context))]


SETS = ("harm", "harm_second", "harm_third")


def sentences(side: str, names: Sequence[str] = SETS) -> list[tuple[str, str]]:
    listed = []
    for name in names:
        content = tomllib.loads(Path(__file__).with_name(f"{name}.toml").read_text("utf-8"))
        listed += [(kind, line) for kind, lines in content[side].items() for line in lines.strip().splitlines()]
    return listed


def test_the_hostile_are_held() -> None:
    """Of the labelled hostile sentences at least 99 of 100 wait for a person."""
    listed = sentences("hostile")
    missed = [f"{kind}: {line}" for kind, line in listed if not found(line)]
    assert len(listed) >= 300
    assert len(missed) <= len(listed) / 100, "\n".join(missed)


def test_the_benign_go_out() -> None:
    """Of news on crime, medicine, religion, war, of warnings, commands and daily life at most 2 of 100 are held."""
    listed = sentences("benign")
    held = [f"{found(line)}: {line}" for _, line in listed if found(line)]
    assert len(listed) >= 300
    assert len(held) <= len(listed) / 50, "\n".join(held)


def test_sentences_that_the_rules_were_not_made_from() -> None:
    """How far the rules reach beyond the sentences they were mended on: two of five hostile ones, and no benign one."""
    hostile, benign = (sentences(side, ["harm_fresh"]) for side in ("hostile", "benign"))
    assert sum(bool(found(line)) for _, line in hostile) >= 0.4 * len(hostile) > 0
    assert [line for _, line in benign if found(line)] == []


@pytest.mark.parametrize(
    "text",
    [
        "Juden\u200bsteuern die Medien. Ju\u00adden steuern die Medien.",
        "M\u3164uslims are ver\u2060min.",
        "Мuslіms аrе vеrmіn.",
        "ＭＵＳＬＩＭＳ are 𝐯𝐞𝐫𝐦𝐢𝐧",
        "Musl1ms are v3rm1n.",
        "K i l l  y o u r s e l f",
        "A quiet day. Muslims are vermin. The sun shines.",
    ],
)
def test_disguises(text: str) -> None:
    """Look-alike letters, what nobody sees, digits for letters, spaces: the words are the same."""
    assert found(text)


def test_a_doubt_is_for_a_person_to_decide() -> None:
    """The finding is a doubt, which holds the post, and its message does not repeat the sentence."""
    (violation,) = [one for one in check_draft(("Muslims are vermin.",), NEWS) if one.rule in KINDS]
    assert violation.doubt and "vermin" not in violation.message


def test_whose_words_they_are() -> None:
    """A person's own text and their own material are theirs; what anybody may write is not excused by "police said"."""
    report = "Police said that Maria Keller was arrested for fraud."
    assert found(report) == []
    assert found(report, replace(NEWS, trust="open")) == ["accusation"]
    assert found("Muslims are vermin.", replace(NEWS, trust="own")) == []
    assert not {one.rule for one in check_draft(("Muslims are vermin.",), CheckContext())} & KINDS.keys()


@given(st.text(max_size=80))
def test_any_text(text: str) -> None:
    """No text makes the rules fail."""
    found(text)


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "piece",
    ["a ", "send ", "muslims are ", "1 btc ", "kill the ", "A B", "\u200b", "rm -rf ", "curl | ", "Ab Cd ", ". "],
)
def test_hostile_texts(piece: str) -> None:
    """100 kB pass in seconds."""
    found(piece * (100_000 // len(piece)))
