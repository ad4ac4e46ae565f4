"""Other ways to put a sentence that keep its meaning: five rules; the tests hold what each makes and leaves.

A rule takes a sentence without its full stop and gives the ways in which it may be put. It rather stays silent than
risks a wrong or clumsy sentence, so each has guards and most sentences meet only a few. English only, with word lists
instead of a parser. How rules come together is in `wordings`, which of the results is posted in `chooser`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from twitter_manager.english import normalised, sentences, set_of


def restructured(note: str) -> Iterator[str]:
    """The note with one sentence of it put differently, by one rule."""
    parts = sentences(note) if note == normalised(note) else []
    for at, sentence in enumerate(parts):
        if not sentence.endswith(".") or sentence.endswith("..") or re.search(r'["“”«»]', sentence):
            continue
        for rule in RULES.values():
            for text in rule(sentence[:-1]):
                whole = " ".join([*parts[:at], f"{text}.", *parts[at + 1 :]])
                if whole.count(": ") <= 1:
                    yield whole


# --- The rules -------------------------------------------------------------------------------------------------------


def _semicolon_to_stop(sentence: str) -> Iterator[str]:
    """A; B. → A. B."""
    if halves := _halves(sentence, "; "):
        a, b = halves
        start = _upper(b) if _is_plain(_first(b)) else b  # code keeps its small letter, so it can't begin a sentence
        if start[:1].isupper() and _is_clause(b) and not _is_letter(b):
            yield f"{a}. {start}"


def _but_to_while(sentence: str) -> Iterator[str]:
    """A, but B. → While A, B."""
    a, b = _contrast(sentence) or ("", "")
    if a and _is_simple(a) and not _hangs(a) and not _hangs(b) and ": " not in a and (first := _lowered(a)):
        yield f"While {first}, {b}"


def _but_to_however(sentence: str) -> Iterator[str]:
    """A, but B. → A. However, B."""
    if (halves := _contrast(sentence)) and ": " not in halves[0]:
        yield f"{halves[0]}. However, {halves[1]}"


def _so_to_why(sentence: str) -> Iterator[str]:
    """A, so B. → A. That is why B."""
    if halves := _consequence(sentence):
        a, b = halves
        if ": " not in a and _first(b) not in PREPOSITIONS:
            yield f"{a}. That is why {b}"


def _owner_to_place(sentence: str) -> Iterator[str]:
    """Python's f() does x. → In Python, f() does x. Only for a function: of another thing the owner may be a part."""
    found = re.fullmatch(rf"({_LANGUAGES})'s ([\w.]+\(\) .+)", sentence)
    if found and not re.search(r"\bin\b|'s\b|:", found[2].split(",")[0], re.IGNORECASE):
        yield f"In {found[1]}, {found[2]}"


RULES: Mapping[str, Callable[[str], Iterator[str]]] = {
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
    if not halves or not _is_clause(halves[0]) or not _is_clause(halves[1]) or not _is_main_clause(halves[1]):
        return None
    return None if _first(halves[0]) == "not" else halves


def _consequence(sentence: str) -> tuple[str, str] | None:
    """A and B of "A, so B" where both are statements."""
    halves = _halves(sentence, ", so ")
    if not halves or not _is_clause(halves[0]) or not _is_clause(halves[1]):
        return None
    return None if _first(halves[1]) == "that" or _is_letter(halves[1]) else halves


def _is_clause(text: str) -> bool:
    """It has a subject and, after it, a verb: no order ("use a lock"), no fragment."""
    first, _, rest = text.partition(" ")
    word = _first(text)
    has_subject = _is_plain(word) or not re.fullmatch(r"[a-z]+", first)
    return has_subject and word not in SUBORDINATORS | ORDERS and _has_verb(rest)


def _is_main_clause(text: str) -> bool:
    """Its verb stands before any clause that hangs on it: in "the changes that A lacks" it has none of its own."""
    hanging = r"\b(?:that|which|who|whose|where|since|than|because|unless|whenever|when|if|after|before)\b"
    head = re.split(hanging, text, maxsplit=1)[0]
    return _has_verb(head.partition(" ")[2])


def _is_simple(text: str) -> bool:
    """It may follow "While" and be followed by a comma: no comma of its own, no scope before its subject."""
    return "," not in text and not text[-1].isdigit() and _first(text) not in SUBORDINATORS | PREPOSITIONS


def _hangs(text: str) -> bool:
    """It begins with a word that points back, so it can't be moved."""
    return _first(text) in PRONOUNS or text.casefold().startswith(("the other", "the same", "the latter"))


def _is_letter(text: str) -> bool:
    """It begins with the letter a, and no article."""
    return text.startswith("a ") and _has_verb("".join(text.split()[1:2]))


def _has_verb(text: str) -> bool:
    return not FINITE.isdisjoint(re.findall(r"[\w'’]+", text.casefold()))


# --- Words -----------------------------------------------------------------------------------------------------------


def _first(text: str) -> str:
    """The first word, as it is compared."""
    found = re.match(r"[`'\"]*([\w'’-]+)", text)
    return found[1].casefold() if found else ""


def _is_plain(word: str) -> bool:
    """It surely is no name and no code, so that it may get a capital."""
    return word in SMALL or re.fullmatch(r"[a-z]{3,}ing", word) is not None


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def _lowered(text: str) -> str:
    """`text` as it reads inside a sentence; "" where it is not known whether its capital is a name's."""
    first, _, rest = text.partition(" ")
    if first.casefold() in SMALL:
        return f"{first.casefold()} {rest}"
    return "" if re.fullmatch(r"[A-Z][a-z-]*(?:['’]s)?", first) else text


_LANGUAGES = "Python|JavaScript|Rust|Go|C|SQLite|PostgreSQL|CSS|Linux|Bash|Vim"
FINITE = set_of(
    "is are was were can could must should will does do did has have had cannot can't may might would isn't aren't "
    "doesn't don't adds affects allows applies asks avoids becomes begins belongs blocks calls causes changes closes "
    "comes compares contains continues converts copies costs counts creates defers depends discards discourages drops "
    "ends evaluates exits expects fails filters finds follows forbids forces gets gives goes grows guarantees helps "
    "holds ignores includes indicates inherits interprets invokes keeps leaves lets loses makes matches matters means "
    "measures modifies monitors moves needs opens overwrites parses passes performs points pops prevents prints "
    "produces prohibits provides puts raises reaches reads receives recommends refers refuses rejects releases remains "
    "remembers removes represents requires respects returns rounds runs says see seems selects sends sets share shares "
    "shows sorts splits stands starts stays stops stores suits takes tells tests throws tracks treats truncates tries "
    "turns uses wait waits works wraps writes yields"
)
"""Words that show that a clause has a verb of its own; a clause without one of them is taken for a fragment."""
ORDERS = set_of(
    "add always ask avoid await call cast check choose close consider convert declare do don't enable escape export "
    "give inspect keep let lock look make mark never normalize note only open pair pass patch pick prefer press put "
    "quote read remember run see set specify start store take test treat try turn type use validate wait wrap write"
)
"""Words that begin an order, which is no statement that something could follow from."""
SUBORDINATORS = set_of("although as because before after if once since though unless until when whenever while")
PREPOSITIONS = set_of("at between by during for from in inside of on outside to under with within without")
PRONOUNS = set_of(
    "it its they their them this that these those he she his her such then there one another we our any either itself "
    "neither ones other others same themselves which who you your"
)
"""Words that point to something outside their clause."""
SMALL = (
    SUBORDINATORS
    | PREPOSITIONS
    | PRONOUNS
    | set_of("a all an both each every few many most no several some the three two")
)
"""Words whose capital may be taken away or given: of others it is not known whether they are names or code."""
