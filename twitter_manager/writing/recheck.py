"""Looks again at drafts that were made under older rules, before any of them goes out.

What a model wrote then had no judge, so it is skipped. A note's post must pass the checks of today, fetched material's
must be among what the material gives today.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace

from twitter_manager.checks import check_draft
from twitter_manager.domain import Draft, DraftStatus, Item, Json, Violation
from twitter_manager.store import drafts, generations, items
from twitter_manager.writing import formats
from twitter_manager.writing.candidates import RULES_EDITION
from twitter_manager.writing.refill import Refill
from twitter_manager.writing.topics import Choice

NOT_TODAY = "the rules of today would not make it"
MOST_OF_AN_ITEM = 200
"""Posts of one item among which an older one is looked for."""

log = logging.getLogger(__name__)


def recheck(refill: Refill) -> None:
    """Skip what would not be made today, set aside what is doubted, and mark the rest as passed."""
    for draft in drafts.of_older_rules(refill.db, refill.recipe.bot, RULES_EDITION):
        found = _found(refill, draft)
        doubted = bool(found) and all(one.doubt for one in found)
        reason = refill.redact("; ".join(dict.fromkeys(one.message for one in found)))
        with refill.db.transaction():
            if not found:
                drafts.passed(refill.db, draft, RULES_EDITION, refill.clock(), refill.run_id)
                continue
            status = DraftStatus.NEEDS_ATTENTION if doubted else DraftStatus.SKIPPED
            drafts.move(refill.db, draft, status, refill.clock(), run_id=refill.run_id, reason=reason)
        log.info("draft %d, made under older rules: %s (%s)", draft.id, status, reason)


def _found(refill: Refill, draft: Draft) -> Sequence[Violation]:
    """What is against a draft today."""
    if _was_written(generations.of_draft(refill.db, draft.id)):
        return [Violation("judge", f"{NOT_TODAY}: a model wrote it, and no judge said yes")]
    numbers = [number for number in (draft.item_id, *draft.choice.get("also", ())) if number is not None]
    material = [(number, item) for number in numbers if (item := items.get(refill.db, number)) is not None]
    if not material or len(material) < len(numbers):
        return [Violation("material", f"{NOT_TODAY}: its material is gone")]
    choice = Choice(draft.topic, draft.format, tuple(material), {"seed": 0} | dict(draft.choice))
    brief = refill.brief(choice)
    context = replace(refill.context(brief, dict(draft.links)), recent=(), used_hashes=lambda digest: False)
    found = check_draft(draft.parts, replace(context, written_by_model=False))
    if "held" in draft.choice:  # a person let it through
        found = tuple(one for one in found if not one.doubt)
    if found or _are_notes([item for _, item in material]):
        return found
    if draft.parts not in _made_today(refill, choice):
        return [Violation("material", NOT_TODAY)]
    return []


def _are_notes(material: Sequence[Item]) -> bool:
    return all(item.kind == "note" for item in material)


def _made_today(refill: Refill, choice: Choice) -> set[tuple[str, ...]]:
    """All that the material gives without a model, as it would be posted."""
    from twitter_manager.writing.generators.excerpt import Excerpt

    number = formats.numbered if refill.recipe.numbered else tuple
    made = Excerpt().generate([refill.brief(choice)], MOST_OF_AN_ITEM, refill.time_left, refill.progress)
    every = (candidate.parts for _, group in made for generation in group for candidate in generation.candidates)
    return {tuple(number(refill.dress(parts))) for parts in every}


def _was_written(made: Sequence[Json]) -> bool:
    """Whether a model wrote the text that was chosen: a service, or a local one that did not choose among true ones."""
    for generation in made:
        chosen = [one for one in generation["candidates"] if one["verdict"] == "chosen"]
        if chosen and generation["generator"] != "excerpt":
            local = generation["generator"] == "huggingface"
            return not local or "mean_logprob" in chosen[0]["scores"]
    return False
