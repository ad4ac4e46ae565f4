"""The rule on claims that age: a post that nobody wrote calls something new, today's or just released only while it is.

How old the material is, is left to the caller; where nobody knows, it is not fresh. A day that the post names itself
("this Saturday, 5 December") speaks for itself until it is over.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Sequence
from datetime import timedelta
from importlib import import_module
from importlib.util import find_spec

from twitter_manager.checks.context import CheckContext
from twitter_manager.checks.facts import day_key, read
from twitter_manager.checks.plain import plain
from twitter_manager.checks.tables import either
from twitter_manager.domain import Violation
from twitter_manager.english import shown, unspaced
from twitter_manager.language import primary

NEW_DAYS = 30.0
"""How long what the material itself calls new stays so."""
_FAR_DAYS = 14
"""How far away "next Saturday" may be."""
_CLDR = "dateparser.data.date_translation_data"
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def timeliness(parts: Sequence[str], context: CheckContext) -> Iterator[Violation]:
    """Today, just released, this week, the new version …: only with material that was published lately."""
    age, fresh = context.age_days, context.policy.fresh_days
    if age is not None and age <= fresh:
        return
    for at, text in enumerate(parts):
        said = ageing(text, context)
        if said:
            why = "nobody knows how old the material is" if age is None else "the material is too old for it"
            yield Violation("timeliness", f"“{shown(said)}” ages badly, and {why} (fresh_days).", at)


def ageing(text: str, context: CheckContext) -> str:
    """What it says that is no longer so."""
    bare = re.sub(either("timeliness", "timeless", "every"), " ", text, flags=re.IGNORECASE)
    for language in dict.fromkeys(("en", primary(context.language))):
        for match in re.finditer(_whole(either("timeliness", "new", language)), bare, re.IGNORECASE):
            if not _is_called_so(match[0], context):
                return match[0]
        for match in re.finditer(_days(language), bare, re.IGNORECASE):
            if not _names_a_day_to_come(text, context):
                return match[0]
    return ""


def _whole(expression: str) -> str:
    """Whole words, but of a script without spaces."""
    return expression if unspaced().search(expression) else rf"\b{expression}\b"


@functools.cache
def _days(language: str) -> str:
    """What is said for a day near today, in our words and, but for English, in CLDR's (package dateparser)."""
    said = [either("timeliness", "days", language)]
    if language.isalpha() and language != "en" and find_spec(f"{_CLDR}.{language}"):
        known = import_module(f"{_CLDR}.{language}").info
        relative = known.get("relative-type", {})
        said += [re.escape(word) for unit in relative if re.search("day|week|month", unit) for word in relative[unit]]
        names = [
            re.escape(name) for unit in ("week", "month", *_WEEKDAYS) for name in known.get(unit, ()) if len(name) > 3
        ]
        name = f"(?:{'|'.join(names)}|week-?end|wochenende|fine? settimana|fi[nm] de semana)"
        near = either("timeliness", "near", language)
        said.append(f"{near} {name}|{name} {near}")
    return _whole(f"(?:{'|'.join(said)})")


def _is_called_so(said: str, context: CheckContext) -> bool:
    """Whether the material says the same and came out within the month."""
    known = any(said.casefold() in text.casefold() for text in context.material or ())
    return known and context.age_days is not None and context.age_days <= NEW_DAYS


def _names_a_day_to_come(text: str, context: CheckContext) -> bool:
    """Whether the post gives the date that its "this Saturday" means, and that is not over."""
    if context.today is None:
        return False
    given = {key for fact in read(plain(text), primary(context.language)) for key in fact.gives}
    days = (context.today + timedelta(days=ahead) for ahead in range(_FAR_DAYS + 1))
    named = [day for day in days if day_key(day.month, day.day) in given]
    years = {key for key in given if key.startswith("year ")}
    return any(not years or f"year {day.year}" in years for day in named)
