"""Long lists page by page, the newest first: a page begins after the row that the page before ended with, so that what
comes in meanwhile moves nothing."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from twitter_manager.domain import Draft, Run
from twitter_manager.store import comments, drafts, runs
from twitter_manager.store.comments import Comment
from twitter_manager.store.database import Database, placeholders
from twitter_manager.store.dialect import Value


@dataclass(frozen=True, slots=True)
class Page:
    """Which rows."""

    limit: int
    after: int = 0
    """The id of the last row of the page before; 0: from the newest on."""
    bots: Collection[str] = ()
    """Of these alone; of all, where none is named."""


def of_drafts(db: Database, page: Page, statuses: Collection[str] = ()) -> list[Draft]:
    """Drafts of these statuses (of any, where none is named), in the order they were made in."""
    has_text = "EXISTS (SELECT 1 FROM parts WHERE draft_id = drafts.id)"  # one without fills a slot that is used up
    ids = _ids(db, "drafts", page, [has_text, "id < ?"], _among("status", statuses), "id DESC")
    return [draft for number in ids if (draft := drafts.get(db, number))]


def of_runs(db: Database, page: Page, outcomes: Collection[str] = ()) -> list[Run]:
    """Runs that ended so (in any way, where none is named)."""
    ids = _ids(db, "runs", page, ["id < ?"], _among("outcome", outcomes), "id DESC")
    return [run for number in ids if (run := runs.get(db, number))]


def of_comments(db: Database, page: Page, statuses: Collection[str] = ()) -> list[Comment]:
    """Comments of these statuses (of any, where none is named), as they were read."""
    ids = _ids(db, "comments", page, ["id < ?"], _among("status", statuses), "id DESC")
    return [comment for number in ids if (comment := comments.get(db, number))]


_Condition = tuple[str, Collection[str]]


def _among(column: str, values: Collection[str]) -> _Condition:
    return (f"{column} IN ({placeholders(values)})", values) if values else ("", ())


def _ids(db: Database, table: str, page: Page, always: list[str], chosen: _Condition, order: str) -> list[int]:
    """The ids of a page's rows. `always`: its last condition is the place after the page before."""
    *conditions, place = always
    values: list[Value] = []
    for condition, given in (_among("bot", page.bots), chosen):
        conditions += [condition] if condition else []
        values += given
    if page.after:
        conditions.append(place)
        values.append(page.after)
    where = f"WHERE {' AND '.join(conditions)} " if conditions else ""
    return [
        row["id"] for row in db.rows(f"SELECT id FROM {table} {where}ORDER BY {order} LIMIT ?", *values, page.limit)
    ]
