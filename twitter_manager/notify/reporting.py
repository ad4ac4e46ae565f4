"""Tells what a week or a month came to, once, where a bot's person wants that."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from twitter_manager.settings import Bot
from twitter_manager.settings.channels import names
from twitter_manager.store import notices
from twitter_manager.store.database import Database

KIND = "report"
"""Of such a notice."""
_PERIODS = {"weekly": "week", "monthly": "month"}


def note(
    db: Database, bot: Bot, period: str, first: str, text: str, now: datetime, redact: Callable[[str], str]
) -> None:
    """Write down a notice of the `period` (week or month) that began on the day `first`, where it is wanted and was not
    told yet."""
    channels, subject = names(bot.channels.urls), f"{period}:{first}"
    if not channels or _PERIODS.get(bot.notify.report) != period:
        return
    if notices.last_told(db, bot.name, KIND, subject) is None:
        with db.transaction():
            notices.add(db, bot.name, KIND, subject, redact(text), None, channels, now)
