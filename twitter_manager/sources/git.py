"""Asks the program git about a repository: read only, none of its hooks, helpers or pagers, and no network,
whatever the repository's own configuration asks for.
"""

from __future__ import annotations

import os
import selectors
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, NamedTuple

from twitter_manager.errors import SourceError
from twitter_manager.sources import plain
from twitter_manager.sources.limits import die_with_parent

SECONDS = 20
"""For one question to git."""
MOST_OUTPUT = 5 * 1024 * 1024
_SAFE = (
    "core.fsmonitor=false", "core.hooksPath=/dev/null", "protocol.allow=never", "log.showSignature=false",
    "gpg.program=false", "core.pager=cat", "core.alternateRefsCommand=false", "core.attributesFile=/dev/null",
    "core.packedGitWindowSize=32m", "core.packedGitLimit=256m",
)  # fmt: skip


class _Done(NamedTuple):
    """What git said. `code`: 0 where it was cut off for having said enough."""

    code: int
    output: bytes
    complaint: str = ""


class Git:
    """Asks git about one repository, that of the folder itself and no folder above it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._has_commits: bool | None = None
        self._listed: dict[str, frozenset[str]] = {}
        if not self._path.is_dir():
            raise SourceError(f"{self._path} is not there.", "Mend its path in the bot file, or put it back.")
        self._refuse_elsewhere()
        self("rev-parse", "--git-dir")

    def has_commits(self) -> bool:
        if self._has_commits is None:
            self._has_commits = self.answers("rev-parse", "--verify", "--quiet", "HEAD^{commit}")
        return self._has_commits

    def answers(self, *words: str) -> bool:
        """Whether git ends well when asked this."""
        return self._run(words).code == 0

    def __call__(self, *words: str) -> str:
        """What git answers; what is no UTF-8 in it becomes U+FFFD. Raises SourceError."""
        done = self._run(words)
        if done.code:
            raise self._trouble(done.complaint)
        return done.output.decode("utf-8", "replace")

    def file(self, name: str) -> bytes | None:
        """A file as the newest commit has it."""
        if not self._is_there(name):
            return None
        done = self._run(("cat-file", "blob", f"HEAD:{name}"))
        return done.output if done.code == 0 else None

    def _is_there(self, path: str) -> bool:
        """Whether the newest commit has it. Each folder is listed once: callers try many names, most of them in vain,
        and each question to git is a process."""
        folder, _, name = path.rpartition("/")
        if folder not in self._listed:
            is_folder = self._is_there(folder) if folder else self.has_commits()
            done = self._run(("ls-tree", "--name-only", "-z", f"HEAD:{folder}")) if is_folder else _Done(0, b"")
            self._listed[folder] = frozenset(done.output.decode("utf-8", "replace").split("\0"))
        return name in self._listed[folder]

    def setting(self, name: str) -> str:
        """What the repository's own configuration says, or ""."""
        done = self._run(("config", "--local", "--get", name))
        return done.output[:2000].decode("utf-8", "replace").strip() if done.code == 0 else ""

    def _refuse_elsewhere(self) -> None:
        """Refuse a repository whose objects lie outside of its folder: it could show what another one keeps."""
        root = self._path.resolve()
        inner = self._path / ".git" if os.path.lexists(self._path / ".git") else self._path
        is_elsewhere = inner.is_file() or (inner / "commondir").exists()
        try:
            parts = (inner, *(inner / name for name in ("HEAD", "config", "objects", "refs", "packed-refs")))
            is_elsewhere |= any(
                not part.resolve(strict=True).is_relative_to(root) for part in parts if os.path.lexists(part)
            )
        except (OSError, RuntimeError):  # a link that leads to itself, or nowhere
            is_elsewhere = True
        if is_elsewhere:
            message = f"{self._path} is a worktree, a submodule or a link: its .git leads out of it."
            raise SourceError(message, "Give the folder of the repository itself, or a clone of it.")

    def _run(self, words: tuple[str, ...]) -> _Done:
        with TemporaryFile() as complaints, self._started(words, complaints) as process:
            assert process.stdout is not None
            output = self._read(process.stdout)
            if len(output) > MOST_OUTPUT:  # the newest comes first
                return _Done(0, output[:MOST_OUTPUT])
            code = _ended(process)
            complaints.seek(0)
            return _Done(code, output, complaints.read(2000).decode("utf-8", "replace"))

    def _read(self, stream: IO[bytes]) -> bytes:
        """What git says, as far as we want to know it. Raises SourceError."""
        until = time.monotonic() + SECONDS
        output = bytearray()
        with selectors.DefaultSelector() as ready:
            ready.register(stream, selectors.EVENT_READ)
            while len(output) <= MOST_OUTPUT:
                if not ready.select(max(0.0, until - time.monotonic())):
                    raise SourceError(f"{self._path}: git did not answer within {SECONDS} seconds.")
                if not (piece := os.read(stream.fileno(), 1 << 16)):
                    break
                output += piece
        return bytes(output)

    @contextmanager
    def _started(self, words: tuple[str, ...], complaints: IO[bytes]) -> Iterator[subprocess.Popen[bytes]]:
        """Git at work on this, ended in any case."""
        safe = [word for setting in _SAFE for word in ("-c", setting)]
        fixed = ("git", "--no-pager", "--no-replace-objects", "--literal-pathspecs", *safe, "-C", str(self._path))
        try:
            process = subprocess.Popen(
                (*fixed, *words), env=_environment(self._path), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=complaints, preexec_fn=die_with_parent,
            )  # fmt: skip
        except FileNotFoundError:
            raise SourceError("The program git is not there.", "Install git.") from None
        except OSError as error:
            raise SourceError(f"git can't be started ({error.strerror}).") from None
        with process:
            try:
                yield process
            finally:
                process.kill()

    def _trouble(self, stderr: str) -> SourceError:
        if "dubious ownership" in stderr:
            remedy = f"Run: git config --global --add safe.directory {self._path}"
            return SourceError(f"{self._path} belongs to another user, so git does not read it.", remedy)
        if "not a git repository" in stderr:
            return SourceError(f"{self._path} is no git repository.", 'Give its folder, or say kind = "files".')
        reason = plain.line(stderr, 150)
        return SourceError(f"{self._path}: git can't read it ({reason}).", "Look with: git fsck")


def _ended(process: subprocess.Popen[bytes]) -> int:
    try:
        return process.wait(1.0)  # it has said all
    except subprocess.TimeoutExpired:
        return 1


def _environment(path: Path) -> dict[str, str]:
    """What git needs, and nothing that could lead it elsewhere."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "XDG_CONFIG_HOME") if name in os.environ}
    return kept | {
        "LC_ALL": "C.UTF-8",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CEILING_DIRECTORIES": str(path.parent),
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_ALLOW_PROTOCOL": "",  # none: it outweighs whatever a configuration allows
        "GIT_ATTR_NOSYSTEM": "1",
    }
