"""Keeps the vectors of one bot in step with its material and posts: what is new or changed is embedded, what is retired
goes. Each batch is committed by itself, so that a run that is killed, or out of time, loses no more than one."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from twitter_manager.domain import Item, Progress, TimeLeft
from twitter_manager.retrieval.embedder import Embedded, Embedder, Vectors
from twitter_manager.retrieval.passages import Passage, passages
from twitter_manager.store import items
from twitter_manager.store import passages as store
from twitter_manager.store.database import Database

BATCH = 128
"""Passages that are embedded and committed together: some seconds' worth."""
LEAST_SECONDS = 15.0
"""With less than this left nothing is begun: loading the model alone takes half of it."""
OLD_POSTS = 2_000
"""How many of the newest posts are made comparable at the first time; later ones are added as they come."""

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Counts:
    """What was done: items indexed anew, their passages, posts; and how many items and posts are left."""

    items: int = 0
    passages: int = 0
    posts: int = 0
    left: int = 0


@dataclass(frozen=True, slots=True)
class Indexing:
    """One update. `paid` is told, inside the transaction that keeps the vectors of so many texts, what they took;
    `may_ask` tells before each batch whether it may cost."""

    db: Database
    bot: str
    embedder: Embedder
    progress: Progress
    time_left: TimeLeft
    paid: Callable[[Embedded, int], None] = lambda embedded, texts: None
    may_ask: Callable[[], bool] = lambda: True

    def update(self, counts: Counts) -> None:
        """Index the newest first, as far as the time and the money go; what is left, the next update does. `counts`
        is kept up to date on the way. Raises GeneratorError."""
        if store.has_retired(self.db, self.bot):
            with self.db.transaction():
                store.forget_retired(self.db, self.bot)
        if not store.has_material(self.db, self.bot):
            return
        model = self.embedder.model
        stale = store.stale_items(self.db, self.bot, model)
        posts = list(store.stale_posts(self.db, self.bot, model, OLD_POSTS).items())
        counts.left = len(stale) + len(posts)
        for batch in _batches(self._cut(stale)):
            if not self._ready():
                return
            counts.passages += self._index(batch, model)
            counts.items, counts.left = counts.items + len(batch), counts.left - len(batch)
            self.progress(f"Index: {counts.items} of {len(stale)} pieces of material")
        for start in range(0, len(posts), BATCH):
            if not self._ready():
                return
            some = posts[start : start + BATCH]
            self._index_posts(some, model)
            counts.posts, counts.left = counts.posts + len(some), counts.left - len(some)
            self.progress(f"Index: {counts.posts} of {len(posts)} posts")

    def _ready(self) -> bool:
        return self.time_left() > LEAST_SECONDS and (self.embedder.free or self.may_ask())

    def _cut(self, numbers: Sequence[int]) -> Iterator[_Cut]:
        for number in numbers:
            item = items.get(self.db, number)
            assert item is not None
            yield _Cut(number, item, passages(item.text, item.title))

    def _index(self, batch: Sequence[_Cut], model: str) -> int:
        texts = [passage.whole for cut in batch for passage in cut.passages]
        embedded = self.embedder.embed(texts, self.time_left) if texts else None
        rows = iter(() if embedded is None else embedded.vectors)
        with self.db.transaction():
            self._note(embedded, len(texts), model)
            for cut in batch:
                new_passages = [
                    store.NewPassage(passage.heading, passage.text, _bytes(next(rows))) for passage in cut.passages
                ]
                store.keep(self.db, cut.number, cut.item, model, new_passages)
        return len(texts)

    def _index_posts(self, posts: Sequence[tuple[int, str]], model: str) -> None:
        embedded = self.embedder.embed([text for _, text in posts], self.time_left)
        with self.db.transaction():
            self._note(embedded, len(posts), model)
            for (number, _), row in zip(posts, embedded.vectors, strict=True):
                store.keep_post(self.db, number, model, _bytes(row))

    def _note(self, embedded: Embedded | None, texts: int, model: str) -> None:
        if embedded is not None:
            store.forget_other_sizes(self.db, model, int(embedded.vectors.shape[1]))
            self.paid(embedded, texts)


@dataclass(frozen=True, slots=True)
class _Cut:
    number: int
    item: Item
    passages: tuple[Passage, ...]


def _batches(cuts: Iterator[_Cut]) -> Iterator[list[_Cut]]:
    """Items together until they have BATCH passages, or are as many."""
    batch: list[_Cut] = []
    size = 0
    for cut in cuts:
        batch.append(cut)
        size += max(1, len(cut.passages))
        if size >= BATCH:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _bytes(row: Vectors) -> bytes:
    return bytes(row.astype("<f4").tobytes())
