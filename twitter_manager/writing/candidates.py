"""Best of n: mends, dresses and checks every candidate, and takes the best that passes everything.

Every candidate comes back with its final text, its score and what was found, so that the choice can be shown later.
The rules themselves are left to `checks`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from twitter_manager.checks import CheckContext, check_draft, repair
from twitter_manager.checks.rules import lengths
from twitter_manager.domain import Brief, Candidate, Generation, Violation
from twitter_manager.writing import formats, scores
from twitter_manager.writing.style import Style

WRITTEN = ("", "wording")
"""Candidates that the rules on a model's text look at: a frame puts the material's own sentences into a form, such as
a question, that those rules would take for a change of their meaning."""
MOST_REVIEWS = 3
"""How many candidates of one brief a critic sees: each costs."""
LOWEST = -1e9
"""The score of a candidate whose own is no number."""


class Verdict(StrEnum):
    """`PASSED`: sound, but another was better."""

    CHOSEN = "chosen"
    PASSED = "passed"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class JudgedCandidate:
    """A candidate as it would be posted. `generation` is the place of its generation in what was judged."""

    generation: int
    parts: tuple[str, ...]
    score: float
    scores: Mapping[str, float]
    violations: tuple[Violation, ...]
    verdict: Verdict
    frame: str = ""

    @property
    def doubts(self) -> str:
        """What a person must decide about it, where nothing else is wrong with it; else ""."""
        doubted = bool(self.violations) and all(one.doubt for one in self.violations)
        return "; ".join(dict.fromkeys(one.message for one in self.violations)) if doubted else ""


@dataclass(frozen=True, slots=True)
class Judged:
    """`all` keeps the order of the generations and their candidates."""

    chosen: JudgedCandidate | None
    all: tuple[JudgedCandidate, ...]


def judge(
    brief: Brief,
    generations: Sequence[Generation],
    dress: Callable[[tuple[str, ...]], tuple[str, ...]],
    context: CheckContext,
    number: Callable[[tuple[str, ...]], tuple[str, ...]] = lambda parts: parts,
    style: Style | None = None,
) -> Judged:
    """Check all candidates in their final form; of equally good ones the first is chosen. Where none is clean, the best
    of those that are only doubted (`JudgedCandidate.doubts`). `number` gives the
    parts of a thread their numbers; of those only the length is checked. What a model wrote without a score of its own
    is rated here, against the learned `style` too."""
    judged = [
        _judged(brief, at, _rated(candidate, brief, style), dress, context, number)
        for at, generation in enumerate(generations)
        for candidate in generation.candidates
    ]
    return _best(judged)


def reviewed(judged: Judged, review: Callable[[tuple[str, ...]], Sequence[str]], rule: str = "critic") -> Judged:
    """The best that a critic has nothing against: `review` gives its reasons against a post, which then breaks `rule`.
    It is asked about what a model wrote, the best first, and about MOST_REVIEWS at most; what it has not seen is not
    chosen then."""
    for turn in range(MOST_REVIEWS + 1):
        chosen = judged.chosen
        if chosen is None or chosen.frame:
            break
        reasons = review(chosen.parts) if turn < MOST_REVIEWS else ["It was not looked at: so many others had a veto."]
        if not reasons:
            break
        against = tuple(Violation(rule, reason) for reason in reasons)
        vetoed = replace(chosen, violations=against, verdict=Verdict.REJECTED)
        if turn == MOST_REVIEWS:
            return Judged(None, tuple(vetoed if one is chosen else one for one in judged.all))
        judged = _best([vetoed if one is chosen else one for one in judged.all])
    return judged


def _best(judged: list[JudgedCandidate]) -> Judged:
    sound = [at for at, one in enumerate(judged) if one.verdict is Verdict.PASSED]
    sound = sound or [at for at, one in enumerate(judged) if one.doubts]
    if not sound:
        return Judged(None, tuple(judged))
    best = max(sound, key=lambda at: (judged[at].score, -at))
    judged[best] = replace(judged[best], verdict=Verdict.CHOSEN)
    return Judged(judged[best], tuple(judged))


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
    """A candidate of a service comes without a score; a local model's own (how probable it is to the model) is kept
    beside the others, and counts no more: it prefers what is trite."""
    if candidate.frame or candidate.scores.keys() - {"mean_logprob"}:
        return candidate
    found = scores.rate(tuple(map(repair, candidate.parts)), brief, style)
    return replace(candidate, score=round(scores.whole(found), 3), scores=found | dict(candidate.scores))


def _judged(
    brief: Brief,
    generation: int,
    candidate: Candidate,
    dress: Callable[[tuple[str, ...]], tuple[str, ...]],
    context: CheckContext,
    number: Callable[[tuple[str, ...]], tuple[str, ...]],
) -> JudgedCandidate:
    parts = dress(tuple(map(repair, candidate.parts)))
    violations = check_draft(parts, context if candidate.frame in WRITTEN else replace(context, written_by_model=False))
    if not candidate.frame and (problem := formats.problem(brief.format, parts, brief.items)):
        violations += (Violation("format", problem),)
    parts, plain = number(parts), parts
    if parts != plain:
        violations += tuple(lengths(parts, context))
    if len(parts) > brief.max_parts:
        violations += (Violation("parts", f"It has {len(parts)} parts; {brief.max_parts} are allowed."),)
    return JudgedCandidate(
        generation=generation,
        parts=parts,
        score=candidate.score if math.isfinite(candidate.score) else LOWEST,
        scores=candidate.scores,
        violations=violations,
        verdict=Verdict.REJECTED if violations else Verdict.PASSED,
        frame=candidate.frame,
    )


def _has_tag(text: str, name: str) -> bool:
    return re.search(rf"(?<!\w)#{re.escape(name)}(?!\w)", text, re.IGNORECASE) is not None
