"""Makes the cards of addresses: what their pages say of themselves, checked like all that others wrote.

A card never costs the post, and no more than `SECONDS`. Where the page can't be read, a generated post has its
material's own title and summary in the card, and a person's post has no card: the address stays in the text. Where
the page's picture can't be had in time, or is none, the card goes without.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace

from twitter_manager.checks import CheckContext, check_attached
from twitter_manager.content import Card, Media, Part
from twitter_manager.domain import Clock, Item, Json, Progress
from twitter_manager.errors import SourceError, TwitterManagerError
from twitter_manager.media import thumbnail
from twitter_manager.pipeline.outside import Outside, host_of
from twitter_manager.platforms import SPECS
from twitter_manager.platforms.facets import linked
from twitter_manager.sources import card_pages
from twitter_manager.sources.fetch import PAGE, shown
from twitter_manager.store import cards
from twitter_manager.store.database import Database

log = logging.getLogger(__name__)

SECONDS = 15.0
"""For one page, its picture and the start of what reads it."""


@dataclass(slots=True)
class CardMaker:
    """Makes the cards of one bot. `close` it in the end."""

    db: Database
    rules: CheckContext
    """By which the words of others are checked."""
    outside: Outside
    keep: Callable[[Media, bytes], None]
    """Keeps a thumbnail for the run that posts it. Raises OSError, TwitterManagerError."""
    clock: Clock
    progress: Progress
    why_not: str = ""
    """Why the last page gave no card."""
    _silent: set[str] = field(default_factory=set)
    """Hosts that are not asked again."""

    def of_item(self, item: Item) -> Card:
        """The card of a piece of material's address."""
        if card := self.of_page(item.url):
            return card
        title = card_pages.line(item.title, card_pages.LONGEST_TITLE)
        own = Card(item.url, title, card_pages.line(item.summary, card_pages.LONGEST_DESCRIPTION))
        return own if title and self._is_fit(own) else Card(item.url, host_of(item.url))

    def add_to(self, parts: Sequence[Part], platforms: Collection[str]) -> tuple[Part, ...]:
        """A person's parts with the card of the last address in them, where that stands in the last part and some of
        the platforms shows cards."""
        return _with_card(parts, platforms, self.of_page)

    def of_page(self, url: str) -> Card | None:
        """The card of a page, as it was read lately or is read now; None where it can't be read, or where what it says
        is not for the bot's readers."""
        card = cards.find(self.db, url, self.clock()) or self._read(url)
        if card is not None and not self._is_fit(card):
            self.why_not = "what the page says of itself is not for your readers"
            return None
        return card

    def close(self) -> None:
        """End what reads and fetches."""
        self.outside.close()

    def _is_fit(self, card: Card) -> bool:
        context = replace(self.rules, platforms=(), material=())
        found = [violation.rule for violation in check_attached((Part("", card=card),), context)]
        if found:
            log.info("no card for %s: %s", shown(card.url), ", ".join(found))
        return not found

    def _read(self, url: str) -> Card | None:
        if host_of(url) in self._silent:
            return None
        self.progress(f"reading {shown(url)} for its card")
        try:
            said = self._said(url)
        except SourceError as error:
            log.info("no card: %s", error)
            self.why_not = error.message
            self._silent.add(host_of(url))
            return None
        if not said.get("title"):
            self.why_not = f"{shown(url)}: the page has no title."
            return None
        card = Card(url, said["title"], said["description"], self._thumb(said["picture"]))
        with self.db.transaction():
            cards.keep(self.db, card, self.clock())
        return card

    def _said(self, url: str) -> Json:
        """What a page says of itself. Raises SourceError."""
        outside = self.outside
        outside.begin(SECONDS)
        page = outside.get(url, PAGE)
        if page is None or (page.media_type.startswith("text/") and page.media_type != "text/html"):
            return {}
        about = (page.content, page.charset, page.url)
        said = outside.reads.do(card_pages.read, about, shown(url), outside.time_left, log.info)
        return {name: str(words) for name, words in said.items()}

    def _thumb(self, address: str) -> Media | None:
        """The picture that a page has for cards, in what is left of the card's time."""
        if not address:
            return None
        outside = self.outside
        try:
            with outside.picture(address) as content:
                media, small = thumbnail(content, shown(address), outside.reads, outside.time_left)
                self.keep(media, small)
        except (TwitterManagerError, OSError) as error:
            log.info("the card has no picture: %s", error)
            return None
        return media


def with_blank(parts: Sequence[Part], platforms: Collection[str]) -> tuple[Part, ...]:
    """The parts with a card that says nothing yet, where `CardMaker.add_to` would look for one."""
    return _with_card(parts, platforms, lambda url: Card(url, host_of(url)))


def _with_card(
    parts: Sequence[Part], platforms: Collection[str], of_page: Callable[[str], Card | None]
) -> tuple[Part, ...]:
    *others, last = parts
    found = [facet.value for facet in linked(last.text, unattended=False) if facet.kind == "link"]
    is_shown = bool(found) and not last.media and any(SPECS[name].takes_cards for name in platforms)
    return (*others, replace(last, card=of_page(found[-1]) if is_shown else None))
