"""Named users of the console: their passwords as argon2 hashes in a file of mode 0600, and how often one may try.

A file and not the database, so that no hash gets into backups, exports and copies for questions.
"""

from __future__ import annotations

import fcntl
import ipaddress
import json
import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from threading import BoundedSemaphore, Lock
from typing import TYPE_CHECKING

from twitter_manager.errors import TwitterManagerError, UsageError
from twitter_manager.files import UnfitFile, make_folder, open_own, parsed, read_small, replace_file

if TYPE_CHECKING:
    from argon2 import PasswordHasher

SHORTEST, LONGEST = 12, 1000
"""Characters of a password."""
NAME = r"[a-z0-9][a-z0-9._-]{0,39}"
MOST = 1000
"""Users of one home."""
_LARGEST = 1_000_000


@dataclass(frozen=True, slots=True)
class User:
    """A user: the hash of the password, and since when it holds."""

    hash: str
    since: str


@dataclass(frozen=True, slots=True)
class Users:
    """The users of one home."""

    path: Path
    _at_work: BoundedSemaphore = field(default_factory=lambda: BoundedSemaphore(2))
    """A hash takes 64 MB for a moment: no more than two at once."""

    def all(self) -> Mapping[str, User]:
        """By name. Raises TwitterManagerError for a file that can't be trusted."""
        try:
            users = parsed(read_small(self.path, _LARGEST, private=True, own=True))
            return {str(name): User(str(user["hash"]), str(user["since"])) for name, user in users.items()}
        except FileNotFoundError:
            return {}
        except UnfitFile as error:
            raise TwitterManagerError(f"{self.path} {error.message}.", error.remedy) from None
        except (ValueError, TypeError, KeyError, AttributeError):
            remedy = "Delete it, and add the users again."
            raise TwitterManagerError(f"{self.path} is not what the program wrote.", remedy) from None

    def add(self, name: str, password: str, now: datetime) -> bool:
        """Add a user, or give one another password; gives whether the user is new. Raises UsageError."""
        if not re.fullmatch(NAME, name):
            remedy = "Use small letters, digits, dots, - and _, at most 40."
            raise UsageError(f"{name[:60]!a} is no name for a user.", remedy)
        if not SHORTEST <= len(password) <= LONGEST:
            fault = "short" if len(password) < SHORTEST else "long"
            remedy = f"Take {SHORTEST} characters or more: four words, say."
            raise UsageError(f"The password is too {fault}.", remedy if fault == "short" else f"At most {LONGEST}.")
        hashed = _hasher().hash(password)
        with self._changing() as users:
            if len(users) >= MOST and name not in users:
                raise UsageError(f"There are {MOST:,} users already.", "Remove some.")
            is_new = name not in users
            users[name] = User(hashed, now.isoformat(timespec="seconds"))
        return is_new

    def remove(self, name: str) -> None:
        """Take a user away. Raises UsageError."""
        with self._changing() as users:
            if users.pop(name, None) is None:
                there = f"There are: {', '.join(users)}." if users else "There are none."
                raise UsageError(f"There is no user {name[:60]!a}.", there)

    def stamp(self, name: str) -> str | None:
        """What changes with the user's password; None where there is no such user, or the file can't be trusted."""
        try:
            user = self.all().get(name)
        except TwitterManagerError:
            return None
        return user.hash if user else None

    def let_in(self, name: str, password: str) -> str | None:
        """The stamp of the user whose password this is, else None. An unknown name takes as long as a known one."""
        from argon2.exceptions import Argon2Error, InvalidHash

        stamp = self.stamp(name)
        with self._at_work:
            try:
                _hasher().verify(stamp or _nobody(), password[:LONGEST])
            except (Argon2Error, InvalidHash):
                return None
        return stamp

    @contextmanager
    def _changing(self) -> Iterator[dict[str, User]]:
        """The users, to be changed by one process at a time; written at the end."""
        make_folder(self.path.parent)
        handle = open_own(self.path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            users = dict(self.all())
            yield users
            content = {name: {"hash": user.hash, "since": user.since} for name, user in sorted(users.items())}
            replace_file(self.path, json.dumps(content, indent=1))
        finally:
            os.close(handle)


@cache
def _hasher() -> PasswordHasher:
    from argon2 import PasswordHasher

    return PasswordHasher()


@cache
def _nobody() -> str:
    """The hash of a password that nobody has."""
    import secrets

    return _hasher().hash(secrets.token_urlsafe(32))


@dataclass(slots=True)
class _Tries:
    count: int = 0
    until: float = 0.0


@dataclass(frozen=True, slots=True)
class Attempts:
    """How often one may try a password: three times, then after a time that doubles with each try that fails. Counted
    by the name, for whoever tries it from many places, and by the address, for whoever tries many names."""

    clock: Callable[[], float]
    FREE = 3
    LONGEST_BY_NAME, LONGEST_BY_ADDRESS = 60.0, 900.0
    """Seconds; shorter by the name, or anybody could keep its owner out."""
    MOST = 10_000
    FORGOTTEN = 3600.0
    """Seconds after the last failure."""
    _tries: dict[tuple[str, str], _Tries] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def wait(self, name: str, address: str) -> float:
        """Seconds to wait before another try; 0: this one is taken, and counts as failed until `succeeded`."""
        now = self.clock()
        with self._lock:
            self._forget(now)
            keys = self._keys(name, address)
            waits = max(self._tries[key].until - now if key in self._tries else 0.0 for key in keys)
            if waits > 0:
                return waits
            for key, longest in keys.items():
                tries = self._tries.setdefault(key, _Tries())
                tries.count += 1
                more = min(tries.count - self.FREE, 20)
                tries.until = now + (min(2.0**more, longest) if more >= 0 else 0.0)
        return 0.0

    def succeeded(self, name: str, address: str) -> None:
        """The password was right."""
        with self._lock:
            for key in self._keys(name, address):
                self._tries.pop(key, None)

    def _keys(self, name: str, address: str) -> dict[tuple[str, str], float]:
        by_address = ("address", _network(address))
        return {("name", name): self.LONGEST_BY_NAME, by_address: self.LONGEST_BY_ADDRESS}

    def _forget(self, now: float) -> None:
        old = [key for key, tries in self._tries.items() if now - tries.until > self.FORGOTTEN]
        for key in [*old, *list(self._tries)[: max(len(self._tries) - len(old) - self.MOST, 0)]]:
            self._tries.pop(key, None)


def _network(address: str) -> str:
    """The address; of an IPv6 one what a single customer gets."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network((ip, 64), strict=False)) if ip.version == 6 else address
