"""The last resort: posts the material's own sentences, word for word. No model, no request, no cost.

An item with human wordings is posted as one of them. Of a longer text it takes sentences that stand on their own:
complete, from the beginning where that can be, and not hanging on a neighbour that stays behind.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache

from twitter_manager.domain import Brief, Candidate, Generation, Item, Progress, TimeLeft
from twitter_manager.writing.brief import POST_CHARS

LEAST_CHARS = 20
"""A shorter sentence says too little alone."""
MOST_TEXT = 20_000
"""Characters of an item that are looked at."""


class Excerpt:
    """Never fails; an item with no sentence that fits gives a generation without candidates."""

    name = "excerpt"

    def generate(
        self, briefs: Sequence[Brief], n: int, time_left: TimeLeft, progress: Progress
    ) -> Iterator[tuple[Brief, tuple[Generation, ...]]]:
        """See `domain.Generator`. One generation a brief, with up to `n` candidates."""
        for brief in briefs:
            texts = excerpts(brief)[:n]
            yield (
                brief,
                (
                    Generation(
                        generator=self.name,
                        model="",
                        revision="",
                        seed=brief.seed,
                        prompt="",
                        raw="\n".join(texts),
                        candidates=tuple(Candidate((text,), score=-float(at)) for at, text in enumerate(texts)),
                    ),
                ),
            )

    free = True

    def verify(self) -> str:
        """Needs nothing."""
        return "needs nothing"


def excerpts(brief: Brief) -> list[str]:
    """Texts of the brief's items that fit its limit, best first: wordings not posted lately before others, then
    sentences in the order of the text."""
    found: list[str] = []
    for item in brief.items:
        found += _wordings(item, brief) or _passages(item.text[:MOST_TEXT], min(brief.max_chars, POST_CHARS))
    said = [_words(text) for text in brief.recent]
    found.sort(key=lambda text: any(_words(text) in post for post in said))
    return list(dict.fromkeys(found))


def _wordings(item: Item, brief: Brief) -> list[str]:
    """A note's own text and its human wordings, in an order that turns with the seed; none for other items."""
    every = (item.text, *item.wordings) if item.wordings else ()
    whole = [text.strip() for text in every if text.strip() and _weight(text) <= brief.max_chars]
    turn = brief.seed % max(1, len(whole))
    return whole[turn:] + whole[:turn]


def _passages(text: str, max_chars: int) -> list[str]:
    """Runs of whole sentences, each as long as fits: from the first sentence, then from later ones."""
    found = []
    for paragraph in _paragraphs(text):
        spans = _spans(paragraph)
        for at, (begin, _) in enumerate(spans):
            run = ""
            for start, end in spans[at:]:
                if not _complete(paragraph[start:end]) or _weight(paragraph[begin:end]) > max_chars:
                    break
                run = paragraph[begin:end]
            if _stands_alone(run) and (begin == 0 or not run.startswith("The ")):  # "the bug": which one?
                found.append(run)
    return found


def _paragraphs(text: str) -> list[str]:
    """Blocks between blank lines, and single lines of lists and headings."""
    blocks = re.split(r"\n[ \t]*\n|\n(?=[ \t]*(?:[-*+•#>|]|\d+[.)])[ \t])", text)
    return [" ".join(block.split()) for block in blocks if block.strip()]


def _spans(paragraph: str) -> list[tuple[int, int]]:
    """Where a paragraph's sentences are. Unsure places (abbreviations, initials, lower case after the stop) are no
    boundary."""
    spans = []
    begin = 0
    for boundary in _boundary().finditer(paragraph):
        if not _abbreviation().search(paragraph, begin, boundary.start("gap")):
            spans.append((begin, boundary.start("gap")))
            begin = boundary.end()
    return [*spans, (begin, len(paragraph))] if begin < len(paragraph) else spans


def _stands_alone(text: str) -> bool:
    """Whether it makes sense without what stood around it."""
    return len(text) >= LEAST_CHARS and not _dangling().search(text)


def _complete(sentence: str) -> bool:
    """A sentence with a beginning, an end and its brackets and quotes closed."""
    if not _end().search(sentence) or not (
        (sentence[0].isalnum() and not sentence[0].islower()) or sentence[0] in "\"“'`("
    ):
        return False
    pairs = (("(", ")"), ("[", "]"), ("{", "}"), ("“", "”"), ("«", "»"))
    return all(sentence.count(a) == sentence.count(b) for a, b in pairs) and all(
        sentence.count(q) % 2 == 0 for q in '"`'
    )


def _weight(text: str) -> int:
    """Length as the strictest platform counts it, on the safe side: 2 for CJK, emoji and other rare characters.

    https://github.com/twitter/twitter-text/blob/master/config/v3.json
    """
    return sum(
        1 if (code := ord(c)) < 0x1100 or 0x2000 <= code <= 0x2037 else 2 for c in unicodedata.normalize("NFC", text)
    )


def _words(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold()
    return " ".join("".join(c if c.isalnum() else " " for c in folded).split())


@cache
def _boundary() -> re.Pattern[str]:
    return re.compile(r"""(?:(?<=[.!?…])["”')\]]*(?=\s+["“'`(\[]*[^\W_a-z])|(?<=[。！？])[」』]*)(?P<gap>\s*)""")


@cache
def _end() -> re.Pattern[str]:
    return re.compile(r"""[.!?…。！？]["”'」』)\]`]*\Z""")


@cache
def _abbreviation() -> re.Pattern[str]:
    return re.compile(
        r"(?:\b(?:e\.g|i\.e|etc|vs|cf|approx|Dr|Mr|Mrs|Ms|Prof|St|No|Fig|Eq|Sec|Vol|Inc|Ltd|Co|Jan|Feb|Mar|Apr|Jun|Jul"
        r"|Aug|Sep|Sept|Oct|Nov|Dec)|\b[A-Z])\.\Z"
    )


@cache
def _dangling() -> re.Pattern[str]:
    """English words that point at a neighbour: at the beginning, and a few anywhere."""
    return re.compile(
        r"\A\W*(?-i:(?!IT\b))(?:this|that|these|those|its?|they|their|them|he|she|his|her|such|here|then|so|but|and|or|nor"
        r"|yet|also|too|however|therefore|thus|hence|instead(?! of)|otherwise|moreover|furthermore|additionally"
        r"|similarly|likewise|meanwhile|nevertheless|nonetheless|consequently|another|finally|secondly|thirdly|we|our|my|i(?!/)"
        r"|in (?:this|that|these|those|addition|contrast|other words)|for (?:this|that|these|example|instance)"
        r"|as (?:such|a result)|because of (?:this|that)|on the other hand"
        r"|the (?:former|latter|same|other|above|following|second|third|result)"
        r"|(?:do|does|did|is|are|was|were|can|will|should) (?:it|this|that|they|these|those))\b"
        r"|\b(?:as (?:shown|seen|described|mentioned|noted|discussed)|(?:shown|see|listed|described|mentioned) (?:above"
        r"|below|earlier)|(?:table|figure|fig\.|section|chapter|listing) \d|the following)\b",
        re.IGNORECASE,
    )
