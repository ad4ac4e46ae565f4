"""Looks again at drafts that were made under older rules, before any of them goes out.

What a model wrote without a judge's yes is skipped. The rest must pass the checks of today; a post in the words of
fetched material must be among what the material gives today too, unless a person let it through.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from twitter_manager.checks import check_draft
from twitter_manager.domain import Brief, Draft, DraftStatus, Json, Violation
from twitter_manager.store import drafts, generations, items
from twitter_manager.store.database import Database
from twitter_manager.writing import briefing
from twitter_manager.writing.candidates import RULES_EDITION
from twitter_manager.writing.recipe import Recipe
from twitter_manager.writing.topics import Choice

NOT_TODAY = "the rules of today would not make it"
MOST_OF_AN_ITEM = 200
"""Posts of one item among which an older one is looked for."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Recheck:
    """One look at what a bot's older rules let through."""

    db: Database
    recipe: Recipe
    run_id: int
    now: datetime
    redact: Callable[[str], str]

    def run(self) -> None:
        """Skip what would not be made today, set aside what is doubted, and mark the rest as passed."""
        for draft in drafts.of_older_rules(self.db, self.recipe.bot, RULES_EDITION):
            found = self._found(draft)
            doubted = bool(found) and all(one.doubt for one in found)
            reason = self.redact("; ".join(dict.fromkeys(one.message for one in found)))
            with self.db.transaction():
                if not found:
                    drafts.passed(self.db, draft, RULES_EDITION, self.now, self.run_id)
                    continue
                status = DraftStatus.NEEDS_ATTENTION if doubted else DraftStatus.SKIPPED
                drafts.move(self.db, draft, status, self.now, run_id=self.run_id, reason=reason)
            log.info("draft %d, made under older rules: %s (%s)", draft.id, status, reason)

    def _found(self, draft: Draft) -> Sequence[Violation]:
        """What is against a draft today."""
        made = generations.of_draft(self.db, draft.id)
        is_written = _was_written(made)
        if is_written and not any(one["generator"].startswith("judge ") for one in made):
            return [Violation("judge", f"{NOT_TODAY}: a model wrote it, and no judge said yes")]
        numbers = [number for number in (draft.item_id, *draft.choice.get("also", ())) if number is not None]
        material = [(number, item) for number in numbers if (item := items.get(self.db, number)) is not None]
        if not material or len(material) < len(numbers):
            return [Violation("material", f"{NOT_TODAY}: its material is gone")]
        choice = Choice(draft.topic, draft.format, tuple(material), {"seed": 0} | dict(draft.choice))
        brief = briefing.brief(self.recipe, choice, self.now)
        context = briefing.context(self.db, self.recipe, brief, dict(draft.links), self.now)
        context = replace(context, recent=(), used_hashes=lambda digest: False, written_by_model=is_written)
        found = check_draft(draft.parts, context)
        is_let_through = "held" in draft.choice
        if is_let_through:
            found = tuple(one for one in found if not one.doubt)
        is_a_notes = all(item.kind == "note" for _, item in material)
        if found or is_written or is_let_through or is_a_notes or draft.parts in self._made_today(brief):
            return found
        return [Violation("material", NOT_TODAY)]

    def _made_today(self, brief: Brief) -> set[tuple[str, ...]]:
        """All that the material gives without a model, as it would be posted."""
        from twitter_manager.writing.generators.excerpt import Excerpt

        delivery = self.recipe.delivery
        made = Excerpt().generate([brief], MOST_OF_AN_ITEM, lambda: 0.0, lambda line: None)
        every = (candidate.parts for _, group in made for generation in group for candidate in generation.candidates)
        return {delivery.number(delivery.dress(parts)) for parts in every}


def _was_written(made: Sequence[Json]) -> bool:
    """Whether a model wrote the text that was chosen: a service, or a local one that did not choose among true ones."""
    for generation in made:
        chosen = [one for one in generation["candidates"] if one["verdict"] == "chosen"]
        if chosen and generation["generator"] != "excerpt":
            local = generation["generator"] == "huggingface"
            return not local or "mean_logprob" in chosen[0]["scores"]
    return False
