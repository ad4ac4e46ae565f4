"""What becomes of one generator's answers to one brief: checked, judged, written again once, judged again.

The order of the steps and their costs; the rules are left to `checks`, the truth of a model's text to `judge`, saving
what was chosen to `refill`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from twitter_manager.checks import CheckContext
from twitter_manager.checks.suspicion import suspicions
from twitter_manager.domain import Brief, Generation, Progress, TimeLeft, Violation
from twitter_manager.writing import candidates, formats, rewriting
from twitter_manager.writing.brief import material_of
from twitter_manager.writing.candidates import CheckedCandidate, Decision
from twitter_manager.writing.judge import Answers, Judge
from twitter_manager.writing.style import Style


@dataclass(slots=True)
class Weighing:
    """The answers to one brief. `writer`: can be asked to write again, None where it can't; `judge`: None where nobody
    judges; `linked`: the material's address goes along on some platform; `affords` and `pay` keep the budget."""

    brief: Brief
    context: CheckContext
    dress: Callable[[tuple[str, ...]], tuple[str, ...]]
    numbered: bool
    style: Style | None
    linked: bool
    writer: Answers | None
    judge: Judge | None
    affords: Callable[[Answers | Judge], bool]
    pay: Callable[..., None]
    time_left: TimeLeft
    progress: Progress
    made: list[Generation] = field(default_factory=list)
    """The generator's answers, the post written again among them."""
    judgements: list[Generation] = field(default_factory=list)
    """The judge's answers."""
    harm: str = ""
    """What the judge says against posting this material at all."""
    unusable: bool = False
    """None of the judge's answers to the last post counts."""
    judge_failed: str = ""
    """Why the judge need not be asked again in this run."""

    def weigh(self, made: Sequence[Generation]) -> candidates.Checked:
        """Check and judge; where nothing may go out, have the best written again and check and judge that."""
        self.made = list(made)
        checked = self._checked()
        again = None if self.harm or self.unusable else self._again(checked)
        if again is None:
            return checked
        at = len(self.made)
        self.made.append(again)
        return _joined(checked, self._checked(at))

    def _checked(self, first: int = 0) -> candidates.Checked:
        """The candidates of the answers from `first` on."""
        number = formats.numbered if self.numbered else tuple
        made = [one if at >= first else _without_candidates(one) for at, one in enumerate(self.made)]
        checked = candidates.check(self.brief, made, self.dress, self.context, number, self.style)
        return candidates.approved(checked, self._decide if self.judge else None)

    def _decide(self, candidate: CheckedCandidate) -> Decision:
        judge = self.judge
        assert judge is not None
        if not self.affords(judge):
            return Decision((Violation("judge", "This month's budget leaves nothing for a judge."),), final=True)
        self.progress(f"{judge.name}: judging a post")
        verdict = judge.review(self.brief, candidate.plain, self._points(candidate.plain), self.time_left)
        self.pay(*verdict.answers)
        self.judgements += verdict.answers
        self.harm, self.unusable = verdict.harm, verdict.unusable
        if verdict.failed:
            self.judge_failed = "; ".join(verdict.reasons)
        against = tuple(Violation("judge", reason, _part(candidate.plain, reason)) for reason in verdict.reasons)
        if not (verdict.alone or self.linked or against):
            message = "It can't be understood without a link, and none goes along."
            against += (Violation("alone", message),)
        against += (Violation("harm", f"The judge warns: {verdict.harm}"),) if verdict.harm else ()
        return Decision(against, verdict.alone, final=verdict.unusable or bool(verdict.harm))

    def _points(self, parts: Sequence[str]) -> tuple[str, ...]:
        return suspicions(parts, (material_of(self.brief),), self.context.language)

    def _again(self, checked: candidates.Checked) -> Generation | None:
        found = rewriting.to_rewrite(checked.all, self._points)
        if found is None or self.writer is None or self.judge is None or not self.affords(self.writer):
            return None
        candidate, reasons = found
        self.progress(f"{self.writer.name}: writing a refused post again")
        again = rewriting.written_again(self.writer, self.brief, candidate.plain, reasons, self.time_left)
        if again is not None:
            self.pay(again)
        return again


def _joined(first: candidates.Checked, again: candidates.Checked) -> candidates.Checked:
    return candidates.Checked(again.chosen, (*first.all, *again.all))


def _without_candidates(generation: Generation) -> Generation:
    return replace(generation, candidates=())


def _part(parts: Sequence[str], reason: str) -> int:
    """The part that a judge's reason quotes; the first where it quotes none."""
    quoted = reason.partition("“")[2].rpartition("”")[0].rstrip("…")
    return next((at for at, part in enumerate(parts) if quoted and quoted in " ".join(part.split())), 0)
