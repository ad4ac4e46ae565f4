"""A pytest plugin: processes live by the wall clock, and a new hour is a new slot, in which a post of the last one is
rightly not sent. A test that fails while the hour changes is played once more (pytest tells it as a rerun); the change
of the hour itself is tested on simulated clocks."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

import pytest

BEGAN = pytest.StashKey[datetime]()


def hour() -> datetime:
    """The hour that is on now."""
    return datetime.now(UTC).replace(minute=0, second=0, microsecond=0)


def _hour_changed(item: pytest.Item) -> bool:
    return item.stash[BEGAN] != hour()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Marked are those that may start the program, which needs a folder: the mark costs 20 ms a test."""
    for item in () if config.option.usepdb else items:
        if "tmp_path" in getattr(item, "fixturenames", ()) or item.get_closest_marker("slow"):
            item.add_marker(pytest.mark.flaky(reruns=1, condition=partial(_hour_changed, item)))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    item.stash[BEGAN] = hour()
