"""What may be said of two variants: seldom a difference where there is none, and the real ones."""

from __future__ import annotations

import math
from random import Random

import pytest

from twitter_manager.learning.experiments import Ending, Verdict, conclude, measured, turn

POSTS = 20


def audience(random: Random, mean: float) -> dict[str, int]:
    """What a post comes to: some go far, most don't."""
    expected = mean * random.lognormvariate(-0.32, 0.8)
    if expected > 50:
        return {"bluesky": max(0, round(random.gauss(expected, math.sqrt(expected))))}
    count, left = 0, random.random()
    while left > math.exp(-expected):
        count, left = count + 1, left * random.random()
    return {"bluesky": count}


def experiment(seed: int, first: float, second: float) -> Verdict:
    """One to its end, looked at after every post, while the account's luck drifts."""
    random, read, luck = Random(seed), ([], []), 0.0
    while (arm := turn(seed, (len(read[0]), len(read[1])), POSTS)) is not None:
        luck = 0.9 * luck + random.gauss(0, 0.2)
        read[arm].append(audience(random, (first, second)[arm] * math.exp(luck)))
        if verdict := conclude(*read, POSTS, is_over=False):
            return verdict
    raise AssertionError("it never ended")


@pytest.mark.parametrize("mean", [0.3, 1, 5, 60, 800])
def test_without_a_difference_none_is_seen(mean: float) -> None:
    """A against A, whatever the account's size: at most 7 of 100 see something, though each looks after every post."""
    seen = [experiment(seed, mean, mean).ending for seed in range(200)]
    assert seen.count(Ending.NO_DIFFERENCE) >= 0.93 * len(seen)


@pytest.mark.parametrize(("first", "second", "better"), [(50, 200, 1), (200, 50, 0), (1, 8, 1)])
def test_a_real_difference_is_found(first: float, second: float, better: int) -> None:
    """Four times as much is found nearly always, and never the wrong way round; at a small account eight times."""
    found = [experiment(seed, first, second).better for seed in range(60)]
    assert found.count(better) >= 54
    assert 1 - better not in found


def test_a_small_account_gets_a_wide_interval() -> None:
    """Where nobody likes anything nothing is known: not even that both are the same."""
    nothing = [{"bluesky": 0}] * POSTS
    verdict = conclude(nothing, nothing, POSTS, is_over=True)
    assert verdict is not None and verdict.ending is Ending.NO_DIFFERENCE
    assert verdict.low is not None and verdict.high is not None
    assert verdict.low < 0.65 and verdict.high > 1.6


def test_one_post_that_went_far_moves_nothing() -> None:
    """Ranks: a thousand likes on one post are no difference."""
    usual = [{"bluesky": 3 + at % 4} for at in range(POSTS)]
    verdict = conclude(usual, [*usual[1:], {"bluesky": 1000}], POSTS, is_over=True)
    assert verdict is not None and verdict.ending is Ending.NO_DIFFERENCE


def test_it_is_ended_early_only_for_harm() -> None:
    """Eleven pairs of eleven end it; ten do not, and then nothing is told before the plan's end."""
    worse, better = [{"bluesky": 1}] * 11, [{"bluesky": 9}] * 11
    assert conclude(worse[:10], better[:10], POSTS, is_over=False) is None
    assert conclude(worse, better, POSTS, is_over=False) == Verdict(Ending.HARM, 1)


def test_too_few_posts_at_the_last_day_give_no_answer() -> None:
    """With fewer than eight of each nothing is told."""
    few = [{"bluesky": at} for at in range(7)]
    assert conclude(few, few, POSTS, is_over=True) == Verdict(Ending.TOO_FEW)
    assert conclude([], [], POSTS, is_over=True) == Verdict(Ending.TOO_FEW)


def test_turns_are_balanced_and_drawn() -> None:
    """Two of four posts are of each variant; another seed draws another order; and the last turns fill what lacks."""
    for seed in range(20):
        counts = [0, 0]
        order = []
        while (arm := turn(seed, (counts[0], counts[1]), POSTS)) is not None:
            counts[arm] += 1
            order.append(arm)
            assert abs(counts[0] - counts[1]) <= 2
        assert counts == [POSTS, POSTS]
        assert all(sum(order[at : at + 4]) == 2 for at in range(0, 2 * POSTS, 4))
    assert len({tuple(turn(seed, (2, 2), 9) or 0 for seed in range(start, start + 8)) for start in range(9)}) > 3
    assert turn(1, (POSTS, 3), POSTS) == 1


def test_platforms_are_measured_beside_their_own_usual() -> None:
    """A post on the small platform alone is not worse for it."""
    medians = {"bluesky": 2.0, "x": 200.0}
    assert measured({"bluesky": 2}, medians).value == measured({"x": 200}, medians).value == 0
