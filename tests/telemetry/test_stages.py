"""The measuring of a run's steps."""

from __future__ import annotations

import pytest

from twitter_manager.stages import Stages


def test_each_stage_knows_the_one_it_is_part_of_and_what_ended_it() -> None:
    """A stage within another names it as its parent, and one that an error left names the kind of it."""
    ticks = iter(range(100))
    stages = Stages(wall=lambda: 1000.0, clock=lambda: float(next(ticks)))
    with pytest.raises(ValueError), stages("publish"), stages("send", platform="x"):
        raise ValueError("a secret")
    inner, outer = stages.done
    assert (inner.name, inner.parent, inner.about, inner.seconds) == ("send", outer.number, {"platform": "x"}, 1.0)
    assert (outer.name, outer.parent, outer.error, outer.seconds) == ("publish", None, "ValueError", 3.0)
