"""The JSON Schema of what posts came to."""

from __future__ import annotations

from twitter_manager.show.shapes import Reading, Shape


class CountedOn(Shape):
    """A post's first part on a platform."""

    platform: str
    url: str
    posted_at: str
    removed_at: str | None
    """When it was taken down, or found gone."""
    newest: Reading | None
    """None: nothing was read yet."""
    usual: float | None
    """The median engagement of the bot's posts there at this age, in 90 days. None of fewer than five."""
    readings: list[Reading]
    """The oldest first."""


class CountedPost(Shape):
    """A post with what it came to."""

    draft: int
    text: str
    topic: str
    format: str
    platforms: list[CountedOn]


class BotFigures(Shape):
    """One bot's newest posts, newest first."""

    bot: str
    time_zone: str
    reads: list[str]
    """The platforms whose figures its settings have read."""
    posts: list[CountedPost]


class Figures(Shape):
    """`figures`."""

    now: str
    bots: list[BotFigures]
