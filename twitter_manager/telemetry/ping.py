"""Reports of runs to a dead-man's switch, which tells a person when none comes any more.

As healthchecks.io and servers like it understand them (https://healthchecks.io/docs/http_api/): `URL/start`, `URL` for
a success, `URL/N` for exit code N, `URL/log` for what is neither; `rid` joins those of one run. A report that does not
arrive is no run's trouble: nothing here raises, and nothing waits longer than it is told."""

from __future__ import annotations

import ssl
from functools import partial
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID

from twitter_manager import __version__
from twitter_manager.telemetry.bounded import within

START_SECONDS, END_SECONDS = 3.0, 7.0
"""What a report may take in all, looking up its host included: ten seconds for both."""
LARGEST = 10_000
"""Bytes of what is told with a report; of more the end."""
_ANSWER = 200
START, LOG, SUCCESS = "start", "log", ""


def address(url: str, signal: str, run: str) -> str:
    """Where a report goes. `run`: 32 hex digits."""
    parts = urlsplit(url)
    path = parts.path.rstrip("/") + f"/{signal}" * bool(signal)
    return urlunsplit(parts._replace(path=path, query="&".join(filter(None, (parts.query, f"rid={UUID(run)}")))))


def send(url: str, signal: str, run: str, words: str, seconds: float) -> str:
    """Report; gives why it did not arrive, "" where it did. `words`: redacted already."""
    content = words.encode()[-LARGEST:].decode(errors="ignore").encode()
    work = partial(_posted, address(url, signal, run), content, seconds)
    return within(seconds, work, f"gave no answer within {seconds:.0f} seconds")


def _posted(address: str, content: bytes, seconds: float) -> str:
    from urllib.error import HTTPError, URLError
    from urllib.request import HTTPRedirectHandler, Request, build_opener

    class Stay(HTTPRedirectHandler):
        """Goes nowhere else with what is told."""

        def redirect_request(self, *_: object) -> None:
            return None

    headers = {"User-Agent": f"twitter_manager/{__version__}", "Content-Type": "text/plain; charset=utf-8"}
    try:
        with build_opener(Stay).open(Request(address, content, headers, method="POST"), timeout=seconds) as answer:  # noqa: S310 (https or http, see monitor_url)
            return "does not know this address" if b"(not found)" in answer.read(_ANSWER) else ""
    except HTTPError as error:
        error.close()
        return f"answered with HTTP status {error.code}"
    except URLError as error:
        return _in_words(error.reason)
    except Exception as error:  # noqa: BLE001 (whatever a library raises, the run went as it went)
        return _in_words(error)


def _in_words(error: object) -> str:
    from socket import gaierror

    if isinstance(error, ssl.SSLCertVerificationError):
        return "has a certificate that is not trusted"
    if isinstance(error, ssl.SSLError):
        return "can't be spoken with safely (TLS)"
    if isinstance(error, gaierror):
        return "is at a host that is not found"
    if isinstance(error, TimeoutError):
        return "gave no answer in time"
    if isinstance(error, OSError):
        return f"can't be reached ({error.strerror or type(error).__name__})"
    return "gave no answer that can be understood"
