"""Counting and detection against the official clients: their recorded answers, and the clients themselves if there."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.checks.texts import as_javascript, rows
from twitter_manager.checks import CheckContext, check_text, length
from twitter_manager.platforms.facets import facets

HERE = Path(__file__).parent
MODULES = HERE.parent / "standins" / "pds" / "node_modules"
RECORDED: list[dict[str, Any]] = json.loads((HERE / "official.json").read_text())


def test_recording_is_of_substance() -> None:
    """The recording holds what it is for, so that the comparisons below can fail."""
    kinds = {facet["kind"] for answer in RECORDED for facet in answer["facets"]}
    assert kinds == {"link", "mention", "tag"}
    assert {answer["valid"] for answer in RECORDED} == {True, False}
    assert len(RECORDED) > 400


def test_as_official_clients() -> None:
    """X's weighted length is that of twitter-text 3.1.0, graphemes and facets are those of @atproto/api 0.19.19. A
    person's text is ok on X where the official parser calls it valid; but blank text, halves of characters and a second
    cashtag, which that parser lets through, are not."""
    wrong = []
    for answer in RECORDED:
        text = as_javascript(answer["text"])
        sendable = not any("\ud800" <= c <= "\udfff" for c in text)
        valid = answer["valid"] and text.strip() != "" and sendable and answer["cashtags"] <= 1
        expected = ((answer["weighted"], 280), (answer["graphemes"], 300), answer["facets"], valid)
        counted = (length(text, "x"), length(text, "bluesky"), [facet.as_json() for facet in facets(text)])
        if (*counted, check_text(text, "x", CheckContext()).ok) != expected:
            wrong.append(ascii(text))
    assert wrong == []


def test_as_the_client_itself() -> None:
    """Four thousand texts more, none of them recorded, through the client that is installed for the tests."""
    node = shutil.which("node")
    if node is None or not (MODULES / "@atproto" / "api").exists():
        pytest.skip("needs node, and @atproto/api in tests/standins/pds/node_modules")
    texts = list(rows(4000, seed=20261121))
    done = subprocess.run(
        [node, str(HERE / "official.cjs"), str(MODULES)],
        input=json.dumps(texts),
        capture_output=True,
        text=True,
        check=True,
    )
    for text, answer in zip(texts, json.loads(done.stdout), strict=True):
        assert [facet.as_json() for facet in facets(text)] == answer["facets"], ascii(text)
        assert length(text, "bluesky")[0] == answer["graphemes"], ascii(text)
