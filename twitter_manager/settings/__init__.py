"""All settings: `.env`, the process environment and the bot files, read once, checked, and given as frozen records.

Every problem is named at once, with its file, its field and what to do; a secret is never repeated. What holds over
what: the process environment over `.env`, `data/bots/NAME.env` over both for that bot. Each key's rule, default and
help stand in one place: at the field of a pydantic model, or of a record that one holds.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext, suppress
from pathlib import Path

from twitter_manager.errors import Problem, SettingsProblems
from twitter_manager.platforms import SPECS
from twitter_manager.settings import botfile, channels, env
from twitter_manager.settings.botfile import sample_bot_file
from twitter_manager.settings.env import HOME, sample_env
from twitter_manager.settings.files import Problems, read_text
from twitter_manager.settings.process import Settings
from twitter_manager.settings.records import (
    Bot,
    BotFile,
    Channels,
    Embeddings,
    Generators,
    HuggingFace,
    Limits,
    Provider,
)
from twitter_manager.settings.sources import serving
from twitter_manager.settings.upkeep import Upkeep
from twitter_manager.sources import Source
from twitter_manager.terminal import command
from twitter_manager.validation import InvalidValue, did_you_mean

__all__ = [
    "BOT_NAME", "Bot", "BotFile", "Embeddings", "Generators", "HuggingFace", "Limits",
    "Provider", "Settings", "Source", "as_far_as_known", "channels_at_hand", "find_home", "load", "sample_bot_file",
    "sample_env", "secrets_at_hand", "values_of",
]  # fmt: skip

BOT_NAME = r"[a-z0-9_-]{1,40}"


def find_home(environ: Mapping[str, str], *, new: bool = False) -> Path:
    """The folder that holds `.env`, data/ and logs/: `TWITTER_MANAGER_HOME`, or the current one.

    The current one must hold .env or data/ already, unless it is to become a `new` home: a program that began anew
    wherever its command is typed would post again what it posted.
    Raises SettingsProblems."""
    given = environ.get(HOME, "")
    try:
        home = (Path(given).expanduser() if given else Path()).absolute()
        if given or new or any((home / name).exists() for name in (".env", "data")):
            if home.is_dir():
                return home
            what, remedy = "is not a folder that is there.", "Make it, or set it."
        else:
            new_here = f"To make a bot here: {command('init')}"
            remedy = f"Go to your bot's folder, or set {HOME} to it. {new_here}"
            raise SettingsProblems([Problem(str(home), "", "holds neither .env nor data/.", remedy)])
    except (OSError, RuntimeError, ValueError):  # a name that can't be one is not there
        what, remedy = "is not a folder that is there.", "Make it, or set it."
    raise SettingsProblems([Problem(env.ENVIRONMENT, HOME, what, remedy)])


def secrets_at_hand(environ: Mapping[str, str]) -> tuple[str, ...]:
    """The secrets of the environment and of all `.env` files, whatever is wrong with the settings: for what is printed
    before they are read."""
    secrets = env.secret_values(env.from_environment(environ, Problems()), environ)
    for content in _env_files(environ):
        secrets |= env.secrets_in(content, environ)
    return tuple(sorted(secrets))


def channels_at_hand(environ: Mapping[str, str]) -> tuple[str, ...]:
    """The addresses by which a person is told, of the environment and all `.env` files, whatever is wrong beside."""
    problems = Problems()
    layers = [env.parsed(content, "", per_bot=False, problems=problems) for content in _env_files(environ)]
    if layers:
        layers[0] = env.merged(layers[0], env.from_environment(environ, problems))
    else:
        layers = [env.from_environment(environ, problems)]
    found: list[str] = []
    for layer in layers:
        if (given := layer.get(channels.VARIABLE)) and given.value:
            with suppress(InvalidValue):
                found += env.checked(channels.VARIABLE, given.value)
    return tuple(dict.fromkeys(found))[: channels.MOST]


def _env_files(environ: Mapping[str, str]) -> Iterator[str]:
    """The texts of `.env` and of the bots' own."""
    with suppress(OSError, RuntimeError, ValueError):
        home = Path(environ.get(HOME, "")).expanduser()
        for path in (home / ".env", *(home / "data" / "bots").glob("*.env")):
            with suppress(FileNotFoundError, InvalidValue):
                yield read_text(path, env.LARGEST, private=False)


def values_of(home: Path, environ: Mapping[str, str], bot: str) -> dict[str, str]:
    """The variables as a bot gets them, by name, whatever is wrong with them."""
    problems = Problems()
    shared = env.from_file(home / ".env", "", per_bot=False, problems=problems)
    shared = env.merged(shared, env.from_environment(environ, problems))
    own = env.from_file(home / "data" / "bots" / f"{bot}.env", "", per_bot=True, problems=problems)
    held: Mapping[str, str] = {}
    with suppress(InvalidValue):
        held = env.in_keyring(shared, {bot: own})
    layer = env.filled(env.merged(shared, own), held, bot)
    return {name: given.value for name, given in layer.items() if given.value}


def load(home: Path, environ: Mapping[str, str]) -> Settings:
    """Read and check all settings; `home` is absolute. Touches nothing. Raises SettingsProblems with all of them."""
    settings, problems = _read(home, environ, is_strict=True)
    if problems:
        raise SettingsProblems(list(dict.fromkeys(problems)))
    return settings


def as_far_as_known(home: Path, environ: Mapping[str, str]) -> Settings:
    """The settings, without what can't be read or is wrong: for whoever leaves. No run may go by them."""
    return _read(home, environ, is_strict=False)[0]


def _read(home: Path, environ: Mapping[str, str], *, is_strict: bool) -> tuple[Settings, Problems]:
    """The settings and what is wrong with them. Else than `is_strict`: files that others may read count too, and the
    keyring may be out of reach."""
    problems = Problems()
    file = env.from_file(home / ".env", ".env", per_bot=False, problems=problems, private=is_strict)
    shared = env.merged(file, env.from_environment(environ, problems))
    files = _bot_files(home / "data" / "bots", problems)
    own = {
        name: env.from_file(
            path.with_suffix(".env"), f"data/bots/{name}.env", per_bot=True, problems=problems, private=is_strict
        )
        for name, path in files.items()
    }
    held: Mapping[str, str] = {}
    with nullcontext() if is_strict else suppress(SettingsProblems):
        held = _held(shared, own)
    layers = {name: env.filled(env.merged(shared, layer), held, name) for name, layer in own.items()}
    shared = env.filled(shared, held)
    values = env.Values(shared, problems)
    bots = [_bot(name, path, env.Values(layers[name], problems), home, problems) for name, path in files.items()]
    settings = Settings.model_construct(
        home=home,
        **values.fields(Settings),
        upkeep=Upkeep.model_construct(**values.fields(Upkeep)),
        generators=values.generators(home),
        mailbox=values.mailbox(),
        bots=tuple(bots),
        secrets=tuple(
            sorted(set().union(*(env.secret_values(layer, environ) for layer in (file, shared, *layers.values()))))
        ),
        pass_through={name: shared[name].value for name in shared.keys() & env.PASS_THROUGH},
    )
    if not problems:
        problems += _nowhere(settings.active)
        problems += _shared_accounts(settings.active)
    return settings, problems


def _held(shared: env.Layer, own: Mapping[str, env.Layer]) -> Mapping[str, str]:
    """What the keyring has. Raises SettingsProblems: without it, what is missing is no mistake of the files."""
    try:
        return env.in_keyring(shared, own)
    except InvalidValue as invalid:
        message = f"is on, and the keyring {invalid.message}."
        raise SettingsProblems([Problem(shared["KEYRING"].where, "KEYRING", message, invalid.remedy)]) from None


def _bot(name: str, path: Path, values: env.Values, home: Path, problems: Problems) -> Bot:
    """The bot; where its file has problems (all are noted), one that is not used."""
    credentials, generators = values.credentials(), values.generators(home)
    given = botfile.read(path, f"data/bots/{name}.toml", home, problems) if path.suffix else None
    limits = {
        platform: limit
        for platform, keys in credentials.items()
        if (limit := SPECS[platform].limit_there(keys, home / "data", name)) is not None
    }
    file = given or BotFile.model_construct()
    sources = serving(file.sources, on_trial=not path.suffix and not credentials)
    return Bot.model_construct(
        **dict(file) | {"sources": sources},
        name=name,
        credentials=credentials,
        generators=generators,
        channels=Channels.model_construct(**values.fields(Channels)),
        limits_there=limits,
        origins=values.origins(),
        has_idle_notes=bool(set(file.sources) - set(sources)),
    )


def _bot_files(folder: Path, problems: Problems) -> dict[str, Path]:
    """The bot files by the bot's name; with none, the built-in bot `default` under a path without a file."""
    where = "data/bots"
    try:
        entries = sorted(folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        entries = []
    except OSError as error:
        problems.note(where, "", InvalidValue(f"can't be read ({error.strerror})", "Mend its permissions."))
        entries = []
    paths = {}
    for path in entries:
        if path.suffix == ".toml" and re.fullmatch(BOT_NAME, path.stem):
            paths[path.stem] = path
        elif path.suffix == ".toml":
            invalid = InvalidValue("has a name that no bot can have", "Use small letters, digits, - and _, at most 40.")
            problems.note(f"{where}/{path.name!a:.60}", "", invalid)
    names = list(paths) or ["default"]
    for path in entries:
        if path.suffix == ".env" and path.stem not in names:
            invalid = InvalidValue(
                f"belongs to no bot: there is no {path.stem!a:.60}.toml", did_you_mean(path.stem, names)
            )
            problems.note(f"{where}/{path.name!a:.60}", "", invalid)
    return paths or {"default": folder / "default"}


def _nowhere(bots: Sequence[Bot]) -> list[Problem]:
    return [
        Problem(
            f"data/bots/{bot.name}.toml",
            "platforms",
            f"names only {' and '.join(bot.platforms)}, and the credentials are not set.",
            "Set them in .env, or add feed.",
        )
        for bot in bots
        if not bot.platforms_on
    ]


def _shared_accounts(bots: Sequence[Bot]) -> list[Problem]:
    """Two bots with one account would each count its limits alone and post over each other."""
    owners: dict[tuple[str, str], list[str]] = defaultdict(list)
    for bot in bots:
        for platform in bot.platforms_on:
            if platform in bot.credentials:
                owners[platform, bot.credentials[platform].account].append(bot.name)
    return [
        Problem(
            "data/bots",
            platform,
            f"the bots {' and '.join(names)} post to the same account.",
            f"Give each its own in data/bots/{names[-1]}.env, or take {platform} out of its platforms.",
        )
        for (platform, _), names in owners.items()
        if len(names) > 1
    ]
