"""The one place where text reaches a terminal, a pipe or cron's mail: each line and each JSON object goes through here.

What is printed comes from models, web servers, git tags and people. So control characters, those that turn the
direction of writing and those that nobody sees are shown as escapes, and secrets are blacked out.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
import textwrap
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import TextIO

_HARMFUL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # C0 but for tab and line feed, DEL, C1
    "\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U0001d173-\U0001d17a"
    "\ud800-\udfff]"  # half characters
    "|(?<![\U0001f3f4\U000e0020-\U000e007f])[\U000e0000-\U000e007f]+"  # tags that belong to no flag
)


def harmless(text: str) -> str:
    """`text` with what could act on a terminal or mislead its reader as escapes of JSON; line feeds stay."""
    return _HARMFUL.sub(lambda match: json.dumps(match[0])[1:-1], text)


def redacted(value: object, redact: Callable[[str], str]) -> object:
    """An object of JSON with every text in it redacted."""
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, dict):
        return {redacted(key, redact): redacted(entry, redact) for key, entry in value.items()}
    return [redacted(entry, redact) for entry in value] if isinstance(value, list | tuple) else value


def _nothing(text: str) -> str:
    return text


def program() -> str:
    """How a person calls the program, wherever it is installed."""
    script = Path(sys.argv[0]).name
    return script if script == "twitter-manager" else "python -m twitter_manager"


def command(words: str) -> str:
    """A command to copy from here: it names the interpreter, whose environment need not be active."""
    interpreter = Path(sys.executable)
    with suppress(OSError, ValueError):  # the folder is gone, or the interpreter lies elsewhere
        interpreter = interpreter.relative_to(Path.cwd())
    return f"{program().replace('python', str(interpreter), 1)} {words}"


def story(draft: int) -> str:
    """Where what became of a draft is told."""
    return f"See its story: {command(f'explain {draft}')}"


_CRON_FIELDS = r"(?<!\S)(?:[\d*,/-]+ ){5}"
"""What a line of a crontab begins with."""


def fitted(line: str, margin: str) -> str:
    """A line as it fits the terminal, `margin` before what goes on. From a command on it stays whole, on a line of its
    own where there is no room: a line break in a command would end it when it is copied."""
    width = max(shutil.get_terminal_size().columns, 40)
    if len(line) <= width:
        return line
    name = program().rpartition(" ")[2]  # whichever interpreter stands before it
    copied = re.search(rf"{_CRON_FIELDS}(?=.*{name})|{re.escape(command(''))}|\S+ -m {name} |(?<!\S){name} ", line)
    if copied is None:
        return _filled(line, margin, width)
    before, kept = line[: copied.start()], line[copied.start() :]
    if not before.strip():
        return line
    above = _filled(before.rstrip(), margin, width)
    fits = len(above.rpartition("\n")[2]) + 1 + len(kept) <= width
    return f"{above} {kept}" if fits else f"{above}\n{margin}{kept}"


def _filled(line: str, margin: str, width: int) -> str:
    indent = line[: len(line) - len(line.lstrip(" "))]
    return textwrap.fill(
        line.strip(" "),
        width,
        initial_indent=indent,
        subsequent_indent=margin,
        break_long_words=False,
        break_on_hyphens=False,
    )


_WORTH_TELLING = 3.0
"""Seconds of a step from which on a person is told how long it took."""


class Screen:
    """Standard output and standard error. `redact`: blacks out secrets; set when the settings are known."""

    def __init__(self, redact: Callable[[str], str] = _nothing) -> None:
        self.redact = redact
        self._step_began: float | None = None
        self._step = ""

    def lines(self, lines: Iterable[str]) -> None:
        """Lines for a person. A line break within one stays, and what follows it is indented: it can't pose as a line
        of the program's own."""
        for line in lines:
            self._end_step()
            self._write(sys.stdout, self._folded(line, sys.stdout))

    def verbatim(self, lines: Iterable[str]) -> None:
        """Lines to be copied: none is broken, and a secret made for this person is shown to them."""
        for line in lines:
            self._write(sys.stdout, line)

    def json(self, value: object) -> None:
        """One object on one line."""
        self.record(redacted(value, self.redact))

    def record(self, value: object) -> None:
        """The same for what was stored without secrets and must stay as it is, such as what a hash was made of."""
        self._write(sys.stdout, json.dumps(value, ensure_ascii=False, default=str))

    def trouble(self, message: str) -> None:
        """One line on standard error, for a person or cron's mail."""
        line = f"twitter_manager: {' '.join(self.redact(message).split(chr(10)))}"
        self._write(sys.stderr, self._folded(line, sys.stderr))

    def progress(self, line: str) -> None:
        """One line for a person who waits; cron sees nothing. How long a step took is told when the next line comes."""
        if sys.stderr.isatty() and line != self._step:
            self._end_step()
            self._step, self._step_began = line, time.monotonic()
            self._write(sys.stderr, f"  … {self._folded(line, sys.stderr)}")

    def _end_step(self) -> None:
        began, self._step_began, self._step = self._step_began, None, ""
        if began is not None and (seconds := time.monotonic() - began) >= _WORTH_TELLING:
            self._write(sys.stderr, f"    {seconds:.0f} s")

    def _folded(self, line: str, stream: TextIO) -> str:
        first, *more = self.redact(line).replace("\r\n", "\n").split("\n")
        margin = " " * (len(first) - len(first.lstrip(" ")) + 2)
        lines = (first, *(margin + rest for rest in more))
        return "\n".join(fitted(each, margin) if stream.isatty() else each for each in lines)

    def _write(self, stream: TextIO, line: str) -> None:
        print(harmless(line), file=stream, flush=stream is sys.stderr)
