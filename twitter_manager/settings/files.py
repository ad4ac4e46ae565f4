"""Reads small text files without trusting them, and collects what is wrong with what they say."""

from __future__ import annotations

from pathlib import Path

from twitter_manager.errors import Problem
from twitter_manager.files import UnfitFile, read_small
from twitter_manager.validation import InvalidValue


class Problems(list[Problem]):
    """Collects what is wrong."""

    def note(self, where: str, field: str, invalid: InvalidValue) -> None:
        self.append(Problem(where, field, f"{invalid.message}.", invalid.remedy))


def read_text(path: Path, largest: int, *, private: bool) -> str:
    """A small UTF-8 text file; see `read_small`. Raises FileNotFoundError, InvalidValue."""
    try:
        content = read_small(path, largest, private=private)
        return content.decode("utf-8-sig")
    except UnfitFile as unfit:
        raise InvalidValue(unfit.message, unfit.remedy) from None
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InvalidValue(f"is not UTF-8 text (line {line})", "Save it as UTF-8.") from None
