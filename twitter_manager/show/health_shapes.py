"""The shapes of what `health` and `doctor` print with `--json`, and `status` of the same."""

from __future__ import annotations

from twitter_manager.show.shapes import Shape


class Outlook(Shape):
    """How long the material lasts."""

    posts_left: int | None
    """None: for longer than a month."""
    until: str | None
    renews: bool
    """A source brings news by itself."""
    words: str


class HealthFinding(Shape):
    """Something that is not as it should be."""

    level: str
    """`warning` or `failing`."""
    name: str
    words: str
    remedy: str


class KeyAge(Shape):
    """A key that a bot has."""

    service: str
    first_seen_at: str
    expires_at: str | None
    """When the bot can't log in with it any more, where that is known."""


class BotHealth(Shape):
    """How a bot stands."""

    bot: str
    level: str
    """`ok`, `warning` or `failing`."""
    last_run: int | None
    last_run_at: str | None
    last_outcome: str | None
    last_success_at: str | None
    failures_in_a_row: int
    unfinished: int
    """Deliveries that are not at an end."""
    held: int
    """Deliveries that wait for your word."""
    ready_drafts: int
    pool: int
    """How many it keeps ready."""
    waiting_drafts: int
    """Those that wait for your word."""
    paused: str | None
    keys: list[KeyAge]
    material: Outlook | None
    findings: list[HealthFinding]


class Health(Shape):
    """`health`, and the health file."""

    level: str
    """`ok`, `warning` or `failing`; the exit code is 1 where it fails."""
    at: str
    """When this was looked at."""
    version: str
    trace: str | None
    """In the health file: the trace of the run after which it was written."""
    disk_free_bytes: int | None
    findings: list[HealthFinding]
    """What is not about one bot."""
    bots: list[BotHealth]
    """Those that are switched on."""


class Check(Shape):
    """One look of `doctor`."""

    name: str
    result: str
    """`ok`, `warning` or `failed`."""
    detail: str
    remedy: str


class Doctor(Shape):
    """`doctor`."""

    ok: bool
    checks: list[Check]


class ServiceLimit(Shape):
    """A rate limit that was met: until it ends, the runs leave that alone."""

    service: str
    """A platform, a generator, or `embeddings`."""
    account: str
    operation: str
    """login, post, upload, read, write, listen or act on a platform; `ask` elsewhere."""
    until: str
    hits: int
    """How often in a row."""
    seen_at: str
    why: str
    """What the service said."""
