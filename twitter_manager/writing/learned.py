"""Draws what was learned into the weights of a choice: Thompson sampling over what a person gave.

Each value's strength is drawn from what is known of it, so that one of which little is known has its chance. The
strongest gets all weight but what the others keep. A value of weight 3 is drawn three times, and its best draw counts:
where nothing is known, each comes out strongest as often as its weight says; where much is, weights hardly matter.
Pure: the seed decides, so that `replay` does the same again."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import NormalDist

from twitter_manager.domain import Json
from twitter_manager.writing.sampling import chance

BOLD = 0.6
"""How widely strengths are drawn: as sure as the figures make it would be 1, which tries more than it is worth."""
_DRAWS = 200
"""Over so many draws a weight is shown."""


@dataclass(frozen=True, slots=True)
class Learned:
    """What is known of the values of one step (topics, formats). `known`: by value, how much better than usual it does,
    how sure that is, from how many posts; `unknown`: how sure one is of which nothing is known; `explore`: the least
    share of its weight that a value keeps."""

    known: Mapping[str, tuple[float, float, int]]
    unknown: float
    explore: float


def weighed(weights: Mapping[str, float], learned: Learned | None, key: str) -> tuple[dict[str, float], Json]:
    """The weights as learned, and what they were made from; unchanged, and nothing, where nothing is known of them."""
    given = dict(weights)
    known = {name: learned.known[name] for name in given if name in learned.known} if learned else {}
    if learned is None or not known or len(given) < 2:
        return given, {}
    largest = max(given.values())  # only proportions matter, however large or small the weights are
    whole = math.fsum(weight / largest for weight in given.values())
    nothing = (0.0, learned.unknown, 0)
    drawn = {
        name: _strength(known.get(name, nothing), weight / largest / whole * len(given), f"{key}:{name}:learned")
        for name, weight in given.items()
    }
    strongest = max(drawn, key=lambda name: drawn[name])
    made = {name: weight * learned.explore for name, weight in given.items()}
    made[strongest] += (1 - learned.explore) * whole * largest
    made = {name: min(float(f"{weight:.6g}") or given[name], 1e300) for name, weight in made.items()}
    about = {"given": given, "known": {name: list(one) for name, one in known.items()}}
    return made, about | {"unknown": learned.unknown, "explore": learned.explore}


def _strength(known: tuple[float, float, int], times: float, key: str) -> float:
    """The best of so many draws, in one: the chance that all stay below a number is that of one, to this power."""
    mean, sd, _ = known
    return mean + BOLD * sd * NormalDist().inv_cdf(min(max(chance(key) ** (1 / max(times, 1e-9)), 1e-15), 1 - 1e-15))


def recorded(record: Json) -> Learned:
    """What was known at a recorded choice, as `weighed` told it."""
    known = {name: (mean, sd, posts) for name, (mean, sd, posts) in record["known"].items()}
    return Learned(known, record["unknown"], record["explore"])


def weighed_again(record: Json, key: str) -> dict[str, float]:
    """The weights that a recorded choice was drawn from, made anew."""
    return weighed(record["given"], recorded(record), key)[0]


def times(weights: Mapping[str, float], learned: Learned) -> dict[str, float]:
    """By what each weight is multiplied, on the average of many draws."""
    sums = dict.fromkeys(weights, 0.0)
    for turn in range(_DRAWS):
        for name, weight in weighed(weights, learned, f"shown:{turn}")[0].items():
            sums[name] += weight / weights[name] / _DRAWS
    return {name: round(total, 2) for name, total in sums.items()}
