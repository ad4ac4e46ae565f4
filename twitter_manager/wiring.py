"""Which class serves which name, made from a bot's settings: platforms, generators, the recipe of its posts.

A provider is one function here and one line in a table. Nothing heavy is imported, and nothing is asked, before a part
is used.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from twitter_manager.domain import (
    Clock,
    Generator,
    Item,
    Json,
    Outgoing,
    Platform,
    Receipt,
    RemotePost,
)
from twitter_manager.settings import Bot, Generators, Settings, Source
from twitter_manager.store import drafts
from twitter_manager.store.database import Database

if TYPE_CHECKING:
    from twitter_manager.checks import CheckContext
    from twitter_manager.writing.refill import Recipe

LOCAL_CANDIDATES, PAID_CANDIDATES = 8, 2
"""How many candidates are made for one post: a local model makes them in one batch, a paid one is asked that often."""


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


def _huggingface(chosen: Generators, models: Path) -> Generator:
    from twitter_manager.writing.generators.huggingface import HuggingFace, Writing

    local = chosen.huggingface
    writing: Writing = "write" if local.writing == "write" else "choose"  # only a person can call a model able
    return HuggingFace(models, local.model, local.revision, writing, threads=local.threads or None)


def _claude(chosen: Generators) -> Generator:
    from twitter_manager.writing.generators.claude import Claude

    provider = chosen.claude
    assert provider is not None
    return Claude(provider.api_key, provider.model, provider.base_url)


def _openai(chosen: Generators) -> Generator:
    from twitter_manager.writing.generators.openai import OpenAI

    provider = chosen.openai
    assert provider is not None
    return OpenAI(provider.api_key, provider.model, provider.base_url)


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
    from twitter_manager.checks import CheckContext, Policy

    return CheckContext(
        platforms=bot.platforms if platforms is None else platforms,
        policy=Policy(
            blocked_terms=bot.blocked_terms,
            max_links=bot.max_links,
            max_mentions=bot.max_mentions,
            allowed_mentions=bot.allowed_mentions,
            max_hashtags=bot.max_hashtags,
        ),
        material=material,
        recent=recent,
        used_hashes=used,
        secrets=secrets,
        written_by_model=material is not None,
    )


def recipe(bot: Bot, secrets: tuple[str, ...], db: Database) -> Recipe:
    """What the bot's posts are made from and how."""
    from twitter_manager.checks import PLATFORM_LIMITS
    from twitter_manager.writing.brief import POST_CHARS
    from twitter_manager.writing.refill import Recipe
    from twitter_manager.writing.topics import Topic

    tail = " ".join(f"#{tag.lstrip('#')}" for tag in bot.hashtags) + bot.signature
    limits = [limit for name in bot.platforms if (limit := PLATFORM_LIMITS[name]) is not None]
    room = min(limits, default=POST_CHARS)

    def context(material: tuple[str, ...] | None, recent: tuple[str, ...]) -> CheckContext:
        known = lambda digest: drafts.text_known(db, bot.name, digest)  # noqa: E731
        return check_context(bot, secrets, known, material=material, recent=recent)

    return Recipe(
        bot=bot.name,
        persona=bot.persona,
        topics=[Topic(name, weight) for name, weight in bot.topics.items()],
        formats=bot.formats,
        platforms=bot.platforms,
        max_chars=room - (len(tail) + 2 if tail else 0),
        hashtags=bot.hashtags,
        signature=bot.signature,
        lifetime=timedelta(hours=bot.draft_ttl_hours),
        rest=timedelta(days=bot.item_rest_days),
        collect=lambda: collect(bot.sources),
        context=context,
        fits=lambda text: all(fits(text, name) for name in bot.platforms),
    )


def fits(text: str, platform: str) -> bool:
    """True when the text is within the platform's limit."""
    from twitter_manager.checks import length as measured

    length, limit = measured(text, platform)
    return limit is None or length <= limit


def collect(sources: Sequence[Source]) -> dict[str, Sequence[Item]]:
    """The material of each source, by the source's name."""
    from twitter_manager.sources.notes import read_notes, starter_items

    found: dict[str, Sequence[Item]] = {}
    for source in sources:
        if source.kind == "starter":
            found["starter"] = starter_items()
        elif source.path is not None:
            name = f"notes:{source.path}"
            found[name] = read_notes(source.path, name)
    return found


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
        "claude": (chosen.claude.model or "its default model") if chosen.claude else "no ANTHROPIC_API_KEY",
        "openai": (chosen.openai.model or "its default model") if chosen.openai else "no OPENAI_API_KEY",
        "excerpt": "the material's own sentence",
    }
    return {
        "pool_size": bot.pool_size,
        "platforms": [
            {"name": name, "on": name in bot.platforms_on, "detail": details[name] or "no credentials"}
            for name in bot.platforms
        ],
        "generators": [{"name": name, "on": name in chosen.usable, "detail": models[name]} for name in chosen.order],
    }


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
