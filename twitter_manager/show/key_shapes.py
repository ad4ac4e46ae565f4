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


class Model(Shape):
    """A model that is kept on this machine, or that a setting names."""

    name: str
    revision: str
    """Of a hub or a package; "" where there is none."""
    kind: str
    """`hub`, `conversion` (of a GGUF file), `folder` (your own), `package`, `leftover` (of a killed conversion) or
    `missing`."""
    path: str
    bytes: int
    licence: str
    """As its package or its README.md says; "" where they don't."""
    last_used: str | None
    """When it was loaded last, where that is known."""
    settings: list[str]
    """The settings that name it."""


class Models(Shape):
    """`models list`."""

    models: list[Model]


class ChangedFile(Shape):
    """A file that is larger or smaller in a newer revision."""

    file: str
    bytes: int
    bytes_newer: int


class NewerRevision(Shape):
    """What the hub has of a model by now."""

    revision: str
    title: str
    """Of its newest change."""
    files: list[ChangedFile]


class CheckedModel(Shape):
    """Whether a model is as it was fetched or made."""

    name: str
    revision: str
    result: str
    """`ok`, `damaged`, or `unproven`: there is no digest to compare with."""
    damaged: list[str]
    """The files."""
    remedy: str
    newer: NewerRevision | None
    not_asked: str
    """Why the hub could not be asked for a newer revision; "" where it was, or need not be."""


class CheckedModels(Shape):
    """`models check`."""

    ok: bool
    models: list[CheckedModel]


class PrunedModels(Shape):
    """`models prune`."""

    removed: bool
    models: list[Model]
    """What no setting names."""
