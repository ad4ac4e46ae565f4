"""The grounding rule: what a post says exactly must stand in the material it was made from, in any language.

Numbers, dates, times and weekdays are compared as facts (`facts.py`); links, quotations, mentions, pieces of code and
names are looked up in the text. What is surely not in the material is refused. What may be told from it or be the
writer's own word (a count, a rounded number, a single name, a hashtag) is a point for the judge (`suspicion.py`), and
so is whether things are put together as the material puts them.
"""

from __future__ import annotations

import contextlib
import datetime
import functools
import itertools
import re
from collections.abc import Callable, Collection, Generator, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from twitter_manager.checks.context import CheckContext
from twitter_manager.checks.facts import READ, Fact, read
from twitter_manager.checks.languages import fold, words
from twitter_manager.checks.plain import plain
from twitter_manager.domain import Violation
from twitter_manager.english import HASHTAG, LINK, MENTION, find_words, set_of, shown, unspaced
from twitter_manager.language import primary
from twitter_manager.redaction import redact

_SHOWN = 6
_LONGEST_WORD = 40
_MOST_DERIVED = 40
"""Values of a kind between which differences are reckoned."""
_SUREST_QUOTATION = 3
_SHORT_CODE = 3

# Each begins where a word does and never gives back what it took: linear in any text.
_MAIL = r"(?<![\w.+-])[\w.+-]++@[\w-]++(?:\.[\w-]++)+"
_QUOTATION = r"\"([^\"\n]+)\"|(?<![\w'])'([^'\n]{2,}(?:\w'\w[^'\n]*)*)'(?!\w)|「([^」\n]+)」|『([^』\n]+)』|‹([^›\n]+)›"
_CODE = (
    r"(?<![\w-])--[A-Za-z][\w-]*|(?<![\w-])-[A-Za-z](?![\w-])",  # --force, -v
    r"(?<![\w/:.~])(?:~|\.{1,2})?/[A-Za-z.][\w.-]*(?:/[\w.-]*\w)*",  # /etc/hosts, ./run
    r"(?<![\w-])[^\W\d][\w-]*+(?:\.(?=[^\W\d]{2})\w++)+(?:\(\))?",  # os.path, file.py, list.sort()
    r"(?<!\w)\w++\(\)",  # sort()
    r"(?<!\w)[^\W_]*+_\w+",  # snake_case, __init__, MAX_SIZE
    r"(?<!\w)(?!v\d)[^\W\d_]++\d\w*",  # utf8, IPv4, x86_64
)
_PARTICLE = r"(?:van|von|de|der|den|di|da|del|la|le|du|bin|al|ter|ten)"
_LARGE = r"[A-ZÀ-ÖØ-ÞĀ-Ž][^\W\d_]*"
_NAMES = rf"(?<![\w'-]){_LARGE}(?:[ -](?:{_PARTICLE} ){{0,2}}{_LARGE})*"
_KATAKANA_NAME = r"[ァ-ヴー]{2,}(?:[・=][ァ-ヴー]{2,})+"


_NO_VALUES = set_of("about part hour bare free nth alone count label weekday month")
_DIFFERENCE = {
    "clock": (("time", 60),),
    "date": (("time", 86_400), ("number", 1)),
    "day": (("time", 86_400), ("number", 1)),
    "year": (("number", 1), ("months", 12)),
}
"""What a difference between two of a kind is, where it is another."""


@dataclass(frozen=True, slots=True)
class Claim:
    """Something exact that a post says. `sure`: where it doesn't hold, it is wrong."""

    kind: str
    said: str
    holds: bool
    sure: bool


@dataclass(frozen=True, slots=True)
class _Material:
    """The material in the forms that claims are looked up in."""

    folded: str
    exact: str
    letters: str
    beginnings: frozenset[str]
    links: frozenset[str]
    given: frozenset[str]

    def has(self, literal: str, *, case: bool = False) -> bool:
        """Whether it stands by itself, not as a part of a longer word; in a script without spaces anywhere."""
        text, literal = (self.exact, literal) if case else (self.folded, literal.casefold())
        if literal.startswith("/"):  # a path, and no end of a longer one
            return re.search(rf"(?<!\w){re.escape(literal)}(?!\w)", text) is not None
        joiners = "_" + (literal[0] if literal.startswith(("-", "@")) else "")
        return find_words(literal, text, joiners=joiners) >= 0

    def has_letters(self, said: str) -> bool:
        """Whether its letters and digits stand somewhere in a row."""
        return _letters(said) in self.letters

    def has_name(self, word: str) -> bool:
        """In any case or compound."""
        word = fold(word)
        return word[: max(4, len(word) - 3)] in self.beginnings or (len(word) > 3 and word in self.letters)

    def has_link(self, link: str) -> bool:
        """As an address, or written without its scheme."""
        bare = _bare_link(link)
        return bare in self.links or ("." in bare and f" {bare} " in re.sub(r"[\s,;:!?()]|\.(?=\s)", " ", self.exact))

    def has_code(self, code: str) -> bool:
        """Every piece of it, with its brackets or without. A plain word may change its case, an identifier may not."""
        pieces = [word.removesuffix("()") for word in code.split()]
        return (
            all(
                self.has(piece, case=not (piece[:1].isupper() or (piece.isalpha() and piece.islower())))
                for piece in pieces
            )
            or (code.isalnum() and not code.isalpha() and self.has_letters(code))
            or self.has_link(code)
        )

    def has_quotation(self, quotation: str) -> bool:
        """Word for word; a gap ("…") parts it, and its marks are the writer's."""
        return all(self.has_letters(piece) for piece in re.split(r"\[?(?:…|\.{3})\]?", quotation))


def grounding(parts: Sequence[str], context: CheckContext) -> Iterator[Violation]:
    """What is surely not in the material: numbers, dates, links, quotations, code, mentions, names."""
    if context.material is None:
        return
    material = (*context.material, *context.links.values())
    allowed = {handle.removeprefix("@").casefold() for handle in context.policy.allowed_mentions}
    for at, text in enumerate(parts):
        missing = [claim for claim in claims(text, material, context.language) if claim.sure and not claim.holds]
        wrong = [claim for claim in missing if claim.kind != "mention" or claim.said[1:].casefold() not in allowed]
        each = dict.fromkeys((claim.kind, claim.said) for claim in wrong)
        if named := list(dict.fromkeys(f"{kind} “{shown(redact(said, context.secrets))}”" for kind, said in each)):
            more = f" and {len(named) - _SHOWN} more" if len(named) > _SHOWN else ""
            yield Violation("grounding", f"Not in the material: {', '.join(named[:_SHOWN])}{more}.", at)


def claims(text: str, material: Sequence[str], language: str) -> Iterator[Claim]:
    """Everything exact that a text says."""
    known = _read(tuple(material), primary(language))
    text = plain(text)
    if known.has(" ".join(text.split()).casefold()):
        return
    rest = yield from _literals(text, known)
    facts = [fact for fact in read(rest, primary(language)) if fact.needs]
    given = known.given | _years_before(facts, known.given)
    yield from (_compared(fact, given) for fact in facts)
    yield from _names(rest, known, primary(language))


def _compared(fact: Fact, given: frozenset[str]) -> Claim:
    sure = fact.sure and given.isdisjoint(fact.unless) and not (fact.only_if and given.isdisjoint(fact.only_if))
    return Claim(fact.kind, fact.said, not given.isdisjoint(fact.needs), sure)


def _years_before(facts: Sequence[Fact], given: frozenset[str]) -> set[str]:
    """The years before those that the material gives: a post may name the one that its year is compared with."""
    said = {int(key[5:]) for fact in facts for key in fact.gives & given if key.startswith("year ")}
    return {f"year after {year - 1}" for year in said}


# --- The material ----------------------------------------------------------------------------------------------------


@functools.lru_cache(maxsize=16)
def _read(texts: tuple[str, ...], language: str) -> _Material:
    exact = " \n ".join(" ".join(plain(text).split()) for text in texts)
    given = {key for text in texts for fact in read(plain(text), language) for key in fact.gives}
    return _Material(
        folded=exact.casefold(),
        exact=exact,
        letters=_letters(exact),
        beginnings=frozenset(
            word[:size]
            for word in set(re.findall(r"[^\W\d_]+", fold(exact)))
            for size in range(min(4, len(word)), min(_LONGEST_WORD, len(word)) + 1)
        ),
        links=frozenset(_bare_link(link) for link in re.findall(rf"{LINK}|www\.[^\s<>\"]+", exact)),
        given=frozenset(given | _weekdays(given) | _derived(given)),
    )


def _letters(text: str) -> str:
    return "".join(c for c in fold(text) if c.isalnum() or c == "\n")


def _weekdays(given: Collection[str]) -> set[str]:
    """The weekdays of the dates that the material gives, in each of the years that it gives."""
    dates = [key[5:] for key in given if re.fullmatch(r"date \d\d-\d\d", key)]
    years = [key[5:] for key in given if key.startswith("year ")]
    weekdays = set()
    for year, date in itertools.islice(itertools.product(years, dates), 1000):
        with contextlib.suppress(ValueError):
            weekdays.add(f"weekday {datetime.date.fromisoformat(f'{year}-{date}').isoweekday()}")
    return weekdays


def _derived(given: Collection[str]) -> set[str]:
    """The differences between numbers, amounts of a kind, times, and days, these with the first one counted too; a date
    is taken as a day of the year."""
    values: dict[str, set[Decimal]] = {}
    for key in given:
        kind, _, value = key.rpartition(" ")
        if date := re.fullmatch(r"date (\d\d)-(\d\d)", key):
            value = str((int(date[1]) - 1) * 30 + int(date[2]))
        is_value = re.fullmatch(r"\d{1,15}" if kind == "number" else r"\d{1,15}(?:\.\d{1,9})?", value)
        if is_value and kind.partition(" ")[0] not in _NO_VALUES:
            values.setdefault(kind, set()).add(Decimal(value))
    derived = set()
    for kind, known in values.items():
        differences = {other - value for value, other in itertools.combinations(sorted(known)[:_MOST_DERIVED], 2)}
        if kind in ("date", "day"):
            differences |= {difference + 1 for difference in differences}
        for name, factor in _DIFFERENCE.get(kind, ((kind, 1),)):
            derived |= {f"derived {name} {(difference * factor).normalize():f}" for difference in differences}
    return derived


# --- Claims ----------------------------------------------------------------------------------------------------------


def _literals(text: str, known: _Material) -> Generator[Claim, None, str]:
    """What is looked up as it stands; returns what is left of the text."""
    kinds: tuple[tuple[str, str, Callable[[str], bool]], ...] = (
        ("link", LINK + r"(?<![.,;:!?)'])", known.has_link),
        ("address", _MAIL, known.has),
        ("code", r"`([^`\n]+)`", known.has_code),
        ("quotation", _QUOTATION, known.has_quotation),
        ("mention", MENTION, known.has),
        ("hashtag", HASHTAG, known.has_letters),
        *(("code", expression, known.has_code) for expression in _CODE),
    )
    for kind, expression, holds in kinds:
        spaced = unspaced().sub(" ", text) if expression in _CODE else text
        left = list(text)
        for match in re.finditer(expression, spaced):
            said = match[match.lastindex or 0]
            yield Claim(kind, said, holds(said), not _is_loose(kind, said))
            left[match.start() : match.end()] = READ * len(match[0])
        text = "".join(left)
    return text


def _bare_link(link: str) -> str:
    """`link` without scheme, www, fragment, campaign marks, closing slash and what a sentence puts behind it; the host
    in lower case."""
    link = re.sub(r"#.*|(?<=[?&])utm_[^&#]*&?", "", link.rstrip(".,;:!?'\")"))
    host, slash, path = re.sub(r"\Ahttps?://", "", link, flags=re.IGNORECASE).rstrip("?&/").partition("/")
    return (host.casefold().removeprefix("www.") + slash + path).rstrip("/")


def _is_loose(kind: str, said: str) -> bool:
    """A tag and a few words in quotes may be the writer's own, and "Q3" or "A4" another way to say a thing."""
    if kind == "quotation":
        return len(said.split()) < _SUREST_QUOTATION and not unspaced().search(said)
    return kind == "hashtag" or (kind == "code" and said.isalnum() and len(said) <= _SHORT_CODE)


def _names(text: str, known: _Material, language: str) -> Iterator[Claim]:
    """Words written large that the material has in no form. Two in a row are a name, if the line is no headline; one
    alone may be any word; in German every noun is written so."""
    for match in re.finditer(_KATAKANA_NAME, text):
        yield Claim("name", match[0], known.has_letters(match[0]), True)
    for line in text.split("\n"):
        is_headline = _is_headline(line)
        for match in re.finditer(_NAMES, line):
            row = [word for word in re.split("[ -]", match[0]) if word[0].isupper() and not _is_dated(word, language)]
            if not re.search(r"[\w,;&] ['\"(]?\Z", line[max(0, match.start() - 4) : match.start()]):
                row = row[1:]
            new = [word for word in row if len(word) > 1 and not known.has_name(word)]
            is_name = len(new) > 1 and len(new) == len(row) and not all(map(str.isupper, new))
            if new and (is_name or language != "de"):
                yield Claim("name", " ".join(new), False, is_name and not is_headline)


def _is_headline(line: str) -> bool:
    long = [word for word in re.findall(r"[^\W\d_]+", line) if len(word) > 3]
    return len(long) > 3 and sum(word[0].isupper() for word in long) > 0.6 * len(long)


def _is_dated(word: str, language: str) -> bool:
    known = words(language)
    word = fold(word)
    return word in known.months or word in known.short_weekdays or word.removesuffix("s") in known.weekdays
