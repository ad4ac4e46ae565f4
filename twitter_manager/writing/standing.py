"""Tells whether a sentence of fetched text can stand in a post by itself: complete, a statement, in need of no
neighbour, about no day that passes, said by nobody of himself, with no marks of a page in it.

What is not known for sure counts as unfit: there are always more sentences than posts. Word lists are English; of some
other languages the words are known that lean on what stands around, and of the rest no sentence stands alone. What is
made of the sentences is `designs`'.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from twitter_manager.english import set_of
from twitter_manager.language import primary

LEAST_WEIGHT, LONGEST = 30, 1000
"""As `english.weight` counts: a shorter sentence says too little alone. Characters; a longer one is none for a post."""


def stands(sentence: str, language: str, *, named: bool = False) -> bool:
    """It is sound and needs no neighbour. `named`: what it speaks of is known to be named in it."""
    if not sound(sentence, language) or _points_back().search(sentence):
        return False
    if primary(language) != "en":
        return _stands_elsewhere(sentence, primary(language))
    return has_verb(sentence) and not (
        _points_inside(sentence) or _is_undefined(sentence) or not (named or _is_specific(sentence))
    )


def _stands_elsewhere(sentence: str, language: str) -> bool:
    """The same where the words that point back are known of the language; else nothing is known to stand alone."""
    if language not in _POINTERS:
        return False
    return not _pointing(language).search(sentence)


def in_language(text: str, language: str) -> bool:
    """A line is not plainly in another script or in English where another language is wished: a page may be translated
    by half."""
    wished = primary(language)
    letters = sum(c.isalpha() for c in text)
    if script := _SCRIPTS.get(wished):
        return len(re.findall(script, text)) >= letters / 5
    words = re.findall(r"[^\W\d_]+", text.casefold())
    english = sum(word in _ENGLISH_ONLY for word in words)
    return wished == "en" or not english or english < max(1, len(words) / 8)


def is_told(sentence: str, language: str, *, named: bool = False) -> bool:
    """It says of a thing what it is or does: no advice without its context, nothing that holds for a time only."""
    is_long = len(sentence.split()) >= 7 or len(sentence) >= 60
    return is_long and stands(sentence, language, named=named) and not _instructs().search(sentence)


def has_verb(sentence: str) -> bool:
    """It has a verb of its own, as far as that can be told in English; "A fast parser for Rust." has none."""
    main = re.split(r",? (?:which|that|who|used) ", sentence, maxsplit=1)[0]
    return _VERBS.search(main) is not None or _EARLY_VERB.match(main + " ") is not None


def sound(sentence: str, language: str) -> bool:
    """Complete, a statement, and nothing but what it says: it may stand below a title."""
    return (
        4 <= len(sentence) <= LONGEST
        and complete(sentence)
        and is_news(sentence)
        and not re.search(r"[\"“«„「][^\"“”«»]{20,}[\"”»“」]", sentence)  # whose words are they?
        and not _passing().search(sentence)
        and not re.search(r"\b(?:below|above|here|as follows)\W*\Z", sentence)
    )


def is_entry(text: str) -> bool:
    """A changelog's line, or a commit's, that is whole and free of marks; it may have no full stop."""
    return (
        is_news(text)
        and not _is_cut(text)
        and _is_balanced(text)
        and text[-1] not in ":,;-?!"
        and not re.search(
            r"\b(?:above|below|see also|see the|as follows|the following|this (?:bug|issue|change|fix))\b", text
        )
    )


def is_news(text: str) -> bool:
    """A line that may be shown: no order to a machine or a reader, nobody who speaks of himself, no markup."""
    return not (
        shouts(text)
        or unfit(text)
        or _boilerplate().search(text)
        or _speaks().search(text)
        or orders_machines(text)
        or not _is_balanced(text)
    )


def complete(sentence: str) -> bool:
    """A sentence with a beginning, an end and its brackets and quotes closed; no question, no call, not cut off."""
    if not sentence or not re.search(r"""[.。۔।]["”’'»」』)\]`]*\Z""", sentence) or _is_cut(sentence):
        return False
    if re.search(r"\s[.。]\Z", sentence):  # a word is lost in front of it
        return False
    if re.search(r"[a-z]{3,}[.!?] [a-z]", sentence):  # two, of which one begins small
        return False
    first = sentence[0]
    is_begun = (first.isalnum() and not first.islower()) or first in "\"“'‘`(«「『„" or _small_name().match(sentence)
    return bool(is_begun) and _is_balanced(sentence)


def _is_cut(text: str) -> bool:
    return re.search(r"(?:\.\.|…|\[…\]|\b(?:e\.g|i\.e|etc|vs|cf|resp)\.|\.\d{3,}\.?)\W*\Z", text[-20:]) is not None


def _is_balanced(text: str) -> bool:
    pairs = (("(", ")"), ("[", "]"), ("{", "}"), ("“", "”"), ("«", "»"), ("「", "」"), ("『", "』"))
    is_paired = all(text.count(a) == text.count(b) for a, b in pairs if not (a == "“" and "„" in text))
    return is_paired and all(text.count(q) % 2 == 0 for q in '"`')


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
    usual = ".,:;!?'\"%&…·。、，！？：；؛،۔।/()-–—’‘“”«»„「」『』（）_`€$£+#"
    odd = sum(not (c.isalnum() or c.isspace() or c in usual or unicodedata.category(c)[0] == "M") for c in text)
    return odd > max(3, len(text) // 12) or bool(_markup().search(text)) or not any(c.isalpha() for c in text)


def orders_machines(text: str) -> bool:
    """It is written for a model that reads along, not for people."""
    return _orders_to_machines().search(text) is not None


def _points_inside(sentence: str) -> bool:
    """A pronoun in the first clause has nothing in the sentence to stand for; "also" adds to something said before."""
    pronoun = re.search(r"\b(?-i:(?!IT\b))(?:it|them|him|they|he|she|this|these|those)\b", sentence, re.I)
    clause = sentence[: pronoun.start()] if pronoun else ""
    joined = (
        r"[,;:]|\b(?:that|which|who|when|if|because|as|while|and|but|or|so|before|after|unless|until|since|where)\b"
    )
    added = (
        r"\b(?:also|too|likewise|as well(?! as)|instead(?! of)|however|therefore|thus|hence|moreover|respectively)\b"
    )
    return bool(re.search(added, sentence)) or (pronoun is not None and not re.search(joined, clause))


def _is_specific(sentence: str) -> bool:
    """It says of what it speaks: it has a name, a number or code. "Existing files keep their mode." has not."""
    inner = sentence.partition(" ")[2] if " " in sentence else sentence
    has_name = re.search(r"[A-Z\d`_(/]|[^\x00-\u024f]", inner)
    return bool(has_name or re.match(r"\w*[A-Z]\w*[A-Z\d]|\w*\d|`", sentence))


def _is_undefined(sentence: str) -> bool:
    """As in "The bug affects …": which one, only the title tells. Not so where the noun is told of ("the cost of")."""
    verb = r"(?:[a-z]+s|[a-z]+ed|was|has|is|are|have|were|will|can|may|must|should)\b"
    found = re.match(
        rf"(?:The|Both|Most|Other|Several|Some|All|Each) (?:(?:[a-z-]+|[A-Z]{{2,5}}) ){{1,3}}?{verb}", sentence
    )
    return found is not None and " of " not in sentence[: found.end() + 4]


_VERBS = re.compile(
    r" (?:is|are|was|were|has|have|had|can|cannot|could|may|might|must|will|would|should|does|do|did|isn't|aren't"
    r"|doesn't"
    r"|don't|can't|won't|(?:allow|let|need|provide|require|make|give|take|contain|include|keep|run|come|go)"
    r"|(?:accept|add|affect|aim|allow|appl|avoid|bring|build|call|catch|chang|combin|com|compil|contain|control"
    r"|convert"
    r"|cover|creat|defin|depend|detect|describ|driv|enabl|encod|ensur|exist|expect|expos|drop|extend|fall|find"
    r"|fix|follow|giv|go|grow"
    r"|handl|help|hold|implement|improv|includ|integrat|introduc|invok|join|keep|lead|leav|let|load|look|mak"
    r"|manag|mean"
    r"|measur|need|offer|open|pars|pass|perform|play|prevent|print|produc|protect|provid|reach|rise|read|reduc"
    r"|remov|replac|report"
    r"|requir|return|run|say|send|serv|set|show|solv|speed|start|stop|stor|suppl|support|tak|tell|track|treat|turn"
    r"|us|verif"
    r"|want|work|wrap|writ)(?:s|es|ies|ed))\b"
)
"""What shows that a sentence has a verb of its own."""
_EARLY_VERB = re.compile(
    r"(?:\S+ ){1,5}?[a-z]{3,}(?:s|ed) (?!(?:of|for|in|with|on|and|to|by|that|which|from|about|are|is|as|or)\b)\S"
)
"""So does a word among the first that ends as verbs do and is followed as nouns are not."""

# --- Lists. Compiled at the first use: a usual run needs none of them. ------------------------------------------------


@cache
def _small_name() -> re.Pattern[str]:
    """A name that is written small and begins a sentence: "pip 26.1 …", "iOS …", "sqlite3 …"."""
    return re.compile(
        r"[a-z][\w.+-]* v?\d+\.\d|[a-z]{1,3}[A-Z]\w+ |[a-z]+\d[\w.]* |[a-z][\w.+-]* (?:is|are|has|lets|can|supports"
        r"|provides"
        r"|helps|makes|gives|offers|allows|adds) "
    )


@cache
def _markup() -> re.Pattern[str]:
    return re.compile(
        r"<[^<>\s][^<>]{0,300}>|&(?:[a-z]+|#\d+);|\]\(|\]\[|!\[|```|``|\*\S|__\w|~~|\{\{|\}\}|\{%"
        r"|\$\(|=>"
        r"|;\s?\}|\|.*\||https?:|www\.|\S@\S|(?<!\w)[@#]\w|\[\d+\]|\[(?:edit|citation|…|\.\.\.)|\\[a-z(\[{]"
        r"|\$[^$\d][^$]{0,80}\$|\{\w+\}|[©®™¶§†‡→►▶◀\ufffc\ufffd]|<\||\|>|\[/?INST|email.protected|:\w+:`|>>>"
        r"|\w\^\w|::|==|<-"
        r"|Ã.|â€|\|[\w .-]{1,40}\|",
        re.IGNORECASE,
    )


@cache
def _boilerplate() -> re.Pattern[str]:
    """What belongs to the page, and what calls on the reader."""
    anywhere = (
        r"(?:this|our|the) (?:web ?)?site uses|use of cookies|accept (?:all )?cookies|privacy (?:policy|notice)"
        r"|cookie (?:policy|settings|consent|notice|banner)|cookies?\b.{0,40}\b(?:experience|consent|browsing|agree)"
        r"|terms (?:of (?:use|service)|and conditions)|all rights reserved|copyright|warrant(?:y|ies) of"
        r"|without warranty|newsletter|mailing list|sign(?:ing)? up|unsubscribe|stay tuned|don.t miss|patreon"
        r"|follow (?:us|me)|rss feed|advertising|image credit|open in (?:colab|binder)|code of conduct"
        r"|log ?in to (?:comment|continue|read|your)|(?:leave|post) a comment|comments? (?:are|is) closed|guest post"
        r"|share (?:this|on (?:facebook|twitter|x|linkedin|mastodon|bluesky))|read (?:more|the (?:full|rest"
        r"|original))"
        r"|continue reading|(?:click|tap) (?:here|the|on)|(?:learn|find out) more|originally (?:published|appeared)"
        r"|appeared (?:first )?on|posted (?:by|in|on)|filed under|min(?:ute)?s? read|advertisement|sponsor\w*"
        r"|affiliate|related (?:posts|articles|stories)|table of contents|last (?:updated|modified)"
        r"|skip to (?:main )?content|enable javascript|your browser (?:does|is|do)|photo(?:graph)? (?:by|credit)"
        r"|(?:previous|next) (?:post|article)|page \d+ of \d+|discount code|promo code|coupon|giveaway|buy now"
        r"|(?:free|limited)[ -]time offer|Datenschutz\w*|Impressum|Weiterlesen|Alle Rechte vorbehalten"
        r"|politique de confidentialité|tous droits réservés|lire la suite|todos los derechos|suscr[ií]b\w*"
    )
    calls = (
        r"(?:subscribe|join|register|click|download|follow|share|buy|order|shop|donate|contact|visit|watch"
        r"|listen|check"
        r"|see|head|tell|let|tune) (?:out|up|our|the|more|it|us|this|your|now"
        r"|here|for|to|in|over|on|him|her|them|me|my|an?|free|at|from|off|all|along|also|you|started|back|below"
        r"|above)"
        r"|(?:please|thanks?|thank you|welcome|hello|hi|hey|enjoy|happy|congratulations|want to|ready to|looking for"
        r"|let.s(?! encrypt)|make sure|if you\b|tags?:|categor\w+:|update:|edit:|note:|tl;?dr|disclaimer"
        r"|disclosure|source:|via:"
        r"|author:|share:)"
    )
    return re.compile(rf"(?<!\w)(?:{anywhere})(?!\w)|\A\W*(?:{calls})(?!\w)", re.IGNORECASE)


@cache
def _passing() -> re.Pattern[str]:
    """What holds for a time only: when the post goes out nobody knows whether that is over."""
    return re.compile(
        r"\b(?:today|yesterday|tomorrow|tonight|this (?:morning|week|month|year|afternoon|evening|summer|winter"
        r"|spring)"
        r"|(?:last|next|coming) (?:night|week|month|year|few|release|version|summer|spring|fall|monday|friday)|soon"
        r"|upcoming|at the moment|(?:as|at the time) of (?:writing|now|this|20\d\d)|currently|recent(?:ly)?|right now"
        r"|this (?:post|article|blog|page|tutorial|talk|episode|document|guide|section|chapter|manual)"
        r"|this is an? (?:post|article)"
        r"|ready for (?:testing|review)|is planned|are planned|deadline"
        r"|(?<!every )(?<!each )(?:mon|tues|wednes|thurs|fri|satur|sun)day(?! (?:of|in) (?:each|every|the|a) month)"
        r"|20\d\d-\d\d-\d\d|at \d{1,2}(?::\d\d)? ?(?:am|pm|utc|gmt|cet|est|pst)|\d{1,2}:\d\d|will be (?:held"
        r"|available"
        r"|released|published|presented|streamed)|(?:a few|several|two|three|\d+) (?:days|weeks|months|years) ago"
        r"|in the (?:near )?future|work in progress|under construction|not yet|still being)\b"
        r"|\b(?:heute|morgen|gestern|nächste[nr]? Woche|bald|demain|aujourd.hui|hier|bientôt|mañana|hoy|ayer)\b",
        re.IGNORECASE,
    )


@cache
def _instructs() -> re.Pattern[str]:
    """Advice and references that need what stood around them."""
    return re.compile(
        r"\A[\w]+\.[\w.]+\(?\)? |\A[A-Z]{4,}: |\A\w+ing (?!.*\b(?:is|are|means|makes|lets|allows)\b)"
        r"|\A(?:alternatively|warning|now|examples?|removed|added|fixed|non-breaking|special|normally|usually"
        r"|typically|sometimes|often|generally|fortunately|historically"
        r"|to|for|if|when|in order|use|run|set|add|make|create|install|open|copy|first"
        r"|next|then|once|after|before"
        r"|note|remember|assume|suppose|consider|given|with|as|by default|unless|although|while|since|because|and|or"
        r"|each|every|any|some|many|most|several|both|all|other|another|one|two|three|you|your|here|there|"
        r"no|not|only|unlike|same|similarly|specify|pass|display|hide|show|choose|learn|call|define|choose"
        r"|select|replace|ensure|avoid|prefer|keep|see|check|try|verify|import|returns?|raises?"
        r"|yields?)\b"
        r"|\b(?:this|these|those|here|above|below|example|for instance|e\.g\.|see|section|page|chapter|tutorial|guide"
        r"|document(?:ation)?|following|previous|former|latter|you.ll|we.ll|your own|such as above|listed|described"
        r"|mentioned|shown|discussed|as expected|different approach|such \w+s|is open|are open|you need"
        r"|different from|various|sometimes"
        r"|no exception|used to|had|was"
        r"|were|internal\w*|let.s|question|instance"
        r"|invokes|wondering|table|figure|snippet"
        r"|the code|parameter|argument|keyword)\b",
        re.IGNORECASE,
    )


@cache
def _speaks() -> re.Pattern[str]:
    """Somebody speaks of himself: in another's post that would be untrue."""
    return re.compile(
        r"(?<![\w/-])(?:[Ww]e|[Oo]urs?|us|I|[Mm]y|[Mm]ine|me|[Ww]ir|[Uu]nser\w*|[Mm]ein\w*|[Ii]ch|[Nn]ous|[Nn]otre"
        r"|[Nn]os"
        r"|[Jj]e|[Nn]osotros|[Nn]uestr\w+)(?![\w./-])|我们|我們|私たち|弊社|当社|우리|(?<!\w)(?:мы|наш\w*|نحن)(?!\w)"
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
        rf"\b(?:ignore|disregard|forget|override|bypass|stop following|do not follow)\b.{{0,60}}\b(?:{words})"
        r"|\b(?:system|developer) (?:prompt|message)\b|\bas an? (?:ai|llm|language model|assistant)\b"
        r"|\byou are (?:now\b|(?:an? )?(?:\w+ )?(?:ai|llm|bot|assistant|language model)\b)|\bjailbreak|\bDAN mode\b"
        r"|\bnew (?:instructions?|task|role)\b|\byour (?:instructions|task is|role is|system prompt|prompt)\b"
        rf"|(?:\A|[.!:;,]\s|\bplease |\bmust |\bnow )(?:{verbs}) (?:only |exactly |with |out |in )*"
        r"(?:this|the following|the (?:words?|text|phrase|sentence|link)|exactly)\b"
        rf"|\b{machine}\b.{{0,30}}\b(?:must|should|shall|have to|are (?:told|asked|instructed)|please)\b"
        rf".{{0,30}}\b(?:{verbs})\b"
        r"|<\||\[/?INST|#{2,} ?(?:system|instruction|assistant|user)|\bretweet\b|\bsend (?:bitcoin|btc|eth|money)\b"
        r"|ignoriere .{0,40}anweisung|(?:ignore[zr]?|oublie[zr]?) .{0,40}(?:consigne|instruccion|instruction)"
        r"|忽略.{0,12}(?:指令|指示|说明)|無視して|이전 지시|игнорируй|تجاهل.{0,20}التعليمات",
        re.IGNORECASE,
    )


@cache
def _points_back() -> re.Pattern[str]:
    """Words that point at a neighbour: anywhere, where they begin an English sentence, and in other languages."""
    told = "shown|seen|described|mentioned|noted|discussed|outlined|explained|listed|quoted"
    anywhere = (
        r"\bthat (?:file|option|setting|value|function|page|case|way|folder|directory|name|one|reason)\b"
        r"|\b(?:no|the) exception\b|\bsomewhat more\b|"
        rf"\bas (?:{told})\b|\b(?:see|{told}) (?:above|below|earlier)\b|\b(?:above|below|aforementioned)\W*\Z"
        r"|\b(?:above|below|aforementioned) (?:\w+ )?(?:example|table|figure|code|list|section|snippet)"
        r"|\b(?:table|figure|fig\.|section|chapter|listing|appendix|step|part) \d|\bthe following\b|:\W*\Z"
        r"|\b(?:this|these|the next|the previous) (?:\w+ )?(?:post|article|section|chapter|tutorial|guide|video"
        r"|blog|issue"
        r"|page|document|function|method|option|class|module|feature|release|version|update|change|project|library"
        r"|package|case|way|approach|value|example|means|is|was|will|makes|allows)\b|\bhere\b"
        r"|\b(?:said|says|added|told|wrote|explained|noted) (?:he|she|they)\b|\b(?:he|she|they) (?:said|says|added"
        r"|wrote)\b"
    )
    start = (
        r"(?-i:(?!IT\b))(?:this|that|these|those|its?|they|their|them|he|she|his|her|such|here|then|so|but|and|or|nor"
        r"|yet|also|too|however|therefore|thus|hence|instead(?! of)|otherwise|moreover|furthermore|additionally|plus"
        r"|accordingly|similarly|likewise|meanwhile|nevertheless|nonetheless|consequently|besides|still|again|another"
        r"|finally|first(?:ly)?,|second(?:ly)?,|thirdly|next,?|lastly|later|afterwards?|previously|now,|indeed|namely"
        r"|of course|specifically|overall|in short|why|how|what|that.s|it.s|there.s|there (?:is|are)|even (?:so|then)"
        r"|in (?:this|that|these|those|addition|contrast|other words|particular|summary|conclusion|turn|fact"
        r"|response)"
        r"|for (?:this|that|these|example|instance|now)|as (?:such|a result|well)|because of (?:this|that)"
        r"|the (?:last|final|hardest|latest)|by doing so"
        r"|on the other hand|at (?:this|that|the time)|to (?:this|that|do (?:this|that|so))|with (?:this|that|these)"
        r"|(?:after|before|since|until|once|from|under|given) (?:this|that|then|these|those)|until now"
        r"|one (?:of (?:these|them|those)|such|other|is|was|more|thing)|the (?:former|latter|same|other|above"
        r"|following"
        r"|first|second|third|next|main|primary|basic|only|big(?:gest)?|key|result|reason|problem|answer|trick|catch"
        r"|good news"
        r"|bad news)"
        r"|(?:both|all|some|many|most|none|each|either|neither)(?: of)? (?:these|those|them|are|were|is|was|have|do)"
        r"|(?:if|when|while|though|although|because|since|as) (?:so|not|it|its|they|their|this|that|these|those"
        r"|he|she)"
        r"|(?:do|does|did|is|are|was|were|can|will|should) (?:it|this|that|they|these|those))(?!\w|\.\w)"
    )
    return re.compile(rf"{anywhere}|\A\W*(?:{start})", re.IGNORECASE)


_SCRIPTS = {
    **dict.fromkeys(("ja",), "[\u3040-\u30ff\u4e00-\u9fff]"),
    **dict.fromkeys(("zh",), "[\u4e00-\u9fff]"),
    **dict.fromkeys(("ru", "uk", "bg", "sr"), "[\u0400-\u04ff]"),
    **dict.fromkeys(("ko",), "[\uac00-\ud7af]"),
    **dict.fromkeys(("ar", "fa"), "[\u0600-\u06ff]"),
    **dict.fromkeys(("el",), "[\u0370-\u03ff]"),
    **dict.fromkeys(("he",), "[\u0590-\u05ff]"),
}
"""What the letters of a text in these languages are like."""
_ENGLISH_ONLY = set_of("""
    the of and to for with from how what which this that these your you are using by its into when where while their
    can has have been other more creating editing between
""")
"""Words that are frequent in English texts and in no other language."""
_POINTERS = {
    "de": (
        r"auch|er|sie|es|ihr\w*|sein\w*|da(?:durch|mit|für|von|gegen|zu|nach|her|rum|bei)?|dann|dort|aber|und|oder"
        r"|doch|somit"
        r"|also|ist|sind|wenn sie|um|falls|ferner|weiter\w*|andere\w*|ein(?:er|e|es) (?:der|davon)|zunächst|zuerst"
        r"|(?:das|der|die) (?:erste|zweite|nächste|letzte|gleiche|selbe|obige)\w*|im (?:gleichen|selben)|nun|jetzt",
        r"dies\w*|jene[mnrs]?|solche\w*|hier\w*|ebenfalls|ebenso|jedoch|deshalb|deswegen|daher|darum"
        r"|außerdem|zudem"
        r"|trotzdem|allerdings|stattdessen|oben|unten|folgend\w*|nachfolgend\w*|vorherig\w*|siehe|lesen sie"
        r"|beachten sie"
        r"|Kapitel\w*|Abschnitt\w*|Anhang|Abbildung|Tabelle|Beispiel\w*|Seite|Dokument\w*|Handbuch\w*"
        r"|letztere\w*|beide\w*"
        r"|derzeit|zurzeit|momentan|aktuell|demnächst|kürzlich|bisher|Sie|Ihr\w*|man|Falcot|geplant\w*|inzwischen",
    ),
    "fr": (
        r"il|elle|ils|elles|c|ce|cela|ça|ses|leurs?|ainsi|mais|donc|puis|enfin|or|et|ou|alors|si|pour|quand"
        r"|lorsque?|dans ce"
        r"|en revanche|au lieu|plutôt|en fait|\w+ez|d’abord|d'abord|l'autre|l’autre|la suite|une fois|après|avant"
        r"|lors|voici|tout|est"
        r"|sont|dans",
        r"cet?|cette|ces|celui|celle|ceux|celles|ceci|ici|aussi|également|cependant|toutefois|néanmoins|ci-\w+"
        r"|suivante?s?"
        r"|précédente?s?|voir|chapitres?|section|annexe|figure|tableau|exemples?|page|document|tutoriel|y"
        r"|en outre|de plus"
        r"|actuellement|prochainement|récemment|désormais|vous|votre|vos|veuillez|dernier cas|autre part"
        r"|au-dessus|prévu\w*",
    ),
    "es": (
        r"él|ella|ellos|ellas|sus?|así|pero|entonces|luego|y|o|si|para|cuando|después|antes|ahora|otr[oa]s?"
        r"|un[oa]s? de"
        r"|es|son|está|se|primero|una vez|por (?:eso|tanto|ello)|en (?:su|general)|al",
        r"est[aeo]s?|es[aeo]s?|aquel\w*|aquí|también|además|sin embargo|siguientes?|anterior(?:es)?|véase|vea"
        r"|consulte"
        r"|capítulos?|sección|apéndice|figura|tabla|ejemplos?|página|documento|manual|ambos|cada uno|dichos?|dichas?"
        r"|actualmente|recientemente|próximamente|imagen (?:derecha|izquierda)|usted|ustedes|le|les|puede|debe"
        r"|deberá|pulse|haga|tu|tus"
        r"|Falcot|previsto",
    ),
    "it": (
        r"esso|essa|essi|esse|suo|sua|suoi|sue|così|ma|quindi|poi|e|o|se|per|quando|dopo|prima|ora|altr[oaie]"
        r"|una? di|è|sono"
        r"|ecco|altrimenti|ciò|anche|vengono|viene|carica|ha|si|in (?:caso|alternativa)|al|l['’]altr\w|un['’]altr\w",
        r"quest[oaei]|quest['’]|quell?[oaei]?|quei|quegli|tal[ei]|qui|inoltre|infatti|tuttavia|pertanto|seguent[ei]"
        r"|precedent[ei]|vedere|vedi|consultare|capitol[oi]|sezion[ei]|appendice|figura|tabella|esempi|esempio|pagina"
        r"|document[oi]|ad ess\w|entramb[ie]|ciascun\w*|attualmente|recentemente|prossimamente|il proprio|la propria"
        r"|si veda|puoi|tuo|tua|tuoi|sopra|sotto|riportat\w+|verr\w+|trattat\w+",
    ),
    "nl": (
        r"hij|zij|ze|het is|het zijn|zijn|haar|hun|dus|maar|en|of|als|om|wanneer|dan|daar\w*|er|nu|eerst"
        r"|een (?:van|ander)"
        r"|(?:het|de) (?:eerste|tweede|volgende|laatste|andere|zelfde)|dat|is|na|voor",
        r"deze|dit|die|dat|zulke?|dergelijke?|hier\w*|ook|eveneens|echter|daarom|bovendien|verder|bovenstaande?"
        r"|onderstaande?"
        r"|volgende|vorige|zie|hoofdstuk\w*|sectie|onderdeel|paragraaf|bijlage|afbeelding \d\S*|figuur|tabel"
        r"|voorbeeld\w*"
        r"|pagina|document|handleiding|beide|momenteel|binnenkort|onlangs|u|uw|je|jouw|jij|men|ik",
    ),
    "pt": (
        r"ele|ela|eles|elas|seus?|suas?|assim|mas|então|depois|e|ou|se|para|quando|antes|agora|outr[oa]s?"
        r"|um[a]? d[eoa]s?|é"
        r"|são|está|primeiro|por isso|portanto|ao",
        r"est[ae]s?|ess[ae]s?|isto|isso|aquel\w+|aquilo|dest\w+|dess\w+|nest\w+|ness\w+|aqui|também|além disso"
        r"|no entanto"
        r"|porém|seguintes?|anterior(?:es)?|veja|consulte|capítulos?|seção|secção|apêndice|figura|tabela"
        r"|exemplos?|página"
        r"|documento|manual|ambos|ambas|atualmente|recentemente|em breve|você|vocês|deve|clique",
    ),
    "ru": (
        r"он|она|оно|они|тогда|там|но|а|и|или|если|чтобы|когда|затем|потом|теперь|сначала|друг\w+|для|при|после"
        r"|является"
        r"|однако|поэтому",
        r"эт\w+|это|его|её|их|здесь|такж?е|так\w*|кроме того|ниже|выше|следующ\w+|предыдущ\w+|см|смотрите"
        r"|глав[аеуы]\w*"
        r"|раздел\w*|приложени\w*|рисун\w+|таблиц\w+|пример\w*|страниц\w+|документ\w*|обе|оба|сейчас|недавно|скоро|вы"
        r"|ваш\w*|вам|вас|данн\w+|тако\w+",
    ),
    "ja": (
        r"また|しかし|そして|だが|ただし|なお|さらに|つまり|例えば|たとえば|まず|次に|もし|それ|これ|あれ|そう"
        r"|こう|ここ|そこ|従って|したがって|一方",
        r"これ|それら|この|その|あの|ここで|以下|以上|上記|下記|前述|後述|次の|前の|参照|本章|本書|本節|各章"
        r"|[章節]で|図 ?\d|表 ?\d|例 ?\d|あなた|あります、|"
        r"最近|現在|今後|同様|ください|下さい|私|指針を示し|説明します|紹介します|しましょう",
    ),
    "zh": (
        r"它|他|她|其|但|不过|而且|所以|同时|另外|然后|并且|例如|如果|首先|接着|最后|因此|要|请|那|這|这|此|该|該",
        r"这|這|那些|那个|此外|该|該|上述|以上|以下|下面|上面|下列|如下|本章|本节|本文|本书|本手册|[章节]|见"
        r"|参见|请|图 ?\d|表 ?\d|例 ?\d|你|您|目前|最近"
        r"|现在|即将|我",
    ),
    "ko": (
        r"이는|이것|그것|이러한|그러한|이 |그 |그는|그녀|하지만|그러나|그리고|또한|따라서|그래서|먼저|만약",
        r"이 장|이 절|이 문서|위의|아래|다음 |여기|현재|최근|참조|참고|이것|이러한|예를 들어",
    ),
    "ar": (
        r"هذا|هذه|ذلك|تلك|هو |هي |هم |و|لكن|كما|لذلك|ثم",
        r"هذا|هذه|ذلك|تلك|أدناه|أعلاه|التالي\w*|السابق\w*|انظر|هنا|حالي\w*|مؤخر\w*",
    ),
}
"""By language: what a sentence begins with that leans on another, and what leans wherever it stands: on what was said
before, on the page around it, on the reader, on the day."""


@cache
def _pointing(language: str) -> re.Pattern[str]:
    start, anywhere = _POINTERS[language]
    if language in ("ja", "zh", "ko", "ar"):
        return re.compile(rf"\A\W*(?:{start})|(?:{anywhere})")
    return re.compile(rf"\A\W*(?:{start})(?!\w)|(?<![\w-])(?:{anywhere})(?![\w])", re.IGNORECASE)
