"""The formats a post can have, in one table: what material serves them, with a model that writes and without, and what
must hold of what it writes. What such a model is told of them stands in `told.toml`.

A thread without a model is made here too: notes that share a label and name it, one a part.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from twitter_manager.domain import Item, Json
from twitter_manager.english import normalised
from twitter_manager.writing import designs, releases
from twitter_manager.writing.releases import names
from twitter_manager.writing.sampling import sound

THREAD = "thread"
LEAST_PARTS, MOST_PARTS = 2, 8
LEAST_FOR_A_THREAD, LEAST_TO_ASK = 600, 80
"""Characters of a text that a model can make a thread of, or a question with its answer."""
_QUOTED = re.compile(r"[“\"«„「][^“”\"«»„「」]{12,}[”\"»“」]")
_NUMBERS = ("zero", "one", "two", "three", "four", "five", "six", "seven")
_FIRST_PARTS = (
    "{label}: {count} things worth knowing.",
    "{label}: {count} small facts, one a post.",
    "{label}: {count} details that are easy to miss.",
)


@dataclass(frozen=True, slots=True)
class Format:
    """`made`: whether it can be made of an item without a model that writes, `written`: whether such a model can make
    it where nothing else can; None: never. `holds`: whether a post of these items is one."""

    made: Callable[[Item], object] | None = None
    written: Callable[[Item], object] | None = None
    holds: Callable[[Sequence[str], Sequence[Item]], bool] = lambda parts, items: True
    max_parts: int = 1


@cache
def told() -> Json:
    """What a model is told: of each of the `formats`, with a made-up example where that helps, in
    `requests`, and as the posts of the `chooser`."""
    import tomllib
    from importlib import resources

    return tomllib.loads(resources.files(__package__).joinpath("told.toml").read_text("utf-8"))


def suits(name: str, item: Item, *, writes: bool = False) -> bool:
    """Whether a post of this format can come of the item. `writes`: a model is there that writes. Not every material
    has two things to compare, or a sentence worth quoting."""
    form = TABLE[name]
    return any(way is not None and way(item) for way in (form.made, form.written if writes else None))


def drawable(
    weights: Mapping[str, float], item: Item, *, writes: bool = False, alone: bool = False
) -> dict[str, float]:
    """Those of the weights whose format suits the item; where none does, the plain form of its kind. `alone`: there is
    no other note to make a thread with."""
    barred = THREAD if alone and item.kind == "note" else ""
    known = {name: weight for name, weight in sound(weights).items() if name in TABLE and name != barred}
    fitting = {name: weight for name, weight in known.items() if suits(name, item, writes=writes)}
    return fitting or {"news" if _is_news(item) else "tip": 1.0}


def notes_wanted(name: str, seed: int) -> int:
    """How many notes of one label a post of this format takes."""
    return 3 + seed % 3 if name == THREAD else 1


def problem(name: str, parts: Sequence[str], items: Sequence[Item]) -> str:
    """What keeps a post from being of its format, for a person and for who wrote it; "" when nothing does."""
    form = TABLE.get(name)
    return "" if form is None or form.holds(parts, items) else f"It is no {name}. {told()['formats'][name]['told']}"


def own_words(name: str, items: Sequence[Item]) -> tuple[str, ...]:
    """What a post of this format may say that stands neither in an item's text nor in its title: a summary, a project's
    name, the first part of a thread. The check that all is founded must know it."""
    said = [word for item in items if item.kind != "note" for word in designs.said_by_itself(item)]
    return (*said, *(first_parts(items) if name == THREAD else ()))


# --- Threads of notes ------------------------------------------------------------------------------------------------


def names_label(item: Item) -> bool:
    """It is a note that has its label in a text, so that readers see what it is about."""
    return item.kind == "note" and bool(item.label) and names(" ".join((item.text, *item.wordings)), item.label)


def first_parts(items: Sequence[Item]) -> list[str]:
    """First parts for a thread of these notes, made of their label and number. Only those that name their label count;
    none where they are too few or too many."""
    items = _alike(items)
    if not LEAST_PARTS <= len(items) < MOST_PARTS:
        return []
    return [template.format(label=items[0].label, count=_NUMBERS[len(items)]) for template in _FIRST_PARTS]


def threads(items: Sequence[Item], fits: Callable[[str], bool], seed: int) -> list[tuple[str, ...]]:
    """Threads of these notes: a first part, then each note in one of its wordings. None where a part doesn't fit."""
    bodies = []
    for item in _alike(items):
        fitting = [text for text in (item.text, *item.wordings) if fits(text)]
        if not fitting:
            return []
        bodies.append(fitting[seed % len(fitting)])
    firsts = [text for text in first_parts(items) if fits(text)]
    turn = seed % max(1, len(firsts))
    return [(first, *bodies) for first in firsts[turn:] + firsts[:turn]]


def _alike(items: Sequence[Item]) -> Sequence[Item]:
    """Those of the notes that name the label which all share; none where they share none."""
    return list(filter(names_label, items)) if len({item.label for item in items}) == 1 else []


# --- What must hold, and of what it is made --------------------------------------------------------------------------


def _is_news(item: Item) -> bool:
    return item.kind in ("entry", "commit", "release")


def _is_answered(parts: Sequence[str], items: Sequence[Item]) -> bool:
    """A question mark, and something after it, in the same part or a later one."""
    asked = re.split(r"[?？؟]", "\n".join(parts), maxsplit=1)
    return re.search(r"[^\W_]", "".join(asked[1:])) is not None


def _is_quoted(parts: Sequence[str], items: Sequence[Item]) -> bool:
    """Words of a note in quotation marks, and the author that this note names."""
    text = "\n".join(parts)
    quotes = [match[0].strip('“”"«»„ .,') for match in _QUOTED.finditer(text)]
    named = [(author, normalised(item.text)) for item in items if (author := author_of(item))]
    return any(author in text and quote in note for author, note in named for quote in quotes)


def author_of(item: Item) -> str:
    """Whose words a note says that it quotes: “…” — Ada Lovelace, or Ada Lovelace: “…”; "" where it names nobody."""
    text = normalised(item.text[:2000]) if item.kind == "note" else ""
    name = r"((?:[A-Z][\w.'’-]*)(?: (?:[A-Z][\w.'’-]*|van|von|de|der)){1,3})"
    match = re.search(rf"[”\"»]\s*[—–-]+\s*{name}\W*\Z", text) or re.match(rf"{name}(?: said| wrote)?: [“\"«„]", text)
    return match[1].rstrip(".") if match and _QUOTED.search(text) else ""


def _names_release(parts: Sequence[str], items: Sequence[Item]) -> bool:
    """The project and the version, each as a word."""
    text = "\n".join(parts)
    wanted = [(releases.project(item) or designs.titled(item), releases.version(item)) for item in items]
    return any(all(word and names(text, word) for word in words) for words in wanted)


def _compares(item: Item) -> bool:
    """It sets two named things against each other, as far as words tell that."""
    text = f"{item.title}\n{item.text[:4000]}"
    named = set(re.findall(r"[\w.]+\(\)|(?<=[a-z,] )[A-Z][\w+#.-]+", text))
    comparing = re.search(r"\b(?:whereas|unlike|compared|versus|vs|instead of|while)\b", text)
    return len(named) >= 2 and comparing is not None and item.kind != "commit"


TABLE: Mapping[str, Format] = {
    "tip": Format(made=lambda item: not _is_news(item)),
    "news": Format(made=_is_news),
    "question": Format(
        written=lambda item: len(item.text) >= LEAST_TO_ASK and item.kind != "commit", holds=_is_answered
    ),
    "quote": Format(made=author_of, holds=_is_quoted),
    "release note": Format(made=releases.release_name, holds=_names_release),
    "comparison": Format(written=_compares),
    THREAD: Format(
        made=names_label,
        written=lambda item: len(item.text) >= LEAST_FOR_A_THREAD and item.kind not in ("commit", "release"),
        holds=lambda parts, items: LEAST_PARTS <= len(parts) <= MOST_PARTS,
        max_parts=MOST_PARTS,
    ),
}
"""By the names of `domain.FORMATS`, where the settings can reach them."""
