"""What figures say of a topic: ranks among the account's own posts, at the same age and place."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.learning.audience import BEGAN, MEMORY
from twitter_manager.learning.scores import Scores, ranks, scores
from twitter_manager.store.outcomes import Outcome
from twitter_manager.writing.learned import Learned, times, weighed, weighed_again
from twitter_manager.writing.sampling import draw

HOUR = timedelta(hours=1)


def _post(number: int, topic: str, engagement: dict[tuple[str, str], int], format_: str = "tip") -> Outcome:
    return Outcome(number, BEGAN + number * HOUR, topic, format_, "excerpt", engagement)


def _scored(posts: list[Outcome]) -> dict[str, Scores]:
    return scores(posts, MEMORY, posts[-1].posted_at, "Europe/Berlin")


def test_a_young_post_is_compared_with_others_at_its_age() -> None:
    """Two likes after an hour are more than others had by then, though all had more after a week."""
    old = [_post(number, "a", {("x", "1h"): number % 2, ("x", "7d"): 10 + number % 3}) for number in range(20)]
    rewards = ranks([*old, _post(20, "b", {("x", "1h"): 2})])
    assert rewards[-1] > 1 and rewards[-1] >= max(rewards)


def test_platforms_count_alike() -> None:
    """A post that did badly on the platform where numbers are large and well where they are small is a middling one."""
    posts = [_post(n, "a", {("x", "7d"): 1000 + n, ("bluesky", "7d"): 20 - n}) for n in range(21)]
    assert max(map(abs, ranks(posts))) < 1e-6


def test_one_viral_post_counts_as_one_good_post() -> None:
    """A topic with one post of a million is scored as with one that was merely the best, and below a steady one."""

    def mean(topic: str, most: int) -> float:
        engagements = {"steady": [6, 7, 5, 8, 6, 7], "lucky": [1, 2, 1, most, 2, 1], "usual": [3, 4, 3, 2, 4, 3]}
        posts = [
            _post(3 * number + at, name, {("x", "7d"): values[number]})
            for number in range(6)
            for at, (name, values) in enumerate(engagements.items())
        ]
        return _scored(posts)["topic"].values[topic].mean

    assert mean("lucky", 1_000_000) == mean("lucky", 9)
    assert mean("steady", 1_000_000) > 0 > mean("lucky", 1_000_000)


def test_a_topic_gets_no_credit_for_its_format() -> None:
    """Topics that differ only because one is mostly posted in the format that people like come out alike."""
    posts = []
    for number in range(200):
        topic = "a" if number % 2 else "b"
        question = number % 5 != 0 if topic == "a" else number % 5 == 0
        likes = 8 + number % 3 if question else 2 + number % 3
        posts.append(_post(number, topic, {("x", "7d"): likes}, "question" if question else "tip"))
    found = _scored(posts)
    formats, topics = found["format"].values, found["topic"].values
    assert formats["question"].mean - formats["tip"].mean > 0.8
    assert abs(topics["a"].mean - topics["b"].mean) < 0.2 < topics["a"].engagement - topics["b"].engagement


def test_old_posts_are_forgotten() -> None:
    """A topic whose good posts are a year old is less sure than one of today's."""
    posts = [_post(number, "old", {("x", "7d"): 5 + number % 2}) for number in range(30)]
    posts += [_post(24 * 365 + number, "new", {("x", "7d"): 5 + number % 2}) for number in range(30)]
    found = _scored(posts)["topic"].values
    assert found["old"].sd >= found["new"].sd


def test_hours_are_the_persons() -> None:
    """The hour of a post is told in the bot's time zone."""
    posts = [_post(number, "a", {("x", "7d"): number}) for number in range(4)]
    assert list(_scored(posts)["hour"].values) == ["01", "02", "03", "04"]


def test_nothing_is_known_without_figures() -> None:
    """No posts give no scores, and an account that nobody answers tells no topic from another."""
    assert scores([], MEMORY, BEGAN) == {name: Scores({}) for name in ("topic", "format", "hour", "generator")}
    silent = [_post(number, "ab"[number % 2], {("x", "7d"): 0}) for number in range(40)]
    assert {score.mean for score in _scored(silent)["topic"].values.values()} == {0.0}


GIVEN = {"a": 3.0, "b": 1.0, "c": 0.5}


def test_weights_mean_what_they_say_while_nothing_is_known() -> None:
    """With nothing told apart, each topic is drawn as often as its person's weight says."""
    even = Learned({"a": (0.0, 0.3, 9), "b": (0.0, 0.3, 9)}, 0.3, 0.1)
    drawn = [draw(weighed(GIVEN, even, f"{seed}:topic")[0], f"{seed}:topic")[0] for seed in range(4000)]
    for name, weight in GIVEN.items():
        assert drawn.count(name) / 4000 == pytest.approx(weight / 4.5, abs=0.03)


def test_what_does_well_is_drawn_more_often_and_the_rest_keeps_its_floor() -> None:
    """A topic that surely does best gets all that the others don't keep."""
    learned = Learned({"a": (-0.5, 0.05, 40), "b": (0.8, 0.05, 40), "c": (-0.3, 0.05, 40)}, 0.4, 0.2)
    made, _ = weighed(GIVEN, learned, "7:topic")
    assert made == {"a": pytest.approx(0.6), "b": pytest.approx(3.8), "c": pytest.approx(0.1)}
    assert times(GIVEN, learned) == {"a": 0.2, "b": 3.8, "c": 0.2}


@pytest.mark.parametrize("largest", [1e-300, 1.0, 1000.0])
def test_a_record_gives_the_same_weights_again(largest: float) -> None:
    """What `why` keeps is enough to make the weights anew, whatever their size; all of them stay above 0."""
    learned = Learned({"a": (0.1, 0.3, 4), "gone": (0.2, 0.1, 8)}, 0.4, 0.01)
    given = {name: weight * largest for name, weight in GIVEN.items()} | {"tiny": largest / 1e6}
    for seed in range(50):
        made, record = weighed(given, learned, f"{seed}:topic")
        assert weighed_again(record, f"{seed}:topic") == made
        assert min(made.values()) > 0


def test_nothing_known_changes_nothing() -> None:
    """Where no value of a step has figures, the weights stay exactly the person's."""
    assert weighed(GIVEN, None, "1") == (GIVEN, {})
    assert weighed(GIVEN, Learned({"gone": (1.0, 0.1, 9)}, 0.4, 0.2), "1") == (GIVEN, {})
