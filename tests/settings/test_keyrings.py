"""Secrets in the keyring of the desktop: a file of the test stands for it, behind the real library."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.home import Done, Home, bluesky_settings, x_settings
from tests.standins.pds import Account, Pds
from tests.standins.x import XStandIn
from tests.test_auth import contents, everywhere, lines

BACKEND = "tests.settings.keyring_backend.FileKeyring"
NO_BACKEND = "keyring.backends.fail.Keyring"
AT_WORK = """
import os, sys
os.environ["PYTHON_KEYRING_BACKEND"] = os.environ.pop("BACKEND")
from twitter_manager.cli import main
sys.exit(main(sys.argv[1:]))
"""
SECRETS = ("TWITTER_API_KEY", "TWITTER_API_SECRET", "TWITTER_ACCESS_TOKEN", "TWITTER_ACCESS_SECRET")


class Keyring:
    """What the file holds."""

    def __init__(self, path: Path, **entries: str) -> None:
        self.path = path
        path.write_text(json.dumps({f"twitter_manager {user}": secret for user, secret in entries.items()}))

    def __call__(self, home: Home, *words: str, stdin: str = "") -> Done:
        """Run the program beside it."""
        return home(*words, stdin=stdin, code=AT_WORK, BACKEND=BACKEND, KEYRING_FILE=str(self.path))

    @property
    def entries(self) -> dict[str, str]:
        held = json.loads(self.path.read_text())
        return {user.removeprefix("twitter_manager "): secret for user, secret in held.items()}


def test_secrets_come_from_it_where_files_have_none(tmp_path: Path, x: XStandIn) -> None:
    """Empty lines of .env leave room for the keyring; a value of a file holds over it, a bot's own entry over that of
    all; nothing of it reaches an output or the home folder; it posts."""
    settings = x_settings(x)
    keyring = Keyring(tmp_path / "ring", **{name: settings[name] for name in SECRETS[:3]} | {SECRETS[0]: "w" * 25})
    keyring.path.write_text(json.dumps({**json.loads(keyring.path.read_text()),
                                        f"twitter_manager default/{SECRETS[0]}": settings[SECRETS[0]],
                                        f"twitter_manager {SECRETS[3]}": "wrong" * 9}))  # fmt: skip
    empty = dict.fromkeys(SECRETS[:3], "")
    home = Home(tmp_path / "home", KEYRING="on", **{**settings, **empty})
    home.bot("default")
    done = keyring(home, "run", "--force")
    assert done.code == 0 and len(x.posts) == 1, done
    [key] = keyring(home, "auth", "--json").json["keys"]
    assert key["result"] == "ok"
    assert key["places"][0] == f"keyring, default/{SECRETS[0]}" and ".env" in key["places"]
    assert not [name for name in SECRETS[:3] if settings[name] in everywhere(home, done.out, done.err)]


@pytest.mark.parametrize(
    ("state", "backend", "words"),
    [
        ("none", NO_BACKEND, "NoKeyringError"),
        ("locked", BACKEND, "KeyringLocked"),
        ("hangs", BACKEND, "did not answer within 5 seconds"),
    ],
)
def test_a_keyring_that_does_not_answer(tmp_path: Path, state: str, backend: str, words: str) -> None:
    """None at all, as under cron, one that is locked, one that hangs: one line with the remedy, exit code 78."""
    ring = tmp_path / "ring"
    if state == "locked":
        ring.write_text("")
    home = Home(tmp_path / "home", KEYRING="on", BLUESKY_IDENTIFIER="club.example.org")
    done = home("run", code=AT_WORK, BACKEND=backend, KEYRING_FILE=str(ring))
    assert done.code == 78 and words in done.err and "put the keys into .env" in done.err, done
    assert done.err.count("\n") == 1


def test_keys_are_moved_there_and_rotated_there(tmp_path: Path, pds: Pds, account: Account) -> None:
    """--keyring takes the password out of .env, where another one goes later by itself; a failure leaves both as they
    were; nothing of the old one is left."""
    keyring = Keyring(tmp_path / "ring")
    home = Home(tmp_path / "home", **bluesky_settings(pds, account))
    rotate = ("auth", "rotate", "bluesky", "--keys-stdin")
    same = lines(BLUESKY_PASSWORD=account.password)
    off = keyring(home, *rotate, "--keyring", stdin=same)
    assert off.code == 2 and "KEYRING=on" in off.err
    home.settings(GENERATORS="excerpt", **bluesky_settings(pds, account), KEYRING="on")
    assert keyring(home, *rotate, "--keyring", stdin=same).code == 0
    assert keyring.entries == {"BLUESKY_PASSWORD": account.password}
    assert "BLUESKY_PASSWORD=\n" in (home.path / ".env").read_text() and account.password not in everywhere(home)
    before = contents(home)
    wrong = keyring(home, *rotate, stdin=lines(BLUESKY_PASSWORD="not-the-password"))
    assert wrong.code == 2 and keyring.entries == {"BLUESKY_PASSWORD": account.password} and contents(home) == before
    pds.set_password(account, "new-password-8812")
    new = keyring(home, *rotate, stdin=lines(BLUESKY_PASSWORD="new-password-8812"))
    assert new.code == 0 and keyring.entries == {"BLUESKY_PASSWORD": "new-password-8812"}, new
    assert keyring(home, "run", "--force").code == 0 and len(pds.records(account)) == 1
    assert "new-password-8812" not in everywhere(home)


def test_the_library_is_named_where_it_is_missing(tmp_path: Path) -> None:
    """KEYRING=on without the package: what to install."""
    home = Home(tmp_path / "home", KEYRING="on")
    code = (
        "import sys; from twitter_manager.settings import keyrings; keyrings.find_spec = {'keyring': None}.get;"
        " from twitter_manager.cli import main; sys.exit(main(sys.argv[1:]))"
    )
    done = home("status", code=code)
    assert done.code == 78 and "[keyring]" in done.err, done


def test_uninstall_names_its_entries_and_how_to_delete_them(tmp_path: Path) -> None:
    """Each entry that is there, with the command that deletes it, which does; and that there are some where the keyring
    can't be asked. No secret is shown."""
    names = ("BLUESKY_PASSWORD", "default/BLUESKY_PASSWORD")
    keyring = Keyring(tmp_path / "ring", **dict.fromkeys(names, "abcd-efgh-ijkl-mnop"))
    home = Home(tmp_path / "home", KEYRING="on", BLUESKY_IDENTIFIER="club.example.org")
    done = keyring(home, "uninstall", "--json")
    assert done.code == 0 and done.json["problems"] == [] and "abcd" not in done.out
    commands = [step["how"] for step in done.json["steps"] if "keyring" in step["what"]]
    assert [command.split()[-1] for command in commands] == list(names)
    environment = home.environment(PYTHON_KEYRING_BACKEND=BACKEND, KEYRING_FILE=str(keyring.path))
    for command in commands:
        subprocess.run(command.split(), check=True, env=environment)
    assert keyring.entries == {}
    away = home("uninstall", code=AT_WORK, BACKEND=NO_BACKEND)
    assert away.code == 0 and "keyring del twitter_manager NAME" in away.out and "could not be read" in away.out
    assert "nothing anywhere else" not in away.out
