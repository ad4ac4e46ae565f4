"""A real IMAP server for tests: Debian's dovecot with a configuration of its own, on loopback, plain and with TLS.

Where there is none the test skips. As root it serves its mails as `nobody`, else as this user.
"""

from __future__ import annotations

import getpass
import grp
import imaplib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

USER, PASSWORD = "anna", "geheim \"#'ü5ß"
_CONFIG = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
ssl = yes
ssl_cert = <{folder}/cert.pem
ssl_key = <{folder}/key.pem
disable_plaintext_auth = no
auth_mechanisms = {mechanisms}
default_internal_user = {internal}
default_internal_group = {group}
default_login_user = {login}
first_valid_uid = 1
mail_location = maildir:{folder}/mail/%u
passdb {{
  driver = passwd-file
  args = scheme=PLAIN {folder}/users
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail/%u
}}
service anvil {{
  chroot =
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {plain}
  }}
  inet_listener imaps {{
    port = {tls}
  }}
}}
"""


@dataclass(frozen=True)
class Dovecot:
    """A server at work."""

    folder: Path
    plain: int
    tls: int

    @property
    def certificate(self) -> Path:
        return self.folder / "cert.pem"

    @contextmanager
    def client(self) -> Iterator[imaplib.IMAP4]:
        client = imaplib.IMAP4("127.0.0.1", self.plain, timeout=20)
        client.authenticate("PLAIN", lambda _: f"\0{USER}\0{PASSWORD}".encode())
        try:
            yield client
        finally:
            client.logout()

    def deliver(self, mail: bytes, folder: str = "INBOX", flags: str = "") -> None:
        """A mail arrives."""
        with self.client() as client:
            if folder != "INBOX":
                client.create(folder)
            verdict, lines = client.append(folder, flags, "", mail.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))
            assert verdict == "OK", lines

    def seen(self, folder: str = "INBOX") -> list[int]:
        """The numbers of the mails that are marked as read."""
        return self._numbers(folder, "SEEN")

    def all(self, folder: str = "INBOX") -> list[int]:
        return self._numbers(folder, "ALL")

    def _numbers(self, folder: str, which: str) -> list[int]:
        with self.client() as client:
            client.select(folder, readonly=True)
            return [int(number) for number in client.uid("SEARCH", which)[1][0].split()]

    def renumber(self) -> None:
        """The mails keep their place and get new numbers, as after a move to another server."""
        for path in (self.folder / "mail" / USER).glob("dovecot*"):
            path.unlink()
        time.sleep(1.1)  # the validity is the time in seconds


def _port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def _ours() -> dict[str, str | int]:
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        users = {"internal": "dovecot", "group": "dovecot", "login": "dovenull"}
        return {"uid": nobody.pw_uid, "gid": nobody.pw_gid, **users}
    me = getpass.getuser()
    group = grp.getgrgid(os.getgid()).gr_name
    return {"uid": os.getuid(), "gid": os.getgid(), "internal": me, "login": me, "group": group}


@contextmanager
def dovecot(mechanisms: str = "plain login") -> Iterator[Dovecot]:
    """A server with one user and an empty mailbox, or a skip."""
    binary = shutil.which("dovecot") or "/usr/sbin/dovecot"
    if not Path(binary).exists() or shutil.which("openssl") is None:
        pytest.skip("no dovecot here (Debian: dovecot-imapd), or no openssl")
    folder = Path(tempfile.mkdtemp(prefix="imap"))
    folder.chmod(0o755)
    server = Dovecot(folder, _port(), _port())
    ours = _ours()
    try:
        _certificate(folder)
        (folder / "users").write_text(f"{USER}:{PASSWORD}\n")
        (folder / "mail").mkdir()
        shutil.chown(folder / "mail", int(ours["uid"]), int(ours["gid"]))
        values = {"folder": folder, "plain": server.plain, "tls": server.tls, "mechanisms": mechanisms, **ours}
        (folder / "conf").write_text(_CONFIG.format(**values))
        process = subprocess.Popen(
            [binary, "-F", "-c", str(folder / "conf")], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            _wait(server, process)
            yield server
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(20)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _certificate(folder: Path) -> None:
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost"
    names = ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    files = ["-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")]
    subprocess.run([*command.split(), *names, *files], check=True, capture_output=True)


def _wait(server: Dovecot, process: subprocess.Popen[bytes]) -> None:
    for _ in range(200):
        try:
            with server.client():
                return
        except (OSError, imaplib.IMAP4.error):
            if process.poll() is not None:
                break
            time.sleep(0.05)
    log = server.folder / "log"
    raise AssertionError(f"dovecot does not start: {log.read_text() if log.exists() else 'no log'}")
