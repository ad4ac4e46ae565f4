"""Why a post that passes every rule waits for a person all the same: because of who may write where its material is
from, or because that place has changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from twitter_manager.domain import Item
from twitter_manager.store import drafts, sources
from twitter_manager.store.database import Database
from twitter_manager.writing.recipe import Recipe

FIRST = 3
"""How many posts from an open source a person lets through before it posts by itself."""
MOST_WAITING = 5
"""While so many posts of a source wait for a person, none that would have to wait too is made from it."""


@dataclass(frozen=True, slots=True)
class Held:
    """The held posts of a bot's sources: `counts` gives how many wait for a person, and how many a person let
    through."""

    db: Database
    recipe: Recipe
    counts: Mapping[str, tuple[int, int]]

    @classmethod
    def of(cls, db: Database, recipe: Recipe) -> Held:
        return cls(db, recipe, drafts.held(db, recipe.bot))

    def why(self, item: Item) -> str:
        """Why a clean post of this item must wait, or ""."""
        if change := sources.change(self.db, self.recipe.bot, item.source, item.key):
            return change
        _, passed = self.counts.get(item.source, (0, 0))
        if self.recipe.material.trust(item) != "open" or passed >= FIRST:
            return ""
        return f"{item.source} is open to anybody: its first {FIRST} posts wait for you ({passed} let through so far)"

    def is_full(self, item: Item, held: str = "") -> bool:
        """Whether a post of this item has to wait (`held`: for a reason of its own), and enough of its source do."""
        waiting, _ = self.counts.get(item.source, (0, 0))
        return waiting >= MOST_WAITING and bool(held or self.why(item))
