"""Other forms for a note, true because of how they are made: a question with its answer, two things side by side, a
thread of several notes.

A frame takes a note apart at one place and puts the pieces, word for word, into a form that a person wrote. It rather
stays silent than risks a wrong or clumsy sentence, so each has guards and most notes meet only one or two. English
only. Which text is posted is decided elsewhere; nothing here knows a model. Rules that keep a note's form are in
`wordings`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from twitter_manager.domain import Item
from twitter_manager.english import set_of
from twitter_manager.writing.clauses import (
    AUXILIARIES,
    FINITE,
    ORDERS,
    POINTING,
    PREPOSITIONS,
    SUBORDINATORS,
    Spelling,
    begins,
    has_verb,
    is_statement,
    upper,
)

QUESTION, COMPARISON, THREAD = "question", "comparison", "thread"
LONGEST = 400
"""Characters of a note; what is longer is no short fact."""
LEAST_NOTES, MOST_NOTES = 2, 7
"""How many notes a thread has, one a part, beside its first part."""

INTROS = (
    "{number} things worth knowing about {label}.",
    "{number} small facts about {label}.",
    "{number} things about {label} that are easy to miss.",
    "{number} details of {label}, one a post.",
)
PLAIN_INTROS = ("{label}: {count} things worth knowing.", "{label}: {count} small facts, one a post.")
"""For a label that is not known to read well inside a sentence."""
_NUMBERS = ("zero", "one", "two", "three", "four", "five", "six", "seven")


@dataclass(frozen=True, slots=True)
class Framed:
    """A note in another form. `frame`: which one made it; `format`: the format that it is."""

    text: str
    frame: str
    format: str


class Frame(NamedTuple):
    """`make` takes a note without its full stop and gives the forms it can take."""

    make: Callable[[str, Spelling], Iterator[str]]
    format: str
    unless: str = ""
    """A frame that is better where both can be."""


def framed(note: str, format_: str, spelling: Spelling) -> tuple[Framed, ...]:
    """The forms of this format that a note can take."""
    sentence = " ".join(note.split())
    if (
        len(sentence) > LONGEST
        or not sentence.endswith(".")
        or _has_several_sentences(sentence)
        or _UNFIT.search(sentence)
    ):
        return ()
    made: dict[str, Framed] = {}
    for name, frame in FRAMES.items():
        if frame.format == format_ and frame.unless not in {one.frame for one in made.values()}:
            made |= {text: Framed(text, name, frame.format) for text in frame.make(sentence[:-1], spelling)}
    return tuple(made.values())


def forms(item: Item, format_: str) -> tuple[Framed, ...]:
    """What `framed` makes of each of a note's wordings."""
    texts = (item.text, *item.wordings)
    spelling = Spelling.of(texts, item.label)
    return tuple(form for text in texts for form in framed(text, format_, spelling))


# --- Threads ---------------------------------------------------------------------------------------------------------


def names_label(item: Item) -> bool:
    """A text of the note has its label in it, so that readers see what it is about."""
    texts = " ".join((item.text, *item.wordings))
    return bool(item.label) and re.search(rf"(?<!\w){re.escape(item.label)}(?!\w)", texts, re.IGNORECASE) is not None


def _alike(items: Sequence[Item]) -> Sequence[Item]:
    """Those of the notes that name the label which all share; none where they share none."""
    return [item for item in items if names_label(item)] if len({item.label for item in items}) == 1 else []


def intros(items: Sequence[Item]) -> tuple[str, ...]:
    """First parts for a thread of these notes, one a part: made of their label and their number. Only notes that name
    their label count; none where they are too few or too many."""
    items = _alike(items)
    if not LEAST_NOTES <= len(items) <= MOST_NOTES:
        return ()
    label, count = items[0].label, _NUMBERS[len(items)]
    every: tuple[str, ...] = PLAIN_INTROS
    if re.search(rf"[a-z,] {re.escape(label)}(?!\w)", " ".join(item.text for item in items)):
        every = (*INTROS, *PLAIN_INTROS)
    return tuple(one.format(label=label, number=count.capitalize(), count=count) for one in every)


def threads(items: Sequence[Item], fits: Callable[[str], bool], seed: int) -> tuple[tuple[str, ...], ...]:
    """Threads of these notes: a first part, then each note that names their subject in one of its wordings. None where
    a part doesn't fit."""
    bodies = []
    for item in _alike(items):
        fitting = [text for text in (item.text, *item.wordings) if fits(text)]
        if not fitting:
            return ()
        bodies.append(fitting[seed % len(fitting)])
    firsts = [text for text in intros(items) if fits(text)]
    turn = seed % max(1, len(firsts))
    return tuple((first, *bodies) for first in firsts[turn:] + firsts[:turn])


# --- Questions -------------------------------------------------------------------------------------------------------


def _what_if(sentence: str, spelling: Spelling) -> Iterator[str]:
    """If P, Q. → What if P? Q. And What happens when P? Q."""
    found = re.fullmatch(r"(If|When) ([^,;:?]+), ([^;?]+)", sentence)
    if not found or begins(found[2], POINTING) or re.search(r"\A(?:which|who|whose|where)\b|\bif\b", found[3]):
        return
    condition, answer = found[2], spelling.raised(found[3])
    if len(condition.split()) < 3 or not answer or _has_verbless_start(condition):
        return
    if found[1] == "If":
        yield f"What if {condition}? {answer}."
    elif not begins(found[3], ORDERS) and not re.search(_DUTIES, found[3]):
        yield f"What happens when {condition}? {answer}."


def _how_to(sentence: str, spelling: Spelling) -> Iterator[str]:
    """To V, do X. → How do you V? Do X."""
    found = re.fullmatch(r"To (?!not\b)([a-z][^,;:?]+), ([^?]+)", sentence)
    if found and begins(found[2], ORDERS) and not begins(found[1], _VAGUE) and not found[2].endswith("for that"):
        yield f"How do you {found[1]}? {upper(found[2])}."


def _does_it(sentence: str, spelling: Spelling) -> Iterator[str]:
    """S does not R, because B. → Does S R? No, because B."""
    parts = _parts(sentence, spelling)
    if not parts or not parts.negated or not parts.rest:
        return
    yield f"{parts.asked()}? No{parts.tail}."


def _why(sentence: str, spelling: Spelling) -> Iterator[str]:
    """S is R, because B. → Why is S R? Because B."""
    before, found, reason = sentence.partition(" because ")
    if not found or " because " in reason or _DANGLING_REASON.match(reason):
        return
    comma = before.endswith(",")
    parts = _parts(before.rstrip(","), spelling)
    if parts and parts.lead == "By default":
        return  # "By default, why is …" is no English
    if parts and not parts.tail and (comma or not parts.negated) and is_statement(reason):
        yield f"{parts.asked('why', keep_not=True)}? Because {reason}."


def _then_why(sentence: str, spelling: Spelling) -> Iterator[str]:
    """A, because B. → A. Why? Because B."""
    before, found, reason = sentence.partition(", because ")
    if not found or " because " in reason or re.search(r"[;:?]", sentence) or begins(_led(before)[1], ORDERS):
        return
    if begins(before, POINTING) or _DANGLING_REASON.match(reason):
        return
    if is_statement(before) and is_statement(reason):
        yield f"{before}. Why? Because {reason}."


# --- Comparisons -----------------------------------------------------------------------------------------------------


def _versus(sentence: str, spelling: Spelling) -> Iterator[str]:
    """x() …, while y() … → x() or y()? x() …, while y() …"""
    halves = re.split(r", while |; |, but ", sentence)
    if len(halves) != 2:
        return
    named = [_CODE_NAME.findall(half) for half in halves]
    if any(len(set(names)) != 1 for names in named):
        return
    (one, *_), (other, *_) = named
    if re.match(r"(?:only )?(?:if|when|unless|after|before|until)\b", halves[1]):
        return  # a condition, nothing to compare
    same_form = _form(one) == _form(other)
    if same_form and one not in other and other not in one and _leads(halves[0], one) and _leads(halves[1], other):
        yield f"{one} or {other}? {sentence}."


FRAMES: Mapping[str, Frame] = {
    "what if": Frame(_what_if, QUESTION),
    "how": Frame(_how_to, QUESTION),
    "no": Frame(_does_it, QUESTION),
    "why": Frame(_why, QUESTION),
    "then why": Frame(_then_why, QUESTION, unless="why"),
    "versus": Frame(_versus, COMPARISON),
}
"""Every frame by name; the tests hold what each makes and leaves."""


# --- Taking a sentence apart -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Parts:
    """A statement: `lead` ("In Go"), subject, its first verb, what follows, and what is joined to it (", so …")."""

    lead: str
    subject: str
    verb: str
    negated: bool
    rest: str
    tail: str

    def asked(self, word: str = "", *, keep_not: bool = False) -> str:
        """The statement as a question without its mark: yes or no, or one that begins with `word`."""
        verb = self.verb
        if self.negated and verb == "must" and not keep_not:
            verb = "may"  # "must not" is no lack of a duty
        words = [word, verb, self.subject, "not" if self.negated and keep_not else "", self.rest]
        asked = " ".join(filter(None, words))
        return f"{self.lead}, {asked}" if self.lead else upper(asked)


def _parts(sentence: str, spelling: Spelling) -> _Parts | None:
    """The parts of a statement with an auxiliary verb; None where they are not known for sure."""
    lead, body = _led(sentence)
    found = re.fullmatch(rf"(.+?) (?:(can)(not)|({AUXILIARIES})(n't| not)?) ([^,;:?]+)((?:[,;:] .+)?)", body)
    if not found:
        return None
    rest, tail = found[6], found[7]
    verb, negation = found[2] or found[4], found[3] or found[5]
    subject = spelling.lowered(found[1]) if not lead else found[1]
    if not subject or not _is_subject(subject) or re.search(_NARROW if negation else _NEGATIVE, rest):
        return None
    if not negation and (verb in ("does", "do", "did") or has_verb(rest) or not rest[0].isalpha()):
        return None
    return _Parts(lead, subject, verb, bool(negation), rest, tail) if _tail_holds(tail) else None


def _led(sentence: str) -> tuple[str, str]:
    """What stands before the subject ("In Go"), and the rest."""
    found = re.fullmatch(r"((?:In|On|By|With|For|After|At|Under) [^,;:]{1,40}), (.+)", sentence)
    return (found[1], found[2]) if found and not has_verb(found[1]) else ("", sentence)


def _is_subject(text: str) -> bool:
    """A noun phrase alone: no clause, no verb, no word that points back, no quantity that a "no" would shift."""
    words = text.split()
    return (
        len(words) <= 9
        and not re.search(r"[,;:?]", text)
        and not re.search(_CLAUSE_WORDS, text, re.IGNORECASE)
        and not has_verb(" ".join(words[1:]))
        and not begins(text, POINTING | _QUANTITIES | ORDERS | PREPOSITIONS | SUBORDINATORS)
    )


def _tail_holds(tail: str) -> bool:
    """What follows the statement can follow "Yes" or "No" as it is."""
    if not tail:
        return True
    found = re.match(r", (because|so|but|and|since) (.+)|([;:]) (.+)", tail)
    if not found or re.match(r", so that\b", tail):
        return False
    clause = found[2] or found[4]
    first = clause.split()[0]
    if found[3] and (first in ("that", "this", "those", "these", "otherwise", "with") or "=" in first):
        return False
    if found[1] in ("because", "so", "since") or found[3]:
        return has_verb(clause)
    if begins(clause, FINITE) or re.match(r"[a-z]+s (?:an?|the|to|from|for|it|them|no)\b", clause):
        return False  # its subject is the one before
    return is_statement(clause) and not (found[1] == "and" and first in ("it", "they"))


def _has_verbless_start(condition: str) -> bool:
    """A clause that borrows its subject from the next: "simply called", "set to on", "comparing two"."""
    return not has_verb(condition.partition(" ")[2]) or begins(condition, {"simply", "not", "used", "set"})


def _leads(half: str, name: str) -> bool:
    """The name stands in the half's first words: it is what the half is about."""
    return name in " ".join(half.split()[:5])


def _form(name: str) -> str:
    """What kind of code word it is: names of one kind can be set against each other."""
    return "call" if name.endswith(")") else "option" if name.startswith("-") else "name"


def _has_several_sentences(text: str) -> bool:
    return bool(re.search(r"[.!?]['\")]* (?=[A-Z\d])", text[:-1])) and not re.search(
        r"\b(?:e\.g|i\.e|vs)\. [A-Z]", text
    )


_DANGLING_REASON = re.compile(r"(?:those|one|another|n?either)\b|(?:that|this) \w+s\b")
_UNFIT = re.compile(r"[\"“”«»?\n]|\(s\)|\be\.g\.|\bi\.e\.|–|—")
_CODE_NAME = re.compile(r"(?<![\w.])[\w.]*\w\([\w*]?\)|(?<!\S)--?[A-Za-z][\w-]*|(?<![\w-])\w+_\w+(?![\w(])")
_CLAUSE_WORDS = (
    r"\b(?:always|usually|normally|often|that|which|who|whose|where|when|if|because|unless|until|while|although|and|or|but|so|than|it|they|there|to"
    r"|this|these|those|not|never|no|only|even|just|also)\b"
)
_NEGATIVE = r"\b(?:not|no|never|nothing|none|neither|nor|only|cannot|without|unless|until|hardly|barely)\b|n't\b"
_NARROW = (
    _NEGATIVE
    + r"|\b(?:and|but|before|except|rather|instead|just|even|either|too|as well|yet|any more|longer|merely|simply"
    r"|necessarily|also|than|both|all|every|each|if|when|whenever|once|after|which|who|whose|where|while|since|because)\b"
)
"""Words that a negation reaches: with one of them "Does S R? No" may say something else than "S does not R"."""
_DUTIES = r"\b(?:must|should|need|needs|may)\b"
_QUANTITIES = set_of("all any both each either every everything few many most neither no nobody none nothing only some")
_VAGUE = set_of("be do have get")
