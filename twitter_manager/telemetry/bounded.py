"""Waiting for others no longer than is said: looking up a host, and an answer that drips, know no time limit of their
own."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

log = logging.getLogger(__name__)


def within(seconds: float, work: Callable[[], str], late: str) -> str:
    """What the work gives; `late` where it is not at its end by then, and what it raised as words. It goes on in a
    thread that holds up no exit."""
    answers: list[str] = []

    def answer() -> None:
        try:
            answers.append(work())
        except Exception as error:  # whatever a library raises, the run went as it went
            log.warning("waiting for others", exc_info=True)
            answers.append(f"failed ({type(error).__name__})")

    thread = threading.Thread(target=answer, daemon=True)
    thread.start()
    thread.join(seconds)
    return answers[0] if answers else late
