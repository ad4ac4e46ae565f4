"""Other ways to put a sentence that keep its meaning: a table of rules; the tests hold what each makes and leaves.

A rule takes a sentence without its full stop and gives the ways in which it may be put. It rather stays silent than
risks a wrong or clumsy sentence, so each has guards and most sentences meet only a few. English only. How rules come
together is in `wordings`, which of the results is posted in `chooser`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from twitter_manager.english import normalised, sentences
from twitter_manager.writing.clauses import (
    ORDERS,
    PREPOSITIONS,
    PRONOUNS,
    SMALL,
    SUBORDINATORS,
    Spelling,
    begins,
    has_verb,
)

Make = Callable[[str, Spelling], Iterator[str]]


def restructured(note: str, spelling: Spelling) -> Iterator[tuple[str, str]]:
    """The note with one sentence of it put differently, by one rule; gives rule and text."""
    parts = sentences(note) if note == normalised(note) else []
    for at, sentence in enumerate(parts):
        if not sentence.endswith(".") or sentence.endswith("..") or _has_quote(sentence):
            continue
        for name, rule in RULES.items():
            for text in rule(sentence[:-1], spelling):
                whole = " ".join([*parts[:at], f"{text}.", *parts[at + 1 :]])
                if len(re.findall(r": ", whole)) <= 1:
                    yield name, whole


# --- Two sentences of one, or another joint -------------------------------------------------------------------------


def _semicolon_to_stop(sentence: str, spelling: Spelling) -> Iterator[str]:
    """A; B. → A. B."""
    if halves := _halves(sentence, "; "):
        a, b = halves
        start = spelling.raised(b)
        if start[:1].isupper() and _is_clause(b) and not _is_letter(b):
            yield f"{a}. {start}"


def _but_to_while(sentence: str, spelling: Spelling) -> Iterator[str]:
    """A, but B. → While A, B."""
    a, b = _contrast(sentence) or ("", "")
    plain = a and _is_simple(a) and not _hangs(a) and not _hangs(b) and not _has_colon(a)
    if plain and (first := spelling.lowered(a)):
        yield f"While {first}, {b}"


def _but_to_however(sentence: str, spelling: Spelling) -> Iterator[str]:
    """A, but B. → A. However, B."""
    if (halves := _contrast(sentence)) and not _has_colon(halves[0]):
        yield f"{halves[0]}. However, {halves[1]}"


# --- Reason and consequence ------------------------------------------------------------------------------------------


def _so_to_why(sentence: str, spelling: Spelling) -> Iterator[str]:
    """A, so B. → A. That is why B."""
    if halves := _consequence(sentence):
        a, b = halves
        if not _has_colon(a) and not begins(b, PREPOSITIONS):
            yield f"{a}. That is why {b}"


# --- Where it holds --------------------------------------------------------------------------------------------------


def _owner_to_place(sentence: str, spelling: Spelling) -> Iterator[str]:
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
    corrects = begins(a, frozenset({"not"})) or (re.search(_NEGATION, a) and not _is_main_clause(b))
    return None if corrects or not _is_main_clause(b) else (a, b)


def _consequence(sentence: str) -> tuple[str, str] | None:
    """A and B of "A, so B" where both are statements."""
    halves = _halves(sentence, ", so ")
    if not halves or not _is_clause(halves[0]) or not _is_clause(halves[1]) or begins(halves[1], {"that"}):
        return None
    return None if _is_letter(halves[1]) else halves


def _is_clause(text: str) -> bool:
    """It has a subject and, after it, a verb: no order ("use a lock"), no fragment."""
    first, *rest = text.split()
    word = first.strip("`'\"").casefold()
    subject = word in SMALL or not re.fullmatch(r"[a-z]+", first)
    return subject and word not in SUBORDINATORS | ORDERS and has_verb(" ".join(rest))


def _is_main_clause(text: str) -> bool:
    """Its verb stands before any clause that hangs on it: in "the changes that A lacks" it has none of its own."""
    head = re.split(rf"\b(?:that|which|who|whose|where|since|than|{_CONJUNCTIONS})\b", text, maxsplit=1)[0]
    return has_verb(head.partition(" ")[2])


def _is_simple(text: str) -> bool:
    """It may follow "While" and be followed by a comma: no comma of its own, no scope before its subject."""
    return "," not in text and not text[-1].isdigit() and not begins(text, SUBORDINATORS | PREPOSITIONS)


def _hangs(text: str) -> bool:
    """It begins with a word that points back, so it can't be moved."""
    return begins(text, PRONOUNS) or text.casefold().startswith(("the other", "the same", "the latter"))


def _is_letter(text: str) -> bool:
    """It begins with the letter a, and no article."""
    return text.startswith("a ") and has_verb("".join(text.split()[1:2]))


def _has_colon(text: str) -> bool:
    return ": " in text


def _has_quote(text: str) -> bool:
    return any(mark in text for mark in '"“”«»')


_CONJUNCTIONS = "because|unless|whenever|when|if|after|before"
_LANGUAGES = "Python|JavaScript|Rust|Go|C|SQLite|PostgreSQL|CSS|Linux|Bash|Vim"
_NEGATION = r"\b(?:not|no|never|nothing|none|neither|nor|cannot|without|hardly)\b|n't\b"
