"""Tells the commits and entries of a changelog that nobody outside a project cares for from those that a user of the
program would read: strictly, for a bot says nothing rather than "Apply review".
"""

from __future__ import annotations

import re

from twitter_manager.sources.words import fits, pattern

_NEWS = r"(?:{}(?:s|es|d|ed|ing)?\b|(?:faster|better|new|support for|option|much)\b)"
_PREFIX = re.compile(r"([\w./,* -]{1,30}):\s+(?=\S)")
_CONVENTIONAL = re.compile(
    r"(feat|feature|fix|bugfix|perf|security|remove|deprecate|add|improve)(?:\(([^()]{1,40})\))?!?:\s+(.+)", re.I
)
_PRIVATE = re.compile(
    r"(?<!\w)_\w|\w+\.(?:py|js|ts|rs|go|c|cc|cpp|h|java|rb|php|yml|yaml|toml|json|cfg|ini|sh|txt|md|rst|lock)\b"
    r"|\w\(\)|::|self\.|\w_\w|[a-z][A-Z]|\w/\w+/"
)
_LEAST_WORDS = 4


def is_bot(author: str) -> bool:
    """Whether a commit's author is a program."""
    return pattern("commits.bots").search(author) is not None


def is_internal_type(name: str) -> bool:
    """Whether a conventional commit's type or scope concerns nobody outside."""
    return fits("commits.internal", name.strip())


def is_bump(text: str) -> bool:
    """Whether it says only that another version of something is used."""
    return fits("commits.bumps", text[:400])


def is_noise(text: str) -> bool:
    """Whether a line speaks of the work on the program and not of the program."""
    return fits("commits.noise", text[:400]) or is_bump(text)


def is_news(subject: str) -> bool:
    """Whether a commit's subject tells a user of the program something."""
    subject = " ".join(subject.split())
    text = re.sub(r"\s*\((?:#\d+|GH-\d+)\)\Z", "", subject)
    if is_noise(text) or text.lower().startswith("revert"):
        return False
    if prefix := _CONVENTIONAL.fullmatch(text):
        if is_internal_type(prefix[2] or ""):
            return False
        text = prefix[3]
    elif prefix := _PREFIX.match(text):
        if is_internal_type(prefix[1]) or prefix[1].casefold() in ("comments", "comment"):
            return False
        text = text[prefix.end() :]
    words = re.findall(r"[^\W_][\w'’-]*", text)
    return (
        len(words) >= _LEAST_WORDS
        and pattern("commits.verbs", _NEWS).match(text) is not None
        and not is_noise(text)
        and not _PRIVATE.search(text)
        and not fits("commits.vague", text)
    )
