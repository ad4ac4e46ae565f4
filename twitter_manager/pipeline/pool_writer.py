"""Writes for the pool of one bot; nothing of `writing` is imported before there is something to write."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from twitter_manager.domain import RULES_EDITION, Clock
from twitter_manager.pipeline import evergreen, holding, leaving, outlook
from twitter_manager.pipeline.approval import Approval
from twitter_manager.pipeline.collect import NEWS
from twitter_manager.pipeline.context import AtRest
from twitter_manager.providers import LOADS_A_MODEL
from twitter_manager.settings import Bot
from twitter_manager.store import drafts, experiments, items
from twitter_manager.store import sources as memory
from twitter_manager.store.database import Database

if TYPE_CHECKING:
    from twitter_manager.pipeline.experimenting import Experimenter
    from twitter_manager.pipeline.fill import PoolFiller
    from twitter_manager.writing.post_spec import PostSpec


@dataclass(frozen=True, slots=True)
class PoolWriter:
    """See `context.Writer`."""

    bot: Bot
    db: Database
    clock: Clock
    redact: Callable[[str], str]
    filler: Callable[[int], PoolFiller]
    """Puts together what fills the pool in this run."""
    spec: Callable[[], PostSpec]
    """What the bot's posts are made from and how."""
    experimenter: Callable[[], Experimenter]
    """Runs its experiment."""

    def write(self, run_id: int) -> str:
        return self.top_up(run_id, 1)

    def top_up(self, run_id: int, wanted: int) -> str:
        if not self.bot.sources:
            return AtRest(self.bot.on_material)
        filler = self.filler(run_id)
        shortage = filler.fill(wanted)
        if not shortage:
            return ""
        wrong = filler.lacking() or filler.turned_down or not is_used_up(self.bot, self.db)
        return shortage if wrong else AtRest(shortage)

    def write_news(self, run_id: int) -> str:
        if has_fast_news(self.bot):
            filler = self.filler(run_id)
            filler.generators = [pair for pair in filler.generators if pair[0].name not in LOADS_A_MODEL]
            filler.fill(1, news_only=True)
        return ""

    def let_go(self, run_id: int) -> list[str]:
        return leaving.let_go(self.db, self.bot.name, self.bot.sources, self.clock(), run_id)

    def hold(self, run_id: int) -> None:
        holding.hold(self.db, self.bot.name, Approval.of(self.bot), self.clock(), run_id)

    def recheck(self, run_id: int) -> None:
        if not drafts.of_older_rules(self.db, self.bot.name, RULES_EDITION):
            return
        from twitter_manager.writing.recheck import recheck

        recheck(self.db, self.spec(), run_id, self.clock(), self.redact)

    def running_out(self, run_id: int) -> str:
        return outlook.running_out(self.bot, self.db, self.clock(), run_id)

    def offer_again(self, run_id: int) -> None:
        evergreen.offer_again(self.db, self.bot, self.clock(), lambda: self.filler(run_id))

    def conclude(self, run_id: int) -> str:
        return self.experimenter().conclude() if experiments.running(self.db, self.bot.name) else ""


def has_fast_news(bot: Bot) -> bool:
    """Whether news can be written about at once: there is a source of it, and a generator that loads no model."""
    return any(source.kind in NEWS for source in bot.sources) and bool(set(bot.generators.usable) - {*LOADS_A_MODEL})


def is_used_up(bot: Bot, db: Database) -> bool:
    """Whether it is in order that nothing can be chosen now: there is material, and some source can be read. Where
    items may be posted and none was ever chosen, the bot's topics don't fit them."""
    looked_at = memory.remembered(db, bot.name).values()
    if not items.newest_id(db, bot.name) or (looked_at and all(source.error for source in looked_at)):
        return False
    return not items.available(db, bot.name) or bool(items.last_used(db, bot.name))
