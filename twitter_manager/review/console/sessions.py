"""Who is at the console: sessions, kept in the memory of its process and nowhere else.

A browser holds a random id in a cookie; here only its hash is kept. A session ends after a time without its person, at
the latest after half a day, when they leave, and when their user is removed or gets another password.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock

LONGEST = 12 * 3600.0
"""Seconds of a session, whatever its person does."""
MOST = 200
"""Sessions at once; one more ends the one that was idle longest."""


@dataclass(slots=True)
class Session:
    """One person at one browser."""

    name: str
    csrf: str
    """What each form of theirs carries."""
    stamp: str
    """What changes when the user gets another password; "" for who came by a link."""
    began: float
    seen: float
    """When the person did something last; what a page does by itself is not counted."""
    flashes: list[str] = field(default_factory=list)
    """What the next page says."""

    def has_csrf(self, given: str) -> bool:
        """Whether this is the session's token, compared in constant time."""
        return hmac.compare_digest(self.csrf.encode(), given.encode("utf-8", "replace"))


@dataclass(frozen=True, slots=True)
class Sessions:
    """All sessions of this console. `stamp_of`: the present stamp of a user's password, None where there is none."""

    clock: Callable[[], float]
    idle_seconds: float
    stamp_of: Callable[[str], str | None]
    _by_hash: dict[str, Session] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def open(self, name: str, stamp: str = "") -> str:
        """A new session; gives its id, which nobody else ever knew."""
        token, now = secrets.token_urlsafe(32), self.clock()
        with self._lock:
            for key in [key for key, session in self._by_hash.items() if self._is_over(session, now)]:
                del self._by_hash[key]
            if len(self._by_hash) >= MOST:
                del self._by_hash[min(self._by_hash, key=lambda key: self._by_hash[key].seen)]
            self._by_hash[digest(token)] = Session(name, secrets.token_urlsafe(32), stamp, now, now)
        return token

    def find(self, token: str, *, by_person: bool) -> Session | None:
        """The session of this id, while it lasts. `by_person`: they did something, which is no page's own doing."""
        now = self.clock()
        with self._lock:
            session = self._by_hash.get(digest(token))
            if session is None:
                return None
            if self._is_over(session, now) or (session.stamp and self.stamp_of(session.name) != session.stamp):
                del self._by_hash[digest(token)]
                return None
            session.seen = now if by_person else session.seen
            return session

    def end(self, token: str) -> None:
        """The person leaves."""
        with self._lock:
            self._by_hash.pop(digest(token), None)

    def _is_over(self, session: Session, now: float) -> bool:
        return now - session.seen > self.idle_seconds or now - session.began > LONGEST


def digest(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
