"""What figures say of topics, formats, hours and generators: how much better or worse than the account's usual.

A post's reward is its rank among the account's own posts, on each platform at the oldest age at which it was read: so
an account of one like a post and one of a thousand learn alike, and one post that goes round the world counts as one
good post. The rank is in standard deviations; 0 is the usual. A trait's value ("topic git") gets the mean of its posts
beyond what their other traits explain, shrunk towards 0 the more, the less the values of that trait differ beyond
chance. Posts are forgotten: by age, by newer posts, and at once where a value's luck turned.

Pure. What is drawn from the scores is left to `writing.learned`.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from twitter_manager.store.engagement import BANDS
from twitter_manager.store.outcomes import Outcome, Use

TRAITS = ("topic", "format", "hour", "generator")
MOST = 400
"""So many of the newest posts are looked at: older ones hardly count any more."""
HALF, HALF_OF_VALUE = 100, 60
"""A post counts half after so many newer ones, and after so many of the same value."""
TURNED, KEPT, LEAST_BEFORE, LEAST_AFTER = 3.2, 0.2, 8, 5
"""A value's luck turned where its posts before and after differ by so many standard errors; those before count for so
much then. As many posts must stand on each side."""
USUAL_SPREAD, TRUST = 0.6, 0.05
"""How far values differ as a rule, in standard deviations, and for how many values that stands beside those seen."""
SWEEPS = 4
_TINY = 1e-9


@dataclass(frozen=True, slots=True)
class Score:
    """What is known of one value. `mean`, `sd`: how much better than the usual its posts do, in standard deviations of
    a post's rank, and how sure that is; `posts`: how many have figures; `engagement`: their average, each post at its
    oldest age, its platforms together."""

    mean: float
    sd: float
    posts: int
    engagement: float


@dataclass(frozen=True, slots=True)
class Scores:
    """Of one trait. `unknown`: how sure a value is of which nothing is known."""

    values: Mapping[str, Score]
    unknown: float = USUAL_SPREAD


def scores(posts: Sequence[Outcome], memory: timedelta, now: datetime, time_zone: str = "UTC") -> dict[str, Scores]:
    """By trait, what its values do. `posts`: the oldest first; `memory`: the age at which a post counts half."""
    columns = traits(posts, time_zone)
    rewards = ranks(posts)
    total = [float(sum(post.engagement[where] for where in _oldest(post))) for post in posts]
    weights = [
        0.5 ** (newer / HALF + max(now - post.posted_at, timedelta()) / memory)
        for newer, post in zip(range(len(posts) - 1, -1, -1), posts, strict=True)
    ]
    for trait in ("topic", "format"):
        weights = _forgotten(columns[trait], rewards, weights)
    found = _effects(columns, rewards, weights)
    return {trait: _scores(columns[trait], total, *found[trait]) for trait in TRAITS}


def traits(posts: Sequence[Outcome | Use], time_zone: str) -> dict[str, list[str]]:
    """By trait, the value of each post, or ""."""
    zone = ZoneInfo(time_zone)
    return {
        "topic": [post.topic for post in posts],
        "format": [post.format for post in posts],
        "hour": [f"{post.posted_at.astimezone(zone):%H}" if post.posted_at else "" for post in posts],
        "generator": [post.generator for post in posts],
    }


def ranks(posts: Sequence[Outcome]) -> list[float]:
    """Each post's reward: its rank among the posts that were read on that platform at that age, equals sharing theirs,
    in standard deviations from the middle; the mean of its platforms."""
    seen: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for post in posts:
        for where, engagement in post.engagement.items():
            seen[where].append(engagement)
    for values in seen.values():
        values.sort()

    def rank(where: tuple[str, str], engagement: int) -> float:
        values = seen[where]
        return (bisect_left(values, engagement) + bisect_right(values, engagement)) / 2 / len(values) - 0.5

    plain = [
        math.fsum(rank(where, post.engagement[where]) for where in places) / len(places)
        if (places := _oldest(post))
        else 0.0
        for post in posts
    ]
    spread = math.sqrt(math.fsum(value * value for value in plain) / max(1, len(plain)))
    return [value / spread if spread > _TINY else 0.0 for value in plain]


def _oldest(post: Outcome) -> list[tuple[str, str]]:
    """On each platform the oldest age at which it was read."""
    newest: dict[str, str] = {}
    for platform, band in post.engagement:
        if platform not in newest or BANDS[band] > BANDS[newest[platform]]:
            newest[platform] = band
    return list(newest.items())


def _forgotten(column: Sequence[str], rewards: Sequence[float], weights: Sequence[float]) -> list[float]:
    """The weights, less for posts that newer ones of the same value make old, or from before its luck turned."""
    places: defaultdict[str, list[int]] = defaultdict(list)
    for number, value in enumerate(column):
        places[value].append(number)
    kept = list(weights)
    for numbers in places.values():
        turn = _turn([rewards[number] for number in numbers])
        for at, number in enumerate(numbers):
            kept[number] *= 0.5 ** ((len(numbers) - 1 - at) / HALF_OF_VALUE) * (KEPT if at < turn else 1)
    return kept


def _turn(rewards: Sequence[float]) -> int:
    """How many posts there were before their luck turned most plainly; 0 where it did not."""
    total, passed, best, turn, count = math.fsum(rewards), 0.0, TURNED, 0, len(rewards)
    for before in range(1, count - LEAST_AFTER + 1):
        passed += rewards[before - 1]
        after = count - before
        if before < LEAST_BEFORE:
            continue
        apart = abs(passed / before - (total - passed) / after) / math.sqrt(1 / before + 1 / after)
        if apart > best:
            best, turn = apart, before
    return turn


Effects = tuple[dict[str, float], dict[str, float], float]
"""Mean and standard deviation of each value, and the deviation of one that was never seen."""


def _effects(
    columns: Mapping[str, Sequence[str]], rewards: Sequence[float], weights: Sequence[float]
) -> dict[str, Effects]:
    """What each value adds, all traits together: in turns each trait explains what the others leave."""
    effects: dict[str, Effects] = {trait: ({}, {}, USUAL_SPREAD) for trait in columns}
    telling = [trait for trait in columns if len(set(columns[trait])) > 1]
    all_weight, middle = math.fsum(weights), 0.0
    left = list(rewards)  # beyond the effects so far
    for _ in range(SWEEPS if telling else 0):
        shift = math.fsum(weight * rest for weight, rest in zip(weights, left, strict=True)) / all_weight
        middle, left = middle + shift, [rest - shift for rest in left]
        for trait in telling:
            before, column = effects[trait][0], columns[trait]
            own = [rest + before.get(value, 0.0) for rest, value in zip(left, column, strict=True)]
            effects[trait] = _explained(column, own, weights)
            means = effects[trait][0]
            left = [rest - means[value] for rest, value in zip(own, column, strict=True)]
    return effects


def _explained(column: Sequence[str], rest: Sequence[float], weights: Sequence[float]) -> Effects:
    """What the values of one trait explain, shrunk: how far values differ is judged from how much their means do beyond
    chance (DerSimonian and Laird's estimate), with the usual spread for a start."""
    sums: defaultdict[str, list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0])
    for value, one, weight in zip(column, rest, weights, strict=True):
        entry = sums[value]
        entry[0] += weight * one
        entry[1] += weight
        entry[2] += weight * weight
    means = {value: total / weight for value, (total, weight, _) in sums.items()}
    count = {value: weight * weight / squares for value, (_, weight, squares) in sums.items()}
    together = math.fsum(count.values())
    mean = math.fsum(count[value] * means[value] for value in means) / together
    apart = math.fsum(count[value] * (means[value] - mean) ** 2 for value in means) - (len(means) - 1)
    scale = together - math.fsum(number * number for number in count.values()) / together
    seen = max(0.0, apart / scale) if scale > _TINY else 0.0
    spread = (TRUST * USUAL_SPREAD**2 + (len(means) - 1) * seen) / (TRUST + len(means) - 1)
    sure = {value: number + 1 / spread for value, number in count.items()}
    return (
        {value: means[value] * count[value] / sure[value] for value in means},
        {value: sure[value] ** -0.5 for value in means},
        math.sqrt(spread),
    )


def _scores(
    column: Sequence[str], total: Sequence[float], means: Mapping[str, float], sds: Mapping[str, float], unknown: float
) -> Scores:
    counted: defaultdict[str, list[float]] = defaultdict(list)
    for value, engagement in zip(column, total, strict=True):
        counted[value].append(engagement)
    values = {
        value: Score(
            round(means.get(value, 0.0), 4),
            round(sds.get(value, unknown), 4),
            len(all_of_it),
            round(math.fsum(all_of_it) / len(all_of_it), 2),
        )
        for value, all_of_it in counted.items()
    }
    return Scores(values, round(unknown, 4))
