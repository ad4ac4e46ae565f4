"""The shapes of what the verbs for the installation itself print with `--json`."""

from __future__ import annotations

from twitter_manager.show.shapes import Shape


class Step(Shape):
    """Something to do."""

    what: str
    how: str
    why: str


class Farewell(Shape):
    """What to take away, in this order."""

    steps: list[Step]
