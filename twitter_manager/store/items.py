"""Material: items as the sources gave them, with change tracking, and when each was last used."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

from twitter_manager.domain import Item
from twitter_manager.store.database import Database, Row, from_text, to_text
from twitter_manager.store.drafts import NOT_DEAD


def refresh(db: Database, bot: str, source: str, items: Sequence[Item], now: datetime) -> None:
    """Make the stored items of one source equal to `items`: new ones added, changed ones updated, vanished retired."""
    stored = {row["key"]: row for row in db.rows("SELECT * FROM items WHERE bot = ? AND source = ?", bot, source)}
    moment = to_text(now)
    for item in items:
        row = stored.pop(item.key, None)
        if row is None:
            _insert(db, bot, item, moment)
        elif row["content_hash"] != item.content_hash or row["retired_at"] is not None:
            _update(db, row["id"], item, moment)
    for row in stored.values():
        if row["retired_at"] is None:
            db.update_one("UPDATE items SET retired_at = ? WHERE id = ?", moment, row["id"])


def available(db: Database, bot: str) -> list[tuple[int, Item]]:
    """The bot's items that are not retired, with their ids, oldest first."""
    rows = db.rows("SELECT * FROM items WHERE bot = ? AND retired_at IS NULL ORDER BY id", bot)
    return [(row["id"], _item(row)) for row in rows]


def last_used(db: Database, bot: str) -> dict[int, datetime]:
    """When each item was last made into a draft; an item whose every draft came to nothing is unused."""
    rows = db.rows(
        "SELECT item_id, max(created_at) AS at FROM drafts WHERE bot = ? AND item_id IS NOT NULL"
        f" AND {NOT_DEAD} GROUP BY item_id",
        bot,
    )
    return {row["item_id"]: from_text(row["at"]) for row in rows}


def get(db: Database, item_id: int) -> Item | None:
    """One item, or None."""
    row = db.row("SELECT * FROM items WHERE id = ?", item_id)
    return None if row is None else _item(row)


def _insert(db: Database, bot: str, item: Item, moment: str) -> None:
    db.insert(
        "INSERT INTO items (bot, source, key, title, text, url, label, wordings, content_hash, first_seen_at,"
        " changed_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        bot,
        item.source,
        item.key,
        *_content(item),
        moment,
        moment,
    )


def _update(db: Database, item_id: int, item: Item, moment: str) -> None:
    db.update_one(
        "UPDATE items SET title = ?, text = ?, url = ?, label = ?, wordings = ?, content_hash = ?, changed_at = ?,"
        " retired_at = NULL WHERE id = ?",
        *_content(item),
        moment,
        item_id,
    )


def _content(item: Item) -> tuple[str, str, str, str, str, str]:
    wordings = json.dumps(item.wordings, ensure_ascii=False)
    return item.title, item.text, item.url, item.label, wordings, item.content_hash


def _item(row: Row) -> Item:
    return Item(
        source=row["source"],
        key=row["key"],
        text=row["text"],
        title=row["title"],
        url=row["url"],
        label=row["label"],
        wordings=tuple(json.loads(row["wordings"])),
    )
