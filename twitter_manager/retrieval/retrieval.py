"""Answers from the stored vectors of one bot what writing asks: what else there is on a subject, what was posted on it.

No model is loaded for an answer, only for an update, and only when there is something new. Notes have no passages and
are never asked about: each is a whole by itself, and a bot of notes alone needs no vectors.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from twitter_manager.domain import Item, Progress, TimeLeft
from twitter_manager.retrieval.embedder import Embedded, Embedder, Vectors
from twitter_manager.retrieval.index import Index
from twitter_manager.retrieval.indexing import Counts, Indexing
from twitter_manager.store import drafts, items
from twitter_manager.store import passages as store
from twitter_manager.store.database import Database

RELATED = 0.45
"""Passages less like an item than this are about something else (MiniLM: unrelated texts have about 0.1)."""
NEAR = 0.5
"""Posts less like an item than this don't say the same."""

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Retrieval:
    """One bot's vectors. The answers rest on those that are stored under the embedder's model."""

    db: Database
    bot: str
    embedder: Embedder
    _passages: Index | None = None
    _posts: Index | None = None
    _middles: dict[int, Vectors | None] = field(default_factory=dict)

    def update(
        self,
        progress: Progress,
        time_left: TimeLeft,
        paid: Callable[[Embedded, int], None] = lambda embedded, texts: None,
        may_ask: Callable[[], bool] = lambda: True,
    ) -> Counts:
        """See `Indexing`. Raises GeneratorError; what was done before stays."""
        counts = Counts()
        try:
            Indexing(self.db, self.bot, self.embedder, progress, time_left, paid, may_ask).update(counts)
        finally:
            self._passages = self._posts = None
            self._middles.clear()
            if counts.items or counts.posts:
                log.info("indexed %d items (%d passages), %d posts", counts.items, counts.passages, counts.posts)
        return counts

    def related(self, numbers: Collection[int], k: int) -> tuple[str, ...]:
        """The `k` passages of other material that are nearest in meaning to these items, those that serve as background
        alone too; nearest first."""
        middle = self._middle(numbers)
        if middle is None:
            return ()
        own = {" ".join(item.text.split()) for number in numbers if (item := items.get(self.db, number))}
        neighbours = self._passage_index().nearest(middle, 4 * k, numbers)
        texts = store.texts(self.db, [number for like, number in neighbours if like >= RELATED])
        return tuple(text for text in dict.fromkeys(texts) if not any(_body(text) in whole for whole in own))[:k]

    def near_posts(self, numbers: Collection[int], k: int) -> tuple[str, ...]:
        """The `k` posts of the bot that are nearest in meaning to these items; nearest first."""
        middle = self._middle(numbers)
        neighbours = [] if middle is None else self._post_index().nearest(middle, k)
        posts = [drafts.get(self.db, number) for like, number in neighbours if like >= NEAR]
        return tuple(draft.text for draft in posts if draft)

    def likeness(self, item: Item) -> float:
        """How like (0 to 1) an item is to the post nearest to it in meaning; 0 for what is not indexed."""
        number = None if item.kind == "note" else store.item_id(self.db, self.bot, item)
        if number is None:
            return 0.0
        if number not in self._middles:
            self._middles[number] = self._middle([number])
        middle = self._middles[number]
        neighbours = [] if middle is None else self._post_index().nearest(middle, 1)
        return round(max(0.0, min(1.0, neighbours[0][0])), 4) if neighbours else 0.0

    def _middle(self, numbers: Collection[int]) -> Vectors | None:
        """What these items are about; None where they are not indexed, and then nothing is loaded."""
        indexed = store.is_indexed(self.db, list(numbers), self.embedder.model)
        return self._passage_index().middle(numbers) if indexed else None

    def _passage_index(self) -> Index:
        if self._passages is None:
            self._passages = Index.load(*store.vectors(self.db, self.bot, self.embedder.model))
        return self._passages

    def _post_index(self) -> Index:
        if self._posts is None:
            self._posts = Index.load(*store.post_vectors(self.db, self.bot, self.embedder.model))
        return self._posts


def _body(passage: str) -> str:
    """A passage without its heading, in one line."""
    return " ".join(passage.partition("\n")[2].split() or passage.split())
