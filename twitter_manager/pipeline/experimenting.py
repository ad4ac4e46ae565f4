"""Runs a bot's experiment: whether it can be made, what its variants do to a post, and when it is over.

A variant changes what a post is made from and how (`PostSpec`), at the time of writing. Hours alone are compared by the
slots that posts took: the schedule has both, and nothing is held back for them. What is compared, and when something
may be said, is left to `learning.experiments`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from twitter_manager import providers, schedule
from twitter_manager.domain import FORMATS, TONES, Clock, Json, Persona
from twitter_manager.errors import UsageError
from twitter_manager.learning.experiments import Ending, Verdict, conclude, turn
from twitter_manager.phrases import amount
from twitter_manager.settings import Bot
from twitter_manager.settings.botfile import check_key
from twitter_manager.store import experiments, items
from twitter_manager.store.database import Database
from twitter_manager.store.experiments import HOUR, Experiment, Stands, Tried
from twitter_manager.validation import InvalidValue

if TYPE_CHECKING:
    from twitter_manager.writing.post_spec import PostSpec
    from twitter_manager.writing.topics import Choice

OPENER, FORMAT, TONE, PROMPT = _WRITTEN = ("opener", "format", "tone", "prompt")
THINGS = (*_WRITTEN, HOUR)
"""What can be compared."""
PLAIN = "none"
"""The variant without an opener, or a tone."""
OWN = "own"
"""The variant with the persona's openers, in turns."""
BUILT_IN = "built-in"
"""The variant with the program's own templates."""
_THREAD = "thread"
_LATE = timedelta(hours=1)
"""So long after its slot began a post went out at another hour."""
_LOOKED_AT = 300
"""Items that are looked at for whether they suit two formats."""
_SHAPING = {"platforms", "hashtags", "signature", "links", "schedule", "persona", "style", "topics", "formats"}
"""What of a bot's file shapes its posts, and when they go out."""


def refuse_impossible(bot: Bot, db: Database, folder: Path, thing: str, variants: Sequence[str], now: datetime) -> None:
    """Raises UsageError where these can't be compared. `folder`: the bot's own, with its templates."""
    if len(set(variants)) != 2:
        raise UsageError("An experiment compares two variants.", "Name both: experiment start tone sober lively.")
    if not {*bot.listen.figures} & {*bot.platforms_on}:
        raise UsageError(
            f"No figures are read for {bot.name}, so nothing can be compared.",
            "It must post to a platform that [listen] figures of its file names.",
        )
    for variant in variants:
        if thing == HOUR:
            _refuse_slotless(bot, variant, now)
        else:
            _KNOWN[thing](bot, folder, variant)
    if thing in (TONE, PROMPT) and not providers.writers(bot.generators):
        raise UsageError(f"No model writes for {bot.name}: its posts have no {thing} of their own.", "See GENERATORS.")
    if thing == FORMAT:
        _refuse_foreign_formats(bot, db, variants)


def _known_opener(bot: Bot, folder: Path, variant: str) -> None:
    if variant == OWN and not _phrases(bot.persona):
        raise UsageError(f"The persona of {bot.name} has no openers without {{topic}}.", "Name two, or set them.")
    if variant in (OWN, PLAIN):
        return
    try:
        check_key("persona.openers", [variant])
    except InvalidValue as invalid:
        raise UsageError(f"The opener {variant[:60]!r} {invalid.message}.", invalid.remedy) from None
    if "{" in variant:
        raise UsageError("An opener of an experiment holds no braces.", "Leave {topic} out.")


def _known_tone(bot: Bot, folder: Path, variant: str) -> None:
    if variant not in (*TONES, PLAIN):
        raise UsageError(f"There is no tone {variant[:40]!r}.", f"There are: {', '.join((*TONES, PLAIN))}.")


def _known_format(bot: Bot, folder: Path, variant: str) -> None:
    known = [name for name in FORMATS if name != _THREAD]
    if variant not in known:
        raise UsageError(f"There is no format {variant[:40]!r} to compare.", f"There are: {', '.join(known)}.")


def _known_prompt(bot: Bot, folder: Path, variant: str) -> None:
    if variant == BUILT_IN:
        return
    if Path(variant).name != variant or not (folder / variant).is_dir():
        raise UsageError(
            f"There is no folder {variant[:60]!r} in {folder}.", f"Put the templates there, or say {BUILT_IN}."
        )
    from twitter_manager.writing.brief import template_problems

    if problems := template_problems(folder / variant, variant):
        raise UsageError(f"{problems[0].where}: {problems[0].message}", problems[0].remedy)


_KNOWN: Mapping[str, Callable[[Bot, Path, str], None]] = {
    OPENER: _known_opener,
    FORMAT: _known_format,
    TONE: _known_tone,
    PROMPT: _known_prompt,
}


def _refuse_foreign_formats(bot: Bot, db: Database, variants: Sequence[str]) -> None:
    """Where no material can be both, no post would ever take part."""
    from twitter_manager.writing.formats import suits

    known, writes = items.newest(db, bot.name, _LOOKED_AT), bool(providers.writers(bot.generators))
    if not any(all(suits(name, item, writes=writes) for name in variants) for item in known):
        which = " and ".join(variants)
        raise UsageError(f"No material of {bot.name} can be both {which}.", "Look at it with sources update first.")


def _refuse_slotless(bot: Bot, variant: str, now: datetime) -> None:
    """Both times must have a slot every day."""
    try:
        clock = schedule.time_of_day(variant)
    except InvalidValue as invalid:
        raise UsageError(f"The hour {variant[:20]!r} {invalid.message}.", invalid.remedy) from None
    zone, quiet = bot.time_zone, bot.limits.quiet_hours
    if not schedule.is_daily_slot(clock, now, bot.schedule, zone):
        raise UsageError(
            f"{bot.name} has no slot at {variant} ({zone}).", "Put both times into [schedule] times first."
        )
    if quiet and schedule.within(clock, quiet):
        raise UsageError(f"{variant} lies in the quiet hours of {bot.name}.", "Name another time.")


def settings_of(bot: Bot, folder: Path, thing: str, variants: Sequence[str]) -> dict[str, str]:
    """A digest of each part of the settings that shapes posts, by its name."""
    shaping = bot.model_dump(mode="json", include=_SHAPING, exclude_defaults=True)
    models = {name: made.model for name in bot.generators.usable if (made := bot.generators.provider(name))}
    parts: Json = dict.fromkeys(sorted(_SHAPING)) | shaping
    parts["GENERATORS"] = [*bot.generators.usable, bot.generators.huggingface.model, models]
    for name in variants if thing == PROMPT else ():
        files = sorted((folder / name).glob("*.j2")) if name != BUILT_IN else ()
        parts[f"templates in {name}"] = {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}
    return {
        name: hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:16]
        for name, value in parts.items()
    }


def _phrases(persona: Persona) -> list[str]:
    return [phrase for phrase in persona.openers if "{" not in phrase]


@dataclass(frozen=True, slots=True)
class Experimenter:
    """Writes a bot's posts in the variants of its experiment, and ends that when it is over. `folder`: the bot's own,
    with its templates."""

    db: Database
    bot: Bot
    folder: Path
    clock: Clock

    # --- writing -----------------------------------------------------------------------------------------------------

    def varied(self, choice: Choice, spec: PostSpec, before: Sequence[Choice]) -> tuple[Choice, PostSpec]:
        """A choice as the variant has it whose turn it is, and what its post is made from; both as they are where no
        experiment runs, or this can't take part. `before`: what was chosen besides and is not saved yet."""
        experiment = experiments.running(self.db, self.bot.name)
        if experiment is None or not _takes_part(experiment, choice, spec):
            return choice, spec
        counts = _counts(experiments.posts(self.db, experiment, self.clock()))
        for other in before:
            if part := other.why.get("experiment"):
                counts[part["arm"]] += 1
        arm = turn(experiment.plan.seed, (counts[0], counts[1]), experiment.plan.per_variant)
        return (choice, spec) if arm is None else self._in(experiment, arm, choice, spec)

    def as_before(self, choice: Choice, spec: PostSpec) -> tuple[Choice, PostSpec]:
        """The same for a post that is written anew: in its old variant, while the experiment runs."""
        part = choice.why.get("experiment")
        experiment = experiments.running(self.db, self.bot.name)
        if part and experiment and experiment.id == part["id"]:
            return self._in(experiment, part["arm"], choice, spec)
        return replace(choice, why={name: value for name, value in choice.why.items() if name != "experiment"}), spec

    def _in(self, experiment: Experiment, arm: int, choice: Choice, spec: PostSpec) -> tuple[Choice, PostSpec]:
        thing, variant = experiment.plan.thing, experiment.plan.variants[arm]
        why = choice.why | {"experiment": {"id": experiment.id, "of": thing, "variant": variant, "arm": arm}}
        if thing == FORMAT:
            from twitter_manager.writing.sampling import draw

            why |= {"format": draw({variant: 1.0}, f"{why['seed']}:format")[1]}
            return replace(choice, format=variant, why=why), spec
        blank, delivery = spec.blank, spec.delivery
        if thing == OPENER:
            own = _phrases(blank.persona) or [""]
            phrase = {OWN: own[why["seed"] % len(own)], PLAIN: ""}.get(variant, variant)
            blank = replace(blank, persona=replace(blank.persona, openers=(), closings=()))
            delivery = replace(delivery, opener=phrase)
        elif thing == TONE:
            tone = "" if variant == PLAIN else variant
            blank = replace(blank, tone=tone)
            policy = replace(delivery.rules.policy, tone=tone)
            delivery = replace(delivery, rules=replace(delivery.rules, policy=policy))
        else:
            blank = replace(blank, templates="" if variant == BUILT_IN else str(self.folder / variant))
        return replace(choice, why=why), replace(spec, blank=blank, delivery=delivery)

    # --- its end -----------------------------------------------------------------------------------------------------

    def conclude(self) -> str:
        """End the experiment where it is over; gives a line on that, else ""."""
        experiment, now = experiments.running(self.db, self.bot.name), self.clock()
        if experiment is None:
            return ""
        if experiment.plan.thing == HOUR:
            self._assign(experiment, now)
        plan = experiment.plan
        known = settings_of(self.bot, self.folder, plan.thing, plan.variants)
        changed = sorted(name for name in {*known, *plan.settings} if known.get(name) != plan.settings.get(name))
        verdict = Verdict(Ending.SETTINGS) if changed else self._verdict(experiment, now)
        if verdict is None:
            return ""
        numbers = {"better": verdict.better, "times": verdict.times, "low": verdict.low, "high": verdict.high}
        with self.db.transaction():
            experiments.end(self.db, experiment, verdict.ending, now, reason=", ".join(changed), result=numbers)
        ended = experiments.get(self.db, experiment.id)
        return f"experiment {experiment.id} is over: {told(ended)}" if ended else ""

    def _assign(self, experiment: Experiment, now: datetime) -> None:
        """What went out in time in a slot of one of the two hours takes part, up to as many as the plan asks for."""
        counts = _counts(experiments.posts(self.db, experiment, now))
        zone = schedule.zone(self.bot.time_zone)
        with self.db.transaction():
            for draft_id, slot, began in experiments.unassigned(self.db, experiment):
                hour = f"{slot.astimezone(zone):%H:%M}"
                if hour not in experiment.plan.variants or began - slot >= _LATE:
                    continue
                arm = experiment.plan.variants.index(hour)
                if counts[arm] < experiment.plan.per_variant:
                    experiments.add_post(self.db, experiment.id, draft_id, arm)
                    counts[arm] += 1

    def _verdict(self, experiment: Experiment, now: datetime) -> Verdict | None:
        posts = experiments.posts(self.db, experiment, now)
        first, second = (
            [post.engaged for post in posts if post.variant == arm and post.stands is Stands.READ] for arm in (0, 1)
        )
        return conclude(first, second, experiment.plan.per_variant, is_over=now >= experiment.last_day)


def _counts(posts: Collection[Tried]) -> list[int]:
    """How many posts of each variant count, or may come to."""
    return [sum(post.variant == arm and post.stands is not Stands.LEFT_OUT for post in posts) for arm in (0, 1)]


def _takes_part(experiment: Experiment, choice: Choice, spec: PostSpec) -> bool:
    """Whether both variants can be made of the material: else the variants would differ in their material too."""
    if choice.format == _THREAD or experiment.plan.thing == HOUR:
        return False
    if experiment.plan.thing != FORMAT:
        return True
    from twitter_manager.writing.formats import suits

    return all(suits(name, choice.item, writes=spec.writers.first) for name in experiment.plan.variants)


def told(experiment: Experiment) -> str:
    """How an experiment ended, for a person."""
    (first, second), result = experiment.plan.variants, experiment.result
    of = f"{experiment.plan.thing}, “{first}” against “{second}”"
    if experiment.ending == Ending.SETTINGS:
        return f"{of}: no answer, for you changed {experiment.reason} meanwhile"
    if experiment.ending == Ending.STOPPED:
        return f"{of}: no answer, for you stopped it"
    if experiment.ending == Ending.TOO_FEW:
        return f"{of}: no answer, too few posts were read in {amount(experiment.plan.days, 'day')}"
    if experiment.ending == Ending.HARM:
        better = experiment.plan.variants[result["better"]]
        return f"{of}: stopped early, for “{better}” did plainly better; how much can't be told from so few posts"
    interval = f"“{second}” brings {result['low']:.2g} to {result['high']:.2g} times what “{first}” does"
    if experiment.ending == Ending.NO_DIFFERENCE:
        return f"{of}: no difference seen; {interval}"
    return f"{of}: “{experiment.plan.variants[result['better']]}” did better; {interval}"
