"""When a person says that something goes out: their words become a moment, and a moment becomes words.

dateparser knows the words of its languages and translates them into plain English ones. What those mean is decided
here: each word and number must have its one place in what was understood, so that nothing is dropped or bent. What
can't be told, or can be told in two ways, is refused with the readings named. Pure: the time now is a parameter.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo

from twitter_manager import schedule
from twitter_manager.errors import UsageError

LONGEST, FARTHEST = 100, timedelta(days=5 * 366)
"""The most characters that are read, and how far ahead a moment may lie."""
_YEAR_SAID = timedelta(days=300)
"""What lies farther ahead needs its year: of a day without one, the last is as likely meant as the next."""
_EXAMPLES = 'Write it as "Fri 09:00", "1 December 9:00", "in 2 hours" or 2026-12-01T09:00.'

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)

_HOUR = r"uhr|uur|heures?|horas?|ore|o['’]?clock|h"
_AT = r"at|um|à|a las?|alle|às|om|kl\.?|o"
_IN = r"in|dans|en|tra|fra|over|za|em"
_SOON = re.compile(rf"(?<!\S)(?:{_IN})\s", re.IGNORECASE)
_CLOCKS_MADE_ALIKE = (
    ("’", "'"),
    (rf"(?<!\S)(?:{_IN})\s+(\d{{1,2}})\s?h\s?(\d\d)\b", r"in \1 hours \2 minutes"),
    (r"\b([ap])\.\s?m\b\.?", r"\1m"),
    (rf"(?<!\S)(?:{_AT})\s+(?=\d{{1,2}}[:h.]\d\d)", ""),
    (r"\b(\d{1,2})\s?h\s?(\d\d)\b", r"\1:\2"),
    (rf"(?<![\d.])(\d{{1,2}})\.(\d\d)\s?(?:{_HOUR})(?!\w)", r"\1:\2"),
    (rf"\b(\d{{1,2}}:\d\d)\s?(?:{_HOUR})(?!\w)", r"\1"),
    (rf"(?<!\S)(?:{_AT})\s+(\d{{1,2}})(?:\s?(?:{_HOUR}))?(?=,|\s|\Z)(?!\s?[ap]m)", r"\1:00"),
    (r"(?<!\S)(?<!in )(?<!dans )(?<!over )(\d{1,2})\s?(?:uhr|uur|o['’]?clock|h)(?![\w:])", r"\1:00"),
)
"""How times of day are written, made alike before the words are translated."""

_MADE_ALIKE: Mapping[str, tuple[tuple[str, str], ...]] = {
    "en": (
        (r"\Athe\s+(?=\d)", ""),
        (r"\b(\d{1,2})(?:st|nd|rd|th)\b", r"\1"),
        (r"\bthurs\b", "thu"),
        (r"\bweds\b", "wed"),
    ),
    "de": (
        (r"\A(?:am|den)\s+", ""),
        (r",?\s+den\s+(?=\d)", " "),
        (r"\buebermorgen\b", "übermorgen"),
        (r"\bmaerz\b", "märz"),
        (r"\bsonnabend\b", "samstag"),
    ),
    "es": ((r"\Ael\s+", ""), (r"\bpasado\s+ma[nñ]ana\b", "en 2 días"), (r"(?<=en )dos\b", "2")),
    "it": ((r"\Ail\s+", ""), (r"\bfra\b", "tra"), (r"\bdopodomani\b", "tra 2 giorni"), (r"(?<=tra )due\b", "2")),
    "nl": ((r"(?<=over )een\b", "1"), (r"(?<=over )twee\b", "2")),
    "pl": ((r"\bza (?=godzin[eę]\b|tydzie[nń]\b)", "za 1 "), (r"(?<=za )dwie\b", "2")),
    "pt": (
        (r"\A(?:na|no)\s+", ""),
        (r"\b(?:daqui a|dentro de)\b", "em"),
        (r"\bdepois\s+de\s+amanh[aã]\b", "em 2 dias"),
        (r"(?<=em )(?:duas|dois)\b", "2"),
    ),
}
"""What dateparser does not know of a language, or takes for something else, by what it knows."""


@dataclass(frozen=True, slots=True)
class _Said:
    """What the words name, piece by piece."""

    clock: time | None = None
    weekday: int | None = None
    days_ahead: int | None = None
    month: int | None = None
    day: int | None = None
    year: int | None = None
    elapsed: timedelta | None = None
    """From now on, whatever the clocks do."""


class _Wrong(ValueError):
    """The words were read, and name something that can't be or can be two things. Says what, and what to write."""

    def __init__(self, message: str, remedy: str = _EXAMPLES) -> None:
        super().__init__(message)
        self.remedy = remedy


class _NotUnderstood(_Wrong):
    """Some of the words have no place in what was understood."""


_UNCLEAR = {
    "en": (
        (
            r"(?<!in )(?<![\d.-])\b\d{1,2}\s?(?:hours?|hrs?)\b(?!\s*(?:from|ago))",
            "can mean a time, or how long from now",
        ),
        (r"\A\d{1,2}\s?h\Z", "can mean a time, or how long from now"),
    )
}
_Piece = Callable[[re.Match[str]], dict[str, object]]


def understand(
    words: str, now: datetime, time_zone: str, language: str = "en", *, clock: time | None = None
) -> datetime:
    """The moment (UTC) that the words name in that time zone: ISO 8601, else words in the language and in English.
    `clock`: the time of day of words that name none.

    Raises UsageError: not understood, past, more than five years ahead, without a time of day, or one that the clocks
    make ambiguous or leave out."""
    typed = " ".join(words.split())
    if len(typed) > LONGEST:
        raise UsageError(f"A date of {len(typed)} characters is too long.", _EXAMPLES)
    bare, offset = _without_offset(typed)
    try:
        moment = _moment(bare, offset, now, time_zone, language, clock)
        if moment - now > FARTHEST:
            raise _Wrong("is more than five years ahead", "Take a nearer day.")
    except _Wrong as error:
        raise UsageError(f'"{typed}" {error}.', error.remedy) from None
    except (OverflowError, ValueError):
        raise UsageError(f'"{typed}" names no day that can be reckoned with.', _EXAMPLES) from None
    if moment <= now:
        raise UsageError(f'"{typed}" is past: {told(moment, time_zone)}.', "Take a later moment.")
    return moment


def told(moment: datetime, time_zone: str) -> str:
    """A moment in words on that zone's clock: "Friday 4 December 2026, 09:00". An hour that comes twice gets its
    distance to UTC."""
    local = moment.astimezone(schedule.zone(time_zone))
    twice = f" (UTC{_offset(local)})" if len(_readings(local.replace(tzinfo=None), local.tzinfo)) > 1 else ""
    return f"{local:%A} {local.day} {local:%B} {local.year}, {local:%H:%M}{twice}"


def lasting(time: timedelta) -> str:
    """About how long that is, in one unit: "75 minutes", "3 hours", "2 days"."""
    minutes = round(time.total_seconds() / 60)
    unit, size = ("minute", 1) if minutes < 120 else ("hour", 60) if minutes < 48 * 60 else ("day", 24 * 60)
    return f"{minutes // size} {unit}{'s' * (minutes // size != 1)}"


def told_day(moment: datetime, time_zone: str, language: str) -> str:
    """Its day in words of a language, where CLDR has them, else in English: "4 décembre 2026"."""
    from babel import Locale, UnknownLocaleError
    from babel.dates import format_date

    try:
        locale = Locale.parse(language, sep="-")
    except (ValueError, UnknownLocaleError):
        locale = Locale("en", "GB")
    return format_date(moment.astimezone(schedule.zone(time_zone)).date(), "long", locale)


def time_of_day(words: str, language: str) -> tuple[int | None, time]:
    """The weekday (Monday is 0), if any, and the time of day that the words name. Raises UsageError for more or
    less."""
    troubles = list[_Wrong]()
    for tongue in dict.fromkeys((language.split("-")[0], "en")):
        try:
            said = _read(_translated(" ".join(words[:LONGEST].split()), tongue))
            if said.clock is not None and said == _Said(clock=said.clock, weekday=said.weekday):
                return said.weekday, said.clock
            troubles.append(_Wrong("names no time of day" if said.clock is None else "names more than a weekday"))
        except _Wrong as error:
            troubles.append(error)
    trouble = next((error for error in troubles if not isinstance(error, _NotUnderstood)), troubles[0])
    raise UsageError(f'"{words}" {trouble}.', 'Write it as "Mon 09:00", "1st 09:00" or "day 09:00".')


# -- from words to pieces --------------------------------------------------------------------------------


def _without_offset(typed: str) -> tuple[str, timezone | None]:
    """The words without an offset from UTC at their end, and the offset."""
    found = re.search(
        r"(?<=\d)\s?(?:UTC|GMT)?([+-])(\d\d):?(\d\d)\Z|(?<=\d)(?:Z|\s?(?:UTC|GMT))\Z", typed, re.IGNORECASE
    )
    if not found or not re.search(r"\d:?\d\d", typed[: found.start()]) or re.fullmatch(r"[\d-]+", typed):
        return typed, None
    if found[1] is None:
        return typed[: found.start()], UTC
    away = timedelta(hours=int(found[2]), minutes=int(found[3]))
    if away > timedelta(hours=14):
        return typed, None
    return typed[: found.start()], timezone(away if found[1] == "+" else -away)


def _moment(
    bare: str, offset: timezone | None, now: datetime, time_zone: str, language: str, clock: time | None
) -> datetime:
    local = schedule.zone(time_zone)
    if iso := re.fullmatch(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(?::00(?:\.0+)?)?", bare):
        try:
            wall = datetime.fromisoformat(f"{iso[1]}T{iso[2]}")
        except ValueError:
            raise _Wrong("names a day or a time that doesn't exist") from None
        return _on_the_clock(wall, offset or local, time_zone)
    moments, troubles = set[datetime](), list[_Wrong]()
    for tongue in dict.fromkeys((language.split("-")[0], "en")):
        try:
            said = _read(_translated(bare, tongue))
            if said == _Said(clock=said.clock, weekday=said.weekday) and _SOON.search(bare):
                raise _Wrong("can mean a time, or how long from now", 'Write "in 2 hours", or the time alone.')
            if said.clock is None and said.elapsed is None:
                said = replace(said, clock=clock)
            moments.add(_resolved(said, offset or local, now, time_zone))
        except _Wrong as error:
            troubles.append(error)
    if len(moments) > 1:
        raise _Wrong(f"can mean {' or '.join(told(moment, time_zone) for moment in sorted(moments))}")
    if not moments:
        raise next((error for error in troubles if not isinstance(error, _NotUnderstood)), troubles[0])
    return moments.pop()


def _translated(words: str, language: str) -> str:
    """The words in the English of the table below; as they are where the language is not known."""
    from dateparser.conf import settings
    from dateparser.data.languages_info import language_order
    from dateparser.languages.loader import default_loader

    words = words.casefold()
    for pattern, wrong in _UNCLEAR.get(language, ()):
        if re.search(pattern, words):
            raise _Wrong(wrong, 'Write "in 2 hours", or the time as 02:00.')
    for pattern, alike in (*_MADE_ALIKE.get(language, ()), *_CLOCKS_MADE_ALIKE):
        words = re.sub(pattern, alike, words)
    if language not in language_order:
        return words
    locale = default_loader.get_locale(language)
    translated = str(locale.translate(words, keep_formatting=True, settings=settings))
    if re.search(r"\b0?0:00\b", translated) and not re.search(r"0:00|12\s?am", words):
        raise _Wrong("can mean the midnight before or after that day", 'Write it as "Fri 00:00".')
    return translated


def _read(text: str) -> _Said:
    """The pieces of a translated text. Whatever is left over was not understood."""
    said = _Said()
    for pattern, piece in _PIECES:
        if match := re.search(rf"(?<![\w:.+-]){pattern}(?![\w:+])", text):
            taken = piece(match)
            if any(getattr(said, name) is not None for name in taken):
                raise _Wrong("names one thing twice")
            said = replace(said, **taken)  # type: ignore[arg-type]
            text = f"{text[: match.start()]} {text[match.end() :]}"
    if text.strip(" ,.") or said == _Said():
        raise _NotUnderstood("is not understood")
    return said


def _clock(match: re.Match[str]) -> dict[str, object]:
    hour, minute, half = int(match["hour"]), int(match["minute"] or 0), match["half"]
    if (half and not 1 <= hour <= 12) or hour > 23 or minute > 59:
        raise _Wrong(f"names a time that no day has, {match[0].strip()}")
    return {"clock": time(hour % 12 + 12 * (half == "pm") if half else hour, minute)}


def _numbers(match: re.Match[str]) -> dict[str, object]:
    first, second, year = int(match["first"]), int(match["second"]), match["year"]
    if match["mark"] == "/" and first != second and first <= 12 and second <= 12:
        readings = f"{first} {_MONTHS[second - 1].title()} or {second} {_MONTHS[first - 1].title()}"
        raise _Wrong(f"can mean {readings}", "Write the month as a word.")
    if match["mark"] == "." and second > 12 and not year:
        raise _Wrong("can be a time of day, and no date", f"Write it as {first:02}:{second:02}.")
    day, month = (second, first) if match["mark"] == "/" and second > 12 else (first, second)
    return {"day": day, "month": month, "year": int(year) if year else None}


def _next_weekday(match: re.Match[str]) -> dict[str, object]:
    raise _Wrong(f"can mean this {(match[1] or match[2]).title()} or the one after", "Write the date.")


def _past(match: re.Match[str]) -> dict[str, object]:
    raise _Wrong("is past", "Take a later moment.")


def _day(match: re.Match[str]) -> dict[str, object]:
    month, year = _MONTHS.index(match["month"]) + 1, match["year"]
    return {"day": int(match["day"]), "month": month, "year": int(year) if year else None}


_MONTH = rf"(?P<month>{'|'.join(_MONTHS)})"
_DAY, _YEAR = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?", r"(?:[ ,]+(?P<year>\d{4}))?"
_WEEKDAY = "|".join(WEEKDAYS)
_NEXT = "next|nachsten?|kommenden|prochaine?|proxim[oa]|prossim[oa]|volgende|aanstaande|nastepny"
_LAST = "last|letzten?|vergangenen|derni[eè]re?|pasad[oa]|scors[oa]|vorige|afgelopen|zeszly|passad[oa]"
"""Before or behind a weekday, as dateparser leaves them: without accents."""
_PIECES: tuple[tuple[str, _Piece], ...] = (
    (
        r"in (?:(\d{1,5}) hour )?(\d{1,6}) minute",
        lambda m: {"elapsed": timedelta(hours=int(m[1] or 0), minutes=int(m[2]))},
    ),
    (r"in (\d{1,5}) hour", lambda m: {"elapsed": timedelta(hours=int(m[1]))}),
    (r"(\d{1,6}) (minute|hour) in", lambda m: {"elapsed": timedelta(**{m[2] + "s": int(m[1])})}),
    (r"in half 1 hour", lambda m: {"elapsed": timedelta(minutes=30)}),
    (r"0 day(?: ago)?", lambda m: {"days_ahead": 0}),
    (r"\d{1,6} (?:minute|hour|day|week|month|year) ago", _past),
    (r"in (\d{1,4}) (day|week)", lambda m: {"days_ahead": int(m[1]) * (7 if m[2] == "week" else 1)}),
    (
        r"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)",
        lambda m: {name: int(m[name]) for name in ("year", "month", "day")},
    ),
    (rf"{_DAY}\.? {_MONTH}\.?{_YEAR}", _day),
    (rf"{_MONTH}\.? {_DAY}{_YEAR}", _day),
    (r"(?P<first>\d{1,2})(?P<mark>[./])(?P<second>\d{1,2})(?:(?P=mark)(?P<year>\d{4})?)?", _numbers),
    (rf"(?:{_NEXT}) ({_WEEKDAY})|({_WEEKDAY}) (?:{_NEXT})", _next_weekday),
    (rf"(?:{_LAST}) (?:{_WEEKDAY}|week|month)|(?:{_WEEKDAY}) (?:{_LAST})", _past),
    (rf"(?:this )?({_WEEKDAY})", lambda m: {"weekday": WEEKDAYS.index(m[1])}),
    (r"(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::00)?(?: ?(?P<half>am|pm))?", _clock),
    (r"(?P<hour>\d{1,2})(?P<minute>) ?(?P<half>am|pm)", _clock),
    (r"(?P<hour>\d{1,2})(?P<minute>)(?P<half>) ?hour", _clock),
)
"""What a translated text is made of, each at most once, the longer before what it begins with."""


# -- from pieces to a moment -----------------------------------------------------------------------------


def _resolved(said: _Said, local: tzinfo, now: datetime, time_zone: str) -> datetime:
    if said.elapsed is not None:
        if said != _Said(elapsed=said.elapsed):
            raise _Wrong("names a distance and a time")
        return now + said.elapsed
    if said.days_ahead is not None and said != _Said(clock=said.clock, days_ahead=said.days_ahead):
        raise _Wrong("names its day twice")
    day = _near_day(said, local, now) if said.day is None else _named_day(said, local, now)
    if said.weekday is not None and day.weekday() != said.weekday:
        raise _Wrong(f"names the wrong weekday: {day.day} {day:%B %Y} is a {day:%A}")
    if said.clock is None:
        raise _Wrong("names no time of day")
    return _on_the_clock(datetime.combine(day, said.clock), local, time_zone)


def _near_day(said: _Said, local: tzinfo, now: datetime) -> date:
    """Today, so many days ahead, or the next such weekday."""
    today = now.astimezone(local).date()
    if said.weekday is None:
        return today + timedelta(days=said.days_ahead or 0)
    ahead = (said.weekday - today.weekday()) % 7
    over = ahead == 0 and datetime.combine(today, said.clock or time(), local) <= now
    return today + timedelta(days=7 if over else ahead)


def _named_day(said: _Said, local: tzinfo, now: datetime) -> date:
    """The day of a date; without a year, the next one."""
    month, day = said.month or 0, said.day or 0
    if not 1 <= month <= 12 or not 1 <= day <= (29 if month == 2 else 30 if month in (4, 6, 9, 11) else 31):
        raise _Wrong("names a day that no year has")
    this_year = now.astimezone(local).year
    for year in (said.year,) if said.year is not None else range(this_year, this_year + 9):
        try:
            named = date(year, month, day)
        except ValueError:
            continue
        if said.year is not None:
            return named
        if (moment := datetime.combine(named, said.clock or time.max, local)) > now:
            if moment - now > _YEAR_SAID:
                raise _Wrong(f"is past, or as far ahead as {year}", "Write the year too.")
            return named
    raise _Wrong(f"names a day that {said.year} doesn't have")


def _on_the_clock(wall: datetime, local: tzinfo, time_zone: str) -> datetime:
    """The one moment at which the clocks show this."""
    readings = _readings(wall, local)
    if len(readings) == 1:
        return readings[0].astimezone(UTC)
    if readings:
        both = " or ".join(f"{wall:%Y-%m-%dT%H:%M}{_offset(reading)}" for reading in readings)
        raise _Wrong(f"comes twice in {time_zone}, where the clocks are put back", f"Say {both}.")
    before, after = (wall.replace(tzinfo=local, fold=fold).astimezone(UTC).astimezone(local) for fold in (1, 0))
    neighbours = f"Say {before:%Y-%m-%dT%H:%M} or {after:%Y-%m-%dT%H:%M}."
    raise _Wrong(f"doesn't exist in {time_zone}, where the clocks are put forward", neighbours)


def _readings(wall: datetime, local: tzinfo | None) -> list[datetime]:
    """The moments, the earlier first, at which the clocks show this: one, two, or none."""
    both = [wall.replace(tzinfo=local, fold=fold) for fold in (0, 1)]
    real = [one for one in both if one.astimezone(UTC).astimezone(local).replace(tzinfo=None) == wall.replace(fold=0)]
    return real[:1] if both[0].utcoffset() == both[1].utcoffset() else real


def _offset(moment: datetime) -> str:
    return f"{moment:%z}"[:3] + ":" + f"{moment:%z}"[3:5]
