"""The tables of migration 14: what comes back of what was posted."""

from __future__ import annotations

_ENGAGEMENT = """
-- What a post came to at an age (band: 1h, 3h, 12h, 24h, 3d, 7d), each read once. views: NULL where nobody tells.
CREATE TABLE engagement (
  delivery_id INTEGER NOT NULL REFERENCES deliveries (id),
  band TEXT NOT NULL,
  at TEXT NOT NULL,
  likes INTEGER NOT NULL,
  replies INTEGER NOT NULL,
  reposts INTEGER NOT NULL,
  quotes INTEGER NOT NULL,
  views INTEGER,
  PRIMARY KEY (delivery_id, band)
);
CREATE INDEX deliveries_by_posted ON deliveries (bot, posted_at) WHERE posted_at IS NOT NULL;
CREATE INDEX deliveries_by_name_there ON deliveries (remote_id) WHERE remote_id IS NOT NULL;
"""


_COMMENTS = """
-- What others said to an account. parent_id: the remote id of what it answers; root, extra: what an answer needs;
-- delivery_id: the post of ours that it stands beneath; depth: how many answers of ours stand above it.
CREATE TABLE comments (
  id INTEGER PRIMARY KEY,
  bot TEXT NOT NULL,
  platform TEXT NOT NULL,
  account TEXT NOT NULL,
  remote_id TEXT NOT NULL,
  url TEXT NOT NULL,
  extra TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('reply', 'mention', 'quote', 'asked')),
  author TEXT NOT NULL,
  author_id TEXT NOT NULL,
  author_name TEXT NOT NULL,
  text TEXT NOT NULL,
  language TEXT NOT NULL,
  posted_at TEXT NOT NULL,
  seen_at TEXT NOT NULL,
  parent_id TEXT NOT NULL,
  parent_author_id TEXT NOT NULL,
  root TEXT,
  delivery_id INTEGER REFERENCES deliveries (id),
  depth INTEGER NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('new', 'flagged', 'drafted', 'answered', 'dismissed', 'gone')),
  reason TEXT NOT NULL,
  UNIQUE (bot, platform, remote_id)
);
CREATE INDEX comments_by_status ON comments (bot, status, id);
-- How far what others say was read.
CREATE TABLE listened (
  bot TEXT NOT NULL,
  platform TEXT NOT NULL,
  account TEXT NOT NULL,
  cursor TEXT NOT NULL,
  read_at TEXT NOT NULL,
  PRIMARY KEY (bot, platform, account)
);
-- comment_id: the comment that this draft answers. One answer a comment: another only where nothing of the first is
-- out or may be.
ALTER TABLE drafts ADD COLUMN comment_id INTEGER REFERENCES comments (id);
CREATE UNIQUE INDEX drafts_by_comment ON drafts (comment_id) WHERE comment_id IS NOT NULL
  AND status NOT IN ('skipped', 'expired');
"""

_EXPERIMENTS = """
-- Two variants of one thing (opener, format, tone, prompt) are compared. per_variant: so many posts of each are read at
-- the age of band; settings: a digest of each part of the settings that shapes posts; result: what was seen at the end.
CREATE TABLE experiments (
  id INTEGER PRIMARY KEY,
  bot TEXT NOT NULL,
  thing TEXT NOT NULL,
  variants TEXT NOT NULL,
  per_variant INTEGER NOT NULL,
  band TEXT NOT NULL,
  days INTEGER NOT NULL,
  seed INTEGER NOT NULL,
  settings TEXT NOT NULL,
  started_at TEXT NOT NULL,
  ended_at TEXT,
  ending TEXT NOT NULL,
  reason TEXT NOT NULL,
  result TEXT NOT NULL
);
CREATE UNIQUE INDEX experiments_running ON experiments (bot) WHERE ended_at IS NULL;
CREATE TABLE experiment_posts (
  experiment_id INTEGER NOT NULL REFERENCES experiments (id),
  draft_id INTEGER NOT NULL REFERENCES drafts (id),
  variant INTEGER NOT NULL CHECK (variant IN (0, 1)),
  PRIMARY KEY (experiment_id, draft_id)
);
"""

_AGAIN = """
-- Posts that did well, and the draft that offers each again in other words; or why there is none.
CREATE TABLE offered_again (
  of_draft INTEGER PRIMARY KEY REFERENCES drafts (id),
  bot TEXT NOT NULL,
  at TEXT NOT NULL,
  draft_id INTEGER REFERENCES drafts (id),
  reason TEXT NOT NULL
);
"""

_LESSONS = """
-- What a person's edits and skips taught. rule: its name; what it says is found anew each time.
CREATE TABLE lessons (
  id INTEGER PRIMARY KEY,
  bot TEXT NOT NULL,
  rule TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('proposed', 'accepted', 'dropped')),
  proposed_at TEXT NOT NULL,
  decided_at TEXT,
  UNIQUE (bot, rule)
);
"""

SQL = _ENGAGEMENT + _COMMENTS + _EXPERIMENTS + _AGAIN + _LESSONS
