"""The shapes of what `experiment` prints with `--json`."""

from __future__ import annotations

from twitter_manager.show.shapes import Shape


class Variant(Shape):
    """One of the two, and how many of its posts stand where."""

    name: str
    waits: int
    """Written, and not out yet."""
    out: int
    """Out, and not read at the age of the plan yet."""
    read: int
    left_out: int
    """Never went out, edited by a person, or not readable; another post takes its place."""


class Experiment(Shape):
    """Two variants of one thing. `better`, `times`, `low` and `high` stand there once it is over."""

    id: int
    bot: str
    compares: str
    """`opener`, `format`, `tone`, `prompt` or `hour`."""
    variants: list[Variant]
    """The first and the second."""
    posts: int
    """Of each variant that the plan asks for."""
    age: str
    """At which the figures of a post count: `1h`, `3h`, `12h`, `24h`, `3d` or `7d`."""
    started_at: str
    ends_at: str
    """At the latest."""
    ended_at: str | None
    ending: str
    """"" while it runs; `difference`, `no_difference`, `harm` (one did so much worse that it ended early), `too_few`,
    `stopped`, `settings` (you changed some meanwhile)."""
    better: str | None
    """The variant that did better."""
    times: float | None
    """How many times what the first brings the second does, as (1 + likes, replies, reposts and quotes)."""
    low: float | None
    """From here, with 96 of 100."""
    high: float | None
    """To here."""
    words: str
    """For a person."""


class Experiments(Shape):
    """`experiment status`: what runs, or ended last, of each bot; `experiment list`: all of them."""

    experiments: list[Experiment]
