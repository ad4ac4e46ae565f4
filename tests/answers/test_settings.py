"""The settings of answers: what belongs together, what is refused, and that the password stays out of sight."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.home import Home
from twitter_manager.errors import SettingsProblems
from twitter_manager.settings import Settings, load

MAIL = {
    "IMAP_HOST": "imap.example.org",
    "IMAP_USER": "poster@example.org",
    "IMAP_PASSWORD": "abcd efgh ijkl mnop",
    "ANSWERS_FROM": "Anna@Example.org",
}


def loaded(path: Path, **settings: str) -> Settings:
    return load(Home(path / "home", **settings).path, {})


def problems(path: Path, **settings: str) -> list[str]:
    with pytest.raises(SettingsProblems) as told:
        loaded(path, **settings)
    return [str(problem) for problem in told.value.problems]


def test_a_mailbox_needs_four_settings(tmp_path: Path) -> None:
    """The rest has its usual value; without any there is none."""
    box = loaded(tmp_path, **MAIL).mailbox
    assert box is not None
    assert (box.port, box.security, box.folder, box.server) == (993, "tls", "INBOX", "")
    assert box.address == "anna@example.org" and "abcd" not in repr(box)
    nothing = loaded(tmp_path)
    assert nothing.mailbox is None and not nothing.takes_answers
    assert loaded(tmp_path, ANSWER_TELEGRAM="on").takes_answers


@pytest.mark.parametrize("missing", MAIL)
def test_half_a_mailbox_is_told(tmp_path: Path, missing: str) -> None:
    """The missing name is named."""
    (problem,) = problems(tmp_path, **{name: value for name, value in MAIL.items() if name != missing})
    assert f".env: {missing}" in problem and "abcd" not in problem


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("IMAP_SECURITY", "plain", "this machine only"),
        ("IMAP_SECURITY", "ssl", "must be one of tls, starttls, plain"),
        ("IMAP_HOST", "imaps://imap.example.org", "not the name of a host"),
        ("IMAP_PORT", "70000", "from 1 to 65535"),
        ("ANSWERS_FROM", "anna", "not one mail address"),
        ("ANSWERS_FROM", "anna@example.org, eve@example.org", "not one mail address"),
        ("ANSWER_TELEGRAM", "yes", "must be one of on, off"),
        ("ANSWER_HOURS", "1000", "from 1 to 336"),
        ("TELEGRAM_API_URL", "http://telegram.example.org", "for this machine only"),
    ],
)
def test_what_can_not_be_is_refused_by_name(tmp_path: Path, name: str, value: str, words: str) -> None:
    """One line says which setting, what, and the remedy."""
    (problem,) = problems(tmp_path, **{**MAIL, name: value})
    assert f".env: {name}" in problem and words in problem


def test_a_server_on_this_machine_may_be_plain(tmp_path: Path) -> None:
    """There nobody listens on the line."""
    box = loaded(tmp_path, **{**MAIL, "IMAP_HOST": "localhost", "IMAP_SECURITY": "plain"}).mailbox
    assert box is not None and box.port == 143


def test_the_password_is_a_secret(tmp_path: Path) -> None:
    """It is blacked out wherever it would be told."""
    assert MAIL["IMAP_PASSWORD"] in loaded(tmp_path, **MAIL).secrets
