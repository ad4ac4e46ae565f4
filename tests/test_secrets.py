"""Secrets planted everywhere a person or a server can put them, in every form: none reaches a file or a screen."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import combinations
from pathlib import Path

import pytest

from tests.home import Home
from tests.settings.test_redaction import ENCODINGS, key
from twitter_manager.errors import SettingsProblems
from twitter_manager.operations import overview
from twitter_manager.redaction import Redactor
from twitter_manager.settings import load
from twitter_manager.settings.variables import KEYS

SECRETS = {
    "TWITTER_API_KEY": key(1, 25),
    "TWITTER_API_SECRET": key(2, 50),
    "TWITTER_ACCESS_TOKEN": f"424242-{key(3, 40)}",
    "TWITTER_ACCESS_SECRET": key(4, 45),
    "OPENAI_API_KEY": f"sk-proj-{key(5, 60)}",
    "ANTHROPIC_API_KEY": f"sk-ant-api03-{key(6, 60)}",
}
FORMS = [
    (body, encode(body))
    for body in (value.rpartition("-")[2] for value in SECRETS.values())
    for encode in ENCODINGS.values()
]


MASTODON_TOKEN = f"{key(7, 21)}-{key(8, 21)}"
MISPLACED = [*SECRETS.values(), MASTODON_TOKEN, "abcd-2fgh-ijkl-mnop", "0f" * 32, f"https://{key(9, 40)}.example"]
"""What a person may put under a wrong name."""
IN_ORDER = {
    **SECRETS,
    "BLUESKY_IDENTIFIER": "ada.example.org",
    "BLUESKY_PASSWORD": "kqxz-bfgh-ijkl-mnop",
    "MASTODON_BASE_URL": "https://mastodon.example",
    "MASTODON_ACCESS_TOKEN": MASTODON_TOKEN,
}


@contextmanager
def echoing() -> Iterator[str]:
    """A server that answers everything with a no that holds secrets in many forms, each at another place."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None: ...

        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("content-length", 0)))
            asked.append(self.path)
            turn = len(asked)
            echo = "x" * (turn * 37 % 190) + " | ".join(form for _, form in FORMS[turn % 7 :: 7])
            body = {"title": "No", "detail": echo, "error": {"message": echo, "type": echo}, "errors": [{"code": echo}]}
            content = json.dumps(body).encode()
            self.send_response((403, 400, 500, 429, 401)[turn % 5])
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_POST = do_GET

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def leaks(data: str) -> list[str]:
    """What of a secret can be read from `data`: a piece of a form that stands for 14 of its characters."""
    found = []
    for value, form in FORMS:
        length = max(14, len(form) * 14 // len(value))
        found += [form] if any(form[at : at + length] in data for at in range(max(1, len(form) - length))) else []
    return found


@pytest.mark.slow
@pytest.mark.timeout(280)
def test_planted_secrets_reach_no_file_and_no_screen(tmp_path: Path) -> None:
    """Servers' errors, a person's words, a pause's reason, a prompt, names of bots, drafts and paths."""
    words = SECRETS["TWITTER_API_SECRET"]
    with echoing() as url:
        services = {"TWITTER_API_BASE_URL": url, "ANTHROPIC_BASE_URL": url, "OPENAI_BASE_URL": f"{url}/v1"}
        home = Home(tmp_path / "home", GENERATORS="claude,openai,excerpt", LOG_LEVEL="DEBUG", **services, **SECRETS)
        home.bot("ada", 'platforms = ["x", "feed"]\n')
        seen = ""
        for verb in (
            ["generate"], ["run"], ["run", "--force"], ["status"], ["history"], ["explain", "1"], ["explain", "run:1"],
            ["doctor"], ["pause", f"because {words}"], ["status", "--json"], ["pause", "--off"], ["explain", words],
            ["sources", "add", str(tmp_path / words)], ["generate", "--prompt", f"say {words}"],
            ["post", f"hello {words.encode().hex()}"], ["run", "--bot", words], ["run", "--json", "--force"],
        ):  # fmt: skip
            done = home(*verb)
            assert "Traceback" not in done.err
            seen += done.out + done.err
    assert "[redacted]" in seen and not leaks(seen)
    files = [path for path in home.path.rglob("*") if path.is_file() and path.name != ".env"]
    for path in files:
        assert not leaks(path.read_bytes().decode("utf-8", "replace")), path
    for table in ("drafts", "deliveries", "attempts", "events", "generations", "runs"):
        assert not leaks(repr(home.rows(f"SELECT * FROM {table}"))), table


SLIPS = [
    ["post", "ok", "--platform", "SECRET"], ["SECRET"], ["post", "ok", "--SECRET"], ["status", "SECRET"],
    ["skip", "SECRET"], ["preview", "--runs", "SECRET"], ["install-cron", "--at-minute", "SECRET"],
    ["schema", "SECRET"], ["post", "We", "open", "SECRET"], ["delete", "SECRET"], ["drafts", "SECRET"],
    ["delete", "1", "--platform", "SECRET"], ["init", "--yes", "--bot", "SECRET"], ["check", "--platform", "SECRET"],
]  # fmt: skip


@pytest.mark.parametrize("slip", SLIPS, ids=" ".join)
def test_a_secret_in_a_wrong_place_of_the_command_is_not_repeated(tmp_path: Path, slip: list[str]) -> None:
    """Whether it stands in the environment, in a `.env` that others may read, or in a bot's; as text and as JSON."""
    own, shared, ours = key(11, 50), key(12, 45), key(13, 40)
    home = Home(tmp_path, TWITTER_ACCESS_SECRET=shared, NO_SUCH_SETTING="1")
    home.bot("ada", TWITTER_API_SECRET=own)
    (tmp_path / ".env").chmod(0o644)
    for secret in (own, shared, ours):
        words = [word.replace("SECRET", secret) for word in slip]
        for more in ([], ["--json"]):
            done = home(*words, *more, OPENAI_API_KEY=ours)
            told = done.out + done.err
            assert done.code in (2, 78) and told and not any(secret[at : at + 14] in told for at in range(26)), told


@pytest.mark.parametrize("name", [name for name, variable in KEYS.items() if not variable.secret])
def test_a_secret_under_a_name_that_is_shown_is_refused_or_never_shown(tmp_path: Path, name: str) -> None:
    """A token as a server's address, an app password as a handle, a key as a model's name: the problem is told without
    the value; and where a setting takes the value, nothing that describes the bot repeats it."""
    for secret in MISPLACED:
        try:
            settings = load(tmp_path, IN_ORDER | {name: secret})
        except SettingsProblems as found:
            told = "\n".join(map(str, found.problems))
            assert name in told
        else:
            told = Redactor(settings.secrets).redact(json.dumps(overview.describe(settings.bots[0], settings)))
        assert secret.removeprefix("https://")[:14].lower() not in told.lower()


@pytest.mark.parametrize("swapped", list(combinations(list(SECRETS)[:4], 2)), ids=" and ".join)
def test_swapped_keys_of_x_are_recognised_and_not_shown(tmp_path: Path, swapped: tuple[str, str]) -> None:
    """Each by its form, with the name that it belongs under; no verb prints any of it, and none is asked of X."""
    one, other = swapped
    values = SECRETS | {one: SECRETS[other], other: SECRETS[one]}
    home = Home(tmp_path, **values)
    for verb in (["status"], ["doctor"], ["run"], ["status", "--json"]):
        done = home(*verb)
        assert done.code == 78 and not leaks(done.out + done.err)
        assert f"{one}: looks like the" in done.err and f"Swap it with {other}." in done.err


@pytest.mark.parametrize("value", ["A" * 22 + key(1, 80), "aB3dE5gH7jK9mN1pQ3sT5vW7yZMTpjaQ"])
def test_keys_of_another_kind_are_named(tmp_path: Path, value: str) -> None:
    """A bearer token or a client ID of OAuth 2.0 is what the console shows first."""
    done = Home(tmp_path, **(SECRETS | {"TWITTER_API_KEY": value}))("status")
    assert done.code == 78 and "OAuth 1.0a" in done.err and value[:14] not in done.err


@pytest.mark.parametrize("address", ["https://api.eu-west-1.models.example/v1/a1b2c3d4e5f60718293a4b5c6d7e8f90/openai"])
@pytest.mark.parametrize(
    "model", ["Qwen2.5-Coder-32B-Instruct-AWQ-Int4", "claude-sonnet-4-5-20250929", "Meta-Llama-3.1-8B-Instruct-GGUF"]
)
def test_what_people_really_write_there_is_taken(tmp_path: Path, address: str, model: str) -> None:
    """Long names of models, the numbers of accounts in a gateway's address."""
    load(tmp_path, IN_ORDER | {"OPENAI_MODEL": model, "OPENAI_BASE_URL": address})
