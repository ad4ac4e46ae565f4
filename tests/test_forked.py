"""What the fork server starts is a process like any other; most tests stand on that."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest

from tests.home import Home, RealHome
from tests.talking import Person

SEEN = """
import json, os, random, signal, sys, tempfile, uuid
print(json.dumps({
    "words": sys.argv, "name": __name__, "folder": os.getcwd(), "environment": dict(os.environ),
    "said": sys.stdin.read(), "files": len(os.listdir("/proc/self/fd")), "group": os.getpgrp(),
    "umask": os.umask(0), "path": sys.path[1:],
    "signals": [str(signal.getsignal(number)) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGPIPE)],
    "mask": str(signal.pthread_sigmask(signal.SIG_BLOCK, ())), "terminal": [os.isatty(number) for number in range(3)],
    "streams": [(f.encoding, f.errors, f.line_buffering, f.newlines) for f in (sys.stdin, sys.stdout, sys.stderr)],
}))
"""
CHANCE = "import os, random, tempfile, uuid; print(os.getpid(), random.random(), tempfile.mktemp(), uuid.uuid4())"


def test_a_fork_finds_what_a_real_start_finds(tmp_path: Path, home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """Words, folder, environment, streams, signals, mask, open files: all the same."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NOT_FOR_THE_PROGRAM", "secret")
    told = [each("ä", "--b", stdin="hällo", code=SEEN, MORE="1").json for each in (home, RealHome(home.path))]
    assert told[0] == told[1]


def test_no_two_forks_share_their_chance(home: Home) -> None:
    """Else two runs would draw the same post, and write to the same temporary file."""
    lines = [home(code=CHANCE).out.split() for _ in range(2)]
    assert not set(lines[0]) & set(lines[1])


@pytest.mark.parametrize(
    "code, expected",
    [
        ("import sys; sys.exit()", 0),
        ("import sys; sys.exit(75)", 75),
        ("import sys; sys.exit('no')", 1),
        ("raise KeyError", 1),
        ("import os; os.kill(os.getpid(), 9)", -9),
        ("import os; os.kill(os.getpid(), 15)", -15),
        ("import threading, time; threading.Thread(target=lambda: (time.sleep(0.1), print('late'))).start()", 0),
        ("import atexit; atexit.register(print, 'late')", 0),
    ],
)
def test_a_fork_ends_as_a_real_start_does(home: Home, code: str, expected: int) -> None:
    """The exit code, the number of the signal, and what is done at exit."""
    ends = [each(code=code) for each in (home, RealHome(home.path))]
    assert ends[0].code == ends[1].code == expected
    assert ends[0].out == ends[1].out
    assert ends[0].err.splitlines()[-1:] == ends[1].err.splitlines()[-1:]


def test_a_fork_is_killed_stopped_and_waited_for(home: Home) -> None:
    """As its `Popen` would be."""
    process = home.start(code="import sys, time; print('here', flush=True); time.sleep(100)")
    assert process.stdout is not None and process.stdout.readline() == "here\n"
    assert process.poll() is None
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(0.01)
    process.terminate()
    assert process.communicate() == ("", "")
    assert process.returncode == process.poll() == process.wait() == -signal.SIGTERM
    assert not Path(f"/proc/{process.pid}").exists()
    process.kill()


def test_much_is_said_and_heard_at_once(home: Home) -> None:
    """More than a pipe holds, both ways."""
    text = "line\n" * 100_000
    done = home(
        stdin=text, code="import sys; text = sys.stdin.read(); print(text, end=''); print(text, file=sys.stderr)"
    )
    assert (done.out, done.err) == (text, text + "\n")


def test_a_terminal_is_one(home: Home) -> None:
    shown = home.at_terminal("run").out
    assert "default" in shown and RealHome(home.path).at_terminal("run").code == 0


def test_a_fork_has_its_own_time_zone(home: Home) -> None:
    """As a real start has it, whatever the server's is."""
    code = "import datetime, time; print(time.tzname, datetime.datetime(2026, 7, 1, tzinfo=datetime.UTC).astimezone())"
    seen = [each(code=code, TZ=zone).out for each in (home, RealHome(home.path)) for zone in ("Asia/Tokyo", "UTC")]
    assert seen[:2] == seen[2:] and "JST" in seen[0] and "+00:00" in seen[1]


def test_a_password_is_asked_at_the_terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It has one of its own, where Ctrl-C ends it, however it was started."""
    code = "import getpass, os; print(os.getsid(0) == os.getpid()); print(getpass.getpass('key: ')); input('more: ')"
    monkeypatch.setattr(Person, "_code", lambda self: code)
    says = [("key:", "secret\n"), ("more:", "\x03")]
    talked = [Person(tmp_path).at_terminal(says=says)]
    monkeypatch.setenv("REAL_STARTS", "1")
    talked.append(Person(tmp_path).at_terminal(says=says))
    for person in talked:
        assert person.out.startswith("True") and "\nsecret\n" in person.out and "KeyboardInterrupt" in person.out


@pytest.mark.parametrize("variable", ["PYTHONUTF8", "LC_ALL", "LANG"])
def test_what_python_reads_as_it_starts_makes_it_a_real_start(home: Home, variable: str) -> None:
    """And so does code that asks what is imported."""
    parent = "import os; print(os.getppid())"
    assert home(code=parent, **{variable: "1"}).out == f"{os.getpid()}\n"
    assert home(code=f"{parent} # sys.modules").out == f"{os.getpid()}\n"
    assert (home(code=parent).out == f"{os.getpid()}\n") is ("REAL_STARTS" in os.environ)
