"""Holds what waits already to the bot's setting `approve`: what the program let through under another setting, and
nobody has looked at, waits for a person from then on.

What a person approved, edited or gave a date stays as they left it. What waits for a person goes on doing so when the
setting is taken back: it was written to be looked at, and `drafts` tells it.
"""

from __future__ import annotations

import math
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from twitter_manager.domain import Draft, DraftStatus
from twitter_manager.errors import Changed
from twitter_manager.pipeline.approval import Approval, Written
from twitter_manager.store import drafts, items
from twitter_manager.store.database import Database

if TYPE_CHECKING:
    from twitter_manager.writing.post_spec import PostSpec


def hold(db: Database, bot: str, approval: Approval, now: datetime, run_id: int) -> list[Draft]:
    """Set to pending what needs a person's yes today; gives those drafts."""
    held = []
    posts = drafts.went_out(db, bot, approval.first)
    for draft in drafts.let_through(db, bot) if approval.asks else ():
        if why := approval.why(_written(db, draft, posts)):
            with suppress(Changed), db.transaction():  # a person may be quicker
                drafts.move(db, draft, DraftStatus.PENDING, now, run_id=run_id, reason=why)
                drafts.renew(db, draft, now + approval.lifetime)
                held.append(draft)
    return held


def spared(
    db: Database, spec: PostSpec, approval: Approval, pool: int, now: datetime
) -> tuple[PostSpec, frozenset[int]]:
    """What posts are made from, without what needs a yes where enough of that waits; and the items that are not chosen
    for it."""
    waiting = sum(draft.origin == "generator" for draft in drafts.awaiting(db, spec.bot, now))
    if not approval.spares(waiting, pool):
        return spec, frozenset()
    needing = (
        number
        for number, item in items.available(db, spec.bot)
        if approval.needs(item, pictured=spec.material.shows_picture(item))
    )
    return replace(spec, material=approval.spared(spec.material)), frozenset(needing)


def _written(db: Database, draft: Draft, posts: int) -> Written:
    numbers = (draft.item_id, *draft.choice.get("also", ()))
    material = [item for number in numbers if number is not None and (item := items.get(db, number)) is not None]
    return Written(draft.parts, draft.topic, material, draft.choice.get("score", math.nan), posts)
