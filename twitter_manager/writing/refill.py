"""Fills the pool: collect material, choose, write, check, save. All briefs go to a generator in one call, so that a
model is loaded once and works in batches; what it could not serve goes to the next generator."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from twitter_manager.checks import CheckContext
from twitter_manager.domain import Brief, Clock, Generation, Generator, Item, Persona, Progress, TimeLeft
from twitter_manager.errors import GeneratorError, StoreError, TextKnown
from twitter_manager.store import drafts, events, generations, items
from twitter_manager.store.database import Database
from twitter_manager.writing import candidates, topics

log = logging.getLogger(__name__)

RECENT = 200
"""How many of the bot's newest posts a new one is compared with."""
MAX_THREAD = 8
MOST_RESERVED = 60.0
"""Seconds of the run that a generator leaves for those after it and for publishing."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a bot's posts are made from and how. `context` gives the checks' context for one brief's material and the
    recent texts; `max_chars` is the room left on the tightest platform once everything is appended."""

    bot: str
    persona: Persona
    topics: Sequence[topics.Topic]
    formats: Mapping[str, float]
    platforms: tuple[str, ...]
    max_chars: int
    hashtags: tuple[str, ...]
    signature: str
    lifetime: timedelta
    rest: timedelta
    collect: Callable[[], Mapping[str, Sequence[Item]]]
    context: Callable[[tuple[str, ...] | None, tuple[str, ...]], CheckContext]
    fits: Callable[[str], bool]


@dataclass(slots=True)
class Refill:
    """One refill of one bot's pool."""

    db: Database
    recipe: Recipe
    generators: Sequence[tuple[Generator, int]]
    """Each with how many candidates it makes for one brief."""
    run_id: int
    seed: int
    clock: Clock
    time_left: TimeLeft
    progress: Progress
    redact: Callable[[str], str]
    _made: dict[Brief, list[tuple[Generation, candidates.Judged]]] = field(default_factory=dict)

    def fill(self, wanted: int) -> str:
        """Make up to `wanted` drafts; gives the reason why there are fewer, or ''."""
        self._collect()
        open_briefs, reason = self._briefs(wanted)
        if not self.generators:
            reason = "no generator is ready: each lacks its key, or this month's budget is used up"
        for generator, n in self.generators:
            if open_briefs:
                reason = self._ask(generator, n, open_briefs) or reason
        for brief in open_briefs:
            with self.db.transaction():
                self._record(brief, None, open_briefs[brief])
        return reason

    def _collect(self) -> None:
        for source, found in self.recipe.collect().items():
            with self.db.transaction():
                items.refresh(self.db, self.recipe.bot, source, found, self.clock())

    def _briefs(self, wanted: int) -> tuple[dict[Brief, topics.Choice], str]:
        """Choose what to write about, `wanted` times, each choice knowing those before it."""
        bot, now = self.recipe.bot, self.clock()
        available = items.available(self.db, bot)
        used: dict[int, datetime] = items.last_used(self.db, bot)
        recent_topics = drafts.recent_topics(self.db, bot, 20)
        recent_texts = tuple(drafts.recent_texts(self.db, bot, RECENT))
        made: dict[Brief, topics.Choice] = {}
        for number in range(wanted):
            seed = self.seed + number
            choice = topics.choose(
                self.recipe.topics,
                self.recipe.formats,
                available,
                used,
                recent_topics,
                now,
                seed,
                self.recipe.rest,
            )
            if isinstance(choice, topics.NoChoice):
                return made, choice.reason
            used[choice.item_id] = now
            recent_topics.insert(0, choice.topic)
            made[self._brief(choice, seed, recent_texts)] = choice
        return made, ""

    def _brief(self, choice: topics.Choice, seed: int, recent: tuple[str, ...]) -> Brief:
        return Brief(
            bot=self.recipe.bot,
            topic=choice.topic,
            format=choice.format,
            items=(choice.item,),
            persona=self.recipe.persona,
            max_chars=self.recipe.max_chars,
            seed=seed,
            recent=recent,
            max_parts=MAX_THREAD if choice.format == "thread" else 1,
        )

    def _ask(self, generator: Generator, n: int, open_briefs: dict[Brief, topics.Choice]) -> str:
        """Let one generator serve what is open; what it serves leaves `open_briefs`. Gives what went wrong, or ''."""
        self.progress(f"{generator.name}: writing {len(open_briefs)} post{'s' * (len(open_briefs) > 1)}")
        reserve = min(MOST_RESERVED, self.time_left() / 5)
        try:
            for brief, made in generator.generate(
                list(open_briefs), n, lambda: self.time_left() - reserve, self.progress
            ):
                if brief in open_briefs and self._judge(brief, made, open_briefs[brief]):
                    del open_briefs[brief]
        except StoreError:
            raise
        except Exception as error:  # a bug in one generator, or in a library of its, is a reason to take the next
            log.warning("%s can't write: %s", generator.name, error, exc_info=not isinstance(error, GeneratorError))
            with self.db.transaction():
                events.record(
                    self.db,
                    self.clock(),
                    "generator_failed",
                    bot=self.recipe.bot,
                    run_id=self.run_id,
                    generator=generator.name,
                    error=self.redact(str(error)),
                )
            return self.redact(f"{generator.name}: {error}")
        if open_briefs:
            log.info("%s: left for the next generator: %d", generator.name, len(open_briefs))
            return f"{generator.name}: no candidate passed the checks"
        return ""

    def _judge(self, brief: Brief, made: tuple[Generation, ...], choice: topics.Choice) -> bool:
        """Check the candidates; save the best as a draft. False when none passed."""
        appended = (*(f"#{tag.lstrip('#')}" for tag in self.recipe.hashtags), self.recipe.signature)
        texts = [text for item in brief.items for text in (item.title, item.text, item.label, *item.wordings)]
        material = tuple(text for text in (*texts, *appended) if text)
        recent = tuple(drafts.recent_texts(self.db, self.recipe.bot, RECENT))
        judged = candidates.judge(brief, made, self._dress, self.recipe.context(material, recent))
        attempts = self._made.setdefault(brief, [])
        for at, generation in enumerate(made):
            mine = tuple(one for one in judged.all if one.generation == at)
            attempts.append((generation, candidates.Judged(judged.chosen, mine)))
        if judged.chosen is None:
            return False
        new = drafts.NewDraft(
            bot=self.recipe.bot,
            origin="generator",
            parts=judged.chosen.parts,
            platforms=self.recipe.platforms,
            lifetime=self.recipe.lifetime,
            language=self.recipe.persona.language,
            topic=choice.topic,
            format=choice.format,
            item_id=choice.item_id,
            run_id=self.run_id,
            choice=choice.why,
        )
        try:
            with self.db.transaction():
                draft_id = drafts.add(self.db, new, self.clock())
                self._record(brief, draft_id, choice)
        except TextKnown:  # a person was quicker with the same words
            return False
        return True

    def _record(self, brief: Brief, draft_id: int | None, choice: topics.Choice) -> None:
        """Every generation made for the brief, those that failed before the good one too."""
        for generation, judged in self._made.get(brief, []):
            passed = any(one.verdict is candidates.Verdict.CHOSEN for one in judged.all)
            verdict = "chosen" if passed else ("not chosen" if draft_id and judged.chosen else "rejected")
            generations.add(
                self.db,
                replace(generation, prompt=self.redact(generation.prompt), raw=self.redact(generation.raw)),
                [self._printable(one) for one in judged.all],
                verdict,
                self.clock(),
                run_id=self.run_id,
                draft_id=draft_id,
                item_id=choice.item_id,
            )

    def _printable(self, one: candidates.JudgedCandidate) -> candidates.JudgedCandidate:
        """A candidate as it may be kept: one that was turned down for a secret keeps it to itself."""
        violations = tuple(replace(found, message=self.redact(found.message)) for found in one.violations)
        if not violations:
            return one
        return replace(one, parts=tuple(map(self.redact, one.parts)), violations=violations)

    def _dress(self, parts: tuple[str, ...]) -> tuple[str, ...]:
        return candidates.dress(parts, self.recipe.hashtags, self.recipe.signature, self.recipe.fits)
