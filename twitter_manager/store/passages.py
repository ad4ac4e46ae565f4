"""Passages of the material and the vectors of passages and posts. Vectors are the bytes of little-endian float32."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from twitter_manager.domain import Item
from twitter_manager.store import drafts
from twitter_manager.store.database import Database, placeholders
from twitter_manager.store.repeats import NOT_DEAD

_CHUNK = 5_000
"""How many vectors are read at once."""
_HERE = "bot = ? AND retired_at IS NULL AND kind <> 'note'"
"""Notes are not indexed: each is a whole by itself."""
_RETIRED = "bot = ? AND retired_at IS NOT NULL AND indexed <> ''"
_STALE = f"{_HERE} AND indexed <> ? || ' ' || content_hash"


@dataclass(frozen=True, slots=True)
class NewPassage:
    """A passage with the heading above it and its vector."""

    heading: str
    text: str
    vector: bytes


class Vectors(NamedTuple):
    """How many vectors there are, of how many numbers, and how to read them: ids, owners (items, or the drafts
    themselves) and the vectors' bytes, chunk by chunk."""

    size: int
    dimensions: int
    chunks: Iterator[tuple[list[int], list[int], bytes]]


def has_material(db: Database, bot: str) -> bool:
    """Whether the bot has any material that is indexed: all but notes."""
    return bool(db.value(f"SELECT EXISTS (SELECT 1 FROM items WHERE {_HERE})", bot))


def stale_items(db: Database, bot: str, model: str) -> list[int]:
    """The items whose passages are not there, or are those of another text or model; the newest first."""
    return [row["id"] for row in db.rows(f"SELECT id FROM items WHERE {_STALE} ORDER BY id DESC", bot, model)]


def keep(db: Database, item_id: int, item: Item, model: str, new: Sequence[NewPassage]) -> None:
    """Put an item's passages in the place of those it had."""
    db.update("DELETE FROM passages WHERE item_id = ?", item_id)
    for number, passage in enumerate(new):
        db.insert(
            "passages",
            item_id=item_id,
            number=number,
            heading=passage.heading,
            text=passage.text,
            model=model,
            dimensions=len(passage.vector) // 4,
            vector=passage.vector,
        )
    db.update_one("UPDATE items SET indexed = ? || ' ' || ? WHERE id = ?", model, item.content_hash, item_id)


def has_retired(db: Database, bot: str) -> bool:
    """Whether any item that has passages is retired."""
    return bool(db.value(f"SELECT EXISTS (SELECT 1 FROM items WHERE {_RETIRED})", bot))


def forget_retired(db: Database, bot: str) -> None:
    """Drop the passages of items that are retired."""
    db.update(f"DELETE FROM passages WHERE item_id IN (SELECT id FROM items WHERE {_RETIRED})", bot)
    db.update(f"UPDATE items SET indexed = '' WHERE {_RETIRED}", bot)


def stale_posts(db: Database, bot: str, model: str, limit: int) -> dict[int, str]:
    """Those of the bot's newest posts (waiting, out or maybe out) that have no vector of this model, with their
    texts."""
    texts = drafts.recent_posts(db, bot, limit)
    have = {row["draft_id"] for row in db.rows("SELECT draft_id FROM post_vectors WHERE model = ?", model)}
    return {number: text for number, text in texts.items() if number not in have}


def keep_post(db: Database, draft_id: int, model: str, vector: bytes) -> None:
    """Put a post's vector in the place of the one it had."""
    db.update("DELETE FROM post_vectors WHERE draft_id = ?", draft_id)
    db.insert("post_vectors", draft_id=draft_id, model=model, dimensions=len(vector) // 4, vector=vector)


def vectors(db: Database, bot: str, model: str) -> Vectors:
    """The vectors of the bot's passages."""
    # The subquery keeps SQLite from reading item by item and sorting all passages for each chunk.
    mine = "(SELECT bot FROM items i WHERE i.id = p.item_id AND i.retired_at IS NULL) = ?"
    where = f"FROM passages p WHERE p.model = ? AND {mine}"
    return _vectors(db, "p.id", "p.item_id", where, model, bot)


def post_vectors(db: Database, bot: str, model: str) -> Vectors:
    """The vectors of the bot's posts: of those that are waiting, out or maybe out."""
    where = "FROM post_vectors p JOIN drafts ON drafts.id = p.draft_id WHERE p.model = ? AND drafts.bot = ?"
    return _vectors(db, "p.draft_id", "p.draft_id", f"{where} AND {NOT_DEAD}", model, bot)


def _vectors(db: Database, number: str, owner: str, where: str, *parameters: str) -> Vectors:
    row = db.row(f"SELECT count(*) AS size, coalesce(max(p.dimensions), 0) AS dimensions {where}", *parameters)
    assert row is not None

    def chunks() -> Iterator[tuple[list[int], list[int], bytes]]:
        last = 0
        chunk = f"{where} AND {number} > ? ORDER BY {number} LIMIT {_CHUNK}"
        while rows := db.rows(f"SELECT {number} AS id, {owner} AS owner, vector {chunk}", *parameters, last):
            ids, owners = [row["id"] for row in rows], [row["owner"] for row in rows]
            yield ids, owners, b"".join(row["vector"] for row in rows)
            last = ids[-1]

    return Vectors(row["size"], row["dimensions"], chunks())


def texts(db: Database, ids: Sequence[int]) -> list[str]:
    """These passages, each below its heading, in this order."""
    rows = db.rows(f"SELECT id, heading, text FROM passages WHERE id IN ({placeholders(ids)})", *ids)
    known = {row["id"]: "\n".join(filter(None, (row["heading"], row["text"]))) for row in rows}
    return [known[number] for number in ids if number in known]


def is_indexed(db: Database, numbers: Sequence[int], model: str) -> bool:
    """Whether any of these items has passages of this model."""
    sql = f"SELECT EXISTS (SELECT 1 FROM passages WHERE item_id IN ({placeholders(numbers)}) AND model = ?)"
    return bool(db.value(sql, *numbers, model))


def item_id(db: Database, bot: str, item: Item) -> int | None:
    """The id under which the bot's item is stored, or None."""
    number = db.value("SELECT id FROM items WHERE bot = ? AND source = ? AND key = ?", bot, item.source, item.key)
    return None if number is None else int(number)


def forget_other_sizes(db: Database, model: str, dimensions: int) -> None:
    """Drop what a model of this name gave when its vectors had another size: a service put another one in its place."""
    stale = "model = ? AND dimensions <> ?"
    db.update(
        f"UPDATE items SET indexed = '' WHERE id IN (SELECT item_id FROM passages WHERE {stale})", model, dimensions
    )
    db.update(f"DELETE FROM passages WHERE {stale}", model, dimensions)
    db.update(f"DELETE FROM post_vectors WHERE {stale}", model, dimensions)
