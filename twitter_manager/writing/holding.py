"""Why a post that passes every rule waits for a person all the same: because of who may write where its material is
from, or because that place has changed."""

from __future__ import annotations

from collections.abc import Iterable

FIRST = 3
"""How many posts from an open source a person lets through before it posts by itself."""
MOST_WAITING = 5
"""While so many posts of a source wait for a person, none that would have to wait too is made from it."""
_LEAST_FIRST = ("open", "known", "own")


def reason(source: str, trust: str, let_through: int, change: str) -> str:
    """Why a clean post must wait, or "". `let_through`: held posts of `source` that a person resumed; `change`: how the
    item differs from what the source gave before (`sources/drift.py`), or ""."""
    if change:
        return change
    if trust == "open" and let_through < FIRST:
        return f"{source} is open to anybody: its first {FIRST} posts wait for you ({let_through} let through so far)"
    return ""


def least(trusts: Iterable[str]) -> str:
    """The least of several; "own" of none."""
    given = set(trusts)
    return next((one for one in _LEAST_FIRST if one in given), "own")
