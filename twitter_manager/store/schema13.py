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
CREATE INDEX charges_by_draft ON charges (draft_id);
INSERT INTO charges (at, bot, draft_id, service, kind, units, usd)
  SELECT coalesce(posted_at, created_at), bot, draft_id, platform,
    CASE WHEN cost_usd > 0.1 THEN 'post_with_link' ELSE 'post' END, 1, cost_usd
  FROM deliveries WHERE cost_usd > 0 ORDER BY id;
INSERT INTO charges (at, bot, draft_id, service, kind, units, usd)
  SELECT coalesce(a.ended_at, a.created_at), d.bot, d.draft_id, d.platform, 'deletion', 1, a.cost_usd
  FROM amendments a JOIN deliveries d ON d.id = a.delivery_id WHERE a.cost_usd > 0 ORDER BY a.id;
-- What a person had written outside of a run belongs to the bot of its draft or material.
INSERT INTO charges (at, bot, run_id, draft_id, service, kind, units, usd)
  SELECT g.created_at,
    coalesce((SELECT bot FROM runs WHERE id = g.run_id), (SELECT bot FROM drafts WHERE id = g.draft_id),
      (SELECT bot FROM items WHERE id = g.item_id), ''),
    g.run_id, g.draft_id, replace(g.generator, 'judge ', ''),
    CASE g.verdict WHEN 'judged' THEN 'judging' WHEN 'embedded' THEN 'comparing' ELSE 'writing' END,
    g.tokens_in + g.tokens_out, g.cost_usd
  FROM generations g WHERE g.cost_usd > 0 ORDER BY g.id;
DROP INDEX deliveries_by_cost;
DROP INDEX amendments_by_cost;
DROP INDEX generations_by_cost;
ALTER TABLE deliveries DROP COLUMN cost_usd;
ALTER TABLE amendments DROP COLUMN cost_usd;
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
-- When each piece of the upkeep was last done, and what it remembers.
CREATE TABLE upkeep (
  task TEXT PRIMARY KEY,
  done_at TEXT,
  state TEXT NOT NULL DEFAULT ''
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


_PRUNED = """
-- When the bulk of an old row was removed (an answer's prompt and candidates, the text of an item that is gone).
ALTER TABLE generations ADD COLUMN pruned_at TEXT;
ALTER TABLE items ADD COLUMN pruned_at TEXT;
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
ALTER TABLE amendments DROP COLUMN not_before;
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


_RUNS = """
-- Whether all was well, as the exit code said: an outcome alone does not tell. Empty while it runs.
ALTER TABLE runs ADD COLUMN is_good INTEGER CHECK (is_good IN (0, 1));
UPDATE runs SET is_good = CASE WHEN outcome IN ('posted', 'nothing_due', 'waiting_for_review', 'dry_run',
  'nothing_to_post') THEN 1 ELSE 0 END WHERE outcome <> 'running';
"""


SQL = _CHARGES + _TALLIES + _COUNTED + _ALERTS + _UPKEEP + _CREDENTIALS + _PRUNED + _USAGE + _LIMITS + _REPORTS + _RUNS
