"""How a bot comes by its material: the look at its sources, and the one client that fetches."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from twitter_manager.domain import Clock, Progress, TimeLeft
from twitter_manager.settings import Bot
from twitter_manager.store import items
from twitter_manager.store import sources as memory
from twitter_manager.store.database import Database
from twitter_manager.wiring.meaning import index_new
from twitter_manager.wiring.services import LOADS_A_MODEL

if TYPE_CHECKING:
    from twitter_manager.collecting import Collecting
    from twitter_manager.retrieval.retrieval import Retrieval
    from twitter_manager.sources.fetch import Fetcher
    from twitter_manager.writing.refill import Refill


def collecting(
    bot: Bot,
    db: Database,
    clock: Clock,
    time_left: TimeLeft,
    progress: Progress,
    redact: Callable[[str], str],
    run_id: int | None = None,
) -> Collecting:
    """The bot's sources, ready to be looked at."""
    from twitter_manager.collecting import Collecting

    return Collecting(db, bot.name, bot.sources, fetcher, clock, time_left, progress, redact, run_id)


def fetcher(time_left: TimeLeft) -> Fetcher:
    """The one client that fetches what others wrote."""
    from twitter_manager.sources.fetch import Fetcher

    return Fetcher(sleep=time.sleep, monotonic=time.monotonic, time_left=time_left)


def has_fast_news(bot: Bot) -> bool:
    """Whether news can be written about at once: there is a source of it, and a generator that loads no model."""
    from twitter_manager.collecting import NEWS

    return any(source.kind in NEWS for source in bot.sources) and bool(set(bot.generators.usable) - {*LOADS_A_MODEL})


def is_used_up(bot: Bot, db: Database) -> bool:
    """Whether it is in order that nothing can be chosen now: there is material, and some source can be read. Where
    items may be posted and none was ever chosen, the bot's topics don't fit them."""
    looked = memory.remembered(db, bot.name).values()
    if not items.newest_id(db, bot.name) or (looked and all(one.error for one in looked)):
        return False
    return not items.available(db, bot.name) or bool(items.last_used(db, bot.name))


def look_at_sources(bot: Bot, refill: Refill, news_only: bool, retrieval: Retrieval | None, index: float) -> list[str]:
    """Look at the sources that are due, and index what they gave; not so for news alone, which waits for no model."""
    from twitter_manager.collecting import NEWS

    made = collecting(bot, refill.db, refill.clock, refill.time_left, refill.progress, refill.redact, refill.run_id)
    looked = made.collect(kinds=NEWS if news_only else ())
    trouble = [f"{one.source.name}: {line}" for one in looked for line in (one.error, *one.warnings) if line]
    return trouble + ([] if news_only or retrieval is None or not index else index_new(retrieval, refill, index))
