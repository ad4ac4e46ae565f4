"""A person's own posts, from what they say of one to drafts and series: everything is checked before anything is kept.

`post`, `post --now` and the import of a file share this. When a post goes out is told by `pipeline.timetable`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from twitter_manager import factory, moments, phrases, recurrence
from twitter_manager.content import Media, Part, address_at_end, normalised_hash, plain
from twitter_manager.domain import Actor, Draft, Violation
from twitter_manager.errors import TwitterManagerError, UsageError
from twitter_manager.media.preparing import fits
from twitter_manager.pipeline import recurring, timetable
from twitter_manager.platforms import SPECS
from twitter_manager.platforms.facets import linked
from twitter_manager.settings import Bot
from twitter_manager.store import drafts, series
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
    pictures: tuple[tuple[Media, bytes], ...] = ()
    """They go along with the first part, cleaned."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A post that passed every check and is ready to be kept."""

    new: drafts.NewDraft
    """The post; of a recurring one, its first occurrence."""
    recurring: series.NewSeries | None = None
    expires_at: datetime | None = None
    notes: tuple[str, ...] = ()
    """What its person should know."""


AddCard = Callable[[Sequence[Part], Sequence[str]], tuple[Part, ...]]
"""Gives the parts with the card of their address, for these platforms."""
Said = Callable[[Sequence[Part], Mapping[str, str], Sequence[str]], str]
"""Tells of words that were said before (`repeating.Words.said`)."""


class OwnPosts:
    """Takes a person's posts for one bot."""

    def __init__(self, bot: Bot, secrets: tuple[str, ...], now: datetime, said: Said, add_card: AddCard) -> None:
        self.bot, self.now = bot, now
        self._secrets, self._said, self._add_card = secrets, said, add_card

    def checked(self, post: OwnPost) -> Checked:
        """What is kept of it. Raises UsageError for words that are off, TwitterManagerError for a text that is."""
        platforms = self._platforms(post.platforms)
        parts = _parts(post)
        if not post.every:
            parts = self._add_card(parts, platforms)
        due_at = self._moment("--at", post.at)
        expires_at = self._moment("--expires", post.expires, clock=time(23, 59))
        if due_at and expires_at and expires_at <= due_at:
            raise UsageError("--expires: it expires before it goes out.", "Take a later moment.")
        new = drafts.NewDraft(
            bot=self.bot.name,
            origin="person",
            parts=parts,
            platforms=platforms,
            lifetime=None,
            language=self.bot.persona.language,
            due_at=due_at,
            links=self._links(parts, platforms),
        )
        if post.every:
            return self._recurring(post, new)
        if post.until or post.variants:
            raise UsageError("--until and --variant are for posts that come again.", "Say --every week, for example.")
        self._check(parts, platforms)
        again = self._said(parts, new.links, platforms)
        notes = (*[again] * bool(again), *_addresses(post, parts, platforms, self.bot), *_stills(parts, platforms))
        return Checked(new, expires_at=expires_at, notes=notes)

    def _recurring(self, post: OwnPost, new: drafts.NewDraft) -> Checked:
        zone, language = self.bot.time_zone, self.bot.persona.language
        if post.expires:
            raise UsageError("--expires is for one post.", "Of one that comes again, say the last date with --until.")
        rule = self._rule(post.every, new.due_at)
        until = self._moment("--until", post.until, clock=time(23, 59))
        first = rule.last(new.due_at, zone) if new.due_at else self.now
        first = first if first > self.now else rule.after(self.now, zone)
        if until and until < first:
            raise UsageError(f"The first is {moments.told(first, zone)}, after --until.", "Take a later --until.")
        variants = (new.parts, *((replace(new.parts[0], text=text),) for text in post.variants))
        for variant in variants:
            self._check(recurring.filled(variant, self._longest_day, zone, language), new.platforms)
            self._check(recurring.filled(variant, first, zone, language), new.platforms)
        again = dict.fromkeys(
            self._said(recurring.filled(variant, first, zone, language), {}, new.platforms) for variant in variants
        )
        if len({normalised_hash([part.text for part in variant]) for variant in variants}) < len(variants):
            raise UsageError("Two of the texts are the same.", "Say each --variant in other words.")
        saved = series.NewSeries(self.bot.name, str(rule), variants, new.platforms, language, until)
        filled = recurring.filled(variants[0], first, zone, language)
        ends = f", until {moments.told(until, zone)}" if until else ""
        notes = [f"It comes {rule.told}{ends}.", *filter(None, again), *_duplicates(variants, new.platforms)]
        notes += [*_addresses(post, new.parts, new.platforms, self.bot), *_stills(new.parts, new.platforms)]
        return Checked(replace(new, parts=filled, due_at=first, links={}), saved, notes=tuple(notes))

    def _rule(self, words: str, first: datetime | None) -> recurrence.Rule:
        try:
            return recurrence.understand(words, first, self.bot.time_zone, self.bot.persona.language)
        except UsageError as error:
            told = error.message if error.message.startswith("--every") else f"--every: {error.message}"
            raise UsageError(told, error.remedy) from None

    @cached_property
    def _longest_day(self) -> datetime:
        """The day that takes the most characters to say."""
        zone, language = self.bot.time_zone, self.bot.persona.language
        days = (self.now + timedelta(days=day) for day in range(366))
        return max(days, key=lambda day: len(moments.told_day(day, zone, language)))

    def _platforms(self, platforms: Sequence[str]) -> tuple[str, ...]:
        names = tuple(dict.fromkeys(platforms)) or self.bot.platforms_on
        if off := [name for name in names if name not in self.bot.platforms_on]:
            on = ", ".join(self.bot.platforms_on)
            raise UsageError(
                f"--platform: {', '.join(off)}: not set up for {self.bot.name}.", f"Set up: {on or 'none'}."
            )
        return names

    def _moment(self, option: str, words: str, clock: time | None = None) -> datetime | None:
        if not words:
            return None
        try:
            return moments.understand(words, self.now, self.bot.time_zone, self.bot.persona.language, clock=clock)
        except UsageError as error:
            raise UsageError(f"{option}: {error.message}", error.remedy) from None

    def _links(self, parts: Sequence[Part], platforms: tuple[str, ...]) -> dict[str, str]:
        from twitter_manager.checks import lengths

        return lengths.own_links([part.text for part in parts], platforms, factory.policy(self.bot))

    def _check(self, parts: tuple[Part, ...], platforms: tuple[str, ...]) -> None:
        context = factory.check_context(self.bot, self._secrets, platforms=platforms)
        refuse_bad(parts, replace(context, links=self._links(parts, platforms)), "Not queued")


def keep(db: Database, checked: Checked, now: datetime, by: Actor | None = None) -> Draft:
    """Save a checked post in the caller's transaction; gives its draft. Raises TextKnown where another was quicker."""
    new = replace(checked.new, lifetime=checked.expires_at - now if checked.expires_at else None)
    if checked.recurring:
        drafts.refuse_slip(db, new.parts, new.links, now)  # its occurrences may say the same, a second series may not
        new = replace(new, series_id=series.add(db, checked.recurring, now))
    draft = drafts.get(db, drafts.add(db, new, now, by))
    if draft is None:
        raise AssertionError("the draft that was just saved is not there")
    return draft


def refuse_too_late(forecast: timetable.Forecast, ways: str) -> None:
    """A post that expires before its turn is not queued. `ways`: to mend that. Raises UsageError."""
    if forecast.too_late:
        raise UsageError(f"--expires: the post {forecast.words}.", ways)


def refuse_bad(parts: Sequence[Part], context: CheckContext, refusal: str) -> None:
    """Raise TwitterManagerError with all that the checks find against a person's post."""
    from twitter_manager.checks import check_post

    if violations := check_post(parts, context):
        problems = dict.fromkeys(_violation_words(violation, len(parts)) for violation in violations)
        told = all(violation.rule == "media" for violation in violations)  # each says what to do
        remedy = "" if told else "Change the text and try again."
        raise TwitterManagerError(f"{refusal}: {phrases.sentences(*problems)}", remedy)


def _parts(post: OwnPost) -> tuple[Part, ...]:
    """The parts, with what goes along with them."""
    first, *others = plain(post.texts)
    return replace(first, media=tuple(media for media, _ in post.pictures)), *others


def _stills(parts: Sequence[Part], platforms: Sequence[str]) -> list[str]:
    """Where an animation stands still."""
    animations = [media for part in parts for media in part.media if media.mime == "image/gif"]
    limits = {name: SPECS[name].media for name in platforms}
    still = [
        SPECS[name].title
        for name, taken in limits.items()
        if taken and any(not fits(media, taken) for media in animations)
    ]
    return [f"{', '.join(still)}: the animation stands still there, at its first frame."] if still else []


def _addresses(post: OwnPost, parts: Sequence[Part], platforms: Sequence[str], bot: Bot) -> Iterator[str]:
    """What the addresses in a post go without."""
    links = [[facet for facet in linked(part.text, unattended=False) if facet.kind == "link"] for part in parts]
    *earlier, last = links
    shows_cards = ", ".join(SPECS[name].title for name in platforms if SPECS[name].takes_cards)
    if post.every and last and shows_cards:
        yield f"{shows_cards}: a post that comes again has no card; its address stays in the text."
    elif any(earlier) and not last and shows_cards:
        yield f"{shows_cards}: an address has a card in the last part of a thread alone."
    with_params = 1 if address_at_end(parts[-1].text) and not post.every else 0
    if bot.link_params and sum(map(len, links)) > with_params:
        none = "a post that comes again gets none"
        yield f"link_params: {none if post.every else 'only an address (https://…) that ends the post gets them'}."


def _duplicates(variants: Sequence[Sequence[Part]], platforms: Sequence[str]) -> list[str]:
    """What becomes of a text that comes again as it was, where a platform takes none twice."""
    again = recurring.repeating(platforms)
    strict = ", ".join(SPECS[name].title for name in platforms if name not in again)
    if not strict or any(recurring.DATE in part.text for variant in variants for part in variant):
        return []
    then = "it is left out from then on" if again else "the series ends then"
    how = "more --variant texts, or {date} in one, make it last"
    return [f"{strict} takes no text twice: after {len(variants)} posts {then}; {how}."]


def _violation_words(violation: Violation, parts: int) -> str:
    return f"part {violation.part + 1}: {violation.message}" if parts > 1 else violation.message
