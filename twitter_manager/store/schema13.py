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


_LIMITS = """
-- Rate limits that were met: of a platform's account (login, post, upload, read, write), or of who writes, judges or
-- compares (ask; the account is the host and the model). hits: how often in a row, less the successes since.
CREATE TABLE service_limits (
  service TEXT NOT NULL,
  account TEXT NOT NULL,
  operation TEXT NOT NULL,
  bot TEXT NOT NULL,
  until TEXT NOT NULL,
  hits INTEGER NOT NULL,
  seen_at TEXT NOT NULL,
  why TEXT NOT NULL,
  told INTEGER NOT NULL CHECK (told IN (0, 1)),
  PRIMARY KEY (service, account, operation)
);
-- What a limit blocks was found by the deliveries that it met.
DROP INDEX deliveries_by_wait;
"""


SQL = _CHARGES + _TALLIES + _LIMITS
