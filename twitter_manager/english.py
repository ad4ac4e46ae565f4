"""Sentences, words and stems of a text, its cut for a message, and the word lists that other parts share. Sentences and
words are told in any script; the lists are English.

Pure, and linear in a text's length. What is a good sentence for a post is `writing/designs.py`'s.
"""

from __future__ import annotations

import functools
import itertools
import re
import unicodedata

LINK = r"https?://[^\s<>\"“”]+"
EMOJI = "[\u2600-\u27bf\U0001f1e6-\U0001f1ff\U0001f300-\U0001faff]"
MENTION = r"(?<![\w@./])@[A-Za-z0-9_][\w.-]*(?<![.-])"
HASHTAG = r"(?<![\w&/#＃])[#＃]\w*[^\W\d_]\w*"
LONGEST_PARAGRAPH = 20_000
"""Characters of one paragraph that are taken apart; what follows belongs to its last sentence."""


def set_of(words: str) -> frozenset[str]:
    """The words of a list that is written as one text."""
    return frozenset(words.split())


# --- Sentences -------------------------------------------------------------------------------------------------------


def normalised(text: str) -> str:
    """The text as sentences are taken from: white space single, what nobody sees taken out."""
    kept = (c for c in text if c.isspace() or c in _JOINERS or unicodedata.category(c) not in _UNSEEN)
    return " ".join("".join(kept).split())


def paragraphs(text: str) -> list[str]:
    """Blocks between blank lines, and single lines of lists, headings and tables, each normalised."""
    blocks = re.split(r"\n[^\S\n]*\n|\n(?=[^\S\n]*(?:[-*+•#>|]|\d+[.)])[^\S\n])", text)
    return [line for block in blocks if (line := normalised(block))]


def spans(paragraph: str) -> list[tuple[int, int]]:
    """Where a paragraph's sentences are. A stop after an abbreviation, an initial or within a name ends none."""
    spans_so_far: list[tuple[int, int]] = []
    begin = 0
    for boundary in _boundary().finditer(paragraph, 0, LONGEST_PARAGRAPH):
        stop, after = boundary.start("gap"), boundary.end()
        word = paragraph[max(begin, stop - 12) : stop]
        is_numbered = _numbered().search(word) and paragraph[after : after + 1].isdigit()
        if not is_numbered and not _abbreviation().search(word) and not _month().match(paragraph, after):
            spans_so_far.append((begin, stop))
            begin = after
    return [*spans_so_far, (begin, len(paragraph))] if begin < len(paragraph) else spans_so_far


def sentences(text: str) -> list[str]:
    """The sentences of a text, each normalised. A line end ends one too."""
    lines = (line for line in map(normalised, text.split("\n")) if line)
    return [line[begin:end] for line in lines for begin, end in spans(line)]


def weight(text: str) -> int:
    """Length as the strictest platform counts it, on the safe side: 2 for CJK, emoji and other rare characters.

    https://github.com/twitter/twitter-text/blob/master/config/v3.json
    """
    ranges = ((0, 0x10FF), (0x2000, 0x200D), (0x2010, 0x201F), (0x2032, 0x2037))
    light = {c for c in set(text) if any(low <= ord(c) <= high for low, high in ranges)}
    return sum(1 if c in light else 2 for c in text)


@functools.cache
def _boundary() -> re.Pattern[str]:
    latin = r"""(?<=[.!?…؟۔।])["”’»)\]]*(?=\s+["“'‘`«(\[„¿¡]*[^\W_a-z])"""
    return re.compile(rf"(?:{latin}|(?<=[。！？])[」』）]*)(?P<gap>\s*)")


@functools.cache
def _abbreviation() -> re.Pattern[str]:
    words = (
        r"e\.g|i\.e|etc|vs|v|cf|al|ca|approx|resp|Dr|Mr|Mrs|Ms|Prof|Rev|Gen|Sen|Rep|St|pp"
        r"|Inc|Ltd|Corp|Co|Bros|Jr|Sr|Ph\.D|M\.Sc|a\.m|p\.m|U\.S|U\.K|E\.U|z\.B|d\.h|u\.a|bzw"
        r"|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sep|Sept|Oct|Nov|Dec|[A-Za-zÀ-ÿ]"
    )
    return re.compile(rf"(?<![^\W_])(?:{words})\.\Z")


@functools.cache
def _numbered() -> re.Pattern[str]:
    """Abbreviations where a number follows."""
    return re.compile(r"(?<![^\W_])(?:Nos?|Nr|Fig|Eq|Sec|Vol|Ch|Abs|Art|para)\.\Z", re.IGNORECASE)


@functools.cache
def _month() -> re.Pattern[str]:
    """A month after its day, as in "3. Oktober"."""
    months = "Januar|Februar|März|April|Mai|Juni|Juli|August|September|Oktober|November|Dezember"
    return re.compile(rf"(?<=\d\. )(?:{months})\b")


# --- Messages --------------------------------------------------------------------------------------------------------


def shown(text: str, limit: int = 60) -> str:
    """`text` as it may stand in a message: one line, printable, shortened to `limit` characters."""
    line = "".join(c if c.isprintable() else "\ufffd" for c in " ".join(text[: 4 * limit].split()))
    return line if len(line) <= limit else beginning(line, limit - 1) + "…"


def beginning(text: str, limit: int) -> str:
    """The longest beginning of `text` of at most `limit` characters that takes none apart as readers see them: a letter
    and its accents, a family of emoji, a flag."""
    if len(text) <= limit or text.isascii():
        return text[:limit]
    import regex  # type: ignore[import-untyped]

    ends = [0, *(match.end() for match in regex.finditer(r"\X", text[: limit + 1]))]
    if ends[-1] > limit:  # the last one may go on behind the limit
        ends.pop()
    return text[: ends[-1]] or text[:limit]


# --- Words -----------------------------------------------------------------------------------------------------------


@functools.cache
def unspaced() -> re.Pattern[str]:
    """A letter of a script that is written without spaces: Thai, Lao, Myanmar, Khmer, CJK, kana."""
    return re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")


def find_words(piece: str, text: str, start: int = 0, joiners: str = "") -> int:
    """Where `piece` stands in `text` from `start` on, not as a part of a longer word; -1 where it does not. Letters and
    `joiners` make one word with those beside them; in a script without spaces it may stand anywhere."""

    def is_joined(left: str, right: str) -> bool:
        return all((c.isalnum() or (c and c in joiners)) and not unspaced().match(c) for c in (left, right))

    start_of_piece = text.find(piece, start)
    while start_of_piece >= 0:
        end = start_of_piece + len(piece)
        if not (
            is_joined(text[max(0, start_of_piece - 1) : start_of_piece], piece[:1])
            or is_joined(piece[-1:], text[end : end + 1])
        ):
            return start_of_piece
        start_of_piece = text.find(piece, start_of_piece + 1)
    return -1


def words(text: str) -> list[str]:
    """The words of `text`, case folded, without links; a letter of an unspaced script is a word of its own."""
    folded = unicodedata.normalize("NFKC", re.sub(LINK, " ", text)).casefold()
    spread = unspaced().sub(r" \g<0> ", folded)
    return re.findall(r"\d+(?:[.,:]\d+)+|[^\W_]+(?:['’][^\W_]+)?", spread)


@functools.lru_cache(maxsize=256)
def stems(text: str) -> tuple[str, ...]:
    """What content words begin with, their first six letters, and the pairs of letters of a script without spaces."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    spaced = unspaced().sub(" ", folded)
    words = [word[:6] for word in re.findall(r"[^\W_]+", spaced) if len(word) > 1 and word not in _EMPTY]
    pairs = [a + b for a, b in itertools.pairwise(folded) if unspaced().match(a) and unspaced().match(b)]
    return tuple(words + pairs)


def share(of: str, text: str) -> float:
    """How much of the content words of `of` the text has, 0 to 1."""
    wanted = set(stems(of))
    return len(wanted & set(stems(text))) / len(wanted) if wanted else 0.0


_NEGATIONS = """
en not no never none nobody nothing neither nor without cannot can't don't doesn't didn't isn't aren't wasn't weren't
   won't shouldn't mustn't hasn't haven't wouldn't couldn't hadn't fails lacks refuses unable
de nicht kein keine keinen keiner keinem keines nie niemals niemand nirgends nichts ohne weder
fr ne n' pas jamais aucun aucune rien personne sans ni non
es no nunca jamás ningún ninguna ninguno nada nadie sin ni tampoco
it non mai nessun nessuna nessuno niente nulla senza né
nl niet geen nooit niemand niets zonder noch nergens
pt não nunca jamais nenhum nenhuma nada ninguém sem nem
ja ない ません なし 禁止 不可 ず
zh 不 没 無 无 未 非 禁止
ru не нет ни никогда никто ничего без нельзя
pl nie nigdy nikt nic bez ani żaden żadna
sv inte ej aldrig ingen inget inga utan varken
da ikke aldrig ingen intet uden hverken
no ikke aldri ingen uten
"""


@functools.cache
def negations(language: str = "") -> frozenset[str]:
    """Words that turn a statement round, of a language (a BCP 47 primary tag) or of all that are known."""
    rows = re.sub(r"\n +", " ", _NEGATIONS).strip().split("\n")
    listed = " ".join(row[3:] for row in rows if language in ("", row[:2]))
    return set_of(listed + " " + listed.replace("'", "\u2019"))


@functools.cache
def function_words() -> frozenset[str]:
    """English words that carry no content of their own, and those that openers are made of."""
    return FUNCTION_WORDS | set_of("""
        ever fact facts fun fyi heads here know knowing learned note psa quick remember reminder til tip tips today
        wonder wondered worth
    """)


def reads_as_english(text: str) -> bool:
    """It surely is English: a quarter of its words are such as only English texts are full of. Most English texts are
    told so without a model for languages."""
    words = re.findall(r"[^\W\d_]+", text[:2000].casefold())
    return len(words) >= 8 and sum(word in FUNCTION_WORDS for word in words) >= len(words) / 4


_JOINERS = "\u200c\u200d"
_UNSEEN = ("Cc", "Cf", "Cs", "Co", "Cn")
FUNCTION_WORDS = set_of("""
    a about after all also an and any are as at be been because before between both but by can could did do does each
    either every for from had has have he her his how i if in instead into is it its just may might more most must no
    nor not of on once only onto or other our over own per same she should since so some such than that the their them
    then there these they this those to too under until up upon was we were what when where whether which while who why
    will with without would you your
""")
"""English words that carry no content of their own."""
_EMPTY = FUNCTION_WORDS | set_of("""
    der die das und ist ein eine den dem mit von zu auf für le la les de des et un une en du est que el los las una por
    con para del se dans sur sous avec entre vers chez sobre sin desde hasta come di da dei degli delle nel nella sul op
    in voor bij naar over em no na dos im am bei beim aus nach über unter zwischen
""")
