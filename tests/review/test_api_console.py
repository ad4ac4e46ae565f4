"""The API at the real console: who is let in, by what, and what a program and a person's page have to show."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest

from tests.home import ROOT, Home
from tests.review.conftest import Console, open_console
from twitter_manager.review.console.listening import Wish, listen

WORDS = "We meet on Sunday at ten."


@dataclass
class Desk:
    """A console, and a token for it."""

    console: Console
    token: str

    def program(self, token: str = "", **headers: str) -> httpx.Client:
        """A program that shows this token."""
        shown = {"Authorization": f"Bearer {token or self.token}"} | headers
        return httpx.Client(base_url=self.console.address, headers=shown, timeout=30, trust_env=False)


@pytest.fixture
def desk(home: Home) -> Iterator[Desk]:
    done = home("review", "token", "ci")
    assert done.code == 0, done
    with open_console(home) as console:
        yield Desk(console, done.out.strip())


def test_a_program_comes_in_by_its_token(desk: Desk) -> None:
    """It writes and approves without Origin or CSRF token, under its own name; the token itself is kept nowhere."""
    home = desk.console.home
    with desk.program() as program:
        made = program.post("/api/drafts", json={"text": WORDS, "pending": True})
        assert made.status_code == 201, made.text
        draft = made.json()["draft"]
        approved = program.post(f"/api/drafts/{draft['id']}/approve", json={"seen": draft["hash"]})
        assert approved.json()["draft"]["status"] == "approved"
    [[told]] = home.rows("SELECT data FROM events WHERE kind = 'draft_approved'")
    assert {"by": "ci", "via": "api"}.items() <= json.loads(told).items()
    listed = home("review", "tokens")
    assert "ci (since 20" in listed.out
    assert "last used 20" in listed.out
    desk.console.stop()
    for file in [path for path in home.path.rglob("*") if path.is_file()]:
        assert desk.token.encode() not in file.read_bytes(), file


def test_a_revoked_token_opens_nothing_at_once(desk: Desk) -> None:
    """The console that runs refuses it from the next request on, and so one that nobody made."""
    with desk.program() as program, desk.program("twm_" + "A" * 43) as stranger:
        assert program.get("/api/drafts").status_code == 200
        assert desk.console.home("review", "revoke", "ci").code == 0
        for client in (program, stranger):
            answer = client.get("/api/drafts")
            assert answer.status_code == 401
            assert answer.headers["WWW-Authenticate"] == "Bearer"
            assert "review token NAME" in answer.json()["remedy"]
            assert answer.headers["Content-Type"] == "application/problem+json"
            assert client.post("/api/drafts", json={"text": WORDS}).status_code == 401
    assert desk.console.home("review", "revoke", "ci").code == 2
    assert desk.console.home.rows("SELECT count(*) FROM drafts") == [(0,)]


def test_with_a_token_no_cookie_counts(desk: Desk) -> None:
    """A token that is wrong is refused although the browser's session would do."""
    visitor = desk.console.log_in()
    assert visitor.get("/api/drafts").status_code == 200
    assert visitor.get("/api/drafts", headers={"Authorization": "Bearer twm_wrong"}).status_code == 401


def test_a_token_opens_no_page(desk: Desk) -> None:
    """It is for /api alone."""
    with desk.program() as program:
        assert program.get("/queue").status_code == 303
        assert program.get("/api/drafts").status_code == 200


def test_a_page_of_ours_shows_its_csrf_token(desk: Desk) -> None:
    """With the session's cookie a write needs the page's Origin and the session's token, in the header."""
    visitor = desk.console.log_in()
    ours, csrf = {"Origin": visitor.address}, {"X-CSRF-Token": visitor.csrf}
    body = {"text": WORDS}
    assert visitor.post("/api/drafts", json=body).status_code == 403
    assert visitor.post("/api/drafts", json=body, headers=ours).status_code == 403
    assert visitor.post("/api/drafts", json=body, headers=csrf).status_code == 403
    assert visitor.post("/api/drafts", json=body, headers=ours | {"X-CSRF-Token": "x"}).status_code == 403
    made = visitor.post("/api/drafts", json=body, headers=ours | csrf)
    assert made.status_code == 201, made.text


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "evil.example"}, 421),
        ({"Origin": "https://evil.example"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Content-Type": "text/plain"}, 415),
        ({"Content-Type": "application/x-www-form-urlencoded"}, 415),
    ],
)
def test_a_token_does_not_excuse_all(desk: Desk, headers: dict[str, str], status: int) -> None:
    """The name by which the console is reached and the kind of body are looked at all the same, in problem details."""
    with desk.program() as program:
        sent = {"Content-Type": "application/json"} | headers
        answer = program.post("/api/drafts", content=json.dumps({"text": WORDS}), headers=sent)
        assert answer.status_code == answer.json()["status"] == status
        assert answer.headers["Content-Type"] == "application/problem+json"
    assert desk.console.home.rows("SELECT count(*) FROM drafts") == [(0,)]


def test_health_while_a_run_publishes(desk: Desk) -> None:
    """Whoever reaches the port is answered, all the while that a run posts; what it says fits what happened."""
    home = desk.console.home
    with desk.program() as program:
        for number in range(5):
            assert program.post("/api/drafts", json={"text": f"Words number {number}."}).status_code == 201
    answers = []
    with httpx.Client(base_url=desk.console.address, timeout=30, trust_env=False) as anyone:
        for _ in range(3):
            run = home.start("run", "--force")
            while run.poll() is None:
                answers.append(anyone.get("/api/health"))
            run.communicate()
        assert len(answers) >= 3
        assert {answer.status_code for answer in answers} == {200}
        assert answers[-1].json()["status"] == "ok"
        assert anyone.get("/api/drafts").status_code == 401
        assert set(answers[-1].json()) == {"status", "last_run_at", "last_success_at", "waiting_drafts", "version"}
    assert home.rows("SELECT count(*) FROM drafts WHERE status = 'posted'") == [(3,)]


def test_tokens_are_named_by_a_person(home: Home) -> None:
    """A name is needed where a token is made or revoked, and refused where it would mean nothing."""
    assert home("review", "token").code == 2
    assert home("review", "tokens", "ci").code == 2
    assert home("review", "token", "Not A Name").code == 2
    assert home("review", "revoke", "nobody").code == 2
    assert "No tokens" in home("review", "tokens").out


def test_an_answer_does_not_wait_for_an_acknowledgement() -> None:
    """Head and body of an answer are two packets: the second is sent at once, not 40 ms later."""
    listening = listen(Wish(0, 0, []), {}, has_users=False)
    try:
        assert all(each.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) for each in listening.sockets)
    finally:
        listening.close()


def test_the_examples_of_the_page(home: Home) -> None:
    """Every command of docs/api.md, as it stands there, does what the page says."""
    page = (ROOT / "docs" / "api.md").read_text()
    with open_console(home) as console:
        script = "\n".join(re.findall(r"```sh\n(.*?)```", page, re.DOTALL))
        script = script.replace("http://127.0.0.1:8756", console.address).replace("python -m", f"{sys.executable} -m")
        done = subprocess.run(
            ["bash", "-e", "-c", f'curl() {{ command curl --fail-with-body "$@"; echo; }}\n{script}'],
            env=home.environment(),
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done
    assert home.rows("SELECT text, status FROM drafts JOIN parts ON draft_id = id") == [
        ("We meet on Sunday at eleven.", "approved")
    ]
    first, *_, _, health = [line for line in done.stdout.splitlines() if line.startswith("{")]
    assert json.loads(first) == {"drafts": [], "next_cursor": None}
    assert json.loads(health)["status"] == "ok"
    assert 'twitter_manager_drafts{bot="default",status="approved"} 1' in done.stdout
