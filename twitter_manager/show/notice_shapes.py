"""The shapes of notifications, as the verb `notify` prints them with `--json`."""

from __future__ import annotations

from twitter_manager.show.shapes import Shape


class ChannelTest(Shape):
    """Whether a message got through a channel."""

    bots: list[str]
    """Whose channel it is."""
    channel: str
    """The kind of its address, which is never shown."""
    sent: bool
    error: str


class NotifyTest(Shape):
    """`notify test`."""

    ok: bool
    channels: list[ChannelTest]


class WayOfNotice(Shape):
    """A notice's way through a channel."""

    channel: str
    status: str
    """`waiting`, `sent` or `dropped`."""
    tries: int
    tried_at: str | None
    error: str
    """Why it did not get through."""


class Notice(Shape):
    """What a person was told, or is to be."""

    id: int
    bot: str
    kind: str
    """As the switches of `[notify]` are called."""
    text: str
    draft: int | None
    at: str
    channels: list[WayOfNotice]


class ChannelTrouble(Shape):
    """A channel that takes no messages."""

    bot: str
    channel: str
    since: str
    error: str


class Notices(Shape):
    """`notify list`."""

    notices: list[Notice]
    """The newest first."""
    troubles: list[ChannelTrouble]
