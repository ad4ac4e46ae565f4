"""Reads what a model answered: the parts of a post, or JSON. What it was asked stands in `brief`.

Pure, and content with any string. Judging and mending the parts is left to `checks`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence


def split_parts(raw: str, max_parts: int) -> tuple[str, ...]:
    """The parts of an answer, at most `max_parts`, none of them empty.

    Parts stand between lines of three or more dashes. What follows the last part that is allowed is dropped: after a
    single post it is a remark of the model. A leading block of thoughts is no part of the answer.
    """
    parts = (part.strip() for part in re.split(r"^[ \t]*-{3,}[ \t]*\r?$", without_thoughts(raw), flags=re.MULTILINE))
    return tuple(part for part in parts if part)[: max(1, max_parts)]


def planned_parts(raw: str, max_parts: int) -> tuple[str, ...]:
    """The parts of a thread that was asked for as JSON; none where it is broken off. All of them, if too many: a thread
    without its end is none. A server that knows no schema may get an answer with lines of dashes."""
    found = read_json(raw)
    if found is None:
        return () if without_thoughts(raw).lstrip().startswith(("{", "```")) else split_parts(raw, max_parts)
    parts = found.get("parts") if isinstance(found, dict) else None
    if not isinstance(parts, list) or not all(isinstance(one, str) for one in parts):
        return ()
    return tuple(text for at, one in enumerate(parts, 1) if (text := without_number(one, at)))


def parts_again(raw: str, parts: Sequence[str], wrong: Mapping[int, Sequence[str]]) -> tuple[str, ...]:
    """The thread with those of its `wrong` parts that were written again in their places; none where the answer is not
    of the form asked for, or holds none of them."""
    found = read_json(raw)
    listed = found.get("parts") if isinstance(found, dict) else None
    made = list(parts)
    for one in listed if isinstance(listed, list) else ():
        number, text = (one.get("number"), one.get("text")) if isinstance(one, dict) else (None, None)
        if type(number) is int and number - 1 in wrong and isinstance(text, str):
            made[number - 1] = without_number(text, number) or made[number - 1]
    return tuple(made) if made != list(parts) else ()


def without_number(part: str, number: int) -> str:
    """A part without the `number` that a model gave it ("2/5", "2."): the settings say whether parts carry theirs."""
    return re.sub(rf"\A\s*\(?{number}(?:/\d{{0,2}}(?![\w/])\)?[.:]?|[.)](?=\s))\s*", "", part).strip()


def without_thoughts(raw: str) -> str:
    """An answer without its leading block of thoughts, also one that was cut off."""
    return re.sub(r"\A\s*<think>.*?(</think>|\Z)", "", raw, flags=re.DOTALL | re.IGNORECASE)


def read_json(raw: str) -> object:
    """The JSON that an answer is, between code fences or not; None where it is none."""
    text = re.sub(r"\A```(?:json)?\s*(.*?)\s*```\Z", r"\1", without_thoughts(raw).strip(), flags=re.DOTALL)
    try:
        found: object = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found
