"""Compares two variants of one thing over the posts of a bot: whose turn it is, and what may be said at the end. Pure.

The plan is fixed before the first post: so many posts of each, read at one age, and a last day. Turns are drawn in
blocks, so that both variants see the same weeks. At the end, and only then, an interval for the difference is made
from ranks (Hodges and Lehmann, 1963), which one post that went far can't move. A like more or less is chance: all
counts of one variant may be a quarter of a like off, and those of the other as much the other way, so that accounts
with a like or none a post get wide intervals.

Before the end one thing is looked at: whether a variant does plainly worse. That is a test which holds however often
one looks: the bet on the sign of each pair of posts (Ville's inequality). Both together call a difference where there
is none in 5 of 100 experiments at most.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from statistics import median

LEAST, MOST = 8, 500
"""Posts of each variant that a plan may ask for; with fewer than the least nothing is told."""
_BLOCK = 4
_Z = 2.054
"""Of the interval: 96 of 100."""
_EVIDENCE = 100.0
"""From which on a variant is dropped early: 1 of 100 experiments without a difference."""


class Ending(StrEnum):
    """How an experiment ended."""

    DIFFERENCE = "difference"
    NO_DIFFERENCE = "no_difference"
    HARM = "harm"
    TOO_FEW = "too_few"
    STOPPED = "stopped"
    SETTINGS = "settings"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What may be said. `better`: 0 or 1; `times`: how many times what the first brings the second does, and `low` and
    `high` where that may lie; None where nothing can be told."""

    ending: Ending
    better: int | None = None
    times: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Measured:
    """What one post came to beside the account's usual, as a logarithm; `low` and `high`: with its counts off."""

    value: float
    low: float
    high: float


def turn(seed: int, counts: tuple[int, int], most: int) -> int | None:
    """The variant whose turn it is when so many posts of each are there; None where all are."""
    wanting = [variant for variant in (0, 1) if counts[variant] < most]
    if len(wanting) < 2:
        return wanting[0] if wanting else None
    left, block = list(counts), 0
    while True:
        for place in sorted(range(_BLOCK), key=lambda place: sha256(f"{seed}:{block}:{place}".encode()).digest()):
            variant = place % 2
            if not left[variant]:
                return variant
            left[variant] -= 1
        block += 1


def usual(posts: Collection[Mapping[str, int]]) -> dict[str, float]:
    """By platform, the median of what posts came to there."""
    names = {name for engaged in posts for name in engaged}
    return {name: median(engaged[name] for engaged in posts if name in engaged) for name in names}


def measured(engaged: Mapping[str, int], medians: Mapping[str, float]) -> Measured:
    """A post that came to so much on each platform, beside the account's usual there."""

    def beside(off: float) -> float:
        logs = [math.log(1 + count + off) - math.log(1 + medians[name]) for name, count in engaged.items()]
        return sum(logs) / len(logs)

    return Measured(beside(0), beside(-0.25), beside(0.25))


def conclude(
    first: Sequence[Mapping[str, int]], second: Sequence[Mapping[str, int]], most: int, *, is_over: bool
) -> Verdict | None:
    """What may be said of the posts of both variants, each by what it came to on its platforms, in the order in which
    they were made; None: nothing yet. `most`: how many of each the plan asks for; `is_over`: its last day has come."""
    medians = usual([*first, *second])
    mine = [measured(engaged, medians) for engaged in first[:most]]
    others = [measured(engaged, medians) for engaged in second[:most]]
    if min(len(mine), len(others)) >= most or (is_over and min(len(mine), len(others)) >= LEAST):
        return _compared(mine, others)
    if (worse := _plainly_worse(mine, others)) is not None:
        return Verdict(Ending.HARM, 1 - worse)
    return Verdict(Ending.TOO_FEW) if is_over else None


def _compared(first: Sequence[Measured], second: Sequence[Measured]) -> Verdict:
    """All differences between a post of the one and a post of the other, their median, and the interval around it that
    the ranks give."""
    pairs = len(first) * len(second)
    cut = math.floor(pairs / 2 - _Z * math.sqrt(pairs * (len(first) + len(second) + 1) / 12))
    low = sorted(b.low - a.high for a in first for b in second)[max(cut, 1) - 1]
    high = sorted(b.high - a.low for a in first for b in second)[-max(cut, 1)]
    middle = median(b.value - a.value for a in first for b in second)
    better = 1 if low > 0 else 0 if high < 0 else None
    ending = Ending.NO_DIFFERENCE if better is None else Ending.DIFFERENCE
    return Verdict(ending, better, *(round(math.exp(value), 3) for value in (middle, low, high)))


def _plainly_worse(first: Sequence[Measured], second: Sequence[Measured]) -> int | None:
    """The variant that lost nearly all of its pairs; a tie is none."""
    signs = [(b.value > a.value) - (b.value < a.value) for a, b in zip(first, second, strict=False)]
    won, lost = signs.count(1), signs.count(-1)
    evidence = 2 ** (won + lost) / ((won + lost + 1) * math.comb(won + lost, won))
    return (0 if won > lost else 1) if evidence >= _EVIDENCE else None
