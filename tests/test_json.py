"""What `--json` prints fits the JSON Schema that the program and docs/json.md give."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from tests.home import Home
from twitter_manager.show.verb_shapes import SHAPES, json_schema
from twitter_manager.verbs import VERBS

WITHOUT = {"init", "schema"}
"""Verbs that ask, or print JSON anyway."""
ANSWERS = [
    ("run", "--dry-run"), ("run",), ("run", "--force"), ("post", "We meet on Sunday."),
    ("post", "We meet at ten.", "--part", "Bring a lamp.", "--now"), ("status",),
    ("drafts",), ("drafts", "show", "2"), ("drafts", "move", "2", "--first"), ("drafts", "drop", "--all-generated"),
    ("history",),
    ("explain", "1"), ("explain", "run:1"), ("generate",), ("generate", "--topic", "Python"), ("replay", "1"),
    ("preview", "--runs", "30"), ("check", "--rules"), ("check",), ("sources", "list"), ("sources", "update"),
    ("sources", "test", "starter"), ("sources", "add", "notes"), ("style",), ("doctor",), ("pause", "a holiday"),
    ("status",), ("run",), ("pause", "--off"), ("skip", "--all"), ("resume", "1"), ("audit",), ("restore", "--list"),
    ("explain", "999"), ("restore",),
]  # fmt: skip
"""In this order, over one home."""


def test_each_verb_that_answers_has_a_shape() -> None:
    """A new verb is documented, or fails here."""
    assert {verb.name for verb in VERBS if "--json" in verb.options} == set(SHAPES) == {v.name for v in VERBS} - WITHOUT


def test_every_answer_fits_its_schema(tmp_path: Path) -> None:
    """Of each verb, in a home with posts, a pause, slips and a note of one's own; and it is one line."""
    home = Home(tmp_path / "home")
    (home.path / "notes").mkdir()
    (home.path / "notes" / "tea.md").write_text("# Tea\n\nTea is served in the hut on every ride of the club.\n")
    for words in ANSWERS:
        done = home(*words, "--json", stdin="Hello https://a.example #there")
        assert done.out.count("\n") == 1, (words, done)
        Draft202012Validator(json_schema(words[0])).validate(json.loads(done.out))


@pytest.mark.parametrize("verb", ["bot", *SHAPES])
def test_the_program_prints_each_schema(tmp_path: Path, verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    """`schema VERB` gives a sound JSON Schema."""
    Draft202012Validator.check_schema(Home(tmp_path)("schema", verb).json)


def test_an_unknown_key_does_not_fit() -> None:
    """The schema is strict: this suite can fail."""
    answer = {"ok": True, "checks": [], "surprise": 1}
    assert not Draft202012Validator(json_schema("doctor")).is_valid(answer)
    assert Draft202012Validator(json_schema("doctor")).is_valid({"ok": True, "checks": []})
