"""Platforms and their time table, made from a bot's settings; and those of a dry run."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from twitter_manager import schedule
from twitter_manager.domain import Clock, Json, Outgoing, Platform, Receipt, RemotePost
from twitter_manager.platforms import SPECS
from twitter_manager.platforms.spec import PlatformContext
from twitter_manager.run import Calendar
from twitter_manager.settings import Bot, Settings


def platforms(bot: Bot, settings: Settings, installation: str, clock: Clock) -> dict[str, Platform]:
    """The platforms that are on for this bot, by name."""
    title = bot.persona.name or bot.name
    context = PlatformContext(bot.name, title, bot.persona.language, settings.data, installation, clock)
    return {name: SPECS[name].make(bot.credentials.get(name), context) for name in bot.platforms_on}


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
