"""Settings -> objects: platforms, run context, writers, checks. Nothing opens, and nothing heavy is imported, before a
part is used. Which class serves a generator's name is in `providers`, and a platform's in `platforms`."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from twitter_manager import providers
from twitter_manager.budget import MoneyBudget, TimeBudget
from twitter_manager.content import Media
from twitter_manager.delivery import Policy as DeliveryPolicy
from twitter_manager.domain import Brief, Clock, Generator, Platform, Progress, TimeLeft
from twitter_manager.errors import GeneratorError, Problem
from twitter_manager.media import MediaStore
from twitter_manager.pipeline import elsewhere, holding
from twitter_manager.pipeline.approval import Approval
from twitter_manager.pipeline.context import READS_NOTHING, Calendar, RunContext, bounds_of
from twitter_manager.pipeline.pool_writer import PoolWriter
from twitter_manager.pipeline.rehearsal import NullPlatform, RehearsalOutbox, RehearsalWriter
from twitter_manager.pipeline.spending import Budget, left_of_budget
from twitter_manager.platforms import SPECS
from twitter_manager.platforms.spec import PlatformContext
from twitter_manager.redaction import Redactor
from twitter_manager.settings import Bot, Embeddings, Generators, Provider, Settings
from twitter_manager.sources import NOTES
from twitter_manager.stages import Stages
from twitter_manager.store import charges, drafts, passages, schema
from twitter_manager.store.database import Database

if TYPE_CHECKING:
    from twitter_manager.checks import CheckContext, Policy
    from twitter_manager.pipeline.cards import CardMaker
    from twitter_manager.pipeline.collect import Collector
    from twitter_manager.pipeline.experimenting import Experimenter
    from twitter_manager.pipeline.fill import PoolFiller
    from twitter_manager.pipeline.index import Indexer
    from twitter_manager.pipeline.pictures import PictureMaker
    from twitter_manager.retrieval.embedder import Embedder
    from twitter_manager.retrieval.retrieval import Retrieval
    from twitter_manager.sources.fetch import Fetcher
    from twitter_manager.writing.judge import Judge
    from twitter_manager.writing.learned import Learned
    from twitter_manager.writing.post_spec import PostSpec
    from twitter_manager.writing.style import Style

log = logging.getLogger(__name__)

INDEXING = 0.25
"""A run spends at most this share of the time it has left on indexing."""
INDEXING_WHILE_A_POST_WAITS = 0.07
"""The same where the slot has no post yet."""
NO_INSTALLATION = "0" * 32
"""Stands for the installation's UUID where nothing is published."""


@dataclass(frozen=True, slots=True)
class Factory:
    """Makes what one invocation of the program works with. A model is loaded once: what was made from the same settings
    is kept."""

    settings: Settings
    progress: Progress
    redactor: Redactor
    clock: Clock
    tell: Callable[[str], None]
    """Takes what a person should hear beside the outcome."""
    unbooked: list[charges.Charge] = field(default_factory=list)
    """What platforms charged where no database was given to `platforms`: whoever asked has it written down."""
    _generators: dict[Generators, list[tuple[Generator, int]]] = field(default_factory=dict)
    _judges: dict[Generators, Callable[[Generator], Judge | None]] = field(default_factory=dict)
    _embedders: dict[tuple[Embeddings, Provider | None], Embedder | None] = field(default_factory=dict)

    def run_context(self, db: Database, bot: Bot) -> RunContext:
        """What a run of this bot works with."""
        time_left, notes, stages = TimeBudget.of(self.settings.run_seconds), list[str](), Stages()
        filler = partial(
            self.pool_filler, db, bot, bot.generators, time_left, notes, tell=self.tell, lasting=True, stages=stages
        )
        return RunContext(
            bot=bot.name,
            db=db,
            platforms=self.platforms(bot, db),
            calendar=Calendar.of(bot),
            bounds=bounds_of(bot),
            budget=Budget.of(bot),
            policy=DeliveryPolicy(
                settle=timedelta(minutes=self.settings.settle_minutes),
                hold_when_unsure=self.settings.unsure == "hold",
            ),
            pool=bot.pool_size,
            approval=Approval.of(bot),
            answers=bot.answers,
            listen=bot.listen,
            writer=self._writer(db, bot, filler),
            filler=filler if providers.judged_writers(bot.generators) else None,
            clock=self.clock,
            sleep=time.sleep,
            time_left=time_left,
            run_time=timedelta(seconds=self.settings.run_seconds),
            progress=self.progress,
            redact=self.redacted,
            pictures=MediaStore.of(self.settings.data).fitted,
            notes=notes,
            stages=stages,
        )

    def rehearsal(self, db: Database, bot: Bot) -> RunContext:
        """The same for a dry run, on a copy of the database: nothing is published, and no time goes into the index."""
        real = self.run_context(db, bot)
        filler = partial(self.pool_filler, db, bot, bot.generators, real.time_left, real.notes)
        return replace(
            real,
            platforms={name: NullPlatform(platform) for name, platform in real.platforms.items()},
            writer=RehearsalWriter(self._writer(db, bot, filler)),
            listen=READS_NOTHING,
            filler=None,
            outbox=RehearsalOutbox,
            progress=lambda line: None,  # nothing is sent, and nothing may look as if it were
        )

    def _writer(self, db: Database, bot: Bot, filler: Callable[[int], PoolFiller]) -> PoolWriter:
        spec = partial(post_spec, bot, self.settings.secrets, db)
        return PoolWriter(bot, db, self.clock, self.redacted, filler, spec, partial(self.experimenter, bot, db))

    def experimenter(self, bot: Bot, db: Database) -> Experimenter:
        """What runs the bot's experiment."""
        from twitter_manager.pipeline.experimenting import Experimenter

        return Experimenter(db, bot, bot_folder(bot.name, self.settings.home), self.clock)

    def platforms(self, bot: Bot, db: Database | None = None) -> dict[str, Platform]:
        """The platforms that are on for this bot, by name. `db`: needed where something is published or taken down."""
        context = PlatformContext(
            bot=bot.name,
            title=bot.persona.name or ("" if bot.name == "default" else bot.name),
            language=bot.persona.language,
            data=self.settings.data,
            installation=schema.installation_id(db) if db else NO_INSTALLATION,
            clock=self.clock,
            time_zone=bot.time_zone,
            elsewhere=partial(elsewhere.of_feed, db, bot.name) if db else dict,
        )
        return {
            name: SPECS[name].make(
                bot.credentials.get(name), replace(context, charge=partial(self._charge, db, bot.name, name))
            )
            for name in bot.platforms_on
        }

    def _charge(self, db: Database | None, bot: str, platform: str, kind: str, units: int, usd: float) -> None:
        """See `platforms.spec.Charge`. Without a database to write to it stays in `unbooked`."""
        if db is not None:
            self._book(db, bot, None, kind, platform, units, usd)
        elif usd > 0:
            self.unbooked.append(charges.Charge(self.clock(), bot, platform, kind, units, usd))

    def pool_filler(
        self,
        db: Database,
        bot: Bot,
        chosen: Generators,
        time_left: TimeLeft,
        notes: list[str],
        run_id: int | None,
        *,
        tell: Callable[[str], None] = lambda line: None,
        lasting: bool = False,
        stages: Stages | None = None,
    ) -> PoolFiller:
        """What writes by these generators. `lasting`: the drafts are kept, so their pictures are too, and what is
        collected is made comparable in meaning."""
        from twitter_manager.pipeline.fill import PoolFiller

        now = self.clock()
        standing = partial(left_of_budget, db, bot.name, Budget.of(bot), self.platforms(bot))
        money = MoneyBudget(standing(now).left, partial(self._book, db, bot.name, run_id))
        retrieval = self.retrieval(bot, db)
        slot_is_open = drafts.slot_filled(db, bot.name, Calendar.of(bot).slot_at(now)) is None
        cards = self.card_maker(bot, db, time_left, lasting=lasting)
        fraction = INDEXING_WHILE_A_POST_WAITS if slot_is_open else INDEXING
        approval = Approval.of(bot)
        spec, needing = holding.spared(db, self._spec(db, bot, chosen, retrieval), approval, bot.pool_size, now)
        return PoolFiller(
            db=db,
            spec=spec,
            generators=self._generators_of(chosen),
            run_id=run_id,
            seed=random.SystemRandom().randrange(2**31),
            clock=self.clock,
            time_left=time_left,
            progress=self.progress,
            redact=self.redacted,
            notes=notes,
            tell=tell,
            money=money,
            used_up=lambda: standing(self.clock()).words,
            approval=approval,
            without=needing,
            collector=self.collector(bot, db, time_left, run_id),
            cards=cards,
            pictures=self.picture_maker(bot, cards),
            experimenter=self.experimenter(bot, db),
            indexer=self.indexer(retrieval, time_left, money, fraction, run_id) if lasting and retrieval else None,
            stages=stages or Stages(),
        )

    def _spec(self, db: Database, bot: Bot, chosen: Generators, retrieval: Retrieval | None) -> PostSpec:
        from twitter_manager.pipeline import learned

        return post_spec(
            bot,
            self.settings.secrets,
            db,
            templates=templates(bot.name, self.settings.home),
            retrieval=retrieval,
            judge=self._judge_of(chosen),
            learned=learned.for_choosing(db, bot, self.clock()),
        )

    def _book(
        self, db: Database, bot: str, run_id: int | None, kind: str, service: str, units: int, usd: float
    ) -> int | None:
        """See `budget.Book`."""
        with db.transaction():
            return charges.add(db, charges.Charge(self.clock(), bot, service, kind, units, usd, run_id))

    def collector(self, bot: Bot, db: Database, time_left: TimeLeft, run_id: int | None = None) -> Collector:
        """What looks at the bot's sources."""
        from twitter_manager.pipeline.collect import Collector

        return Collector(
            db,
            bot.name,
            bot.sources,
            fetcher,
            self.clock,
            time_left,
            self.progress,
            self.redacted,
            run_id,
            self.redactor.holds_configured,
        )

    def card_maker(self, bot: Bot, db: Database, time_left: TimeLeft, *, lasting: bool = True) -> CardMaker:
        """What makes the cards of addresses. `lasting`: their pictures are kept."""
        from twitter_manager.pipeline.cards import CardMaker
        from twitter_manager.pipeline.outside import Outside

        rules = check_context(bot, self.settings.secrets)
        keep = MediaStore.of(self.settings.data).save if lasting else _keep_nothing
        return CardMaker(db, rules, Outside(fetcher, time_left), keep, self.clock, self.progress)

    def picture_maker(self, bot: Bot, cards: CardMaker) -> PictureMaker:
        """What makes the pictures of material, by what fetches and keeps for the cards."""
        from twitter_manager.pipeline.pictures import PictureMaker

        rules = replace(cards.rules, platforms=bot.platforms_on)
        return PictureMaker({source.name: source for source in bot.sources}, rules, cards.outside, cards.keep)

    def indexer(
        self,
        retrieval: Retrieval,
        time_left: TimeLeft,
        money: MoneyBudget | None = None,
        fraction: float = 1.0,
        run_id: int | None = None,
    ) -> Indexer:
        """What makes new material comparable in meaning. `fraction`: of the time that is left when it begins."""
        from twitter_manager.pipeline.index import Indexer

        db, money = retrieval.db, money or MoneyBudget()
        zone = next((bot.time_zone for bot in self.settings.bots if bot.name == retrieval.bot), "UTC")
        return Indexer(
            retrieval, db, self.clock, time_left, fraction, money, self.progress, self.redacted, run_id, zone
        )

    def retrieval(self, bot: Bot, db: Database) -> Retrieval | None:
        """The bot's vectors; None for one of notes alone. A model that is not there is told in the log, and nothing is
        compared in meaning."""
        embedder = self.embedder(bot)
        if embedder is None or not (has_more_than_notes(bot) or passages.has_retired(db, bot.name)):
            return None
        from twitter_manager.retrieval.retrieval import Retrieval

        try:
            return Retrieval(db, bot.name, embedder) if embedder.model else None
        except GeneratorError as error:
            log.warning("texts are not compared in meaning: %s", error)
            return None

    def embedder(self, bot: Bot) -> Embedder | None:
        """What compares this bot's texts in meaning."""
        chosen = bot.generators
        made_from = (chosen.embeddings, chosen.openai if chosen.embeddings.kind == "openai" else None)
        if made_from not in self._embedders:
            self._embedders[made_from] = providers.embedder(chosen, self.settings.models, self.progress)
        return self._embedders[made_from]

    def _generators_of(self, chosen: Generators) -> list[tuple[Generator, int]]:
        """The generators that can be asked, each with how many candidates it makes."""
        if chosen not in self._generators:
            self._generators[chosen] = providers.generators(chosen, self.settings.models)
        left_out = [name for name in chosen.order if name not in chosen.usable]
        if left_out:
            log.info("generators without a key or their packages are left out: %s", ", ".join(left_out))
        return self._generators[chosen]

    def _judge_of(self, chosen: Generators) -> Callable[[Generator], Judge | None]:
        if chosen not in self._judges:
            self._judges[chosen] = providers.judges(chosen, self.settings.models, self.progress)
        return self._judges[chosen]

    def redacted(self, text: str) -> str:
        """Without secrets, and without half characters, which services may send and the database can't keep."""
        return self.redactor.redact(text).encode("utf-8", "replace").decode()


def _keep_nothing(media: Media, content: bytes) -> None:
    """For posts that are only shown."""


def fetcher(time_left: TimeLeft) -> Fetcher:
    """The one client that fetches what others wrote."""
    from twitter_manager.sources.fetch import Fetcher

    return Fetcher(sleep=time.sleep, monotonic=time.monotonic, time_left=time_left)


def has_more_than_notes(bot: Bot) -> bool:
    """Whether the bot has sources of other material than notes."""
    return any(source.kind not in NOTES for source in bot.sources)


def post_spec(
    bot: Bot,
    secrets: tuple[str, ...],
    db: Database,
    *,
    templates: str = "",
    retrieval: Retrieval | None = None,
    judge: Callable[[Generator], Judge | None] = lambda generator: None,
    learned: Mapping[str, Learned] | None = None,
) -> PostSpec:
    """What the bot's posts are made from and how. `templates`: see `templates`; without `retrieval` nothing is compared
    in meaning; `judge`: see `providers.judges`; `learned`: see `writing.topics.Rules`."""
    from twitter_manager.pipeline.index import meaning
    from twitter_manager.writing import post_spec as specs
    from twitter_manager.writing.topics import Rules

    writer_names = providers.writers(bot.generators)
    return specs.PostSpec(
        bot=bot.name,
        material=specs.Material(
            rules=Rules(
                bot.topics,
                bot.formats,
                timedelta(days=bot.item_rest_days),
                time_zone=bot.time_zone,
                learned=learned or {},
            ),
            trusts={source.name: source.trust for source in bot.sources},
            pictured=frozenset(source.name for source in bot.sources if source.images),
        ),
        blank=_blank(bot, templates),
        style=style(bot),
        delivery=specs.Delivery(
            rules=check_context(bot, secrets, lambda digest: drafts.text_known(db, digest)),
            lifetime=timedelta(hours=bot.draft_ttl_hours),
            carrying=bot.platforms_on,
            hashtags=bot.hashtags,
            signature=bot.signature,
            numbered=bot.threads.numbered,
        ),
        writers=specs.Writers(
            names=writer_names,
            first=any(name in writer_names for name in bot.generators.usable[:1]),
            judge=judge,
            unjudged=providers.unjudged(bot.generators),
        ),
        meaning=specs.Meaning() if retrieval is None else meaning(retrieval),
    )


def _blank(bot: Bot, templates: str) -> Brief:
    """A brief that says nothing yet of what to write about."""
    return Brief(
        bot=bot.name,
        topic="",
        format="",
        items=(),
        persona=bot.persona,
        max_chars=0,
        seed=0,
        templates=templates,
        tone=bot.style.tone,
        platforms=bot.platforms,
    )


def check_context(
    bot: Bot,
    secrets: tuple[str, ...],
    used: Callable[[str], bool] = lambda digest: False,
    *,
    platforms: tuple[str, ...] | None = None,
    material: tuple[str, ...] | None = None,
) -> CheckContext:
    """What the checks need to know. No material: a person wrote the text, and `operations.repeating` looks at `used`
    words."""
    from twitter_manager.checks import CheckContext

    return CheckContext(
        platforms=bot.platforms if platforms is None else platforms,
        policy=policy(bot),
        limits=bot.limits_there,
        material=material,
        written_by_model=material is not None,
        used_hashes=used,
        secrets=secrets,
        language=bot.persona.language,
    )


def policy(bot: Bot) -> Policy:
    """What the bot's person allows in a post."""
    from twitter_manager.checks import Policy

    return Policy(
        blocked_terms=bot.blocked_terms,
        links=bot.links,
        link_params=bot.link_params,
        max_links=bot.max_links,
        max_mentions=bot.max_mentions,
        allowed_mentions=bot.allowed_mentions,
        max_hashtags=bot.max_hashtags,
        allow_profanity=bot.allow_profanity,
        allowed_personal=bot.allowed_personal,
        fresh_days=bot.fresh_days,
        tone=bot.style.tone,
        fidelity=bot.fidelity,
        max_chars=bot.style.max_chars,
    )


def bot_folder(bot: str, home: Path) -> Path:
    """Where a bot's own templates lie."""
    return home / "data" / "bots" / bot


def templates(bot: str, home: Path) -> str:
    """The folder of the bot's own prompt templates; "" where it has none."""
    folder = bot_folder(bot, home) / "templates"
    return str(folder) if folder.is_dir() else ""


def template_problems(home: Path) -> list[Problem]:
    """What is wrong with any bot's own prompt templates."""
    found: list[Problem] = []
    for folder in sorted((home / "data" / "bots").glob("*/templates")):
        from twitter_manager.writing import brief

        where = str(folder.relative_to(home))
        try:
            found += brief.template_problems(folder, where)
        except OSError as error:
            found.append(Problem(where, "", f"can't be read ({error.strerror}).", "Mend it, or remove it."))
    return found


def style(bot: Bot) -> Style | None:
    """How the bot's person writes, learned anew at each refill; None without a file, or without a model that
    writes. A file that is bad is a warning: the posts come about without it."""
    from twitter_manager.writing.style import BadSample, learn

    if bot.style.learn_from is None or not providers.writers(bot.generators):
        return None
    try:
        return learn(bot.style.learn_from)
    except BadSample as error:
        log.warning("the style is not learned: %s", error)
        return None
