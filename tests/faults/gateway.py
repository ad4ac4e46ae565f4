"""Proxies on loopback before the servers: they count the program's requests and kill it from outside at one of them.

The points of the n-th request: `http-n-before` (it came, the server never hears of it), `http-n-stored` (the server has
answered the gateway, the program has heard nothing), `http-n-answered` (the answer lies in the program's socket, and it
is killed before it can read it: what it would do next is the next commit's point).
"""

from __future__ import annotations

import os
import re
import signal
import socket
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import httpx

from tests.standins.proxy import Fault, FaultProxy, Reply, Seen


class Boundary:
    """The requests of one run, over all gateways."""

    def __init__(self) -> None:
        self.begin("")

    def begin(self, kill: str) -> None:
        """Count anew; `kill` is the point at which to kill, or empty."""
        self.passed: list[str] = []
        self.struck = False
        self.over = threading.Event()
        self._kill, self._count = kill, 0
        self._pid, self._started = 0, threading.Event()

    def started(self, pid: int) -> None:
        """The process to kill."""
        self._pid = pid
        self._started.set()

    def arrived(self) -> int:
        """A request came: its number."""
        self._count += 1
        return self._count

    def at(self, number: int, when: str) -> bool:
        """The point is passed, or the process is killed here: then True."""
        point = f"http-{number}-{when}"
        self.passed.append(point)
        if point != self._kill:
            return False
        self._signal(signal.SIGKILL)
        self.struck = True
        return True

    def stop_if_next(self, number: int, when: str) -> None:
        """Stop the process where it stands when this will be the point."""
        if f"http-{number}-{when}" == self._kill:
            self._signal(signal.SIGSTOP)
            while Path(f"/proc/{self._pid}/stat").read_text().rpartition(")")[2].split()[0] not in "Tt":
                time.sleep(0.001)

    def _signal(self, number: signal.Signals) -> None:
        assert self._started.wait(30), "nobody told the gateway whom to kill"
        os.kill(self._pid, number)


@dataclass
class Rule:
    """The requests whose `METHOD path` matches meet this fault: after `skip` of them, `times` times (0: always)."""

    pattern: str
    fault: Fault
    skip: int = 0
    times: int = 1
    hits: int = 0

    def takes(self, request: Seen) -> bool:
        if not re.search(self.pattern, f"{request.method} {request.path}"):
            return False
        self.hits += 1
        used = self.hits - self.skip
        return used > 0 and (self.times == 0 or used <= self.times)


class Gateway(FaultProxy):
    """One server's. `headers` are added to what is passed on."""

    def __init__(self, upstream: str, boundary: Boundary, headers: Mapping[str, str] | None = None) -> None:
        self.rules: list[Rule] = []
        self._last: Rule | None = None
        self._boundary = boundary
        self._headers = dict(headers or {})
        self._numbers: dict[int, int] = {}
        super().__init__(upstream)

    def fail_at(self, pattern: str, fault: Fault, *, skip: int = 0, times: int = 1) -> None:
        """See Rule."""
        self.rules.append(Rule(pattern, fault, skip, times))

    def refuse_after(self, pattern: str, *, skip: int = 0) -> None:
        """Once such a request is answered nobody listens here any more until the run is over: what comes next in this
        run is a connection that is refused."""
        self._last = Rule(pattern, Fault(forward=True), skip)

    def clear(self) -> None:
        """Forget all rules."""
        self.rules.clear()
        self._last = None

    def answer(self, request: Seen) -> Reply | None:
        boundary = self._boundary
        number = boundary.arrived()
        self._numbers[id(request)] = number
        if boundary.at(number, "before"):
            return None
        rule = next((rule for rule in self.rules if rule.takes(request)), None)
        fault = rule.fault if rule else Fault(forward=True)
        reply = fault.reply
        if fault.forward:
            answer = self._forward(request)
            reply = reply if rule else answer
        if boundary.at(number, "stored"):
            return None
        if fault.hang:
            boundary.over.wait(fault.hang)
            return None
        boundary.stop_if_next(number, "answered")
        if reply is not None and self._last and self._last.takes(request):
            self._server.shutdown()
            self._server.socket.close()
            reply = replace(reply, headers={**reply.headers, "connection": "close"})
        return reply

    def sent(self, request: Seen) -> None:
        self._boundary.at(self._numbers.pop(id(request)), "answered")

    def quiet(self) -> None:
        """The run is over: let go of what hangs, then wait until nothing is on its way any more."""
        self._boundary.over.set()
        if self._server.socket.fileno() < 0:
            self._server.socket = socket.socket()
            self._server.server_bind()
            self._server.server_activate()
            threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        super().quiet()

    def _forward(self, request: Seen) -> Reply | None:
        """The server's answer; None when it cut the line."""
        try:
            return self._pass_on(replace(request, headers={**request.headers, **self._headers}))
        except httpx.TransportError:
            return None
