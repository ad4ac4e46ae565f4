"""What a heading says of the text below it, by the words of seven languages.

Two reasons: below "Not supported", "Roadmap", "The problem" or "End of the project" stands what is not so (not yet, or
not any more), so it is no statement of its author; "Licence", "See also" or "Installation" hold nothing that is worth
a post.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from twitter_manager.sources.words import pattern

_CODE = re.compile(
    r"-{1,2}\w|\S+\(|[\w.]+_\w+\Z|[a-z]\w*(?:[.:/]+\w+)+\Z|\w+=|<\w|@\w|\$|(?:class|function|method) \w+\Z|\.\w+"
)


_NUMBER = re.compile(
    r"(?:(?:chapter|section|part|appendix|kapitel|abschnitt|teil|anhang|chapitre|partie|annexe|capitolo|sezione|parte"
    r"|appendice|capítulo|capitulo|sección|apéndice|hoofdstuk|deel|bijlage|seção|apêndice|глава|раздел|приложение)"
    r"\s+(?:\d+(?:\.\d+)*|[A-Z]|[IVX]+)\s*[.:–—-]\s+"
    r"|(?:[A-Z]\.)?\d{1,2}(?:\.\d{1,3}){1,5}(?:\.\s+|\s+(?-i:(?![a-zß-ÿ])))(?=[^\W\d_])|[A-Z]\.\d+(?:\.\d+){0,5}\.?\s+"
    r"|(?:第\s*[\d一二三四五六七八九十]+\s*[章節节部编編]|付録\s*[A-Z\d]|附录\s*[A-Z\d])[\s.:：、]*)",
    re.IGNORECASE,
)
"""The number that a chapter or a section has in its book; not that in "Section 230 survives" or "3.12 is out"."""


_FOR_THE_MOUSE = re.compile(
    r"\s*\((?:clic|click|tap|cliquer|cliquez|klicken|clicca|clique|klik)\b[^()]{0,60}\)\Z", re.I
)


def unnumbered(heading: str) -> str:
    """A heading without its number in the book, and so what stands behind a colon; without "(click to expand)"."""
    heading = _bare(_FOR_THE_MOUSE.sub("", heading))
    return "".join(map(_bare, re.split(r"(?<=: )", heading))).strip() or heading


def of_chapter(heading: str) -> str:
    """A heading of a page or a document without its number, "7." among them, and its anchor."""
    return unnumbered(re.sub(r"\A\d{1,2}\. +(?=\w)|(?:[¶§]| #)\Z", "", " ".join(heading.split())).rstrip())


def _bare(heading: str) -> str:
    number = _NUMBER.match(heading)
    return heading[number.end() :] if number and number.end() < len(heading) else heading


def gives_no_material(headings: Sequence[str]) -> bool:
    """Whether no post can be made of what stands below these headings."""
    return any(_gives_nothing(heading) for heading in headings)


def _gives_nothing(heading: str) -> bool:
    spoken = heading.strip()
    if spoken.endswith(("?", "？", ";", "؟")) or _CODE.match(spoken):
        return True  # an answer without its question, or the signature of what a reference describes
    words = normalised(spoken)
    takes_back = pattern("headings.takes_back", r"(?<!\w){}(?!\w)")
    is_over = pattern("headings.is_over", r"{}(?!\w)")
    no_material = pattern("headings.no_material", r"{}(?: (?:and|&|und|et|y|e|en) .{1,30})?")
    return bool(takes_back.search(words) or is_over.match(words) or no_material.fullmatch(words))


def normalised(heading: str) -> str:
    """A heading in small letters without its number, its pictures and its marks."""
    text = unicodedata.normalize("NFC", heading[:200]).casefold().replace("’", "'")
    text = "".join(c if c.isalnum() or c in "'&- " or unicodedata.category(c)[0] == "M" else " " for c in text)
    return " ".join(re.sub(r"\A\s*(?:(?:\d+|[ivx]+|[a-z])(?:\s+\d+)*\s+)?(?=\S{2})", "", text).split()).strip("-' ")
