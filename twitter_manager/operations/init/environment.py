"""What the process environment does to the bots: it holds over `.env`, for each of them and for every verb.

Keys that were exported for one bot are another's too, until its own file says otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from twitter_manager.errors import Problem, SettingsProblems, UsageError
from twitter_manager.operations.init.accounts import required_of
from twitter_manager.platforms import SPECS
from twitter_manager.settings import load


def check(home: Path, environ: Mapping[str, str], keys: Mapping[str, str], *, at_terminal: bool) -> None:
    """Read the settings as the next command of this shell will. `keys`: those of the bot that is made.

    Raises SettingsProblems where the files are no good, UsageError where the environment is in their way."""
    load(home, {})
    problems = _problems(home, environ)
    if not problems:
        return
    names = list(_in_the_way(home, environ, problems))
    if not names:
        told = "; ".join(map(str, problems))
        raise UsageError(f"Nothing was written, since every command would end with this: {told}")
    told = "; ".join(str(Problem(problem.where, problem.field, problem.message)).rstrip(".") for problem in problems)
    its_own = any(environ[name] == keys.get(name) for name in names)
    how = (", and type the keys" if at_terminal else ", and give the keys with --keys-stdin") if its_own else ""
    raise UsageError(
        "Nothing was written: what is in your environment holds for every bot, and every command would end with this: "
        f"{told}.",
        f"First say: unset {' '.join(names)} (or open a new shell). Then run init again{how}.",
    )


def _problems(home: Path, environ: Mapping[str, str]) -> Sequence[Problem]:
    try:
        load(home, environ)
    except SettingsProblems as error:
        return error.problems
    return ()


def _in_the_way(home: Path, environ: Mapping[str, str], problems: Sequence[Problem]) -> Iterator[str]:
    """The keys in the environment without which there are fewer of the problems."""
    for spec in filter(lambda spec: spec.settings, SPECS.values()):
        names = [variable.name for variable in required_of(spec) if environ.get(variable.name)]
        without = {name: value for name, value in environ.items() if name not in names}
        if names and set(problems) - set(_problems(home, without)):
            yield from names
