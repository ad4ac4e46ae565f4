"""Reads small text files without trusting them, and collects what is wrong with what they say."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from twitter_manager.errors import Problem
from twitter_manager.validation import InvalidValue


class Problems(list[Problem]):
    """Collects what is wrong."""

    def note(self, where: str, field: str, invalid: InvalidValue) -> None:
        self.append(Problem(where, field, f"{invalid.message}.", invalid.remedy))


def read_text(path: Path, largest: int, *, private: bool) -> str:
    """A small UTF-8 text file. `private`: only its owner may read or write it, and a link must be ours or root's.

    Never waits on a pipe or device. Raises FileNotFoundError, InvalidValue."""
    try:
        if private and stat.S_ISLNK((link := path.lstat()).st_mode) and link.st_uid not in (0, os.geteuid()):
            raise InvalidValue(
                "is a symbolic link that belongs to another user", "Put a file of your own in its place."
            )
        with open(path, "rb", opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK)) as file:
            facts = os.fstat(file.fileno())
            if not stat.S_ISREG(facts.st_mode):
                raise InvalidValue("is not a regular file", "Put a text file in its place.")
            if private and facts.st_mode & 0o077:
                raise InvalidValue("may be read or changed by other users", f"Run: chmod 600 {path}")
            raw = file.read(largest + 1)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise InvalidValue(f"can't be read ({error.strerror})", "Mend its permissions, or move it away.") from None
    if len(raw) > largest:
        raise InvalidValue(f"is larger than {largest // 1024} kB", "Is it the right file?")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise InvalidValue(f"is not UTF-8 text (line {line})", "Save it as UTF-8.") from None
