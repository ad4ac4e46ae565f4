"""What a call to Bluesky came to: reading and writing as one account, and what each failure means for what was sent.

The session and the wire are left to `bluesky_session`, what is read and written to `bluesky` and `bluesky_social`."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from twitter_manager.domain import Clock, Json
from twitter_manager.errors import (
    AlreadyThere,
    MediaGone,
    NeedsPerson,
    NotSent,
    OutcomeUnknown,
    PlatformError,
    Refused,
    Unreadable,
)
from twitter_manager.platforms.bluesky_session import (
    CHECK_LOGIN,
    EXPIRED,
    NO_SERVER,
    BlueskySession,
    CallFailed,
    Headers,
)
from twitter_manager.platforms.http_errors import scarce_until

if TYPE_CHECKING:
    from atproto import Client

DEFINITE = frozenset({400, 401, 403, 404, 405, 413, 415, 422})
_LEAVES_WITHIN = timedelta(minutes=2)
"""From the decision to post to its last byte on its way, with a session renewed in between (three answers of 30 s). A
process that was stopped for longer decides anew."""


class BlueskyCalls:
    """One account's calls."""

    scarce_until: datetime | None = None
    """See `social.MeteredPlatform`."""

    def __init__(self, session: BlueskySession, clock: Clock) -> None:
        self._session = session
        self._clock = clock

    def _did(self) -> str:
        try:
            return self._session.open().did
        except (NotSent, NeedsPerson) as error:
            raise unreadable(error, self._clock) from error

    def _read(self, send: Callable[[Client, Headers], Any]) -> Any:
        """Raises Unreadable."""
        try:
            answer = self._session.call(send)
        except (CallFailed, NotSent, NeedsPerson) as failure:
            raise unreadable(failure, self._clock) from failure
        self.scarce_until = scarce_until(getattr(answer, "headers", {}), self._clock())  # the typed ones have none
        return answer

    def _record(self, repo: str, collection: str, rkey: str) -> Any:
        """What stands under a key, or None. Raises Unreadable."""
        params = {"repo": repo, "collection": collection, "rkey": rkey}
        try:
            return self._read(lambda client, headers: client.com.atproto.repo.get_record(params, headers=headers))
        except Unreadable as error:
            if is_told_absent(error, "RecordNotFound"):
                return None
            raise

    def _write(self, began: datetime, method: str, data: Json) -> Any:
        # By hand: the SDK's typed call would drop the null, and with it the guard against overwriting.
        body = json.dumps(data).encode()

        def send(client: Client, headers: Headers) -> Any:
            # No `validate`: a server that knows the record's type checks it, one that doesn't still takes it.
            return client.invoke_procedure(
                f"com.atproto.repo.{method}", content=body, input_encoding="application/json", headers=headers
            )

        try:
            with self._session.while_in_time(lambda: abs(self._clock() - began) <= _LEAVES_WITHIN):
                return self._session.call(send)
        except CallFailed as failure:
            raise self._write_error(failure) from failure

    def _write_error(self, failure: CallFailed) -> PlatformError:
        """What a failed write means. Only what can be proved counts as not sent or refused."""
        message, status = f"Bluesky refused the post: {failure}.", failure.status
        if failure.code == "InvalidSwap":
            return AlreadyThere("Bluesky has a post under this one's key.", "It will be looked up.", status=status)
        if failure.code == "BlobNotFound":
            return MediaGone("Bluesky no longer has the uploaded picture.", "It is uploaded again.", status=status)
        if failure.never_sent or status == 429 or (status and 300 <= status < 400):
            return failure.as_not_sent(self._clock)
        if status in DEFINITE and (not failure.code or failure.code in EXPIRED):
            # Without an XRPC error name not the server spoke but something in front of it; and a session that expires
            # the moment it is made is the server's trouble, not the post's.
            return failure.as_not_sent(self._clock)
        if status in (401, 403, 404):
            return NeedsPerson(message, NO_SERVER if status == 404 else CHECK_LOGIN, status=status)
        if status in DEFINITE:
            return Refused(message, "Mend the post.", status=status)
        return OutcomeUnknown(f"No clear answer from Bluesky: {failure}.", "It will be looked up.", status=status)


def is_told_absent(error: Unreadable, code: str) -> bool:
    """Whether the server itself said that it has no such thing."""
    cause = error.__cause__
    return isinstance(cause, CallFailed) and cause.code == code and cause.status in (400, 404)


def unreadable(error: CallFailed | PlatformError, clock: Clock) -> Unreadable:
    forbidden = isinstance(error, NeedsPerson) or error.status in (401, 403)
    limit = error.as_not_sent(clock) if isinstance(error, CallFailed) else error
    what = error if isinstance(error, CallFailed) else error.message  # its remedy is told once
    return Unreadable(
        f"Bluesky can't be read: {what}",
        CHECK_LOGIN if forbidden else "It will be tried again.",
        status=error.status,
        retry_at=limit.retry_at,
        operation=limit.operation,
        forbidden=forbidden,
    )
