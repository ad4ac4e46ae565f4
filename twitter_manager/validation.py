"""Rules for values that people write into settings, as annotations of pydantic fields: `Annotated[int, whole(1, 9)]`.

A rule says in a person's words what is wrong; it never repeats the value, which may be a secret.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pydantic import Field, GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationInfo
from pydantic_core import CoreSchema, PydanticUndefined, core_schema

if TYPE_CHECKING:
    from urllib.parse import SplitResult

Check = Callable[[Any], Any]


class InvalidValue(ValueError):
    """A value that can't be taken: what is wrong with it, and what to do."""

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class Rule:
    """What a field takes. `core` holds over the field's Python type, since it may give another than it takes."""

    core: CoreSchema
    editors: Mapping[str, Any] = field(default_factory=dict)
    """What the JSON Schema says besides."""

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return self.core

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {**handler(core), **self.editors}


def variable(
    name: str,
    help: str = "",
    default: Any = PydanticUndefined,
    *,
    asked: str = "",
    where: str = "",
    secret: bool = False,
    per_bot: bool = True,
) -> Any:
    """A field that an environment variable fills. `help`: what `.env.example` says of it; `asked`: what `init` asks
    for, as the service's own pages call it; `where`: where a person gets it; `per_bot`: whether `data/bots/NAME.env`
    may set it."""
    facts: dict[str, Any] = {"variable": name, "asked": asked, "where": where, "secret": secret, "per_bot": per_bot}
    return Field(default, description=help, repr=not secret, json_schema_extra=facts)


def shared(name: str, help: str, default: Any, *, secret: bool = False) -> Any:
    """A field that an environment variable fills for all bots alike."""
    return variable(name, help, default, secret=secret, per_bot=False)


def key(help: str = "", default: Any = PydanticUndefined, *, example: Any = None) -> Any:
    """A field that a key of the bot file fills. `example`: what the sample shows where there is no default."""
    return Field(default, description=help or None, examples=None if example is None else [example])


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`Did you mean …?`, or nothing when no known word comes close."""
    import difflib

    by_folded = {name.casefold(): name for name in known}
    close = difflib.get_close_matches(word.casefold()[:100], by_folded, n=1, cutoff=0.6)
    return f"Did you mean {by_folded[close[0]]}?" if close else ""


def _worded(core: CoreSchema, message: str, remedy: str = "") -> Rule:
    """Whatever pydantic finds wrong, a person reads these words."""
    context = {"remedy": remedy}
    return Rule(
        core_schema.custom_error_schema(core, "worded", custom_error_message=message, custom_error_context=context)
    )


FLAG = _worded(core_schema.bool_schema(strict=True), "must be true or false", "Write it without quotes.")


def whole(low: int, high: int, *, strict: bool = True) -> Rule:
    """A whole number, `low` to `high`; written as text too where not `strict`."""
    core = core_schema.int_schema(ge=low, le=high, strict=strict)
    return _worded(core, f"must be a whole number from {low} to {high}")


def number(low: float, high: float) -> Rule:
    """A number, `low` to `high`; no infinity, no NaN."""
    core = core_schema.float_schema(ge=low, le=high, strict=True, allow_inf_nan=False)
    return _worded(core, f"must be a number from {low:g} to {high:g}")


@dataclass(frozen=True, slots=True)
class entries:
    """A list of `least` to `most` different entries."""

    most: int
    least: int = 0
    words: str = ""
    remedy: str = 'Write it as ["one", "two"].'

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_wrap_validator_function(self._check, handler(source))

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {**handler(core), "minItems": self.least, "maxItems": self.most}

    def _check(self, value: Any, handler: core_schema.ValidatorFunctionWrapHandler) -> Any:
        if not isinstance(value, list | tuple):
            raise InvalidValue(self.words or "must be a list", self.remedy)
        if not self.least <= len(value) <= self.most:
            raise InvalidValue(self.words or f"must have {self.least} to {self.most} entries", self.remedy)
        checked = handler(value)
        if len(set(checked)) < len(checked):
            raise InvalidValue("names the same thing twice", "Take one of the two out.")
        return checked


@dataclass(frozen=True, slots=True)
class weights:
    """A table of at most `most` weights by name; at least one above 0 where there are any."""

    most: int

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_wrap_validator_function(self._check, handler(source))

    def _check(self, value: Any, handler: core_schema.ValidatorFunctionWrapHandler) -> Any:
        if not isinstance(value, dict):
            raise InvalidValue("must be a table of names and weights")
        if len(value) > self.most:
            raise InvalidValue(f"must have at most {self.most} entries")
        checked = handler(value)
        if checked and not any(checked.values()):
            raise InvalidValue("needs a weight above 0")
        return checked


def by(check: Check, **editors: Any) -> Rule:
    """What `check` gives. It takes whatever a file holds, and raises InvalidValue."""
    return Rule(
        core_schema.no_info_plain_validator_function(check, json_schema_input_schema=core_schema.str_schema()), editors
    )


def by_context(check: Callable[[Any, ValidationInfo], Any]) -> Rule:
    """The same of what hangs on the validation's context."""
    shown = core_schema.str_schema()
    return Rule(core_schema.with_info_plain_validator_function(check, json_schema_input_schema=shown))


def checked_text(value: Any, longest: int, *, lines: bool = False) -> str:
    """Text of at most `longest` characters, without control characters; with line breaks only where `lines`."""
    if not isinstance(value, str):
        raise InvalidValue("must be text in quotes")
    if len(value) > longest:
        raise InvalidValue(f"is longer than {longest} characters")
    if not lines and ("\n" in value or "\r" in value):
        raise InvalidValue("must stand on one line")
    if any(unicodedata.category(c) in ("Cc", "Cs") and c not in "\r\n" for c in value):
        raise InvalidValue("holds a control character")
    return value


def text(longest: int, *, lines: bool = False) -> Rule:
    """See `checked_text`."""
    return by(lambda value: checked_text(value, longest, lines=lines), maxLength=longest)


def matching(pattern: str, message: str, remedy: str = "", *, leave_out: str = "") -> Rule:
    """Text that the pattern matches in full, once `leave_out` is taken away in front."""

    def check(value: Any) -> str:
        content = value.removeprefix(leave_out) if isinstance(value, str) else ""
        if not re.fullmatch(pattern, content):
            raise InvalidValue(message, remedy)
        return content

    return by(check)


def choice(*names: str) -> Rule:
    """One of these names."""

    def check(value: Any) -> str:
        if not isinstance(value, str) or value not in names:
            remedy = did_you_mean(value, names) if isinstance(value, str) else ""
            raise InvalidValue(f"must be one of {', '.join(names)}", remedy)
        return value

    return by(check, enum=list(names))


TOKEN = matching(r"[!-~]{1,500}", "holds a blank or a character that no key has", "Copy it again.")


def url(*, path: bool) -> Rule:
    """An https address (http only for this machine), with a path only where `path`; a closing slash is dropped."""
    return by(lambda value: _service_url(value, path=path))


def _service_url(value: str, *, path: bool) -> str:
    not_one = InvalidValue("is not an address", "Write it as https://host.")
    parts = _split(value, r"[!-\[\]-~]{1,500}", not_one, "Put keys into their own settings.")
    host = parts.hostname or ""
    if host.endswith("."):
        raise not_one
    if "?" in value or "#" in value:
        raise InvalidValue("holds a query or a fragment", "Leave out all from ? or # on.")
    if parts.path.strip("/") and not path:
        raise InvalidValue("holds a path", "Write it as https://host.")
    if parts.scheme not in ("http", "https"):
        raise InvalidValue("must begin with https://")
    if parts.scheme == "http" and not is_loopback(host):
        raise InvalidValue("is http, which is taken for this machine only", "Write https.")
    return f"{parts.scheme}://{parts.netloc.lower().removesuffix(':')}{parts.path}".rstrip("/")


def _split(value: Any, pattern: str, not_one: InvalidValue, without_user: str) -> SplitResult:
    """The parts of an address that has a host and no user. Raises InvalidValue."""
    from urllib.parse import urlsplit

    if not isinstance(value, str) or not re.fullmatch(pattern, value):
        raise not_one
    try:
        parts = urlsplit(value)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise not_one from None
    if not host:
        raise not_one
    if "@" in parts.netloc:
        raise InvalidValue("holds a user name or password", without_user)
    return parts


_OF_A_NETWORK = (".localhost", ".local", ".lan", ".internal", ".home.arpa")
"""Names that no public server has."""


def monitor_url(value: Any) -> str:
    """The address of what watches the program: https, or http on this machine or in a private network."""
    not_one = InvalidValue("is not an address", "Write it as https://host/path.")
    parts = _split(value, r"[!-\[\]-~]{1,500}", not_one, "Take an address without them.")
    if parts.scheme not in ("http", "https") or parts.fragment:
        raise InvalidValue("must begin with https:// and have no #", "Copy it again.")
    if parts.scheme == "http" and not _is_private(parts.hostname or ""):
        raise InvalidValue("is http, which is taken for this machine and private networks only", "Write https.")
    return str(value)


def _is_private(host: str) -> bool:
    from ipaddress import ip_address

    try:
        address = ip_address(host)
    except ValueError:
        return "." not in host or host.endswith(_OF_A_NETWORK)
    return address.is_private or address.is_loopback


def is_loopback(host: str) -> bool:
    """Whether the name or address is this machine's own."""
    from ipaddress import ip_address

    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def web_address(value: Any) -> str:
    """The address of something on the web, with its path and query; whether it may be fetched shows when it is."""
    not_one = InvalidValue("is not a web address", "Write it as https://host/path.")
    pattern = r"https?://[^\s\\<>\"\x00-\x1f]{1,1900}"
    _split(value, pattern, not_one, "Only addresses that anybody may read are fetched.")
    return str(value)
