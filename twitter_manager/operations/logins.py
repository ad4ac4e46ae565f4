"""`auth login` and `auth rotate`: other keys for a bot's account, which are tried before they are written.

The keys go where those before stood, and all files change or none. What is kept of the login before is removed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from twitter_manager.domain import Clock
from twitter_manager.errors import LockHeld, PlatformError, UsageError
from twitter_manager.files import replace_bytes
from twitter_manager.operations import machine
from twitter_manager.operations.init import files, given_keys
from twitter_manager.operations.init.accounts import (
    Keys,
    Place,
    account_in,
    required_of,
    settings_of,
    tried_account,
    verified,
)
from twitter_manager.operations.init.interview import Interview
from twitter_manager.operations.lock import locked
from twitter_manager.platforms import kept
from twitter_manager.platforms.spec import Charge, PlatformSettings, PlatformSpec, free
from twitter_manager.settings import Bot, Settings, keyrings, load, values_of
from twitter_manager.settings.env import ENVIRONMENT

_PATIENCE = 60
"""Seconds that are waited for a run to end."""


@dataclass(frozen=True, slots=True)
class Wish:
    """Whose keys are to change, and what is known of those that are there."""

    bot: Bot
    spec: PlatformSpec
    given: str
    """Lines of NAME=value; "" where a person is asked."""
    may_be_another: bool
    """Whether the new keys may be of another account."""
    account: str
    """Whose the present keys are, as the platform last said; "" where it did not yet."""
    keyring: bool = False
    """Whether the secrets are to stand in the keyring. Those that stand there stay there."""
    charge: Charge = free
    """Takes what the platform charges for the logins that are tried."""

    @property
    def before(self) -> PlatformSettings | None:
        """What the bot logs in with now."""
        return self.bot.credentials.get(self.spec.name) if self.spec.name in self.bot.platforms_on else None


@dataclass(frozen=True, slots=True)
class Change:
    """Whose the new keys are, and what was written."""

    account: str
    places: tuple[str, ...]


def change(settings: Settings, environ: Mapping[str, str], wish: Wish, interview: Interview, clock: Clock) -> Change:
    """Ask for other keys, try them, and write them. Raises UsageError, LockHeld, OtherMachine,
    SettingsProblems, and TwitterManagerError where a file can't be written: nothing is changed then."""
    machine.refuse_other(settings.data)
    _refuse_environment(wish)
    with TemporaryDirectory() as sessions:
        values = values_of(settings.home, environ, wish.bot.name)
        place = _place(settings, values, wish, interview, clock, Path(sessions))
        keys, account = tried_account(interview, wish.spec, place)
        if interview.problems:
            told = (problem.removeprefix(f"--{wish.spec.name}: ") for problem in interview.problems)
            raise UsageError("; ".join(told) + ".", "Nothing was changed.")
        entries = _entries(keys, settings, wish)
        moved = {name for name in entries if not keyrings.user_at(wish.bot.origins.get(name, ""))}
        new = {name: value for name, value in keys.items() if values.get(name) != value or name in moved}
        if not new:
            raise UsageError("Nothing was changed.", "These are the keys that are there." if keys else "")
        _refuse_another(wish, keys, account, place)
        with _when_no_run_is_at_work(settings.lock, interview.say):
            session = kept.place(settings.data, wish.spec.name, wish.bot.name)
            session.unlink(missing_ok=True)  # it belongs to the keys before
            places = _write(settings, environ, wish, new, {name: user for name, user in entries.items() if name in new})
            left = kept.place(Path(sessions), wish.spec.name, wish.bot.name)
            if left.exists():
                replace_bytes(session, left.read_bytes())
    return Change(account_in(account), tuple(places))


def _entries(keys: Keys, settings: Settings, wish: Wish) -> Mapping[str, str]:
    """By name: the keyring's entries of the secrets that belong there. Raises UsageError."""
    if wish.keyring and settings.keyring != "on":
        raise UsageError("KEYRING is off: no run would look there.", "Write KEYRING=on into .env, then do it again.")
    secret = {variable.name for variable in required_of(wish.spec) if variable.secret} & keys.keys()
    origins = {name: wish.bot.origins.get(name, "") for name in secret}
    others = [bot for bot in settings.active if bot.name != wish.bot.name]
    new = {name: keyrings.user(name, wish.bot.name if others else "") for name in secret}
    there = {name: keyrings.user_at(origins[name]) for name in secret}
    for name, user in there.items():
        if user and not any(bot.origins.get(name) == origins[name] for bot in _posting(others, wish)):
            new[name] = user
    return {name: user for name, user in new.items() if wish.keyring or there[name]}


def _write(
    settings: Settings, environ: Mapping[str, str], wish: Wish, new: Keys, entries: Mapping[str, str]
) -> list[str]:
    """Write the new keys, those with an entry into the keyring and out of the files; gives the places. All or nothing.
    Raises TwitterManagerError."""
    in_files = [name for name in new if name not in entries]
    emptied = [name for name in entries if wish.bot.origins.get(name) and not keyrings.user_at(wish.bot.origins[name])]
    written = {name: new[name] for name in in_files} | dict.fromkeys(emptied, "")
    standing = {name: _file_of(name, settings, wish) for name in written}
    added = () if wish.before else (wish.spec.name,)
    addition = files.Addition(wish.bot.name, added, tuple(wish.bot.platforms), written, standing)
    with _in_keyring({user: new[name] for name, user in entries.items()}):
        paths = files.add(settings.home, addition, lambda _: _check(settings.home, environ, wish.bot, new))
    return [*map(str, paths), *["the keyring"] * bool(entries)]


@contextmanager
def _in_keyring(secrets: Mapping[str, str]) -> Iterator[None]:
    """The secrets are in the keyring; what was there before comes back where the rest fails."""
    if not secrets:
        yield
        return
    before = dict.fromkeys(secrets, "") | keyrings.read(secrets.keys())
    try:
        keyrings.write(secrets)
        yield
    except BaseException:
        keyrings.write(before)
        raise


def _place(settings: Settings, values: Keys, wish: Wish, interview: Interview, clock: Clock, sessions: Path) -> Place:
    """At a terminal the present values are proposed; else they hold where no others are given."""
    own_file = files.keys_of(settings.home, wish.bot.name)
    typed = given_keys(interview, wish.given, is_first=own_file.parent == settings.home)
    names = {variable.name for variable in required_of(wish.spec)}
    present = {name: value for name, value in values.items() if name in names}
    return Place(
        bot=wish.bot.name,
        environ=typed if interview.attended else {**present, **typed},
        shared=values,
        others=[bot for bot in settings.bots if bot.name != wish.bot.name],
        clock=clock,
        present=present if interview.attended else {},
        sessions=sessions,
        charge=wish.charge,
    )


def _refuse_environment(wish: Wish) -> None:
    """Keys of the environment hold over `.env`: what is written there would not count."""
    names = [variable.name for variable in required_of(wish.spec) if wish.bot.origins.get(variable.name) == ENVIRONMENT]
    if names:
        remedy = f"Change them there, or say: unset {' '.join(names)}"
        raise UsageError(f"The keys of {wish.spec.title} come from your environment, not from a file.", remedy)


def _refuse_another(wish: Wish, keys: Keys, account: str, place: Place) -> None:
    """The bot's posts, its threads and its deletions are of one account. Raises UsageError."""
    before = wish.before
    if before is None or wish.may_be_another:
        return
    if before.account == settings_of(wish.spec, {**place.shared, **keys}).account:
        return
    earlier = wish.account
    if not earlier:
        with suppress(PlatformError):
            earlier = account_in(verified(wish.spec, before, place))
    if earlier == account_in(account):
        return
    whose = (
        f"the bot {wish.bot.name} posts as {earlier}" if earlier else "whose the present ones are, can't be found out"
    )
    remedy = "Take keys of the same account; or say --other-account, if the bot is to post there from now on."
    raise UsageError(f"These keys are of {account_in(account)}, and {whose}.", remedy)


def _file_of(name: str, settings: Settings, wish: Wish) -> Path:
    """Where a key belongs: where it stands, but not where another bot has it from. New ones of several bots are each
    bot's own."""
    bot, home = wish.bot, settings.home
    others = [each for each in settings.active if each.name != bot.name]
    where = bot.origins.get(name)
    where = None if where and keyrings.user_at(where) else where
    if where and not any(each.origins.get(name) == where for each in _posting(others, wish)):
        return home / where
    return files.bot_file(home, bot.name).with_suffix(".env") if others else files.keys_of(home, bot.name)


def _posting(bots: Sequence[Bot], wish: Wish) -> Iterator[Bot]:
    """Those with an account at the platform that is meant."""
    return (bot for bot in bots if wish.spec.name in bot.platforms_on and wish.spec.name in bot.credentials)


def _check(home: Path, environ: Mapping[str, str], bot: Bot, keys: Keys) -> None:
    """The files say what was written, and nothing holds over them. Raises SettingsProblems, UsageError."""
    load(home, environ)
    if not keys.items() <= values_of(home, environ, bot.name).items():
        message = "The environment or another file says otherwise, and holds."
        raise UsageError(message, "Take its keys out there; nothing was changed.")


@contextmanager
def _when_no_run_is_at_work(lock: Path, say: Callable[[str], None]) -> Iterator[None]:
    """A run would keep the session of the keys before. Raises LockHeld after a minute."""
    for second in range(_PATIENCE):
        with suppress(LockHeld), locked(lock):
            yield
            return
        if second == 0:
            say("A run is at work; the keys are written when it has ended.")
        time.sleep(1)
    with locked(lock):
        yield
