"""The platforms' rate limits, as the outbox meets and respects them. Without a login nothing goes, so a limit on logins
is in the way of everything else too."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from twitter_manager.content import Part
from twitter_manager.domain import Platform
from twitter_manager.errors import PlatformError
from twitter_manager.social import MeteredPlatform
from twitter_manager.store import limits
from twitter_manager.store.database import Database
from twitter_manager.store.limits import Limit, Whose

LOGIN, POST, UPLOAD, READ, WRITE = "login", "post", "upload", "read", "write"
"""The operations that posting needs. READ looks up what may be out; WRITE changes or deletes what is out."""
LISTEN, ACT = "listen", "act"
"""Those besides: reading what came back, the home or others' posts; liking and reposting. A limit that they meet is in
their own way alone."""
LISTENING = (POST, READ, LISTEN)
"""What is in the way of listening: posts and look-ups come first, and on Mastodon all requests count together."""


def posting(parts: Iterable[Part]) -> Sequence[str]:
    """What it takes to post these. A card goes without its picture where need be."""
    return (POST, UPLOAD) if any(part.media for part in parts) else (POST,)


def in_the_way(db: Database, platform: Platform, operations: Sequence[str], now: datetime) -> Limit | None:
    """The limit that holds these operations up now, the one that ends last."""
    return limits.current(db, platform.name, platform.account, (LOGIN, *operations), now)


def met(
    db: Database, bot: str, platform: Platform, operation: str, error: PlatformError, now: datetime, why: str
) -> None:
    """Write down that an operation was limited, where that is what the error says; in the caller's transaction."""
    if error.is_limit:
        whose = Whose(bot, platform.name, platform.account, error.operation or operation)
        limits.hit(db, whose, now, error.retry_at, why)


def passed(
    db: Database, bot: str, platform: Platform, operation: str, now: datetime, used_up_until: datetime | None = None
) -> None:
    """Write down that an operation was let through, in the caller's transaction. `used_up_until`: it was the last until
    then."""
    limits.succeeded(db, platform.name, platform.account, (LOGIN, operation), now)
    if used_up_until is not None:
        limits.used_up(db, Whose(bot, platform.name, platform.account, operation), now, used_up_until)


def heard(db: Database, bot: str, platform: Platform, now: datetime) -> None:
    """Write down that listening was let through, in the caller's transaction. Where little is left of what the service
    allows, that is kept for posts and look-ups: nobody listens until there is more again."""
    reserved = platform.scarce_until if isinstance(platform, MeteredPlatform) else None
    limits.succeeded(db, platform.name, platform.account, (LISTEN,), now)
    if reserved is not None and reserved > now:
        why = "what is left is kept for posts and look-ups"
        limits.used_up(db, Whose(bot, platform.name, platform.account, LISTEN), now, reserved, why)
