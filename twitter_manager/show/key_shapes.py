"""The shapes of what is told of keys and of models, as the verbs print it with `--json`."""

from __future__ import annotations

from twitter_manager.show.shapes import Shape


class Key(Shape):
    """What a bot logs in with at one service."""

    bot: str
    service: str
    """A platform, `claude` or `openai`."""
    result: str
    """`ok`, `warning` or `failed`."""
    detail: str
    """Whose it is, or what the service said."""
    remedy: str
    places: list[str]
    """Where it stands: `.env`, `data/bots/NAME.env`, `environment`, `keyring`."""
    first_seen: str
    age_days: int
    """Since it was first seen."""
    expires_at: str | None
    """When the bot can't log in with it any more; null where it has no end, or none that is known."""
    session_until: str | None
    """When the kept session ends. Where `expires_at` is null, a new one is made by itself."""


class OpenFile(Shape):
    """A file with keys or sessions that other users could read or change."""

    path: str
    closed: bool
    """Whether only its owner may now."""


class Keys(Shape):
    """`auth check`."""

    ok: bool
    keys: list[Key]
    files: list[OpenFile]
