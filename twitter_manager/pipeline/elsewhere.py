"""Where the posts of a bot's feed went besides, for the page beside it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from twitter_manager.domain import Elsewhere
from twitter_manager.phrases import ELSEWHERE
from twitter_manager.platforms import SPECS
from twitter_manager.store import deliveries
from twitter_manager.store.database import Database


def of_feed(db: Database, bot: str) -> Mapping[int, Sequence[Elsewhere]]:
    """By the number of the feed's delivery: the other platforms that the same part was queued for."""
    places: dict[int, list[Elsewhere]] = defaultdict(list)
    for number, delivery in deliveries.beside(db, bot, "feed"):
        if delivery.removed_at:
            continue
        spec, state = SPECS.get(delivery.platform), ELSEWHERE[delivery.status]
        url = delivery.receipt.url if delivery.receipt and not state else ""
        places[number].append(Elsewhere(spec.title if spec else delivery.platform, url, state))
    return places
