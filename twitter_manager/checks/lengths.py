"""How long a text is on each platform, as that platform counts, with the link that goes along; what is a link there.

How a platform counts and what it shows is declared in its `PlatformSpec`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType

from twitter_manager.checks.context import CheckContext, Policy
from twitter_manager.content import address_at_end
from twitter_manager.domain import Violation
from twitter_manager.errors import UsageError
from twitter_manager.platforms import SPECS

USUAL: Mapping[str, int] = MappingProxyType({})
"""Every platform's server takes what its spec says."""
LEAST_ROOM = 140
"""A link that leaves fewer characters for the text than this is too long to go along."""


def lengths(parts: Sequence[str], context: CheckContext) -> Iterator[Violation]:
    """Each part within each platform's limit, as that platform counts, with the link that goes along there."""
    for name in context.platforms:
        link = context.links.get(name, "")
        card = (link or context.card) if context.card and (link or not context.links) else ""
        for at, part in enumerate(SPECS[name].texts_of(parts, link, card)):
            if message := _too_long(name, SPECS[name].shown(part, link), context.limits):
                yield Violation("length", message, at, name)


def _too_long(platform: str, text: str, limits: Mapping[str, int]) -> str:
    counted, limit = length(text, platform, limits)
    size, most = len(text.encode("utf-8", "surrogatepass")), SPECS[platform].max_bytes
    if limit is not None and counted > limit:
        return f"{counted} characters as {platform} counts, and its limit is {limit}: shorten it."
    if most is not None and size > most:
        return f"{size} bytes, and {platform}'s limit is {most}: shorten it."
    return ""


def length(text: str, platform: str, limits: Mapping[str, int] = USUAL) -> tuple[int, int | None]:
    """The length of `text` as `platform` counts it, and its limit (None: no limit). `limits`: see CheckContext.

    Raises UsageError for an unknown platform."""
    if platform not in SPECS:
        raise UsageError(f"There is no platform {platform!r}.", f"Use one of {', '.join(SPECS)}.")
    return SPECS[platform].count(text), limits.get(platform, SPECS[platform].limit)


# --- Links ------------------------------------------------------------------------------------------------------------


def links(address: str, platforms: Iterable[str], policy: Policy, limits: Mapping[str, int] = USUAL) -> dict[str, str]:
    """Those of the platforms on which `address` goes along with a post that nobody wrote, each with the address."""
    carried = {name: policy.link(address, name) for name in platforms if address and carries_links(name, policy)}
    left = {name: _left(name, link, limits) for name, link in carried.items()}
    return {name: carried[name] for name, characters in left.items() if characters is None or characters >= LEAST_ROOM}


def own_links(texts: Sequence[str], platforms: Iterable[str], policy: Policy) -> dict[str, str]:
    """What becomes of the address that ends a person's post, where parameters are added to it: by platform."""
    own = address_at_end(texts[-1]) if policy.link_params else ""
    return {name: policy.link(own, name) for name in platforms} if own else {}


def room(
    platforms: Iterable[str], links: Mapping[str, str], limits: Mapping[str, int] = USUAL, *, cards: bool = True
) -> int | None:
    """The characters that the tightest platform leaves to the text beside the links; None where none has a limit. A
    post that nobody wrote has a card where one can have its link, unless a picture takes its place (`cards`)."""
    rooms = (_left(name, links.get(name, ""), limits, cards=cards) for name in platforms)
    return min((left for left in rooms if left is not None), default=None)


def _left(platform: str, link: str, limits: Mapping[str, int], *, cards: bool = True) -> int | None:
    in_card = SPECS[platform].card_has_link and (cards or not SPECS[platform].one_embed)
    shown = SPECS[platform].shown(f"\n{link}", link) if link and not in_card else ""
    size, limit = length(shown, platform, limits)
    return None if limit is None else limit - size


def carries_links(platform: str, policy: Policy) -> bool:
    """Whether posts that nobody wrote may have links there."""
    return platform in policy.links and policy.max_links != 0
