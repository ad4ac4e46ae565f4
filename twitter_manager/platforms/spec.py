"""What the rest of the program knows of a platform. Each platform's module declares its own; `SPECS` lists them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict

from twitter_manager.content import MediaLimits, Part, with_link, without_address
from twitter_manager.domain import Clock, Draft, Elsewhere, Platform
from twitter_manager.english import LINK

if TYPE_CHECKING:
    from twitter_manager.platforms.facets import Facet


def _written_links(text: str) -> int:
    return len(re.findall(LINK, text))


def _as_it_stands(text: str, link: str) -> str:
    return text


def _unknown(settings: Any, data: Path, bot: str) -> int | None:
    return None


def _lasting(settings: Any, data: Path, bot: str) -> Session | None:
    return None


def _none(text: str) -> Sequence[Facet]:
    return ()


class PlatformSettings(BaseModel):
    """A platform's account and keys. Each field is a `variable`; a platform is on once all without a default are
    set."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, defer_build=True)

    @property
    def account(self) -> str:
        """What tells one account from another, however its keys are written: two bots may not share one."""
        raise NotImplementedError

    @property
    def described(self) -> str:
        """The account in a person's words, without a secret."""
        raise NotImplementedError


Charge = Callable[[str, int, float], None]
"""Books what a service charges for: its kind (`read`, `user_read`), how many, US dollars."""


def free(kind: str, units: int, usd: float) -> None:
    """Nothing is booked."""


@dataclass(frozen=True, slots=True)
class Session:
    """A login that ends."""

    until: datetime
    renewable: bool
    """Whether the keys make a new one when it has ended."""


@dataclass(frozen=True, slots=True)
class PlatformContext:
    """What a platform is made with, besides its settings."""

    bot: str
    title: str
    """What the bot calls itself; "" where it has no name."""
    language: str
    data: Path
    """The folder of what is kept."""
    installation: str
    """The same for as long as the database lives, and no other's."""
    clock: Clock
    time_zone: str = "UTC"
    elsewhere: Callable[[], Mapping[int, Sequence[Elsewhere]]] = dict
    """Where else its posts went, by the delivery's number."""
    charge: Charge = free
    """Takes what the service charges for besides what is written: each read that it answers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformSpec:
    """All functions are pure and cheap; nothing here loads a client library or makes a request."""

    name: str
    """As the settings, the database and the command line call it."""
    title: str
    """As people and prompts call it."""
    settings: type[PlatformSettings] | None = None
    """None: it needs no account, and is always on."""
    make: Callable[[Any, PlatformContext], Platform]
    """The platform, from its settings."""
    limit: int | None = None
    """The longest part, as `count` counts it. None: any length."""
    limit_there: Callable[[Any, Path, str], int | None] = _unknown
    """Given the settings, the folder of what is kept and the bot's name: the limit of this account's own server, as it
    was last heard. None where all servers are alike."""
    session_there: Callable[[Any, Path, str], Session | None] = _lasting
    """Given the same: the session that is kept. None where there is none, or keys hold for ever."""
    revoking: str = ""
    """Where a person ends a key that is no longer used."""
    unit: str = "characters"
    """What `count` counts."""
    count: Callable[[str], int] = len
    max_bytes: int | None = None
    """The longest part in bytes of UTF-8, where that is limited besides."""
    forbidden: str = ""
    """A regular expression for the characters that it does not take."""
    max_cashtags: int | None = None
    links_by_default: bool = True
    """Whether a post's address goes along where the bot's file says nothing."""
    count_links: Callable[[str], int] = _written_links
    """The links that it makes of a post which nobody wrote."""
    shown: Callable[[str, str], str] = _as_it_stands
    """A part as it is counted, given the link that goes along at its end."""
    facets: Callable[[str], Sequence[Facet]] = _none
    """What it marks in a text: for `check --json`."""
    refuses_repeats: bool = False
    """Whether its rules forbid a text that was posted before."""
    summoned_only: bool = False
    """Whether its rules let a program answer only those who turned to the account."""
    ai_by_leave: bool = False
    """Whether its rules let a model write answers only where it has approved that."""
    media: MediaLimits | None = None
    """What it takes of pictures; its platform is a `MediaPlatform`, then. None: it takes none."""
    takes_cards: bool = False
    """Whether a card is given with the post. False: it makes one of the link by itself, or shows none."""
    one_embed: bool = False
    """Whether a card is left out where there are pictures."""
    card_has_link: bool = False
    """Whether readers follow the card, so that its address need not end the text too."""

    @property
    def public(self) -> bool:
        """False: it stays on this machine, and needs no account."""
        return self.settings is not None

    def refusal(self, part: Part) -> str:
        """Why it does not take this part, "" where it does."""
        if not part.media:
            return ""
        if self.media is None or len(part.media) > self.media.count:
            most = f"at most {self.media.count} pictures" if self.media else "no pictures"
            remedy = f"take them off, or leave out {self.name}"
            return f"{self.title} takes {most}, and this part has {len(part.media)}: {remedy}."
        if self.media.lone_gif and len(part.media) > 1 and any(picture.mime == "image/gif" for picture in part.media):
            return f"{self.title} takes an animated GIF alone: take the other pictures off, or leave out {self.name}."
        if len({picture.digest for picture in part.media}) < len(part.media):
            return f"The same picture is there twice, and {self.title} would show it once: take one off."
        longest = max((picture.alt for picture in part.media), key=len)
        if len(longest) > self.media.max_alt:
            most = f"{self.title} takes alt texts of at most {self.media.max_alt:,} characters"
            return f"{most}, and “{longest[:40]}…” has {len(longest):,}: shorten it."
        return ""

    def texts_of(self, texts: Sequence[str], link: str, card: str) -> tuple[str, ...]:
        """The texts as they go there: with the address that goes along, but for that of the last part's card."""
        linked = with_link(texts, link)
        return (*linked[:-1], without_address(linked[-1], card)) if linked and card and self.card_has_link else linked

    def parts_of(self, draft: Draft) -> tuple[Part, ...]:
        """The parts as they go there; none of a draft whose parts a hand deleted. A card goes where an address may."""
        if not draft.parts:
            return ()
        link = draft.links.get(self.name, "")
        *others, last = draft.parts
        takes_it = self.takes_cards and not (self.one_embed and last.media) and bool(link or not draft.links)
        card = replace(last.card, url=link or last.card.url) if last.card and takes_it else None
        *texts, end = self.texts_of(draft.texts, link, card.url if card else "")
        return (
            *(Part(text, part.media) for text, part in zip(texts, others, strict=True)),
            Part(end, last.media, card),
        )
