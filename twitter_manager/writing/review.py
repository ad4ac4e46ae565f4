"""What becomes of one generator's answers to one brief: checked, judged, written again once, judged again.

The rules are left to `checks`, the truth of a model's text to `judge`, saving what was chosen to `refill`.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from twitter_manager.checks import CheckContext
from twitter_manager.checks.suspicion import suspicions
from twitter_manager.domain import Brief, Candidate, Generation, Progress, TimeLeft, Violation
from twitter_manager.errors import GeneratorError
from twitter_manager.writing import candidates
from twitter_manager.writing.answers import parts_again
from twitter_manager.writing.brief import material_of
from twitter_manager.writing.candidates import Answer, CheckedCandidate, Verdict
from twitter_manager.writing.judge import Answers, Judge
from twitter_manager.writing.questions import rewriting
from twitter_manager.writing.recipe import Recipe

OF_THE_WHOLE = frozenset({"format", "near_duplicate", "duplicate", "links", "mentions", "hashtags"})
"""Rules about a post as a whole: every part of it is to blame."""
BEYOND = frozenset({"parts", "secrets", "harm"})
"""Rules that no other wording heals."""
MOST_JUDGED = 2
"""How many candidates of one answer a judge sees: each costs."""
MOST_REASONS = 4
"""How many reasons are told of one part."""

log = logging.getLogger(__name__)

Reasons = dict[int, list[str]]
"""By the places of parts, from 0: what is wrong with them."""


@dataclass(slots=True)
class Review:
    """`writer`: can be asked to write again, None where it can't; `judge`: None where nobody judges; `usd_left`: of the
    budget; `harm`: why the material should wait for a person, known before or found here.

    Found: `made`, the generator's answers, the post written again among them, and `checked`, their candidates;
    `judgements`, the judge's answers; `unusable`: its last does not count; `judge_failed`: why it need not be asked
    again in this run."""

    recipe: Recipe
    brief: Brief
    context: CheckContext
    writer: Answers | None
    judge: Judge | None
    time_left: TimeLeft
    progress: Progress
    usd_left: float
    harm: str = ""
    made: list[Generation] = field(default_factory=list)
    checked: list[CheckedCandidate] = field(default_factory=list)
    judgements: list[Generation] = field(default_factory=list)
    unusable: bool = False
    judge_failed: str = ""

    def look_at(self, made: Sequence[Generation]) -> CheckedCandidate | None:
        """Check and judge the answers; where none may go out, have the best written again, and check and judge that.
        Gives what may."""
        chosen = self._choose(made)
        if not (chosen or self.harm or self.unusable) and (again := self._written_again()):
            chosen = self._choose([again])
        return chosen

    def answers(self) -> list[Answer]:
        """All that was answered, the judge's answers first."""
        otherwise = "not chosen" if candidates.chosen(self.checked) else "rejected"
        by_answer = [(one, [each for each in self.checked if each.generation is one]) for one in self.made]
        judged: list[Answer] = [(one, otherwise, []) for one in self.judgements]
        return judged + [(one, "chosen" if candidates.chosen(mine) else otherwise, mine) for one, mine in by_answer]

    def _choose(self, made: Sequence[Generation]) -> CheckedCandidate | None:
        """The best that may go out: what is true by construction, and of what a model wrote only what the judge says
        yes to. It is asked about the best first."""
        self.made += made
        checked = candidates.check(self.brief, made, self.recipe, self.context, self.harm)
        for at in candidates.best_first(checked)[:MOST_JUDGED]:
            checked[at] = self._decided(checked[at])
            if checked[at].verdict is Verdict.CHOSEN or self.harm or self.unusable:
                break
        self.checked += checked
        return candidates.chosen(checked)

    def _affords(self, asked: Answers | Judge) -> bool:
        return asked.free or self.usd_left > 0

    def _decided(self, one: CheckedCandidate) -> CheckedCandidate:
        if one.frame:
            return replace(one, verdict=Verdict.CHOSEN)
        against, alone = self._judged(one.plain)
        if against:
            return replace(one, violations=one.violations + against, verdict=Verdict.REJECTED)
        return replace(one, approved=True, alone=one.alone and alone, verdict=Verdict.CHOSEN)

    def _judged(self, parts: tuple[str, ...]) -> tuple[tuple[Violation, ...], bool]:
        """What the judge has against a post, where there is one and the budget has something left for it; and whether
        the post can be understood without its link."""
        judge = self.judge
        if judge is None:
            return (Violation("judge", "Nobody judges what a model writes here."),), True
        if not self._affords(judge):
            return (Violation("judge", "This month's budget leaves nothing for a judge."),), True
        self.progress(f"{judge.name}: judging a post")
        verdict = judge.review(self.brief, parts, self._points(parts), self.time_left, self.usd_left)
        self.usd_left -= sum(one.cost_usd for one in verdict.answers)
        self.judgements += verdict.answers
        self.harm, self.unusable = verdict.harm, verdict.unusable
        self.judge_failed = "; ".join(verdict.reasons) if verdict.failed else ""
        against = [Violation("judge", reason, part=_part(parts, reason)) for reason in verdict.reasons]
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
        found = [(one, reasons) for one in self.checked if (reasons := _reasons(one))]
        if not found or self.writer is None or self.judge is None:
            return None
        if not self._affords(self.writer) or not self._affords(self.judge):
            return None
        refused, reasons = min(found, key=lambda each: (len(each[1]), len(each[0].violations), -each[0].score))
        reasons[min(reasons)] += self._points(refused.plain)
        told = {at: list(dict.fromkeys(some))[:MOST_REASONS] for at, some in reasons.items()}
        self.progress(f"{self.writer.name}: writing a refused post again")
        try:
            answer = self.writer.answer(rewriting(self.brief, refused.plain, told), self.time_left)
        except GeneratorError as error:
            log.warning("%s: nothing was written again: %s", self.writer.name, error)
            return None
        self.usd_left -= answer.cost_usd
        again = parts_again(answer.raw, refused.plain, told)
        return replace(answer, candidates=(Candidate(again),) if again else ())


def _part(parts: Sequence[str], reason: str) -> int:
    """The part that a judge's reason quotes; the first where it quotes none."""
    quoted = reason.partition("“")[2].rpartition("”")[0].rstrip("…")
    return next((at for at, part in enumerate(parts) if quoted and quoted in " ".join(part.split())), 0)


def _reasons(candidate: CheckedCandidate) -> Reasons:
    """What is wrong with which parts of a refused post that a model wrote; nothing where it is beyond mending."""
    reasons: Reasons = {}
    found, last = candidate.violations, len(candidate.plain) - 1
    is_refused = not candidate.frame and candidate.verdict is Verdict.REJECTED
    if not is_refused or not candidate.plain or any(one.rule in BEYOND for one in found):
        return reasons
    for violation in found:
        for at in range(last + 1) if violation.rule in OF_THE_WHOLE else [min(violation.part, last)]:
            reasons.setdefault(at, []).append(violation.message)
    return reasons
