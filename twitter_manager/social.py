"""What comes back of a post: figures, and what people say beneath it. The records and protocols of that.

Who reads it when is left to `pipeline.listening`, what becomes of it to `learning` and `pipeline.answering`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Protocol, runtime_checkable

from twitter_manager.domain import Platform, Receipt, ReplyTo


@dataclass(frozen=True, slots=True)
class Figures:
    """What a post came to so far. `views`: None where the platform does not tell."""

    likes: int
    replies: int
    reposts: int
    quotes: int
    views: int | None = None

    @property
    def engagement(self) -> int:
        """All that people did with it."""
        return self.likes + self.replies + self.reposts + self.quotes

    @property
    def engagement_rate(self) -> float | None:
        """Per cent: what people did, for a hundred views. One person may do several things, so it can pass 100. None
        where no views are known, which is so on Bluesky and Mastodon: a rate by followers would be another thing under
        the same name, for not all of them see a post, and others do."""
        return round(100 * self.engagement / self.views, 2) if self.views else None

    def without(self, *, likes: int = 0, replies: int = 0, reposts: int = 0) -> Figures:
        """Less what the account did itself, which platforms count too."""
        return replace(
            self,
            likes=max(0, self.likes - likes),
            replies=max(0, self.replies - replies),
            reposts=max(0, self.reposts - reposts),
        )


class Kind(StrEnum):
    """How a comment reached the account. `asked`: nobody said it to the account, and a person asked to answer it."""

    REPLY = "reply"
    MENTION = "mention"
    QUOTE = "quote"
    ASKED = "asked"


@dataclass(frozen=True, slots=True)
class SeenPost:
    """A post as the platform shows it, whoever wrote it: plain text, links expanded, entities resolved. `receipt` has
    what an answer to it needs. `author`: the handle, without @ in front; `author_id`: what stays when that changes;
    `parent_id`: the remote id of what it answers, or "", and `parent_author_id` that one's author where it is known;
    `root`: the first post of its conversation, None where it is that itself or where the platform names none."""

    receipt: Receipt
    author: str
    author_id: str
    author_name: str
    text: str
    created_at: datetime
    language: str = ""
    parent_id: str = ""
    parent_author_id: str = ""
    root: Receipt | None = None
    figures: Figures | None = None

    @property
    def as_parent(self) -> ReplyTo:
        """Where an answer to it hangs."""
        return ReplyTo(self.root or self.receipt, self.receipt)

    def redacted(self, redact: Callable[[str], str]) -> SeenPost:
        """Without secrets of ours that somebody found."""
        return replace(self, text=redact(self.text), author_name=redact(self.author_name))


@dataclass(frozen=True, slots=True)
class Heard:
    """Something that was said to the account."""

    kind: Kind
    post: SeenPost


@dataclass(frozen=True, slots=True)
class HeardPage:
    """What was said since the last look, oldest first. `cursor`: where the next look begins, opaque to the caller;
    `more`: there is more to read after it, which may be older where the platform shows the newest first (X)."""

    heard: Sequence[Heard]
    cursor: str
    more: bool = False


@dataclass(frozen=True, slots=True)
class Author:
    """Somebody's account. `bot`: whether it calls itself automated, None where the platform does not tell."""

    handle: str
    name: str
    about: str
    url: str
    followers: int | None
    posts: int | None
    bot: bool | None


@runtime_checkable
class SocialPlatform(Platform, Protocol):
    """A platform on which people answer. Reading raises Unreadable (with `retry_at` and `status` 429 where it is
    limited, and `forbidden` with the platform's own reason where the account's plan or its token's scopes do not allow
    it); what it charges for each read goes to `PlatformContext.charge`. Acting raises what `delete` does."""

    @property
    def figures_at_once(self) -> int:
        """For how many posts one request gives figures: the platform's page size."""
        ...

    def figures(self, remote_ids: Sequence[str]) -> Mapping[str, Figures | None]:
        """What each of the account's own posts came to, by remote id: None for one that is gone for sure; one that the
        platform says nothing of is left out. The account's own like and repost count only where the platform does not
        tell of them (X), its own replies always. One request for each `figures_at_once` of them."""
        ...

    def heard(self, cursor: str, since: datetime, limit: int) -> HeardPage:
        """Replies, mentions and quotes of others after `cursor`, at first ("") those not older than `since`, up to
        `limit`; never the account's own posts. Nothing is marked as read there."""
        ...

    def timeline(self, limit: int) -> list[SeenPost]:
        """What the account's home shows, newest first."""
        ...

    def thread(self, remote_id: str) -> list[SeenPost]:
        """The conversation that a post stands in, oldest first, the post itself among it; empty where it is gone."""
        ...

    def author(self, handle: str) -> Author | None:
        """Somebody's account, the own for ""; None where there is none of this name."""
        ...

    def seen(self, remote_id: str) -> SeenPost | None:
        """One post of anybody's; None where it is gone."""
        ...

    def like(self, remote_id: str) -> None:
        """A second time changes nothing."""
        ...

    def repost(self, remote_id: str) -> None:
        """A second time changes nothing."""
        ...


@runtime_checkable
class NamingPlatform(Platform, Protocol):
    """A platform whose posts can be named by the address of their page."""

    def id_at(self, address: str) -> str:
        """The remote id of the post there; "" where the address is of none that can be told. Raises Unreadable."""
        ...


@runtime_checkable
class MeteredPlatform(Platform, Protocol):
    """A platform that tells how much it still allows."""

    @property
    def scarce_until(self) -> datetime | None:
        """As the last answer said: until when what is left should be kept for what matters. None: there is plenty."""
        ...


@runtime_checkable
class LabelledPlatform(Platform, Protocol):
    """A platform on which a program can call its account automated."""

    def is_labelled(self) -> bool:
        """Whether the account's profile says so. Raises Unreadable."""
        ...

    def label(self) -> None:
        """Let the profile say so; all else of it stays. Raises what `delete` does."""
        ...
