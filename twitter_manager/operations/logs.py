"""The log: JSON lines in `logs/twitter_manager.log`, and warnings and worse in `logs/error.log` too.

Every line carries the time (UTC), the run and the bot; every secret is blacked out, by value and by shape, in the
message, its arguments, tracebacks and extra fields. A line that can't be written is counted and never stops the run.
What is worth logging is left to the callers. Only one process writes a file: of these two the run, whose lock comes
first; a program that stays open beside it writes a file of its own name, and a second one of its kind `NAME-2.log`.

A file that is large, or that began a week ago, gets the time into its name (`NAME-20261127T230558Z.log`) and a new one
begins; what becomes of the old ones is `log_archive.py`'s business.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import TextIOWrapper
from itertools import count
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any
from uuid import uuid4

from twitter_manager.errors import TwitterManagerError
from twitter_manager.files import make_folder, open_own
from twitter_manager.redaction import redactor_of

LARGEST = 10 * 1024 * 1024
"""Bytes of one file, before another one begins."""
OLDEST = timedelta(days=7)
"""How long a file is gone on with."""
KEPT = 5
"""So many of the newest older files that are not compressed yet stay when another one begins: a flood fills no disk."""
COMPONENTS: Mapping[str, Sequence[str]] = {
    "content": (
        *("writing", "checks", "sources", "retrieval", "media", "providers"),
        *("pipeline.collect", "pipeline.fill", "pipeline.pool_writer", "pipeline.index", "pipeline.cards"),
        *("pipeline.pictures", "pipeline.outside", "pipeline.outlook", "pipeline.evergreen", "operations.trial"),
    ),
    "social": ("platforms", "delivery", "takedown", "notify", "answers", "operations.presence"),
    "schedule": ("pipeline", "due", "schedule", "moments", "recurrence", "operations.cron", "operations.queue"),
    "database": (
        *("store", "operations.backup", "operations.second_copy", "operations.restore", "operations.recovery"),
        *("operations.maintenance", "operations.pictures", "operations.picture_backups"),
    ),
}
"""Which modules, with all below them, `LOG_LEVEL_CONTENT`, `_SOCIAL`, `_SCHEDULE` and `_DATABASE` are about; of the
names that fit the longest counts. The others have LOG_LEVEL."""
LONGEST = 20_000
"""Characters of one text in a line; the rest is cut."""
_STAMP = "[0-9]" * 8 + "T" + "[0-9]" * 6 + "Z"
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
        super().__init__(path, maxBytes=LARGEST, encoding="ascii")
        began = _first_time(path)
        if began is not None and abs(datetime.now(UTC) - began) > OLDEST:
            self.doRollover()

    def doRollover(self) -> None:
        """Begin another file; where that can't be, go on with this one."""
        if self.stream:
            self.stream.close()
        path = Path(self.baseFilename)
        stem = f"{path.stem}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
        names = (path.with_name(f"{stem}{f'-{number}' if number > 1 else ''}.log") for number in count(1))
        with suppress(OSError):
            path.rename(next(name for name in names if not name.exists()))
            older = sorted(path.parent.glob(f"{path.stem}-{_STAMP}*.log"), key=lambda each: each.stat().st_mtime)
            for each in older[:-KEPT]:
                each.unlink(missing_ok=True)
        self.stream = self._open()

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


def _first_time(path: Path) -> datetime | None:
    """When the first line of a log was written; None where it has none."""
    if not path.is_file():
        return None
    try:
        with path.open("rb") as file:
            found = re.match(rb'\{"time": "([^"]{19,35})"', file.read(60))
        return datetime.fromisoformat(found[1].decode()).astimezone(UTC) if found else None
    except (OSError, ValueError):
        return None


@contextmanager
def set_up(
    folder: Path,
    level: str,
    secrets: Sequence[str],
    context: LogContext,
    name: str = "",
    levels: Mapping[str, str] | None = None,
) -> Iterator[Log]:
    """Send all logging to the files in `folder` until the block ends; nothing goes to stderr. `name`: of a program
    that stays open beside the runs, which has a file of its own. `levels`: of those COMPONENTS that have one of their
    own.

    Libraries are heard from WARNING on, the program from `level` on. Raises TwitterManagerError where the files can't
    be opened. At the end `Log.note` tells of lines that were lost."""
    log = Log()
    handlers = _handlers(folder, log, name)
    formatter = JsonLines(context, redactor_of(tuple(secrets)).redact)
    for handler in handlers:
        handler.setFormatter(formatter)
    root = logging.getLogger()
    wanted = {"": "WARNING", _PROGRAM: level} | _of_modules(levels or {}, level)
    loggers = {logging.getLogger(logger): each for logger, each in wanted.items()}
    handlers_before, loud_before = root.handlers[:], logging.raiseExceptions
    levels_before = [(logger, logger.level) for logger in loggers]
    root.handlers[:] = handlers
    for logger, each in loggers.items():
        logger.setLevel(each)
    logging.raiseExceptions = False
    logging.captureWarnings(True)
    try:
        yield log
    finally:
        logging.captureWarnings(False)
        root.handlers[:], logging.raiseExceptions = handlers_before, loud_before
        for logger, before in levels_before:
            logger.setLevel(before)
        for handler in handlers:
            handler.close()


def _of_modules(levels: Mapping[str, str], other: str) -> dict[str, str]:
    """The levels by logger, where any component has its own. Then every module of the table has one, lest it take that
    of a package of another component."""
    components = COMPONENTS.items() if levels else ()
    given = {module: levels.get(name) or other for name, modules in components for module in modules}
    return {f"{_PROGRAM}.{module}": level for module, level in given.items()}


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
