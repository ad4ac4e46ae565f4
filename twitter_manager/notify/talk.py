"""The comments that wait for a person, for a message: what strangers wrote comes without their addresses."""

from __future__ import annotations

import re
import unicodedata

from twitter_manager import invisible, phrases
from twitter_manager.notify.rules import Talk
from twitter_manager.store import comments
from twitter_manager.store.comments import Comment, Status
from twitter_manager.store.database import Database

_SHOWN, _LONGEST = 3, 200
"""Comments that are told, and characters of each."""
_ADDRESS = re.compile(r"://|\w\.[^\W\d_]{2,}|\b(?:www\.|mailto:|tel:|data:|javascript:)", re.IGNORECASE)
"""Is in words of which mail programs and chats make links: with a scheme, and bare names such as a.example/b."""


def waiting(db: Database, bot: str) -> Talk | None:
    """What waits of the bot's; None where nothing does."""
    numbers = comments.waiting(db, bot)
    if not (total := sum(numbers.values())):
        return None
    newest = comments.newest_waiting(db, bot, _SHOWN)
    told = [_told(comment) for comment in newest]
    more = [f"… and {total - len(told):,} more."] * (total > len(told))
    return Talk(total, numbers.get(Status.DRAFTED, 0), newest[0].seen_at, (*told, *more))


def _told(comment: Comment) -> str:
    reason = f" ({comment.reason})" if comment.reason else ""
    return f"{comment.id}. {_name(comment.author)} on {comment.platform}{reason}: {without_addresses(comment.text)}"


def _name(handle: str) -> str:
    """A handle's first part: the whole may be an address itself."""
    return re.split("[@.]", handle)[0][:50] or "somebody"


def without_addresses(text: str) -> str:
    """A stranger's words on one line, cut where they are long."""
    words = unicodedata.normalize("NFKC", invisible.remove(text[: 10 * _LONGEST])).split()
    known = ("[an address]" if _ADDRESS.search(word) else word for word in words)
    return phrases.in_a_line(" ".join(known), _LONGEST)
