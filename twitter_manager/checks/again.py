"""The rule on posts that say an older one in other words: they are other words, and what they say is not over.

After months nobody knows whether a date, a weekday or a call to come is meant still: such posts are not said again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Set
from dataclasses import replace
from datetime import date
from itertools import pairwise

from twitter_manager.checks.context import CheckContext
from twitter_manager.checks.facts import read
from twitter_manager.checks.plain import plain
from twitter_manager.checks.tables import either
from twitter_manager.checks.timeliness import ageing
from twitter_manager.content import normalised_hash
from twitter_manager.domain import Violation
from twitter_manager.english import function_words, shown, words
from twitter_manager.language import primary

_SAME_PAIRS, _SAME_WORDS = 0.5, 0.8
"""Shares of the word pairs, or of the content words, from which on it is nearly the same text."""
_RECURRING = r"\b(?:every|each|jede[nrs]?|chaque|cada|ogni|elke)\s+\w+"


def again(parts: Sequence[str], context: CheckContext) -> Iterator[Violation]:
    """No text that is nearly that of the older post, and nothing that may be over by now."""
    if not context.again:
        return
    if is_alike("\n".join(parts), context.again):
        yield Violation("again", f"Nearly the same as the older post: “{shown(context.again)}”")
    for at, text in enumerate(parts):
        if said := over(text, context):
            yield Violation("again", f"“{shown(said)}” may be over by now, and the post is an older one's.", at)


def is_alike(new: str, old: str) -> bool:
    """Whether a text says another in nearly its own words, or holds it, or is a piece of it."""
    if normalised_hash([new]) == normalised_hash([old]):
        return True
    these, those = words(new), words(old)
    pairs = set(pairwise(these)) & set(pairwise(those))
    content = (set(these) - function_words()) & (set(those) - function_words())
    return any(
        len(pairs) >= _SAME_PAIRS * max(1, len(set(pairwise(some))))
        or len(content) >= _SAME_WORDS * max(1, len(set(some) - function_words()))
        for some in (these, those)
    )


def over(text: str, context: CheckContext) -> str:
    """What a text says that is over, or may be; "" where nothing is bound to its day."""
    unknown = replace(context, age_days=None, material=())
    if said := ageing(text, unknown):
        return said
    languages = dict.fromkeys(("en", primary(context.language)))
    for language in languages:
        if match := re.search(rf"(?<!\w)(?:{either('timeliness', 'over', language)})(?!\w)", text, re.IGNORECASE):
            return match[0]
    bare = plain(re.sub(_RECURRING, " ", text, flags=re.IGNORECASE))
    return _day_named(bare, primary(context.language), context.today)


def _day_named(text: str, language: str, today: date | None) -> str:
    """A date or a weekday, but for dates of which the text gives the year and that are to come; or a year that this
    one or the last was."""
    facts = read(text, language)
    years = {int(key.removeprefix("year ")) for fact in facts for key in fact.gives if key.startswith("year ")}
    dates = [fact for fact in facts if fact.kind == "date"]
    weekdays = [fact for fact in facts if fact.kind == "weekday" and not fact.said.casefold().endswith("days")]
    for fact in (*weekdays, *dates):
        if not _is_to_come(fact.gives, years, today):
            return fact.said
    recent = {today.year, today.year - 1} if today and not dates else set()
    return next((str(year) for year in sorted(years & recent)), "")


def _is_to_come(gives: Set[str], years: Set[int], today: date | None) -> bool:
    """Whether all that a date can be is still ahead."""
    days = re.findall(r"date (\d\d-\d\d)", " ".join(gives))
    if today is None or not days or not years:
        return False
    return all(f"{year}-{day}" > today.isoformat() for year in years for day in days)
