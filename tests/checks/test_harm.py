"""What must not go out by itself is held, in every kind and language; what only looks like it goes out."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twitter_manager.checks import CheckContext, check_draft
from twitter_manager.checks.harm import _entries, _file, _pattern, _relation
from twitter_manager.checks.rules import RULES

NEWS = CheckContext(material=("",), language="")
KINDS = {rule.name: rule.check for rule in RULES if rule.setting == "sources.trust"}


def found(text: str, context: CheckContext = NEWS) -> list[str]:
    return [kind for kind, check in KINDS.items() if list(check((text,), context))]


def sentences(side: str, name: str) -> list[str]:
    content = tomllib.loads(Path(__file__).with_name(f"{name}.toml").read_text("utf-8"))
    return [line for lines in content[side].values() for line in lines.strip().splitlines()]


@pytest.mark.timeout(60)
@pytest.mark.parametrize(("name", "least"), [("harm", 0.99), ("harm_unseen", 0.97)])
def test_the_hostile_are_held(name: str, least: float) -> None:
    """Nearly all known hostile sentences wait; at first sight it were fewer (docs/evaluation.md)."""
    listed = sentences("hostile", name)
    missed = [line for line in listed if not found(line)]
    assert len(listed) >= 150
    assert len(missed) <= len(listed) * (1 - least), "\n".join(missed)


@pytest.mark.timeout(60)
@pytest.mark.parametrize("name", ["harm", "harm_unseen"])
def test_the_benign_go_out(name: str) -> None:
    """Of news on crime, medicine, religion, war, of warnings, commands and daily life at most 2 of 100 are held."""
    listed = sentences("benign", name)
    held = [f"{found(line)}: {line}" for line in listed if found(line)]
    assert len(listed) >= 150
    assert len(held) <= len(listed) / 50, "\n".join(held)


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


@pytest.mark.parametrize(
    "text",
    [
        "Maria Keller steals from the club, and the police just don't care.",
        "Das Gericht schaut weg: Peter Hahn hat die Kasse veruntreut.",
        "Not racist, but Muslims are vermin.",
        "The hotlines are a joke, kill yourself.",
    ],
)
def test_what_is_scorned_excuses_nothing(text: str) -> None:
    """A report of the police excuses, an insult of the police does not."""
    assert found(text)


@pytest.mark.timeout(60)
def test_every_word_of_the_file_compiles() -> None:
    """Words are compiled when a text begins one, so a wrong one would be seen only then."""
    relations = [
        _relation(rule.get(part, ""))
        for rules in _file()["rules"].values()
        for rule in rules
        for part in ("all", "unless")
    ]
    assert {name for relation in relations for chain in relation for names in chain for name in names} <= {
        *_file()["words"]
    }
    for name in _file()["words"]:
        for begins in _entries(name):
            _pattern.__wrapped__(name, begins)


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
