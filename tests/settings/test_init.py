"""The files that are committed as samples."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from twitter_manager.settings import load, sample_env

ROOT = Path(__file__).parents[2]


def test_the_committed_sample_is_the_one_that_the_program_writes(tmp_path: Path) -> None:
    """`.env.example` equals what the code says, and loads once copied."""
    committed = (ROOT / ".env.example").read_text()
    assert committed == sample_env()
    (tmp_path / ".env").write_text(committed)
    (tmp_path / ".env").chmod(0o600)
    settings, bare = load(tmp_path, {}), load(tmp_path / "empty", {})
    assert (settings.bots, settings.run_seconds, settings.log_level) == (bare.bots, bare.run_seconds, bare.log_level)


def test_the_crontab_works_once_its_folder_is_set(tmp_path: Path) -> None:
    """One schedule line of valid fields, not on the full hour, without cron's %; its command, run by sh as cron would
    with the folder (blanks in it) set, starts the program there."""
    text = (ROOT / "crontab.example").read_text()
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    variable, entry = lines
    name, _, value = variable.partition("=")
    assert (name, value) == ("TWITTER_MANAGER_HOME", "/path/to/twitter_manager")
    minute, hour, day, month, weekday, command = entry.split(None, 5)
    assert re.fullmatch("[1-9]|[1-5][0-9]", minute) and [hour, day, month, weekday] == ["*"] * 4 and "%" not in command
    home = tmp_path / "my home"
    (home / ".venv/bin").mkdir(parents=True)
    python = home / ".venv/bin/python"
    python.write_text(f'#!/bin/sh\necho "$PWD $TWITTER_MANAGER_HOME $*"\nexec {sys.executable} -c pass\n')
    python.chmod(0o755)
    bare = {"HOME": "/", "PATH": "/usr/bin:/bin", "SHELL": "/bin/sh", name: str(home)}
    done = subprocess.run(["/bin/sh", "-c", command], env=bare, cwd="/", capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"{home} {home} -m twitter_manager run\n"
