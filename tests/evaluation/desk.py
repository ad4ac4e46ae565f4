"""A bot with the default settings in a scratch folder, its refill over a real database, and what it made, post by post.

Everything is the program's own: choosing, the generators, the checks, the store. Only the clock is ours.
"""

from __future__ import annotations

import random
import time
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from twitter_manager import factory, settings
from twitter_manager.domain import Brief, Candidate, Draft, Generation, Generator, Item, Json, Progress, TimeLeft
from twitter_manager.pipeline.fill import PoolFiller
from twitter_manager.sources.notes import starter_items
from twitter_manager.store import drafts, generations, items, runs
from twitter_manager.store.database import connect
from twitter_manager.store.schema import migrate
from twitter_manager.writing.chooser import Chooser
from twitter_manager.writing.local_model import Likelihood

BRIEFS = Path(__file__).with_name("briefs.toml")
START = datetime(2026, 3, 1, 10, 7, tzinfo=UTC)
SEED = 7
MODEL, THREAD, NOTE, REWORDED, EXCERPT = "written by the model", "thread", "note's words", "reworded", "excerpt"


@dataclass(frozen=True, slots=True)
class Post:
    """One post that would be published. `way`: how its words came about; `frame`: what made it (`Candidate.frame`);
    `bare`: its parts as the generator gave them; `seconds`: the generator's own work; `cost`: US dollars."""

    parts: tuple[str, ...]
    topic: str
    format: str
    item: str
    generator: str
    way: str
    frame: str
    bare: tuple[str, ...]
    seconds: float
    cost: float
    scores: Mapping[str, float]

    @property
    def text(self) -> str:
        return "\n\n".join(self.parts)


@dataclass(slots=True)
class Made:
    """What one way of writing made of its material. `turned_down`: candidates by the rule that refused them."""

    name: str
    posts: list[Post] = field(default_factory=list)
    wanted: int = 0
    candidates: int = 0
    turned_down: dict[str, int] = field(default_factory=dict)
    refused: list[tuple[str, str]] = field(default_factory=list)
    """Texts that a rule turned down, each with the rule."""
    seconds: float = 0.0


class RandomChoice:
    """The chooser's own candidates, of which one is drawn: what the model's say is worth."""

    name, free = "random", True

    def generate(
        self, briefs: Sequence[Brief], n: int, time_left: TimeLeft, progress: Progress
    ) -> Iterator[tuple[Brief, tuple[Generation, ...]]]:
        for brief in briefs:
            found = list(Chooser(_NoOpinion(), brief, time_left).candidates(1000))
            random.Random(brief.seed).shuffle(found)
            drawn = tuple(replace(one, score=-float(at)) for at, one in enumerate(found[:n]))
            yield brief, (Generation(self.name, "", "", brief.seed, "", "", drawn),)

    def verify(self) -> str:
        return ""


class _NoOpinion:
    def likelihoods(self, prompt: str, texts: Sequence[str]) -> list[Likelihood]:
        return [Likelihood(0.0, 1) for _ in texts]


@dataclass(slots=True)
class _Watched:
    """A generator, and the candidates that it gave."""

    real: Generator
    seen: dict[tuple[str, ...], Candidate]

    @property
    def name(self) -> str:
        return self.real.name

    @property
    def free(self) -> bool:
        return self.real.free

    def generate(
        self, briefs: Sequence[Brief], n: int, time_left: TimeLeft, progress: Progress
    ) -> Iterator[tuple[Brief, tuple[Generation, ...]]]:
        for brief, made in self.real.generate(briefs, n, time_left, progress):
            self.seen |= {one.parts: one for generation in made for one in generation.candidates}
            yield brief, made

    def verify(self) -> str:
        return self.real.verify()


def fixed_set() -> tuple[list[Item], list[list[Item]]]:
    """The material of `briefs.toml`, one brief each, and that of its threads, one brief for each list."""
    data = tomllib.loads(BRIEFS.read_text())
    starter = {item.key: item for item in starter_items()}
    notes = [starter[key] for key in data["notes"]]
    threads = [[item for item in starter.values() if item.label == label] for label in data["threads"]]
    return [*notes, *(_item(at, one) for at, one in enumerate(data["item"]))], threads


def _item(at: int, data: Mapping[str, Any]) -> Item:
    return Item(
        source=data["source"],
        key=f"item-{at}",
        text=data["text"].strip(),
        title=data["title"],
        url=data["url"],
        kind=data["kind"],
        published_at=START - timedelta(days=data["days"]),
    )


def write(
    name: str,
    material: Sequence[Item],
    generators: Sequence[tuple[Generator, int]],
    wanted: int,
    *,
    at_once: int = 8,
    seed: int = SEED,
    formats: Mapping[str, float] | None = None,
    progress: Progress = lambda line: None,
) -> Made:
    """Make `wanted` posts of the material, `at_once` in one refill as a pool is filled, an hour between two refills."""
    made = Made(name, wanted=wanted)
    begin = time.monotonic()
    with _desk(material, formats, seed) as refill:
        seen: dict[tuple[str, ...], Candidate] = {}
        refill.generators = [(_Watched(one, seen), n) for one, n in generators]
        start = refill.clock()
        refill.rounds = 1
        stop = min(wanted, len(material)) + 20
        for turn in range(stop):
            if len(made.posts) >= wanted:
                break
            refill.clock = lambda moment=start + timedelta(hours=turn): moment  # type: ignore[misc]
            briefs = len(refill.tried)
            if reason := refill.fill(min(at_once, wanted - len(made.posts))):
                progress(f"{name}: {reason}")
            tried = len(made.posts)
            made.posts += _posts(refill, seen, tried)
            progress(f"{name}: {len(made.posts)} of {wanted}")
            if len(refill.tried) == briefs:
                break
        _count(made, generations.of_run(refill.db, refill.run_id))
    made.seconds = time.monotonic() - begin
    return made


def together(name: str, parts: Sequence[Made]) -> Made:
    """Several runs as one."""
    whole = Made(name)
    for part in parts:
        whole.posts += part.posts
        whole.wanted += part.wanted
        whole.candidates += part.candidates
        whole.refused += part.refused
        whole.seconds += part.seconds
        for rule, count in part.turned_down.items():
            whole.turned_down[rule] = whole.turned_down.get(rule, 0) + count
    return whole


@contextmanager
def _desk(material: Sequence[Item], formats: Mapping[str, float] | None, seed: int) -> Iterator[PoolFiller]:
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / ".env").touch(mode=0o600)
        bot = settings.load(folder, {}).active[0]
        db = connect(folder / "evaluation.db")
        migrate(db, START, None)
        with db.transaction():
            run_id = runs.start(db, bot.name, "run", START, START)
            by_source = sorted(material, key=lambda item: item.source)
            for source, found in groupby(by_source, key=lambda item: item.source):
                items.refresh(db, bot.name, source, list(found), START)
        spec = factory.post_spec(bot, (), db)
        rules = replace(spec.material.rules, formats=formats or spec.material.rules.formats)
        material = replace(spec.material, rules=rules)
        spec = replace(spec, material=material)
        try:
            yield PoolFiller(
                db=db,
                spec=spec,
                generators=[],
                run_id=run_id,
                seed=seed,
                clock=lambda: START,
                time_left=lambda: 3600.0,
                progress=lambda line: None,
                redact=lambda text: text,
            )
        finally:
            db.close()


def _posts(refill: PoolFiller, seen: Mapping[tuple[str, ...], Candidate], known: int) -> list[Post]:
    """The posts made since there were `known`, oldest first."""
    return [_post(refill, draft, seen) for draft in drafts.made_in_run(refill.db, refill.run_id)[known:]]


def _post(refill: PoolFiller, draft: Draft, seen: Mapping[tuple[str, ...], Candidate]) -> Post:
    item = items.get(refill.db, draft.item_id or 0)
    assert item is not None
    tries = generations.of_draft(refill.db, draft.id)
    chosen = next(one for one in tries if one["verdict"] == "chosen")
    # A thread's parts have got their numbers since.
    bare = tuple(part.split(" ", 1)[1] for part in draft.texts) if len(draft.texts) > 1 else draft.texts
    candidate = seen.get(draft.texts) or seen.get(bare) or Candidate(bare)
    return Post(
        parts=draft.texts,
        topic=draft.topic,
        format=draft.format,
        item=item.key,
        generator=chosen["generator"],
        way=_way(candidate, item),
        frame=candidate.frame,
        bare=candidate.parts,
        seconds=sum(one["seconds"] for one in tries),
        cost=sum(one["cost_usd"] for one in tries),
        scores=candidate.scores,
    )


def _way(candidate: Candidate, item: Item) -> str:
    if not candidate.frame:
        return MODEL
    if item.kind != "note":
        return EXCERPT
    if candidate.parts[1:]:
        return THREAD
    return NOTE if candidate.parts[0] in (item.text, *item.wordings) else REWORDED


def _count(made: Made, tries: Sequence[Json]) -> None:
    for candidate in (one for each in tries for one in each["candidates"]):
        made.candidates += 1
        for rule in {violation["rule"] for violation in candidate["violations"]}:
            made.turned_down[rule] = made.turned_down.get(rule, 0) + 1
            made.refused.append((rule, "\n\n".join(candidate["parts"])))
