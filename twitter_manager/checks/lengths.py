"""How long a text is on each platform, as that platform counts, with the link that goes along; what is a link there.

How a platform counts and what it shows is declared in its `PlatformSpec`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from twitter_manager.checks.context import CheckContext, Policy
from twitter_manager.domain import Violation, with_link
from twitter_manager.errors import UsageError
from twitter_manager.platforms import SPECS
from twitter_manager.platforms.spec import PlatformSpec

LEAST_ROOM = 140
"""A link that leaves fewer characters for the text than this is too long to go along."""


def lengths(parts: Sequence[str], context: CheckContext) -> Iterator[Violation]:
    """Each part within each platform's limit, as that platform counts, with the link that goes along there."""
    for name in context.platforms:
        link = context.links.get(name, "")
        for at, part in enumerate(with_link(parts, link)):
            if message := _too_long(SPECS[name], SPECS[name].shown(part, link)):
                yield Violation("length", message, at, name)


def _too_long(spec: PlatformSpec, text: str) -> str:
    counted, size = spec.count(text), len(text.encode("utf-8", "surrogatepass"))
    if spec.limit is not None and counted > spec.limit:
        return f"{counted} characters as {spec.name} counts, and its limit is {spec.limit}: shorten it."
    if spec.max_bytes is not None and size > spec.max_bytes:
        return f"{size} bytes, and {spec.name}'s limit is {spec.max_bytes}: shorten it."
    return ""


def length(text: str, platform: str) -> tuple[int, int | None]:
    """The length of `text` as `platform` counts it, and its limit (None: no limit).

    Raises UsageError for an unknown platform."""
    if platform not in SPECS:
        raise UsageError(f"There is no platform {platform!r}.", f"Use one of {', '.join(SPECS)}.")
    return SPECS[platform].count(text), SPECS[platform].limit


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
    spec = SPECS[platform]
    return spec.limit if spec.limit is None or not link else spec.limit - spec.count(spec.shown(f"\n{link}", link))


def carries_links(platform: str, policy: Policy) -> bool:
    """Whether posts that nobody wrote may have links there."""
    return platform in policy.links and policy.max_links != 0
