"""The platforms. To add one: a module like these, and its line here."""

from collections.abc import Mapping

from twitter_manager.platforms import bluesky, feed, x
from twitter_manager.platforms.spec import PlatformSpec

SPECS: Mapping[str, PlatformSpec] = {
    spec.name: spec
    for spec in (
        x.SPEC,
        bluesky.SPEC,
        feed.SPEC,
    )
}
