"""Which of a bot's older posts did well, by the account's own figures. Pure: the rest is for `pipeline`."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import fmean, median

from twitter_manager import phrases
from twitter_manager.store.engagement import KINDS, Reading

FEWEST = 20
"""Posts that must have been read before one of them stands out."""
_BEST = 0.1
"""The share of them that did well, at most,"""
_TIMES = 2.0
"""and that had so many times the usual,"""
_LEAST = 3
"""and so much at least: a like more or less is chance."""


@dataclass(frozen=True, slots=True)
class DidWell:
    """A post that did. `words`: "12 likes and 3 reposts"."""

    draft_id: int
    posted_at: datetime
    words: str


def did_well(readings: Sequence[Reading]) -> list[DidWell]:
    """The best posts, best first: by what they came to on each platform, beside what is usual there. Of two readings
    of a post the older age counts."""
    newest = {reading.delivery_id: reading for reading in sorted(readings, key=lambda reading: reading.at)}
    posts, counts = defaultdict[int, list[Reading]](list), defaultdict[str, list[int]](list)
    for reading in newest.values():
        posts[reading.draft_id].append(reading)
        counts[reading.platform].append(reading.figures.engagement)
    if len(posts) < FEWEST:
        return []
    usual = {platform: median(numbers) for platform, numbers in counts.items()}

    def beside_usual(post: Sequence[Reading]) -> float:
        return fmean(math.log((1 + on.figures.engagement) / (1 + usual[on.platform])) for on in post)

    best = sorted(posts.values(), key=beside_usual, reverse=True)[: max(1, int(len(posts) * _BEST))]
    return [
        DidWell(post[0].draft_id, min(on.posted_at for on in post), _words(post))
        for post in best
        if beside_usual(post) >= math.log(_TIMES) and sum(on.figures.engagement for on in post) >= _LEAST
    ]


def _words(post: Sequence[Reading]) -> str:
    """What people did with it, on all platforms together."""
    return " and ".join(phrases.came_to({what: sum(getattr(on.figures, what) for on in post) for what in KINDS}))
