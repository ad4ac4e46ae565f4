"""How not to do it, for the test of the test: post first, then write it down, and send again what is not written down.

It is what most programs of this kind do. The driver must find its duplicates.
"""

from __future__ import annotations

from twitter_manager.delivery import Outbox
from twitter_manager.domain import Draft, Platform, ReplyTo
from twitter_manager.errors import NotSent, PlatformError, Refused
from twitter_manager.store import deliveries


def install() -> None:
    """Put it in the place of the real one, in this process."""
    Outbox._try_once = _post_then_record  # type: ignore[method-assign]


def _post_then_record(self: Outbox, platform: Platform, ids: list[int], reply: ReplyTo | None, draft: Draft) -> None:
    requests = self._prepare(platform, [deliveries.get(self.db, number) for number in ids], reply, draft)
    try:
        receipts = [platform.publish(request) for request in requests]
    except Refused:
        raise
    except PlatformError as error:
        raise NotSent(str(error)) from error  # no answer? Then send it again.
    with self.db.transaction():
        attempts = [
            deliveries.begin_attempt(
                self.db, deliveries.get(self.db, number), self.run_id, self.clock(), request=request
            )
            for number, request in zip(ids, requests, strict=True)
        ]
    sent = [deliveries.get(self.db, number) for number in ids]
    self._ledger.end_posted(platform, list(zip(sent, attempts, strict=True)), "posted", receipts)
