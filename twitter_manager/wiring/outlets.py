"""Platforms and their time table, made from a bot's settings; and those of a dry run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from twitter_manager import schedule
from twitter_manager.domain import Clock, Json, Outgoing, Platform, Receipt, RemotePost
from twitter_manager.run import Calendar
from twitter_manager.settings import Bot, Settings


def platforms(bot: Bot, settings: Settings, installation: str, clock: Clock) -> dict[str, Platform]:
    """The platforms that are on for this bot, by name."""
    makers: Mapping[str, Callable[[], Platform]] = {
        "x": lambda: _x(bot, clock),
        "bluesky": lambda: _bluesky(bot, settings, clock),
        "feed": lambda: _feed(bot, settings, installation, clock),
    }
    return {name: makers[name]() for name in bot.platforms_on}


def _x(bot: Bot, clock: Clock) -> Platform:
    from twitter_manager.platforms.x import X, XSettings

    keys = bot.credentials["x"]
    assert isinstance(keys, XSettings)
    return X(keys.api_key, keys.api_secret, keys.access_token, keys.access_secret, clock=clock, base_url=keys.base_url)


def _bluesky(bot: Bot, settings: Settings, clock: Clock) -> Platform:
    from twitter_manager.checks import linked
    from twitter_manager.platforms.bluesky import Bluesky, BlueskySettings

    keys = bot.credentials["bluesky"]
    assert isinstance(keys, BlueskySettings)
    return Bluesky(
        keys.identifier,
        keys.password,
        session_file=settings.data / "sessions" / f"bluesky-{bot.name}",
        clock=clock,
        facets=lambda text, unattended: linked(text, unattended=unattended),
        service_url=keys.service_url,
    )


def _feed(bot: Bot, settings: Settings, installation: str, clock: Clock) -> Platform:
    import uuid

    from twitter_manager.platforms.feed import Feed

    name = bot.persona.name or bot.name
    return Feed(
        settings.feed(bot.name),
        title=name,
        feed_id=uuid.uuid5(uuid.UUID(installation), bot.name).urn,
        author=name,
        language=bot.persona.language,
        clock=clock,
    )


@dataclass(frozen=True, slots=True)
class ShowOnly:
    """A platform for a dry run: it takes everything, sends nothing and asks nothing."""

    real: Platform
    definite: bool = True

    @property
    def name(self) -> str:
        return self.real.name

    @property
    def account(self) -> str:
        return self.real.account

    def price(self, text: str) -> float:
        return self.real.price(text)

    def prepare(self, post: Outgoing) -> Json:
        return {"text": post.text, "delivery": post.delivery_id}

    def publish(self, request: Json) -> Receipt:
        return Receipt(f"dry-run-{request['delivery']}", "")

    def look_up(self, request: Json, since: datetime, claimed: frozenset[str]) -> Receipt | None:
        return None

    def recent(self, since: datetime, limit: int = 100) -> list[RemotePost]:
        return []

    def delete(self, remote_id: str) -> None:
        return None

    def verify(self) -> str:
        return "dry run"


def calendar(bot: Bot) -> Calendar:
    """The bot's time table."""
    zone, quiet = bot.time_zone, bot.limits.quiet_hours
    return Calendar(
        slot_at=lambda now: schedule.slot_at(now, bot.schedule, zone),
        next_slot=lambda now: schedule.next_slot(now, bot.schedule, zone),
        day_start=lambda now: schedule.local_day_start(now, zone),
        quiet_until=lambda now: schedule.quiet_ends(now, quiet, zone),
    )
