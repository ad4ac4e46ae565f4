"""One draft and all that a person needs to decide about it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from twitter_manager import decisions, phrases
from twitter_manager.content import Media, Part
from twitter_manager.domain import Draft, DraftStatus, Json
from twitter_manager.pipeline.timetable import forecasts
from twitter_manager.platforms import exact
from twitter_manager.recurrence import Rule
from twitter_manager.review.console.views import material as standing
from twitter_manager.review.console.views.happened import Happened, told
from twitter_manager.review.console.views.material import JUDGE, Judgement, Material
from twitter_manager.review.console.views.queue import moments_of, origin, waits_until
from twitter_manager.review.console.views.shown import Shown, shown, title
from twitter_manager.settings import Bot
from twitter_manager.show import counted
from twitter_manager.show.figures import in_words
from twitter_manager.store import approvals, deliveries, drafts, edits, events, generations, series
from twitter_manager.store.database import Database
from twitter_manager.store.listing import Turn

MOST_COMPARED = 4_000
"""Characters of a text whose changes are told word by word."""
_VERDICTS = {"chosen": "taken", "passed": "sound", "doubted": "doubtful", "rejected": "refused"}


@dataclass(frozen=True, slots=True)
class Candidate:
    """Another wording that was made for the same post. `name`: by which it can be taken."""

    name: str
    writer: str
    verdict: str
    is_chosen: bool
    score: float
    scores: tuple[tuple[str, float], ...]
    parts: tuple[str, ...]
    against: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """A piece of a text before and after an edit: `kind` is same, gone or new."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Edited:
    """One edit of a person's, part by part. `alts`: alt texts that were changed, before and after."""

    at: str
    by: str
    parts: tuple[tuple[Change, ...], ...]
    alts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a post of it stands. `state`: in words, where it isn't out."""

    title: str
    url: str
    state: str
    came_to: str = ""
    """What people did with it, as it was read last."""


@dataclass(frozen=True, slots=True)
class May:
    """What a person can do about it now."""

    approve: bool
    skip: bool
    edit: bool
    regenerate: bool
    date: bool
    queue: bool
    resume: bool


@dataclass(frozen=True, slots=True)
class EditPart:
    """A part in the form. `media`: with the alt texts as they are in the form."""

    text: str
    media: tuple[Media, ...]


@dataclass(frozen=True, slots=True)
class DraftView:
    """The page. `seen`: the hash of what it shows, which each decision carries."""

    id: int
    bot: str
    seen: str
    status: str
    tone: str
    """Of the status: wait, good, bad or over."""
    reason: str
    origin: str
    about: str
    moment: str
    approval: str
    shown: tuple[Shown, ...]
    not_set_up: tuple[str, ...]
    material: Material | None
    judgements: tuple[Judgement, ...]
    candidates: tuple[Candidate, ...]
    edits: tuple[Edited, ...]
    history: tuple[Happened, ...]
    places: tuple[Place, ...]
    may: May
    form: tuple[EditPart, ...]
    language: str


def view(db: Database, draft: Draft, bot: Bot, now: datetime) -> DraftView:
    """All of it, as it stands now."""
    made = generations.of_draft(db, draft.id)
    stands_on = standing.of_draft(db, draft, made)
    happened = events.of_draft(db, draft.id)
    return DraftView(
        id=draft.id,
        bot=draft.bot,
        seen=exact.content_hash(draft),
        status=phrases.DRAFT[draft.status],
        tone=_TONES[draft.status],
        reason=draft.reason,
        origin=origin(draft),
        about=_about(draft, bot),
        moment=_moment(db, draft, bot, now),
        approval=_approval(db, draft, bot),
        shown=shown(draft, bot.limits_there),
        not_set_up=tuple(title(name) for name in draft.platforms if name not in bot.platforms_on),
        material=stands_on,
        judgements=standing.judgements(draft, made, standing.whole(stands_on)),
        candidates=tuple(_candidates(made)),
        edits=tuple(_edited(edit, bot) for edit in reversed(edits.of_draft(db, draft.id))),
        history=tuple(told(event, bot.time_zone, parts=len(draft.parts)) for event in happened),
        places=tuple(_places(db, draft)),
        may=may(db, draft),
        form=form(draft.parts),
        language=draft.language,
    )


_TONES = {
    DraftStatus.NEEDS_ATTENTION: "wait",
    DraftStatus.PENDING: "wait",
    DraftStatus.APPROVED: "good",
    DraftStatus.PUBLISHING: "good",
    DraftStatus.POSTED: "good",
    DraftStatus.PARTLY_POSTED: "bad",
    DraftStatus.FAILED: "bad",
    DraftStatus.SKIPPED: "over",
    DraftStatus.EXPIRED: "over",
}


def form(parts: Sequence[Part]) -> tuple[EditPart, ...]:
    """The parts as a person edits them."""
    return tuple(EditPart(part.text, part.media) for part in parts)


def may(db: Database, draft: Draft) -> May:
    """What the actions would do and not refuse, as far as that can be told before."""
    is_begun = draft.status not in drafts.WAITING or bool(deliveries.of_draft(db, draft.id))
    is_fresh, replaces = not is_begun, decisions.is_replacement(db, draft)
    ways = {way.rpartition(" ")[0] for way in decisions.ways_on(db, draft)}
    return May(
        approve=is_fresh and not ways.isdisjoint({"drafts approve", "resume"}),
        skip="skip" in ways or is_fresh,
        edit=is_fresh,
        regenerate=is_fresh and draft.origin == "generator" and draft.item_id is not None and not replaces,
        date=is_fresh and not replaces and not draft.comment_id,
        queue=is_fresh and draft.status is DraftStatus.APPROVED and not draft.comment_id,
        resume=is_begun and "resume" in ways,
    )


def _about(draft: Draft, bot: Bot) -> str:
    made = f"made {phrases.clock(draft.created_at, bot.time_zone)}"
    topic = f"on {draft.topic}" if draft.topic else ""
    return ", ".join(filter(None, (topic, made)))


def _moment(db: Database, draft: Draft, bot: Bot, now: datetime) -> str:
    """When it goes out, or until when it waits, and whether it comes again."""
    if draft.status is DraftStatus.APPROVED and draft.comment_id:
        forecast = forecasts(bot, db, now, [draft.id]).get(draft.id)
        words = forecast.words if forecast else ""
    elif draft.status is DraftStatus.APPROVED:
        turn = Turn(draft.id, draft.bot, draft.due_at, draft.expires_at)
        words = moments_of(db, bot, now, [turn])[draft.id] or "goes out in its turn"
    elif draft.status in drafts.WAITING:
        words = waits_until(draft, bot)
    else:
        words = f"begun {phrases.clock(draft.published_at, bot.time_zone)}" if draft.published_at else ""
    each = series.get(db, draft.series_id) if draft.series_id else None
    again = f"comes again {Rule.read(each.rule).told}" if each and each.ended_at is None else ""
    return "; ".join(filter(None, (words, again)))


def _approval(db: Database, draft: Draft, bot: Bot) -> str:
    approval = approvals.newest(db, draft)
    if approval is None:
        return ""
    return f"{approval.by.name or 'a person'}, by {approval.by.via}, {phrases.clock(approval.at, bot.time_zone)}"


def _candidates(made: Sequence[Json]) -> Iterator[Candidate]:
    """The best verdict first, then the best score."""
    named = [
        (candidate, f"{generation['id']}.{number}", generation)
        for generation in made
        if not generation["generator"].startswith(JUDGE)
        for number, candidate in enumerate(generation["candidates"])
    ]
    order = list(_VERDICTS)
    named.sort(key=lambda each: (order.index(each[0]["verdict"]), -each[0]["score"]))
    for candidate, name, generation in named:
        yield Candidate(
            name=name,
            writer=" ".join(filter(None, (generation["generator"], generation["model"]))),
            verdict=_VERDICTS[candidate["verdict"]],
            is_chosen=candidate["verdict"] == "chosen",
            score=candidate["score"],
            scores=tuple(candidate["scores"].items()),
            parts=tuple(candidate["parts"]),
            against=tuple(dict.fromkeys(violation["message"] for violation in candidate["violations"])),
        )


def _edited(edit: edits.Edit, bot: Bot) -> Edited:
    most = max(len(edit.before), len(edit.after))
    pairs = [(_text(edit.before, at), _text(edit.after, at)) for at in range(most)]
    before, after = ([media.alt for part in parts for media in part.media] for parts in (edit.before, edit.after))
    alts = tuple(pair for pair in zip(before, after, strict=False) if pair[0] != pair[1])
    by = f"{edit.by.name}, by {edit.by.via}" if edit.by.name else "a person"
    return Edited(phrases.clock(edit.at, bot.time_zone), by, tuple(tuple(changes(*pair)) for pair in pairs), alts)


def _text(parts: Sequence[Part], at: int) -> str:
    return parts[at].text if at < len(parts) else ""


def changes(before: str, after: str) -> Iterator[Change]:
    """What stayed, went and came, word by word; of long texts the whole."""
    if max(len(before), len(after)) > MOST_COMPARED:
        yield from (Change(kind, text) for kind, text in (("gone", before), ("new", after)) if text)
        return
    old, new = (re.findall(r"\s+|[^\s]+", text) for text in (before, after))
    for kind, begin, end, start, stop in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            yield Change("same", "".join(old[begin:end]))
            continue
        yield from (Change("gone", "".join(old[begin:end])),) * (end > begin)
        yield from (Change("new", "".join(new[start:stop])),) * (stop > start)


def _places(db: Database, draft: Draft) -> Iterator[Place]:
    came_to = {each["platform"]: in_words(each) for each in counted.newest(db, draft.id)}
    for post in deliveries.of_draft(db, draft.id):
        part = f" part {post.part + 1}" if len(draft.parts) > 1 else ""
        url = post.receipt.url if post.receipt and not post.removed_at else ""
        state = "was taken down" if post.removed_at else phrases.DELIVERY[post.status]
        error = f": {post.error}" if post.error and not url else ""
        figures = came_to.get(post.platform, "") if post.part == 0 else ""
        yield Place(f"{title(post.platform)}{part}", url if _is_web(url) else "", f"{state}{error}", figures)


def _is_web(url: str) -> bool:
    return url.startswith(("https://", "http://"))
