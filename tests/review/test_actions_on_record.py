"""The audit trail names who decided, and through what, for every verb by which a person decides."""

from __future__ import annotations

import getpass
import json

import pytest

from tests.home import Home

WHO = {"by": getpass.getuser(), "via": "command line"}
EVERY_MONDAY = ("post", "We swim on Mondays.", "--every", "Mon 09:00")
DECISIONS = {
    "pause": ([["pause", "holidays"]], "paused"),
    "end of a pause": ([["pause", "holidays"], ["pause", "--off"]], "unpaused"),
    "post": ([["post", "We swim."]], "draft_saved"),
    "file": ([["post", "--file", "{file}"]], "draft_saved"),
    "recurring post": ([list(EVERY_MONDAY)], "draft_saved"),
    "skip": ([["post", "We swim."], ["drafts", "skip", "1"]], "draft_skipped"),
    "edit": ([["post", "We swim."], ["drafts", "edit", "1", "--text", "We dive."]], "draft_edited"),
    "move": ([["post", "We swim."], ["drafts", "move", "1", "--at", "in 5 hours"]], "draft_moved"),
    "end of a series": ([list(EVERY_MONDAY), ["drafts", "drop", "1", "--series"]], "series_ended"),
    "its occurrence": ([list(EVERY_MONDAY), ["drafts", "drop", "1", "--series"]], "draft_skipped"),
    "delete": ([["post", "We swim.", "--now"], ["delete", "1", "--yes"]], "deletion_queued"),
    "correct": ([["post", "We swim.", "--now"], ["correct", "1", "We dive.", "--yes"]], "deletion_queued"),
    "its new post": ([["post", "We swim.", "--now"], ["correct", "1", "We dive.", "--yes"]], "draft_saved"),
}


@pytest.mark.parametrize("decision", DECISIONS)
def test_a_decision_is_on_record_with_who_took_it(home: Home, decision: str) -> None:
    """The newest event of its kind says so."""
    home.bot("default", 'platforms = ["feed"]\n[topics]\nnothing-has-this-label = 1\n')
    file = home.path / "posts.jsonl"
    file.write_text('{"text": "We swim."}\n')
    words, kind = DECISIONS[decision]
    for line in words:
        done = home(*(word.format(file=file) for word in line))
        assert done.code == 0, done
    [[data]] = home.rows(f"SELECT data FROM events WHERE kind = '{kind}' ORDER BY id DESC LIMIT 1")
    told = json.loads(data)
    assert WHO.items() <= told.items(), told
    assert home("audit").code == 0
