"""Chooses what to write about: a topic, an item (or several, for a thread) and a format.

News first, but never twice running on one topic while another has material. Otherwise a topic is drawn by weight among
those that were not on lately; then an item, by how fresh, close to the topic, new against the latest posts and rested
it is; then a format, by weight, among those that suit the item.

Pure: the same inputs give the same choice, on any machine. `why` holds what the draws were made from, as plain JSON of
a few kilobytes, so that they can be made again (`replay`). Reading and keeping the history is left to `store`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from twitter_manager.domain import Item, Json
from twitter_manager.writing import marks
from twitter_manager.writing.draws import chance, draw, sound
from twitter_manager.writing.threads import names_label

REST = timedelta(days=30)
"""How long an item that was used is left alone; see `marks.rest_of`."""
COMPARED, BEST, MOST_TOPICS = 50, 10, 100
"""How many items are compared with the latest posts; among how many of them, and how many topics, the draw is."""
LABEL_WEIGHT = 10
"""Where no topics are given, a label weighs as much as it has items left, up to this: so that all last equally long."""


@dataclass(frozen=True, slots=True)
class Topic:
    """Something to write about. It takes the items that carry its name as their label, whatever the case, and those
    without a label that have its words."""

    name: str
    weight: float = 1.0


Numbered = tuple[int, Item]
"""An item with its id."""


@dataclass(frozen=True, slots=True)
class Rules:
    """How a bot chooses. No topics: every label is one. `drawable`: those of the formats' weights that suit an item;
    `taken`: how many items a post of a format takes, beside the item given; `likeness`: how like (0 to 1) an item is
    to the latest post nearest to it in meaning, where something can tell."""

    topics: Sequence[Topic] = ()
    formats: Mapping[str, float] = field(default_factory=dict)
    rest: timedelta = REST
    drawable: Callable[[Mapping[str, float], Item], Mapping[str, float]] = lambda weights, item: weights
    taken: Callable[[str, Item, int], int] = lambda name, item, seed: 1
    likeness: Callable[[Item], float] | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """What a choice rests on. `since`: when an item became public, or was first seen, whichever came first; `topics`:
    of the latest posts, and `posts`: their texts by name (`draft 12`); both newest first."""

    items: Sequence[Numbered]
    last_used: Mapping[int, datetime] = field(default_factory=dict)
    since: Mapping[int, datetime] = field(default_factory=dict)
    topics: Sequence[str] = ()
    posts: Mapping[str, str] = field(default_factory=dict)


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


@dataclass(frozen=True, slots=True)
class NoChoice:
    """Nothing can be written about; the reason is a sentence for a person."""

    reason: str
    why: Json


def choose(rules: Rules, known: Known, now: datetime, seed: int, *, news_only: bool = False) -> Choice | NoChoice:
    """Choose what to write about. While an item of a topic was never used, no item is used again; then those that have
    rested. `news_only`: fresh news or nothing, whichever topic was on last."""
    why: Json = {"seed": seed, "at": now.isoformat(), "rest_days": rules.rest / timedelta(days=1)}
    why["items"] = len(known.items)
    by_topic = _by_topic(rules.topics or _labels(known.items), known.items)
    items = dict(known.items)
    usable, reason = _usable(by_topic, items, known.last_used, now, rules.rest)
    why["usable"] = len({number for numbers in usable.values() for number in numbers})
    if not usable:
        return NoChoice(reason if known.items else "There is no material.", why)
    news = _news(usable, items, known, now)
    if news_only and not news:
        return NoChoice("There is no fresh news.", why)
    why["lane"], among, left_out = _lane(usable, news, () if news_only else known.topics)
    topic, why["topic"] = _topic(rules.topics, among, left_out, seed)
    ranked = _ranked(topic, {number: items[number] for number in among[topic]}, rules, known, now, seed)
    drawn, why["item"] = draw({str(one.number): one.score for one in ranked[:BEST]}, f"{seed}:item")
    del why["item"]["drawn_from"]  # the scores stand in `best`
    used = [number for number in among[topic] if number in known.last_used]
    why["item"] |= {"rule": "rested" if used else "never used", "among": len(among[topic])}
    why["item"]["best"] = [one.as_json(items[one.number], known.last_used.get(one.number)) for one in ranked[:BEST]]
    number = why["item"]["chosen"] = int(drawn)
    label = items[number].label
    fellows = [one.number for one in ranked if one.number != number and items[one.number].label == label]
    fellows = [fellow for fellow in fellows if names_label(items[fellow])]  # readers must see what a thread is about
    format_, why["format"], more = _format(rules, items[number], fellows, seed)
    if more:
        why["also"] = more
    return Choice(topic, format_, tuple((one, items[one]) for one in (number, *more)), why)


# -- topics -------------------------------------------------------------------------------------------


def _labels(items: Sequence[Numbered]) -> list[Topic]:
    names = {marks.fold(marks.label_of(item)): marks.label_of(item) or marks.UNLABELLED for _, item in reversed(items)}
    return [Topic(name) for name in names.values()]


def _by_topic(topics: Sequence[Topic], items: Sequence[Numbered]) -> dict[str, list[int]]:
    """The ids of each topic's items; topics without weight or items left out."""
    names = list(sound({topic.name: topic.weight for topic in topics}))
    asked = {name: marks.tokens(name) for name in names if marks.fold(name) != marks.UNLABELLED}
    by_label: dict[str, list[int]] = {}
    by_words: dict[str, list[int]] = {}
    plain = asked and any(not item.label for _, item in items)
    for number, item in items:
        by_label.setdefault(marks.fold(marks.label_of(item)), []).append(number)
        if plain and not item.label:
            title, text = marks.tokens(item.title), marks.tokens(item.text)
            for name, wanted in asked.items():
                if marks.closeness(wanted, item, title, text):
                    by_words.setdefault(name, []).append(number)
    found = {name: [*by_label.get(marks.fold(name), []), *by_words.get(name, [])] for name in names}
    return {name: numbers for name, numbers in found.items() if numbers}


def _usable(
    by_topic: Mapping[str, list[int]],
    items: Mapping[int, Item],
    last_used: Mapping[int, datetime],
    now: datetime,
    rest: timedelta,
) -> tuple[dict[str, list[int]], str]:
    """The items of each topic that may be used now; else the reason why there is none."""
    every = {number for numbers in by_topic.values() for number in numbers}
    if not every:
        return {}, "No item carries the label of a topic that has weight."
    allowed = every - last_used.keys()
    if not allowed:
        free = {number: last_used[number] + marks.rest_of(items[number], rest) for number in every}
        allowed = {number for number in every if free[number] <= now}
        if not allowed:
            first = f"{min(free.values()):%Y-%m-%d at %H:%M} UTC"
            return {}, f"All {len(every)} items were used lately; the first is free again on {first}."
    found = {name: [n for n in numbers if n in allowed] for name, numbers in by_topic.items()}
    return {name: numbers for name, numbers in found.items() if numbers}, ""


def _news(
    usable: Mapping[str, list[int]], items: Mapping[int, Item], known: Known, now: datetime
) -> dict[str, list[int]]:
    """Those of each topic's items that are fresh news and were never used."""

    def is_news(number: int) -> bool:
        item = items[number]
        ages = marks.half_life(item) is not None
        fresh = ages and marks.freshness_of(item, known.since.get(number), now) >= marks.FRESH
        return fresh and number not in known.last_used

    found = {name: [number for number in numbers if is_news(number)] for name, numbers in usable.items()}
    return {name: numbers for name, numbers in found.items() if numbers}


def _lane(
    usable: Mapping[str, list[int]], news: Mapping[str, list[int]], recent: Sequence[str]
) -> tuple[str, dict[str, list[int]], list[str]]:
    """What the topic is drawn from (`news`, or all that is usable), and the topics that are left out because they were
    on lately."""
    last = {marks.fold(name) for name in recent[:1]}
    if fresh := {name: numbers for name, numbers in news.items() if marks.fold(name) not in last}:
        return "news", fresh, [name for name in news if name not in fresh]
    free = _not_lately(list(usable), recent)
    among = {name: news.get(name) or usable[name] for name in free}
    lane = "news" if news.keys() & among.keys() else "any"
    return lane, among, [name for name in usable if name not in among]


def _not_lately(names: Sequence[str], recent: Sequence[str]) -> list[str]:
    """The topics that are none of the last third's worth (at least the last); of fewer, where that leaves none."""
    for window in range(max(1, len(names) // 3), 0, -1):
        late = set(map(marks.fold, recent[:window]))
        if free := [name for name in names if marks.fold(name) not in late]:
            return free
    return list(names)


def _topic(
    topics: Sequence[Topic], among: Mapping[str, list[int]], left_out: Sequence[str], seed: int
) -> tuple[str, Json]:
    given = {topic.name: float(topic.weight) for topic in topics}
    weights = {name: given.get(name, float(min(len(numbers), LABEL_WEIGHT))) for name, numbers in among.items()}
    left = list(weights)
    if len(left) > MOST_TOPICS:  # the record would be too long; which ones are drawn from is the seed's choice
        left = sorted(left, key=lambda name: chance(f"{seed}:{name}"))[:MOST_TOPICS]
    chosen, why = draw({name: weights[name] for name in left}, f"{seed}:topic")
    return chosen, why | {"topics": len(weights), "left_out": list(left_out)[:MOST_TOPICS]}


# -- items --------------------------------------------------------------------------------------------


def _ranked(
    topic: str, items: Mapping[int, Item], rules: Rules, known: Known, now: datetime, seed: int
) -> list[marks.Scored]:
    """The best items, best first. The first marks are cheap; only the best by them are compared with the latest posts.
    Among equals the seed decides, so that each has its turn."""
    order = {number: chance(f"{seed}:{number}") for number in items}
    marked = [
        marks.marked(number, topic, item, known.since.get(number), known.last_used.get(number), rules.rest, now)
        for number, item in items.items()
    ]
    marked.sort(key=lambda one: (-one.score, order[one.number]))
    posts = {name: marks.content(text) for name, text in known.posts.items()}
    best = [marks.compared(one, items[one.number], posts, rules.likeness) for one in marked[:COMPARED]]
    return sorted(best, key=lambda one: (-one.score, order[one.number]))


# -- formats ------------------------------------------------------------------------------------------


def _format(rules: Rules, item: Item, fellows: Sequence[int], seed: int) -> tuple[str, Json, list[int]]:
    """The format, and the further items that it takes. One that takes several is drawn only where there are some."""

    def more(name: str) -> int:
        return rules.taken(name, item, seed) - 1

    suiting = sound(rules.drawable(rules.formats, item))
    weights = {name: weight for name, weight in suiting.items() if fellows or more(name) < 1}
    chosen, why = draw(weights or sound(rules.drawable({}, item)) or {"tip": 1.0}, f"{seed}:format")
    return chosen, why, list(fellows[: max(0, more(chosen))])
