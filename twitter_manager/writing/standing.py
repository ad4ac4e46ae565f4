"""Tells whether a line of fetched text can be shown: whole, a statement, without marks of a page; and whether a
sentence needs a neighbour to be understood.

What is not known for sure counts against the line: there are always more sentences than posts. The words by which it
is told stand in `standing.toml`, by language; of a language that has none, every sentence leans. What is made of the
lines is `designs`'; harm, orders to a model and secrets are for `checks` to find.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache

from twitter_manager.english import set_of, stems
from twitter_manager.language import differs, primary

LEAST_WEIGHT, LONGEST = 30, 1000
"""As `english.weight` counts: a shorter sentence says too little alone. Characters; a longer one is none for a post."""
_SHORT = 5
"""Words of a title."""
_LONG = 12
"""Words, of which the language can be told."""
_SUBJECT = 8
"""Words; within them a sentence has its subject and its verb."""
_UNSPACED = ("ja", "zh", "ko", "ar")
"""Languages whose words need not stand between blanks."""


# --- Sentences -------------------------------------------------------------------------------------------------------


def stands(sentence: str, language: str) -> bool:
    """It can be shown and needs no neighbour."""
    return sound(sentence, language) and not leans(sentence, language)


def sound(sentence: str, language: str) -> bool:
    """A whole statement of which it is known that it still holds: it may stand below a title."""
    return (
        4 <= len(sentence) <= LONGEST
        and _is_whole(sentence)
        and is_clean(sentence, language)
        and not speaks(sentence, language)
        and not re.search(r"[\"“«„「][^\"“”«»]{20,}[\"”»“」]", sentence)  # whose words are they?
        and not _passes(sentence, language)
    )


def leans(sentence: str, language: str) -> bool:
    """It begins with a word that points at the sentence before it, or `points`."""
    return points(sentence, language) or _says("begins", sentence, language)


def points(sentence: str, language: str) -> bool:
    """It has words that point at what was said before it, or at the page around it."""
    return not _has_words(language) or _says("leans", sentence, language)


def is_about(sentence: str, names: Iterable[str], language: str) -> bool:
    """Its subject is one of these: it begins with a word of theirs, an article in front or not."""
    words = re.split(r"[\s'’]+", sentence.lstrip("\"“„«「'‘`("), maxsplit=2)
    if words[0].casefold() in _words(primary(language)).get("articles", ()):
        words = words[1:]
    first = stems(words[0])[:1] if words else ()
    return bool(first) and first[0] in {stem for name in names for stem in stems(name)}


def defines(sentence: str, language: str) -> bool:
    """It says at once what its subject is or does, and no detail of it."""
    begins = sentence if primary(language) in _UNSPACED else " ".join(sentence.split()[:_SUBJECT])
    return _says("defines", begins, language)


def is_of_any(sentence: str, language: str) -> bool:
    """It says what any thing of a kind is, as a dictionary does ("A gateway is …", "Pots are …")."""
    lists = _words(primary(language))
    begins = [word.casefold() for word in sentence.split()[:4]]
    if not set(begins[:1]).isdisjoint(lists.get("articles", ())):
        return begins[0] in lists.get("any", ())
    return not set(begins).isdisjoint(lists.get("plural", ()))


def turns(sentence: str, language: str) -> bool:
    """It takes back what the sentence before it concedes."""
    return _says("turns", sentence if primary(language) in _UNSPACED else " ".join(sentence.split()[:3]), language)


def _passes(sentence: str, language: str) -> bool:
    """It speaks of a day or a time that may be over; what comes again each week or month stays."""
    once = re.sub(
        r"\b(?:every|each|first|second|third|fourth|last) \w+day\b(?: (?:of|in) (?:each|every|the) month)?",
        "",
        sentence,
    )
    return _says("passes", once, language) or _dated().search(once) is not None


def in_language(text: str, language: str) -> bool:
    """A line is not plainly in another script, or in English where another language is wished: a page may be translated
    by half."""
    wished = primary(language)
    if script := _SCRIPTS.get(wished):
        return len(re.findall(script, text)) >= sum(c.isalpha() for c in text) / 5
    words = re.findall(r"[^\W\d_]+", text.casefold())
    english = sum(word in _ENGLISH_ONLY for word in words)
    if wished == "en" or not english:
        return True
    return english < max(1, len(words) / 8) and (len(words) < _LONG or differs(text, wished) != "en")


# --- Lines -----------------------------------------------------------------------------------------------------------


def is_clean(line: str, language: str = "en") -> bool:
    """It has no marks of a page or of code, shouts at nobody and calls on nobody."""
    return not (
        _shouts(line)
        or _has_marks(line)
        or not _is_balanced(line)
        or _says("page", line, language)
        or _says("calls", line, language)
    )


def says_only_its_sort(title: str, language: str, names: str = "", *, is_page: bool = False) -> bool:
    """A title that lures, or that has, beside these names, too few words that say more than what sort of text follows:
    fewer than two, and than four for one of a series."""
    labels = _labels("labels", "en") | _labels("labels", language)
    above = stems(re.split(r"[:：、–—]", title, maxsplit=1)[0]) if re.search(r"[:：、–—]", title) else ()
    if is_page and above and labels.issuperset(above):
        return True  # "Conclusion: the future"
    known = set(stems(names)) | labels
    if len(title.split()) <= _SHORT and not re.search(r"\d", title):
        known |= _labels("manual", "en")
    telling = [stem for stem in stems(_numbered().sub(" ", title)) if stem not in known and not stem.isdigit()]
    least = 4 if _numbered().search(title) else 2
    return len(telling) < least or _says("lures", title, language)


def speaks(line: str, language: str = "en") -> bool:
    """Somebody speaks of himself: in another's post that would be untrue."""
    return _says("speaks", line, language)


def is_internal(line: str) -> bool:
    """It speaks of the work on a program, which its users do not see."""
    return _says("internal", line, "en")


def is_cut(text: str) -> bool:
    """It breaks off, or ends with a mark of what is not there."""
    return re.search(r"(?:\.\.|…|\[…\]|\b(?:e\.g|i\.e|etc|vs|cf|resp)\.|\.\d{3,}\.?)\W*\Z", text[-20:]) is not None


def bare(text: str) -> str:
    """`text` without emoji and list marks at its ends."""
    begin, end = 0, len(text)
    while begin < end and (_is_ornament(text[begin]) or re.match(r"[•*>|–—-]\s|\s", text[begin : begin + 2])):
        begin += 1
    while begin < end and (_is_ornament(text[end - 1]) or text[end - 1] in "•| " or text[end - 1].isspace()):
        end -= 1
    return text[begin:end]


def _is_ornament(character: str) -> bool:
    is_picture = unicodedata.category(character) == "So" and character not in "°"
    return is_picture or "\U0001f3fb" <= character <= "\U0001f3ff" or character in "\u200d\ufe0f\u20e3"


def _is_whole(sentence: str) -> bool:
    """It has a beginning, an end, and its brackets and quotes closed; it is no question, no call, not cut off."""
    if not re.search(r"""[.。۔।]["”’'»」』)\]`]*\Z""", sentence) or is_cut(sentence):
        return False
    if re.search(
        r"\s[.。]\Z|[a-z]{3,}[.!?] [a-z]", sentence
    ):  # a word is lost; two sentences, one of which is not whole
        return False
    first = sentence[0]
    is_begun = (first.isalnum() and not first.islower()) or first in "\"“'‘`(«「『„" or _small_name().match(sentence)
    return bool(is_begun)


def _is_balanced(text: str) -> bool:
    pairs = (("(", ")"), ("[", "]"), ("{", "}"), ("“", "”"), ("«", "»"), ("「", "」"), ("『", "』"))
    is_paired = all(text.count(a) == text.count(b) for a, b in pairs if not (a == "“" and "„" in text))
    return is_paired and all(text.count(q) % 2 == 0 for q in '"`')


def _shouts(text: str) -> bool:
    letters = [c for c in text if c.isalpha()]
    large = sum(c.isupper() for c in letters)
    return len(re.findall(r"\b[A-Z]{4,}\b", text)) >= 2 and large > 0.6 * len(letters)


def _has_marks(text: str) -> bool:
    usual = ".,:;!?'\"%&…·。、，！？：；؛،۔।/()-–—’‘“”«»„「」『』（）_`€$£+#"
    odd = sum(not (c.isalnum() or c.isspace() or c in usual or unicodedata.category(c)[0] == "M") for c in text)
    return odd > max(3, len(text) // 12) or bool(_markup().search(text)) or not any(c.isalpha() for c in text)


# --- Words and marks. Compiled at the first use: a usual run needs few of them. ---------------------------------------


def _says(list_: str, text: str, language: str) -> bool:
    """Text has a word of the list in this language or in English; in full at its beginning for those of beginnings."""
    tags = ("en", primary(language)) if list_ not in ("leans", "begins", "defines", "turns") else (primary(language),)
    return any(pattern.search(text) for tag in dict.fromkeys(tags) if (pattern := _pattern(list_, tag)) is not None)


@cache
def _pattern(list_: str, tag: str) -> re.Pattern[str] | None:
    words = _words(tag).get(list_)
    if words is None:
        return None
    entries = (re.escape(entry).replace(r"\*", r"\w*").replace("'", "['’]") for entry in words)
    either = "|".join(entries).replace(r"\ ", r"\s+")
    at = r"\A\W*(?-i:(?!IT\b))" if list_ in ("begins", "calls") else ""
    edges = ("", "") if tag in _UNSPACED else (r"(?<![\w/-])", r"(?![\w/]|[-.]\w)")
    edges = (r"(?<!\w)", r"(?!\w)") if list_ == "internal" else edges
    flags = re.IGNORECASE if list_ != "speaks" else re.NOFLAG
    return re.compile(f"{at}{edges[0]}(?:{either}){edges[1]}", flags)


@cache
def _words(tag: str) -> dict[str, tuple[str, ...]]:
    """The lists of a language, by name."""
    import tomllib
    from importlib import resources

    file = tomllib.loads(resources.files(__package__).joinpath("standing.toml").read_text("utf-8"))
    split = {
        name: tuple(" ".join(word.split()) for word in words.split(",")) for name, words in file.get(tag, {}).items()
    }
    if "speaks" in split:
        split["speaks"] += tuple(word.capitalize() for word in split["speaks"] if word != "us")
    return split


def _has_words(language: str) -> bool:
    return "leans" in _words(primary(language))


@cache
def _labels(list_: str, language: str) -> frozenset[str]:
    return frozenset(stem for word in _words(primary(language)).get(list_, ()) for stem in stems(word.strip("*")))


@cache
def _numbered() -> re.Pattern[str]:
    """A part of a series, told by its number, its week or its month."""
    months = "January|February|March|April|May|June|July|August|September|October|November|December"
    part = (
        r"part|parti|partie|parte|teil|deel|episode|episodio|épisode|folge|aflevering|ep\.?|issue|vol\.?|volume|week"
        r"|edition|digest|newsletter|day|chapter|lesson|blog|phase|log|devlog|diary|post|sprint"
        r"|alpha|beta|pre[- ]?release"
    )
    return re.compile(
        rf"\b(?:{part}) ?#?\d+|#\d+|\(\d+/\d+\)|\bthis (?:week|month)\b(?!.{{0,40}}: )|\A(?:week|month)ly\b.{{0,25}}\Z"
        rf"|\b(?:{months}) 20\d\d\b(?!.*: )"
        r"|(?:\A|top |best )\d+ (?:\w+ )?(?:things|ways|reasons|tips|tricks|hacks|secrets|mistakes|lessons)\b",
        re.IGNORECASE,
    )


@cache
def _dated() -> re.Pattern[str]:
    """A day or a time of day."""
    return re.compile(
        r"\b20\d\d-\d\d-\d\d\b|\bat \d{1,2}(?::\d\d)? ?(?:am|pm|utc|gmt|cet|est|pst)\b|\b\d{1,2}:\d\d\b", re.I
    )


@cache
def _small_name() -> re.Pattern[str]:
    """A name that is written small and begins a sentence: "pip 26.1 …", "iOS …", "sqlite3 …", "attrs is …"."""
    return re.compile(
        r"[a-z][\w.+-]* v?\d+\.\d|[a-z]{1,3}[A-Z]\w+ |[a-z]+\d[\w.]* "
        r"|[a-z][\w.+-]* (?:is|are|has|lets|can|supports|provides|helps|makes|gives|offers|allows|adds) "
    )


@cache
def _markup() -> re.Pattern[str]:
    return re.compile(
        r"<[^<>\s][^<>]{0,300}>|&(?:[a-z]+|#\d+);|\]\(|\]\[|!\[|```|``|\*\S|__\w|~~|\{\{|\}\}|\{%|\$\(|=>"
        r"|;\s?\}|\|.*\||https?:|www\.|\S@\S|(?<!\w)[@#]\w|\[\d+\]|\[(?:edit|citation|…|\.\.\.)|\\[a-z(\[{]"
        r"|\$[^$\d][^$]{0,80}\$|\{\w+\}|[©®™¶§†‡→►▶◀\ufffc\ufffd]|<\||\|>|email.protected|:\w+:`|>>>"
        r"|(?<!\S)(?-i:\.(?!NET\b)[A-Z]\w)|\w\^\w|::|==|<-|Ã.|â€|\|[\w .-]{1,40}\|",
        re.IGNORECASE,
    )


_SCRIPTS = {
    "ja": "[\u3040-\u30ff\u4e00-\u9fff]",
    "zh": "[\u4e00-\u9fff]",
    "ko": "[\uac00-\ud7af]",
    "el": "[\u0370-\u03ff]",
    "he": "[\u0590-\u05ff]",
    **dict.fromkeys(("ru", "uk", "bg", "sr"), "[\u0400-\u04ff]"),
    **dict.fromkeys(("ar", "fa"), "[\u0600-\u06ff]"),
}
"""What the letters of a text in these languages are like."""
_ENGLISH_ONLY = set_of("""
    the of and to for with from how what which this that these your you are using by its into when where while their
    can has have had been other more creating editing between
""")
"""Words that are frequent in English texts and in no other language."""
