"""What a person decides about a post that is out: to take it down, or to give it other words. It is planned and put on
record here; `delivery.Amender` carries it out."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from twitter_manager import phrases
from twitter_manager.amendments import ChargingPlatform, EditingPlatform, Kind
from twitter_manager.content import Part, normalised_hash, reworded
from twitter_manager.domain import Actor, Delivery, DeliveryStatus, Draft, DraftStatus, Platform
from twitter_manager.errors import UsageError
from twitter_manager.platforms import SPECS
from twitter_manager.store import amendments, deliveries, drafts, succession
from twitter_manager.store.database import Database
from twitter_manager.terminal import command, story

_ON_ITS_WAY = (DeliveryStatus.SENDING, DeliveryStatus.UNKNOWN)
_WAITING = (DraftStatus.NEEDS_ATTENTION, DraftStatus.PENDING, DraftStatus.APPROVED, DraftStatus.PUBLISHING)


@dataclass(frozen=True, slots=True)
class Rewording:
    """A waiting draft, with what it becomes."""

    draft: Draft
    parts: tuple[Part, ...]
    links: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Plan:
    """What it comes to."""

    draft: Draft
    deletions: tuple[Delivery, ...]
    edits: tuple[tuple[Delivery, str], ...] = ()
    """Each with its new words."""
    unsent: tuple[tuple[Delivery, Part], ...] = ()
    """What surely did not get out, each with what goes out instead when a person resumes it."""
    parts: tuple[Part, ...] = ()
    """The draft's, corrected; none where it is only taken down."""
    cost_usd: float = 0.0
    """Of the deletions, and where posts come in their place, of those and of a look whether the old ones are there."""
    untouched: tuple[str, ...] = ()
    """Lines on what is, or may be, out and is not reached."""
    in_its_place: str = ""
    """A line on what is out in the place of what was taken down before; "" where nothing is."""
    named: tuple[str, ...] = ()
    """The only platforms that are meant; none: all."""
    links: Mapping[str, str] = field(default_factory=dict)
    """What goes along with the corrected parts."""
    waiting: Rewording | None = None
    """What waits to go out in the place of the draft, after an earlier correction."""

    @property
    def replaced_on(self) -> tuple[str, ...]:
        """Where a new post takes the place of the old one."""
        return tuple(dict.fromkeys(post.platform for post in self.deletions)) if self.parts else ()

    @property
    def posts(self) -> tuple[Delivery, ...]:
        """What changes."""
        return (*self.deletions, *(post for post, _ in self.edits))

    @property
    def platforms(self) -> tuple[str, ...]:
        """Where anything changes."""
        return tuple(dict.fromkeys(post.platform for post in self.posts))


def deletion(db: Database, draft: Draft, names: Collection[str], platforms: Mapping[str, Platform]) -> Plan:
    """To take a draft down on the named platforms, or on all. `platforms`: those that are set up. Raises UsageError."""
    posts, untouched = _posts(db, draft, names, platforms)
    cost = _cost(posts, platforms)
    place = _in_its_place(db, draft)
    return Plan(draft, tuple(posts), cost_usd=cost, untouched=tuple(untouched), in_its_place=place, named=tuple(names))


def correction(
    db: Database,
    draft: Draft,
    part: int | None,
    text: str,
    names: Collection[str],
    platforms: Mapping[str, Platform],
    relink: Callable[[Draft, Sequence[Part]], Mapping[str, str]],
) -> Plan:
    """To give one part (from 1) other words: where a platform can edit, it does; elsewhere a post is taken down and
    posted anew, which a thread can't be. `relink`: gives the links that go along then. Raises UsageError."""
    index = _index(draft, part)
    parts = _reworded(draft, index, text)
    corrected = replace(draft, parts=parts, links=relink(draft, parts))
    posts, untouched = _posts(db, draft, names, platforms)
    _refuse_unsent(db, draft, index, names)
    under_way = amendments.taken_down(db, draft.id)
    changed = [
        (post, SPECS[post.platform].parts_of(corrected)[index].text)
        for post in posts
        if post.part == index and post.platform not in under_way
    ]
    waiting, left_out = _waiting(db, draft, index, text, names, relink)
    if waiting is None and all(post.text == words for post, words in changed):
        if left_out:
            raise UsageError(*left_out)
        same = "These are its words already" if changed else f"Nothing of part {index + 1} is there to correct"
        raise UsageError(f"{same}.", story(draft.id))
    edits = [each for each in changed if isinstance(platforms[each[0].platform], EditingPlatform)]
    can_not = [each for each in changed if not isinstance(platforms[each[0].platform], EditingPlatform)]
    anew = [post for post, words in can_not if post.text != words]
    if anew and draft.comment_id is not None:
        raise _answers(draft, anew)
    if anew and len(draft.parts) > 1:
        raise _part_of_a_thread(draft, index, anew, [post.platform for post, _ in edits])
    unsent = tuple(_unsent(db, corrected, index, names))
    replaced = [(platforms[post.platform], words) for post, words in changed if post in anew]
    looks = sum(platform.reading_usd for platform, _ in replaced if isinstance(platform, ChargingPlatform))
    cost = _cost(anew, platforms) + looks + sum(platform.price(words) for platform, words in replaced)
    return Plan(
        draft,
        tuple(anew),
        tuple(edits),
        unsent,
        parts=corrected.parts,
        cost_usd=cost + (_dearer(waiting, platforms) if waiting else 0.0),
        untouched=(*untouched, *([" ".join(left_out)] if left_out else [])),
        in_its_place=_in_its_place(db, draft),
        links=corrected.links,
        waiting=waiting,
    )


def _index(draft: Draft, part: int | None) -> int:
    if part is None and len(draft.parts) > 1:
        raise UsageError(f"Draft {draft.id} has {len(draft.parts)} parts.", "Say which, with --part.")
    index = (part or 1) - 1
    if index >= len(draft.parts):
        raise UsageError(f"Draft {draft.id} has no part {index + 1}.", f"It has {len(draft.parts)}.")
    return index


def _reworded(draft: Draft, index: int, text: str) -> tuple[Part, ...]:
    return tuple(reworded(each, text) if n == index else each for n, each in enumerate(draft.parts))


def put_on_record(db: Database, plan: Plan, now: datetime, by: Actor) -> int | None:
    """All of it, in the caller's transaction. Gives the draft that goes out in the place of what is taken down, be it
    one that waited before. Raises TextKnown."""
    for post in plan.deletions:
        amendments.ask_for(db, post, Kind.DELETION, now, by=by)
    digest = normalised_hash([part.text for part in plan.parts])
    for post, words in plan.edits:
        amendments.ask_for(db, post, Kind.EDIT, now, text=words, digest=digest, by=by)
    for unsent, part in plan.unsent:
        deliveries.rewrite(db, unsent, part, now)
    if not plan.parts:
        _send_no_more(db, plan, now, by)
    draft = plan.draft
    if waiting := plan.waiting:
        drafts.rewrite(db, waiting.draft, waiting.parts, waiting.links, now, by=by)
    if not plan.replaced_on:
        return waiting.draft.id if waiting else None
    new = drafts.NewDraft(
        draft.bot,
        "person",
        plan.parts,
        plan.replaced_on,
        None,
        language=draft.language,
        topic=draft.topic,
        format=draft.format,
        item_id=draft.item_id,
        choice={**draft.choice, "corrects": draft.id},
        links={name: link for name, link in plan.links.items() if name in plan.replaced_on},
        status=DraftStatus.PENDING,
        reason=f"it goes out when draft {draft.id} is taken down",
        replaces=draft.id,
    )
    return drafts.add(db, new, now, by)


def _posts(
    db: Database, draft: Draft, names: Collection[str], platforms: Mapping[str, Platform]
) -> tuple[list[Delivery], list[str]]:
    """What is out and can be reached, and lines on the rest. Raises UsageError where there is nothing."""
    every = deliveries.of_draft(db, draft.id)
    if missing := sorted(set(names) - {delivery.platform for delivery in every}):
        where = ", ".join(dict.fromkeys(delivery.platform for delivery in every)) or "nowhere yet"
        raise UsageError(f"Draft {draft.id} did not go to {', '.join(missing)}.", f"It went to: {where}.")
    meant = [delivery for delivery in every if not names or delivery.platform in names]
    if unclear := sorted({delivery.platform for delivery in meant if _is_unclear(db, delivery, platforms)}):
        remedy = "The next run finds out: do it after that, or name the other platforms with --platform."
        raise UsageError(f"A part of draft {draft.id} may be out on {', '.join(unclear)}.", remedy)
    there = [delivery for delivery in meant if delivery.receipt and delivery.removed_at is None]
    if not there:
        raise _nothing_there(db, draft, meant)
    reached = [post for post in there if post.platform in platforms]
    lines = [_out_of_reach(post) for post in there if post.platform not in platforms]
    held = dict.fromkeys(delivery.platform for delivery in meant if delivery.status is DeliveryStatus.HELD)
    lines += [f"{name}: a part of draft {draft.id} is held and may be out: look at the account." for name in held]
    if not reached:
        raise UsageError(" ".join(lines))
    return reached, lines


def _is_unclear(db: Database, delivery: Delivery, platforms: Mapping[str, Platform]) -> bool:
    """Whether it may be out; of what was not found, only some platforms prove that it is not there."""
    if delivery.status is not DeliveryStatus.QUEUED:
        return delivery.status in _ON_ITS_WAY
    platform = platforms.get(delivery.platform)
    return not (platform and platform.definite) and deliveries.may_be_out(db, delivery.id)


def _refuse_unsent(db: Database, draft: Draft, index: int, names: Collection[str]) -> None:
    """Where the part is still to be sent it would go out with the old words."""
    queued = [each for each in deliveries.of_draft(db, draft.id) if each.status is DeliveryStatus.QUEUED]
    if waits := [each.platform for each in queued if each.part == index and (not names or each.platform in names)]:
        ways = f"Wait until it is out there, or give that up: {command(f'skip {draft.id}')}; or name the others with"
        raise UsageError(f"Draft {draft.id} still waits for {', '.join(waits)}.", f"{ways} --platform.")


def _unsent(db: Database, corrected: Draft, index: int, names: Collection[str]) -> Iterator[tuple[Delivery, Part]]:
    """Of this part what failed, or is held, and never arrived."""
    for delivery in deliveries.of_draft(db, corrected.id):
        meant = delivery.part == index and (not names or delivery.platform in names)
        if meant and delivery.status in deliveries.STUCK and not deliveries.may_be_out(db, delivery.id):
            yield delivery, SPECS[delivery.platform].parts_of(corrected)[delivery.part]


def _waiting(
    db: Database,
    draft: Draft,
    index: int,
    text: str,
    names: Collection[str],
    relink: Callable[[Draft, Sequence[Part]], Mapping[str, str]],
) -> tuple[Rewording | None, tuple[str, str] | None]:
    """What waits in the draft's place, in other words; or else, where it can't get them so, what and how a person gives
    it some."""
    meant = [each for each in _not_begun(db, draft) if not names or set(each.platforms) & set(names)]
    if not meant:
        return None, None
    last = meant[-1]
    whole = len(last.parts) == len(draft.parts) and (not names or set(last.platforms) <= set(names))
    if len(meant) > 1 or not whole or last.status is DraftStatus.NEEDS_ATTENTION:
        numbers = ", ".join(str(each.id) for each in meant)
        ways = "; ".join(command(f"drafts edit {each.id}") for each in meant)
        where = ", ".join(dict.fromkeys(name for each in meant for name in each.platforms))
        return None, (f"Draft {numbers} waits in its place for {where} in words of its own.", f"Change them: {ways}")
    parts = _reworded(last, index, text)
    return (None if parts == last.parts else Rewording(last, parts, relink(last, parts))), None


def _not_begun(db: Database, draft: Draft) -> list[Draft]:
    """What waits to go out in the draft's place."""
    successors = [drafts.get(db, number) for number in succession.successors(db, draft.id)]
    waiting = [each for each in successors if each and each.status in drafts.WAITING]
    return [each for each in waiting if not deliveries.of_draft(db, each.id)]


def _dearer(waiting: Rewording, platforms: Mapping[str, Platform]) -> float:
    """What the other words cost above what is kept for those that waited."""
    there = [platforms[name] for name in waiting.draft.platforms if name in platforms]
    prices = [
        sum(platform.price(part.text) for platform in there for part in SPECS[platform.name].parts_of(each))
        for each in (replace(waiting.draft, parts=waiting.parts, links=waiting.links), waiting.draft)
    ]
    return max(0.0, prices[0] - prices[1])


def _out_of_reach(post: Delivery) -> str:
    where = post.receipt.url if post.receipt else ""
    ways = f"put its keys back into .env, or take it down by hand: {where}"
    return f"{post.platform} is not set up for {post.bot} any more, where draft {post.draft_id} went out: {ways}"


def _in_its_place(db: Database, draft: Draft) -> str:
    """Where the corrected post stands that came in the place of this one, and the commands for it; "" for none."""
    there = [number for number in succession.successors(db, draft.id) if deliveries.is_there(db, number)]
    where = dict.fromkeys(post.platform for number in there for post in deliveries.of_draft(db, number))
    ways = "; ".join(f"{command(f'correct {number} TEXT')}, or {command(f'delete {number}')}" for number in there)
    return f"In its place there is draft {there[-1]} on {', '.join(where)}: {ways}" if there else ""


def _nothing_there(db: Database, draft: Draft, meant: Collection[Delivery]) -> UsageError:
    if any(delivery.removed_at for delivery in meant):
        edits = [command(f"drafts edit {each.id}") for each in _not_begun(db, draft)]
        waits = f"What waits to go out in its place gets other words with: {'; '.join(edits)}" if edits else ""
        way = _in_its_place(db, draft) or waits or story(draft.id)
        return UsageError(f"Draft {draft.id} is taken down already.", way)
    stands = phrases.draft(draft.id, draft.status).capitalize()
    remedy = f"Give it up: {command(f'drafts drop {draft.id}')}" if draft.status in _WAITING else ""
    return UsageError(f"{stands}: nothing of it is out there.", remedy)


def _answers(draft: Draft, anew: Collection[Delivery]) -> UsageError:
    """One comment has one answer, and what is posted anew would hang beneath nothing."""
    names = ", ".join(post.platform for post in anew)
    message = f"{names} can't edit, and draft {draft.id} answers a comment: it can't be posted anew."
    return UsageError(message, f"Take it down: {command(f'delete {draft.id}')}")


def _part_of_a_thread(draft: Draft, index: int, anew: Collection[Delivery], editable: Collection[str]) -> UsageError:
    names = ", ".join(post.platform for post in anew)
    hangs = "the parts after it reply to it" if index + 1 < len(draft.parts) else "it replies to the part before it"
    ways = [f"Take the thread down: {command(f'delete {draft.id}')}"]
    ways += [f"or correct it only where that is possible, with --platform {name}" for name in editable]
    message = f"{names} can't edit, and part {index + 1} can't be posted anew: {hangs}."
    return UsageError(message, "; ".join(ways))


def _send_no_more(db: Database, plan: Plan, now: datetime, by: Actor) -> None:
    """What still waits for one of the platforms does not go out there, corrected words neither; a draft of which
    nothing is left is over."""
    reason = "a person took it down"
    taken, left = {post.id for post in plan.deletions}, False
    for delivery in deliveries.of_draft(db, plan.draft.id):
        if delivery.status is DeliveryStatus.QUEUED and delivery.platform in (plan.named or [delivery.platform]):
            deliveries.move(db, delivery, DeliveryStatus.FAILED, now, run_id=None, error=reason)
        elif delivery.status is not DeliveryStatus.FAILED and delivery.removed_at is None and delivery.id not in taken:
            left = True
    if not left and plan.draft.status in (DraftStatus.PUBLISHING, DraftStatus.PARTLY_POSTED):
        drafts.move(db, plan.draft, DraftStatus.SKIPPED, now, reason=reason, by=by)
    for replacement, old in drafts.replacements(db, plan.draft.bot):
        others = [name for name in replacement.platforms if plan.named and name not in plan.named]
        if old == plan.draft.id and others:
            drafts.narrow(db, replacement, others)
        elif old == plan.draft.id:
            drafts.move(db, replacement, DraftStatus.SKIPPED, now, reason=f"a person took draft {old} down", by=by)


def _cost(posts: Collection[Delivery], platforms: Mapping[str, Platform]) -> float:
    priced = (platforms[post.platform] for post in posts)
    return sum(platform.deletion_usd for platform in priced if isinstance(platform, ChargingPlatform))
