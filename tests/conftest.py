"""Fixtures that several areas share: the real Bluesky server, once per test session."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.standins.pds import Account, Pds, missing


@pytest.fixture(scope="session")
def pds() -> Iterator[Pds]:
    if reason := missing():
        pytest.skip(reason)
    with Pds() as server:
        yield server


@pytest.fixture
def account(pds: Pds) -> Account:
    """A fresh account on the server."""
    return pds.create_account()
