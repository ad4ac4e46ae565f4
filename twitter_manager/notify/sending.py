"""Hands messages to channels, all at once, each in a process of its own, and waits no longer than `SECONDS`."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import subprocess

SECONDS = 20.0
"""For all channels together, with the start of the processes."""
_MOST_ANSWERED = 4096
_LEAST = 0.2
"""Seconds in which an answer that is there already is read, though others took all the time."""
_START = "import sys; sys.path[:] = sys.argv[1:]; from twitter_manager.notify.worker import serve; serve({}, {})"
_ENVIRONMENT = (
    *("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR"),
    *("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE"),
    *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "all_proxy", "no_proxy"),
)
"""What a process is told of its surroundings: none of the program's keys."""


class Result(StrEnum):
    """How it went."""

    SENT = "sent"
    FAILED = "failed"
    UNSURE = "unsure"
    """It may have arrived."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message for one channel. Without a body the address is only examined."""

    url: str = field(repr=False)
    title: str = ""
    body: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of it, and why it did not get through."""

    result: Result
    why: str = ""


def send(messages: Sequence[Message], seconds: float = SECONDS) -> list[Answer]:
    """Send them all; gives an answer for each."""
    deadline = time.monotonic() + seconds
    processes: list[subprocess.Popen[bytes] | None] = []
    try:
        processes += map(_started, messages)
        return [_answer(process, deadline, seconds) for process in processes]
    finally:
        for process in filter(None, processes):
            _end(process)


def _started(message: Message) -> subprocess.Popen[bytes] | None:
    import subprocess

    words = (sys.executable, "-I", "-c", _START.format(os.getpid(), int(2 * SECONDS)), *sys.path)
    try:
        process = subprocess.Popen(
            words,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
            start_new_session=True,
        )
    except OSError:
        return None
    assert process.stdin is not None
    with suppress(OSError):  # it is gone, which shows when it is to answer
        job = {"url": message.url, "title": message.title, "body": message.body}  # less than a pipe holds
        process.stdin.write(json.dumps(job, ensure_ascii=False).encode())
        process.stdin.close()
    process.stdin = None
    return process


def _answer(process: subprocess.Popen[bytes] | None, deadline: float, seconds: float) -> Answer:
    import subprocess

    if process is None:
        return Answer(Result.FAILED, "no process could be started for it")
    try:
        out, _ = process.communicate(timeout=max(_LEAST, deadline - time.monotonic()))
        answer = json.loads(out[:_MOST_ANSWERED])
        return Answer(Result(answer["result"]), str(answer["why"])[:200])
    except subprocess.TimeoutExpired:
        return Answer(Result.UNSURE, f"it did not answer within {seconds:.0f} seconds")
    except (ValueError, KeyError, TypeError):
        return Answer(Result.UNSURE, "its process broke off")


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:  # until it is waited for, the number is its own
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    if process.stdout:
        process.stdout.close()
