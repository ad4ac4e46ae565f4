"""Waiting for others no longer than is said: looking up a host, and an answer that drips, know no time limit of their
own."""

from __future__ import annotations

import threading
from collections.abc import Callable


def within(seconds: float, work: Callable[[], str], late: str) -> str:
    """What the work gives; `late` where it is not at its end by then. It goes on in a thread that holds up no exit."""
    answers: list[str] = []
    thread = threading.Thread(target=lambda: answers.append(work()), daemon=True)
    thread.start()
    thread.join(seconds)
    return answers[0] if answers else late
