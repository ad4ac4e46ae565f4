"""The rules on meaning: how often they err on labelled pairs, both sides of each rule, hostile texts."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.checks.test_grounding import starter_notes
from tests.checks.texts import PIECES
from twitter_manager.checks import CheckContext, Policy, check_draft
from twitter_manager.writing import wordings

MATERIALS: list[dict[str, Any]] = tomllib.loads(Path(__file__).with_name("pairs.toml").read_text())["material"]
MEANING = {"roles", "negations", "qualifiers", "causes", "comparisons", "amounts", "additions"}


def found(text: str, *material: str) -> set[str]:
    """The names of all rules that a model's text breaks."""
    context = CheckContext(platforms=("feed",), policy=Policy(max_links=None), material=material, written_by_model=True)
    return {one.rule for one in check_draft((text,), context)}


def meaning(text: str, *material: str) -> set[str]:
    return found(text, *material) & MEANING


@pytest.mark.parametrize(
    ("split", "refused_at_most", "passed_at_most"),
    [("tune", 24, 0), ("first", 20, 0), ("held-out", 16, 0)],
)
def test_labelled_pairs(split: str, refused_at_most: int, passed_at_most: int) -> None:
    """No false post passes, and no more true ones are refused than when these figures were written down."""
    some = [one for one in MATERIALS if one["split"] == split]
    refused = [text for one in some for text in one["true"] if found(text, one["text"])]
    passed = [text for one in some for _, text in one["false"] if not found(text, one["text"])]
    assert len(passed) <= passed_at_most, passed
    assert len(refused) <= refused_at_most, refused


def test_there_are_enough_pairs() -> None:
    """At least 200 pairs, 70 of them held out, about half of them true, of many kinds."""
    true = [text for one in MATERIALS for text in one["true"]]
    false = [text for one in MATERIALS for _, text in one["false"]]
    held_out = [one for one in MATERIALS if one["split"] == "held-out"]
    assert len(true) + len(false) >= 200
    assert sum(len(one["true"]) + len(one["false"]) for one in held_out) >= 70
    assert 0.4 <= len(true) / (len(true) + len(false)) <= 0.6
    assert len({kind for one in MATERIALS for kind, _ in one["false"]}) >= 10
    assert len({*true, *false}) == len(true) + len(false)


@pytest.mark.parametrize("material", [one["text"] for one in MATERIALS])
def test_the_material_agrees_with_itself(material: str) -> None:
    """Whole or sentence by sentence, with an opener or without."""
    assert meaning(material, material) == set()
    for sentence in material.split(". "):
        assert meaning(f"Good to know: {sentence.rstrip('.')}.", material) == set()


def test_variants_by_rule_pass() -> None:
    """What the rules of true variants make of a note is true: of a hundred at most one is refused."""
    made, refused = 0, []
    for note in starter_notes():
        texts = (str(note["text"]), *map(str, cast("list[str]", note["wordings"])), str(note["label"]))
        names = wordings.names_in(texts[-1], texts[:-1])
        some = [one.text for text in texts[:-1] for one in wordings.variants(text, names)]
        made += len(some)
        refused += [text for text in some if meaning(text, *texts)]
    assert made > 1000
    assert len(refused) <= made / 100, refused


RULES = [
    (
        "roles",
        "The crew repaired the bridge before the storm came.",
        [
            "The bridge was repaired by the crew before the storm came.",
            "Before the storm came, the crew repaired the bridge.",
        ],
        [
            "The bridge repaired the crew before the storm came.",
            "The crew was repaired by the bridge before the storm came.",
            "The crew repaired the bridge after the storm came.",
            "The storm came before the crew repaired the bridge.",
        ],
    ),
    (
        "roles",
        "A tuple is faster than a list. The road leads from Aldby to Norrby.",
        ["From Aldby to Norrby the road leads.", "A tuple is faster than a list is."],
        ["A list is faster than a tuple.", "The road leads from Norrby to Aldby."],
    ),
    (
        "negations",
        "The parser does not read comments. It ignores blank lines. The API is stable.",
        ["Comments are not read by the parser.", "The parser doesn't read comments."],
        [
            "The parser reads comments.",
            "The API is unstable.",
            "The parser reads blank lines.",
            "The API is not stable.",
        ],
    ),
    (
        "qualifiers",
        "Only admins can usually delete a page. The upload takes at most 20 seconds unless the line is slow.",
        ["Unless the line is slow, the upload takes at most 20 seconds.", "Usually only admins can delete a page."],
        [
            "Admins can usually delete a page.",
            "Only admins can delete a page.",
            "The upload takes 20 seconds unless the line is slow.",
            "The upload takes at most 20 seconds.",
            "Only admins must usually delete a page.",
        ],
    ),
    (
        "causes",
        "The match was cancelled because of snow. The hall was closed, so the party moved to the school.",
        ["Because of snow, the match was cancelled.", "The party moved to the school because the hall was closed."],
        [
            "The party moved to the school because of snow.",
            "The hall was closed because the party moved to the school.",
            "The match was cancelled because of ice.",
        ],
    ),
    (
        "comparisons",
        "The new pump uses less power. It is quiet.",
        ["The new pump is quiet.", "The new pump uses less power and is quiet."],
        [
            "The new pump is the best.",
            "The new pump is quieter and uses more power.",
            "The powerful new pump is quiet.",
        ],
    ),
    (
        "amounts",
        "Three boats carried 40 guests to the island for two hours.",
        [
            "40 guests were carried to the island by three boats.",
            "For two hours, three boats carried 40 guests to the island.",
        ],
        ["40 boats carried three guests to the island.", "Three boats carried 40 guests to the island for two days."],
    ),
    (
        "additions",
        "The museum opens a room of maps in May.",
        ["In May, the museum opens a room of maps.", "Worth knowing: a room of maps is opened by the museum in May."],
        ["The museum opens a room of maps and coins in May.", "In May the museum opens a room of charming maps."],
    ),
]


RULES += [
    (
        "roles",
        "The cache is emptied every night. Each day costs a pound. A pump fills the tank last.",
        ["Every night the cache is emptied."],
        ["A pound costs each day.", "The tank fills a pump last.", "Every night is emptied by the cache."],
    ),
    (
        "roles",
        "Since 2019 cars have been banned on the square. BEGIN takes the write lock at once.",
        [
            "Cars have been banned on the square since 2019.",
            "The write lock is taken at once by BEGIN.",
            "At once the write lock is taken by BEGIN.",
        ],
        [
            "Since the square 2019 cars have been banned.",
            "BEGIN is taken at once by the write lock.",
            "The write lock takes BEGIN at once.",
        ],
    ),
    (
        "qualifiers",
        "About a third of the households in the survey said they usually compost. The command shows what is kept.",
        [
            "According to the survey, about a third of the households usually compost.",
            "What is kept is shown by the command.",
        ],
        [
            "About a third of the households usually compost.",
            "According to the survey, households usually compost.",
            "The command is kept.",
        ],
    ),
]


@pytest.mark.parametrize(("rule", "material", "true", "false"), RULES)
def test_both_sides(rule: str, material: str, true: list[str], false: list[str]) -> None:
    """Rewordings that keep the meaning pass; each false one is found, one of them at least by the rule itself."""
    assert {text: meaning(text, material) for text in true} == {text: set() for text in true}
    named = [meaning(text, material) for text in false]
    assert all(named), dict(zip(false, named, strict=True))
    assert any(rule in one for one in named)


def test_a_part_is_named() -> None:
    """In a thread, the violation carries the part's number and a message that quotes what is wrong."""
    context = CheckContext(platforms=("feed",), material=("Cats sleep. Dogs bark.",), written_by_model=True)
    found = check_draft(("Cats sleep.", "Dogs never bark."), context)
    assert {one.part for one in found} == {1}
    assert any(one.rule == "negations" and "dogs never bark" in one.message for one in found)


@pytest.mark.parametrize(
    ("material", "text"),
    [
        ("Der Rat hat der Brücke nicht zugestimmt.", "Der Rat hat der Brücke zugestimmt."),
        ("Le conseil a refusé le pont et la route.", "Le pont et la route sont refusés par le conseil."),
    ],
)
def test_other_languages_are_not_judged(material: str, text: str) -> None:
    """Rules made of English words say nothing of a text in another language, right or wrong."""
    assert meaning(text, material) == set()


def test_a_person_answers_to_nobody() -> None:
    """A person's own text is never compared."""
    assert check_draft(("Dogs never bark.",), CheckContext(platforms=("feed",))) == ()


ARTICLE = """Release 3.4 of Harbour

The team has released version 3.4 of Harbour, the backup tool (first shown in 2019). It can now
resume an upload that was cut off, and it no longer needs root rights.

- Snapshots are kept for 30 days by default; set `keep = "90d"` for more.
- Windows 7 is not supported any more.

"We waited long for this," said Ana Diaz. See https://harbour.example/3.4 for all changes, e.g. the new
format of the log."""


@pytest.mark.parametrize(
    "sentence",
    [
        "The team has released version 3.4 of Harbour, the backup tool (first shown in 2019).",
        "It can now resume an upload that was cut off, and it no longer needs root rights.",
        'Snapshots are kept for 30 days by default; set `keep = "90d"` for more.',
        "See https://harbour.example/3.4 for all changes, e.g. the new format of the log.",
    ],
)
def test_sentences_of_an_article_pass(sentence: str) -> None:
    """The material's own sentences are never refused, though its lines are broken in the middle of them."""
    assert meaning(sentence, ARTICLE) == set()
    assert meaning(f"Good to know: {sentence}", ARTICLE) == set()


@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=10), max_size=8).map(" ".join))
def test_any_text_agrees_with_itself(text: str) -> None:
    """No text makes a rule fail, and the material's own words are never refused."""
    assert meaning(text, text) == set()


@pytest.mark.timeout(120)
@pytest.mark.parametrize(
    "piece",
    [
        "a ",
        "a, ",
        "in a, ",
        "ab. ",
        "and a b c ",
        "5 5 ",
        "(a ",
        "not ",
        "because a ",
        "a if b. ",
        "only a ",
        "it is ",
        "a\n",
        "f(x",
        "said that a ",
        "a-b",
        "'s ",
        "one two. ",
        ": ",
        "a: ",
        "x" * 1000 + " ",
    ],
)
def test_hostile_texts(piece: str) -> None:
    """100 kB of material, and posts up to 100 kB, are compared in seconds."""
    text = piece * (100_000 // len(piece))
    meaning(text, text[:-1])
    meaning(text[:4_900], text)
    meaning(f"b {text[:4_800]} c", text)
