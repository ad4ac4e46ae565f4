"""Reads when something was published, as feeds and front matter write it: RFC 822, ISO 8601, dates of any language;
and finds the day that a heading or a file's name names.

Where a date can be read in two ways, the earlier is taken: what is old never looks fresh. So it is with the names of
zones that several countries share (CST, IST …: the one farthest east), with names nobody knows, and with 3/4/2026.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from typing import Any

LONGEST = 100
MOST_SECONDS = 8.0
"""For the dates of one feed that need a look through the languages."""
_SHARED_ZONES = {
    "CST": 8.0, "CDT": 9.0, "IST": 5.5, "BST": 6.0, "AST": 3.0, "AMT": 4.0, "GST": 4.0, "PST": -8.0, "ECT": 1.0,
    "SST": 8.0, "WST": 8.0, "BDT": 6.0, "ACT": 9.5, "MST": -7.0,
}  # fmt: skip
"""Hours east of Greenwich: CST is also China's, IST India's (and Israel's, Ireland's), BST Bangladesh's. PST and MST
are what RFC 822 says."""
_EASTERNMOST = 14.0
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_YEAR = r"(?P<year>(?:19|20)\d{2})"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_MONTH = rf"(?P<month>{'|'.join(_MONTHS)})[a-z]{{0,6}}\.?"
_DAYS = (
    re.compile(rf"(?<!\d){_YEAR}[-/.](?P<month>\d{{1,2}})[-/.](?P<day>\d{{1,2}})(?!\d)"),
    re.compile(rf"(?<![\w.]){_DAY}\s+(?:of\s+)?{_MONTH},?\s+{_YEAR}\b", re.I),
    re.compile(rf"\b{_MONTH}\s+{_DAY},?\s+{_YEAR}\b", re.I),
)


def as_utc(value: object) -> datetime | None:
    """A date or time of any usual kind, in UTC; a date alone is its beginning."""
    try:
        if isinstance(value, str):
            value = datetime.fromisoformat(value.strip())
        if isinstance(value, date) and not isinstance(value, datetime):
            value = datetime(value.year, value.month, value.day)
        if isinstance(value, datetime):
            return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None  # no date that we could read is no date
    return None


class Dates:
    """Reads the dates of one feed or document. `language`: its own, or ""; `monotonic` measures the time that the
    languages take."""

    def __init__(self, language: str, monotonic: Any) -> None:
        self._language = language
        self._monotonic = monotonic
        self._seconds_left = MOST_SECONDS
        self._parser: Any = None

    def read(self, text: str) -> datetime | None:
        """The moment in UTC; None where the text names no day of this age."""
        text = " ".join(text[:LONGEST].split())
        day = _usual(text) or self._in_words(text)
        return day if day and 1990 <= day.year < 2200 else None

    def _in_words(self, text: str) -> datetime | None:
        if not re.search(r"\d", text) or len(re.findall(r"\d+", text)) < 2 or self._seconds_left <= 0:
            return None
        began = self._monotonic()
        try:
            return self._look_through_languages(text)
        finally:
            self._seconds_left -= self._monotonic() - began

    def _look_through_languages(self, text: str) -> datetime | None:
        import warnings

        from dateparser.data.languages_info import language_order
        from dateparser.date import DateDataParser

        bare, zone = _without_zone(text)
        known = [self._language] if self._language in language_order else []
        for languages in (known, None) if known else (None,):
            if self._parser is None or languages is not None:
                settings = {
                    "STRICT_PARSING": True,
                    "PARSERS": ["absolute-time"],
                    "DATE_ORDER": "DMY",
                    "REQUIRE_PARTS": ["day", "month", "year"],
                    "RETURN_AS_TIMEZONE_AWARE": False,
                }
                self._parser = DateDataParser(languages=languages, settings=settings)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                local = self._parser.get_date_data(bare).date_obj
            if local is not None:
                return _at(local.replace(tzinfo=None), zone)
            if languages is not None:
                self._parser, self._language = None, ""
        return None


def _usual(text: str) -> datetime | None:
    """ISO 8601, RFC 822 and numbers with a clear order."""
    if parsed := as_utc(text):
        return parsed
    bare, zone = _without_zone(text)
    if parsed := as_utc(re.sub(r"(\d) (?=\d)", r"\1T", bare, count=1)) if bare[:4].isdigit() else None:
        return _at(parsed.replace(tzinfo=None), zone)
    if garbled := re.match(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?", bare):
        return _at(parsed, _EASTERNMOST) if (parsed := as_utc(garbled[0])) else None
    if numbers := re.fullmatch(
        r"(?:\D{2,12}[,.]? )?(\d{1,2})([./-])(\d{1,2})\2(\d{4})(?:\D{1,5}(\d{1,2}):(\d\d)(?::(\d\d))?)?", bare
    ):
        return _numbers(numbers, zone)
    if any(month in bare.lower() for month in _MONTHS) and not re.search(r"\b[ap]\.?m\b", bare.lower()):
        try:
            return _at(parsedate_to_datetime(bare + " +0000").replace(tzinfo=None), zone)
        except (ValueError, TypeError, IndexError, OverflowError):
            return None
    return None


def _numbers(numbers: re.Match[str], zone: float) -> datetime | None:
    """Day first where points part them; else the earlier of the two that the numbers may mean."""
    first, second, year = int(numbers[1]), int(numbers[3]), int(numbers[4])
    hour, minute, seconds = (int(number or 0) for number in numbers.groups()[4:])
    orders = [(second, first)] if numbers[2] == "." else [(second, first), (first, second)]
    possible = []
    for month, day in orders:
        try:
            possible.append(datetime(year, month, day, hour, minute, seconds))
        except ValueError:
            continue
    return _at(min(possible), zone) if possible else None


def _without_zone(text: str) -> tuple[str, float]:
    """The date without its zone, and the zone's hours east of Greenwich."""
    offset = re.search(r"\s?(?:GMT|UTC)?\s?([+-])(\d{2}):?(\d{2})(?:\s?\([^()]*\))?\Z", text)
    if offset and re.search(r"\d:\d\d", text[: offset.start()]):
        hours = int(offset[2]) + int(offset[3]) / 60
        return text[: offset.start()].strip(), hours if offset[1] == "+" else -hours
    text = re.sub(r"\s?\([^()]*\)\Z", "", text)
    name = re.search(r"(?<=\d)\s?(?!AM\b|PM\b)(Z|[A-Z]{2,5})(?= (?:19|20)\d\d\Z|\Z)", text)
    if name and re.search(r"\d:\d\d", text[: name.start()]):
        return f"{text[: name.start()]}{text[name.end() :]}".strip(), _zone(name[1])
    return text.strip(), 0.0


def _zone(name: str) -> float:
    if name in ("Z", "UT", "UTC", "GMT"):
        return 0.0
    if name in _SHARED_ZONES:
        return _SHARED_ZONES[name]
    from dateparser.timezones import timezone_info_list

    offsets = [hours for group in timezone_info_list for known, hours in group["timezones"] if known == name]
    return max(offsets) / 3600 if offsets else _EASTERNMOST


def _at(local: datetime, zone: float) -> datetime | None:
    try:
        return local.replace(tzinfo=timezone(timedelta(hours=zone))).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


# -- in a heading or a name --------------------------------------------------------------------------


def first_day_in(text: str) -> datetime | None:
    """The first day that a text names in full, as its beginning in UTC."""
    day = next(filter(None, (pattern.search(text[:300]) for pattern in _DAYS)), None)
    if day is None:
        return None
    month = day["month"].lower()
    try:
        number = _MONTHS.index(month) + 1 if month in _MONTHS else int(month)
        return datetime(int(day["year"]), number, int(day["day"]), tzinfo=UTC)
    except ValueError:
        return None
