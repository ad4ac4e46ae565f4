"""The Bluesky session between runs: kept, reused, renewed, replaced, guarded; against the reference server."""

from __future__ import annotations

import json
import logging
import os
import stat
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.platforms.conftest import NOW, Make
from tests.standins.pds import Account, Pds
from tests.standins.proxy import Fault, FaultProxy, Reply
from twitter_manager.content import Part
from twitter_manager.domain import Outgoing
from twitter_manager.errors import NeedsPerson, NotSent, PlatformError, Refused, Unreadable
from twitter_manager.platforms.bluesky_session import SessionFile, Tokens

LOGIN, REFRESH, PUT = "createSession", "refreshSession", "repo.putRecord"
POST = Outgoing(delivery_id=1, part=Part("Git keeps every version."), created_at=NOW)


def rewrite(file: Path, **changes: object) -> None:
    file.write_text(json.dumps(json.loads(file.read_text()) | changes))


def test_the_next_start_makes_no_login(make: Make, session_file: Path, proxy: FaultProxy, pds: Pds) -> None:
    """One createSession serves many starts (100 a day are allowed), and the file is for its owner's eyes only."""
    for _ in range(3):
        bluesky = make()
        bluesky.publish(bluesky.prepare(POST))
    assert (proxy.count(LOGIN), proxy.count(REFRESH), proxy.count(PUT)) == (1, 0, 3)
    assert stat.S_IMODE(session_file.stat().st_mode) == 0o600
    assert list(session_file.parent.iterdir()) == [session_file]


def test_nothing_is_asked_before_it_is_needed(make: Make, proxy: FaultProxy, session_file: Path) -> None:
    """Building the platform and asking for its account's name costs no request and no file."""
    assert make().account
    assert proxy.seen == []
    assert not session_file.parent.exists()


@pytest.mark.parametrize("wrong_by", [timedelta(0), timedelta(days=-400), timedelta(days=400)])
def test_an_expired_access_token_is_renewed_whatever_the_local_clock_says(
    wrong_by: timedelta, make: Make, session_file: Path, account: Account, proxy: FaultProxy, pds: Pds
) -> None:
    """The server's word counts: refreshed once, the same bytes sent again, the new tokens kept for the next start."""
    clock = lambda: NOW + wrong_by  # noqa: E731
    request = make(clock=clock).prepare(POST)
    before = json.loads(session_file.read_text())
    rewrite(session_file, access=pds.expired(before["access"]))
    make(clock=clock).publish(request)
    make(clock=clock).publish(request)
    assert (proxy.count(LOGIN), proxy.count(REFRESH), proxy.count(PUT)) == (1, 1, 3)
    first, second, third = (seen.body for seen in proxy.seen if PUT in seen.path)
    assert first == second == third
    assert len(pds.records(account)) == 1
    assert json.loads(session_file.read_text())["refresh"] != before["refresh"]


def test_a_revoked_session_is_replaced_by_a_login(
    make: Make, session_file: Path, account: Account, proxy: FaultProxy, pds: Pds
) -> None:
    """The refresh token was revoked (signed out elsewhere) and the access token has run out: log in, then post."""
    request = make().prepare(POST)
    kept = json.loads(session_file.read_text())
    pds.call("com.atproto.server.deleteSession", {}, kept["refresh"])
    rewrite(session_file, access=pds.expired(kept["access"]))
    make().publish(request)
    assert (proxy.count(LOGIN), proxy.count(REFRESH), proxy.count(PUT)) == (2, 1, 2)
    assert len(pds.records(account)) == 1


def test_a_revoked_session_and_a_changed_password_need_a_person(
    make: Make, session_file: Path, account: Account, pds: Pds
) -> None:
    """No way in is left: the post is not sent, and the message says which settings to mend. Posts are public, so
    that its absence can be proved all the same as long as there is a session file to say whose they are."""
    request = make().prepare(POST)
    kept = json.loads(session_file.read_text())
    pds.call("com.atproto.server.deleteSession", {}, kept["refresh"])
    rewrite(session_file, access=pds.expired(kept["access"]))
    with pytest.raises(NeedsPerson, match="BLUESKY_PASSWORD"):
        make(password="changed").publish(request)
    assert make(password="changed").look_up(request, NOW, frozenset()) is None
    session_file.unlink()
    with pytest.raises(Unreadable) as caught:
        make(password="changed").look_up(request, NOW, frozenset())
    assert caught.value.forbidden
    assert pds.records(account) == []


def test_a_server_that_expires_every_token_is_asked_twice_and_no_more(make: Make, proxy: FaultProxy) -> None:
    """No endless renewing: the second ExpiredToken in a row puts the post off."""
    bluesky = make()
    request = bluesky.prepare(POST)
    expired = Fault(reply=Reply(400, b'{"error":"ExpiredToken","message":"Token has expired"}'))
    proxy.fail(PUT, *[expired] * 9)
    with pytest.raises(NotSent):
        bluesky.publish(request)
    assert proxy.count(PUT) == 2


SPOILERS: dict[str, Callable[[Path], object]] = {
    "empty": lambda file: file.write_text(""),
    "garbage": lambda file: file.write_bytes(b"\xff\xfe:::garbage"),
    "JSON of another shape": lambda file: file.write_text("[1, 2]"),
    "deep JSON": lambda file: file.write_text("[" * 60_000),
    "huge": lambda file: file.write_text(" " * 10**6),
    "a field more": lambda file: rewrite(file, extra="x"),
    "a token with a header in it": lambda file: rewrite(file, access="x\r\nhost: elsewhere"),
    "a token of another kind": lambda file: rewrite(file, access=["x"]),
    "a did that is a path": lambda file: rewrite(file, did="../../etc"),
    "another service": lambda file: rewrite(file, service="https://elsewhere.example"),
    "another account": lambda file: rewrite(file, identifier="someone.else"),
    "readable by others": lambda file: file.chmod(0o640),
    "a symlink": lambda file: file.rename(file.with_name("real")) and file.symlink_to("real"),
    "a pipe": lambda file: (file.unlink(), os.mkfifo(file, 0o600)),
}


@pytest.mark.parametrize("spoil", SPOILERS.values(), ids=SPOILERS.keys())
def test_a_session_file_that_can_not_be_trusted_is_replaced(
    spoil: Callable[[Path], object], make: Make, session_file: Path, proxy: FaultProxy
) -> None:
    """Ignored, not followed, not a crash: one fresh login puts a sound file in its place."""
    make().prepare(POST)
    spoil(session_file)
    make().prepare(POST)
    assert proxy.count(LOGIN) == 2
    assert not session_file.is_symlink()
    assert stat.S_IMODE(session_file.stat().st_mode) == 0o600
    make().prepare(POST)
    assert proxy.count(LOGIN) == 2


def test_a_symlinks_target_is_left_alone(make: Make, session_file: Path, tmp_path: Path) -> None:
    """A link planted where the session goes is replaced; what it points to is neither read nor written."""
    precious = tmp_path / "precious"
    precious.write_text("precious")
    session_file.parent.mkdir()
    session_file.symlink_to(precious)
    make().prepare(POST)
    assert precious.read_text() == "precious"
    assert not session_file.is_symlink()


def test_a_session_that_can_not_be_kept_does_not_stop_the_post(
    make: Make, session_file: Path, account: Account, pds: Pds, caplog: pytest.LogCaptureFixture
) -> None:
    """A folder stands where the file should go: a warning, and the post goes out."""
    session_file.mkdir(parents=True)
    bluesky = make()
    bluesky.publish(bluesky.prepare(POST))
    assert len(pds.records(account)) == 1
    assert "can't be kept" in caplog.text
    assert list(session_file.parent.iterdir()) == [session_file]


def test_another_identifier_logs_in_anew(make: Make, pds: Pds, proxy: FaultProxy) -> None:
    """The person changes the account in the settings: the old one's session must not post."""
    make().prepare(POST)
    other = pds.create_account()
    assert make(identifier=f"@{other.handle} ", password=other.password).prepare(POST)["repo"] == other.did
    assert proxy.count(LOGIN) == 2


def test_a_bad_password_needs_a_person(make: Make, proxy: FaultProxy, session_file: Path) -> None:
    """One try, no session kept, and the remedy names the settings."""
    with pytest.raises(NeedsPerson, match="Invalid identifier or password") as caught:
        make(password="wrong").prepare(POST)
    assert caught.value.status == 401
    assert "BLUESKY_PASSWORD" in caught.value.remedy
    with pytest.raises(NeedsPerson):
        make(password="wrong").verify()
    with pytest.raises(Unreadable) as unreadable:
        make(password="wrong").recent(NOW)
    assert unreadable.value.forbidden
    assert str(unreadable.value).count("BLUESKY_PASSWORD") == 1, "what to do is told once"
    assert proxy.count(LOGIN) == 3
    assert not session_file.exists()


@pytest.mark.parametrize("when", ["before the login", "after it"])
def test_a_suspended_account_needs_a_person(when: str, make: Make, pds: Pds, account: Account) -> None:
    """Whether the account is taken down before the login or between prepare and publish."""
    bluesky = make()
    if when == "before the login":
        pds.take_down(account)
        with pytest.raises(NeedsPerson, match="taken down"):
            bluesky.prepare(POST)
        return
    request = bluesky.prepare(POST)
    pds.take_down(account)
    with pytest.raises(NeedsPerson, match="taken down"):
        bluesky.publish(request)


def test_a_deactivated_account_needs_a_person(make: Make, pds: Pds, account: Account) -> None:
    """The server lets a deactivated account log in; it can't post all the same."""
    pds.call("com.atproto.server.deactivateAccount", {"deleteAfter": "2030-01-01T00:00:00.000Z"}, account.access)
    with pytest.raises(NeedsPerson, match="deactivated"):
        make().prepare(POST)


def test_the_servers_own_login_limit_says_when_to_return(make: Make, pds: Pds, account: Account) -> None:
    """After 30 logins in 5 minutes the real server refuses; the time it names is passed on."""
    pds.use_up_logins(account)
    now = datetime.now(UTC)
    with pytest.raises(NotSent) as caught:
        make(clock=lambda: now).prepare(POST)
    assert caught.value.status == 429
    assert caught.value.retry_at is not None
    assert timedelta(0) < caught.value.retry_at - now <= timedelta(minutes=5)


LOGIN_FAULTS: dict[str, tuple[Fault, type[PlatformError]]] = {
    "cut": (Fault(), NotSent),
    "cut after": (Fault(forward=True), NotSent),
    "hang": (Fault(hang=30), NotSent),
    "500": (Fault(reply=Reply(500)), NotSent),
    "HTML": (Fault(reply=Reply(200, b"<html></html>", "text/html")), NotSent),
    "other JSON": (Fault(reply=Reply(200, b'{"hello": "world"}')), NotSent),
    "a token that is none": (
        Fault(reply=Reply(200, b'{"accessJwt":"a\\r\\nb","refreshJwt":"c","handle":"a.test","did":"did:plc:a"}')),
        NotSent,
    ),
    "a redirect": (Fault(reply=Reply(307, headers={"location": "http://127.0.0.1:9/"})), NotSent),
    "403 of a gateway": (Fault(reply=Reply(403, b"<html></html>", "text/html")), NotSent),
    "not a Bluesky server": (Fault(reply=Reply(404, b"<html></html>", "text/html")), NeedsPerson),
    "two-factor": (Fault(reply=Reply(401, b'{"error":"AuthFactorTokenRequired","message":"A code"}')), NeedsPerson),
}


@pytest.mark.parametrize(("fault", "error"), LOGIN_FAULTS.values(), ids=LOGIN_FAULTS.keys())
def test_a_failed_login_never_leaves_a_post_in_doubt(
    fault: Fault, error: type[PlatformError], make: Make, proxy: FaultProxy, session_file: Path
) -> None:
    """Nothing was posted, so it is never 'unknown'; what only a person can mend says so."""
    proxy.fail(LOGIN, fault)
    with pytest.raises(error) as caught:
        make(timeout=1).prepare(POST)
    assert type(caught.value) is error
    assert not session_file.exists()


def test_the_password_follows_no_redirect(make: Make, pds: Pds, proxy: FaultProxy) -> None:
    """A 307 would have the password sent again, to whoever it names."""
    with FaultProxy(pds.url) as elsewhere:
        where = {"location": f"{elsewhere.url}/xrpc/com.atproto.server.createSession"}
        proxy.fail(LOGIN, Fault(reply=Reply(307, headers=where)))
        with pytest.raises(NotSent, match="redirect"):
            make().prepare(POST)
        assert elsewhere.seen == []


def test_the_session_never_leaves_the_configured_service(make: Make, pds: Pds, proxy: FaultProxy) -> None:
    """The server names its own address at login (as bsky.social does); requests still go where the settings say."""
    bluesky = make()
    bluesky.publish(bluesky.prepare(POST))
    bluesky.recent(NOW - timedelta(days=1))
    assert [seen.path.partition("?")[0].rpartition(".")[2] for seen in proxy.seen] == [
        "createSession",
        "putRecord",
        "listRecords",
        "listRecords",  # the server names a next page even where there is none
    ]


def test_nothing_secret_is_logged_or_told(
    make: Make, account: Account, proxy: FaultProxy, session_file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Even when the server's own error text echoes the password and the token."""
    caplog.set_level(logging.DEBUG)
    bluesky = make()
    request = bluesky.prepare(POST)
    token = json.loads(session_file.read_text())["access"]
    echo = json.dumps({"error": "InvalidRequest", "message": f"bad: {account.password}\nand {token}"}).encode()
    proxy.fail(PUT, Fault(reply=Reply(400, echo)))
    with pytest.raises(Refused, match=r"bad: \[redacted\] and \[redacted\]") as caught:
        bluesky.publish(request)
    told = f"{caught.value!r} {caplog.text} {bluesky!r} {bluesky._session!r} {bluesky._session.open()!r}"
    assert account.password not in told
    assert token not in told


word = st.text("abc.:-_0", min_size=1, max_size=20)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(word, word, word)
def test_what_is_saved_is_loaded_by_its_owner_alone(tmp_path: Path, did: str, other: str, token: str) -> None:
    """Saved and loaded gives the same tokens, for this service and identifier and no other."""
    path = tmp_path / "session"
    tokens = Tokens(f"did:plc:{did}", "a.test", token.replace(":", "."), "r")
    SessionFile(path, "https://one.example", "a.test").save(tokens)
    assert SessionFile(path, "https://one.example", "a.test").load() == tokens
    assert SessionFile(path, "https://one.example", f"a.test{other}").load() is None
    assert SessionFile(path, f"https://one.example{other}", "a.test").load() is None
