"""The verb `auth`: what the bots log in with."""

from __future__ import annotations

import os
import sys
from contextlib import closing
from pathlib import Path

from twitter_manager.app import App
from twitter_manager.domain import Json
from twitter_manager.operations import credentials
from twitter_manager.settings import find_home
from twitter_manager.show.keys import key_lines
from twitter_manager.verbs.verb import JSON, Verb, Words, action, agrees, bot_option, opened, show, switch


def auth(words: Words) -> int:
    """What the bots log in with: ask each service whose the key is, and tell where it stands, its age and its end."""
    files = _closed(words, find_home(os.environ))  # a file that others may read is not read
    return _ACTIONS[words.action](opened(words), words, files)


def _check(app: App, words: Words, files: list[Json]) -> int:
    bots = [app.session.bot(words.bot)] if words.bot else app.settings.active
    with app.session.logged(), closing(app.session.open_store()) as db:
        keys = credentials.check(db, app.settings, app.factory, bots, app.clock())
    ok = all(key["result"] != "failed" for key in keys) and all(file["closed"] for file in files)
    report = {"ok": ok, "keys": keys, "files": files}
    show(words, report, lambda shown: key_lines(shown, app.session.time_zone))
    return 0 if ok else 1


def _closed(words: Words, home: Path) -> list[Json]:
    """The files that others may read, which are closed to them where the person agrees."""
    files = credentials.open_to_others(home)
    names = [str(path.relative_to(home)) for path in files]
    agreed = words.yes
    if files and not agreed and not words.json and sys.stdin.isatty():
        agreed = agrees(words, f"Other users may read {', '.join(names)}. Close to them?", by_default=True)
    if agreed:
        for path in files:
            credentials.close_to_others(path)
    return [{"path": name, "closed": agreed} for name in names]


_ACTIONS = {"check": _check}
AUTH = Verb(
    auth,
    (
        JSON,
        action(*_ACTIONS, help="what to do"),
        switch("--yes", "close files with keys to other users without asking"),
        bot_option(),
    ),
)
