"""The formats a post can have, in one table: what they are made from, how they come about without a model that writes,
and what must hold of the result. What such a model is told of them stands in `forms`.

The names alone stand in `domain.FORMATS`, where the settings can reach them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from twitter_manager.domain import FORMATS as NAMES
from twitter_manager.domain import Item
from twitter_manager.english import normalised, set_of
from twitter_manager.writing import designs, releases
from twitter_manager.writing.threads import THREAD, intros, names_label

THREAD_PARTS = (2, 8)
LEAST_FOR_A_THREAD, LEAST_TO_ASK = 600, 80
"""Characters of a text that a model can make a thread of, or a question with its answer."""
_QUOTE = re.compile(r"[“\"«„「]([^“”\"«»„「」]{12,})[”\"»“」]")

Parts = Sequence[str]


@dataclass(frozen=True, slots=True)
class Format:
    """`kinds`: of items that it suits; `holds`: whether a post of these items is one, and `demand`: what that asks for,
    for a person. `made`: whether it can be made of an item without a model, `written`: whether a model that writes can
    make it where nothing else can; None: never."""

    name: str
    kinds: frozenset[str]
    holds: Callable[[Parts, Sequence[Item]], bool]
    demand: str = ""
    made: Callable[[Item], object] | None = None
    written: Callable[[Item], object] | None = None
    max_parts: int = 1


def suits(name: str, item: Item, *, writes: bool = False) -> bool:
    """Whether a post of this format can come of the item. `writes`: a model is there that writes. Not every material
    has two things to compare, or a sentence worth quoting."""
    form = TABLE[name]
    ways = (form.made, form.written if writes else None)
    return item.kind in form.kinds and any(way is not None and way(item) for way in ways)


def drawable(weights: Mapping[str, float], item: Item, *, writes: bool = False) -> dict[str, float]:
    """Those of the weights whose format suits the item; where none does, the plain form of its kind."""
    fitting = {name: weight for name, weight in weights.items() if weight > 0 and suits(name, item, writes=writes)}
    return fitting or {plain(item): 1.0}


def plain(item: Item) -> str:
    """The format of a post that simply says what the item says."""
    return "news" if item.kind in TABLE["news"].kinds else "tip"


def notes_wanted(name: str, seed: int) -> int:
    """How many notes of one label a brief of this format takes."""
    return 3 + seed % 3 if name == THREAD else 1


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
    """What a post of this format may say that stands neither in an item's text nor in its title: a summary, a project's
    name, the first part of a thread. The check that all is founded must know it."""
    said = [word for item in items if item.kind != "note" for word in designs.said_by_itself(item)]
    return (*said, *(intros(items) if name == THREAD else ()))


# --- What must hold --------------------------------------------------------------------------------------------------


def _is_answered(parts: Parts, items: Sequence[Item]) -> bool:
    """A question mark, and something after it, in the same part or a later one."""
    whole = "\n".join(parts)
    return any(re.search(r"[^\W_]", whole[mark.end() :]) for mark in re.finditer(r"[?？؟]", whole))


def _is_quoted(parts: Parts, items: Sequence[Item]) -> bool:
    """A stretch of a note in quotation marks, word for word, and the author that the note names."""
    text = "\n".join(parts)
    quotes = [found.strip(" .,") for found in _QUOTE.findall(text)]
    named = [(author, item) for item in items if (author := author_of(item))]
    return any(author in text and quote in normalised(item.text) for author, item in named for quote in quotes)


def author_of(item: Item) -> str:
    """Whose words a note says that it quotes: “…” — Ada Lovelace, or Ada Lovelace: “…”; "" where it names nobody."""
    text = normalised(item.text[:2000]) if item.kind == "note" else ""
    name = r"((?:[A-Z][\w.'’-]*)(?: (?:[A-Z][\w.'’-]*|van|von|de|der)){1,3})"
    found = re.search(rf"[”\"»]\s*[—–-]+\s*{name}\W*\Z", text) or re.match(rf"{name}(?: said| wrote)?: [“\"«„]", text)
    return found[1].rstrip(".") if found and _QUOTE.search(text) else ""


def _names_release(parts: Parts, items: Sequence[Item]) -> bool:
    """The project and the version, each as a word."""
    text = "\n".join(parts).casefold()
    names = [(releases.project(item) or designs.titled(item), releases.version(item)) for item in items]
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


def _has_subject(item: Item) -> bool:
    """A note that names its label: readers of a thread of such notes see what they share."""
    return item.kind == "note" and names_label(item)


def _compares(item: Item) -> bool:
    """It sets two named things against each other, as far as words tell that."""
    text = f"{item.title}\n{item.text[:4000]}"
    named = set(re.findall(r"[\w.]+\(\)|(?<=[a-z,] )[A-Z][\w+#.-]+", text))
    return (
        len(named) >= 2 and re.search(r"\b(?:whereas|unlike|compared|versus|vs|instead of|while)\b", text) is not None
    )


def _is_text(item: Item) -> bool:
    """There is more to it than a line."""
    return len(item.text) >= LEAST_TO_ASK


def _is_long(item: Item) -> bool:
    return len(item.text) >= LEAST_FOR_A_THREAD


def _always(item: Item) -> bool:
    return True


_EVERY = set_of("note entry page document release")
_FORMATS = (
    Format("tip", set_of("note page document"), _anything, made=_always),
    Format("news", set_of("entry commit release"), _anything, made=_always),
    Format("question", _EVERY, _is_answered, "a question mark, and the answer after it", written=_is_text),
    Format(
        "quote",
        set_of("note"),
        _is_quoted,
        "the quoted words, word for word in quotation marks, and the name of their author",
        made=author_of,
    ),
    Format(
        "release note",
        set_of("release entry"),
        _names_release,
        "the project's name and the version",
        made=releases.release_name,
    ),
    Format("comparison", _EVERY, _names_both, "the names of both things that it compares", written=_compares),
    Format(
        THREAD,
        set_of("note entry page document"),
        _is_thread,
        "two to eight parts",
        made=_has_subject,
        written=_is_long,
        max_parts=THREAD_PARTS[1],
    ),
)
TABLE: Mapping[str, Format] = {form.name: form for form in _FORMATS}
assert tuple(TABLE) == tuple(NAMES)
