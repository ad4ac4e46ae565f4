"""Cards that were read from pages, so that none is read again for every post that leads there."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from twitter_manager.content import Card, Part, card_of
from twitter_manager.store.database import Database, to_text

GOOD_FOR = timedelta(days=1)


def find(db: Database, url: str, now: datetime) -> Card | None:
    """The card of a page that was read lately."""
    rows = db.rows("SELECT card FROM cards WHERE url = ? AND read_at BETWEEN ? AND ?", url, *_lately(now))
    return card_of(json.loads(rows[0]["card"])) if rows else None


def keep(db: Database, card: Card, now: datetime) -> None:
    """Remember a card; those that are too old are forgotten."""
    db.update("DELETE FROM cards WHERE url = ? OR read_at NOT BETWEEN ? AND ?", card.url, *_lately(now))
    kept = json.dumps(Part("", card=card).attached["card"], ensure_ascii=False)
    db.insert("cards", url=card.url, read_at=to_text(now), card=kept)


def _lately(now: datetime) -> tuple[str, str]:
    return to_text(now - GOOD_FOR), to_text(now)
