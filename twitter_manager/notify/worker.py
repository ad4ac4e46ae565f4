"""The process that hands one message to a channel by the library `apprise`. `sending` starts it and watches it.

It gets one JSON object on standard input (`url`, `title`, `body`; without a body the address is only examined) and
answers with one: `result` (sent, failed, or unsure where the message may have arrived) and `why`. What the library or a
server said never leaves the process, for an address may stand in it: `why` is one of the sentences here."""

from __future__ import annotations

import json
import logging
import os
import re
import sys
from typing import Any

_REASONS = (
    (r"CERTIFICATE_VERIFY_FAILED|certificate verify failed|SSLError|\[SSL", "failed", "its certificate is not trusted"),
    (r"\b(?:timed? ?out|TimeoutError|Read timed)", "unsure", "it did not answer in time"),
    (r"Connection refused|Errno 111|No route to host|Network is unreachable", "failed", "no connection to it"),
    (
        r"Name or service not known|getaddrinfo|NameResolution|Temporary failure in name|No address associated",
        "failed",
        "its host is not known",
    ),
    (r"\b\((?:534|535|530), |^\((?:534|535|530), |Authentication|: \((?:53[045]), ", "failed", "it refuses the login"),
    (r"\b(?:error|status)=(?:401|403)\b", "failed", "it refuses the login, the key or the address"),
    (r"\b(?:error|status)=404\b", "failed", "it does not know the address (404)"),
    (r"\b(?:error|status)=429\b", "failed", "it gets too many messages (429)"),
    (r"Connection unexpectedly closed|Connection reset|Broken pipe|RemoteDisconnected", "unsure", "it broke off"),
)
"""What the log shows, how it ended, and what a person is told; the first that fits."""


class _Kept(logging.Handler):
    """Keeps the library's log for a look."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage()[:500])


def serve(parent: int, seconds: int) -> None:
    """Do the one job, and end within these seconds, or with the parent."""
    import signal

    from twitter_manager.sources.limits import bound_this_process

    bound_this_process(parent)  # a service may answer without end
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(seconds)
    out = os.dup(1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    job = json.load(sys.stdin)
    try:
        answer = _done(str(job["url"]), str(job["title"]), str(job["body"]))
    except Exception as error:  # noqa: BLE001 (what a library of a hundred services raises is unforeseeable)
        answer = {"result": "failed", "why": f"unforeseen {type(error).__name__}"}
    os.write(out, json.dumps(answer).encode())


def _done(url: str, title: str, body: str) -> dict[str, str]:
    import apprise

    kept = _Kept()
    log = logging.getLogger("apprise")
    log.handlers, log.propagate = [kept], False
    log.setLevel(logging.DEBUG)
    server = _server(url)
    if server is None:
        return {"result": "failed", "why": "the library apprise does not know such an address"}
    if not body:
        return {"result": "sent", "why": ""}
    channels = apprise.Apprise(asset=server.asset)
    channels.add(server)
    if channels.notify(title=title, body=body, body_format=apprise.NotifyFormat.TEXT):
        return {"result": "sent", "why": ""}
    result, why = _reason("\n".join(kept.lines))
    return {"result": result, "why": why}


def _server(url: str) -> Any:
    import apprise

    asset = apprise.AppriseAsset(
        app_id="twitter_manager",
        app_desc="twitter_manager",
        app_url="",
        image_url_mask="",
        image_url_logo="",
        async_mode=False,
        storage_mode=apprise.PersistentStoreMode.MEMORY,
        pgp_autogen=False,
        pem_autogen=False,
    )
    server = apprise.Apprise.instantiate(url, asset=asset, suppress_exceptions=True)
    if server is not None and "overflow=" not in url:
        server.overflow_mode = apprise.OverflowMode.SPLIT
    return server


def _reason(log: str) -> tuple[str, str]:
    for pattern, result, why in _REASONS:
        if re.search(pattern, log, re.MULTILINE):
            return result, why
    status = re.search(r"\berror=(\d{3})\b", log)
    if status:
        return ("unsure" if status[1].startswith("5") else "failed"), f"it answered {status[1]}"
    return "failed", "it does not take the message"
