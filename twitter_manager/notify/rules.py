"""What is worth telling a person, decided over facts alone. Each kind has a rule in `RULES`, a switch in `Notify`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from twitter_manager.domain import Outcome
from twitter_manager.pipeline.spending import NEAR
from twitter_manager.settings.records import Notify

_LONGEST_SUBJECT = 200


class Kind(StrEnum):
    """A switch of `[notify]` has the same name."""

    DRAFT_READY = "draft_ready"
    REMINDER = "reminder"
    FAILED = "failed"
    CREDENTIALS = "credentials"
    BUDGET = "budget"
    NOTHING_POSTED = "nothing_posted"
    MATERIAL_LOW = "material_low"


@dataclass(frozen=True, slots=True)
class About:
    """A draft, where it stands (`state` changes when there is something new to tell), and that in words."""

    draft: int
    words: str
    state: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """What the rules look at."""

    outcome: str
    slot: str
    """When the run's slot was, for a person."""
    month: str
    """The month that the budget is of: 2026-11."""
    waiting: tuple[About, ...] = ()
    """The drafts that wait for a person's word."""
    troubled: tuple[About, ...] = ()
    """The drafts of which something failed or is held."""
    trouble: tuple[str, ...] = ()
    """What else went wrong, each in a sentence."""
    refused: Mapping[str, str] = field(default_factory=dict)
    """By platform or service that refuses the keys or the account: why."""
    spent_usd: float = 0.0
    month_usd: float = 0.0
    left_usd: float = 0.0
    """Of `month_usd`, neither spent nor promised."""
    day: str = ""
    """The day that the day's budget is of: 2026-11-24."""
    spent_today_usd: float = 0.0
    day_usd: float = 0.0
    """0: no limit."""
    left_today_usd: float = 0.0
    slots_without_post: int = 0
    last_post: str = ""
    """When the last one went out, for a person; "" before the first."""
    last_post_id: int = 0
    why_none: str = ""
    """The newest run's reason."""
    material: tuple[str, str] = ("", "")
    """What its running out is about, and that in words."""


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to tell. The same `subject` is not told again, or where it comes `again`, only after a while."""

    kind: Kind
    subject: str
    text: str
    draft: int | None = None
    again: bool = False


Rule = Callable[[Facts, Notify], Iterator[Notice]]


def worth_telling(facts: Facts, wishes: Notify) -> list[Notice]:
    """What the facts give to tell, without what the person switched off."""
    return [notice for kind, rule in RULES.items() if getattr(wishes, kind) for notice in rule(facts, wishes)]


def is_due(notice: Notice, last_told: datetime | None, now: datetime, cooldown: timedelta) -> bool:
    """Whether to tell it now. A clock that was put back makes it no more often."""
    if last_told is None:
        return True
    return notice.again and abs(now - last_told) >= cooldown


def _draft_ready(facts: Facts, wishes: Notify) -> Iterator[Notice]:
    for about in facts.waiting:
        edition = f":{about.state}" if about.state else ""
        yield Notice(Kind.DRAFT_READY, f"draft:{about.draft}{edition}", about.words, about.draft)


def _reminder(facts: Facts, wishes: Notify) -> Iterator[Notice]:
    if facts.outcome == Outcome.WAITING_FOR_REVIEW:
        text = f"The slot of {facts.slot} got no post: nothing is approved, and drafts wait for your word."
        yield Notice(Kind.REMINDER, "", text, again=True)


def _failed(facts: Facts, wishes: Notify) -> Iterator[Notice]:
    for about in facts.troubled:
        yield Notice(Kind.FAILED, f"draft:{about.draft}:{about.state}"[:_LONGEST_SUBJECT], about.words, about.draft)
    for line in facts.trouble:
        # Times and amounts in the words make no new trouble; the number of a draft does.
        same = re.sub(r"(?<!draft )\b\d[\d.:-]*", "0", line)
        yield Notice(Kind.FAILED, f"run:{same}"[:_LONGEST_SUBJECT], line, again=True)


def _credentials(facts: Facts, wishes: Notify) -> Iterator[Notice]:
    for who, why in facts.refused.items():
        yield Notice(Kind.CREDENTIALS, who, f"{who} does not let the bot in: {why}", again=True)


def _budget(facts: Facts, wishes: Notify) -> Iterator[Notice]:
    spans = (
        ("This month's", facts.month, "the next month", facts.spent_usd, facts.month_usd, facts.left_usd),
        ("Today's", facts.day, "tomorrow", facts.spent_today_usd, facts.day_usd, facts.left_today_usd),
    )
    for whose, subject, then, spent, most, left in spans:
        used = f"${spent:.2f} of ${most:.2f}"
        if most > 0 and left <= 0:
            text = f"{whose} budget is used up ({used}, with what is promised): what costs waits for {then}."
            yield Notice(Kind.BUDGET, f"{subject}:used", text)
        elif most > 0 and spent >= NEAR * most:
            yield Notice(Kind.BUDGET, f"{subject}:near", f"{whose} budget is nearly used up: {used}.")


def _nothing_posted(facts: Facts, wishes: Notify) -> Iterator[Notice]:
    if facts.slots_without_post >= wishes.slots:
        since = f"since {facts.last_post}" if facts.last_post else "ever"
        why = f" The last run says: {facts.why_none}" if facts.why_none else ""
        text = f"No post went out {since}: {facts.slots_without_post} slots got none.{why}"
        yield Notice(Kind.NOTHING_POSTED, f"after:{facts.last_post_id}", text, again=True)


def _material_low(facts: Facts, wishes: Notify) -> Iterator[Notice]:
    subject, words = facts.material
    if words:
        yield Notice(Kind.MATERIAL_LOW, subject[:_LONGEST_SUBJECT], words)


RULES: Mapping[Kind, Rule] = {
    Kind.DRAFT_READY: _draft_ready,
    Kind.REMINDER: _reminder,
    Kind.FAILED: _failed,
    Kind.CREDENTIALS: _credentials,
    Kind.BUDGET: _budget,
    Kind.NOTHING_POSTED: _nothing_posted,
    Kind.MATERIAL_LOW: _material_low,
}
"""In the order of a message."""
