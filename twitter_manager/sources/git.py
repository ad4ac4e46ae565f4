"""Asks the program git about a repository: read only, none of its hooks, helpers or pagers, and no network,
whatever the repository's own configuration asks for.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from twitter_manager.errors import SourceError
from twitter_manager.sources import plain

SECONDS = 20
"""For one question to git."""
MOST_OUTPUT = 5 * 1024 * 1024
_SAFE = (
    "core.fsmonitor=false", "core.hooksPath=/dev/null", "protocol.allow=never", "log.showSignature=false",
    "gpg.program=false", "core.pager=cat", "core.alternateRefsCommand=false", "core.attributesFile=/dev/null",
)  # fmt: skip


class Git:
    """Asks git about one repository, that of the folder itself and no folder above it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._has_commits: bool | None = None
        if not self._path.is_dir():
            raise SourceError(f"{self._path} is not there.", "Mend its path in the bot file, or put it back.")
        self("rev-parse", "--git-dir")

    def has_commits(self) -> bool:
        if self._has_commits is None:
            self._has_commits = self.answers("rev-parse", "--verify", "--quiet", "HEAD^{commit}")
        return self._has_commits

    def answers(self, *words: str) -> bool:
        """Whether git ends well when asked this."""
        return self._run(words).returncode == 0

    def __call__(self, *words: str) -> str:
        """What git answers; what is no UTF-8 in it becomes U+FFFD. Raises SourceError."""
        return self._answer(words).decode("utf-8", "replace")

    def file(self, name: str) -> bytes | None:
        """A file as the newest commit has it."""
        if not self.has_commits() or not self.answers("cat-file", "-e", f"HEAD:{name}"):
            return None
        done = self._run(("cat-file", "blob", f"HEAD:{name}"))
        return done.stdout[:MOST_OUTPUT] if done.returncode == 0 else None

    def setting(self, name: str) -> str:
        """What the repository's own configuration says, or ""."""
        done = self._run(("config", "--local", "--get", name))
        return done.stdout[:2000].decode("utf-8", "replace").strip() if done.returncode == 0 else ""

    def _answer(self, words: tuple[str, ...]) -> bytes:
        done = self._run(words)
        if done.returncode:
            raise self._trouble(done.stderr.decode("utf-8", "replace"))
        return done.stdout[:MOST_OUTPUT]

    def _run(self, words: tuple[str, ...]) -> subprocess.CompletedProcess[bytes]:
        safe = [word for setting in _SAFE for word in ("-c", setting)]
        fixed = ("git", "--no-pager", "--no-replace-objects", "--literal-pathspecs", *safe, "-C", str(self._path))
        try:
            return subprocess.run(
                (*fixed, *words), env=_environment(self._path), stdin=subprocess.DEVNULL, capture_output=True,
                timeout=SECONDS, check=False,
            )  # fmt: skip
        except FileNotFoundError:
            raise SourceError("The program git is not there.", "Install git.") from None
        except subprocess.TimeoutExpired:
            raise SourceError(f"{self._path}: git did not answer within {SECONDS} seconds.") from None
        except OSError as error:
            raise SourceError(f"git can't be started ({error.strerror}).") from None

    def _trouble(self, stderr: str) -> SourceError:
        if "dubious ownership" in stderr:
            remedy = f"Run: git config --global --add safe.directory {self._path}"
            return SourceError(f"{self._path} belongs to another user, so git does not read it.", remedy)
        if "not a git repository" in stderr:
            return SourceError(f"{self._path} is no git repository.", 'Give its folder, or say kind = "files".')
        reason = plain.line(stderr, 150)
        return SourceError(f"{self._path}: git can't read it ({reason}).", "Look with: git fsck")


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
        "GIT_ATTR_NOSYSTEM": "1",
    }
