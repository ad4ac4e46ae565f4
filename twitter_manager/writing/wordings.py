"""Other ways to say a note that are true because of how they are made: rules that keep the meaning, and human openers.

A rule rather stays silent than risks a wrong or clumsy sentence, so each has guards and most notes meet only a few.
English only. Which wording is posted is decided elsewhere; nothing here knows a model.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

MOST_VARIANTS = 8
"""Per note, itself included."""
MOST_SYNONYMS = 2
FORGET = 0.85
"""How much of an opener's use still counts one post later."""

OPENERS = (
    "Worth knowing:",
    "Good to know:",
    "Worth remembering:",
    "Useful to know:",
    "Easy to forget:",
    "Easy to miss:",
    "Easy to overlook:",
    "Keep in mind:",
    "Worth keeping in mind:",
    "Reminder:",
    "Quick reminder:",
    "Small reminder:",
    "A small reminder:",
    "Note to self:",
    "A note for later:",
    "Quick note:",
    "Small detail:",
    "A detail worth knowing:",
    "A small thing worth knowing:",
    "One to remember:",
    "One for the notebook:",
    "Something to remember:",
    "Did you know?",
    "A quick fact.",
    "A small fact.",
)
"""Openers that fit every fact. None names a source, a rank or a date, and none says who does not know it."""

LABEL_OPENERS = ("{label} note:", "{label} reminder:", "{label} fact:", "{label} detail:")
"""Openers with the topic that a person put on the note."""
TIP_OPENER = "{label} tip:"
"""The one for notes that are posted as a tip."""

SYNONYMS: tuple[tuple[str, str], ...] = (
    (r"does not", "doesn't"),
    (r"doesn't", "does not"),
    (r"do not", "don't"),
    (r"don't", "do not"),
    (r"did not", "didn't"),
    (r"cannot", "can't"),
    (r"can't", "cannot"),
    (r"is not", "isn't"),
    (r"isn't", "is not"),
    (r"are not", "aren't"),
    (r"aren't", "are not"),
    (r"needs(?= (?:an?|the|no|one|two|at|its|each) )", "requires"),
    (r"requires(?= (?:an?|the|no|one|two|at|its|each) )", "needs"),
    (r"about(?= \d| O\()", "roughly"),
    (r"roughly(?= \d| O\()", "about"),
    (r"at most(?= \d)", "no more than"),
    (r"no more than(?= \d)", "at most"),
    (r"at the beginning of", "at the start of"),
    (r"at the start of", "at the beginning of"),
    (r"begins with", "starts with"),
    (r"whenever", "every time"),
    (r"(?<!, )in order to", "to"),
    (r"prior to", "before"),
    (r"towards", "toward"),
)
"""Whole phrases (as patterns, lower case) and what may stand for them. What follows is checked where grammar hangs on
it: "needs a lock" may become "requires a lock", "needs to wait" may not."""


@dataclass(frozen=True, slots=True)
class Variant:
    """A wording and the names of the rules that made it, none for what a person wrote."""

    text: str
    rules: tuple[str, ...] = ()


def variants(note: str, names: frozenset[str] = frozenset()) -> tuple[Variant, ...]:
    """`note` itself, then true variants of it: at most one structure rule, then up to two synonyms.

    `names` are words that keep their capital inside a sentence (see `names_in`).
    """
    base = Variant(note)
    shaped = [base, *(Variant(text, (name,)) for name, text in _restructured(note, names))]
    found = {variant.text: variant for variant in shaped}
    for count in range(1, MOST_SYNONYMS + 1):
        for variant in shaped:
            for text, rules in _with_synonyms(variant.text, count):
                found.setdefault(text, Variant(text, variant.rules + rules))
    return tuple(itertools.islice(found.values(), MOST_VARIANTS))


def names_in(label: str, texts: Sequence[str]) -> frozenset[str]:
    """Words that are names: the label's, and those with a capital in the middle of a sentence."""
    inside = re.findall(r"(?<=[a-z,] )[A-Z][a-z]+\b", "\n".join(texts))
    return frozenset({*inside, *label.split()} - {word.capitalize() for word in _LOWERED})


def openers_for(body: str, label: str = "", form: str = "") -> tuple[str, ...]:
    """The openers that fit `body`, "" (none) first. One with a colon needs a body without; one with the label needs a
    body that does not begin with it."""
    fitting = ["", *(opener for opener in OPENERS if not (opener.endswith(":") and _has_colon(body)))]
    named = re.search(rf"(?<!\w){re.escape(label)}(?!\w)", " ".join(body.split()[:4]), re.IGNORECASE)
    if _names_topic(label) and not _has_colon(body) and not named:
        forms = (*LABEL_OPENERS, TIP_OPENER) if form == "tip" else LABEL_OPENERS
        fitting += [one.format(label=label) for one in forms]
    return tuple(fitting)


def open_with(opener: str, body: str) -> str:
    return f"{opener} {body}" if opener else body


def opener_uses(openers: Sequence[str], recent: Sequence[str], label: str = "") -> Mapping[str, float]:
    """How much each opener ("": none) was used in `recent`, newest first; a use counts less with every post since."""
    uses = dict.fromkeys(openers, 0.0)
    own = {one.format(label=label): _label_opener(one) for one in (*LABEL_OPENERS, TIP_OPENER)} if label else {}
    for age, post in enumerate(recent):
        bare = True
        for opener in openers:
            seen = bool(own[opener].match(post)) if opener in own else bool(opener) and post.startswith(opener + " ")
            if seen:
                uses[opener] += FORGET**age
                bare = False
        if bare and "" in uses and not any(post.startswith(opener + " ") for opener in OPENERS):
            uses[""] += FORGET**age
    return uses


def new_share(text: str, recent: Sequence[str]) -> float:
    """The share (0 to 1) of the text's pairs of words that none of the `recent` posts has."""
    mine = _bigrams(text)
    if not mine:
        return 1.0
    return len(mine - set().union(*map(_bigrams, recent))) / len(mine)


# --- Structure rules: each takes a sentence without its full stop and gives the ways in which it may be put. ---------


def _semicolon_to_stop(sentence: str, names: frozenset[str]) -> Iterator[str]:
    """A; B. → A. B."""
    if halves := _halves(sentence, "; "):
        a, b = halves
        if (start := _raised(b)) and _is_clause(b):
            yield f"{a}. {start}"


def _semicolon_to_while(sentence: str, names: frozenset[str]) -> Iterator[str]:
    """A; B. → A, while B. Only for a contrast: both halves have the same verb."""
    if halves := _halves(sentence, "; "):
        a, b = halves
        alike = set(_words(a)) & set(_words(b)) & _CONTRASTED
        if alike and _is_clause(b) and not _hangs(b) and "," not in a + b:
            yield f"{a}, while {b}"


def _but_to_while(sentence: str, names: frozenset[str]) -> Iterator[str]:
    """A, but B. → While A, B."""
    if halves := _halves(sentence, ", but "):
        a, b = halves
        first = _lowered(a, names)
        if first and _is_simple(a) and _is_clause(a) and _is_clause(b) and not _hangs(a) and not _hangs(b):
            yield f"While {first}, {b}"


def _but_to_however(sentence: str, names: frozenset[str]) -> Iterator[str]:
    """A, but B. → A. However, B."""
    if halves := _halves(sentence, ", but "):
        a, b = halves
        if _is_clause(a) and _is_clause(b) and not _has_colon(a):
            yield f"{a}. However, {b}"


def _so_to_why(sentence: str, names: frozenset[str]) -> Iterator[str]:
    """A, so B. → A. That is why B."""
    if halves := _halves(sentence, ", so "):
        a, b = halves
        if _is_clause(a) and _is_clause(b) and not _has_colon(a):
            yield f"{a}. That is why {b}"


def _so_to_colon(sentence: str, names: frozenset[str]) -> Iterator[str]:
    """A, so B. → A: B."""
    if halves := _halves(sentence, ", so "):
        a, b = halves
        if _is_clause(a) and _is_clause(b) and not _hangs(b) and not _has_colon(sentence):
            yield f"{a}: {b}"


def _reason_first(sentence: str, names: frozenset[str]) -> Iterator[str]:
    """X unless Y. → Unless Y, X. Also because, if, when, whenever, after and before."""
    found = re.fullmatch(rf"(.+?),? ({_CONJUNCTIONS}) (.+)", sentence)
    if not found or len(re.findall(rf"\b(?:{_CONJUNCTIONS})\b", sentence)) != 1:
        return
    x, conjunction, y = found.groups()
    first = _lowered(x, names)
    if first and _may_swap(x, conjunction, y) and _words(x)[-1] not in _TIED and not x[-1].isdigit():
        yield f"{conjunction.capitalize()} {y}, {first}"


def _reason_last(sentence: str, names: frozenset[str]) -> Iterator[str]:
    """Unless Y, X. → X unless Y. And the other conjunctions."""
    found = re.fullmatch(rf"({_CONJUNCTIONS.title()}) ([^,]+), ([^,]+)", sentence)
    if not found or re.search(rf"\b(?:{_CONJUNCTIONS})\b", f"{found[2]} {found[3]}"):
        return
    conjunction, y, x = found.groups()
    first = _raised(x)
    if first and _may_swap(x, conjunction.lower(), y):
        yield f"{first} {conjunction.lower()} {y}"


STRUCTURE: Mapping[str, Callable[[str, frozenset[str]], Iterator[str]]] = {
    "semicolon to stop": _semicolon_to_stop,
    "semicolon to while": _semicolon_to_while,
    "but to while": _but_to_while,
    "but to however": _but_to_however,
    "so to why": _so_to_why,
    "so to colon": _so_to_colon,
    "reason first": _reason_first,
    "reason last": _reason_last,
}


def _restructured(note: str, names: frozenset[str]) -> Iterator[tuple[str, str]]:
    """The note with one sentence of it put differently, by one rule."""
    sentences = re.split(r"(?<=[.!?]) (?=[A-Z])", note)
    for at, sentence in enumerate(sentences):
        if sentence.endswith(".") and not sentence.endswith("..") and not _has_quote(sentence):
            for name, rule in STRUCTURE.items():
                for text in rule(sentence[:-1], names):
                    whole = " ".join([*sentences[:at], f"{text}.", *sentences[at + 1 :]])
                    if len(re.findall(r": ", whole)) <= 1:
                        yield name, whole


def _with_synonyms(text: str, count: int) -> Iterator[tuple[str, tuple[str, ...]]]:
    """`text` with `count` synonyms put in, none of which touches another's words."""
    outside = _outside_quotes(text)
    fitting = [(phrase, new) for phrase, new in SYNONYMS if _phrase(phrase).search(outside)]
    for chosen in itertools.combinations(fitting, count):
        spans = sorted((hit.span(), new) for phrase, new in chosen for hit in _phrase(phrase).finditer(outside))
        if all(one[0][1] <= two[0][0] for one, two in itertools.pairwise(spans)):
            changed = text
            for (begin, end), new in reversed(spans):
                changed = changed[:begin] + new + changed[end:]
            yield changed, tuple(f"{_phrase_name(phrase)} → {new}" for phrase, new in chosen)


# --- Guards ----------------------------------------------------------------------------------------------------------


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_CONJUNCTIONS = "because|unless|whenever|when|if|after|before"
_SUBORDINATORS = _set("although as because before after if once since though unless until when whenever while")
_PREPOSITIONS = _set("at between by during for from in inside of on outside to under with within without")
_DETERMINERS = _set("a all an both each every many most no some the two")
_PRONOUNS = _set(
    "another any either he her his i it its itself neither one ones other others our same she such that their them "
    "themselves then there these they this those we which who you your"
)
_GERUNDS = _set(
    "adding calling closing comparing deleting inserting opening ordering passing reading receiving running sending "
    "setting sorting using writing"
)
_ORDERS = _set(
    "add always ask avoid call check choose close do don't give keep let lock make never note only open pass patch "
    "pick prefer put quote read remember run set store take test treat try turn use wait wrap write"
)
"""Words that begin an order, which is no statement that something could follow from."""
_LOWERED = _DETERMINERS | _PRONOUNS | _PREPOSITIONS | _SUBORDINATORS | _GERUNDS
"""The only words whose capital may be taken away or given: of others it is not known whether they are names or code."""
_TIED = _set(
    "and or only just even especially except not but until immediately right shortly long soon "
    "second seconds minute minutes hour hours day days week weeks month months year years time times "
    "case cases moment point is are was be"
)
"""A word of these before a conjunction belongs to it."""
_JOINED = _set("and or but so that which who whether says said only not never no")
"""With one of these in a clause it is unsure how far the clause reaches, so it stays where it is."""
_CONTRASTED = _set("adds allows costs counts gives keeps makes returns stores takes uses needs reads writes")
_FINITE = _CONTRASTED | _set(
    "is are was were has have had does do did can cannot can't may must will would should could might isn't aren't "
    "doesn't don't gets raises finds runs works fails means starts ends stops remains comes goes leaves ignores "
    "forbids discourages contains holds belongs becomes changes matches moves drops shares share pops wraps matters "
    "lets needs suits blocks forces shows sends see waits"
)
"""Words that show that a clause has a verb of its own; a clause without one of them is taken for a fragment."""


def _halves(sentence: str, mark: str) -> tuple[str, str] | None:
    """What stands before and after the one `mark` of a sentence that has no other of its kind."""
    a, found, b = sentence.partition(mark)
    if (
        not found
        or mark in b
        or any(other in sentence for other in ("; ", ", but ", ", so ", " – ", " — ") if other != mark)
    ):
        return None
    return (a, b) if a and b and not a[-1].isspace() else None


def _is_clause(text: str) -> bool:
    """It has a subject and, after it, a verb: no order ("use a lock"), no fragment."""
    first, *rest = text.split()
    word = first.strip("`'\"").casefold()
    subject = word in _LOWERED or not re.fullmatch(r"[a-z]+", first)
    return (
        subject
        and word not in _SUBORDINATORS | _ORDERS
        and bool(_FINITE & set(" ".join(rest).casefold().rstrip(".").split()))
    )


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
        and not (words_x | words_y) & _PRONOUNS
        and not words_x & scoped
        and not words_y & {"and", "or", "but", "so"}
    )


def _hangs(text: str) -> bool:
    """It begins with a word that points back, so it can't be moved."""
    return _begins_with(text, _PRONOUNS) or text.casefold().startswith(("the other", "the same", "the latter"))


def _begins_with(text: str, words: frozenset[str]) -> bool:
    return _words(text)[:1] != [] and _words(text)[0] in words


def _lowered(text: str, names: frozenset[str]) -> str:
    """`text` as it reads inside a sentence; "" where that is not known."""
    first = text.split()[0]
    plain = first.removesuffix("'s")
    if not first[0].isupper() or plain in names or not re.fullmatch(r"[A-Z][a-z]*", plain):
        return text
    return first[0].lower() + text[1:] if first.casefold() in _LOWERED else ""


def _raised(text: str) -> str:
    """`text` as it reads at the beginning of a sentence; "" where that is not known."""
    first = text.split()[0]
    if first.casefold() in _LOWERED or first[0].isupper():
        return text[0].upper() + text[1:]
    return ""


def _names_topic(label: str) -> bool:
    return bool(re.fullmatch(r"[\w+#.]{1,20}", label))


def _has_colon(text: str) -> bool:
    return ": " in text


def _has_quote(text: str) -> bool:
    return any(mark in text for mark in '"“”«»')


def _outside_quotes(text: str) -> str:
    """`text` with what stands in quotation marks or backticks blanked out, so that no rule touches it."""
    return re.sub(r"`[^`]*`|\"[^\"]*\"|“[^”]*”|«[^»]*»", lambda found: "\0" * len(found[0]), text)


@cache
def _phrase(phrase: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w'’.\-/]){phrase}(?![\w'’\-/(=])")


def _phrase_name(phrase: str) -> str:
    return phrase.partition("(?=")[0]


@cache
def _label_opener(template: str) -> re.Pattern[str]:
    return re.compile(template.replace("{label}", r"[\w+#.]{1,20}") + " ")


def _words(text: str) -> list[str]:
    return re.findall(r"[\w'’+#]+", text.casefold())


def _bigrams(text: str) -> set[tuple[str, str]]:
    return set(itertools.pairwise(_words(text)))
