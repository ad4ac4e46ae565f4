"""What a person does on a bot's account besides posting: reading the home, a conversation or somebody's account, a
like, a repost, taking a post down. Each is asked for once, and what a platform refuses is told in its own words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NoReturn, TypeVar

from twitter_manager.amendments import ChargingPlatform
from twitter_manager.delivery import limiting
from twitter_manager.domain import Actor, Clock, Json, Platform
from twitter_manager.errors import PlatformError, TwitterManagerError, UsageError
from twitter_manager.phrases import limited
from twitter_manager.pipeline.reading import guarded
from twitter_manager.pipeline.spending import Budget, left_of_budget
from twitter_manager.platforms import SPECS
from twitter_manager.settings import Bot
from twitter_manager.social import Author, NamingPlatform, SeenPost, SocialPlatform
from twitter_manager.store import charges, events
from twitter_manager.store.database import Database
from twitter_manager.terminal import command

_Answer = TypeVar("_Answer")


def account(bot: Bot, platforms: Mapping[str, Platform], name: str, what: str = "") -> SocialPlatform:
    """The account that is meant, of a bot's `platforms`: the one of this name; for "" the only one, or the only one on
    which `what` is the address of a post. Raises UsageError, Unreadable."""
    usable = {each: platform for each, platform in platforms.items() if isinstance(platform, SocialPlatform)}
    if not usable:
        remedy = f"Log in: {command('auth login mastodon')}"
        raise UsageError(f"{bot.name} has no account on which people answer.", remedy)
    if name and name not in usable:
        raise UsageError(f"--platform: {bot.name} has no such account on {name}.", f"There are: {', '.join(usable)}.")
    if name or len(usable) == 1:
        return usable[name] if name else next(iter(usable.values()))
    there = [each for each in usable.values() if _named_by(each, what)]
    if len(there) == 1:
        return there[0]
    raise UsageError(f"{bot.name} has several accounts: say which.", f"Add --platform {', or '.join(usable)}.")


def _named_by(platform: Platform, address: str) -> str:
    return platform.id_at(address) if isinstance(platform, NamingPlatform) else ""


@dataclass(frozen=True)
class Account:
    """A bot's account on one platform, as its person uses it. `db` is open for writing."""

    db: Database
    bot: Bot
    platforms: Mapping[str, Platform]
    platform: SocialPlatform
    clock: Clock
    redact: Callable[[str], str]
    by: Actor

    def post_id(self, what: str) -> str:
        """The remote id that a person means by it, or by a post's address. Raises UsageError, Unreadable."""
        if found := _named_by(self.platform, what):
            return found
        if not what.startswith(("https://", "http://")):
            return what
        raise UsageError(
            f"{what[:100]!r} is the address of no post that {self._title} knows.",
            f"Give its name there, as {command('social')} shows it.",
        )

    def timeline(self, limit: int) -> list[SeenPost]:
        """What the home shows, newest first."""
        return self._read(lambda: self.platform.timeline(limit))

    def thread(self, remote_id: str) -> list[SeenPost]:
        """The conversation around a post, oldest first. Raises TwitterManagerError where it is gone."""
        return self._read(lambda: self.platform.thread(remote_id)) or _gone(remote_id)

    def seen(self, remote_id: str) -> SeenPost:
        """One post. Raises TwitterManagerError where it is gone."""
        return self._read(lambda: self.platform.seen(remote_id)) or _gone(remote_id)

    def author(self, handle: str) -> Author:
        """Somebody's account, the own for "". Raises TwitterManagerError where there is none of this name."""
        if author := self._read(lambda: self.platform.author(handle)):
            return author
        raise TwitterManagerError(f"{self._title} knows no account {handle[:100]!r}.", "Check how its name is written.")

    def like(self, remote_id: str) -> None:
        self._act("like", limiting.ACT, remote_id, self.platform.like)

    def repost(self, remote_id: str) -> None:
        self._act("repost", limiting.ACT, remote_id, self.platform.repost)

    def delete(self, remote_id: str) -> None:
        """A post of the account's that the program did not make."""
        self._act("delete", limiting.WRITE, remote_id, self.platform.delete)
        if isinstance(self.platform, ChargingPlatform):
            usd, name = self.platform.deletion_usd, self.platform.name
            with self.db.transaction():
                charges.add(self.db, charges.Charge(self.clock(), self.bot.name, name, "deletion", 1, usd))

    @cached_property
    def _title(self) -> str:
        return SPECS[self.platform.name].title

    def _read(self, request: Callable[[], _Answer]) -> _Answer:
        """Raises Unreadable, TwitterManagerError."""
        self._refuse_limited(*limiting.LISTENING)
        self._refuse_unaffordable()
        try:
            with guarded(self.platform):
                answer = request()
        except PlatformError as error:
            self._note(limiting.LISTEN, error)
            raise
        with self.db.transaction():
            limiting.heard(self.db, self.bot.name, self.platform, self.clock())
        return answer

    def _act(self, what: str, operation: str, remote_id: str, do: Callable[[str], None]) -> None:
        self._refuse_limited(operation)
        self._refuse_unaffordable()
        try:
            do(remote_id)
        except PlatformError as error:
            self._note(operation, error)
            raise
        with self.db.transaction():
            now = self.clock()
            limiting.passed(self.db, self.bot.name, self.platform, operation, now)
            about: Json = {"platform": self.platform.name, "account": self.platform.account, "post": remote_id}
            events.record(self.db, now, f"social_{what}", bot=self.bot.name, **about | self.by.on_record)

    def _note(self, operation: str, error: PlatformError) -> None:
        why = self.redact(str(error))
        with self.db.transaction():
            limiting.met(self.db, self.bot.name, self.platform, operation, error, self.clock(), why)

    def _refuse_limited(self, *operations: str) -> None:
        if limit := limiting.in_the_way(self.db, self.platform, operations, self.clock()):
            told = limited(self.platform.name, limit.operation, limit.until, self.bot.time_zone)
            raise TwitterManagerError(f"{told[:1].upper()}{told[1:]}.", "Try it again then.")

    def _refuse_unaffordable(self) -> None:
        """Where each request costs, nothing is asked for once the budget is used up."""
        if not isinstance(self.platform, ChargingPlatform):
            return
        stands = left_of_budget(self.db, self.bot.name, Budget.of(self.bot), self.platforms, self.clock())
        if stands.left <= 0:
            raise TwitterManagerError(f"{self._title} charges for this, and {stands.words}.")


def _gone(remote_id: str) -> NoReturn:
    raise TwitterManagerError(f"The post {remote_id[:200]} is not there: it was deleted, or is hidden.")
