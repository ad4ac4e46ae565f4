"""The JSON API: what it answers, and how it says no. In this process and over a real database."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator

from tests.fakes import START
from tests.home import Home
from tests.review import calling
from tests.review.test_pages import DRAFTS, fill
from twitter_manager import __version__, decisions
from twitter_manager.domain import Draft
from twitter_manager.operations.lock import locked
from twitter_manager.review.actions import Actions
from twitter_manager.review.api import incoming
from twitter_manager.store import runs
from twitter_manager.store.database import connect

if TYPE_CHECKING:
    from starlette.testclient import TestClient

JSON = {"Content-Type": "application/json"}
WORDS = "We meet on Sunday at ten."
SECRET = "sk-ant-api03-3f9Kq27LmZ81xWvTbN5y"


@pytest.fixture
def api(home: Home) -> Iterator[TestClient]:
    with calling.client(home) as client:
        yield client


@pytest.fixture(scope="module")
def refusing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """An API that is asked nothing but what it refuses."""
    home = Home(tmp_path_factory.mktemp("refusing") / "home")
    with calling.client(home) as client:
        yield client
        assert home.rows("SELECT count(*) FROM drafts") == [(0,)]


def queued(api: TestClient, text: str = WORDS, **more: Any) -> dict[str, Any]:
    """A draft that waits."""
    answer = api.post("/api/drafts", json={"text": text, **more})
    assert answer.status_code == 201, answer.text
    draft: dict[str, Any] = answer.json()["draft"]
    return draft


# -- drafts --------------------------------------------------------------------------------------------


def test_a_post_is_written_looked_at_and_approved(api: TestClient, home: Home) -> None:
    """A proposed post waits; approved by its hash it is what the next run publishes, and history tells of it."""
    draft = queued(api, pending=True)
    assert draft["status"] == "pending"
    approved = api.post(f"/api/drafts/{draft['id']}/approve", json={"seen": draft["hash"]})
    assert approved.json()["draft"]["status"] == "approved"
    shown = api.get(f"/api/drafts/{draft['id']}").json()
    assert shown["approval"]["name"] == "ci"
    assert shown["approval"]["via"] == "api"
    assert shown["contents"]["feed"] == [{"text": WORDS}]
    assert home("run").code == 0
    [post] = api.get("/api/history").json()["posts"]
    assert [delivery["status"] for delivery in post["deliveries"]] == ["posted"]
    [run] = api.get("/api/runs").json()["runs"]
    story = api.get(f"/api/runs/{run['id']}").json()
    assert [each["id"] for each in story["posts"]] == [draft["id"]]
    assert WORDS in home.feed()


def test_where_a_new_draft_is_found(api: TestClient) -> None:
    """A post that was made says its address, a thread keeps its parts, a date is UTC."""
    answer = api.post("/api/drafts", json={"parts": ["One.", "Two."], "at": "2031-01-05T09:00:00Z"})
    shown = api.get(answer.headers["Location"]).json()
    assert (shown["parts"], shown["due_at"]) == (["One.", "Two."], "2031-01-05T09:00:00Z")


@pytest.mark.parametrize("action", ["approve", "skip", "edit", "move"])
def test_what_is_not_as_it_was_seen_stays(api: TestClient, action: str) -> None:
    """A decision on a text that was edited meanwhile is answered with 409 and changes nothing."""
    draft = queued(api, pending=True)
    edited = api.post(f"/api/drafts/{draft['id']}/edit", json={"text": "We meet on Monday.", "seen": draft["hash"]})
    assert edited.status_code == 200, edited.text
    before = api.get(f"/api/drafts/{draft['id']}").json()
    more = {"edit": {"text": "Other words."}, "move": {"last": True}}.get(action, {})
    answer = api.post(f"/api/drafts/{draft['id']}/{action}", json={"seen": draft["hash"], **more})
    assert answer.status_code == 409, answer.text
    assert answer.json()["type"].endswith(":meanwhile")
    assert api.get(f"/api/drafts/{draft['id']}").json() == before


@pytest.mark.parametrize(
    ("action", "body"), [("approve", {}), ("resume", {}), ("skip", {}), ("edit", {"text": "Other words."})]
)
def test_doing_it_twice_is_doing_it_once(api: TestClient, action: str, body: dict[str, Any], home: Home) -> None:
    """A request that is repeated gets a yes again; the audit trail has the act once."""
    draft = queued(api, pending=True)
    first, second = (api.post(f"/api/drafts/{draft['id']}/{action}", json=body) for _ in range(2))
    assert (first.status_code, second.status_code) == (200, 200), second.text
    assert first.json()["draft"] == second.json()["draft"]
    kind = {"skip": "draft_skipped", "edit": "draft_edited"}.get(action, "draft_approved")
    rows = home.rows(f"SELECT data FROM events WHERE kind = '{kind}'")
    assert len(rows) == 1
    assert {"by": "ci", "via": "api"}.items() <= json.loads(rows[0][0]).items()


def test_a_post_that_is_sent_twice_is_one_post(api: TestClient, home: Home) -> None:
    """A client that repeats a request after a lost answer is told so (409)."""
    queued(api)
    again = api.post("/api/drafts", json={"text": WORDS})
    assert again.status_code in (409, 422), again.text
    assert home.rows("SELECT count(*) FROM drafts") == [(1,)]


def test_of_several_bots_one_is_named(home: Home) -> None:
    """Else the field is told, in words of the API and not of the command line, with the bots that there are."""
    for name in ("club", "shop"):
        home.bot(name, 'platforms = ["feed"]\n')
    with calling.client(home) as client:
        told = client.post("/api/drafts", json={"text": WORDS}).json()
    assert (told["field"], told["detail"], told["remedy"]) == ("bot", "Say which bot.", "Bots: club, shop.")


def test_a_check_changes_nothing(api: TestClient) -> None:
    """Words that hold a secret are told of by the rule, and the draft stays as it was."""
    draft = queued(api)
    checked = api.post(f"/api/drafts/{draft['id']}/check", json={"text": f"My key is {SECRET}"}).json()
    assert not checked["ok"]
    assert checked["lengths"]["feed"] == [{"length": len(f"My key is {SECRET}"), "limit": None}]
    assert SECRET not in json.dumps(checked)
    assert api.get(f"/api/drafts/{draft['id']}").json()["parts"] == [WORDS]


def test_a_run_at_work_is_waited_for(api: TestClient, home: Home) -> None:
    """What needs the run's lock is answered with 503 and a time to try again; what does not goes on."""
    draft = queued(api, pending=True)
    assert home("run", "--force").code == 0
    app, _ = calling.application(home)
    with closing(connect(home.database)) as db, db.transaction():
        db.update("UPDATE drafts SET status = 'failed' WHERE id = ?", draft["id"])
    with locked(app.settings.lock):
        answer = api.post(f"/api/drafts/{draft['id']}/resume")
        assert answer.status_code == 503, answer.text
        assert int(answer.headers["Retry-After"]) > 0
        assert api.get("/api/drafts").status_code == 200


def test_one_draft_at_a_time_is_written_anew(api: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """While one request writes, which may load a model, another draft's is told to come again (503)."""
    first, second = queued(api, "Words of one."), queued(api, "Words of another.")
    begun, go_on = threading.Event(), threading.Event()

    def slowly(actions: Actions, number: int, *, seen: str = "") -> Draft:
        begun.set()
        assert go_on.wait(20)
        return decisions.draft_of(actions.db, number)

    monkeypatch.setattr(Actions, "regenerate", slowly)
    answers: list[int] = []
    ask = lambda draft: api.post(f"/api/drafts/{draft['id']}/regenerate")  # noqa: E731
    writing = threading.Thread(target=lambda: answers.append(ask(first).status_code))
    writing.start()
    assert begun.wait(20)
    refused = ask(second)
    go_on.set()
    writing.join(20)
    assert (refused.status_code, answers) == (503, [200]), refused.text
    assert "Retry-After" in refused.headers
    assert ask(second).status_code == 200


def test_paging_over_ten_thousand_drafts(home: Home) -> None:
    """Every waiting draft of a bot comes once and in order, and the last page names no other."""
    home.database.parent.mkdir(exist_ok=True)
    fill(home.database)
    with calling.client(home) as api:
        found: list[int] = []
        cursor: int | None = 0
        while cursor is not None:
            page = api.get("/api/drafts", params={"status": "pending", "bot": "default", "limit": 90, "cursor": cursor})
            assert page.status_code == 200, page.text
            found += [draft["id"] for draft in page.json()["drafts"]]
            cursor = page.json()["next_cursor"]
        assert found == list(range(DRAFTS, 0, -10))
        both = api.get("/api/drafts?status=pending&status=posted&limit=100").json()["drafts"]
        assert {draft["status"] for draft in both} == {"pending", "posted"}


# -- how it says no ------------------------------------------------------------------------------------

BAD_BODIES = {
    "nothing at all": (b"", 422, "The body"),
    "not JSON": (b"{", 400, ""),
    "two values": (b"{} {}", 400, ""),
    "not UTF-8": (b'{"text": "\xff"}', 400, ""),
    "a byte order mark": (b"\xef\xbb\xbf{}", 400, ""),
    "a list": (b"[]", 422, ""),
    "an unknown field": (b'{"text": "a", "txet": "b"}', 422, "txet"),
    "a field twice": (b'{"text": "a", "text": "b"}', 422, "text"),
    "both": (b'{"text": "a", "parts": ["b"]}', 422, ""),
    "not a number": (b'{"text": NaN}', 422, "text"),
    "infinity": (b'{"text": -Infinity}', 422, "text"),
    "a huge number": (b'{"text": "a", "bot": 1' + b"0" * 5000 + b"}", 422, "bot"),
    "half a character": (b'{"text": "\\ud800"}', 422, "text"),
    "half a character as a name": (b'{"\\udc00": 1}', 422, ""),
    "a wrong type": (b'{"text": "a", "pending": "yes"}', 422, "pending"),
    "null": (b'{"text": null}', 422, "text"),
    "a text too long": (b'{"text": "' + b"a" * 20_001 + b'"}', 422, "text"),
    "an empty part": (b'{"parts": ["a", ""]}', 422, "parts.1"),
    "too deep": (b'{"text": ' + b'{"a":' * 9 + b"1" + b"}" * 10, 422, "text"),
    "far too deep": (b"[" * 100_000, 422, ""),
    "too large": (b'{"text": "' + b"a" * incoming.LARGEST + b'"}', 413, ""),
}


@pytest.mark.parametrize("name", BAD_BODIES)
def test_a_bad_body_is_refused_by_its_field(refusing: TestClient, name: str) -> None:
    """With problem details, the field that is wrong, no traceback, and nothing kept."""
    body, status, field = BAD_BODIES[name]
    answer = refusing.post("/api/drafts", content=body, headers=JSON)
    problem = answer.json()
    assert answer.status_code == problem["status"] == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert problem.get("field", "") == field.removeprefix("The body")
    assert {"type", "title", "detail", "remedy"} <= problem.keys()
    assert "Traceback" not in answer.text


@pytest.mark.parametrize(
    "kind",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/json; charset=utf-16", ""],
)
def test_a_body_that_is_declared_otherwise_is_refused(refusing: TestClient, kind: str) -> None:
    """What a page elsewhere can send without being asked (a form, plain text) is never read as JSON."""
    headers = {"Content-Type": kind} if kind else {}
    answer = refusing.post("/api/drafts", content=json.dumps({"text": WORDS}).encode(), headers=headers)
    assert answer.status_code == 415, answer.text


def test_an_encoded_body_is_refused(refusing: TestClient) -> None:
    """A small body can't become a large one."""
    answer = refusing.post("/api/drafts", content=b"{}", headers=JSON | {"Content-Encoding": "gzip"})
    assert answer.status_code == 415


BAD_QUERIES = {
    "/api/drafts?stauts=pending": "stauts",
    "/api/drafts?status=waiting": "status.0",
    "/api/drafts?limit=0": "limit",
    "/api/drafts?limit=101": "limit",
    "/api/drafts?limit=1_0": "limit",
    "/api/drafts?limit=10&limit=20": "limit",
    "/api/drafts?cursor=-1": "cursor",
    "/api/drafts?cursor=%EF%BC%91": "cursor",
    "/api/drafts?cursor=1" + "0" * 400: "cursor",
    "/api/runs?outcome=good": "outcome.0",
    "/api/metrics?format=xml": "format",
    "/api/bots?x=1": "x",
}


@pytest.mark.parametrize("address", BAD_QUERIES)
def test_a_bad_parameter_is_refused_by_its_name(refusing: TestClient, address: str) -> None:
    """Nothing that was meant otherwise is ignored."""
    answer = refusing.get(address)
    assert answer.status_code == 422, answer.text
    assert answer.json()["field"] == BAD_QUERIES[address]


@pytest.mark.parametrize(
    "address",
    ["/api", "/api/", "/api/nothing", "/api/drafts/", "/api/drafts/1", "/api/drafts/x", "/api/drafts/0", "/api/runs/7",
     "/api/drafts/1" + "0" * 30, "/api/drafts/1/explode", "/api/drafts/%2e%2e"],
)  # fmt: skip
def test_what_is_not_there_is_not_found(refusing: TestClient, address: str) -> None:
    """In problem details, whatever was asked for."""
    answer = refusing.get(address)
    assert answer.status_code == 404 if not address.endswith("explode") else answer.status_code in (404, 405)
    assert answer.json()["type"].endswith((":not-found", ":method"))


@pytest.mark.parametrize("action", ["approve", "skip", "regenerate", "resume", "move", "edit", "check"])
def test_a_decision_on_nothing_is_not_found(refusing: TestClient, action: str) -> None:
    """A draft that is not there is 404, not a fault of the request."""
    body = {"move": {"first": True}, "edit": {"text": "a"}, "check": {"text": "a"}}.get(action, {})
    assert refusing.post(f"/api/drafts/77/{action}", json=body).status_code == 404


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "POST", "OPTIONS"])
def test_another_method_is_told_which_there_are(refusing: TestClient, method: str) -> None:
    """405 with the methods that are answered."""
    answer = refusing.request(method, "/api/health")
    assert answer.status_code == 405
    assert answer.headers["Allow"] == "GET, HEAD"
    assert answer.json()["type"].endswith(":method")


def test_a_fault_of_the_program_says_little(api: TestClient, home: Home) -> None:
    """A damaged database is answered without a path of the machine or an excerpt of the code."""
    api.get("/api/health")
    home.database.write_bytes(b"no database" * 1000)
    answer = api.get("/api/drafts")
    assert answer.status_code == 500
    assert str(home.path) not in answer.text
    health = api.get("/api/health")
    assert health.status_code == 503
    assert health.json()["status"] == "failing"


def test_secrets_are_in_no_answer(home: Home) -> None:
    """A key of `.env` that came into a draft's words and a run's reason is blacked out wherever they are shown."""
    key = "AKQ83hdk29sjQmz74bPw"
    home.settings(BLUESKY_IDENTIFIER="club.example", BLUESKY_PASSWORD=key, GENERATORS="excerpt")
    with calling.client(home) as api:
        draft = queued(api, platforms=["feed"])
        with closing(connect(home.database)) as db, db.transaction():
            run = runs.start(db, "default", "run", START, START)
            runs.finish(db, run, "failed", f"X said no to {key}", START)  # type: ignore[arg-type]
            db.update("UPDATE parts SET text = ?", f"Words with {key} and {SECRET}")
            db.update("UPDATE drafts SET published_at = created_at, reason = ?", key)
        for address in ("drafts", f"drafts/{draft['id']}", "runs", "runs/1", "history", "bots", "health", "metrics"):
            answer = api.get(f"/api/{address}")
            assert answer.status_code in (200, 503), (address, answer.text)
            assert key not in answer.text, address
            assert SECRET not in answer.text, address


# -- health, figures, the description ------------------------------------------------------------------


def test_health_tells_of_a_failed_run(api: TestClient, home: Home) -> None:
    """200 while all is well, 503 from a failed run until the next good one, and where none comes any more."""
    assert api.get("/api/health").json() == {
        "status": "ok", "last_run_at": None, "last_success_at": None, "waiting_drafts": 0, "version": __version__,
    }  # fmt: skip
    queued(api, pending=True)
    with closing(connect(home.database)) as db, db.transaction():
        for outcome in ("posted", "failed"):
            runs.finish(db, runs.start(db, "default", "run", START, START), outcome, "", START)  # type: ignore[arg-type]
    answer = api.get("/api/health")
    assert answer.status_code == 503
    assert answer.json()["waiting_drafts"] == 1
    assert answer.json()["last_success_at"] == "2026-03-01T10:07:00Z"
    with closing(connect(home.database)) as db, db.transaction():
        runs.finish(db, runs.start(db, "default", "run", START, START), "nothing_due", "", START)  # type: ignore[arg-type]
    assert api.get("/api/health").status_code == 503, "no run came for months"
    with closing(connect(home.database)) as db, db.transaction():
        now = datetime.now(UTC)
        runs.finish(db, runs.start(db, "default", "run", now, now), "nothing_due", "", now)  # type: ignore[arg-type]
    assert api.get("/api/health").status_code == 200


def test_figures_for_prometheus(api: TestClient, home: Home) -> None:
    """The same as in the metrics file, and the numbers of the JSON are its numbers."""
    queued(api)
    assert home("run").code == 0
    queued(api, "At eleven we meet again.", pending=True)
    answer, found = api.get("/api/metrics"), api.get("/api/metrics?format=json").json()
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    samples = dict(line.rsplit(" ", 1) for line in answer.text.splitlines() if not line.startswith("#"))
    assert float(samples['twitter_manager_runs_total{bot="default",outcome="posted"}']) == found["runs"]["posted"] == 1
    assert float(samples['twitter_manager_posts_total{bot="default",platform="feed"}']) == found["posts"]["feed"] == 1
    assert float(samples['twitter_manager_drafts{bot="default",status="pending"}']) == found["drafts"]["pending"] == 1
    assert found["spent_usd"] == {"default": 0}
    assert 0 <= found["seconds_since_success"] < 120


def test_the_description_is_sound_and_whole(refusing: TestClient) -> None:
    """OpenAPI 3.1: each shape is a sound schema, each reference leads somewhere, each answer's status is named."""
    document = refusing.get("/api/openapi.json").json()
    shapes = document["components"]["schemas"]
    for shape in shapes.values():
        Draft202012Validator.check_schema(shape)
    text = json.dumps(document)
    for reference in text.split('"#/components/schemas/')[1:]:
        assert reference.partition('"')[0] in shapes
    paths = {f"{method} {path}" for path, methods in document["paths"].items() for method in methods}
    assert len(paths) == 25
    for methods in document["paths"].values():
        for operation in methods.values():
            assert operation["summary"]
            assert {"403", "408", "421", "422", "431", "500"} <= operation["responses"].keys()
