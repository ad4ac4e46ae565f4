"""Links: on which platforms the address of a post's material goes along, and what each platform takes for a link.

What a platform's text looks like then is said by `domain.with_link`, for the checks and for who queues the deliveries,
so that what is checked is what is sent; Bluesky shows a long address short (`domain.with_short_link`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from twitter_manager.checks.context import Policy
from twitter_manager.checks.facets import linked
from twitter_manager.checks.lengths import PLATFORM_LIMITS, length
from twitter_manager.checks.weighted import count_links as count_links_on_x
from twitter_manager.domain import with_short_link
from twitter_manager.english import LINK

LEAST_ROOM = 140
"""A link that leaves fewer characters for the text than this is too long to go along."""


def links(address: str, platforms: Iterable[str], policy: Policy) -> dict[str, str]:
    """Those of the platforms on which `address` goes along with a post that nobody wrote, each with the address."""
    carrying = [name for name in platforms if address and carries_links(name, policy)]
    left = {name: _left(name, address) for name in carrying}
    return {name: address for name, characters in left.items() if characters is None or characters >= LEAST_ROOM}


def room(platforms: Iterable[str], links: Mapping[str, str]) -> int | None:
    """The characters that the tightest platform leaves to the text beside the links; None where none has a limit."""
    limits = [left for name in platforms if (left := _left(name, links.get(name, ""))) is not None]
    return min(limits, default=None)


def _left(platform: str, link: str) -> int | None:
    limit = PLATFORM_LIMITS[platform]
    return limit if limit is None or not link else limit - length(as_shown(f"\n{link}", link, platform), platform)[0]


def as_shown(text: str, link: str, platform: str) -> str:
    """A part with the link that goes along, as `platform` shows and counts it. X counts every link alike."""
    return with_short_link(text, link) if platform == "bluesky" else text


def carries_links(platform: str, policy: Policy) -> bool:
    """Whether posts that nobody wrote may have links there."""
    return platform in policy.links and policy.max_links != 0


def count_links(text: str, platform: str) -> int:
    """The links that a post which nobody wrote has on `platform`. X makes some of bare names such as `example.org`, and
    bills a post for them (https://docs.x.com/x-api/getting-started/pricing); on Bluesky we say what is one."""
    if platform == "x":
        return count_links_on_x(text)
    if platform == "bluesky":
        return sum(facet.kind == "link" for facet in linked(text, unattended=True))
    return len(re.findall(LINK, text))
