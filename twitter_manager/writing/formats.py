"""The formats a post can have, in one table: what they are made from, what a model that writes is told of them, how
they come about without one, and what must hold of the result.

The names alone stand in `domain.FORMATS`, where the settings can reach them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from twitter_manager.checks.words import set_of
from twitter_manager.domain import FORMATS as NAMES
from twitter_manager.domain import Item
from twitter_manager.writing import extract, frames
from twitter_manager.writing.prose import normalised

THREAD_PARTS = (2, 8)
LEAST_FOR_A_THREAD = 600
"""Characters of a text that a model can make a thread of."""

Parts = Sequence[str]


@dataclass(frozen=True, slots=True)
class Format:
    """`kinds`: of items that it suits. `told`: what a model that writes is told. `made`: whether it can be made of an
    item without a model. `holds`: whether a post of these items is one."""

    name: str
    kinds: frozenset[str]
    told: str
    made: Callable[[Item], bool]
    holds: Callable[[Parts, Sequence[Item]], bool]
    demand: str = ""
    """What `holds` asks for, for a person."""
    max_parts: int = 1


def suits(name: str, item: Item, *, writes: bool = False) -> bool:
    """Whether a post of this format can come of the item. `writes`: a model is there that writes, so that for most
    formats it needs no more than the right kind of item; not every material has two things to compare, or a sentence
    worth quoting."""
    form = TABLE[name]
    if item.kind not in form.kinds:
        return False
    free = writes and name not in (frames.COMPARISON, "quote", "release note")
    return form.made(item) or (free and (name != "thread" or len(item.text) >= LEAST_FOR_A_THREAD))


def drawable(weights: Mapping[str, float], item: Item, *, writes: bool = False) -> dict[str, float]:
    """Those of the weights whose format suits the item; where none does, the plain form of its kind."""
    fitting = {name: weight for name, weight in weights.items() if weight > 0 and suits(name, item, writes=writes)}
    return fitting or {plain(item): 1.0}


def plain(item: Item) -> str:
    """The format of a post that simply says what the item says."""
    return "news" if item.kind in TABLE["news"].kinds else "tip"


def notes_wanted(name: str, seed: int) -> int:
    """How many notes of one label a brief of this format takes."""
    return 3 + seed % 3 if name == frames.THREAD else 1


def problem(name: str, parts: Parts, items: Sequence[Item]) -> str:
    """What keeps a post from being of its format, for a person; "" when nothing does."""
    form = TABLE.get(name)
    return "" if form is None or form.holds(parts, items) else f"As a {name} it needs {form.demand}."


def numbered(parts: Sequence[str]) -> tuple[str, ...]:
    """A thread's parts with their numbers in front: "1/3 …"."""
    if len(parts) < 2:
        return tuple(parts)
    return tuple(f"{at}/{len(parts)} {part}" for at, part in enumerate(parts, start=1))


def own_words(name: str, items: Sequence[Item]) -> tuple[str, ...]:
    """What a post of this format may say that stands in no item's text: a project's name from its address, the first
    part of a thread. The check that all is founded must know it."""
    said = [word for item in items if item.kind != "note" for word in extract.said_by_itself(item)]
    return (*said, *(frames.intros(items) if name == frames.THREAD else ()))


# --- What must hold --------------------------------------------------------------------------------------------------


def _is_answered(parts: Parts, items: Sequence[Item]) -> bool:
    """A question mark, and something after it, in the same part or a later one."""
    whole = "\n".join(parts)
    return any(re.search(r"[^\W_]", whole[mark.end() :]) for mark in re.finditer(r"[?？؟]", whole))


def _is_quoted(parts: Parts, items: Sequence[Item]) -> bool:
    """A stretch of the material in quotation marks, word for word, and the title of what it is from."""
    text = "\n".join(parts)
    quotes = [found.strip(" .,") for found in re.findall(r"[“\"«„「]([^“”\"«»„「」]{12,})[”\"»“」]", text)]
    return any(
        quote in normalised(item.text) and (title := extract.titled(item)) and title.casefold() in text.casefold()
        for item in items
        for quote in quotes
    )


def _names_release(parts: Parts, items: Sequence[Item]) -> bool:
    """The project and the version, each as a word."""
    text = "\n".join(parts).casefold()
    names = [(extract.project(item) or extract.titled(item), extract.version(item)) for item in items]
    return any(name and number and name.casefold() in text and _stands(number, text) for name, number in names)


def _names_both(parts: Parts, items: Sequence[Item]) -> bool:
    """Two of the material's code words, or where it has none to compare, two of its names."""
    text = "\n".join(parts)
    material = " ".join(" ".join((item.title, item.text, *item.wordings)) for item in items)
    code = r"[\w.]*\w\([\w*]?\)|(?<!\S)--?[A-Za-z][\w-]*|\b\w+_\w+|\b\d{3,}\b"
    names = code if len(set(re.findall(code, material))) >= 2 else r"\b[A-Z][\w+#-]*"
    said = set(re.findall(names, text)) - {"NULL", "None", "True", "False", *(item.label for item in items)}
    return len({name for name in said if _stands(name, material)}) >= 2


def _is_thread(parts: Parts, items: Sequence[Item]) -> bool:
    least, most = THREAD_PARTS
    return least <= len(parts) <= most


def _anything(parts: Parts, items: Sequence[Item]) -> bool:
    return True


def _stands(word: str, text: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text) is not None


# --- What they are made from -----------------------------------------------------------------------------------------


def _can_frame(form: str) -> Callable[[Item], bool]:
    return lambda item: item.kind == "note" and bool(frames.forms(item, form))


def _has_label(item: Item) -> bool:
    return item.kind == "note" and bool(item.label)


def _can_quote(item: Item) -> bool:
    return bool(extract.extracts(item, lambda text: True, "quote"))


def _always(item: Item) -> bool:
    return True


_EVERY = set_of("note entry page document commit release")
TABLE: Mapping[str, Format] = {
    form.name: form
    for form in (
        Format("tip", set_of("note page document"), "Write one practical tip.", _always, _anything),
        Format(
            "news",
            set_of("entry commit release"),
            "Say what is new and why it matters to the readers.",
            _always,
            _anything,
        ),
        Format(
            "question",
            _EVERY,
            "Ask the readers one question that the material answers, and answer it in the same post.",
            _can_frame(frames.QUESTION),
            _is_answered,
            "a question mark, and the answer after it",
        ),
        Format(
            "quote",
            set_of("entry page document"),
            "Quote one sentence of the material word for word, in quotation marks, name the title it is from, and say "
            "briefly why it counts.",
            _can_quote,
            _is_quoted,
            "a sentence of the material in quotation marks, word for word, and the title it is from",
        ),
        Format(
            "release note",
            set_of("release entry"),
            "Name the project and the version, and say the one change that matters most to the readers.",
            lambda item: bool(extract.release_name(item)),
            _names_release,
            "the project's name and the version",
        ),
        Format(
            "comparison",
            _EVERY,
            "Set two things that the material names against each other: what the one does and what the other does.",
            _can_frame(frames.COMPARISON),
            _names_both,
            "the names of both things that it compares",
        ),
        Format(
            frames.THREAD,
            set_of("note entry page document"),
            "Write a short thread. The first part must make sense alone; each part holds one idea.",
            _has_label,
            _is_thread,
            "two to eight parts",
            max_parts=THREAD_PARTS[1],
        ),
    )
}
assert tuple(TABLE) == tuple(NAMES)
