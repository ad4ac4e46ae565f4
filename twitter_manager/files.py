"""Files and folders of this user alone: no link of another's is followed, no pipe is waited on, no file half written.

Where others may write into a folder they can plant a link there, and what the program writes would go where it points.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from twitter_manager.errors import TwitterManagerError

FULL_DISK = 50_000_000
"""Bytes free: below this not all can be written that a run must write."""


class UnfitFile(Exception):
    """A file that is not read: what is wrong with it, and what to do."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy


def read_small(path: Path, largest: int, *, private: bool = False, own: bool = False) -> bytes:
    """A file of at most `largest` bytes. Never waits on a pipe or device.

    `private`: only its owner may read or write it, and a link must be ours or root's. `own`: it is this user's and no
    link. Raises FileNotFoundError, UnfitFile."""
    try:
        if private and stat.S_ISLNK((link := path.lstat()).st_mode) and link.st_uid not in (0, os.geteuid()):
            raise UnfitFile("is a symbolic link that belongs to another user", "Put a file of your own in its place.")
        with open(path, "rb", opener=lambda name, flags: _open(name, flags | own * os.O_NOFOLLOW)) as file:
            facts = os.fstat(file.fileno())
            if not stat.S_ISREG(facts.st_mode):
                raise UnfitFile("is not a regular file", "Put a text file in its place.")
            if private and facts.st_mode & 0o077:
                raise UnfitFile("may be read or changed by other users", f"Run: chmod 600 {path}")
            if own and facts.st_uid != os.geteuid():
                raise UnfitFile("belongs to another user", "Remove it.")
            content = file.read(largest + 1)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise UnfitFile(f"can't be read ({error.strerror})", "Mend its permissions, or move it away.") from None
    if len(content) > largest:
        raise UnfitFile(f"is larger than {largest // 1024} kB", "Is it the right file?")
    return content


def parsed(content: bytes | str) -> Any:
    """A file's JSON. Raises ValueError, also where it nests so deep that Python's reader gives up."""
    import json

    try:
        return json.loads(content)
    except RecursionError:
        raise ValueError("nests too deep") from None


def replace_file(path: Path, text: str, mode: int = 0o600) -> None:
    """Replace a file in one step, or not at all; its folder is made where there is none. Raises OSError."""
    replace_bytes(path, text.encode(), mode)


def replace_bytes(path: Path, content: bytes, mode: int = 0o600) -> None:
    """The same with bytes."""
    import tempfile

    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)  # 0600
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(handle)
            os.fchmod(handle, mode)
        Path(temporary).replace(path)
    finally:
        Path(temporary).unlink(missing_ok=True)


def make_folder(folder: Path) -> None:
    """Make a folder (mode 0700) that may be there. Raises TwitterManagerError, also for a link that others may have
    planted."""
    refuse_planted(folder)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        in_the_way = isinstance(error, FileExistsError | NotADirectoryError)
        remedy = "Move away the file that is in its place." if in_the_way else "Make it, writable for this user."
        raise TwitterManagerError(f"{folder} can't be made ({error.strerror}).", remedy) from error


def open_own(path: Path, flags: int) -> int:
    """Open a file of the program's own, made with mode 0600. A pipe is refused, for opening or filling it hangs. Raises
    OSError, TwitterManagerError."""
    refuse_planted(path)
    if path.is_fifo():
        raise TwitterManagerError(f"{path} is a pipe, which would hang the run.", "Remove it.")
    return _open(path, flags)


def _open(path: str | Path, flags: int) -> int:
    return os.open(path, flags | os.O_NONBLOCK | os.O_CLOEXEC, 0o600)


def refuse_planted(path: Path) -> None:
    """Raises TwitterManagerError for a link that is another user's, or stands where others may write."""
    try:
        facts = path.lstat()
    except OSError:
        return  # whoever uses it meets the same
    if stat.S_ISLNK(facts.st_mode) and (facts.st_uid not in (0, os.geteuid()) or others_may_write(path.parent)):
        remedy = f"Look who made it; remove it, and run chmod go-w {path.parent}"
        raise TwitterManagerError(f"{path} is a link that another user may have put there.", remedy)


def is_folder(path: Path) -> bool:
    """Whether a folder is there, and no link that another user may have put in its place."""
    try:
        refuse_planted(path)
    except TwitterManagerError:
        return False
    return path.is_dir()


def others_may_write(folder: Path) -> bool:
    """Whether other users may make files there: everybody, or a group that is not this user's own."""
    try:
        facts = folder.stat()
    except OSError:
        return False
    return bool(facts.st_mode & 0o002 or (facts.st_mode & 0o020 and not _is_own_group(facts.st_gid)))


def _is_own_group(group_id: int) -> bool:
    """Many systems give each user a group of the same name, and let it write by default; nobody else is in it."""
    import grp
    import pwd

    try:
        group, user = grp.getgrgid(group_id), pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return False
    return group.gr_name == user and set(group.gr_mem) <= {user}


def exposed(*folders: Path) -> Iterator[str]:
    """A line for each folder where others may write, and with it change or redirect what the program keeps."""
    for folder in folders:
        if others_may_write(folder):
            yield f"{folder} can be written by other users; run: chmod go-w {folder}"


def refuse_planted_in(home: Path, *folders: Path) -> None:
    """No link stands in a folder where others may write; in `home`, none in the place of what the program keeps.
    Raises TwitterManagerError."""
    for name in (".env", "data", "logs"):
        refuse_planted(home / name)
    for folder in folders:
        if others_may_write(folder):
            for path in folder.iterdir():
                refuse_planted(path)
