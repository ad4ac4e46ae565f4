"""Makes candidates for a person to look at: on a topic, in a format, from an item, or to words of their own.

The ways of a run, on a scratch copy of the database that is thrown away; what the candidates look like on a screen is
left to `show`.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from twitter_manager.domain import Brief, Generation, Item, Json
from twitter_manager.errors import GeneratorError, UsageError
from twitter_manager.pipeline.fill import PoolFiller
from twitter_manager.store import generations, items
from twitter_manager.writing import briefing, formats, review
from twitter_manager.writing.formats import THREAD

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person asks for; what is empty is left to the bot. `source`: an item; `prompt`: their own words instead of
    material."""

    topic: str = ""
    format: str = ""
    source: str = ""
    prompt: str = ""


def make(filler: PoolFiller, wish: Wish) -> Json:
    """The candidates for one post, each with its scores and what the checks found; `filler` works on a scratch copy.

    Raises UsageError where nothing is what the wish asks for."""
    brief, reason = _prompted(filler, wish.prompt) if wish.prompt else _from_material(filler, wish)
    made = generations.of_run(filler.db, filler.run_id or 0)
    chosen = [one for each in made for one in each["candidates"] if one["verdict"] == review.Verdict.CHOSEN]
    rows = {"id", "run_id", "draft_id"}  # of tables that are thrown away
    return {
        "bot": filler.spec.bot,
        "topic": brief.topic if brief else "",
        "format": brief.format if brief else "",
        "material": [
            {name: getattr(item, name) for name in ("source", "key", "title", "text", "url")}
            for item in (brief.items if brief else ())
        ],
        "prompt": wish.prompt,
        "generations": [{key: value for key, value in one.items() if key not in rows} for one in made],
        "chosen": chosen[0]["parts"] if chosen else None,
        "cost_usd": sum(each["cost_usd"] for each in made),
        "seconds": sum(each["seconds"] for each in made),
        "reason": reason,
        "notes": filler.notes,
    }


def _from_material(filler: PoolFiller, wish: Wish) -> tuple[Brief | None, str]:
    """One brief as a run would choose it, from what the wish leaves to choose."""
    spec, material = filler.spec, filler.spec.material
    filler.collect()
    offered = _offered(filler, wish)
    with filler.db.transaction():
        items.offer_only(filler.db, spec.bot, [number for number, _ in offered])
    rules = replace(
        material.rules,
        topics={wish.topic: 1.0} if wish.topic else {} if wish.source else material.rules.topics,
        formats={wish.format: 1.0} if wish.format else material.rules.formats,
        rest=timedelta(0),
    )
    filler.spec = replace(spec, material=replace(material, rules=rules))
    filler.rounds = 1
    reason = filler.write(1)
    return next(iter(filler.tried), None), reason


def _offered(filler: PoolFiller, wish: Wish) -> Sequence[tuple[int, Item]]:
    """What the wish leaves to choose from. Raises UsageError: nothing."""
    spec, db, writes = filler.spec, filler.db, filler.spec.writers.first
    every = items.available(db, spec.bot)
    offered = items.named(db, spec.bot, wish.source) if wish.source else every
    if wish.source and not offered:
        remedy = "Give an item's number or key, as explain shows them."
        raise UsageError(f"There is no item {wish.source!r} among the material of {spec.bot}.", remedy)
    if not wish.format:
        return offered
    if wish.format not in formats.TABLE:
        raise UsageError(f"{wish.format!r} is no format.", f"Known: {', '.join(formats.TABLE)}.")
    if formats.TABLE[wish.format].made is None and not writes:
        remedy = "Set one up (docs/writing.md), or leave --format out."
        raise UsageError(f"The format {wish.format} needs a model that writes, and none is set up.", remedy)
    fitting = [one for one in offered if formats.suits(wish.format, one[1], writes=writes)]
    if not fitting:
        raise UsageError(f"No material suits the format {wish.format}.", "Leave --format out, or name another.")
    number, named = fitting[0]
    if not wish.source or wish.format != THREAD or named.kind != "note":
        return fitting
    alike = [one for one in every if one[1].label == named.label and one[1].kind == "note" and one[0] != number]
    if not alike:
        raise UsageError(f"No other note is labelled {named.label!r}; a thread takes several.", "Leave --format out.")
    more = min(len(alike), formats.notes_wanted(THREAD, 0) - 1)  # so few that none is left out, the named one neither
    return [fitting[0], *random.Random(filler.seed).sample(alike, more)]  # noqa: S311


def _prompted(filler: PoolFiller, prompt: str) -> tuple[Brief | None, str]:
    """Let one generator after the other answer a person's own words, until something passes."""
    spec, recent = filler.spec, briefing.recent_texts(filler.db, filler.spec.bot)
    brief = replace(spec.blank, task=prompt, max_chars=spec.delivery.room({}), seed=filler.seed, recent=recent)
    brief = spec.style.dress(brief) if spec.style else brief
    reason = "" if filler.generators else "no model that writes is ready: each lacks its key or its packages"
    unpaid = ""
    for generator, n in filler.generators:
        if not filler.money.allows(generator):
            unpaid = filler.used_up()
            continue
        try:
            answers = list(generator.generate([brief], n, filler.time_left, filler.progress))
        except GeneratorError as error:
            reason = filler.redact(f"{generator.name}: {error}")
            filler.money.pay("writing", generator.name, error.tokens, error.cost_usd)
            log.warning("%s can't write: %s", generator.name, error)
            continue
        for answer in (one for _, group in answers for one in group):
            tokens = answer.tokens_in + answer.tokens_out
            filler.money.pay("writing", answer.generator, tokens, answer.cost_usd)
        if _passes(filler, brief, [one for _, group in answers for one in group]):
            return brief, ""
        reason = f"{generator.name}: no candidate passed the checks"
    return brief, "; ".join(filter(None, (reason, unpaid)))


def _passes(filler: PoolFiller, brief: Brief, made: Sequence[Generation]) -> bool:
    """Check and note the candidates. There is no material that they could be held against: the person judges."""
    context = replace(filler.spec.delivery.rules, recent=brief.recent, written_by_model=True)
    checked = review.check(brief, made, filler.spec, context)
    for at in review.best_first(checked)[:1]:
        checked[at] = replace(checked[at], verdict=review.Verdict.CHOSEN)
    with filler.db.transaction():
        for generation in made:
            filler.keep(generation, checked)
    return review.chosen(checked) is not None
