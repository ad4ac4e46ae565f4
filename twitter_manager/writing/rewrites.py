"""Other ways to put a sentence that keep its meaning: a table of rules, each with what it makes and what it leaves.

A rule takes a sentence without its full stop and gives the ways in which it may be put. It rather stays silent than
risks a wrong or clumsy sentence, so each has guards and most sentences meet only a few. English only. How rules come
together is in `wordings`, which of the results is posted in `chooser`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from twitter_manager.checks.words import set_of

Names = frozenset[str]
"""Words that keep their capital inside a sentence."""
Make = Callable[[str, Names], Iterator[str]]


class Example(NamedTuple):
    """A sentence and what the rule makes of it: "" where its guards must hold it back."""

    sentence: str
    made: str


class Rule(NamedTuple):
    make: Make
    examples: Sequence[Example]
    shortens: bool = False
    """It leaves something out, and is used where the whole is long."""


def restructured(note: str, names: Names, *, shorten: bool = False) -> Iterator[tuple[str, str]]:
    """The note with one sentence of it put differently, by one rule; gives rule and text. `shorten`: by the rules that
    leave something out, else by the others."""
    sentences = re.split(r"(?<=[.!?]) (?=[A-Z])", note)
    for at, sentence in enumerate(sentences):
        if not sentence.endswith(".") or sentence.endswith("..") or _has_quote(sentence):
            continue
        for name, rule in RULES.items():
            for text in rule.make(sentence[:-1], names) if rule.shortens == shorten else ():
                whole = " ".join([*sentences[:at], f"{text}.", *sentences[at + 1 :]])
                if len(re.findall(r": ", whole)) <= 1:
                    yield name, whole


# --- Two sentences of one, or another joint -------------------------------------------------------------------------


def _semicolon_to_stop(sentence: str, names: Names) -> Iterator[str]:
    """A; B. → A. B."""
    if halves := _halves(sentence, "; "):
        a, b = halves
        if (start := _raised(b)) and _is_clause(b):
            yield f"{a}. {start}"


def _semicolon_to_while(sentence: str, names: Names) -> Iterator[str]:
    """A; B. → A, while B. Only for a contrast: both halves have the same verb."""
    if halves := _halves(sentence, "; "):
        a, b = halves
        alike = set(_words(a)) & set(_words(b)) & _CONTRASTED
        if alike and _is_clause(b) and not _hangs(b) and "," not in a + b:
            yield f"{a}, while {b}"


def _but_to(conjunction: str) -> Make:
    """A, but B. → While A, B. Or: Although A, B."""

    def make(sentence: str, names: Names) -> Iterator[str]:
        a, b = _contrast(sentence) or ("", "")
        plain = a and _is_simple(a) and not _hangs(a) and not _hangs(b) and not _has_colon(a)
        if plain and (first := _lowered(a, names)):
            yield f"{conjunction} {first}, {b}"

    return make


def _but_to_however(sentence: str, names: Names) -> Iterator[str]:
    """A, but B. → A. However, B."""
    if (halves := _contrast(sentence)) and not _has_colon(halves[0]):
        yield f"{halves[0]}. However, {halves[1]}"


def _although_to_but(sentence: str, names: Names) -> Iterator[str]:
    """B, although A. → A, but B."""
    if halves := _halves(sentence, ", although "):
        b, a = halves
        first, second = _raised(a), _lowered(b, names)
        plain = _is_clause(a) and _is_simple(b) and "," not in a and not _leans(a, b)
        if first and second and plain and not _refers(a) and not _refers(b):
            yield f"{first}, but {second}"


def _while_turned(sentence: str, names: Names) -> Iterator[str]:
    """A, while B. → B, while A."""
    if halves := _halves(sentence, ", while "):
        a, b = halves
        first, second = _raised(b), _lowered(a, names)
        plain = _is_clause(a) and _is_clause(b) and "," not in b and not _refers(a) and not _refers(b)
        if first and second and plain and not _needs_first(a, b) and not _leans(a, b):
            yield f"{first}, while {second}"


# --- Reason and consequence ------------------------------------------------------------------------------------------


def _so_to_why(sentence: str, names: Names) -> Iterator[str]:
    """A, so B. → A. That is why B."""
    if halves := _consequence(sentence):
        a, b = halves
        if not _has_colon(a) and not _begins_with(b, _PREPOSITIONS):
            yield f"{a}. That is why {b}"


def _so_to_because(sentence: str, names: Names) -> Iterator[str]:
    """A, so B. → B, because A."""
    if halves := _consequence(sentence):
        a, b = halves
        first, second = _raised(b), _lowered(a, names)
        plain = not _has_colon(sentence) and "," not in a and not _refers(b) and not _is_vague(b)
        if first and second and plain and not _needs_first(a, b) and not _leans(a, b):
            yield f"{first}, because {second}"


def _because_to_so(sentence: str, names: Names) -> Iterator[str]:
    """A, because B. → B, so A. A comma must stand there: without one it is unsure what is denied."""
    if halves := _halves(sentence, ", because "):
        a, b = halves
        first, second = _raised(b), _lowered(a, names)
        plain = _is_clause(a) and _is_clause(b) and not _has_colon(sentence) and "," not in a and not _refers(b)
        if first and second and plain and not _is_vague(b) and not _needs_first(a, b) and not _leans(a, b):
            yield f"{first}, so {second}"


def _reason_first(sentence: str, names: Names) -> Iterator[str]:
    """X unless Y. → Unless Y, X. Also because, if, when, whenever, after and before."""
    found = re.fullmatch(rf"(.+?),? ({_CONJUNCTIONS}) (.+)", sentence)
    if not found or len(re.findall(rf"\b(?:{_CONJUNCTIONS})\b", sentence)) != 1:
        return
    x, conjunction, y = found.groups()
    first = _lowered(x, names)
    if conjunction == "because" and _begins_with(y, {"the"}):
        return  # what "the" points to would come after it
    if first and _may_swap(x, conjunction, y) and _words(x)[-1] not in _TIED and not x[-1].isdigit():
        yield f"{conjunction.capitalize()} {y}, {first}"


def _reason_last(sentence: str, names: Names) -> Iterator[str]:
    """Unless Y, X. → X unless Y. And the other conjunctions."""
    found = re.fullmatch(rf"({_CONJUNCTIONS.title()}) ([^,]+), ([^,]+)", sentence)
    if not found or re.search(rf"\b(?:{_CONJUNCTIONS})\b", f"{found[2]} {found[3]}"):
        return
    conjunction, y, x = found.groups()
    first = _raised(x)
    if first and _may_swap(x, conjunction.lower(), y):
        yield f"{first} {conjunction.lower()} {y}"


# --- Where it holds --------------------------------------------------------------------------------------------------


def _owner_to_place(sentence: str, names: Names) -> Iterator[str]:
    """Python's f() does x. → In Python, f() does x. Only for a function: of another thing the owner may be a part."""
    found = re.fullmatch(rf"({_LANGUAGES})'s ([\w.]+\(\) .+)", sentence)
    if found and not re.search(r"\bin\b|'s\b|:", found[2].split(",")[0], re.IGNORECASE):
        yield f"In {found[1]}, {found[2]}"


def _place_to_owner(sentence: str, names: Names) -> Iterator[str]:
    """In Python, f() does x. → Python's f() does x."""
    found = re.fullmatch(rf"In ({_LANGUAGES}), ([\w.]+\(\) [^:;]+)", sentence)
    if found and found[1] not in found[2] and len(re.findall(r"\(\)", found[2])) == 1:
        yield f"{found[1]}'s {found[2]}"


def _default_inside(sentence: str, names: Names) -> Iterator[str]:
    """By default, S does x. → S does x by default. One plain clause alone."""
    found = re.fullmatch(r"By default, ([^,;:()]+)", sentence)
    if found and (first := _raised(found[1])) and not _is_scoped(found[1]) and len(found[1].split()) <= 12:
        yield f"{first} by default"


def _default_first(sentence: str, names: Names) -> Iterator[str]:
    """S does x by default. → By default, S does x."""
    found = re.fullmatch(r"([^,;:()]+) by default", sentence)
    if found and (first := _lowered(found[1], names)) and not _is_scoped(found[1]):
        yield f"By default, {first}"


# --- Shorter ---------------------------------------------------------------------------------------------------------


def _without_which(sentence: str, names: Names) -> Iterator[str]:
    """A, which B. → A. The comma says that B only adds to A."""
    found = re.fullmatch(r"([^,;:]+), which [^,;:]+", sentence)
    if found and _stands_alone(found[1], sentence[found.end(1) :]):
        yield found[1]


def _without_example(sentence: str, names: Names) -> Iterator[str]:
    """A, for example B. → A. And "for instance"."""
    found = re.fullmatch(r"([^;:]+), for (?:example|instance),? [^;:]+", sentence)
    if found and _stands_alone(found[1], sentence[found.end(1) :]):
        yield found[1]


def _without_brackets(sentence: str, names: Names) -> Iterator[str]:
    """A (B) C. → A C. Not for brackets of code, and not for one that holds a number or a condition."""
    found = re.fullmatch(r"([^()]+) \(([a-z][a-z -]+)\)(?=[ ,]|\Z)([^()]*)", sentence)
    if not found or _begins_with(found[2], {"or", "and"}) or set(_words(found[1])) & _SCOPES:
        return
    if _words(found[1])[-1] not in _DETERMINERS and _stands_alone(found[1] + found[3], found[2]):
        yield found[1] + found[3]


RULES: Mapping[str, Rule] = {
    "semicolon to stop": Rule(
        _semicolon_to_stop,
        (
            Example(
                "Sorting is stable; the order of equal keys is kept",
                "Sorting is stable. The order of equal keys is kept",
            ),
            Example("no-cache lets it be stored; no-store may too", ""),
        ),
    ),
    "semicolon to while": Rule(
        _semicolon_to_while,
        (
            Example("SQLite stores a hash; Git stores a tree", "SQLite stores a hash, while Git stores a tree"),
            Example("SQLite stores a hash; it stores a tree too", ""),
            Example("SQLite stores a hash; Git is older", ""),
        ),
    ),
    "but to while": Rule(
        _but_to("While"),
        (
            Example("The index is small, but a scan is slow", "While the index is small, a scan is slow"),
            Example("The plan is free, but it is slow", ""),
            Example("In C, the size is fixed, but a list can grow", ""),
            Example("The header says: a lock is cheap, but a scan is slow", ""),
            Example("Cookies can expire, but a list is fast", ""),
        ),
    ),
    "but to although": Rule(
        _but_to("Although"),
        (
            Example("The index is small, but a scan is slow", "Although the index is small, a scan is slow"),
            Example("If the flag is set, a row is locked, but a scan is slow", ""),
        ),
    ),
    "but to however": Rule(
        _but_to_however,
        (
            Example("A lock is cheap, but it does not nest", "A lock is cheap. However, it does not nest"),
            Example("JSON.stringify() omits undefined in objects, but changes it to null in arrays", ""),
            Example("Not all differences are shown, but the changes on B that A lacks are", ""),
            Example("Not all differences are shown, but the changes on B since it leaves A", ""),
            Example("The lock is not held by a thread, but the process that has it", ""),
            Example("It parses a date as UTC, but a date with a time as local time", ""),
        ),
    ),
    "although to but": Rule(
        _although_to_but,
        (
            Example("A scan is slow, although the index is small", "The index is small, but a scan is slow"),
            Example("A scan is slow, although it uses the index", ""),
            Example("A tuple is hashable, although a tuple with a list is not", ""),
        ),
    ),
    "while turned": Rule(
        _while_turned,
        (
            Example("A list is fast, while the set is slow", "The set is slow, while a list is fast"),
            Example("The set is slow, while the other is fast", ""),
            Example("A thread is cheap, while a process is not", ""),
            Example("A list is fast, while for the list it needs a lock", ""),
        ),
    ),
    "so to why": Rule(
        _so_to_why,
        (
            Example("The file is locked, so a second run waits", "The file is locked. That is why a second run waits"),
            Example("Quote the name, so the shell leaves it whole", ""),
            Example("The file is locked, so on Linux a second run waits", ""),
            Example("A pickle can run code, so only load what is yours", ""),
        ),
    ),
    "so to because": Rule(
        _so_to_because,
        (
            Example("The file is locked, so a second run waits", "A second run waits, because the file is locked"),
            Example("In SQLite, a file is locked, so a second run waits", ""),
            Example("The locale is ASCII, so a matches A", ""),
            Example("A null pointer is fine, so no check is needed before the call", ""),
            Example("C's f() returns the size, so a value of 8 is too much", ""),
            Example("A call is checked, so it needs no test", ""),
            Example("A file is locked, so the file can wait", ""),
            Example("A lock is held, so all of those are kept", ""),
        ),
    ),
    "because to so": Rule(
        _because_to_so,
        (
            Example("A second run waits, because a file is locked", "A file is locked, so a second run waits"),
            Example("A second run waits, because the file is locked", ""),
            Example("A second run waits because the file is locked", ""),
            Example("A row is locked, because it is in use", ""),
            Example("Wait for the lock, because the file is locked", ""),
            Example("A thread is not shared, because a process is", ""),
        ),
    ),
    "reason first": Rule(
        _reason_first,
        (
            Example("A file is removed unless the flag is set", "Unless the flag is set, a file is removed"),
            Example("The cache is dropped when the process ends", "When the process ends, the cache is dropped"),
            Example("A row is locked only when the index is used", ""),
            Example("The hook was not run because the flag is set", ""),
            Example("Both rows are locked when the index is used", ""),
            Example("A default value is evaluated once, when the function is defined", ""),
            Example("A row is locked because the index is used", ""),
        ),
    ),
    "reason last": Rule(
        _reason_last,
        (
            Example("Unless the flag is set, a file is removed", "A file is removed unless the flag is set"),
            Example("If two rows are equal, both rows are kept", ""),
            Example("If a row is empty, it is removed", ""),
            Example("When a process is not, a thread is cheap", ""),
        ),
    ),
    "owner to place": Rule(
        _owner_to_place,
        (
            Example("Python's list.sort() is stable", "In Python, list.sort() is stable"),
            Example("Python's sort is stable", ""),
            Example("Ada's sort() is stable", ""),
        ),
    ),
    "place to owner": Rule(
        _place_to_owner,
        (
            Example("In Python, list.sort() is stable", "Python's list.sort() is stable"),
            Example("In Python, sorting is stable", ""),
            Example("In C, malloc() and free() must match", ""),
        ),
    ),
    "default inside": Rule(
        _default_inside,
        (
            Example("By default, the list is sorted", "The list is sorted by default"),
            Example("By default, the list is sorted when it is read", ""),
            Example("By default, a sort keeps and reads the list", ""),
        ),
    ),
    "default first": Rule(
        _default_first,
        (
            Example("The list is sorted by default", "By default, the list is sorted"),
            Example("The list is not sorted by default", ""),
            Example("Cookies are shared by default", ""),
        ),
    ),
    "without which": Rule(
        _without_which,
        (
            Example(
                "The key function of a sort gets each record of the list once, which saves time",
                "The key function of a sort gets each record of the list once",
            ),
            Example("The key function of a sort gets each record of the list, which must not be empty", ""),
            Example("The key function of a sort gets each record of a type, which depends on that", ""),
            Example("Sorting is stable, which helps", ""),
            Example("The binary search of the library gets each key of the list, which must be sorted", ""),
            Example("Anything may change at any time in major version 0, which SemVer keeps for that", ""),
        ),
        shortens=True,
    ),
    "without example": Rule(
        _without_example,
        (
            Example(
                "A read may give fewer bytes than were asked for, for example at the end of a file",
                "A read may give fewer bytes than were asked for",
            ),
            Example("A read may give fewer bytes than were asked for, for example if the file ends", ""),
        ),
        shortens=True,
    ),
    "without brackets": Rule(
        _without_brackets,
        (
            Example(
                "An index is most efficient with limits on its leading (leftmost) columns",
                "An index is most efficient with limits on its leading columns",
            ),
            Example("An index is most efficient with limits on its leading (at most three) columns", ""),
            Example("An index is most efficient when the call of len(x) is cheap", ""),
            Example("The option makes the compiler treat every (unused) variable as an error in the build", ""),
            Example("The kernel gives the process a (virtual) address space that is its own", ""),
            Example("The value must be an even (or prime) number that is as large as the key", ""),
        ),
        shortens=True,
    ),
}
"""Every rule by name; the tests run the examples."""


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


def _may_swap(x: str, conjunction: str, y: str) -> bool:
    """The two clauses may change places: neither needs the other for a pronoun, and their scopes are plain."""
    if "," in x or "," in y or _has_colon(x + y) or y[-1].isdigit() or _begins_with(x, _PREPOSITIONS):
        return False
    words_x, words_y = set(_words(x)), set(_words(y))
    scoped = _JOINED - {"not", "never", "no"} if conjunction == "unless" else _JOINED
    return (
        _is_clause(x)
        and (_is_clause(y) or (conjunction in ("after", "before") and _begins_with(y, _DETERMINERS)))
        and not (words_x | words_y) & (_PRONOUNS | {"both", "each"})
        and not words_x & scoped
        and not words_y & {"and", "or", "but", "so"}
        and not _leans(x, y)
    )


def _leans(*clauses: str) -> bool:
    """One of them borrows from its neighbour what it says: "a process is not"."""
    return any(_words(one)[-1] in _BORROWING or one.endswith("n't") for one in clauses)


def _needs_first(a: str, b: str) -> bool:
    """B speaks of something that A brings up: "a file is locked", "the file waits"; so it can't come first."""
    known = {word for pair in re.findall(r"\b(?:the|that|this|those|these) ([\w-]+)(?: ([\w-]+))?", b) for word in pair}
    later = {"then", "thus", "otherwise", "too", "also", "either", "such"}
    return bool(known & set(_words(a)) - _FINITE) or bool(set(_words(b)) & later)


def _is_vague(text: str) -> bool:
    """It only says what it speaks of when something stands before it: "the call", "a value"."""
    return re.search(r"\b(?:the|an? (?:value|result))\b", text, re.IGNORECASE) is not None


def _refers(text: str) -> bool:
    """A word in it points to what stands elsewhere."""
    return bool(set(_words(text)) & (_PRONOUNS | {"both"})) or _hangs(text)


def _is_scoped(text: str) -> bool:
    """More than one plain clause, or a denial or bound whose reach would be unsure."""
    words = set(_words(text))
    return bool(words & (_JOINED | _PRONOUNS | set(_CONJUNCTIONS.split("|")))) or bool(re.search(_NEGATION, text))


def _stands_alone(kept: str, dropped: str) -> bool:
    """What is left is a whole statement, long enough, and what goes bounds, denies or orders nothing."""
    words = kept.split()
    return (
        len(words) >= 8
        and _is_clause(kept)
        and _is_main_clause(kept)
        and set(re.findall(r"\b[A-Z][\w+#]*", dropped)) <= set(re.findall(r"[\w+#]+", kept))  # where it holds
        and not re.search(_NEGATION, dropped)
        and not set(_words(dropped)) & (_BOUNDS | set(_CONJUNCTIONS.split("|")) - {"because"})
        and not _begins_with(kept, {"according", "because", "if", "although", "while"})
        and not set(_words(kept)) & {"such", "so", "only"}
        and not (set(_words(kept)) & {"can", "could", "may", "might"} and re.search(r"\d", dropped))
        and not re.search(r"\b(?:depends|differs|means)\b", dropped)
    )


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
_SCOPES = set_of("all any anything both each either every everything no none only")
"""What these words say something of may be bounded by what stands in brackets."""
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
_TIED = set_of(
    "and or only just even especially except not but until immediately right shortly long soon once twice "
    "second seconds minute minutes hour hours day days week weeks month months year years time times "
    "case cases moment point is are was be"
)
"""A word of these before a conjunction belongs to it."""
_JOINED = set_of("and or but so that which who whether says said only not never no")
"""With one of these in a clause it is unsure how far the clause reaches, so it stays where it is."""
_BOUNDS = set_of(
    "only except usually normally mostly often sometimes always until provided most least unlike otherwise about both "
    "can could default each may might must should need needs required requires first"
)
"""Words that narrow what was said; what holds one of them is not left out."""
_BORROWING = set_of("is are was were has have had does do did can cannot may must will would should could might not")
"""With one of these at its end a clause says only half."""
_CONTRASTED = set_of("adds allows costs counts gives keeps makes returns stores takes uses needs reads writes")
_FINITE = _CONTRASTED | set_of(
    "is are was were has have had does do did can cannot can't may must will would should could might isn't aren't "
    "doesn't don't gets raises finds runs works fails means starts ends stops remains comes goes leaves ignores "
    "forbids discourages contains holds belongs becomes changes matches moves drops shares share pops wraps matters "
    "lets needs suits blocks forces shows sends see waits"
)
"""Words that show that a clause has a verb of its own; a clause without one of them is taken for a fragment."""
