"""The verb `auth`: what the bots log in with."""

from __future__ import annotations

import os
import sys
from contextlib import closing
from functools import partial
from pathlib import Path

from twitter_manager.app import App
from twitter_manager.domain import Json
from twitter_manager.errors import Interrupted, PlatformError, UsageError
from twitter_manager.operations import credentials, labels
from twitter_manager.operations.init import PLATFORMS
from twitter_manager.operations.init.interview import Interview
from twitter_manager.operations.logins import Wish, change
from twitter_manager.platforms import SPECS, any_of
from twitter_manager.platforms.spec import PlatformSpec
from twitter_manager.settings import Bot, find_home
from twitter_manager.show.keys import key_lines
from twitter_manager.store import charges, limits
from twitter_manager.terminal import command
from twitter_manager.verbs.first_hour import LARGEST, ask
from twitter_manager.verbs.verb import (
    JSON,
    UNCHANGED,
    Verb,
    Words,
    action,
    agrees,
    bot_option,
    opened,
    platform_name,
    say,
    show,
    switch,
    word,
)


def auth(words: Words) -> int:
    """What the bots log in with. check: ask each service whose the key is, and tell where it stands, its age and its
    end. login: give a bot the keys of an account; rotate: give it other keys of its account. Both ask for them, or
    read them from standard input with --keys-stdin, try them, and write them only when they work. label: let the
    account say that it is automated, or tell how; login asks for that too."""
    if words.platform:
        platform_name(words.platform)
    files = _closed(words, find_home(os.environ))  # a file that others may read is not read
    app = opened(words)
    acts = {"check": lambda: _check(app, words, files), "label": lambda: _label(app, words)}
    return acts.get(words.action, lambda: _change(app, words))()


def _check(app: App, words: Words, files: list[Json]) -> int:
    bots = [app.session.bot(words.bot)] if words.bot else app.settings.active
    if words.platform and not any(key.service == words.platform for bot in bots for key in credentials.keys_of(bot)):
        spec = SPECS[words.platform]
        if not spec.public:
            raise UsageError(f"{spec.title} needs no login.")
        raise UsageError(f"No bot has a key for {spec.title}.", f"Give one: {command(f'auth login {spec.name}')}")
    with app.session.logged(), closing(app.session.open_store()) as db:
        keys = credentials.check(db, app.settings, app.factory, bots, app.clock(), words.platform)
    ok = all(key["result"] != "failed" for key in keys) and all(file["closed"] for file in files)
    report = {"ok": ok, "keys": keys, "files": files}
    show(words, report, lambda shown: key_lines(shown, app.session.time_zone))
    return 0 if ok else 1


def _closed(words: Words, home: Path) -> list[Json]:
    """The files that others may read, which are closed to them where the person agrees."""
    files = credentials.open_to_others(home)
    names = [str(path.relative_to(home)) for path in files]
    agreed = words.yes
    if files and not agreed and not words.json and not words.keys_stdin and sys.stdin.isatty():
        agreed = agrees(words, f"Other users may read {', '.join(names)}. Close to them?", by_default=True)
    if agreed:
        for path in files:
            credentials.close_to_others(path)
    return [{"path": name, "closed": agreed} for name in names]


def _change(app: App, words: Words) -> int:
    """Other keys, for an account that the bot has or for a new one."""
    if not words.keys_stdin and not _can_ask(words):
        remedy = "Give the keys with --keys-stdin, NAME=value on each line."
        raise UsageError(f"auth {words.action} asks at a terminal, and there is none.", remedy)
    bot, given = app.session.bot(words.bot), sys.stdin.read(LARGEST) if words.keys_stdin else ""
    shown = words.screen.lines if sys.stdout.isatty() and not words.json else lambda lines: None
    try:
        spec = _platform(words, bot)
        interview = Interview({spec.name: ""}, None if words.keys_stdin else ask, lambda text: shown(text.split("\n")))
        known = _known_account(app, bot, spec)
        charge = partial(_booked_later, app, bot, spec)
        wish = Wish(bot, spec, given, words.other_account, known, words.keyring, charge)
        with app.session.logged():
            changed = change(app.settings, os.environ, wish, interview, app.clock)
    except (EOFError, Interrupted) as end:
        if sys.stdin.isatty():
            words.screen.lines([""])  # what follows is a line of its own
        words.screen.trouble(UNCHANGED)
        return 128 + end.signal_number if isinstance(end, Interrupted) else UsageError.exit_code
    finally:
        app.session.keep(app.factory.unbooked)
    fresh = app.reloaded()
    words.screen.redact = fresh.redactor.redact
    with closing(fresh.session.open_store()) as db:
        credentials.note_login(db, fresh.settings, bot.name, spec.name, changed.account, fresh.clock())
        platform = fresh.factory.platforms(fresh.session.bot(bot.name))[spec.name]
        with db.transaction():
            limits.lift(db, spec.name, platform.account)  # they were met with the keys before
    where = " and ".join(changed.places)
    lines = [f"{spec.title}: the bot {bot.name} logs in as {changed.account} from now on, with the keys in {where}."]
    if wish.before:
        lines.append(f"Of the keys before nothing is left here. To end them: {spec.revoking}.")
    code = say(words, *lines)
    if interview.attended and words.action == "login":
        try:
            words.screen.lines(labels.offer(platform, spec, partial(agrees, words)))
        except (PlatformError, UsageError) as error:  # Ctrl-D is no yes, and the keys are written
            words.screen.trouble(f"{spec.title}: the account was not marked as automated. {error}")
    return code


def _label(app: App, words: Words) -> int:
    """Let an account say that it is automated. --yes is the person's consent where nobody can be asked."""
    bot = app.session.bot(words.bot)
    try:
        spec = _platform(words, bot)
    except EOFError:
        words.screen.lines([""])  # what follows is a line of its own
        raise UsageError(UNCHANGED) from None
    if not words.yes and not _can_ask(words):
        remedy = "Say --yes, if the account is to call itself automated."
        raise UsageError("auth label asks at a terminal, and there is none.", remedy)
    with app.session.logged():
        platform = app.factory.platforms(bot)[spec.name]
        return say(words, *labels.offer(platform, spec, lambda question: words.yes or agrees(words, question)))


def _can_ask(words: Words) -> bool:
    return not words.json and sys.stdin.isatty()


def _booked_later(app: App, bot: Bot, spec: PlatformSpec, kind: str, units: int, usd: float) -> None:
    """See `platforms.spec.Charge`: no database is open while a person is asked."""
    if usd > 0:
        app.factory.unbooked.append(charges.Charge(app.clock(), bot.name, spec.name, kind, units, usd))


def _platform(words: Words, bot: Bot) -> PlatformSpec:
    """The platform that is meant. Raises UsageError."""
    has = [spec for spec in PLATFORMS if spec.name in bot.credentials and spec.name in bot.platforms_on]
    choices = list(PLATFORMS) if words.action == "login" else has
    name = words.platform
    if not name and len(choices) == 1:
        name = choices[0].name
    elif not name and _can_ask(words) and not words.keys_stdin and choices:
        name = ask(f"Which platform: {any_of([spec.name for spec in choices])}", False, "").strip()
    if not name and choices:
        raise UsageError(f"auth {words.action} needs a platform.", f"Say {any_of([spec.name for spec in choices])}.")
    if name and not SPECS[platform_name(name)].public:
        raise UsageError(f"{SPECS[name].title} needs no login.", UNCHANGED)
    if name not in [spec.name for spec in choices]:
        what = SPECS[name].title if name else "any platform"
        raise UsageError(f"The bot {bot.name} has no keys of {what}.", f"Give it some: {command(f'auth login {name}')}")
    return SPECS[name]


def _known_account(app: App, bot: Bot, spec: PlatformSpec) -> str:
    """Whose the present keys are, as was last heard."""
    key = next((key for key in credentials.keys_of(bot) if key.service == spec.name), None)
    with app.session.reading() as db:
        if key is None or db is None:
            return ""
        return credentials.account_of(db, key)


AUTH = Verb(
    auth,
    (
        JSON,
        action("check", "login", "rotate", "label", help="what to do"),
        word("platform", nargs="?", default="", metavar="PLATFORM", help="only this one"),
        switch("--keys-stdin", "read keys from standard input, NAME=value on each line"),
        switch("--keyring", "with login and rotate: put the secrets into this machine's keyring"),
        switch("--other-account", "with login and rotate: the keys may be of another account than before"),
        switch("--yes", "without asking, close files with keys to other users; with label: mark the account"),
        bot_option("which bot (check: default every bot; else needed with several)"),
    ),
)
