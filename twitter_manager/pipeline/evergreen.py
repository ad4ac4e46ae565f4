"""Offers a post that did well to its person again, after a rest and in other words, made from the same material by the
same generators and judge. It always waits for their approval; one at a time, and each post once."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from twitter_manager import phrases
from twitter_manager.domain import Draft, Json
from twitter_manager.settings import Bot
from twitter_manager.settings.records import OFF
from twitter_manager.store import drafts, engagement, items, offers
from twitter_manager.store.database import Database, iso

if TYPE_CHECKING:
    from twitter_manager.learning.evergreen import DidWell
    from twitter_manager.pipeline.fill import PoolFiller

log = logging.getLogger(__name__)

_APART = timedelta(days=1)
"""Between two tries: each may cost what a post costs."""
_BACK = timedelta(days=365)
"""How far back posts are looked at, before their rest."""


def offer_again(db: Database, bot: Bot, now: datetime, filler: Callable[[], PoolFiller]) -> None:
    """Write the best post that has rested once more. Where nothing came of it, that is on record, and it is not tried
    again."""
    last = offers.last_at(db, bot.name)
    if (
        bot.learn.mode == OFF
        or not bot.learn.again_days
        or (last and now - last < _APART)
        or offers.waits(db, bot.name)
    ):
        return
    rested = now - timedelta(days=bot.learn.again_days)
    readings = engagement.late(db, bot.name, rested - _BACK, rested)
    if not readings:
        return
    from twitter_manager.learning.evergreen import did_well

    for post in did_well(readings):
        draft = drafts.get(db, post.draft_id) if offers.is_free(db, post.draft_id, rested) else None
        if draft is None or len(draft.parts) > 1:
            continue
        reason = _bound(draft, now) or _written(db, bot, filler(), draft, post)
        if reason:
            log.info("draft %d did well and is not offered again: %s", draft.id, reason)
            with db.transaction():
                offers.note(db, bot.name, draft.id, None, now, reason)
        return


def _bound(draft: Draft, now: datetime) -> str:
    """Why what a post says may be over, or ""."""
    from twitter_manager.checks import CheckContext
    from twitter_manager.checks.again import over

    said = over(draft.text, CheckContext(language=draft.language, today=now.date()))
    return f"“{said}” may be over by now" if said else ""


def _written(db: Database, bot: Bot, filler: PoolFiller, draft: Draft, post: DidWell) -> str:
    """Have it written; gives the reason where nothing came of it."""
    from twitter_manager.pipeline.orders import Order
    from twitter_manager.writing import briefing
    from twitter_manager.writing.topics import Choice

    item = items.get(db, draft.item_id) if draft.item_id is not None else None
    if draft.item_id is None or item is None:
        return "its material is gone"
    told = f"did well on {phrases.clock(post.posted_at, bot.time_zone)[:10]} ({post.words}), offered again"
    why: Json = {
        "seed": filler.seed,
        "at": iso(filler.clock()),
        "again_of": draft.id,
        "did_well": {"at": iso(post.posted_at), "figures": post.words, "words": told},
        "topic": {"chosen": draft.topic},
        "item": {"chosen": draft.item_id},
        "format": {"chosen": draft.format},
    }
    choice = Choice(draft.topic, draft.format, ((draft.item_id, item),), why)
    recent = tuple(drafts.recent_texts(db, bot.name, briefing.RECENT))
    brief = briefing.brief(filler.spec, choice, filler.clock(), (draft.text, *recent))
    number, reason = filler.write_order(Order(brief, choice, again=draft, asks=told))
    return "" if number is not None else reason or "nothing came of it"
