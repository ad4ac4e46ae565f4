"""What people read: every stored value has plain words, and a way on is a command to copy."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.home import Home
from twitter_manager import phrases
from twitter_manager.domain import Delivery, DeliveryStatus, DraftStatus, Outcome
from twitter_manager.store import views


@pytest.mark.parametrize(
    ("table", "values"),
    [(phrases.DRAFT, DraftStatus), (phrases.DELIVERY, DeliveryStatus), (phrases.OUTCOME, Outcome)],
)
def test_every_value_has_plain_words(table: dict[str, str], values: type[Outcome]) -> None:
    """None is missing, and none shows the value's own spelling with underscores."""
    assert set(table) == set(values)
    assert not any("_" in words for words in table.values())


def test_the_database_s_view_has_the_same_words() -> None:
    """Who opens the file reads what the program prints."""
    sql = Path(views.__file__).read_text()
    changed = {value: words for value, words in phrases.DRAFT.items() if value != words}
    assert len(changed) == 5
    assert all(f"WHEN '{value}' THEN '{words}'" in sql for value, words in changed.items())


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("draft_partly_posted", "draft: partly published"),
        ("draft_saved", "draft saved"),
        ("delivery_held", "is held"),
        ("slots_without_a_run", "slots without a run"),
    ],
)
def test_an_event_reads_as_words(kind: str, words: str) -> None:
    """A status within it becomes the status's words; what is no status loses its underscores."""
    assert phrases.event(kind) == words


def test_a_draft_stands_somewhere() -> None:
    """As a sentence goes on with it."""
    assert phrases.draft(3, DraftStatus.PARTLY_POSTED) == "draft 3 is partly published"
    assert phrases.draft(3, DraftStatus.NEEDS_ATTENTION) == "draft 3 needs attention"


def test_a_delivery_names_its_part_only_in_a_thread() -> None:
    """One part of one needs no number."""
    at = datetime(2026, 3, 1, tzinfo=UTC)
    why = "it can't be found"
    delivery = Delivery(1, 1, "b", "x", 1, "me", DeliveryStatus.HELD, "text", None, None, None, why, at, None)
    assert phrases.delivery(delivery) == "x is held: it can't be found"
    assert phrases.delivery(delivery, 3) == "x part 2 is held: it can't be found"


def test_ways_on_are_commands_that_can_be_copied() -> None:
    """Each names the program as it is called from here; where a draft can only be given up, that is all."""
    both = phrases.way_on(("resume 3", "skip 3"))
    assert both.startswith("To go on: ") and "twitter_manager resume 3; to give it up: " in both
    assert both.endswith("twitter_manager skip 3")
    assert phrases.way_on(("skip 3",)).startswith("To give it up: ") and phrases.way_on(()) == ""


def test_sentences_end_once() -> None:
    """A text that ends in a full stop, a question or an exclamation gets no second one; an empty one is left out."""
    assert phrases.sentences("no answer", "Check the keys.", "", "Why?") == "no answer. Check the keys. Why?"


def test_one_of_something_is_not_told_as_several(home: Home) -> None:
    """A number is followed by the word that goes with it, and nothing is called "bot(s)"."""
    assert [phrases.amount(number, "post") for number in (0, 1, 2)] == ["0 posts", "1 post", "2 posts"]
    assert phrases.amount(1, "entry", "entries") == "1 entry" and phrases.amount(2, "entry", "entries") == "2 entries"
    home.bot("default", '[[sources]]\nkind = "notes"\npath = "notes.toml"\n')
    (home.path / "notes.toml").write_text(
        '[[note]]\nid = "open"\nlabel = "Club"\ntext = "The club house is open on Saturday."\n'
    )
    assert home("run").code == 0
    told = "".join(home(*words.split()).out for words in ("doctor", "sources list", "status", "explain 1", "preview"))
    assert "1 bot:" in told and "1 item," in told and "1 post, can be written" in told
    assert not re.findall(r"\b1 [a-z]{2,}s\b|\w\(s\)", told), told
