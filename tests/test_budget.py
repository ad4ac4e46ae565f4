"""The budget of time: what a step is given of it, and what is kept for later steps."""

from __future__ import annotations

from twitter_manager.budget import reserve, share


def test_a_share_ends_before_the_run_does() -> None:
    """A step with a quarter of 100 seconds has none left after 25, while the run still has 75."""
    run = [100.0]
    step = share(lambda: run[0], 0.25)
    assert step() == 25.0
    run[0] = 75.0
    assert step() == 0.0


def test_a_reserve_is_kept_from_each_step_below() -> None:
    """Reserves add up when a step hands on what it was given."""
    assert reserve(reserve(lambda: 100.0, 60.0), 10.0)() == 30.0
