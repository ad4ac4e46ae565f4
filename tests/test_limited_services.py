"""A service that writes, judges or compares and was asked too often is left out until the time that it named: runs as
processes, against a stand-in that counts what it is asked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.home import Home
from tests.standins.llm import LlmServer, Status

NOTES = """
[[note]]
id = "stash"
label = "git"
text = "Git stash saves uncommitted changes on a stack."

[[note]]
id = "bisect"
label = "git"
text = "Git bisect finds the commit that broke something."

[[note]]
id = "reflog"
label = "git"
text = "Git keeps where each branch was for ninety days."
"""
BOT = '[[sources]]\nkind = "notes"\npath = "notes.toml"\n'
IN_TWO_HOURS = Status(429, "slow down", "rate_limit_error", {"retry-after": "7200"})


@pytest.fixture
def server() -> Iterator[LlmServer]:
    with LlmServer() as running:
        running.script = [IN_TWO_HOURS]
        yield running


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path / "home")
    (made.path / "notes.toml").write_text(NOTES)
    made.bot("default", BOT)
    return made


def ask(home: Home, server: LlmServer, generators: str, **more: str) -> None:
    home.settings(GENERATORS=generators, OPENAI_BASE_URL=server.openai_url, OPENAI_API_KEY="sk-of-a-test", **more)


def test_the_next_generator_serves_and_the_limited_one_is_not_asked(home: Home, server: LlmServer) -> None:
    """One request meets the limit; the next run leaves the service out, says so in the log, and posts all the same."""
    ask(home, server, "openai,excerpt", JUDGE="self")
    first = json.loads(home("run", "--json").out)
    assert first["bots"][0]["outcome"] == "posted" and len(server.requests) == 1
    home.next_slot()
    second = json.loads(home("run", "--json").out)
    assert second["bots"][0]["outcome"] == "posted" and len(server.requests) == 1, "asked before its time"
    [[service, operation, hits]] = home.rows("SELECT service, operation, hits FROM service_limits")
    assert (service, operation, hits) == ("openai", "ask", 1)
    assert "openai is left out: openai answers again at " in home.log()
    assert "sk-of-a-test" not in str(home.rows("SELECT account, why FROM service_limits"))


def test_where_it_is_the_only_one_the_reason_says_when(home: Home, server: LlmServer) -> None:
    """No other generator: the run has nothing to post, and says from when on it may have."""
    ask(home, server, "openai", JUDGE="self")
    home("run")
    done = json.loads(home("run", "--json").out)
    assert len(server.requests) == 1
    assert done["bots"][0]["outcome"] == "nothing_to_post"
    assert "openai answers again at " in done["bots"][0]["reason"] and "asked too often" in done["bots"][0]["reason"]


def test_when_it_answers_again_the_limit_is_gone(home: Home, server: LlmServer) -> None:
    """A success forgets it."""
    ask(home, server, "openai", JUDGE="self")
    home("run")
    for _ in range(3):
        home.next_slot()
    server.script = [json.dumps({"posts": ["Git stash saves changes."]})]
    home("run")
    assert len(server.requests) > 1
    assert home.rows("SELECT * FROM service_limits") == []


def test_a_limited_judge_s_writer_is_left_out_too(home: Home, server: LlmServer) -> None:
    """What nobody could judge is not paid for: while the judge is limited its writer is not asked."""
    with LlmServer() as writer:
        writer.script = [json.dumps({"posts": ["Git stash saves uncommitted changes on a stack."]})]
        ask(home, server, "claude,excerpt", JUDGE="openai", ANTHROPIC_BASE_URL=writer.url, ANTHROPIC_API_KEY="sk-two")
        home("run")
        asked = len(writer.requests)
        assert asked >= 1 and len(server.requests) == 1
        home.next_slot()
        assert home("run").code == 0
        assert (len(writer.requests), len(server.requests)) == (asked, 1)
