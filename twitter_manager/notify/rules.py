"""What is worth telling a person, decided over facts alone. Each kind has a rule in `RULES`, a switch in `Notify`.

Trouble that lasts is an alert: kind and subject are its fingerprint, which numbers and times in the words don't change.
It is told when it begins and again after the cooldown, and that it is over is told once, when its `proof` says so: no
more than two messages a day, however often it comes and goes. A run that tried nothing proves nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from twitter_manager import phrases
from twitter_manager.domain import Outcome
from twitter_manager.operations.told import Broken
from twitter_manager.pipeline.spending import is_near
from twitter_manager.platforms import SPECS
from twitter_manager.settings.records import Notify
from twitter_manager.store.alerts import Alert

ROOM_AGAIN = 1.25
"""So many times what a disk must have free: one at the edge is not told each day."""
LEAST_TRIED = 8
SHARE_WRONG = 0.5
"""Of the newest runs that had something to do: more that did not go well are worth telling."""
_LONGEST_SUBJECT = 200


class Kind(StrEnum):
    """A switch of `[notify]` has the same name, but for those in `SWITCHES`."""

    DRAFT_READY = "draft_ready"
    COMMENTS = "comments"
    REMINDER = "reminder"
    FAILED = "failed"
    CREDENTIALS = "credentials"
    CREDIT = "credit"
    WRITING = "writing"
    MACHINE = "machine"
    BUDGET = "budget"
    NOTHING_POSTED = "nothing_posted"
    OFTEN_WRONG = "often_wrong"
    SOURCE = "source"
    MATERIAL_LOW = "material_low"
    RECOVERED = "recovered"
    """Trouble that was told is over: its kind's switch holds for that too."""


@dataclass(frozen=True, slots=True)
class About:
    """A draft, where it stands (`state` changes when there is something new to tell), and that in words."""

    draft: int
    words: str
    state: str = ""
    at: datetime | None = None
    """When that came about."""
    cause: str = ""
    """Where other drafts may meet the same: what it was. "": what this draft met is told for itself."""
    proof: str = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """That a platform or a service does not let the bot in: why, when, and whether for want of credit."""

    why: str
    at: datetime
    proof: str
    out_of_credit: bool = False


@dataclass(frozen=True, slots=True)
class Useless:
    """A service or a source that is of no use, since when, and when that last showed."""

    name: str
    why: str
    since: datetime
    at: datetime


@dataclass(frozen=True, slots=True)
class Talk:
    """The comments that wait for a person. `newest`: some of them in words, with no address that could be followed."""

    waiting: int
    drafted: int
    at: datetime
    """When the newest was read."""
    newest: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Machine:
    """What all bots share. `home`: a folder on the disk; `data`: where it is remembered what the upkeep lacks."""

    home: str
    data: str
    free_bytes: int
    least_bytes: int
    upkeep: Mapping[str, Broken]
    """By task with trouble."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What the rules look at."""

    outcome: str
    slot: str
    """When the run's slot was, for a person."""
    month: str
    """The month that the budget is of: 2026-11."""
    run: int = 0
    """The newest run."""
    waiting: tuple[About, ...] = ()
    """The drafts that wait for a person's word."""
    talk: Talk | None = None
    """None: no comment waits."""
    troubled: tuple[About, ...] = ()
    """The drafts of which something failed or is held."""
    troubled_before: Mapping[str, int] = field(default_factory=dict)
    """By cause: how many other drafts met it in older runs; of `knows_all` or only of some of these runs."""
    knows_all: bool = True
    attention: tuple[str, ...] = ()
    """What else a person must see to, each in a sentence."""
    failure: str = ""
    """Why the run itself failed."""
    refused: Mapping[str, Refusal] = field(default_factory=dict)
    """By what people call the platform or service that refuses the keys or the account."""
    ending: Mapping[str, str] = field(default_factory=dict)
    """The keys that end soon, in words, by what they are about and how soon."""
    failing: tuple[Useless, ...] = ()
    """The generators that could not be asked for hours."""
    unused: tuple[Useless, ...] = ()
    """Those whose every answer was refused of late."""
    unread: tuple[Useless, ...] = ()
    """The sources that could not be read for days."""
    machine: Machine | None = None
    """None: another bot tells of it."""
    went_wrong: tuple[int, int] = (0, 0)
    """Of the newest runs that had something to do: how many did not go well, and of how many."""
    spent_usd: float = 0.0
    month_usd: float = 0.0
    left_usd: float = 0.0
    """Of `month_usd`, neither spent nor promised."""
    post_usd: float = 0.0
    """The least that a post costs on a platform that charges; 0: none does."""
    day: str = ""
    """The day that the day's budget is of: 2026-11-24."""
    spent_today_usd: float = 0.0
    day_usd: float = 0.0
    """0: no limit."""
    left_today_usd: float = 0.0
    slots_without_post: int = 0
    last_post: str = ""
    """When the last one went out, for a person; "" before the first."""
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
    at: datetime | None = None
    """When it happened last; None: it is so now."""
    proof: str = ""
    """What shows that it is over (see `proofs`); "": nothing does."""
    over: str = ""
    """That it is over, in words; "": nobody is told."""
    command: str = field(kw_only=True)
    """What to run to see more, or to mend it; "": what a draft needs is said when the message is sent."""


Rule = Callable[[Facts, Notify], Iterator[Notice]]


def worth_telling(facts: Facts, wishes: Notify) -> list[Notice]:
    """What the facts give to tell, without what the person switched off. No subject is longer than is kept."""
    wanted = [rule for kind, rule in RULES.items() if wants(wishes, kind)]
    told = [notice for rule in wanted for notice in rule(facts, wishes)]
    return [replace(notice, subject=notice.subject[:_LONGEST_SUBJECT]) for notice in told]


def wants(wishes: Notify, kind: str) -> bool:
    """Whether the person is told of this kind."""
    return bool(getattr(wishes, SWITCHES.get(kind, kind)))


def is_due(notice: Notice, last_told: datetime | None, now: datetime, cooldown: timedelta) -> bool:
    """Whether to tell it now. A clock that was put back makes it no more often, and what did not happen since it was
    told is no news."""
    if last_told is None:
        return True
    since = notice.at is None or notice.at > last_told or last_told > now
    return notice.again and since and abs(now - last_told) >= cooldown


def is_past(notice: Notice, last_told: datetime | None, good_at: datetime | None) -> bool:
    """Whether it went well since: nothing is left to tell but, once, of a post that did not get out."""
    passed = notice.at is not None and good_at is not None and good_at > notice.at
    return passed and (notice.draft is None or last_told is not None)


def is_explained(notice: Notice, cause_told: datetime | None, now: datetime, cooldown: timedelta) -> bool:
    """Whether the person knows already why: a notice that says only that something is wrong has nothing to add.
    `cause_told`: when one of `CAUSES` was last told."""
    return notice.kind in _WITHOUT_A_CAUSE and cause_told is not None and abs(now - cause_told) < cooldown


def followed(notice: Notice, before: Alert | None, good_at: datetime | None, now: datetime) -> Alert | None:
    """The alert that stands open with this notice; `before`: as it was known. None where nothing will show that it is
    over, or where it is over already."""
    at = notice.at or now
    if not notice.proof or (good_at is not None and good_at > at):
        return before
    if before is None:
        return Alert(notice.kind, notice.subject, at, at, None, good_at, notice.proof, notice.over)
    return replace(before, seen_at=max(before.seen_at, at), proof=notice.proof, over=notice.over)


def is_over(alert: Alert, good_at: datetime | None) -> bool:
    """Whether what failed went well after it was last seen to fail."""
    return good_at is not None and good_at > alert.seen_at


def _draft_ready(facts: Facts, wishes: Notify) -> Iterator[Notice]:
    for about in facts.waiting:
        edition = f":{about.state}" if about.state else ""
        yield Notice(Kind.DRAFT_READY, f"draft:{about.draft}{edition}", about.words, about.draft, command="")


def _comments(facts: Facts, wishes: Notify) -> Iterator[Notice]:
    """All that wait at once, again only where somebody said something since."""
    if talk := facts.talk:
        drafted = f", {talk.drafted:,} with an answer drafted" if talk.drafted else ""
        waits = phrases.amount(talk.waiting, "comment waits", "comments wait")
        text = "\n".join([f"{waits} for you{drafted}.", *talk.newest])
        yield Notice(Kind.COMMENTS, "", text, again=True, at=talk.at, command="inbox")


def _reminder(facts: Facts, wishes: Notify) -> Iterator[Notice]:
    if facts.outcome == Outcome.WAITING_FOR_REVIEW:
        text = f"The slot of {facts.slot} got no post: nothing is approved, and drafts wait for your word."
        yield Notice(Kind.REMINDER, "", text, again=True, proof="posts", command="")


def _failed(facts: Facts, wishes: Notify) -> Iterator[Notice]:
    yield from _failed_drafts(facts)
    for line in facts.attention:
        # Times and amounts in the words make no new trouble; the number of a draft does.
        same = re.sub(r"(?<!draft )\b\d[\d.:-]*", "0", line)
        draft = re.search(r"\bdraft \d+", line)
        command = draft[0].replace("draft", "explain") if draft else "status"
        yield Notice(Kind.FAILED, f"run:{same}", line, again=True, command=command)
    if facts.failure:
        subject, text = f"run:{without_numbers(facts.failure)}", facts.failure
        yield Notice(Kind.FAILED, subject, text, again=True, proof="run", over=_over("run"), command="doctor")


def _failed_drafts(facts: Facts) -> Iterator[Notice]:
    """A person's own post is told for itself. Of others that met the same the newest is, once for all of them."""
    by_cause: dict[str, list[About]] = {}
    for about in facts.troubled:
        if about.cause:
            by_cause.setdefault(f"drafts:{about.cause}"[:_LONGEST_SUBJECT], []).append(about)
            continue
        subject, over = f"draft:{about.draft}:{about.state}", f"draft {about.draft} is out"
        yield _failed_draft(subject, about, about.words, over)
    for subject, alike in by_cause.items():
        last = alike[-1]
        others = [f"draft {', '.join(str(about.draft) for about in alike[:-1])}"] * (len(alike) > 1)
        if before := facts.troubled_before.get(last.cause, 0):
            others.append(f"{'' if facts.knows_all else 'at least '}{phrases.amount(before, 'draft')} before")
        text = f"{last.words} The same happened to: {', and to '.join(others)}." if others else last.words
        yield _failed_draft(subject, last, text, _over(last.proof), again=True)


def _failed_draft(subject: str, about: About, text: str, over: str, *, again: bool = False) -> Notice:
    command = f"explain {about.draft}"
    return Notice(
        Kind.FAILED, subject, text, about.draft, again, at=about.at, proof=about.proof, over=over, command=command
    )


def _over(proof: str) -> str:
    """That what this shows is over, in words."""
    what, _, name = proof.partition(":")
    name = name.partition(":")[0]
    return _OVER[what].format(SPECS[name].title if name in SPECS else name) if proof else ""


def without_numbers(text: str) -> str:
    """What stays the same where times, amounts and ids change."""
    return re.sub(r"\d[\d.,:-]*", "0", text)


def _credentials(facts: Facts, wishes: Notify) -> Iterator[Notice]:
    for who, refusal in facts.refused.items():
        if not refusal.out_of_credit:
            text = f"{who} does not let the bot in: {refusal.why}"
            yield _refused(Kind.CREDENTIALS, who, text, refusal)
    for subject, words in facts.ending.items():
        yield Notice(Kind.CREDENTIALS, f"ends:{subject}", words, command="auth check")


def _credit(facts: Facts, wishes: Notify) -> Iterator[Notice]:
    for who, refusal in facts.refused.items():
        if refusal.out_of_credit:
            where = f" That is at {_TOP_UP[refusal.proof]}" if refusal.proof in _TOP_UP else ""
            text = f"{who} takes nothing more, for its credit is used up: {refusal.why}{where}"
            yield _refused(Kind.CREDIT, who, text, refusal)


def _refused(kind: Kind, subject: str, text: str, refusal: Refusal) -> Notice:
    proof = refusal.proof
    return Notice(kind, subject, text, again=True, at=refusal.at, proof=proof, over=_over(proof), command="doctor")


def _writing(facts: Facts, wishes: Notify) -> Iterator[Notice]:
    for service in facts.failing:
        text, proof = f"{service.name} can't write: {service.why}", f"service:{service.name}"
        subject, over = f"fails:{service.name}", _over(proof)
        yield Notice(Kind.WRITING, subject, text, again=True, at=service.at, proof=proof, over=over, command="doctor")
    for service in facts.unused:
        text, proof = f"No text of {service.name} can be used: {service.why}", f"text:{service.name}"
        subject, over = f"unused:{service.name}", _over(proof)
        yield Notice(Kind.WRITING, subject, text, again=True, at=service.at, proof=proof, over=over, command="status")


def _machine(facts: Facts, wishes: Notify) -> Iterator[Notice]:
    machine = facts.machine
    if machine is None:
        return
    if machine.free_bytes < machine.least_bytes:
        left = f"{machine.free_bytes / 1e6:,.0f} MB"
        text = f"The disk is nearly full: {left} are left. When it is full, nothing can be posted. Free some space."
        proof = f"disk:{machine.least_bytes}:{machine.home}"
        yield Notice(Kind.MACHINE, "disk", text, again=True, proof=proof, over=_over(proof), command="doctor")
    for task, trouble in machine.upkeep.items():
        proof = f"upkeep:{task}:{machine.data}"
        over = _over(proof)
        look = "" if trouble.remedy else "maintain"
        yield Notice(Kind.MACHINE, task, trouble.words, again=True, proof=proof, over=over, command=look)


def _often_wrong(facts: Facts, wishes: Notify) -> Iterator[Notice]:
    bad, tried = facts.went_wrong
    if tried >= LEAST_TRIED and bad > SHARE_WRONG * tried:
        why = f" The last run says: {facts.why_none}" if facts.why_none else ""
        text = f"{bad} of the last {tried} runs that had something to do did not go well.{why}"
        over = _over("rate")
        yield Notice(Kind.OFTEN_WRONG, "", text, again=True, proof="rate", over=over, command="status")


def _source(facts: Facts, wishes: Notify) -> Iterator[Notice]:
    for source in facts.unread:
        text, proof = f"The source {source.name} can't be read any more: {source.why}", f"source:{source.name}"
        over, subject = _over(proof), source.name
        yield Notice(Kind.SOURCE, subject, text, again=True, at=source.at, proof=proof, over=over, command="sources")


def _budget(facts: Facts, wishes: Notify) -> Iterator[Notice]:
    spans = (
        ("This month's", facts.month, "month", facts.spent_usd, facts.month_usd, facts.left_usd),
        ("Today's", facts.day, "day", facts.spent_today_usd, facts.day_usd, facts.left_today_usd),
    )
    for whose, subject, span, spent, most, left in spans:
        then = "tomorrow" if span == "day" else "the next month"
        used = f"{phrases.usd(spent)} of {phrases.usd(most)}"
        used += ", with what is promised" if round(most - spent - max(left, 0.0), 6) > 0 else ""
        if most > 0 and left <= 0:
            text = f"{whose} budget is used up ({used}): what costs waits for {then}."
            yield Notice(Kind.BUDGET, f"{subject}:used", text, command="costs")
        elif most > 0 and is_near(left, most):
            text = (
                f"{whose} budget is nearly used up ({used}): the rest is kept for posts, and paid reading and answers"
            )
            text += f" wait for {then}."
            yield Notice(Kind.BUDGET, f"{subject}:near", text, command="costs")
        elif 0 < most < facts.post_usd:
            text = f"{whose} budget ({phrases.usd(most)}) is less than a post costs ({phrases.usd(facts.post_usd)}), so"
            text += f" none goes where it costs. Raise usd_per_{span}."
            yield Notice(Kind.BUDGET, f"small:{span}", text, command="costs")


def _nothing_posted(facts: Facts, wishes: Notify) -> Iterator[Notice]:
    if facts.slots_without_post >= wishes.slots:
        since = f"since {facts.last_post}" if facts.last_post else "ever"
        why = f" The last run says: {facts.why_none}" if facts.why_none else ""
        text = f"No post went out {since}: {facts.slots_without_post} slots got none.{why}"
        yield Notice(Kind.NOTHING_POSTED, "", text, again=True, proof="posts", over=_over("posts"), command="status")


def _material_low(facts: Facts, wishes: Notify) -> Iterator[Notice]:
    subject, words = facts.material
    if words:
        yield Notice(Kind.MATERIAL_LOW, subject, words, command="sources")


RULES: Mapping[Kind, Rule] = {
    Kind.DRAFT_READY: _draft_ready,
    Kind.COMMENTS: _comments,
    Kind.REMINDER: _reminder,
    Kind.FAILED: _failed,
    Kind.CREDENTIALS: _credentials,
    Kind.CREDIT: _credit,
    Kind.WRITING: _writing,
    Kind.MACHINE: _machine,
    Kind.BUDGET: _budget,
    Kind.NOTHING_POSTED: _nothing_posted,
    Kind.OFTEN_WRONG: _often_wrong,
    Kind.SOURCE: _source,
    Kind.MATERIAL_LOW: _material_low,
}
"""In the order of a message."""
SWITCHES: Mapping[str, str] = {Kind.CREDIT: "credentials", Kind.OFTEN_WRONG: "failed", Kind.SOURCE: "material_low"}
"""Of the kinds whose switch has another name."""
CAUSES = (Kind.FAILED, Kind.CREDENTIALS, Kind.CREDIT, Kind.WRITING)
_WITHOUT_A_CAUSE = frozenset({Kind.NOTHING_POSTED, Kind.OFTEN_WRONG})
_TOP_UP = {
    "platform:x": "https://console.x.com",
    "service:claude": "https://console.anthropic.com/settings/billing",
    "service:openai": "https://platform.openai.com/settings/organization/billing (or where you have its account).",
}
_OVER = {
    "platform": "{} takes posts again",
    "service": "{} answers again",
    "text": "texts of {} can be used again",
    "posts": "posts go out again",
    "run": "runs go well again",
    "rate": "most runs go well again",
    "disk": "the disk has room again",
    "source": "the source {} can be read again",
    "upkeep": "the upkeep ({}) gets to its end again",
}
"""By what shows it."""
