"""A user's systemd timer that starts the runs of one home, in the place of a line in the crontab.

Its minutes are in UTC, so no zone matters. What was missed while the machine was off is started once when it is back.
Paths are quoted as systemd.syntax(7) asks: `%` doubled, the rest within double quotes with C's escapes.
"""

from __future__ import annotations

import getpass
import hashlib
import os
import re
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path

from twitter_manager.errors import TwitterManagerError
from twitter_manager.operations.cron import crontab, service
from twitter_manager.operations.cron.start_times import Starts, hourly

_LINGER = Path("/var/lib/systemd/linger")
_CALENDAR = re.compile(r"^OnCalendar=\*-\*-\* \*:([0-9,]+):00 UTC$", re.MULTILINE)
_UNFIT = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Timer:
    """The two files of a home's timer."""

    name: str
    """The same for a home at each installation, and no other home's."""
    folder: Path

    @classmethod
    def of(cls, home: Path) -> Timer:
        digest = hashlib.sha256(os.fsencode(home)).hexdigest()[:8]
        base = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
        return cls(f"twitter-manager-{digest}", Path(base) / "systemd" / "user")

    @property
    def unit(self) -> str:
        return f"{self.name}.timer"

    @property
    def files(self) -> tuple[Path, Path]:
        return self.folder / self.unit, self.folder / f"{self.name}.service"

    def starts(self) -> Starts | None:
        """When it starts a run; None where there is no such timer."""
        try:
            found = _CALENDAR.search(self.files[0].read_text())
        except (OSError, ValueError):
            return None
        return hourly(map(int, found[1].split(",")), UTC) if found else None

    def install(self, home: Path, minutes: Iterable[int]) -> bool:
        """Write the files and switch the timer on; gives whether anything changed. Raises TwitterManagerError."""
        contents = (_timer(home, minutes), _service(home))
        is_new = [path.read_text() if path.exists() else None for path in self.files] != list(contents)
        if is_new:
            self.folder.mkdir(parents=True, exist_ok=True)
            for path, content in zip(self.files, contents, strict=True):
                path.write_text(content)
        try:
            _systemctl("daemon-reload")
            _systemctl("enable", "--now", self.unit)
            if is_new:
                _systemctl("restart", self.unit)  # else it goes on by the times that it knew
        except TwitterManagerError:
            self._delete()
            raise
        return is_new

    def uninstall(self) -> bool:
        """Switch the timer off and delete its files; gives whether there was one. Raises TwitterManagerError."""
        if not any(path.exists() for path in self.files):
            return False
        _systemctl("disable", "--now", self.unit)
        self._delete()
        _systemctl("daemon-reload")
        return True

    def _delete(self) -> None:
        for path in self.files:
            path.unlink(missing_ok=True)


def notes() -> list[str]:
    """What else a person must know."""
    user = getpass.getuser()
    linger = f"Allow runs while you are logged out: sudo loginctl enable-linger {user}"
    lines = ["systemd sends no mail: a run that failed is in journalctl --user, and in status."]
    return lines if (_LINGER / user).exists() else [linger, *lines]


def _timer(home: Path, minutes: Iterable[int]) -> str:
    when = ",".join(f"{minute:02}" for minute in sorted(minutes))
    return (
        f"[Unit]\nDescription=Starts the runs of twitter_manager in {raw(home)}\n\n"
        f"[Timer]\nOnCalendar=*-*-* *:{when}:00 UTC\nAccuracySec=1s\nPersistent=true\n\n"
        "[Install]\nWantedBy=timers.target\n"
    )


def _service(home: Path) -> str:
    """75 is no failure: another run is at work."""
    _, environment, *words = crontab.command(home)
    return (
        f"[Unit]\nDescription=A run of twitter_manager in {raw(home)}\n\n"
        f"[Service]\nType=oneshot\nSuccessExitStatus=75\nWorkingDirectory={raw(crontab.folder(home))}\n"
        f"Environment={quoted(environment)}\n"
        f"ExecStart={' '.join(quoted(word).replace('$', '$$') for word in words)}\n"
    )


def raw(path: Path | str) -> str:
    """As a unit file holds it where no quotes are taken. Raises TwitterManagerError."""
    if _UNFIT.search(str(path)):
        raise TwitterManagerError(f"{str(path)!a} holds a character that no unit file can hold.", "Move the folder.")
    return str(path).replace("%", "%%")


def quoted(word: str) -> str:
    """A word of a command in a unit file. Raises TwitterManagerError."""
    return '"' + raw(word).replace("\\", "\\\\").replace('"', '\\"') + '"'


def _systemctl(*words: str) -> None:
    try:
        done = subprocess.run(["systemctl", "--user", *words], capture_output=True, text=True, timeout=60, check=False)
    except FileNotFoundError:
        raise TwitterManagerError("There is no systemd here.", service.other_ways()) from None
    except (OSError, subprocess.TimeoutExpired) as error:
        raise TwitterManagerError(f"systemctl can't be used ({type(error).__name__}).") from error
    if done.returncode:
        said = " ".join(done.stderr.split())[:300].rstrip(".")
        remedy = "Try it logged in as this user, or use install-cron without --systemd."
        raise TwitterManagerError(f"systemctl --user {words[0]} failed: {said}.", remedy)
