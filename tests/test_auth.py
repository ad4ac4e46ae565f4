"""`auth`: whose the keys are, where they stand, their age and end; on the real Bluesky server and our stand-ins."""

from __future__ import annotations

import sqlite3
import stat
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.home import Home, Json, bluesky_settings, mastodon_settings, x_settings
from tests.standins import mastodon
from tests.standins.llm import LlmServer
from tests.standins.mastodon import MastodonStandIn
from tests.standins.pds import Account, Pds
from tests.standins.x import XStandIn
from tests.talking import Person
from twitter_manager.operations.lock import locked


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


# --- login and rotate ---


def lines(**keys: str) -> str:
    """As --keys-stdin takes them."""
    return "".join(f"{name}={value}\n" for name, value in keys.items())


def person(home: Home, **more: str) -> Person:
    return Person(home.path, environment={"TWITTER_MANAGER_HOME": str(home.path), **more})


def contents(home: Home) -> dict[str, bytes]:
    """All files, but for the log."""
    paths = [path for path in home.path.rglob("*") if path.is_file() and path.parent.name != "logs"]
    return {str(path): path.read_bytes() for path in paths if path.name != "twitter.lock"}


def everywhere(home: Home, *outputs: str) -> str:
    files = [path.read_bytes().decode("latin-1") for path in home.path.rglob("*") if path.is_file()]
    return "".join([*files, *outputs])


def test_rotating_an_app_password(tmp_path: Path, pds: Pds, account: Account) -> None:
    """A person at a terminal: a wrong password first changes nothing, the right one is written in the old one's place,
    all else of the file stays, the old session is gone, nothing of the old password is left, and it posts."""
    old, new = account.password, "new-app-password-7391"
    home = Home(tmp_path, **bluesky_settings(pds, account))
    env = tmp_path / ".env"
    text = (
        "# mine\nGENERATORS=excerpt\r\n\nexport BLUESKY_IDENTIFIER='{handle}'  # the club\n"
        'BLUESKY_PASSWORD = "{password}"\n# BLUESKY_PASSWORD=\nBLUESKY_SERVICE_URL={url}\n# the end'
    )
    env.write_bytes(text.format(handle=account.handle, password=old, url=pds.url).encode())
    assert home("run", "--force").code == 0
    session = tmp_path / "data" / "sessions" / "bluesky-default"
    kept_before = session.read_text()
    pds.set_password(account, new)
    says = [
        (f"[{account.handle}]:", "\n"),
        ("app password (Enter keeps what is there):", "not-the-password\n"),
        (f"[{account.handle}]:", "\n"),
        ("app password (Enter keeps what is there):", f"{new}\n"),
    ]
    done = person(home).at_terminal("auth", "rotate", says=says)
    assert done.code == 0, done.out
    assert "https://bsky.app/settings/app-passwords" in " ".join(done.out.split())
    assert (
        env.read_bytes()
        == text.format(handle=account.handle, password=new, url=pds.url).replace(f'"{new}"', new).encode()
    )
    assert mode(env) == mode(session) == 0o600 and session.read_text() != kept_before
    seen = everywhere(home, done.out)
    assert old not in seen and "not-the-password" not in seen and new not in done.out + home.log()
    assert home("run", "--force").code == 0 and len(pds.records(account)) == 2
    assert home("auth", "check").code == 0


@pytest.mark.parametrize("typed", [["\x03"], ["\n", "\x03"], ["\n", "\x04"], ["\n", "wrong\n", "\x03"]])
def test_a_person_who_ends_it_changes_nothing(tmp_path: Path, pds: Pds, account: Account, typed: list[str]) -> None:
    """Ctrl-C or Ctrl-D at whatever question, after a wrong password too: one line says so, all files are as before."""
    home = Home(tmp_path, **bluesky_settings(pds, account))
    assert home("auth", "check").code == 0
    before = contents(home)
    prompts = [f"[{account.handle}]:", "(Enter keeps what is there):", f"[{account.handle}]:"]
    done = person(home).at_terminal("auth", "rotate", "bluesky", says=list(zip(prompts, typed, strict=False)))
    assert done.code == (130 if typed[-1] == "\x03" else 2)
    assert done.out.splitlines()[-1] == "twitter_manager: Nothing was changed."
    assert contents(home) == before


def test_keys_of_a_script_are_tried_before_they_are_written(tmp_path: Path, x: XStandIn) -> None:
    """A wrong key of X is refused and nothing changes; what is right is written; success prints nothing; the same keys
    again, none, and keys of the environment are slips."""
    home = Home(tmp_path, **x_settings(x))
    assert home("auth", "check").code == 0
    before = contents(home)
    wrong = "wrongSecret" + "0" * 34
    done = home("auth", "rotate", "x", "--keys-stdin", stdin=lines(TWITTER_ACCESS_SECRET=wrong))
    assert done.code == 2 and "does not accept" in done.err and wrong not in done.err + home.log(), done
    assert contents(home) == before
    same = home("auth", "rotate", "x", "--keys-stdin", stdin=lines(**x_settings(x)))
    assert same.code == 2 and "are there" in same.err
    with closing(sqlite3.connect(home.database)) as db, db:
        limited = ("x", "user 4242", "post", "default", "2999-01-01", 9, "2026-01-01", "", 0)
        db.execute("INSERT INTO service_limits VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", limited)
    token = "4242-newToken" + "1" * 30
    x.settings.access_token = token
    done = home("auth", "rotate", "--keys-stdin", stdin=lines(TWITTER_ACCESS_TOKEN=token))
    assert (done.code, done.out, done.err) == (0, "", ""), done
    assert home.rows("SELECT * FROM service_limits") == []  # they were met with the keys before
    assert f"TWITTER_ACCESS_TOKEN={token}\n" in (tmp_path / ".env").read_text()
    assert x_settings(x)["TWITTER_ACCESS_TOKEN"] not in everywhere(home)
    sql = "SELECT kind, COUNT(*) FROM charges WHERE service = 'x' AND usd > 0 GROUP BY kind"
    assert home.rows(sql) == [("user_read", 3)]  # the check, the same keys again, the new ones
    unset = home("auth", "rotate", "x", "--keys-stdin", stdin=lines(**x_settings(x)), TWITTER_API_KEY="k" * 25)
    assert unset.code == 2 and "unset TWITTER_API_KEY" in unset.err
    assert home("auth", "rotate", "x").code == 2


def test_another_account_is_refused_unless_told(tmp_path: Path) -> None:
    """Keys of another account than before are named with both accounts; the same account's new token is taken, though
    the old one was ended; --other-account takes any."""
    with MastodonStandIn() as server:
        home = Home(tmp_path, **mastodon_settings(server))
        assert home("auth", "check").code == 0
        before = contents(home)
        rotate = ("auth", "rotate", "mastodon", "--keys-stdin")
        refused = home(*rotate, stdin=lines(MASTODON_ACCESS_TOKEN=mastodon.OTHER))
        assert refused.code == 2 and "--other-account" in refused.err and "posts as @" in refused.err, refused
        assert contents(home) == before
        done = home(*rotate, "--json", stdin=lines(MASTODON_ACCESS_TOKEN=mastodon.RENEWED))
        assert done.code == 0 and "Regenerate" in done.json["done"][1], done
        assert mastodon.TOKEN not in everywhere(home)
        assert home(*rotate, "--other-account", stdin=lines(MASTODON_ACCESS_TOKEN=mastodon.OTHER)).code == 0
        key = by_service(home("auth", "--json").json)["mastodon"]
        assert key["result"] == "ok" and key["age_days"] == 0


def test_login_gives_a_bot_an_account_of_its_own(tmp_path: Path, pds: Pds, account: Account) -> None:
    """A second bot's keys go into a file of its own and not over the first one's; its file names the platform then; an
    account that another bot has is refused."""
    other = pds.create_account()
    home = Home(tmp_path, **bluesky_settings(pds, account))
    home.bot("one")
    home.bot("two", 'platforms = ["feed"]\n')
    login = ("auth", "login", "bluesky", "--bot", "two", "--keys-stdin")
    env = (tmp_path / ".env").read_bytes()
    taken = home(*login, stdin=lines(BLUESKY_IDENTIFIER=account.handle, BLUESKY_PASSWORD=account.password))
    assert taken.code == 2 and "one posts to this account already" in taken.err, taken
    done = home(*login, stdin=lines(BLUESKY_IDENTIFIER=other.handle, BLUESKY_PASSWORD=other.password))
    assert done.code == 0, done
    assert (tmp_path / ".env").read_bytes() == env
    assert (
        other.password in (tmp_path / "data/bots/two.env").read_text() and mode(tmp_path / "data/bots/two.env") == 0o600
    )
    assert '"bluesky"' in (tmp_path / "data/bots/two.toml").read_text()
    assert {key["bot"] for key in home("auth", "--json").json["keys"]} == {"one", "two"}


def test_a_session_serves_in_the_place_of_an_app_password(tmp_path: Path, pds: Pds, account: Account) -> None:
    """The refresh token of a session logs in, posts, and has an end that is told; one that has ended is named."""
    session = pds.call("com.atproto.server.createSession", {"identifier": account.handle, "password": account.password})
    home = Home(tmp_path, **bluesky_settings(pds, account))
    token = lines(BLUESKY_PASSWORD=session["refreshJwt"])
    assert home("auth", "rotate", "--keys-stdin", stdin=token).code == 0
    assert account.password not in everywhere(home)
    key = by_service(home("auth", "--json").json)["bluesky"]
    assert key["result"] == "ok" and key["expires_at"] == key["session_until"] > "2026", key
    assert home("run", "--force").code == 0 and len(pds.records(account)) == 1
    pds.set_password(account, "another-password-0001")  # which ends every session
    (tmp_path / "data" / "sessions" / "bluesky-default").unlink()
    ended = by_service(home("auth", "--json").json)["bluesky"]
    assert ended["result"] == "failed" and "auth rotate bluesky" in ended["remedy"], ended


def test_a_run_at_work_is_waited_for(tmp_path: Path, x: XStandIn) -> None:
    """Keys are written when the run that is at work has ended, so that it can't keep what belongs to the old ones."""
    home = Home(tmp_path, **x_settings(x))
    token = "4242-newToken" + "2" * 30
    with locked(tmp_path / "data" / "twitter.lock"):
        process = home.start("auth", "rotate", "x", "--keys-stdin")
        assert process.stdin
        x.settings.access_token = token
        process.stdin.write(lines(TWITTER_ACCESS_TOKEN=token))
        process.stdin.close()
        time.sleep(4)
        assert token not in (tmp_path / ".env").read_text()
    assert process.wait() == 0
    assert token in (tmp_path / ".env").read_text()


def test_check_of_a_platform_without_a_key_says_so(tmp_path: Path) -> None:
    """A platform that was named, and for which no bot has a key, is a slip; one without a login is told apart."""
    with MastodonStandIn() as server:
        home = Home(tmp_path, **mastodon_settings(server))
        lacking = home("auth", "check", "x")
        assert (lacking.code, lacking.out) == (2, "") and "No bot has a key for X." in lacking.err
        assert "auth login x" in lacking.err
        assert "needs no login" in home("auth", "check", "feed").err
        assert home("auth", "check", "mastodon").code == 0


def test_a_key_that_nobody_looked_at_is_not_called_refused(tmp_path: Path, x: XStandIn) -> None:
    """A rate limit is told as such by check and doctor, with its end where the service names it, and a service out of
    reach by check: neither is a failed key, and the exit code is 0."""
    with MastodonStandIn() as server:
        home = Home(tmp_path, **mastodon_settings(server), **x_settings(x))
        for service in (server, x):
            service.fault("rate_limited", method="GET", path="*", times=0)
        done = home("auth", "check", "--json")
        keys = by_service(done.json)
        assert done.code == 0 and done.json["ok"]
        for key in keys.values():
            assert key["result"] == "warning" and key["detail"].startswith("not known now: "), key
            assert "rate limit" in key["detail"]
            assert key["remedy"].startswith("Try again after 20") and key["remedy"].endswith("UTC."), key
        looks = {look["name"]: look["result"] for look in home("doctor", "--json").json["checks"]}
        assert looks["default: mastodon"] == looks["default: x"] == "warning"
    [away] = home("auth", "check", "mastodon", "--json").json["keys"]
    assert away["result"] == "warning" and away["detail"].startswith("not known now: "), away


def test_a_wrong_value_from_a_script_is_told_once_with_its_name(tmp_path: Path) -> None:
    """What is wrong with a value of --keys-stdin is said once, and of which variable."""
    home = Home(tmp_path)
    done = home("auth", "login", "bluesky", "--keys-stdin", stdin=lines(BLUESKY_IDENTIFIER="x"))
    assert done.code == 2 and done.err.count("is not a handle") == 1 and "BLUESKY_IDENTIFIER is not a" in done.err, done
