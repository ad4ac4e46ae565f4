"""The JSON Schema of what does well."""

from __future__ import annotations

from twitter_manager.show.shapes import Shape


class TopicValue(Shape):
    """A topic, format, hour or generator, and what its posts came to."""

    trait: str
    """`topic`, `format`, `hour` (of the bot's time zone), `generator`."""
    name: str
    uses: int
    """Drafts, of the newest 1,000."""
    success_rate: float | None
    """The share that went out of those that wait no more."""
    measured: int
    """Posts with figures."""
    average_engagement: float | None
    """Likes, replies, reposts and quotes of a post, its platforms together, each at the oldest age that was read."""
    weight: float | None
    """The person's; None where none is chosen by weight."""
    learned: float | None
    """By what the weight is multiplied, on the average, where learning is on. None where it is off."""
    present_weight: float | None
    why: str


class BotTopics(Shape):
    """What does well for one bot."""

    bot: str
    mode: str
    """`off`, `advise`, `on`: what the figures do to its choices."""
    values: list[TopicValue]


class Topics(Shape):
    """`topics`."""

    bots: list[BotTopics]
