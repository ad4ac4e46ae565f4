"""A person at a terminal: the program in a pseudo-terminal, whose prompts come in an order and get their answers."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import subprocess
import termios
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.forked import Start, fork_serves, plain_environment, server
from tests.home import Done, Process
from tests.test_sources import ALLOWED

Exchange = tuple[str, str]
"""The end of a prompt, however its lines are broken, and what is typed there."""
_PATIENCE = 120.0
"""Seconds without a word."""


@dataclass
class Person:
    """Somebody in a folder of their own. `site`: the port of a site on this machine that their program may read."""

    home: Path
    width: int = 80
    site: int = 0
    environment: dict[str, str] = field(default_factory=dict)
    commands: list[tuple[str, ...]] = field(default_factory=list)
    """What they ran so far."""

    def __post_init__(self) -> None:
        self.home.mkdir(parents=True, exist_ok=True)

    def at_terminal(self, *words: str, says: Sequence[Exchange] = ()) -> Done:
        """Run it at a terminal; each prompt must come, in this order, and gets its answer. `out`: all that is seen."""
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, self.width, 0, 0))
        process = self._start(words, theirs)
        seen, read_to, left = "", 0, list(says)
        while piece := _read(ours):
            seen += piece
            if left and " ".join(seen[read_to:].split()).endswith(left[0][0].strip()):
                read_to = len(seen)
                time.sleep(0.1)  # getpass drops what was typed before it asks
                os.write(ours, left.pop(0)[1].encode())
        os.close(ours)
        code = process.wait(120)
        assert not left, f"never asked {left[0][0]!r}: {seen[-800:]}"
        return Done(code, seen, "")

    def in_script(self, *words: str, stdin: str = "", **more: str) -> Done:
        """Run it with no terminal."""
        self.commands.append(tuple(words))
        start = Start(words, self._environment() | more, self._code(), str(self.home))
        if fork_serves(start.environment, start.code):
            process: Process = server().start(start)
        else:
            pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
            process = subprocess.Popen(start.command(), env=start.environment, cwd=self.home, text=True, **pipes)
        out, err = process.communicate(stdin, 240)
        return Done(process.wait(), out, err)

    def _start(self, words: Sequence[str], terminal: int) -> Process:
        """At this terminal, which is closed here."""
        self.commands.append(tuple(words))
        start = Start(words, self._environment(), self._code(), str(self.home), at_keyboard=True)
        if fork_serves(start.environment, start.code):
            return server().start_on(start, [terminal] * 3)
        process = subprocess.Popen(
            start.command(), stdin=terminal, stdout=terminal, stderr=terminal, env=start.environment, cwd=self.home,
            preexec_fn=_own_terminal, start_new_session=True, text=True,
        )  # fmt: skip
        os.close(terminal)
        return process

    def _code(self) -> str:
        return ALLOWED.format(port=self.site) if self.site else ""

    def _environment(self) -> dict[str, str]:
        settings = {"GENERATORS": "excerpt", "EMBEDDINGS": "off", "HF_HUB_OFFLINE": "1"}
        machine = {"LANG": "C.UTF-8", "TZ": "Europe/Berlin", "TERM": "xterm"}
        return {**plain_environment(), **settings, **machine, **self.environment}


def _read(terminal: int) -> str:
    """What is shown next; "" at the end, or where a question waits that nobody answers."""
    if not select.select([terminal], [], [], _PATIENCE)[0]:
        return ""
    try:
        return os.read(terminal, 4096).decode(errors="replace").replace("\r\n", "\n")
    except OSError:
        return ""


def _own_terminal() -> None:
    """Ctrl-C and Ctrl-D reach the program as from a keyboard."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
