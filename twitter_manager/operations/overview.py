"""What `status` and `doctor` tell of how a bot is set up."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from twitter_manager.domain import Json
from twitter_manager.extras import missing_for_a_local_model
from twitter_manager.platforms import SPECS
from twitter_manager.providers import (
    NO_KEY,
    entailment,
    generators,
    lacking_embedder,
    service,
    who_judges,
    writers,
)
from twitter_manager.settings import Bot, Settings
from twitter_manager.settings.records import NLI, PAID

if TYPE_CHECKING:
    from twitter_manager.writing.generators.remote import RemoteGenerator
    from twitter_manager.writing.nli import Entailment


def describe(bot: Bot, settings: Settings) -> Json:
    """What each platform and generator of a bot is set up to do."""
    chosen = bot.generators
    bundled = "not installed; see doctor" if missing_for_a_local_model() else "the bundled model"
    models = {
        "huggingface": chosen.huggingface.model or bundled,
        "claude": (chosen.claude.model or "its default model") if chosen.claude else NO_KEY["claude"],
        "openai": (chosen.openai.model or "its default model") if chosen.openai else NO_KEY["openai"],
        "excerpt": "the material's own sentence",
    }
    return {
        "pool_size": bot.pool_size,
        "platforms": [
            {"name": name, "on": name in bot.platforms_on, "detail": _told(bot, name)} for name in bot.platforms
        ],
        "generators": [{"name": name, "on": name in chosen.usable, "detail": models[name]} for name in chosen.order],
        "judges": [
            {"writer": name, "judge": kind, "on": bool(kind), "detail": why}
            for name in writers(chosen)
            for kind, why in [who_judges(chosen, name)]
        ],
        "meaning": {
            "name": chosen.embeddings.kind or "off",
            "on": bool(chosen.embeddings.kind) and not lacking_embedder(chosen),
            "detail": chosen.embeddings.model or "its default model",
        },
    }


def _told(bot: Bot, platform: str) -> str:
    if not SPECS[platform].public:
        return "a file on this machine"
    keys = bot.credentials.get(platform)
    return keys.described if keys else "no credentials"


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
        for kind in {who_judges(bot.generators, name)[0] for name in writers(bot.generators)} & {*PAID, NLI}:
            if (kind, bot.generators) not in seen:
                seen.add((kind, bot.generators))
                yield f"judge {kind}", _judge(bot, kind, settings).verify


def _judge(bot: Bot, kind: str, settings: Settings) -> Entailment | RemoteGenerator:
    return entailment(bot.generators, settings.models) if kind == NLI else service(bot.generators, kind)


def rules(bot: Bot) -> list[Json]:
    """Every rule of the checks, with the bot's settings that it obeys."""
    from operator import attrgetter

    from twitter_manager.checks import RULES

    def setting(name: str) -> object:
        table, _, key = name.rpartition(".")
        if table == "sources":
            return {source.name: getattr(source, key) for source in bot.sources}
        return attrgetter(name)(bot)

    return [
        {
            "name": rule.name,
            "why": rule.why,
            "applies_to": str(rule.applies_to),
            "settings": {name: setting(name) for name in filter(None, rule.setting.split(", "))},
        }
        for rule in RULES
    ]
