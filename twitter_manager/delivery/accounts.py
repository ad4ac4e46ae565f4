"""Whether the account that is set up is the one that a delivery was queued for."""

from __future__ import annotations

from twitter_manager.domain import Delivery, Json, Platform, RenamingPlatform
from twitter_manager.store import deliveries
from twitter_manager.store.database import Database


def same_account(db: Database, platform: Platform, delivery: Delivery) -> bool:
    """By its name, or by what a platform whose accounts can be renamed knows. Raises NotSent, NeedsPerson."""
    return is_account(db, platform, delivery.account, delivery.request)


def is_account(db: Database, platform: Platform, account: str, request: Json | None = None) -> bool:
    """The same of an account. `request`: what was queued for it."""
    if account == platform.account:
        return True
    if not isinstance(platform, RenamingPlatform):
        return False
    return platform.is_mine(request, deliveries.ids_there(db, platform.name, account))


def another_account(delivery: Delivery, platform: Platform) -> str:
    """Why it is not sent, and what a person can do."""
    return (
        f"it was meant for {delivery.account}, and nothing shows that {platform.account} is the same account:"
        " put the old one back into .env and resume it, or skip it and post its words anew"
    )
