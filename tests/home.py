"""A home folder and the program run in it as a process, as cron or a person does."""

from __future__ import annotations

import json
import os
import pty
import sqlite3
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.forked import Forked, Start, fork_serves, plain_environment, server
from tests.standins import mastodon as mastodon_standin
from tests.standins import x as x_standin
from tests.standins.mastodon import MastodonStandIn
from tests.standins.pds import Account, Pds
from tests.standins.x import XStandIn
from tests.writing.local_models import models_dir

ROOT = Path(__file__).parent.parent
BUNDLED = '\n[[sources]]\nkind = "starter"\n'
"""Asks for the notes on programming."""
Process = Forked | subprocess.Popen[str]
Json = dict[str, Any]


@dataclass(frozen=True)
class Done:
    """A process that ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Json:
        found: Json = json.loads(self.out)
        return found


class Home:
    """A folder with `.env` (0600), and the command line over it. `forks`: the program is started by the fork server,
    where that is the same as a real start."""

    forks = True

    def __init__(self, path: Path, **settings: str) -> None:
        self.path = path
        path.mkdir(exist_ok=True, parents=True)
        self.settings(**({"GENERATORS": "excerpt"} | settings))

    def settings(self, **values: str) -> None:
        """Write `.env` anew; with an account, a bot of the bundled notes where there is none."""
        env = self.path / ".env"
        env.touch(mode=0o600)
        env.write_text("".join(f"{name}={value}\n" for name, value in values.items()))
        env.chmod(0o600)
        accounts = {"TWITTER_API_KEY", "BLUESKY_IDENTIFIER", "MASTODON_ACCESS_TOKEN"}
        if accounts & values.keys() and not (self.path / "data" / "bots").exists():
            self.bot("default")

    def bot(self, name: str, text: str = "", **settings: str) -> None:
        """Write a bot file, of the bundled notes where it says nothing of sources, and its own `.env` file when there
        is anything for it."""
        folder = self.path / "data" / "bots"
        folder.mkdir(parents=True, exist_ok=True)
        default = folder / "default.toml"
        if default.exists() and default.read_text() == BUNDLED:
            default.unlink()
        (folder / f"{name}.toml").write_text(text if "sources" in text else f"{text}{BUNDLED}")
        if settings:
            env = folder / f"{name}.env"
            env.touch(mode=0o600)
            env.write_text("".join(f"{key}={value}\n" for key, value in settings.items()))

    def share_models(self) -> None:
        """Use the model that was converted for the checkout."""
        (self.path / "data").mkdir(exist_ok=True)
        (self.path / "data" / "models").symlink_to(models_dir())

    def environment(self, **more: str) -> dict[str, str]:
        """Without the model that compares texts in meaning, which takes seconds to load: its tests switch it on."""
        return {
            **plain_environment(),
            "TWITTER_MANAGER_HOME": str(self.path),
            "HF_HUB_OFFLINE": "1",
            "EMBEDDINGS": "off",
            **more,
        }

    def program(self) -> list[str]:
        """What a command line begins with."""
        return [sys.executable, "-m", "twitter_manager"]

    def start(self, *words: str, code: str = "", **more: str) -> Process:
        """Start the program and don't wait. `code`: run this instead of it, with the same words."""
        if self.forks and fork_serves(more, code):
            return server().start(Start(words, self.environment(**more), code))
        return subprocess.Popen(
            [*([sys.executable, "-c", code] if code else self.program()), *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            stdin=subprocess.PIPE,
            text=True,
            env=self.environment(**more),
        )

    def __call__(self, *words: str, stdin: str = "", code: str = "", **more: str) -> Done:
        """Run the program to its end, with no terminal."""
        process = self.start(*words, code=code, **more)
        out, err = process.communicate(stdin, timeout=280)
        return Done(process.returncode, out, err)

    def at_terminal(self, *words: str, typed: str = "", **more: str) -> Done:
        """Run it at a terminal; `typed`: what the person answers, `out`: all that they see."""
        ours, theirs = pty.openpty()
        os.write(ours, typed.encode())
        environment = self.environment(**{"TERM": "xterm", "COLUMNS": "1000"} | more)
        process: Process
        if self.forks and fork_serves(more, ""):
            process = server().start_on(Start(words, environment), [theirs] * 3)
        else:
            program = [sys.executable, "-m", "twitter_manager", *words]
            process = subprocess.Popen(program, stdin=theirs, stdout=theirs, stderr=theirs, env=environment, text=True)
            os.close(theirs)
        seen = b""
        while True:
            try:
                piece = os.read(ours, 4096)
            except OSError:
                break
            if not piece:
                break
            seen += piece
        os.close(ours)
        return Done(process.wait(), seen.decode().replace("\r\n", "\n"), "")

    @property
    def database(self) -> Path:
        return self.path / "data" / "twitter.db"

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Read the database as a person with the sqlite3 tool does."""
        connection = sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)
        try:
            return connection.execute(sql).fetchall()
        finally:
            connection.close()

    def feed_exists(self) -> bool:
        return (self.path / "data" / "feed.xml").exists()

    def feed(self) -> str:
        return (self.path / "data" / "feed.xml").read_text()

    def log(self) -> str:
        return "".join(path.read_text() for path in sorted((self.path / "logs").glob("*.log*")))

    def next_slot(self) -> None:
        """Let the hour pass: what happened, happened an hour earlier."""
        connection = sqlite3.connect(self.database)
        for table, columns in {
            "drafts": ("slot", "published_at", "created_at"),
            "runs": ("slot", "started_at", "ended_at"),
            "deliveries": ("created_at", "posted_at", "not_before"),
            "service_limits": ("until", "seen_at"),
        }.items():
            for column in columns:
                hour_before = f"strftime('%Y-%m-%dT%H:%M:', {column}, '-1 hour') || substr({column}, 18)"
                # In two steps: a slot is unique, and the one an hour earlier may have its draft still.
                connection.execute(f"UPDATE {table} SET {column} = '~' || {hour_before} WHERE {column} IS NOT NULL")
                connection.execute(f"UPDATE {table} SET {column} = substr({column}, 2) WHERE {column} IS NOT NULL")
        connection.execute("DROP TRIGGER attempts_end_once")
        for column in ("started_at", "ended_at"):
            hour_before = f"strftime('%Y-%m-%dT%H:%M:', {column}, '-1 hour') || substr({column}, 18)"
            connection.execute(f"UPDATE attempts SET {column} = {hour_before} WHERE {column} IS NOT NULL")
        connection.execute(
            "CREATE TRIGGER attempts_end_once BEFORE UPDATE ON attempts WHEN OLD.ended_at IS NOT NULL"
            " BEGIN SELECT RAISE(ABORT, 'an attempt never changes after it ended'); END"
        )
        connection.commit()
        connection.close()


class RealHome(Home):
    """Every start is one of python."""

    forks = False


def x_settings(x: XStandIn) -> dict[str, str]:
    names = ("TWITTER_API_KEY", "TWITTER_API_SECRET", "TWITTER_ACCESS_TOKEN", "TWITTER_ACCESS_SECRET")
    return {**dict(zip(names, x_standin.CREDENTIALS, strict=True)), "TWITTER_API_BASE_URL": x.url}


def mastodon_settings(server: MastodonStandIn) -> dict[str, str]:
    return {"MASTODON_BASE_URL": server.url, "MASTODON_ACCESS_TOKEN": mastodon_standin.TOKEN}


def bluesky_settings(pds: Pds, account: Account) -> dict[str, str]:
    return {
        "BLUESKY_IDENTIFIER": account.handle,
        "BLUESKY_PASSWORD": account.password,
        "BLUESKY_SERVICE_URL": pds.url,
    }
