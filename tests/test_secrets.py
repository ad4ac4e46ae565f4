"""Secrets planted everywhere a person or a server can put them, in every form: none reaches a file or a screen."""

from __future__ import annotations

import functools
import gzip
import json
import os
import sqlite3
import threading
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import combinations
from pathlib import Path

import pytest

from tests.home import BUNDLED, Home
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
WATCHED = {
    "BLUESKY_PASSWORD": "kqxz-bfgh-ijkl-mnop",
    "MASTODON_ACCESS_TOKEN": key(21, 43),
    "PING_URL": "7c9e6679-7425-40de-944b-e07fc1f90ae7",
    "PUSHGATEWAY_URL": key(22, 30),
    "NOTIFY_URLS": key(23, 30),
    "OTEL_EXPORTER_OTLP_HEADERS": key(24, 30),
    "HTTPS_PROXY": key(25, 30),
    "HF_TOKEN": f"hf_{key(26, 34)}",
}
"""What opens the other accounts, and what stands within addresses and headers."""


def forms_of(secrets: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """What tells of each secret, and how a server may write that."""
    bodies = [value if value.count("-") > 2 else value.rpartition("-")[2] for value in secrets]
    return tuple((body, encode(body)) for body in bodies for encode in ENCODINGS.values())


LEAST = 14
FORMS = forms_of(SECRETS.values())
ALL_FORMS = forms_of([*SECRETS.values(), *WATCHED.values()])


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


@dataclass
class Echo:
    """A server, and what it was sent: path and body."""

    url: str = ""
    got: list[tuple[str, bytes]] = field(default_factory=list)

    def sent_to(self, path: str) -> str:
        """All that came there, as text."""
        return "\n".join(body.decode("utf-8", "replace") for where, body in self.got if where.startswith(path))


@contextmanager
def echoing(forms: tuple[tuple[str, str], ...] = FORMS) -> Iterator[Echo]:
    """A server that answers everything with a no that holds secrets in many forms, each at another place."""
    echo_server = Echo()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None: ...

        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            echo_server.got.append((self.path, body))
            turn = len(echo_server.got)
            echo = "x" * (turn * 37 % 190) + " | ".join(form for _, form in forms[turn % 7 :: 7])
            self.answer(turn, echo)

        def answer(self, turn: int, echo: str) -> None:
            body = {"title": "No", "detail": echo, "error": {"message": echo, "type": echo}, "errors": [{"code": echo}]}
            content = json.dumps(body).encode()
            self.send_response(
                (403, 400, 500, 429, 401)[turn % 5], " ".join(echo.encode("ascii", "ignore").decode().split())[:2000]
            )
            self.send_header("content-length", str(len(content)))
            self.send_header("x-rate-limit-reset", echo.encode("ascii", "ignore").decode().replace("\n", " ")[:2000])
            self.end_headers()
            self.wfile.write(content)

        do_POST = do_PUT = do_GET

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        echo_server.url = f"http://127.0.0.1:{server.server_port}"
        yield echo_server
    finally:
        server.shutdown()
        server.server_close()


def leaks(data: str, forms: tuple[tuple[str, str], ...] = FORMS) -> set[str]:
    """What of a secret can be read from `data`: a piece of a form that stands for 14 of its characters."""
    pieces = pieces_of(forms)
    places = ((at, pieces.get(data[at : at + LEAST], ())) for at in range(len(data) - LEAST + 1))
    return {form for at, those in places for piece, form in those if data.startswith(piece, at)}


@functools.cache
def pieces_of(forms: tuple[tuple[str, str], ...]) -> dict[str, list[tuple[str, str]]]:
    """Each such piece with its form, by its first characters."""
    found = defaultdict(list)
    for value, form in forms:
        length = max(LEAST, len(form) * LEAST // len(value))
        for at in range(len(form) - length + 1):
            found[form[at : at + LEAST]].append((form[at : at + length], form))
    return found


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_planted_secrets_reach_no_file_and_no_screen(tmp_path: Path) -> None:
    """Servers' errors, a person's words, a pause's reason, a prompt, names of bots, drafts and paths."""
    words = SECRETS["TWITTER_API_SECRET"]
    with echoing() as echo:
        url = echo.url
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
    assert '"DEBUG"' in home.log() and '"message": "POST /2/tweets: ' in home.log()
    files = [path for path in home.path.rglob("*") if path.is_file() and path.name != ".env"]
    for path in files:
        assert not leaks(path.read_bytes().decode("utf-8", "replace")), path
    for place, text in texts_of(home.database):
        assert not leaks(text), place


def texts_of(database: Path) -> Iterator[tuple[str, str]]:
    """Every value of every column of every table, with its place, whatever tables there are."""
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
    with closing(connection):
        for (table,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall():
            cursor = connection.execute(f'SELECT * FROM "{table}"')
            columns = [column[0] for column in cursor.description]
            for row in cursor:
                for column, value in zip(columns, row, strict=True):
                    if isinstance(value, str | bytes):
                        text = value if isinstance(value, str) else value.decode("utf-8", "replace")
                        yield f"{database.name} {table}.{column}", text


LATER = """
import sys
from datetime import UTC, datetime, timedelta
from twitter_manager import app
app.utc_now = lambda: datetime.now(UTC) + timedelta(days={days})
from twitter_manager.cli import main
sys.exit(main())
"""
"""The program in so many days."""


def watched_home(path: Path, echo: Echo) -> tuple[Home, dict[str, str]]:
    """A home with each secret in another place: in `.env`, in a bot's own, in addresses; and what stands in the
    environment."""
    url, host = echo.url, echo.url.removeprefix("http://")
    shown = SECRETS["TWITTER_API_SECRET"]
    home = Home(
        path,
        GENERATORS="claude,openai,excerpt",
        LOG_LEVEL="DEBUG",
        METRICS_FILE="data/out.prom",
        BACKUP_COPY=str(path.parent / "copies"),
        TWITTER_API_BASE_URL=url,
        ANTHROPIC_BASE_URL=url,
        OPENAI_BASE_URL=f"{url}/v1",
        BLUESKY_IDENTIFIER="ada.example.org",
        BLUESKY_SERVICE_URL=url,
        MASTODON_BASE_URL=url,
        PING_URL=f"{url}/ping/{WATCHED['PING_URL']}",
        PUSHGATEWAY_URL=f"http://bot:{WATCHED['PUSHGATEWAY_URL']}@{host}/gateway",
        NOTIFY_URLS=f"json://{host}/hook/{WATCHED['NOTIFY_URLS']}",
        OTEL_EXPORTER_OTLP_ENDPOINT=f"{url}/otlp",
        OTEL_EXPORTER_OTLP_HEADERS=f"Authorization=Bearer%20{WATCHED['OTEL_EXPORTER_OTLP_HEADERS']}",
        HF_TOKEN=WATCHED["HF_TOKEN"],
        BLUESKY_PASSWORD=WATCHED["BLUESKY_PASSWORD"],
        **{name: value for name, value in SECRETS.items() if name != "ANTHROPIC_API_KEY"},
    )
    (path.parent / "copies").mkdir()
    folder = path / f"notes-{shown}"
    folder.mkdir()
    secret_note = f"The key {shown} opens our account at the shop since the spring of this year."
    (folder / "notes.md").write_text(f"# On keys and doors\n\n{secret_note}\n\n# On {shown}\n\nWe open at nine.\n")
    source = f'\n[[sources]]\nname = "notes"\nkind = "files"\npath = "{folder}"\ntrust = "own"\n{BUNDLED}'
    home.bot(
        "ada",
        f'platforms = ["x", "bluesky", "mastodon", "feed"]\napprove = "never"\n{source}',
        MASTODON_ACCESS_TOKEN=WATCHED["MASTODON_ACCESS_TOKEN"],
    )
    environment = {
        "ANTHROPIC_API_KEY": SECRETS["ANTHROPIC_API_KEY"],
        "HTTPS_PROXY": f"http://proxy:{WATCHED['HTTPS_PROXY']}@127.0.0.1:9",
    }
    return home, environment


VERBS = [
    ["run"], ["run", "--force"], ["run", "--force"], ["status"], ["status", "--json"], ["health"], ["health", "--json"],
    ["costs"], ["costs", "--json"], ["auth", "check"], ["auth", "check", "--json"], ["models", "list"],
    ["models", "list", "--json"], ["models", "check"], ["doctor"], ["doctor", "--json"], ["explain", "1", "--full"],
    ["explain", "run:1", "--full"], ["history", "--json"], ["drafts", "--json"], ["audit", "--json"],
    ["notify", "list", "--json"], ["notify", "test"], ["backup", "now"], ["backup", "list"], ["sources", "list"],
    ["report"], ["report", "--json"], ["report", "--html", "HTML"], ["maintain"], ["run", "--force"],
    ["pause", "because SECRET"], ["status", "--json"], ["pause", "--off"],
    ["post", "We changed the key to SECRET today."], ["generate", "--prompt", "say SECRET"],
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_what_watches_the_program_gets_no_secret(tmp_path: Path) -> None:
    """Every service, the ping server, the gateway, the collector and the channel echo secrets in their answers: none is
    in what they are sent, in what a verb says, in any file, compressed log or backup, or in any column of a table."""
    forms, shown = ALL_FORMS, SECRETS["TWITTER_API_SECRET"]
    with echoing(forms) as echo:
        home, environment = watched_home(tmp_path / "home", echo)
        for verb in VERBS:
            words = [word.replace("SECRET", shown).replace("HTML", str(tmp_path / "home" / "r.html")) for word in verb]
            done = home(*words, **environment)
            assert "Traceback" not in done.err
            assert not leaks(done.out + done.err, forms), verb
            if verb[0] == "post":
                assert done.code and "[redacted]" not in home("drafts", "--json", **environment).out
        old = home.path / "logs" / "twitter_manager-20260101T000000Z.log"
        (home.path / "logs" / "twitter_manager.log").rename(old)
        os.utime(old, (time.time() - 7200,) * 2)
        for days in (8, 9, 20):
            done = home("run", code=LATER.format(days=days), **environment)
            assert "Traceback" not in done.err and not leaks(done.out + done.err, forms)
    assert home.rows("SELECT 1 FROM reports")
    for path in ("/ping/", "/gateway/", "/otlp/", "/hook/"):
        assert echo.sent_to(path), path
        assert not leaks(echo.sent_to(path), forms), path
    assert not leaks(spans_in(echo), forms)
    assert_none_is_kept(home.path, forms)
    assert_none_is_kept(tmp_path / "copies", forms)


def test_material_with_a_secret_is_left_out_and_told(tmp_path: Path) -> None:
    """A key in an entry, and in the name of its folder: neither is in the database; what else is there stays from look
    to look, and a folder of another name is another place."""
    secret = SECRETS["OPENAI_API_KEY"]
    home = Home(tmp_path / "home", OPENAI_API_KEY=secret)
    for name in (secret, f"other-{secret}"):
        (tmp_path / name).mkdir()
        doors = "The doors of the shop open at nine in the morning, and every visitor gets a cup of coffee."
        keys = f"The key {secret} opens our account at the shop since the spring of this year."
        text = f"# On doors\n\n{doors}\n\n# On keys\n\n{keys}\n"
        (tmp_path / name / "notes.md").write_text(text)
    items = "SELECT title, retired_at IS NULL, id FROM items ORDER BY id"
    for name, kept in ((secret, [("On doors", 1, 1)]), (f"other-{secret}", [("On doors", 1, 1)])):
        home.bot("ada", f'[[sources]]\nname = "notes"\nkind = "files"\npath = "{tmp_path / name}"\n')
        for is_first in (True, False):
            [look] = home("sources", "update", "--json").json["sources"]
            assert ["1 of its entries hold a secret" in line for line in look["warnings"]] == [True] * is_first
            assert home.rows(items) == kept
            signatures = home.rows("SELECT signature FROM sources")
            home("sources", "list")
            assert home.rows("SELECT signature FROM sources") == signatures
        for place, told in texts_of(home.database):
            assert not leaks(told), place


def spans_in(echo: Echo) -> str:
    """The traces, decoded."""
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

    bodies = [body for where, body in echo.got if where.startswith("/otlp/")]
    return "\n".join(str(ExportTraceServiceRequest.FromString(body)) for body in bodies)


def assert_none_is_kept(folder: Path, forms: tuple[tuple[str, str], ...]) -> None:
    """In no file of the folder, but in those in which the person wrote them."""
    packed = databases = 0
    for path in folder.rglob("*"):
        if not path.is_file() or path.suffix == ".env" or path.name in (".env", "ada.toml", "notes.md"):
            continue
        content = path.read_bytes()
        if path.suffix == ".gz":
            content, packed = gzip.decompress(content), packed + 1
        if path.suffix == ".db":
            databases += 1
            for place, text in texts_of(path):
                assert not leaks(text, forms), place
        assert not leaks(content.decode("utf-8", "replace"), forms), path
    assert databases and (packed or folder.name == "copies")


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
