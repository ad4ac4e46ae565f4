"""Drafts that older rules let through are looked at again: with a database of schema 7 that holds such drafts."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.home import Home
from twitter_manager.content import normalised_hash, text_hash
from twitter_manager.domain import RULES_EDITION
from twitter_manager.store import schema
from twitter_manager.store.database import connect, to_text

NOW = datetime.now(UTC)
NOTE = "Git stash saves uncommitted changes on a stack."
PAGE = "The harbour museum opens again on Saturday. Entry is free for children under twelve."
BOT = """pool = 1
[formats]
tip = 1
[[sources]]
kind = "notes"
name = "notes"
path = "notes.toml"
[[sources]]
kind = "files"
name = "docs"
path = "docs"
"""


def add(raw: sqlite3.Connection, item: int, text: str, generator: str, scores: str = "{}") -> int:
    """An approved draft as the program of schema 7 saved it, with the answer that it came from."""
    exact = text_hash((text,))
    cursor = raw.execute(
        "INSERT INTO drafts (bot, run_id, origin, status, topic, format, item_id, platforms, language, text_hash,"
        " approved_hash, normalised_hash, choice, links, created_at, expires_at)"
        " VALUES ('default', 1, 'generator', 'approved', 'git', 'tip', ?, '[\"feed\"]', 'en', ?, ?, ?, ?, '{}', ?, ?)",
        (item, exact, exact, normalised_hash((text,)), '{"seed": 3}', to_text(NOW), to_text(NOW + timedelta(days=2))),
    )
    draft = cursor.lastrowid
    assert draft is not None
    raw.execute("INSERT INTO parts (draft_id, number, text) VALUES (?, 0, ?)", (draft, text))
    made = raw.execute(
        "INSERT INTO generations (run_id, draft_id, item_id, generator, model, revision, seed, prompt, raw, tokens_in,"
        " tokens_out, cost_usd, seconds, verdict, created_at)"
        " VALUES (1, ?, ?, ?, 'm', '', 1, '', '', 0, 0, 0, 0, 'chosen', ?)",
        (draft, item, generator, to_text(NOW)),
    )
    raw.execute(
        "INSERT INTO candidates (generation_id, number, parts, score, scores, violations, verdict)"
        " VALUES (?, 0, ?, 0, ?, '[]', 'chosen')",
        (made.lastrowid, json.dumps([text]), scores),
    )
    return draft


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path / "home")
    (made.path / "notes.toml").write_text(f'[[note]]\nid = "stash"\nlabel = "git"\ntext = "{NOTE}"\n')
    (made.path / "docs").mkdir()
    (made.path / "docs" / "museum.md").write_text(f"# Harbour museum\n\n{PAGE}\n")
    made.bot("default", BOT)
    made.database.parent.mkdir(exist_ok=True)
    with closing(connect(made.database)) as db:
        schema.migrate(db, NOW, None, schema.MIGRATIONS[:7])
        with db.transaction():
            at = to_text(NOW - timedelta(hours=3))
            ran = {"slot": at, "started_at": at, "ended_at": at, "outcome": "nothing_due", "pid": 1}
            db.insert("runs", bot="default", verb="run", **ran)
    return made


def items(home: Home) -> dict[str, int]:
    """The ids of the items, put there as schema 7 had them."""
    with closing(sqlite3.connect(home.database)) as raw:
        columns = [row[1] for row in raw.execute("PRAGMA table_info(items)")]
        needed = {"bot": "default", "kind": "note", "url": "", "title": "", "wordings": "[]", "label": "git"}
        found = {}
        for source, key, text in (("notes", "stash", NOTE), ("docs", "museum.md", PAGE)):
            values = {name: needed.get(name, "") for name in columns if name not in ("id", "retired_at")}
            values |= {"source": source, "key": key, "text": text}
            values |= {name: to_text(NOW) for name in columns if name.endswith("_at") and name != "retired_at"}
            values |= {"postable": 1, "position": 0, "published_at": None}  # type: ignore[dict-item]
            if source == "docs":
                values |= {"kind": "document", "label": "", "title": "Harbour museum"}
            kept = {name: value for name, value in values.items() if name in columns}
            marks = ", ".join("?" * len(kept))
            cursor = raw.execute(f"INSERT INTO items ({', '.join(kept)}) VALUES ({marks})", tuple(kept.values()))
            found[source] = int(cursor.lastrowid or 0)
        raw.commit()
    return found


def test_what_the_rules_of_today_would_not_make_does_not_go_out(home: Home) -> None:
    """A model's text without a judge, a sentence that the material does not give and a note that breaks a rule are
    skipped with the reason; a note's own words pass, are marked, and go out."""
    known = items(home)
    with closing(sqlite3.connect(home.database)) as raw:
        written = add(raw, known["notes"], "Your changes can wait on git's stack.", "openai")
        local = add(raw, known["notes"], "Git stash saves changes.", "huggingface")
        unmade = add(raw, known["docs"], "Entry is free for children.", "excerpt")
        broken = add(raw, known["notes"], "Git stash saves 97 uncommitted changes on a stack.", "excerpt")
        sound = add(raw, known["notes"], NOTE, "excerpt")
        raw.commit()
    made = home("run")
    assert made.code == 0, made.err
    rows = home.rows("SELECT id, status, reason, rules FROM drafts")
    status = {number: (state, reason, rules) for number, state, reason, rules in rows}
    assert status[sound][0] == "posted" and status[sound][2] == RULES_EDITION
    for number, why in ((written, "no judge"), (local, "no judge"), (unmade, "would not make it"), (broken, "97")):
        assert status[number][0] == "skipped" and why in status[number][1], status[number]
    assert NOTE in home.feed() and "children" not in home.feed()
    assert home.rows("SELECT draft_id FROM events WHERE kind = 'draft_rechecked'") == [(sound,)]
    assert home("audit", "verify").code == 0


def test_what_a_judge_said_yes_to_stays(home: Home) -> None:
    """A model's text with a judge's answer on record passes, as long as the rules of today find nothing in it."""
    known = items(home)
    with closing(sqlite3.connect(home.database)) as raw:
        judged = add(raw, known["notes"], "Git stash puts uncommitted changes on a stack.", "openai")
        wrong = add(raw, known["notes"], "Git stash saves 97 uncommitted changes on a stack.", "openai")
        for draft in (judged, wrong):
            raw.execute(
                "INSERT INTO generations (run_id, draft_id, item_id, generator, model, revision, seed, prompt, raw,"
                " tokens_in, tokens_out, cost_usd, seconds, verdict, created_at)"
                " VALUES (1, ?, ?, 'judge openai', 'm', '', 1, '', '', 0, 0, 0, 0, 'chosen', ?)",
                (draft, known["notes"], to_text(NOW)),
            )
        raw.commit()
    assert home("run").code == 0
    status = dict(home.rows("SELECT id, status FROM drafts"))
    assert (status[judged], status[wrong]) == ("posted", "skipped")


def test_a_draft_of_today_is_not_looked_at_again(home: Home) -> None:
    """What this program saved carries the edition of its rules, and a second run rechecks nothing."""
    assert home("run").code == 0
    assert home.rows("SELECT DISTINCT rules FROM drafts WHERE origin = 'generator'") == [(RULES_EDITION,)]
    home.next_slot()
    home("run")
    assert home.rows("SELECT count(*) FROM events WHERE kind = 'draft_rechecked'") == [(0,)]
