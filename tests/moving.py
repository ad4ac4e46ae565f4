"""A home, and a stand-in for X, whose time the test moves: the program's clock is the one in a file of the home's."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from tests.faults.clock import SharedClock
from tests.home import Done, Home, Process, x_settings
from tests.standins.x import XStandIn

START = """
import sys, time
from pathlib import Path
from tests.faults.clock import SharedClock
clock = SharedClock(Path({clock!r}))
time.time, time.sleep = clock.time, clock.sleep
from twitter_manager import app, cli
app.utc_now = clock.now
{more}
sys.exit(cli.main())
"""
"""Starts the program under the moved clock; what it would sleep passes at once."""


class MovingHome(Home):
    """`now` is what the program takes for the time; it goes on by itself, and `later` moves it. Its file lies beside
    the home, which a test may put back as it was."""

    def __init__(self, path: Path, **settings: str) -> None:
        super().__init__(path, **settings)
        self._clock_file = path.with_name(f"{path.name}.clock")
        self.clock = SharedClock(self._clock_file)

    def later(self, **time: float) -> None:
        self.clock.set(self.clock.now() + timedelta(**time))

    def it_is(self, moment: datetime) -> None:
        self.clock.set(moment)

    def next_slot(self) -> None:
        self.later(hours=1)

    def program(self, more: str = "") -> list[str]:
        """`more`: statements to run before it starts."""
        return [sys.executable, "-c", START.format(clock=str(self._clock_file), more=more)]

    def start(self, *words: str, code: str = "", more: str = "", **environment: str) -> Process:
        return super().start(*words, code=code or self.program(more)[-1], **environment)

    def runs(self, hours: int) -> list[Done]:
        """One run in each of the next hours."""
        done = []
        for _ in range(hours):
            self.later(hours=1)
            done.append(self("run"))
        return done


@contextmanager
def home_with_x(path: Path, **settings: str) -> Iterator[tuple[MovingHome, XStandIn]]:
    """Both under one clock. Nothing is generated, so that what a person posts is all there is."""
    home = MovingHome(path)
    with XStandIn(now=home.clock.time) as x:
        home.settings(GENERATORS="excerpt", **x_settings(x), **settings)
        yield home, x
