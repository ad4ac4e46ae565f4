"""Fills the pool of drafts: collect material, choose, write, check, save. All briefs go to a generator in one call, so
that a model is loaded once and works in batches; what it could not serve goes to the next generator."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from twitter_manager import language, phrases
from twitter_manager.budget import MoneyBudget, reserve
from twitter_manager.checks import CheckContext
from twitter_manager.content import Part, plain
from twitter_manager.domain import (
    RULES_EDITION,
    Actor,
    Brief,
    Clock,
    Draft,
    DraftStatus,
    Generation,
    Generator,
    Item,
    Json,
    Persona,
    Progress,
    TimeLeft,
)
from twitter_manager.errors import Changed, GeneratorError, StoreError, TextKnown
from twitter_manager.pipeline.approval import Approval, Written
from twitter_manager.pipeline.asking import Asking
from twitter_manager.pipeline.cards import CardMaker
from twitter_manager.pipeline.collect import NEWS, Collector
from twitter_manager.pipeline.experimenting import Experimenter
from twitter_manager.pipeline.index import Indexer
from twitter_manager.pipeline.orders import Order
from twitter_manager.pipeline.pictures import PictureMaker
from twitter_manager.platforms import SPECS
from twitter_manager.stages import Stages
from twitter_manager.store import charges, drafts, events, experiments, generations, items, offers
from twitter_manager.store.database import Database
from twitter_manager.writing import briefing, text_scoring, trouble
from twitter_manager.writing.judge import Answers
from twitter_manager.writing.post_spec import PostSpec
from twitter_manager.writing.review import CheckedCandidate, Review, Verdict, doubted
from twitter_manager.writing.topics import Choice

log = logging.getLogger(__name__)

ROUNDS = 4
"""How often other material is chosen for posts that no generator could make."""
WARNED = "harm_warned"
"""The event that a judge warned of material of which no draft could be made."""
MOST_RESERVED = 60.0
"""Seconds of the run that a generator leaves for those after it and for publishing."""


@dataclass(slots=True)
class PoolFiller:
    """Makes drafts of one bot in one run."""

    db: Database
    spec: PostSpec
    generators: Sequence[tuple[Generator, int]]
    """Each with how many candidates it makes for one brief."""
    run_id: int | None
    """None: a person asked for it, outside of any run."""
    seed: int
    clock: Clock
    time_left: TimeLeft
    progress: Progress
    redact: Callable[[str], str]
    notes: list[str] = field(default_factory=list)
    """What a person may want to know beside the reason: sources that could not be read."""
    tell: Callable[[str], None] = lambda line: None
    """Takes what a person should hear once, although the run goes well: a service whose answers are all refused."""
    money: MoneyBudget = field(default_factory=MoneyBudget)
    used_up: Callable[[], str] = lambda: "the budget is used up"
    """Tells which budget leaves nothing for what costs."""
    approval: Approval = field(default_factory=Approval)
    """Which posts a person wants to see."""
    without: frozenset[int] = frozenset()
    """Items that are not chosen, as a person must say yes to their posts and enough of those wait."""
    collector: Collector | None = None
    """Brings new material; None where what is stored is all."""
    indexer: Indexer | None = None
    """Makes new material comparable in meaning."""
    cards: CardMaker | None = None
    """Makes the cards of the material's addresses."""
    pictures: PictureMaker | None = None
    """Makes the pictures of the material."""
    experimenter: Experimenter | None = None
    """Writes posts in the variants of an experiment."""
    rounds: int = ROUNDS
    stages: Stages = field(default_factory=Stages)
    _orders: list[Order] = field(default_factory=list)
    _asked: trouble.Asked = field(default_factory=trouble.Asked)
    _limited: dict[str, str] = field(default_factory=dict)
    """The generators that are left out until their rate limit, or their judge's, ends; each with the line that tells
    it."""

    def fill(self, wanted: int, *, news_only: bool = False) -> str:
        """Make up to `wanted` drafts (`news_only`: of fresh news); gives the reason why there are fewer, or ''."""
        self.collect(news_only=news_only)
        return self.write(wanted, news_only=news_only)

    def collect(self, *, news_only: bool = False) -> None:
        """Look at the sources that are due, and note their trouble. `news_only`: at those of news, which wait for no
        index."""
        if self.collector is None:
            return
        with self.stages("collect"):
            for looked in self.collector.collect(kinds=NEWS if news_only else ()):
                self.notes += looked.trouble
        if self.indexer is not None and not news_only:
            with self.stages("index"):
                self.notes += self.indexer.update()[1]

    def write(self, wanted: int, *, news_only: bool = False) -> str:
        """The same of what is stored."""
        if lacking := self.lacking():
            return lacking
        try:
            return self._fill(wanted, news_only=news_only)
        finally:
            if self.cards is not None:
                self.cards.close()
            trouble.tell_once(self.db, self.spec.bot, self.run_id, self._asked, self.clock(), self.tell)

    def lacking(self) -> str:
        """Why no generator can be asked, or ''."""
        if not self.generators:
            return "no generator is ready: each lacks its key or its packages"
        return "" if any(self.money.allows(generator) for generator, _ in self.generators) else self.used_up()

    def write_again(self, old: Draft, by: Actor | None = None) -> tuple[int | None, str]:
        """Write another post of a draft's material, in its place: the new draft's number, or None and the reason.
        Raises Changed."""
        numbers = [number for number in (old.item_id, *old.choice.get("also", ())) if number is not None]
        material = [(number, item) for number in numbers if (item := items.get(self.db, number)) is not None]
        if not material or len(material) < len(numbers):
            return None, "its material is gone"
        choice = Choice(old.topic, old.format, tuple(material), {**old.choice, "seed": self.seed})
        spec = self.spec
        if self.experimenter is not None:
            choice, spec = self.experimenter.as_before(choice, spec)
        recent = tuple(drafts.recent_texts(self.db, self.spec.bot, briefing.RECENT))
        brief = briefing.brief(spec, choice, self.clock(), recent)
        first, asks = old.choice.get("again_of"), old.choice.get("did_well", {}).get("words", "")
        again = drafts.get(self.db, first) if first else None
        return self.write_order(Order(brief, choice, instead_of=old, by=by, spec=spec, again=again, asks=asks))

    def write_order(self, order: Order) -> tuple[int | None, str]:
        """Write one post: the new draft's number, or None and the reason. Raises Changed."""
        try:
            reason = self.lacking() or self._ask_all([order])
        finally:
            if self.cards is not None:
                self.cards.close()
        return order.draft_id, reason

    def _fill(self, wanted: int, *, news_only: bool) -> str:
        reason = ""
        rounds = 1 if news_only else self.rounds
        least = min(MOST_RESERVED, self.time_left() / 5)  # of a short run the same share
        while wanted > 0 and rounds > 0:
            with self.stages("choose"):
                orders, shortage = self._order(wanted, news_only=news_only)
            if not orders:
                return reason or phrases.sentences(shortage, *self.notes).removesuffix(".")
            reason = self._ask_all(orders) or shortage
            ready = sum(order.served and not order.held for order in orders)
            wanted -= ready
            rounds -= not any(order.held for order in orders)  # what waits for a person fills no place in the pool
            if ready == len(orders) or not any(map(self._may_go_on, self.generators)) or self.time_left() < least:
                break
        return reason if wanted else ""

    def _may_go_on(self, pair: tuple[Generator, int]) -> bool:
        """Whether a generator can be asked once more in this run."""
        name = pair[0].name
        return name not in self._asked.failures and name not in self._limited and self.money.allows(pair[0])

    def _order(self, wanted: int, *, news_only: bool) -> tuple[list[Order], str]:
        """Choose what to write about, `wanted` times, and nothing twice that gave no post; gives the orders, and why
        they are fewer."""
        now, spec = self.clock(), self.spec
        used = {order.choice.item_id for order in self._orders if not order.served}
        used |= self.without | {event["item"] for event in events.newest(self.db, spec.bot, WARNED)}
        seed = self.seed + len(self._orders)
        chosen, shortage = briefing.choices(self.db, spec, wanted, seed, now, news_only=news_only, without=used)
        recent = tuple(drafts.recent_texts(self.db, spec.bot, briefing.RECENT))
        made: list[Order] = []
        for choice in chosen:
            varied = spec
            if self.experimenter is not None:
                choice, varied = self.experimenter.varied(choice, spec, [order.choice for order in made])
            made.append(Order(briefing.brief(varied, choice, now, recent), choice, spec=varied))
        self._orders += made
        return made, shortage

    @property
    def tried(self) -> Sequence[Brief]:
        """The briefs that candidates were made for, in this order."""
        return [order.brief for order in self._orders if order.reviews]

    @property
    def turned_down(self) -> bool:
        """Whether material gave no post though a model wrote, or though a generator that failed might have made one.
        Where nobody writes it is in order: not all material stands alone."""
        return not all(one.served for one in self._orders) and bool(
            self._asked.used or self._asked.failures or self._limited
        )

    def _ask_all(self, orders: Sequence[Order]) -> str:
        """Let one generator after the other serve what is open. Gives what went wrong last, or ''."""
        reason = ""
        for generator, n in self.generators:
            left = [order for order in orders if not order.served]
            if not left or generator.name in self._asked.failures or not self.money.allows(generator):
                continue
            reason = self._left_out(generator) or self._ask(generator, n, left) or reason
        left = [order for order in orders if not order.served]
        for order in left:
            self._set_aside(order)
        unpaid = self.used_up() if left and any(self._is_unpaid(generator) for generator, _ in self.generators) else ""
        return "; ".join(filter(None, (reason, unpaid)))

    def _is_unpaid(self, generator: Generator) -> bool:
        """Whether the budget has nothing left for one, or for who judges what it writes."""
        judge = self.spec.writers.judge(generator)
        return not self.money.allows(generator) or (judge is not None and not self.money.allows(judge))

    def _left_out(self, generator: Generator) -> str:
        """Why one is not asked: it, or who judges what it writes, was asked too often."""
        judge = self.spec.writers.judge(generator)
        told = filter(None, map(self._services.limit, (generator, getattr(judge, "who", None))))
        if (line := next(told, "")) and generator.name not in self._limited:
            log.warning("%s is left out: %s", generator.name, line)
            self._limited[generator.name] = line
        return line

    @property
    def _services(self) -> Asking:
        return Asking(self.db, self.spec.bot, self.clock, self.spec.material.rules.time_zone)

    def _set_aside(self, order: Order) -> None:
        """Save what a person may let go out of what could not be served; else keep the answers, and the warning."""
        found = next((one for review in order.reviews if (one := doubted(review.checked))), None)
        if found is None and self.approval.keeps_refused and not order.harm:
            found = next((one for review in order.reviews if (one := review.doubt_refused())), None)
        if found and not order.instead_of and self._save(order, found):
            return
        with self.db.transaction():
            self._record(order)
            if order.harm:
                self._event(WARNED, item=order.choice.item_id, reason=self.redact(order.harm))

    def _ask(self, generator: Generator, n: int, orders: Sequence[Order]) -> str:
        """Let one generator serve what is open. Gives what went wrong, or ''."""
        name = generator.name
        if lacking := self.spec.writers.unjudged.get(name):
            log.warning("%s: %s", name, lacking)
            return self._failed(name, lacking)
        self.progress(f"{name}: writing {phrases.amount(len(orders), 'post')}")
        by_brief = {order.brief: order for order in orders}
        time_left = reserve(self.time_left, min(MOST_RESERVED, self.time_left() / 5))
        try:
            with self.stages("write", generator=name):
                for brief, made in generator.generate(list(by_brief), n, time_left, self.progress):
                    if brief in by_brief and not by_brief[brief].served:
                        self._serve(generator, by_brief[brief], made, time_left)
                    if name in self._asked.failures or not self.money.allows(generator):
                        break
        except (StoreError, Changed):
            raise
        except Exception as error:  # a bug in one generator, or in a library of its, is a reason to take the next
            log.warning("%s can't write: %s", name, error, exc_info=not isinstance(error, GeneratorError))
            why = self.redact(str(error))
            if isinstance(error, GeneratorError):
                self.money.pay("writing", name, error.tokens, error.cost_usd)
            with self.db.transaction():
                self._event("generator_failed", generator=name, error=why, status=getattr(error, "status", 0))
            self._services.met(generator, error, why)
            return self._failed(name, why)
        left = [order for order in orders if not order.served]
        if not left:
            return ""
        log.info("%s: left for the next generator: %d", name, len(left))
        answers = [answer for order in left for review in order.reviews for answer in review.made]
        if any(answer.candidates for answer in answers):
            return f"{name}: no candidate passed the checks"
        if not self.money.allows(generator):
            return ""  # not all of it was asked about
        return f"{name}: the material gives no post; the verb sources tells why"

    def _failed(self, name: str, why: str) -> str:
        """Keep that a generator is not asked again in this run; gives the words for it."""
        self._asked.failures[name] = why
        return f"{name}: {why}"

    def _event(self, kind: str, **about: Any) -> None:
        events.record(self.db, self.clock(), kind, bot=self.spec.bot, run_id=self.run_id, **about)

    def _serve(self, generator: Generator, order: Order, made: Sequence[Generation], time_left: TimeLeft) -> None:
        """Have checked and judged what a generator made; save the best as a draft, where it may go out."""
        paid = len(self.money.booked)
        for answer in made:
            self.money.pay("writing", answer.generator, answer.tokens_in + answer.tokens_out, answer.cost_usd)
        self._services.passed(generator)
        spec, is_writer = order.spec or self.spec, generator.name in self.spec.writers.names
        links = spec.delivery.links(order.choice.item)
        review = Review(
            spec=spec,
            brief=order.brief,
            made=list(made),
            writer=generator if is_writer and isinstance(generator, Answers) else None,
            judge=spec.writers.judge(generator),
            time_left=time_left,
            progress=self.progress,
            money=self.money,
            harm=order.harm,
        )
        order.reviews.append(review)  # what was paid for is kept in any case
        try:
            with self.stages("review", generator=generator.name):
                chosen = review.decide(self._context(order, links))
        finally:
            order.harm = review.harm
            order.charges += self.money.booked[paid:]
        if review.judge_failed:
            self._asked.failures[generator.name] = self.redact(review.judge_failed)
            self._services.met(getattr(review.judge, "who", None), review.judge_error, self.redact(review.judge_failed))
        elif review.judgements:
            self._services.passed(getattr(review.judge, "who", None))
        if is_writer and review.made:
            self._asked.used[generator.name] = chosen is not None or self._asked.used.get(generator.name, False)
        order.served = chosen is not None and self._save(order, chosen)

    def _context(self, order: Order, links: dict[str, str]) -> CheckContext:
        """What the checks must know. A post that makes way for another may be like it, and not the same."""
        context = briefing.context(self.db, order.spec or self.spec, order.brief, links, self.clock())
        if order.again is not None:
            context = replace(context, again=order.again.text)
        if order.instead_of is None:
            return context
        return replace(context, recent=tuple(text for text in context.recent if text != order.instead_of.text))

    def _save(self, order: Order, chosen: CheckedCandidate) -> bool:
        """Keep a candidate as a draft, one that is doubted for a person to decide on. False where a person was quicker
        with the same words, or where enough posts of its source wait."""
        choice, delivery, brief = order.choice, self.spec.delivery, order.brief
        links, platforms = delivery.links(choice.item), delivery.rules.platforms
        why = dict(choice.why)
        if not chosen.alone:  # a title says enough only where readers can follow the link
            left_out = [name for name in platforms if name not in links]
            why["left_out"] = dict.fromkeys(left_out, "without the link it can't be understood")
            platforms = tuple(name for name in platforms if name in links)
        waiting = (briefing.why_held(self.db, self.spec, item) for item in brief.items)
        held = chosen.held or "; ".join(filter(None, waiting))
        if held and choice.item.source in briefing.full_sources(self.db, self.spec.bot):
            return False
        parts = self._dressed(chosen.parts, choice.item, links, why)
        why["score"] = round(text_scoring.whole(text_scoring.rate(chosen.plain, brief, self.spec.style)), 3)
        status, reason, lifetime = self._standing(held, order.asks, parts, brief, why["score"])
        new = drafts.NewDraft(
            bot=self.spec.bot,
            origin="generator",
            parts=parts,
            platforms=platforms,
            lifetime=lifetime,
            language=_language(brief.persona, chosen.parts, brief.items),
            topic=choice.topic,
            format=choice.format,
            item_id=choice.item_id,
            run_id=self.run_id,
            choice=why,
            links=links,
            rules=RULES_EDITION,
            status=status,
            reason=self.redact(reason),
        )
        try:
            with self.db.transaction():
                new_id = self._add(new)
                self._record(order, new_id)
                if order.instead_of:
                    self._replace(order.instead_of, new_id, order.by)
        except TextKnown:
            return False
        except Changed:
            with self.db.transaction():
                self._record(order)  # what was paid for is kept in any case
            raise
        order.draft_id, order.held = new_id, bool(held)
        return True

    def _add(self, new: drafts.NewDraft) -> int:
        """Save a draft, and what it is part of, in the caller's transaction; gives its number."""
        new_id = drafts.add(self.db, new, self.clock())
        if part := new.choice.get("experiment"):
            experiments.add_post(self.db, part["id"], new_id, part["arm"])
        if old := new.choice.get("again_of"):
            offers.note(self.db, new.bot, old, new_id, self.clock())
        return new_id

    def _replace(self, old: Draft, new_id: int, by: Actor | None) -> None:
        """One draft makes way for another, in the caller's transaction; what waited for a person's yes has none in its
        new words either, and a date or a place in the queue that a person gave stays. Raises Changed where a person did
        something with it while the other was written."""
        if drafts.get(self.db, old.id) != old:
            raise Changed(old.id)
        now, told = self.clock(), by.on_record if by else {}
        reason = f"draft {new_id} was written in its place"
        drafts.move(self.db, old, DraftStatus.SKIPPED, now, reason=reason, by=by)
        events.record(self.db, now, "draft_regenerated", bot=old.bot, draft_id=old.id, new=new_id, **told)
        new = drafts.get(self.db, new_id)
        if new and old.due_at:
            drafts.date(self.db, new, old.due_at, None)
        elif new and old.lane is not None and old.rank is not None:
            drafts.put(self.db, new, old.lane, old.rank)
        new = drafts.get(self.db, new_id)
        if new and (old.status, new.status) == (DraftStatus.PENDING, DraftStatus.APPROVED):
            drafts.move(self.db, new, DraftStatus.PENDING, now, reason="it was written anew, and waits as the old one")

    def _standing(
        self, held: str, asks: str, parts: tuple[Part, ...], brief: Brief, score: float
    ) -> tuple[DraftStatus, str, timedelta]:
        """What a draft begins as, why, and how long it waits. `held`: why it needs attention, or ""; `asks`: why it
        needs a person's yes in any case."""
        if held:
            return DraftStatus.NEEDS_ATTENTION, "; ".join(filter(None, (asks, held))), self.spec.delivery.lifetime
        posts = drafts.went_out(self.db, self.spec.bot, self.approval.first)
        if why := asks or self.approval.why(Written(parts, brief.topic, brief.items, score, posts)):
            return DraftStatus.PENDING, why, self.approval.lifetime
        return DraftStatus.APPROVED, "", self.spec.delivery.lifetime

    def _dressed(self, texts: Sequence[str], item: Item, links: Mapping[str, str], why: Json) -> tuple[Part, ...]:
        """The parts with the item's picture on the first, and on the last a card of its address, where some platform
        shows it. `why` gets the reason for which there is no picture."""
        first, *others = plain(texts)
        picture = self.pictures.of_item(item) if self.pictures is not None else None
        if self.pictures is not None and self.pictures.why_not:
            why["no_picture"] = self.redact(self.pictures.why_not)
        *others, last = replace(first, media=(picture,) if picture else ()), *others
        specs = [SPECS[name] for name in links]
        is_shown = any(spec.takes_cards and not (spec.one_embed and last.media) for spec in specs)
        card = self.cards.of_item(item) if self.cards is not None and is_shown else None
        if card and last.media:
            card = replace(card, thumb=None)  # the post shows a picture already
        return (*others, replace(last, card=card))

    def _record(self, order: Order, draft_id: int | None = None) -> None:
        """Every answer for the brief, those that failed before the good one too."""
        if draft_id is not None:
            charges.assign(self.db, order.charges, draft_id)
        for review in order.reviews:
            for answer in (*review.judgements, *review.made):
                self.keep(answer, review.checked, draft_id, order.choice.item_id)

    def keep(
        self,
        answer: Generation,
        checked: Sequence[CheckedCandidate],
        draft_id: int | None = None,
        item_id: int | None = None,
        unchecked: str = Verdict.REJECTED,
    ) -> None:
        """Note an answer and what became of its candidates, inside a transaction; the best verdict on one is that on
        the answer, `unchecked` where it has none. A candidate that was turned down for a secret keeps it to itself."""
        mine = [self._printable(one) if one.violations else one for one in checked if one.generation is answer]
        verdict: str = min((one.verdict for one in mine), key=list(Verdict).index, default=unchecked)
        if answer.generator.startswith("judge "):
            verdict = "judged"
        log.debug("%s: %s; %d tokens in, %d out", answer.generator, verdict, answer.tokens_in, answer.tokens_out)
        for one in mine:
            rules = ", ".join(sorted({found.rule for found in one.violations}))
            log.debug(
                "%s: a candidate is %s, score %.2f: %s", answer.generator, one.verdict, one.score, rules or "sound"
            )
        shown = replace(answer, prompt=self.redact(answer.prompt), raw=self.redact(answer.raw))
        now, run_id = self.clock(), self.run_id
        generations.add(self.db, shown, mine, verdict, now, run_id=run_id, draft_id=draft_id, item_id=item_id)

    def _printable(self, one: CheckedCandidate) -> CheckedCandidate:
        violations = tuple(replace(found, message=self.redact(found.message)) for found in one.violations)
        return replace(one, parts=tuple(map(self.redact, one.parts)), violations=violations)


def _language(persona: Persona, parts: Sequence[str], items: Sequence[Item]) -> str:
    """The language that a draft is in: the bot's, or where that is "any" the text's own."""
    if persona.language != "any":
        return persona.language
    declared = next((item.language for item in items if item.language), "")
    return language.detect(" ".join(parts)) or declared or "en"
