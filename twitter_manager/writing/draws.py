"""The draws of a choice, and the same again from what was recorded of it.

A draw is a number in [0, 1) made from the seed, so that it can be done again on any machine, or by hand.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from twitter_manager.domain import Item, Json
from twitter_manager.writing import marks


def sound(weights: Mapping[str, float]) -> dict[str, float]:
    """The entries whose weight is a finite number above 0."""
    return {name: float(weight) for name, weight in weights.items() if math.isfinite(weight) and weight > 0}


def shares(weights: Mapping[str, float]) -> dict[str, float]:
    """What part of the draws falls to each name. Sums up to 1, however large or small the weights are."""
    largest = max(weights.values())
    total = sum(weight / largest for weight in weights.values())
    return {name: weight / largest / total for name, weight in weights.items()}


def draw(weights: Mapping[str, float], key: str) -> tuple[str, Json]:
    """One name, by weight. The draw is a number in [0, 1) made from the key, so that it can be done again by hand."""
    number, passed, chosen = chance(key), 0.0, next(iter(weights))
    for name, share in shares(weights).items():
        chosen = name
        passed += share
        if number < passed:
            break
    return chosen, {"chosen": chosen, "draw": number, "key": key, "drawn_from": dict(weights)}


def chance(key: str) -> float:
    """A number in [0, 1): the first six bytes of the key's SHA-256."""
    return int.from_bytes(hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()[:6], "big") / 2**48


def again(why: Json, items: Mapping[int, tuple[Item, datetime]], posts: Mapping[str, str]) -> list[str]:
    """Make a recorded choice again; gives what differs, a line each. The draws are made from the recorded weights and
    scores, the scores from the items as they are now (each with its `since`), and the posts they were compared with."""
    try:
        drawn = {
            step: dict(why[step].get("drawn_from") or why[step].get("scores") or {}) for step in ("topic", "format")
        }
        best = why["item"].get("best", [])
        drawn["item"] = {str(row["item"]): row["score"] for row in best}
        differing: list[str] = []
        for step, weights in drawn.items():
            differing += _drawn_again(step, weights, why[step], why["seed"]) if weights else []
        for row in best:
            differing += _scored_again(row, why, items, posts)
    except (KeyError, TypeError, ValueError, AttributeError, ZeroDivisionError, OverflowError) as error:
        return [f"what was recorded of the choice can't be read ({type(error).__name__}: {error})"]
    return differing


def _drawn_again(step: str, weights: Mapping[str, float], recorded: Json, seed: int) -> Iterable[str]:
    if not sound(weights) == weights:
        raise ValueError(f"weights of the {step}")
    chosen, made = draw(weights, f"{seed}:{step}")
    if chosen != str(recorded["chosen"]):
        yield f"{step}: drawn again it is {chosen}, recorded is {recorded['chosen']}"
    elif made["draw"] != recorded["draw"]:
        yield f"{step}: drawn again the number is {made['draw']}, recorded is {recorded['draw']}"


def _scored_again(
    row: Json, why: Json, items: Mapping[int, tuple[Item, datetime]], posts: Mapping[str, str]
) -> Iterable[str]:
    number, near = row["item"], row.get("near", "")
    if number not in items:
        yield f"item {number}: it is not there any more"
        return
    item, since = items[number]
    changed = " (the item changed since)" if item.content_hash[:12] != row["hash"] else ""
    used = datetime.fromisoformat(row["used"]) if "used" in row else None
    rest, now = timedelta(days=why["rest_days"]), datetime.fromisoformat(why["at"])
    one = marks.marked(number, why["topic"]["chosen"], item, since, used, rest, now)
    if near in posts:
        like = marks.overlap(marks.content(f"{item.title} {item.text}"), marks.content(posts[near]))
        one = replace(one, novelty=marks.novelty(like))
    elif near and near != "meaning":
        yield f"item {number}: {near}, which it was compared with, is not there any more"
        return
    else:
        one = replace(one, novelty=row["novelty"])
    for name in ("freshness", "relevance", "novelty", "rest", "score"):
        if getattr(one, name) != row[name]:
            yield f"item {number}: its {name} is {getattr(one, name)}, recorded is {row[name]}{changed}"
            return
    if changed:
        yield f"item {number} changed since; its scores are the same"
