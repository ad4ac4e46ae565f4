"""Exact search over vectors, against a search in plain Python."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from twitter_manager.retrieval.embedder import Vectors, normalised
from twitter_manager.retrieval.index import Index


def random_vectors(count: int, size: int, seed: int = 7) -> Vectors:
    return normalised(np.random.default_rng(seed).standard_normal((count, size)))


def index(vectors: Vectors, owners: list[int] | None = None) -> Index:
    ids = np.arange(1, len(vectors) + 1) * 10
    return Index(ids, np.array(owners) if owners else ids, vectors)


@given(st.lists(st.lists(st.integers(-3, 3), min_size=3, max_size=3), max_size=30), st.integers(0, 40))
def test_the_nearest_are_the_nearest(rows: list[list[int]], k: int) -> None:
    """For any vectors, many of them equal, the answer is that of sorting all of them; ties go to the smaller id."""
    vectors = normalised(rows or np.empty((0, 3)))
    question = normalised([[1, 2, -1]])[0]
    every = sorted((-float(row @ question), 10 * at) for at, row in enumerate(vectors, 1))
    found = index(vectors).nearest(question, k)
    assert len(found) == min(k, len(rows))
    assert [like for like, _ in found] == pytest.approx([-like for like, _ in every[:k]], abs=1e-6)
    assert found == sorted(found, key=lambda one: (-one[0], one[1]))


def test_a_hundred_thousand_vectors_against_brute_force() -> None:
    """At full size the answers are those of a search that looks at each vector by itself, row after row."""
    vectors = random_vectors(100_000, 64)
    questions = random_vectors(3, 64, seed=8)
    made = index(vectors)
    for question in questions:
        scores = [sum(a * b for a, b in zip(row, question.tolist(), strict=True)) for row in vectors.tolist()]
        best = sorted(range(len(scores)), key=lambda at: -scores[at])[:10]
        found = made.nearest(question, 10)
        assert [number for _, number in found] == [10 * (at + 1) for at in best]
        assert [like for like, _ in found] == pytest.approx([scores[at] for at in best], abs=1e-5)


def test_an_owners_parts_are_left_out() -> None:
    """What is asked for is like its own parts most of all: only those of others tell anything."""
    made = index(normalised([[1, 0], [0.9, 0.1], [0.8, 0.2], [0, 1]]), owners=[1, 1, 2, 3])
    question = normalised([[1, 0]])[0]
    assert [number for _, number in made.nearest(question, 9, besides=[1])] == [30, 40]


def test_the_middle_of_an_owner() -> None:
    """What an owner's parts have in common has length 1 and lies between them; an owner without parts has none."""
    made = index(normalised([[1, 0], [0, 1], [-1, 0]]), owners=[1, 1, 2])
    assert made.middle([1]) == pytest.approx([0.5**0.5, 0.5**0.5])
    assert made.middle([7]) is None
    assert index(normalised([[1, 0], [-1, 0]]), owners=[1, 1]).middle([1]) is None, "they point nowhere together"


def test_loading_in_chunks() -> None:
    """Chunks of bytes become the table they were made from, and nothing to load is an index without answers."""
    vectors = random_vectors(7, 5)

    def chunks() -> Iterator[tuple[list[int], list[int], bytes]]:
        for start in range(0, 7, 3):
            some = vectors[start : start + 3]
            ids = list(range(start, start + len(some)))
            yield ids, ids, some.astype("<f4").tobytes()

    made = Index.load(7, 5, chunks())
    assert len(made.nearest(vectors[4], 9)) == 7
    assert [number for _, number in made.nearest(vectors[4], 1)] == [4]
    assert Index.load(0, 0, iter(())).nearest(vectors[0], 3) == []


@pytest.mark.parametrize("bad", [[], [[]], [1.0], [["a"]], [[float("nan")]], [[1e300]], [[1, 2], [3]], None])
def test_no_vectors(bad: object) -> None:
    """What is no table of finite numbers is refused."""
    with pytest.raises((ValueError, TypeError)):
        normalised(bad)


def test_lengths_are_one() -> None:
    """Rows of any length come out with length 1; one of zeros stays, and is like nothing."""
    made = normalised([[3, 4], [0, 0], [1e-20, 0]])
    assert made == pytest.approx(np.array([[0.6, 0.8], [0, 0], [1, 0]]))
    assert made.dtype == np.float32


@pytest.mark.parametrize("bad", [[float("nan"), 0, 0], [float("inf"), 0, 0], [3e38, 3e38, 0], [-40, 0, 0], [0, 0, 0]])
def test_a_vector_that_a_disk_spoilt_is_like_nothing(bad: list[float]) -> None:
    """What is no number, or too long, hides no other and is near to none."""
    rows = np.array([[1, 0, 0], bad, [0, 1, 0]], "<f4")
    made = Index.load(3, 3, [([1], [1], rows[:1].tobytes()), ([2, 3], [2, 3], rows[1:].tobytes())])
    question = normalised([[3, 4, 0]])[0]
    [(like, number)] = made.nearest(question, 1)
    assert (number, round(like, 5)) == (3, 0.8)
    assert [number for _, number in made.nearest(question, 3)] == [3, 1, 2]
    assert made.middle([2]) is None
