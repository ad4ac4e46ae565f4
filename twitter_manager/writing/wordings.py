"""Other ways to say a note that are true because of how they are made: at most one rule, then contractions.

A rule rather stays silent than risks a wrong or clumsy sentence: each has guards, and most sentences meet none. English
only, with word lists instead of a parser. Which wording is posted is decided elsewhere; nothing here knows a model.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence

from twitter_manager.english import normalised, sentences, set_of

MOST_VARIANTS = 8
"""Per note, itself included."""
CONTRACTIONS = {
    "does not": "doesn't",
    "do not": "don't",
    "cannot": "can't",
    "is not": "isn't",
    "are not": "aren't",
    "should not": "shouldn't",
}
_QUOTED = r"`[^`]*`|\"[^\"]*\"|“[^”]*”|«[^»]*»"


def variants(note: str) -> tuple[str, ...]:
    """`note` itself, then true variants of it: with one sentence put differently or none, contracted or not."""
    shaped = [note, *_restructured(note)]
    return tuple(dict.fromkeys([*shaped, *map(contracted, shaped)]))[:MOST_VARIANTS]


def contracted(text: str) -> str:
    """`text` with the contractions that people write; code and quotations are left alone."""
    words = rf"(?<![\w'’.\-/])(?:{'|'.join(CONTRACTIONS)})(?![\w'’\-/(=])"
    return re.sub(rf"{_QUOTED}|{words}", lambda match: CONTRACTIONS.get(match[0], match[0]), text)


def new_share(text: str, recent: Sequence[str]) -> float:
    """The share (0 to 1) of the text's pairs of words that none of the `recent` posts has."""
    mine = _bigrams(text)
    if not mine:
        return 1.0
    return len(mine - set().union(*map(_bigrams, recent))) / len(mine)


def _bigrams(text: str) -> set[tuple[str, str]]:
    return set(itertools.pairwise(re.findall(r"[\w'’+#]+", text.casefold())))


# --- The rules -------------------------------------------------------------------------------------------------------


def _restructured(note: str) -> Iterator[str]:
    """The note with one sentence of it put differently."""
    parts = sentences(note) if note == normalised(note) else []
    for at, sentence in enumerate(parts):
        if sentence.endswith(".") and not re.search(r'\.\.\Z|["“”«»]', sentence):
            for text in (_split(sentence[:-1]), _placed(sentence[:-1])):
                whole = " ".join([*parts[:at], f"{text}.", *parts[at + 1 :]])
                if text and whole.count(": ") <= 1:
                    yield whole


def _split(sentence: str) -> str:
    """A; B. → A. B. And: A, but B. → A. However, B. And: A, so B. → A. That is why B."""
    joints = list(re.finditer(r"; |, (?:but|so|because|although|while|whereas) | [–—] ", sentence))
    if len(joints) != 1:
        return ""
    a, mark, b = sentence[: joints[0].start()], joints[0][0], sentence[joints[0].end() :]
    if ": " in a or not _is_statement(b):
        return ""
    if mark == "; ":
        return f"{a}. {b[:1].upper()}{b[1:]}"
    opener = {", but ": "However,", ", so ": "That is why"}.get(mark)
    return f"{a}. {opener} {b}" if opener and _is_statement(a) else ""


def _placed(sentence: str) -> str:
    """Python's f() does x. → In Python, f() does x. Only for a function: of another thing the owner may be a part."""
    languages = "Python|JavaScript|Rust|Go|C|SQLite|PostgreSQL|CSS|Linux|Bash|Vim"
    match = re.fullmatch(rf"({languages})'s ([\w.]+\(\) .+)", sentence)
    if not match or re.search(r"\bin\b|'s\b|:", match[2].split(",")[0], re.IGNORECASE):
        return ""
    return f"In {match[1]}, {match[2]}"


def _begins_a_clause(text: str) -> bool:
    """It is no order, and may get a capital: it begins as clauses do, or with a capital, and not with the letter a."""
    first = text.partition(" ")[0]
    is_plain = first in _FIRST or re.fullmatch(r"[a-z]{3,}ing", first) is not None
    return (is_plain or not first[:1].islower()) and not re.match(r"a \w*[^\Ws]s\b", text)


def _is_statement(text: str) -> bool:
    """Its verb stands before any clause that hangs on it: in "the changes that A lacks" it has none of its own."""
    hanging = (
        r"\b(?:that|which|who|whose|where|what|how|whether|since|than|because|unless|whenever|when|if|once|after)\b"
    )
    head = re.split(hanging, text, maxsplit=1, flags=re.IGNORECASE)[0].partition(" ")[2]
    hangs = text.partition(" ")[0].casefold() in _HANGING
    return not hangs and _begins_a_clause(text) and not _VERBS.isdisjoint(re.findall(r"[\w'’]+", head.casefold()))


_VERBS = set_of("""
    is are was were can could must should will does do did has have had cannot can't may might would isn't aren't
    doesn't don't allows becomes begins contains continues defers expects finds follows gets gives goes ignores keeps
    lets loses makes needs returns says seems shows takes uses works
""")
"""Words that show that a clause has a verb of its own; a clause without one of them is taken for a fragment."""
_HANGING = set_of("""
    not as although because before after if once since though unless until when whenever while whether
""")
"""What a clause begins with that is none by itself."""
_FIRST = set_of("""
    a all an another any at both by each either every few for from in it its many most neither no on one other our
    several some such that the their there these they this those two we with without you your
""")
"""What the subject of a clause begins with, or the place before it."""
