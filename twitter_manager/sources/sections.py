"""Cuts a document into sections, each a few sentences to about 2,000 characters: a post is about one thing, and a
whole document is about many. Markdown is read as CommonMark; code, tables and HTML in it are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from twitter_manager.sources import plain

if TYPE_CHECKING:
    from markdown_it.token import Token

LONGEST = 2000
"""Characters of a section."""
SHORTEST = 40
"""A shorter one says too little: a heading's only word, a caption."""
MOST_SECTIONS = 300
"""Of one document."""


@dataclass(frozen=True, slots=True)
class Section:
    """A piece of a document. `slug`: its name within the document, made from the heading; `level`: the heading's, 0
    for what stands before the first."""

    heading: str
    level: int
    slug: str
    text: str


def of_markdown(markdown: str) -> tuple[str, list[Section]]:
    """The first heading (or nothing), and the sections of a Markdown text, in its order."""
    parts = list(_headed(markdown))
    title = next((heading for _, heading, _ in parts if heading), "")
    return title, _cut([part for part in parts if part[2]])


def of_text(text: str) -> list[Section]:
    """The sections of a text without headings: paragraphs together as far as they fit."""
    return _cut([(0, "", plain.clean(text).split("\n\n"))])


def _headed(markdown: str) -> Iterator[tuple[int, str, list[str]]]:
    """Each heading's level and words, with the paragraphs below it."""
    from markdown_it import MarkdownIt

    level, heading, paragraphs = 0, "", list[str]()
    inside = 0
    for token in MarkdownIt("commonmark").enable("table").parse(markdown):
        if token.type == "heading_open":
            yield level, heading, paragraphs
            level, heading, paragraphs, inside = int(token.tag[1:]), "", [], 1
        elif token.type == "heading_close":
            inside = 0
        elif token.type in ("table_open", "table_close"):
            inside = 2 if token.type == "table_open" else 0
        elif token.type == "inline" and inside != 2:
            words = plain.clean(_inline(token.children or ()))
            if inside == 1:
                heading = plain.line(words, 120)
            elif words:
                paragraphs.append(words)
    yield level, heading, paragraphs


def _inline(tokens: Sequence[Token]) -> str:
    """The words of a line of Markdown: no marks, no images, no HTML; an address that is its own words stays."""
    pieces = []
    for token in tokens:
        if token.type in ("text", "code_inline"):
            pieces.append(token.content)
        elif token.type in ("softbreak", "hardbreak"):
            pieces.append("\n")
    return "".join(pieces)


def _cut(parts: Sequence[tuple[int, str, list[str]]]) -> list[Section]:
    sections: list[Section] = []
    taken: set[str] = set()
    for level, heading, paragraphs in parts:
        for number, text in enumerate(_fitting(paragraphs), start=1):
            if len(text) < SHORTEST or len(sections) == MOST_SECTIONS:
                continue
            name = slug(heading) + (f"-{number}" if number > 1 else "")
            while name in taken:
                name = _next_name(name)
            taken.add(name)
            sections.append(Section(heading, level, name, text))
    return sections


def _fitting(paragraphs: Sequence[str]) -> Iterator[str]:
    """Paragraphs together as long as they fit; one that is too long alone is cut between its sentences."""
    text = ""
    for piece in (piece for paragraph in paragraphs for piece in _pieces(paragraph)):
        if text and len(text) + 2 + len(piece) > LONGEST:
            yield text
            text = ""
        text = f"{text}\n\n{piece}" if text else piece
    if text:
        yield text


def _pieces(paragraph: str) -> Iterator[str]:
    while len(paragraph) > LONGEST:
        head = paragraph[:LONGEST]
        cuts = [found.end() for found in re.finditer(r"[.!?…][\"”’)\]]*\s+|[。！？]|\s+", head)]
        ends = [cut for cut in cuts if re.search(r"[.!?…。！？][\"”’)\]]*\s*\Z", head[:cut])]
        cut = (ends or cuts or [LONGEST])[-1]
        yield paragraph[:cut].strip()
        paragraph = paragraph[cut:].strip()
    if paragraph:
        yield paragraph


def slug(heading: str) -> str:
    """A heading as a part of a key: small letters and digits of any script, hyphens between."""
    words = "".join(c if c.isalnum() else " " for c in heading.casefold()).split()
    return "-".join(words)[:80].rstrip("-") or "text"


def _next_name(name: str) -> str:
    head, _, number = name.rpartition("~")
    return f"{head}~{int(number) + 1}" if head and number.isdigit() else f"{name}~2"
