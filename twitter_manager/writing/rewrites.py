"""Other ways to put a sentence that keep its meaning: a table of rules; the tests hold what each makes and leaves.

A rule takes a sentence without its full stop and gives the ways in which it may be put. It rather stays silent than
risks a wrong or clumsy sentence, so each has guards and most sentences meet only a few. English only. How rules come
together is in `wordings`, which of the results is posted in `chooser`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from twitter_manager.english import normalised, sentences, set_of

Names = frozenset[str]
"""Words that keep their capital inside a sentence."""
Make = Callable[[str, Names], Iterator[str]]


def restructured(note: str, names: Names) -> Iterator[tuple[str, str]]:
    """The note with one sentence of it put differently, by one rule; gives rule and text."""
    parts = sentences(note) if note == normalised(note) else []
    for at, sentence in enumerate(parts):
        if not sentence.endswith(".") or sentence.endswith("..") or _has_quote(sentence):
            continue
        for name, rule in RULES.items():
            for text in rule(sentence[:-1], names):
                whole = " ".join([*parts[:at], f"{text}.", *parts[at + 1 :]])
                if len(re.findall(r": ", whole)) <= 1:
                    yield name, whole


# --- Two sentences of one, or another joint -------------------------------------------------------------------------


def _semicolon_to_stop(sentence: str, names: Names) -> Iterator[str]:
    """A; B. → A. B."""
    if halves := _halves(sentence, "; "):
        a, b = halves
        if (start := _raised(b)) and _is_clause(b):
            yield f"{a}. {start}"


def _but_to_while(sentence: str, names: Names) -> Iterator[str]:
    """A, but B. → While A, B."""
    a, b = _contrast(sentence) or ("", "")
    plain = a and _is_simple(a) and not _hangs(a) and not _hangs(b) and not _has_colon(a)
    if plain and (first := _lowered(a, names)):
        yield f"While {first}, {b}"


def _but_to_however(sentence: str, names: Names) -> Iterator[str]:
    """A, but B. → A. However, B."""
    if (halves := _contrast(sentence)) and not _has_colon(halves[0]):
        yield f"{halves[0]}. However, {halves[1]}"


# --- Reason and consequence ------------------------------------------------------------------------------------------


def _so_to_why(sentence: str, names: Names) -> Iterator[str]:
    """A, so B. → A. That is why B."""
    if halves := _consequence(sentence):
        a, b = halves
        if not _has_colon(a) and not _begins_with(b, _PREPOSITIONS):
            yield f"{a}. That is why {b}"


# --- Where it holds --------------------------------------------------------------------------------------------------


def _owner_to_place(sentence: str, names: Names) -> Iterator[str]:
    """Python's f() does x. → In Python, f() does x. Only for a function: of another thing the owner may be a part."""
    found = re.fullmatch(rf"({_LANGUAGES})'s ([\w.]+\(\) .+)", sentence)
    if found and not re.search(r"\bin\b|'s\b|:", found[2].split(",")[0], re.IGNORECASE):
        yield f"In {found[1]}, {found[2]}"


RULES: Mapping[str, Make] = {
    "semicolon to stop": _semicolon_to_stop,
    "but to while": _but_to_while,
    "but to however": _but_to_however,
    "so to why": _so_to_why,
    "owner to place": _owner_to_place,
}
"""Every rule by name."""


# --- Guards ----------------------------------------------------------------------------------------------------------


def is_order(text: str) -> bool:
    """It tells somebody to do something."""
    return _begins_with(text, _ORDERS)


def _halves(sentence: str, mark: str) -> tuple[str, str] | None:
    """What stands before and after the one `mark` of a sentence that has no other of its kind."""
    a, found, b = sentence.partition(mark)
    others = ("; ", ", but ", ", so ", ", because ", ", although ", ", while ", ", whereas ", " – ", " — ")
    if not found or mark in b or any(other in sentence for other in others if other != mark):
        return None
    return (a, b) if a and b and not a[-1].isspace() else None


def _contrast(sentence: str) -> tuple[str, str] | None:
    """A and B of "A, but B" where both are clauses, and not "not A, but B"."""
    halves = _halves(sentence, ", but ")
    if not halves or not _is_clause(halves[0]) or not _is_clause(halves[1]):
        return None
    a, b = halves
    # "Not all …, but the changes": what follows may share A's verb, and its own may be that of a relative clause.
    corrects = _begins_with(a, frozenset({"not"})) or (re.search(_NEGATION, a) and not _is_main_clause(b))
    return None if corrects or not _is_main_clause(b) else (a, b)


def _consequence(sentence: str) -> tuple[str, str] | None:
    """A and B of "A, so B" where both are statements."""
    halves = _halves(sentence, ", so ")
    if not halves or not _is_clause(halves[0]) or not _is_clause(halves[1]) or _begins_with(halves[1], {"that"}):
        return None
    return None if _is_letter(halves[1]) else halves


def _is_clause(text: str) -> bool:
    """It has a subject and, after it, a verb: no order ("use a lock"), no fragment."""
    first, *rest = text.split()
    word = first.strip("`'\"").casefold()
    subject = word in LOWERED or not re.fullmatch(r"[a-z]+", first)
    return (
        subject
        and word not in _SUBORDINATORS | _ORDERS
        and bool(_FINITE & set(" ".join(rest).casefold().rstrip(".").split()))
    )


def _is_main_clause(text: str) -> bool:
    """Its verb stands before any clause that hangs on it: in "the changes that A lacks" it has none of its own."""
    head = re.split(rf"\b(?:that|which|who|whose|where|since|than|{_CONJUNCTIONS})\b", text, maxsplit=1)[0]
    return bool(_FINITE & set(head.casefold().split()[1:]))


def _is_simple(text: str) -> bool:
    """It may follow "While" and be followed by a comma: no comma of its own, no scope before its subject."""
    return "," not in text and not text[-1].isdigit() and not _begins_with(text, _SUBORDINATORS | _PREPOSITIONS)


def _hangs(text: str) -> bool:
    """It begins with a word that points back, so it can't be moved."""
    return _begins_with(text, _PRONOUNS) or text.casefold().startswith(("the other", "the same", "the latter"))


def _begins_with(text: str, words: frozenset[str] | set[str]) -> bool:
    return _words(text)[:1] != [] and _words(text)[0] in words


def _lowered(text: str, names: Names) -> str:
    """`text` as it reads inside a sentence; "" where that is not known."""
    first = text.split()[0]
    plain = first.removesuffix("'s")
    if not first[0].isupper() or plain in names or not re.fullmatch(r"[A-Z][a-z]*", plain):
        return text
    return first[0].lower() + text[1:] if first.casefold() in LOWERED else ""


def _raised(text: str) -> str:
    """`text` as it reads at the beginning of a sentence; "" where that is not known."""
    first = text.split()[0]
    if _is_letter(text):
        return ""
    if first.casefold() in LOWERED or first[0].isupper():
        return text[0].upper() + text[1:]
    return ""


def _is_letter(text: str) -> bool:
    """It begins with the letter a, and no article."""
    return text.startswith("a ") and not _FINITE.isdisjoint(text.split()[1:2])


def _has_colon(text: str) -> bool:
    return ": " in text


def _has_quote(text: str) -> bool:
    return any(mark in text for mark in '"“”«»')


def _words(text: str) -> list[str]:
    return re.findall(r"[\w'’+#]+", text.casefold())


_CONJUNCTIONS = "because|unless|whenever|when|if|after|before"
_LANGUAGES = "Python|JavaScript|Rust|Go|C|SQLite|PostgreSQL|CSS|Linux|Bash|Vim"
_NEGATION = r"\b(?:not|no|never|nothing|none|neither|nor|cannot|without|hardly)\b|n't\b"
_SUBORDINATORS = set_of("although as because before after if once since though unless until when whenever while")
_PREPOSITIONS = set_of("at between by during for from in inside of on outside to under with within without")
_DETERMINERS = set_of("a all an both each every many most no some the two")
_PRONOUNS = set_of(
    "another any either he her his i it its itself neither one ones other others our same she such that their them "
    "themselves then there these they this those we which who you your"
)
_GERUNDS = set_of(
    "adding calling closing comparing deleting inserting opening ordering passing reading receiving running sending "
    "setting sorting using writing"
)
_ORDERS = set_of(
    "add always ask avoid call check choose close consider declare do don't enable give inspect keep let lock make "
    "never normalize note only open pass patch pick prefer press put quote read remember run set specify store take "
    "test treat try turn use validate wait wrap write"
)
"""Words that begin an order, which is no statement that something could follow from."""
LOWERED = _DETERMINERS | _PRONOUNS | _PREPOSITIONS | _SUBORDINATORS | _GERUNDS
"""The only words whose capital may be taken away or given: of others it is not known whether they are names or code."""
_CONTRASTED = set_of("adds allows costs counts gives keeps makes returns stores takes uses needs reads writes")
_FINITE = _CONTRASTED | set_of(
    "is are was were has have had does do did can cannot can't may must will would should could might isn't aren't "
    "doesn't don't gets raises finds runs works fails means starts ends stops remains comes goes leaves ignores "
    "forbids discourages contains holds belongs becomes changes matches moves drops shares share pops wraps matters "
    "lets needs suits blocks forces shows sends see waits"
)
"""Words that show that a clause has a verb of its own; a clause without one of them is taken for a fragment."""
