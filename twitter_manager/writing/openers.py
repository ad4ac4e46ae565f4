"""What people put before and after a fact, and what a bot's latest posts looked like: openers, closings, shapes.

All of it fits any fact: none names a source, a rank or a date, and none says who does not know it. Which of them a post
gets is decided in `chooser`; nothing here knows a model. English only, save a persona's own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from twitter_manager import english
from twitter_manager.domain import Persona
from twitter_manager.writing import frames
from twitter_manager.writing.clauses import ORDERS, begins

FORGET = 0.85
"""How much of a use still counts one post later."""
WINDOW, MOST_USES = 99, 7
"""An opener or a closing stands in at most one more than so many of any window and the post after it."""

TOPIC = "{topic}"
"""Stands in an opener for the label that a person put on the note."""
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
    "Note to self:",
    "Quick note:",
    "Small detail:",
    "A detail worth knowing:",
    "A small thing worth knowing:",
    "One to remember:",
    "One for the notebook:",
    "Something to remember:",
    "Did you know?",
    "A quick fact.",
    "{topic} note:",
    "{topic} reminder:",
    "{topic} fact:",
    "{topic} detail:",
)
TIP_OPENERS = ("Small tip:", "A tip:", "{topic} tip:")
"""For notes that tell what to do."""
OF_FACTS = frozenset(
    ("Did you know?", "A quick fact.", "Small detail:", "A detail worth knowing:", "{topic} fact:", "{topic} detail:")
)
"""Those of OPENERS that no order follows: "Did you know? Use a lock."."""
QUESTION_OPENERS = (
    "Quick question:",
    "A question:",
    "Small quiz:",
    "Quick quiz:",
    "{topic} quiz:",
    "{topic} question:",
)
"""For a question with its answer."""

CLOSINGS = (
    "Worth remembering.",
    "Good to know.",
    "Easy to forget.",
    "Easy to miss.",
    "Useful to know.",
    "Worth a note.",
    "One to remember.",
    "Worth keeping in mind.",
    "A small detail, but good to know.",
)
QUESTION_CLOSINGS = ("Would you have guessed?", "Did you guess right?")
COMPARISON_CLOSINGS = ("Easy to mix up.", "Good to keep apart.")

_OURS = (*OPENERS, *TIP_OPENERS, *QUESTION_OPENERS)
_OUR_CLOSINGS = (*CLOSINGS, *QUESTION_CLOSINGS, *COMPARISON_CLOSINGS)


class Shape(StrEnum):
    """What a post looks like at first sight."""

    PLAIN = "plain"
    OPENER = "opener"
    LABEL = "label opener"
    CLOSING = "closing"
    QUESTION = "question"
    COMPARISON = "comparison"
    SENTENCES = "two sentences"
    THREAD = "thread"


@dataclass(frozen=True, slots=True)
class Look:
    """A post taken apart. `opener` and `closing` as they stand in the tables, "" for none."""

    shape: Shape
    body: str
    opener: str = ""
    closing: str = ""


def openers_for(body: str, label: str = "", form: str = "", own: Sequence[str] = ()) -> tuple[str, ...]:
    """The openers (as in the tables) that fit `body`, a note in the `form` of a frame or "" in its own words; `own`
    ones take the place of ours. One with a colon needs a body without; one with the topic needs a body that does not
    name it, or only as "In Git, …", which `dressed` leaves out then."""
    if form == frames.QUESTION:
        every: Sequence[str] = QUESTION_OPENERS
    elif form:
        every = ()
    else:
        fitting = [one for one in OPENERS if not (one in OF_FACTS and _may_be_advice(body))]
        every = own or (*fitting, *(TIP_OPENERS if _is_advice(body) else ()))
    named = re.search(rf"(?<!\w){re.escape(label)}(?!\w)", _without_place(body, label), re.IGNORECASE)
    is_plural = re.fullmatch(r"[A-Z][a-z]+s", label)  # "Dates note:"
    topical = bool(re.fullmatch(r"[\w+#.]{1,20}", label)) and not is_plural and not named
    return tuple(one for one in every if (topical or TOPIC not in one) and not (one.endswith(":") and ": " in body))


def closings_for(form: str = "", own: Sequence[str] = (), body: str = "") -> tuple[str, ...]:
    """The closings that fit a note in this form; `body`, its text, tells a question about how to do a thing, which is
    none to guess at."""
    if form == frames.QUESTION:
        return () if body.startswith("How do you ") else QUESTION_CLOSINGS
    if form == frames.COMPARISON:
        return COMPARISON_CLOSINGS
    return () if form else tuple(own) or CLOSINGS


def dressed(body: str, opener: str = "", closing: str = "", label: str = "") -> str:
    """The body with what stands before and after it. After "Git note:" the topic is not said again as "In Git, …"."""
    if TOPIC in opener:
        opener, body = opener.replace(TOPIC, label), _without_place(body, label)
    return " ".join(filter(None, (opener, body, closing)))


def look(text: str, persona: Persona | None = None) -> Look:
    """A post's text, a thread's parts with line ends between them, taken apart."""
    if re.match(r"1/\d ", text):
        return Look(Shape.THREAD, text)
    own = persona or Persona()
    opener = next((one for one in (*own.openers, *_OURS) if _opener(one).match(text)), "")
    body = _opener(opener).sub("", text, count=1) if opener else text
    closing = next((one for one in (*own.closings, *_OUR_CLOSINGS) if _closing(one).search(body)), "")
    body = _closing(closing).sub("", body) if closing else body
    return Look(_shape(body, opener, closing), body, opener, closing)


class Memory:
    """What a bot's latest posts (newest first) were like."""

    def __init__(self, recent: Sequence[str], persona: Persona | None = None) -> None:
        self._looks = [look(text, persona) for text in recent]
        self._said = {sentence for one in self._looks for sentence in sentences(one.body)}

    def worn(self, phrase: str) -> float:
        """How much an opener or a closing was used; a use counts less with every post since."""
        return sum(FORGET**age for age, one in enumerate(self._looks) if phrase in (one.opener, one.closing))

    def spent(self, phrase: str) -> bool:
        """It was used so often that it may not be used now."""
        return sum(phrase in (one.opener, one.closing) for one in self._looks[:WINDOW]) >= MOST_USES

    def share(self, shape: Shape) -> float:
        """What share of the latest posts had this shape, 0 to 1; an older one counts less."""
        weights = [FORGET**age for age in range(len(self._looks))]
        return sum(weight for weight, one in zip(weights, self._looks, strict=True) if one.shape == shape) * (
            1 - FORGET
        )

    def said(self, body: str) -> bool:
        """One of its sentences stood in a post, word for word."""
        return any(sentence in self._said for sentence in sentences(body))


def sentences(text: str) -> Iterator[str]:
    """The sentences of a text as they are compared: their words alone. One or two words ("Why?") say nothing."""
    for sentence in english.sentences(text):
        if len(words := re.findall(r"\w+", sentence.casefold())) > 2:
            yield " ".join(words)


def _shape(body: str, opener: str, closing: str) -> Shape:
    if re.match(r"\S+ or \S+\? ", body):
        return Shape.COMPARISON
    if "? " in body:
        return Shape.QUESTION
    if opener:
        return Shape.LABEL if TOPIC in opener else Shape.OPENER
    if closing:
        return Shape.CLOSING
    return Shape.SENTENCES if re.search(r"[.!] [A-Z]", body) else Shape.PLAIN


def _without_place(body: str, label: str) -> str:
    """ "In Git, a branch is a file." as it reads after an opener that names Git. Its first letter stays small: it may
    be code."""
    return re.sub(rf"\A(?:In|On) {re.escape(label)}, ", "", body) if label else body


def _is_advice(body: str) -> bool:
    """It surely tells what to do; "Only" begins both: "Only unpickle …" and "Only annotated tags count"."""
    return (begins(body, ORDERS) and not body.startswith("Only ")) or re.match(
        r"To [a-z]+ [^,]+, (?:use|run|set|give|put|make)\b", body
    ) is not None


def _may_be_advice(body: str) -> bool:
    return _is_advice(body) or re.match(r"(?:Cast|Log|Look|Only|Pair|Sort)\b", body) is not None


@cache
def _opener(opener: str) -> re.Pattern[str]:
    return re.compile(re.escape(opener).replace(re.escape(TOPIC), r"[\w+#.]{1,20}") + " ")


@cache
def _closing(closing: str) -> re.Pattern[str]:
    # Hashtags and a signature may follow.
    return re.compile(rf" {re.escape(closing)}(?=\Z|\s*[\n#])")
