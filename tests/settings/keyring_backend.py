"""A keyring in a file, for PYTHON_KEYRING_BACKEND: `KEYRING_FILE` names it. Locked while the file holds no JSON; hangs
while it is missing."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked


class FileKeyring(KeyringBackend):
    """By service and user."""

    priority = 1.0  # type: ignore[assignment]

    @property
    def _path(self) -> Path:
        return Path(os.environ["KEYRING_FILE"])

    def _all(self) -> dict[str, str]:
        if not self._path.exists():
            time.sleep(600)
        try:
            held: dict[str, str] = json.loads(self._path.read_text())
        except ValueError:
            raise KeyringLocked from None
        return held

    def get_password(self, service: str, username: str) -> str | None:
        return self._all().get(f"{service} {username}")

    def set_password(self, service: str, username: str, password: str) -> None:
        self._path.write_text(json.dumps(self._all() | {f"{service} {username}": password}))

    def delete_password(self, service: str, username: str) -> None:
        self._path.write_text(json.dumps({k: v for k, v in self._all().items() if k != f"{service} {username}"}))
