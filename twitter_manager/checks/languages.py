"""Words of several languages that the rules look up: units, number words (the package num2words), months and weekdays
(CLDR). What is made of them is left to the modules that read dates, numbers and names.
"""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Mapping

from twitter_manager.english import set_of

_TAGS = "en en_GB de de_AT fr es it nl pt pt_PT ru sv nb da pl"
"""Languages whose months and weekdays are known, as CLDR names them."""
_USES = ("format", "stand-alone")
_MORE_MONTHS = {"febr": 2, "fév": 2, "febb": 2, "magg": 5, "aout": 8, "setiembre": 9, "sett": 9}
_MORE_WEEKDAYS = {"sonnabend": 6, "środę": 3, "sobotę": 6, "niedzielę": 7, "среду": 3, "пятницу": 5, "субботу": 6}
_MORE_SHORT_WEEKDAYS = {"tues": 2, "mie": 3, "thur": 4, "thurs": 4}
_NUMBER_TAGS = {"en": "en", "de": "de", "fr": "fr fr_CH", "es": "es", "it": "it", "nl": "nl", "pt": "pt pt_BR"}
"""Languages whose number words are known, with the variants of the package num2words."""
_MORE_NUMBERS = {"fr": {"quatre-vingt": 80}, "pt": {"duas": 2, "catorze": 14}}
_MORE_ORDINALS = {"première": 1, "primer": 1, "tercer": 3}
_HUNDREDS = "hundred hundert cent cents cien ciento cento honderd"
_THOUSANDS = "thousand tausend mille mil mila duizend"
_MILLIONS = "million millions millionen mio millón millones milione milioni miljoen milhão milhões mn"
_BILLIONS = "billion billions milliarde milliarden mrd milliard milliards miliardo miliardi miljard bilhão bilhões bn"
_TRILLIONS = "trillion trillions billionen billones biljoen"

_DOZENS = "dozen dutzend douzaine docena dozzina dozijn dúzia"

SCALES: Mapping[str, int] = {
    **{"k": 10**3, "百": 100, "千": 10**3, "万": 10**4, "億": 10**8, "亿": 10**8, "兆": 10**12},
    **dict.fromkeys(_DOZENS.split(), 12),
    **dict.fromkeys(_HUNDREDS.split(), 100),
    **dict.fromkeys(_THOUSANDS.split(), 10**3),
    **dict.fromkeys(_MILLIONS.split(), 10**6),
    **dict.fromkeys(_BILLIONS.split(), 10**9),
    **dict.fromkeys(_TRILLIONS.split(), 10**12),
}
JOINERS = set_of("and und et y e en")
ONE = set_of("a an one ein eine einen einem einer eins un une uno una um uma een één")
"""Articles and the number one, which are the same word in most languages: never a claim."""
_HOMOGRAPHS = set_of("once due sei elf sept six on dos acht nove null cent mil mille dix mn e en y")
"""Number words that are something else in another language: they count only in a text of their own."""
_UNITS_OF = {
    ("time", 1): "s sec secs second seconds sekunde sekunden seconde secondes seconden segundo segundos secondi 秒",
    ("time", 60): "min mins minute minutes minuten minuto minutos minuti minuut 分 分間",
    ("time", 3600): "h hr hrs hour hours stunde stunden heure heures hora horas ora ore uur uren std 時間",
    ("time", 86400): "day days tag tage tagen jour jours día días giorno giorni dag dagen dia dias 日間",
    ("time", 604800): "week weeks woche wochen semaine semaines semana semanas settimana settimane weken 週間",
    ("months", 1): "month months monat monate monaten mois mes meses mese mesi maand maanden mês か月 ヶ月 カ月",
    ("months", 12): "year years jahr jahre jahren an ans année années año años anno anni jaar jaren ano anos 年間",
    ("length", 1): "mm millimetres millimeters millimeter",
    ("length", 10): "cm centimetres centimeters zentimeter centimètres centímetros",
    ("length", 1000): "m metre metres meter meters metern mètre mètres metro metros metri メートル",
    ("length", 10**6): "km kilometre kilometres kilometer kilometers kilometern kilomètres kilómetros chilometri",
    ("mass", 1): "g gram grams gramm gramme grammes gramos grammi gramas グラム",
    ("mass", 1000): "kg kilo kilos kilogram kilograms kilogramm キロ",
    ("mass", 10**6): "t tonne tonnes tonnen toneladas tonnellate ton",
    ("volume", 1): "ml millilitres milliliter",
    ("volume", 10): "cl",
    ("volume", 100): "dl",
    ("volume", 1000): "l litre litres liter liters litro litros litri リットル",
    ("bytes", 1): "kb kib",
    ("bytes", 1000): "mb mib megabytes megabyte",
    ("bytes", 10**6): "gb gib gigabytes gigabyte",
    ("bytes", 10**9): "tb tib terabytes terabyte",
}


@functools.cache
def months() -> dict[str, int]:
    """Names and short forms, in small letters, from 1. Polish short forms are common words ("sie", "lip")."""
    short = _names("months", "abbreviated", _TAGS.removesuffix(" pl"))
    return _names("months", "wide", _TAGS) | short | _MORE_MONTHS


@functools.cache
def weekdays() -> dict[str, int]:
    """Full names in small letters; Monday is 1."""
    return {name: day + 1 for name, day in _names("days", "wide", _TAGS).items()} | _MORE_WEEKDAYS


@functools.cache
def short_weekdays() -> dict[str, int]:
    """Short forms, which mean something only beside a date or a time."""
    short = _names("days", "abbreviated", "en de fr es it nl pt")
    return {name: day + 1 for name, day in short.items()} | _MORE_SHORT_WEEKDAYS


def _names(what: str, width: str, tags: str) -> dict[str, int]:
    """The names of months (from 1) or days (from 0), within a sentence and alone."""
    from babel import Locale

    tables = (getattr(Locale.parse(tag), what)[use].get(width, {}) for tag in tags.split() for use in _USES)
    return {name.casefold().rstrip("."): at for table in tables for at, name in table.items()}


@functools.cache
def units() -> dict[str, tuple[str, int]]:
    """What a unit measures, and in which multiple of the smallest."""
    return {name: of for of, names in _UNITS_OF.items() for name in names.split()}


@functools.cache
def number_words(language: str) -> dict[str, int]:
    """The number words below 100 of a language, and hundreds and thousands written as one; of "" those of all languages
    that mean nothing else anywhere."""
    if not language:
        every = {word: value for name in _NUMBER_TAGS for word, value in number_words(name).items()}
        return {word: value for word, value in every.items() if word not in _HOMOGRAPHS}
    from num2words import num2words

    values = (*range(100), *range(200, 1000, 100), *range(2000, 100_000, 1000))
    said = {str(num2words(n, lang=tag)): n for tag in _NUMBER_TAGS.get(language, "").split() for n in values}
    bare = {_unaccented(word): n for word, n in said.items() if n > 20}
    return {word: n for word, n in (bare | said).items() if " " not in word} | _MORE_NUMBERS.get(language, {})


def _unaccented(word: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", word) if unicodedata.category(c) != "Mn")


@functools.cache
def ordinals() -> dict[str, int]:
    """First to twelfth in all languages, in both genders."""
    from num2words import num2words

    said = {num2words(n, lang=name, to="ordinal"): n for name in _NUMBER_TAGS for n in range(1, 13)}
    return said | {f"{word[:-1]}a": n for word, n in said.items() if word.endswith("o")} | _MORE_ORDINALS
