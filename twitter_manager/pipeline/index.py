"""A bot's vectors: kept up to date, and asked. Trouble with them is a warning: posts come about without."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from twitter_manager import budget
from twitter_manager.errors import GeneratorError, StoreError
from twitter_manager.settings import Bot
from twitter_manager.sources import NOTES
from twitter_manager.store import passages
from twitter_manager.store.database import Database

if TYPE_CHECKING:
    from twitter_manager.retrieval.embedder import Embedded, Embedder
    from twitter_manager.retrieval.retrieval import Retrieval
    from twitter_manager.writing.recipe import Meaning
    from twitter_manager.writing.refill import Refill

log = logging.getLogger(__name__)

T = TypeVar("T")

BACKGROUND, NEAR_POSTS = 3, 3
"""How many passages of other material, and how many old posts, a brief holds at most."""
INDEXING, WHILE_A_POST_WAITS = 0.25, 0.07
"""A run spends at most this share of the time it has left on indexing."""


def has_more_than_notes(bot: Bot) -> bool:
    """Whether the bot has sources of other material than notes."""
    return any(source.kind not in NOTES for source in bot.sources)


def retrieval(bot: Bot, db: Database, embedder: Embedder | None) -> Retrieval | None:
    """The bot's vectors; None for one of notes alone. A model that is not there is told in the log, and nothing is
    compared in meaning."""
    if embedder is None or not (has_more_than_notes(bot) or passages.has_retired(db, bot.name)):
        return None
    from twitter_manager.retrieval.retrieval import Retrieval

    try:
        return Retrieval(db, bot.name, embedder) if embedder.model else None
    except GeneratorError as error:
        log.warning("texts are not compared in meaning: %s", error)
        return None


def meaning(retrieval: Retrieval) -> Meaning:
    """The answers of the index. Trouble with it is no reason to write nothing."""
    from twitter_manager.writing.recipe import Meaning

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


def index_new(retrieval: Retrieval, refill: Refill, share: float) -> list[str]:
    """Index what is new in this share of the time; gives what went wrong, which is no reason to write nothing."""
    from twitter_manager.domain import Generation
    from twitter_manager.store import generations

    left = budget.share(refill.time_left, share)

    def paid(embedded: Embedded, texts: int) -> None:
        if retrieval.embedder.free:
            return
        refill.usd_left -= embedded.cost_usd
        made = Generation(
            generator="openai",
            model=retrieval.embedder.model,
            prompt=f"embeddings of {texts} texts",
            tokens_in=embedded.tokens,
            cost_usd=embedded.cost_usd,
            seconds=embedded.seconds,
        )
        generations.add(refill.db, made, (), "embedded", refill.clock(), run_id=refill.run_id)

    def update() -> int:
        return retrieval.update(refill.progress, left, paid, may_ask=lambda: refill.usd_left > 0).left

    return update_index(update, refill.redact)[1]


def update_index(update: Callable[[], int], redact: Callable[[str], str]) -> tuple[int, list[str]]:
    """Do an update of the index; gives how much is left, and what went wrong: posts come about without it."""
    left, wrong = _answer(update, 0, "the index is not up to date")
    return left, [redact(wrong)] if wrong else []
