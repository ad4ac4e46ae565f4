"""Mends a model's text where that is safe: takes off what is wrapped around the post and never was part of it.

Words are never changed, added or reordered. What needs judgement (a sentence cut off, a stage direction) is left to the
rules in `artefacts.py`, which run afterwards. Repairing twice changes nothing more.
"""

from __future__ import annotations

import functools
import html
import json
import re
from collections.abc import Callable

from twitter_manager import invisible
from twitter_manager.checks.artefacts import WRAPPED
from twitter_manager.checks.tables import either, table

_KEYS = ("post", "text", "tweet", "content", "posts")
LONGEST = 10_000
"""Characters; what is longer is no post, and stays as it is: its length refuses it."""


def repair(text: str) -> str:
    """`text` without thoughts, wrapping quotes, role label, announcement, code fence, JSON around it, chat tokens,
    marks of Markdown, needless white space and what nobody sees."""
    steps = (invisible.remove, *_taken_off(), _fence, _json, _quotes, _marks, _white_space)
    before = None if len(text) <= LONGEST else text
    while text != before:
        before = text
        for step in steps:
            mended = step(text)
            text = mended if mended.strip() else text
    return text


@functools.cache
def _taken_off() -> tuple[Callable[[str], str], ...]:
    """A step for each thing that is never part of a post."""
    label = rf"\A\s*(?:{either('artefacts', 'labels', 'own')}\s*)+"
    expressions = [*table("artefacts")["taken_off"]["expressions"], label]
    return tuple(
        functools.partial(re.compile(expression, re.IGNORECASE | re.DOTALL).sub, "") for expression in expressions
    )


def _fence(text: str) -> str:
    match = re.fullmatch(r"\s*```[\w-]*[ \t]*\n(.*?)\n?[ \t]*```\s*", text, re.DOTALL)
    return match[1] if match and "```" not in match[1] else text


def _json(text: str) -> str:
    """The text of `{"post": …}`, `{"posts": ["…"]}` and the like with one value."""
    if not re.match(r"\s*[{[]", text):
        return text
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return text
    while isinstance(value, dict | list) and len(value) == 1:
        key, value = next(iter(value.items() if isinstance(value, dict) else [("post", value[0])]))
        if key.casefold() not in _KEYS:
            return text
    return value if isinstance(value, str) else text


def _quotes(text: str) -> str:
    stripped = text.strip()
    return stripped[1:-1] if re.match(WRAPPED, stripped) else text


def _marks(text: str) -> str:
    """Bold and italics as plain words, character references as characters; code is left alone."""
    pieces = re.split(r"(`[^`\n]*`)", text)
    return "".join(piece if at % 2 else _unmarked(piece) for at, piece in enumerate(pieces))


def _unmarked(text: str) -> str:
    text = re.sub(r"(?<![\w*])\*\*(?=[^\s*])([^*\n]{0,300}[^\s*])\*\*(?![\w*])", r"\1", text)
    text = re.sub(
        r"(?<![\w_])__(?=[^\s_])([^_\n]{1,300}[ .!?,:;][^_\n]{0,300}[^\s_]|[A-Z][a-z]{1,40})__(?![\w_])", r"\1", text
    )
    text = re.sub(r"(?<![\w*/])\*(?=[^\W\d_])([^*\n]{0,300}[^\s*(,])\*(?![\w*(])", r"\1", text)
    return (
        html.unescape(text) if re.search(r"&(?:amp|lt|gt|quot|apos|nbsp|#\d{1,6}|#x[0-9a-fA-F]{1,5});", text) else text
    )


def _white_space(text: str) -> str:
    """With single spaces and lines."""
    lines = [line.rstrip() for line in text.strip().replace("\r\n", "\n").split("\n")]
    joined = re.sub(r"\n{3,}", "\n\n", "\n".join(lines))
    return joined if "`" in joined else re.sub(r"(?<=\S) {2,}(?=\S)", " ", joined)
