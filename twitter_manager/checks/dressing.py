"""The text that one platform gets: the draft's part, and the address of its material where that platform's posts carry
links. One function says it, for the checks and for who queues the deliveries, so that what is checked is what is sent.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from twitter_manager.checks.context import Policy
from twitter_manager.checks.facets import facets
from twitter_manager.checks.weighted import count_links as count_links_on_x

_LINK = r"https?://[^\s<>\"]+"


def dressed(parts: Sequence[str], platform: str, link: str, policy: Policy) -> tuple[str, ...]:
    """The parts as `platform` gets them: `link`, on a line of its own, ends the last one where the policy lets this
    platform's posts carry links and the post has not got it already."""
    if not parts or not link or not carries_links(platform, policy) or any(link in part for part in parts):
        return tuple(parts)
    return (*parts[:-1], f"{parts[-1].rstrip()}\n{link}")


def carries_links(platform: str, policy: Policy) -> bool:
    """Whether posts that nobody wrote may have links there."""
    return platform in policy.links and policy.max_links != 0


def count_links(text: str, platform: str) -> int:
    """The links that `platform` makes of a text. X and Bluesky make some of bare names such as `example.org`; X bills
    a post for them (https://docs.x.com/x-api/getting-started/pricing)."""
    if platform == "x":
        return count_links_on_x(text)
    if platform == "bluesky":
        return sum(facet.kind == "link" for facet in facets(text))
    return len(re.findall(_LINK, text))
