"""From material to brief: what to write about, what a generator is told of it, and what the checks must know of it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta

from twitter_manager.checks import CheckContext
from twitter_manager.domain import Brief, Item
from twitter_manager.store import drafts, items, sources
from twitter_manager.store.database import Database
from twitter_manager.writing import formats, topics
from twitter_manager.writing.post_spec import PostSpec
from twitter_manager.writing.topics import Choice

RECENT = 200
"""How many of the bot's newest posts a new one is compared with, and how many of the other bots' besides: X forbids
nearly the same on two accounts."""
LED_TO = 600
"""Characters of what a post's address leads to that the rules against harm look at too."""
FIRST = 3
"""How many posts from an open source a person lets through before it posts by itself."""
MOST_WAITING = 5
"""While so many posts of a source wait for a person, none that would have to wait too is made from it."""
NUMBER_CHARS = 4
"""What the number of a thread's part takes: "3/5 "."""


def choices(
    db: Database,
    spec: PostSpec,
    wanted: int,
    seed: int,
    now: datetime,
    *,
    news_only: bool = False,
    without: Collection[int] = (),
) -> tuple[list[Choice], str]:
    """Choose `wanted` times, each choice knowing those before it; gives them, and why they are fewer. `without`: items
    (ids) that are not chosen."""
    bot, full = spec.bot, full_sources(db, spec.bot)
    rules = replace(spec.material.rules, writes=spec.writers.first, likeness=spec.meaning.likeness)
    known = topics.Known(
        items=[
            (number, item)
            for number, item in items.available(db, bot)
            if number not in without and not (item.source in full and why_held(db, spec, item))
        ],
        last_used=items.last_used(db, bot),
        since=items.since(db, bot),
        topics=drafts.recent_topics(db, bot, RECENT),
        posts={f"draft {number}": text for number, text in drafts.recent_posts(db, bot, RECENT).items()},
    )
    made: list[Choice] = []
    for turn in range(wanted):
        choice = topics.choose(rules, known, now, seed + turn, news_only=news_only)
        if isinstance(choice, str):
            return made, choice
        made.append(choice)
        known = replace(
            known,
            last_used={**known.last_used, **{number: now for number, _ in choice.items}},
            topics=[choice.topic, *known.topics],
            posts={**{f"item {number}": item.text for number, item in choice.items}, **known.posts},
        )
    return made, ""


def brief(spec: PostSpec, choice: Choice, now: datetime, recent: tuple[str, ...] = ()) -> Brief:
    """What a generator is told of a choice. `recent`: the bot's posts, newest first."""
    delivery, numbers = spec.delivery, [number for number, _ in choice.items]
    parts, links = formats.TABLE[choice.format].max_parts, delivery.links(choice.item)
    room = delivery.room(links, cards=not spec.material.shows_picture(choice.item))
    made = replace(
        spec.blank,
        topic=choice.topic,
        format=choice.format,
        items=tuple(item for _, item in choice.items),
        max_chars=room - (NUMBER_CHARS if parts > 1 and delivery.numbered else 0),
        seed=choice.why["seed"],
        recent=recent,
        max_parts=parts,
        linked=bool(links),
        background=spec.meaning.background(numbers),
        near=spec.meaning.near(numbers),
        today=f"{now:%Y-%m-%d}",
    )
    return spec.style.dress(made) if spec.style else made


def context(db: Database, spec: PostSpec, brief: Brief, links: dict[str, str], now: datetime) -> CheckContext:
    """What the checks need to know of a brief's posts. The background is no material, and the address that goes along
    is the first item's."""
    delivery, persona = spec.delivery, spec.blank.persona
    theirs = (*persona.openers, *persona.closings)  # words that the bot's person chose
    appended = (*(f"#{tag.lstrip('#')}" for tag in delivery.hashtags), delivery.signature, delivery.opener, *theirs)
    told = [
        text
        for item in brief.items
        for text in (item.title, item.text, item.summary, item.project, *item.headings, item.label, *item.wordings)
    ]
    material = (*told, *appended, *formats.own_words(brief.format, brief.items))
    first = brief.items[:1] if links else ()
    return replace(
        delivery.rules,
        material=tuple(filter(None, material)),
        recent=recent_texts(db, spec.bot),
        written_by_model=True,
        links=links,
        card=next((item.url for item in first if not spec.material.shows_picture(item)), ""),
        age_days=_age_days(brief, now),
        today=now.date(),
        trust=min(map(spec.material.trust, brief.items), key=("open", "known", "own").index, default="own"),
        leads_to="\n".join(text for item in first for text in (item.title, item.summary, item.text))[:LED_TO],
    )


def recent_texts(db: Database, bot: str) -> tuple[str, ...]:
    """The newest posts, the bot's own first, that a new one must not repeat."""
    theirs = (draft.text for draft in drafts.of_others(db, bot, RECENT))
    return (*drafts.recent_texts(db, bot, RECENT), *theirs)


def full_sources(db: Database, bot: str) -> set[str]:
    """Those of which enough posts wait for a person."""
    return {source for source, (waiting, _) in drafts.held(db, bot).items() if waiting >= MOST_WAITING}


def why_held(db: Database, spec: PostSpec, item: Item) -> str:
    """Why a post of this item waits for a person though it passes every rule: because of who may write where it is
    from, or because that place has changed; "" where it need not wait."""
    if change := sources.change(db, spec.bot, item.source, item.key):
        return change
    _, passed = drafts.held(db, spec.bot).get(item.source, (0, 0))
    if spec.material.trust(item) != "open" or passed >= FIRST:
        return ""
    return f"{item.source} is open to anybody: its first {FIRST} posts wait for you ({passed} let through so far)"


def _age_days(brief: Brief, now: datetime) -> float | None:
    """How long ago the newest of the brief's material was published; None where nobody knows."""
    published = [item.published_at for item in brief.items if item.published_at is not None]
    return (now - max(published)) / timedelta(days=1) if published else None
