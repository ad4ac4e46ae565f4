"""Sessions, links and users of the console, each by itself."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from twitter_manager.errors import TwitterManagerError, UsageError
from twitter_manager.review.console import sessions as module
from twitter_manager.review.console.links import LIFETIME, Links, login_name
from twitter_manager.review.console.sessions import LONGEST, Sessions
from twitter_manager.review.console.users import Attempts, Users

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
PASSWORD = "four words in a row"


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def users(tmp_path: Path) -> Users:
    return Users(tmp_path / "review" / "users.json")


def sessions_of(clock: Clock, stamps: dict[str, str] | None = None) -> Sessions:
    return Sessions(clock, 600.0, (stamps or {}).get)


def test_a_session_ends_without_its_person(clock: Clock) -> None:
    """What a page asks for by itself keeps none alive; what its person does, does."""
    sessions = sessions_of(clock)
    left, used = sessions.open("anna"), sessions.open("ben")
    for _ in range(3):
        clock.now += 250
        sessions.find(left, by_person=False)
        assert sessions.find(used, by_person=True)
    assert sessions.find(left, by_person=False) is None
    assert sessions.find(left, by_person=True) is None


def test_a_session_ends_after_half_a_day(clock: Clock) -> None:
    """However busy its person is."""
    sessions = sessions_of(clock)
    token = sessions.open("anna")
    while clock.now <= 1000 + LONGEST:
        assert sessions.find(token, by_person=True)
        clock.now += 500
    assert sessions.find(token, by_person=True) is None


def test_sessions_differ_in_all_that_is_secret(clock: Clock) -> None:
    """No id and no form token is given twice, and what is kept of an id isn't the id."""
    sessions = sessions_of(clock)
    tokens = [sessions.open("anna") for _ in range(20)]
    csrf = {session.csrf for token in tokens if (session := sessions.find(token, by_person=True))}
    assert len(set(tokens)) == len(csrf) == 20
    assert not any(token in repr(sessions) for token in tokens)


def test_a_session_dies_with_its_password(clock: Clock) -> None:
    """A user who is removed or gets another password is out at once; who came by a link stays."""
    stamps = {"anna": "1", "ben": "1"}
    sessions = sessions_of(clock, stamps)
    anna, ben, eve = sessions.open("anna", "1"), sessions.open("ben", "1"), sessions.open("eve")
    del stamps["anna"]
    stamps["ben"] = "2"
    assert [bool(sessions.find(token, by_person=True)) for token in (anna, ben, eve)] == [False, False, True]
    stamps["anna"] = "1"
    assert sessions.find(anna, by_person=True) is None, "it came back"


def test_sessions_are_bounded(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """One more than there may be ends the one that was idle longest."""
    monkeypatch.setattr(module, "MOST", 3)
    sessions = sessions_of(clock)
    tokens = list[str]()
    for _ in range(4):
        clock.now += 1
        tokens.append(sessions.open("anna"))
    assert [bool(sessions.find(token, by_person=True)) for token in tokens] == [False, True, True, True]


def test_a_link_is_used_once(tmp_path: Path) -> None:
    """Its token lets one in, and is nowhere in the home; the file that stands for it is this user's alone."""
    links = Links(tmp_path / "links")
    token = links.make(NOW)
    [path] = links.folder.iterdir()
    assert token not in path.name + path.read_text()
    assert path.stat().st_mode & 0o777 == 0o600
    assert links.use(token, NOW) == login_name()
    assert links.use(token, NOW) == ""
    assert links.use("../links", NOW) == ""


def test_a_link_grows_old(tmp_path: Path) -> None:
    """After its time it lets nobody in, and the next link takes it away."""
    links = Links(tmp_path / "links")
    late, forgotten = links.make(NOW), links.make(NOW)
    later = NOW + LIFETIME + timedelta(seconds=1)
    assert links.use(late, later) == ""
    links.make(later)
    assert len(list(links.folder.iterdir())) == 1
    assert links.use(forgotten, NOW) == ""


def test_a_link_that_others_made_counts_for_nothing(tmp_path: Path) -> None:
    """A file that another user may write, or that isn't what the program wrote, lets nobody in."""
    links = Links(tmp_path / "links")
    tokens = [links.make(NOW) for _ in range(3)]
    paths = [links.folder / module.digest(token) for token in tokens]
    paths[0].chmod(0o666)
    paths[1].write_text(json.dumps({"name": "eve"}))
    paths[2].write_text("[" * 500)
    assert [links.use(token, NOW) for token in tokens] == ["", "", ""]


def test_a_user_logs_in(users: Users) -> None:
    """By the right password alone; the file holds no password and is this user's alone."""
    assert users.add("anna", PASSWORD, NOW)
    assert users.let_in("anna", PASSWORD) == users.stamp("anna")
    assert users.let_in("anna", PASSWORD + ".") is None
    assert users.let_in("Anna", PASSWORD) is None
    assert users.path.stat().st_mode & 0o777 == 0o600
    assert PASSWORD not in users.path.read_text()
    assert "$argon2id$" in users.path.read_text()


def test_another_password_is_another_stamp(users: Users) -> None:
    """Adding a user once more replaces the password."""
    users.add("anna", PASSWORD, NOW)
    before = users.stamp("anna")
    assert not users.add("anna", "another long password", NOW)
    assert users.let_in("anna", PASSWORD) is None
    assert users.stamp("anna") not in (None, before)
    users.remove("anna")
    assert users.stamp("anna") is None
    with pytest.raises(UsageError, match="no user"):
        users.remove("anna")


@pytest.mark.parametrize(
    ("name", "password", "words"),
    [
        ("Anna", PASSWORD, "no name"),
        ("a/../b", PASSWORD, "no name"),
        ("", PASSWORD, "no name"),
        ("anna", "short", "too short"),
        ("anna", "x" * 1001, "too long"),
    ],
)
def test_bad_users_are_refused(users: Users, name: str, password: str, words: str) -> None:
    """With the reason; the file stays as it is."""
    with pytest.raises(UsageError, match=words):
        users.add(name, password, NOW)
    assert not users.path.exists()


def test_a_spoiled_file_of_users_lets_nobody_in(users: Users) -> None:
    """What others may write, or what isn't JSON, is told where one asks, and is nobody where one logs in."""
    users.add("anna", PASSWORD, NOW)
    users.path.chmod(0o644)
    with pytest.raises(TwitterManagerError, match="chmod 600"):
        users.all()
    assert users.let_in("anna", PASSWORD) is None
    users.path.write_text("[]")
    users.path.chmod(0o600)
    with pytest.raises(TwitterManagerError, match="not what the program wrote"):
        users.all()


def test_an_unknown_name_takes_as_long(users: Users, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody learns from the time whether a name is known: argon2 does the same work for both, once."""
    from argon2 import PasswordHasher, extract_parameters

    users.add("anna", PASSWORD, NOW)
    worked, verify = list[Any](), PasswordHasher.verify

    def verify_and_tell(self: PasswordHasher, hash: str, password: str) -> bool:
        worked.append(extract_parameters(hash))
        return bool(verify(self, hash, password))

    monkeypatch.setattr(PasswordHasher, "verify", verify_and_tell)
    assert users.let_in("anna", "a wrong password") is None
    assert users.let_in("nobody", "a wrong password") is None
    known, unknown = worked
    assert known == unknown
    assert known.memory_cost >= 65536


def test_tries_are_limited_by_name_and_by_address(clock: Clock) -> None:
    """Three at once, then a time that doubles, to a minute for the name; success begins anew."""
    attempts = Attempts(clock)
    assert [attempts.wait("anna", f"10.0.0.{n}") for n in range(3)] == [0, 0, 0]
    assert attempts.wait("anna", "10.0.0.9") == 1
    waits = list[float]()
    for n in range(10):
        clock.now += attempts.wait("anna", f"10.0.1.{n}")
        assert attempts.wait("anna", f"10.0.2.{n}") == 0
        waits.append(attempts.wait("anna", f"10.0.3.{n}"))
    assert waits == [2, 4, 8, 16, 32, 60, 60, 60, 60, 60]
    attempts.succeeded("anna", "10.0.0.1")
    assert attempts.wait("anna", "10.0.4.1") == 0
    for n in range(3):
        attempts.wait(f"name{n}", "10.9.9.9")
    assert attempts.wait("another", "10.9.9.9") > 0, "many names from one address"


def test_a_network_of_addresses_is_one(clock: Clock) -> None:
    """Who has an IPv6 network has more addresses than anybody could count."""
    attempts = Attempts(clock)
    for n in range(3):
        attempts.wait(f"name{n}", f"2001:db8:1:2::{n}")
    assert attempts.wait("another", "2001:db8:1:2:ffff::1") > 0
    assert attempts.wait("another", "2001:db8:1:3::1") == 0


def test_tries_are_forgotten(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """After an hour, and the oldest where there are too many: memory stays bounded."""
    monkeypatch.setattr(Attempts, "MOST", 50)
    attempts = Attempts(clock)
    for n in range(500):
        attempts.wait(f"name{n}", f"10.0.{n // 250}.{n % 250}")
    assert len(attempts._tries) <= 52
    clock.now += 3700
    assert attempts.wait("name499", "10.0.1.249") == 0
    assert len(attempts._tries) == 2
