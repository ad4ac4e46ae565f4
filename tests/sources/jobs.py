"""Jobs for the process that reads sources, some of which a hostile document could have it do."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path

from twitter_manager.sources.worker import JobContext


def surroundings(context: JobContext) -> dict[str, str]:
    return dict(os.environ)


def spin(context: JobContext) -> None:
    """Hang in C, where no signal handler of Python's runs."""
    sum(range(10**15))


def spin_at_a_part(context: JobContext) -> None:
    context.at("the bad part")
    spin(context)


def sleep(context: JobContext) -> None:
    time.sleep(600)


def devour(context: JobContext) -> int:
    return len(bytearray(3 * 2**30))


def die(context: JobContext) -> None:
    os.kill(os.getpid(), 9)


def babble(context: JobContext) -> None:
    """Answer with what is no JSON."""
    context.line.sendall((11).to_bytes(8, "big") + b"\x80\x04\x95not JSON")
    time.sleep(600)


def flood(context: JobContext) -> None:
    """Announce a message of a terabyte."""
    context.line.sendall((2**40).to_bytes(8, "big"))
    time.sleep(600)


def open_files(context: JobContext) -> list[str]:
    """What this process has open, but for the line to its parent."""
    found = []
    for link in list(Path("/proc/self/fd").iterdir()):
        with suppress(OSError):  # the listing itself
            found.append(str(link.readlink()))
    return found
