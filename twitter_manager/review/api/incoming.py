"""What a program sends: a body of JSON, and parameters after the address. Each is bounded and fits its shape exactly,
or is refused by the name of the field, before anything looks at it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar, get_origin

from pydantic import ValidationError

from twitter_manager.domain import Json
from twitter_manager.review.api.problems import Problem
from twitter_manager.show.shapes import Shape
from twitter_manager.terminal import harmless
from twitter_manager.validation import did_you_mean

if TYPE_CHECKING:
    from starlette.requests import Request

LARGEST = 256 * 1024
"""Bytes of a body."""
DEEPEST = 8
"""So many lists and objects may stand one in another."""
_DIGITS = 18
"""Of a whole number: more fit no column."""
_SHOWN = 60
"""Characters of a name that is told back."""
S = TypeVar("S", bound=Shape)


async def read_body(request: Request) -> bytes:
    """All bytes of the body. Raises Problem where it is too large, or says that it is anything but JSON."""
    given = request.headers.get("content-type")
    kind, _, options = (given or "").partition(";")
    is_json = kind.strip().lower() == "application/json" and options.strip().lower() in ("", "charset=utf-8")
    if (given is not None and not is_json) or request.headers.get("content-encoding", "identity") != "identity":
        raise Problem("media-type", "The body is not JSON.", "Say Content-Type: application/json.")
    raw = bytearray()
    async for piece in request.stream():
        raw += piece
        if len(raw) > LARGEST:
            remedy = f"Send {LARGEST // 1024} KB at most."
            raise Problem("too-large", "The body is too large.", remedy, headers={"Connection": "close"})
    if raw and given is None:
        raise Problem("media-type", "The body does not say what it is.", "Say Content-Type: application/json.")
    return bytes(raw)


def body(raw: bytes, shape: type[S]) -> S:
    """What the bytes say, as this shape; without any bytes it is an empty object. Raises Problem."""
    try:
        given = _parsed(raw.decode() or "{}")
    except UnicodeDecodeError:
        raise Problem("not-json", "The body is not UTF-8.", "Send JSON in UTF-8.") from None
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise Problem("not-json", f"The body is not JSON: {error.msg} at {where}.", "Send one JSON object.") from None
    except RecursionError:
        raise _too_deep("") from None
    if not isinstance(given, dict):
        raise Problem("invalid", "The body is not an object.", "Send one JSON object: {…}.")
    for name, value in given.items():
        _refuse_deep(value, name)
    return _fitting(given, shape, strict=True)


def query(parameters: Iterable[tuple[str, str]], shape: type[S]) -> S:
    """The parameters after the address, as this shape: a name that takes a list may come several times. Raises
    Problem."""
    lists = {name for name, field in shape.model_fields.items() if get_origin(field.annotation) is list}
    given: dict[str, Any] = {}
    for name, value in parameters:
        if name in lists:
            given.setdefault(name, []).append(value)
        elif given.setdefault(name, value) is not value:
            raise _invalid(name, "is given twice", "Give it once.")
    return _fitting(given, shape, strict=False)


def _parsed(text: str) -> Any:
    return json.loads(text, object_pairs_hook=_without_duplicates, parse_int=_whole)


def _without_duplicates(pairs: Sequence[tuple[str, Any]]) -> Json:
    found: Json = {}
    for name, value in pairs:
        if name in found:
            raise _invalid(name, "is given twice", "Give it once.")
        found[name] = value
    return found


def _whole(digits: str) -> int | float:
    """A number that no field takes becomes one that no field takes either, so that the field can be told."""
    return int(digits) if len(digits) <= _DIGITS else float("inf")


def _refuse_deep(value: Any, field: str) -> None:
    level = [value]
    for _ in range(DEEPEST):
        level = [inner for each in level for inner in _inner(each)]
        if not level:
            return
    raise _too_deep(field)


def _inner(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _too_deep(field: str) -> Problem:
    return _invalid(field, f"holds lists or objects more than {DEEPEST} deep", "")


def _fitting(given: Mapping[str, Any], shape: type[S], *, strict: bool) -> S:
    try:
        return shape.model_validate(given, strict=strict)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(step) for step in first["loc"])
        if first["type"] == "extra_forbidden":
            names = ", ".join(shape.model_fields)
            known = f"Known: {names}." if names else "There is none."
            raise _invalid(place, "is not known", did_you_mean(place, shape.model_fields) or known) from None
        raise _invalid(place, _WORDS.get(first["type"]) or _lower(first["msg"]), "") from None


_WORDS = {
    "missing": "is missing",
    "string_type": "must be a text",
    "string_unicode": "holds half a character",
    "string_too_short": "must not be empty",
    "bool_type": "must be true or false",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "list_type": "must be a list",
}
"""By pydantic's name of the fault: what a person reads."""


def _lower(message: str) -> str:
    words = message.removeprefix("Value error, ").removeprefix("Input ")
    return words[:1].lower() + words[1:]


def _invalid(field: str, words: str, remedy: str) -> Problem:
    shown = harmless(field)[:_SHOWN]
    return Problem("invalid", f"{shown or 'The body'} {words}.", remedy, field=shown)
