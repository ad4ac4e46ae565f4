"""Bluesky as the program would build it, behind a proxy that can be told to fail."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.platforms.social_mastodon import MastodonWorld
from tests.standins.mastodon import MastodonStandIn
from tests.standins.pds import Account, Pds
from tests.standins.proxy import FaultProxy
from twitter_manager.platforms.bluesky import Bluesky, FindFacets

NOW = datetime(2026, 11, 21, 12, 30, 15, 123456, tzinfo=UTC)
Make = Callable[..., Bluesky]


@pytest.fixture
def proxy(pds: Pds) -> Iterator[FaultProxy]:
    with FaultProxy(pds.url) as server:
        yield server


@pytest.fixture
def session_file(tmp_path: Path) -> Path:
    return tmp_path / "state" / "bluesky-session.json"


@pytest.fixture
def make(account: Account, proxy: FaultProxy, session_file: Path) -> Make:
    """The platform as the program would build it at each start; all share one session file."""

    def build(
        identifier: str = account.handle,
        password: str = account.password,
        service_url: str = proxy.url,
        clock: Callable[[], datetime] = lambda: NOW,
        facets: FindFacets = lambda text, unattended: [],
        timeout: float = 20.0,
    ) -> Bluesky:
        return Bluesky(
            identifier,
            password,
            service_url=service_url,
            session_file=session_file,
            clock=clock,
            facets=facets,
            timeout=timeout,
        )

    return build


@pytest.fixture
def bluesky(make: Make) -> Bluesky:
    return make()


@pytest.fixture
def mastodon_world(tmp_path: Path) -> Iterator[MastodonWorld]:
    with MastodonStandIn() as server:
        yield MastodonWorld(server, tmp_path)
