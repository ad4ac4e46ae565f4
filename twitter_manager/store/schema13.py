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


_COUNTED = """
-- How far the rows of a table are counted into the tallies: the highest id.
CREATE TABLE counted (
  name TEXT PRIMARY KEY,
  id INTEGER NOT NULL
);
"""


_USAGE = """
-- What the program needs of the machine, in UTC: of an invocation, kept for a day (span 'run', began: when), and of a
-- day's invocations, kept for a year (span 'day', began: YYYY-MM-DD). seconds and cpu_seconds are sums, most_ and
-- memory_bytes the highest, disk_free_bytes the lowest, database_bytes the last.
CREATE TABLE usage (
  span TEXT NOT NULL CHECK (span IN ('run', 'day')),
  began TEXT NOT NULL,
  invocations INTEGER NOT NULL,
  seconds REAL NOT NULL,
  most_seconds REAL NOT NULL,
  cpu_seconds REAL NOT NULL,
  most_cpu_seconds REAL NOT NULL,
  memory_bytes INTEGER NOT NULL,
  database_bytes INTEGER NOT NULL,
  disk_free_bytes INTEGER NOT NULL,
  PRIMARY KEY (span, began)
);
-- What can't be written or reached since when (a metrics file, say): told once, until it works again.
CREATE TABLE troubles (
  name TEXT PRIMARY KEY,
  since TEXT NOT NULL,
  error TEXT NOT NULL
);
"""


SQL = _CHARGES + _TALLIES + _COUNTED + _USAGE
