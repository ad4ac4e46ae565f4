"""The user's crontab: reads it, finds and replaces the line of one home, and leaves every other byte as it is.

The line ends in a comment that names its home, by which it is found again; so several homes each have their own.
cron gives what follows its five fields to a shell, but takes `%` for a line break first, and some crons take a
backslash for something of their own: a path with one is refused, and so is what no line can hold.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import sysconfig
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, tzinfo
from pathlib import Path

import twitter_manager
from twitter_manager import schedule
from twitter_manager.errors import TwitterManagerError
from twitter_manager.operations.cron import service, start_times

MARK = "# twitter_manager: "
LONGEST = 990
"""Characters of a line; some crons take no more than 1,000."""
NAMES = ("twitter_manager", "twitter-manager")
_VARIABLE = re.compile(r"""\s*(?:"(\w+)"|'(\w+)'|(\w+))\s*=\s*(.*?)\s*""")
_UNFIT = re.compile("[\x00-\x1f\x7f\\\\\ud800-\udfff]")
_EMPTY = ("no crontab", "no such file")
"""What the crontab commands say where there is none; anything else is trouble."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A line that starts this program."""

    line: str
    fields: tuple[str, ...]
    """When: five, or one such as `@daily`."""


@dataclass(frozen=True, slots=True)
class Crontab:
    """The text of a crontab, whatever its bytes: those that are not UTF-8 are kept as lone surrogates."""

    text: str

    @property
    def lines(self) -> list[str]:
        """Each with its line feed; a carriage return is part of the line."""
        return re.findall(r"[^\n]*\n|[^\n]+\Z", self.text)

    def with_line(self, home: Path, line: str) -> Crontab:
        """With this line for the home: in the place of the one it has, else at the end."""
        lines = self.lines
        own = [number for number, there in enumerate(lines) if _is_of(there, home)]
        if own:
            lines[own[0]] = line + "\n"
            return Crontab("".join(there for number, there in enumerate(lines) if number not in own[1:]))
        return Crontab(self.text + "\n" * bool(lines and not lines[-1].endswith("\n")) + line + "\n")

    def without_line(self, home: Path) -> Crontab:
        """Without the home's line."""
        return Crontab("".join(line for line in self.lines if not _is_of(line, home)))

    def own(self, home: Path) -> list[Entry]:
        """The lines that `install-cron` wrote for this home; no more than one, unless somebody copied it."""
        return [_entry(line) for line in self.lines if _is_of(line, home)]

    def foreign(self, home: Path) -> list[Entry]:
        """The lines that somebody wrote by hand and that start this home, as far as one can see: they name this program
        and no other home."""
        named = [line for line in self.lines if _starts_us(line) and MARK not in line]
        place = re.compile(re.escape(_no_percent(str(home))) + r"(?![\w.-])")
        by_variable = str(home) in self.variables.values()
        return [_entry(line) for line in named if by_variable or place.search(line)]

    @property
    def variables(self) -> dict[str, str]:
        """What the crontab sets, as it stands at its end."""
        found = {}
        for line in self.lines:
            if match := _VARIABLE.fullmatch(line.rstrip("\r\n")):
                found[match[1] or match[2] or match[3]] = match[4].strip("\"'")
        return found

    @property
    def zones(self) -> list[tzinfo]:
        """By which clocks its times may be meant: the machine's, and the one of CRON_TZ, which not every cron heeds."""
        zones = [machine_zone()]
        with suppress(LookupError, ValueError, OSError):
            zones += [schedule.zone(self.variables["CRON_TZ"])]
        return zones


def machine_zone() -> tzinfo:
    """The zone that cron's clock shows: the system's, whatever TZ says in this shell."""
    from zoneinfo import ZoneInfo

    with suppress(OSError, ValueError), Path("/etc/localtime").open("rb") as file:
        return ZoneInfo.from_file(file)
    return UTC


def _is_of(line: str, home: Path) -> bool:
    mark = MARK + _no_percent(str(home))
    return line.rstrip("\r\n").endswith(mark) and not line.lstrip().startswith("#")


def _starts_us(line: str) -> bool:
    bare = line.lstrip()
    return not bare.startswith("#") and not _VARIABLE.fullmatch(line.rstrip()) and any(name in bare for name in NAMES)


def _entry(line: str) -> Entry:
    words = line.split()
    return Entry(line.rstrip("\r\n"), tuple(words[: 1 if words[0].startswith("@") else 5]))


# -- the line --------------------------------------------------------------------------------------


def line(home: Path, minutes: Iterable[int]) -> str:
    """The line that starts a run of this home at these minutes of each hour. Raises TwitterManagerError for a path that
    cron can't take."""
    when = ",".join(map(str, sorted(minutes)))
    words = command(home)
    for word in words:
        if _UNFIT.search(word):
            raise TwitterManagerError(
                f"{word!a} holds a character that a crontab can't hold.", "Move the folder, or use --systemd."
            )
    start = f"cd {shlex.quote(str(folder(home)))} && {shlex.join(words)}"
    whole = f"{when} * * * * {_no_percent(f'{start} {MARK}{home}')}"
    if len(whole) > LONGEST:
        raise TwitterManagerError(
            f"The line would have {len(whole)} characters, more than a crontab takes.",
            "Move the folder to a shorter path, or use --systemd.",
        )
    return whole


def folder(home: Path) -> Path:
    """Where the program is started: the checkout, which Python finds it in, else its home."""
    package = Path(twitter_manager.__file__).absolute().parent.parent
    installed = {Path(sysconfig.get_path(kind)) for kind in ("purelib", "platlib")}
    return home if package in installed else package


def command(home: Path) -> Sequence[str]:
    """What starts a run, each word as it is. `env`: other shells than sh know no `NAME=value` before a command."""
    environment = f"TWITTER_MANAGER_HOME={home}"
    return ["/usr/bin/env", environment, str(Path(sys.executable).absolute()), "-m", "twitter_manager", "run"]


def _no_percent(text: str) -> str:
    return text.replace("%", "\\%")


# -- the command -----------------------------------------------------------------------------------


def read() -> Crontab:
    """This user's crontab; an empty one where there is none. Raises TwitterManagerError."""
    done = _crontab("-l")
    said = done.stderr.decode("utf-8", "replace")
    if done.returncode and not any(words in said.lower() for words in _EMPTY):
        raise _refused("read", said)
    content = b"" if done.returncode else done.stdout
    if b"\\" in content:  # Debian lists a carriage return as \r; what an editor is given is the text itself
        edited = _crontab("-e", VISUAL="cat", EDITOR="cat")
        content = content if edited.returncode else edited.stdout
    return Crontab(content.decode("utf-8", "surrogateescape"))


def write(before: Crontab, after: Crontab) -> bool:
    """Put `after` in the place of `before`; gives whether anything changed. Raises TwitterManagerError."""
    if after == before:
        return False
    if read() != before:
        raise TwitterManagerError("The crontab was changed at the same time.", "Nothing was written; try again.")
    done = _crontab("-", content=after.text) if after.text else _crontab("-r")
    if done.returncode:
        raise _refused("written", done.stderr.decode("utf-8", "replace"))
    if read() != after:
        raise TwitterManagerError("The crontab is not what was written.", "Look at it with: crontab -l")
    return True


def _crontab(*words: str, content: str = "", **more: str) -> subprocess.CompletedProcess[bytes]:
    environment = {**os.environ, "LC_ALL": "C", **more}
    data = content.encode("utf-8", "surrogateescape")
    try:
        return subprocess.run(
            ["crontab", *words], input=data, capture_output=True, timeout=30, check=False, env=environment
        )
    except FileNotFoundError:
        raise TwitterManagerError("There is no crontab command here.", service.other_ways()) from None
    except (OSError, subprocess.TimeoutExpired) as error:
        raise TwitterManagerError(f"The crontab command can't be used ({type(error).__name__}).") from error


def _refused(done: str, said: str) -> TwitterManagerError:
    words = " ".join(said.split())[:300] or "it does not say why"
    return TwitterManagerError(f"The crontab can't be {done}: {words}.", "It is as it was.")


def starts(entries: Iterable[Entry], zone: tzinfo) -> list[start_times.Starts]:
    """When these lines start a run, by the clock of this zone; those that can't be foretold are left out."""
    return [found for entry in entries if (found := start_times.read(entry.fields, zone))]
