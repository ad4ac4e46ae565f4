"""Whether the account that is set up is the one that a delivery was queued for."""

from __future__ import annotations

from twitter_manager.domain import Delivery, Platform, RenamingPlatform
from twitter_manager.store import deliveries
from twitter_manager.store.database import Database


def same_account(db: Database, platform: Platform, delivery: Delivery) -> bool:
    """By its name, or by what a platform whose accounts can be renamed knows. Raises NotSent, NeedsPerson."""
    if delivery.account == platform.account:
        return True
    if not isinstance(platform, RenamingPlatform):
        return False
    return platform.is_mine(delivery.request, deliveries.ids_there(db, platform.name, delivery.account))


def another_account(delivery: Delivery, platform: Platform) -> str:
    """Why it is not sent, and what a person can do."""
    return (
        f"it was meant for {delivery.account}, and nothing shows that {platform.account} is the same account:"
        " put the old one back into .env and resume it, or skip it and post its words anew"
    )
