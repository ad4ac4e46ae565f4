"""The grounding rule: what a post claims must stand in the material it was made from.

A claim is a number, date, link, quotation, piece of code, mention, hashtag or name. Both sides are brought to one form
first (`plain`), so that 1,000 and 1000, an en dash and a hyphen, "two" and 2, 21 November 2026 and 2026-11-21 agree;
a number inside another (12 in 120, 3.11 in 3.11.2) doesn't count. Whether the claims are put together as the material
puts them is beyond a lexical rule: that is why a small model only chooses among true sentences.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from twitter_manager.checks.context import CheckContext
from twitter_manager.checks.words import LINK, function_words, shown, unspaced
from twitter_manager.domain import Violation
from twitter_manager.redaction import redact

_Date = tuple[int, int, int]
_SHOWN = 6
_READ = "\ue000"
"""A character that is no letter, no digit and no punctuation."""
_DASHES = dict.fromkeys("‐‑‒–−﹣－", "-") | {"—": " - ", "―": " - "}
_QUOTES = dict.fromkeys("“”„‟«»″", '"') | dict.fromkeys("‘’‚‛ʼ′", "'")
_POWERS = {power: f"^{at}" for at, power in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")}

_MONTHS = "January February March April May June July August September October November December"
_MONTH = rf"\b({'|'.join(_MONTHS.split())}|Sept|{'|'.join(month[:3] for month in _MONTHS.split())})\b\.?"
_DAY = r"\b(\d{1,2})(?:st|nd|rd|th)?\b"
_YEAR = r"\b(\d{4})\b"
_DATES = (
    (rf"{_YEAR}-(\d{{1,2}})-(\d{{1,2}})(?:\b|T(?=\d))", "ymd"),
    (rf"{_DAY}(?: of)? {_MONTH},? {_YEAR}", "dmy"),
    (rf"{_MONTH} {_DAY},? {_YEAR}", "mdy"),
    (rf"{_MONTH},?(?: of)? {_YEAR}", "my"),
    (rf"{_DAY}(?: of)? {_MONTH}", "dm"),
    (rf"{_MONTH} {_DAY}", "md"),
)
_NUMBER = (
    r"(?:(?<![\w)\]'\".-])(-))?((?:(?<![\w.])\.)?\d+(?:[.:]\d+)*(?:-?(?:rc|alpha|beta|dev|post|a|b)\.?\d+)?)"
    r"(%|k\b|[ -]?(?:hundred|thousand|million|billion|trillion)\b)?"
)
_UNITS = """
    zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen
    eighteen nineteen
"""
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_SCALES = {
    "k": 10**3,
    "dozen": 12,
    "hundred": 100,
    "thousand": 10**3,
    "million": 10**6,
    "billion": 10**9,
    "trillion": 10**12,
}

# Each begins where a word does and never gives back what it took: linear in any text.
_CODE = (
    r"(?<![\w-])--?[A-Za-z][\w-]*",  # --force, -v
    r"(?<![\w/:.~])(?:~|\.{1,2})?/[\w.-]*\w(?:/[\w.-]*\w)*",  # /etc/hosts, ./run
    r"(?<![\w-])\w[\w-]*+(?:\.(?=[^\W\d])\w++)+(?:\(\))?",  # os.path, file.py, list.sort()
    r"(?<!\w)\w++\(\)",  # sort()
    r"(?<!\w)[^\W_]*+_\w+",  # snake_case, __init__, MAX_SIZE
    r"(?<!\w)(?!v\d)[^\W\d_]++\d\w*",  # utf8, IPv4, x86_64
    r"(?<!\w)(?=\w*?(?:[a-z][A-Z]|[A-Z]{2}[a-rt-z]))\w++",  # camelCase, SQLite; but not APIs
)
_QUOTATION = r"\"([^\"\n]+)\"|(?<!\w)'([^'\n]{2,}(?:\w'\w[^'\n]*)*)'(?!\w)|「([^」\n]+)」|『([^』\n]+)』"
_UNSPACED_MARKS = "。、「」『』・…"
_ABBREVIATIONS = "e.g i.e a.m p.m u.s u.k"
_CAPITALS = "always do don dr i imho imo never new now ok ps q tl tldr yes"
"""What is written large without being a name."""


@dataclass(frozen=True, slots=True)
class _Claim:
    kind: str
    text: str
    holds: bool


@dataclass(frozen=True, slots=True)
class _Material:
    """The material in the forms that claims are looked up in."""

    text: str
    folded: str
    words: frozenset[str]
    numbers: frozenset[str]
    dates: frozenset[_Date]
    links: frozenset[str]

    def has(self, literal: str, *, fold: bool = False) -> bool:
        """True where `literal` stands by itself, not as a part of a longer word. In a script without spaces nothing
        tells where a word begins or ends, so that any place will do."""
        letter = f"[^\\W{unspaced().pattern[1:-1]}]"  # of a script with spaces
        letter = f"(?:{letter}|-)" if literal.startswith("-") else letter
        text, literal = (self.folded, literal.casefold()) if fold else (self.text, literal)
        before = rf"(?<!{letter})" if _has_edge(literal[:1]) else ""
        after = rf"(?!{letter})" if _has_edge(literal[-1:]) else ""
        return literal in text and re.search(f"{before}{re.escape(literal)}{after}", text) is not None


def _has_edge(character: str) -> bool:
    """Whether what stands beside it could be the same word's. Not where it is a mark of a script without spaces."""
    return not (unspaced().match(character) or character in _UNSPACED_MARKS)


def grounding(parts: Sequence[str], context: CheckContext) -> Iterator[Violation]:
    """Every number, date, link, quotation, piece of code, mention, hashtag and name stands in the material."""
    if context.material is None:
        return
    material = _read(context.material)
    allowed = frozenset(handle.removeprefix("@").casefold() for handle in context.policy.allowed_mentions)
    for at, text in enumerate(parts):
        if material.has(" ".join(plain(text).split())):
            continue
        claims = _claims(text, material, allowed)
        unfounded = list(dict.fromkeys((claim.kind, claim.text) for claim in claims if not claim.holds))
        if unfounded:
            named = [f"{kind} “{shown(redact(said, context.secrets))}”" for kind, said in unfounded[:_SHOWN]]
            more = f" and {len(unfounded) - _SHOWN} more" if len(unfounded) > _SHOWN else ""
            yield Violation("grounding", f"Not in the material: {', '.join(named)}{more}.", at)


@functools.lru_cache(maxsize=16)
def _read(texts: tuple[str, ...]) -> _Material:
    text = " \n ".join(" ".join(plain(one).split()) for one in texts)
    body = re.sub(LINK, " ", text)
    dates = frozenset(part for _, _, date in _dates(body) for part in _parts_of(date))
    folded = f"{body}\n{unspaced().sub(' ', body)}".casefold()
    folded_words = set(re.findall(r"[^\W_]+", folded)) | set(re.findall(r"\w+", folded))
    return _Material(
        text=text,
        folded=text.casefold(),
        words=frozenset(folded_words | {_MONTHS.casefold().split()[month - 1] for _, month, _ in dates}),
        numbers=frozenset(number for _, _, number in _numbers(body)),
        dates=dates,
        links=frozenset(_bare_link(link) for link in re.findall(LINK, text)),
    )


def plain(text: str) -> str:
    """One form for what is written in several ways."""
    text = text.translate({ord(one): other for one, other in (_POWERS | _DASHES | _QUOTES).items()})
    text = re.sub(r"(?<=\d)[\u00a0\u2007\u2009\u202f](?=\d{3}(?!\d))", "", text)
    text = unicodedata.normalize("NFKC", "".join(c for c in text if unicodedata.category(c) != "Cf"))
    if not text.isascii():
        text = re.sub(r"[^\W0-9_]", lambda match: str(unicodedata.decimal(match[0], match[0])), text)
    text = re.sub(r"(?<=\d)[,_'](?=\d{3}(?!\d))", "", text)
    return re.sub(r"(?<=\d) ?(?:%|percent\b|per cent\b)", "%", text)


def _claims(text: str, material: _Material, allowed_mentions: frozenset[str]) -> Iterator[_Claim]:
    """The claims of `text`, kind by kind; what one kind has taken the next ones don't see."""
    rest = _Rest(plain(text))
    for link in rest.take(LINK + r"(?<![.,;:!?)'])"):
        yield _Claim("link", link, _bare_link(link) in material.links)
    for code in rest.take(r"`([^`\n]+)`"):
        yield _Claim("code", code, material.has(" ".join(code.split())))
    for quotation in rest.take(_QUOTATION):
        said = " ".join(quotation.split()).strip(" .,;:!?。、，！？؟،۔")
        yield _Claim("quotation", quotation, not said or material.has(said, fold=True))
    for mention in rest.take(r"(?<![\w.])@\w[\w.-]*"):
        handle = mention[1:].rstrip(".-")
        yield _Claim("mention", mention, handle.casefold() in allowed_mentions or material.has(f"@{handle}", fold=True))
    for tag in rest.take(r"(?<!\w)#\w*[^\W\d_]\w*"):
        pieces = {piece.casefold() for piece in re.findall(r"[A-Z]?[^\WA-Z\d_]+|[A-Z]+(?![a-z])|\d+", tag)}
        yield _Claim("hashtag", tag, tag[1:].casefold() in material.words or pieces <= material.words)
    for start, end, date in list(_dates(rest.text)):
        yield _Claim("date", rest.text[start:end], date in material.dates)
        rest.fill(start, end)
    rest.take(unspaced().pattern)  # what stands between them is told from them
    yield from _code_claims(rest, material)
    for start, end, number in _numbers(rest.text):
        if number != "1" or rest.text[start:end].casefold() != "one":
            yield _Claim("number", rest.text[start:end].strip(), number in material.numbers)
    yield from _name_claims(rest.text, material)


class _Rest:
    """What of a text has not been read yet. What was read is filled up, so that the words around it keep their places
    in the sentence."""

    def __init__(self, text: str) -> None:
        self.text = text

    def fill(self, start: int, end: int) -> None:
        self.text = self.text[:start] + _READ * (end - start) + self.text[end:]

    def take(self, expression: str) -> list[str]:
        """What `expression` finds (its group, where it has one)."""
        found = list(re.finditer(expression, self.text))
        self.text = re.sub(expression, lambda match: _READ * len(match[0]), self.text)
        return [match[match.lastindex or 0] for match in found]


def _bare_link(link: str) -> str:
    """`link` without scheme, closing slash and what a sentence puts behind it; the host in lower case."""
    host, slash, path = link.rstrip(".,;:!?'\")/").partition("://")[2].partition("/")
    return host.casefold() + slash + path


def _dates(text: str) -> Iterator[tuple[int, int, _Date]]:
    """Where dates stand, and year, month, day of each (0: not said)."""
    taken = bytearray(len(text))
    for expression, order in _DATES:
        for match in re.finditer(expression, text):
            said = dict(zip(order, match.groups(), strict=True))
            month = said["m"]
            date = (
                int(said.get("y", 0)),
                int(month) if month.isdigit() else 1 + [name[:3] for name in _MONTHS.split()].index(month[:3]),
                int(said.get("d", 0)),
            )
            start, end = match.span()
            if not any(taken[start:end]) and date[1] in range(1, 13) and date[2] in range(32):
                taken[start:end] = b"x" * (end - start)
                yield start, end, date


def _parts_of(date: _Date) -> Iterator[_Date]:
    """All that is said along with a date: "21 November 2026" also says November 2026, and 21 November."""
    year, month, day = date
    yield date
    if year and day:
        yield (year, month, 0)
        yield (0, month, day)


def _numbers(text: str) -> Iterator[tuple[int, int, str]]:
    """Where numbers stand, in digits or words, and each in one form."""
    for match in re.finditer(_NUMBER, text):
        sign, digits, unit = match.groups(default="")
        digits = f"0{digits}" if digits.startswith(".") else digits
        scale = _SCALES.get(unit.strip(" -"))
        if scale and re.fullmatch(r"\d+(?:\.\d+)?", digits):
            from decimal import Decimal

            digits = f"{(Decimal(digits) * scale).normalize():f}"
        yield *match.span(), sign + digits + ("%" if unit == "%" else "")
    for match in re.finditer(_row_of_number_words(), text, re.IGNORECASE):
        for value in _in_digits(match[0].casefold()):
            yield *match.span(), str(value)


@functools.cache
def number_words() -> dict[str, int]:
    tens = {word: 20 + 10 * at for at, word in enumerate(_TENS.split())}
    return {word: at for at, word in enumerate(_UNITS.split())} | tens


def _row_of_number_words() -> str:
    word = rf"\b(?:{'|'.join([*number_words(), *_SCALES])})\b"
    return rf"(?:\ba )?{word}(?:(?: and |[ -]){word})*"


def _in_digits(phrase: str) -> list[int]:
    """The numbers that a row of number words says: "two hundred and five" is one number, "two five" are two."""
    values: list[int] = []
    total = current = 0
    last: int | None = None
    for word in re.findall("[a-z]+", phrase):
        if word in _SCALES:
            last = _SCALES[word]
            if last < 1000:
                current = max(current, 1) * last
            else:
                total, current = total + max(current, 1) * last, 0
        elif word in number_words():
            value = number_words()[word]
            if last is not None and last < 100 and not (last >= 20 and 0 < value < 10):
                values.append(total + current)
                total = current = 0
            current, last = current + value, value
    return [*values, total + current]


def _code_claims(rest: _Rest, material: _Material) -> Iterator[_Claim]:
    for expression in _CODE:
        for code in rest.take(expression):
            if code.casefold() in _ABBREVIATIONS.split() or code[0].isdigit():
                continue
            # A proper name may change its case at will, an identifier may not.
            is_name = code[0].isupper() and code.isalnum()
            yield _Claim("code", code, material.has(code.removesuffix("()"), fold=is_name))


def _name_claims(text: str, material: _Material) -> Iterator[_Claim]:
    for match in re.finditer(r"[^\W\d_]+(?:['-][^\W\d_]+)*", text):
        first = True
        for name in re.findall(r"[^\W_']+(?:'[^\W_]+)?", match[0]):
            starts = first and _starts_sentence(text, match.start())
            first = False
            word = re.sub(r"'\w*$", "", name)
            acronym = len(word) > 1 and word.removesuffix("s").isupper()
            word = word.casefold()
            if not name[0].isupper() or (starts and not acronym):
                continue
            if word in _CAPITALS.split() or (acronym and word in function_words()):
                continue
            forms = {word, word.removesuffix("s"), f"{word}s"} if acronym else {word}
            yield _Claim("name", name, bool(forms & material.words))


def _starts_sentence(text: str, at: int) -> bool:
    near = text[max(0, at - 20) : at]
    before = near.rstrip(" \t\"'([{*_")
    if not before or "\n" in near[len(before) :]:
        return True
    last = before[-1]
    return not (last.isalnum() or last in f",;)]/&+@#$%'\"-{_READ}") or before.endswith(" -")
