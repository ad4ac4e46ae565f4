"""The words by which headings, files, entries of changelogs and commits are told apart; they stand in `words.toml`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache


def fits(name: str, text: str) -> bool:
    """Whether the text, as a whole, is one of the words of a list ("headings.nameless"). Capitals don't matter."""
    return pattern(name).fullmatch(text) is not None


@cache
def pattern(name: str, form: str = "{}") -> re.Pattern[str]:
    """A list as an expression. `form`: what stands around it, with braces for the list."""
    table, _, key = name.partition(".")
    return re.compile(form.replace("{}", f"(?:{table_of(table)[key]})", 1), re.IGNORECASE)


@cache
def table_of(name: str) -> Mapping[str, str]:
    """The lists of a table by their names, each as an expression."""
    import tomllib
    from importlib import resources

    tables = tomllib.loads(resources.files(__package__).joinpath("words.toml").read_text("utf-8"))
    return {key: "|".join(lines.split("\n")[:-1]) for key, lines in tables[name].items()}
