"""Cuts a text into passages of whole sentences: long enough to say something, short enough to be about one thing.

Pure. A heading is kept beside the passages below it, since they are often unclear without it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from twitter_manager.english import beginning, normalised, spans, weight

SHORTEST, LONGEST = 200, 600
"""What a passage should have at least, and has at most, as `english.weight` counts: 600 Latin letters or 300 Chinese
ones are about as much as the usual models read (256 tokens)."""
LONGEST_HEADING = 200
"""Characters; what is longer is no heading."""
MOST_TEXT = 100_000
"""Characters of one item that are looked at; sources give much less."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of a text, and the heading it stands below ("" for none)."""

    heading: str
    text: str

    @property
    def whole(self) -> str:
        """What is embedded, and shown."""
        return f"{self.heading}\n{self.text}" if self.heading else self.text


def passages(text: str, title: str = "") -> tuple[Passage, ...]:
    """The passages of a text in its order; nothing of it is left out but what nobody sees. `title`: the heading of
    what stands before the first heading of its own."""
    pieces: list[Passage] = []
    heading, pending = normalised(title)[:LONGEST_HEADING], ""
    for block in _blocks(text[:MOST_TEXT]):
        name = re.match(r"#{1,6} +(?=\S)", block)
        if name and len(block) <= LONGEST_HEADING:
            if pending:
                pieces.append(Passage("", pending))
            heading = pending = block[name.end() :]
            continue
        pieces += _of_block(block, heading)
        pending = ""
    if pending:
        pieces.append(Passage("", pending))
    return tuple(_joined(pieces))


def _blocks(text: str) -> Iterator[str]:
    """Paragraphs, lines of lists and headings, each as one normalised line."""
    for block in re.split(r"\n[^\S\n]*\n|\n(?=[^\S\n]*(?:[-*+•>|]|\d+[.)])[^\S\n])|(?:\A|\n)(?=#{1,6} )", text):
        first, newline, rest = block.partition("\n")
        pieces = (first, rest) if newline and re.match(r"#{1,6} ", block) else (block,)
        yield from filter(None, map(normalised, pieces))


def _of_block(block: str, heading: str) -> Iterator[Passage]:
    """Sentences together as long as they fit."""
    first = last = 0
    for begin, end in (piece for span in spans(block) for piece in _pieces(block, *span)):
        if weight(block[first:end].strip()) > LONGEST and last > first:
            yield Passage(heading, block[first:last].strip())
            first = begin
        last = end
    if text := block[first:].strip():
        yield Passage(heading, text)


def _pieces(block: str, begin: int, stop: int) -> Iterator[tuple[int, int]]:
    """A sentence that is too long alone is cut between words; where there are none, between characters."""
    while stop - begin > LONGEST or weight(block[begin:stop]) > LONGEST:
        end = begin + (LONGEST if weight(block[begin : begin + LONGEST]) <= LONGEST else LONGEST // 2)
        blank = block.rfind(" ", begin + LONGEST // 4, end)
        end = blank if blank > 0 else begin + len(beginning(block[begin:stop], end - begin))
        yield begin, end
        begin = end
    if begin < stop:
        yield begin, stop


def _joined(pieces: list[Passage]) -> Iterator[Passage]:
    """Neighbours below the same heading together, while one of them is short and both fit."""
    last: Passage | None = None
    for piece in pieces:
        if last is not None:
            both = f"{last.text}\n{piece.text}"
            short = min(weight(last.text), weight(piece.text)) < SHORTEST
            if last.heading == piece.heading and short and weight(both) <= LONGEST:
                last = Passage(last.heading, both)
                continue
            yield last
        last = piece
    if last is not None:
        yield last
