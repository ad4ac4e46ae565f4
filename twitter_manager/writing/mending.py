"""Has the parts of a thread that the checks refused written again, once, by the model that wrote them.

What may be posted is left to the checks: the mended thread is a further candidate like any other.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace

from twitter_manager.domain import Brief, Candidate, Generation, TimeLeft
from twitter_manager.errors import GeneratorError
from twitter_manager.writing.answers import parts_again
from twitter_manager.writing.brief import again
from twitter_manager.writing.candidates import Judged
from twitter_manager.writing.critic import Answers

OF_THE_WHOLE = frozenset({"parts", "format", "near_duplicate", "links", "mentions", "hashtags"})
"""Rules about a post as a whole: no part of it alone is to blame."""
MOST_REASONS = 3
"""How many reasons are told of one part."""

log = logging.getLogger(__name__)

Wrong = Mapping[int, Sequence[str]]
"""By the places of parts, from 0: what is wrong with them."""


def mendable(made: Sequence[Generation], judged: Judged) -> tuple[Candidate, Wrong] | None:
    """The thread with the fewest parts to write again, of those that a model wrote; None where there is none, where
    one passed already, or where as a whole they are beyond mending."""
    written = [candidate for generation in made for candidate in generation.candidates]
    found: list[tuple[Candidate, Wrong]] = []
    for candidate, one in zip(written, judged.all, strict=True):
        rules = {violation.rule for violation in one.violations}
        if candidate.frame or len(candidate.parts) < 2 or rules & OF_THE_WHOLE or not rules:
            continue
        wrong: dict[int, list[str]] = {}
        for violation in one.violations:
            wrong.setdefault(violation.part, []).append(violation.message)
        found.append((candidate, {at: list(dict.fromkeys(some))[:MOST_REASONS] for at, some in wrong.items()}))
    if judged.chosen is not None or not found:
        return None
    return min(found, key=lambda one: len(one[1]))


def written_again(
    who: Answers, brief: Brief, candidate: Candidate, wrong: Wrong, time_left: TimeLeft
) -> Generation | None:
    """The answer to the request for the wrong parts, with the whole thread as its candidate where it is of use; None
    where none came. Raises nothing of its own: the next generator has its turn then."""
    try:
        answer = who.answer(again(brief, candidate.parts, wrong), time_left)
    except GeneratorError as error:
        log.warning("%s: no part was written again: %s", who.name, error)
        return None
    parts = parts_again(answer.raw, candidate.parts, wrong)
    return replace(answer, candidates=(Candidate(parts),) if parts else ())
