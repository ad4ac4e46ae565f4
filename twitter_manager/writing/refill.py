"""Fills the pool: collect material, choose, write, check, save. All briefs go to a generator in one call, so that a
model is loaded once and works in batches; what it could not serve goes to the next generator."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from twitter_manager import language
from twitter_manager.checks import CheckContext
from twitter_manager.domain import Brief, Clock, Generation, Generator, Item, Persona, Progress, TimeLeft
from twitter_manager.errors import GeneratorError, StoreError, TextKnown
from twitter_manager.store import drafts, events, generations, items
from twitter_manager.store.database import Database
from twitter_manager.writing import candidates, formats, holding, topics, trouble

if TYPE_CHECKING:
    from twitter_manager.writing.judge import Answers, Judge
    from twitter_manager.writing.style import Style
    from twitter_manager.writing.weighing import Weighing

log = logging.getLogger(__name__)

LED_TO = 600
"""Characters of what a post's address leads to that the rules against harm look at too."""
RECENT = 200
"""How many of the bot's newest posts a new one is compared with."""
NUMBER_CHARS = 4
"""What the number of a thread's part takes: "3/5 "."""
ROUNDS = 4
"""How often other material is chosen for posts that no generator could make."""
MOST_RESERVED = 60.0
"""Seconds of the run that a generator leaves for those after it and for publishing."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a bot's posts are made from and how. `context` gives the checks' context for one brief's material and the
    recent texts; `links` tells on which platforms the address of an item goes along, and `room` how many characters the
    tightest platform leaves beside those links and all else that is appended; `collect` brings new material into the
    store (True: of sources of news alone) and tells which sources could not be read."""

    bot: str
    persona: Persona
    topics: Sequence[topics.Topic]
    formats: Mapping[str, float]
    platforms: tuple[str, ...]
    links: Callable[[Item], dict[str, str]]
    room: Callable[[dict[str, str]], int]
    hashtags: tuple[str, ...]
    signature: str
    lifetime: timedelta
    rest: timedelta
    collect: Callable[[Refill, bool], list[str]]
    context: Callable[[tuple[str, ...] | None, tuple[str, ...]], CheckContext]
    fits: Callable[[str], bool]
    writes: bool = False
    """The first generator is a model that writes, and not one that chooses among the material's own words."""
    numbered: bool = True
    """The parts of a thread carry their numbers."""
    templates: str = ""
    """The folder of the bot's own prompt templates."""
    judge: Callable[[Generator], Judge | None] = lambda generator: None
    """Who judges what a generator's model wrote; without a judge none of it goes out."""
    unjudged: Mapping[str, str] = field(default_factory=dict)
    """The generators that are not asked, because nobody judges what they write, with what to do about it."""
    able: tuple[str, ...] = ()
    """The generators whose model writes, and can be asked to write again."""
    tone: str = ""
    """One of `domain.TONES`, or none."""
    style: Style | None = None
    """How the bot's person writes, where that was learned."""
    background: Callable[[Collection[int]], tuple[str, ...]] = lambda numbers: ()
    """Passages of other material on the subject of these items (ids)."""
    near: Callable[[Collection[int]], tuple[str, ...]] = lambda numbers: ()
    """The bot's posts nearest to these items in meaning."""
    trust: Callable[[Item], str] = lambda item: "known"
    """Of the source that an item is from: `own`, `known` or `open`."""
    change: Callable[[Item], str] = lambda item: ""
    """A line on how an item differs from what its source gave before; "" where it does not."""
    likeness: Callable[[Item], float] | None = None
    """How like (0 to 1) an item is to the bot's nearest post in meaning, where something can tell."""


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
    notes: list[str] = field(default_factory=list)
    """What a person may want to know beside the reason: sources that could not be read."""
    tell: Callable[[str], None] = lambda line: None
    """Takes what a person should hear once, although the run goes well: a service whose answers are all refused."""
    rounds: int = ROUNDS
    usd_left: float = math.inf
    """What generations may cost yet, in US dollars."""
    _useless: set[int] = field(default_factory=set)
    _draws: int = 0
    _reserve: float = 0.0
    _made: dict[Brief, list[tuple[Generation, candidates.Checked]]] = field(default_factory=dict)
    _doubted: dict[Brief, candidates.CheckedCandidate] = field(default_factory=dict)
    _harm: dict[Brief, str] = field(default_factory=dict)
    _asked: trouble.Asked = field(default_factory=trouble.Asked)
    _held: int = 0

    def fill(self, wanted: int, *, news_only: bool = False) -> str:
        """Make up to `wanted` drafts (`news_only`: of fresh news); gives the reason why there are fewer, or ''."""
        self.notes += self.recipe.collect(self, news_only)
        if not self.generators:
            return "no generator is ready: each lacks its key, or this month's budget is used up"
        try:
            return self._fill(wanted, news_only=news_only)
        finally:
            trouble.tell_once(self.db, self.recipe.bot, self.run_id, self._asked, self.clock(), self.tell)

    def _fill(self, wanted: int, *, news_only: bool) -> str:
        reason = ""
        rounds = 1 if news_only else self.rounds
        while rounds > 0:
            held = self._held
            open_briefs, shortage = self._briefs(wanted, news_only=news_only)
            if not open_briefs:
                return reason or "; ".join((shortage, *self.notes))
            chosen = len(open_briefs)
            reason = self._ask_all(open_briefs) or shortage
            held = self._held - held  # what waits for a person fills no place in the pool; that costs no round
            wanted -= chosen - len(open_briefs) - held
            rounds -= not held
            broken = len(self._asked.failures) == len(self.generators)
            if not (open_briefs or held) or broken or self.time_left() < MOST_RESERVED:
                break
        return reason if wanted else ""

    @property
    def tried(self) -> Sequence[Brief]:
        """The briefs that candidates were made for, in this order."""
        return tuple(self._made)

    @property
    def turned_down(self) -> bool:
        """Whether material gave no post though a model wrote, or though a generator that failed might have made one.
        Where nobody writes it is in order: not all material stands alone."""
        return bool(self._useless) and bool(self._asked.used or self._asked.failures)

    def _ask_all(self, open_briefs: dict[Brief, topics.Choice]) -> str:
        """Let one generator after the other serve what is open. Material that none can use is not chosen again in this
        run. Gives what went wrong last, or ''."""
        reason = ""
        for generator, n in self.generators:
            if not open_briefs or generator.name in self._asked.failures or not self._affords(generator):
                continue
            if lacking := self.recipe.unjudged.get(generator.name):
                self._asked.failed(generator.name, lacking)
                reason = f"{generator.name}: {lacking}"
                log.warning("%s", reason)
                continue
            reason = self._ask(generator, n, open_briefs) or reason
        for brief, choice in open_briefs.items():
            self._useless.add(choice.item_id)
            if brief in self._doubted and self._save(brief, choice, self._doubted[brief]):
                continue
            with self.db.transaction():
                self._record(brief, None, choice)
        return reason

    def _briefs(self, wanted: int, *, news_only: bool = False) -> tuple[dict[Brief, topics.Choice], str]:
        """Choose what to write about, `wanted` times; gives the briefs, and why they are fewer."""
        chosen, shortage = self.choices(wanted, news_only=news_only)
        recent_texts = tuple(drafts.recent_texts(self.db, self.recipe.bot, RECENT))
        return {self.brief(choice, recent_texts): choice for choice in chosen}, shortage

    def choices(self, wanted: int, *, news_only: bool = False) -> tuple[list[topics.Choice], str]:
        """Choose `wanted` times, each choice knowing those before it; gives them, and why they are fewer."""
        bot, now, recipe = self.recipe.bot, self.clock(), self.recipe
        rules = topics.Rules(
            topics=recipe.topics,
            formats=recipe.formats,
            rest=recipe.rest,
            drawable=lambda weights, item: formats.drawable(weights, item, writes=recipe.writes),
            taken=lambda name, item, seed: formats.notes_wanted(name, seed) if item.kind == "note" else 1,
            likeness=recipe.likeness,
        )
        may_come = self._may_come()
        known = topics.Known(
            items=[one for one in items.available(self.db, bot) if one[0] not in self._useless and may_come(one[1])],
            last_used=items.last_used(self.db, bot),
            since=items.since(self.db, bot),
            topics=drafts.recent_topics(self.db, bot, RECENT),
            posts={f"draft {number}": text for number, text in drafts.recent_posts(self.db, bot, RECENT).items()},
        )
        made: list[topics.Choice] = []
        for _ in range(wanted):
            seed = self.seed + self._draws
            self._draws += 1
            choice = topics.choose(rules, known, now, seed, news_only=news_only)
            if isinstance(choice, topics.NoChoice):
                return made, choice.reason
            made.append(choice)
            known = replace(
                known,
                last_used={**known.last_used, **{number: now for number, _ in choice.items}},
                topics=[choice.topic, *known.topics],
                posts={**{f"item {number}": item.text for number, item in choice.items}, **known.posts},
            )
        return made, ""

    def brief(self, choice: topics.Choice, recent: tuple[str, ...] = ()) -> Brief:
        parts = formats.TABLE[choice.format].max_parts
        links = self.recipe.links(choice.item)
        brief = Brief(
            bot=self.recipe.bot,
            topic=choice.topic,
            format=choice.format,
            items=tuple(item for _, item in choice.items),
            persona=self.recipe.persona,
            max_chars=self.recipe.room(links) - (NUMBER_CHARS if parts > 1 and self.recipe.numbered else 0),
            seed=choice.why["seed"],
            recent=recent,
            max_parts=parts,
            linked=bool(links),
            templates=self.recipe.templates,
            tone=self.recipe.tone,
            background=self.recipe.background([number for number, _ in choice.items]),
            near=self.recipe.near([number for number, _ in choice.items]),
            platforms=self.recipe.platforms,
            today=f"{self.clock():%Y-%m-%d}",
        )
        return self.recipe.style.dress(brief) if self.recipe.style else brief

    def _ask(self, generator: Generator, n: int, open_briefs: dict[Brief, topics.Choice]) -> str:
        """Let one generator serve what is open; what it serves leaves `open_briefs`. Gives what went wrong, or ''."""
        self.progress(f"{generator.name}: writing {len(open_briefs)} post{'s' * (len(open_briefs) > 1)}")
        self._reserve = min(MOST_RESERVED, self.time_left() / 5)
        try:
            for brief, made in generator.generate(list(open_briefs), n, self._time_to_write, self.progress):
                if brief in open_briefs and self._serve(generator, brief, made, open_briefs[brief]):
                    del open_briefs[brief]
                if generator.name in self._asked.failures or not self._affords(generator):
                    break
        except StoreError:
            raise
        except Exception as error:  # a bug in one generator, or in a library of its, is a reason to take the next
            self._asked.failed(generator.name, self.redact(str(error)))
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

    def _time_to_write(self) -> float:
        """The seconds that a generator, and who looks at its posts, may use."""
        return self.time_left() - self._reserve

    def _affords(self, asked: Generator | Answers | Judge) -> bool:
        """Whether it is free, or this run has not used up yet what the budget leaves."""
        return asked.free or self.usd_left > 0

    def context(self, brief: Brief, links: dict[str, str]) -> CheckContext:
        """What the checks need to know of a brief's posts. The background is no material: the address that goes
        along is the item's."""
        persona = self.recipe.persona  # its openers and closings are its person's words
        chosen = (*persona.openers, *persona.closings)
        appended = (*(f"#{tag.lstrip('#')}" for tag in self.recipe.hashtags), self.recipe.signature, *chosen)
        texts = [
            text
            for item in brief.items
            for text in (item.title, item.text, item.summary, item.project, *item.headings, item.label, *item.wordings)
        ]
        own = formats.own_words(brief.format, brief.items)
        material = tuple(text for text in (*texts, *appended, *own) if text)
        recent = tuple(drafts.recent_texts(self.db, self.recipe.bot, RECENT))
        age_days = _age_days(brief, self.clock())
        trust = holding.least(map(self.recipe.trust, brief.items))
        context = self.recipe.context(material, recent)
        first = brief.items[:1] if links else ()
        leads_to = "\n".join(text for item in first for text in (item.title, item.summary, item.text))[:LED_TO]
        return replace(
            context, age_days=age_days, today=self.clock().date(), links=links, trust=trust, leads_to=leads_to
        )

    def _why_wait(self, item: Item, held: Mapping[str, tuple[int, int]]) -> str:
        """Why a clean post of this item must wait for a person, or ""."""
        let_through = held.get(item.source, (0, 0))[1]
        return holding.reason(item.source, self.recipe.trust(item), let_through, self.recipe.change(item))

    def _may_come(self) -> Callable[[Item], bool]:
        """Tells whether a post of an item may come about: enough wait for a person, and it would have to wait too?"""
        held = drafts.held(self.db, self.recipe.bot)
        full = {source for source, (waiting, _) in held.items() if waiting >= holding.MOST_WAITING}
        return lambda item: item.source not in full or not self._why_wait(item, held)

    def _serve(self, generator: Generator, brief: Brief, made: tuple[Generation, ...], choice: topics.Choice) -> bool:
        """Check the candidates, and have judged what a model wrote; save the best as a draft. False when none may go
        out."""
        self._pay(*made)
        weighing = self._weighing(generator, brief, self.recipe.links(choice.item))
        checked = candidates.with_doubt(weighing.weigh(made), self._harm.get(brief, ""))
        if weighing.harm:
            self._harm[brief] = f"the judge warns: {weighing.harm}"
        if weighing.judge_failed:
            self._asked.failed(generator.name, self.redact(weighing.judge_failed))
        attempts = self._made.setdefault(brief, [])
        attempts += [(one, candidates.Checked(checked.chosen, ())) for one in weighing.judgements]
        for at, generation in enumerate(weighing.made):
            mine = tuple(one for one in checked.all if one.generation == at)
            attempts.append((generation, candidates.Checked(checked.chosen, mine)))
        if generator.name in self.recipe.able:
            self._asked.answered(generator.name, used=checked.chosen is not None, answers=weighing.made)
        if checked.doubted is not None:
            self._doubted.setdefault(brief, checked.doubted)
        return checked.chosen is not None and self._save(brief, choice, checked.chosen)

    def _weighing(self, generator: Generator, brief: Brief, links: dict[str, str]) -> Weighing:
        from twitter_manager.writing.judge import Answers
        from twitter_manager.writing.weighing import Weighing

        able = generator.name in self.recipe.able and isinstance(generator, Answers)
        return Weighing(
            brief=brief,
            context=self.context(brief, links),
            dress=self.dress,
            numbered=self.recipe.numbered,
            style=self.recipe.style,
            linked=bool(links),
            writer=generator if able and isinstance(generator, Answers) else None,
            judge=self.recipe.judge(generator),
            affords=self._affords,
            pay=self._pay,
            time_left=self._time_to_write,
            progress=self.progress,
        )

    def _save(self, brief: Brief, choice: topics.Choice, chosen: candidates.CheckedCandidate) -> bool:
        """Keep a candidate as a draft, one that is doubted for a person to decide on. False where a person was quicker
        with the same words."""
        links = self.recipe.links(choice.item)
        platforms = self.recipe.platforms
        why = dict(choice.why)
        if not chosen.alone:  # a title says enough only where readers can follow the link
            platforms = tuple(name for name in platforms if name in links)
            reason = "without the link it can't be understood"
            why["left_out"] = dict.fromkeys((name for name in self.recipe.platforms if name not in links), reason)
        known = drafts.held(self.db, self.recipe.bot)
        held = chosen.held or "; ".join(filter(None, (self._why_wait(item, known) for item in brief.items)))
        if held and known.get(choice.item.source, (0, 0))[0] >= holding.MOST_WAITING:
            return False
        new = drafts.NewDraft(
            bot=self.recipe.bot,
            origin="generator",
            parts=chosen.parts,
            platforms=platforms,
            lifetime=self.recipe.lifetime,
            language=_language(self.recipe.persona, chosen.parts, brief.items),
            topic=choice.topic,
            format=choice.format,
            item_id=choice.item_id,
            run_id=self.run_id,
            choice=why,
            links=links,
            rules=candidates.RULES_EDITION,
            held=self.redact(held),
        )
        try:
            with self.db.transaction():
                draft_id = drafts.add(self.db, new, self.clock())
                self._record(brief, draft_id, choice)
        except TextKnown:
            return False
        self._held += bool(held)
        return True

    def _pay(self, *made: Generation) -> None:
        self.usd_left -= sum(one.cost_usd for one in made)

    def _record(self, brief: Brief, draft_id: int | None, choice: topics.Choice) -> None:
        """Every generation made for the brief, those that failed before the good one too."""
        for generation, checked in self._made.get(brief, []):
            passed = any(one.verdict is candidates.Verdict.CHOSEN for one in checked.all)
            verdict = "chosen" if passed else ("not chosen" if draft_id and checked.chosen else "rejected")
            self.keep(generation, checked.all, verdict, draft_id, choice.item_id)

    def keep(
        self,
        generation: Generation,
        checked: Sequence[candidates.CheckedCandidate],
        verdict: str,
        draft_id: int | None = None,
        item_id: int | None = None,
    ) -> None:
        """Note a generation and what became of its candidates, inside a transaction."""
        generations.add(
            self.db,
            replace(generation, prompt=self.redact(generation.prompt), raw=self.redact(generation.raw)),
            [self._printable(one) for one in checked],
            verdict,
            self.clock(),
            run_id=self.run_id,
            draft_id=draft_id,
            item_id=item_id,
        )

    def _printable(self, one: candidates.CheckedCandidate) -> candidates.CheckedCandidate:
        """A candidate as it may be kept: one that was turned down for a secret keeps it to itself."""
        violations = tuple(replace(found, message=self.redact(found.message)) for found in one.violations)
        if not violations:
            return one
        return replace(one, parts=tuple(map(self.redact, one.parts)), violations=violations)

    def dress(self, parts: tuple[str, ...]) -> tuple[str, ...]:
        """The parts with hashtags and signature."""
        return candidates.dress(parts, self.recipe.hashtags, self.recipe.signature, self.recipe.fits)


def _language(persona: Persona, parts: Sequence[str], items: Sequence[Item]) -> str:
    """The language that a draft is in: the bot's, or where that is "any" the text's own."""
    if persona.language != "any":
        return persona.language
    declared = next((item.language for item in items if item.language), "")
    return language.detect(" ".join(parts)) or declared or "en"


def _age_days(brief: Brief, now: datetime) -> float | None:
    """How long ago the newest of the brief's material was published; None where nobody knows."""
    published = [item.published_at for item in brief.items if item.published_at is not None]
    return (now - max(published)) / timedelta(days=1) if published else None
