"""Which class serves which name, made from a bot's settings: platforms, generators, the recipe of its posts.

A provider is one function here and one line in a table. Nothing heavy is imported, and nothing is asked, before a part
is used.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from twitter_manager import schedule
from twitter_manager.domain import (
    Clock,
    Generator,
    Item,
    Json,
    Outgoing,
    Platform,
    Progress,
    Receipt,
    RemotePost,
    TimeLeft,
)
from twitter_manager.errors import GeneratorError, Problem, StoreError
from twitter_manager.run import Calendar
from twitter_manager.settings import Bot, Generators, Settings
from twitter_manager.settings.records import PAID, WRITER
from twitter_manager.sources import NOTES
from twitter_manager.store import drafts, passages
from twitter_manager.store.database import Database

if TYPE_CHECKING:
    from twitter_manager.checks import CheckContext, Policy
    from twitter_manager.collecting import Collecting
    from twitter_manager.retrieval.embedder import Embedded, Embedder
    from twitter_manager.retrieval.indexing import Counts
    from twitter_manager.retrieval.retrieval import Retrieval
    from twitter_manager.sources.fetch import Fetcher
    from twitter_manager.writing.critic import Critic
    from twitter_manager.writing.generators.remote import RemoteGenerator
    from twitter_manager.writing.refill import Recipe, Refill
    from twitter_manager.writing.style import Style

log = logging.getLogger(__name__)

T = TypeVar("T")

OTHERS = 200
"""How many of the other bots' newest posts a new one is compared with: X forbids nearly the same on two accounts."""
LOCAL_CANDIDATES, PAID_CANDIDATES = 8, 2
"""How many candidates are made for one post: a local model makes them in one batch, a paid one is asked that often."""
NO_KEY = {"claude": "no ANTHROPIC_API_KEY", "openai": "no OPENAI_API_KEY"}
BACKGROUND, NEAR_POSTS = 3, 3
"""How many passages of other material, and how many old posts, a brief holds at most."""
INDEXING, WHILE_A_POST_WAITS = 0.25, 0.07
"""A run spends at most this share of the time it has left on indexing."""
LOADS_A_MODEL = ("huggingface",)
"""The generators that take seconds and memory before their first word."""


# -- platforms -----------------------------------------------------------------------------------------


def platforms(bot: Bot, settings: Settings, installation: str, clock: Clock) -> dict[str, Platform]:
    """The platforms that are on for this bot, by name."""
    makers: Mapping[str, Callable[[], Platform]] = {
        "x": lambda: _x(bot, clock),
        "bluesky": lambda: _bluesky(bot, settings, clock),
        "feed": lambda: _feed(bot, settings, installation, clock),
    }
    return {name: makers[name]() for name in bot.platforms_on}


def _x(bot: Bot, clock: Clock) -> Platform:
    from twitter_manager.platforms.x import X

    keys = bot.credentials.x
    assert keys is not None
    return X(keys.api_key, keys.api_secret, keys.access_token, keys.access_secret, clock=clock, base_url=keys.base_url)


def _bluesky(bot: Bot, settings: Settings, clock: Clock) -> Platform:
    from twitter_manager.checks import facets
    from twitter_manager.platforms.bluesky import Bluesky

    keys = bot.credentials.bluesky
    assert keys is not None
    return Bluesky(
        keys.identifier,
        keys.password,
        session_file=settings.data / "sessions" / f"bluesky-{bot.name}",
        clock=clock,
        facets=facets,
        service_url=keys.service_url,
    )


def _feed(bot: Bot, settings: Settings, installation: str, clock: Clock) -> Platform:
    import uuid

    from twitter_manager.platforms.feed import Feed

    name = bot.persona.name or bot.name
    return Feed(
        settings.feed(bot.name),
        title=name,
        feed_id=uuid.uuid5(uuid.UUID(installation), bot.name).urn,
        author=name,
        language=bot.persona.language,
        clock=clock,
    )


@dataclass(frozen=True, slots=True)
class ShowOnly:
    """A platform for a dry run: it takes everything, sends nothing and asks nothing."""

    real: Platform
    definite: bool = True

    @property
    def name(self) -> str:
        return self.real.name

    @property
    def account(self) -> str:
        return self.real.account

    def price(self, text: str) -> float:
        return self.real.price(text)

    def prepare(self, post: Outgoing) -> Json:
        return {"text": post.text, "delivery": post.delivery_id}

    def publish(self, request: Json) -> Receipt:
        return Receipt(f"dry-run-{request['delivery']}", "")

    def look_up(self, request: Json, since: datetime, claimed: frozenset[str]) -> Receipt | None:
        return None

    def recent(self, since: datetime, limit: int = 100) -> list[RemotePost]:
        return []

    def delete(self, remote_id: str) -> None:
        return None

    def verify(self) -> str:
        return "dry run"


def calendar(bot: Bot) -> Calendar:
    """The bot's time table."""
    zone, quiet = bot.time_zone, bot.limits.quiet_hours
    return Calendar(
        slot_at=lambda now: schedule.slot_at(now, bot.schedule, zone),
        next_slot=lambda now: schedule.next_slot(now, bot.schedule, zone),
        day_start=lambda now: schedule.local_day_start(now, zone),
        quiet_until=lambda now: schedule.quiet_ends(now, quiet, zone),
    )


# -- generators ----------------------------------------------------------------------------------------


def generators(chosen: Generators, models: Path) -> list[tuple[Generator, int]]:
    """The generators that can be asked, in order, each with how many candidates it makes for one post."""
    makers: Mapping[str, Callable[[], tuple[Generator, int]]] = {
        "huggingface": lambda: (_huggingface(chosen, models), LOCAL_CANDIDATES),
        "claude": lambda: (_claude(chosen), PAID_CANDIDATES),
        "openai": lambda: (_openai(chosen), PAID_CANDIDATES),
        "excerpt": lambda: (_excerpt(), LOCAL_CANDIDATES),
    }
    return [makers[name]() for name in chosen.usable]


def that_write(chosen: Generators) -> Generators:
    """Those of the generators that can answer a person's own words; the local model writes then."""
    order = tuple(name for name in chosen.order if name != "excerpt")
    return replace(chosen, order=order, huggingface=replace(chosen.huggingface, writing="write"))


def _huggingface(chosen: Generators, models: Path) -> Generator:
    from twitter_manager.writing.generators.huggingface import HuggingFace, Writing

    local = chosen.huggingface
    writing: Writing = "write" if local.writing == "write" else "choose"  # only a person can call a model able
    return HuggingFace(models, local.model, local.revision, writing, threads=local.threads or None)


def _claude(chosen: Generators) -> RemoteGenerator:
    from twitter_manager.writing.generators.claude import Claude

    provider = chosen.claude
    assert provider is not None
    return Claude(provider.api_key, provider.model, provider.base_url, provider.price)


def _openai(chosen: Generators) -> RemoteGenerator:
    from twitter_manager.writing.generators.openai import OpenAI

    provider = chosen.openai
    assert provider is not None
    return OpenAI(provider.api_key, provider.model, provider.base_url, provider.price)


def _excerpt() -> Generator:
    from twitter_manager.writing.generators.excerpt import Excerpt

    return Excerpt()


# -- posts ---------------------------------------------------------------------------------------------


def check_context(
    bot: Bot,
    secrets: tuple[str, ...],
    used: Callable[[str], bool],
    *,
    platforms: tuple[str, ...] | None = None,
    material: tuple[str, ...] | None = None,
    recent: tuple[str, ...] = (),
) -> CheckContext:
    """What the checks need to know. No material: a person wrote the text."""
    from twitter_manager.checks import CheckContext

    return CheckContext(
        platforms=bot.platforms if platforms is None else platforms,
        policy=policy(bot),
        material=material,
        recent=recent,
        used_hashes=used,
        secrets=secrets,
        written_by_model=material is not None,
        language=bot.persona.language,
    )


def policy(bot: Bot) -> Policy:
    """What the bot's person allows in a post."""
    from twitter_manager.checks import Policy

    return Policy(
        blocked_terms=bot.blocked_terms,
        links=bot.links,
        max_links=bot.max_links,
        max_mentions=bot.max_mentions,
        allowed_mentions=bot.allowed_mentions,
        max_hashtags=bot.max_hashtags,
        allow_profanity=bot.allow_profanity,
        allowed_personal=bot.allowed_personal,
        fresh_days=bot.fresh_days,
        tone=bot.style.tone,
        max_chars=bot.style.max_chars,
    )


def recipe(
    bot: Bot,
    secrets: tuple[str, ...],
    db: Database,
    templates: str = "",
    retrieval: Retrieval | None = None,
    *,
    index: float = 0.0,
) -> Recipe:
    """What the bot's posts are made from and how. `templates`: see `templates`; without `retrieval` nothing is compared
    in meaning; `index`: in which share of the time left what is collected is made comparable too."""
    from twitter_manager.checks import dressing
    from twitter_manager.writing.brief import POST_CHARS
    from twitter_manager.writing.refill import Recipe
    from twitter_manager.writing.topics import Topic

    def links(item: Item) -> dict[str, str]:
        """With what was fetched its address goes along; a note's own words say all."""
        return {} if item.kind == "note" else dressing.links(item.url, bot.platforms_on, policy(bot))

    tail = " ".join(f"#{tag.lstrip('#')}" for tag in bot.hashtags) + bot.signature
    appended = len(tail) + 2 if tail else 0
    wished = bot.style.max_chars or POST_CHARS

    def context(material: tuple[str, ...] | None, recent: tuple[str, ...]) -> CheckContext:
        known = lambda digest: drafts.text_known(db, digest)  # noqa: E731
        others = drafts.texts_of_others(db, bot.name, OTHERS)
        return check_context(bot, secrets, known, material=material, recent=(*recent, *others))

    made = Recipe(
        bot=bot.name,
        persona=bot.persona,
        topics=[Topic(name, weight) for name, weight in bot.topics.items()],
        formats=bot.formats,
        platforms=bot.platforms,
        links=links,
        room=lambda links: min(dressing.room(bot.platforms, links) or POST_CHARS, wished) - appended,
        tone=bot.style.tone,
        hashtags=bot.hashtags,
        signature=bot.signature,
        lifetime=timedelta(hours=bot.draft_ttl_hours),
        rest=timedelta(days=bot.item_rest_days),
        collect=lambda refill, news_only: _collect(bot, refill, news_only, retrieval, index),
        context=context,
        fits=lambda text: all(fits(text, name) for name in bot.platforms),
        writes=any(name in _writers(bot.generators) for name in bot.generators.usable[:1]),
        numbered=bot.threads.numbered,
        templates=templates,
        style=style(bot),
        critic=_critic(bot.generators),
        second_look=bot.generators.critic == WRITER,
        able=_able(bot.generators),
    )
    return made if retrieval is None else _with_meaning(made, retrieval)


def templates(bot: str, home: Path) -> str:
    """The folder of the bot's own prompt templates; "" where it has none."""
    folder = home / "data" / "bots" / bot / "templates"
    return str(folder) if folder.is_dir() else ""


def _critic(chosen: Generators) -> Critic | None:
    """The critic; None where it is off, the model that wrote, or has no key (which is told in the log)."""
    if chosen.critic in ("", WRITER):
        return None
    if lacking := lacking_critic(chosen):
        log.warning("%s", lacking)
        return None
    from twitter_manager.writing.critic import Critic

    return Critic(_service(chosen, chosen.critic))


def _service(chosen: Generators, name: str) -> RemoteGenerator:
    return _claude(chosen) if name == "claude" else _openai(chosen)


def style(bot: Bot) -> Style | None:
    """How the bot's person writes, learned anew at each refill; None without a file, or without a model that
    writes. A file that is bad is a warning: the posts come about without it."""
    from twitter_manager.writing.style import BadSample, learn

    if bot.style.learn_from is None or not _writers(bot.generators):
        return None
    try:
        return learn(bot.style.learn_from)
    except BadSample as error:
        log.warning("the style is not learned: %s", error)
        return None


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


def _writers(chosen: Generators) -> tuple[str, ...]:
    """The generators whose model writes texts of its own."""
    own = PAID if chosen.huggingface.writing != "write" else (*PAID, "huggingface")
    return tuple(name for name in chosen.usable if name in own)


def _able(chosen: Generators) -> tuple[str, ...]:
    """Those that write and can answer questions too: the bundled model is too small for that."""
    return tuple(name for name in _writers(chosen) if name != "huggingface" or chosen.huggingface.model)


def fits(text: str, platform: str) -> bool:
    """True when the text is within the platform's limit."""
    from twitter_manager.checks import length as measured

    length, limit = measured(text, platform)
    return limit is None or length <= limit


def collecting(
    bot: Bot,
    db: Database,
    clock: Clock,
    time_left: TimeLeft,
    progress: Progress,
    redact: Callable[[str], str],
    run_id: int | None = None,
) -> Collecting:
    """The bot's sources, ready to be looked at."""
    from twitter_manager.collecting import Collecting

    return Collecting(db, bot.name, bot.sources, fetcher, clock, time_left, progress, redact, run_id)


def fetcher(time_left: TimeLeft) -> Fetcher:
    """The one client that fetches what others wrote."""
    from twitter_manager.sources.fetch import Fetcher

    return Fetcher(sleep=time.sleep, monotonic=time.monotonic, time_left=time_left)


def has_fast_news(bot: Bot) -> bool:
    """Whether news can be written about at once: there is a source of it, and a generator that loads no model."""
    from twitter_manager.collecting import NEWS

    return any(source.kind in NEWS for source in bot.sources) and bool(set(bot.generators.usable) - {*LOADS_A_MODEL})


def _collect(bot: Bot, refill: Refill, news_only: bool, retrieval: Retrieval | None, index: float) -> list[str]:
    """Look at the sources that are due, and index what they gave; not so for news alone, which waits for no model."""
    from twitter_manager.collecting import NEWS

    made = collecting(bot, refill.db, refill.clock, refill.time_left, refill.progress, refill.redact, refill.run_id)
    looked = made.collect(kinds=NEWS if news_only else ())
    trouble = [f"{one.source.name}: {line}" for one in looked for line in (one.error, *one.warnings) if line]
    return trouble + ([] if news_only or retrieval is None or not index else _index(retrieval, refill, index))


# -- meaning -------------------------------------------------------------------------------------------


def embedder(chosen: Generators, models: Path, progress: Progress) -> Embedder | None:
    """What turns texts into vectors; None where that is off, or lacks its key (which is told in the log)."""
    asked = chosen.embeddings
    if not asked.kind:
        return None
    if lacking := lacking_embedder(chosen):
        log.warning("%s", lacking)
        return None
    if asked.kind == "openai":
        from twitter_manager.retrieval.remote import OpenAIEmbedder

        provider = chosen.openai
        assert provider is not None
        return OpenAIEmbedder(provider.api_key, asked.model, provider.base_url)
    from twitter_manager.retrieval.local import LocalEmbedder

    threads = chosen.huggingface.threads or None
    return LocalEmbedder(models, asked.model, asked.revision, threads=threads, progress=progress)


def has_more_than_notes(bot: Bot) -> bool:
    """Whether the bot has sources of other material than notes."""
    return any(source.kind not in NOTES for source in bot.sources)


def lacking_embedder(chosen: Generators) -> str:
    """What is wrong with a service for embeddings that has no key; "" where nothing is."""
    if chosen.embeddings.kind != "openai" or chosen.openai is not None:
        return ""
    return f"EMBEDDINGS=openai, but {NO_KEY['openai']}: texts are not compared in meaning"


def retrieval(bot: Bot, db: Database, embedder: Embedder | None) -> Retrieval | None:
    """The bot's vectors; None for one of notes alone. A model that is not there is told in the log, and nothing is
    compared in meaning."""
    if embedder is None or not (has_more_than_notes(bot) or passages.has_retired(db, bot.name)):
        return None
    from twitter_manager.retrieval.retrieval import Retrieval

    try:
        return Retrieval(db, bot.name, embedder) if embedder.model else None
    except GeneratorError as error:
        log.warning("texts are not compared in meaning: %s", error)
        return None


def _with_meaning(made: Recipe, retrieval: Retrieval) -> Recipe:
    """The recipe with the answers of the index. Trouble with it is no reason to write nothing."""
    none: tuple[str, ...] = ()
    return replace(
        made,
        likeness=lambda item: _answer(lambda: retrieval.likeness(item), 0.0),
        background=lambda numbers: _answer(lambda: retrieval.related(numbers, BACKGROUND), none),
        near=lambda numbers: _answer(lambda: retrieval.near_posts(numbers, NEAR_POSTS), none),
    )


def _answer(ask: Callable[[], T], otherwise: T) -> T:
    try:
        return ask()
    except StoreError:
        raise
    except Exception as error:  # a numerical library that can't be loaded, an index that has no room in memory
        log.warning("texts are not compared in meaning: %s", error, exc_info=True)
        return otherwise


def _index(retrieval: Retrieval, refill: Refill, share: float) -> list[str]:
    """Index what is new in this share of the time; gives what went wrong, which is no reason to write nothing."""
    from twitter_manager.domain import Generation
    from twitter_manager.store import generations

    reserved = refill.time_left() * (1 - share)

    def paid(embedded: Embedded, texts: int) -> None:
        if retrieval.embedder.free:
            return
        refill.usd_left -= embedded.cost_usd
        made = Generation(
            generator="openai",
            model=retrieval.embedder.model,
            revision="",
            seed=None,
            prompt=f"embeddings of {texts} texts",
            raw="",
            candidates=(),
            tokens_in=embedded.tokens,
            cost_usd=embedded.cost_usd,
            seconds=embedded.seconds,
        )
        generations.add(refill.db, made, (), "embedded", refill.clock(), run_id=refill.run_id)

    def update() -> Counts:
        left = lambda: refill.time_left() - reserved  # noqa: E731
        return retrieval.update(refill.progress, left, paid, may_ask=lambda: refill.usd_left > 0)

    return update_index(update, refill.redact)[1]


def update_index(update: Callable[[], Counts], redact: Callable[[str], str]) -> tuple[int, list[str]]:
    """Do an update of the index; gives how much is left, and what went wrong: posts come about without it."""
    try:
        return update().left, []
    except StoreError:
        raise
    except Exception as error:
        log.warning("the index is not up to date: %s", error, exc_info=not isinstance(error, GeneratorError))
        return 0, [redact(f"the index is not up to date: {error}")]


# -- for status and doctor -----------------------------------------------------------------------------


def describe(bot: Bot, settings: Settings) -> Json:
    """What each platform and generator of a bot is set up to do."""
    credentials, chosen = bot.credentials, bot.generators
    details = {
        "x": f"as {credentials.x.access_token.split('-')[0]} at {credentials.x.base_url}" if credentials.x else "",
        "bluesky": f"as {credentials.bluesky.identifier}" if credentials.bluesky else "",
        "feed": str(settings.feed(bot.name)),
    }
    models = {
        "huggingface": chosen.huggingface.model or "the bundled model",
        "claude": (chosen.claude.model or "its default model") if chosen.claude else NO_KEY["claude"],
        "openai": (chosen.openai.model or "its default model") if chosen.openai else NO_KEY["openai"],
        "excerpt": "the material's own sentence",
    }
    return {
        "pool_size": bot.pool_size,
        "platforms": [
            {"name": name, "on": name in bot.platforms_on, "detail": details[name] or "no credentials"}
            for name in bot.platforms
        ],
        "generators": [{"name": name, "on": name in chosen.usable, "detail": models[name]} for name in chosen.order],
        "second_look": _second_look(chosen),
        "meaning": {
            "name": chosen.embeddings.kind or "off",
            "on": bool(chosen.embeddings.kind) and not lacking_embedder(chosen),
            "detail": chosen.embeddings.model or "its default model",
        },
    }


def _second_look(chosen: Generators) -> Json:
    """Who looks again at what a model wrote, and whether that comes about."""
    able = _able(chosen)
    if chosen.critic in PAID:
        on = getattr(chosen, chosen.critic) is not None
        return {"name": chosen.critic, "on": on, "detail": "" if on else NO_KEY[chosen.critic]}
    if not chosen.critic:
        return {"name": "off", "on": False, "detail": "CRITIC=off"}
    return {"name": WRITER, "on": bool(able), "detail": ", ".join(able) or "no able model writes here"}


def generator_examinations(settings: Settings) -> Iterator[tuple[str, Callable[[], str]]]:
    """One look at each generator that some bot uses."""
    seen = set()
    for bot in settings.active:
        for name, (generator, _) in zip(
            bot.generators.usable, generators(bot.generators, settings.models), strict=True
        ):
            if (name, bot.generators) not in seen:
                seen.add((name, bot.generators))
                yield f"generator {name}", generator.verify
        critic = bot.generators.critic
        if critic in PAID and not lacking_critic(bot.generators) and (critic, bot.generators) not in seen:
            seen.add((critic, bot.generators))
            yield f"critic {critic}", _service(bot.generators, critic).verify


def lacking_critic(chosen: Generators) -> str:
    """What is wrong with a critic that has no key; "" where nothing is."""
    look = _second_look(chosen)
    if look["on"] or chosen.critic not in PAID:
        return ""
    return f"CRITIC={chosen.critic}, but {look['detail']}: nobody takes a second look; set the key, or CRITIC=self"
