"""What happened to a draft, in plain words: each event of the audit trail as a line, with who did it and when."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from twitter_manager import moments, phrases
from twitter_manager.domain import Json
from twitter_manager.review.console.views.shown import title

_WORDS: Mapping[str, str] = {
    "draft_saved": "Made",
    "draft_pending": "Waits for approval",
    "draft_needs_attention": "Set aside for a person",
    "draft_approved": "Approved",
    "draft_edited": "Edited",
    "draft_moved": "Moved",
    "draft_publishing": "Publishing began",
    "draft_posted": "Published",
    "draft_partly_posted": "Published in part",
    "draft_failed": "Failed",
    "draft_skipped": "Skipped",
    "draft_expired": "Expired",
    "draft_rechecked": "Checked again, by newer rules",
    "draft_adopted": "Found on the platforms after a restore",
    "late": "Went out late",
}
_BY_ITSELF = ("a person resumed it", "a person edited it", "a person gave it up", "a person approved it")
"""Reasons that say no more than who did it."""
_STORED_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z")


@dataclass(frozen=True, slots=True)
class Happened:
    """One line. `who`: "anna, in the console"; "" where the program did it by itself."""

    at: str
    """On the bot's clock."""
    moment: str
    """As it is stored."""
    what: str
    why: str
    who: str


def told(event: Json, zone: str, *, parts: int) -> Happened:
    """An event about a draft of so many parts."""
    kind = event["kind"]
    what = _WORDS.get(kind) or phrases.event(kind)
    if platform := event.get("platform", ""):
        what = f"{title(platform)}{_part(event, parts)} {what}"
    reason = str(event.get("reason") or event.get("error") or "")
    why = _why(event, zone) or ("" if reason in _BY_ITSELF else reason)
    why = _STORED_MOMENT.sub(lambda moment: phrases.clock(moment[0], zone), why)
    return Happened(phrases.clock(event["at"], zone), event["at"], what, why, _who(event, reason))


def _part(event: Json, parts: int) -> str:
    return f" part {event['part'] + 1}" if parts > 1 and isinstance(event.get("part"), int) else ""


def _why(event: Json, zone: str) -> str:
    """What an event's details say beside its reason."""
    if event["kind"] == "draft_saved":
        date = f" for {moments.told(datetime.fromisoformat(event['due_at']), zone)}" if event.get("due_at") else ""
        return ("by a person" if event.get("origin") == "person" else "by the bot") + date
    if event["kind"] == "draft_moved":
        return _moved(event, zone)
    if event["kind"] == "late":
        return f"{event.get('lasting', '')}: {event.get('reason', '')}"
    return ""


def _moved(event: Json, zone: str) -> str:
    if due_at := event.get("due_at"):
        return f"to {moments.told(datetime.fromisoformat(due_at), zone)}"
    if before := event.get("before"):
        return f"before draft {before}"
    return "to the front of the queue" if event.get("first") else "to the end of the queue"


def _who(event: Json, reason: str) -> str:
    name, via = str(event.get("by", "")), str(event.get("via", ""))
    if not name:
        return "a person" if reason in _BY_ITSELF else ""
    return f"{name}, by {via}" if via else name
