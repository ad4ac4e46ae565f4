"""The weeks that several tests look at: lived once for each zone."""

from __future__ import annotations

import pytest

from tests.reports.weeks import BERLIN, CHANGES, Weeks, lived


@pytest.fixture(scope="session", params=CHANGES)
def weeks(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Weeks:
    """Around a change of the clocks, in each zone."""
    return lived(tmp_path_factory.mktemp("weeks"), request.param)


@pytest.fixture(scope="session")
def berlin(tmp_path_factory: pytest.TempPathFactory) -> Weeks:
    """In Berlin alone."""
    return lived(tmp_path_factory.mktemp("berlin"), BERLIN)
