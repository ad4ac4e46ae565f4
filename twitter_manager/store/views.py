"""Views in plain words, for the person who opens the database with any SQLite tool. The program never reads them.

Their names and columns stay as they are whatever becomes of the tables: people keep queries on them. `migrate` makes
them anew at each new schema. Times are UTC, money is in US dollars, rates are per cent.
"""

from __future__ import annotations

from twitter_manager.store import charges, dialect
from twitter_manager.store.database import Database

_TRIED = "status IN ('posted', 'partly_posted', 'failed')"
_SUCCESS = (
    f"round(CAST(100.0 * sum(CASE WHEN status = 'posted' THEN 1 ELSE 0 END)"
    f" / nullif(sum(CASE WHEN {_TRIED} THEN 1 ELSE 0 END), 0) AS NUMERIC), 1)"
)
"""Of the posts that were sent, those that are out on every platform and in every part."""
_HAS_TEXT = "EXISTS (SELECT 1 FROM parts WHERE draft_id = drafts.id)"
"""A draft without any fills a slot that a restore has used up."""
_TAKEN_DOWN = """
    EXISTS (SELECT 1 FROM deliveries WHERE draft_id = drafts.id AND removed_at IS NOT NULL)
    AND NOT EXISTS (SELECT 1 FROM deliveries WHERE draft_id = drafts.id AND removed_at IS NULL AND status <> 'failed')
"""
"""Nothing of it is there any more."""


def _time(column: str) -> str:
    """2026-11-21 03:00:00"""
    return f"replace(substr({column}, 1, 19), 'T', ' ')"


def _money(amount: str) -> str:
    return f"round(CAST({amount} AS NUMERIC), 4)"


def _joined(column: str, rows: str, separator: str) -> str:
    return f"(SELECT {dialect.JOINED}({column}, '{separator}') FROM (SELECT {rows}) AS some)"


_WORDS = """
    coalesce((SELECT a.text FROM amendments a JOIN deliveries d ON d.id = a.delivery_id WHERE d.draft_id = drafts.id
      AND d.part = parts.number AND a.kind = 'edit' AND a.status = 'done' ORDER BY a.id DESC LIMIT 1), text) AS text
"""
"""Of a part: those that it was given last."""

_POSTS = f"""
SELECT
  id,
  bot,
  {_joined("text", f"{_WORDS} FROM parts WHERE draft_id = drafts.id ORDER BY number", chr(10) * 2)} AS content,
  coalesce(
    {_joined("platform", "DISTINCT platform FROM deliveries WHERE draft_id = drafts.id ORDER BY platform", ", ")},
    replace(replace(replace(platforms, '[', ''), ']', ''), '"', '')
  ) AS platforms,
  (SELECT {_time("min(posted_at)")} FROM deliveries WHERE draft_id = drafts.id) AS posted_at,
  CASE WHEN {_TAKEN_DOWN} THEN 'taken down' ELSE CASE status
    WHEN 'posted' THEN 'published'
    WHEN 'partly_posted' THEN 'partly published'
    WHEN 'approved' THEN 'ready'
    WHEN 'pending' THEN 'waiting for approval'
    WHEN 'needs_attention' THEN 'needs attention'
    ELSE status
  END END AS status,
  CASE
    WHEN status IN ('failed', 'partly_posted', 'needs_attention') THEN nullif(reason, '')
    WHEN status = 'publishing' THEN
      {
    _joined("error", "DISTINCT error FROM deliveries WHERE draft_id = drafts.id AND error <> '' ORDER BY error", "; ")
}
  END AS error_message,
  {_joined("url", "url FROM deliveries WHERE draft_id = drafts.id AND part = 0 AND url <> '' ORDER BY platform", " ")}
    AS url,
  CASE format WHEN '' THEN 'own words' ELSE format END AS content_type,
  CASE WHEN (SELECT count(*) FROM parts WHERE draft_id = drafts.id) > 1 THEN 1 ELSE 0 END AS is_thread,
  {_money("(SELECT coalesce(sum(usd), 0) FROM charges WHERE draft_id = drafts.id)")} AS cost
FROM drafts WHERE {_HAS_TEXT}
"""

_BOT_STATS = f"""
SELECT
  bot,
  count(*) AS total,
  sum(CASE WHEN status IN ('posted', 'partly_posted') THEN 1 ELSE 0 END) AS published,
  sum(CASE WHEN status IN ('pending', 'approved') THEN 1 ELSE 0 END) AS remaining,
  (SELECT {_time("max(posted_at)")} FROM deliveries WHERE deliveries.bot = drafts.bot) AS last_post,
  {_time("max(CASE WHEN origin = 'generator' THEN created_at END)")} AS last_replenishment,
  {_SUCCESS} AS success_rate
FROM drafts WHERE {_HAS_TEXT} GROUP BY bot
"""

_TOPICS = f"""
SELECT bot, topic, count(*) AS uses, {_time("max(created_at)")} AS last_used, {_SUCCESS} AS success_rate
FROM drafts WHERE topic <> '' GROUP BY bot, topic
"""

_COSTS = f"""
SELECT
  substr(at, 1, 7) AS month,
  bot,
  {_money(f"sum(CASE WHEN {charges.OF_MODELS} THEN 0 ELSE usd END)")} AS posting,
  {_money(f"sum(CASE WHEN {charges.OF_MODELS} THEN usd ELSE 0 END)")} AS writing,
  {_money("sum(usd)")} AS total
FROM charges
GROUP BY substr(at, 1, 7), bot
"""

_VIEWS = {"posts": _POSTS, "bot_stats": _BOT_STATS, "topics": _TOPICS, "costs": _COSTS}


def drop(db: Database) -> list[str]:
    """Take all views away, so that none stands in the way of a change to the tables. Gives the statements that make
    those again that a person made."""
    own = []
    for row in db.rows(dialect.VIEWS):
        quoted = row["name"].replace('"', '""')
        db.update(f'DROP VIEW "{quoted}"')
        own += [row["sql"]] if row["name"] not in _VIEWS else []
    return own


def create(db: Database) -> None:
    """Make the views over tables of the newest schema."""
    for name, query in _VIEWS.items():
        db.update(f"CREATE VIEW {name} AS{query.rstrip()}")
