"""The draws of a choice: numbers in [0, 1) made from the seed, so that they can be done again on any machine, or by
hand (see `operations.replay`)."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping

from twitter_manager.domain import Json


def sound(weights: Mapping[str, float]) -> dict[str, float]:
    """The entries whose weight is a finite number above 0."""
    return {name: float(weight) for name, weight in weights.items() if math.isfinite(weight) and weight > 0}


def draw(weights: Mapping[str, float], key: str) -> tuple[str, Json]:
    """One name, by weight, however large or small the weights are."""
    number, passed, chosen = chance(key), 0.0, next(iter(weights))
    largest = max(weights.values())
    total = sum(weight / largest for weight in weights.values())
    for name, weight in weights.items():
        chosen = name
        passed += weight / largest / total
        if number < passed:
            break
    return chosen, {"chosen": chosen, "draw": number, "key": key, "drawn_from": dict(weights)}


def chance(key: str) -> float:
    """A number in [0, 1): the first six bytes of the key's SHA-256."""
    return int.from_bytes(hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()[:6], "big") / 2**48
