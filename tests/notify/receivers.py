"""What messages are sent to: a real SMTP server and a receiver of web hooks, both on loopback."""

from __future__ import annotations

import json
import socket
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope


@dataclass
class Mailbox:
    """The mails that came in."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)

    def url(self, user: str = "bot", password: str = "Pa55-w0rd-of-mail") -> str:
        addresses = "from=bot@example.org&to=anna@example.org"
        return f"mailto://{user}:{password}@127.0.0.1:{self.port}?{addresses}"

    async def handle_DATA(self, server: object, session: object, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))  # type: ignore[arg-type]
        return "250 OK"

    @property
    def texts(self) -> list[str]:
        """Each as a person reads it."""
        return [_readable(mail) for mail in self.mails]


def _readable(mail: EmailMessage) -> str:
    part = mail.get_body(preferencelist=("plain", "html"))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n").strip()


@contextmanager
def mail_server(password: str = "Pa55-w0rd-of-mail") -> Iterator[Mailbox]:
    """A server that lets one user in."""
    mailbox = Mailbox()

    def check(server: Any, session: Any, envelope: Any, mechanism: str, given: Any) -> AuthResult:
        return AuthResult(success=given.password == password.encode(), handled=False)

    controller = Controller(
        mailbox,
        hostname="127.0.0.1",
        port=free_port(),
        authenticator=check,
        auth_required=True,
        auth_require_tls=False,
    )
    with warnings.catch_warnings(action="ignore"):  # a password without TLS, on loopback
        controller.start()
    mailbox.port = controller.port
    try:
        yield mailbox
    finally:
        controller.stop()


@dataclass
class Hook:
    """What web hooks got. `status`: what is answered; `hangs`: nothing is, ever; `endless`: the answer has no end."""

    url: str = ""
    status: int = 200
    hangs: bool = False
    endless: bool = False
    got: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    ends: threading.Event = field(default_factory=threading.Event)

    @property
    def bodies(self) -> list[dict[str, Any]]:
        return [body for _, body in self.got]


@contextmanager
def hook_server() -> Iterator[Hook]:
    hook = Hook()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None: ...

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            hook.got.append((self.path, json.loads(body)))
            if hook.hangs:
                hook.ends.wait()
                return
            if hook.endless:
                self.send_response(hook.status)
                self.end_headers()
                with suppress(OSError):
                    while not hook.ends.is_set():
                        self.wfile.write(bytes(2**20))
                return
            self.send_response(hook.status)
            self.send_header("content-length", "0")
            self.end_headers()

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    hook.url = f"json://127.0.0.1:{server.server_port}"
    try:
        yield hook
    finally:
        hook.ends.set()
        server.shutdown()
        server.server_close()


@contextmanager
def silent_server() -> Iterator[int]:
    """A port that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])
