"""Secrets in the keyring of the desktop: a file of the test stands for it, behind the real library."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.home import ROOT, Home, RealHome, bluesky_settings, x_settings
from tests.standins.pds import Account, Pds
from tests.standins.x import XStandIn
from tests.test_auth import contents, everywhere, lines

BACKEND = {"PYTHON_KEYRING_BACKEND": "tests.settings.keyring_backend.FileKeyring", "PYTHONPATH": str(ROOT)}
SECRETS = ("TWITTER_API_KEY", "TWITTER_API_SECRET", "TWITTER_ACCESS_TOKEN", "TWITTER_ACCESS_SECRET")


class Keyring:
    """What the file holds."""

    def __init__(self, path: Path, **entries: str) -> None:
        self.path = path
        self.environment = {**BACKEND, "KEYRING_FILE": str(path)}
        path.write_text(json.dumps({f"twitter_manager {user}": secret for user, secret in entries.items()}))

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
    done = home("run", "--force", **keyring.environment)
    assert done.code == 0 and len(x.posts) == 1, done
    [key] = home("auth", "--json", **keyring.environment).json["keys"]
    assert key["result"] == "ok"
    assert key["places"][0] == f"keyring, default/{SECRETS[0]}" and ".env" in key["places"]
    assert not [name for name in SECRETS[:3] if settings[name] in everywhere(home, done.out, done.err)]


@pytest.mark.parametrize(
    ("state", "environment", "words"),
    [
        ("none", {"PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}, "NoKeyringError"),
        ("locked", BACKEND, "KeyringLocked"),
        ("hangs", BACKEND, "did not answer within 5 seconds"),
    ],
)
def test_a_keyring_that_does_not_answer(tmp_path: Path, state: str, environment: dict[str, str], words: str) -> None:
    """None at all, as under cron, one that is locked, one that hangs: one line with the remedy, exit code 78."""
    ring = tmp_path / "ring"
    if state == "locked":
        ring.write_text("")
    home = Home(tmp_path / "home", KEYRING="on", BLUESKY_IDENTIFIER="club.example.org")
    done = home("run", **environment, KEYRING_FILE=str(ring))
    assert done.code == 78 and words in done.err and "put the keys into .env" in done.err, done
    assert done.err.count("\n") == 1


def test_keys_are_moved_there_and_rotated_there(tmp_path: Path, pds: Pds, account: Account) -> None:
    """--keyring takes the password out of .env, where another one goes later by itself; a failure leaves both as they
    were; nothing of the old one is left."""
    keyring = Keyring(tmp_path / "ring")
    home = Home(tmp_path / "home", **bluesky_settings(pds, account))
    rotate = ("auth", "rotate", "bluesky", "--keys-stdin")
    same = lines(BLUESKY_PASSWORD=account.password)
    off = home(*rotate, "--keyring", stdin=same, **keyring.environment)
    assert off.code == 2 and "KEYRING=on" in off.err
    home.settings(**bluesky_settings(pds, account), KEYRING="on")
    assert home(*rotate, "--keyring", stdin=same, **keyring.environment).code == 0
    assert keyring.entries == {"BLUESKY_PASSWORD": account.password}
    assert "BLUESKY_PASSWORD=\n" in (home.path / ".env").read_text() and account.password not in everywhere(home)
    before = contents(home)
    wrong = home(*rotate, stdin=lines(BLUESKY_PASSWORD="not-the-password"), **keyring.environment)
    assert wrong.code == 2 and keyring.entries == {"BLUESKY_PASSWORD": account.password} and contents(home) == before
    pds.set_password(account, "new-password-8812")
    new = home(*rotate, stdin=lines(BLUESKY_PASSWORD="new-password-8812"), **keyring.environment)
    assert new.code == 0 and keyring.entries == {"BLUESKY_PASSWORD": "new-password-8812"}, new
    assert home("run", "--force", **keyring.environment).code == 0 and len(pds.records(account)) == 1
    assert "new-password-8812" not in everywhere(home)


def test_the_library_is_named_where_it_is_missing(tmp_path: Path) -> None:
    """KEYRING=on without the package: what to install."""
    home = RealHome(tmp_path / "home", KEYRING="on")
    code = (
        "import sys; from importlib import util; real = util.find_spec;"
        " util.find_spec = lambda name, *more: None if name == 'keyring' else real(name, *more);"
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
    done = home("uninstall", "--json", **keyring.environment)
    assert done.code == 0 and done.json["problems"] == [] and "abcd" not in done.out
    commands = [step["how"] for step in done.json["steps"] if "keyring" in step["what"]]
    assert [command.split()[-1] for command in commands] == list(names)
    for command in commands:
        subprocess.run(command.split(), check=True, env={**os.environ, **keyring.environment})
    assert keyring.entries == {}
    away = home("uninstall", PYTHON_KEYRING_BACKEND="keyring.backends.fail.Keyring")
    assert away.code == 0 and "keyring del twitter_manager NAME" in away.out and "could not be read" in away.out
    assert "nothing anywhere else" not in away.out
