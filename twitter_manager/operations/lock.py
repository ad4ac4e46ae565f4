"""The lock that makes runs of the same home folder wait for nobody: the second one is told so, and ends."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from twitter_manager.errors import LockHeld, TwitterManagerError
from twitter_manager.files import make_folder, open_own


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock while at work. Raises LockHeld at once when another process has it.

    The folder is locked too: a file that is deleted during a run takes its lock with it, and the next run would make a
    new one. Where a folder can't be locked (some network file systems), the file's lock stands alone."""
    make_folder(path.parent)
    with ExitStack() as held:
        for place, flags in ((path.parent, os.O_RDONLY | os.O_DIRECTORY), (path, os.O_RDWR | os.O_CREAT)):
            try:
                handle = open_own(place, flags)
            except OSError as error:
                message = f"{place} can't be opened ({error.strerror})."
                raise TwitterManagerError(message, "Give this user write access.") from error
            held.callback(os.close, handle)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                remedy = "It will finish by itself; nothing was changed."
                raise LockHeld("Another run is at work.", remedy) from error
            except OSError as error:
                if place == path:
                    message = f"{place} can't be locked ({error.strerror})."
                    raise TwitterManagerError(message, "Move the home folder to a disk that can.") from error
        yield
