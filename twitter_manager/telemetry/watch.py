"""What surrounds the runs of one start of the program, so that others learn of them: health file, traces, ping.

All of it is told of a run that went as it went: nothing here raises, changes an exit code, or takes long. What can't be
told is a line, once."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

from twitter_manager.app import App, utc_now
from twitter_manager.errors import LockHeld, SettingsProblems, TwitterManagerError, UsageError, ending
from twitter_manager.files import is_folder, open_own, replace_file
from twitter_manager.operations import told
from twitter_manager.operations.logs import LogContext
from twitter_manager.settings import find_home
from twitter_manager.settings.env import at_hand
from twitter_manager.settings.process import health_path
from twitter_manager.stages import Stage, Stages
from twitter_manager.telemetry import health, ping, tracing
from twitter_manager.telemetry.health import Finding, Health, Level
from twitter_manager.telemetry.tracing import BotRun, Trace
from twitter_manager.terminal import Screen, command, redacted

_TAIL = 64 * 1024
_MOST_LINES = 20
"""Of the log that go along with a failure."""


@dataclass(slots=True)
class Watch:
    """What is known of this start of the program."""

    home: Path | None = None
    given: Mapping[str, Any] = field(default_factory=dict)
    """PING_URL and HEALTH_FILE, whatever is wrong with other settings."""
    trace: str = field(default_factory=lambda: uuid4().hex)
    began: float = field(default_factory=time.time)
    runs: list[BotRun] = field(default_factory=list)
    app: App | None = None
    exit_code: int = 0
    lines: Sequence[str] = ()
    troubles: dict[str, str] = field(default_factory=lambda: {"report of the run": ""})
    """By what is told: why it could not be told, "" where it could."""
    _start: float = field(default_factory=time.monotonic)

    @property
    def stages(self) -> dict[str, Sequence[Stage]]:
        """Of each bot's run."""
        return {run.bot: run.stages.done for run in self.runs}

    def seconds(self) -> float:
        """Since this start."""
        return time.monotonic() - self._start

    def over(self, app: App) -> App:
        """From here on this is about a program whose settings are sound."""
        self.app = app
        app.session.log_context.trace = self.trace
        return app

    def starts(self) -> None:
        """The runs start: nobody else is at work here."""
        self._ping(ping.START, "", ping.START_SECONDS)

    @contextmanager
    def of(self, bot: str, stages: Stages, context: LogContext) -> Iterator[None]:
        """A bot's run goes on within. `context`: knows its number, once it has one."""
        context.run_id = None
        began, error = time.time(), ""
        try:
            yield
        except BaseException as failure:
            error = type(failure).__name__
            raise
        finally:
            self.runs.append(BotRun(bot, context.run_id, began, time.time(), error, stages))

    def ends(self, exit_code: int, lines: Sequence[str]) -> int:
        """What the runs came to; gives the exit code."""
        self.exit_code, self.lines = exit_code, lines
        return exit_code

    def tell(self, screen: Screen, error: BaseException | None) -> None:
        """Tell others how it ended. `error`: by which the program ends."""
        try:
            self._tell(screen, error)
        except Exception as fault:  # noqa: BLE001 (whatever it is, the run went as it went)
            self.troubles["report of the run"] = f"broke off ({type(fault).__name__})"
        for name, why in self.troubles.items() if error is None else ():  # else what ended the program says it
            if self.home is not None and told.begins(self.home / "data", name, screen.redact(why), utc_now()):
                screen.trouble(f"The {name} {why}. See: {command('doctor')}")

    def _tell(self, screen: Screen, error: BaseException | None) -> None:
        signal = str(self.exit_code) if self.exit_code else ping.SUCCESS
        if isinstance(error, LockHeld):
            signal = ping.LOG
        words = "\n".join([f"exit code {self.exit_code}", *self.lines, *(self._more() if self.exit_code else ())])
        try:
            if signal != ping.LOG:
                self.troubles["health file"] = self._write_health(screen, error)
                self._export()
        finally:
            self._ping(signal, screen.redact(words), ping.END_SECONDS)

    def _ping(self, signal: str, words: str, seconds: float) -> None:
        if url := self.given.get("PING_URL", ""):
            self.troubles["ping"] = ping.send(url, signal, self.trace, words, seconds)

    def _export(self) -> None:
        if self.app and (endpoint := self.app.settings.otlp_endpoint):
            trace = Trace(self.trace, self.began, time.time(), self.exit_code, self.runs)
            self.troubles["traces"] = tracing.export(
                trace, endpoint, self.app.settings.otlp_headers, self.app.redactor.redact
            )

    def _write_health(self, screen: Screen, error: BaseException | None) -> str:
        """Gives why it could not be written. Its folder is not made: one that is gone may be a disk that is not there
        now."""
        if self.home is None or not is_folder(self.home / "data"):
            return ""
        health_now = redacted(self._health(error).as_json(self.trace), screen.redact)
        path = health_path(self.home, self.given.get("HEALTH_FILE", ""))
        try:
            if not path.parent.exists():
                return "can't be written (its folder is not there)"
            replace_file(path, json.dumps(health_now) + "\n")
        except OSError as failure:
            return f"can't be written ({failure.strerror})"
        return ""

    def _health(self, error: BaseException | None) -> Health:
        found = health.look(self.app.settings, utc_now()) if self.app else Health(utc_now())
        if error is None or found.level is Level.FAILING:
            return found
        name = "settings" if isinstance(error, SettingsProblems) else "run"
        remedy = f"See: {command('doctor')}"
        ended = Finding(Level.FAILING, name, "; ".join(self.lines).rstrip("."), remedy)
        return replace(found, findings=[ended, *found.findings])

    def _more(self) -> Iterator[str]:
        """Where to look, and the newest warnings and errors of this start."""
        for run in self.runs:
            if run.error and run.run_id:
                yield f"{run.bot}: {command(f'explain run:{run.run_id}')}"
        if self.home is None:
            return
        with suppress(OSError, ValueError, TwitterManagerError):
            with os.fdopen(open_own(self.home / "logs" / "error.log", os.O_RDONLY), "rb") as file:
                file.seek(max(0, file.seek(0, 2) - _TAIL))
                tail = file.read(_TAIL).decode(errors="replace").splitlines()
            for line in [line for line in tail if f'"trace": "{self.trace}"' in line][-_MOST_LINES:]:
                record = json.loads(line)
                yield f"{record['time']} {record['level']} {record['bot']}: {record['message']}"


@contextmanager
def watched(environ: Mapping[str, str], screen: Screen, *, is_on: bool) -> Iterator[Watch]:
    """Watch what is done within, however it ends. `is_on`: else nobody is told."""
    watch = Watch()
    with suppress(TwitterManagerError):
        watch.home = find_home(environ)
        watch.given = at_hand(watch.home, environ, "PING_URL", "HEALTH_FILE") if is_on else {}
    try:
        yield watch
    except BaseException as error:
        if is_on and not isinstance(error, UsageError | BrokenPipeError):  # a slip of the command; a reader that left
            lines, exit_code = ending(error)
            watch.ends(exit_code, [*watch.lines, *lines])
            watch.tell(screen, error)
        raise
    if is_on:
        watch.tell(screen, None)
