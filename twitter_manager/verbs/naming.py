"""Which draft or run a person means by the word that they type."""

from __future__ import annotations

from twitter_manager.decisions import NUMBERS
from twitter_manager.domain import Draft, Run
from twitter_manager.errors import UsageError
from twitter_manager.store import drafts, runs
from twitter_manager.store.database import Database


def draft_or_run(db: Database | None, what: str) -> tuple[Database, Draft | Run]:
    """The draft (its number) or the run (`run:` and its number) that a person names; a bare number may be either."""
    kind, _, digits = what.rpartition(":")
    if kind not in ("", "draft", "run") or not digits.isascii() or not digits.isdigit() or len(digits) > 18:
        raise UsageError(f"{what!r} names no draft or run.", "Give a draft's number, or run:NUMBER.")
    if db and kind != "run" and (draft := drafts.get(db, int(digits))):
        return db, draft
    if db and kind != "draft" and (run := runs.get(db, int(digits))):
        return db, run
    raise UsageError(f"There is no {kind or 'draft or run'} {digits}.", NUMBERS)
