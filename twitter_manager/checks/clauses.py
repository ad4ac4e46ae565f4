"""Takes an English text apart into clauses: their content words in order, what governs each, how they are joined.

No parser: a clause ends at a punctuation mark or a conjunction, a word is governed by the preposition before it. What
follows from two texts' clauses is left to `meaning.py`.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from twitter_manager.checks import vocabulary as v
from twitter_manager.checks.grounding import number_words, plain
from twitter_manager.checks.words import LINK, set_of

_TOKEN = re.compile(
    r"(?<!\w)\w++\([^()\n]{0,60}\)"  # O(n log n), sort()
    r"|(?<![\w-])--?[A-Za-z][\w-]*+"  # -u, --force
    r"|\d+(?:[.,:/-]\d+)*+%?"
    r"|\w++(?:(?:[.'/+#:]|::)\w++)*+[+#]*"
    r"|[.!?]+(?=[\s\"')\]]|$)|[,;()\[\]\n]|:(?=\s|$)|(?<=\s)-(?=\s)|[^\w\s]"
)
LONGEST = 50
"""Tokens of a clause; a longer one is cut, so that comparing two has its limit."""
_MARKERS = v.STRONG_MARKERS | v.WEAK_MARKERS
_SAID = set_of("that the a an it they its their this these there he she we")
"""What someone says begins with one of these."""
_SAID_CLASS = frozenset({"said"})
_BREAK = frozenset({",", ";", ":", "(", ")", "[", "]", "-", ".", "\n"})
_BE = set_of("to_be is are was were be been being am get gets got 's isn't aren't wasn't weren't")
_DETERMINERS = set_of("the a an this its their our your his her my these those")
_PARTICIPLES = set_of("""
    taken kept beaten fallen risen written given made sent lost built driven left said found held begun broken
    chosen grown drawn run sold bought paid met fed led read told brought taught caught won understood forgotten
    hidden shut set put cut let hit laid drunk sung eaten worn thrown shown spent spread shot stolen forbidden
    frozen done seen known
""")


@dataclass(frozen=True, slots=True)
class Word:
    """A content word: its stem, as it stands, the preposition that governs it ("": none), its place in the clause."""

    stem: str
    text: str
    marker: str
    at: int
    number: bool


@dataclass(frozen=True, slots=True, eq=False)
class Clause:
    """`link`: the class of the conjunction before it; `mark`: the punctuation before it; `joined`: its first word ties
    it to the clause before; `tokens`: all its words, those without content too, in small letters save code."""

    text: str
    words: tuple[Word, ...]
    link: str
    cause: bool
    tokens: tuple[str, ...]
    negations: int
    qualifiers: tuple[tuple[int, frozenset[str]], ...]
    passive: frozenset[str]
    pronouns: int
    joined: bool
    sentence: int
    mark: str
    amounts: tuple[tuple[str, str], ...]
    """Numbers and words that count, each with the word it counts."""

    @property
    def stems(self) -> frozenset[str]:
        return frozenset(word.stem for word in self.words)


def clauses(text: str, first: int = 0) -> tuple[Clause, ...]:
    """The clauses of `text` in order; its sentences are numbered from `first`."""
    numbered = enumerate(_sentences(text), first)
    return tuple(_merged([made for number, tokens in numbered for made in _split(tokens, number)]))


def _sentences(text: str) -> Iterator[list[str]]:
    body = re.sub(LINK, " ", plain(text))
    body = body.replace("`", " ").replace("()", "")
    body = re.sub(
        r"(?<=[A-Za-z])-(?=(?:only|all|none|most|least|by|to|of|in|on|up|out|off|free|less|like)\b)", "", body
    )
    body = re.sub(r"(?<=[A-Za-z])-(?=[A-Za-z])", " ", body)
    body = re.sub(r"n't\b", " not", body.replace("can't", "can not").replace("won't", "will not"))
    body = re.sub(r"\bcannot\b", "can not", body)
    body = v.phrases().sub(lambda found: found[0].replace(" ", "_"), _lower_starts(body))
    sentence: list[str] = []
    for said in _TOKEN.findall(body):
        if said[0] in ".!?\n" or (said == ":" and is_opener(sentence)):
            if sentence:
                yield sentence
            sentence = []
        else:
            sentence.append(_number_words().get(said.casefold(), said))
    if sentence:
        yield sentence


def is_opener(tokens: Sequence[str]) -> bool:
    """ "Git tip:", "Worth keeping in mind:" and the like say nothing of the matter."""
    if len(tokens) > 5:
        return False
    lowered = [token.casefold() for token in tokens]
    if v.NEGATIONS & {*lowered}:
        return False
    framing = [v.stem(low) in v.framing_words() for low in lowered]
    return any(framing) and len(framing) - sum(framing) - sum(low in v.small_words() for low in lowered) <= 1


@functools.cache
def _number_words() -> Mapping[str, str]:
    return {word: str(value) for word, value in number_words().items() if value > 1}


def _lower_starts(text: str) -> str:
    """Sentences begin with a small letter where their first word is a small word of the tables."""
    return re.sub(r"(?:\A|(?<=[.!?:\n] )|(?<=[\n]))[A-Z][a-z]+", lambda found: found[0].lower(), text)


def _split(tokens: Sequence[str], number: int) -> Iterator[Clause]:
    current: list[str] = []
    link, cause, mark = "", False, ""
    for at, token in enumerate(tokens):
        low = token if _is_code(token) else token.casefold()
        if token in _BREAK:
            if current:
                yield _clause(current, link, cause, number, mark)
            current, link, cause, mark = [], "", False, token
        elif (low in v.LINKS and _links(low, tokens, at)) or (low in v.JOINING and _joins(tokens, at)):
            if current:
                yield _clause(current, link, cause, number, mark)
                mark = ""
            current, link, cause = [token], v.LINKS.get(low, "and"), low in v.CAUSES
        elif low in v.SAYING and current and len(current) < 6 and tokens[at + 1 : at + 2] and tokens[at + 1] in _SAID:
            yield _clause([*current, token], link or "said", cause, number, mark)
            current, link, cause, mark = [], "", False, ","
        else:
            current.append(token)
        if len(current) >= LONGEST:
            yield _clause(current, link, cause, number, mark)
            current, link, cause, mark = [], "", False, ""
    if current:
        yield _clause(current, link, cause, number, mark)


def _is_code(token: str) -> bool:
    """GET and HAVING are no small words."""
    return len(token) > 1 and token.isupper()


def _links(word: str, tokens: Sequence[str], at: int) -> bool:
    """Some words are conjunctions only where a clause follows."""
    if word in ("yet", "once", "however", "but", "so"):
        return at == 0 or tokens[at - 1] in _BREAK or word == "but"
    following = tokens[at + 1] if at + 1 < len(tokens) else ""
    return word != "since" or not following[:1].isdigit()


def _joins(tokens: Sequence[str], at: int) -> bool:
    """An `and` that joins clauses, not two words of a list."""
    following = tokens[at + 1 : at + 40]
    end = next((i for i, one in enumerate(following) if one in _BREAK or one.casefold() in v.LINKS), len(following))
    content = [one for one in following[:end] if one.casefold() not in v.small_words()]
    beside = tokens[max(0, at - 1)], tokens[min(at + 1, len(tokens) - 1)]
    is_list = all(one[0].isupper() for one in beside) or all(one[0].isdigit() for one in beside)
    return at > 0 and (tokens[at - 1] in _BREAK or (len(content) >= 2 and not is_list))


def _clause(tokens: Sequence[str], link: str, cause: bool, sentence: int, mark: str) -> Clause:
    words: list[Word] = []
    passive: set[str] = set()
    qualifiers: list[tuple[int, frozenset[str]]] = []
    negations = 0
    marker, sticky, pronouns, governed = "", "", 0, False
    lowered = [token if _is_code(token) else token.casefold() for token in tokens]
    for at, (token, low) in enumerate(zip(tokens, lowered, strict=True)):
        stem = v.stem(low)
        if low in v.SAYING or low == "according_to":
            qualifiers.append((at, _SAID_CLASS))
        elif classes := v.qualifiers().get(stem):
            qualifiers.append((at, classes))
        if low in v.NEGATIONS or stem in v.NEGATIONS:
            negations += 1
            continue
        if at == 0 and low in v.LINKS and link not in ("", "and"):
            continue
        if low in _DETERMINERS and governed and not sticky:
            marker, governed = "", False
        if low in v.STICKY_MARKERS:
            sticky = marker = low
            continue
        if low in _MARKERS:
            marker, governed = v.SAME_MARKERS.get(low, low), False
            continue
        pronouns += low in v.PRONOUNS
        if not any(c.isalnum() for c in low) or low in v.small_words() or low in _BARE_QUALIFIERS:
            if low in ("is", "are", "was", "were", "can", "may", "must", "does", "has", "have"):
                marker = ""
            continue
        if _is_passive(lowered, at):
            passive.add(stem)
            marker = ""
        governed = bool(marker)
        words.append(Word(stem, token, sticky or marker, at, low[0].isdigit()))
        if marker in v.YEARLY_MARKERS and re.fullmatch(r"(?:19|20)\d\d", low):
            marker = ""  # a year ends what it belongs to: "since 2019 cars are banned"
    return Clause(
        text=" ".join(tokens),
        words=tuple(words),
        link=link,
        cause=cause or any(low in v.CAUSES and low not in v.LINKS for low in lowered),
        tokens=tuple(lowered),
        negations=negations,
        qualifiers=tuple(qualifiers),
        passive=frozenset(passive),
        pronouns=pronouns,
        joined=bool(lowered) and (lowered[0] in v.JOINING or lowered[0] in v.RELATIVE or lowered[0] in ("but", "yet")),
        sentence=sentence,
        mark=mark,
        amounts=tuple(_amounts(words, lowered)),
    )


_BARE_QUALIFIERS = set_of("""
    only usually normally typically generally by_default at_most at_least up_to no_more_than about roughly around
    approximately may might could can should most some several few a_few will both alone most_of some_of
    in_most_cases more_than less_than not_more_than no_less_than all all_of any every just even must have_to has_to
    had_to maybe perhaps possibly probably likely often frequently sometimes almost nearly always cannot exactly
    still yet soon
""")
"""Words that the rules on qualifiers look at, and that are no content of their own."""


def _amounts(words: Sequence[Word], tokens: Sequence[str]) -> Iterator[tuple[str, str]]:
    for at, token in enumerate(tokens):
        if token in v.AMOUNTS or token[0].isdigit():
            if at and token[0].isdigit() and _after_name(words, at):
                continue
            counted = next((word for word in words if word.at > at), None)
            if (
                counted is not None
                and not counted.number
                and not (_MARKERS & set(tokens[at + 1 : counted.at]) - {"of"})
            ):
                yield v.stem(token), counted.stem


def _after_name(words: Sequence[Word], at: int) -> bool:
    """A name stands before the number: Train 417, Python 3.9."""
    return any(word.at == at - 1 and word.text[0].isupper() for word in words)


def _is_passive(tokens: Sequence[str], at: int) -> bool:
    if not (tokens[at].endswith("ed") or tokens[at] in _PARTICIPLES):
        return False
    before = [one for one in tokens[max(0, at - 3) : at] if not one.endswith("ly") and one not in ("not", "also")]
    return bool(before) and before[-1] in _BE


def _merged(found: list[Clause]) -> Iterator[Clause]:
    """A phrase between commas that only says where, when or how belongs to the clause beside it: at the beginning of a
    sentence to the next, else to the one before."""
    before: Clause | None = None
    waiting: Clause | None = None
    for one in found:
        if waiting is not None:
            if waiting.sentence == one.sentence and one.mark == "," and one.link == "":
                one = _together(waiting, one)
            else:
                yield waiting
            waiting = None
        elif _is_phrase(one) and (before is None or before.sentence != one.sentence):
            waiting = one
            continue
        elif (
            before is not None
            and len(before.tokens) < LONGEST
            and (
                (_is_phrase(one) and one.mark == ",")
                or (not one.words and one.link in ("", "and") and one.sentence == before.sentence)
            )
        ):
            before = _together(before, one, first=True)
            continue
        if before is not None:
            yield before
        before = one
    yield from filter(None, (before, waiting))


def _is_phrase(clause: Clause) -> bool:
    first = clause.tokens[0] if clause.tokens else ""
    return not clause.link and first in (_MARKERS | {"by_default", "in_most_cases", "at_most"})


def _together(one: Clause, other: Clause, *, first: bool = False) -> Clause:
    """Two clauses as one that is joined to its sentence as `other` is, or as the `first`."""
    moved = len(one.tokens)
    return replace(
        one if first else other,
        text=f"{one.text}, {other.text}",
        words=one.words + tuple(replace(word, at=word.at + moved) for word in other.words),
        cause=one.cause or other.cause,
        tokens=one.tokens + other.tokens,
        negations=one.negations + other.negations,
        qualifiers=one.qualifiers + tuple((at + moved, classes) for at, classes in other.qualifiers),
        passive=one.passive | other.passive,
        pronouns=one.pronouns + other.pronouns,
        amounts=one.amounts + other.amounts,
    )
