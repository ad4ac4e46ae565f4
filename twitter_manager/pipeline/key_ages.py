"""What a person should hear of the age and the end of a bot's keys."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from twitter_manager import phrases
from twitter_manager.platforms import SPECS
from twitter_manager.store.credentials import Credential
from twitter_manager.terminal import command

BEFORE = (timedelta(days=3), timedelta(days=14))
"""A key that ends is told so long before, the shortest first."""
OLD = timedelta(days=365)


def expiring(keys: Iterable[Credential], now: datetime, time_zone: str) -> Mapping[str, str]:
    """The keys that end soon or have ended, in words, by a subject that changes when it is time to tell it again."""
    told = {}
    for key in keys:
        left = key.expires_at - now if key.expires_at else None
        early = next((early for early in BEFORE if left is not None and left <= early), None)
        if key.expires_at and left is not None and early:
            when = f"{'ends' if left > timedelta() else 'ended'} {phrases.clock(key.expires_at, time_zone)}"
            subject = f"{key.service}:{key.expires_at:%Y-%m-%dT%H}:{early.days}"
            told[subject] = f"The {_title(key)} key of the bot {key.bot} {when}; {_other_keys(key)}"
    return told


def old(keys: Iterable[Credential], now: datetime) -> list[str]:
    """The keys that are over a year old, in words."""
    return [
        f"the {_title(key)} key of the bot {key.bot} is {(now - key.first_seen).days} days old; {_other_keys(key)}"
        for key in keys
        if now - key.first_seen > OLD
    ]


def _title(key: Credential) -> str:
    return SPECS[key.service].title if key.service in SPECS else key.service


def _other_keys(key: Credential) -> str:
    if key.service not in SPECS:
        return f"for another make one at {key.service}, and write it in place of the old"
    return f"for another: {command(f'auth rotate {key.service} --bot {key.bot}')}"
