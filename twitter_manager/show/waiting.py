"""What waits to go out: as objects in the order in which it does, and as lines for a person."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import chain

from twitter_manager import decisions, moments, phrases
from twitter_manager.domain import Draft, DraftStatus, Json
from twitter_manager.pipeline.select import in_turn
from twitter_manager.pipeline.timetable import Forecast, forecasts
from twitter_manager.platforms import SPECS
from twitter_manager.recurrence import Rule
from twitter_manager.settings import Bot
from twitter_manager.show.lines import answers_whom, approving_several, because, changing_several, post, way_on
from twitter_manager.show.records import answered_by, draft_as_json
from twitter_manager.store import drafts, series
from twitter_manager.store.database import Database, iso
from twitter_manager.terminal import command


def listing(db: Database, bot: Bot, now: datetime) -> list[Json]:
    """What is on its way, answers to comments among it, what has a date of its own, what waits for a slot, and what
    waits for a person: for their approval, and for something else."""
    queue = [draft for _, draft in in_turn(db, bot.name, now)]
    groups = {
        "on_its_way": [
            *drafts.in_status(db, bot.name, DraftStatus.PUBLISHING),
            *(draft for draft, _ in drafts.replacements(db, bot.name)),
            *drafts.answering(db, bot.name, DraftStatus.APPROVED),
        ],
        "dated": drafts.dated(db, bot.name, now),
        "queued": queue,
        "waits_for_approval": [
            *drafts.awaiting(db, bot.name, now),
            *drafts.answering(db, bot.name, DraftStatus.PENDING),
        ],
        "waits_for_you": [
            draft for draft in decisions.waiting(db, bot.name) if draft.status is not DraftStatus.PENDING
        ],
    }
    told = forecasts(bot, db, now)
    return [
        described(db, draft, bot, told.get(draft.id)) | {"waits": group, "place": place if group == "queued" else None}
        for group, members in groups.items()
        for place, draft in enumerate(members, start=1)
    ]


def described(db: Database, draft: Draft, bot: Bot, forecast: Forecast | None) -> Json:
    """A draft with its length on each platform that it can go to, when it goes out, whether it comes again, and what a
    person can do about it."""
    described = draft_as_json(draft) | {
        "edited": draft.edited_at is not None,
        "lengths": {name: _lengths(draft, name, bot) for name in draft.platforms if name in bot.platforms_on},
        "comes_again": _again(db, draft, bot),
        "commands": decisions.ways_on(db, draft),
        "time_zone": bot.time_zone,
        **answered_by(db, draft),
    }
    return described | ({"goes_out_at": iso(forecast.at), "goes_out": forecast.words} if forecast else {})


def _again(db: Database, draft: Draft, bot: Bot) -> str | None:
    """When a recurring post comes again, while it does."""
    each = series.get(db, draft.series_id) if draft.series_id else None
    if each is None or each.ended_at is not None:
        return None
    until = f", until {moments.told(each.until, bot.time_zone)}" if each.until else ""
    return Rule.read(each.rule).told + until


def _lengths(draft: Draft, platform: str, bot: Bot) -> list[Json]:
    """What is counted of each part, with the address that goes along."""
    from twitter_manager.checks import length

    spec, link = SPECS[platform], draft.links.get(platform, "")
    texts = [part.text for part in spec.parts_of(draft)]
    counted = (length(spec.shown(text, link), platform, bot.limits_there) for text in texts)
    return [{"length": number, "limit": limit} for number, limit in counted]


_HEADINGS = {
    "on_its_way": "On its way:",
    "dated": "With a date of its own:",
    "queued": "In the next slots, in this order:",
    "waits_for_approval": "Waits for your approval:",
    "waits_for_you": "Waits for you:",
}


def lines(listed: Sequence[Json]) -> Iterator[str]:
    """The listing for a person."""
    heading = ""
    approves_several = sum(draft["waits"] == "waits_for_approval" for draft in listed) > 1
    for draft in listed:
        if heading != (heading := f"{draft['bot']}: {_HEADINGS[draft['waits']]}"):
            yield heading
        told_below = approves_several and draft["waits"] == "waits_for_approval"
        yield from draft_lines(draft) if told_below else in_full(draft)
    if heading:
        yield from approving_several() if approves_several else ()
        yield from changing_several()
    else:
        yield f'Nothing waits. Queue a post of your own: {command("post")} "Your words"'


def in_full(draft: Json) -> Iterator[str]:
    """One draft, and what can be done about it."""
    yield from draft_lines(draft)
    yield from way_on(draft)


def draft_lines(draft: Json) -> Iterator[str]:
    """One draft: where it stands, its words, and how long it is where."""
    by = "your own" if draft["origin"] == "person" else f"{draft['format'] or 'post'} from the bot"
    edited = ", edited by you" if draft["edited"] and draft["origin"] != "person" else ""
    place = f"{draft['place']}. " if draft.get("place") else ""
    stands = "" if draft["status"] == DraftStatus.APPROVED else f", {phrases.DRAFT[draft['status']]}"
    due = f", {moments.told(datetime.fromisoformat(draft['due_at']), draft['time_zone'])}" if draft["due_at"] else ""
    yield f"  {place}draft {draft['id']}, {by}{edited}{due}{stands}{because(draft['reason'])}"
    yield from answers_whom(draft)
    yield from post(draft)
    yield from (f"    {trouble}" for trouble in draft.get("lacking_pictures", ()))
    if draft["expires_at"] and (draft["origin"] == "person" or draft["status"] == DraftStatus.PENDING):
        yield f"    expires {moments.told(datetime.fromisoformat(draft['expires_at']), draft['time_zone'])}"
    if draft["comes_again"]:
        yield f"    comes again {draft['comes_again']}"
    if draft.get("goes_out") and draft["goes_out_at"] != (draft["due_at"] or ""):
        yield f"    {draft['goes_out']}"
    yield f"    {'; '.join(chain(*(_measured(*entry) for entry in draft['lengths'].items()), _off(draft)))}"


def _off(draft: Json) -> Iterator[str]:
    """The platforms that it was meant for and can't go to."""
    if off := [name for name in draft["platforms"] if name not in draft["lengths"]]:
        yield f"not set up now: {', '.join(off)}"


def _measured(platform: str, parts: list[Json]) -> Iterator[str]:
    limit = parts[0]["limit"] if parts else None
    counted = ", ".join(str(part["length"]) for part in parts)
    yield f"{platform} {counted}" + ("" if limit is None else f" of {limit}")
