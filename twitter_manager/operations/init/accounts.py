"""The accounts of a new bot: their keys are asked for or taken from the process environment, and tried at once.

What a platform needs, and where a person gets it, stands in the platform's own module.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from twitter_manager.domain import Clock
from twitter_manager.errors import PlatformError, Refused, TwitterManagerError, UsageError
from twitter_manager.factory import NO_INSTALLATION
from twitter_manager.operations.init.interview import Interview, Question
from twitter_manager.platforms import kept
from twitter_manager.platforms.spec import Charge, PlatformContext, PlatformSettings, PlatformSpec, free
from twitter_manager.redaction import Redactor
from twitter_manager.settings import Bot
from twitter_manager.settings.env import Given, Values, bot_env, checked
from twitter_manager.settings.files import Problems
from twitter_manager.settings.variables import Variable, variables_of
from twitter_manager.validation import InvalidValue

LOGINS = 3
"""So many that fail, and it is offered to go on without the platform."""
Keys = Mapping[str, str]
"""Values of variables of `.env`."""


@dataclass(frozen=True, slots=True)
class Place:
    """What a new account is seen beside."""

    bot: str
    environ: Keys
    shared: Keys
    """What `.env` says."""
    others: Sequence[Bot]
    """The other bots."""
    clock: Clock
    present: Keys = field(default_factory=dict)
    """What the account has now, where it gets other keys."""
    sessions: Path | None = None
    """A folder for what a login leaves. Where there is one, keys are taken only when they work."""
    charge: Charge = free
    """Takes what the platform charges for a login that is tried."""


def required_of(spec: PlatformSpec) -> list[Variable]:
    """What a platform can't do without, in the order in which it is asked for."""
    assert spec.settings is not None
    return [variable for variable in variables_of(spec.settings).values() if variable.is_required]


def ask_for_account(interview: Interview, spec: PlatformSpec, place: Place) -> Keys:
    """The account's keys, once a login was tried; nothing where the bot is not to post there."""
    return tried_account(interview, spec, place)[0]


def tried_account(interview: Interview, spec: PlatformSpec, place: Place) -> tuple[Keys, str]:
    """The same, with whose the keys are; "" where the service gave no answer."""
    if spec.name not in interview.given and interview.ask is None:
        return {}, ""
    keys = _keys(interview, spec, place, place.present)
    failures = 0
    while keys and not interview.problems:
        try:
            account = _login(spec, keys, place)
            interview.say(f"{spec.title}: the login works, as {account}.")
            return keys, account
        except TwitterManagerError as error:
            failures += 1
            if _goes_on(interview, spec, keys, error, may_be_untried=place.sessions is None):
                return keys, ""
        way_out = "Leave all as it is" if place.sessions else f"Go on without {spec.title}"
        if failures % LOGINS == 0 and interview.agrees(way_out, by_default=True):
            return {}, ""
        keys = {} if interview.problems else _keys(interview, spec, place, keys)
    return keys, ""


def _goes_on(
    interview: Interview, spec: PlatformSpec, keys: Keys, error: TwitterManagerError, *, may_be_untried: bool
) -> bool:
    """Tell of a login that failed; whether the keys are kept all the same, for a service that gave no answer."""
    secrets = tuple(keys[variable.name] for variable in required_of(spec) if variable.secret)
    words = f"{spec.title}: {Redactor(secrets).redact(str(error))}"
    unknown = may_be_untried and isinstance(error, PlatformError) and not isinstance(error, Refused)
    if interview.ask is None and not unknown:
        interview.note(spec.name, words)
        return False
    interview.say(words)
    return unknown and interview.agrees("Take the keys untried; doctor tries them again", by_default=not interview.ask)


def _keys(interview: Interview, spec: PlatformSpec, place: Place, typed: Keys) -> Keys:
    """The values that the platform needs, and what else the process environment says of it. `typed`: those of a login
    that failed, or those that are there, to be kept or changed."""
    values: dict[str, str] = {}
    required = required_of(spec)
    if typed:
        once_more = "" if typed is place.present else " once more"
        interview.say(f"{spec.title}{once_more}; Enter keeps what stands there.")
    for variable in required:
        first = variable is required[0]
        question = _question(spec, variable, way_out=first and not typed, before=typed)
        if typed is place.present:
            question = replace(question, told=variable.where)
        option = interview.given.get(spec.name, "") if first and not variable.secret else ""
        value = "" if typed else option or place.environ.get(variable.name, "")
        if value and any(f" {variable.name} " in problem for problem in interview.problems):
            answer = ""  # what is wrong with it was told as it was given
        elif value:
            read = question.read if option else partial(named_key, variable.name)
            answer = interview.read(replace(question, option=spec.name, read=read), value)
        elif not interview.attended:
            words = f"{variable.name} is not set; set it in the environment, or give it with --keys-stdin"
            interview.note(spec.name, words)
            answer = ""
        elif interview.ask:
            answer = interview.answer(question)
            if not answer:
                return {}
        values[variable.name] = answer or ""
    return dict(typed or _optional(spec, place)) | values


def checked_key(name: str, answer: str, *, may_be_empty: bool) -> str:
    """The value of a variable as it can be written. Raises InvalidValue."""
    if answer:
        checked(name, answer)
        bot_env("", {name: answer})
    elif not may_be_empty:
        raise InvalidValue("is needed too")
    return answer


def named_key(name: str, value: str) -> str:
    """The same, for a value among others. Raises InvalidValue, which names the variable."""
    try:
        return checked_key(name, value, may_be_empty=True)
    except InvalidValue as invalid:
        raise InvalidValue(f"{name} {invalid.message}", invalid.remedy) from None


def _question(spec: PlatformSpec, variable: Variable, *, way_out: bool, before: Keys) -> Question:
    typed = before.get(variable.name, "")
    return Question(
        option="",
        words=f"{spec.title}: {variable.asked}" + f" (Enter: no {spec.title})" * way_out,
        read=partial(checked_key, variable.name, may_be_empty=way_out),
        told="" if before else variable.where,
        default="" if variable.secret else typed,
        secret=variable.secret,
        typed=typed if variable.secret else "",
    )


def _optional(spec: PlatformSpec, place: Place) -> Keys:
    """What the process environment says of the platform besides: cron will not have it."""
    assert spec.settings is not None
    names = [variable.name for variable in variables_of(spec.settings).values() if not variable.is_required]
    return {name: place.environ[name] for name in names if place.environ.get(name)}


def _login(spec: PlatformSpec, keys: Keys, place: Place) -> str:
    """Whose the keys are, by a read-only request. Raises PlatformError, UsageError."""
    settings = settings_of(spec, {**place.shared, **keys})
    others = {
        bot.name: bot.credentials[spec.name]
        for bot in place.others
        if bot.enabled and spec.name in bot.platforms_on and spec.name in bot.credentials
    }
    for owner, keys_there in others.items():
        if keys_there.account == settings.account:
            raise _taken(owner)
    if place.sessions:
        kept.place(place.sessions, spec.name, place.bot).unlink(missing_ok=True)  # of an earlier try
    account = verified(spec, settings, place, place.sessions)
    for owner, keys_there in others.items():  # two handles or two tokens can be of one account: only the server tells
        with suppress(PlatformError):
            if account_in(verified(spec, keys_there, place)) == account_in(account):
                raise _taken(owner)
    return account


def _taken(owner: str) -> UsageError:
    return UsageError(f"The bot {owner} posts to this account already.", "Give this bot another.")


def settings_of(spec: PlatformSpec, values: Keys) -> PlatformSettings:
    """The platform's settings with these values, among which may be others. Raises UsageError."""
    assert spec.settings is not None
    names = {variable.name for variable in variables_of(spec.settings).values()}
    given = {name: Given(value, "") for name, value in values.items() if name in names}
    problems = Problems()
    settings = Values(given, problems).credentials()[spec.name]
    if problems:
        raise UsageError("; ".join(f"{problem.field} {problem.message}" for problem in problems))
    return settings


def account_in(verified: str) -> str:
    """Whose keys they are, of what a platform's `verify` told."""
    return verified.partition(",")[0]


def verified(spec: PlatformSpec, settings: PlatformSettings, place: Place, sessions: Path | None = None) -> str:
    """What the platform says of the keys, by a read-only request. `sessions`: a folder for what the login leaves; None:
    nothing is kept. Raises PlatformError."""
    with ExitStack() as stack:
        folder = sessions or Path(stack.enter_context(TemporaryDirectory()))
        context = PlatformContext(place.bot, "", "en", folder, NO_INSTALLATION, place.clock, charge=place.charge)
        return spec.make(settings, context).verify()
