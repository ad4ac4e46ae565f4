"""Rules against what models, prompts and hostile material leave in a text that no person would: wrappers, labels,
tokens, orders, marks of templates, words of the brief, loose ends.

`repair` takes away what can be taken away without touching the meaning (`repairs.py`); what these rules find after
that stays wrong. A model's own traces are its material's subject where the material says the same. Orders to a model
are refused whoever put them there: the material may be hostile, and an excerpt of it would carry them out to others.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from twitter_manager.checks.context import CheckContext
from twitter_manager.checks.tables import either, table
from twitter_manager.domain import Violation
from twitter_manager.english import LINK, shown, unspaced

_OPENING, _CLOSING = "\"'“”„„‘«»‹「『`", "\"'””“”’»«›」』`"
WRAPPED = "|".join(f"\\A{a}[^{a}{b}]+{b}\\Z" for a, b in zip(_OPENING, _CLOSING, strict=True))
"""One pair of quotes, with none of the kind between them, around the whole text."""
_BLOB = r"(?<![\w+/=.-])(?=[\w+/-]{0,200}[a-z])(?=[\w+/-]{0,200}[A-Z])(?=[\w+/-]{0,200}\d)[A-Za-z0-9+/_-]{40,}={0,2}"
_LONGEST_SHRED = 6
"""Words that may stand without a full stop behind a sentence ("Free entry")."""


def empty(parts: Sequence[str], context: CheckContext) -> Iterator[Violation]:
    """Nothing to post."""
    for at, text in enumerate(parts or ("",)):
        if not text.strip():
            yield Violation("empty", "There is no text.", at)


def artefacts(parts: Sequence[str], context: CheckContext) -> Iterator[Violation]:
    """What a model leaves in its answer, unless the material says the same."""
    around = "|".join([WRAPPED, *(rf"\A{either('artefacts', 'labels', whose)}" for whose in ("own", "other"))])
    traces = {message: either("artefacts", "traces", message) for message in table("artefacts")["traces"]}
    for at, text in enumerate(parts):
        for message, expression in {"The text has a label, or quotes around it.": around, **traces}.items():
            matches = (match[0] for match in re.finditer(expression, text.strip(), re.IGNORECASE))
            if any(not any(trace in known for known in context.material or ()) for trace in matches):
                yield Violation("artefacts", message, at)


def cut_off(parts: Sequence[str], context: CheckContext) -> Iterator[Violation]:
    """A text that stops in mid-sentence: no end mark, a dangling word, something opened and not closed."""
    known = {"", *(text.strip() for text in context.material or ())}
    for at, text in enumerate(parts):
        lines = text.strip().split("\n")
        while len(lines) > 1 and lines[-1].strip() in known:  # a signature
            lines.pop()
        own = "\n".join(lines)
        why = _never_closed(own) or _loose_end(own, last=at == len(parts) - 1, carried=bool(context.links))
        if why:
            yield Violation("cut_off", f"The text seems to be cut off: {why}.", at)


def _never_closed(text: str) -> str:
    for opening, closing in (("(", ")"), ("[", "]"), ("“", "”"), ("«", "»")):
        opened = len(re.findall(rf"(?<![:;=-]){re.escape(opening)}", text))
        if opened > text.count(closing) and not (opening == "“" and "„" in text):
            return f"a “{opening}” is never closed"
    return "a backtick is never closed" if text.count("`") % 2 else ""


def _loose_end(text: str, *, last: bool, carried: bool) -> str:
    tokens = text.split()
    total = len(tokens)
    if tokens and re.fullmatch(LINK, tokens[-1]):
        return ""  # "Details at https://…" is a sentence
    while tokens and re.fullmatch(r"[#＃@][\w.-]+", tokens[-1]):
        tokens.pop()
    if not tokens:
        return ""
    labelled, word, final = len(tokens) < total, tokens[-1], tokens[-1][-1]
    if final in ":–—" and carried:
        return ""  # the address comes next
    if (final in ",;-–—/&=" and not word.endswith(":-")) or (final == ":" and last and not labelled):
        return f"it ends with “{final}”"
    if not final.isalnum():
        return ""
    never, seldom = (table("artefacts")["ends"][how].split() for how in ("never", "seldom"))
    if word.casefold() in never or (word.casefold() in seldom and _follows_a_sentence(text)):
        return f"it ends with “{word}”"
    is_open = not labelled and not unspaced().match(final) and _follows_a_sentence(text) > _LONGEST_SHRED
    return "the last sentence has no end" if is_open else ""


def _follows_a_sentence(text: str) -> int:
    """The words of the last sentence, where one with an end stands before it in its line; a headline needs none."""
    *before, last = re.split(r"(?<=[.!?…])\s+", text.rpartition("\n")[2])
    return len(last.split()) if before else 0


def injection(parts: Sequence[str], context: CheckContext) -> Iterator[Violation]:
    """Orders to a model."""
    for at, text in enumerate(parts):
        if match := re.search(either("artefacts", "orders", "en"), " ".join(text.split()), re.IGNORECASE):
            yield Violation("injection", f"The text gives orders to a model: “{shown(match[0])}”", at)


def blobs(parts: Sequence[str], context: CheckContext) -> Iterator[Violation]:
    """Forty characters and more that no person can read: a key, a hidden order, a piece of a file."""
    for at, text in enumerate(parts):
        if re.search(_BLOB, re.sub(LINK, " ", text)):
            yield Violation("blobs", "The text has a long run of letters and digits that nobody can read.", at)
