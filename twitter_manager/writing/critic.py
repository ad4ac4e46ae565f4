"""A second look at what a model wrote: a model is shown the material and the post, and may say no.

Either a critic that the person named is asked for a verdict, or the model that wrote the post, claim by claim, whether
the material says so. A veto counts; praise overrides no check, for what is shown has passed them all. It is no guard
either: one that does not answer, or twice not in the form asked for, stops nothing, since a service's bad hour would
cost every slot. That is told in the log, and the checks have looked already.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, runtime_checkable

from twitter_manager.domain import Brief, Generation, TimeLeft
from twitter_manager.errors import GeneratorError
from twitter_manager.writing.answers import read_json
from twitter_manager.writing.brief import Prompt, critique, entailment

TRIES = 2
"""How often one is asked that answers in another form."""
MOST_REASONS, LONGEST_REASON = 5, 300

log = logging.getLogger(__name__)

Read = Callable[[str], tuple[str, ...] | None]


@runtime_checkable
class Answers(Protocol):
    """A generator that can be asked something else than for a post. Raises GeneratorError."""

    @property
    def name(self) -> str: ...

    @property
    def free(self) -> bool: ...

    def answer(self, prompt: Prompt, time_left: TimeLeft) -> Generation: ...


@dataclass(frozen=True, slots=True)
class Opinion:
    """What was said: the reasons against the post, none where there is no veto; and the answers, for their costs."""

    reasons: tuple[str, ...]
    answers: tuple[Generation, ...]


@dataclass(frozen=True, slots=True)
class Critic:
    """`who` is asked: by itself for a verdict as a critic, else (`writer`) about the claims of its own post."""

    who: Answers
    writer: bool = False

    @property
    def free(self) -> bool:
        """Asking costs no money."""
        return self.who.free

    @property
    def name(self) -> str:
        """How its vetoes and its answers are called."""
        return "second look" if self.writer else "critic"

    def review(self, brief: Brief, parts: tuple[str, ...], time_left: TimeLeft) -> Opinion:
        """What it says of a post. Raises nothing of its own: no answer is no veto."""
        ask: Callable[[Brief, Sequence[str]], Prompt] = entailment if self.writer else critique
        read: Read = read_claims if self.writer else read_verdict
        answers: list[Generation] = []
        prompt = ask(brief, parts)
        try:
            for _ in range(TRIES):
                answer = self.who.answer(prompt, time_left)
                answers.append(replace(answer, generator=f"{self.name} {answer.generator}"))
                reasons = read(answer.raw)
                if reasons is not None:
                    return Opinion(reasons, tuple(answers))
            log.warning("%s: no answer in the form asked for; the checks alone decide", self.name)
        except GeneratorError as error:
            log.warning("%s: no answer, the checks alone decide: %s", self.name, error)
        return Opinion((), tuple(answers))


def read_verdict(raw: str) -> tuple[str, ...] | None:
    """The reasons of a critic's veto, none where the verdict is ok; None where the answer is not of the form asked
    for."""
    found = read_json(raw)
    if not isinstance(found, dict) or found.keys() != {"verdict", "reasons"} or not isinstance(found["reasons"], list):
        return None
    if found["verdict"] == "ok":
        return ()
    reasons = [_line(one) for one in found["reasons"] if isinstance(one, str) and one.strip()]
    return tuple(reasons[:MOST_REASONS]) if found["verdict"] == "veto" and reasons else None


def read_claims(raw: str) -> tuple[str, ...] | None:
    """A reason for each claim that does not follow; None where the answer is not of the form asked for."""
    found = read_json(raw)
    claims = found.get("claims") if isinstance(found, dict) and found.keys() == {"claims"} else None
    if not isinstance(claims, list) or not claims:
        return None
    reasons = []
    for one in claims:
        if not isinstance(one, dict) or one.keys() != {"claim", "follows"}:
            return None
        claim, follows = one["claim"], one["follows"]
        if not isinstance(claim, str) or not claim.strip() or not isinstance(follows, bool):
            return None
        reasons += [] if follows else [f"The material does not say: “{_line(claim)}”"]
    return tuple(reasons[:MOST_REASONS])


def _line(text: str) -> str:
    return " ".join(text.split())[:LONGEST_REASON]
