"""Who decides whether a text that a model wrote may go out: no yes from a judge, no text of a model's.

A judge reads material and post. `Asked` has a chat model answer claim by claim, with the material's own words, which
`evidence` verifies; `nli.Entailment` compares sentence by sentence in this process. What is true by construction is
never judged, and costs nothing. What happens to a post that got a no is left to `pipeline.fill`.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol, runtime_checkable

from twitter_manager.domain import Brief, Generation, TimeLeft
from twitter_manager.errors import GeneratorError
from twitter_manager.writing import evidence
from twitter_manager.writing.brief import Prompt, judging, material_of

TRIES = 2
"""How often one is asked whose answer can't be used."""

log = logging.getLogger(__name__)


class Named(Protocol):
    """Something that is asked, and may cost."""

    @property
    def name(self) -> str: ...
    @property
    def free(self) -> bool: ...


@runtime_checkable
class Answers(Named, Protocol):
    """A generator that can be asked something else than for a post. Raises GeneratorError."""

    def answer(self, prompt: Prompt, time_left: TimeLeft) -> Generation: ...


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a judge says of a post: `reasons` against it, and `answers`, for their costs. `harm`: why it should wait for
    a person though it may be true; `alone`: it can be understood without its link; `unusable`: none of its answers
    counts; `failed`: it gave none at all, so that it need not be asked again in this run."""

    reasons: tuple[str, ...]
    answers: tuple[Generation, ...] = ()
    harm: str = ""
    alone: bool = True
    unusable: bool = False
    failed: bool = False
    error: GeneratorError | None = None
    """Why."""


class Judge(Named, Protocol):
    """See `Verdict`. Raises nothing of its own: no answer is a no."""

    def review(
        self, brief: Brief, parts: Sequence[str], points: Sequence[str], time_left: TimeLeft, usd_left: float = math.inf
    ) -> Verdict:
        """What it says of the post `parts`; `points`: what it should look at in particular; `usd_left`: once its
        answers cost so much it is not asked again."""
        ...


class Asked:
    """A chat model as judge: a service, or the model that wrote the post, asked anew."""

    def __init__(self, who: Answers) -> None:
        self.who, self.name, self.free = who, who.name, who.free

    def review(
        self, brief: Brief, parts: Sequence[str], points: Sequence[str], time_left: TimeLeft, usd_left: float = math.inf
    ) -> Verdict:
        """See `Judge`."""
        answers: list[Generation] = []
        trouble = ""
        for _ in range(TRIES):
            if answers and not self.free and sum(answer.cost_usd for answer in answers) >= usd_left:
                trouble += "; the budget leaves nothing to ask again"
                break
            try:
                answer = self.who.answer(judging(brief, parts, points, trouble), time_left)
            except GeneratorError as error:
                log.warning("judge %s: no answer, so nothing that a model wrote is posted: %s", self.name, error)
                why = f"The judge {self.name} did not answer: {error}"
                if error.cost_usd:
                    answers.append(
                        Generation(f"judge {self.name}", "", tokens_in=error.tokens, cost_usd=error.cost_usd)
                    )
                return Verdict((why,), tuple(answers), unusable=True, failed=True, error=error)
            answers.append(replace(answer, generator=f"judge {answer.generator}"))
            reading = evidence.read(answer.raw, parts, material_of(brief))
            trouble = reading.unusable
            if not trouble:
                return Verdict(reading.reasons, tuple(answers), reading.harm, reading.alone)
        log.warning("judge %s: no answer that can be used: %s", self.name, trouble)
        return Verdict((f"The judge {self.name} gave no answer that counts: {trouble}",), tuple(answers), unusable=True)
