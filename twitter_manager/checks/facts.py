"""Reads the dates, times and numbers of a text as facts: keys that are compared as sets, whoever wrote them how.

A text *gives* keys, and a fact of a post *needs* one of them in its material. What is read in two ways gives and needs
both, so that doubt is on the side of the post. Where a need is not met the fact is surely wrong, or, where the keys of
`unless` and `only_if` say so, it may be reckoned or told from what the material says: that is for a judge to see.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

from twitter_manager.checks.languages import fold, words
from twitter_manager.english import set_of, unspaced

READ = "\ue000"
"""Stands for what was read already: no letter, no digit and no punctuation."""
COUNTABLE = 20
"""Up to here a number before a noun may be a count of what the material lists."""
_LONGEST_PHRASE = 5
_LONGEST_NUMBER = 40
_DAY = r"\d{1,2}+(?:st|nd|rd|th|er|º|ª|\.)?+"
_TO = r"[ ,/&+-]{1,3}+(?:[^\W\d_]{1,5}+[ ,.-]{1,2}+)?"
_DAYS = rf"(?<![\w.,:/])(?P<days>(?:{_DAY}{_TO}){{0,6}}{_DAY})"
_YEAR = r"(?:,? ?(?:de |del |of )?(?P<year>\d{4})(?!\d))?"
_MONTH = r"(?P<month>[^\W\d_]{3,12}+)\.?"
_ISO = r"(?<!\d)(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})(?!\d)T?"
_CJK_DATE = r"(?:(?P<year>\d{4})年)?(?:(?P<month>\d{1,2})月)(?:(?P<day>\d{1,2})日)?|(?<!\d)(?P<alone>\d{1,2})日(?!間)"
_NUMERIC = r"(?<![\w.,/])(\d{1,2})([./])\s?(\d{1,2})(?:\2\s?(\d{4}|\d\d)?)?(?![\w/])"
_DAY_MONTH = rf"{_DAYS}(?: (?:of|de|di|d'|del|do))?[ -]?{_MONTH}{_YEAR}"
_MONTH_DAY = rf"(?<!\w){_MONTH} (?P<days>{_DAY}(?:{_TO}{_DAY}){{0,6}})(?![\d:]|[.,]\d| ?[ap]\.?m\b){_YEAR}"
_TIME = (
    r"(?<![\w.,:])(?P<hour>\d{1,2})(?:(?P<by>[:.]|\s?[hH]\s?)(?P<minute>[0-5]\d)(?![\d%]|[.:]\d))?"
    r"(?:\s?(?P<half>[ap])\.?m\b\.?|\s?(?P<clock>Uhr|uhr|o'clock)\b)?"
)
_CJK_TIME = (
    r"(?P<half>午前|午後|上午|下午)?(?<!\d)(?P<hour>\d{1,2})[時点點时](?!間)(?:(?P<minute>\d{1,2})分?|(?P<by>半))?"
)
_NUMBER = (
    r"(?:(?<![\w)\].%-])(?P<minus>-|minus ))?"
    r"(?P<digits>\d+(?:[.,]\d+| \d{3}(?![\d.,]*\d))*(?:-?(?:rc|alpha|beta|dev|post|a|b)\.?\d+)?)"
    r"(?P<nth>(?:er|ère|ème|e|st|nd|rd|th|s)(?!\w)|[ºª])?"
)
_FRACTION = r"(?<![\w/])\(?\d{1,3}/\d{1,3}\)?(?![\w/])|(?m:^ {0,9}\(?\d{1,2}[.)]\s)|(?<!\w)\d{1,2}\)(?=\s)|\^\d+"
"""Fractions, places in a row, marks of a list, powers: they claim nothing that could be looked up."""
_BEHIND = r"[ -]?(?P<word>[^\W\d_]+|[€$£¥%])\.?(?: (?P<second>[^\W\d_]+))?"
_CURRENCY_BEFORE = r"(€|\$|£|¥|(?<![^\W\d_])(?:EUR|USD|GBP|CHF|JPY|PLN)) ?\Z"
_ROUND_SHARES = ("25", "33", "50", "66", "67", "75", "100", "200", "300")
_KANJI_DAYS = "月火水木金土日"
_CJK_WEEKDAY = rf"([{_KANJI_DAYS}])曜|(?<=[(（])([{_KANJI_DAYS}])(?=[)）・])"

_ALONE = ("number", "bare", "free")
"""A number, one without a unit, and one without a noun behind it."""
_AND = set_of("and und et y e en i och og &")
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Fact:
    """`sure`: where no key of `needs` is given, it is wrong, unless one of `unless` is given or, where `only_if` is not
    empty, none of it."""

    kind: str
    said: str
    needs: Set[str]
    gives: Set[str]
    sure: bool = True
    unless: Set[str] = frozenset()
    only_if: Set[str] = frozenset()


def read(text: str, language: str) -> list[Fact]:
    """The facts of a text in plain form. `language`: a primary tag."""
    return _Reader(text, language).read()


def day_key(month: int, day: int) -> str:
    """What a date without its year gives."""
    return f"date {month:02}-{day:02}"


class _Reader:
    """What of a text has not been read yet. What was read is filled up, so that each kind sees what those before it
    left."""

    def __init__(self, text: str, language: str) -> None:
        self.text = text
        self.known = words(language)
        self.language = language
        self.whole_day = (
            re.search(r"(?<![\d.,:])(?:1[3-9]|2[0-3])(?:[:h][0-5]\d| ?(?:Uhr|uhr|uur|h|時)(?!\w)|時)", text) is not None
        )

    def read(self) -> list[Fact]:
        steps: tuple[tuple[str, Callable[[re.Match[str]], Iterator[Fact]]], ...] = (
            (_ISO, self._iso),
            (_CJK_TIME, self._time),
            (_CJK_DATE, self._iso),
            (_TIME, self._time),
            (_DAY_MONTH, self._named),
            (_MONTH_DAY, self._named),
            (_NUMERIC, self._numeric),
            (_FRACTION, self._fraction),
            (_NUMBER, self._number),
            (_CJK_WEEKDAY, lambda match: iter([_weekday(match[0], _KANJI_DAYS.index(match[1] or match[2]) + 1)])),
        )
        facts = [fact for expression, read in steps for fact in self._take(expression, read)]
        return [*facts, *self._in_words()]

    def _take(self, expression: str, read: Callable[[re.Match[str]], Iterator[Fact]]) -> list[Fact]:
        """What `read` makes of each place that the expression finds. A place of which it makes nothing stays, and the
        next may begin within it: "62 on 6 May" is no date, "6 May" is one."""
        pattern = re.compile(expression)
        facts: list[Fact] = []
        pieces: list[str] = []
        at = copied = 0
        while match := pattern.search(self.text, at):
            facts_read = list(read(match))
            at = match.end() if facts_read else match.start() + 1
            if facts_read:
                pieces += [self.text[copied : match.start()], READ * len(match[0])]
                copied = match.end()
                facts += facts_read
        self.text = "".join([*pieces, self.text[copied:]])
        return facts

    # --- dates -------------------------------------------------------------------------------------------------------

    def _iso(self, match: re.Match[str]) -> Iterator[Fact]:
        said = match.groupdict()
        month, day = int(said["month"] or 0), int(said["day"] or said.get("alone") or 0)
        if month < 13 and day < 32:
            yield from _date(match[0], {(month, day)}, said["year"])

    def _named(self, match: re.Match[str]) -> Iterator[Fact]:
        month = self.known.months.get(fold(match["month"]))
        *others, last = (int(day) for day in re.findall(r"\d+", match["days"]))
        if month is None or not all(0 < day < 32 for day in (*others, last)):
            return
        if match["month"].islower() and self.language in ("en", "de") and not match["year"]:  # "under 16 may join"
            return
        yield from _date(match[0], {(month, last)}, match["year"])
        for day in others:  # "3 and 5 May" names two dates, "room 3, 5 May" one
            yield from _date(str(day), {(month, day)}, or_number=str(day))

    def _numeric(self, match: re.Match[str]) -> Iterator[Fact]:
        """3.12., 3.12.2026, 3/12/26; without a year it may be a number too."""
        first, mark, other, year = match.groups()
        pairs = {(int(other), int(first)), *([(int(first), int(other))] if mark == "/" else [])}
        valid = {(month, day) for month, day in pairs if 0 < month < 13 and 0 < day < 32}
        if valid and (year or mark == "/" or match[0].endswith(".")):
            number = "" if year else f"{first}{mark}{other}"
            full = f"20{year}" if year and len(year) == 2 else year
            yield from _date(match[0], valid, full, or_number=number, sure=bool(year or mark == "."))

    # --- times -------------------------------------------------------------------------------------------------------

    def _time(self, match: re.Match[str]) -> Iterator[Fact]:
        said = match.groupdict()
        hour, minute = int(said["hour"]), int(said["minute"] or (30 if said["by"] == "半" else 0))
        marked = said["half"] or said.get("clock") or match[0][-1] in "時点點时半分"
        if hour > 24 or minute > 59 or not (marked or (said["minute"] and said["by"] != ".")):
            return
        half = {"a": 0, "p": 12, "午前": 0, "上午": 0, "午後": 12, "下午": 12}.get(said["half"] or "")
        hours = {hour % 12 + half} if half is not None and hour <= 12 else _hours(said["hour"])
        given = {min(hours)} if self.whole_day else hours
        near = {str((hour + later) % 12 + noon) for later in (0, minute > 0) for noon in (0, 12)}
        whole = {f"{kind} {near_hour}" for kind in _ALONE for near_hour in near if not minute}
        yield Fact(
            "time",
            match[0].strip(),
            {f"clock {each_hour * 60 + minute}" for each_hour in hours} | (set() if minute else {f"free {hour}"}),
            {f"clock {each_hour * 60 + minute}" for each_hour in given}
            | {f"hour {near_hour}" for near_hour in near}
            | whole,
            sure=not hour % 12 == minute == 0,
            unless={f"free {near_hour}" for near_hour in near},
        )

    # --- numbers -----------------------------------------------------------------------------------------------------

    def _fraction(self, match: re.Match[str]) -> Iterator[Fact]:
        key = {f"number {match[0].strip()}"}
        gives = {f"{kind} {digits}" for kind in _ALONE for digits in re.findall(r"\d+", match[0])}
        yield Fact("number", match[0].strip(), key, key | gives, sure=False)

    def _number(self, match: re.Match[str]) -> Iterator[Fact]:
        values = _readings(match["digits"][:_LONGEST_NUMBER])
        if match["minus"]:
            yield _given(*(f"number {value}" for value in values))
            values = {f"-{value}" for value in values}
        if match["nth"]:
            yield _given(*(f"nth {value}" for value in values))
        yield self._measured(match[0].strip(), match.span(), values, sure=True)

    def _measured(self, said: str, span: tuple[int, int], values: set[str], *, sure: bool) -> Fact:
        """A number with its scale ("3 million") and its unit or currency, or else the noun that it counts."""
        scale, end = self._behind(span[1], self.known.scales)
        if scale:  # "10K" may be a distance
            scaled = {_times(value, scale) for value in values}
            values = scaled | values if end - span[1] == 1 else scaled
        unit, _ = self._behind(end, self.known.units)
        before = self.text[max(0, span[0] - 30) : span[0]]
        if currency := re.search(_CURRENCY_BEFORE, before):
            unit = self.known.units[currency[1].casefold()]
        if unit:
            return _measure(said, values, *unit, self._clocks(values, unit), sure=sure)
        label = re.search(r"([^\W\d_]{4,}|[A-Z]+)[ -]\Z", before)
        beside = {f"label {fold(label[1])[:4]}"} if label else set()
        return _count(said, values, self._nouns(end), beside, sure=sure)

    def _clocks(self, values: set[str], unit: tuple[str, int]) -> set[str]:
        """The times of day that a number of hours is too: 19 h."""
        said = (re.fullmatch(r"(\d|[01]\d|2[0-4])(?:\.([0-5]\d))?", value) for value in values)
        return {
            f"clock {hour * 60 + int(match[2] or 0)}"
            for match in said
            if match and unit == ("time", 3600)
            for hour in sorted(_hours(match[1]))[: 2 - self.whole_day]
        }

    def _behind(self, at: int, table: Mapping[str, _T]) -> tuple[_T | None, int]:
        """What the word behind a place means, and where it ends."""
        if (match := re.compile(_BEHIND).match(self.text, at)) is None:
            return None, at
        word = match["word"]
        forms = [word[:size] for size in range(6, 0, -1)] if unspaced().match(word) else [word]
        for form in [f"{word} {match['second']}", *forms]:
            is_letter = len(form) == 1 and form.isascii() and table is self.known.scales  # 10K, and no 10 k
            if is_letter and match.start("word") > at:
                continue
            if (value := table.get(form if is_letter else fold(form))) is not None:
                return value, match.start("word") + len(form)
        return None, at

    def _nouns(self, at: int) -> set[str]:
        """What the words behind a number begin with, which it may count."""
        if (match := re.compile(_BEHIND).match(self.text, at)) is None:
            return set()
        if unspaced().match(match["word"]):
            return {"count " + match["word"].lstrip("の")[:1]}
        return {f"count {fold(word)[:4]}" for word in match.groups() if word and len(word) > 3}

    # --- words -------------------------------------------------------------------------------------------------------

    def _in_words(self) -> Iterator[Fact]:
        """Numbers, weekdays, months and units that are words: they give much and claim little."""
        words = [(match.span(), fold(match[0])) for match in re.finditer(r"[^\W\d_]+", self.text)]
        at = 0
        weekday_before = -9
        while at < len(words):
            (start, end), word = words[at]
            size, number = self._phrase(words[at : at + _LONGEST_PHRASE])
            at += max(1, size)
            if number is not None:
                end = words[at - 1][0][1]
                yield self._measured(self.text[start:end], (start, end), {str(number)}, sure=False)
            elif day := self.known.weekday(word):
                exact = word.removesuffix("s") in self.known.weekdays or word in self.known.weekdays
                yield _weekday(self.text[start:end], day) if exact else _given(f"weekday {day}")
                between = self.text[weekday_before:start].strip(" .,")
                if start - weekday_before < 9 and between and between not in _AND:
                    yield _given("weekday range")
                weekday_before = end
            elif unit := self.known.unit(word):
                yield _given(f"alone {unit[0]} {unit[1]}")
            elif month := self.known.months.get(word):
                yield from _date(self.text[start:end], {(month, 0)}) if len(word) > 5 else [_given(f"month {month}")]

    def _phrase(self, row: list[tuple[tuple[int, int], str]]) -> tuple[int, int | None]:
        """How many of the words are a number together, and which."""
        for size in range(len(row), 0, -1):
            number = self.known.numbers.get(" ".join(word for _, word in row[:size]))
            said = self.text[row[0][0][0] : row[size - 1][0][1]]
            if number is not None and len(re.split("[ -]", said)) == size:
                return size, number
        return 0, None


def _hours(said: str) -> set[int]:
    """The hours of the day that it may be: 7 is one in the evening too, 07 and 19 are not."""
    hour = int(said)
    return {hour % 24, hour % 12 + 12} if hour <= 12 and said[0] != "0" else {hour % 24}


def _given(*keys: str) -> Fact:
    """What is no claim by itself."""
    return Fact("", "", set(), set(keys))


def _weekday(said: str, day: int) -> Fact:
    key, named = {f"weekday {day}"}, {"weekday named"}
    return Fact("weekday", said, key, key | named, unless={"weekday range"}, only_if=named)


def _date(
    said: str, dates: set[tuple[int, int]], year: str | None = None, *, or_number: str = "", sure: bool = True
) -> Iterator[Fact]:
    """Months and days that it may be, and the year; no day where only the month is said."""
    keys = {day_key(month, day) if day else f"month {month}" for month, day in dates if month}
    days = {f"day {day}" for _, day in dates if day}
    number = [f"{kind} {or_number}" for kind in _ALONE if or_number]
    gives = {*keys, *days, *number, *(f"month {month}" for month, _ in dates)}
    gives |= set() if year else {"date without year"}
    alone = {f"nth {day}" for _, day in dates if day}
    yield Fact("date", said.strip(" ."), {*(keys or days), *number[:1]}, gives, sure, alone)
    if year:
        yield _count(year, {year}, set(), set(), sure=True)


def _count(said: str, values: set[str], nouns: set[str], label: set[str], *, sure: bool) -> Fact:
    """`nouns` and `label`: what the words behind and before it give."""
    needs = {f"number {value}" for value in values}
    gives = needs | {f"bare {value}" for value in values} | nouns | label | set().union(*map(_near, values))
    gives |= {f"free {value}" for value in values if not nouns}
    unless = {f"{kind} {value}" for value in values for kind in ("about", "part", "hour", "derived number")}
    only_if: set[str] = set()
    for value in values:
        if re.fullmatch(r"1\d{3}|20\d\d", value):
            gives |= {"some year", f"year {value}"}
            unless |= {f"year after {value}", "date without year"}
        elif value.isdigit() and int(value) <= COUNTABLE:
            only_if = nouns | label if nouns else set()
        if value.isdigit() and len(value) < 3 and not nouns:
            needs.add(f"day {value}")
        if pair := re.fullmatch(r"(\d{1,2})\.(\d\d?)", value):  # 19.30 may be a time, 3.12 a date
            either = {f"clock {int(pair[1]) * 60 + int(pair[2])}", day_key(int(pair[2]), int(pair[1]))}
            needs |= either
            gives |= either
    claims = set() if not sure and values <= {"0", "1"} else needs
    return Fact("number", said, claims, gives, sure, unless, only_if)


def _measure(said: str, values: set[str], kind: str, factor: int, clocks: set[str], *, sure: bool) -> Fact:
    amounts = {f"{kind} {_times(value, factor)}" for value in values}
    needs = amounts | clocks | (set() if kind == "percent" else {f"bare {value}" for value in values})
    gives = amounts | clocks | {f"number {value}" for value in values} | set().union(*map(_near, values))
    unless = {f"{near} {value}" for value in values for near in ("about", "derived number")}
    unless |= {f"derived {amount}" for amount in amounts}
    if (kind, factor) == ("months", 12):
        unless.add("some year")  # an age is reckoned from the year
    unless |= {f"alone {kind} {factor * times}" for times in (7, 10, 12, 24, 60, 1000)}
    is_share = kind == "percent" and not values.isdisjoint(_ROUND_SHARES)
    return Fact("number", said, needs, gives, sure and not is_share, unless)


@functools.lru_cache(maxsize=4096)
def _near(value: str) -> frozenset[str]:
    """What a number rounds to, and the beginnings of a version."""
    keys = {f"part {value[: match.start()]}" for match in re.finditer(r"\.", value)}
    if re.fullmatch(r"[1-9]\d{0,14}(?:\.\d{1,9})?", value):
        exact = Decimal(value)
        powers = [10**power for power in range(max(0, exact.adjusted() - 3), exact.adjusted() + 1)]
        rounded = {(exact // power + up) * power for power in powers for up in (0, exact % power > 0)}
        keys |= {f"about {near:f}" for near in rounded if 0 < abs(near - exact) * 10 <= exact}
    return frozenset(keys)


def _times(value: str, factor: int) -> str:
    """The product in one form; what is no number stays."""
    plain = re.fullmatch(r"-?\d{1,15}(?:\.\d{1,9})?", value)
    return f"{(Decimal(value) * factor).normalize():f}" if plain else value


def _readings(digits: str) -> set[str]:
    """All that a row of digits with separators may be."""
    readings = {digits.replace(" ", "")}
    if re.fullmatch(r"\d{1,3}(?:[.,]\d{3})+", digits):
        readings.add(re.sub("[.,]", "", digits))
    if re.fullmatch(r"[\d.]+,\d+", digits):
        readings.add(digits.replace(".", "").replace(",", "."))
    if re.fullmatch(r"[\d,]+\.\d+", digits):
        readings.add(digits.replace(",", ""))
    readings |= {re.sub(r"\.0{1,2}\Z", "", reading) for reading in readings if reading.count(".") == 1}
    return readings | {reading.lstrip("0") or "0" for reading in readings if reading.isdigit()}
