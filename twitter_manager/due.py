"""Is a post due? A pure decision over facts that the caller read from the store and the clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Facts:
    """What the decision rests on. `used_by`: the draft that fills this slot already; counts are of posts."""

    paused: str | None
    used_by: int | None
    posts_this_hour: int
    posts_today: int
    quiet_until: str | None
    platforms: Sequence[str]
    budget: str
    """What holds things back where no platform is left."""
    apart_until: str | None = None
    """Until when another post is too near, where one of the two has a date of its own."""
    limited: str = ""
    """From when on the platforms take posts again, where none does now."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """The bot's limits."""

    per_hour: int
    per_day: int
    minutes_apart: int = 0
    """At least so many lie between a post with a date of its own and the posts before and after it."""


def why_not(facts: Facts, bounds: Bounds, *, forced: bool) -> str | None:
    """The reason why nothing is due, or None when a post is. A pause holds against force; a person set it."""
    if facts.paused is not None:
        return facts.paused
    if not facts.platforms:
        return f"no platform is left to post to ({facts.budget})"
    if forced:
        return facts.limited or None
    if facts.used_by is not None:
        return f"this slot has its post already (draft {facts.used_by})"
    if facts.posts_this_hour >= bounds.per_hour:
        return f"the limit of {bounds.per_hour} an hour is reached"
    if facts.posts_today >= bounds.per_day:
        return f"the limit of {bounds.per_day} a day is reached"
    if facts.quiet_until is not None:
        return f"quiet hours until {facts.quiet_until}"
    if facts.apart_until is not None:
        return (
            f"the last post went out less than {bounds.minutes_apart} minutes ago; the next may at {facts.apart_until}"
        )
    return facts.limited or None
