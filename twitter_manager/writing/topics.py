"""Chooses what to write about: a topic, a format and an item, by weight, by rotation and by what was used before.

Pure: the same inputs give the same choice, on any machine. `why` holds all that went into it, as plain JSON.
Reading and keeping the history is left to `store`.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from twitter_manager.domain import Item, Json

REST = timedelta(days=30)
"""How long an item that was used is left alone."""
UNLABELLED = "general"
"""The topic of items without a label."""


@dataclass(frozen=True, slots=True)
class Topic:
    """Something to write about. It takes the items that carry its name as their label, whatever the case."""

    name: str
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Choice:
    """What to write about, and why."""

    topic: str
    format: str
    item_id: int
    item: Item
    why: Json


@dataclass(frozen=True, slots=True)
class NoChoice:
    """Nothing can be written about; the reason is a sentence for a person."""

    reason: str
    why: Json


Numbered = Sequence[tuple[int, Item]]


def choose(
    topics: Sequence[Topic],
    formats: Mapping[str, float],
    items: Numbered,
    item_last_used: Mapping[int, datetime],
    recent_topics: Sequence[str],
    now: datetime,
    seed: int,
    rest: timedelta = REST,
) -> Choice | NoChoice:
    """Choose one item and how to write about it.

    No topics: every label is one. `recent_topics`: newest first. While an item of a topic was never used, no item is
    used again; then those that have rested, the longest unused first.
    """
    why: Json = {"seed": seed, "items": len(items)}
    by_topic = _sorted_in(topics or _labels(items), items)
    usable, reason = _usable(by_topic, item_last_used, now, rest)
    why["usable"] = {name: len(found) for name, found in usable.items()}
    if not usable:
        return NoChoice(reason if items else "There is no material.", why)
    topic, why["topic"] = _topic(topics, usable, recent_topics, seed)
    format_, why["format"] = _draw(_sound(formats) or {"tip": 1.0}, f"{seed}:format")
    number, why["item"] = _item(usable[topic], item_last_used, seed)
    return Choice(topic, format_, number, dict(items)[number], why)


def _labels(items: Numbered) -> list[Topic]:
    return [
        Topic(label) for label in {_fold(item.label): item.label or UNLABELLED for _, item in reversed(items)}.values()
    ]


def _fold(label: str) -> str:
    return " ".join((label or UNLABELLED).casefold().split())


def _sound(weights: Mapping[str, float]) -> dict[str, float]:
    """The entries whose weight is a finite number above 0."""
    return {name: float(weight) for name, weight in weights.items() if math.isfinite(weight) and weight > 0}


def _sorted_in(topics: Sequence[Topic], items: Numbered) -> dict[str, list[int]]:
    """The ids of each topic's items; topics without weight or items left out."""
    by_label: dict[str, list[int]] = {}
    for number, item in items:
        by_label.setdefault(_fold(item.label), []).append(number)
    names = _sound({topic.name: topic.weight for topic in topics})
    return {name: by_label[_fold(name)] for name in names if _fold(name) in by_label}


def _usable(
    by_topic: Mapping[str, list[int]], last_used: Mapping[int, datetime], now: datetime, rest: timedelta
) -> tuple[dict[str, list[int]], str]:
    """The items of each topic that may be used now; else the reason why there is none."""
    every = {number for numbers in by_topic.values() for number in numbers}
    if not every:
        return {}, "No item carries the label of a topic that has weight."
    allowed = every - last_used.keys()
    if not allowed:
        allowed = {number for number in every if last_used[number] <= now - rest}
    if not allowed:
        free = min(last_used[number] for number in every) + rest
        return (
            {},
            f"All {len(every)} items were used lately; the first is free again on {free:%Y-%m-%d at %H:%M} UTC.",
        )
    found = {name: [n for n in numbers if n in allowed] for name, numbers in by_topic.items()}
    return {name: numbers for name, numbers in found.items() if numbers}, ""


def _topic(
    topics: Sequence[Topic], usable: Mapping[str, list[int]], recent: Sequence[str], seed: int
) -> tuple[str, Json]:
    given = {topic.name: topic.weight for topic in topics}
    weights = {name: float(given.get(name, 1.0)) for name in usable}
    last = _fold(recent[0]) if recent else ""
    fresh = {name: weight for name, weight in weights.items() if _fold(name) != last}
    chosen, why = _draw(fresh or weights, f"{seed}:topic")
    return chosen, why | {"weights": weights, "last": recent[0] if recent else None}


def _item(numbers: Sequence[int], last_used: Mapping[int, datetime], seed: int) -> tuple[int, Json]:
    unused = [number for number in numbers if number not in last_used]
    if unused:
        chosen, why = _draw(dict.fromkeys(map(str, sorted(unused)), 1.0), f"{seed}:item")
        return int(chosen), {"rule": "never used", "among": len(unused), "draw": why["draw"], "chosen": int(chosen)}
    oldest = min(numbers, key=lambda number: (last_used[number], number))
    why = {"rule": "longest unused", "among": len(numbers), "last_used": last_used[oldest].isoformat()}
    return oldest, why | {"chosen": oldest}


def _draw(weights: Mapping[str, float], key: str) -> tuple[str, Json]:
    """One name, by weight. The draw is a number in [0, 1) made from the key, so that it can be done again by hand."""
    draw = int.from_bytes(hashlib.sha256(key.encode()).digest()[:6], "big") / 2**48
    largest = max(weights.values())
    total = sum(weight / largest for weight in weights.values())
    scores = {name: weight / largest / total for name, weight in weights.items()}
    passed, chosen = 0.0, next(iter(scores))
    for name, share in scores.items():
        chosen = name
        passed += share
        if draw < passed:
            break
    return chosen, {"scores": scores, "draw": draw, "key": key, "chosen": chosen}
