"""The evaluation's own code, without the model: what it counts is what was made."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest

from tests.evaluation import __main__ as command
from tests.evaluation.desk import EXCERPT, MODEL, NOTE, REWORDED, THREAD, Made, Post, RandomChoice, fixed_set, write
from tests.evaluation.figures import figures, goals, shown
from twitter_manager.domain import Brief, Candidate, Generation, Progress, TimeLeft
from twitter_manager.sources.notes import starter_items
from twitter_manager.writing.generators.excerpt import Excerpt


class Writes:
    """Says one sentence of its own about everything."""

    name, free = "writes", False

    def generate(
        self, briefs: Sequence[Brief], n: int, time_left: TimeLeft, progress: Progress
    ) -> Iterator[tuple[Brief, tuple[Generation, ...]]]:
        for brief in briefs:
            said = f"{brief.items[0].text.removesuffix('.')}, which Donald Knuth discovered."
            yield brief, (Generation(self.name, "m", "", 1, "", "", (Candidate((said,)),)),)

    def verify(self) -> str:
        return ""


def test_three_briefs_end_to_end() -> None:
    """A note, an entry and a release are chosen, written, checked and counted, each with how its words came about."""
    material, _ = fixed_set()
    three = [next(item for item in material if item.kind == kind) for kind in ("note", "entry", "release")]
    made = write("three", three, [(Excerpt(), 8)], 3)
    assert {post.item for post in made.posts} == {item.key for item in three}
    by_item = {post.item: post for post in made.posts}
    assert by_item[three[0].key].way == NOTE
    assert by_item[three[1].key].way == by_item[three[2].key].way == EXCERPT
    found = figures(made)
    assert (found.wanted, found.posts, sum(found.ways.values())) == (3, 3, 3)
    assert found.repeated == () and found.cost == 0.0
    assert any("three: 3 posts of 3 briefs" in line for line in shown(found))


def test_what_a_check_turns_down_is_counted_with_its_rule() -> None:
    """The pass rate of a check falls with each candidate that it refuses, and the next generator steps in."""
    notes = [item for item in fixed_set()[0] if item.kind == "note"][:3]
    made = write("two", notes, [(Writes(), 1), (Excerpt(), 8)], 3)
    found = figures(made)
    assert found.turned_down["grounding"] == 3
    assert {post.generator for post in made.posts} == {"excerpt"}
    assert [rule for rule, text in made.refused if "Knuth" in text]


def test_material_with_nothing_in_it_gives_no_post() -> None:
    """A commit of three letters and a lure are among the fixed set, and none of them is posted."""
    material, _ = fixed_set()
    empty = [item for item in material if item.title in ("wip", "You won't believe how fast Tern is now")]
    assert len(empty) == 2
    assert write("empty", empty, [(Excerpt(), 8)], 2).posts == []


def test_the_fixed_set_is_large_and_over_all_labels() -> None:
    """At least 60 briefs: notes of every label there is, and every kind of fetched material."""
    material, threads = fixed_set()
    assert len(material) + len(threads) >= 60
    assert {item.label for item in material if item.kind == "note"} == {item.label for item in starter_items()}
    assert {item.kind for item in material} == {"note", "entry", "page", "document", "commit", "release"}
    assert all(len(items) > 5 for items in threads)


def test_threads_are_counted_as_threads() -> None:
    """One post of several parts, their numbers left out of account."""
    made = write("thread", fixed_set()[1][0], [(Excerpt(), 8)], 1, formats={"thread": 1.0})
    assert figures(made).ways == {THREAD: 1}
    assert made.posts[0].frame == "thread" and not made.posts[0].bare[0].startswith("1/")


def test_a_random_choice_is_among_the_choosers_candidates() -> None:
    """People's wordings and variants of them come up, the same for the same seed."""
    notes = list(starter_items())[:24]
    made = write("random", notes, [(RandomChoice(), 8)], 24)
    assert {post.way for post in made.posts} >= {NOTE, REWORDED}
    again = write("random", notes, [(RandomChoice(), 8)], 24)
    assert [post.text for post in made.posts] == [post.text for post in again.posts]
    other = write("random", notes, [(RandomChoice(), 8)], 24, seed=8)
    assert [post.text for post in made.posts] != [post.text for post in other.posts]


def post(text: str) -> Post:
    return Post(
        parts=(text,),
        topic="t",
        format="tip",
        item="i",
        generator="g",
        way=MODEL,
        frame="",
        bare=(text,),
        seconds=1.0,
        cost=0.03,
        scores={},
    )


@pytest.mark.parametrize(
    ("texts", "held"),
    [
        (["A list is fast.", "Trees grow in each spring."], [True, True, True]),
        (["A list is fast."], [False, True, True]),
        (
            ["A list is fast. Water is wet on most of all days.", "Trees grow in each spring. A list is fast."],
            [True, False, True],
        ),
        (["The list of all is fast.", "Note: the list of all is fast."], [True, True, False]),
    ],
)
def test_goals(texts: list[str], held: list[bool]) -> None:
    """Each goal is missed by posts that miss it, and by no others."""
    made = Made("row", list(map(post, texts)), wanted=2)
    assert [one for _, one in goals(figures(made))] == held


def test_nearly_the_same_posts_and_costs_are_told() -> None:
    """Two posts in other clothes are a pair; the cost is that of a post."""
    one = post("Git keeps a commit that no branch reaches for two weeks.")
    found = figures(Made("pair", [one, replace(one, parts=("Psst: " + one.text,)), post("A list is fast.")], 3))
    assert (found.alike, len(found.repeated)) == (1, 1)
    assert any("$0.0300" in line for line in shown(found))


def test_samples_are_spread_evenly() -> None:
    """Twenty of a hundred, the first of each five; all of them where there are fewer."""
    posts = [post(f"Fact {n}.") for n in range(100)]
    lines = [line for line in command._samples(posts, 20) if line.startswith("   ")]
    assert lines == [f"   Fact {n}." for n in range(0, 100, 5)]
    assert len([line for line in command._samples(posts[:3], 20) if line.startswith("   ")]) == 3
