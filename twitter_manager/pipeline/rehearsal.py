"""What stands in the place of publishing in a dry run and a preview: nothing leaves this machine.

Both work on a copy of the database that is thrown away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from twitter_manager.delivery import Outbox
from twitter_manager.domain import Draft, Json, Outcome, Outgoing, Platform, Receipt, RemotePost
from twitter_manager.pipeline.context import Writer


@dataclass(frozen=True, slots=True)
class NullPlatform:
    """It takes everything, sends nothing and asks nothing."""

    real: Platform
    definite: bool = True

    @property
    def name(self) -> str:
        return self.real.name

    @property
    def account(self) -> str:
        return self.real.account

    def price(self, text: str, *, summoned: bool = False) -> float:
        return self.real.price(text, summoned=summoned)

    def prepare(self, post: Outgoing) -> Json:
        return {"text": post.text, "delivery": post.delivery_id}

    def publish(self, request: Json) -> Receipt:
        return Receipt(f"dry-run-{request['delivery']}", "")

    def look_up(self, request: Json, since: datetime, claimed: frozenset[str]) -> Receipt | None:
        return None

    def recent(self, since: datetime, limit: int = 100) -> list[RemotePost]:
        return []

    def delete(self, remote_id: str) -> None:
        return None

    def verify(self) -> str:
        return "dry run"


class RehearsalOutbox(Outbox):
    """Shows the next post alone: what an earlier run left open stays as it is."""

    def outcome(self, draft: Draft) -> Outcome:
        """Whatever the next run would meet."""
        return Outcome.DRY_RUN

    def settle(self) -> None:
        """Nothing is looked up."""

    def resume(self) -> None:
        """Nothing goes on."""

    def answer(self, draft: Draft, name: str) -> None:
        """Nobody is answered."""

    def _supersede(self, newer: Draft, accounts: Mapping[str, str]) -> None:
        """Nothing makes way."""


@dataclass(frozen=True, slots=True)
class RehearsalWriter:
    """Writes the post that is due, where none is ready, and nothing for later."""

    real: Writer

    def write(self, run_id: int) -> str:
        return self.real.write(run_id)

    def top_up(self, run_id: int, wanted: int) -> str:
        return ""

    def write_news(self, run_id: int) -> str:
        return ""

    def let_go(self, run_id: int) -> list[str]:
        return self.real.let_go(run_id)

    def hold(self, run_id: int) -> None:
        self.real.hold(run_id)

    def recheck(self, run_id: int) -> None:
        self.real.recheck(run_id)

    def running_out(self, run_id: int) -> str:
        return ""

    def offer_again(self, run_id: int) -> None:
        return None

    def conclude(self, run_id: int) -> str:
        return ""
