"""Cuts a document into sections, each a few sentences to about 2,000 characters: a post is about one thing, and a
whole document is about many.

Of a section remains what its author states in whole sentences. Quotes are left out, and what stands below a heading
that takes it back (`headings`), entries that are no sentences, and a sentence that only leads to the list, code or
table after it, with that list.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from twitter_manager.sources import headings, markdown, plain, words
from twitter_manager.sources.blocks import Block

LONGEST = 2000
"""Characters of a section."""
SHORTEST = 40
"""A shorter one says too little: a heading's only word, a caption."""
MOST_SECTIONS = 300
"""Of one document."""
_LEAST_WORDS = 6
"""Of an entry of a list that is a sentence of its own."""
_LEADS_ON = re.compile(r"(?:[:：]|\.\.\.|…)\W*\Z")
_GOES_ON = re.compile(
    r"[a-z]|(?:(?:This|That|These|Those|Which|It|Its|They|Here|Then|Now|Notice|As you|Or|And|But|Plus|Will|Also"
    r"|Alternatively)\b"
    r"|The (?:above|name|result|output|code|example|command|first|second|last)\b|(?:If|When) (?:you|we) (?:run"
    r"|call|open|start|now)\b"
    r"|In (?:this|the above|that)\b|(?:Das|Dies|Diese[rs]?|Hier|Dann|Cela|Ceci|Ici|Esto|Eso|Aquí|Questo|Qui|Dit"
    r"|Dat|Hier|Isso|Isto)\b)"
)
"""How a paragraph begins that speaks of the code or list above it."""


@dataclass(frozen=True, slots=True)
class Section:
    """A piece of a document."""

    heading: str
    level: int
    """The heading's; 0 for what stands before the first."""
    slug: str
    """The section's name within the document, made from the heading."""
    text: str
    headings: tuple[str, ...] = ()
    """The heading and those above it, the outermost first."""


@dataclass(frozen=True, slots=True)
class _Part:
    """What stands below one heading."""

    headings: tuple[str, ...]
    level: int
    blocks: list[Block]


def of_markdown(text: str) -> tuple[str, list[Section]]:
    """The first heading (or nothing), and the sections of a Markdown text, in its order."""
    blocks = markdown.blocks(text)
    return title_of(blocks), of_blocks(blocks)


def of_text(text: str) -> list[Section]:
    """The sections of a text without headings: paragraphs together as far as they fit."""
    return _cut([((), 0, [words for words in plain.clean(text).split("\n\n") if not _LEADS_ON.search(words)])])


def of_blocks(blocks: Sequence[Block]) -> list[Section]:
    """The sections of a document in which something is stated."""
    titles = [block.text for block in blocks if block.kind == "heading" and block.level == 1]
    asked = titles[0] if len(titles) == 1 else ""  # a page's title may be a question: all of the page answers it
    parts = [
        part
        for part in _parts(blocks)
        if not headings.gives_no_material(
            [heading.rstrip("?") if heading == asked else heading for heading in part.headings]
        )
    ]
    return _cut([(part.headings, part.level, list(_statements(part.blocks))) for part in parts])


def statements(blocks: Sequence[Block]) -> list[str]:
    """All paragraphs in which something is stated, of a text that is not to be cut."""
    parts = (part for part in _parts(blocks) if not headings.gives_no_material(part.headings))
    return [text for part in parts for text in _statements(part.blocks)]


def whole(pieces: Sequence[Section], otherwise: str = "") -> list[Section]:
    """The beginning of an article as one piece: its title says what all of it is about."""
    text = plain.shorten("\n\n".join(section.text for section in pieces), LONGEST) or otherwise
    slug = pieces[0].slug if pieces else "text"  # as it was called before it was an article
    return [Section("", 0, slug, text)] if text else []


def title_of(blocks: Iterable[Block]) -> str:
    """The first heading, or nothing."""
    title = next((block.text for block in blocks if block.kind == "heading" and block.text), "")
    return headings.unnumbered(title)


def page_title(blocks: Sequence[Block]) -> str:
    """The heading of the whole document: the first, where no other stands beside it on its level."""
    levels = [block.level for block in blocks if block.kind == "heading" and block.text]
    if not levels or (levels[0] > 1 and levels[0] in levels[1:]) or min(levels) < levels[0]:
        return ""
    return title_of(blocks)


def _parts(blocks: Iterable[Block]) -> list[_Part]:
    parts = [_Part((), 0, [])]
    above: list[Block] = []
    for block in blocks:
        if block.kind == "heading":
            above = [heading for heading in above if heading.level < block.level] + [block]
            parts.append(_Part(tuple(heading.text for heading in above), block.level, []))
        else:
            parts[-1].blocks.append(block)
    return parts


def _statements(blocks: Iterable[Block]) -> Iterator[str]:
    """The paragraphs that say something by themselves."""
    leads = False  # what goes before leads to this list: its entries say nothing without it
    after = False  # code or a list stands above
    for block in blocks:
        if block.kind == "paragraph":
            goes_on = (leads or after) and _GOES_ON.match(block.text) is not None
            leads, after = bool(_LEADS_ON.search(block.text)), False
            text = without_lead(block.text) if leads else block.text
            if text and not goes_on and not words.fits("pages.junk", text.removesuffix(".")):
                yield text
        elif block.kind == "code":
            leads, after = False, True
        elif block.kind == "item" and not leads and block.level == 1 and _is_sentence(block.text):
            yield block.text


def without_lead(text: str) -> str:
    """The paragraph without its last sentence, which leads on to what follows."""
    ends = [end.end() for end in re.finditer(r"[.!?…][\"”’)\]]*\s+(?=[^\W\d_a-z])|[。！？]", text)]
    return text[: ends[-1]].rstrip() if ends else ""


def _is_sentence(text: str) -> bool:
    begins = re.match(r"[\"“«„(¿¡]*(?:[^\W_a-z]|\d)", text) is not None
    return (
        begins
        and plain.ends_sentence(text)
        and (len(text.split()) >= _LEAST_WORDS or not text.isascii())
        and re.match(r"[^.!?]{1,40}?(?::\s|\s[-–—]\s)", text) is None  # a term and what it means
    )


def _cut(parts: Sequence[tuple[tuple[str, ...], int, list[str]]]) -> list[Section]:
    sections: list[Section] = []
    taken: set[str] = set()
    for above, level, paragraphs in parts:
        heading = above[-1] if above else ""
        for number, text in enumerate(_fitting(paragraphs), start=1):
            if len(text) < SHORTEST or len(sections) == MOST_SECTIONS:
                continue
            name = slug(heading) + (f"-{number}" if number > 1 else "")
            while name in taken:
                name = _next_name(name)
            taken.add(name)
            spoken = tuple(map(headings.unnumbered, above))
            sections.append(Section(headings.unnumbered(heading), level, name, text, spoken))
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
        cuts = [cut.end() for cut in re.finditer(r"[.!?…][\"”’)\]]*\s+|[。！？]|\s+", head)]
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
