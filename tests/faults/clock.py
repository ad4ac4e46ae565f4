"""One clock for the driver, the stand-in for X and the program's processes: real time, moved by the driver.

Its offset lies in a file that all of them map. When the program sleeps, the clock moves on instead: a case with an hour
between two runs and a minute of waiting within each takes no time.
"""

from __future__ import annotations

import mmap
import struct
import time
from datetime import UTC, datetime
from pathlib import Path

_real = time.time


class SharedClock:
    """`time()` as the case has it. Only one process at a time moves it."""

    def __init__(self, path: Path) -> None:
        if not path.exists():
            path.write_bytes(struct.pack("d", 0.0))
        with path.open("r+b") as file:
            self._offset = mmap.mmap(file.fileno(), 8)

    def time(self) -> float:
        """Seconds since 1970."""
        offset: float = struct.unpack("d", self._offset[:])[0]
        return _real() + offset

    def now(self) -> datetime:
        """The same, aware, in UTC."""
        return datetime.fromtimestamp(self.time(), UTC)

    def set(self, moment: datetime) -> None:
        """It is `moment` now."""
        self._offset[:] = struct.pack("d", moment.timestamp() - _real())

    def sleep(self, seconds: float) -> None:
        """Let this time pass at once."""
        self._offset[:] = struct.pack("d", self.time() + max(0.0, seconds) - _real())
