"""Simulated audiences: people whose tastes are known, so that what a choice missed can be counted."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property

from twitter_manager.learning.scores import MOST, Scores, scores
from twitter_manager.store.outcomes import Outcome
from twitter_manager.writing.learned import Learned, weighed
from twitter_manager.writing.sampling import draw

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
EXPLORE, MEMORY = 0.2, timedelta(days=45)
DELAY, TOGETHER = 10, 10
"""A post's figures come after so many more posts; so many are chosen between two looks at the figures."""
HOURS_APART = 3


@dataclass(frozen=True)
class Audience:
    """`mean`: the usual engagement; `topics`, `formats`: by what it is multiplied; `spread`: of a negative binomial
    distribution, None: Poisson."""

    mean: float
    topics: Mapping[str, float]
    formats: Mapping[str, float]
    spread: float | None = 3.0

    def wants(self, topic: str, format_: str) -> float:
        """The engagement that a post may expect."""
        usual = (sum(self.topics.values()) / len(self.topics)) * (sum(self.formats.values()) / len(self.formats))
        return self.mean / usual * self.topics[topic] * self.formats[format_]

    @cached_property
    def best(self) -> float:
        return max(self.wants(topic, format_) for topic in self.topics for format_ in self.formats)

    def answers(self, topic: str, format_: str, chance: random.Random) -> int:
        """What one post comes to."""
        mean = self.wants(topic, format_)
        rate = chance.gammavariate(self.spread, mean / self.spread) if self.spread else mean
        return _poisson(rate, chance)


def _poisson(rate: float, chance: random.Random) -> int:
    if rate > 50:
        return max(0, round(chance.gauss(rate, math.sqrt(rate))))
    number, product, least = 0, chance.random(), math.exp(-rate)
    while product > least:
        number, product = number + 1, product * chance.random()
    return number


@dataclass(frozen=True)
class Told:
    """One post of a simulation. `missed`: the engagement that the best choice may have had beyond this one's; `shares`:
    of each topic in the draw."""

    topic: str
    format: str
    missed: float
    shares: Mapping[str, float]


def told(
    audiences: Sequence[tuple[int, Audience]],
    weights: tuple[Mapping[str, float], Mapping[str, float]],
    seed: int,
    *,
    learns: bool = True,
) -> list[Told]:
    """Post so many times to one audience after the other. `weights`: of topics and formats, as a person gave them."""
    chance, posts, made = random.Random(seed), list[Outcome](), list[Told]()
    known: dict[str, Scores] = {}
    for audience in (audience for times, audience in audiences for _ in range(times)):
        number = len(posts)
        if learns and number > DELAY and number % TOGETHER == 0:
            read = posts[max(0, number - DELAY - MOST) : number - DELAY]
            known = scores(read, MEMORY, posts[-1].posted_at)
        topics, topic = _drawn(weights[0], known.get("topic"), f"{seed}:{number}:topic")
        _, format_ = _drawn(weights[1], known.get("format"), f"{seed}:{number}:format")
        shares = {name: weight / sum(topics.values()) for name, weight in topics.items()}
        made.append(Told(topic, format_, audience.best - audience.wants(topic, format_), shares))
        at = BEGAN + timedelta(hours=HOURS_APART * number)
        seen = {("bluesky", "24h"): audience.answers(topic, format_, chance)}
        posts.append(Outcome(number, at, topic, format_, "excerpt", seen))
    return made


def _drawn(weights: Mapping[str, float], known: Scores | None, key: str) -> tuple[dict[str, float], str]:
    made, _ = weighed(weights, learned(known), key)
    return made, draw(made, key)[0]


def learned(known: Scores | None, explore: float = EXPLORE) -> Learned | None:
    """As the program hands it to a choice."""
    if known is None:
        return None
    values = {name: (score.mean, score.sd, score.posts) for name, score in known.values.items()}
    return Learned(values, known.unknown, explore)


def turned(audience: Audience) -> Audience:
    """The same audience with its tastes the other way round."""
    return replace(audience, topics=_reversed(audience.topics), formats=_reversed(audience.formats))


def _reversed(tastes: Mapping[str, float]) -> dict[str, float]:
    return dict(zip(tastes, list(tastes.values())[::-1], strict=True))
