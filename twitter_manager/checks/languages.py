"""Words of several languages that the rules look up: numbers, units, and the months and weekdays of CLDR. What is made
of them is left to the modules that read dates, numbers and names. A slash parts words for the same number.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping

from twitter_manager.english import set_of

_TAGS = "en en_GB de de_AT fr es it nl pt pt_PT ru sv nb da pl"
"""Languages whose months and weekdays are known, as CLDR names them."""
_USES = ("format", "stand-alone")
_MORE_MONTHS = {"febr": 2, "fév": 2, "febb": 2, "magg": 5, "aout": 8, "setiembre": 9, "sett": 9}
_MORE_WEEKDAYS = {"sonnabend": 6, "środę": 3, "sobotę": 6, "niedzielę": 7, "среду": 3, "пятницу": 5, "субботу": 6}
_MORE_SHORT_WEEKDAYS = {"tues": 2, "mie": 3, "thur": 4, "thurs": 4}
_NUMBERS = {
    "en": "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety",
    "de": "null eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn "
    "siebzehn achtzehn neunzehn zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig",
    "fr": "zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize dix-sept "
    "dix-huit dix-neuf vingt trente quarante cinquante soixante septante quatre-vingt/quatre-vingts nonante",
    "es": "cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis "
    "diecisiete dieciocho diecinueve veinte treinta cuarenta cincuenta sesenta setenta ochenta noventa",
    "it": "zero uno due tre quattro cinque sei sette otto nove dieci undici dodici tredici quattordici quindici sedici "
    "diciassette diciotto diciannove venti trenta quaranta cinquanta sessanta settanta ottanta novanta",
    "nl": "nul één twee drie vier vijf zes zeven acht negen tien elf twaalf dertien veertien vijftien zestien "
    "zeventien achttien negentien twintig dertig veertig vijftig zestig zeventig tachtig negentig",
    "pt": "zero um dois/duas três quatro cinco seis sete oito nove dez onze doze treze quatorze/catorze quinze "
    "dezesseis/dezasseis dezessete/dezassete dezoito dezenove/dezanove vinte trinta quarenta"
    " cinquenta sessenta setenta "
    "oitenta noventa",
}
_ORDINALS = {
    "en": "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth",
    "de": "erste zweite dritte vierte fünfte sechste siebte achte neunte zehnte elfte zwölfte",
    "fr": "premier/première deuxième troisième quatrième cinquième sixième septième huitième neuvième dixième onzième "
    "douzième",
    "es": "primer/primera/primero segundo/segunda tercer/tercero/tercera cuarto/cuarta quinto/quinta sexto/sexta "
    "séptimo/séptima octavo/octava noveno/novena décimo/décima",
    "it": "primo/prima secondo/seconda terzo/terza quarto/quarta quinto/quinta sesto/sesta settimo/settima "
    "ottavo/ottava nono/nona decimo/decima",
    "nl": "eerste tweede derde vierde vijfde zesde zevende achtste negende tiende elfde twaalfde",
    "pt": "primeiro/primeira segundo/segunda terceiro/terceira quarto/quarta quinto/quinta sexto/sexta sétimo/sétima "
    "oitavo/oitava nono/nona décimo/décima",
}
_HUNDREDS = "hundred hundert cent cents cien ciento cento honderd"
_THOUSANDS = "thousand tausend mille mil mila duizend"
_MILLIONS = "million millions millionen mio millón millones milione milioni miljoen milhão milhões mn"
_BILLIONS = "billion billions milliarde milliarden mrd milliard milliards miliardo miliardi miljard bilhão bilhões bn"
_TRILLIONS = "trillion trillions billionen billones biljoen"

SCALES: Mapping[str, int] = {
    **{
        "k": 10**3,
        "百": 100,
        "千": 10**3,
        "万": 10**4,
        "億": 10**8,
        "亿": 10**8,
        "兆": 10**12,
        "dozen": 12,
        "dutzend": 12,
    },
    **{"douzaine": 12, "docena": 12, "dozzina": 12, "dozijn": 12, "dúzia": 12},
    **dict.fromkeys(_HUNDREDS.split(), 100),
    **dict.fromkeys(_THOUSANDS.split(), 10**3),
    **dict.fromkeys(_MILLIONS.split(), 10**6),
    **dict.fromkeys(_BILLIONS.split(), 10**9),
    **dict.fromkeys(_TRILLIONS.split(), 10**12),
}
JOINERS = set_of("and und et y e en")
ONE = frozenset(
    [
        "a",
        "an",
        "one",
        "ein",
        "eine",
        "einen",
        "einem",
        "einer",
        "eins",
        "un",
        "une",
        "uno",
        "una",
        "um",
        "uma",
        "een",
        "één",
    ]
)
"""Articles and the number one, which are the same word in most languages: never a claim."""
_HOMOGRAPHS = frozenset(
    [
        "once",
        "due",
        "sei",
        "elf",
        "sept",
        "six",
        "on",
        "dos",
        "acht",
        "nove",
        "null",
        "once",
        "cent",
        "mil",
        "mille",
        "dix",
        "mn",
        "e",
        "en",
        "y",
    ]
)
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


def _by_place(table: str, places: int) -> dict[str, int]:
    cells = table.split()
    return {name: at % places + 1 for at, cell in enumerate(cells) for name in cell.split("/")}


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
    """The number words below 100 (and hundreds written as one) of a language; of "" those of all that mean nothing else
    anywhere."""
    if language:
        return dict(_numbers_of(language)) if language in _NUMBERS else {}
    every = {word: value for name in _NUMBERS for word, value in _numbers_of(name)}
    return {word: value for word, value in every.items() if word not in _HOMOGRAPHS}


def _numbers_of(language: str) -> Iterator[tuple[str, int]]:
    cells = _NUMBERS[language].split()
    units = [cell.split("/") for cell in cells[:20]]
    tens = [cell.split("/") for cell in cells[20:]]
    values = [*enumerate(units), *((20 + 10 * at, names) for at, names in enumerate(tens))]
    for value, names in values:
        for name in names:
            yield name, value
            yield from _scaled(language, name, value)
    for ten, names in enumerate(tens, 2):
        for one in range(1, 10):
            yield from ((word, 10 * ten + one) for word in _joined(language, names[0], units[one][0]))


def _joined(language: str, ten: str, one: str) -> Iterator[str]:
    """Numbers from 21 to 99 that are one word; the others are told from their parts."""
    if language == "de":
        yield f"{'ein' if one == 'eins' else one}und{ten}"
    elif language == "nl":
        yield f"{'een' if one == 'één' else one}{'ën' if one.endswith('ee') else 'en'}{ten}"
    elif language == "it":
        yield (ten[:-1] if one[0] in "uo" else ten) + one
    elif language == "es" and ten == "veinte":
        yield f"veinti{one}"


def _scaled(language: str, name: str, value: int) -> Iterator[tuple[str, int]]:
    scales = {"de": ("hundert", "tausend"), "nl": ("honderd", "duizend"), "it": ("cento", "mila"), "es": ("cientos",)}
    for scale, times in zip(scales.get(language, ()), (100, 1000), strict=False):
        if value > 1:
            yield name + scale, value * times


@functools.cache
def ordinals() -> dict[str, int]:
    return {name: value for cells in _ORDINALS.values() for name, value in _by_place(cells, len(cells.split())).items()}
