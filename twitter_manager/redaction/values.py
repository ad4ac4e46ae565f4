"""Finds known secret values in a text, however they are written there.

A server may echo a credential reversed, as hex, as base64, percent-encoded, as `\\u0041` or `&#65;`, broken into lines,
or cut. So the text is compared in decoded views, and each secret by its pieces: those of `FRAGMENT` characters of every
form. One pass over a view costs the same for one secret and for a hundred.
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
MIN_VALUE = 8
"""Characters; a shorter value would black out ordinary words."""
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
"""What breaks a value up: line breaks, blanks, colons, characters that nobody sees."""
_ESCAPE = re.compile(
    r"%u[0-9A-Fa-f]{4}|%[0-9A-Fa-f]{2}|=[0-9A-F]{2}|0[xX][0-9A-Fa-f]{2}[,\s]*"
    r"|\\u\{[0-9A-Fa-f]{1,6}\}|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8}|\\x[0-9A-Fa-f]{2}|\\[0-7]{3}|\\[bfnrt\"'\\/]"
    r"|&#[xX][0-9A-Fa-f]{1,6};?|&#[0-9]{1,7};?|&[A-Za-z]{2,8};",
    re.ASCII,
)
_FOLD = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ-_", "abcdefghijklmnopqrstuvwxyz+/")
"""One view for upper and lower hex and for both alphabets of base64."""
_GRAM = 4
_STEP = MIN_VALUE - _GRAM + 1
"""A piece is looked for where one of its first `_STEP` grams (4 characters) stands: one of them begins at a multiple
of `_STEP`, so a text is read only there."""

Span = tuple[int, int]


class _Pieces:
    """Strings of at least `MIN_VALUE` characters, looked for all at once."""

    def __init__(self) -> None:
        self._by_length: defaultdict[int, set[str]] = defaultdict(set)
        self._grams: set[str] = set()

    def __len__(self) -> int:
        return sum(map(len, self._by_length.values()))

    def add(self, piece: str) -> None:
        self._by_length[len(piece)].add(piece)
        self._grams.update(piece[at : at + _GRAM] for at in range(_STEP))

    def hits(self, text: str) -> Iterator[Span]:
        for gram_at in range(0, len(text) - _GRAM + 1, _STEP):
            if text[gram_at : gram_at + _GRAM] in self._grams:
                for start in range(max(0, gram_at - _STEP + 1), gram_at + 1):
                    for length, pieces in self._by_length.items():
                        if text[start : start + length] in pieces:
                            yield start, start + length


class KnownValues:
    """A set of secret values, ready to be looked for."""

    def __init__(self, values: Sequence[str]) -> None:
        self._exact = _Pieces()
        """Values shorter than a fragment: "password12" is only itself, and no "password"."""
        self._folded = _Pieces()
        for value in values:
            self._learn(value)

    def __len__(self) -> int:
        return len(self._exact) + len(self._folded)

    def _learn(self, value: str) -> None:
        public = _PUBLIC.match(value)
        secret = value[public.end() :] if public and len(value) - public.end() >= FRAGMENT else value
        for spelling in _spellings(secret):
            for form in (spelling, spelling[::-1]):
                if len(form) < FRAGMENT:
                    self._exact.add(form)
                else:
                    self._add(form, _is_telling)
        for form in _encodings(secret):
            self._add(form, _is_varied)

    def _add(self, form: str, is_telling: Callable[[str], bool]) -> None:
        """Each telling fragment of a form; where not all of them are, three quarters of it too: it may be words."""
        fragments = list(_windows(form, FRAGMENT))
        pieces = list(filter(is_telling, fragments))
        if len(pieces) < max(1, len(fragments)):
            pieces += _windows(form, min(len(form), max(MIN_VALUE, -(-len(form) * 3 // 16) * 4)))
        for piece in pieces:
            self._folded.add(piece.translate(_FOLD))

    def spans(self, text: str) -> Iterator[Span]:
        """Where pieces of values stand in `text`, in no order, overlapping."""
        view = _View(text, range(len(text)), range(1, len(text) + 1))
        for _ in range(1 + ROUNDS if len(self) else 0):
            yield from view.spans(self._exact.hits(view.text))
            folded = view.text.translate(_FOLD)
            yield from view.spans(self._folded.hits(folded))
            if any(self._folded.hits(_SEPARATORS.sub("", folded))):
                joined = view.replaced(_SEPARATORS, lambda separator: "")
                yield from joined.spans(self._folded.hits(joined.text.translate(_FOLD)))
            decoded = view.replaced(_ESCAPE, _meaning)
            if decoded.text == view.text:
                return
            view = decoded


@dataclass(frozen=True, slots=True)
class _View:
    """A text as it reads when decoded."""

    text: str
    begins: Sequence[int]
    """Where each of its characters begins in the original."""
    ends: Sequence[int]

    def spans(self, hits: Iterator[Span]) -> Iterator[Span]:
        return ((self.begins[start], self.ends[end - 1]) for start, end in hits)

    def replaced(self, pattern: re.Pattern[str], meaning: Callable[[str], str | None]) -> _View:
        """The view with each match replaced by its meaning; one that has none stays."""
        texts: list[str] = []
        begins: list[int] = []
        ends: list[int] = []
        at = 0
        for match in pattern.finditer(self.text):
            start, end = match.span()
            if (text := meaning(match[0])) is not None:
                texts += (self.text[at:start], text)
                begins += (*self.begins[at:start], *[self.begins[start]] * len(text))
                ends += (*self.ends[at:start], *[self.ends[end - 1]] * len(text))
                at = end
        return _View("".join((*texts, self.text[at:])), [*begins, *self.begins[at:]], [*ends, *self.ends[at:]])


def _meaning(escape: str) -> str | None:
    """What an escape stands for; a byte stands for the character of its number."""
    if escape[0] == "&" and escape[1] != "#":
        from html.entities import html5

        return html5.get(escape[1:])
    if escape[0] == "\\" and escape[1] not in "uUx01234567":
        return {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}.get(escape[1], escape[1])
    octal = escape[0] == "\\" and escape[1].isdigit()
    decimal = escape[:2] == "&#" and escape[2] not in "xX"
    digits = re.sub(r"\A(?:0[xX]|[%=\\&#uUxX{])+|[};,\s]+\Z", "", escape)
    number = int(digits, 8 if octal else 10 if decimal else 16)
    return chr(number) if number <= 0x10FFFF else None


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
    forms = {form.replace(" ", blank) for form in (value, raw.decode("latin-1"), units) for blank in (" ", "+", "")}
    return {form for form in forms if len(form) >= MIN_VALUE}


def _encodings(value: str) -> set[str]:
    """In hex, and the characters that the value surely leaves in the base64 of any text that holds it."""
    raw = value.encode("utf-8", "surrogatepass")
    forms = {raw.hex(), raw[::-1].hex()}
    for content in {raw, urllib.parse.quote(raw, safe="").encode(), raw[::-1]}:
        for offset in range(3):
            encoded = base64.b64encode(b"\0" * offset + content).decode()
            forms.add(encoded[-(-offset * 8 // 6) : (offset + len(content)) * 8 // 6])
    return {form for form in forms if len(form) >= MIN_VALUE}
