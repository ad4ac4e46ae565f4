"""Tokens by which programs use the API: made, listed, revoked, recognised. A token is shown once; what is kept of it is
its hash, which needs no salt, for a token is 256 random bits."""

from __future__ import annotations

import hashlib
import re
import secrets
from contextlib import closing, suppress
from datetime import datetime, timedelta

from twitter_manager.app import App
from twitter_manager.errors import OtherMachine, StoreConflict, StoreError, UsageError
from twitter_manager.store import tokens
from twitter_manager.store.database import Database
from twitter_manager.store.tokens import Token

PREFIX = "twm_"
"""By which a token is known wherever it turns up."""
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}")
_NOTED_EVERY = timedelta(minutes=1)
"""So often at most is written down when a token was used. A database that is busy loses one such note."""


def make(db: Database, name: str, now: datetime, *, by: str) -> str:
    """A new token; only its hash is kept. Raises UsageError."""
    if not _NAME.fullmatch(name):
        raise UsageError("A token's name has letters a to z, digits, and .-_", "Say what uses it: backup-script")
    token = PREFIX + secrets.token_urlsafe(32)
    try:
        with db.transaction():
            tokens.add(db, name, _digest(token), now, by=by)
    except StoreConflict:
        raise UsageError(f"There is a token {name} already.", f"Revoke it first: review revoke {name}") from None
    return token


def revoke(db: Database, name: str, now: datetime, *, by: str) -> None:
    """From now on it opens nothing. Raises UsageError where there is none."""
    with db.transaction():
        if not tokens.revoke(db, name, now, by=by):
            raise UsageError(f"There is no token {name[:60]!r}.", "See them with: review tokens")


def told(db: Database) -> list[str]:
    """A line for each, for a person."""
    return [
        f"{token.name} (since {token.created_at:%Y-%m-%d}, "
        + (f"last used {token.last_used_at:%Y-%m-%d %H:%M} UTC)" if token.last_used_at else "never used)")
        for token in tokens.everyone(db)
    ]


def owner(app: App, token: str) -> str:
    """The name of the program whose token it is; "" where it is nobody's (any more)."""
    with app.session.reading() as db:
        known = recognised(db, token) if db else None
    if known is None:
        return ""
    if known.last_used_at is None or app.clock() - known.last_used_at >= _NOTED_EVERY:
        with suppress(StoreError, OtherMachine), closing(app.session.open_store()) as db:
            note(db, known, app.clock())
    return known.name


def recognised(db: Database, token: str) -> Token | None:
    """What is known of it; None where it is nobody's (any more)."""
    return tokens.of_hash(db, _digest(token))


def note(db: Database, token: Token, now: datetime) -> None:
    """Keep when it was used."""
    with db.transaction():
        tokens.used(db, token.name, now)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()
