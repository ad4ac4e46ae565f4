"""Secrets planted everywhere a person or a server can put them, in every form: none reaches a file or a screen."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.home import Home
from tests.settings.test_redaction import ENCODINGS, key

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
