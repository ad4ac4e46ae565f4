"""Whether a cron service runs on this machine, and the command that starts it. Where it can't know, it says so."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from twitter_manager.terminal import command

SERVICES = ("cron", "crond", "cronie", "fcron", "dcron")
"""As distributions call the service."""
_PROCESSES = frozenset({"cron", "crond", "fcron"})


@dataclass(frozen=True, slots=True)
class Service:
    """What is known of the service."""

    runs: bool | None
    """None where it can't be told."""
    start: str
    """The command that starts it, "" where that is not known."""

    @property
    def told(self) -> str:
        """A sentence for a person."""
        if self.runs:
            return "The cron service runs."
        if self.runs is None:
            return "Whether a cron service runs here can't be told; look that one does."
        how = f"start it with: {self.start}" if self.start else "without one nothing starts the runs."
        return f"No cron service runs here; {how}"


def has_crontab() -> bool:
    """Whether there is a crontab command."""
    return shutil.which("crontab") is not None


def other_ways() -> str:
    """What else could start the runs, where one of the two ways is not here."""
    if has_crontab():
        return "Use install-cron without --systemd."
    way = "use --systemd" if has_systemd() else f"let what starts things here say once an hour: {command('run')}"
    return f"Install the package cron, or {way}."


def look(proc: Path = Path("/proc"), init: Path = Path("/etc/init.d")) -> Service:
    """Look for the process, else ask systemd; `init` holds the scripts of machines without systemd."""
    names = _process_names(proc)
    if names & _PROCESSES:
        return Service(runs=True, start="")
    states = {name: output(["systemctl", "is-active", name]) for name in SERVICES} if has_systemd() else {}
    if "active" in states.values():
        return Service(runs=True, start="")
    # A machine whose first process can't be seen hides those of others, cron's too.
    return Service(runs=False if "" not in names else None, start=_how_to_start(init))


def _process_names(proc: Path) -> set[str]:
    """The names of all processes, with "" where those of others can't be seen."""
    names = set()
    for path in (proc / "1" / "comm", *proc.glob("[0-9]*/comm")):
        try:
            names.add(path.read_text(errors="replace").strip())
        except OSError:  # it ended meanwhile; the first one never does
            names |= {""} if path.parent.name == "1" else set()
    return names


def has_systemd() -> bool:
    return Path("/run/systemd/system").is_dir() and shutil.which("systemctl") is not None


def _how_to_start(init: Path) -> str:
    if has_systemd():
        for name in SERVICES:
            if output(["systemctl", "show", "--property=LoadState", "--value", name]) == "loaded":
                return f"sudo systemctl enable --now {name}"
        return ""
    scripts = [name for name in SERVICES if (init / name).exists()]
    if scripts and shutil.which("rc-service"):
        return f"sudo rc-update add {scripts[0]} && sudo rc-service {scripts[0]} start"
    return f"sudo service {scripts[0]} start" if scripts and shutil.which("service") else ""


def output(words: Sequence[str]) -> str:
    """What a command prints, stripped; "" when it isn't there or takes too long."""
    with suppress(OSError, subprocess.TimeoutExpired):
        return subprocess.run(words, capture_output=True, text=True, timeout=10, check=False).stdout.strip()
    return ""
