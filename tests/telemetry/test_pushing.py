"""The push gateway: what it gets, and that one which is down, slow or hostile costs a few seconds and no more."""

from __future__ import annotations

import base64
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, Gauge

from tests.home import Home
from twitter_manager.telemetry.bounded import within
from twitter_manager.telemetry.pushing import push

PASSWORD = "Rk2v9XwQ7LmN4bTz8Yc"


class Gateway(HTTPServer):
    """Keeps what it was given; answers with `status`."""

    def __init__(self, status: int = 200) -> None:
        self.status = status
        self.got: list[tuple[str, str, str, str]] = []
        super().__init__(("127.0.0.1", 0), Handler)

    @property
    def place(self) -> str:
        return f"127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    server: Gateway

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.got.append((self.command, self.path, self.headers.get("Authorization", ""), body))
        self.send_response(self.server.status)
        self.send_header("Location", "http://127.0.0.1:1/")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def gateway(status: int = 200) -> Iterator[Gateway]:
    server = Gateway(status)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def silent(after: Callable[[socket.socket], None] = lambda connection: None) -> Iterator[str]:
    """A port that takes connections and gives no answer, or what `after` sends."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listening, ExitStack() as kept:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                after(kept.enter_context(connection))

        threading.Thread(target=serve, daemon=True).start()
        yield f"127.0.0.1:{listening.getsockname()[1]}"


def drip(connection: socket.socket) -> None:
    """One byte of a header now and then, so that no time limit of a single read is met."""
    with suppress(OSError):
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        while True:
            connection.sendall(b"X")
            time.sleep(0.05)


def some() -> CollectorRegistry:
    registry = CollectorRegistry()
    Gauge("up_to_date", "Whether.", registry=registry).set(1)
    return registry


def test_the_gateway_gets_the_figures_of_this_machine(home: Home) -> None:
    """PUT under job and instance, with the user of the address; the run is quiet, and no output holds the password."""
    with gateway() as server:
        home.settings(GENERATORS="excerpt", PUSHGATEWAY_URL=f"http://bot:{PASSWORD}@{server.place}/prefix")
        done = home("run")
        assert (done.code, done.out, done.err) == (0, "", "")
    [(method, path, authorization, body)] = server.got
    assert (method, path) == ("PUT", f"/prefix/metrics/job/twitter_manager/instance/{socket.gethostname()}")
    assert base64.b64decode(authorization.removeprefix("Basic ")).decode() == f"bot:{PASSWORD}"
    assert 'twitter_manager_runs_total{bot="default",outcome="posted"} 1.0' in body
    assert PASSWORD not in home.log()


@pytest.mark.parametrize("status", [400, 401, 302, 500])
def test_a_no_is_told_without_the_password(status: int) -> None:
    """By its number; no redirect is followed."""
    with gateway(status) as server:
        told = push(f"http://bot:{PASSWORD}@{server.place}", some())
    assert told == f"the push gateway {server.place} was not reached (it answered {status})"


@pytest.mark.parametrize("after", [lambda connection: None, drip], ids=["silent", "dripping"])
def test_a_hanging_gateway_costs_its_time_and_no_more(after: Callable[[socket.socket], None]) -> None:
    """One that says nothing, and one whose answer never ends."""
    with silent(after) as place:
        told = push(f"http://{place}", some(), seconds=0.5)
    assert "no answer in 0.5 seconds" in told or "timed out" in told


def test_a_gateway_that_talks_is_cut_short() -> None:
    """An answer that is no HTTP is told, not repeated at length, in one line."""
    with silent(lambda connection: connection.sendall(b"no HTTP\r" + b"x" * 60_000 + b"\r\n\r\n")) as place:
        told = push(f"http://{place}", some())
    assert "was not reached" in told and len(told) < 300 and told.isprintable()


def test_a_name_that_is_looked_up_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """The resolver knows no time limit, and is left behind."""
    over = threading.Event()

    def never(*about: object, **more: object) -> None:
        over.wait()
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", never)
    assert "no answer in 0.3 seconds" in push("http://gateway.invalid:9091", some(), seconds=0.3)
    over.set()


def test_a_run_beside_a_dead_gateway_succeeds_and_tells_once(home: Home) -> None:
    """Silent for one run, closed for the next: both succeed, and the first alone speaks, after five seconds."""
    with silent() as place:
        home.settings(GENERATORS="excerpt", PUSHGATEWAY_URL=f"http://bot:{PASSWORD}@{place}")
        first = home("run")
        assert "it gave no answer in 5 seconds" in first.err, "not waited for without end"
    second = home("run")
    assert (first.code, second.code, home.feed_exists()) == (0, 0, True)
    assert first.err.count("PUSHGATEWAY_URL: the push gateway") == 1
    assert second.err == ""
    assert PASSWORD not in first.err + home.log() + (home.path / "data" / "told.json").read_text()


@pytest.mark.parametrize("value", ["gateway:9091", "ftp://gateway", "http://", "http://host/?a=b", "http://[::1"])
def test_what_is_no_address_is_refused(home: Home, value: str) -> None:
    home.settings(PUSHGATEWAY_URL=value)
    done = home("run")
    assert (done.code, "PUSHGATEWAY_URL" in done.err) == (78, True)


def test_doctor_looks_whether_files_and_gateway_can_be_reached(tmp_path: Path) -> None:
    """A folder in which nothing can be made and a gateway that takes no connection are told before the first run; each
    is well where it can be, and nothing is left behind or pushed."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        files = {"METRICS_FILE": str(tmp_path / "a.prom"), "HEALTH_FILE": str(tmp_path / "h.json")}
        home = Home(tmp_path / "home", **files, PUSHGATEWAY_URL=f"http://bot:{PASSWORD}@127.0.0.1:{port}")
        before = sorted(tmp_path.iterdir())
        well = home("doctor").out
        assert sorted(tmp_path.iterdir()) == before
    for name in ("metrics file", "push gateway", "health file"):
        assert f"ok      {name}: " in well
    assert PASSWORD not in well
    nowhere = {"METRICS_FILE": "/proc/nope/a.prom", "HEALTH_FILE": str(tmp_path / "nope" / "h.json")}
    ill = home("doctor", **nowhere).out
    for name, setting in (("metrics", "METRICS_FILE"), ("health", "HEALTH_FILE")):
        assert f"warning {name} file: {nowhere[setting]} can't be written (" in ill and f"look at {setting}" in ill
    assert "warning push gateway: the push gateway 127.0.0.1" in ill and "look at PUSHGATEWAY_URL" in ill


def test_a_gateway_whose_name_no_host_can_have_is_a_line(tmp_path: Path) -> None:
    """Looking it up raises something of its own in the thread: told as any other trouble, with no traceback."""
    done = Home(tmp_path / "home", PUSHGATEWAY_URL="http://a..b:9091")("doctor")
    assert "warning push gateway: the push gateway a..b:9091 was not reached (" in done.out
    assert "UnicodeError" not in done.err and "Traceback" not in done.out + done.err


def test_what_is_raised_while_waiting_is_words() -> None:
    """Not a traceback of a thread on the terminal, and not told as if it had taken too long."""
    assert within(5.0, lambda: str(1 // 0), "late") == "failed (ZeroDivisionError)"
