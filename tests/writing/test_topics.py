"""The choice of topic, item and format: weighted, rotating, explained, and the same every time for the same inputs."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twitter_manager.domain import Item, Json
from twitter_manager.operations.replay import again
from twitter_manager.writing.learned import Learned
from twitter_manager.writing.scoring import UNLABELLED
from twitter_manager.writing.topics import (
    BEST,
    MOST_TOPICS,
    REST,
    Choice,
    Known,
    Rules,
    choose,
)

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
FORMATS = {"tip": 1.0}
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def item(number: int, label: str = "", kind: str = "note", text: str = "", title: str = "") -> tuple[int, Item]:
    return number, Item(
        "notes", f"k{number}", text or f"Fact {number} of {label}.", title=title, label=label, kind=kind
    )


ITEMS = [item(1, "Git"), item(2, "git"), item(3, "sql"), item(4, "python"), item(5, "")]


def draw(topics: Mapping[str, float], seed: int, items: Sequence[tuple[int, Item]] = (), /, **known: Any) -> Choice:
    result = choose(Rules(topics, FORMATS), Known(items or ITEMS, **known), NOW, seed)
    assert isinstance(result, Choice)
    return result


def named(*weights: float) -> dict[str, float]:
    return dict(zip(("git", "sql", "python"), weights, strict=False))


# -- topics -------------------------------------------------------------------------------------------


def test_topics_match_labels_whatever_the_case() -> None:
    """A topic takes all items of its label and nothing else."""
    assert {draw({"GIT": 1.0}, seed).item_id for seed in range(40)} == {1, 2}


def test_without_topics_every_label_is_one() -> None:
    """Items without a label come under a topic of their own."""
    assert {draw({}, seed).topic for seed in range(80)} == {"Git", "sql", "python", UNLABELLED}


def test_an_item_without_a_label_belongs_where_its_words_are() -> None:
    """A topic's every word in the title counts more than in the text; a label is left alone; C is not C++."""
    items = [
        item(1, text="How git worktrees save time."),
        item(2, title="C++ and Git Hooks", text="A guide."),
        item(3, label="cooking", text="git git git"),
        item(4, text="The digits of pi."),
    ]
    found = {draw({"git": 1.0}, seed, items).item_id for seed in range(60)}
    assert found == {1, 2}
    marks = {row["item"]: row["relevance"] for row in draw({"git": 1.0}, 1, items).why["item"]["best"]}
    assert marks[2] > marks[1]
    assert {draw({"git hooks": 1.0}, seed, items).item_id for seed in range(20)} == {2}
    assert isinstance(choose(Rules({"C": 1.0}, FORMATS), Known(items), NOW, 1), str)
    assert draw({"数据库": 1.0}, 1, [item(1, text="今天谈谈数据库的索引。"), item(2, text="天气")]).item_id == 1


def test_weights_decide_how_often() -> None:
    """Over many seeds a topic of weight 3 comes about three times as often as one of weight 1; weight 0 never."""
    counts = Counter(draw(named(3, 1, 0), seed).topic for seed in range(1000))
    assert 2.4 < counts["git"] / counts["sql"] < 3.8
    assert set(counts) == {"git", "sql"}


def test_labels_that_are_topics_by_themselves_run_out_together() -> None:
    """Where no topics are given, labels of unlike sizes last about equally long: none is on twice in a row before
    nearly all is used."""
    labels = [label for label, size in {"a": 12, "b": 8, "c": 5, "d": 3, "e": 2}.items() for _ in range(size)]
    items = [item(number, label) for number, label in enumerate(labels)]
    for start in range(20):
        used: dict[int, datetime] = {}
        recent: list[str] = []
        for turn in range(25):
            choice = draw({}, 100 * start + turn, items, last_used=used, topics=recent)
            used[choice.item_id] = NOW
            recent.insert(0, choice.topic)
        assert all(a != b for a, b in pairwise(recent))


@given(st.integers(1, 12), st.lists(st.integers(0, 11), max_size=30), st.integers())
def test_a_topic_never_comes_too_soon(count: int, recent: list[int], seed: int) -> None:
    """None of the last third of the topics is drawn again, and at least never the last, where another has material."""
    items = [item(number, f"t{number}") for number in range(count)]
    names = [f"T{number}" for number in recent]
    choice = draw({}, seed, items, topics=names)
    late = {name.lower() for name in names[: max(1, count // 3)]}
    assert choice.topic not in late or late >= {one.label for _, one in items}
    if count > 1 and names:
        assert choice.topic != names[0].lower()
    assert {name.lower() for name in choice.why["topic"]["left_out"]} <= late


def test_what_is_recorded_stays_small_whatever_the_material() -> None:
    """Ten thousand labels of ten thousand items make a record of a few kilobytes, and each still has its turn."""
    items = [item(number, f"label {number}") for number in range(10_000)]
    choice = draw({}, 3, items)
    assert len(choice.why["topic"]["drawn_from"]) == MOST_TOPICS and choice.why["topic"]["topics"] == 10_000
    assert len(json.dumps(choice.why)) < 8_000
    same = draw({}, 3, [item(number, "one") for number in range(10_000)])
    assert len(same.why["item"]["best"]) == BEST and same.why["item"]["among"] == 10_000
    assert len(json.dumps(same.why)) < 4_000
    assert len({draw({}, seed, items[:500]).item_id for seed in range(40)}) > 30


# -- items --------------------------------------------------------------------------------------------


def test_no_item_is_used_again_before_all_were_used() -> None:
    """An item that was used long ago waits while another was never used."""
    used = dict.fromkeys((1, 2, 3), NOW - timedelta(days=400))
    assert {draw(named(1, 1, 1), seed, last_used=used).item_id for seed in range(30)} == {4}


def test_then_the_longest_unused_is_likelier_once_it_has_rested() -> None:
    """Of used items none comes before its rest, and one that rests long comes more often than one just free again."""
    used = {1: NOW - 30.5 * DAY, 2: NOW - 365 * DAY}
    counts = Counter(draw({"git": 1.0}, seed, last_used=used).item_id for seed in range(400))
    assert counts[2] > 1.5 * counts[1] > 0
    refused = choose(Rules({"git": 1.0}, FORMATS, rest=400 * DAY), Known(ITEMS, used), NOW, 9)
    assert isinstance(refused, str)
    assert "2026-04-05" in refused
    assert {draw({"git": 1.0}, seed, last_used={1: NOW - DAY, 2: NOW - 31 * DAY}).item_id for seed in range(20)} == {2}


def test_an_item_with_other_wordings_rests_for_a_share_of_the_time() -> None:
    """With two more wordings it is free after ten days of thirty, to the minute."""
    items = [(1, replace(item(1)[1], wordings=("In other words.", "In others still.")))]
    for age, free in ((10 * DAY, True), (10 * DAY - HOUR, False)):
        result = choose(Rules({}, FORMATS), Known(items, {1: NOW - age}), NOW, 1)
        assert isinstance(result, Choice if free else str)
    assert isinstance(result, str) and "2026-03-01 13:00 UTC" in result


def test_news_goes_first_and_never_twice_in_a_row_on_one_topic() -> None:
    """A fresh entry beside many notes is drawn at once; after it something else; then the next entry."""
    items = [
        *(item(number, f"t{number % 16}") for number in range(100)),
        item(200, "", "entry"),
        item(201, "", "entry"),
    ]
    since = {number: NOW - HOUR for number, _ in items}
    first = draw({}, 1, items, since=since)
    assert first.item_id in (200, 201) and first.why["lane"] == "news"
    used = {first.item_id: NOW}
    second = draw({}, 2, items, since=since, last_used=used, topics=[first.topic])
    assert second.item.kind == "note" and second.why["lane"] == "any"
    third = draw({}, 3, items, since=since, last_used=used, topics=[second.topic, first.topic])
    assert {first.item_id, third.item_id} == {200, 201}


def test_news_alone_is_chosen_or_nothing() -> None:
    """For the fast lane what is on lately doesn't count, and background is no choice."""
    items = [item(1, "git"), item(2, "", "entry")]
    rules, known = Rules(formats=FORMATS), Known(items, since={2: NOW - HOUR}, topics=[UNLABELLED])
    chosen = choose(rules, known, NOW, 1, news_only=True)
    assert isinstance(chosen, Choice) and chosen.item_id == 2
    for other in (replace(known, last_used={2: NOW}), replace(known, since={2: NOW - 30 * DAY})):
        refused = choose(rules, other, NOW, 1, news_only=True)
        assert isinstance(refused, str) and refused == "There is no fresh news."


@pytest.mark.parametrize(
    ("kind", "half_life"),
    [("entry", 3 * DAY), ("commit", 3 * DAY), ("release", 7 * DAY)],
    ids=["entry", "commit", "release"],
)
def test_freshness_halves_with_each_half_life(kind: str, half_life: timedelta) -> None:
    """A back-dated item is not fresh however new it is to us; a date in the future makes none fresher than now."""
    items = [item(1, "a", kind)]
    marks = [
        draw({}, 1, items, since={1: NOW - age}).why["item"]["best"][0]["freshness"]
        for age in (-DAY, timedelta(), half_life, 2 * half_life, 10_000 * DAY)
    ]
    assert marks == [1.0, 1.0, 0.5, 0.25, 0.01]


def test_back_dated_items_do_not_win_by_freshness() -> None:
    """An entry dated years back waits behind the fresh one, and weighs less than a note of the same label."""
    old, fresh = item(1, "a", "entry"), item(2, "a", "entry")
    since = {1: NOW - 3000 * DAY, 2: NOW - HOUR}
    assert {draw({}, seed, [old, fresh], since=since).item_id for seed in range(30)} == {2}
    counts = Counter(draw({}, seed, [old, item(3, "a")], since=since).item_id for seed in range(300))
    assert counts[3] > 20 * counts[1]


def test_what_was_said_lately_comes_less_often() -> None:
    """An item whose words stand in a recent post weighs less, and the record names that post; meaning counts too."""
    said, new = item(1, "a", text="Bash arrays start at zero."), item(2, "a", text="Tabs separate recipe lines.")
    posts = {"draft 7": "In bash, arrays start at zero", "draft 6": "Something else was said here"}
    choice = draw({}, 1, [said, new], posts=posts)
    rows = {row["item"]: row for row in choice.why["item"]["best"]}
    assert rows[1]["novelty"] < 0.1 and rows[1]["near"] == "draft 7" and rows[2]["novelty"] == 1.0
    counts = Counter(draw({}, seed, [said, new], posts=posts).item_id for seed in range(200))
    assert counts[2] > 10 * counts[1]
    meant = choose(Rules({}, FORMATS, likeness=lambda one: 0.9 if one.key == "k2" else 0.0), Known([new]), NOW, 1)
    assert isinstance(meant, Choice)
    assert meant.why["item"]["best"][0]["novelty"] == 0.1 and meant.why["item"]["best"][0]["near"] == "meaning"


# -- formats ------------------------------------------------------------------------------------------


def test_formats_go_by_weight_too() -> None:
    """Formats are drawn by weight, independent of the topic; without any it is a tip."""
    formats = {"tip": 1.0, "question": 1.0, "quote": 0.0, "comparison": float("nan")}
    items = [item(number, "a", text="Whether a list is fast, everybody asks who has one. " * 2) for number in range(5)]
    made = [choose(Rules({}, formats, writes=True), Known(items), NOW, seed) for seed in range(400)]
    counts = Counter(one.format for one in made if isinstance(one, Choice))
    assert set(counts) == {"tip", "question"} and min(counts.values()) > 150
    plain = choose(Rules({}, {}), Known(ITEMS), NOW, 1)
    assert isinstance(plain, Choice) and plain.format == "tip"


def test_only_formats_that_suit_the_item_are_drawn() -> None:
    """What does not suit never comes; the plain form of the item's kind is the last resort."""
    items = [item(1, "a"), item(2, "b", "entry")]
    for formats in ({"news": 1.0, "tip": 1.0, "no such format": 1.0}, {"quote": 1.0}):
        found = [choose(Rules({}, formats), Known(items), NOW, seed) for seed in range(40)]
        assert {(one.item.kind, one.format) for one in found if isinstance(one, Choice)} == {
            ("note", "tip"),
            ("entry", "news"),
        }


def test_a_thread_takes_several_notes_of_one_label_or_is_not_drawn() -> None:
    """As many as the format wants, no note twice, all of one label; where the drawn one is alone: another format."""
    rules = Rules({}, {"thread": 9.0, "tip": 1.0})
    items = [*(item(number, "git") for number in range(6)), item(10, "sql")]
    made = [choose(rules, Known(items), NOW, seed) for seed in range(60)]
    seen: Counter[tuple[str, str]] = Counter()
    for one in made:
        assert isinstance(one, Choice)
        numbers = [number for number, _ in one.items]
        seen[one.topic, one.format] += 1
        assert len(set(numbers)) == len(numbers) in ((3, 4, 5) if one.format == "thread" else (1,))
        assert len({other.label for _, other in one.items}) == 1
        assert one.why.get("also", []) == numbers[1:]
    assert seen["git", "thread"] and seen["sql", "tip"] and not seen["sql", "thread"]


# -- reasons, and the same again ----------------------------------------------------------------------


def test_each_reason_for_no_choice_is_told() -> None:
    """No material, no matching label, no weight: each a sentence a person can act on."""
    nothing = choose(Rules({}, FORMATS), Known([]), NOW, 1)
    assert isinstance(nothing, str) and nothing == "No material may be posted now; the verb sources tells why."
    for topics in ({"rust": 1.0}, {"git": 0}, {"git": float("nan")}, {"git": -1}):
        refused = choose(Rules(topics, FORMATS), Known(ITEMS), NOW, 1)
        assert isinstance(refused, str) and "label of a topic that has weight" in refused


def test_why_explains_the_draw_and_is_plain_json() -> None:
    """The draw can be checked by hand: its number falls in the chosen name's share."""
    choice = draw({"git": 2, "sql": 1}, 5)
    why = json.loads(json.dumps(choice.why, allow_nan=False))
    weights, passed = why["topic"]["drawn_from"], 0.0
    for name, weight in weights.items():
        if name == choice.topic:
            assert passed <= why["topic"]["draw"] < passed + weight / sum(weights.values())
        passed += weight / sum(weights.values())
    assert weights == {"git": 2.0, "sql": 1.0}
    assert why["item"]["chosen"] == choice.item_id and why["seed"] == 5


LABELS = st.sampled_from(["git", "sql", "Git ", "", " ", "é", "日本"])
KINDS = st.sampled_from(["note", "entry", "page", "release", "no such kind"])
WEIGHTS = st.floats(allow_nan=True, allow_infinity=True)
TEXTS = st.text(max_size=30)


@st.composite
def situations(draw: st.DrawFn) -> tuple[Rules, Known, dict[int, tuple[Item, datetime]]]:
    """Anything that a bot file and its material can come to."""
    numbers = range(draw(st.integers(0, 8)))
    items = [
        (n, Item("s", f"k{n}", draw(TEXTS), title=draw(TEXTS), label=draw(LABELS), kind=draw(KINDS))) for n in numbers
    ]
    since = {n: NOW - timedelta(hours=draw(st.integers(-100, 1000))) for n in numbers}
    used = {n: NOW - timedelta(days=draw(st.integers(0, 100))) for n in numbers if draw(st.booleans())}
    topics = draw(st.dictionaries(LABELS, WEIGHTS, max_size=5))
    formats = draw(st.dictionaries(st.sampled_from(("tip", "news", "thread", "?")), WEIGHTS, max_size=4))
    posts = {f"draft {n}": text for n, text in enumerate(draw(st.lists(TEXTS, max_size=3)))}
    rest = timedelta(days=draw(st.integers(0, 60)))
    known = Known(items, used, since, draw(st.lists(LABELS, max_size=3)), posts)
    beliefs = st.dictionaries(LABELS, st.tuples(st.floats(-3, 3), st.floats(0, 2), st.integers(1, 99)), max_size=3)
    learned = {"topic": Learned(draw(beliefs), 0.4, draw(st.floats(0.01, 1)))}
    return Rules(topics, formats, rest, learned=learned), known, {n: (one, since[n]) for n, one in items}


@given(situations(), st.integers(), st.booleans())
def test_the_rules_hold_for_any_input(
    situation: tuple[Rules, Known, dict[int, tuple[Item, datetime]]], seed: int, news_only: bool
) -> None:
    """Same inputs, same choice; a used item only when no unused one could go; the record is JSON and replays."""
    rules, known, stored = situation
    result = choose(rules, known, NOW, seed, news_only=news_only)
    assert result == choose(rules, known, NOW, seed, news_only=news_only)
    if isinstance(result, Choice):
        why = json.loads(json.dumps(result.why, allow_nan=False))
        assert (result.item_id, result.item) in known.items
        assert again(why, stored, known.posts) == []
        if result.item_id in known.last_used:
            assert known.last_used[result.item_id] <= NOW - rules.rest and not news_only
            same = [n for n, one in known.items if one.label.split() == result.item.label.split()]
            assert all(number in known.last_used for number in same)


def test_again_names_what_differs() -> None:
    """A changed weight, another draw, a changed or vanished item, a record that is no record: each is told."""
    items = [item(number, "git", text=f"Fact number {number} about rebasing branches.") for number in range(5)]
    stored = {number: (one, NOW) for number, one in items}
    posts = {"draft 1": "A fact about rebasing branches was told"}
    why = draw({}, 4, items, posts=posts).why
    assert again(why, stored, posts) == []

    def changed(**parts: Json) -> Json:
        copy: Json = json.loads(json.dumps(why))
        for name, values in parts.items():
            copy[name] |= values
        return copy

    number = why["item"]["chosen"]
    other = (number + 1) % 5
    [line] = again(changed(item={"chosen": other}), stored, posts)
    assert f"item: drawn again it is {number} " in line and f"recorded is {other} " in line
    assert "recorded is" in again(changed(format={"draw": 0.5}), stored, posts)[0]
    reworded = replace(items[number][1], text="Something else entirely, nothing of the above.")
    [line] = again(why, stored | {number: (reworded, NOW)}, posts)
    assert f"item {number}: its novelty is" in line and "changed since" in line
    relabelled = replace(items[number][1], url="https://example.org/")
    assert again(why, stored | {number: (relabelled, NOW)}, posts) == [
        f"item {number} changed since; its scores are the same"
    ]
    assert again(why, {n: one for n, one in stored.items() if n != number}, posts) == [
        f"item {number}: it is not there any more"
    ]
    assert "draft 1, which it was compared with, is not there" in again(why, stored, {})[0]
    for broken in (
        {},
        {"topic": 1},
        changed(item={"best": 5}),
        changed(topic={"drawn_from": {"git": "x"}}),
        why | {"at": "?"},
    ):
        assert "can't be read" in again(broken, stored, posts)[0]


def test_a_year_of_posts_rotates_through_everything() -> None:
    """One post a day over 40 notes: no topic twice in a row, no note twice within its rest, all notes used."""
    items = [item(number, f"t{number % 4}") for number in range(40)]
    used: dict[int, datetime] = {}
    recent: list[str] = []
    for day in range(365):
        now = NOW + timedelta(days=day)
        choice = choose(Rules({}, FORMATS), Known(items, used, topics=recent[:10]), now, day)
        assert isinstance(choice, Choice)
        assert choice.item_id not in used or now - used[choice.item_id] >= REST
        used[choice.item_id] = now
        recent.insert(0, choice.topic)
    assert len(used) == 40
    assert sum(a == b for a, b in pairwise(recent)) <= 365 * 0.05


def test_what_was_learned_decides_and_a_forged_record_is_told() -> None:
    """A topic that surely does well is chosen nearly always, the others now and then; the record holds what it was
    drawn from, and replay tells one that does not fit."""
    learned = {"topic": Learned({"git": (-0.5, 0.05, 40), "sql": (0.9, 0.05, 30)}, 0.4, 0.1)}
    rules = Rules({"git": 2.0, "sql": 1.0, "python": 1.0}, FORMATS, learned=learned)
    items = [item(number, label) for number, label in enumerate(("git", "sql", "python"), 1)]
    made = [choose(rules, Known(items), NOW, seed) for seed in range(200)]
    choices = [choice for choice in made if isinstance(choice, Choice)]
    counts = Counter(choice.topic for choice in choices)
    assert counts["sql"] > 140 and counts["git"] > 2
    why = json.loads(json.dumps(choices[0].why))
    stored = {number: (one, NOW) for number, one in items}
    assert again(why, stored, {}) == []
    assert len(json.dumps(why["topic"])) < 500
    why["topic"]["learned"]["known"]["git"][0] = 3.0
    assert any("from what was learned" in line for line in again(why, stored, {}))
