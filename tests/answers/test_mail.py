"""Mails in a real IMAP server: which count, how far they are read, and what goes wrong."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email.message import EmailMessage
from itertools import chain, repeat

import pytest

from tests.standins.dovecot import PASSWORD, USER, Dovecot, dovecot
from twitter_manager.answers import mail
from twitter_manager.answers.incoming import Incoming
from twitter_manager.errors import AnswersUnreadable
from twitter_manager.settings.mailbox import Mailbox

ANNA = "anna@example.org"


@pytest.fixture(scope="module")
def running() -> Iterator[Dovecot]:
    with dovecot() as server:
        yield server


@pytest.fixture
def server(running: Dovecot, monkeypatch: pytest.MonkeyPatch) -> Dovecot:
    """The server with an empty mailbox; its certificate is trusted."""
    with running.client() as client:
        client.select()
        client.uid("STORE", "1:*", "+FLAGS", r"(\Deleted)")
        client.expunge()
    monkeypatch.setenv("SSL_CERT_FILE", str(running.certificate))
    return running


def mailbox(imap: Dovecot, **other: object) -> Mailbox:
    port = imap.tls if other.get("security", "tls") == "tls" else imap.plain
    values = {"host": "localhost", "given_port": port, "user": USER, "password": PASSWORD, "sender": "Anna@Example.org"}
    return Mailbox.model_construct(**{**values, **other})


def letter(text: str = "approve K7QF-2M9A\n", sender: str = f"Anna <{ANNA}>", **headers: str) -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, "poster@example.org", "Re: A draft is ready"
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return bytes(message)


def unread(imap: Dovecot, after: str = "", **other: object) -> tuple[list[Incoming], str]:
    with mail.opened(mailbox(imap, **other), lambda: 20.0) as box:
        return box.unread(after, datetime.now(UTC))


def own(imap: Dovecot, after: str = "", **other: object) -> list[str]:
    return [message.text for message in unread(imap, after, **other)[0]]


@pytest.mark.parametrize("security", ["tls", "starttls", "plain"])
def test_an_answer_is_read_and_marked_when_it_is_carried_out(server: Dovecot, security: str) -> None:
    """The person's own words come, whichever way the line is sealed; nothing changes before the mail is marked, and it
    is never deleted."""
    server.deliver(letter("approve K7QF-2M9A\n\nOn Fri, Poster wrote:\n> skip K7QF-2M9A\n"))
    with mail.opened(mailbox(server, security=security), lambda: 20.0) as box:
        (message,), position = box.unread("", datetime.now(UTC))
        assert (message.text, message.sender, message.refused) == ("approve K7QF-2M9A", ANNA, "")
        assert server.seen() == []
        box.mark_as_read(message)
    assert server.seen() == server.all() == [message.key]
    assert position == message.position
    assert own(server, position) == []


def test_a_position_holds_over_what_is_marked_as_read(server: Dovecot) -> None:
    """What comes after the position counts although another program showed it already; what came before doesn't."""
    server.deliver(letter("skip AAAA-1111"))
    _, position = unread(server)
    server.deliver(letter("skip BBBB-2222"), flags=r"(\Seen)")
    assert own(server, position) == ["skip BBBB-2222"]
    assert own(server) == ["skip AAAA-1111"]


def test_mails_that_are_numbered_anew_are_not_lost(server: Dovecot) -> None:
    """After a change of UIDVALIDITY what is not marked as read is looked at again."""
    server.deliver(letter("skip AAAA-1111"), flags=r"(\Seen)")
    server.deliver(letter("skip BBBB-2222"))
    _, position = unread(server)
    server.renumber()
    again, renewed = unread(server, position)
    assert [message.text for message in again] == ["skip BBBB-2222"]
    assert renewed.partition(":")[0] != position.partition(":")[0]


def test_an_empty_mailbox_has_a_position(server: Dovecot) -> None:
    """What comes after the first look counts, whatever stood there before."""
    server.deliver(letter("hello", sender="news@example.com"))
    incoming, position = unread(server)
    assert incoming == [] and int(position.partition(":")[2]) == server.all()[-1]


def test_a_flood_is_read_in_pieces(server: Dovecot) -> None:
    """A bounded number at once, and none of it is lost."""
    with server.client() as client:
        for number in range(mail.MOST + 2):
            client.append("INBOX", "", "", letter(f"skip AAAA-{number:04}").replace(b"\n", b"\r\n"))
    first, position = unread(server)
    assert len(first) == mail.MOST
    assert own(server, position) == [f"skip AAAA-{number:04}" for number in range(mail.MOST, mail.MOST + 2)]


def test_mails_that_take_long_are_read_in_pieces(server: Dovecot, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before the time is up, what was read is carried out, and the next run goes on behind it: else large mails in the
    person's name would end every run at the first of them."""
    for number in range(4):
        server.deliver(letter(f"skip AAAA-{number:04}"))
    monkeypatch.setattr(mail, "READING_SECONDS", 0.0)
    told, position = list[str](), ""
    for _ in range(4):
        incoming, position = unread(server, position)
        told += [message.text for message in incoming]
    assert told == [f"skip AAAA-{number:04}" for number in range(4)]


STRANGE = {
    "another sender": letter(sender="eve@example.org"),
    "another sender who is called so": letter(sender=f'"{ANNA}" <eve@example.org>'),
    "two senders": letter(sender=f"{ANNA}, eve@example.org"),
    "two lines of sender": b"From: eve@example.org\n" + letter(),
    "an absence note": letter(Auto_Submitted="auto-replied"),
    "an older absence note": letter(X_Autoreply="yes"),
    "a notice of ours": letter(X_Application="twitter_manager"),
    "bulk": letter(Precedence="bulk"),
    "a list": letter(List_Id="<x.example.org>"),
    "a bounce": letter(Return_Path="<>"),
    "something else": letter("Dear Bob, lunch at one?"),
}


@pytest.mark.parametrize("what", STRANGE)
def test_what_does_not_count_is_passed_over(server: Dovecot, what: str) -> None:
    """No mail of another's, no automatic one, and none about something else is an answer; the position moves on."""
    server.deliver(STRANGE[what])
    incoming, position = unread(server)
    assert incoming == []
    assert int(position.partition(":")[2]) == server.all()[-1] and server.seen() == []


def test_a_large_mail_is_read_as_far_as_words_go(server: Dovecot) -> None:
    """A picture of many megabytes behind the person's words keeps nothing from being read."""
    message = EmailMessage()
    message["From"] = ANNA
    message.set_content("approve K7QF-2M9A\n")
    message.add_attachment(bytes(3_000_000), "image", "png", filename="a.png")
    server.deliver(bytes(message))
    assert own(server) == ["approve K7QF-2M9A"]


def test_a_mail_that_is_built_to_be_expensive_is_not_read(server: Dovecot) -> None:
    """It is told, however deep its parts are nested."""
    bomb = "".join(f"Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n" for n in range(3_000))
    server.deliver(f"From: {ANNA}\n{bomb}".encode())
    nested = "Content-Type: message/rfc822\n\n" * 20_000
    server.deliver(f"From: {ANNA}\n{nested}".encode())
    incoming, _ = unread(server)
    assert [bool(message.refused) for message in incoming] == [True] * 2


def test_a_forged_mail_is_refused(server: Dovecot) -> None:
    """Where the receiving server says that the mail is not from its sender's domain, that is told and nothing more."""
    forged = letter(Authentication_Results="mx.example.org; dmarc=fail header.from=example.org; spf=fail")
    server.deliver(forged)
    sound = letter(Authentication_Results="mx.example.org; dkim=pass header.d=example.org")
    server.deliver(sound)
    server.deliver(letter())
    first, second, third = unread(server)[0]
    assert "failed" in first.refused and second.refused == third.refused == ""
    named, _ = unread(server, server="mx.example.org")
    assert [bool(message.refused) for message in named] == [True, False, True]


def test_another_folder(server: Dovecot) -> None:
    """A folder's name may have any letters."""
    server.deliver(letter(), folder='"Antworten &APw-ber"')
    assert own(server, folder="Antworten über") == ["approve K7QF-2M9A"]
    with pytest.raises(AnswersUnreadable, match="has no folder 'Nowhere'"):
        unread(server, folder="Nowhere")


def test_doctors_look_changes_nothing(server: Dovecot) -> None:
    """It says whose mails are read where."""
    server.deliver(letter())
    assert mail.verify(mailbox(server), lambda: 20.0) == f"mails of {ANNA} in INBOX on localhost"
    assert server.seen() == []


def test_trouble_is_told_in_words_without_the_password(server: Dovecot, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong password, a certificate that is not trusted, a closed port: one line each, and no secret in it."""
    cases = [
        (mailbox(server, password="wrong secret 1"), "refuses the name or the password"),
        (mailbox(server, given_port=9), "gave no answers"),
        (mailbox(server, given_port=server.plain), "gave no answers"),
    ]
    for box, words in cases:
        with pytest.raises(AnswersUnreadable, match=words) as told, mail.opened(box, lambda: 3.0):
            pass
        assert "secret" not in str(told.value) and told.value.__cause__ is None
    monkeypatch.delenv("SSL_CERT_FILE")
    for security in ("tls", "starttls"):
        with pytest.raises(AnswersUnreadable, match="certificate"):
            unread(server, security=security)


def _box_at(listening: socket.socket, security: str) -> Mailbox:
    """The mailbox of a server of our own."""
    port = listening.getsockname()[1]
    given = {"host": "127.0.0.1", "given_port": port, "user": "a", "password": "b", "sender": ANNA}
    return Mailbox.model_construct(**given, security=security)


@contextlib.contextmanager
def _server(talk: Callable[[socket.socket], object]) -> Iterator[socket.socket]:
    """A server that talks so to its one client, until either has gone."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            connection, _ = listening.accept()
            with connection, contextlib.suppress(OSError):
                talk(connection)

        serving = threading.Thread(target=serve, daemon=True)
        serving.start()
        yield listening
        serving.join()


@pytest.mark.parametrize("says", [b"", b"* OK ready\r\n", b"* OK re", b"* OK ready\r\n* " + b"x" * 2000])
@pytest.mark.parametrize("security", ["plain", "tls"])
def test_a_server_that_hangs_or_drips_keeps_no_run_waiting(says: bytes, security: str) -> None:
    """The connection is cut when its time is over, in the middle of whatever it says."""

    def talk(connection: socket.socket) -> None:
        for byte in chain(says, repeat(ord("y"))):
            connection.sendall(bytes([byte]))
            time.sleep(0.02)

    with _server(talk) as listening, pytest.raises(AnswersUnreadable):
        mail.verify(_box_at(listening, security), lambda: 1.0)


@pytest.mark.parametrize("how", ["closed", "reset", "left to us"])
@pytest.mark.parametrize("security", ["plain", "tls"])
def test_a_connection_that_ends_is_told_in_words(how: str, security: str) -> None:
    """Whoever ended it, and however that is seen."""

    def talk(connection: socket.socket) -> None:
        if how == "reset":
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        while how == "left to us" and connection.recv(1000):
            pass

    with _server(talk) as listening, pytest.raises(AnswersUnreadable, match="it broke off, or took too long"):
        mail.verify(_box_at(listening, security), lambda: 0.5)


def test_an_answer_without_end_is_not_read() -> None:
    """What a server announces as larger than a mail may be is not taken in."""

    def talk(connection: socket.socket) -> None:
        connection.sendall(b"* OK ready\r\n")
        connection.recv(1000)
        connection.sendall(b"* CAPABILITY {99999999999}\r\n" + b"x" * 1000)
        connection.recv(1000)  # until the client has gone

    with _server(talk) as listening, pytest.raises(AnswersUnreadable, match="broke off"):
        mail.verify(_box_at(listening, "plain"), lambda: 1.5)
