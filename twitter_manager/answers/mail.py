"""A mailbox of the person's, over IMAP: what they replied to notices. The one thing that it changes there: a mail whose
answer was carried out is marked as read.

https://www.rfc-editor.org/rfc/rfc3501
"""

from __future__ import annotations

import base64
import errno
import imaplib
import re
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from twitter_manager.answers import authentication, letters
from twitter_manager.answers.incoming import Incoming
from twitter_manager.answers.words import may_be_meant
from twitter_manager.domain import TimeLeft
from twitter_manager.errors import AnswersUnreadable
from twitter_manager.settings.mailbox import Mailbox

MOST = 20
"""Mails that are read at once; the rest stays for the next run."""
SECONDS = 15.0
READING_SECONDS = 8.0
"""After these the mails that are left wait for the next run: when the connection is cut, none would be carried out."""
_OF_INTEREST = timedelta(days=15)
"""Older mails are not looked for: no code lives so long."""
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_REMEDY = "Look at the IMAP_ settings in .env; the provider's help names host and port."
_CUT = "it broke off, or took too long"
_BROKEN_OFF = (TimeoutError, ssl.SSLEOFError, ssl.SSLZeroReturnError, ConnectionResetError, BrokenPipeError, EOFError)
"""What is seen of a connection's end, ours or theirs, by where it was met."""
_Lines = list[Any]


@dataclass(frozen=True, slots=True)
class Opened:
    """The mailbox, open. Everything raises AnswersUnreadable when it goes wrong."""

    mailbox: Mailbox
    server: imaplib.IMAP4

    def unread(self, after: str, now: datetime) -> tuple[list[Incoming], str]:
        """What the person sent since the position `after`, oldest first, and where to go on once all is carried out.
        Of a mailbox that is read for the first time, or whose mails were numbered anew, what is not marked as read."""
        validity, next_number = self._number("UIDVALIDITY"), self._number("UIDNEXT")
        before, _, last = after.partition(":")
        known = int(last) if before == str(validity) else 0
        since = now - _OF_INTEREST
        words = ["SINCE", f"{since.day}-{_MONTHS[since.month - 1]}-{since.year}", "FROM", _quoted(self.mailbox.address)]
        words += ["UID", f"{known + 1}:*"] if known else ["UNSEEN"]
        found = b" ".join(line for line in self._ask("SEARCH", *words) if isinstance(line, bytes)).split()
        numbers = sorted(number for number in map(int, filter(bytes.isdigit, found)) if number > known)
        incoming, looked_at = list[Incoming](), 0
        until = time.monotonic() + READING_SECONDS
        for number in numbers[:MOST]:
            if looked_at and time.monotonic() > until:
                break
            looked_at += 1
            if message := self._read(number, validity):
                incoming.append(message)
        end = numbers[looked_at - 1] if looked_at < len(numbers) else max([known, next_number - 1, *numbers])
        return incoming, f"{validity}:{end}"

    def mark_as_read(self, message: Incoming) -> None:
        """Its answer was carried out."""
        self._ask("STORE", str(message.key), "+FLAGS.SILENT", r"(\Seen)")

    def _read(self, number: int, validity: int) -> Incoming | None:
        """The mail, where it may be an answer of the person's."""
        answer = self._ask("FETCH", str(number), f"(BODY.PEEK[]<0.{letters.MOST_BYTES}>)")
        raw = next((line[1] for line in answer if isinstance(line, tuple) and len(line) > 1), b"")
        letter = letters.read(raw)
        position = f"{validity}:{number}"
        if letter is None:
            why = "a mail in your name is too involved to be read"
            return Incoming("", self.mailbox.address, position, number, refused=why)
        if letter.sender != self.mailbox.address or letter.is_automatic or not may_be_meant(letter.own, letter.whole):
            return None
        why = authentication.refusal(letter.headers, letter.sender, self.mailbox.server)
        return Incoming(letter.own, letter.sender, position, number, refused=why)

    def _number(self, name: str) -> int:
        _, lines = self.server.response(name)
        digits = lines[0] if lines and isinstance(lines[0], bytes) else b""
        return int(digits) if re.fullmatch(rb"\d{1,10}", digits) else 0

    def _ask(self, command: str, *words: str) -> _Lines:
        with _told():
            verdict, lines = self.server.uid(command, *words)
            if verdict != "OK":
                raise self.server.error
            return lines


@contextmanager
def opened(mailbox: Mailbox, time_left: TimeLeft, *, to_look: bool = False) -> Iterator[Opened]:
    """The mailbox's folder; all is over in time, whatever the server does. `to_look`: nothing may be changed."""
    server = _connected(mailbox, min(SECONDS, time_left()))
    try:
        with _told("refuses the name or the password"):
            _log_in(server, mailbox)
        folder = _quoted(_folder(mailbox.folder))
        with _told(f"has no folder {mailbox.folder!r} that can be read"):
            verdict, _ = server.select(folder, readonly=to_look)
            if verdict != "OK":
                raise server.error
        yield Opened(mailbox, server)
    finally:
        with suppress(imaplib.IMAP4.error, OSError):
            server.logout()
        server.watch.cancel()
        server.cut()


def verify(mailbox: Mailbox, time_left: TimeLeft) -> str:
    """Whose answers are read where; changes nothing."""
    with opened(mailbox, time_left, to_look=True):
        return f"mails of {mailbox.address} in {mailbox.folder} on {mailbox.host}"


def _connected(mailbox: Mailbox, seconds: float) -> _Bounded:
    with _told():
        if seconds <= 0:
            raise TimeoutError
        server = _Bounded(mailbox, seconds)
        try:
            if mailbox.security == "starttls":
                server.starttls(server)  # all it asks of a context is `wrap_socket`
        except BaseException:
            server.watch.cancel()
            server.cut()
            raise
        return server


def _log_in(server: imaplib.IMAP4, mailbox: Mailbox) -> None:
    if "AUTH=PLAIN" in server.capabilities:
        server.authenticate("PLAIN", lambda _: f"\0{mailbox.user}\0{mailbox.password}".encode())
    else:
        server.login(_quoted(mailbox.user), mailbox.password)


class _Bounded(imaplib.IMAP4):
    """A connection that is cut after so many seconds, and gives no answer that is longer than a mail may be."""

    def __init__(self, mailbox: Mailbox, seconds: float) -> None:
        self._mailbox, self._sockets = mailbox, list[socket.socket]()
        self.watch = threading.Timer(seconds, self.cut)
        self.watch.daemon = True
        try:
            super().__init__(mailbox.host, mailbox.port, timeout=seconds)
        except BaseException:
            self.watch.cancel()
            self.cut()
            raise

    def _create_socket(self, timeout: float | None) -> socket.socket:
        plain = socket.create_connection((self._mailbox.host, self._mailbox.port), timeout)
        self._sockets.append(plain)
        self.watch.start()
        return plain if self._mailbox.security != "tls" else self.wrap_socket(plain)

    def wrap_socket(self, plain: socket.socket, server_hostname: str = "") -> ssl.SSLSocket:
        """Speak TLS on it. In two steps, since the handshake must be cut too when it takes too long."""
        context = ssl.create_default_context()
        sealed = context.wrap_socket(plain, server_hostname=self._mailbox.host, do_handshake_on_connect=False)
        self._sockets.append(sealed)
        sealed.do_handshake()
        return sealed

    def cut(self) -> None:
        """End the connection; who waits for an answer is told so."""
        for end in self._sockets:
            with suppress(OSError):  # it was closed, or became another's
                end.shutdown(socket.SHUT_RDWR)
            with suppress(OSError):
                end.close()

    def read(self, size: int) -> bytes:
        if size > letters.MOST_BYTES + 1000:
            raise self.abort("an answer that is too long")
        return super().read(size)


@contextmanager
def _told(refused: str = "does not do what was asked") -> Iterator[None]:
    """Turn what a server or the line does into words; nothing that was said to the server is in them."""
    try:
        yield
    except ssl.SSLCertVerificationError:
        message = "The mailbox's server has a certificate that is not its own, or is out of date."
        raise AnswersUnreadable(message, _REMEDY) from None
    except imaplib.IMAP4.abort:
        raise _unreachable(_CUT) from None
    except imaplib.IMAP4.error:
        raise AnswersUnreadable(f"The mailbox {refused}.", _REMEDY) from None
    except (OSError, ValueError, EOFError) as error:
        is_cut = isinstance(error, _BROKEN_OFF) or getattr(error, "errno", None) in (errno.EBADF, errno.ENOTCONN)
        raise _unreachable(_CUT if is_cut else type(error).__name__) from None


def _unreachable(why: str) -> AnswersUnreadable:
    return AnswersUnreadable(f"The mailbox gave no answers: {why}.", f"The next run reads them. {_REMEDY}")


def _quoted(word: str) -> str:
    return '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _folder(name: str) -> str:
    """A folder's name in IMAP's own alphabet (modified UTF-7, RFC 3501, 5.1.3)."""

    def encoded(found: re.Match[str]) -> str:
        return f"&{base64.b64encode(found[0].encode('utf-16-be')).decode().rstrip('=').replace('/', ',')}-"

    return re.sub(r"[^\x20-\x7e]+", encoded, name.replace("&", "&-"))
