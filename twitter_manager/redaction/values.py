"""Finds known secret values in a text, however they are written there.

A server may echo a credential reversed, as hex, as base64, percent-encoded, as `\\u0041` or `&#65;`, broken into lines,
or cut. So the text is compared in decoded views, and each secret by its fragments: every piece of `FRAGMENT`
characters of every form. One pass over a view costs the same for one secret and for a hundred.
"""

from __future__ import annotations

import base64
import re
import urllib.parse
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

FRAGMENT = 12
"""Characters. A piece of this length of a random key is no accident in a text, and what is shorter betrays little."""
ROUNDS = 3
"""So many escapes within each other are decoded: a percent-encoded JSON string of HTML, say."""
_LEAST_VARIED = 5
"""Different characters of a fragment. With fewer it may be a row of zeros, or a line of dashes."""
_MIXED = re.compile(r"[A-Za-z][0-9]|[0-9][A-Za-z]|[a-z][A-Z]|[A-Z]{2}[a-z]")
"""What words, dates and numbers don't have: a fragment without it may be part of an ordinary sentence."""
_PUBLIC = re.compile(
    r"sk-ant-[a-z]{2,8}[0-9]{2}-|sk-[a-z]{2,8}-(?:v1-)?|github_pat_|eyJ[\w-]+\.|[0-9]{5,19}-(?=[A-Za-z0-9]{20})"
)
"""Beginnings that are no secret: a service's prefix, a token's header, the account's number in an X access token."""
_SEPARATORS = re.compile("[\\s:,;|\u00ad\u200b\u2060\ufeff]+")
_ESCAPE = re.compile(
    r"%u[0-9A-Fa-f]{4}|%[0-9A-Fa-f]{2}|=[0-9A-F]{2}|0[xX][0-9A-Fa-f]{2}[,\s]*"
    r"|\\u\{[0-9A-Fa-f]{1,6}\}|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8}|\\x[0-9A-Fa-f]{2}|\\[0-7]{3}|\\[bfnrt\"'\\/]"
    r"|&#[xX][0-9A-Fa-f]{1,6};?|&#[0-9]{1,7};?|&[A-Za-z]{2,8};",
    re.ASCII,
)
_FOLD = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ-_", "abcdefghijklmnopqrstuvwxyz+/")
"""One view for upper and lower hex and for both alphabets of base64."""

Span = tuple[int, int]


class KnownValues:
    """A set of secret values, ready to be looked for."""

    def __init__(self, values: Sequence[str]) -> None:
        self._fragments: set[str] = set()
        self._longer: defaultdict[int, set[str]] = defaultdict(set)
        """Pieces of what could be ordinary words, by their length: most of such a value must be there."""
        self._short: defaultdict[int, set[str]] = defaultdict(set)
        """Values shorter than a fragment, by their length: "password12" is only itself, and no "password"."""
        for value in values:
            self._learn(value)

    def __len__(self) -> int:
        return len(self._fragments) + sum(map(len, (*self._longer.values(), *self._short.values())))

    def _learn(self, value: str) -> None:
        public = _PUBLIC.match(value)
        secret = value[public.end() :] if public and len(value) - public.end() >= FRAGMENT else value
        for spelling in _spellings(secret):
            for form in (spelling, spelling[::-1]):
                if len(form) < FRAGMENT:
                    self._short[len(form)].add(form)
                else:
                    self._add(form, _is_telling)
        for form in _encodings(secret):
            self._add(form, _is_varied)

    def _add(self, form: str, telling: Callable[[str], bool]) -> None:
        pieces = list(_windows(form, FRAGMENT))
        enough = {piece.translate(_FOLD) for piece in pieces if telling(piece)}
        self._fragments |= enough
        if not pieces or not all(map(telling, pieces)):
            most = min(len(form), max(8, -(-len(form) * 3 // 16) * 4))
            self._longer[most].update(piece.translate(_FOLD) for piece in _windows(form, most))

    def spans(self, text: str) -> Iterator[Span]:
        """Where pieces of values stand in `text`, in no order, overlapping."""
        if not len(self):
            return
        view: _View | None = _View(text, range(len(text)), range(1, len(text) + 1))
        for _ in range(1 + ROUNDS):
            if view is None:
                return
            for length, known in self._short.items():
                yield from view.spans(_hits(view.text, length, known))
            folded = view.text.translate(_FOLD)
            for length, known in ((FRAGMENT, self._fragments), *self._longer.items()):
                yield from view.spans(_hits(folded, length, known))
                if length >= FRAGMENT:
                    yield from view.spans(_hits_in_pieces(folded, length, known))
            view = _decoded(view)


@dataclass(frozen=True, slots=True)
class _View:
    """A text as it reads when decoded. `begins` and `ends`: where each of its characters stands in the original."""

    text: str
    begins: Sequence[int]
    ends: Sequence[int]

    def spans(self, hits: Iterator[Span]) -> Iterator[Span]:
        return ((self.begins[start], self.ends[end - 1]) for start, end in hits)


def _decoded(view: _View) -> _View | None:
    """The view with its escapes decoded once; None where it has none. A byte stands as the character of its number."""
    pieces: list[str] = []
    begins: list[int] = []
    ends: list[int] = []
    at = 0
    for found in _ESCAPE.finditer(view.text):
        start, end = found.span()
        if not (meaning := _meaning(found[0])):
            continue
        pieces += (view.text[at:start], meaning)
        begins += (*view.begins[at:start], *[view.begins[start]] * len(meaning))
        ends += (*view.ends[at:start], *[view.ends[end - 1]] * len(meaning))
        at = end
    if not pieces:
        return None
    return _View("".join((*pieces, view.text[at:])), [*begins, *view.begins[at:]], [*ends, *view.ends[at:]])


def _meaning(escape: str) -> str:
    if escape[0] == "&" and escape[1] != "#":
        from html.entities import html5

        return html5.get(escape[1:], "")
    if escape[0] == "\\" and escape[1] not in "uUx01234567":
        return {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}.get(escape[1], escape[1])
    octal = escape[0] == "\\" and escape[1].isdigit()
    decimal = escape[:2] == "&#" and escape[2] not in "xX"
    digits = re.sub(r"\A(?:0[xX]|[%=\\&#uUxX{])+|[};,\s]+\Z", "", escape)
    number = int(digits, 8 if octal else 10 if decimal else 16)
    return chr(number) if number <= 0x10FFFF else ""


def _hits(folded: str, length: int, known: set[str]) -> Iterator[Span]:
    return ((at, at + length) for at in range(len(folded) - length + 1) if folded[at : at + length] in known)


def _hits_in_pieces(folded: str, length: int, known: set[str]) -> Iterator[Span]:
    """What stands in the text broken by line breaks, blanks, colons or characters that nobody sees."""
    whole = _SEPARATORS.sub("", folded)
    hits = list(_hits(whole, length, known)) if len(whole) < len(folded) else []
    if hits:
        places = [
            at for found in re.finditer(f"[^{_SEPARATORS.pattern[1:-2]}]+", folded) for at in range(*found.span())
        ]
        yield from ((places[start], places[end - 1] + 1) for start, end in hits)


def _windows(form: str, length: int) -> Iterator[str]:
    return (form[at : at + length] for at in range(len(form) - length + 1))


def _is_varied(piece: str) -> bool:
    return len(set(piece)) >= _LEAST_VARIED


def _is_telling(piece: str) -> bool:
    return _is_varied(piece) and bool(_MIXED.search(piece))


def _spellings(value: str) -> set[str]:
    """As characters, as the bytes of UTF-8, as the halves of UTF-16; and with `+` for blanks or without them."""
    raw = value.encode("utf-8", "surrogatepass")
    halves = value.encode("utf-16-be", "surrogatepass")
    units = "".join(chr(int.from_bytes(halves[at : at + 2])) for at in range(0, len(halves), 2))
    spelled = {value, raw.decode("latin-1"), units}
    return spelled | {form.replace(" ", blank) for form in spelled for blank in ("+", "")}


def _encodings(value: str) -> set[str]:
    """In hex, and the characters that the value surely leaves in the base64 of any text that holds it."""
    raw = value.encode("utf-8", "surrogatepass")
    forms = {raw.hex(), raw[::-1].hex()}
    for content in {raw, urllib.parse.quote(raw, safe="").encode(), raw[::-1]}:
        for offset in range(3):
            encoded = base64.b64encode(b"\0" * offset + content).decode()
            forms.add(encoded[-(-offset * 8 // 6) : (offset + len(content)) * 8 // 6])
    return {form for form in forms if len(form) >= 8}
