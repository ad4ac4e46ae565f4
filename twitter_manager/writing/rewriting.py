"""Has a post that was refused written again, once, by the model that wrote it, with the reasons before its eyes.

What may be posted is left to the checks and the judge: what comes is a further candidate like any other.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace

from twitter_manager.domain import Brief, Candidate, Generation, TimeLeft
from twitter_manager.errors import GeneratorError
from twitter_manager.writing.answers import parts_again
from twitter_manager.writing.candidates import NOT_ASKED, CheckedCandidate, Verdict
from twitter_manager.writing.judge import Answers
from twitter_manager.writing.questions import rewriting

OF_THE_WHOLE = frozenset({"format", "near_duplicate", "duplicate", "links", "mentions", "hashtags"})
"""Rules about a post as a whole: every part of it is to blame."""
BEYOND = frozenset({"parts", "secrets", "harm"})
"""Rules that no other wording heals."""
MOST_REASONS = 4
"""How many reasons are told of one part."""

log = logging.getLogger(__name__)

Reasons = dict[int, list[str]]
"""By the places of parts, from 0: what is wrong with them."""


def to_rewrite(
    checked: Sequence[CheckedCandidate], points: Callable[[tuple[str, ...]], Sequence[str]]
) -> tuple[CheckedCandidate, Reasons] | None:
    """The refused post with the fewest faults, of those that a model wrote, and its faults; None where there is none,
    or where one may go out. `points`: what is noticed of a post besides."""
    if any(one.verdict is Verdict.CHOSEN for one in checked):
        return None
    found = [(one, _reasons(one)) for one in checked if not one.frame and one.verdict is Verdict.REJECTED and one.plain]
    found = [(one, reasons) for one, reasons in found if reasons]
    if not found:
        return None
    best, reasons = min(found, key=lambda each: (len(each[1]), len(each[0].violations), -each[0].score))
    if more := list(points(best.plain)):
        first = min(reasons)
        reasons[first] = [*reasons[first], *more]
    return best, {at: list(dict.fromkeys(some))[:MOST_REASONS] for at, some in reasons.items()}


def _reasons(candidate: CheckedCandidate) -> Reasons:
    """What is wrong with which parts; nothing where it is beyond mending."""
    reasons: Reasons = {}
    unseen = NOT_ASKED.against[0] in candidate.violations
    if unseen or any(violation.rule in BEYOND for violation in candidate.violations):
        return reasons
    for violation in candidate.violations:
        places = range(len(candidate.plain)) if violation.rule in OF_THE_WHOLE else [violation.part]
        for at in places:
            reasons.setdefault(min(at, len(candidate.plain) - 1), []).append(violation.message)
    return reasons


def written_again(
    who: Answers, brief: Brief, parts: tuple[str, ...], reasons: Reasons, time_left: TimeLeft
) -> Generation | None:
    """The answer to the request for the wrong parts, with the whole post as its candidate where it is of use; None
    where none came. Raises nothing of its own: the next generator has its turn then."""
    try:
        answer = who.answer(rewriting(brief, parts, reasons), time_left)
    except GeneratorError as error:
        log.warning("%s: nothing was written again: %s", who.name, error)
        return None
    again = parts_again(answer.raw, parts, reasons)
    return replace(answer, candidates=(Candidate(again),) if again else ())
