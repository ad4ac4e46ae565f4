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
from twitter_manager.writing.candidates import NOBODY, NOT_ASKED, CheckedCandidate, Decision, Verdict
from twitter_manager.writing.judge import Answers, Judge
from twitter_manager.writing.questions import rewriting
from twitter_manager.writing.recipe import Recipe

OF_THE_WHOLE = frozenset({"format", "near_duplicate", "duplicate", "links", "mentions", "hashtags"})
"""Rules about a post as a whole: every part of it is to blame."""
BEYOND = frozenset({"parts", "secrets", "harm"})
"""Rules that no other wording heals."""
MOST_REASONS = 4
"""How many reasons are told of one part."""

log = logging.getLogger(__name__)

Reasons = dict[int, list[str]]
"""By the places of parts, from 0: what is wrong with them."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Who looks at the answers to one brief, by which rules. `linked`: the material's address goes along on some
    platform; `writer`: can be asked to write again, None where it can't; `judge`: None where nobody judges."""

    recipe: Recipe
    brief: Brief
    context: CheckContext
    writer: Answers | None
    judge: Judge | None
    time_left: TimeLeft
    progress: Progress

    @property
    def linked(self) -> bool:
        return bool(self.context.links)

    def points(self, parts: Sequence[str]) -> tuple[str, ...]:
        """What is noticed of a post, for those who are asked about it."""
        return suspicions(parts, (material_of(self.brief),), self.context.language)


@dataclass(slots=True)
class Review:
    """`usd_left`: of the budget; `made`: the generator's answers, the post written again among them; `checked`: their
    candidates; `judgements`: the judge's answers; `harm`: why the material should wait for a person; `unusable`: the
    judge's last answer does not count; `judge_failed`: why it need not be asked again in this run."""

    usd_left: float
    harm: str = ""
    made: list[Generation] = field(default_factory=list)
    checked: list[CheckedCandidate] = field(default_factory=list)
    judgements: list[Generation] = field(default_factory=list)
    unusable: bool = False
    judge_failed: str = ""

    @property
    def chosen(self) -> CheckedCandidate | None:
        return candidates.chosen(self.checked)

    def affords(self, asked: Answers | Judge) -> bool:
        return asked.free or self.usd_left > 0

    def pay(self, *answers: Generation) -> None:
        self.usd_left -= sum(one.cost_usd for one in answers)


def review(desk: Desk, made: Sequence[Generation], usd_left: float, harm: str = "") -> Review:
    """Check and judge the answers; where none may go out, have the best written again, and check and judge that.
    `harm`: what a judge said before against posting this material."""
    found = Review(usd_left, harm)
    _look_at(desk, found, made)
    if not (found.chosen or found.harm or found.unusable) and (again := _written_again(desk, found)):
        _look_at(desk, found, [again])
    if found.harm:
        found.checked = candidates.with_doubt(found.checked, f"the judge warns: {found.harm}")
    return found


def _look_at(desk: Desk, found: Review, made: Sequence[Generation]) -> None:
    delivery = desk.recipe.delivery
    style = desk.recipe.voice.style
    checked = candidates.check(desk.brief, made, delivery.dress, desk.context, delivery.number, style)
    checked = [replace(one, generation=one.generation + len(found.made)) for one in checked]
    found.made += made
    found.checked += candidates.choose(checked, lambda candidate: _decided(desk, found, candidate))


def _decided(desk: Desk, found: Review, candidate: CheckedCandidate) -> Decision:
    """What the judge says of a candidate, where there is one and the budget has something left for it."""
    judge = desk.judge
    if judge is None:
        return NOBODY
    if found.harm:
        return Decision((Violation("harm", f"The judge warns: {found.harm}"),), final=True)
    if not found.affords(judge):
        return Decision((Violation("judge", "This month's budget leaves nothing for a judge."),), final=True)
    desk.progress(f"{judge.name}: judging a post")
    points = desk.points(candidate.plain)
    verdict = judge.review(desk.brief, candidate.plain, points, desk.time_left, found.usd_left)
    found.pay(*verdict.answers)
    found.judgements += verdict.answers
    found.harm, found.unusable = verdict.harm, verdict.unusable
    found.judge_failed = "; ".join(verdict.reasons) if verdict.failed else ""
    against = [Violation("judge", reason, _part(candidate.plain, reason)) for reason in verdict.reasons]
    if not (verdict.alone or desk.linked or against):
        against.append(Violation("alone", "It can't be understood without a link, and none goes along."))
    if verdict.harm:
        against.append(Violation("harm", f"The judge warns: {verdict.harm}"))
    return Decision(tuple(against), verdict.alone, final=verdict.unusable or bool(verdict.harm))


def _part(parts: Sequence[str], reason: str) -> int:
    """The part that a judge's reason quotes; the first where it quotes none."""
    quoted = reason.partition("“")[2].rpartition("”")[0].rstrip("…")
    return next((at for at, part in enumerate(parts) if quoted and quoted in " ".join(part.split())), 0)


# --- Written again ---------------------------------------------------------------------------------------------------


def _written_again(desk: Desk, found: Review) -> Generation | None:
    """The writer's answer to the request for the wrong parts of the best refused post, with the whole post as its
    candidate where it is of use; None where none came."""
    refused = _to_mend(found.checked)
    if refused is None or desk.writer is None or desk.judge is None or not found.affords(desk.writer):
        return None
    if not found.affords(desk.judge):
        return None
    candidate, reasons = refused
    reasons[min(reasons)] += desk.points(candidate.plain)
    told = {at: list(dict.fromkeys(some))[:MOST_REASONS] for at, some in reasons.items()}
    desk.progress(f"{desk.writer.name}: writing a refused post again")
    try:
        answer = desk.writer.answer(rewriting(desk.brief, candidate.plain, told), desk.time_left)
    except GeneratorError as error:
        log.warning("%s: nothing was written again: %s", desk.writer.name, error)
        return None
    found.pay(answer)
    again = parts_again(answer.raw, candidate.plain, told)
    return replace(answer, candidates=(Candidate(again),) if again else ())


def _to_mend(checked: Sequence[CheckedCandidate]) -> tuple[CheckedCandidate, Reasons] | None:
    """The refused post with the fewest faults, of those that a model wrote, and its faults."""
    refused = [one for one in checked if not one.frame and one.verdict is Verdict.REJECTED and one.plain]
    found = [(one, reasons) for one in refused if (reasons := _reasons(one))]
    return min(found, key=lambda each: (len(each[1]), len(each[0].violations), -each[0].score), default=None)


def _reasons(candidate: CheckedCandidate) -> Reasons:
    """What is wrong with which parts; nothing where it is beyond mending, or was not looked at."""
    reasons: Reasons = {}
    found = candidate.violations
    if NOT_ASKED.against[0] in found or any(violation.rule in BEYOND for violation in found):
        return reasons
    for violation in found:
        places = range(len(candidate.plain)) if violation.rule in OF_THE_WHOLE else [violation.part]
        for at in places:
            reasons.setdefault(min(at, len(candidate.plain) - 1), []).append(violation.message)
    return reasons
