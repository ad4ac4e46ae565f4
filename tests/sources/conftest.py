"""What the tests of the sources share: a site of their own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.sources.web import Site, serve


@pytest.fixture
def site() -> Iterator[Site]:
    with serve() as made:
        yield made
