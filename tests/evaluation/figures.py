"""Figures of what was made, and how they are shown: to a person, and as JSON."""

from __future__ import annotations

import itertools
import statistics
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tests.evaluation.desk import Made, Post
from twitter_manager.domain import Json
from twitter_manager.writing import openers, wordings

ALIKE = 0.6
"""Two posts that share so much of their pairs of words are the same post in other clothes."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one way of writing. `turned_down`: candidates by the rule that refused them; `ways`: how the words of posts
    came about; `repeated`: sentences that stand in two posts; `alike`: pairs of posts that are nearly the
    same; `novelty`: mean share of pairs of words that no earlier post has."""

    name: str
    wanted: int
    posts: int
    candidates: int
    turned_down: dict[str, int]
    ways: dict[str, int]
    formats: dict[str, int]
    repeated: tuple[str, ...]
    alike: int
    novelty: float
    seconds: float
    cost: float

    def as_json(self) -> Json:
        return {name: getattr(self, name) for name in self.__slots__}


def figures(made: Made) -> Figures:
    posts = made.posts
    return Figures(
        name=made.name,
        wanted=made.wanted,
        posts=len(posts),
        candidates=made.candidates,
        turned_down=dict(sorted(made.turned_down.items(), key=lambda one: -one[1])),
        ways=_counted(post.way for post in posts),
        formats=_counted(post.format for post in posts),
        repeated=_repeated(posts),
        alike=sum(_alike(one.text, other.text) for one, other in itertools.combinations(posts, 2)),
        novelty=round(_novelty(posts), 3),
        seconds=round(statistics.median([post.seconds for post in posts] or [0.0]), 2),
        cost=sum(post.cost for post in posts) / max(1, len(posts)),
    )


def goals(of: Figures) -> Iterator[tuple[str, bool]]:
    """What must hold of a run of 100 posts in a row, and whether it does."""
    yield f"a post for each brief: {of.posts} of {of.wanted}", of.posts == of.wanted
    yield f"no sentence twice: {len(of.repeated)}", not of.repeated
    yield f"no two posts nearly the same: {of.alike}", not of.alike


def shown(of: Figures) -> Iterator[str]:
    """The figures in lines."""
    yield f"## {of.name}: {of.posts} posts of {of.wanted} briefs"
    yield ""
    yield f"candidates: {of.candidates}; all checks not named here pass for every one"
    for rule, count in of.turned_down.items():
        yield f"  {rule}: {_percent(of.candidates - count, of.candidates)} pass"
    yield f"words: {_listed(of.ways, of.posts)}"
    yield f"formats: {_listed(of.formats, of.posts)}"
    yield f"sentences that stand in two posts: {len(of.repeated)}; posts that are nearly the same: {of.alike}"
    yield f"novelty: {of.novelty:.2f}; per post: {of.seconds:.1f} s (median), ${of.cost:.4f}"
    yield ""


def _counted(names: Iterator[str]) -> dict[str, int]:
    return dict(Counter(names).most_common())


def _repeated(posts: Sequence[Post]) -> tuple[str, ...]:
    counts = Counter(sentence for post in posts for part in set(post.bare) for sentence in set(openers.sentences(part)))
    return tuple(sentence for sentence, count in counts.items() if count > 1)


def _alike(one: str, other: str) -> bool:
    return 1 - wordings.new_share(one, [other]) >= ALIKE


def _novelty(posts: Sequence[Post]) -> float:
    texts = [post.text for post in posts]
    return statistics.mean([wordings.new_share(text, texts[:at]) for at, text in enumerate(texts)] or [0.0])


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / max(1, whole):.1f} %"


def _listed(counts: dict[str, int], whole: int) -> str:
    return ", ".join(f"{name} {count} ({_percent(count, whole)})" for name, count in counts.items()) or "–"
