"""A bot's vectors: kept up to date, and asked. Trouble with them is a warning: posts come about without."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from twitter_manager.budget import MoneyBudget, share
from twitter_manager.domain import Clock, Generation, Progress, TimeLeft
from twitter_manager.errors import GeneratorError, StoreError
from twitter_manager.pipeline.asking import Asking
from twitter_manager.store import charges, generations
from twitter_manager.store.database import Database

if TYPE_CHECKING:
    from twitter_manager.retrieval.embedder import Embedded
    from twitter_manager.retrieval.retrieval import Retrieval
    from twitter_manager.writing.post_spec import Meaning

log = logging.getLogger(__name__)

T = TypeVar("T")

BACKGROUND, NEAR_POSTS = 3, 3
"""How many passages of other material, and how many old posts, a brief holds at most."""


@dataclass(frozen=True, slots=True)
class Indexer:
    """Makes new material and posts comparable in meaning, within the time and the money."""

    retrieval: Retrieval
    db: Database
    clock: Clock
    time_left: TimeLeft
    fraction: float
    """It takes at most this much of the time that is left when it begins."""
    money: MoneyBudget
    progress: Progress
    redact: Callable[[str], str]
    run_id: int | None = None
    time_zone: str = "UTC"

    def update(self) -> tuple[int, list[str]]:
        """Index what is new. Gives how much is left, and what went wrong."""
        left, wrong = _answer(self._update, 0, "the index is not up to date")
        return left, [self.redact(wrong)] if wrong else []

    def _update(self) -> int:
        left, embedder = share(self.time_left, self.fraction), self.retrieval.embedder
        asking = Asking(self.db, self.retrieval.bot, self.clock, self.time_zone)
        if line := asking.limit(embedder):
            raise GeneratorError(line)
        try:
            done = self.retrieval.update(self.progress, left, self._paid, lambda: self.money.usd_left > 0)
        except GeneratorError as error:
            self.money.pay("comparing", "openai", error.tokens, error.cost_usd)
            asking.met(embedder, error, self.redact(str(error)))
            raise
        if done.passages or done.posts:
            asking.passed(embedder)
        return done.left

    def _paid(self, embedded: Embedded, texts: int) -> None:
        """Note what a service took for so many texts."""
        embedder = self.retrieval.embedder
        if embedder.free:
            return
        self.money.spend(embedded.cost_usd)
        charge = charges.Charge(
            self.clock(), self.retrieval.bot, "openai", "comparing", embedded.tokens, embedded.cost_usd, self.run_id
        )
        charges.add(self.db, charge)  # in the transaction that keeps the vectors
        answer = Generation(
            generator="openai",
            model=embedder.model,
            prompt=f"embeddings of {texts} texts",
            tokens_in=embedded.tokens,
            cost_usd=embedded.cost_usd,
            seconds=embedded.seconds,
        )
        generations.add(self.db, answer, (), "embedded", self.clock(), run_id=self.run_id)


def meaning(retrieval: Retrieval) -> Meaning:
    """The answers of the index. Trouble with it is no reason to write nothing."""
    from twitter_manager.writing.post_spec import Meaning

    none: tuple[str, ...] = ()
    return Meaning(
        likeness=lambda item: _answer(lambda: retrieval.likeness(item), 0.0)[0],
        background=lambda numbers: _answer(lambda: retrieval.related(numbers, BACKGROUND), none)[0],
        near=lambda numbers: _answer(lambda: retrieval.near_posts(numbers, NEAR_POSTS), none)[0],
    )


def _answer(ask: Callable[[], T], otherwise: T, trouble: str = "texts are not compared in meaning") -> tuple[T, str]:
    """What is answered, and what went wrong: a library that can't be loaded, an index that has no room in memory."""
    try:
        return ask(), ""
    except StoreError:
        raise
    except Exception as error:
        log.warning("%s: %s", trouble, error, exc_info=not isinstance(error, GeneratorError))
        return otherwise, f"{trouble}: {error}"
