"""A Mastodon server and a token for it: how it is asked, what it said of itself and of the token's owner, and a post as
it is shown. What is asked is left to `mastodon.py` and `mastodon_social.py`. `transport.py` says how far a request got;
the errors that Mastodon.py raises are not looked at, for they say no more than the answer does."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime, timedelta
from functools import cached_property, partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from twitter_manager.domain import Clock, Json, Receipt
from twitter_manager.errors import NeedsPerson, NotSent, OutcomeUnknown, PlatformError, Refused, Unreadable
from twitter_manager.platforms import kept
from twitter_manager.platforms.http_errors import scarce_until
from twitter_manager.platforms.mastodon_posts import checked_id, is_id
from twitter_manager.platforms.mastodon_server import Known, kept_of, limits_of, refusal_of, says, unreadable
from twitter_manager.platforms.matching import as_dict
from twitter_manager.platforms.transport import Answer, Transport
from twitter_manager.redaction import redact

PAGE = 40
"""Posts of a page, which no server exceeds."""
_LEAVES_WITHIN = timedelta(minutes=1)
"""From the decision to post to the first byte on its way. A process that was stopped in between decides anew."""
_ASKED_AGAIN_AFTER = timedelta(days=1)


class MastodonConnection:
    """One account at its server. Nothing is imported or opened before the first request.

    `installation`: keeps the idempotency keys of two installations apart. `state_file`: keeps what the server said of
    itself and the account, for a day. Timeouts are in seconds."""

    scarce_until: datetime | None = None
    """See `social.MeteredPlatform`."""

    def __init__(
        self,
        base_url: str,
        access_token: str,
        *,
        installation: str,
        state_file: Path,
        clock: Clock,
        visibility: str = "public",
        content_warning: str = "",
        connect_timeout: float = 10,
        read_timeout: float = 30,
        sleep: Callable[[float], None] | None = None,
    ) -> None:
        self._sleep = sleep or time.sleep
        self._base_url, self._token = base_url.rstrip("/"), access_token
        self._installation, self._clock = installation, clock
        self._visibility, self._warning = visibility, content_warning
        self._timeouts = (connect_timeout, read_timeout)
        self._file = state_file
        self._known: Known | None = None

    @property
    def account(self) -> str:
        return account_of(self._base_url, self._token)

    def _status(self, remote_id: str) -> Json | None:
        """A post as it is shown, or None where it is not there. Raises NotSent, NeedsPerson."""
        checked_id(remote_id)
        try:
            answer = self._call(lambda client: client.status(remote_id))
            if answer.status == 404 and says(answer):
                return None
            status = as_dict(self._yes(answer))
        except (OutcomeUnknown, Refused) as error:
            if isinstance(error, NeedsPerson):
                raise
            raise NotSent(error.message, "It is tried again.", status=error.status) from error
        if status.get("id") != remote_id:
            raise NotSent("Mastodon's answer can't be read.", "It is tried again.")
        return status

    def _ask_known(self, *, anew: bool = False) -> Known:
        """Raises NotSent, NeedsPerson: it is asked before anything is sent."""
        known = self._known or kept_of(self._file, self.account)
        if known is None or anew or abs(self._clock() - known.asked_at) > _ASKED_AGAIN_AFTER:
            try:
                known = self._asked()
            except NeedsPerson:
                raise
            except PlatformError as error:
                if known is None or anew:
                    message = f"It could not be found out whose access token this is: {error.message}"
                    raise NotSent(message, error.remedy, status=error.status, retry_at=error.retry_at) from error
            else:
                kept.save(
                    self._file, {"account": self.account}, asdict(known) | {"asked_at": known.asked_at.isoformat()}
                )
        self._known = known
        return known

    def _asked(self) -> Known:
        owner = as_dict(self._ask(lambda client: client.account_verify_credentials()))
        instance = as_dict(self._ask_instance())
        name = owner.get("username")
        if not is_id(owner.get("id")) or not isinstance(name, str) or not re.fullmatch(r"[\w.-]{1,100}", name):
            raise OutcomeUnknown("Mastodon did not say whose access token this is.", "Check MASTODON_BASE_URL.")
        return Known(owner["id"], f"@{name}@{urlsplit(self._base_url).netloc}", limits_of(instance), self._clock())

    def _ask_instance(self) -> Any:
        try:
            return self._ask(lambda client: client.instance_v2())
        except NeedsPerson:
            raise
        except Refused:  # older servers and some relatives know no such request
            return {}

    @cached_property
    def _connection(self) -> tuple[Any, Transport]:
        import mastodon

        client = mastodon.Mastodon(
            access_token=self._token,
            api_base_url=self._base_url,
            ratelimit_method="throw",
            user_agent="twitter_manager",
        )
        transport = Transport(self._base_url, *self._timeouts, redact=partial(redact, values=(self._token,)))
        transport.mount_on(client.session)
        return client, transport

    def _call(
        self, send: Callable[[Any], object], began: datetime | None = None, within: timedelta = _LEAVES_WITHIN
    ) -> Answer:
        """The complete answer, whatever it says. `began`: when it was decided to send, if that was before now;
        `within`: how long after that the last byte may leave. Raises NotSent or OutcomeUnknown where there is none."""
        began = began or self._clock()
        client, transport = self._connection
        answer = transport.ask(
            "Mastodon",
            lambda: send(client),
            lambda: abs(self._clock() - began) <= within,
            "Check the network, and MASTODON_BASE_URL.",
        )
        self.scarce_until = scarce_until(answer.headers, self._clock())
        return answer

    def _ask(self, send: Callable[[Any], object], scope: str = "") -> Any:
        """The body of a yes. Raises what `refusal_of` gives for anything else."""
        return self._yes(self._call(send), scope)

    def _yes(self, answer: Answer, scope: str = "") -> Any:
        if not 200 <= answer.status < 300:
            raise refusal_of(answer, self._clock(), scope)
        return answer.json()

    def _own_page(self, account: str, before: str | None) -> list[Any]:
        """Own posts, newest first. Raises Unreadable. https://docs.joinmastodon.org/methods/accounts/#statuses"""
        return self._read(
            lambda client: client.account_statuses(account, limit=PAGE, max_id=before), scope="read:statuses"
        )

    def _read(self, send: Callable[[Any], object], scope: str = "") -> list[Any]:
        """A list. Raises Unreadable."""
        try:
            body = self._ask(send, scope)
        except PlatformError as error:
            raise unreadable(error) from error
        if not isinstance(body, list):
            raise Unreadable("Mastodon's list is no list.", "Reading is tried again later.")
        return body

    def _receipt(self, status: Json) -> Receipt:
        url = status.get("url")
        is_address = isinstance(url, str) and re.fullmatch(r"https?://\S{1,500}", url)
        return Receipt(status["id"], str(url) if is_address else f"{self._base_url}/web/statuses/{status['id']}")


def account_of(base_url: str, access_token: str) -> str:
    """A token does not tell whose it is; a part of its hash tells it from another account's."""
    fingerprint = hashlib.sha256(access_token.encode()).hexdigest()[:8]
    return f"{urlsplit(base_url).netloc} (token {fingerprint})"
