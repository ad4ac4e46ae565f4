"""Reads what a model answered: posts, parts of one that were written again, or JSON. What it was asked stands in
`brief`.

Pure, and content with any string. Mending and checking the parts is left to `checks`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

_POSTS = ("posts", "threads", "post", "text")
MOST_POSTS = 8
"""How many posts of one answer are looked at."""


def split_parts(raw: str, max_parts: int) -> tuple[str, ...]:
    """The parts of an answer, at most `max_parts`, none of them empty.

    Parts stand between lines of three or more dashes. What follows the last part that is allowed is dropped: after a
    single post it is a remark of the model. A leading block of thoughts is no part of the answer.
    """
    parts = (part.strip() for part in re.split(r"^[ \t]*-{3,}[ \t]*\r?$", without_thoughts(raw), flags=re.MULTILINE))
    return tuple(part for part in parts if part)[: max(1, max_parts)]


def posts(raw: str, max_parts: int) -> list[tuple[str, ...]]:
    """The different posts of an answer that was asked for as JSON, each as its parts. A server that knows no schema may
    put words around the JSON, or get one post as plain text."""
    text = without_thoughts(raw).lstrip()
    answer = read_json(raw)
    if answer is None:
        answer = _json_within(text)
    if answer is None:
        parts = () if text.startswith(("{", "[", "```")) else split_parts(raw, max_parts)
        return [parts] if parts else []
    if isinstance(answer, dict):
        answer = next((answer[name] for name in _POSTS if name in answer), answer)
    listed = answer if isinstance(answer, list) else [answer]
    return list(dict.fromkeys(parts for post in listed[:MOST_POSTS] if (parts := _parts(post))))


def _parts(post: object) -> tuple[str, ...]:
    """A post of a list: a text, or an object with its parts. All of them, if too many: a thread without its end is
    none, which is for the checks to say."""
    if isinstance(post, dict):
        post = post.get("parts", post.get("text", post.get("post")))
    parts = [post] if isinstance(post, str) else post
    if not isinstance(parts, list) or not all(isinstance(part, str) for part in parts):
        return ()
    if len(parts) == 1:
        return tuple(filter(None, (parts[0].strip(),)))
    return tuple(text for at, part in enumerate(parts, 1) if (text := without_number(part, at)))


def _json_within(text: str) -> object:
    """The JSON object with posts that stands between other words; None where there is none."""
    begin = re.search(r'\{\s*"', text)
    try:
        value: object = json.JSONDecoder().raw_decode(text, begin.start())[0] if begin else None
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) and not value.keys().isdisjoint(_POSTS) else None


def parts_again(raw: str, parts: Sequence[str], wrong: Mapping[int, Sequence[str]]) -> tuple[str, ...]:
    """The post with those of its `wrong` parts that were written again in their places; none where the answer is not
    of the form asked for, or holds none of them."""
    answer = read_json(raw)
    listed = answer.get("parts") if isinstance(answer, dict) else None
    rewritten = list(parts)
    for entry in listed if isinstance(listed, list) else ():
        number, text = (entry.get("number"), entry.get("text")) if isinstance(entry, dict) else (None, None)
        if type(number) is int and number - 1 in wrong and isinstance(text, str):
            again = without_number(text, number) if len(parts) > 1 else text.strip()
            rewritten[number - 1] = again or rewritten[number - 1]
    return tuple(rewritten) if rewritten != list(parts) else ()


def without_number(part: str, number: int) -> str:
    """A part without the `number` that a model gave it ("2/5", "2."): the settings say whether parts carry theirs."""
    return re.sub(rf"\A\s*\(?{number}(?:/\d{{0,2}}(?![\w/])\)?[.:]?|[.)](?=\s))\s*", "", part).strip()


def without_thoughts(raw: str) -> str:
    """An answer without its leading block of thoughts, also one that was cut off."""
    return re.sub(r"\A\s*<think>.*?(</think>|\Z)", "", raw, flags=re.DOTALL | re.IGNORECASE)


def read_json(raw: str) -> object:
    """The JSON that an answer is, between code fences or not; None where it is none, or says a thing twice."""
    text = re.sub(r"\A```(?:json)?\s*(.*?)\s*```\Z", r"\1", without_thoughts(raw).strip(), flags=re.DOTALL)
    try:
        value: object = json.loads(text, object_pairs_hook=_once)
    except (ValueError, RecursionError):
        return None
    return value


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """An object whose every key stands there once. Raises ValueError: of two, nobody knows which counts."""
    if len(members := dict(pairs)) < len(pairs):
        raise ValueError("a key stands there twice")
    return members
