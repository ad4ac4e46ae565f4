"""Models and services, made from a bot's settings: who writes, who looks again, what turns texts into vectors."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from twitter_manager.domain import Generator, Json, Progress
from twitter_manager.settings import Generators
from twitter_manager.settings.records import PAID, WRITER

if TYPE_CHECKING:
    from twitter_manager.retrieval.embedder import Embedder
    from twitter_manager.writing.critic import Critic
    from twitter_manager.writing.generators.remote import RemoteGenerator

log = logging.getLogger(__name__)

LOCAL_CANDIDATES, PAID_CANDIDATES = 8, 2
"""How many candidates are made for one post: a local model makes them in one batch, a paid one is asked that often."""
NO_KEY = {"claude": "no ANTHROPIC_API_KEY", "openai": "no OPENAI_API_KEY"}
LOADS_A_MODEL = ("huggingface",)
"""The generators that take seconds and memory before their first word."""


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


def writers(chosen: Generators) -> tuple[str, ...]:
    """The generators whose model writes texts of its own."""
    own = PAID if chosen.huggingface.writing != "write" else (*PAID, "huggingface")
    return tuple(name for name in chosen.usable if name in own)


def able(chosen: Generators) -> tuple[str, ...]:
    """Those that write and can answer questions too: the bundled model is too small for that."""
    return tuple(name for name in writers(chosen) if name != "huggingface" or chosen.huggingface.model)


def critic(chosen: Generators) -> Critic | None:
    """The critic; None where it is off, the model that wrote, or has no key (which is told in the log)."""
    if chosen.critic in ("", WRITER):
        return None
    if lacking := lacking_critic(chosen):
        log.warning("%s", lacking)
        return None
    from twitter_manager.writing.critic import Critic

    return Critic(service(chosen, chosen.critic))


def service(chosen: Generators, name: str) -> RemoteGenerator:
    """One of PAID, to be asked other questions than for a post."""
    return _claude(chosen) if name == "claude" else _openai(chosen)


def lacking_critic(chosen: Generators) -> str:
    """What is wrong with a critic that has no key; "" where nothing is."""
    look = second_look(chosen)
    if look["on"] or chosen.critic not in PAID:
        return ""
    return f"CRITIC={chosen.critic}, but {look['detail']}: nobody takes a second look; set the key, or CRITIC=self"


def second_look(chosen: Generators) -> Json:
    """Who looks again at what a model wrote, and whether that comes about."""
    who = able(chosen)
    if chosen.critic in PAID:
        on = getattr(chosen, chosen.critic) is not None
        return {"name": chosen.critic, "on": on, "detail": "" if on else NO_KEY[chosen.critic]}
    if not chosen.critic:
        return {"name": "off", "on": False, "detail": "CRITIC=off"}
    return {"name": WRITER, "on": bool(who), "detail": ", ".join(who) or "no able model writes here"}


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
        return OpenAIEmbedder(provider.api_key, asked.model, provider.base_url, provider.price)
    from twitter_manager.retrieval.local import LocalEmbedder

    threads = chosen.huggingface.threads or None
    return LocalEmbedder(models, asked.model, asked.revision, threads=threads, progress=progress)


def lacking_embedder(chosen: Generators) -> str:
    """What is wrong with a service for embeddings that has no key; "" where nothing is."""
    if chosen.embeddings.kind != "openai" or chosen.openai is not None:
        return ""
    return f"EMBEDDINGS=openai, but {NO_KEY['openai']}: texts are not compared in meaning"
