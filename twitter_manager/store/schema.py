"""The tables, as numbered migrations. Each runs in one transaction with its version bump: old or new, never mixed.

Ids are integers, times are UTC ISO-8601 text of fixed width, lists and maps are JSON text. A released migration never
changes. To change a view alone, add a migration that does nothing: the views are made anew at each one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from twitter_manager.errors import StoreError
from twitter_manager.store import dialect, events, schema13, schema14, views
from twitter_manager.store.database import BACKUPS, Database, to_text
from twitter_manager.terminal import command

Migration = Callable[[Database, datetime], None]

_TABLES = """
CREATE TABLE installation (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  uuid TEXT NOT NULL,
  created_at TEXT NOT NULL
);

-- One invocation for one bot; outcome 'running' belongs to a live process, or to one that died.
CREATE TABLE runs (
  id INTEGER PRIMARY KEY,
  bot TEXT NOT NULL,
  verb TEXT NOT NULL,
  slot TEXT NOT NULL,
  started_at TEXT NOT NULL,
  ended_at TEXT,
  outcome TEXT NOT NULL,
  reason TEXT NOT NULL DEFAULT '',
  pid INTEGER NOT NULL
);
CREATE INDEX runs_by_bot ON runs (bot, id);

-- Pause switch: a row is a bot that stands still ('*' for all of them).
CREATE TABLE pauses (
  bot TEXT PRIMARY KEY,
  reason TEXT NOT NULL,
  paused_at TEXT NOT NULL
);

-- Material. (bot, source, key) is stable; a changed item gets new text and hash, a vanished one retired_at.
CREATE TABLE items (
  id INTEGER PRIMARY KEY,
  bot TEXT NOT NULL,
  source TEXT NOT NULL,
  key TEXT NOT NULL,
  title TEXT NOT NULL,
  text TEXT NOT NULL,
  url TEXT NOT NULL,
  label TEXT NOT NULL,
  wordings TEXT NOT NULL,
  content_hash TEXT NOT NULL,
  first_seen_at TEXT NOT NULL,
  changed_at TEXT NOT NULL,
  retired_at TEXT,
  UNIQUE (bot, source, key)
);

-- Posts to be. A slot is filled once per bot: UNIQUE (bot, slot), where forced extra posts have no slot.
CREATE TABLE drafts (
  id INTEGER PRIMARY KEY,
  bot TEXT NOT NULL,
  run_id INTEGER REFERENCES runs (id),
  origin TEXT NOT NULL CHECK (origin IN ('generator', 'person')),
  status TEXT NOT NULL CHECK (status IN ('needs_attention', 'pending', 'approved', 'publishing', 'posted',
                                         'partly_posted', 'failed', 'skipped', 'expired')),
  topic TEXT NOT NULL,
  format TEXT NOT NULL,
  item_id INTEGER REFERENCES items (id),
  platforms TEXT NOT NULL,
  language TEXT NOT NULL,
  text_hash TEXT NOT NULL,
  approved_hash TEXT,
  normalised_hash TEXT NOT NULL,
  slot TEXT,
  choice TEXT NOT NULL,
  created_at TEXT NOT NULL,
  expires_at TEXT NOT NULL,
  published_at TEXT,
  reason TEXT NOT NULL DEFAULT '',
  UNIQUE (bot, slot)
);
CREATE INDEX drafts_by_status ON drafts (bot, status, id);
CREATE INDEX drafts_by_hash ON drafts (bot, normalised_hash);
CREATE INDEX drafts_by_item ON drafts (item_id);

CREATE TABLE parts (
  draft_id INTEGER NOT NULL REFERENCES drafts (id),
  number INTEGER NOT NULL,
  text TEXT NOT NULL,
  PRIMARY KEY (draft_id, number)
);

-- One answer of a generator; draft_id is NULL when nothing came of it.
CREATE TABLE generations (
  id INTEGER PRIMARY KEY,
  run_id INTEGER REFERENCES runs (id),
  draft_id INTEGER REFERENCES drafts (id),
  item_id INTEGER REFERENCES items (id),
  generator TEXT NOT NULL,
  model TEXT NOT NULL,
  revision TEXT NOT NULL,
  seed INTEGER,
  prompt TEXT NOT NULL,
  raw TEXT NOT NULL,
  tokens_in INTEGER NOT NULL,
  tokens_out INTEGER NOT NULL,
  cost_usd REAL,
  seconds REAL NOT NULL,
  verdict TEXT NOT NULL,
  created_at TEXT NOT NULL
);
CREATE INDEX generations_by_draft ON generations (draft_id);
CREATE INDEX generations_by_run ON generations (run_id);
CREATE INDEX generations_by_time ON generations (created_at);

CREATE TABLE candidates (
  generation_id INTEGER NOT NULL REFERENCES generations (id),
  number INTEGER NOT NULL,
  parts TEXT NOT NULL,
  score REAL NOT NULL,
  scores TEXT NOT NULL,
  violations TEXT NOT NULL,
  verdict TEXT NOT NULL,
  PRIMARY KEY (generation_id, number)
);

-- The outbox. 'sending' is committed, with the request in full, before the request leaves.
CREATE TABLE deliveries (
  id INTEGER PRIMARY KEY,
  draft_id INTEGER NOT NULL REFERENCES drafts (id),
  bot TEXT NOT NULL,
  platform TEXT NOT NULL,
  part INTEGER NOT NULL,
  account TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('queued', 'sending', 'posted', 'failed', 'unknown', 'held')),
  text TEXT NOT NULL,
  request TEXT,
  remote_id TEXT,
  url TEXT,
  extra TEXT,
  cost_usd REAL NOT NULL DEFAULT 0,
  not_before TEXT,
  error TEXT NOT NULL DEFAULT '',
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  posted_at TEXT,
  resumed_at TEXT,
  UNIQUE (draft_id, platform, part),
  CHECK (status <> 'sending' OR request IS NOT NULL),
  CHECK ((status = 'posted') = (remote_id IS NOT NULL))
);
-- A remote post belongs to one delivery: adopting it twice is refused by the database itself.
CREATE UNIQUE INDEX deliveries_by_remote_id ON deliveries (platform, account, remote_id);
CREATE INDEX deliveries_by_status ON deliveries (status, bot);
CREATE INDEX deliveries_by_time ON deliveries (bot, posted_at);

CREATE TABLE attempts (
  id INTEGER PRIMARY KEY,
  delivery_id INTEGER NOT NULL REFERENCES deliveries (id),
  run_id INTEGER NOT NULL REFERENCES runs (id),
  kind TEXT NOT NULL CHECK (kind IN ('prepare', 'send', 'look_up')),
  started_at TEXT NOT NULL,
  ended_at TEXT,
  outcome TEXT NOT NULL,
  http_status INTEGER,
  detail TEXT NOT NULL DEFAULT ''
);
CREATE INDEX attempts_by_delivery ON attempts (delivery_id, id);

-- The audit trail: append-only, each row's hash covers the one before it.
CREATE TABLE events (
  id INTEGER PRIMARY KEY,
  at TEXT NOT NULL,
  bot TEXT NOT NULL,
  run_id INTEGER,
  draft_id INTEGER,
  delivery_id INTEGER,
  kind TEXT NOT NULL,
  data TEXT NOT NULL,
  previous_hash TEXT NOT NULL,
  hash TEXT NOT NULL
);
-- Where the trail ends: so that a row taken from its end shows too.
CREATE TABLE audit_head (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  events INTEGER NOT NULL,
  hash TEXT NOT NULL
);
CREATE INDEX events_by_draft ON events (draft_id);
CREATE INDEX events_by_run ON events (run_id);
"""

_REFUSALS = (
    dialect.refusal(
        "attempts_end_once", "UPDATE", "attempts", "an attempt never changes after it ended", "OLD.ended_at IS NOT NULL"
    ),
    dialect.refusal("attempts_stay", "DELETE", "attempts", "attempts are never deleted"),
    dialect.refusal("events_stay", "UPDATE", "events", "events are append-only"),
    dialect.refusal("events_remain", "DELETE", "events", "events are append-only"),
)

# What a run asks must not take longer as the years go by: each index answers one question of a usual run.
_INDEXES_FOR_A_LONG_HISTORY = """
-- Was a run left open? Which posts cost anything this month, and what?
CREATE INDEX runs_open ON runs (id) WHERE outcome = 'running';
DROP INDEX deliveries_by_time;
CREATE INDEX deliveries_by_cost ON deliveries (bot, posted_at, cost_usd) WHERE cost_usd > 0;
DROP INDEX generations_by_time;
CREATE INDEX generations_by_cost ON generations (created_at, cost_usd, run_id) WHERE cost_usd > 0;
-- May the account post now? Which posts of its list are ours?
CREATE INDEX deliveries_by_wait ON deliveries (platform, account, not_before) WHERE not_before IS NOT NULL;
CREATE INDEX deliveries_by_post ON deliveries (platform, account, posted_at) WHERE remote_id IS NOT NULL;
-- How many went out this hour, which were the last (`history`), what was said lately, when was this item used?
CREATE INDEX drafts_by_time ON drafts (bot, published_at) WHERE published_at IS NOT NULL;
CREATE INDEX drafts_published ON drafts (published_at, id) WHERE published_at IS NOT NULL;
CREATE INDEX drafts_by_bot ON drafts (bot, created_at, id);
DROP INDEX drafts_by_item;
CREATE INDEX drafts_by_item ON drafts (item_id, created_at) WHERE item_id IS NOT NULL;
-- What did this run try? (`explain run:N`)
CREATE INDEX attempts_by_run ON attempts (run_id);
"""

_SOURCES = """
-- What a piece of material is, when its author made it public, and whether a post may be made of it.
ALTER TABLE items ADD COLUMN kind TEXT NOT NULL DEFAULT 'note';
ALTER TABLE items ADD COLUMN published_at TEXT;
ALTER TABLE items ADD COLUMN postable INTEGER NOT NULL DEFAULT 1 CHECK (postable IN (0, 1));

-- What each source remembers from one look to the next; another signature (its settings) begins anew.
CREATE TABLE sources (
  bot TEXT NOT NULL,
  name TEXT NOT NULL,
  signature TEXT NOT NULL,
  state TEXT NOT NULL,
  looked_at TEXT NOT NULL,
  succeeded_at TEXT,
  error TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (bot, name)
);
"""


_CHOOSING = """
-- Which drafts did this run choose? (`explain run:N`, `replay`) Which items went into threads?
CREATE INDEX drafts_by_run ON drafts (run_id) WHERE run_id IS NOT NULL;
CREATE INDEX drafts_threads ON drafts (bot, created_at) WHERE format = 'thread';
"""

_ONE_TEXT_FOR_ALL_BOTS = """
-- Has any bot said this? X forbids the same post on several accounts.
DROP INDEX drafts_by_hash;
CREATE INDEX drafts_by_hash ON drafts (normalised_hash);
"""

_LINKS = """
-- The platforms on which an address goes along with the text, and the address: {"bluesky": "https://…"}.
ALTER TABLE drafts ADD COLUMN links TEXT NOT NULL DEFAULT '{}';
"""

_PASSAGES = """
-- The passages of the material (all but notes) and the vectors of passages and posts: little-endian float32, length 1.
CREATE TABLE passages (
  id INTEGER PRIMARY KEY,
  item_id INTEGER NOT NULL REFERENCES items (id),
  number INTEGER NOT NULL,
  heading TEXT NOT NULL,
  text TEXT NOT NULL,
  model TEXT NOT NULL,
  dimensions INTEGER NOT NULL,
  vector BLOB NOT NULL,
  UNIQUE (item_id, number),
  CHECK (length(vector) = 4 * dimensions)
);
CREATE TABLE post_vectors (
  draft_id INTEGER PRIMARY KEY REFERENCES drafts (id),
  model TEXT NOT NULL,
  dimensions INTEGER NOT NULL,
  vector BLOB NOT NULL,
  CHECK (length(vector) = 4 * dimensions)
);
-- The model and the content hash that an item's passages were made with; '' for none.
ALTER TABLE items ADD COLUMN indexed TEXT NOT NULL DEFAULT '';
"""

_MEANING_OF_ITEMS = """
-- What a person wrote to sum an item up, the project or page that it belongs to, the headings it stands under (JSON,
-- the outermost first) and the language its author declared.
ALTER TABLE items ADD COLUMN summary TEXT NOT NULL DEFAULT '';
ALTER TABLE items ADD COLUMN project TEXT NOT NULL DEFAULT '';
ALTER TABLE items ADD COLUMN headings TEXT NOT NULL DEFAULT '[]';
ALTER TABLE items ADD COLUMN language TEXT NOT NULL DEFAULT '';

-- Which edition of the rules a generated draft has passed; one of an older edition is checked again before it goes out.
ALTER TABLE drafts ADD COLUMN rules INTEGER NOT NULL DEFAULT 0;
-- Why it was set aside for a person when it was made, whatever they decided; '' for the others.
ALTER TABLE drafts ADD COLUMN held TEXT NOT NULL DEFAULT '';
CREATE INDEX drafts_held ON drafts (bot) WHERE held <> '';
-- When was this last told?
CREATE INDEX events_by_kind ON events (bot, kind);
"""


_UNREAD = """
-- What was written and never read.
ALTER TABLE installation DROP COLUMN created_at;
ALTER TABLE runs DROP COLUMN pid;
ALTER TABLE items DROP COLUMN changed_at;
ALTER TABLE deliveries DROP COLUMN updated_at;
-- NULL stood for a price that was not known. Every answer has one by now, an assumed one where none is listed. (The
-- column may still be NULL: to forbid that is to write the largest table anew.)
UPDATE generations SET cost_usd = 0 WHERE cost_usd IS NULL;
"""


_ATTACHED = """
-- What goes along with a part's text, as JSON: media (each with its alt text) and a card; '' for text alone.
ALTER TABLE parts ADD COLUMN attached TEXT NOT NULL DEFAULT '';
ALTER TABLE deliveries ADD COLUMN attached TEXT NOT NULL DEFAULT '';
"""

_UPLOADS = """
-- What a platform gave for the pictures of a post that is on its way (an id, a reference), by the picture's digest.
CREATE TABLE uploads (
  delivery_id INTEGER NOT NULL REFERENCES deliveries (id),
  digest TEXT NOT NULL,
  given TEXT NOT NULL,
  expires_at TEXT NOT NULL,
  PRIMARY KEY (delivery_id, digest)
);
"""

_DRAFTS_OF_A_PERSON = """
-- When a person last wrote the text anew: it is theirs since, whoever made it.
ALTER TABLE drafts ADD COLUMN edited_at TEXT;
-- The place in the queue that a person gave it; NULL where it goes out in its usual turn.
ALTER TABLE drafts ADD COLUMN lane INTEGER;
ALTER TABLE drafts ADD COLUMN rank INTEGER;
"""


_DATES = """
-- A person's recurring posts: the rule ("week 4 09:00"), the texts that take turns (JSON: variants of parts, each with
-- its text and what goes along) and how far it went. One that ended says why.
CREATE TABLE series (
  id INTEGER PRIMARY KEY,
  bot TEXT NOT NULL,
  rule TEXT NOT NULL,
  variants TEXT NOT NULL,
  platforms TEXT NOT NULL,
  language TEXT NOT NULL,
  until TEXT,
  told TEXT NOT NULL DEFAULT '',
  created_at TEXT NOT NULL,
  ended_at TEXT,
  reason TEXT NOT NULL DEFAULT ''
);
CREATE INDEX series_running ON series (bot) WHERE ended_at IS NULL;
-- A draft with a date of its own fills no slot; one of a series stands for one occurrence, which is never made twice.
ALTER TABLE drafts ADD COLUMN due_at TEXT;
ALTER TABLE drafts ADD COLUMN series_id INTEGER REFERENCES series (id);
ALTER TABLE drafts ADD COLUMN occurrence TEXT;
CREATE INDEX drafts_by_date ON drafts (bot, due_at) WHERE due_at IS NOT NULL;
CREATE UNIQUE INDEX drafts_by_occurrence ON drafts (series_id, occurrence) WHERE series_id IS NOT NULL;
ALTER TABLE drafts ADD COLUMN ends_at TEXT;
-- NULL: it never expires, as a person's post that is not out yet from now on.
UPDATE drafts SET ends_at = expires_at WHERE origin <> 'person'
  OR status NOT IN ('needs_attention', 'pending', 'approved', 'publishing', 'partly_posted', 'failed');
ALTER TABLE drafts DROP COLUMN expires_at;
ALTER TABLE drafts RENAME COLUMN ends_at TO expires_at;
"""


_AMENDMENTS = """
-- What becomes of posts after they are out. 'sending' is committed before the request leaves. origin 'platform': it was
-- found done there. text and before: the new words of an edit and the old ones; normalised_hash: of the draft with the
-- new ones, which are used from now on.
CREATE TABLE amendments (
  id INTEGER PRIMARY KEY,
  delivery_id INTEGER NOT NULL REFERENCES deliveries (id),
  kind TEXT NOT NULL CHECK (kind IN ('deletion', 'edit')),
  status TEXT NOT NULL CHECK (status IN ('queued', 'sending', 'done', 'refused')),
  origin TEXT NOT NULL CHECK (origin IN ('person', 'platform')),
  text TEXT NOT NULL,
  before TEXT NOT NULL,
  normalised_hash TEXT,
  cost_usd REAL NOT NULL DEFAULT 0,
  not_before TEXT,
  error TEXT NOT NULL DEFAULT '',
  created_at TEXT NOT NULL,
  ended_at TEXT,
  CHECK ((status IN ('done', 'refused')) = (ended_at IS NOT NULL))
);
CREATE INDEX amendments_by_delivery ON amendments (delivery_id, id);
CREATE INDEX amendments_open ON amendments (id) WHERE status IN ('queued', 'sending');
CREATE INDEX amendments_by_cost ON amendments (ended_at, cost_usd) WHERE cost_usd > 0;
CREATE INDEX amendments_by_hash ON amendments (normalised_hash) WHERE normalised_hash IS NOT NULL;
-- A post is taken down once.
CREATE UNIQUE INDEX amendments_delete_once ON amendments (delivery_id) WHERE kind = 'deletion' AND status <> 'refused';
-- When a post was taken down, or was found gone from its platform.
ALTER TABLE deliveries ADD COLUMN removed_at TEXT;
-- The draft whose posts must be gone before this one goes out in their place.
ALTER TABLE drafts ADD COLUMN replaces INTEGER REFERENCES drafts (id);
CREATE INDEX drafts_replacing ON drafts (bot) WHERE replaces IS NOT NULL;
"""


_BESIDE = """
-- Where else did the newest posts of the feed go?
CREATE INDEX deliveries_by_platform ON deliveries (platform, bot, id);
"""


_PICTURES = """
-- The picture that it leads with (an address, or a path in its source's folder), and what its author says it shows.
ALTER TABLE items ADD COLUMN image TEXT NOT NULL DEFAULT '';
ALTER TABLE items ADD COLUMN image_alt TEXT NOT NULL DEFAULT '';
"""


_CARDS = """
-- What pages said of themselves when they were last read for a card: content.Card as JSON.
CREATE TABLE cards (
  url TEXT PRIMARY KEY,
  read_at TEXT NOT NULL,
  card TEXT NOT NULL
);
"""


_TOKENS = """
-- By which programs use the API of the review console: of each the SHA-256 of it (hex), never itself.
CREATE TABLE api_tokens (
  name TEXT PRIMARY KEY,
  hash TEXT NOT NULL UNIQUE,
  created_at TEXT NOT NULL,
  last_used_at TEXT
);
"""


_ANSWERS = """
-- What a person types to answer a notice, hashed: good for one draft with one content, once.
CREATE TABLE answer_codes (
  id INTEGER PRIMARY KEY,
  draft_id INTEGER NOT NULL REFERENCES drafts (id),
  content_hash TEXT NOT NULL,
  code_hash TEXT NOT NULL,
  expires_at TEXT NOT NULL,
  used_at TEXT
);
-- How far the answers of a mailbox or a Telegram bot are read and carried out, and what is wrong with it by now.
CREATE TABLE answer_channels (
  name TEXT PRIMARY KEY,
  position TEXT NOT NULL,
  read_at TEXT NOT NULL,
  trouble TEXT NOT NULL
);
"""


_APPROVALS = """
-- Each yes of a person to a draft: who, when, through what, and for which content: by platform, the hash of exactly
-- what it gets (JSON).
CREATE TABLE approvals (
  id INTEGER PRIMARY KEY,
  draft_id INTEGER NOT NULL REFERENCES drafts (id),
  at TEXT NOT NULL,
  name TEXT NOT NULL,
  via TEXT NOT NULL,
  platforms TEXT NOT NULL
);
CREATE INDEX approvals_by_draft ON approvals (draft_id, id);
"""


_NOTICES = """
-- What a person is to be told: of which kind, and about what (the same is told again only after a while).
CREATE TABLE notices (
  id INTEGER PRIMARY KEY,
  bot TEXT NOT NULL,
  kind TEXT NOT NULL,
  subject TEXT NOT NULL,
  draft_id INTEGER REFERENCES drafts (id),
  text TEXT NOT NULL,
  created_at TEXT NOT NULL
);
CREATE INDEX notices_by_subject ON notices (bot, kind, subject, id);
-- The way of a notice through one channel, which is named without its address. tries: it grows before a message leaves.
CREATE TABLE notice_deliveries (
  id INTEGER PRIMARY KEY,
  notice_id INTEGER NOT NULL REFERENCES notices (id),
  bot TEXT NOT NULL,
  channel TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('waiting', 'sent', 'dropped')),
  tries INTEGER NOT NULL DEFAULT 0,
  tried_at TEXT,
  error TEXT NOT NULL DEFAULT '',
  UNIQUE (notice_id, channel)
);
CREATE INDEX notice_deliveries_waiting ON notice_deliveries (bot, id) WHERE status = 'waiting';
-- A channel that can't be reached, since when, and why: told once, until it works again.
CREATE TABLE notice_troubles (
  bot TEXT NOT NULL,
  channel TEXT NOT NULL,
  since TEXT NOT NULL,
  error TEXT NOT NULL,
  PRIMARY KEY (bot, channel)
);
"""


def _first_schema(db: Database, now: datetime) -> None:
    import uuid

    _script(_TABLES)(db, now)
    for refusal in _REFUSALS:
        db.update(refusal)
    db.insert("installation", id=1, uuid=str(uuid.uuid4()), created_at=to_text(now))
    db.insert("audit_head", id=1, events=0, hash=events.FIRST_HASH)


def _script(sql: str) -> Migration:
    """A migration of statements, each of which ends with a line."""

    def migration(db: Database, now: datetime) -> None:
        for statement in re.findall(r".+?;\n", sql, re.DOTALL):
            db.update(dialect.ddl(statement))

    return migration


MIGRATIONS: tuple[Migration, ...] = (
    _first_schema,
    _script(_INDEXES_FOR_A_LONG_HISTORY),
    _script(_SOURCES),
    _script(_CHOOSING),
    _script(_ONE_TEXT_FOR_ALL_BOTS),
    _script(_LINKS),
    _script(_PASSAGES),
    _script(_MEANING_OF_ITEMS),
    _script(_UNREAD),
    _script(_ATTACHED),
    _script(_UPLOADS + _AMENDMENTS + _BESIDE + _PICTURES + _CARDS + _DATES + _DRAFTS_OF_A_PERSON),
    _script(_APPROVALS + _NOTICES + _TOKENS + _ANSWERS),
    _script(schema13.SQL),
    _script(schema14.SQL),
)


def version(db: Database) -> int:
    """The schema version of the file; 0 for an empty one."""
    return int(db.value(dialect.VERSION))


def migrate(db: Database, now: datetime, backup_dir: Path | None, migrations: Sequence[Migration] = MIGRATIONS) -> None:
    """Bring the file to the newest schema, one transaction a step, after a backup where there is something to lose.

    Raises StoreError for a file written by a newer program. `backup_dir` None: no backup (a copy in memory)."""
    have = version(db)
    _refuse_newer(db, have, len(migrations))
    if 0 < have < len(migrations) and backup_dir is not None:
        db.copy_to(backup_dir / f"twitter-schema{have}-{now:%Y%m%dT%H%M%SZ}.db")
    for number in range(have, len(migrations)):
        with db.transaction():
            if version(db) != number:
                continue  # another process was quicker
            own = views.drop(db)
            migrations[number](db, now)
            if number + 1 == len(migrations):
                views.create(db)
            for statement in own:
                db.update(statement)
            for statement in dialect.mark(number + 1):
                db.update(statement)


def require_current(db: Database) -> None:
    """For readers, which don't migrate: raise StoreError unless the schema is the program's own."""
    have = version(db)
    _refuse_newer(db, have, len(MIGRATIONS))
    if have < len(MIGRATIONS):
        raise StoreError(f"The database {db.name} has an older schema ({have}).", "The next run brings it up to date.")


def _refuse_newer(db: Database, have: int, known: int) -> None:
    if have > known:
        raise StoreError(
            f"The database {db.name} has schema {have}; this program knows up to {known}.",
            f"Install the newer program again, or go back to the backup made before the update: {_way_back(db, known)}",
        )


def _way_back(db: Database, known: int) -> str:
    """The command that puts the newest backup in place that this program knows."""
    made = {}
    for path in (Path(db.name).parent / BACKUPS).glob("twitter-schema*.db"):
        name = re.fullmatch(r"twitter-schema(\d+)-(\d{8}T\d{6}Z)\.db", path.name)
        if name and int(name[1]) <= known:
            made[name[2]] = path
    return command(f"restore {made[max(made)]}" if made else "restore --list")


def installation_id(db: Database) -> str:
    """The UUID this installation got when its database was made."""
    return str(db.value("SELECT uuid FROM installation WHERE id = 1"))
