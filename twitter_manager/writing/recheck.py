"""Looks again at drafts that were made under older rules, before any of them goes out.

What a model wrote without a judge's yes is skipped. The rest must pass the checks of today; a post in the words of
fetched material must be among what the material gives today too, unless a person let it through.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from twitter_manager.checks import check_post
from twitter_manager.domain import RULES_EDITION, Brief, Draft, DraftStatus, Json, Violation
from twitter_manager.errors import Changed
from twitter_manager.store import drafts, generations, items
from twitter_manager.store.database import Database
from twitter_manager.writing import briefing
from twitter_manager.writing.post_spec import PostSpec
from twitter_manager.writing.topics import Choice

NOT_TODAY = "the rules of today would not make it"

log = logging.getLogger(__name__)


def recheck(db: Database, spec: PostSpec, run_id: int, now: datetime, redact: Callable[[str], str]) -> None:
    """Skip what would not be made today, set aside what is doubted or was approved by a person, and mark the rest as
    passed."""
    for draft in drafts.of_older_rules(db, spec.bot, RULES_EDITION):
        found = _against(db, spec, draft, now)
        reason = redact("; ".join(dict.fromkeys(one.message for one in found)))
        is_doubted = drafts.is_vouched_for(db, draft) or all(one.doubt for one in found)  # who approved it decides
        status = DraftStatus.NEEDS_ATTENTION if is_doubted else DraftStatus.SKIPPED
        try:
            with db.transaction():
                if found:
                    drafts.move(db, draft, status, now, run_id=run_id, reason=reason)
                else:
                    drafts.passed(db, draft, RULES_EDITION, now, run_id)
        except Changed:
            continue  # a person was quicker
        if found:
            log.info("draft %d, made under older rules: %s (%s)", draft.id, status, reason)


def _against(db: Database, spec: PostSpec, draft: Draft, now: datetime) -> Sequence[Violation]:
    """What is against a draft today."""
    made = generations.of_draft(db, draft.id)
    is_written = _was_written(made, draft.texts)
    if is_written and not any(one["generator"].startswith("judge ") for one in made):
        return [Violation("judge", f"{NOT_TODAY}: a model wrote it, and no judge said yes")]
    numbers = [number for number in (draft.item_id, *draft.choice.get("also", ())) if number is not None]
    material = [(number, item) for number in numbers if (item := items.get(db, number)) is not None]
    if not material or len(material) < len(numbers):
        return [Violation("material", f"{NOT_TODAY}: its material is gone")]
    brief = briefing.brief(spec, Choice(draft.topic, draft.format, tuple(material), {"seed": 0} | draft.choice), now)
    context = briefing.context(db, spec, brief, dict(draft.links), now)
    context = replace(context, recent=(), used_hashes=lambda digest: False, written_by_model=is_written)
    is_let_through = "held" in draft.choice
    found = [one for one in check_post(draft.parts, context) if not (one.doubt and is_let_through)]
    is_a_notes = all(item.kind == "note" for _, item in material)
    if found or is_written or is_let_through or is_a_notes or draft.texts in _made_today(spec, brief):
        return found
    return [Violation("material", NOT_TODAY)]


def _made_today(spec: PostSpec, brief: Brief) -> set[tuple[str, ...]]:
    """All that the material gives without a model, as it would be posted."""
    from twitter_manager.writing.generators.excerpt import excerpts

    delivery = spec.delivery
    return {delivery.number(delivery.dress(one.parts)) for one in excerpts(brief)}


def _was_written(made: Sequence[Json], texts: tuple[str, ...]) -> bool:
    """Whether a model wrote the text that was chosen, or kept for a person: a service, or a local one that did not
    choose among true ones."""
    for generation in made:
        chosen = [one for one in generation["candidates"] if one["verdict"] == "chosen" or _is_kept(one, texts)]
        if chosen and generation["generator"] != "excerpt":
            return generation["generator"] != "huggingface" or "naturalness" not in chosen[0]["scores"]
    return False


def _is_kept(candidate: Json, texts: tuple[str, ...]) -> bool:
    return candidate["verdict"] == "doubted" and tuple(candidate["parts"]) == texts
