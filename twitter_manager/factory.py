"""What a bot's posts are made from, and what the checks need to know of them."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from twitter_manager.domain import Brief, Generator
from twitter_manager.errors import Problem
from twitter_manager.settings import Bot
from twitter_manager.store import drafts
from twitter_manager.store.database import Database
from twitter_manager.wiring.material import look_at_sources
from twitter_manager.wiring.meaning import meaning
from twitter_manager.wiring.services import unjudged, writers

if TYPE_CHECKING:
    from twitter_manager.checks import CheckContext, Policy
    from twitter_manager.retrieval.retrieval import Retrieval
    from twitter_manager.writing.judge import Judge
    from twitter_manager.writing.recipe import Recipe
    from twitter_manager.writing.style import Style

log = logging.getLogger(__name__)


def recipe(
    bot: Bot,
    secrets: tuple[str, ...],
    db: Database,
    templates: str = "",
    retrieval: Retrieval | None = None,
    *,
    index: float = 0.0,
    judge: Callable[[Generator], Judge | None] = lambda generator: None,
) -> Recipe:
    """What the bot's posts are made from and how. `templates`: see `templates`; without `retrieval` nothing is compared
    in meaning; `index`: in which share of the time left what is collected is made comparable too; `judge`: see
    `services.judges`."""
    from twitter_manager.writing import recipe as records
    from twitter_manager.writing.topics import Rules

    known = writers(bot.generators)
    return records.Recipe(
        bot=bot.name,
        material=records.Material(
            rules=Rules(bot.topics, bot.formats, timedelta(days=bot.item_rest_days)),
            collect=lambda refill, news_only: look_at_sources(bot, refill, news_only, retrieval, index),
            trusts={source.name: source.trust for source in bot.sources},
        ),
        blank=_blank(bot, templates),
        style=style(bot),
        delivery=records.Delivery(
            rules=check_context(bot, secrets, lambda digest: drafts.text_known(db, digest)),
            lifetime=timedelta(hours=bot.draft_ttl_hours),
            carrying=bot.platforms_on,
            hashtags=bot.hashtags,
            signature=bot.signature,
            numbered=bot.threads.numbered,
        ),
        writers=records.Writers(
            names=known,
            first=any(name in known for name in bot.generators.usable[:1]),
            judge=judge,
            unjudged=unjudged(bot.generators),
        ),
        meaning=records.Meaning() if retrieval is None else meaning(retrieval),
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
        limits=bot.limits_there,
        material=material,
        recent=recent,
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


def templates(bot: str, home: Path) -> str:
    """The folder of the bot's own prompt templates; "" where it has none."""
    folder = home / "data" / "bots" / bot / "templates"
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

    if bot.style.learn_from is None or not writers(bot.generators):
        return None
    try:
        return learn(bot.style.learn_from)
    except BadSample as error:
        log.warning("the style is not learned: %s", error)
        return None
