"""Reads numbers, in digits or in words, and measures (a number with its unit), each in one form.

What is written may be read in several ways (1.000 is a thousand in German): every reading counts. Whether a number
stands in the material is left to `grounding`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import NamedTuple

from twitter_manager.checks.languages import JOINERS, ONE, SCALES, ordinals, units

_SUFFIX = r"(?:-?(?:rc|alpha|beta|dev|post|a|b)\.?\d+)?"
_DIGITS = re.compile(
    r"(?<![^\W\d_]\^)(?:(?<![\w)\]'\".%-])(-))?((?:(?<![\w.])\.)?\d+(?:(?:[.,:]| (?=\d{3}(?![\d.,]*\d)))\d+)*"
    + _SUFFIX
    + ")"
    r"(%|割|k\b|[百千万億亿兆]+|M\b(?!\w)|(?:er|ère|ème|st|nd|rd|th|º|ª)\b)?",
)
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_HALVES = re.compile(
    r"(?i)\b(?:half (?:an?|a) |an? half[ -]|halbe[nr]? |demi[e]?[- ]|media |mezz['a] ?|half |meia )(\w+)"
    r"|\b(hours?|minutes?|days?|weeks?|months?|years?) and a half"
)
_FRACTIONS = {
    3: "thirds drittel dritteln tiers tercios terzi derde derden terços",
    4: "quarters viertel vierteln quarts cuartos quarti kwart quartos",
    5: "fifths fünftel fünfteln cinquièmes quintos quinti vijfde",
}
"""Two thirds are two in three."""
_INTERVALS = (
    (r"(?i)\bhalbstund\w+|\bhalbstündlich\w*|\bhalf[- ]hourly\b", 30),
    (r"(?i)\bviertelstund\w+|\bviertelstündlich\w*|\bquarter[- ]hourly\b|\bquarts? d'heure\b|\bkwartier\b", 15),
    (r"(?i)\bstundentakt\b|\bstündlich\w*|\bhourly\b", 60),
)
"""Words that say how often, in minutes."""
_CARDINAL_LIMIT = 10**15
CURRENCIES = {
    **dict.fromkeys(("€", "euro", "eur"), "EUR"),
    **dict.fromkeys(("$", "dollar", "dólare", "usd"), "USD"),
    **dict.fromkeys(("£", "gbp"), "GBP"),
    **dict.fromkeys(("¥", "円", "yen", "jpy"), "JPY"),
    **dict.fromkeys(("chf", "franken"), "CHF"),
}


class Number(NamedTuple):
    """Where it stands, and what it may mean."""

    start: int
    end: int
    readings: frozenset[str]
    in_words: bool = False


def numbers(text: str, known: Mapping[str, int]) -> Iterator[Number]:
    """The numbers of a text in plain form. `known`: the number words that are read."""
    for match in _DIGITS.finditer(text):
        sign, digits, unit = match.groups(default="")
        end = match.end()
        scale = 1
        for c in unit if unit and unit[0] in "百千万億亿兆" else "":
            scale *= SCALES[c]
        if unit in ("k", "M"):
            scale = 10**3 if unit == "k" else 10**6
        elif not unit and (word := re.compile(r" ?-?([^\W\d_]+)\b\.?").match(text, end)):
            scale = SCALES.get(word[1].casefold(), 1) if word[1].casefold() != "k" else 1
            end = word.end() if scale > 1 else end
        mark = "%" if unit in ("%", "割") else ""
        found = frozenset(sign + _times(one, 10 if unit == "割" else scale) + mark for one in readings(digits))
        yield Number(match.start(), end, found)
    yield from _in_words(text, known)


def readings(digits: str) -> set[str]:
    """All that a row of digits with separators may be."""
    digits = f"0{digits}" if digits.startswith(".") else digits
    found = {digits.replace(" ", "")}
    if re.fullmatch(r"\d{1,3}(?:[.,]\d{3})+", digits):
        found.add(re.sub("[.,]", "", digits))
    if re.fullmatch(r"\d{1,3}(?:\.\d{3})*,\d+", digits) or re.fullmatch(r"\d+,\d+", digits):
        found.add(digits.replace(".", "").replace(",", "."))
    if re.fullmatch(r"\d{1,3}(?:,\d{3})+\.\d+", digits):
        found.add(digits.replace(",", ""))
    found |= {re.sub(r"\.00\Z|(?<=\d\.\d)\.0\Z|(?<=\d\.\d\d)\.0\Z", "", one) for one in found}
    return found | {one.lstrip("0") or "0" for one in found if one.isdigit()}


def _times(digits: str, scale: int) -> str:
    if scale == 1 or not re.fullmatch(r"\d{1,15}(?:\.\d{1,9})?", digits):
        return digits
    return f"{(Decimal(digits) * scale).normalize():f}"


def _in_words(text: str, known: Mapping[str, int]) -> Iterator[Number]:
    row: list[tuple[str, int, int]] = []
    for match in _WORD.finditer(text):
        for word, start in _split(match[0], match.start(), known):
            said = word.casefold()
            near = bool(row) and text[row[-1][2] : start] in (" ", "-", "")
            follows_digits = text[max(0, start - 2) : start].strip(" -")[-1:].isdigit()
            is_number = said in known or (
                not follows_digits
                and said in SCALES
                and len(said) > 2
                and (near or said in ("dozen", "hundred", "thousand", "million", "dutzend", "tausend"))
            )
            if row and not (near and (is_number or said in JOINERS)):
                yield from _values(row, known)
                row = []
            if is_number or (row and said in JOINERS):
                row.append((said, start, start + len(word)))
    yield from _values(row, known)


def _split(word: str, start: int, known: Mapping[str, int]) -> Iterator[tuple[str, int]]:
    """A word with hyphens is one where the list has it so (quatre-vingt), else each of its parts."""
    if "-" not in word or word.casefold() in known:
        yield word, start
        return
    for part in word.split("-"):
        yield part, start
        start += len(part) + 1


def _values(row: list[tuple[str, int, int]], known: Mapping[str, int]) -> Iterator[Number]:
    """The numbers that a row of number words says: "two hundred and five" is one number, "two five" are two."""
    while row and row[-1][0] in JOINERS:
        row.pop()
    if not row:
        return
    total = current = 0
    last: int | None = None
    start, end = row[0][1], row[0][2]
    for word, begins, ends in row:
        if word in SCALES and word not in known:
            last = min(SCALES[word], _CARDINAL_LIMIT)
            if last < 1000:
                current = max(current, 1) * last
            else:
                total, current = min(total, _CARDINAL_LIMIT) + max(current, 1) * last, 0
        elif word in known:
            value = known[word]
            adds = last is None or last >= 100 or (last >= 20 and (0 < value < 10 or (last in (60, 80) and value < 20)))
            if not adds:
                yield Number(start, end, frozenset([str(total + current)]), True)
                total = current = 0
                start = begins
            current, last = current + value, value
        end = ends
    yield Number(start, end, frozenset([str(total + current)]), True)


def implied(text: str) -> Iterator[str]:
    """Numbers that a text says without saying them: "third" for 3rd, "a" for 1."""
    for match in re.finditer(r"[^\W\d_]+", text.casefold()):
        if match[0] in ONE:
            yield "1"
        elif of := next((of for of, names in _FRACTIONS.items() if match[0] in names.split()), 0):
            yield str(of)
        elif (
            place := ordinals().get(match[0].removesuffix("n").removesuffix("r"), ordinals().get(match[0]))
        ) is not None:
            yield str(place)


def _is_plain(reading: str) -> bool:
    return re.fullmatch(r"\d{1,15}(?:\.\d{1,9})?", reading) is not None


def _currency(text: str, number: Number) -> str:
    before = re.search(r"([€$£¥]|\b(?:EUR|USD|GBP|CHF|JPY)) ?\Z", text[max(0, number.start - 4) : number.start])
    after = re.compile(
        r"[ -]?(€|\$|£|¥|円|euros?\b|eur\b|dollars?\b|dólares\b|usd\b|gbp\b|chf\b|franken\b|yen\b)", re.IGNORECASE
    )
    said = before or after.match(text, number.end)
    return CURRENCIES[said[1].casefold().removesuffix("s")] if said else ""


def measures(text: str, found: list[Number]) -> Iterator[tuple[int, str, Decimal]]:
    """Where a number with a unit begins, what it measures, and how much in the smallest unit."""
    for number in found:
        if currency := _currency(text, number):
            yield from ((number.start, currency, Decimal(one)) for one in number.readings if _is_plain(one))
            continue
        unit = re.compile(r"[ -]?([^\W\d_]+)").match(text, number.end)
        of = unit and (units().get(unit[1]) or units().get(unit[1].casefold()))
        if (
            unit is not None
            and of is None
            and (cjk := re.match(r"分間?|時間|日間|週間|[かヶカ]月|年間|秒|キロ|グラム|メートル", unit[1]))
        ):
            of = units()[cjk[0]]
        for reading in number.readings if of else ():
            if of and _is_plain(reading):
                yield number.start, of[0], Decimal(reading) * of[1]
    for match in _HALVES.finditer(text):
        if of := units().get((match[1] or match[2]).casefold()):
            yield match.start(), of[0], Decimal(of[1]) / 2 * (1 if match[1] else 3)
    kind, minute = units()["minutes"]
    for expression, minutes in _INTERVALS:
        for match in re.finditer(expression, text):
            yield match.start(), kind, Decimal(minutes * minute)
    for match in re.finditer(r"(?i)\b(an?|one|eine[rn]?|une?|una?|een) ([^\W\d_]+)", text):
        if of := units().get(match[2].casefold()):
            yield match.start(), of[0], Decimal(of[1])
