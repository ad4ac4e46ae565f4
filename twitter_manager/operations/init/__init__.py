"""The verb `init`: asks what a new bot is to be, tries its sources and logins at once, and writes its files at the end.

All questions can be answered by the command line (`Given`). The questions are data (`questions.py`, and each platform's
own module); how they are put is left to `interview.py`, and what is written to `files.py`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from twitter_manager.domain import Clock
from twitter_manager.errors import UsageError
from twitter_manager.operations.init import adding, environment, files
from twitter_manager.operations.init.accounts import Keys, Place, ask_for_account, checked_key, named_key, required_of
from twitter_manager.operations.init.interview import Ask, Interview, Question
from twitter_manager.operations.init.material import ask_for_material
from twitter_manager.operations.init.questions import ABOUT, WHEN, TraitQuestion
from twitter_manager.platforms import SPECS
from twitter_manager.platforms.spec import PlatformSettings, PlatformSpec
from twitter_manager.settings import BOT_NAME, Bot, load
from twitter_manager.settings.env import from_file, parsed
from twitter_manager.settings.files import Problems
from twitter_manager.settings.process import Settings
from twitter_manager.settings.records import Claude, OpenAI
from twitter_manager.settings.variables import variables_of
from twitter_manager.validation import InvalidValue

INTRO = """\
This sets up a bot: what it is about and where its material is, when it posts, and its accounts. It takes about five \
minutes once you have the keys; each question says where to get them. Enter takes what stands in brackets. Nothing is \
written before the last answer, and Ctrl-C ends it at any time."""
NOTHING_WRITTEN = "Nothing was written. To go on, run init again."
PLATFORMS: Sequence[PlatformSpec] = tuple(spec for spec in SPECS.values() if spec.settings)
"""Those with an account."""


@dataclass(frozen=True, slots=True)
class Made:
    """What `init` wrote."""

    bot: str
    is_new: bool
    """False: it was there, and has more accounts now."""
    approves: bool = False
    """Its person wants to see posts before they go out."""


@dataclass(frozen=True, slots=True)
class Given:
    """What the command line says."""

    answers: Mapping[str, str] = field(default_factory=dict)
    """By option, without its hyphens."""
    sources: Sequence[str] = ()
    notes: Sequence[str] = ()
    keys: str = ""
    """Lines of NAME=value."""


def takes_a_value(spec: PlatformSpec) -> bool:
    """Whether the platform's option says more than that it is meant: the first value that it needs is no secret."""
    return not required_of(spec)[0].secret


def init(
    home: Path,
    environ: Mapping[str, str],
    given: Given,
    ask: Ask | None,
    say: Callable[[str], None],
    clock: Clock,
) -> Made:
    """Ask, then write. `ask`: None where the command line says all that is not default.

    Raises SettingsProblems where the settings that are there must be mended first, UsageError where an answer is no
    good, nobody answers or the environment is in the way, TwitterManagerError where a file can't be written. Nothing is
    written then."""
    present = load(home, {}).bots
    interview = Interview(given.answers, ask, say)
    check = partial(environment.check, home, environ, at_terminal=ask is not None)
    there = [bot for bot in present if files.is_taken(home, bot.name)]
    try:
        _introduce(interview, there)
        name = _bot_name(home, interview, given, there)
        known = next((bot for bot in there if bot.name == name), None)
        if known:
            typed = given_keys(interview, given.keys, is_first=files.keys_of(home, known.name).parent == home)
            addition = adding.ask(home, {**environ, **typed}, interview, known, there, clock)
            lines = adding.summary(home, addition)
        else:
            if ask and files.key_file(home, name).parent != home:
                check({})  # before it is typed what would be lost
            plan = _plan(home, environ, given, interview, present, name or "default", clock)
            lines = _summary(home, plan)
        if interview.problems:
            raise UsageError("; ".join(interview.problems) + ".", "Nothing was written.")
        for line in lines:
            say(line)
        if not interview.agrees("Write this", by_default=True):
            raise UsageError(NOTHING_WRITTEN)
    except EOFError:
        raise UsageError(NOTHING_WRITTEN, "Or give all by options: see init --help.") from None
    for path in files.add(home, addition, check) if known else files.write(home, plan, check):
        say(f"{path} is written.")
    return Made(addition.bot, is_new=False) if known else Made(plan.bot, is_new=True, approves="approve" in plan.traits)


def _introduce(interview: Interview, there: Sequence[Bot]) -> None:
    if interview.ask is None:
        return
    interview.say(INTRO)
    if there:
        names = " and ".join(bot.name for bot in there)
        interview.say(
            f"There is a bot already ({names}). A new name makes another one; its own name adds accounts to it."
        )


def _plan(
    home: Path,
    environ: Mapping[str, str],
    given: Given,
    interview: Interview,
    present: Sequence[Bot],
    bot: str,
    clock: Clock,
) -> files.Plan:
    """All answers."""
    there = [bot for bot in present if files.is_taken(home, bot.name)]
    traits: dict[str, object] = {}
    _ask_traits(interview, ABOUT, traits, environ)
    note_file = home / "data" / ("notes.toml" if bot == "default" else f"notes-{bot}.toml")
    material = ask_for_material(interview, given.sources, given.notes, note_file, clock)
    # The bot speaks as its material does, whatever the machine's language.
    _ask_traits(interview, WHEN, traits, {**environ, "LC_ALL": material.language} if material.language else environ)
    is_first = files.key_file(home, bot).parent == home
    typed = given_keys(interview, given.keys, is_first=is_first)
    shared = from_file(home / ".env", "", per_bot=False, problems=Problems())
    place = Place(
        bot=bot,
        environ={**environ, **typed},
        shared={name: entry.value for name, entry in shared.items()},
        others=there,
        clock=clock,
    )
    inherited = {} if there else present[0].credentials
    accounts = _accounts(interview, place, inherited)
    if not is_first:
        traits["platforms"] = [name for name in SPECS if name in {*accounts, *inherited} or not SPECS[name].public]
    services = {**_writers(interview), **_switch(interview)} if is_first and interview.ask else {}
    of_platforms = {variable.name for spec in PLATFORMS for variable in required_of(spec)}
    keys = {name: value for name, value in typed.items() if name not in of_platforms} | services
    for account in accounts.values():
        keys |= dict(account)
    return files.Plan(bot, traits, material, keys)


def _bot_name(home: Path, interview: Interview, given: Given, there: Sequence[Bot]) -> str:
    """The first bot is called default, unless an option says otherwise. That of a bot that is there means it."""
    platforms = {spec.name for spec in PLATFORMS}
    adds = interview.ask is not None or not platforms.isdisjoint(given.answers)
    adds = adds and not given.sources and not given.notes and given.answers.keys() <= {"bot", *platforms}

    def read(answer: str) -> str:
        if there and not answer:
            raise InvalidValue("is missing, and there is a bot already", "Give a new name, or its own to add accounts.")
        if not re.fullmatch(BOT_NAME, answer):
            raise InvalidValue("can't be a bot's name", "Use small letters, digits, - and _, at most 40.")
        if files.is_taken(home, answer) and not adds:
            remedy = "Take another; or give nothing but accounts, which are added to it."
            raise InvalidValue(f"is the name of a bot that is there ({files.bot_file(home, answer)})", remedy)
        return answer

    if not there and "bot" not in interview.given:
        return "default"
    return interview.answer(Question("bot", "Its short name, such as club", read)) or ""


def _ask_traits(
    interview: Interview, questions: Sequence[TraitQuestion], traits: dict[str, object], environ: Mapping[str, str]
) -> None:
    for question in questions:
        read = partial(lambda answer, asked: asked.read(answer, traits), asked=question)
        proposed = question.proposes(traits, environ)
        traits.update(interview.answer(Question(question.option, question.words, read, default=proposed)) or {})


def _accounts(interview: Interview, place: Place, inherited: Mapping[str, PlatformSettings]) -> dict[str, Keys]:
    """By platform: the keys of each account that is new. `inherited`: those of `.env` that no other bot has."""
    accounts = {}
    for spec in PLATFORMS:
        if spec.name in inherited and spec.name not in interview.given:
            interview.say(f"{spec.title}: {inherited[spec.name].described}, with the keys in .env.")
        elif keys := ask_for_account(interview, spec, place):
            accounts[spec.name] = keys
    return accounts


def given_keys(interview: Interview, lines: str, *, is_first: bool) -> Keys:
    """The keys that standard input gave."""
    problems = Problems()
    layer = parsed(lines, "", per_bot=not is_first, problems=problems)
    for problem in problems:
        interview.note("keys-stdin", f"{problem.field}: {problem.message} {problem.remedy}")
    values = {name: entry.value for name, entry in layer.items() if entry.value}
    for name, value in values.items():
        interview.read(Question("keys-stdin", "", partial(named_key, name)), value)
    return values


def _writers(interview: Interview) -> Keys:
    """Keys of services that write texts, for who wants them."""
    interview.say(
        "A model can write the posts. That costs money and is not needed: without one they say what the material says."
    )
    keys = {}
    for record in (Claude, OpenAI):
        variable = variables_of(record)["api_key"]
        read = partial(checked_key, variable.name, may_be_empty=True)
        question = Question("", f"{variable.asked} (Enter: none)", read, variable.where, secret=True)
        if key := interview.answer(question):
            keys[variable.name] = key
    return keys


def _switch(interview: Interview) -> Keys:
    """The address of a dead-man's switch, for who wants one."""
    interview.say(
        "If this machine stops, its bot falls silent, and cannot say so itself. A dead-man's switch waits for a sign of"
        " life after each run and writes to you when none comes. It is free and not needed; you can add it later."
    )
    variable = variables_of(Settings)["ping_url"]
    read = partial(checked_key, variable.name, may_be_empty=True)
    address = interview.answer(Question("", f"{variable.asked} (Enter: none)", read, variable.where, secret=True))
    return {variable.name: address} if address else {}


def _summary(home: Path, plan: files.Plan) -> Iterator[str]:
    traits = plan.traits
    times = traits.get("schedule.times") or [f"every {traits.get('schedule.every_hours')} hours"]
    assert isinstance(times, list)
    quiet = f", none from {traits['limits.quiet_hours']}".replace("-", " to ") if "limits.quiet_hours" in traits else ""
    yield f"The bot {plan.bot} posts at {', '.join(times)} ({traits['time_zone']}){quiet}."
    if "approve" in traits:
        first = f" for the first {traits['approve_when.first']}" if "approve_when.first" in traits else ""
        yield f"No post goes out before you approve it{first}: the verb drafts shows what waits."
    names = ["the bundled notes" if source.kind == "starter" else source.name for source in plan.material.sources]
    yield f"Its material: {', '.join(names) or 'none; it posts what you give to the verb post'}."
    yield (
        f"Its keys go into {files.key_file(home, plan.bot)}, which only you may read."
        if plan.keys
        else "It has no keys."
    )
