"""Tokens by which programs use the API: kept as hashes, gone at once when they are revoked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.fakes import START, FakeClock
from tests.fresh import new_database
from tests.home import Home
from twitter_manager.app import App
from twitter_manager.errors import UsageError
from twitter_manager.operations import restore
from twitter_manager.review import tokens
from twitter_manager.store import tokens as stored
from twitter_manager.store.database import Database


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    with closing(new_database(tmp_path / "twitter.db")) as opened:
        yield opened


def test_only_the_hash_is_kept(db: Database, tmp_path: Path) -> None:
    """The token itself stands nowhere in the database's file, the audit trail included."""
    token = tokens.make(db, "backup-script", START, by="anna")
    found = tokens.recognised(db, token)
    assert found is not None
    assert found.name == "backup-script"
    tokens.revoke(db, "backup-script", START, by="anna")
    for file in tmp_path.iterdir():
        assert token.encode() not in file.read_bytes()
        assert token.removeprefix(tokens.PREFIX).encode() not in file.read_bytes()


def test_a_restore_names_the_tokens_that_it_brings_back(tmp_path: Path) -> None:
    """Revoked after the backup, a token opens the door again: its person must hear of that."""
    database, copy = tmp_path / "twitter.db", tmp_path / "copy.db"
    with closing(new_database(database)) as opened:
        tokens.make(opened, "ci", START, by="anna")
        opened.copy_to(copy)
        tokens.revoke(opened, "ci", START, by="anna")
    lines = restore.restore(database, copy, [], FakeClock(START))
    assert "These API tokens work again, revoked since or not: ci. See: review tokens" in lines


def test_a_revoked_token_opens_nothing(db: Database) -> None:
    """It is unknown from the next look on; one of the same name that is made later is another."""
    old = tokens.make(db, "ci", START, by="anna")
    tokens.revoke(db, "ci", START, by="anna")
    assert tokens.recognised(db, old) is None
    new = tokens.make(db, "ci", START, by="anna")
    assert new != old
    assert tokens.recognised(db, old) is None
    assert tokens.recognised(db, new) is not None


@pytest.mark.parametrize("name", ["", "Anna", "a b", "../x", "a" * 41, "-a", "a\n", "ä"])
def test_a_name_that_could_mislead_is_refused(db: Database, name: str) -> None:
    """It stands in the audit trail and on pages as who did something."""
    with pytest.raises(UsageError, match="name"):
        tokens.make(db, name, START, by="anna")


def test_a_name_is_given_once(db: Database) -> None:
    """Who revokes a token by its name revokes the one that they mean."""
    tokens.make(db, "ci", START, by="anna")
    with pytest.raises(UsageError, match="already"):
        tokens.make(db, "ci", START, by="anna")
    with pytest.raises(UsageError, match="no token"):
        tokens.revoke(db, "other", START, by="anna")


def test_when_it_was_used_is_kept_to_the_minute(home: Home) -> None:
    """A use within a minute of the last writes nothing; a token of nobody's is nobody."""
    clock = FakeClock()
    loaded = App.load(home.path, home.environment(), lambda line: None)
    app = replace(loaded, session=replace(loaded.session, clock=clock))
    with closing(app.session.open_store()) as db:
        token = tokens.make(db, "ci", START, by="anna")
        used = []
        for seconds in (0, 59, 1, 5):
            clock.sleep(seconds)
            assert tokens.owner(app, token) == "ci"
            used.append(stored.everyone(db)[0].last_used_at)
        assert used == [START, START, START + timedelta(seconds=60), START + timedelta(seconds=60)]
    assert tokens.owner(app, token + "x") == ""
