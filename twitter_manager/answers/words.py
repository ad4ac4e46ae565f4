"""What a person's reply says: approve, skip, or edit with the new text; pure. When in doubt it says nothing, and why.

    approve K7QF-2M9A          ok K7QF2M9A          yes, k7qf 2m9a
    skip K7QF-2M9A             no K7QF-2M9A
    edit K7QF-2M9A             the new text on the lines below; a line of --- begins the thread's next part

What the reply quotes of an earlier mail must be taken away before, by `quotes.own_words`.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from twitter_manager.answers import codes

LONGEST = 50_000
"""Characters of a reply that is read."""
MOST_PARTS = 25


class Wish(StrEnum):
    """What a person wants done."""

    APPROVE = "approve"
    SKIP = "skip"
    EDIT = "edit"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a reply says, without doubt."""

    wish: Wish
    code: str
    """Normalised."""
    texts: tuple[str, ...] = ()
    """The parts of an edit."""


@dataclass(frozen=True, slots=True)
class Unclear:
    """Why a reply says nothing that can be acted upon, as a sentence for the person."""

    why: str


_WISHES = {
    Wish.APPROVE: "approve approved ok okay yes ja",
    Wish.SKIP: "skip no drop nein",
    Wish.EDIT: "edit",
}
_BY_WORD = {word: wish for wish, words in _WISHES.items() for word in words.split()}
_COURTESY = r"(?:please|thanks|thank you|thx|bitte|danke)"
_FIRST_WORD = re.compile(rf"(?:{_COURTESY}[ ,]*)?({'|'.join(_BY_WORD)})(?![\w'-])")
_CODE = r"[0-9a-z]{4}[ -]{0,3}[0-9a-z]{4}(?![0-9a-z])"
_COMMAND = re.compile(rf"{_FIRST_WORD.pattern}[ ,:.!]*(?:draft [0-9]{{1,9}}[ ,:.]*)?({_CODE})(.*)", re.DOTALL)
_NO_MORE = re.compile(rf"[ ,.:;!)]*(?:{_COURTESY}[ .!]*)?")
_GREETING = re.compile(
    r"(?:hi|hello|hey|dear|hallo|moin|good (?:morning|day|evening)|guten (?:morgen|tag|abend))( \w+){0,2}[ ,.!]*"
)
_DOUBT = re.compile(
    r"\?|n't\b|\b(?:not|dont|never|but|wait|hold|unless|except|however|change|edit|skip|approve|reject|instead|first|before"
    r"|only|if|later|stop|cancel|no|nicht|kein\w*|nein|aber|warte\w*|erst|außer|änder\w*|statt|wenn|falls|nur|später"
    r"|stopp)\b"
)
_DASHES = {"-": 1, "‐": 1, "‑": 1, "‒": 1, "–": 2, "—": 2, "―": 2, "−": 1}
"""How many hyphens each stands for, where a keyboard joins them."""
_AS_TYPED = str.maketrans(dict.fromkeys(_DASHES, "-") | dict.fromkeys("‘’‚‛′`", "'") | dict.fromkeys("“”„‟″«»", '"'))
_SHAPE = re.compile(r"\b(?=[0-9A-Za-z]{0,3}[0-9]|[0-9A-Za-z]{4}-[0-9A-Za-z]{0,3}[0-9])[0-9A-Za-z]{4}-[0-9A-Za-z]{4}\b")

_HOW = "Begin with approve, skip or edit and the code of the notice."


def read(text: str) -> Answer | Unclear:
    """What the reply says."""
    if len(text) > LONGEST:
        return Unclear(f"The message is longer than {LONGEST:,} characters.")
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    first = next((n for n, line in enumerate(lines) if _plain(line) and not _GREETING.fullmatch(_plain(line))), None)
    if first is None:
        return Unclear(f"The message has no words of its own. {_HOW}")
    command = _COMMAND.fullmatch(_plain(lines[first]))
    code = codes.normalised(command[2]) if command else ""
    if command is None or not code:
        return Unclear(_why_no_command(lines[first].strip()))
    return _answer(_BY_WORD[command[1]], code, command[3], lines[first + 1 :])


def may_be_meant(own: str, whole: str) -> bool:
    """Whether a message is about drafts at all: it begins as an answer does, or it holds something like a code."""
    begins = any(_FIRST_WORD.match(_plain(line)) for line in own[:LONGEST].split("\n")[:5])
    return begins or bool(_SHAPE.search(whole[:LONGEST].translate(_AS_TYPED)))


def _plain(line: str) -> str:
    """A line as it is understood: without marks of emphasis and of quotation, in small letters."""
    plain = "".join(c for c in unicodedata.normalize("NFKC", line[:500]) if unicodedata.category(c) != "Cf")
    return " ".join(re.sub('["*_]', "", plain.translate(_AS_TYPED)).casefold().split()).strip("' ")


def _why_no_command(line: str) -> str:
    if word := _FIRST_WORD.match(_plain(line)):
        return f"There is no code behind “{word[1]}”. {_HOW}"
    shown = line if len(line) <= 60 else f"{line[:60]}…"
    return f"“{shown}” was not understood. {_HOW}"


def _answer(wish: Wish, code: str, behind: str, below: list[str]) -> Answer | Unclear:
    """`behind`: what follows the code on its line."""
    if wish is Wish.EDIT:
        return _edit(code, behind, below)
    if not _NO_MORE.fullmatch(behind):
        return Unclear(f"“{behind.strip()[:60]}” behind the code was not understood. One draft a message, please.")
    if doubt := next((line.strip() for line in below if _DOUBT.search(_plain(line))), None):
        remedy = "Send the first line alone if you mean it."
        return Unclear(f"“{doubt[:60]}” leaves it open what you want. {remedy}")
    return Answer(wish, code)


def _edit(code: str, behind: str, below: list[str]) -> Answer | Unclear:
    if behind.strip(" .,:"):
        return Unclear("The new text must stand on the lines below the code.")
    parts: list[list[str]] = [[]]
    for line in below:
        dashes = sum(_DASHES.get(c, 99) for c in line.strip())
        if dashes == 2 and line.strip() != "--":
            return Unclear(f"It is open whether the line “{line.strip()}” ends the text. Write --- between parts.")
        if 3 <= dashes < 99:
            parts.append([])
        else:
            parts[-1].append(line.rstrip())
    texts = tuple("\n".join(lines).strip() for lines in parts)
    if not all(texts):
        return Unclear("The new text is missing." if not any(texts) else "A part of the new text is empty.")
    if len(texts) > MOST_PARTS:
        return Unclear(f"A thread has at most {MOST_PARTS} parts here.")
    return Answer(Wish.EDIT, code, texts)
