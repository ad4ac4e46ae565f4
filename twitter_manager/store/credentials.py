"""The keys that each bot had when they were last looked at: since when, and until when. No key stands there."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from twitter_manager.store.database import Database, from_text, optional_time, to_text
from twitter_manager.store.dialect import Row


@dataclass(frozen=True, slots=True)
class Credential:
    """A key of a bot, without the key."""

    bot: str
    service: str
    """A platform, claude or openai."""
    fingerprint: str
    """Tells one key from the next, and gives nothing of it away."""
    account: str
    """Whose it is, as the service last said; "" where it was not asked yet."""
    first_seen: datetime
    expires_at: datetime | None
    """When the bot can't log in with it any more; None where it has no end, or none that is known."""


def known(db: Database, bot: str = "") -> list[Credential]:
    """The keys of a bot, or of all for ""."""
    where, values = ("WHERE bot = ?", (bot,)) if bot else ("", ())
    return [_credential(row) for row in db.rows(f"SELECT * FROM credentials {where} ORDER BY bot, service", *values)]


def note(db: Database, credential: Credential) -> None:
    """Write down a key: a new one in the place of the one before, of one that is known what is new of it."""
    bot, service = credential.bot, credential.service
    before = next((known_one for known_one in known(db, bot) if known_one.service == service), None)
    if before is not None and before.fingerprint == credential.fingerprint:
        account = credential.account or before.account
        if (account, credential.expires_at) != (before.account, before.expires_at):
            sql = "UPDATE credentials SET account = ?, expires_at = ? WHERE bot = ? AND service = ?"
            db.update(sql, account, _optional(credential.expires_at), bot, service)
        return
    db.update("DELETE FROM credentials WHERE bot = ? AND service = ?", bot, service)
    db.insert(
        "credentials",
        bot=bot,
        service=service,
        fingerprint=credential.fingerprint,
        account=credential.account,
        first_seen=to_text(credential.first_seen),
        expires_at=_optional(credential.expires_at),
    )


def keep_only(db: Database, those: Collection[tuple[str, str]]) -> None:
    """Forget what is no longer set up. `those`: each bot and service that is."""
    for credential in known(db):
        if (credential.bot, credential.service) not in those:
            sql = "DELETE FROM credentials WHERE bot = ? AND service = ?"
            db.update(sql, credential.bot, credential.service)


def _optional(moment: datetime | None) -> str | None:
    return to_text(moment) if moment else None


def _credential(row: Row) -> Credential:
    return Credential(
        bot=row["bot"],
        service=row["service"],
        fingerprint=row["fingerprint"],
        account=row["account"],
        first_seen=from_text(row["first_seen"]),
        expires_at=optional_time(row["expires_at"]),
    )
