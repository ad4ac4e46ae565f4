"""Models and services, made from a bot's settings: who writes, who judges, what turns texts into vectors."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from twitter_manager.domain import Generator, Progress
from twitter_manager.extras import how_to_add_a_local_model, missing_for_a_local_model
from twitter_manager.settings import Generators
from twitter_manager.settings.records import NLI, NOBODY, PAID, WRITER

if TYPE_CHECKING:
    from twitter_manager.retrieval.embedder import Embedder
    from twitter_manager.writing.generators.remote import RemoteGenerator
    from twitter_manager.writing.judge import Judge
    from twitter_manager.writing.nli import Entailment

log = logging.getLogger(__name__)

LOCAL_CANDIDATES, PAID_CANDIDATES = 8, 3
"""How many candidates are made for one post: by a local model in one batch, by a service in one answer."""
NO_KEY = {"claude": "no ANTHROPIC_API_KEY", "openai": "no OPENAI_API_KEY"}
LOADS_A_MODEL = ("huggingface",)
"""The generators that take seconds and memory before their first word."""


def generators(chosen: Generators, models: Path) -> list[tuple[Generator, int]]:
    """The generators that can be asked, in order, each with how many candidates it makes for one post."""
    return [
        (_generator(chosen, name, models), PAID_CANDIDATES if name in PAID else LOCAL_CANDIDATES)
        for name in chosen.usable
    ]


def _generator(chosen: Generators, name: str, models: Path) -> Generator:
    from twitter_manager.writing.generators.excerpt import Excerpt
    from twitter_manager.writing.generators.huggingface import HuggingFace

    if name in PAID:
        return service(chosen, name)
    local = chosen.huggingface
    writes = local.writing == "write"  # only a person can call a model able
    if name == "excerpt":
        return Excerpt()
    return HuggingFace(models, local.model, local.revision, writes=writes, threads=local.threads or None)


def service(chosen: Generators, name: str) -> RemoteGenerator:
    """One of PAID."""
    from twitter_manager.writing.generators.claude import Claude
    from twitter_manager.writing.generators.openai import OpenAI

    services: Mapping[str, type[Claude | OpenAI]] = {"claude": Claude, "openai": OpenAI}
    provider = chosen.provider(name)
    assert provider is not None
    return services[name](provider.api_key, provider.model, provider.base_url, provider.price, effort=provider.effort)


def services(chosen: Generators) -> list[str]:
    """Who elsewhere is asked to write, judge or compare; by the names that their rate limits stand under."""
    named = [name for name in PAID if chosen.provider(name)]
    return [*named, "embeddings"] if chosen.embeddings.kind == "openai" else named


def that_write(chosen: Generators) -> Generators:
    """Those of the generators that can answer a person's own words; the local model writes then."""
    order = tuple(name for name in chosen.order if name != "excerpt")
    local = chosen.huggingface.model_copy(update={"writing": "write"})
    return chosen.model_copy(update={"order": order, "huggingface": local})


def writers(chosen: Generators) -> tuple[str, ...]:
    """The generators whose model writes texts of its own."""
    own = PAID if chosen.huggingface.writing != "write" else (*PAID, "huggingface")
    return tuple(name for name in chosen.usable if name in own)


def judges(chosen: Generators, models: Path, progress: Progress) -> Callable[[Generator], Judge | None]:
    """Gives, for a generator, who judges what its model writes; None where it does not write, or nobody judges."""
    made: dict[str, Judge] = {}

    def judge(generator: Generator) -> Judge | None:
        from twitter_manager.writing.judge import Answers, Asked

        kind = who_judges(chosen, generator.name)[0] if generator.name in writers(chosen) else ""
        if kind == WRITER:
            return Asked(generator) if isinstance(generator, Answers) else None
        if kind and kind not in made:
            made[kind] = entailment(chosen, models, progress) if kind == NLI else Asked(service(chosen, kind))
        return made.get(kind)

    return judge


def entailment(chosen: Generators, models: Path, progress: Progress = lambda line: None) -> Entailment:
    """The local judge."""
    from twitter_manager.writing.nli import Entailment

    asked, threads = chosen.judging, chosen.huggingface.threads or None
    return Entailment(models, asked.model, asked.revision, threads, progress)


def who_judges(chosen: Generators, writer: str) -> tuple[str, str]:
    """Who judges what a writer writes (WRITER, one of PAID, NLI, or "" for nobody), and what to do where it is nobody.

    A model on this machine is a poor judge of itself: that must be wished for."""
    asked = chosen.judging
    if asked.kind == NOBODY:
        return "", "CRITIC=off: nobody judges what it writes, so its text is not posted; write JUDGE=self, or another"
    if asked.kind in PAID and chosen.provider(asked.kind) is None:
        return "", f"JUDGE={asked.kind}, but {NO_KEY[asked.kind]}: its text is not posted; set the key, or JUDGE=self"
    if asked.kind or not is_local(chosen, writer):
        return asked.kind or WRITER, ""
    if asked.model:
        return NLI, ""
    remedy = (
        "name a local NLI model in JUDGE_MODEL, set JUDGE to claude or openai, or say JUDGE=self and risk its errors"
    )
    return "", f"nobody judges what it writes, so its text is not posted; {remedy}"


def is_local(chosen: Generators, writer: str) -> bool:
    """Whether the writer is a model on this machine: in this process, or behind a server here that wants no key
    and has no price: one with a price passes on what it is asked."""
    from twitter_manager.writing.generators.remote import is_here

    provider = chosen.provider(writer)
    if provider is None:
        return writer == "huggingface"
    return not provider.api_key and provider.price is None and is_here(provider.base_url)


def unjudged(chosen: Generators) -> dict[str, str]:
    """The writers whose text is not posted, because nobody judges it; each with what to do."""
    return {name: why for name in writers(chosen) if (why := who_judges(chosen, name)[1])}


def judged_writers(chosen: Generators) -> tuple[str, ...]:
    """The writers whose text may be posted: those that answer comments too."""
    return tuple(name for name in writers(chosen) if name not in unjudged(chosen))


def judge_warnings(chosen: Generators) -> list[str]:
    """What a person should know of who judges."""
    found = [f"{name}: {why}" for name, why in unjudged(chosen).items()]
    own = [name for name in writers(chosen) if is_local(chosen, name) and who_judges(chosen, name)[0] == WRITER]
    risk = "a small model says yes to its own mistakes, and what is false may be posted"
    found += [f"{name} judges its own texts: {risk}" for name in own]
    if chosen.judging.by_critic and chosen.judging.kind != NOBODY:
        found.append("CRITIC is the former name of JUDGE, and is read as that where JUDGE is not set; write JUDGE")
    return found


def embedder(chosen: Generators, models: Path, progress: Progress) -> Embedder | None:
    """What turns texts into vectors; None where that is off, or lacks its key (which is told in the log)."""
    from twitter_manager.retrieval.local import LocalEmbedder
    from twitter_manager.retrieval.remote import OpenAIEmbedder

    asked, provider = chosen.embeddings, chosen.openai
    if lacking := lacking_embedder(chosen):
        log.warning("%s", lacking)
    if lacking or not asked.kind:
        return None
    if asked.kind == "openai" and provider is not None:
        return OpenAIEmbedder(provider.api_key, asked.model, provider.base_url, provider.price)
    threads = chosen.huggingface.threads or None
    return LocalEmbedder(models, asked.model, asked.revision, threads, progress)


def lacking_embedder(chosen: Generators) -> str:
    """What is wrong with embeddings that have no key, or no packages; "" where nothing is."""
    asked = chosen.embeddings
    if asked.kind == "openai" and chosen.openai is None:
        return f"EMBEDDINGS=openai, but {NO_KEY['openai']}: texts are not compared in meaning"
    if asked.kind == "local" and missing_for_a_local_model():
        return f"the local model is not installed: texts are not compared in meaning. {how_to_add_a_local_model()}"
    return ""
