"""The choice of topic, format and item: weighted, rotating, and the same every time for the same inputs."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from twitter_manager.domain import Item
from twitter_manager.writing.topics import UNLABELLED, Choice, NoChoice, Topic, choose

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
FORMATS = {"tip": 1.0}


def item(number: int, label: str) -> tuple[int, Item]:
    return number, Item("notes", f"k{number}", f"Fact {number}.", label=label)


ITEMS = [item(1, "Git"), item(2, "git"), item(3, "sql"), item(4, "python"), item(5, "")]


def chosen(result: Choice | NoChoice) -> Choice:
    assert isinstance(result, Choice)
    return result


def test_topics_match_labels_whatever_the_case() -> None:
    """A topic takes all items of its label and nothing else."""
    ids = {chosen(choose([Topic("GIT")], FORMATS, ITEMS, {}, [], NOW, seed)).item_id for seed in range(40)}
    assert ids == {1, 2}


def test_without_topics_every_label_is_one() -> None:
    """Items without a label come under a topic of their own."""
    topics = {chosen(choose([], FORMATS, ITEMS, {}, [], NOW, seed)).topic for seed in range(80)}
    assert topics == {"Git", "sql", "python", UNLABELLED}


def test_weights_decide_how_often() -> None:
    """Over many seeds a topic of weight 3 comes about three times as often as one of weight 1; weight 0 never."""
    topics = [Topic("git", 3), Topic("sql", 1), Topic("python", 0)]
    counts = Counter(chosen(choose(topics, FORMATS, ITEMS, {}, [], NOW, seed)).topic for seed in range(1000))
    assert 2.4 < counts["git"] / counts["sql"] < 3.8
    assert set(counts) == {"git", "sql"}


def test_formats_go_by_weight_too() -> None:
    """Formats are drawn by weight, independent of the topic; without any it is a tip."""
    formats = {"tip": 1.0, "question": 1.0, "quote": 0.0, "news": float("nan")}
    counts = Counter(chosen(choose([], formats, ITEMS, {}, [], NOW, seed)).format for seed in range(400))
    assert set(counts) == {"tip", "question"} and min(counts.values()) > 150
    assert chosen(choose([], {}, ITEMS, {}, [], NOW, 1)).format == "tip"


def test_a_topic_does_not_come_twice_in_a_row_while_there_is_another() -> None:
    """The last topic is left out unless it alone has material."""
    topics = [Topic("git", 1000), Topic("sql", 1)]
    assert {chosen(choose(topics, FORMATS, ITEMS, {}, ["GIT"], NOW, seed)).topic for seed in range(30)} == {"sql"}
    assert chosen(choose([Topic("git")], FORMATS, ITEMS, {}, ["git"], NOW, 1)).topic == "git"


def test_no_item_is_used_again_before_all_were_used() -> None:
    """An item that was used long ago waits while another was never used."""
    used = {1: NOW - timedelta(days=400), 2: NOW - timedelta(days=400), 3: NOW - timedelta(days=400)}
    topics = [Topic("git"), Topic("sql"), Topic("python")]
    assert {chosen(choose(topics, FORMATS, ITEMS, used, [], NOW, seed)).item_id for seed in range(30)} == {4}


def test_then_the_longest_unused_goes_first_once_it_has_rested() -> None:
    """Of used items the oldest use wins, and only after the rest."""
    used = {1: NOW - timedelta(days=31), 2: NOW - timedelta(days=60)}
    choice = chosen(choose([Topic("git")], FORMATS, ITEMS, used, [], NOW, 9))
    assert (choice.item_id, choice.why["item"]["rule"]) == (2, "longest unused")
    refused = choose([Topic("git")], FORMATS, ITEMS, used, [], NOW, 9, rest=timedelta(days=90))
    assert isinstance(refused, NoChoice)
    assert "2026-03-31" in refused.reason


def test_each_reason_for_no_choice_is_told() -> None:
    """No material, no matching label, no weight: each a sentence a person can act on."""
    assert choose([], FORMATS, [], {}, [], NOW, 1) == NoChoice(
        "There is no material.", {"seed": 1, "items": 0, "usable": {}}
    )
    for topics in ([Topic("rust")], [Topic("git", 0)], [Topic("git", float("nan"))], [Topic("git", -1)]):
        refused = choose(topics, FORMATS, ITEMS, {}, [], NOW, 1)
        assert isinstance(refused, NoChoice) and "label of a topic that has weight" in refused.reason


def test_why_explains_the_draw_and_is_plain_json() -> None:
    """The draw can be checked by hand: its number falls in the chosen name's share."""
    choice = chosen(choose([Topic("git", 2), Topic("sql", 1)], FORMATS, ITEMS, {}, [], NOW, 5))
    why = json.loads(json.dumps(choice.why, allow_nan=False))
    shares, passed = why["topic"]["scores"], 0.0
    for name, share in shares.items():
        if name == choice.topic:
            assert passed <= why["topic"]["draw"] < passed + share
        passed += share
    assert why["topic"]["weights"] == {"git": 2.0, "sql": 1.0}
    assert why["item"]["chosen"] == choice.item_id and why["seed"] == 5


LABELS = st.sampled_from(["git", "sql", "Git ", "", "é", "日本"])
WEIGHTS = st.floats(allow_nan=True, allow_infinity=True)


@given(
    st.lists(st.builds(Topic, LABELS, WEIGHTS), max_size=5),
    st.dictionaries(st.text(max_size=5), WEIGHTS, max_size=4),
    st.lists(LABELS, max_size=8),
    st.dictionaries(st.integers(0, 8), st.integers(0, 100), max_size=8),
    st.lists(LABELS, max_size=3),
    st.integers(),
)
def test_the_rules_hold_for_any_input(
    topics: list[Topic],
    formats: dict[str, float],
    labels: list[str],
    ages: dict[int, int],
    recent: list[str],
    seed: int,
) -> None:
    """Same inputs, same choice; a used item only when no unused one could go; `why` is JSON."""
    items = [item(number, label) for number, label in enumerate(labels)]
    used = {number: NOW - timedelta(days=age) for number, age in ages.items()}
    result = choose(topics, formats, items, used, recent, NOW, seed)
    assert result == choose(topics, formats, items, used, recent, NOW, seed)
    json.dumps(result.why, allow_nan=False)
    if isinstance(result, Choice):
        assert (result.item_id, result.item) in items
        if result.item_id in used:
            assert used[result.item_id] <= NOW - timedelta(days=30)
            same = [n for n, other in items if other.label.strip().casefold() == result.item.label.strip().casefold()]
            assert all(number in used for number in same)


def test_a_year_of_posts_rotates_through_everything() -> None:
    """One post a day over 40 notes: no topic twice in a row, no note twice within its rest, all notes used."""
    items = [item(number, f"t{number % 4}") for number in range(40)]
    used: dict[int, datetime] = {}
    recent: list[str] = []
    for day in range(365):
        now = NOW + timedelta(days=day)
        choice = chosen(choose([], FORMATS, items, used, recent[:10], now, day))
        assert choice.item_id not in used or now - used[choice.item_id] >= timedelta(days=30)
        used[choice.item_id] = now
        recent.insert(0, choice.topic)
    assert len(used) == 40
    repeats = sum(a == b for a, b in pairwise(recent))
    assert repeats <= 365 * 0.05
