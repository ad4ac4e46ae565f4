"""Chooses what to write about: a topic, an item (or several, for a thread) and a format.

News first, but never twice running on one topic while another has material. Otherwise a topic is drawn by weight among
those that were not on lately; then an item, by how fresh, close to the topic, new against the latest posts and rested
it is; then a format, by weight, among those that suit the item.

Pure: the same inputs give the same choice, on any machine. `why` holds what the draws were made from, as plain JSON of
a few kilobytes, so that they can be made again (`replay`). Reading and keeping the history is left to `store`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from twitter_manager import phrases
from twitter_manager.domain import Item, Json
from twitter_manager.writing import formats, scoring
from twitter_manager.writing.learned import Learned, weighed
from twitter_manager.writing.sampling import chance, draw, sound

REST = timedelta(days=30)
"""How long an item that was used is left alone; see `scoring.rest_of`."""
COMPARED, BEST, MOST_TOPICS = 50, 10, 100
"""How many items are compared with the latest posts; among how many of them, and how many topics, the draw is."""
LABEL_WEIGHT = 10
"""Where no topics are given, a label weighs as much as it has items left, up to this: so that all last equally long."""

Numbered = tuple[int, Item]
"""An item with its id."""
ByTopic = dict[str, list[int]]
"""Ids of items."""


@dataclass(frozen=True, slots=True)
class Rules:
    """How a bot chooses. `topics`, by weight: each takes the items that carry its name as their label, whatever the
    case, and those without a label that have its words; none: every label is one. `formats`: by weight; `writes`: a
    model is there that writes; `likeness`: how like (0 to 1) an item is to the latest post nearest to it in meaning,
    where something can tell."""

    topics: Mapping[str, float] = field(default_factory=dict)
    formats: Mapping[str, float] = field(default_factory=dict)
    rest: timedelta = REST
    writes: bool = False
    likeness: Callable[[Item], float] | None = None
    time_zone: str = "UTC"
    """In which a person reads when material is free again."""
    learned: Mapping[str, Learned] = field(default_factory=dict)
    """What the figures of earlier posts say, by step (topic, format): what the weights are drawn with."""


@dataclass(frozen=True, slots=True)
class Known:
    """What a choice rests on. `since`: when an item became public, or was first seen, whichever came first; `topics`:
    of the latest posts, and `posts`: their texts by name (`draft 12`); both newest first."""

    items: Sequence[Numbered]
    last_used: Mapping[int, datetime] = field(default_factory=dict)
    since: Mapping[int, datetime] = field(default_factory=dict)
    topics: Sequence[str] = ()
    posts: Mapping[str, str] = field(default_factory=dict)


NOTHING = "No material may be posted now; the verb sources tells why."


@dataclass(frozen=True, slots=True)
class Choice:
    """What to write about, and why. The first of `items` is the one that was drawn."""

    topic: str
    format: str
    items: tuple[Numbered, ...]
    why: Json

    @property
    def item_id(self) -> int:
        return self.items[0][0]

    @property
    def item(self) -> Item:
        return self.items[0][1]


def choose(rules: Rules, known: Known, now: datetime, seed: int, *, news_only: bool = False) -> Choice | str:
    """Choose what to write about; else the reason why nothing can be, for a person. While an item of a topic was never
    used, no item is used again; then those that have rested. `news_only`: fresh news or nothing, whichever topic was on
    last."""
    items = dict(known.items)
    by_topic = _by_topic(rules.topics or _labels(known.items), known.items)
    if not by_topic:
        return "No item carries the label of a topic that has weight." if items else NOTHING
    unused = _only(by_topic, items.keys() - known.last_used.keys())
    used = [(number, at) for number, at in known.last_used.items() if number in items]
    free = {number: at + scoring.rest_of(items[number], rules.rest) for number, at in used}
    usable = unused or _only(by_topic, {number for number, at in free.items() if at <= now})
    if not usable:
        every = {number for numbers in by_topic.values() for number in numbers}
        first = phrases.clock(min(free[number] for number in every), rules.time_zone)
        return f"Everything was used lately ({phrases.amount(len(every), 'item')}); the first is free again on {first}."
    news = _only(unused, {number for number in items if _is_news(items[number], known.since.get(number), now)})
    if news_only and not news:
        return "There is no fresh news."
    lane, among, left_out = _lane(usable, news, () if news_only else known.topics)
    topic, why_topic = _topic(rules, among, left_out, seed)
    of_topic = {number: items[number] for number in among[topic]}
    ranked = _ranked(topic, of_topic, rules, known, now, seed)
    number, why_item = _item(ranked, of_topic, known.last_used, seed)
    fellows = [
        scored.number
        for scored in ranked
        if scored.number != number and _is_fellow(items[scored.number], items[number])
    ]
    format_, why_format, more = _format(rules, items[number], fellows, seed)
    why: Json = {"seed": seed, "at": now.isoformat(), "rest_days": rules.rest / timedelta(days=1), "lane": lane}
    why |= {"topic": why_topic, "item": why_item, "format": why_format} | ({"also": more} if more else {})
    return Choice(topic, format_, tuple((item_id, items[item_id]) for item_id in (number, *more)), why)


# -- topics -------------------------------------------------------------------------------------------


def _labels(items: Sequence[Numbered]) -> dict[str, float]:
    """Each label as a topic, as its first item writes it."""
    names = {
        scoring.fold(scoring.label_of(item)): scoring.label_of(item) or scoring.UNLABELLED
        for _, item in reversed(items)
    }
    return dict.fromkeys(names.values(), 1.0)


def _by_topic(topics: Mapping[str, float], items: Sequence[Numbered]) -> ByTopic:
    """Each topic's items; topics without weight or items left out."""
    names = list(sound(topics))
    asked = {name: scoring.tokens(name) for name in names if scoring.fold(name) != scoring.UNLABELLED}
    by_label: ByTopic = {}
    by_words: ByTopic = {}
    for number, item in items:
        by_label.setdefault(scoring.fold(scoring.label_of(item)), []).append(number)
        if asked and not item.label:
            for name, wanted in asked.items():
                if scoring.closeness(wanted, item):
                    by_words.setdefault(name, []).append(number)
    by_topic = {name: [*by_label.get(scoring.fold(name), []), *by_words.get(name, [])] for name in names}
    return {name: numbers for name, numbers in by_topic.items() if numbers}


def _only(by_topic: ByTopic, allowed: Collection[int]) -> ByTopic:
    """Those of each topic's items that are allowed."""
    kept = {name: [number for number in numbers if number in allowed] for name, numbers in by_topic.items()}
    return {name: numbers for name, numbers in kept.items() if numbers}


def _is_news(item: Item, since: datetime | None, now: datetime) -> bool:
    return scoring.half_life(item) is not None and scoring.freshness_of(item, since, now) >= scoring.FRESH


def _lane(usable: ByTopic, news: ByTopic, recent: Sequence[str]) -> tuple[str, ByTopic, list[str]]:
    """What the topic is drawn from (`news`, or all that is usable), and the topics that are left out because they were
    on lately."""
    last = {scoring.fold(name) for name in recent[:1]}
    if fresh := {name: numbers for name, numbers in news.items() if scoring.fold(name) not in last}:
        return "news", fresh, [name for name in news if name not in fresh]
    among = {name: news.get(name) or usable[name] for name in _not_lately(list(usable), recent)}
    lane = "news" if news.keys() & among.keys() else "any"
    return lane, among, [name for name in usable if name not in among]


def _not_lately(names: Sequence[str], recent: Sequence[str]) -> list[str]:
    """The topics that are none of the last third's worth (at least the last); of fewer, where that leaves none."""
    for window in range(max(1, len(names) // 3), 0, -1):
        late = set(map(scoring.fold, recent[:window]))
        if free := [name for name in names if scoring.fold(name) not in late]:
            return free
    return list(names)


def _topic(rules: Rules, among: ByTopic, left_out: Sequence[str], seed: int) -> tuple[str, Json]:
    weights = {name: float(rules.topics.get(name, min(len(numbers), LABEL_WEIGHT))) for name, numbers in among.items()}
    left = list(weights)
    if len(left) > MOST_TOPICS:  # the record would be too long; which ones are drawn from is the seed's choice
        left = sorted(left, key=lambda name: chance(f"{seed}:{name}"))[:MOST_TOPICS]
    chosen, why = _learned_draw({name: weights[name] for name in left}, rules, "topic", seed)
    return chosen, why | {"topics": len(weights), "left_out": list(left_out)[:MOST_TOPICS]}


def _learned_draw(weights: Mapping[str, float], rules: Rules, step: str, seed: int) -> tuple[str, Json]:
    key = f"{seed}:{step}"
    made, learned = weighed(weights, rules.learned.get(step), key)
    chosen, why = draw(made, key)
    return chosen, why | ({"learned": learned} if learned else {})


# -- items --------------------------------------------------------------------------------------------


def _ranked(
    topic: str, items: Mapping[int, Item], rules: Rules, known: Known, now: datetime, seed: int
) -> list[scoring.Scored]:
    """The best items, best first. The first marks are cheap; only the best by them are compared with the latest posts.
    Among equals the seed decides, so that each has its turn."""
    order = {number: chance(f"{seed}:{number}") for number in items}
    marked = [
        scoring.marked(number, topic, item, known.since.get(number), known.last_used.get(number), rules.rest, now)
        for number, item in items.items()
    ]
    marked.sort(key=lambda scored: (-scored.score, order[scored.number]))
    posts = {name: scoring.content(text) for name, text in known.posts.items()}
    best = [scoring.compared(scored, items[scored.number], posts, rules.likeness) for scored in marked[:COMPARED]]
    return sorted(best, key=lambda scored: (-scored.score, order[scored.number]))


def _item(
    ranked: Sequence[scoring.Scored], items: Mapping[int, Item], used: Mapping[int, datetime], seed: int
) -> tuple[int, Json]:
    best = ranked[:BEST]
    drawn, why = draw({str(scored.number): scored.score for scored in best}, f"{seed}:item")
    del why["drawn_from"]  # the scores stand in `best`
    rule = "never used" if used.keys().isdisjoint(items) else "rested"
    why |= {"chosen": int(drawn), "rule": rule, "among": len(items)}
    why["best"] = [scored.as_json(items[scored.number], used.get(scored.number)) for scored in best]
    return int(drawn), why


# -- formats ------------------------------------------------------------------------------------------


def _is_fellow(item: Item, drawn: Item) -> bool:
    """It may stand in a thread with the one that was drawn, and readers see what they share."""
    return item.label == drawn.label and formats.names_label(item)


def _format(rules: Rules, item: Item, fellows: Sequence[int], seed: int) -> tuple[str, Json, list[int]]:
    """The format, and the further notes that a thread of notes takes, which is drawn only where there are some."""
    weights = formats.drawable(rules.formats, item, writes=rules.writes, alone=not fellows)
    chosen, why = _learned_draw(weights, rules, "format", seed)
    more = formats.notes_wanted(chosen, seed) - 1 if item.kind == "note" else 0
    return chosen, why, list(fellows[:more])
