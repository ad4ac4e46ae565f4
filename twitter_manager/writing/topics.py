"""Chooses what to write about: a topic, an item (or several, for a thread) and a format.

News first, but never twice running on one topic while another has material. Otherwise a topic is drawn by weight among
those that were not on lately; then an item, by how fresh, close to the topic, new against the latest posts and rested
it is; then a format, by weight, among those that suit the item.

Pure: the same inputs give the same choice, on any machine. `why` holds what the draws were made from, as plain JSON of
a few kilobytes, so that `again` can make them once more. Reading and keeping the history is left to `store`.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from twitter_manager.checks.words import function_words, unspaced, words
from twitter_manager.domain import Item, Json

REST = timedelta(days=30)
"""How long an item that was used is left alone."""
UNLABELLED = "general"
"""The topic of items without a label."""
HALF_LIVES: Mapping[str, timedelta] = {
    "entry": timedelta(days=3),
    "commit": timedelta(days=3),
    "release": timedelta(days=7),
}
"""Kinds of item that are news, and how long until they are half as fresh. The other kinds don't age."""
FRESH = 0.5
"""Items that are at least so fresh are news; what does not age has just this freshness too, but is none."""
IN_TITLE, IN_TEXT = 0.8, 0.5
"""How close an item without a label is to a topic whose every word its title, or its text, has."""
COMPARED, BEST, MOST_TOPICS = 50, 10, 100
"""How many items are compared with the latest posts; among how many of them, and how many topics, the draw is."""
LABEL_WEIGHT = 10
"""Where no topics are given, a label weighs as much as it has items left, up to this: so that all last equally long."""
_LEAST = 0.01
_FEWEST_WORDS = 3
_MOST_CHARS = 4000


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
    usable, reason = _usable(by_topic, known.last_used, now, rules.rest)
    why["usable"] = len({number for numbers in usable.values() for number in numbers})
    if not usable:
        return NoChoice(reason if known.items else "There is no material.", why)
    items = dict(known.items)
    news = _news(usable, items, known, now)
    if news_only and not news:
        return NoChoice("There is no fresh news.", why)
    why["lane"], among, left_out = _lane(usable, news, () if news_only else known.topics)
    topic, why["topic"] = _topic(rules.topics, among, left_out, seed)
    ranked = _ranked(topic, {number: items[number] for number in among[topic]}, rules, known, now, seed)
    drawn, why["item"] = _draw({str(one.number): one.score for one in ranked[:BEST]}, f"{seed}:item")
    del why["item"]["drawn_from"]  # the scores stand in `best`
    used = [number for number in among[topic] if number in known.last_used]
    why["item"] |= {"rule": "rested" if used else "never used", "among": len(among[topic])}
    why["item"]["best"] = [one.as_json(items[one.number], known) for one in ranked[:BEST]]
    number = why["item"]["chosen"] = int(drawn)
    fellows = [one.number for one in ranked if one.number != number and items[one.number].label == items[number].label]
    format_, why["format"], more = _format(rules, items[number], fellows, seed)
    if more:
        why["also"] = more
    return Choice(topic, format_, tuple((one, items[one]) for one in (number, *more)), why)


# -- topics -------------------------------------------------------------------------------------------


def _labels(items: Sequence[Numbered]) -> list[Topic]:
    return [
        Topic(label) for label in {_fold(item.label): item.label or UNLABELLED for _, item in reversed(items)}.values()
    ]


def _fold(label: str) -> str:
    return " ".join((label or UNLABELLED).casefold().split()) or UNLABELLED


def _sound(weights: Mapping[str, float]) -> dict[str, float]:
    """The entries whose weight is a finite number above 0."""
    return {name: float(weight) for name, weight in weights.items() if math.isfinite(weight) and weight > 0}


def _by_topic(topics: Sequence[Topic], items: Sequence[Numbered]) -> dict[str, list[int]]:
    """The ids of each topic's items; topics without weight or items left out."""
    names = list(_sound({topic.name: topic.weight for topic in topics}))
    asked = {name: _tokens(name) for name in names if _fold(name) != UNLABELLED}
    by_label: dict[str, list[int]] = {}
    by_words: dict[str, list[int]] = {}
    plain = asked and any(not item.label for _, item in items)
    for number, item in items:
        by_label.setdefault(_fold(item.label), []).append(number)
        if plain and not item.label:
            title, text = _tokens(item.title), _tokens(item.text)
            for name, wanted in asked.items():
                if _closeness(wanted, item, title, text):
                    by_words.setdefault(name, []).append(number)
    found = {name: [*by_label.get(_fold(name), []), *by_words.get(name, [])] for name in names}
    return {name: numbers for name, numbers in found.items() if numbers}


def _relevance(topic: str, item: Item) -> float:
    """How close an item is to its topic: 1 by its label, less by its words."""
    if _fold(item.label) == _fold(topic):
        return 1.0
    return _closeness(_tokens(topic), item, _tokens(item.title), _tokens(item.text))


def _closeness(wanted: Collection[str], item: Item, title: Collection[str], text: Collection[str]) -> float:
    def has(word: str, tokens: Collection[str], whole: str) -> bool:
        return word in tokens or (bool(unspaced().search(word)) and word in whole)

    if wanted and all(has(word, title, item.title) for word in wanted):
        return IN_TITLE
    return IN_TEXT if wanted and all(has(word, text, item.text) for word in wanted) else 0.0


def _tokens(text: str) -> set[str]:
    """Words as a topic's name may hold them: C++ and C# are such."""
    return set(re.findall(r"\w[\w+#]*", text[:_MOST_CHARS].casefold()))


def _usable(
    by_topic: Mapping[str, list[int]], last_used: Mapping[int, datetime], now: datetime, rest: timedelta
) -> tuple[dict[str, list[int]], str]:
    """The items of each topic that may be used now; else the reason why there is none."""
    every = {number for numbers in by_topic.values() for number in numbers}
    if not every:
        return {}, "No item carries the label of a topic that has weight."
    allowed = every - last_used.keys()
    if not allowed:
        allowed = {number for number in every if last_used[number] <= now - rest}
    if not allowed:
        free = min(last_used[number] for number in every) + rest
        return (
            {},
            f"All {len(every)} items were used lately; the first is free again on {free:%Y-%m-%d at %H:%M} UTC.",
        )
    found = {name: [n for n in numbers if n in allowed] for name, numbers in by_topic.items()}
    return {name: numbers for name, numbers in found.items() if numbers}, ""


def _news(
    usable: Mapping[str, list[int]], items: Mapping[int, Item], known: Known, now: datetime
) -> dict[str, list[int]]:
    """Those of each topic's items that are fresh news and were never used."""

    def is_news(number: int) -> bool:
        item = items[number]
        fresh = item.kind in HALF_LIVES and _freshness(item, known.since.get(number), now) >= FRESH
        return fresh and number not in known.last_used

    found = {name: [number for number in numbers if is_news(number)] for name, numbers in usable.items()}
    return {name: numbers for name, numbers in found.items() if numbers}


def _lane(
    usable: Mapping[str, list[int]], news: Mapping[str, list[int]], recent: Sequence[str]
) -> tuple[str, dict[str, list[int]], list[str]]:
    """What the topic is drawn from (`news`, or all that is usable), and the topics that are left out because they were
    on lately."""
    if fresh := {name: numbers for name, numbers in news.items() if _fold(name) not in map(_fold, recent[:1])}:
        return "news", fresh, [name for name in news if name not in fresh]
    free = _not_lately(list(usable), recent)
    among = {name: news.get(name) or usable[name] for name in free}
    lane = "news" if news.keys() & among.keys() else "any"
    return lane, among, [name for name in usable if name not in among]


def _not_lately(names: Sequence[str], recent: Sequence[str]) -> list[str]:
    """The topics that are none of the last third's worth (at least the last); of fewer, where that leaves none."""
    for window in range(max(1, len(names) // 3), 0, -1):
        late = set(map(_fold, recent[:window]))
        if free := [name for name in names if _fold(name) not in late]:
            return free
    return list(names)


def _topic(
    topics: Sequence[Topic], among: Mapping[str, list[int]], left_out: Sequence[str], seed: int
) -> tuple[str, Json]:
    given = {topic.name: float(topic.weight) for topic in topics}
    weights = {name: given.get(name, float(min(len(numbers), LABEL_WEIGHT))) for name, numbers in among.items()}
    some = (
        sorted(weights, key=lambda name: _chance(f"{seed}:{name}"))[:MOST_TOPICS] if len(weights) > MOST_TOPICS else ()
    )
    chosen, why = _draw({name: weight for name, weight in weights.items() if not some or name in some}, f"{seed}:topic")
    return chosen, why | {"topics": len(weights), "left_out": list(left_out)[:MOST_TOPICS]}


# -- items --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Scored:
    """An item's marks, each above 0 and at most 1; `near`: the latest post that it is most like."""

    number: int
    freshness: float
    relevance: float
    rest: float
    novelty: float = 1.0
    near: str = ""

    @property
    def score(self) -> float:
        return round(max(_LEAST**2, self.freshness * self.relevance * self.rest * self.novelty), 4)

    def as_json(self, item: Item, known: Known) -> Json:
        made: Json = {"item": self.number, "score": self.score}
        made |= {name: getattr(self, name) for name in ("freshness", "relevance", "novelty", "rest")}
        made |= {"near": self.near} if self.near else {}
        used = known.last_used.get(self.number)
        return made | ({"used": used.isoformat()} if used else {}) | {"hash": item.content_hash[:12]}


def _ranked(
    topic: str, items: Mapping[int, Item], rules: Rules, known: Known, now: datetime, seed: int
) -> list[_Scored]:
    """The best items, best first. The first marks are cheap; only the best by them are compared with the latest posts.
    Among equals the seed decides, so that each has its turn."""
    chance = {number: _chance(f"{seed}:{number}") for number in items}
    marked = [
        _marked(number, topic, item, known.since.get(number), known.last_used.get(number), rules.rest, now)
        for number, item in items.items()
    ]
    marked.sort(key=lambda one: (-one.score, chance[one.number]))
    posts = {name: _content(text) for name, text in known.posts.items()}
    best = [_compared(one, items[one.number], posts, rules.likeness) for one in marked[:COMPARED]]
    return sorted(best, key=lambda one: (-one.score, chance[one.number]))


def _marked(
    number: int, topic: str, item: Item, since: datetime | None, used: datetime | None, rest: timedelta, now: datetime
) -> _Scored:
    rested = 1.0 if used is None or not rest else 1 - 0.5 ** max(0.0, (now - used) / rest)
    relevance = max(_LEAST, _relevance(topic, item))
    return _Scored(number, round(_freshness(item, since, now), 4), relevance, round(max(_LEAST, rested), 4))


def _freshness(item: Item, since: datetime | None, now: datetime) -> float:
    """1 for news of this moment, half of that with each half-life. A date in the future makes nothing fresher."""
    half = HALF_LIVES.get(item.kind)
    if half is None or since is None:
        return FRESH if half is None else _LEAST
    return float(max(_LEAST, 0.5 ** min(60.0, max(timedelta(), now - since) / half)))


def _compared(
    one: _Scored, item: Item, posts: Mapping[str, set[str]], likeness: Callable[[Item], float] | None
) -> _Scored:
    mine = _content(f"{item.title} {item.text}")
    like, near = max(((_overlap(mine, theirs), name) for name, theirs in posts.items()), default=(0.0, ""))
    if likeness is not None and (meant := likeness(item)) > like:
        like, near = meant, "meaning"
    return replace(one, novelty=_novelty(like), near=near if like > 0 else "")


def _novelty(like: float) -> float:
    return round(max(_LEAST, 1 - min(1.0, like)), 4)


def _overlap(these: set[str], those: set[str]) -> float:
    """The share of the shorter one's content words that the other has."""
    fewer = min(len(these), len(those))
    return len(these & those) / fewer if fewer >= _FEWEST_WORDS else 0.0


def _content(text: str) -> set[str]:
    return set(words(text[:_MOST_CHARS])) - function_words()


# -- formats ------------------------------------------------------------------------------------------


def _format(rules: Rules, item: Item, fellows: Sequence[int], seed: int) -> tuple[str, Json, list[int]]:
    """The format, and the further items that it takes. One that takes several is drawn only where there are some."""

    def more(name: str) -> int:
        return rules.taken(name, item, seed) - 1

    suiting = _sound(rules.drawable(rules.formats, item))
    weights = {name: weight for name, weight in suiting.items() if fellows or more(name) < 1}
    chosen, why = _draw(weights or _sound(rules.drawable({}, item)) or {"tip": 1.0}, f"{seed}:format")
    return chosen, why, list(fellows[: max(0, more(chosen))])


# -- the draw, and the same again ---------------------------------------------------------------------


def shares(weights: Mapping[str, float]) -> dict[str, float]:
    """What part of the draws falls to each name. Sums up to 1, however large or small the weights are."""
    largest = max(weights.values())
    total = sum(weight / largest for weight in weights.values())
    return {name: weight / largest / total for name, weight in weights.items()}


def _draw(weights: Mapping[str, float], key: str) -> tuple[str, Json]:
    """One name, by weight. The draw is a number in [0, 1) made from the key, so that it can be done again by hand."""
    draw, passed, chosen = _chance(key), 0.0, next(iter(weights))
    for name, share in shares(weights).items():
        chosen = name
        passed += share
        if draw < passed:
            break
    return chosen, {"chosen": chosen, "draw": draw, "key": key, "drawn_from": dict(weights)}


def _chance(key: str) -> float:
    return int.from_bytes(hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()[:6], "big") / 2**48


def again(why: Json, items: Mapping[int, tuple[Item, datetime]], posts: Mapping[str, str]) -> list[str]:
    """Make a recorded choice again; gives what differs, a line each. The draws are made from the recorded weights and
    scores, the scores from the items as they are now (each with its `since`), and the posts they were compared with."""
    try:
        drawn = {
            step: dict(why[step].get("drawn_from") or why[step].get("scores") or {}) for step in ("topic", "format")
        }
        best = why["item"].get("best", [])
        drawn["item"] = {str(row["item"]): row["score"] for row in best}
        differing: list[str] = []
        for step, weights in drawn.items():
            differing += _drawn_again(step, weights, why[step], why["seed"]) if weights else []
        for row in best:
            differing += _scored_again(row, why, items, posts)
    except (KeyError, TypeError, ValueError, AttributeError, ZeroDivisionError, OverflowError) as error:
        return [f"what was recorded of the choice can't be read ({type(error).__name__}: {error})"]
    return differing


def _drawn_again(step: str, weights: Mapping[str, float], recorded: Json, seed: int) -> Iterable[str]:
    if not _sound(weights) == weights:
        raise ValueError(f"weights of the {step}")
    chosen, made = _draw(weights, f"{seed}:{step}")
    if chosen != str(recorded["chosen"]):
        yield f"{step}: drawn again it is {chosen}, recorded is {recorded['chosen']}"
    elif made["draw"] != recorded["draw"]:
        yield f"{step}: drawn again the number is {made['draw']}, recorded is {recorded['draw']}"


def _scored_again(
    row: Json, why: Json, items: Mapping[int, tuple[Item, datetime]], posts: Mapping[str, str]
) -> Iterable[str]:
    number, near = row["item"], row.get("near", "")
    if number not in items:
        yield f"item {number}: it is not there any more"
        return
    item, since = items[number]
    changed = " (the item changed since)" if item.content_hash[:12] != row["hash"] else ""
    used = datetime.fromisoformat(row["used"]) if "used" in row else None
    rest, now = timedelta(days=why["rest_days"]), datetime.fromisoformat(why["at"])
    one = _marked(number, why["topic"]["chosen"], item, since, used, rest, now)
    if near in posts:
        like = _overlap(_content(f"{item.title} {item.text}"), _content(posts[near]))
        one = replace(one, novelty=_novelty(like))
    elif near and near != "meaning":
        yield f"item {number}: {near}, which it was compared with, is not there any more"
        return
    else:
        one = replace(one, novelty=row["novelty"])
    for name in ("freshness", "relevance", "novelty", "rest", "score"):
        if getattr(one, name) != row[name]:
            yield f"item {number}: its {name} is {getattr(one, name)}, recorded is {row[name]}{changed}"
            return
    if changed:
        yield f"item {number} changed since; its scores are the same"
