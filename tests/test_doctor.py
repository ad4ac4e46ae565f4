"""What the doctor makes of its findings together."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

from twitter_manager.operations import doctor
from twitter_manager.settings import load


def test_two_bots_with_one_account_are_warned_of() -> None:
    """Two tokens of one account look like two accounts in the settings; the server's answer tells. A file that every
    bot has, a model that all of them use and the same handle elsewhere are no shared accounts."""
    same = "@ada@a.example, posts up to 500 characters"
    told = {
        "ada: mastodon": same,
        "bob: mastodon": same,
        "eve: mastodon": "@eve@a.example, posts up to 500 characters",
        "ada: feed": "data/feed.xml",
        "bob: feed": "data/feed.xml",
        "ada: embeddings": "a model",
        "bob: embeddings": "a model",
        "bob: x": same,
    }
    found = doctor.examine([(name, lambda line=line: line) for name, line in told.items()], str)  # type: ignore[misc]
    assert found["ok"]
    [warned] = [check for check in found["checks"] if check["result"] == "warning"]
    assert warned["name"] == "bob: mastodon" and "the bot ada posts to the same account" in warned["detail"]


@pytest.mark.parametrize(("free", "expected"), [(49_000_000, "failed"), (51_000_000, "warning"), (10**9, "ok")])
def test_a_full_disk_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, expected: str) -> None:
    """As `health` says it: with no room for what must be written down, runs can't work."""
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=free))
    settings = load(tmp_path, {})
    checks = doctor.machine(settings, lambda: datetime.now(UTC))
    [check] = doctor.examine([each for each in checks if each[0] == "disk"], str)["checks"]
    assert check["result"] == expected and "0.0 GB" not in check["detail"]
