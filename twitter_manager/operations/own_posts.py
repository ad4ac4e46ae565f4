"""A person's own posts, from what they say of one to drafts and series: everything is checked before anything is kept.

`post`, `post --now` and the import of a file share this. When a post goes out is told by `pipeline.timetable`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from twitter_manager import factory, moments
from twitter_manager.content import Part, plain
from twitter_manager.domain import Draft, Violation
from twitter_manager.errors import TwitterManagerError, UsageError
from twitter_manager.settings import Bot
from twitter_manager.store import drafts
from twitter_manager.store.database import Database

if TYPE_CHECKING:
    from twitter_manager.checks import CheckContext


@dataclass(frozen=True, slots=True)
class OwnPost:
    """All that a person says of one post, in their own words; what is empty was not said."""

    texts: tuple[str, ...]
    """One for each part."""
    platforms: tuple[str, ...] = ()
    at: str = ""
    """When it goes out: "Fri 09:00"."""
    expires: str = ""
    """From when on it is too late for it."""
    every: str = ""
    """It comes again: "week", "Mon 09:00", "1st 09:00"."""
    until: str = ""
    """The last moment at which it comes again."""
    variants: tuple[str, ...] = ()
    """Other texts, which take turns with the first."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A post that passed every check and is ready to be kept."""

    new: drafts.NewDraft


class OwnPosts:
    """Takes a person's posts for one bot. `known`: whether words like these (their `normalised_hash`) were said."""

    def __init__(self, bot: Bot, secrets: tuple[str, ...], known: Callable[[str], bool], now: datetime) -> None:
        self.bot, self.now = bot, now
        self._secrets, self._known = secrets, known

    def checked(self, post: OwnPost) -> Checked:
        """What is kept of it. Raises UsageError for words that are off, TwitterManagerError for a text that is."""
        platforms = self._platforms(post.platforms)
        parts = _parts(post)
        due_at = self._moment("--at", post.at)
        expires_at = self._moment("--expires", post.expires)
        if due_at and expires_at and expires_at <= due_at:
            raise UsageError("It expires before it goes out.", "Take a later moment for --expires.")
        self._check(parts, platforms)
        return Checked(
            drafts.NewDraft(
                bot=self.bot.name,
                origin="person",
                parts=parts,
                platforms=platforms,
                lifetime=expires_at - self.now if expires_at else None,
                language=self.bot.persona.language,
                due_at=due_at,
            )
        )

    def _platforms(self, platforms: Sequence[str]) -> tuple[str, ...]:
        names = tuple(dict.fromkeys(platforms)) or self.bot.platforms_on
        if off := [name for name in names if name not in self.bot.platforms_on]:
            on = ", ".join(self.bot.platforms_on)
            raise UsageError(f"{', '.join(off)}: not set up for {self.bot.name}.", f"Set up: {on or 'none'}.")
        return names

    def _moment(self, option: str, words: str) -> datetime | None:
        if not words:
            return None
        try:
            return moments.understand(words, self.now, self.bot.time_zone, self.bot.persona.language)
        except UsageError as error:
            raise UsageError(f"{option}: {error.message}", error.remedy) from None

    def _check(self, parts: tuple[Part, ...], platforms: tuple[str, ...]) -> None:
        refuse_bad(
            parts, factory.check_context(self.bot, self._secrets, self._known, platforms=platforms), "Not queued"
        )


def keep(db: Database, checked: Checked, now: datetime) -> Draft:
    """Save a checked post in the caller's transaction; gives its draft."""
    draft = drafts.get(db, drafts.add(db, checked.new, now))
    if draft is None:
        raise AssertionError("the draft that was just saved is not there")
    return draft


def refuse_bad(parts: Sequence[Part], context: CheckContext, refusal: str) -> None:
    """Raise TwitterManagerError with all that the checks find against a person's post."""
    from twitter_manager.checks import check_post

    if violations := check_post(parts, context):
        problems = "; ".join(dict.fromkeys(_violation_words(violation, len(parts)) for violation in violations))
        raise TwitterManagerError(f"{refusal}: {problems}", "Change the text and try again.")


def _parts(post: OwnPost) -> tuple[Part, ...]:
    """The parts, with what goes along with them."""
    return plain(post.texts)


def _violation_words(violation: Violation, parts: int) -> str:
    return f"part {violation.part + 1}: {violation.message}" if parts > 1 else violation.message
