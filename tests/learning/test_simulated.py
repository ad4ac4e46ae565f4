"""Learning proven on simulated audiences with known tastes. Seeds are fixed: the figures are the same at every run."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from statistics import fmean

import pytest

from tests.learning.audience import BEGAN, Audience, Told, learned, told, turned
from twitter_manager.domain import Item
from twitter_manager.learning.scores import scores
from twitter_manager.store.outcomes import Outcome
from twitter_manager.writing.topics import Choice, Known, Rules, choose

TASTES = {"a": 0.4, "b": 0.6, "c": 0.8, "d": 1.0, "e": 1.4, "f": 2.5}
FORMS = {"tip": 0.6, "news": 1.0, "question": 1.6}
EVEN = (dict.fromkeys(TASTES, 1.0), dict.fromkeys(FORMS, 1.0))
WRONG = ({"a": 3.0, "b": 3.0, "c": 2.0, "d": 2.0, "e": 2.0, "f": 1.0}, {"tip": 3.0, "news": 2.0, "question": 1.0})
MEANS = {1: 1.6, 5: 6.0, 50: 58.0}
"""By the median that posts come to, the mean that gives it."""
SEEDS = range(8)
POSTS = 300


def _missed(runs: Sequence[Sequence[Told]], begin: int = 0, end: int = POSTS) -> float:
    return fmean(post.missed for posts in runs for post in posts[begin:end])


@pytest.mark.parametrize("median", MEANS)
@pytest.mark.parametrize("weights", [EVEN, WRONG], ids=["even", "wrong"])
def test_regret_is_below_half_of_what_it_is_without_learning(
    median: int, weights: tuple[dict[str, float], dict[str, float]]
) -> None:
    """After 300 posts a bot that learns has missed less than half of what uniform choice or fixed wrong weights do."""
    audience = [(POSTS, Audience(MEANS[median], TASTES, FORMS))]
    with_it = _missed([told(audience, weights, seed) for seed in SEEDS])
    without = _missed([told(audience, weights, seed, learns=False) for seed in SEEDS])
    assert with_it < 0.5 * without


@pytest.mark.parametrize("median", MEANS)
def test_changed_tastes_are_found_within_100_posts(median: int) -> None:
    """When tastes turn round, 100 posts later what is missed is below half of what uniform choice misses again."""
    audience = Audience(MEANS[median], TASTES, FORMS)
    both = [(POSTS, audience), (140, turned(audience))]
    with_it = [told(both, EVEN, seed) for seed in SEEDS]
    uniform = [told(both, EVEN, seed, learns=False) for seed in SEEDS]
    assert _missed(with_it, POSTS, POSTS + 20) > 0.8 * _missed(uniform, POSTS, POSTS + 140), "the change must be felt"
    assert _missed(with_it, POSTS + 100, POSTS + 140) < 0.5 * _missed(uniform, POSTS, POSTS + 140)


def test_no_topic_is_starved() -> None:
    """The topic that does worst keeps the share of its weight that `explore` says, and is posted now and then."""
    runs = [told([(POSTS, Audience(6.0, TASTES, FORMS))], EVEN, seed) for seed in SEEDS]
    shares = [share for posts in runs for post in posts for share in post.shares.values()]
    assert min(shares) > 0.2 / len(TASTES) - 1e-6
    for posts in runs:
        counted = Counter(post.topic for post in posts[100:])
        assert min(counted[topic] for topic in TASTES) >= 1


@pytest.mark.parametrize("spread", [3.0, None], ids=["negative binomial", "poisson"])
@pytest.mark.parametrize("mean", [0.5, 1.6], ids=["median 0", "median 1"])
def test_a_small_account_does_not_chase_noise(mean: float, spread: float | None) -> None:
    """Where no topic does better than another, the shares stay near to the person's weights over time, also with one
    like a post or none."""
    level = Audience(mean, dict.fromkeys(TASTES, 1.0), dict.fromkeys(FORMS, 1.0), spread)
    most = []
    for seed in SEEDS:
        posts = told([(POSTS, level)], WRONG, seed)[50:]
        given = {name: weight / sum(WRONG[0].values()) for name, weight in WRONG[0].items()}
        most.append(max(fmean(post.shares[name] for post in posts) - share for name, share in given.items()))
    assert fmean(most) < 0.15


def test_within_all_rules_of_a_choice_it_pays_too() -> None:
    """The real choice, which never takes a topic that was just on: of what that leaves, learning misses less than half
    of what the same choice misses without it."""
    audience = Audience(MEANS[5], TASTES, {"tip": 1.0})
    items = [
        (number, Item("notes", f"k{number}", f"Fact {number}.", label=label, kind="note"))
        for number, label in enumerate(list(TASTES) * 2)
    ]
    missed = {
        learns: fmean(_missed_by_choice(audience, items, seed, learns) for seed in (1, 2, 3)) for learns in (0, 1)
    }
    assert missed[1] < 0.5 * missed[0]


def _missed_by_choice(audience: Audience, items: Sequence[tuple[int, Item]], seed: int, learns: int) -> float:
    """What 200 posts came to below the best topic that could be had each time."""
    chance, posts, missed, rules = random.Random(seed), list[Outcome](), list[float](), Rules(EVEN[0], {"tip": 1.0})
    for number in range(200):
        at = BEGAN + timedelta(hours=number)
        if learns and number % 10 == 0:
            learned_now = learned(scores(posts[: max(0, number - 10)], timedelta(days=45), at)["topic"])
            rules = replace(rules, learned={"topic": learned_now} if learned_now else {})
        late = [post.topic for post in reversed(posts[-2:])]
        choice = choose(replace(rules, rest=timedelta()), Known(items, topics=late), at, seed * 1000 + number)
        assert isinstance(choice, Choice)
        offered = [topic for topic in TASTES if topic not in late]
        best = max(audience.wants(topic, "tip") for topic in offered)
        missed.append(best - audience.wants(choice.topic, "tip"))
        seen = {("bluesky", "24h"): audience.answers(choice.topic, "tip", chance)}
        posts.append(Outcome(number, at, choice.topic, "tip", "excerpt", seen))
    return fmean(missed)
