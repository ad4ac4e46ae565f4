"""What a person wrote in a mail themselves: without what it quotes of an earlier one, and without their signature.
Pure.

A mail program marks a quotation with > in front of each line, with a line above it ("On … wrote:", "Am … schrieb …:"),
or with the headers of the mail that it quotes (Outlook). New words may stand above it, below it, or between.
"""

from __future__ import annotations

import re

_QUOTED = re.compile(r"[ \t\xa0]{0,3}>")
_DIVIDER = re.compile(r"\s*(?:-{3,}[^-\n]{3,60}-{3,}|_{5,}|\*{5,})\s*")
_FROM = re.compile(r"\s*\*?(?:from|von|de|da|van|från|fra|od|expéditeur|absender)\s?:\*?\s?\S", re.IGNORECASE)
_HEADER = re.compile(
    r"\s*\*?(?:sent|date|to|cc|subject|gesendet|datum|an|betreff|envoyé|à|objet|enviado|para|asunto|fecha|inviato|data"
    r"|a|oggetto|verzonden|aan|onderwerp|skickat|till|ämne|sendt|til|emne)\s?:\*?\s",
    re.IGNORECASE,
)
_ATTRIBUTION = re.compile(
    r"(?:on|am|le|el|il|op|em|den|dne|dnia|w dniu)\b.{5,300}\b(?:wrote|schrieb|a écrit|escribió|ha scritto|schreef"
    r"|escreveu|skrev|napsal|napisał)\b.{0,120}[:：]",
    re.IGNORECASE | re.DOTALL,
)
_ATTRIBUTION_BEHIND = re.compile(r".{1,200} (?:schrieb am|wrote on|a écrit le|skrev den) .{5,100}:", re.IGNORECASE)
_MOBILE = re.compile(
    r"(?:sent|gesendet|von mein|envoyé|enviado|inviato|get outlook|holen sie sich outlook).{0,60}"
    r"(?:iphone|ipad|android|phone|outlook|handy|mobile|mobil|galaxy|yahoo|gmx|web\.de|mail)\b.{0,40}",
    re.IGNORECASE,
)
_LONGEST_ATTRIBUTION = 4
"""Lines; mail programs break long ones."""


def own_words(text: str) -> str:
    """The mail's own words."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\xa0", " ").split("\n")
    lines = _without_headed(lines)
    lines = _without_marked(lines)
    end = next((n for n, line in enumerate(lines) if line.rstrip() == "--"), len(lines))
    own = "\n".join(lines[:end]).strip()
    above, _, last = own.rpartition("\n")
    return above.strip() if _MOBILE.fullmatch(last.strip()) else own


def _without_headed(lines: list[str]) -> list[str]:
    """Without what follows a divider, or the headers of the mail that is quoted."""
    for number, line in enumerate(lines):
        if _DIVIDER.fullmatch(line):
            return lines[:number]
        if _FROM.match(line):
            following = [after for after in lines[number + 1 : number + 6] if after.strip()]
            if any(map(_HEADER.match, following)):
                return lines[:number]
    return lines


def _without_marked(lines: list[str]) -> list[str]:
    """Without the lines that > marks and the line that introduces them; where that stands and no > follows, without
    all that comes after it."""
    own: list[str] = []
    number = 0
    while number < len(lines):
        if _QUOTED.match(lines[number]):
            number += 1
            continue
        if length := _attribution(lines, number):
            number += length
            after = next((line for line in lines[number:] if line.strip()), "")
            if not _QUOTED.match(after):
                break
            continue
        own.append(lines[number])
        number += 1
    return own


def _attribution(lines: list[str], start: int) -> int:
    """How many lines from here on introduce a quotation; 0 where none does."""
    if not lines[start].strip():
        return 0
    for length in range(1, _LONGEST_ATTRIBUTION + 1):
        piece = lines[start : start + length]
        if len(piece) < length or not piece[-1].strip():
            return 0
        if len(joined := " ".join(map(str.strip, piece))) > 500:
            return 0
        # In one line alone: else the person's own line above it would count as its beginning.
        known = _ATTRIBUTION_BEHIND.fullmatch(joined) or (_introduces(joined) and _marked_next(lines, start + 1))
        if _ATTRIBUTION.fullmatch(joined) or (length == 1 and known):
            return length
    return 0


def _introduces(line: str) -> bool:
    """A line in whatever language that ends in a colon and has a date or an address."""
    return line.endswith((":", "：")) and bool(
        re.search(r"<?\S+@\S+|\d{1,4}[./-]\d{1,2}|\d{1,2}:\d{2}|\b\d{4}\b", line)
    )


def _marked_next(lines: list[str], number: int) -> bool:
    following = next((line for line in lines[number : number + 2] if line.strip()), "")
    return bool(_QUOTED.match(following))
