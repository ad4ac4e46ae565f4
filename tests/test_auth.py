"""`auth`: whose the keys are, where they stand, their age and end; on the real Bluesky server and our stand-ins."""

from __future__ import annotations

import sqlite3
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.home import Home, Json, bluesky_settings, mastodon_settings, x_settings
from tests.standins.llm import LlmServer
from tests.standins.mastodon import MastodonStandIn
from tests.standins.pds import Account, Pds
from tests.standins.x import XStandIn
from tests.talking import Person


def by_service(report: Json) -> dict[str, Json]:
    return {key["service"]: key for key in report["keys"]}


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def change(home: Home, sql: str, *values: object) -> None:
    connection = sqlite3.connect(home.database)
    connection.execute(sql, values)
    connection.commit()
    connection.close()


def texts_of_database(home: Home) -> str:
    """The whole file, as whoever copies it sees it."""
    return home.database.read_bytes().decode("latin-1")


def test_check_tells_of_every_key(tmp_path: Path, pds: Pds, account: Account, x: XStandIn) -> None:
    """Each account's and each service's key, by one look: whose it is, where it stands, since when, until when; and no
    key is shown or kept."""
    with MastodonStandIn() as server, LlmServer() as llm:
        secret = "sk-planted-0123456789abcdefghij"
        home = Home(
            tmp_path,
            **bluesky_settings(pds, account),
            OPENAI_API_KEY=secret,
            OPENAI_BASE_URL=llm.openai_url,
        )
        home.bot("default", **mastodon_settings(server))
        done = home("auth", "check", "--json", **x_settings(x))
        assert done.code == 0, done
        keys = by_service(done.json)
    assert {name: key["places"] for name, key in keys.items()} == {
        "x": ["environment"],
        "bluesky": [".env"],
        "mastodon": ["data/bots/default.env"],
        "openai": [".env"],
    }
    assert all(key["result"] == "ok" and key["age_days"] == 0 for key in keys.values()), keys
    assert account.handle in keys["bluesky"]["detail"] and keys["x"]["detail"].startswith("@")
    assert keys["bluesky"]["expires_at"] is None
    until = datetime.fromisoformat(keys["bluesky"]["session_until"])
    assert until > datetime.now(UTC) + timedelta(days=20)
    hidden = (account.password, secret, *x_settings(x).values(), *mastodon_settings(server).values())
    seen = done.out + done.err + home.log() + texts_of_database(home)
    assert not [value for value in hidden if not value.startswith("http") and value in seen]


def test_check_names_a_key_that_is_refused(tmp_path: Path, pds: Pds, account: Account, x: XStandIn) -> None:
    """One key that is no good is told with its remedy, exit code 1; the others are asked all the same."""
    settings = {**bluesky_settings(pds, account), **x_settings(x), "BLUESKY_PASSWORD": "not-the-password"}
    home = Home(tmp_path, **settings)
    done = home("auth", "--json")
    keys = by_service(done.json)
    assert done.code == 1 and not done.json["ok"]
    assert keys["bluesky"]["result"] == "failed" and "BLUESKY_PASSWORD" in keys["bluesky"]["remedy"]
    assert keys["x"]["result"] == "ok"
    assert "not-the-password" not in done.out + home.log()
    assert "default: bluesky   failed" in home("auth").out


def test_a_key_has_its_age_until_it_changes(tmp_path: Path, x: XStandIn) -> None:
    """Runs note since when a key is there; a new one begins anew, one that is gone is forgotten."""
    home = Home(tmp_path, **x_settings(x), ANTHROPIC_API_KEY="sk-ant-planted-0123456789")
    assert home("run").code == 0
    old = "2024-01-01T00:00:00Z"
    change(home, "UPDATE credentials SET first_seen = ?", old)
    assert home("run").code == 0
    assert home.rows("SELECT service, first_seen FROM credentials ORDER BY service") == [("claude", old), ("x", old)]
    home.settings(GENERATORS="excerpt", **{**x_settings(x), "TWITTER_API_SECRET": "another" + "0" * 43})
    assert home("run", "--dry-run").code == 0
    assert len(home.rows("SELECT * FROM credentials WHERE first_seen = '2024-01-01T00:00:00Z'")) == 2
    home("run")
    [(service, first_seen)] = home.rows("SELECT service, first_seen FROM credentials")
    assert service == "x" and first_seen > old


def test_files_that_others_may_read_are_closed_with_consent(tmp_path: Path, x: XStandIn) -> None:
    """Without consent settings are refused and nothing changes; at a terminal, or with --yes, files are closed."""
    home = Home(tmp_path, **x_settings(x))
    env, session = tmp_path / ".env", tmp_path / "data" / "sessions" / "mastodon-default"
    session.parent.mkdir(parents=True)
    session.write_text("{}")
    session.chmod(0o644)
    told = home("auth", "check", "--json")
    assert told.code == 1 and told.json["files"] == [{"path": "data/sessions/mastodon-default", "closed": False}]
    env.chmod(0o640)
    refused = home("auth", "check")
    assert refused.code == 78 and "chmod 600" in refused.err and mode(env) == 0o640
    agreed = Person(tmp_path, environment={"TWITTER_MANAGER_HOME": str(tmp_path)}).at_terminal(
        "auth", "check", says=[("Close to them? [Y/n]", "\n")]
    )
    assert agreed.code == 0 and mode(env) == mode(session) == 0o600, agreed
    env.chmod(0o644)
    assert home("auth", "check", "--yes").code == 0 and mode(env) == 0o600


@pytest.mark.parametrize("words", [["check", "--bot", "nobody"], ["look"]])
def test_slips_are_named(home: Home, words: list[str]) -> None:
    """A bot or an action that there is not: one line, exit code 2."""
    done = home("auth", *words)
    assert done.code == 2 and done.err.count("\n") == 1, done
