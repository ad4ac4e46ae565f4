"""What the API answers when it says no: problem details (RFC 9457), one kind for each reason that a program may have to
tell from others. No traceback ever, and no path of this machine."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from twitter_manager.domain import Json
from twitter_manager.errors import (
    Changed,
    GeneratorError,
    LockHeld,
    Meanwhile,
    PlatformError,
    StoreBusy,
    StoreConflict,
    StoreError,
    TextKnown,
    TwitterManagerError,
    UsageError,
)

log = logging.getLogger(__name__)

AGAIN_AFTER = 5
"""Seconds after which what was busy may be free."""
KINDS: Mapping[str, tuple[int, str]] = {
    "not-json": (400, "The body can't be read."),
    "not-signed-in": (401, "Who are you?"),
    "forbidden": (403, "This is not allowed from here."),
    "not-found": (404, "There is no such thing."),
    "method": (405, "That can't be done here."),
    "meanwhile": (409, "It is no longer what you saw."),
    "known": (409, "The same words wait already, or went out."),
    "too-large": (413, "The body is too large."),
    "media-type": (415, "The body must be JSON."),
    "invalid": (422, "Something in the request is wrong."),
    "refused": (422, "The checks, or the state of the draft, forbid it."),
    "too-many": (429, "Too many tries."),
    "failed": (500, "It did not work."),
    "busy": (503, "Something else is at work; try again."),
    "unavailable": (503, "A service that it needs does not answer."),
}
"""By the last part of the problem's `type`: the status, and the title."""
TYPE = "urn:twitter-manager:problem:"


class Problem(Exception):
    """A request that is answered with no. `field`: where in the body or among the parameters the fault is."""

    def __init__(
        self, kind: str, detail: str, remedy: str = "", *, field: str = "", headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(detail)
        self.kind, self.detail, self.remedy, self.field = kind, detail, remedy, field
        self.headers = dict(headers or {})

    @property
    def status(self) -> int:
        return KINDS[self.kind][0]

    def as_json(self) -> Json:
        """The members that the answer has."""
        status, title = KINDS[self.kind]
        told = {"type": TYPE + self.kind, "title": title, "status": status, "detail": self.detail}
        return told | {"remedy": self.remedy} | ({"field": self.field} if self.field else {})


_BUSY = {"Retry-After": str(AGAIN_AFTER)}


def problem_of(error: Exception) -> Problem:
    """What is answered after an error. One that nobody foresaw is logged, and told without its words."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, StoreError | StoreConflict) and not isinstance(error, StoreBusy | Changed):
        log.error("api: %s", error)
        return Problem("failed", "The database can't be used.", "Run doctor on the machine itself.")
    if not isinstance(error, TwitterManagerError):
        log.error("api: unforeseen", exc_info=error)
        return Problem("failed", f"An unforeseen error ({type(error).__name__}).", "See logs/review.log.")
    headers = _BUSY if isinstance(error, LockHeld | StoreBusy) else {}
    return Problem(_kind(error), error.message, error.remedy, headers=headers)


def _kind(error: TwitterManagerError) -> str:
    kinds: tuple[tuple[type[TwitterManagerError] | tuple[type[TwitterManagerError], ...], str], ...] = (
        ((Meanwhile, Changed), "meanwhile"),
        (TextKnown, "known"),
        ((LockHeld, StoreBusy), "busy"),
        ((GeneratorError, PlatformError), "unavailable"),
        (UsageError, "refused"),
    )
    return next((kind for classes, kind in kinds if isinstance(error, classes)), "refused")
