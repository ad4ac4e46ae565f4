"""What becomes of a post after it is out: it is taken down, or it gets other words. The records and protocols of that;
who carries it out stands in `delivery/amending.py`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol, runtime_checkable

from twitter_manager.domain import Platform


class Kind(StrEnum):
    DELETION = "deletion"
    EDIT = "edit"


class Status(StrEnum):
    """`sending`: the request may have left, and no clear answer came."""

    QUEUED = "queued"
    SENDING = "sending"
    DONE = "done"
    REFUSED = "refused"


OPEN = frozenset({Status.QUEUED, Status.SENDING})


@dataclass(frozen=True, slots=True)
class Amendment:
    """One change to one part of a draft on one platform."""

    id: int
    kind: Kind
    status: Status
    origin: str
    """`person` asked for it here; `platform`: it was found done there."""
    delivery_id: int
    draft_id: int
    platform: str
    part: int
    text: str
    """The new words of an edit."""
    before: str
    """The words that they take the place of."""
    error: str
    created_at: datetime
    ended_at: datetime | None


@runtime_checkable
class AskablePlatform(Platform, Protocol):
    """A platform that tells of one post whether it is there."""

    def is_there(self, remote_id: str) -> bool:
        """Raises Unreadable."""
        ...


@runtime_checkable
class ChargingPlatform(AskablePlatform, Protocol):
    """A platform on which a deletion costs: one whose end is unclear is looked up before it is asked for again."""

    @property
    def deletion_usd(self) -> float: ...

    @property
    def reading_usd(self) -> float:
        """Of one post of one's own."""
        ...

    @property
    def hearing_usd(self) -> float:
        """Of one comment of somebody else's, with its author."""
        ...


@runtime_checkable
class EditingPlatform(Platform, Protocol):
    """A platform on which a post can get other words and keeps its address, its replies and what goes along with it."""

    def edit(self, remote_id: str, text: str) -> None:
        """Harmless to repeat. Raises NotSent, Refused, NeedsPerson, Gone, OutcomeUnknown."""
        ...
