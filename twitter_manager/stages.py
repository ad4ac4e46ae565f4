"""How long each step of a run takes, for figures and traces. What is made of them is left to `telemetry`."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Stage:
    """A step that ended. `began` is in seconds since 1970 (UTC); `parent`: the number of the stage that it is part of,
    counted in the order in which they began; `about` says what it dealt with, say {"platform": "x"}."""

    number: int
    parent: int | None
    name: str
    about: dict[str, str]
    began: float
    seconds: float
    error: str
    """The kind of error that ended it; "" where none did. Never its words, which may hold anything."""


@dataclass(slots=True)
class Stages:
    """Measures the stages of one bot's run: `with stages("publish", platform="x"): …`."""

    done: list[Stage] = field(default_factory=list)
    """In the order in which they ended."""
    wall: Callable[[], float] = time.time
    clock: Callable[[], float] = time.monotonic
    _open: list[int] = field(default_factory=list)
    _begun: int = 0

    @contextmanager
    def __call__(self, name: str, **about: str) -> Iterator[None]:
        """Measure what is done within."""
        number, parent = self._begun, self._open[-1] if self._open else None
        self._begun += 1
        self._open.append(number)
        began, start, error = self.wall(), self.clock(), ""
        try:
            yield
        except BaseException as failure:
            error = type(failure).__name__
            raise
        finally:
            self._open.pop()
            self.done.append(Stage(number, parent, name, about, began, self.clock() - start, error))
