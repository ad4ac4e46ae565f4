"""Words by which dates, numbers and measures are told: months, weekdays, units and scales from CLDR (package babel),
number words from the package num2words, of a language and of English. In small letters without accents.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from twitter_manager.checks.tables import table
from twitter_manager.english import unspaced

_TAGS = "en de fr es it nl pt pl sv da ru"
"""Languages whose months and weekdays are known in any text."""
_LETTERS = "hmgslLt"
"""Units of one letter; others are words of some language ("9 a 14")."""
_STEM, _LONGEST_WORD = 5, 40
_LARGEST_PHRASE = 1000


class Words(NamedTuple):
    """What words mean. `units`: what they measure, and in which multiple of the smallest; `…_stems`: what all forms of
    a weekday begin with, or what stands in the compounds of a unit."""

    months: Mapping[str, int]
    weekdays: Mapping[str, int]
    short_weekdays: Mapping[str, int]
    units: Mapping[str, tuple[str, int]]
    scales: Mapping[str, int]
    numbers: Mapping[str, int]
    weekday_stems: Mapping[str, int]
    unit_stems: Mapping[str, tuple[str, int]]

    def weekday(self, word: str) -> int | None:
        """Of a weekday in any case, in a compound, or short."""
        beginnings = (word[:size] for size in range(4, min(len(word), _LONGEST_WORD) + 1))
        stem = next(filter(None, map(self.weekday_stems.get, beginnings)), None)
        return self.weekdays.get(word) or self.short_weekdays.get(word) or stem

    def unit(self, word: str) -> tuple[str, int] | None:
        """Of a word with the name of a unit in it, as in "half-hourly"."""
        if len(word) < _STEM:
            return self.units.get(word) if len(word) > 2 else None
        pieces = (word[at : at + _STEM] for at in range(min(len(word), _LONGEST_WORD) - _STEM + 1))
        return next(filter(None, map(self.unit_stems.get, pieces)), None)


def fold(word: str) -> str:
    """In small letters without accents."""
    if word.isascii():
        return word.casefold()
    return "".join(c for c in unicodedata.normalize("NFD", word.casefold()) if unicodedata.category(c) != "Mn")


@functools.lru_cache(maxsize=16)
def words(language: str) -> Words:
    """The words of a language (a primary tag), and English ones where it has no other meaning for them."""
    from babel.localedata import exists

    tags = dict.fromkeys(["en", *filter(exists, [language])])
    everywhere = list(dict.fromkeys([*_TAGS.split(), *tags]))
    weekdays = _named("days", ("wide",), everywhere)
    units = {word: value for tag in tags for word, value in _units(tag)}
    return Words(
        months=_named("months", ("wide", "abbreviated"), everywhere),
        weekdays=weekdays,
        short_weekdays=_named("days", ("abbreviated",), list(tags)),
        units=units,
        scales={word: value for tag in (*reversed(everywhere), *tags) for word, value in _scales(tag)},
        numbers=dict(pair for tag in tags for pair in _numbers(tag)),
        weekday_stems={name[: max(4, len(name) - 2)]: day for name, day in weekdays.items()},
        unit_stems={name[:_STEM]: unit for name, unit in units.items() if len(name) >= _STEM},
    )


def _named(what: str, widths: tuple[str, ...], tags: list[str]) -> dict[str, int]:
    """The names of months or days, from 1, within a sentence and alone."""
    from babel import Locale

    numbers: dict[str, int] = {}
    for tag in tags:
        for use in ("format", "stand-alone"):
            for width in widths:
                names = getattr(Locale.parse(tag), what)[use].get(width, {})
                numbers |= {fold(name).rstrip("."): at + (what == "days") for at, name in names.items()}
    return {name: at for name, at in numbers.items() if len(name) > 1 and not name.isdigit()}


def _units(tag: str) -> Iterator[tuple[str, tuple[str, int]]]:
    from babel.units import format_unit

    for kind, units in table("languages")["units"].items():
        for unit, factor in units.items():
            shown = (format_unit(n, unit, width, locale=tag) for n in (1, 2, 5) for width in ("long", "short"))
            names = {" ".join(re.sub(r"[\d.]", " ", form).split()) for form in shown} - {unit}
            spoken = [form.replace("_", " ") for form in table("languages")["spoken"].get(unit, "").split()]
            names = {name for name in names if len(name) > 1 or name in _LETTERS or unspaced().match(name)}
            yield from ((fold(name), (kind, factor)) for name in (*names, *spoken))
    for currency, names_of in table("languages")["currencies"].items():
        yield from ((name, (currency, 1)) for name in names_of.split())


def _scales(tag: str) -> Iterator[tuple[str, int]]:
    """Thousand, million and so on, long and short; one letter (K, M) keeps its case."""
    from babel import Locale

    for by_plural in Locale.parse(tag).compact_decimal_formats.values():
        for patterns in by_plural.values():
            for power, pattern in patterns.items():
                shown = str(pattern.pattern)
                name = re.sub(r"[0'.\s]", "", shown)
                if name and " " not in shown.replace("\xa0", " ").strip("0 '."):
                    scale = int(power) // 10 ** max(0, shown.count("0") - 1)
                    yield from ((fold(name), scale),) if len(name) > 1 else ((name, scale), (name.upper(), scale))


def _numbers(tag: str) -> Iterator[tuple[str, int]]:
    """Cardinal and ordinal numbers; not of a script without spaces, whose numerals `plain` reads."""
    from num2words import CONVERTER_CLASSES, num2words

    if tag not in CONVERTER_CLASSES or unspaced().search(num2words(5, lang=tag)):
        return
    for number in range(_LARGEST_PHRASE):
        said = fold(num2words(number, lang=tag)).replace("-", " ")
        yield said, number
        yield said.replace(" and ", " "), number
    for number in range(1, 32):
        try:
            ordinal = fold(num2words(number, lang=tag, to="ordinal")).replace("-", " ")
        except (NotImplementedError, LookupError, ValueError, TypeError):  # as each language's part of it was written
            return
        yield from ((ordinal, number), (ordinal[:-1] if len(ordinal) > 5 else ordinal, number))
