"""Hands the figures to a push gateway of Prometheus, where one is set: at most a few seconds, whatever it does."""

from __future__ import annotations

import socket
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, unquote, urlsplit

from twitter_manager.telemetry.bounded import within

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

LONGEST = 5.0
"""Seconds for all of it, the look-up of the host's name too."""
_LONGEST_WORDS = 200
"""Of what is wrong: a gateway's own words may be in it."""


def push(url: str, registry: CollectorRegistry, seconds: float = LONGEST) -> str:
    """Replace what the gateway has of this machine (PUT, by job and instance). `url` may hold a user and a password.
    Gives what is wrong, or ""."""
    gateway = urlsplit(url)
    trouble = within(seconds, partial(_pushed, gateway, registry, seconds), f"it gave no answer in {seconds:g} seconds")
    return _not_reached(gateway, trouble)


def unreached(url: str, seconds: float = LONGEST) -> str:
    """Why the gateway takes no connection, or "". Nothing is pushed."""
    gateway = urlsplit(url)
    trouble = within(seconds, partial(_connected, gateway, seconds), f"it gave no answer in {seconds:g} seconds")
    return _not_reached(gateway, trouble)


def _connected(gateway: SplitResult, seconds: float) -> str:
    port = gateway.port or (443 if gateway.scheme == "https" else 80)
    try:
        socket.create_connection((gateway.hostname or "", port), timeout=seconds).close()
    except (OSError, ValueError) as error:  # ValueError: a name that no host can have
        return _in_words(error)
    return ""


def _in_words(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


def _not_reached(gateway: SplitResult, trouble: str) -> str:
    what = " ".join(trouble.split())[:_LONGEST_WORDS]
    return f"the push gateway {_place(gateway)} was not reached ({what})" if what else ""


def _pushed(gateway: SplitResult, registry: CollectorRegistry, seconds: float) -> str:
    from http.client import HTTPException
    from urllib.error import HTTPError, URLError

    from prometheus_client import push_to_gateway
    from prometheus_client.exposition import basic_auth_handler, default_handler

    handler: Callable[..., Callable[[], None]] = default_handler
    if gateway.username is not None:
        user, password = unquote(gateway.username), unquote(gateway.password or "")
        handler = partial(basic_auth_handler, username=user, password=password)
    address = f"{gateway.scheme}://{_place(gateway)}{gateway.path}"
    instance = {"instance": socket.gethostname()}
    try:
        push_to_gateway(address, "twitter_manager", registry, instance, timeout=seconds, handler=handler)
    except HTTPError as error:
        return f"it answered {error.code}"
    except URLError as error:
        return getattr(error.reason, "strerror", None) or str(error.reason)
    except (OSError, HTTPException, ValueError) as error:
        return _in_words(error)
    return ""


def _place(gateway: SplitResult) -> str:
    """Host and port, without a user."""
    return gateway.netloc.rpartition("@")[2]
