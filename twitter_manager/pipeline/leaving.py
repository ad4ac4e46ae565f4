"""Material that left: a source that the bot no longer uses, or that stands for another place by now.

Its items are retired, what it remembered is forgotten, and the generated drafts that were made of them make way: they
would say what the person took away. What a person wrote or edited stays, and so does what is on its way.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

from twitter_manager.domain import Draft, DraftStatus
from twitter_manager.errors import Changed
from twitter_manager.sources import Source
from twitter_manager.store import drafts, items
from twitter_manager.store import sources as memory
from twitter_manager.store.database import Database


def let_go(db: Database, bot: str, sources: Sequence[Source], now: datetime, run_id: int | None = None) -> list[str]:
    """Let go of what is not from the bot's `sources`; gives a line for each source whose drafts make way."""
    known = memory.signatures(db, bot)
    staying = [source.name for source in sources if not source.was_elsewhere(known.get(source.name, ""))]
    leaving: defaultdict[str, list[Draft]] = defaultdict(list)
    for draft in drafts.generated(db, bot):
        if gone := _gone(db, draft, staying):
            leaving[gone].append(draft)
    if not leaving and known.keys() <= set(staying):
        return []
    listed, lines = {source.name for source in sources}, []
    with db.transaction():
        for name, made_of_it in leaving.items():
            reason = f"the source {name} {'is another place now' if name in listed else 'is no longer used'}"
            for draft in made_of_it:
                with suppress(Changed):  # a person was quicker
                    drafts.move(db, draft, DraftStatus.SKIPPED, now, run_id=run_id, reason=reason)
            lines.append(f"{_drafts(made_of_it)} left the pool: {reason}")
        items.retire_others(db, bot, staying, now)
        memory.forget_others(db, bot, staying)
    return lines


def _gone(db: Database, draft: Draft, staying: Sequence[str]) -> str:
    """A source of the draft's material that is not among those that stay, or ""."""
    numbers = [number for number in (draft.item_id, *draft.choice.get("also", ())) if number is not None]
    return min(items.sources_of(db, numbers) - set(staying), default="") if numbers else ""


def _drafts(leaving: Sequence[Draft]) -> str:
    numbers = ", ".join(str(draft.id) for draft in leaving)
    return f"draft{'s' * (len(leaving) > 1)} {numbers}"
