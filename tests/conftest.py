"""Fixtures that several areas share: a home folder, the X stand-in, the real Bluesky server (once per session), a
small disk."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

from tests.home import Home
from tests.standins.pds import Account, Pds, missing
from tests.standins.x import XStandIn

pytest_plugins = ["tests.full_hour"]

# A busy machine is no failure: timings belong in `make bench`.
hypothesis.settings.register_profile("repository", deadline=None, print_blob=True)
hypothesis.settings.load_profile("repository")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest first, as their time limits tell: no worker is left alone with one of minutes at the end."""
    limits = (item.get_closest_marker("timeout") for item in items)
    order = {item: -float(limit.args[0]) if limit else 0.0 for item, limit in zip(items, limits, strict=True)}
    items.sort(key=lambda item: order[item] if item.get_closest_marker("slow") else 0.0)


def _in_memory() -> None:
    """Put the tests' folders in memory where there is room: a commit to a disk waits some milliseconds for it, and
    there are tens of thousands. A kill loses nothing that the kernel has, so the tests of kills need no disk."""
    memory = Path("/dev/shm")
    if os.access(memory, os.W_OK):
        room = os.statvfs(memory)
        if room.f_bavail * room.f_frsize > 4 * 2**30 and not room.f_flag & os.ST_NOEXEC:
            os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(memory))


_in_memory()


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A fresh home whose bot needs no model."""
    return Home(tmp_path / "home")


@pytest.fixture
def x() -> Iterator[XStandIn]:
    with XStandIn() as server:
        yield server


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


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of one megabyte."""
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)], capture_output=True)
    if mounted.returncode != 0:
        pytest.skip("no tmpfs can be mounted here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)
