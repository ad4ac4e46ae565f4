"""Small checks that a value must pass, made into functions; what is wrong is raised as `Bad`.

A rule takes what a file holds and gives what the program works with. Its message names the fault and never repeats
the value: it may be a secret.
"""

from __future__ import annotations

import os
import re
import stat
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

Rule = Callable[[Any], Any]


class Bad(ValueError):
    """A value that can't be taken: what is wrong with it, and what to do. `path`: where, within a list or table."""

    def __init__(self, message: str, remedy: str = "", path: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy
        self.path = path


def near(word: str, known: Iterable[str]) -> str:
    """`Did you mean …?`, or nothing when no known word comes close."""
    import difflib

    by_folded = {name.casefold(): name for name in known}
    close = difflib.get_close_matches(word.casefold()[:100], by_folded, n=1, cutoff=0.6)
    return f"Did you mean {by_folded[close[0]]}?" if close else ""


def flag(value: Any) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise Bad("must be true or false", "Write it without quotes.")
    return value


def whole(low: int, high: int) -> Rule:
    """A whole number, `low` to `high`."""

    def rule(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise Bad(f"must be a whole number from {low} to {high}")
        return value

    return rule


def digits(low: int, high: int) -> Rule:
    """The same, written as text."""

    def rule(value: Any) -> int:
        return int(whole(low, high)(int(value) if re.fullmatch("[0-9]{1,9}", value) else value))

    return rule


def number(low: float, high: float) -> Rule:
    """A number, `low` to `high`; no infinity, no NaN."""

    def rule(value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            raise Bad(f"must be a number from {low:g} to {high:g}")
        return float(value)

    return rule


def text(longest: int, *, lines: bool = False) -> Rule:
    """Text of at most `longest` characters, without control characters; with line breaks only where `lines`."""

    def rule(value: Any) -> str:
        if not isinstance(value, str):
            raise Bad("must be text in quotes")
        if len(value) > longest:
            raise Bad(f"is longer than {longest} characters")
        if not lines and ("\n" in value or "\r" in value):
            raise Bad("must stand on one line")
        if any(unicodedata.category(c) in ("Cc", "Cs") and c not in "\r\n" for c in value):
            raise Bad("holds a control character")
        return value

    return rule


def matching(pattern: str, message: str, remedy: str = "") -> Rule:
    """Text that the pattern matches in full."""

    def rule(value: Any) -> str:
        if not isinstance(value, str) or not re.fullmatch(pattern, value):
            raise Bad(message, remedy)
        return value

    return rule


def choice(*names: str) -> Rule:
    """One of these names."""

    def rule(value: Any) -> str:
        if not isinstance(value, str) or value not in names:
            remedy = near(value, names) if isinstance(value, str) else ""
            raise Bad(f"must be one of {', '.join(names)}", remedy)
        return value

    return rule


def every(rule: Rule, most: int, *, least: int = 0) -> Rule:
    """A list of `least` to `most` different entries, each by `rule`."""

    def checked(value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list | tuple):
            raise Bad("must be a list", 'Write it as ["one", "two"].')
        if not least <= len(value) <= most:
            raise Bad(f"must have {least} to {most} entries")
        entries = []
        for at, entry in enumerate(value):
            try:
                entries.append(rule(entry))
            except Bad as bad:
                raise Bad(bad.message, bad.remedy, f"[{at}]") from None
        if len(set(entries)) < len(entries):
            raise Bad("names the same thing twice")
        return tuple(entries)

    return checked


def weights(names: Rule, most: int) -> Rule:
    """A table of weights by name; at least one above 0 where there are any."""
    weight = number(0, 1000)

    def rule(value: Any) -> Mapping[str, float]:
        if not isinstance(value, dict):
            raise Bad("must be a table of names and weights")
        if len(value) > most:
            raise Bad(f"must have at most {most} entries")
        made = {}
        for name, amount in value.items():
            try:
                made[names(name)] = weight(amount)
            except Bad as bad:
                raise Bad(bad.message, bad.remedy, f".{name}" if len(name) <= 40 else "") from None
        if made and not any(made.values()):
            raise Bad("needs a weight above 0")
        return made

    return rule


def url(*, path: bool) -> Rule:
    """An https address (http only for this machine), with a path only where `path`; a closing slash is dropped."""

    def rule(value: Any) -> str:
        from ipaddress import ip_address
        from urllib.parse import urlsplit

        try:
            parts = urlsplit(value)
            host, _ = parts.hostname or "", parts.port
        except ValueError:
            raise Bad("is not an address", "Write it as https://host.") from None
        if not host or not re.fullmatch(r"[!-~]{1,500}", value) or "\\" in value or host.endswith("."):
            raise Bad("is not an address", "Write it as https://host.")
        if "@" in parts.netloc:
            raise Bad("holds a user name or password", "Put keys into their own settings.")
        if "?" in value or "#" in value:
            raise Bad("holds a query or a fragment", "Leave out all from ? or # on.")
        if parts.path.strip("/") and not path:
            raise Bad("holds a path", "Write it as https://host.")
        if parts.scheme == "http":
            try:
                loopback = host == "localhost" or ip_address(host).is_loopback
            except ValueError:
                loopback = False
            if not loopback:
                raise Bad("is http, which is taken for this machine only", "Write https.")
        elif parts.scheme != "https":
            raise Bad("must begin with https://")
        return str(value).rstrip("/")

    return rule


def page(value: Any) -> str:
    """The address of something on the web, with its path and query; whether it may be fetched shows when it is."""
    from urllib.parse import urlsplit

    bad = Bad("is not a web address", "Write it as https://host/path.")
    if not isinstance(value, str) or not re.fullmatch(r"https?://[^\s\\<>\"\x00-\x1f]{1,1900}", value):
        raise bad
    try:
        parts = urlsplit(value)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise bad from None
    if not host:
        raise bad
    if "@" in parts.netloc:
        raise Bad("holds a user name or password", "Only addresses that anybody may read are fetched.")
    return value


def read_text(path: Path, largest: int, *, private: bool) -> str:
    """A small UTF-8 text file. `private`: only its owner may read or write it, and a link must be ours or root's.

    Never waits on a pipe or device. Raises FileNotFoundError, Bad."""
    try:
        if private and stat.S_ISLNK((link := path.lstat()).st_mode) and link.st_uid not in (0, os.geteuid()):
            raise Bad("is a symbolic link that belongs to another user", "Put a file of your own in its place.")
        with open(path, "rb", opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK)) as file:
            facts = os.fstat(file.fileno())
            if not stat.S_ISREG(facts.st_mode):
                raise Bad("is not a regular file", "Put a text file in its place.")
            if private and facts.st_mode & 0o077:
                raise Bad("may be read or changed by other users", f"Run: chmod 600 {path}")
            raw = file.read(largest + 1)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise Bad(f"can't be read ({error.strerror})", "Mend its permissions, or move it away.") from None
    if len(raw) > largest:
        raise Bad(f"is larger than {largest // 1024} kB", "Is it the right file?")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise Bad(f"is not UTF-8 text (line {line})", "Save it as UTF-8.") from None
