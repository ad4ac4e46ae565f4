"""Material: items as the sources gave them, with change tracking, and when each was last used."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from twitter_manager.domain import Item
from twitter_manager.store.database import (
    Database,
    from_text,
    not_in,
    optional_text,
    optional_time,
    placeholders,
    to_text,
)
from twitter_manager.store.dialect import Row, Value
from twitter_manager.store.repeats import HELD, NOT_DEAD

_SINCE = "CASE WHEN published_at < first_seen_at THEN published_at ELSE first_seen_at END"
_OFFERED = "bot = ? AND retired_at IS NULL AND postable = 1"


@dataclass(frozen=True, slots=True)
class Change:
    """How many items a look at a source has added, changed and retired."""

    added: int = 0
    changed: int = 0
    retired: int = 0
    postable: int = 0
    """How many of the added ones may be posted."""


def refresh(
    db: Database,
    bot: str,
    source: str,
    given: Sequence[Item],
    now: datetime,
    *,
    complete: bool = True,
    kept: Callable[[str], bool] = lambda key: False,
) -> Change:
    """Store what a source has given: new items are added, changed ones updated.

    `complete`: this is all that the source has. Items that are neither among `given` nor `kept` (asked with their keys)
    have vanished then, and are retired. Whether an item may be posted is settled when it is first seen. A change does
    not make it news again."""
    rows = db.rows(
        "SELECT id, key, content_hash, kind, published_at, image, image_alt, retired_at FROM items"
        " WHERE bot = ? AND source = ?",
        bot,
        source,
    )
    stored = {row["key"]: row for row in rows}
    moment = to_text(now)
    added = changed = postable = 0
    for item in given:
        row = stored.pop(item.key, None)
        if row is None:
            values = _columns(item) | {"postable": item.postable, "first_seen_at": moment}
            db.insert("items", bot=bot, source=item.source, key=item.key, **values)
            added, postable = added + 1, postable + item.postable
        elif row["retired_at"] is not None or _mark(row) != _mark(_columns(item)):
            _update(db, row["id"], item)
            changed += row["content_hash"] != item.content_hash
    vanished = [row["id"] for row in stored.values() if complete and not row["retired_at"] and not kept(row["key"])]
    for item_id in vanished:
        db.update_one("UPDATE items SET retired_at = ? WHERE id = ?", moment, item_id)
    return Change(added, changed, len(vanished), postable)


def sources_of(db: Database, item_ids: Collection[int]) -> set[str]:
    """The sources that these items are from."""
    rows = db.rows(f"SELECT DISTINCT source FROM items WHERE id IN ({placeholders(item_ids)})", *item_ids)
    return {row["source"] for row in rows}


def retire_others(db: Database, bot: str, sources: Collection[str], now: datetime) -> int:
    """Retire the items of all but these sources; gives how many."""
    others = f"bot = ? AND retired_at IS NULL AND {not_in('source', sources)}"
    return db.update(f"UPDATE items SET retired_at = ? WHERE {others}", to_text(now), bot, *sources)


def age_out(db: Database, bot: str, source: str, before: datetime, *, dated_only: bool = False) -> int:
    """What became public (or was first seen, where that is not known) before this moment is no news any more: it stays
    as background. `dated_only`: where the day is not known nothing ages. Gives how many."""
    when = "published_at" if dated_only else "coalesce(published_at, first_seen_at)"
    return db.update(
        f"UPDATE items SET postable = 0 WHERE bot = ? AND source = ? AND postable = 1 AND {when} < ?",
        bot,
        source,
        to_text(before),
    )


def keys(db: Database, bot: str, source: str) -> frozenset[str]:
    """The keys of all that a source ever gave."""
    return frozenset(row["key"] for row in db.rows("SELECT key FROM items WHERE bot = ? AND source = ?", bot, source))


def usual(db: Database, bot: str, source: str, besides: Collection[str], limit: int = 200) -> list[Item]:
    """The newest of what a source gave, but not what is `besides` (keys), unless it went out."""
    rows = db.rows(
        "SELECT i.*, EXISTS (SELECT 1 FROM drafts WHERE item_id = i.id AND status = 'posted') AS went_out FROM items i"
        " WHERE bot = ? AND source = ? ORDER BY id DESC LIMIT ?",
        bot,
        source,
        limit + len(besides),
    )
    return [_item(row) for row in rows if row["went_out"] or row["key"] not in besides][:limit]


def counts(db: Database, bot: str) -> dict[str, tuple[int, int]]:
    """By source: how many items there are, and how many of them may be posted; retired ones left out."""
    rows = db.rows(
        "SELECT source, count(*) AS number, sum(postable) AS postable FROM items"
        " WHERE bot = ? AND retired_at IS NULL GROUP BY source",
        bot,
    )
    return {row["source"]: (row["number"], row["postable"]) for row in rows}


def pictured(db: Database, bot: str) -> dict[str, int]:
    """By source: how many of the items that may be posted have a picture with an alt text."""
    rows = db.rows(
        f"SELECT source, count(*) AS number FROM items WHERE {_OFFERED} AND image <> '' AND image_alt <> ''"
        " GROUP BY source",
        bot,
    )
    return {row["source"]: row["number"] for row in rows}


def newest_id(db: Database, bot: str) -> int:
    """The id of the bot's newest item; 0 where it never had any."""
    return int(db.value("SELECT coalesce(max(id), 0) FROM items WHERE bot = ?", bot))


def available(db: Database, bot: str) -> list[tuple[int, Item]]:
    """The bot's items that may be posted and are not retired, with their ids, oldest first."""
    rows = db.rows(f"SELECT * FROM items WHERE {_OFFERED} ORDER BY id", bot)
    return [(row["id"], _item(row)) for row in rows]


def newest(db: Database, bot: str, most: int) -> list[Item]:
    """The newest of the bot's items that may be posted and are not retired."""
    rows = db.rows(f"SELECT * FROM items WHERE {_OFFERED} ORDER BY id DESC LIMIT ?", bot, most)
    return [_item(row) for row in rows]


def last_used(db: Database, bot: str) -> dict[int, datetime]:
    """When each item that is still there was last made into a draft; one whose every draft came to nothing is
    unused, but not one that a person was asked about."""
    used = f"({NOT_DEAD} OR {HELD})"
    newest = f"SELECT created_at FROM drafts WHERE item_id = i.id AND {used} ORDER BY created_at DESC LIMIT 1"
    rows = db.rows(f"SELECT i.id, ({newest}) AS at FROM items i WHERE i.bot = ? AND i.retired_at IS NULL", bot)
    when = {row["id"]: from_text(row["at"]) for row in rows if row["at"]}
    # A thread is made of several; those beside the first stand in its `choice`.
    threads = db.rows(
        "SELECT choice, created_at FROM drafts WHERE bot = ? AND format = 'thread' AND item_id IS NOT NULL"
        f" AND {used} ORDER BY created_at",
        bot,
    )
    for row in threads:
        at = from_text(row["created_at"])
        when |= {number: max(at, when.get(number, at)) for number in json.loads(row["choice"]).get("also", ())}
    return when


def since(db: Database, bot: str) -> dict[int, datetime]:
    """When each item that may be posted became public, or was first seen, whichever came first."""
    rows = db.rows(f"SELECT id, {_SINCE} AS since FROM items WHERE {_OFFERED}", bot)
    return {row["id"]: from_text(row["since"]) for row in rows}


def with_since(db: Database, item_id: int) -> tuple[Item, datetime] | None:
    """One item, and when it became public or was first seen; or None."""
    row = db.row(f"SELECT *, {_SINCE} AS since FROM items WHERE id = ?", item_id)
    return None if row is None else (_item(row), from_text(row["since"]))


def pruned(db: Database, item_id: int) -> bool:
    """Whether its text was removed, because its source has it no more and it was old."""
    return bool(db.value("SELECT 1 FROM items WHERE id = ? AND pruned_at IS NOT NULL", item_id))


def named(db: Database, bot: str, name: str) -> list[tuple[int, Item]]:
    """The bot's items that a person may mean: by number, by key, or by source and key with a / between them. Those that
    are background alone too, retired ones not."""
    rows = db.rows(
        "SELECT * FROM items WHERE bot = ? AND retired_at IS NULL AND (key = ? OR source || '/' || key = ? OR id = ?)"
        " ORDER BY id",
        bot,
        name,
        name,
        int(name) if name.isascii() and name.isdigit() and len(name) < 18 else 0,
    )
    return [(row["id"], _item(row)) for row in rows]


def offer_only(db: Database, bot: str, item_ids: Collection[int]) -> None:
    """Let these items alone be posted. For a scratch copy: which others could is forgotten."""
    db.update("UPDATE items SET postable = 0 WHERE bot = ?", bot)
    for item_id in item_ids:
        db.update_one("UPDATE items SET postable = 1 WHERE id = ? AND bot = ?", item_id, bot)


def get(db: Database, item_id: int) -> Item | None:
    """One item, or None."""
    row = db.row("SELECT * FROM items WHERE id = ?", item_id)
    return None if row is None else _item(row)


def _update(db: Database, item_id: int, item: Item) -> None:
    columns = _columns(item)
    settings = ", ".join(f"{name} = ?" for name in columns)
    back = "retired_at = NULL, pruned_at = NULL"
    db.update_one(f"UPDATE items SET {settings}, {back} WHERE id = ?", *columns.values(), item_id)


def _columns(item: Item) -> dict[str, Value]:
    """What of an item is stored as its source gave it."""
    names = (
        "title",
        "text",
        "url",
        "label",
        "summary",
        "project",
        "language",
        "image",
        "image_alt",
        "kind",
        "content_hash",
    )
    lists = {name: json.dumps(getattr(item, name), ensure_ascii=False) for name in ("wordings", "headings")}
    return {name: getattr(item, name) for name in names} | lists | {"published_at": optional_text(item.published_at)}


def _mark(columns: Row | dict[str, Value]) -> tuple[Value, ...]:
    """Another one for an item that its source tells otherwise than before."""
    return tuple(columns[name] for name in ("content_hash", "kind", "published_at", "image", "image_alt"))


def _item(row: Row) -> Item:
    return Item(
        source=row["source"],
        key=row["key"],
        text=row["text"],
        title=row["title"],
        url=row["url"],
        label=row["label"],
        wordings=tuple(json.loads(row["wordings"])),
        kind=row["kind"],
        published_at=optional_time(row["published_at"]),
        postable=bool(row["postable"]),
        summary=row["summary"],
        project=row["project"],
        headings=tuple(json.loads(row["headings"])),
        language=row["language"],
        image=row["image"],
        image_alt=row["image_alt"],
    )
