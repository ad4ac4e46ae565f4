"""The lock that makes runs of the same home folder wait for nobody: the second one is told so, and ends."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from twitter_manager.errors import LockHeld, TwitterManagerError


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock while at work. Raises LockHeld at once when another process has it."""
    make_folder(path.parent)
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise TwitterManagerError(
            f"{path} can't be opened ({error.strerror}).", "Give this user write access."
        ) from error
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise LockHeld("Another run is at work.", "It will finish by itself; nothing was changed.") from error
        yield
    finally:
        os.close(handle)


def make_folder(folder: Path) -> None:
    """Make a folder that may be there. Raises TwitterManagerError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise TwitterManagerError(
            f"{folder} can't be made ({error.strerror}).", "Make it, writable for this user."
        ) from error
