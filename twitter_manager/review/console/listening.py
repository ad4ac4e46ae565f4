"""Where the console listens: on loopback, at the names that a person gave, or on the sockets that systemd hands over.

Whoever can reach more than loopback needs a name of their own and TLS, or nothing listens at all.
"""

from __future__ import annotations

import ipaddress
import os
import socket
import ssl
from collections.abc import MutableMapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from twitter_manager.errors import UsageError

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
_FIRST_FD = 3


@dataclass(frozen=True, slots=True)
class Wish:
    """How a person wants the console. `port`: None is the usual one, or a free one where that is taken; 0 is any."""

    port: int | None = None
    usual_port: int = 0
    hosts: Sequence[str] = ()
    """The first is listened at; all are names by which it may be reached."""
    certificate: str = ""
    key: str = ""

    @property
    def is_tls(self) -> bool:
        return bool(self.certificate)


@dataclass(frozen=True, slots=True)
class Listening:
    """The open sockets, and the names under which they may be reached, as a browser's Host header says them."""

    sockets: Sequence[socket.socket]
    hosts: Sequence[str]
    is_handed_over: bool
    is_local: bool

    @property
    def port(self) -> int:
        return int(self.sockets[0].getsockname()[1])

    def close(self) -> None:
        for each in self.sockets:
            each.close()


def listen(wish: Wish, environ: MutableMapping[str, str], *, has_users: bool) -> Listening:
    """Open the sockets, or take those that systemd opened. Raises UsageError."""
    _check_tls(wish)
    sockets = _handed_over(environ)
    is_handed_over = bool(sockets)
    sockets = sockets or _opened(wish, has_users)
    is_local = _are_local([str(each.getsockname()[0]) for each in sockets])
    try:
        _refuse_unsafe(wish, is_local=is_local, has_users=has_users)
    except UsageError:
        for each in sockets:
            each.close()
        raise
    for each in sockets:  # an answer's second packet would wait 40 ms for the first to be acknowledged
        each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    hosts = _names(wish, int(sockets[0].getsockname()[1]))
    return Listening(sockets, hosts, is_handed_over, is_local)


def _names(wish: Wish, port: int) -> list[str]:
    """What a Host header may say."""
    plain = 443 if wish.is_tls else 80
    bare = [f"[{host}]" if ":" in host and not host.startswith("[") else host.lower() for host in wish.hosts]
    return [name for host in bare or LOOPBACK for name in (f"{host}:{port}", *([host] if port == plain else []))]


def _refuse_unsafe(wish: Wish, *, is_local: bool, has_users: bool) -> None:
    if is_local:
        return
    if not has_users:
        remedy = "Add one with: review adduser NAME"
        raise UsageError("Who is to use the console over a network needs a name and a password.", remedy)
    if not wish.is_tls:
        raise UsageError("Over a network the console needs TLS.", "Give --tls-cert and --tls-key.")
    if not wish.hosts:
        raise UsageError("The socket is not on loopback.", "Say with --host by which name it is reached.")
    if all(_is_any(host) for host in wish.hosts):
        remedy = "Give the name in the browser's address too, with a second --host."
        raise UsageError(f"{wish.hosts[0]} is no name by which a browser comes.", remedy)


def _check_tls(wish: Wish) -> None:
    if bool(wish.certificate) != bool(wish.key):
        raise UsageError("TLS needs a certificate and its key.", "Give both --tls-cert and --tls-key.")
    if not wish.is_tls:
        return
    try:
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(wish.certificate, wish.key, password="")
    except OSError as error:  # ssl's errors too
        what = error.strerror if not isinstance(error, ssl.SSLError) else "they are not a certificate and its key"
        remedy = "Give PEM files; the key without a password."
        raise UsageError(f"The files for TLS can't be used ({what}).", remedy) from None


def _opened(wish: Wish, has_users: bool) -> list[socket.socket]:
    port = wish.usual_port if wish.port is None else wish.port
    addresses = _addresses(wish.hosts[0].strip("[]")) if wish.hosts else ["127.0.0.1"]
    _refuse_unsafe(wish, is_local=_are_local(addresses), has_users=has_users)
    try:
        first = _bound(addresses[0], port)
    except OSError as error:
        if wish.port is not None or wish.hosts:
            where = f"{addresses[0]}, port {port}"
            raise UsageError(f"At {where} nothing can listen ({error.strerror}).", "Take another --port.") from None
        first = _bound(addresses[0], 0)
    sockets = [first]
    for address in addresses[1:] if wish.hosts else ["::1"]:  # a machine without IPv6 has none
        with suppress(OSError):
            sockets.append(_bound(address, int(first.getsockname()[1])))
    return sockets


def _bound(address: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return socket.create_server((address, port), family=family, backlog=128)


def _addresses(host: str) -> list[str]:
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        remedy = "Give the name or the address under which this machine is reached."
        raise UsageError(f"--host {host[:100]!a} is not known here.", remedy) from None
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def _are_local(addresses: Sequence[str]) -> bool:
    return all(ipaddress.ip_address(address.partition("%")[0]).is_loopback for address in addresses)


def _is_any(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.strip("[]")).is_unspecified
    except ValueError:
        return False


def _handed_over(environ: MutableMapping[str, str]) -> list[socket.socket]:
    """The sockets that systemd opened for this process (sd_listen_fds(3)). Raises UsageError."""
    pid, count = environ.pop("LISTEN_PID", ""), environ.pop("LISTEN_FDS", "")
    environ.pop("LISTEN_FDNAMES", None)
    if pid != str(os.getpid()) or not count.isdigit():
        return []
    sockets = list[socket.socket]()
    for handle in range(_FIRST_FD, _FIRST_FD + int(count[:3])):
        try:
            given = socket.socket(fileno=handle)
            os.set_inheritable(handle, False)
            is_fit = given.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
            is_fit = is_fit and given.family in (socket.AF_INET, socket.AF_INET6)
        except OSError:
            is_fit = False
        if not is_fit:
            raise UsageError("What systemd handed over is no listening TCP socket.", "Take the unit as printed.")
        sockets.append(given)
    return sockets
