"""What waits to go out: as objects in the order in which it does, and as lines for a person."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import chain

from twitter_manager import decisions, moments, phrases
from twitter_manager.domain import Draft, DraftStatus, Json
from twitter_manager.pipeline.select import in_turn
from twitter_manager.platforms import SPECS
from twitter_manager.settings import Bot
from twitter_manager.show.lines import because, post, way_on
from twitter_manager.show.records import draft_as_json
from twitter_manager.store import drafts
from twitter_manager.store.database import Database
from twitter_manager.terminal import command


def listing(db: Database, bot: Bot, now: datetime) -> list[Json]:
    """What is on its way, what has a date of its own, what waits for a slot, and what waits for a person."""
    queue = [draft for _, draft in in_turn(db, bot.name, now)]
    groups = {
        "on_its_way": drafts.in_status(db, bot.name, DraftStatus.PUBLISHING),
        "dated": drafts.dated(db, bot.name, now),
        "queued": queue,
        "waits_for_you": decisions.waiting(db, bot.name),
    }
    return [
        described(db, draft, bot) | {"waits": group, "place": place if group == "queued" else None}
        for group, members in groups.items()
        for place, draft in enumerate(members, start=1)
    ]


def described(db: Database, draft: Draft, bot: Bot) -> Json:
    """A draft with its length on each platform that is on, and what a person can do about it."""
    return draft_as_json(draft) | {
        "edited": draft.edited_at is not None,
        "lengths": {name: _lengths(draft, name, bot) for name in draft.platforms if name in bot.platforms_on},
        "commands": decisions.ways_on(db, draft),
        "time_zone": bot.time_zone,
    }


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
    "waits_for_you": "Waits for you:",
}


def lines(listed: Iterable[Json]) -> Iterator[str]:
    """The listing for a person."""
    heading = ""
    for draft in listed:
        if heading != (heading := f"{draft['bot']}: {_HEADINGS[draft['waits']]}"):
            yield heading
        yield from draft_lines(draft)
    if heading:
        yield f"To change one: {command('drafts edit N')}"
        yield f"To give one up: {command('drafts drop N')}"
    else:
        yield f'Nothing waits. Queue a post of your own: {command("post")} "Your words"'


def draft_lines(draft: Json) -> Iterator[str]:
    """One draft: where it stands, its words, how long it is where, and what can be done."""
    by = "your own" if draft["origin"] == "person" else f"{draft['format'] or 'post'} from the bot"
    edited = ", edited by you" if draft["edited"] and draft["origin"] != "person" else ""
    place = f"{draft['place']}. " if draft.get("place") else ""
    stands = "" if draft["status"] == DraftStatus.APPROVED else f", {phrases.DRAFT[draft['status']]}"
    due = f", {moments.told(datetime.fromisoformat(draft['due_at']), draft['time_zone'])}" if draft["due_at"] else ""
    yield f"  {place}draft {draft['id']}, {by}{edited}{due}{stands}{because(draft['reason'])}"
    yield from post(draft)
    yield f"    {'; '.join(chain.from_iterable(_measured(*entry) for entry in draft['lengths'].items()))}"
    yield from way_on(draft)


def _measured(platform: str, parts: list[Json]) -> Iterator[str]:
    limit = parts[0]["limit"] if parts else None
    counted = ", ".join(str(part["length"]) for part in parts)
    yield f"{platform} {counted}" + ("" if limit is None else f" of {limit}")
