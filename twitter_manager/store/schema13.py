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


_ALERTS = """
-- Trouble that is not over: what it is about (kind and subject), since when, when it was last seen, when it was last
-- told (NULL: not since it began this time), and when it had last gone well before. proof: what shows that it is over;
-- over: that in words.
CREATE TABLE alerts (
  bot TEXT NOT NULL,
  kind TEXT NOT NULL,
  subject TEXT NOT NULL,
  since TEXT NOT NULL,
  seen_at TEXT NOT NULL,
  told_at TEXT,
  good_at TEXT,
  proof TEXT NOT NULL,
  over TEXT NOT NULL,
  PRIMARY KEY (bot, kind, subject)
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


_CREDENTIALS = """
-- The keys of each bot as they were last seen, without the keys. fingerprint: of all fields, keyed by the installation.
CREATE TABLE credentials (
  bot TEXT NOT NULL,
  service TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  account TEXT NOT NULL,
  first_seen TEXT NOT NULL,
  expires_at TEXT,
  PRIMARY KEY (bot, service)
);
"""


SQL = _CHARGES + _TALLIES + _COUNTED + _ALERTS + _UPKEEP + _CREDENTIALS
