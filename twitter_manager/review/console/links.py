"""Links that let one person in, once: `/login?token=…`.

A link is a file in the home, named by the token's hash, so that any process of this user can make one for a console
that runs already or that systemd starts at the first request. Whoever deletes the file has used the link.
"""

from __future__ import annotations

import getpass
import json
import os
import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from twitter_manager.files import UnfitFile, make_folder, read_small, replace_file
from twitter_manager.review.console.sessions import digest

LIFETIME = timedelta(minutes=10)
_LARGEST = 1000


@dataclass(frozen=True, slots=True)
class Links:
    """The links of one home, as files in `folder`."""

    folder: Path

    def make(self, now: datetime) -> str:
        """A new token, for the person of this shell. Raises TwitterManagerError, OSError."""
        make_folder(self.folder)
        for path in self.folder.iterdir():
            if (link := _read(path)) and datetime.fromisoformat(link["until"]) < now:
                path.unlink(missing_ok=True)
        token = secrets.token_urlsafe(32)
        content = {"name": login_name(), "until": (now + LIFETIME).isoformat()}
        replace_file(self.folder / digest(token), json.dumps(content))
        return token

    def use(self, token: str, now: datetime) -> str:
        """The name of who may come in; "" for nobody: it was used, is too old, or never was."""
        path = self.folder / digest(token)
        link = _read(path)
        try:
            path.unlink()
        except OSError:  # another was quicker
            return ""
        return link["name"] if link and now <= datetime.fromisoformat(link["until"]) else ""


def login_name() -> str:
    """The name of this shell's user."""
    with suppress(OSError, KeyError):
        return getpass.getuser()
    return f"user {os.geteuid()}"


def _read(path: Path) -> dict[str, str] | None:
    """The link, as it was written; None where there is none."""
    try:
        link = json.loads(read_small(path, _LARGEST, private=True, own=True))
        datetime.fromisoformat(link["until"])
        return {"name": str(link["name"]), "until": str(link["until"])}
    except (FileNotFoundError, UnfitFile, ValueError, TypeError, KeyError, RecursionError):
        return None
