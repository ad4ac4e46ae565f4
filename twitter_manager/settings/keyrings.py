"""Secrets in the system's keyring, for who wants them there (`KEYRING=on`): read and written by a process of their own.

A keyring may be locked and ask somebody who is not there, or hang: the process is ended then. What it is told and what
it says goes through pipes. An entry belongs to the service `twitter_manager`; its user is the variable's name, behind
the bot's and a slash where it is one bot's alone."""

from __future__ import annotations

import json
import sys
from collections.abc import Collection, Mapping
from importlib.util import find_spec
from typing import Any

from twitter_manager.errors import TwitterManagerError
from twitter_manager.validation import InvalidValue

READ_SECONDS, WRITE_SECONDS = 5.0, 60.0
"""For reading nobody may be there; who writes may have to unlock it."""
NO_KEYRING = "cron and servers have none: put the keys into .env, or set KEYRING=off."
_AT_WORK = """
import json, sys
try:
    import keyring
    asked = json.load(sys.stdin)
    for user in asked["delete"]:
        keyring.delete_password("twitter_manager", user)
    for user, secret in asked["write"].items():
        keyring.set_password("twitter_manager", user, secret)
    print(json.dumps({"values": {user: keyring.get_password("twitter_manager", user) for user in asked["read"]}}))
except Exception as error:
    print(json.dumps({"error": type(error).__name__}))
"""
_PLACE = "keyring, "


def user(variable: str, bot: str = "") -> str:
    """What an entry is called."""
    return f"{bot}/{variable}" if bot else variable


def place(user: str) -> str:
    """Where a value from it stands."""
    return f"{_PLACE}{user}"


def user_at(place: str) -> str:
    """The entry of a place; "" where that is none of a keyring."""
    return place.removeprefix(_PLACE) if place.startswith(_PLACE) else ""


def deletion(user: str) -> str:
    """The command that deletes an entry."""
    return f"{sys.executable} -m keyring del twitter_manager {user}"


def read(users: Collection[str]) -> dict[str, str]:
    """The entries that are there. Raises InvalidValue."""
    values = _asked(READ_SECONDS, read=list(users))
    return {name: value for name, value in values.items() if name in users and isinstance(value, str) and value}


def write(secrets: Mapping[str, str]) -> None:
    """Make these entries; an empty one is deleted. Raises TwitterManagerError."""
    kept = {name: secret for name, secret in secrets.items() if secret}
    try:
        if _asked(WRITE_SECONDS, write=kept, delete=[*secrets.keys() - kept.keys()], read=list(kept)) != kept:
            raise InvalidValue("does not keep what is written", NO_KEYRING)
    except InvalidValue as invalid:
        raise TwitterManagerError(f"The keyring {invalid.message}.", invalid.remedy) from None


def _asked(seconds: float, **asked: Any) -> dict[str, Any]:
    import subprocess

    if find_spec("keyring") is None:
        remedy = "Run pip install '.[keyring]' in the program's folder, or set KEYRING=off."
        raise InvalidValue("needs the package keyring, which is not installed", remedy)
    whole = {"read": [], "write": {}, "delete": []} | asked
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-c", _AT_WORK],
            input=json.dumps(whole).encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=seconds,
            start_new_session=True,  # it has no terminal to ask at
            check=False,
        )
        answer = json.loads(done.stdout)
        if "error" not in answer:
            return dict(answer["values"])
    except subprocess.TimeoutExpired:
        raise InvalidValue(
            f"did not answer within {seconds:.0f} seconds: it may be locked", f"Unlock it; {NO_KEYRING}"
        ) from None
    except (ValueError, KeyError, TypeError, RecursionError):
        answer = {"error": "no answer"}
    raise InvalidValue(f"can't be used here ({str(answer['error'])[:60]})", f"Unlock or start one; {NO_KEYRING}")
