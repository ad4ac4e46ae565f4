"""What a Mastodon server says: of itself, of the token's owner, and of a request. Pure, but for what is kept of it in a
file for a day; the requests are made in `mastodon.py` and `mastodon_media.py`."""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeGuard

from twitter_manager.domain import Json
from twitter_manager.errors import NeedsPerson, NotSent, OutcomeUnknown, PlatformError, Refused, Unreadable
from twitter_manager.platforms import kept
from twitter_manager.platforms.http_errors import retry_at_from_headers, told
from twitter_manager.platforms.mastodon_posts import is_id
from twitter_manager.platforms.matching import as_dict, as_list
from twitter_manager.platforms.transport import Answer

MAKE_ONE = (
    "Make a token with the scopes read:accounts, read:statuses, write:statuses, for pictures write:media and to hear"
    " answers read:notifications (on the server: Preferences, Development), and put it into MASTODON_ACCESS_TOKEN."
)
_ADD_SCOPE = (
    "Give it the scope {}: on the server, Preferences, Development, open the application, tick that scope, save, press"
    " Regenerate access token, and put the new token into MASTODON_ACCESS_TOKEN."
)
_DEFINITE = frozenset({400, 403, 404, 405, 406, 410, 413, 414, 415, 422, 431})
"""Statuses that are a no when it is Mastodon that says so (a proxy's HTML may stand for anything)."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What the instance takes; these are the values of a Mastodon that nobody changed."""

    max_characters: int = 500
    max_media: int = 4
    image_bytes: int = 16 * 1024 * 1024
    image_pixels: int = 33_177_600
    description_characters: int = 1500
    mime_types: tuple[str, ...] = ()
    """What files it takes; () where it does not say."""


_LIMITS = {
    "max_characters": ("statuses", "max_characters"),
    "max_media": ("statuses", "max_media_attachments"),
    "image_bytes": ("media_attachments", "image_size_limit"),
    "image_pixels": ("media_attachments", "image_matrix_limit"),
    "description_characters": ("media_attachments", "description_limit"),
}
"""Where each stands in the instance's `configuration`. https://docs.joinmastodon.org/entities/Instance/"""


def limits_of(instance: Json) -> Limits:
    """What it says, and the usual where it says nothing."""
    configuration = as_dict(instance.get("configuration"))
    said = {name: as_dict(configuration.get(group)).get(key) for name, (group, key) in _LIMITS.items()}
    mime_types = as_dict(configuration.get("media_attachments")).get("supported_mime_types")
    return _limits(said | {"mime_types": mime_types})


def _limits(said: Json) -> Limits:
    numbers = {name: number for name in _LIMITS if is_limit(number := said.get(name))}
    mime_types = (mime for mime in as_list(said.get("mime_types")) if isinstance(mime, str))
    return Limits(**numbers, mime_types=tuple(mime_types))


def is_limit(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and 0 < value < 2**40


@dataclass(frozen=True, slots=True)
class Known:
    """What the server said of itself and of the token's owner. `handle`: @name@host."""

    account_id: str
    handle: str
    limits: Limits
    asked_at: datetime


def kept_of(file: Path, account: str) -> Known | None:
    """What was kept of this account at its server; None where it is not there or is not sound."""
    stored = kept.load(file, {"account": account}) or {}
    with contextlib.suppress(ValueError, TypeError, KeyError, AttributeError):
        said = stored["limits"]
        if is_id(stored["account_id"]) and all(is_limit(said[name]) for name in _LIMITS.keys() & said.keys()):
            asked_at = datetime.fromisoformat(stored["asked_at"]).astimezone(UTC)
            return Known(stored["account_id"], str(stored["handle"]), _limits(said), asked_at)
    return None


def says(answer: Answer) -> str:
    """What Mastodon gives as the reason; "" where it is not Mastodon that speaks."""
    error = as_dict(answer.json()).get("error")
    return told(error, answer.redact) if isinstance(error, str) else ""


def refusal_of(answer: Answer, now: datetime, scope: str = "") -> PlatformError:
    """The error for an answer that is not a yes. Forks answer differently: status and shape count, not words. `scope`:
    what the token needs for it."""
    status, words = answer.status, says(answer)
    if status == 401:
        return NeedsPerson("Mastodon does not accept the access token.", MAKE_ONE, status=status)
    if status == 429:
        retry_at = retry_at_from_headers(answer.headers, now)
        message = "Mastodon's rate limit is reached."
        return NotSent(message, "It is tried again later.", status=status, retry_at=retry_at)
    if status not in _DEFINITE or not words:
        return OutcomeUnknown(f"Mastodon's answer {status} does not settle it.", "It is looked up.", status=status)
    if status == 403:
        is_scope = scope and re.search("scope|permission", words, re.IGNORECASE)
        remedy = _ADD_SCOPE.format(scope) if is_scope else MAKE_ONE
        return NeedsPerson(f"Mastodon does not allow this: {words}.", remedy, status=status)
    remedy = "Look at its length and at whom it replies to."
    return Refused(f"Mastodon refused this ({status}): {words}.", remedy, status=status)


def unreadable(error: PlatformError) -> Unreadable:
    forbidden = isinstance(error, NeedsPerson)
    remedy = error.remedy if forbidden else "Reading is tried again later."
    return Unreadable(error.message, remedy, status=error.status, retry_at=error.retry_at, forbidden=forbidden)
