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


_REPORTS = """
-- What a week or a month of a bot came to, as it was reckoned once it was over: kind is week or month, first_day its
-- first day in the bot's time zone, figures as JSON.
CREATE TABLE reports (
  bot TEXT NOT NULL,
  kind TEXT NOT NULL,
  first_day TEXT NOT NULL,
  figures TEXT NOT NULL,
  made_at TEXT NOT NULL,
  PRIMARY KEY (bot, kind, first_day)
);
"""


SQL = _CHARGES + _TALLIES + _REPORTS
