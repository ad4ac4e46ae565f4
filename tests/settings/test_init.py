"""`init`, and the files that are committed as samples."""

from __future__ import annotations

import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.settings.test_env import BLUESKY, X, bluesky_of, x_of
from twitter_manager.errors import TwitterManagerError, UsageError
from twitter_manager.operations.init import ACCOUNTS, BOT, TRIES, init
from twitter_manager.settings import load, sample_env

ROOT = Path(__file__).parents[2]


class Person:
    """Answers questions by the setting's name, its default otherwise; notes what was asked, and how."""

    def __init__(self, **answers: str | list[str]) -> None:
        words = {question.words: question.name for group in (*ACCOUNTS, BOT) for question in group}
        self._names = {**words, "A short name for the bot's file": "file"}
        self._answers = {name.replace("__", "."): answer for name, answer in answers.items()}
        self.asked: list[tuple[str, bool]] = []
        self.complaints: list[str] = []

    def __call__(self, question: str, secret: bool, default: str) -> str:
        complaint, _, words = question.rpartition("\n")
        if complaint:
            self.complaints.append(complaint)
        self.asked.append((self._names[words], secret))
        answer = self._answers.get(self._names[words], default)
        return answer.pop(0) if isinstance(answer, list) else answer


def test_defaults_alone_make_a_working_setup(tmp_path: Path) -> None:
    """Return at every question: both files, 0600 for `.env` under any umask, and settings that load."""
    before = os.umask(0)
    try:
        said = init(tmp_path, Person())
    finally:
        os.umask(before)
    assert (tmp_path / ".env").read_text() == sample_env()
    assert stat.S_IMODE((tmp_path / ".env").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "data/bots/default.toml").stat().st_mode) == 0o644
    assert load(tmp_path, {}).bots[0].platforms_on == ("feed",)
    assert "--dry-run" in said[2] and "cron" in said[3]


def test_answers_arrive_in_the_settings(tmp_path: Path) -> None:
    """Accounts, keys and the bot's traits, quotes and all; secrets are asked for as such."""
    person = Person(
        **X,
        BLUESKY_IDENTIFIER="me.example",
        BLUESKY_PASSWORD="a b #c'd\\e\"f",
        ANTHROPIC_API_KEY="sk-ant-abcdefgh",
        file="nova",
        persona__name='Nova "N" \\ 日本',
        schedule__every_hours="6",
        time_zone="Asia/Kathmandu",
    )
    init(tmp_path, person)
    (bot,) = load(tmp_path, {}).bots
    assert x_of(bot).access_secret == X["TWITTER_ACCESS_SECRET"]
    assert bluesky_of(bot).password == "a b #c'd\\e\"f"
    assert bot.generators.claude and bot.generators.claude.api_key == "sk-ant-abcdefgh"
    assert (bot.name, bot.persona.name) == ("nova", 'Nova "N" \\ 日本')
    assert (bot.schedule.every_hours, bot.time_zone) == (6, "Asia/Kathmandu")
    secret = {name for name, secret in person.asked if secret}
    assert secret == {*X, "BLUESKY_PASSWORD", "ANTHROPIC_API_KEY", "OPENAI_API_KEY"}


def test_what_would_be_refused_is_asked_again(tmp_path: Path) -> None:
    """With the reason, and without the answer; an account's second half is needed once the first is given."""
    person = Person(
        BLUESKY_IDENTIFIER=["@me.example", "me.example"],
        BLUESKY_PASSWORD=["", BLUESKY["BLUESKY_PASSWORD"]],
        OPENAI_API_KEY=["your-key-here", '"quoted-secret"', ""],
        file=["No!", "nova"],
        schedule__every_hours=["five", "5", "12"],
        time_zone=["Berlin", "Europe/Berlin"],
    )
    init(tmp_path, person)
    (bot,) = load(tmp_path, {}).bots
    assert bluesky_of(bot).identifier == "me.example"
    assert bluesky_of(bot).password == BLUESKY["BLUESKY_PASSWORD"] and bot.generators.openai is None
    assert (bot.name, bot.schedule.every_hours, bot.time_zone) == ("nova", 12, "Europe/Berlin")
    assert len(person.complaints) == 8
    assert not [line for line in person.complaints if "quoted-secret" in line or "@me" in line]


def test_nothing_that_is_there_is_touched(tmp_path: Path) -> None:
    """An existing `.env` (even a link to nowhere) and bot file keep their bytes and modes, and are not asked about."""
    (tmp_path / "data/bots").mkdir(parents=True)
    (tmp_path / ".env").write_text("LOG_LEVEL=DEBUG\n")
    (tmp_path / ".env").chmod(0o644)
    (tmp_path / "data/bots/default.toml").symlink_to("nowhere")
    person = Person()
    said = init(tmp_path, person)
    assert person.asked == [("file", False)]
    assert (tmp_path / ".env").read_text() == "LOG_LEVEL=DEBUG\n"
    assert stat.S_IMODE((tmp_path / ".env").stat().st_mode) == 0o644
    assert not (tmp_path / "data/bots/nowhere").exists()
    assert "as it was" in said[0] and "as it was" in said[1]
    assert "chmod 600" in "".join(said)  # what is still wrong with them is told


def test_nobody_to_ask_is_a_usage_error_and_writes_nothing(tmp_path: Path) -> None:
    """End of input at any question: exit code 2, a remedy, no file."""

    def silent(question: str, secret: bool, default: str) -> str:
        if "time zone" in question.lower():
            raise EOFError
        return default

    with pytest.raises(UsageError) as caught:
        init(tmp_path, silent)
    assert caught.value.exit_code == 2 and ".env.example" in caught.value.remedy
    assert list(tmp_path.iterdir()) == []


def test_it_gives_up_on_answers_that_never_fit(tmp_path: Path) -> None:
    """A script that gives one wrong answer for ever ends, with nothing written."""
    person = Person(file="No!")
    with pytest.raises(UsageError):
        init(tmp_path, person)
    assert len([name for name, _ in person.asked if name == "file"]) == TRIES
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_one_clear_error(tmp_path: Path) -> None:
    """A file where the folder of bots should be."""
    (tmp_path / "data").touch()
    with pytest.raises(TwitterManagerError) as caught:
        init(tmp_path, Person())
    assert "data/bots/default.toml can't be written" in caught.value.message


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
