"""What is stored, in words for people: the one place where a status becomes a word on the screen.

The code, the database and `--json` keep the values themselves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from twitter_manager import schedule
from twitter_manager.domain import Delivery, DeliveryStatus, DraftStatus, Outcome
from twitter_manager.terminal import command

DRAFT: Mapping[str, str] = {  # the words of the view `posts` in the database too
    DraftStatus.NEEDS_ATTENTION: "needs attention",
    DraftStatus.PENDING: "waiting for approval",
    DraftStatus.APPROVED: "ready",
    DraftStatus.PUBLISHING: "publishing",
    DraftStatus.POSTED: "published",
    DraftStatus.PARTLY_POSTED: "partly published",
    DraftStatus.FAILED: "failed",
    DraftStatus.SKIPPED: "skipped",
    DraftStatus.EXPIRED: "expired",
}
DELIVERY: Mapping[str, str] = {
    DeliveryStatus.QUEUED: "is waiting",
    DeliveryStatus.SENDING: "is being sent",
    DeliveryStatus.POSTED: "is published",
    DeliveryStatus.FAILED: "failed",
    DeliveryStatus.UNKNOWN: "is unclear",
    DeliveryStatus.HELD: "is held",
}
ELSEWHERE: Mapping[str, str] = {  # for readers of the feed's page
    DeliveryStatus.QUEUED: "not yet",
    DeliveryStatus.SENDING: "not yet",
    DeliveryStatus.POSTED: "",
    DeliveryStatus.FAILED: "failed",
    DeliveryStatus.UNKNOWN: "unclear",
    DeliveryStatus.HELD: "unclear",
}
AMENDMENT: Mapping[tuple[str, str], str] = {
    ("deletion", "queued"): "is to be taken down",
    ("deletion", "sending"): "is being taken down",
    ("deletion", "done"): "was taken down",
    ("deletion", "refused"): "could not be taken down",
    ("edit", "queued"): "is to be corrected",
    ("edit", "sending"): "is being corrected",
    ("edit", "done"): "was corrected",
    ("edit", "refused"): "could not be corrected",
}
OUTCOME: Mapping[str, str] = {
    Outcome.POSTED: "published",
    Outcome.PARTLY_POSTED: "partly published",
    Outcome.NOTHING_DUE: "nothing due",
    Outcome.NOTHING_TO_POST: "nothing to publish",
    Outcome.WAITING_FOR_REVIEW: "waiting for review",
    Outcome.DRY_RUN: "dry run; nothing was published and nothing changed",
    Outcome.UNFINISHED: "not finished; the next run goes on by itself",
    Outcome.FAILED: "failed",
    Outcome.INTERRUPTED: "interrupted",
    Outcome.ABANDONED: "cut off",
    Outcome.RUNNING: "running",
}
_ATTEMPTS: Mapping[str, str] = {
    "begun": "under way",
    "posted": "published",
    "absent": "not found",
    "not_sent": "did not arrive",
    "media_gone": "refused: its pictures were gone there, and are uploaded again",
    "already_there": "refused as a duplicate",
    "unknown": "no clear answer",
    "unreadable": "could not be looked up",
    "lost": "cut off",
}


def draft(number: int, status: DraftStatus) -> str:
    """Where a draft stands: "draft 3 is partly published"."""
    verb = "" if status in (DraftStatus.NEEDS_ATTENTION, DraftStatus.FAILED) else "is "
    return f"draft {number} {verb}{DRAFT[status]}"


COMMENT: Mapping[str, str] = {
    "new": "waits",
    "flagged": "waits for you",
    "drafted": "has an answer that is not out yet",
    "answered": "is answered",
    "dismissed": "is dismissed",
    "gone": "was deleted there",
}
"""By the status of a comment (`store.comments.Status`)."""


def comment(number: int, status: str) -> str:
    """Where a comment stands: "comment 3 is answered"."""
    return f"Comment {number} {COMMENT[status]}"


def delivery(delivery: Delivery, parts: int = 1) -> str:
    """How far a post is on a platform, as a sentence: "x part 2 is held: it can't be found". `parts`: the draft's."""
    part = f" part {delivery.part + 1}" if parts > 1 else ""
    return f"{delivery.platform}{part} {DELIVERY[delivery.status]}{_after(delivery.error)}"


def event(kind: str) -> str:
    """What happened, behind the platform's name where there is one: "draft: partly published", "is held"."""
    subject, _, status = kind.partition("_")
    if (subject, status) in AMENDMENT:
        return AMENDMENT[subject, status]
    if subject == "delivery":
        return DELIVERY.get(status, spaced(kind))
    return f"draft: {DRAFT[status]}" if subject == "draft" and status in DRAFT else spaced(kind)


def usd(amount: float) -> str:
    """An amount of money, as fine as it must be: a post costs less than two cents."""
    if amount == 0 or amount >= 1:
        return f"${amount:,.2f}"
    return f"${amount:.3f}" if amount >= 0.001 else f"${amount:.4f}"


_LIMITED: Mapping[str, tuple[str, str]] = {
    "login": ("takes posts", "too many logins"),
    "post": ("takes posts", "too many posts"),
    "upload": ("takes pictures", "too many uploads"),
    "read": ("can be looked at", "too many look-ups"),
    "write": ("takes changes", "too many changes"),
    "listen": ("is read", "too much was read"),
    "act": ("takes likes and reposts", "too many likes and reposts"),
}


def limited(service: str, operation: str, until: datetime | str, time_zone: str) -> str:
    """Until when a service lets nothing through: "bluesky takes posts again at 2026-11-27 14:00 CET (too many
    logins)"."""
    does, why = _LIMITED.get(operation, ("answers", "asked too often"))
    return f"{service} {does} again at {clock(until, time_zone)} ({why})"


def attempt(outcome: str) -> str:
    """How one try ended."""
    return _ATTEMPTS.get(outcome, spaced(outcome))


def spaced(name: str) -> str:
    """A stored name as words."""
    return name.replace("_", " ")


def amount(number: int, singular: str, plural: str = "") -> str:
    """So many of something: "1 post", "0 posts", "320 entries"."""
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"


_FIGURES = {"likes": "like", "replies": "reply", "reposts": "repost", "quotes": "quote", "views": "view"}


def came_to(figures: Mapping[str, Any]) -> list[str]:
    """What people did with posts: "7 likes", "1 reply", "120 views"; what there is none of is left out."""
    return [amount(figures[what], one, what) for what, one in _FIGURES.items() if figures.get(what)]


def in_a_line(text: str, most: int) -> str:
    """A text on one line, cut where it is longer."""
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 1]}…"


def clock(moment: datetime | str, time_zone: str) -> str:
    """A time, or a stored one, to the minute as a person's clock shows it: "2026-11-27 07:52 CET"."""
    known = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return f"{known.astimezone(schedule.zone(time_zone)):%Y-%m-%d %H:%M %Z}"


def removed(generation: Mapping[str, Any]) -> str:
    """That the candidates of a model's answer can't be shown any more, because they were old; or ""."""
    if not generation["pruned_at"]:
        return ""
    age = datetime.fromisoformat(generation["pruned_at"]) - datetime.fromisoformat(generation["created_at"])
    return f"its candidates were removed after {amount(age.days, 'day')}"


def way_on(commands: Sequence[str]) -> str:
    """What a person can do about a draft, with commands to copy. `commands`: of `decisions.ways_on`."""
    aims = {
        "drafts approve": "to let it go out",
        "resume": "to go on",
        "drafts edit": "to change it",
        "skip": "to give it up",
    }
    ways = "; ".join(f"{aims[words.rpartition(' ')[0]]}: {command(words)}" for words in commands)
    return ways[:1].upper() + ways[1:]


def sentences(*texts: str) -> str:
    """The texts one after the other, each with its full stop."""
    return " ".join(text if text.endswith((".", "!", "?")) else f"{text}." for text in texts if text)


def _after(reason: str) -> str:
    return f": {reason}" if reason else ""
