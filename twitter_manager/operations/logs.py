"""The log: JSON lines in `logs/twitter_manager.log`, and warnings and worse in `logs/error.log` too.

Every line carries the time (UTC), the run and the bot; every secret is blacked out, by value and by shape, in the
message, its arguments, tracebacks and extra fields. A line that can't be written is counted and never stops the run.
What is worth logging is left to the callers. Only one process writes a file: of these two the run, whose lock comes
first; a program that stays open beside it writes a file of its own name, and a second one of its kind `NAME-2.log`.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any
from uuid import uuid4

from twitter_manager.errors import TwitterManagerError
from twitter_manager.files import make_folder, open_own
from twitter_manager.redaction import Redactor

LARGEST = 10 * 1024 * 1024
"""Bytes of one file, before it becomes `.1`."""
KEPT = 5
"""Older files beside the current one."""
LONGEST = 20_000
"""Characters of one text in a line; the rest is cut."""
_DEEPEST = 6
_MOST_ALIKE = 9
"""Programs of one kind that may be open at once."""
_PROGRAM = "twitter_manager"
_STANDARD = frozenset(logging.LogRecord("", 0, "", 0, "", (), None).__dict__) | {"message", "asctime"}


@dataclass(slots=True)
class LogContext:
    """What every line is about, changed as the work goes on."""

    run_id: int | None = None
    bot: str = ""
    trace: str = field(default_factory=lambda: uuid4().hex)
    """Of this start of the program: 32 hex digits, as OpenTelemetry wants them."""


@dataclass(slots=True)
class Log:
    """The open log."""

    lost: int = 0
    """Lines that could not be written."""
    reason: str = ""
    """Why the last of them could not."""

    @property
    def note(self) -> str:
        """One line for stderr when lines were lost, else nothing."""
        return f"{self.lost} log lines could not be written ({self.reason})." if self.lost else ""

    def count(self, error: BaseException | None) -> None:
        """Take note of a line that could not be written."""
        self.lost += 1
        self.reason = getattr(error, "strerror", None) or type(error).__name__


class JsonLines(logging.Formatter):
    """One record, one line of JSON in ASCII: no control character reaches a terminal that shows the file."""

    def __init__(self, context: LogContext, redact: Callable[[str], str]) -> None:
        super().__init__()
        self._context = context
        self._redact = redact

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "run": self._context.run_id,
            "bot": self._context.bot,
            "trace": self._context.trace,
            "logger": record.name,
            "message": self._clean(_message(record)),
        }
        if record.exc_info and record.exc_info[0] is not None:
            line["exception"] = self._clean(self.formatException(record.exc_info))
        if record.stack_info:
            line["stack"] = self._clean(record.stack_info)
        for name, value in record.__dict__.items():
            if name not in _STANDARD:
                line.setdefault(self._clean(name), self._plain(value))
        return json.dumps(line)

    def _clean(self, text: str) -> str:
        text = self._redact(text)
        return text if len(text) <= LONGEST else f"{text[:LONGEST]}… ({len(text) - LONGEST} more characters)"

    def _plain(self, value: object, depth: int = 0) -> object:
        """The value as JSON takes it, each text in it cleaned."""
        if value is None or isinstance(value, bool | int) or (isinstance(value, float) and value - value == 0):
            return value
        if depth < _DEEPEST and isinstance(value, dict):
            return {self._clean(str(name)): self._plain(entry, depth + 1) for name, entry in value.items()}
        if depth < _DEEPEST and isinstance(value, list | tuple | set | frozenset):
            return [self._plain(entry, depth + 1) for entry in value]
        return self._clean(str(value))


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except (TypeError, ValueError, KeyError):  # arguments that don't fit must not cost the line
        return f"{record.msg} {record.args!r}"


class _File(RotatingFileHandler):
    """A rotating file that only its owner may read, from its first byte on. `alone`: no other process may have it."""

    def __init__(self, path: Path, log: Log, *, alone: bool = False) -> None:
        self._log = log
        self._alone = alone
        super().__init__(path, maxBytes=LARGEST, backupCount=KEPT, encoding="ascii")

    def _open(self) -> TextIOWrapper:
        stream = open(  # noqa: SIM115 - the handler closes it
            self.baseFilename, "a", encoding=self.encoding, opener=lambda name, flags: open_own(Path(name), flags)
        )
        if os.fstat(stream.fileno()).st_mode & 0o077:
            with suppress(OSError):  # another user's file: what they share is their choice
                os.fchmod(stream.fileno(), 0o600)
        if self._alone:
            try:
                fcntl.flock(stream.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                stream.close()
                raise
        return stream

    def handleError(self, record: logging.LogRecord) -> None:
        import sys

        self._log.count(sys.exc_info()[1])

    def close(self) -> None:
        with suppress(OSError):  # a full disk; what is still in the buffer was counted when it could not be written
            super().close()


@contextmanager
def set_up(folder: Path, level: str, secrets: Sequence[str], context: LogContext, name: str = "") -> Iterator[Log]:
    """Send all logging to the files in `folder` until the block ends; nothing goes to stderr. `name`: of a program
    that stays open beside the runs, which has a file of its own.

    Libraries are heard from WARNING on, the program from `level` on. Raises TwitterManagerError where the files can't
    be opened. At the end `Log.note` tells of lines that were lost."""
    log = Log()
    handlers = _handlers(folder, log, name)
    formatter = JsonLines(context, Redactor(secrets).redact)
    for handler in handlers:
        handler.setFormatter(formatter)
    root, ours = logging.getLogger(), logging.getLogger(_PROGRAM)
    handlers_before, levels_before, loud_before = root.handlers[:], (root.level, ours.level), logging.raiseExceptions
    root.handlers[:] = handlers
    root.setLevel(logging.WARNING)
    ours.setLevel(level)
    logging.raiseExceptions = False
    logging.captureWarnings(True)
    try:
        yield log
    finally:
        logging.captureWarnings(False)
        root.handlers[:], logging.raiseExceptions = handlers_before, loud_before
        root.setLevel(levels_before[0])
        ours.setLevel(levels_before[1])
        for handler in handlers:
            handler.close()


def _handlers(folder: Path, log: Log, name: str) -> list[logging.Handler]:
    handlers: list[logging.Handler] = []
    try:
        make_folder(folder)
        if name:
            return [_own_file(folder, log, name)]
        for file, level in (("twitter_manager.log", logging.NOTSET), ("error.log", logging.WARNING)):
            handlers.append(_File(folder / file, log))
            handlers[-1].setLevel(level)
    except (OSError, TwitterManagerError) as error:
        for handler in handlers:
            handler.close()
        if isinstance(error, TwitterManagerError):
            raise
        message = f"The log in {folder} can't be written ({error.strerror})."
        raise TwitterManagerError(message, f"Make {folder} writable for this user.") from None
    return handlers


def _own_file(folder: Path, log: Log, name: str) -> logging.Handler:
    """The first file of this name that no other process writes."""
    for number in range(1, _MOST_ALIKE + 1):
        with suppress(BlockingIOError):
            return _File(folder / (f"{name}.log" if number == 1 else f"{name}-{number}.log"), log, alone=True)
    raise TwitterManagerError(f"{_MOST_ALIKE} programs write {name} logs already.", "End some of them.")
