"""Takes a fetched text apart into sentences and tells which of them can stand in a post by themselves.

Complete, a statement, and in need of no neighbour: no pronoun or "this" that points back, no question, no call to do
something, nothing that belongs to the page and not to its news, no order to a machine. What is not known for sure
counts as unfit: there are always more sentences than posts. Which of them says most is left to `extract`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from twitter_manager.checks.words import unspaced

MOST_TEXT = 20_000
MOST_SENTENCES = 80
"""Of a text; the news stands early."""
LEAST_WEIGHT = 24
"""As `weight` counts; a shorter sentence says too little alone."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence, where it stands (which paragraph, which of all sentences), and where it may be used: `alone`, below a
    heading that names its subject (`headed`), after the one before (`second`)."""

    text: str
    paragraph: int
    at: int
    alone: bool
    headed: bool
    second: bool


# --- Sentences -------------------------------------------------------------------------------------------------------


def normalised(text: str) -> str:
    """The text as sentences are taken from: white space single, what nobody sees taken out."""
    kept = (c for c in text if c.isspace() or c in _JOINERS or unicodedata.category(c) not in _UNSEEN)
    return " ".join("".join(kept).split())


def sentences(text: str, heading: str = "", *, entries: bool = False) -> tuple[Sentence, ...]:
    """The first sentences of a text, each judged by itself and by where it stands. `heading`: what it stands below.
    `entries`: a paragraph without a full stop may be one too, as the lines of a changelog are."""
    found: list[Sentence] = []
    language = _language(text[:2000])
    for number, paragraph in enumerate(_paragraphs(text[:MOST_TEXT])):
        hostile = bool(_orders_to_machines().search(paragraph))
        opening = len(found)
        cut = spans(paragraph)
        for begin, end in cut[: MOST_SENTENCES - opening]:
            sentence = bare(paragraph[begin:end])
            if is_entry := entries and len(cut) == 1 and len(sentence.split()) >= 4:
                sentence = re.sub(r"\s*\((?:#|GH-|bpo-)\d+\)\Z", "", sentence)
                is_entry = sentence[-1:].isalnum() or sentence[-1:] in ")`"
            sound = not hostile and _is_sound(sentence + "." if is_entry else sentence)
            points = _points(sentence, language, first=not found)
            near = len(found) == opening + 1 or not (_pronoun().match(sentence) or _points_inside(sentence))
            found.append(
                Sentence(
                    text=sentence,
                    paragraph=number,
                    at=len(found),
                    alone=sound
                    and not points
                    and not _is_undefined(sentence)
                    and (not found or _is_specific(sentence)),
                    headed=sound and not points and bool(heading),
                    second=sound and points and near and not _points_far(sentence),
                )
            )
    return tuple(found)


def is_news(text: str) -> bool:
    """A line that may be shown as a heading: no order to a machine or a reader, nobody who speaks of himself."""
    return not (
        shouts(text)
        or unfit(text)
        or _boilerplate().search(text)
        or _speaks().search(text)
        or _orders_to_machines().search(text)
    )


def _paragraphs(text: str) -> list[str]:
    """Blocks between blank lines, and single lines of lists, headings and tables."""
    blocks = re.split(r"\n[^\S\n]*\n|\n(?=[^\S\n]*(?:[-*+•#>|]|\d+[.)])[^\S\n])", text)
    return [line for block in blocks if (line := normalised(block))]


def spans(paragraph: str) -> list[tuple[int, int]]:
    """Where a paragraph's sentences are. A stop after an abbreviation, an initial or within a name ends none."""
    found = []
    begin = 0
    for boundary in _boundary().finditer(paragraph):
        stop = boundary.start("gap")
        word = paragraph[max(begin, stop - 12) : stop]
        is_abbreviation = _abbreviation().search(word) or (
            _numbered().search(word) and paragraph[boundary.end() : boundary.end() + 1].isdigit()
        )
        if not is_abbreviation and not _month().match(paragraph, boundary.end()):
            found.append((begin, stop))
            begin = boundary.end()
    return [*found, (begin, len(paragraph))] if begin < len(paragraph) else found


def _is_sound(sentence: str) -> bool:
    """Complete, a statement, and nothing but the news."""
    return (
        4 <= len(sentence) <= 1000
        and complete(sentence)
        and not shouts(sentence)
        and not unfit(sentence)
        and not re.fullmatch(r"[\"“«„][^\"“”«»]*[\"”»“]", sentence)  # whose words are they?
        and not _boilerplate().search(sentence)
        and not _speaks().search(sentence)
    )


def complete(sentence: str) -> bool:
    """A sentence with a beginning, an end and its brackets and quotes closed; no question, no call, not cut off."""
    if not sentence or not _end().search(sentence) or re.search(r"(?:\.\.|…|\[…\])\W*\Z", sentence):
        return False
    first = sentence[0]
    if not ((first.isalnum() and not first.islower()) or first in "\"“'‘`(«「『„" or _small_name().match(sentence)):
        return False
    pairs = (("(", ")"), ("[", "]"), ("{", "}"), ("“", "”"), ("«", "»"), ("「", "」"), ("『", "』"))
    return all(sentence.count(a) == sentence.count(b) for a, b in pairs) and all(
        sentence.count(q) % 2 == 0 for q in '"`'
    )


def weight(text: str) -> int:
    """Length as the strictest platform counts it, on the safe side: 2 for CJK, emoji and other rare characters.

    https://github.com/twitter/twitter-text/blob/master/config/v3.json
    """
    ranges = ((0, 0x10FF), (0x2000, 0x200D), (0x2010, 0x201F), (0x2032, 0x2037))
    light = {c for c in set(text) if any(low <= ord(c) <= high for low, high in ranges)}
    return sum(1 if c in light else 2 for c in text)


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


def shouts(text: str) -> bool:
    letters = [c for c in text if c.isalpha()]
    large = sum(c.isupper() for c in letters)
    return len(re.findall(r"\b[A-Z]{4,}\b", text)) >= 2 and large > 0.6 * len(letters)


def unfit(text: str) -> bool:
    """Markup, code, addresses, mentions and marks that only a page has use for."""
    odd = sum(not (c.isalnum() or c.isspace() or c in _USUAL or unicodedata.category(c)[0] == "M") for c in text)
    return odd > max(3, len(text) // 12) or bool(_markup().search(text)) or not any(c.isalpha() for c in text)


def _points(sentence: str, language: str, *, first: bool) -> bool:
    """It hangs on a neighbour. Without a list for the language only a text's first sentence surely doesn't."""
    dangling = _dangling().get(language)
    if dangling is None:
        return not first
    parts = re.split(r"(?<=\.) (?=[A-Z])", sentence)  # where an abbreviation may have been an end after all
    return (
        any(dangling.search(part) for part in parts)
        or bool(_points_away().search(sentence))
        or (language == "en" and _points_inside(sentence))
    )


def _points_inside(sentence: str) -> bool:
    """A pronoun in the first clause has nothing in the sentence to stand for; "also" adds to something said before."""
    pronoun = re.search(r"\b(?-i:(?!IT\b))(?:it|them|him|they|he|she|this|these|those)\b", sentence, re.I)
    clause = sentence[: pronoun.start()] if pronoun else ""
    joined = (
        r"[,;:]|\b(?:that|which|who|when|if|because|as|while|and|but|or|so|before|after|unless|until|since|where)\b"
    )
    added = (
        r"\b(?:also|too|likewise|as well|instead(?! of)|however|therefore|thus|hence|moreover|meanwhile|respectively)\b"
    )
    return bool(re.search(added, sentence)) or (pronoun is not None and not re.search(joined, clause))


def _points_far(sentence: str) -> bool:
    """It points at more than the sentence before."""
    return bool(_points_away().search(sentence) or _far().search(sentence))


def _is_specific(sentence: str) -> bool:
    """It says of what it speaks: it has a name, a number or code. "Existing files keep their mode." has not."""
    inner = sentence.partition(" ")[2] if " " in sentence else sentence
    has_name = re.search(r"[A-Z\d`_(/]|[^\x00-\u024f]", inner)
    return bool(has_name or re.match(r"\w*[A-Z]\w*[A-Z\d]|\w*\d|`", sentence))


def _is_undefined(sentence: str) -> bool:
    """As in "The bug affects …": which one, only the title tells. Not so where the noun is told of ("the cost of")."""
    verb = r"(?:[a-z]+s|[a-z]+ed|was|has|is|are|have|were|will|can|may)\b"
    found = re.match(rf"(?:The|Both|Most|Other|Several|Some) (?:[a-z-]+ ){{1,2}}?{verb}", sentence)
    return found is not None and " of " not in sentence[: found.end() + 4]


def _language(text: str) -> str:
    """The language, as far as there is a list for it: by script, for Latin letters by its commonest words."""
    for name, letters in _SCRIPTS.items():
        if len(re.findall(letters, text)) > len(text) // 8:
            return name
    words = re.findall(r"[^\W\d_]+", text.casefold())
    counts = {name: sum(word in common.split() for word in words) for name, common in _COMMON.items()}
    best = max(counts, key=lambda name: counts[name])
    if words and counts[best] * 12 >= len(words):
        return best
    return "en" if text.isascii() and len(words) < 40 else ""


def is_unspaced(character: str) -> bool:
    """Of a script that is written without spaces, or one of its marks."""
    return unspaced().match(character) is not None or character in "！？"


# --- Lists. Compiled at the first use: a usual run needs none of them. ------------------------------------------------

_JOINERS = "\u200c\u200d"
_UNSEEN = ("Cc", "Cf", "Cs", "Co", "Cn")
_USUAL = ".,:;!?'\"%&…·。、，！？：；؛،۔।/()-–—’‘“”«»„「」『』（）_`€$£"
_SCRIPTS = {
    "ja": "[\u3040-\u30ff]",
    "ko": "[\uac00-\ud7af]",
    "zh": "[\u4e00-\u9fff]",
    "ar": "[\u0600-\u06ff]",
    "ru": "[\u0400-\u04ff]",
}
_COMMON = {
    "en": "the of and to in is that for it with as are on by this be from was or an which",
    "de": "der die das und ist nicht mit von ein eine den dem zu auf für wird werden im sich auch",
    "fr": "le la les des et est une dans pour que qui sur avec par pas du au sont ce",
    "es": "el la los las de y que es una en por con para del se no su al como más",
}


def _any(*patterns: str) -> str:
    return "|".join(" ".join(pattern.split()) for pattern in patterns)


@cache
def _boundary() -> re.Pattern[str]:
    latin = r"""(?<=[.!?…؟۔।])["”’»)\]]*(?=\s+["“'‘`«(\[„¿¡]*[^\W_a-z])"""
    return re.compile(rf"(?:{latin}|(?<=[。！？])[」』）]*)(?P<gap>\s*)")


@cache
def _end() -> re.Pattern[str]:
    return re.compile(r"""[.。۔।]["”'’»」』)\]`]*\Z""")


@cache
def _abbreviation() -> re.Pattern[str]:
    words = _any(
        r"e\.g|i\.e|etc|vs|v|cf|al|ca|approx|resp|Dr|Mr|Mrs|Ms|Prof|Rev|Gen|Sen|Rep|St|pp",
        r"Inc|Ltd|Corp|Co|Bros|Jr|Sr|Ph\.D|M\.Sc|a\.m|p\.m|U\.S|U\.K|E\.U|z\.B|d\.h|u\.a|bzw",
        r"Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sep|Sept|Oct|Nov|Dec|[A-Za-zÀ-ÿ]",
    )
    return re.compile(rf"(?<![^\W_])(?:{words})\.\Z")


@cache
def _numbered() -> re.Pattern[str]:
    """Abbreviations where a number follows."""
    return re.compile(r"(?<![^\W_])(?:Nos?|Nr|Fig|Eq|Sec|Vol|Ch|Abs|Art|para)\.\Z", re.IGNORECASE)


@cache
def _month() -> re.Pattern[str]:
    """A month after its day, as in "3. Oktober"."""
    months = "Januar|Februar|März|April|Mai|Juni|Juli|August|September|Oktober|November|Dezember"
    return re.compile(rf"(?<=\d\. )(?:{months})\b")


@cache
def _small_name() -> re.Pattern[str]:
    """A name that is written small and begins a sentence: "pip 26.1 …", "iOS …", "sqlite3 …"."""
    return re.compile(r"[a-z][\w.+-]* v?\d+\.\d|[a-z]{1,3}[A-Z]\w+ |[a-z]+\d[\w.]* ")


@cache
def _markup() -> re.Pattern[str]:
    return re.compile(
        _any(
            r"</?[a-z][a-z0-9]*(?:\s[^<>]*)?/?>|&(?:[a-z]+|#\d+);|\]\(|!\[|```|\*\*|__\w|~~|\{\{|\}\}|\$\(|=>|;\s*\}",
            r"\|.*\||https?:|www\.|\S@\S|(?<!\w)[@#]\w|\[\d+\]|\[(?:edit|citation|…|\.\.\.)|\\[nt]\b",
            r"[©®™¶§†‡→►▶◀]|<\||\|>|\[/?INST",
        ),
        re.IGNORECASE,
    )


@cache
def _boilerplate() -> re.Pattern[str]:
    """What belongs to the page, what calls on the reader, and days that are past when the post goes out."""
    anywhere = _any(
        r"(?:this|our|the) (?:web ?)?site uses|use of cookies|accept (?:all )?cookies|privacy (?:policy|notice)",
        r"cookie (?:policy|settings|consent|notice|banner)|cookies?\b.{0,40}\b(?:experience|consent|browsing|agree)",
        r"terms (?:of (?:use|service)|and conditions)|all rights reserved|copyright|warrant(?:y|ies) of",
        r"without warranty|newsletter|mailing list|sign(?:ing)? up|unsubscribe|stay tuned|don.t miss|patreon",
        r"follow (?:us|me)|rss feed|advertising|image credit",
        r"log ?in to (?:comment|continue|read|your)|(?:leave|post) a comment|comments? (?:are|is) closed|guest post",
        r"share (?:this|on (?:facebook|twitter|x|linkedin|mastodon|bluesky))|read (?:more|the (?:full|rest|original))",
        r"continue reading|(?:click|tap) (?:here|the|on)|(?:learn|find out) more|originally (?:published|appeared)",
        r"appeared (?:first )?on|posted (?:by|in|on)|filed under|min(?:ute)?s? read|advertisement|sponsored",
        r"affiliate|related (?:posts|articles|stories)|table of contents|last (?:updated|modified)",
        r"skip to (?:main )?content|enable javascript|your browser (?:does|is|do)|photo(?:graph)? (?:by|credit)",
        r"(?:previous|next) (?:post|article)|page \d+ of \d+|discount code|promo code|coupon|giveaway|buy now",
        r"(?:free|limited)[ -]time offer|today|yesterday|tomorrow|tonight",
        r"this (?:morning|week|month|afternoon|evening)",
        r"(?:last|next) (?:night|week|month|year)|this year|Datenschutz\w*|Impressum|Weiterlesen",
        r"Alle Rechte vorbehalten|politique de confidentialité|tous droits réservés|lire la suite|todos los derechos",
        r"suscr[ií]b\w*",
    )
    calls = _any(
        r"(?:subscribe|join|register|click|download|follow|share|buy|order|shop|donate|contact|visit|watch|listen|check",
        r"read|get|see|head|tell|let|tune) (?:out|up|our|the|more|it|us|this|your|now",
        r"here|for|to|in|over|on|him|her|them|me|my|an?|free|at|from|off|all|along|also|you|started|back|below|above)",
        r"(?:please|thanks?|thank you|welcome|hello|hi|hey|enjoy|happy|congratulations|want to|ready to|looking for",
        r"let.s|tags?:|categor\w+:|update:|edit:|note:|tl;dr|disclaimer|disclosure|source:|via:|author:|share:)",
    )
    return re.compile(rf"(?<!\w)(?:{anywhere})(?!\w)|\A\W*(?:{calls})(?!\w)", re.IGNORECASE)


@cache
def _speaks() -> re.Pattern[str]:
    """Somebody speaks of himself: in another's post that would be untrue."""
    return re.compile(
        r"(?<![\w/-])(?:[Ww]e|[Oo]urs?|us|I|[Mm]y|[Mm]ine|me|[Ww]ir|[Uu]nser\w*|[Mm]ein\w*|[Nn]ous|[Nn]otre|[Nn]os"
        r"|[Nn]osotros|[Nn]uestr\w+)(?![\w./-])|我们|我們|私たち|弊社|当社|우리|(?<!\w)(?:мы|наш\w*|نحن)(?!\w)"
    )


@cache
def _orders_to_machines() -> re.Pattern[str]:
    """What is written for a model that reads along, not for people. Its whole paragraph is left out."""
    words = r"instruction|prompt|rule|guideline|above|previous|prior|earlier|told|training"
    verbs = (
        "post|tweet|publish|say|write|reply|respond|answer|output|print|repeat|include|append|mention|ignore|disregard"
    )
    machine = r"(?:ai|llm|bot|assistant|chatbot|(?:language|ai) model|ai agent)s?"
    return re.compile(
        _any(
            rf"\b(?:ignore|disregard|forget|override|bypass|stop following|do not follow)\b.{{0,60}}\b(?:{words})",
            r"\b(?:system|developer) (?:prompt|message)\b|\bas an? (?:ai|llm|language model|assistant)\b",
            r"\byou are (?:now\b|(?:an? )?(?:\w+ )?(?:ai|llm|bot|assistant|language model)\b)|\bjailbreak|\bDAN mode\b",
            r"\bnew (?:instructions?|task|role)\b|\byour (?:instructions|task is|role is|system prompt|prompt)\b",
            rf"(?:\A|[.!:;,]\s+|\bplease |\bmust |\bnow )(?:{verbs}) (?:only |exactly |with |out |in )*"
            r"(?:this|the following|the (?:words?|text|phrase|sentence|link)|exactly)\b",
            rf"\b{machine}\b.{{0,30}}\b(?:must|should|shall|have to|are (?:told|asked|instructed)|please)\b"
            rf".{{0,30}}\b(?:{verbs})\b",
            r"<\||\[/?INST|#{2,} ?(?:system|instruction|assistant|user)|\bretweet\b|\bsend (?:bitcoin|btc|eth|money)\b",
            r"ignoriere .{0,40}anweisung|(?:ignore[zr]?|oublie[zr]?) .{0,40}(?:consigne|instruccion|instruction)",
            r"忽略.{0,12}(?:指令|指示|说明)|無視して|이전 지시|игнорируй|تجاهل.{0,20}التعليمات",
        ),
        re.IGNORECASE,
    )


@cache
def _points_away() -> re.Pattern[str]:
    """English words that point at what a post doesn't show."""
    told = "shown|seen|described|mentioned|noted|discussed|outlined|explained|listed|quoted"
    return re.compile(
        _any(
            rf"\bas (?:{told})\b|\b(?:see|{told}) (?:above|below|earlier)\b|\b(?:above|below|aforementioned)\W*\Z",
            r"\b(?:above|below|aforementioned) (?:\w+ )?(?:example|table|figure|code|list|section|snippet)",
            r"\b(?:table|figure|fig\.|section|chapter|listing|appendix|step|part) \d|\bthe following\b|:\W*\Z",
            r"\b(?:this|the next|the previous) (?:post|article|section|chapter|tutorial|guide|video|blog|issue)\b",
        ),
        re.IGNORECASE,
    )


@cache
def _far() -> re.Pattern[str]:
    """The beginning of a sentence that points at more than the one before, or at somebody."""
    return re.compile(
        r"\A\W*(?:the (?:former|latter|first|second|third|other)|secondly|thirdly|finally|lastly|both"
        r"|these (?:two|three)|on the other hand|in (?:summary|conclusion|short)|he|she|his|her"
        r"|for (?:example|instance)|why|how|what)\b",
        re.IGNORECASE,
    )


@cache
def _pronoun() -> re.Pattern[str]:
    """A sentence that begins so may speak of what is farther back than the sentence before."""
    return re.compile(
        r"\W*(?:its?|they|their|il|elle|ils|elles|son|sa|ses|leurs?|él|ella|ellos|ellas|sus?|er|sie|es|ihr\w*|sein\w*"
        r"|он|она|оно|они|его|её|ее|их)\b",
        re.IGNORECASE,
    )


@cache
def _dangling() -> Mapping[str, re.Pattern[str]]:
    """For each language the words that point at a neighbour where they begin a sentence; English has some more."""
    anywhere = (
        r"|\b(?:said|says|added|told|wrote|writes|explained|noted) (?:he|she|they)\b"
        r"|\b(?:he|she|they) (?:said|says|added|wrote|explained|noted)\b"
    )
    patterns = {name: rf"\A\W*(?:{_any(*words)})(?!\w|\.\w)" for name, words in _DANGLING.items()}
    patterns |= {name: rf"\A\W*(?:{_any(*words)})" for name, words in _DANGLING_UNSPACED.items()}
    patterns["en"] += anywhere
    return {name: re.compile(words, re.IGNORECASE) for name, words in patterns.items()}


_DANGLING = {
    "en": (
        r"(?-i:(?!IT\b))(?:this|that|these|those|its?|they|their|them|he|she|his|her|such|here|then|so|but|and|or|nor)",
        r"yet|also|too|however|therefore|thus|hence|instead(?! of)|otherwise|moreover|furthermore|additionally|plus",
        r"accordingly|similarly|likewise|meanwhile|nevertheless|nonetheless|consequently|besides|still|again|another",
        r"finally|first(?:ly)?,|secondly|thirdly|next,?|lastly|later|afterwards?|previously|now,|indeed|namely",
        r"of course|specifically|overall|in short|we|our|my|i(?!/)|why|how|what|that.s|it.s|there.s",
        r"even (?:so|then|worse|better)",
        r"in (?:this|that|these|those|addition|contrast|other words|particular|summary|conclusion|turn|fact|response)",
        r"for (?:this|that|these|example|instance|now)|as (?:such|a result|well)|because of (?:this|that)|by doing so",
        r"on the other hand|at (?:this|that|the time)|to (?:this|that|do (?:this|that|so))|with (?:this|that|these)",
        r"(?:after|before|since|until|once|from|under|given) (?:this|that|then|these|those)|until now",
        r"one (?:of (?:these|them|those)|such|other|is|was|more|thing)",
        r"the (?:former|latter|same|other|above|following|second|third|first one|result)",
        r"(?:both|all|some|many|most|none|each|either|neither)(?: of)? (?:these|those|them|are|were|is|was|have|do)",
        r"(?:if|when|while|though|although|because|since|as) (?:so|not|it|its|they|their|this|that|these|those|he|she)",
        r"the (?:reason|problem|answer|trick|catch|good news|bad news) (?:is|was)",
        r"(?:do|does|did|is|are|was|were|can|will|should) (?:it|this|that|they|these|those)",
    ),
    "de": (
        r"dies\w*|jene\w*|er|sie|es|ihr\w*|sein\w*|da(?:bei|durch|mit|für|von|gegen|zu|nach|her|rum)?|dann|hier\w*|dort",
        r"auch|aber|und|oder|doch|jedoch|deshalb|deswegen|daher|darum|somit|also|außerdem|zudem|ferner|trotzdem|dennoch",
        r"allerdings|stattdessen|sonst|schließlich|zuletzt|so|solche\w*|beide|letztere\w*|erstere\w*|wie|warum|was|wer",
    ),
    "fr": (
        r"il|elle|ils|elles|ce(?:t|tte|s|la|ci|lui|lle|ux)?|c['’]\w+|ça|son|sa|ses|leurs?|ainsi|aussi|mais|et|ou|donc",
        r"or|car|puis|ensuite|enfin|cependant|toutefois|pourtant|néanmoins|par conséquent|de plus|en outre|en effet",
        r"par ailleurs|là",
    ),
    "es": (
        r"él|ella|ellos|ellas|est[aeo]s?|es[aeo]s?|aquel\w*|su|sus|así|también|pero|y|o|sino|además|sin embargo",
        r"entonces|por (?:eso|ello|tanto|lo tanto)|luego|después|finalmente|no obstante|aunque|allí|ahí",
    ),
    "ru": (
        r"эт\w+|он|она|оно|они|его|её|ее|их|так\w*|тогда|там|здесь|но|и|а|однако|поэтому|кроме того|затем|потом",
        r"тем не менее",
    ),
}
_DANGLING_UNSPACED = {
    "zh": (
        "这|這|那|它|他|她|此|该|該|其|因此|但|不过|不過|而且|而|所以|同时|同時|另外|然后|然後|并且|並且|也|还|還|例如|比如|于是",
        "上述|以上",
    ),
    "ja": (
        "これ|それ|あれ|この|その|あの|こう|そう|ここ|そこ|彼|また|しかし|そして|だが|ただし|なお|さらに|したがって|つまり|一方",
        "例えば|たとえば|ところが|なぜなら|同",
    ),
    "ko": (
        "이는|이것|그것|이러한|그러한|이 |그 |그는|그녀|하지만|그러나|그리고|또한|따라서|그래서|한편|예를 들어|즉|또 ",
    ),
    "ar": ("هذا|هذه|ذلك|تلك|هؤلاء|هو |هي |هم |و|لكن|كما|لذلك|ثم|أيض|بالإضافة|حيث|فإن",),
}
