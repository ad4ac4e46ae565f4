"""Best of n: mends, dresses and checks every candidate, and takes the best that passes everything.

Every candidate comes back with its final text, its score and what was found, so that the choice can be shown later.
The rules themselves are left to `checks`; whether a model's text is true, to `judge`: without a judge's yes it is not
chosen.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from twitter_manager.checks import CheckContext, check_draft, repair
from twitter_manager.checks.lengths import lengths
from twitter_manager.domain import Brief, Candidate, Generation, Violation
from twitter_manager.writing import formats, scores
from twitter_manager.writing.style import Style

WRITTEN = ("", "wording")
"""Candidates that the rules on a model's text look at; those of fetched material are its own words."""
MOST_REVIEWS = 2
"""How many candidates of one answer a judge sees: each costs."""
RULES_EDITION = 2
"""Goes up when posts that passed older rules must be checked again."""
LOWEST = -1e9
"""The score of a candidate whose own is no number."""


class Verdict(StrEnum):
    """`PASSED`: sound, but another was better. `DOUBTED`: a person decides."""

    CHOSEN = "chosen"
    PASSED = "passed"
    DOUBTED = "doubted"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class CheckedCandidate:
    """A candidate as it would be posted. `generation` is the place of its generation in what was checked; `plain`: its
    parts without what was appended; `approved`: a judge said yes to it."""

    generation: int
    parts: tuple[str, ...]
    score: float
    scores: Mapping[str, float]
    violations: tuple[Violation, ...]
    verdict: Verdict
    frame: str = ""
    plain: tuple[str, ...] = ()
    alone: bool = True
    approved: bool = False

    @property
    def needs_a_judge(self) -> bool:
        """A model wrote it, and none has said yes."""
        return not self.frame and not self.approved

    @property
    def held(self) -> str:
        """Why a person must look at it, where that is all there is against it; else ""."""
        doubted = self.verdict is Verdict.DOUBTED
        return "; ".join(dict.fromkeys(one.message for one in self.violations)) if doubted else ""


def check(
    brief: Brief,
    generations: Sequence[Generation],
    dress: Callable[[tuple[str, ...]], tuple[str, ...]],
    context: CheckContext,
    number: Callable[[tuple[str, ...]], tuple[str, ...]] = lambda parts: parts,
    style: Style | None = None,
) -> list[CheckedCandidate]:
    """Check all candidates in their final form. `number` gives the parts of a thread their numbers; of those only the
    length is checked. What a model wrote without a score of its own is rated here, against the learned `style` too.
    None is chosen yet: see `choose`."""
    return [
        _checked(brief, at, _rated(candidate, brief, style), dress, context, number)
        for at, generation in enumerate(generations)
        for candidate in generation.candidates
    ]


@dataclass(frozen=True, slots=True)
class Decision:
    """What a judge says of one candidate. `final`: it needs not be asked about another."""

    against: tuple[Violation, ...] = ()
    alone: bool = True
    final: bool = False


NOBODY = Decision((Violation("judge", "Nobody judges what a model writes here."),), final=True)
NOT_ASKED = Decision((Violation("judge", "It was not looked at: the judge refused better ones."),), final=True)


def choose(
    checked: Sequence[CheckedCandidate], judge: Callable[[CheckedCandidate], Decision]
) -> list[CheckedCandidate]:
    """The candidates with the best that may go out marked as chosen, the first of equally good ones: what is true by
    construction, and of what a model wrote only what `judge` says yes to. It is asked about the best first, and about
    MOST_REVIEWS at most."""
    found = list(checked)
    asked = 0
    while sound := [at for at, one in enumerate(found) if one.verdict is Verdict.PASSED]:
        best = max(sound, key=lambda at: found[at].score)
        one = found[best]
        decision = Decision()
        if one.needs_a_judge:
            decision = judge(one) if asked < MOST_REVIEWS else NOT_ASKED
            asked += 1
        if not decision.against:
            alone = one.alone and decision.alone
            found[best] = replace(one, approved=not one.frame, alone=alone, verdict=Verdict.CHOSEN)
            return found
        for at in sound:
            if at == best or (decision.final and found[at].needs_a_judge):
                violations = found[at].violations + decision.against
                found[at] = replace(found[at], violations=violations, verdict=Verdict.REJECTED)
    return found


def with_doubt(checked: Sequence[CheckedCandidate], doubt: str) -> list[CheckedCandidate]:
    """All that passed is doubted for one more reason."""
    found = (Violation("harm", doubt, doubt=True),)
    return [
        replace(one, violations=one.violations + found, verdict=Verdict.DOUBTED)
        if one.verdict in (Verdict.CHOSEN, Verdict.PASSED)
        else one
        for one in checked
    ]


def chosen(checked: Sequence[CheckedCandidate]) -> CheckedCandidate | None:
    """The one that is marked as chosen."""
    return next((one for one in checked if one.verdict is Verdict.CHOSEN), None)


def doubted(checked: Sequence[CheckedCandidate]) -> CheckedCandidate | None:
    """The best that a person may let go out, of those that are true by construction or have a judge's yes."""
    found = [one for one in checked if one.verdict is Verdict.DOUBTED and not one.needs_a_judge]
    return max(found, key=lambda one: one.score, default=None)


def dress(
    parts: tuple[str, ...],
    hashtags: Sequence[str] = (),
    signature: str = "",
    fits: Callable[[str], bool] = lambda text: True,
) -> tuple[str, ...]:
    """Append hashtags and signature to the last part.

    A hashtag that is there already isn't repeated, and one that would not fit any more is left out. The signature is
    never left out: a text that has no room for it is for the checks to refuse.
    """
    if not parts:
        return parts
    end = f"\n{signature.strip()}" if signature.strip() else ""
    last = parts[-1].rstrip().removesuffix(end).rstrip()
    for tag in hashtags:
        name = tag.strip().lstrip("#")
        longer = f"{last} #{name}"
        if name and not _has_tag(last, name) and fits(longer + end):
            last = longer
    return (*parts[:-1], last + end)


def _rated(candidate: Candidate, brief: Brief, style: Style | None) -> Candidate:
    """What a model wrote comes without a score."""
    if candidate.frame or candidate.scores:
        return candidate
    found = scores.rate(tuple(map(repair, candidate.parts)), brief, style)
    return replace(candidate, score=round(scores.whole(found), 3), scores=found)


def _checked(
    brief: Brief,
    generation: int,
    candidate: Candidate,
    dress: Callable[[tuple[str, ...]], tuple[str, ...]],
    context: CheckContext,
    number: Callable[[tuple[str, ...]], tuple[str, ...]],
) -> CheckedCandidate:
    repaired = tuple(map(repair, candidate.parts))
    parts = dress(repaired)
    violations = check_draft(parts, context if candidate.frame in WRITTEN else replace(context, written_by_model=False))
    if not candidate.frame and (problem := formats.problem(brief.format, parts, brief.items)):
        violations += (Violation("format", problem),)
    parts, plain = number(parts), parts
    if parts != plain:
        violations += tuple(lengths(parts, context))
    if len(parts) > brief.max_parts:
        violations += (Violation("parts", f"It has {len(parts)} parts; {brief.max_parts} are allowed."),)
    return CheckedCandidate(
        generation=generation,
        parts=parts,
        score=candidate.score if math.isfinite(candidate.score) else LOWEST,
        scores=candidate.scores,
        violations=violations,
        verdict=_verdict(violations),
        frame=candidate.frame,
        plain=repaired,
        alone=candidate.alone,
    )


def _verdict(violations: Sequence[Violation]) -> Verdict:
    if not violations:
        return Verdict.PASSED
    return Verdict.DOUBTED if all(one.doubt for one in violations) else Verdict.REJECTED


def _has_tag(text: str, name: str) -> bool:
    return re.search(rf"(?<!\w)#{re.escape(name)}(?!\w)", text, re.IGNORECASE) is not None
