"""A second look at what a model wrote: another model is shown the material and the post, and may say no.

Its veto counts; its praise overrides no check, for it sees only what passed them all. It is no guard either: one that
does not answer, or twice not in the form asked for, stops nothing, since a service's bad hour would cost every slot.
That is told in the log, and the checks have looked already.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from twitter_manager.domain import Brief, Generation, TimeLeft
from twitter_manager.errors import GeneratorError
from twitter_manager.writing.brief import Prompt, critique

TRIES = 2
"""How often a critic is asked that answers in another form."""
MOST_REASONS, LONGEST_REASON = 5, 300

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Opinion:
    """What a critic says: its reasons against the post, none where it has no veto; and its answers, for their costs."""

    reasons: tuple[str, ...]
    answers: tuple[Generation, ...]


@dataclass(frozen=True, slots=True)
class Critic:
    """`ask` sends one prompt and raises GeneratorError; `free`: asking costs no money."""

    ask: Callable[[Prompt, TimeLeft], Generation]
    free: bool

    def review(self, brief: Brief, parts: tuple[str, ...], time_left: TimeLeft) -> Opinion:
        """What it says of a post. Raises nothing of its own: no answer is no veto."""
        answers: list[Generation] = []
        prompt = critique(brief, parts)
        try:
            for _ in range(TRIES):
                answer = self.ask(prompt, time_left)
                answers.append(replace(answer, generator=f"critic {answer.generator}"))
                reasons = read(answer.raw)
                if reasons is not None:
                    return Opinion(reasons, tuple(answers))
            log.warning("the critic did not answer in the form asked for; the checks alone decide")
        except GeneratorError as error:
            log.warning("the critic can't answer, the checks alone decide: %s", error)
        return Opinion((), tuple(answers))


def read(raw: str) -> tuple[str, ...] | None:
    """The reasons of a veto, none where the verdict is ok; None where the answer is not of the form asked for."""
    text = re.sub(r"\A\s*<think>.*?</think>", "", raw, flags=re.DOTALL).strip()
    text = re.sub(r"\A```(?:json)?\s*(.*?)\s*```\Z", r"\1", text, flags=re.DOTALL)
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict) or found.keys() != {"verdict", "reasons"} or not isinstance(found["reasons"], list):
        return None
    if found["verdict"] == "ok":
        return ()
    reasons = [
        " ".join(one.split())[:LONGEST_REASON] for one in found["reasons"] if isinstance(one, str) and one.strip()
    ]
    return tuple(reasons[:MOST_REASONS]) if found["verdict"] == "veto" and reasons else None
