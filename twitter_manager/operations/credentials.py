"""The keys of the bots: whose they are, where they stand, how old they are and when they end.

Of a key only a fingerprint is kept, keyed by the installation, which tells a new key from the one before.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial
from pathlib import Path

from pydantic import BaseModel

from twitter_manager import phrases, providers
from twitter_manager.domain import Json
from twitter_manager.errors import GeneratorError, NeedsPerson, PlatformError, Unreadable
from twitter_manager.factory import Factory
from twitter_manager.operations import labels
from twitter_manager.operations.doctor import NOT_KNOWN, Examination, NotQuite, examine
from twitter_manager.operations.init.accounts import account_in
from twitter_manager.platforms import SPECS
from twitter_manager.platforms.spec import Session
from twitter_manager.settings import Bot, Settings
from twitter_manager.settings.records import PAID
from twitter_manager.settings.variables import Variable, variables_of
from twitter_manager.store import credentials, schema
from twitter_manager.store.credentials import Credential
from twitter_manager.store.database import Database, to_text


@dataclass(frozen=True, slots=True)
class Key:
    """What a bot logs in with at one service."""

    bot: Bot
    service: str
    """A platform, claude or openai."""
    record: BaseModel

    @property
    def _needed(self) -> Iterator[tuple[Variable, str]]:
        for field, variable in variables_of(type(self.record)).items():
            if variable.secret or variable.is_required:
                yield variable, getattr(self.record, field)

    @property
    def places(self) -> tuple[str, ...]:
        """Where its secrets stand."""
        origins = (self.bot.origins.get(variable.name, "") for variable, _ in self._needed if variable.secret)
        return tuple(dict.fromkeys(filter(None, origins)))

    def fingerprint(self, installation: str) -> str:
        """The same for as long as none of its fields changes."""
        fields = "\0".join(f"{variable.name}={value}" for variable, value in self._needed)
        return hmac.new(installation.encode(), fields.encode(), hashlib.sha256).hexdigest()[:8]

    def session(self, data: Path) -> Session | None:
        """The login that is kept between runs."""
        return SPECS[self.service].session_there(self.record, data, self.bot.name) if self.service in SPECS else None

    def ends(self, data: Path) -> datetime | None:
        """When the bot can't log in with it any more, where that is known."""
        session = self.session(data)
        return session.until if session and not session.renewable else None


def keys_of(bot: Bot) -> Iterator[Key]:
    """The keys that a bot has, those of its platforms first."""
    for platform in bot.platforms_on:
        if platform in bot.credentials:
            yield Key(bot, platform, bot.credentials[platform])
    for service in PAID:
        provider = bot.generators.provider(service)
        if provider is not None and provider.api_key:
            yield Key(bot, service, provider)


def note_all(db: Database, settings: Settings, now: datetime) -> None:
    """Write down which keys the bots have: since when, until when."""
    keys = [key for bot in settings.bots for key in keys_of(bot)]
    installation = schema.installation_id(db)
    with db.transaction():
        for key in keys:
            note(db, key, installation, settings.data, now)
        credentials.keep_only(db, {(key.bot.name, key.service) for key in keys})


def note(db: Database, key: Key, installation: str, data: Path, now: datetime, account: str = "") -> None:
    """Write down one of them. `account`: whose it is, where the service said so just now."""
    fingerprint = key.fingerprint(installation)
    credentials.note(db, Credential(key.bot.name, key.service, fingerprint, account, now, key.ends(data)))


def note_login(db: Database, settings: Settings, bot: str, service: str, account: str, now: datetime) -> None:
    """Write down new keys, and whose they are."""
    note_all(db, settings, now)
    keys = (key for each in settings.bots if each.name == bot for key in keys_of(each) if key.service == service)
    with db.transaction():
        for key in keys:
            note(db, key, schema.installation_id(db), settings.data, now, account)


def account_of(db: Database, key: Key) -> str:
    """Whose a key is, as the service last said; "" where it was not asked yet."""
    fingerprint = key.fingerprint(schema.installation_id(db))
    known = credentials.known(db, key.bot.name)
    return next((each.account for each in known if (each.service, each.fingerprint) == (key.service, fingerprint)), "")


# --- auth check ------------------------------------------------------------------------------------------------------


def check(
    db: Database, settings: Settings, factory: Factory, bots: Sequence[Bot], now: datetime, service: str = ""
) -> list[Json]:
    """Ask each service once whose the keys are, and tell what is known of each. `service`: only this one."""
    note_all(db, settings, now)
    keys = [key for bot in bots for key in keys_of(bot) if service in ("", key.service)]
    zone = next((bot.time_zone for bot in bots), "UTC")
    findings = examine(list(_examinations(db, keys, factory)), factory.redacted, zone)["checks"]
    asked = {finding["name"]: finding for finding in findings}
    installation = schema.installation_id(db)
    for key in keys:
        finding = asked[_name(key)]
        if finding["result"] == "ok" and key.service in SPECS:
            with db.transaction():
                note(db, key, installation, settings.data, now, account_in(finding["detail"]))
    known = {(each.bot, each.service): each for each in credentials.known(db)}
    return [_told(key, asked[_name(key)], known[key.bot.name, key.service], settings.data, now) for key in keys]


def _name(key: Key) -> str:
    return f"{key.bot.name}: {key.service}"


def _examinations(db: Database, keys: Sequence[Key], factory: Factory) -> Iterator[Examination]:
    """One request for each; one for all bots that share the key of a service that writes."""
    shared: dict[BaseModel, Callable[[], str]] = {}
    for key in keys:
        if key.service in SPECS:
            ask = partial(labels.verified, factory.platforms(key.bot, db)[key.service])
            yield _name(key), partial(_unless_refused, ask)
        else:
            reached = providers.service(key.bot.generators, key.service).reached
            yield _name(key), shared.setdefault(key.record, cache(partial(_unless_refused, reached)))


def _unless_refused(ask: Callable[[], str]) -> str:
    """Whose a key is. A service that is out of reach, or in trouble, says nothing of it: raises NotQuite. Else raises
    PlatformError, GeneratorError."""
    try:
        return ask()
    except (PlatformError, GeneratorError) as error:
        is_no = isinstance(error, NeedsPerson) or (isinstance(error, Unreadable) and error.forbidden)
        is_no |= isinstance(error, GeneratorError) and not getattr(error, "again", False)
        if is_no or error.is_limit:
            raise
        raise NotQuite(f"{NOT_KNOWN}: {phrases.sentences(error.message, error.remedy)}") from error


def _told(key: Key, finding: Json, known: Credential, data: Path, now: datetime) -> Json:
    session = key.session(data)
    return {
        "bot": key.bot.name,
        "service": key.service,
        "result": finding["result"],
        "detail": finding["detail"],
        "remedy": finding["remedy"],
        "places": list(key.places),
        "first_seen": to_text(known.first_seen),
        "age_days": max(0, (now - known.first_seen).days),
        "expires_at": to_text(known.expires_at) if known.expires_at else None,
        "session_until": to_text(session.until) if session else None,
    }


# --- files -----------------------------------------------------------------------------------------------------------


def open_to_others(home: Path) -> list[Path]:
    """The files with keys and sessions that other users may read or change, and this user can close."""
    data = home / "data"
    files = [home / ".env", *sorted((data / "bots").glob("*.env")), *sorted((data / "sessions").glob("*"))]
    return [path for path in files if _is_open(path)]


def _is_open(path: Path) -> bool:
    try:
        facts = path.lstat()
    except OSError:
        return False
    return stat.S_ISREG(facts.st_mode) and facts.st_uid == os.geteuid() and bool(facts.st_mode & 0o077)


def close_to_others(path: Path) -> None:
    """Only their owner may read or change it from now on. Raises OSError."""
    path.chmod(0o600)
