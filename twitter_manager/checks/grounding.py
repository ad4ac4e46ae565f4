"""The grounding rule: what a post claims exactly must stand in the material it was made from, in any language.

An exact claim is a number, date, time, weekday, link, quotation, piece of code, mention, hashtag or name. Both sides
are brought to one form first (`plain`, `numbers`, `calendar`, `names`), so that 19:00 and 7 pm, 1,000 and 1.000,
Saturdays and samedi agree; a number inside another (12 in 120, 3.11 in 3.11.2) doesn't count. Whether the claims are
put together as the material puts them is left to the judge.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from twitter_manager.checks import calendar, names, numbers
from twitter_manager.checks.context import CheckContext
from twitter_manager.checks.languages import number_words
from twitter_manager.checks.names import READ
from twitter_manager.checks.plain import plain
from twitter_manager.domain import Violation
from twitter_manager.english import LINK, shown, unspaced
from twitter_manager.language import primary
from twitter_manager.redaction import redact

_SHOWN = 6

# Each begins where a word does and never gives back what it took: linear in any text.
_CODE = (
    r"(?<![\w-])-{1,2}(?![A-Z][a-z])[A-Za-z][\w-]*",  # --force, -v
    r"(?<![\w/:.~])(?:~|\.{1,2})?/[\w.-]*\w(?:/[\w.-]*\w)*",  # /etc/hosts, ./run
    r"(?<![\w-])\w[\w-]*+(?:\.(?=[^\W\d])\w++)+(?:\(\))?",  # os.path, file.py, list.sort()
    r"(?<!\w)\w++\(\)",  # sort()
    r"(?<!\w)[^\W_]*+_\w+",  # snake_case, __init__, MAX_SIZE
    r"(?<!\w)(?!v\d)[^\W\d_]++\d\w*",  # utf8, IPv4, x86_64
    r"(?<!\w)(?=\w*?(?:[a-z][A-Z]|[A-Z]{2}[a-rt-z]))\w++",  # camelCase, SQLite; but not APIs
)
_QUOTATION = r"\"([^\"\n]+)\"|(?<!\w)'([^'\n]{2,}(?:\w'\w[^'\n]*)*)'(?!\w)|「([^」\n]+)」|『([^』\n]+)』|‹([^›\n]+)›"
_UNSPACED_MARKS = "。、「」『』・…"
_ABBREVIATIONS = "e.g i.e a.m p.m u.s u.k z.b d.h u.a p.ej o.ä n.b phd dj's tv's youtube"
_LIST_MARK = r"(?m:^\s*(?:\(?\d{1,2}(?:[.)](?=\s)|/\d{1,2}\b)|\d{1,2}/\s))|\(?\b\d{1,2}/\d{1,2}\)?\s*\Z|\b24/7\b"
_ROUNDED = (
    (r"(?i)\b(?:about|around|roughly|some|approximately|circa|ca|etwa|rund|ungefähr|environ|autour de|unos|unas"
     r"|alrededor de|circa|ongeveer|zo'n|cerca de|約|およそ)\.? ?\Z", -1, 1),
    ((
        r"(?i)\b(?:nearly|almost|just under|close to|fast|beinahe|knapp|presque|près de|casi|quasi|bijna"
        r"|quase) ?\Z"
    ), 0, 1),
    (r"(?i)(?:\b(?:over|more than|above|just over|well over|über|mehr als|gut|plus de|más de|oltre|più di|ruim|meer dan"
     r"|mais de)|>) ?\Z", -1, 0),
)  # fmt: skip
"""Words before a round number, and on which sides of it the exact one may lie."""
_COUNTED = (
    r"(?i)[ -](?:\w+ )?(?:things?|reasons?|dates?|ways?|tips?|facts?|points?|steps?|questions?"
    r"|words?|takeaways|highlights"
    r"|changes|news|updates?|dinge|gründe|fakten|termine|tipps|schritte|fragen|neuerungen|choses|raisons|dates|conseils"
    r"|étapes|nouveautés|cosas|razones|consejos|pasos|novedades|cose|motivi|consigli|novità|dingen|redenen|weetjes"
    r"|stappen|coisas|razões|dicas|passos)\b"
)
"""What a writer counts by themselves."""


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
    letters: str
    uninflected: str
    words: frozenset[str]
    name_stems: frozenset[str]
    initials: str
    numbers: frozenset[str]
    bare_numbers: frozenset[str]
    pairs: frozenset[tuple[str, str]]
    measures: frozenset[tuple[str, Decimal]]
    dates: frozenset[calendar.Date]
    times: frozenset[int]
    weekdays: frozenset[int]
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

    def has_name(self, name: str, language: str) -> bool:
        """In one of its forms, as the initials of words, or inside a compound."""
        bare = name.removesuffix("s") if names.is_acronym(name) else name
        return (
            any(
                one in self.words or not self.name_stems.isdisjoint(names.stems(one))
                for form in {name, bare}
                for one in names.forms(form)
            )
            or names.has_case_of(name, self.words, language)
            or (names.is_acronym(name) and bare.casefold() in self.initials)
        )


def _has_edge(character: str) -> bool:
    """Whether what stands beside it could be the same word's. Not where it is a mark of a script without spaces."""
    return not (unspaced().match(character) or character in _UNSPACED_MARKS)


def grounding(parts: Sequence[str], context: CheckContext) -> Iterator[Violation]:
    """Every number, date, link, quotation, piece of code, mention, hashtag and name stands in the material."""
    if context.material is None:
        return
    material = _read((*context.material, *context.links.values()), primary(context.language))
    allowed = frozenset(handle.removeprefix("@").casefold() for handle in context.policy.allowed_mentions)
    for at, text in enumerate(parts):
        if material.has(" ".join(plain(text).split())):
            continue
        claims = _claims(text, material, allowed, primary(context.language))
        unfounded = list(dict.fromkeys((claim.kind, claim.text) for claim in claims if not claim.holds))
        if unfounded:
            named = [f"{kind} “{shown(redact(said, context.secrets))}”" for kind, said in unfounded[:_SHOWN]]
            more = f" and {len(unfounded) - _SHOWN} more" if len(unfounded) > _SHOWN else ""
            yield Violation("grounding", f"Not in the material: {', '.join(named)}{more}.", at)


@functools.lru_cache(maxsize=16)
def _read(texts: tuple[str, ...], language: str) -> _Material:
    text = " \n ".join(" ".join(plain(one).split()) for one in texts)
    body = re.sub(LINK, " ", text)
    folded = f"{body}\n{unspaced().sub(' ', body)}".casefold()
    words = frozenset(re.findall(r"[^\W_]+", folded)) | frozenset(re.findall(r"\w+", folded))
    dated = calendar.read(body)
    known = {**number_words(""), **number_words(language)}
    found = list(numbers.numbers(_without(body, dated), known))
    said = {one for number in found for one in number.readings} | set(numbers.implied(body))
    rows = (body[number.start : number.end] for number in found)
    said |= {piece for row in rows if re.fullmatch(r"[\d ]+", row) for piece in row.split()}
    dates: frozenset[calendar.Date] = frozenset(one for each in dated if each.kind == "date" for one in each.readings)  # type: ignore[misc]
    dates |= frozenset(calendar.next_days(body, dates))
    said |= set(calendar.years_before(body, said))
    years = [int(one) for one in said if re.fullmatch(r"(?:19|20)\d\d", one)][:50]
    measured = list(numbers.measures(body, found))
    with_unit = {start for start, _, _ in measured}
    hours = [minutes for _, _, minutes in calendar.bare_hours(body, [n[:3] for n in found])]
    return _Material(
        text=text,
        folded=text.casefold(),
        letters="".join(c for c in text.casefold() if c.isalnum() or c == "\n"),
        uninflected=_uninflected(text) if language in ("de", "nl") else text.casefold(),
        words=words,
        name_stems=frozenset(
            stem
            for name in re.findall(r"[^\W\d_]{4,}", body)
            if name[0] != name[0].lower()
            for stem in names.stems(name.casefold())
        ),
        initials=_initials(body),
        numbers=frozenset(said),
        bare_numbers=frozenset(numbers.implied(body))
        | frozenset(one for n in found if n.start not in with_unit for one in n.readings),
        measures=frozenset((kind, amount) for _, kind, amount in measured),
        pairs=frozenset(_pairs(body, r"[^\d]{1,25}?")),
        dates=dates,
        times=calendar.minutes(dated, hours),
        weekdays=frozenset(one for each in dated if each.kind == "weekday" for one in each.readings)  # type: ignore[arg-type]
        | calendar.weekdays_of(dates, years),
        links=frozenset(_bare_link(link) for link in re.findall(rf"{LINK}|www\.[^\s<>\"]+", text)),
    )


def _without(text: str, dated: Sequence[calendar.Dated]) -> str:
    """`text` without its dates and times, whose numbers count nothing; years stay."""
    pieces, at = [], 0
    for one in sorted(dated, key=lambda one: one.start):
        if one.sure and one.kind != "weekday" and one.start >= at:
            said = re.sub(r"(?<!\d)\d{1,2}(?!\d)", lambda match: READ * len(match[0]), text[one.start : one.end])
            pieces += [text[at : one.start], said]
            at = one.end
    return "".join([*pieces, text[at:]])


def _pairs(text: str, between: str) -> Iterator[tuple[str, str]]:
    """Two numbers beside each other."""
    for match in re.finditer(rf"(?<![\d.,:-])(\d{{1,3}})(?={between}(\d{{1,3}})(?![\d:]|[.,-]\d))", text):
        yield match[1], match[2]


def _initials(text: str) -> str:
    """The first letters of the words, with and without small ones; where a sentence ends, a gap."""
    sentences = [re.findall(r"[^\W\d_]+", one) for one in re.split(r"[.!?\n]+", text)]
    every = " ".join("".join(word[0] for word in one) for one in sentences)
    long = " ".join("".join(word[0] for word in one if len(word) > 3 or word[0].isupper()) for one in sentences)
    return f"{every} {long}".casefold()


def _claims(text: str, material: _Material, allowed_mentions: frozenset[str], language: str) -> Iterator[_Claim]:
    """The claims of `text`, kind by kind; what one kind has taken the next ones don't see."""
    rest = _Rest(plain(text))
    for link in rest.take(LINK + r"(?<![.,;:!?)'])"):
        yield _Claim("link", link, _bare_link(link) in material.links)
    for code in rest.take(r"`([^`\n]+)`"):
        yield _Claim("code", code, _has_code(code, material))
    for quotation in rest.take(_QUOTATION):
        yield _Claim("quotation", quotation, _has_quotation(quotation, material))
    for mention in rest.take(r"(?<![\w.])@\w[\w.-]*"):
        handle = mention[1:].rstrip(".-")
        yield _Claim("mention", mention, handle.casefold() in allowed_mentions or material.has(f"@{handle}", fold=True))
    for tag in rest.take(r"(?<!\w)#\w*[^\W\d_]\w*"):
        yield _Claim("hashtag", tag, _has_tag(tag[1:], material))
    rest.take(_LIST_MARK)
    yield from _dated_claims(rest, material)
    japanese = list(names.katakana(rest.text, material.text))
    yield from (_Claim("name", name, False) for name in japanese)
    rest.take(unspaced().pattern + r"(?<![百千万億亿兆分時間日週月年秒])")  # what stands between them is told from them
    yield from _code_claims(rest, material)
    yield from _number_claims(rest, material, language)
    for name, any_of in names.names(rest.text, language):
        has = any if any_of else all
        yield _Claim(
            "name",
            name,
            has(material.has_name(word, language) for word in name.split())
            or (" " in name and "".join(word[0] for word in name.split()).casefold() in material.words)
            or (any_of and any(_in_compound(word, material) for word in name.split())),
        )


def _in_compound(word: str, material: _Material) -> bool:
    return len(word) > 3 and word.casefold() in material.letters


class _Rest:
    """What of a text has not been read yet. What was read is filled up, so that the words around it keep their places
    in the sentence."""

    def __init__(self, text: str) -> None:
        self.text = text

    def fill(self, start: int, end: int) -> None:
        self.text = self.text[:start] + READ * (end - start) + self.text[end:]

    def take(self, expression: str) -> list[str]:
        """What `expression` finds (its group, where it has one)."""
        found = list(re.finditer(expression, self.text))
        self.text = re.sub(expression, lambda match: READ * len(match[0]), self.text)
        return [match[match.lastindex or 0] for match in found]


def _bare_link(link: str) -> str:
    """`link` without scheme, www, fragment, campaign marks, closing slash and what a sentence puts behind it; the host
    in lower case."""
    link = re.sub(r"#.*|(?<=[?&])utm_[^&#]*&?", "", link.rstrip(".,;:!?'\")"))
    host, slash, path = re.sub(r"\Ahttps?://", "", link, flags=re.IGNORECASE).rstrip("?&/").partition("/")
    return (host.casefold().removeprefix("www.") + slash + path).rstrip("/")


def _has_code(code: str, material: _Material) -> bool:
    """As it stands, without its brackets, or every piece of it."""
    bare = " ".join(code.split())
    return (
        material.has(bare)
        or material.has(bare.removesuffix("()"))
        or (
            " " in bare
            and all(
                material.has(piece) or (material.has(piece, fold=True) and piece.isalpha()) for piece in bare.split()
            )
        )
    )


def _has_quotation(quotation: str, material: _Material) -> bool:
    """Word for word; a gap ("…") parts it, and its end mark is the writer's."""
    pieces = [" ".join(one.split()).strip(" .,;:!?。、，！？؟،۔") for one in re.split(r"\[?(?:…|\.{3})\]?", quotation)]
    return all(
        not one
        or material.has(one, fold=True)
        or _letters(one) in material.letters
        or _uninflected(one) in material.uninflected
        for one in pieces
    )


def _uninflected(text: str) -> str:
    """The words without their German and Dutch endings: a quotation bends to the sentence around it."""
    return re.sub(r"(?<=[^\W\d_]{3})e[nmrs]?\b", "", text.casefold())


def _letters(text: str) -> str:
    letters = "".join(c for c in text.casefold() if c.isalnum())
    return letters if len(letters) > 5 and (" " in text or unspaced().match(text[:1])) else "\0"


def _has_tag(tag: str, material: _Material) -> bool:
    apart = r"[\W_]?".join(map(re.escape, tag.casefold()))
    if tag.casefold() in material.words or re.search(rf"(?<![^\W_]){apart}(?![^\W_])", material.folded):
        return True
    pieces = [one.casefold() for one in re.findall(r"[A-Z]?[^\WA-Z\d_]+|[A-Z]+(?![a-z])|\d+", tag)]
    return all(bool({one, *names.stems(one)} & (material.words | material.name_stems)) for one in pieces) or (
        tag.isupper() and tag.casefold() in material.initials
    )


def _dated_claims(rest: _Rest, material: _Material) -> Iterator[_Claim]:
    for dated in calendar.read(rest.text):
        said = rest.text[dated.start : dated.end].strip()
        if dated.kind == "date":
            holds = any(calendar.is_said(one, material.dates, material.numbers.__contains__) for one in dated.readings)  # type: ignore[arg-type]
        else:
            holds = bool(dated.readings & (material.times if dated.kind == "time" else material.weekdays))
        holds = holds or (len(said) > 3 and not said[-1].isdigit() and material.has(said, fold=True))
        if holds or dated.sure:
            yield _Claim(dated.kind, said or "of a list", holds)
            rest.fill(dated.start, dated.end - rest.text[: dated.end].endswith("."))


def _code_claims(rest: _Rest, material: _Material) -> Iterator[_Claim]:
    for expression in _CODE:
        for code in rest.take(expression):
            if code.casefold() in _ABBREVIATIONS.split() or code[0].isdigit():
                continue
            # A proper name may change its case at will, an identifier may not.
            is_name = code[0].isupper() and code.isalnum()
            bare = code.removesuffix("()")
            yield _Claim("code", code, material.has(bare, fold=is_name) or _bare_link(code) in material.links)


def _number_claims(rest: _Rest, material: _Material, language: str) -> Iterator[_Claim]:
    found = list(numbers.numbers(rest.text, number_words(language)))
    for pair in _pairs(rest.text, "[-:]"):
        times = [{int(one) * 60, int(one) * 60 + 720} & material.times for one in pair]
        if set(pair) <= material.numbers and pair not in material.pairs and not all(times):
            yield _Claim("number", "-".join(pair), False)
    hours = {start: minutes for start, _, minutes in calendar.bare_hours(rest.text, [n[:3] for n in found])}
    measured: dict[int, set[tuple[str, Decimal]]] = {}
    for start, kind, amount in numbers.measures(rest.text, found):
        measured.setdefault(start, set()).add((kind, amount))
    for number in found:
        said = rest.text[number.start : number.end].strip()
        if number.in_words and (
            number.readings <= {"0", "1"} or re.match(_COUNTED, rest.text[number.end : number.end + 40])
        ):
            continue
        pieces = re.split("[ :]", said)
        if (
            said.isdigit()
            and int(said[:3]) < 32
            and _is_day(rest.text, number)
            and any(int(said) == day for _, _, day in material.dates)
        ):
            continue
        measure = measured.get(number.start, set())
        known = material.numbers if not measure else material.bare_numbers
        yield _Claim(
            "number",
            said,
            bool(number.readings & known)
            or bool(measure & material.measures)
            or bool(hours.get(number.start, set()) & material.times)
            or (len(pieces) > 1 and all(piece in material.numbers for piece in pieces))
            or _is_rounded(_around(rest.text, number), number.readings, material),
        )


def _is_day(text: str, number: numbers.Number) -> bool:
    """Whether it stands as a day of the month does: the 11th, am 5."""
    before = text[max(0, number.start - 5) : number.start]
    return (
        re.search(r"(?i)(?:\b(?:the|am|den|dem|le|el|il|de|op|dia|día) )\Z", before) is not None
        or re.match(r"(?:st|nd|rd|th)\b|\.", text[number.end - 2 : number.end + 2].lstrip("0123456789")) is not None
    )


def _around(text: str, number: numbers.Number) -> str:
    """What comes before a number; "1,200+" is "over 1,200"."""
    return "over " if text[number.end : number.end + 1] == "+" else text[max(0, number.start - 16) : number.start]


def _is_rounded(before: str, readings: frozenset[str], material: _Material) -> bool:
    """ "nearly 3,500" for 3,487: a number with fewer digits, on the side that the word before it says."""
    sides = next(((low, high) for words, low, high in _ROUNDED if re.search(words, before)), None)
    for reading in readings if sides else ():
        if not re.fullmatch(r"[1-9]\d{0,14}", reading):
            continue
        value, digits = int(reading), len(reading.rstrip("0"))
        for other in material.numbers:
            if re.fullmatch(r"\d{2,15}(?:\.\d+)?", other) and len(other.replace(".", "").rstrip("0")) > digits:
                share = (value - Decimal(other)) / value
                if sides and Decimal("0.1") * sides[0] <= share <= Decimal("0.1") * sides[1]:
                    return True
    return False
