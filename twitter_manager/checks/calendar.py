"""Reads dates, weekdays and times of day in the languages of `languages`, each as every thing that it may mean.

Whether one stands in the material is left to `grounding`.
"""

from __future__ import annotations

import datetime
import functools
import re
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import NamedTuple

from twitter_manager.checks.languages import months, number_words, short_weekdays, weekdays
from twitter_manager.english import set_of

Date = tuple[int, int, int]
"""Year, month, day; 0 for what is not said."""
_WORDS_TOO = set_of("may march mar set out ago mag dec di do so mo mi ma")
"""Small words that are no month or weekday unless written large."""
_ORDINAL = r"(?:st|nd|rd|th|er|re|º|ª|e|\.)?"
_TO = r"\s?(?:-|–|/|,|&|\+|bis|to|and|und|et|au|al|y|e|a|till|until|tot|en|oder|or|i|och)\s?"
_HALF_DAY = r"(?:\s?(?P<half>a\.?m\b\.?|p\.?m\b\.?|A\.?M\b\.?|P\.?M\b\.?))"
_CLOCK = r"(?:\s?(?P<clock>Uhr|uhr|uur|h|hs|heures?|ore|horas|o'clock|kl)\b)"
_BEFORE = (
    r"(?i)(?:\b(?:at|from|to|until|till|by|before|after|between|and|um|ab|von|bis|gegen|zwischen|und|à|de|dès|a las|las"
    r"|alle|dalle|ore|om|van|vanaf|tot|às|das|kl|klo|o|или|в|с|до)\.?|-|@|,|doors|door|opens|open"
    r"|starts|start|begins|beginn|einlass|aanvang|inizio|début)\s?\Z"
)
_AFTER = r"(?i)\s?(?:-|to|till|until|bis|tot|à|a|alle|às|and|und)\s?\d{1,2}(?!\d)"
_NAMED_TIMES = {
    720: r"\b(?:noon|midday|[Mm]ittags?|midi|mediodía|mezzogiorno|meio-dia)\b|正午",
    0: r"\b(?:midnight|Mitternacht|minuit|medianoche|mezzanotte|meia-noite|middernacht)\b",
}
_AFTERNOON = (
    r"(?i)\s?(?:abends|nachmittags|nachts|du soir|de l'après-midi|de la tarde|de la noche"
    r"|del pomeriggio|di sera|'s (?:avonds|middags)|da tarde|da noite|in the (?:afternoon|evening)"
    r"|at night)"
)
_WORDED = (
    (r"\bhalb (\w++)", -30),
    (r"\bhalf (\w++)", -30),
    (r"\bhalf (?:past )?(\w++)", 30),
    (r"(?<!\w)(\w++) (?:heures? et demie|y media|e mezza|e meia)\b", 30),
    (r"\b(?:quarter past|viertel nach|kwart over) (\w++)", 15),
    (r"\b(?:quarter to|viertel vor|kwart voor) (\w++)", -15),
    (
        r"(?<!\w)(\w++)(?= (?:o'clock|uhr|uur|heures?|de la (?:tarde|mañana|noche)|del pomeriggio|di sera"
        r"|du (?:matin|soir)|in the (?:morning|afternoon|evening)|at night|da (?:tarde|noite|manhã))\b)",
        0,
    ),
)
"""Hours in words: what they are told from, and how many minutes they are off."""
_NEXT_DAY = (
    r"\b(?:(?:next|following) day|day after|tags darauf|(?:nächsten|folgenden) tag|(?:le )?lendemain|día siguiente"
    r"|giorno (?:dopo|seguente|successivo)|dag (?:erna|later)|volgende dag|dia seguinte)\b|翌日|次の日"
)
_YEAR_BEFORE = (
    r"\b(?:(?:previous|prior|preceding) year|year (?:before|earlier)|vorjahr(?:es|s)?|jahr (?:zuvor|davor)"
    r"|année précédente|(?:un )?an plus tôt|año (?:anterior|antes)|anno (?:precedente|prima)|jaar (?:eerder|ervoor)"
    r"|(?:vorig|voorgaande?) jaar|ano anterior)\b|前年"
)
_KANJI_DAYS = "月火水木金土日"


class Dated(NamedTuple):
    """`kind` is date, weekday or time; `readings` are dates, days from 1 (Monday) or minutes of the day. `sure`: the
    form can't be anything else."""

    start: int
    end: int
    kind: str
    readings: frozenset[object]
    sure: bool = True
    whole_day: bool = False


def read(text: str) -> list[Dated]:
    """All dates, times and weekdays of a text in plain form, none within another."""
    taken = bytearray(len(text))
    found: list[Dated] = []
    for reader in (_iso, _cjk, _numeric, _named, _times, _worded_times, _named_times, _weekdays):
        for dated in reader(text):
            if not any(taken[dated.start : dated.end]):
                taken[dated.start : dated.end] = b"x" * (dated.end - dated.start)
                found.append(dated)
    return found


def _date(match: re.Match[str], *dates: Date, sure: bool = True) -> Iterator[Dated]:
    valid = frozenset(date for date in dates if date[1] in range(13) and date[2] in range(32) and any(date[1:]))
    if valid:
        yield Dated(*match.span(), "date", valid, sure)


def _iso(text: str) -> Iterator[Dated]:
    for match in re.finditer(r"\b(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:T(?=\d)|\b)", text):
        yield from _date(match, (int(match[1]), int(match[2]), int(match[3])))


def _cjk(text: str) -> Iterator[Dated]:
    for match in re.finditer(r"(?:(\d{4})年)?(\d{1,2})月(?:(\d{1,2})日)?|(?<!\d)(\d{1,2})日(?!間)", text):
        yield from _date(match, (int(match[1] or 0), int(match[2] or 0), int(match[3] or match[4] or 0)))


def _numeric(text: str) -> Iterator[Dated]:
    expression = (
        r"(?<![\w.,/])(\d{1,2})(?:\.\s?(\d{1,2})\.(?:\s?(\d{4}|\d{2}(?!\d)))?|/(\d{1,2})(?:/(\d{4}|\d{2}))?)(?![\w/])"
    )
    for match in re.finditer(expression, text):
        first, second = int(match[1]), int(match[2] or match[4])
        said = match[3] or match[5] or "0"
        year = int(said) + (2000 if len(said) == 2 else 0)
        both = [(year, second, first)] + ([(year, first, second)] if match[4] else [])
        # "Python 3.8." at a sentence's end is none; what is no date the material has is looked up as a number then.
        sure = bool(match[3] or match[5] or re.search(r"\.\s", match[0]))
        yield from _date(match, *(one for one in both if 0 < one[1] < 13 and one[2] > 0), sure=sure)


_OF = r"(?: of| de| di| d'| del)? ?"
_YEAR = r"(?:,? ?(?:de |del |of )?(\d{4})\b)?"
_LISTED = rf"(?<![\d.,])((?:\d{{1,2}}{_ORDINAL}{_TO}(?:[^\W\d_]{{5,13}} )?){{0,6}}\d{{1,2}}){_ORDINAL}{_OF}\Z"
_DAYS_BEHIND = rf" ((?:\d{{1,2}}(?:st|nd|rd|th)?{_TO}){{0,6}}\d{{1,2}})(?:st|nd|rd|th)?\b(?!:\d|[.,]\d| ?[ap]\.?m\b)"


def _named(text: str) -> Iterator[Dated]:
    """Months by name, with the days before or behind them and the year."""
    for match in re.finditer(r"[^\W\d_]{3,12}", text):
        name = match[0].casefold()
        if name not in months() or match[0] in _WORDS_TOO:
            continue
        dot = text[match.end() : match.end() + 1] == "."
        end = match.end() + (1 if dot else 0)
        before = re.search(_LISTED, text[max(0, match.start() - 60) : match.start()], re.IGNORECASE)
        behind = None if before else re.compile(_DAYS_BEHIND, re.IGNORECASE).match(text, end)
        days = [int(one) for one in re.findall(r"\d+", (before or behind or [""])[0]) if int(one) < 32]
        start = match.start() - len(before[0]) if before else match.start()
        end = behind.end() if behind else end
        year = re.compile(_YEAR, re.IGNORECASE).match(text, end)
        end = year.end() if year and year[1] else end
        alone = not days and not (year and year[1])
        if alone and (len(name) < 4 or name in ("sept", "mars", "juli") or not _is_month(text, match)):
            continue
        said = int(year[1]) if year and year[1] else 0
        dates = [(said, months()[name], day) for day in days or [0]]
        yield Dated(start, end, "date", frozenset(dates[:1]), not alone)
        yield from (Dated(end, end, "date", frozenset([date])) for date in dates[1:])


def _is_month(text: str, match: re.Match[str]) -> bool:
    """Not "May we", "March on", a person called August: a name that is a month's too opens no sentence."""
    if match[0].casefold() not in ("may", "march", "august", "mars", "mai", "mei", "april", "june"):
        return True
    before = text[max(0, match.start() - 9) : match.start()].casefold()
    return (
        re.search(
            r"\b(?:in|of|by|until|since|from|this|next|last|im|ab|seit|en|de|di|a|to|and|early|late|mid)[ -]\Z", before
        )
        is not None
    )


def _times(text: str) -> Iterator[Dated]:
    for match in re.finditer(
        rf"(?<![\w.,:])(?P<h>\d{{1,2}})(?P<by>[:.]|\s?h\s?)(?P<m>[0-5]\d)(?![\d%]|[.:]\d)(?:{_HALF_DAY}|{_CLOCK})?",
        text,
    ):
        marked = match["half"] or match["clock"] or (match["by"] != "." and int(match["h"]) < 25)
        yield from _time(match, int(match["h"]), int(match["m"]), match["half"] or "", sure=bool(marked))
    for match in re.finditer(rf"(?<![\w.,:])(?P<h>\d{{1,2}})(?:{_HALF_DAY}|{_CLOCK})", text):
        yield from _time(
            match,
            int(match["h"]),
            0,
            match["half"] or "",
            sure=bool(match["half"]) or match["clock"] in ("Uhr", "uhr", "uur"),
        )
    cjk = r"(午前|午後|上午|下午|晚上|夜)?(\d{1,2})[時点點时](?!間)(?:(\d{1,2})分|(半))?"
    for match in re.finditer(cjk, text):
        half = "p" if match[1] in ("午後", "下午", "晚上", "夜") else "a" if match[1] else ""
        yield from _time(match, int(match[2]), 30 if match[4] else int(match[3] or 0), half)
    # The first of two hours has the mark of the second: 7-9 pm.
    for match in re.finditer(
        rf"(?<![\w.,:])(?P<h>\d{{1,2}})(?:[:.](?P<m>[0-5]\d))?(?={_TO}\d{{1,2}}(?:[:.]\d\d)?(?:{_HALF_DAY}|{_CLOCK}))",
        text,
    ):
        yield from _time(match, int(match["h"]), int(match["m"] or 0), "", sure=False)


def _time(match: re.Match[str], hour: int, minute: int, half: str, *, sure: bool = True) -> Iterator[Dated]:
    if hour > 24 or minute > 59:
        return
    after = match.string[match.end() : match.end() + 20]
    if not half and hour <= 12 and re.match(_AFTERNOON, after):
        half = "p"
    if half and hour <= 12:
        readings = {(hour % 12 + (12 if half[0] in "pP" else 0)) * 60 + minute}
    else:
        readings = {(hour % 24) * 60 + minute}
        if hour <= 12 and not match[0].startswith("0") and not match.groupdict().get("clock"):
            readings.add((hour % 12 + 12) * 60 + minute)
    yield Dated(*match.span(), "time", frozenset(readings), sure, hour > 12 and match.groupdict().get("by") != ".")


def _worded_times(text: str) -> Iterator[Dated]:
    found: dict[tuple[int, int], set[object]] = {}
    for expression, off in _WORDED:
        for match in re.finditer(expression, text, re.IGNORECASE):
            hour = hour_words().get(match[1].casefold()) or (
                int(match[1]) if re.fullmatch("1[0-2]|[1-9]", match[1]) else 0
            )
            if hour:
                found.setdefault(match.span(), set()).update({(hour * 60 + off) % 720, (hour * 60 + off) % 720 + 720})
    for (start, end), minutes in found.items():
        yield Dated(start, end, "time", frozenset(minutes), False)


@functools.cache
def hour_words() -> dict[str, int]:
    """Number words up to twelve in any language."""
    return {
        word: value
        for name in ("en", "de", "fr", "es", "it", "nl", "pt")
        for word, value in number_words(name).items()
        if 0 < value < 13
    }


def _named_times(text: str) -> Iterator[Dated]:
    for minutes, expression in _NAMED_TIMES.items():
        for match in re.finditer(expression, text):
            yield Dated(*match.span(), "time", frozenset([minutes]), match[0] in ("noon", "midday", "midnight"))


def _weekdays(text: str) -> Iterator[Dated]:
    for match in re.finditer(r"[^\W\d_]+(?:-feira)?", text):
        name = match[0].casefold()
        day = weekdays().get(name) or weekdays().get(name[:-1] if name.endswith("s") else name)
        if day is not None and not (name.islower() and name in _WORDS_TOO):
            yield Dated(*match.span(), "weekday", frozenset([day]))
        elif name in short_weekdays() and match[0] not in _WORDS_TOO and _stands_by_a_date(text, match):
            yield Dated(*match.span(), "weekday", frozenset([short_weekdays()[name]]), False)
    for match in re.finditer(
        rf"([{_KANJI_DAYS}])曜|(?<=[(（])([{_KANJI_DAYS}])(?=[)）・])|(?:星期|周|週)([一二三四五六日天])", text
    ):
        said = match[1] or match[2]
        day = _KANJI_DAYS.index(said) + 1 if said else min("一二三四五六日天".index(match[3]) + 1, 7)
        yield Dated(*match.span(), "weekday", frozenset([day]))


def next_days(text: str, known: frozenset[Date]) -> Iterator[Date]:
    """The days behind those of a text that speaks of a next day."""
    if re.search(_NEXT_DAY, text, re.IGNORECASE):
        for year, month, day in known:
            try:
                after = datetime.date(year or 2000, month, day) + datetime.timedelta(days=1)
            except ValueError:
                continue
            yield after.year if year else 0, after.month, after.day
            yield 0, 0, after.day


def years_before(text: str, known: Collection[str]) -> Iterator[str]:
    """The years before those of a text that compares with a year before."""
    if re.search(_YEAR_BEFORE, text, re.IGNORECASE):
        yield from (str(int(one) - 1) for one in known if re.fullmatch(r"(?:19|20)\d\d", one))


def dates(text: str) -> list[Date]:
    """The dates of a text, each reading."""
    return [one for dated in read(text) for one in dated.readings if isinstance(one, tuple)]


def _stands_by_a_date(text: str, match: re.Match[str]) -> bool:
    behind = text[match.end() : match.end() + 5]
    return match[0] in ("Tue", "Wed", "Thu", "Fri", "Sat") or re.match(r"\.?,? ?\d", behind) is not None


def minutes(dated: Sequence[Dated], bare: Sequence[set[int]]) -> frozenset[int]:
    """The times of a material. Where one is written in 24 hours, so are the others: its 10:00 is no 22:00."""
    times = [*(one.readings for one in dated if one.kind == "time"), *map(frozenset, bare)]
    whole_day = any(one.whole_day for one in dated)
    return frozenset(
        int(str(said))
        for readings in times
        for said in readings
        if not whole_day or len(readings) == 1 or int(str(said)) < 720
    )


def bare_hours(text: str, numbers: Sequence[tuple[int, int, frozenset[str]]]) -> Iterator[tuple[int, int, set[int]]]:
    """Numbers that stand where a time of day does ("from 10 to 4"), and the minutes of the day that they may mean."""
    for start, end, readings in numbers:
        hour = next((int(one) for one in readings if one.isdigit() and len(one) < 3), 99)
        if hour <= 24 and (
            re.search(_BEFORE, text[max(0, start - 12) : start]) or re.match(_AFTER, text[end : end + 12])
        ):
            yield start, end, {hour % 24 * 60, (hour % 12 + 12) * 60}


def is_said(date: Date, known: frozenset[Date], years: Callable[[str], bool]) -> bool:
    """Whether the material says this date: each of its parts agrees with one date there; a year may stand anywhere."""
    year, month, day = date
    return any(
        (not month or not other[1] or month == other[1])
        and (not day or day == other[2])
        and (month or not day or day == other[2])
        and (not month or bool(other[1]))
        and (not year or year == other[0] or (not other[0] and years(str(year))))
        for other in known
    )


def weekdays_of(known: frozenset[Date], years: Sequence[int]) -> frozenset[int]:
    """The weekdays of the dates, of those without a year in any of `years`."""
    found = set()
    for year, month, day in known:
        for one in [year] if year else years if month and day else ():
            try:
                found.add(datetime.date(one, month, day).isoweekday())
            except ValueError:
                continue
    return frozenset(found)
