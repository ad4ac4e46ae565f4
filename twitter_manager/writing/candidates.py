"""Mends, dresses, checks and rates every candidate, so that the best of those that pass can be taken.

Each comes back with its final text, its score and what was found, so that the choice can be shown later. The rules
themselves are left to `checks`; which one is chosen, to `review`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from twitter_manager.checks import CheckContext, check_draft, repair
from twitter_manager.checks.rules import lengths
from twitter_manager.domain import Brief, Candidate, Generation, Violation
from twitter_manager.writing import formats, scores
from twitter_manager.writing.recipe import Recipe

WRITTEN = ("", "wording")
"""Candidates that the rules on a model's text look at; those of fetched material are its own words."""
RULES_EDITION = 2
"""Goes up when posts that passed older rules must be checked again."""
LOWEST = -1e9
"""The score of a candidate whose own is no number."""


class Verdict(StrEnum):
    """`PASSED`: sound, but another was better, or the judge refused better ones. `DOUBTED`: a person decides."""

    CHOSEN = "chosen"
    PASSED = "passed"
    DOUBTED = "doubted"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class CheckedCandidate:
    """A candidate as it would be posted. `generation`: the answer that it is of; `plain`: its parts without what was
    appended; `approved`: a judge said yes to it."""

    generation: Generation
    parts: tuple[str, ...]
    plain: tuple[str, ...]
    score: float
    scores: Mapping[str, float]
    violations: tuple[Violation, ...]
    verdict: Verdict
    frame: str
    alone: bool
    approved: bool = False

    @property
    def held(self) -> str:
        """Why a person must look at it, where that is all there is against it; else ""."""
        doubted = self.verdict is Verdict.DOUBTED
        return "; ".join(dict.fromkeys(one.message for one in self.violations)) if doubted else ""


Answer = tuple[Generation, str, Sequence[CheckedCandidate]]
"""A generation, the verdict on it (chosen, not chosen, rejected), and its candidates."""


def check(
    brief: Brief, made: Sequence[Generation], recipe: Recipe, context: CheckContext, harm: str = ""
) -> list[CheckedCandidate]:
    """Check all candidates in their final form. What a model wrote without a score of its own is rated here, against
    the learned style too. None is chosen yet. `harm`: why a person should decide on all of them."""
    doubts = (Violation("harm", f"the judge warns: {harm}", doubt=True),) if harm else ()
    return [_checked(brief, one, candidate, recipe, context, doubts) for one in made for candidate in one.candidates]


def best_first(checked: Sequence[CheckedCandidate]) -> list[int]:
    """The places of those that passed; of equally good ones the first comes first."""
    passed = [at for at, one in enumerate(checked) if one.verdict is Verdict.PASSED]
    return sorted(passed, key=lambda at: -checked[at].score)


def chosen(checked: Sequence[CheckedCandidate]) -> CheckedCandidate | None:
    """The one that is marked as chosen."""
    return next((one for one in checked if one.verdict is Verdict.CHOSEN), None)


def doubted(checked: Sequence[CheckedCandidate]) -> CheckedCandidate | None:
    """The best that a person may let go out, of those that are true by construction or have a judge's yes."""
    found = [one for one in checked if one.verdict is Verdict.DOUBTED and (one.frame or one.approved)]
    return max(found, key=lambda one: one.score, default=None)


def _checked(
    brief: Brief,
    generation: Generation,
    candidate: Candidate,
    recipe: Recipe,
    context: CheckContext,
    doubts: tuple[Violation, ...],
) -> CheckedCandidate:
    plain = tuple(map(repair, candidate.parts))
    dressed = recipe.delivery.dress(plain)
    violations = doubts + check_draft(dressed, replace(context, written_by_model=candidate.frame in WRITTEN))
    if not candidate.frame and (problem := formats.problem(brief.format, dressed, brief.items)):
        violations += (Violation("format", problem),)
    parts = recipe.delivery.number(dressed)
    if parts != dressed:  # a number is no claim, but it takes room
        violations += tuple(lengths(parts, context))
    if len(parts) > brief.max_parts:
        violations += (Violation("parts", f"It has {len(parts)} parts; {brief.max_parts} are allowed."),)
    is_doubted = all(one.doubt for one in violations)
    score, its_scores = _rated(brief, candidate, plain, recipe)
    return CheckedCandidate(
        generation=generation,
        parts=parts,
        plain=plain,
        score=score if math.isfinite(score) else LOWEST,
        scores=its_scores,
        violations=violations,
        verdict=Verdict.PASSED if not violations else Verdict.DOUBTED if is_doubted else Verdict.REJECTED,
        frame=candidate.frame,
        alone=candidate.alone,
    )


def _rated(
    brief: Brief, candidate: Candidate, plain: tuple[str, ...], recipe: Recipe
) -> tuple[float, Mapping[str, float]]:
    """A candidate of a service comes without a score; a local model's own (how probable it is to the model) is kept
    beside the others, and counts no more: it prefers what is trite."""
    if candidate.frame or candidate.scores.keys() - {"mean_logprob"}:
        return candidate.score, candidate.scores
    found = scores.rate(plain, brief, recipe.style)
    return round(scores.whole(found), 3), found | dict(candidate.scores)
