"""What becomes of one generator's answers to one brief: mended, dressed, checked and rated; judged, written again once,
and judged again.

Every candidate comes back with its final text, its score and what was found, so that the choice can be shown later. The
rules are left to `checks`, the truth of a model's text to `judge`, saving what was chosen to `pipeline.fill`.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from twitter_manager.budget import MoneyBudget
from twitter_manager.checks import CheckContext, check_draft, repair
from twitter_manager.checks.lengths import lengths
from twitter_manager.checks.suspicion import suspicions
from twitter_manager.domain import Brief, Candidate, Generation, Progress, TimeLeft, Violation
from twitter_manager.errors import GeneratorError
from twitter_manager.writing import formats, text_scoring
from twitter_manager.writing.answers import parts_again
from twitter_manager.writing.brief import material_of, rewriting
from twitter_manager.writing.judge import Answers, Judge
from twitter_manager.writing.post_spec import PostSpec

WRITTEN = ("", "wording")
"""Candidates that the rules on a model's text look at; those of fetched material are its own words."""
LOWEST = -1e9
"""The score of a candidate whose own is no number."""
OF_THE_WHOLE = frozenset({"format", "near_duplicate", "duplicate", "links", "mentions", "hashtags"})
"""Rules about a post as a whole: every part of it is to blame."""
BEYOND = frozenset({"parts", "secrets", "harm"})
"""Rules that no other wording heals."""
MOST_JUDGED = 2
"""How many candidates of one answer a judge sees: each costs."""
MOST_REASONS = 4
"""How many reasons are told of one part."""

log = logging.getLogger(__name__)


class Verdict(StrEnum):
    """`PASSED`: sound, but another was better, or the judge refused better ones. `DOUBTED`: a person decides."""

    CHOSEN = "chosen"
    PASSED = "passed"
    DOUBTED = "doubted"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class CheckedCandidate:
    """A candidate as it would be posted. `generation`: the answer that it is of; `plain`: its parts without what was
    appended."""

    generation: Generation
    parts: tuple[str, ...]
    plain: tuple[str, ...]
    score: float
    scores: Mapping[str, float]
    violations: tuple[Violation, ...]
    verdict: Verdict
    frame: str
    alone: bool

    @property
    def held(self) -> str:
        """Why a person must look at it, where that is all there is against it; else ""."""
        doubted = self.verdict is Verdict.DOUBTED
        return "; ".join(dict.fromkeys(violation.message for violation in self.violations)) if doubted else ""


@dataclass(slots=True)
class Review:
    """`made`: the generator's answers, and the post written again; `writer`: can be asked to write again, None where it
    can't; `judge`: None where nobody judges; `harm`: why the material should wait for a
    person, known before or found here.

    Found: `checked`, the candidates; `judgements`, the judge's answers; `unusable`: its last does not count;
    `judge_failed`: why it need not be asked again in this run, `judge_error`: what it met."""

    spec: PostSpec
    brief: Brief
    made: list[Generation]
    writer: Answers | None
    judge: Judge | None
    time_left: TimeLeft
    progress: Progress
    money: MoneyBudget
    harm: str = ""
    context: CheckContext = field(init=False)
    checked: list[CheckedCandidate] = field(default_factory=list)
    judgements: list[Generation] = field(default_factory=list)
    unusable: bool = False
    judge_failed: str = ""
    judge_error: GeneratorError | None = None

    def decide(self, context: CheckContext) -> CheckedCandidate | None:
        """Check and judge the answers; where none may go out, have the best written again, and check and judge that.
        Gives what may."""
        self.context = context
        chosen = self._choose(self.made)
        if not (chosen or self.harm or self.unusable) and (again := self._written_again()):
            self.made.append(again)
            chosen = self._choose([again])
        return chosen

    def _choose(self, generations: Sequence[Generation]) -> CheckedCandidate | None:
        """The best that may go out: what is true by construction, and of what a model wrote only what the judge says
        yes to. It is asked about the best first."""
        checked = check(self.brief, generations, self.spec, self.context, self.harm)
        for at in best_first(checked)[:MOST_JUDGED]:
            checked[at] = self._decided(checked[at])
            if checked[at].verdict is Verdict.CHOSEN or self.harm or self.unusable:
                break
        self.checked += checked
        return chosen(checked)

    def _decided(self, candidate: CheckedCandidate) -> CheckedCandidate:
        if candidate.frame:
            return replace(candidate, verdict=Verdict.CHOSEN)
        against, alone = self._judged(candidate.plain)
        violations, verdict = candidate.violations + against, Verdict.REJECTED if against else Verdict.CHOSEN
        return replace(candidate, violations=violations, alone=candidate.alone and alone, verdict=verdict)

    def doubt_refused(self) -> CheckedCandidate | None:
        """Leave to a person the best of what is clean but for a judge's reasons; gives it."""
        places = [at for at, candidate in enumerate(self.checked) if _is_refused_by_judge(candidate)]
        if not places:
            return None
        best = max(places, key=lambda at: self.checked[at].score)
        self.checked[best] = replace(self.checked[best], verdict=Verdict.DOUBTED)
        return self.checked[best]

    def _judged(self, parts: tuple[str, ...]) -> tuple[tuple[Violation, ...], bool]:
        """What the judge has against a post, where there is one and the budget has something left for it; and whether
        the post can be understood without its link."""
        judge = self.judge
        if judge is None:
            return (Violation("judge", "Nobody judges what a model writes here."),), True
        if not self.money.allows(judge):
            return (Violation("judge", "The budget leaves nothing for a judge."),), True
        self.progress(f"{judge.name}: judging a post")
        verdict = judge.review(self.brief, parts, self._points(parts), self.time_left, self.money.usd_left)
        for answer in verdict.answers:
            self.money.pay("judging", answer.generator, answer.tokens_in + answer.tokens_out, answer.cost_usd)
        self.judgements += verdict.answers
        self.harm, self.unusable = verdict.harm, verdict.unusable
        self.judge_failed = "; ".join(verdict.reasons) if verdict.failed else ""
        self.judge_error = verdict.error
        is_doubt = not (verdict.unusable or verdict.failed)  # no answer is no opinion that a person could weigh
        against = [Violation("judge", reason, _part(parts, reason), doubt=is_doubt) for reason in verdict.reasons]
        if verdict.harm:
            against.append(Violation("harm", f"The judge warns: {verdict.harm}"))
        elif not (verdict.alone or self.context.links or against):
            against.append(Violation("alone", "It can't be understood without a link, and none goes along."))
        return tuple(against), verdict.alone

    def _points(self, parts: Sequence[str]) -> tuple[str, ...]:
        """What is noticed of a post, for those who are asked about it."""
        return suspicions(parts, (material_of(self.brief),), self.context.language)

    def _written_again(self) -> Generation | None:
        """The writer's answer to the request for the wrong parts of the best refused post, with the whole post as its
        candidate where it is of use; None where none came."""
        with_reasons = [(candidate, reasons) for candidate in self.checked if (reasons := _reasons(candidate))]
        if not with_reasons or self.writer is None or self.judge is None:
            return None
        if not self.money.allows(self.writer) or not self.money.allows(self.judge):
            return None
        refused, reasons = min(with_reasons, key=lambda each: (len(each[1]), len(each[0].violations), -each[0].score))
        reasons[min(reasons)] += self._points(refused.plain)
        told_reasons = {at: list(dict.fromkeys(some))[:MOST_REASONS] for at, some in reasons.items()}
        self.progress(f"{self.writer.name}: writing a refused post again")
        try:
            answer = self.writer.answer(rewriting(self.brief, refused.plain, told_reasons), self.time_left)
        except GeneratorError as error:
            log.warning("%s: nothing was written again: %s", self.writer.name, error)
            self.money.pay("writing", self.writer.name, error.tokens, error.cost_usd)
            return None
        self.money.pay("writing", answer.generator, answer.tokens_in + answer.tokens_out, answer.cost_usd)
        again = parts_again(answer.raw, refused.plain, told_reasons)
        return replace(answer, candidates=(Candidate(again),) if again else ())


def _is_refused_by_judge(candidate: CheckedCandidate) -> bool:
    against = candidate.violations
    return candidate.verdict is Verdict.REJECTED and bool(against) and all(violation.doubt for violation in against)


def _part(parts: Sequence[str], reason: str) -> int:
    """The part that a judge's reason quotes; the first where it quotes none."""
    quoted = reason.partition("“")[2].rpartition("”")[0].rstrip("…")
    return next((at for at, part in enumerate(parts) if quoted and quoted in " ".join(part.split())), 0)


def _reasons(candidate: CheckedCandidate) -> dict[int, list[str]]:
    """What is wrong with which parts (by their places, from 0) of a refused post that a model wrote; nothing where it
    is beyond mending."""
    reasons: dict[int, list[str]] = {}
    violations, last = candidate.violations, len(candidate.plain) - 1
    is_refused = not candidate.frame and candidate.verdict is Verdict.REJECTED
    if not is_refused or not candidate.plain or any(violation.rule in BEYOND for violation in violations):
        return reasons
    for violation in violations:
        for at in range(last + 1) if violation.rule in OF_THE_WHOLE else [min(violation.part, last)]:
            reasons.setdefault(at, []).append(violation.message)
    return reasons


# --- Candidates ------------------------------------------------------------------------------------------------------


def check(
    brief: Brief, generations: Sequence[Generation], spec: PostSpec, context: CheckContext, harm: str = ""
) -> list[CheckedCandidate]:
    """Check all candidates in their final form. What a model wrote without a score of its own is rated here, against
    the learned style too. None is chosen yet. `harm`: why a person should decide on all of them."""
    doubts = (Violation("harm", f"the judge warns: {harm}", doubt=True),) if harm else ()
    return [
        _checked(brief, generation, candidate, spec, context, doubts)
        for generation in generations
        for candidate in generation.candidates
    ]


def best_first(checked: Sequence[CheckedCandidate]) -> list[int]:
    """The places of those that passed; of equally good ones the first comes first."""
    passed = [at for at, candidate in enumerate(checked) if candidate.verdict is Verdict.PASSED]
    return sorted(passed, key=lambda at: -checked[at].score)


def chosen(checked: Sequence[CheckedCandidate]) -> CheckedCandidate | None:
    """The one that is marked as chosen."""
    return next((candidate for candidate in checked if candidate.verdict is Verdict.CHOSEN), None)


def doubted(checked: Sequence[CheckedCandidate]) -> CheckedCandidate | None:
    """The best that a person may let go out, of those that are true by construction: of others no judge said yes."""
    candidates = [candidate for candidate in checked if candidate.verdict is Verdict.DOUBTED and candidate.frame]
    return max(candidates, key=lambda candidate: candidate.score, default=None)


def _checked(
    brief: Brief,
    generation: Generation,
    candidate: Candidate,
    spec: PostSpec,
    context: CheckContext,
    doubts: tuple[Violation, ...],
) -> CheckedCandidate:
    plain = tuple(map(repair, candidate.parts))
    dressed = spec.delivery.dress(plain)
    violations = doubts + check_draft(dressed, replace(context, written_by_model=candidate.frame in WRITTEN))
    if not candidate.frame and (problem := formats.problem(brief.format, dressed, brief.items)):
        violations += (Violation("format", problem),)
    parts = spec.delivery.number(dressed)
    if parts != dressed:  # a number is no claim, but it takes room
        violations += tuple(lengths(parts, context))
    if len(parts) > brief.max_parts:
        violations += (Violation("parts", f"It has {len(parts)} parts; {brief.max_parts} are allowed."),)
    is_doubted = all(violation.doubt for violation in violations)
    score, its_scores = _rated(brief, candidate, plain, spec)
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
    brief: Brief, candidate: Candidate, plain: tuple[str, ...], spec: PostSpec
) -> tuple[float, Mapping[str, float]]:
    """What a model wrote comes without a score."""
    if candidate.frame or candidate.scores:
        return candidate.score, candidate.scores
    ratings = text_scoring.rate(plain, brief, spec.style)
    return round(text_scoring.whole(ratings), 3), ratings
