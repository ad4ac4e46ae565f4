"""How long a text is on each platform, as that platform counts, with the link that goes along; what is a link there.

X counts weighted characters (`weighted.py`). Bluesky counts graphemes, and UTF-8 bytes besides (lexicon
app.bsky.feed.post, https://github.com/bluesky-social/atproto/blob/main/lexicons/app/bsky/feed/post.json). The feed
takes any length; it is given in code points. What a platform's text looks like is said by `domain.with_link`, for the
checks and for who queues the deliveries; Bluesky shows a long address short (`domain.with_short_link`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from twitter_manager.checks.context import CheckContext, Policy
from twitter_manager.domain import Violation, with_link, with_short_link
from twitter_manager.english import LINK
from twitter_manager.errors import UsageError
from twitter_manager.platforms.facets import linked
from twitter_manager.platforms.matching import graphemes
from twitter_manager.platforms.weighted import count_links as count_links_on_x
from twitter_manager.platforms.weighted import weighted_length

PLATFORM_LIMITS: Mapping[str, int | None] = {"x": 280, "bluesky": 300, "feed": None}
"""Weighted characters, graphemes, none."""
BLUESKY_BYTES = 3000
LEAST_ROOM = 140
"""A link that leaves fewer characters for the text than this is too long to go along."""


def lengths(parts: Sequence[str], context: CheckContext) -> Iterator[Violation]:
    """Each part within each platform's limit, as that platform counts, with the link that goes along there."""
    dressings = []
    for platform in context.platforms:
        link = context.links.get(platform, "")
        dressings.append((platform, [as_shown(part, link, platform) for part in with_link(parts, link)]))
    for at in range(len(parts)):
        for platform, post in dressings:
            counted, limit = length(post[at], platform)
            if limit is not None and counted > limit:
                message = f"{counted} characters as {platform} counts, and its limit is {limit}: shorten it."
                yield Violation("length", message, at, platform)
            elif platform == "bluesky" and (size := len(post[at].encode("utf-8", "surrogatepass"))) > BLUESKY_BYTES:
                message = f"{size} bytes, and bluesky's limit is {BLUESKY_BYTES}: shorten it."
                yield Violation("length", message, at, platform)


def length(text: str, platform: str) -> tuple[int, int | None]:
    """The length of `text` as `platform` counts it, and its limit (None: no limit).

    Raises UsageError for an unknown platform."""
    if platform not in PLATFORM_LIMITS:
        raise UsageError(f"There is no platform {platform!r}.", f"Use one of {', '.join(PLATFORM_LIMITS)}.")
    counters: Mapping[str, Callable[[str], int]] = {"x": weighted_length, "bluesky": graphemes, "feed": len}
    return counters[platform](text), PLATFORM_LIMITS[platform]


# --- Links ------------------------------------------------------------------------------------------------------------


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
