"""What a person decides about a draft: let it go out, go on with it, write it anew, or give it up.

Each decision is one transaction that reads the draft again: what is not as the person saw it is left alone. So a run
may be at work meanwhile, but for drafts that were begun: who decides on those holds the run's lock.
`by`: who decides; None in a run's own name."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from twitter_manager import phrases
from twitter_manager.content import Part
from twitter_manager.domain import Actor, Delivery, DeliveryStatus, Draft, DraftStatus
from twitter_manager.errors import Meanwhile, UsageError
from twitter_manager.platforms import SPECS, exact
from twitter_manager.store import amendments, approvals, deliveries, drafts, limits
from twitter_manager.store.approvals import Approval
from twitter_manager.store.database import Database
from twitter_manager.terminal import command, story

NUMBERS = "The verbs drafts and history show the numbers."
_ON_ITS_WAY = (DeliveryStatus.SENDING, DeliveryStatus.UNKNOWN)
_OVER = (DraftStatus.POSTED, DraftStatus.SKIPPED, DraftStatus.EXPIRED)
_ENDED_BADLY = (DraftStatus.FAILED, DraftStatus.PARTLY_POSTED)
_SET_ASIDE = (DraftStatus.NEEDS_ATTENTION, DraftStatus.PENDING)
_DROPPED = "a person gave it up"


def draft_of(db: Database | None, number: int) -> Draft:
    """The draft of this number. Raises UsageError."""
    draft = drafts.get(db, number) if db else None
    if draft is None:
        raise UsageError(f"There is no draft {number}.", NUMBERS)
    return draft


def ways_on(db: Database, draft: Draft) -> tuple[str, ...]:
    """The commands that end a draft's standing still; none where it goes its way by itself, or is at its end."""
    verbs: tuple[str, ...] = ()
    if draft.status in _SET_ASIDE:
        resumable = drafts.is_unchanged(db, draft) and drafts.waits_for(db, draft) is None
        lets_go = "drafts approve" if draft.status is DraftStatus.PENDING else "resume"
        verbs = (lets_go, "drafts edit", "skip") if resumable else ("drafts edit", "skip")
    elif draft.status in _ENDED_BADLY:
        verbs = ("resume", "skip") if _stuck(db, draft) else ("skip",)
    return tuple(f"{verb} {draft.id}" for verb in verbs)


def waiting(db: Database, bot: str) -> list[Draft]:
    """What waits for a person's word, oldest first: set aside, half out, held, or a person's own that failed; not what
    goes out by itself in another's place."""
    by_themselves = {draft.id for draft, _ in drafts.replacements(db, bot)}
    candidates = drafts.in_status(db, bot, *_SET_ASIDE, *_ENDED_BADLY)
    candidates = [draft for draft in candidates if draft.id not in by_themselves]
    return [draft for draft in candidates if draft.status is not DraftStatus.FAILED or _concerns_a_person(db, draft)]


def _concerns_a_person(db: Database, draft: Draft) -> bool:
    mine = deliveries.of_draft(db, draft.id)
    return draft.is_persons or any(delivery.status is DeliveryStatus.HELD for delivery in mine)


def resume(db: Database, seen: Draft, lifetime: timedelta, now: datetime, by: Actor | None = None) -> None:
    """Queue what is not out, with a new time to live (a person's own post keeps an end that is still to come) and all
    its tries again. What may be out is looked up first, and sent only when it is not found: that is what the person
    decided. A draft that was only set aside, or that waits for an approval, is approved. Raises UsageError where there
    is nothing to do."""
    with db.transaction():
        draft = as_seen(db, seen)
        if draft.status in _SET_ASIDE and drafts.is_unchanged(db, draft):
            _approve(db, draft, lifetime, now, by, "a person resumed it")
            return
        _refuse_waiting(db, draft)
        stuck = _stuck(db, draft)
        if draft.status not in _ENDED_BADLY or not stuck:
            raise UsageError(f"{_stands(db, draft)}: there is nothing to resume.", story(draft.id))
        _refuse_duplicate(db, draft)
        _refuse_old_words(db, draft, stuck)
        drafts.move(db, draft, DraftStatus.PUBLISHING, now, reason="a person resumed it", by=by)
        drafts.renew(db, draft, _end(draft, lifetime, now))
        for delivery in stuck:
            status = DeliveryStatus.UNKNOWN if deliveries.may_be_out(db, delivery.id) else DeliveryStatus.QUEUED
            deliveries.resume(db, delivery, status, now)
            limits.lift(db, delivery.platform, delivery.account)


def approve(db: Database, seen: Draft, lifetime: timedelta, now: datetime, by: Actor | None = None) -> None:
    """Let a draft go out that waits for a person's word, exactly as it is. Raises UsageError where it can't."""
    with db.transaction():
        draft = as_seen(db, seen)
        if draft.status not in _SET_ASIDE:
            remedy = phrases.way_on(ways_on(db, draft)) or story(draft.id)
            raise UsageError(f"{_stands(db, draft)}: there is nothing to approve.", remedy)
        if not drafts.is_unchanged(db, draft):
            message = f"The text of draft {draft.id} was changed from outside."
            raise UsageError(message, f"Write it anew: {command(f'drafts edit {draft.id}')}")
        _approve(db, draft, lifetime, now, by, "a person approved it")


def _approve(db: Database, draft: Draft, lifetime: timedelta, now: datetime, by: Actor | None, reason: str) -> None:
    """In the caller's transaction: unless its text is another than the one that was saved, or waits or went out
    already."""
    _refuse_waiting(db, draft)
    _refuse_duplicate(db, draft)
    drafts.move(db, draft, DraftStatus.APPROVED, now, reason=reason, by=by)
    drafts.renew(db, draft, _end(draft, lifetime, now))
    _keep_approval(db, draft, now, by)


def _keep_approval(db: Database, draft: Draft, now: datetime, by: Actor | None) -> None:
    if by:
        approvals.add(db, draft.id, Approval(now, by, exact.hashes(draft)))


def as_seen(db: Database, seen: Draft) -> Draft:
    """The draft as it is now. Raises Meanwhile where that is not as it was seen."""
    draft = drafts.get(db, seen.id)
    if draft is None:
        raise AssertionError(f"draft {seen.id} is gone; none is ever deleted")
    if (draft.status, draft.parts, draft.links, draft.platforms) != (
        seen.status,
        seen.parts,
        seen.links,
        seen.platforms,
    ):
        stands = "" if draft.status is seen.status else f" Now {phrases.draft(draft.id, draft.status)}."
        raise Meanwhile(f"Draft {draft.id} was changed meanwhile.{stands}", look(draft))
    return draft


def look(draft: Draft) -> str:
    """The command that shows it."""
    return f"Look: {command(f'drafts show {draft.id}')}"


def _end(draft: Draft, lifetime: timedelta, now: datetime) -> datetime | None:
    """When a draft ends that goes on: a person's own keeps an end that is still to come."""
    if not draft.is_persons:
        return now + lifetime
    return draft.own_end if draft.own_end and draft.own_end > now else None


def _refuse_waiting(db: Database, draft: Draft) -> None:
    if old := drafts.waits_for(db, draft):
        by_itself = draft.status is DraftStatus.PENDING
        message = f"Draft {draft.id} goes out {'by itself ' * by_itself}once draft {old} is taken down."
        raise UsageError(message, f"Give it up: {command(f'skip {draft.id}')}")


def _stuck(db: Database, draft: Draft) -> list[Delivery]:
    """What can be tried again: not where the post, or the beginning of its thread, was taken down."""
    gone = amendments.taken_down(db, draft.id)
    mine = deliveries.of_draft(db, draft.id)
    return [delivery for delivery in mine if delivery.platform not in gone and delivery.status in deliveries.STUCK]


def _refuse_duplicate(db: Database, draft: Draft) -> None:
    if draft.series_id and not any(SPECS[name].refuses_repeats for name in draft.platforms):
        return
    if drafts.text_known(db, drafts.digest(draft), besides=draft.id):
        raise UsageError(
            f"Another draft has the text of draft {draft.id}.", f"Give it up: {command(f'skip {draft.id}')}"
        )


def _refuse_old_words(db: Database, draft: Draft, stuck: Collection[Delivery]) -> None:
    """What may be out in its old words can't go on in those that a correction gave it."""
    doubtful = dict.fromkeys(post.platform for post in stuck if deliveries.may_be_out(db, post.id))
    if doubtful and amendments.corrected(db, draft):
        message = f"Draft {draft.id} was corrected since, and may be out in its old words on {', '.join(doubtful)}."
        remedy = f"Look at the account, delete it there by hand, and give it up: {command(f'skip {draft.id}')}"
        raise UsageError(message, remedy)


def edit(
    db: Database,
    seen: Draft,
    parts: tuple[Part, ...],
    links: Mapping[str, str],
    now: datetime,
    by: Actor | None = None,
    *,
    approved: bool = True,
) -> None:
    """Put a person's words in the place of a draft's. `approved`: that approves exactly these; else they wait for an
    approval. The checks are the caller's. Raises UsageError where something of it may be out, or where it is not as it
    was seen."""
    with db.transaction():
        draft = drafts.get(db, seen.id)
        assert draft is not None  # none is ever deleted
        refuse_begun(db, draft)
        as_seen(db, seen)
        drafts.rewrite(db, draft, parts, links, now, approved=approved, by=by)
        after = draft_of(db, draft.id)
        if not (by and by.is_program):  # what a person wrote ends only where they said so
            drafts.renew(db, after, after.own_end)
        if after.status is DraftStatus.APPROVED:
            _keep_approval(db, after, now, by)


def is_replacement(db: Database, draft: Draft) -> bool:
    """Whether it goes out by itself in another's place."""
    return drafts.waits_for(db, draft) is not None


def refuse_begun(db: Database, draft: Draft) -> None:
    """Raise UsageError unless the draft waits, and nothing of it was ever begun."""
    if draft.status not in drafts.WAITING or deliveries.of_draft(db, draft.id):
        way = f'correct {draft.id} "New words"' if deliveries.is_there(db, draft.id) else ""
        remedy = f"Give it other words where it is out: {command(way)}" if way else story(draft.id)
        raise UsageError(f"{_stands(db, draft)}: it can't be changed any more.", remedy)


def skip(db: Database, seen: Draft, now: datetime, by: Actor | None = None, *, again: bool = False) -> None:
    """Nothing more of it goes out. `again`: what it was made from may be written about anew, else that is dropped too
    where nothing of the draft was begun. Raises UsageError when it is over already, or when a part's fate is open."""
    with db.transaction():
        draft = as_seen(db, seen)
        mine = deliveries.of_draft(db, draft.id)
        if any(delivery.status in _ON_ITS_WAY for delivery in mine):
            raise UsageError(f"A part of draft {draft.id} may be out.", "The next run finds out: skip it after that.")
        if draft.status in _OVER:
            is_there = deliveries.is_there(db, draft.id)
            remedy = f"Take it down: {command(f'delete {draft.id}')}" if is_there else story(draft.id)
            raise UsageError(f"{_stands(db, draft)}: it can't be dropped any more.", remedy)
        for delivery in mine:
            _give_up(db, delivery, now)
        drafts.move(db, draft, DraftStatus.SKIPPED, now, reason=_DROPPED, by=by)
        if draft.status in drafts.WAITING and not again:
            drafts.use_up_material(db, draft, _DROPPED)


def _stands(db: Database, draft: Draft) -> str:
    if draft.status in (DraftStatus.POSTED, DraftStatus.PARTLY_POSTED) and not deliveries.is_there(db, draft.id):
        return f"Draft {draft.id} is taken down"
    return phrases.draft(draft.id, draft.status).capitalize()


def _give_up(db: Database, delivery: Delivery, now: datetime) -> None:
    if delivery.status in (DeliveryStatus.QUEUED, DeliveryStatus.HELD):
        deliveries.move(db, delivery, DeliveryStatus.FAILED, now, run_id=None, error=_DROPPED)
