"""Other forms for a note, true because of how they are made: a question with its answer, two things side by side, two
lines, a thread of several notes.

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
    """A note in another form. `frame`: which one made it; `format`: the format that it is, "" where it suits any."""

    text: str
    frame: str
    format: str


class Frame(NamedTuple):
    """`make` takes a note without its full stop and gives the forms it can take."""

    make: Callable[[str, Spelling], Iterator[str]]
    format: str
    unless: str = ""
    """A frame that is better where both can be."""


def framed(note: str, format_: str = "", beside: Sequence[str] = ()) -> tuple[Framed, ...]:
    """The forms that a note can take: those that are `format_`, or with "" those that suit any post.

    `beside`: other texts of the same note, which show what words are names: "leap" in one of them tells that "Leap" in
    this one has its capital from the sentence alone."""
    sentence = " ".join(note.split())
    if (
        len(sentence) > LONGEST
        or not sentence.endswith(".")
        or _has_several_sentences(sentence)
        or _UNFIT.search(sentence)
    ):
        return ()
    spelling = Spelling.of((sentence, *beside))
    made: dict[str, Framed] = {}
    for name, frame in FRAMES.items():
        if frame.format == format_ and frame.unless not in {one.frame for one in made.values()}:
            made |= {text: Framed(text, name, frame.format) for text in frame.make(sentence[:-1], spelling)}
    return tuple(made.values())


def forms(item: Item, format_: str = "") -> tuple[Framed, ...]:
    """What `framed` makes of each of a note's wordings."""
    texts = (item.text, *item.wordings)
    beside = (*texts, f"about {item.label}")
    return tuple(form for text in texts for form in framed(text, format_, beside))


@dataclass(frozen=True, slots=True)
class Spelling:
    """How a note's texts write words: small or large inside a sentence, and which begin one."""

    small: frozenset[str]
    names: frozenset[str]
    first: frozenset[str]

    @classmethod
    def of(cls, texts: Sequence[str]) -> Spelling:
        inside = re.findall(r"(?<=[\w,;:)] )[A-Za-z][a-z-]*(?![\w(./])", "\n".join(texts))
        small = frozenset(word for word in inside if word.islower())
        return cls(small, frozenset(inside) - small, frozenset(text.split()[0] for text in texts if text.split()))

    def lowered(self, text: str) -> str:
        """`text` as it reads inside a sentence; "" where it is not known."""
        first, _, rest = text.partition(" ")
        if not re.fullmatch(r"[A-Z][a-z-]*", first) or (len(first) == 1 and first != "A"):
            return text
        small = first.lower()
        if small in _SMALL or small in self.small:
            return f"{small} {rest}".rstrip()
        return text if first in self.names else ""

    def raised(self, text: str) -> str:
        """`text` as it reads at the beginning of a sentence; "" where it is not known."""
        first = text.split()[0]
        if first[0].isupper() or first[0].isdigit() or not re.fullmatch(r"[a-z]+", first):
            return text if first[0].isalnum() else ""
        return _upper(text) if first in _SMALL | _ORDERS | _POINTING or _upper(first) in self.first else ""


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
    if not found or _begins(found[2], _POINTING) or re.search(r"\A(?:which|who|whose|where)\b|\bif\b", found[3]):
        return
    condition, answer = found[2], spelling.raised(found[3])
    if len(condition.split()) < 3 or not answer or _has_verbless_start(condition):
        return
    if found[1] == "If":
        yield f"What if {condition}? {answer}."
    elif not _begins(found[3], _ORDERS) and not re.search(_DUTIES, found[3]):
        yield f"What happens when {condition}? {answer}."


def _how_to(sentence: str, spelling: Spelling) -> Iterator[str]:
    """To V, do X. → How do you V? Do X."""
    found = re.fullmatch(r"To (?!not\b)([a-z][^,;:?]+), ([^?]+)", sentence)
    if found and _begins(found[2], _ORDERS) and not _begins(found[1], _VAGUE) and not found[2].endswith("for that"):
        yield f"How do you {found[1]}? {_upper(found[2])}."


def _does_it(sentence: str, spelling: Spelling) -> Iterator[str]:
    """S does not R, because B. → Does S R? No, because B."""
    parts = _parts(sentence, spelling)
    if not parts or not parts.negated or not parts.rest:
        return
    yield f"{parts.asked()}? No{parts.tail}."


def _is_it(sentence: str, spelling: Spelling) -> Iterator[str]:
    """S can R, but B. → Can S R? Yes, but B."""
    parts = _parts(sentence, spelling)
    if parts and not parts.negated and parts.verb in ("can", "is", "are") and parts.tail.startswith(", but "):
        yield f"{parts.asked()}? Yes{parts.tail}."


def _why(sentence: str, spelling: Spelling) -> Iterator[str]:
    """S is R, because B. → Why is S R? Because B."""
    before, found, reason = sentence.partition(" because ")
    if not found or " because " in reason or _DANGLING_REASON.match(reason):
        return
    comma = before.endswith(",")
    parts = _parts(before.rstrip(","), spelling) or _with_do(before.rstrip(","), spelling)
    if parts and parts.lead == "By default":
        return  # "By default, why is …" is no English
    if parts and not parts.tail and (comma or not parts.negated) and _is_statement(reason):
        yield f"{parts.asked('why', keep_not=True)}? Because {reason}."


def _then_why(sentence: str, spelling: Spelling) -> Iterator[str]:
    """A, because B. → A. Why? Because B."""
    before, found, reason = sentence.partition(", because ")
    if not found or " because " in reason or re.search(r"[;:?]", sentence) or _begins(_led(before)[1], _ORDERS):
        return
    if _begins(before, _POINTING) or _DANGLING_REASON.match(reason):
        return
    if _is_statement(before) and _is_statement(reason):
        yield f"{before}. Why? Because {reason}."


def _what_does(sentence: str, spelling: Spelling) -> Iterator[str]:
    """S returns O. → What does S return? O. With W, S returns O. → With W, what does S return? O."""
    pattern = r"(?:((?:In|On|With) [^,]{1,40}), )?([^,;:?]{2,60}?) (return|give|yield|print)s ([^,;:?]+)"
    found = re.fullmatch(pattern, sentence)
    if not found or not re.search(r"\(\)|\w \S+ \S", found[2]) or not _is_subject(found[2]):
        return
    if re.search(r"\b(?:if|when|unless|until|while|but)\b", found[4]):
        return
    lead, subject, verb, what = found.groups()
    answer, subject = spelling.raised(what), spelling.lowered(subject)
    if answer and subject and not _begins(what, _POINTING) and re.match(r"(?:an?|the|NULL|True|False|None|\d)\b", what):
        asked = f"what does {subject} {verb}"
        yield f"{lead}, {asked}? {answer}." if lead else f"{_upper(asked)}? {answer}."


# --- Other forms -----------------------------------------------------------------------------------------------------


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


def _two_lines(sentence: str, spelling: Spelling) -> Iterator[str]:
    """By default, A; with W B. → By default: A. / With W: B."""
    found = re.fullmatch(
        r"By default, ([^,;:]+)(?:;|, but) with (\S+(?: \S+){0,3}?)(?:,| (?=it\b)) ?([^,;:]+)", sentence
    )
    if not found or not _is_statement(found[1]) or _begins(found[1], _POINTING) or found[1].split()[-1] in _POINTING:
        return
    if found[3].startswith("it ") or _is_statement(found[3]):
        yield f"By default: {found[1]}.\nWith {found[2]}: {found[3]}."


FRAMES: Mapping[str, Frame] = {
    "what if": Frame(_what_if, QUESTION),
    "how": Frame(_how_to, QUESTION),
    "no": Frame(_does_it, QUESTION),
    "yes, but": Frame(_is_it, QUESTION),
    "why": Frame(_why, QUESTION),
    "then why": Frame(_then_why, QUESTION, unless="why"),
    "what does it": Frame(_what_does, QUESTION),
    "versus": Frame(_versus, COMPARISON),
    "two lines": Frame(_two_lines, ""),
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
        return f"{self.lead}, {asked}" if self.lead else _upper(asked)


def _parts(sentence: str, spelling: Spelling) -> _Parts | None:
    """The parts of a statement with an auxiliary verb; None where they are not known for sure."""
    lead, body = _led(sentence)
    found = re.fullmatch(rf"(.+?) (?:(can)(not)|({_AUXILIARIES})(n't| not)?) ([^,;:?]+)((?:[,;:] .+)?)", body)
    if not found:
        return None
    rest, tail = found[6], found[7]
    verb, negation = found[2] or found[4], found[3] or found[5]
    subject = spelling.lowered(found[1]) if not lead else found[1]
    if not subject or not _is_subject(subject) or re.search(_NARROW if negation else _NEGATIVE, rest):
        return None
    if not negation and (verb in ("does", "do", "did") or re.search(_FINITE, rest) or not rest[0].isalpha()):
        return None
    return _Parts(lead, subject, verb, bool(negation), rest, tail) if _tail_holds(tail) else None


def _with_do(sentence: str, spelling: Spelling) -> _Parts | None:
    """The parts of a statement whose verb is a plain one of the list: "returns x" as "does … return x"."""
    lead, body = _led(sentence)
    found = re.fullmatch(rf"(.+?) ({_PLAIN_VERBS})s ([^,;:?]+)", body)
    if not found or not _is_subject(found[1]) or re.search(f"{_NEGATIVE}|{_FINITE}", found[3]):
        return None
    subject = found[1] if lead else spelling.lowered(found[1])
    return _Parts(lead, subject, "does", False, f"{found[2]} {found[3]}", "") if subject else None


def _led(sentence: str) -> tuple[str, str]:
    """What stands before the subject ("In Go"), and the rest."""
    found = re.fullmatch(r"((?:In|On|By|With|For|After|At|Under) [^,;:]{1,40}), (.+)", sentence)
    return (found[1], found[2]) if found and not re.search(_FINITE, found[1]) else ("", sentence)


def _is_subject(text: str) -> bool:
    """A noun phrase alone: no clause, no verb, no word that points back, no quantity that a "no" would shift."""
    words = text.split()
    return (
        len(words) <= 9
        and not re.search(r"[,;:?]", text)
        and not re.search(_CLAUSE_WORDS, text, re.IGNORECASE)
        and not re.search(_FINITE, " ".join(words[1:]))
        and not _begins(text, _POINTING | _QUANTITIES | _ORDERS | _LEADS)
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
        return bool(re.search(_FINITE, clause))
    if re.match(rf"{_FINITE}|[a-z]+s (?:an?|the|to|from|for|it|them|no)\b", clause):
        return False  # its subject is the one before
    return _is_statement(clause) and not (found[1] == "and" and first in ("it", "they"))


def _is_statement(text: str) -> bool:
    """It has a verb after its first word, and is no order."""
    return bool(re.search(_FINITE, text.partition(" ")[2])) and not _begins(text, _ORDERS)


def _has_verbless_start(condition: str) -> bool:
    """A clause that borrows its subject from the next: "simply called", "set to on", "comparing two"."""
    return not re.search(_FINITE, condition.partition(" ")[2]) or _begins(condition, {"simply", "not", "used", "set"})


def _leads(half: str, name: str) -> bool:
    """The name stands in the half's first words: it is what the half is about."""
    return name in " ".join(half.split()[:5])


def _form(name: str) -> str:
    """What kind of code word it is: names of one kind can be set against each other."""
    return "call" if name.endswith(")") else "option" if name.startswith("-") else "name"


def _begins(text: str, words: frozenset[str] | set[str]) -> bool:
    first = re.match(r"[\w'’]+", text)
    return bool(first) and first[0].casefold() in words  # type: ignore[index]


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def _has_several_sentences(text: str) -> bool:
    return bool(re.search(r"[.!?]['\")]* (?=[A-Z\d])", text[:-1])) and not re.search(
        r"\b(?:e\.g|i\.e|vs)\. [A-Z]", text
    )


_DANGLING_REASON = re.compile(r"(?:those|one|another|n?either)\b|(?:that|this) \w+s\b")
_UNFIT = re.compile(r"[\"“”«»?\n]|\(s\)|\be\.g\.|\bi\.e\.|–|—")
_CODE_NAME = re.compile(r"(?<![\w.])[\w.]*\w\([\w*]?\)|(?<!\S)--?[A-Za-z][\w-]*|(?<![\w-])\w+_\w+(?![\w(])")
_AUXILIARIES = r"is|are|was|were|can|could|must|should|will|does|do|did"
_FINITE = (
    r"\b(?:is|are|was|were|has|have|had|does|do|did|can|cannot|could|may|might|must|should|will|would|adds|affects"
    r"|allows|applies|asks|avoids|becomes|begins|belongs|blocks|calls|causes|changes|closes|comes|compares|contains"
    r"|continues|converts|copies|costs|counts|creates|defers|depends|discards|drops|ends|evaluates|exits|expects|fails"
    r"|filters|finds|follows|forbids|forces|gets|gives|goes|grows|guarantees|helps|holds|ignores|includes|indicates"
    r"|inherits|interprets|invokes|keeps|leaves|lets|loses|makes|matches|means|measures|modifies|monitors|needs|opens"
    r"|overwrites|parses|passes|performs|points|prevents|prints|produces|prohibits|provides|puts|raises|reaches|reads"
    r"|receives|recommends|refers|refuses|rejects|releases|remains|remembers|removes|represents|requires|respects"
    r"|returns|rounds|runs|says|seems|selects|sends|sets|shares|shows|sorts|splits|stands|starts|stays|stops|stores"
    r"|suits|takes|tells|tests|tests|throws|tracks|treats|truncates|tries|turns|uses|waits|works|wraps|writes|yields)\b"
)
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
_PLAIN_VERBS = (
    "return give take keep make need use store remove allow avoid ignore run suit require print raise yield stop "
    "start leave convert compare count treat contain accept reject skip reuse sort read write block wait close open"
).replace(" ", "|")
_POINTING = set_of("it its they their them this that these those he she his her such then there one another we our i")
_QUANTITIES = set_of("all any both each either every everything few many most neither no nobody none nothing only some")
_LEADS = set_of(
    "after at before by during for from in on since under until when while with within without if unless to"
)
_SMALL = _LEADS | set_of(
    "a an the each every most some several many few two three no its their adding calling closing declaring joining "
    "passing reading setting sorting storing using writing"
)
"""Words whose capital comes from the beginning of a sentence alone."""
_VAGUE = set_of("be do have get")
_ORDERS = set_of(
    "add always ask avoid await call cast check choose close consider convert declare do don't escape export give "
    "keep let look make mark never note only open pair pass pick prefer press put quote read remember run see set "
    "start store take test treat try turn use wait wrap write type"
)
"""Words that begin an order."""
