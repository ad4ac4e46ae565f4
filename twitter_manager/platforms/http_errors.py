"""What a platform says with a refusal: its words, fit for a log, and when to come back; and the log on a request.

What the refusal means and whether to wait is for the caller.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

log = logging.getLogger(__name__)

LONGEST_WAIT = timedelta(hours=24)
"""No platform's window is longer (X: 15 minutes and 24 hours, Bluesky: 5 minutes to 24 hours)."""
LONGEST_WORDS = 200
"""Characters of a server's words that are told."""
_A_LIMIT = re.compile(r"[0-9TZ:., +-]{1,40}")
"""A number or a time: nothing else of a header reaches the log."""
_MOST_READ = 64 * 1024
_RESETS = ("x-rate-limit-reset", "ratelimit-reset", "x-ratelimit-reset")
_DAILY_LIMITS = ("x-app-limit-24hour", "x-user-limit-24hour")


def log_request(method: str, path: str, status: int | str, headers: Mapping[str, str], *, seconds: float) -> None:
    """For LOG_LEVEL_SOCIAL=DEBUG: what was asked and how it went, with what the headers tell of limits. Nothing of a
    query, a body or another header, where secrets and texts are."""
    limits = {
        name.lower(): value
        for name, value in headers.items()
        if re.search("retry-after|rate-?limit", name, re.IGNORECASE) and _A_LIMIT.fullmatch(value)
    }
    log.debug("%s %s: %s in %.2f s %s", method, path.partition("?")[0][:LONGEST_WORDS], status, seconds, limits or "")


def told(words: str, redact: Callable[[str], str]) -> str:
    """A server's words as one short line. Secrets that it echoes are blacked out before anything is cut: half a secret
    is not recognised."""
    words = redact(words[:_MOST_READ])
    return " ".join("".join(c if c.isprintable() else " " for c in words).split())[:LONGEST_WORDS].rstrip(".")


def retry_at_from_headers(headers: Mapping[str, str], now: datetime) -> datetime | None:
    """The latest time that the headers name, between `now` and `now` + 24 hours, in UTC; None where they name none.

    Understood: `retry-after` (seconds or HTTP date, RFC 9110 section 10.2.3), `x-rate-limit-reset` (X) and
    `ratelimit-reset` (Bluesky) in unix seconds, `x-ratelimit-reset` (Mastodon: ISO 8601; its relatives: unix seconds),
    and X's `x-{app,user}-limit-24hour-reset` where that limit has nothing left. What can't be read, or lies more than a
    day back, counts as absent.
    https://docs.x.com/x-api/fundamentals/rate-limits
    """
    lowered = {name.lower(): value for name, value in headers.items()}
    spent = [f"{limit}-reset" for limit in _DAILY_LIMITS if lowered.get(f"{limit}-remaining", "").strip() == "0"]
    seconds = [_unix(lowered[name]) for name in (*_RESETS, *spent) if name in lowered]
    if "retry-after" in lowered:
        seconds.append(_retry_after(lowered["retry-after"], now))
    earliest = (now - LONGEST_WAIT).timestamp()
    named = [moment for moment in seconds if moment is not None and moment >= earliest]
    return _latest(named, now)


def used_up_until(headers: Mapping[str, str], now: datetime) -> datetime | None:
    """When the next request is taken, where an answer says that it was the last for now: a limit of which nothing
    remains. Read as in `retry_at_from_headers`; None where something is left, or nothing is said."""
    lowered = {name.lower(): value for name, value in headers.items()}
    limits = [*(reset.removesuffix("-reset") for reset in _RESETS), *_DAILY_LIMITS]
    spent = [f"{limit}-reset" for limit in limits if lowered.get(f"{limit}-remaining", "").strip() == "0"]
    named = [moment for name in spent if (moment := _unix(lowered.get(name, ""))) is not None]
    return _latest([moment for moment in named if moment > now.timestamp()], now)


def scarce_until(headers: Mapping[str, str], now: datetime) -> datetime | None:
    """When there is more again, where an answer says that at most a tenth is left of what is allowed. Read as in
    `used_up_until`; None where there is more, or it is not said of how much."""
    lowered = {name.lower(): value.strip() for name, value in headers.items()}
    named = []
    for limit in (*(reset.removesuffix("-reset") for reset in _RESETS), *_DAILY_LIMITS):
        left, most = lowered.get(f"{limit}-remaining", ""), lowered.get(f"{limit}-limit", "")
        reset = _unix(lowered.get(f"{limit}-reset", ""))
        if _is_number(left) and _is_number(most) and int(left) * 10 <= int(most) and reset is not None:
            named.append(reset)
    return _latest([moment for moment in named if moment > now.timestamp()], now)


def _is_number(value: str) -> bool:
    return value.isascii() and value.isdigit() and len(value) <= 15


def _latest(named: Sequence[float], now: datetime) -> datetime | None:
    if not named:
        return None
    latest = min(max(*named, now.timestamp()), (now + LONGEST_WAIT).timestamp())
    return datetime.fromtimestamp(latest, UTC)


def _unix(value: str) -> float | None:
    digits = value.strip()
    if not (digits.isascii() and digits.isdigit()):
        return _iso(digits)
    return float(digits[:20])  # longer ones are nonsense either way, and would overflow


def _iso(value: str) -> float | None:
    try:
        moment = datetime.fromisoformat(value)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None


def _retry_after(value: str, now: datetime) -> float | None:
    seconds = _unix(value)
    if seconds is not None:
        return now.timestamp() + seconds
    from email.utils import parsedate_to_datetime

    try:
        moment = parsedate_to_datetime(value.strip())
    except (ValueError, IndexError, TypeError, OverflowError):
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
