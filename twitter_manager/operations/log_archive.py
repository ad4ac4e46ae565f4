"""Old log files: compressed (`NAME-20261127T230558Z.log.gz`), and deleted after a while. Nothing here reads one again.

Files of other names in the folder, such as one that cron's output goes to, are a person's own.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from twitter_manager.domain import TimeLeft

MOST_BYTES = 100_000_000
"""Of all old files together; the oldest go first."""
IDLE = timedelta(hours=1)
"""A file that was written to since then may still be open in another process."""
_NAMES = r"(?:twitter_manager|error|(?:console|mcp)(?:-\d)?)"
_OLD = re.compile(rf"{_NAMES}-\d{{8}}T\d{{6}}Z(?:-\d+)?\.log(?:\.gz)?")
_NUMBERED = re.compile(rf"({_NAMES})\.log\.\d+")
"""As the program named them before 0.5."""
_IDLE_PROGRAM = re.compile(r"(?:console|mcp)(?:-\d)?\.log")
_UNFINISHED = re.compile(rf"\.{_NAMES}-.*\.gz\.tmp")


@dataclass(slots=True)
class Archived:
    """What was done."""

    compressed: int = 0
    deleted: int = 0
    bytes: int = 0
    is_finished: bool = True


def archive(folder: Path, now: datetime, left: TimeLeft, days: int) -> Archived:
    """Compress what is not compressed yet, and delete what is older than so many days or too much. Raises OSError."""
    done = Archived()
    for path in sorted(folder.iterdir()):
        if left() <= 0:
            done.is_finished = False
            return done
        if _UNFINISHED.fullmatch(path.name):  # by a process that was killed: whoever compresses holds the lock
            path.unlink(missing_ok=True)
        elif _is_done(path, now):
            done.bytes += _compress(path)
            done.compressed += 1
    for path in _to_delete(folder, now - timedelta(days=days)):
        done.bytes += path.stat().st_size
        path.unlink()
        done.deleted += 1
    return done


def _is_done(path: Path, now: datetime) -> bool:
    is_old = (_OLD.fullmatch(path.name) and path.suffix != ".gz") or _NUMBERED.fullmatch(path.name)
    return bool(is_old) and _is_ours(path) and _written(path) < now - IDLE


def _is_ours(path: Path) -> bool:
    """A file and no link, pipe or folder: to open a pipe would hang."""
    return path.is_file() and not path.is_symlink()


def _written(path: Path) -> datetime:
    return datetime.fromtimestamp(path.lstat().st_mtime, UTC)


def _compress(path: Path) -> int:
    """Gives how many bytes it saves. A process that is killed leaves the old file, the new one, or both: then it is
    done again."""
    import gzip

    facts = path.stat()
    stem = path.name.removesuffix(".log")
    if numbered := _NUMBERED.fullmatch(path.name):
        stem = f"{numbered[1]}-{_written(path):%Y%m%dT%H%M%SZ}-{path.suffix[1:]}"
    target = path.with_name(f"{stem}.log.gz")
    temporary = path.with_name(f".{target.name}.tmp")
    temporary.unlink(missing_ok=True)
    with (
        path.open("rb") as source,
        open(temporary, "xb", opener=lambda name, flags: os.open(name, flags | os.O_CLOEXEC, 0o600)) as file,
    ):
        with gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0) as packed:
            shutil.copyfileobj(source, packed, 2**20)
        file.flush()
        os.fsync(file.fileno())
    os.utime(temporary, (facts.st_mtime, facts.st_mtime))  # its age is that of its last line
    temporary.replace(target)
    path.unlink()
    return facts.st_size - target.stat().st_size


def _to_delete(folder: Path, before: datetime) -> Iterator[Path]:
    total = 0
    files = [path for path in folder.iterdir() if _is_ours(path)]
    old = [path for path in files if _OLD.fullmatch(path.name) or _NUMBERED.fullmatch(path.name)]
    for path in sorted(old, key=_written, reverse=True):
        total += path.lstat().st_size
        if _written(path) < before or total > MOST_BYTES:
            yield path
    for path in files:
        if _IDLE_PROGRAM.fullmatch(path.name) and _written(path) < before and not _is_open(path):
            yield path


def _is_open(path: Path) -> bool:
    """Whether the program that writes it is open."""
    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False
