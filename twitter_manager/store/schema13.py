"""The tables of migration 13: what years of running leave behind as figures."""

from __future__ import annotations

_CHARGES = """
-- Each paid call: to whom (x, claude, openai), for what (post, post_with_link, deletion, read, user_read, writing,
-- judging, comparing), how much of it (posts, resources read, tokens), and what it cost.
CREATE TABLE charges (
  id INTEGER PRIMARY KEY,
  at TEXT NOT NULL,
  bot TEXT NOT NULL,
  run_id INTEGER REFERENCES runs (id),
  draft_id INTEGER REFERENCES drafts (id),
  service TEXT NOT NULL,
  kind TEXT NOT NULL,
  units INTEGER NOT NULL,
  usd REAL NOT NULL
);
CREATE INDEX charges_by_bot ON charges (bot, at, usd);
"""


_TALLIES = """
-- Numbers that only grow: of a day (YYYY-MM-DD, in the bot's time zone), or of all time where day is ''.
CREATE TABLE tallies (
  bot TEXT NOT NULL,
  day TEXT NOT NULL,
  name TEXT NOT NULL,
  label TEXT NOT NULL,
  value REAL NOT NULL,
  PRIMARY KEY (bot, day, name, label)
);
"""


_UPKEEP = """
-- When each piece of the upkeep was last done, what it remembers, and what is wrong with it since when it was told.
CREATE TABLE upkeep (
  task TEXT PRIMARY KEY,
  done_at TEXT,
  state TEXT NOT NULL DEFAULT '',
  trouble TEXT NOT NULL DEFAULT '',
  told_at TEXT
);
"""


_PRUNED = """
-- When the bulk of an old row was removed (an answer's prompt and candidates, the text of an item that is gone).
ALTER TABLE generations ADD COLUMN pruned_at TEXT;
ALTER TABLE items ADD COLUMN pruned_at TEXT;
"""


SQL = _CHARGES + _TALLIES + _UPKEEP + _PRUNED
