"""The platforms. To add one: a module like these, and its line here."""

from collections.abc import Mapping, Sequence

from twitter_manager.platforms import bluesky, feed, mastodon, x
from twitter_manager.platforms.spec import PlatformSpec

SPECS: Mapping[str, PlatformSpec] = {
    spec.name: spec
    for spec in (
        x.SPEC,
        bluesky.SPEC,
        mastodon.SPEC,
        feed.SPEC,
    )
}
LINKS_BY_DEFAULT = tuple(spec.name for spec in SPECS.values() if spec.links_by_default)
"""Those on which a post's address goes along where a bot's file says nothing."""


def any_of(names: Sequence[str]) -> str:
    """As a sentence names them: "x, bluesky or feed"."""
    return " or ".join(filter(None, (", ".join(names[:-1]), names[-1])))
