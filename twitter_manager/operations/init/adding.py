"""`init` for a bot that is there: accounts that it lacks are asked for, tried and added; nothing else of it changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from twitter_manager.domain import Clock
from twitter_manager.errors import UsageError
from twitter_manager.operations.init import files
from twitter_manager.operations.init.accounts import Place, ask_for_account
from twitter_manager.operations.init.interview import Interview
from twitter_manager.platforms import SPECS
from twitter_manager.settings import Bot
from twitter_manager.settings.env import from_file
from twitter_manager.settings.files import Problems


def ask(
    home: Path, environ: Mapping[str, str], interview: Interview, bot: Bot, bots: Sequence[Bot], clock: Clock
) -> files.Addition:
    """The keys of the accounts that are to be added. `bots`: all that are there. Raises UsageError where it is none."""
    shared = from_file(home / ".env", "", per_bot=False, problems=Problems())
    others = [other for other in bots if other.name != bot.name]
    values = {name: entry.value for name, entry in shared.items()}
    place = Place(bot.name, environ, values, others, clock)
    platforms: list[str] = []
    keys: dict[str, str] = {}
    for spec in filter(lambda spec: spec.public, SPECS.values()):
        if spec.name in bot.platforms_on and spec.name in bot.credentials:
            has = f"the bot {bot.name} posts there already, {bot.credentials[spec.name].described}"
            if spec.name in interview.given:
                interview.note(spec.name, f"{has}; for other keys change them in {files.keys_of(home, bot.name)}")
            elif interview.ask:
                interview.say(f"{spec.title}: {has}.")
        elif account := ask_for_account(interview, spec, place):
            platforms.append(spec.name)
            keys |= account
    if not platforms and not interview.problems:
        raise UsageError(f"No account was added to the bot {bot.name}.", "Nothing was written.")
    return files.Addition(bot.name, tuple(platforms), tuple(bot.platforms), keys)


def summary(home: Path, addition: files.Addition) -> Iterator[str]:
    """What would be written."""
    titles = " and ".join(SPECS[name].title for name in addition.platforms)
    yield f"The bot {addition.bot} will post to {titles} too."
    yield f"Its keys go into {files.keys_of(home, addition.bot)}, which only you may read."
