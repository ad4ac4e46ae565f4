"""Whether the server that received a mail found it to come from its sender's domain (RFC 8601, Authentication-Results).

Headers that the sender wrote themselves stand below the line that the receiving server put on top (`Received`); only
what stands above it is believed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

_LONGEST = 5_000
_MOST = 10
"""Headers of the receiving server; it puts its own on top."""
_METHODS = ("dmarc", "dkim", "spf")
_DOMAIN_OF = {"dmarc": ("from",), "dkim": ("d", "i"), "spf": ("mailfrom",)}
"""The property that names the domain which a method looked at."""


@dataclass(frozen=True, slots=True)
class Result:
    """What one method found about one domain."""

    method: str
    verdict: str
    domain: str


def refusal(headers: Sequence[tuple[str, str]], sender: str, server: str) -> str:
    """Why the mail does not count, or "". `headers`: name and value, in their order; `server`: the name by which the
    receiving server signs its results, or "" for the one that stands on top. Where no server left results there is
    nothing to go by, and only a mail that should have some (`server` is given) is refused."""
    block = list(islice(_of_receiver(headers, server), _MOST))
    if not block:
        return f"{server} left no Authentication-Results in it" if server else ""
    results = [result for value in block for result in _results(value)]
    domain = sender.rpartition("@")[2].lower()
    dmarc = {result.verdict for result in results if result.method == "dmarc" and result.domain in ("", domain)}
    if dmarc == {"pass"}:
        return ""
    failed = [result.method for result in results if result.method in _METHODS and result.verdict == "fail"]
    if failed:
        return f"{', '.join(dict.fromkeys(failed))} failed: somebody else may have written it"
    passed = any(result.verdict == "pass" and _aligned(result.domain, domain) for result in results)
    return "" if passed else f"neither dkim, spf nor dmarc passed for {domain}"


def _of_receiver(headers: Sequence[tuple[str, str]], server: str) -> Iterator[str]:
    """The results that the receiving server left."""
    found = ""
    for name, value in headers:
        if name.lower() == "received" and found:
            return
        if name.lower() != "authentication-results":
            continue
        signed = _server_of(value)
        if signed == (found or server.lower() or signed):
            found = signed
            yield value


def _server_of(value: str) -> str:
    """The name that begins the header; Microsoft's servers leave it out."""
    name = re.match(r"\s*([^\s;=()]{1,255})(?:\s+\d+)?\s*;", value)
    return name[1].lower() if name else "?"


def _results(value: str) -> Iterator[Result]:
    """What a header says; nothing where it can't be read."""
    from authres import AuthenticationResultsHeader, AuthResError

    if len(value) > _LONGEST:
        return
    value = re.sub(r"\s+", " ", value)
    if _server_of(value) == "?":
        value = "unnamed; " + re.sub(r" action=[\w.]+", "", value)
    try:
        header = AuthenticationResultsHeader.parse(f"Authentication-Results: {value}")
    except (AuthResError, ValueError, TypeError, AttributeError, IndexError, RecursionError):
        return
    for entry in header.results:
        method = str(entry.method).lower()
        wanted = _DOMAIN_OF.get(method, ())
        named = {str(each.name).lower(): str(each.value or "") for each in entry.properties}
        domain = next((named[name] for name in wanted if name in named), "")
        yield Result(method, str(entry.result).lower(), domain.rpartition("@")[2].strip('"').lower())


def _aligned(one: str, other: str) -> bool:
    """The same domain, or one within the other, as DMARC's relaxed mode has it; a top-level domain holds none."""
    return "." in one and (one == other or one.endswith(f".{other}") or other.endswith(f".{one}"))
