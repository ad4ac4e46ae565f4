"""Rules against what models, prompts and hostile material leave in a text that no person would: wrappers, labels,
tokens, orders, marks of templates, words of the brief, loose ends.

`repair` takes away what can be taken away without touching the meaning (`repairs.py`); what these rules find after
that stays wrong. A model's own traces are its material's subject where the material says the same. Orders to a model
are refused whoever put them there: the material may be hostile, and an excerpt of it would carry them out to others.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from twitter_manager.checks.context import CheckContext
from twitter_manager.domain import Violation
from twitter_manager.english import LINK, shown, unspaced

_OPENING, _CLOSING = "\"'“”„„‘«»‹「『`", "\"'””“”’»«›」』`"
WRAPPED = "|".join(f"\\A{a}[^{a}{b}]+{b}\\Z" for a, b in zip(_OPENING, _CLOSING, strict=True))
"""One pair of quotes, with none of the kind between them, around the whole text."""
_LABEL = (
    r"(?:\*\*|__)?(?:(?:final|revised|short|suggested|social media|bluesky) )?(?:%s)"
    r"(?: (?:text|#?\d{1,2}|\(\d{1,3} characters\)))?(?:\*\*|__)?:(?:\*\*|__)?(?=\s|[\"“'])"
)
ROLE_LABEL = _LABEL % "post|tweet|skeet|assistant|caption"
"""Never part of what is said, so it may be taken off."""
_WRAPPING = (
    WRAPPED,
    r"<\|[^|<>\s]{1,40}\|>|</?s>|\[/?INST\]|<</?SYS>>|</?(?:think|start_of_turn|end_of_turn|bos|eos)>",
    rf"\A(?:{ROLE_LABEL})",
    rf"\A(?:{_LABEL % 'response|answer|output|draft|reply|user|system|human|bot|prompt'})",
)
_MARKUP = (
    "```",
    r"\*\*[^\s*](?:[^*\n]{0,200}[^\s*])?\*\*(?!\w)|(?m:^#{1,6} \S)|\[[^\]\n]{1,200}\]\(https?://[^)\s]{1,500}\)",
    r"[{,]\s{0,20}\"[\w -]{1,60}\"\s{0,20}:|\A\[\s{0,20}\"[^\]]*\"\s{0,20}\]\Z",
)
_TALK = (
    r"\A(?:(?:sure|certainly|of course|absolutely|okay|ok)[,!.:]? (?:here|i['’]?ll|i can|i['’]?d)\b"
    r"|here(?:['’]s| is| are) (?:a|an|the|my|your|one|some) (?:\w+ ){0,4}"
    r"(?:posts?|tweets?|captions?|drafts?|rewrites?)\b[^.!?\n]{0,40}:"
    r"|i(?:['’]m| am) sorry, but|i can(?:['’]t|not) (?:assist|help|write|create|fulfil))",
    r"\bas an? (?:ai|artificial intelligence|(?:large )?language model)\b",
    r"\bi(?:['’]m| am) (?:an ai|a (?:large )?language model)\b|\bmy (?:training data|knowledge cut-?off)\b",
    r"\b(?:i|we) hope this helps\b|\bwould you like me to\b|\bfeel free to (?:adjust|edit|modify)\b",
    r"\blet me know if you(?:['’]d like| want) (?:me|any (?:changes|adjustments|edits)"
    r"|a (?:different|shorter|longer))\b",
    r"\bi(?:['’]ve| have) (?:kept|made|written|limited) (?:it|the post|this)\b",
    r"\b(?:this|the) (?:post|tweet|thread) (?:is|stays|keeps|has) (?:\w+ ){0,3}(?:\d{1,3} characters|within the limit)",
    r"\b(?:word|character) count:",
)
_GAPS = (
    r"(?<!\w)\[(?:insert|your|add|placeholder|attach)(?![^\W_])[^\]\n]{0,80}\]",
    r"(?<!\w)\[(?:link|url|image|emoji|hashtags?|name|date|time|topic|source|title|place|company|product)"
    r"(?:[ _]\w+)?\]",
    r"<(?:insert|your|link|url|image|name|topic|placeholder)\b[^>\n]{0,80}>",
    r"(?-i:<[A-Z][A-Z_]{2,30}>|__[A-Z]{3,20}__|\bTODO\b)|\blorem ipsum\b",
    r"\{\{[^}\n]{0,80}\}\}|\{%[^%\n]{0,80}%\}|\$\{[^}\n]{0,80}\}|\{(?:topic|name|link|url|title|text|fact)\}",
    r"<%[^%\n]{0,80}%>|%%\w{1,40}%%|\[\[[^\]\n]{1,80}\]\]",
    r"\((?:pause|laughs?|sighs?|smiles?|end of (?:post|tweet|thread)|no hashtags?|\d{1,3} characters)[^)\n]{0,40}\)",
    r"(?m:^\*(?:[a-z]+ ?){1,5}\*$)|^\*[a-z]+s(?: [a-z]+){0,3}\*\s",
)
# The words of the brief (writing/brief.py).
_BRIEF = (
    r"\bdata-[0-9a-f]{8}\b|\A(?:material|topic|readers|voice):\s|\balready posted; open\b|\(BCP 47\)",
    r"\banswer with the post alone\b|\bsay only what the material says\b|\bone post of at most\b",
    r"\bthe material (?:says|states|mentions)\b|\baccording to the (?:material|provided text|text above)\b",
    r"\bat most \d{2,4} characters, better \d",
)
_TRACES = (
    ("The text still has a label, a control token, or quotes around it.", _WRAPPING),
    ("The text carries Markdown, a code fence or JSON, which no platform shows as such.", _MARKUP),
    ("The text speaks as a model, of itself, or to the one who asked for it.", _TALK),
    ("The text has a placeholder, a stage direction or a template's mark.", _GAPS),
    ("The text repeats the brief that asked for it.", _BRIEF),
)
_ORDERS = (
    r"\b(?:ignore|disregard|forget|override|bypass) (?:all |any |every |the |your |my |these |those ){0,3}"
    r"(?:previous|prior|above|earlier|preceding|former|system|original|other|safety) (?:\w+ )?"
    r"(?:instruction|prompt|message|rule|direction|guideline|command|context|polic)\w*",
    r"\b(?:ignore|disregard|forget) (?:all |your |the )?(?:instructions|prompts|guidelines|rules above)\b",
    r"\bforget everything (?:above|before this|you (?:were|have been|['’]ve been) told)\b",
    r"\b(?:your|my|hidden|initial) system (?:prompt|message)\b|\bsystem prompt:",
    r"\byou are (?:now )?(?:chatgpt|gpt-?\d|claude|gemini|dan|an ai|in developer mode)\b",
    r"\byou are (?:now )?an? (?:helpful |ai |large ){1,3}(?:assistant|model|language model)\b",
    r"\b(?:respond|reply|answer|output) (?:only|exclusively|strictly) (?:with|in|using)\b|\boutput nothing else\b",
    r"\bdo not (?:mention|reveal|disclose|repeat) (?:this|these|the|your) (?:instruction|prompt|message|rule|system)",
    r"\b(?:new|updated|additional) (?:system )?instructions?:",
    r"\b(?:begin|end) (?:of )?(?:system )?(?:prompt|instructions)\b",
    r"</?(?:system|instructions?|assistant|user)>",
    r"\bact as (?:an? )?(?:unrestricted|jailbroken|evil|dan\b)|\bjailbreak mode\b",
    r"\bpost (?:the following|this) (?:exactly|verbatim|word for word)\b",
)
_BLOB = r"(?<![\w+/=.-])(?=[\w+/-]{0,200}[a-z])(?=[\w+/-]{0,200}[A-Z])(?=[\w+/-]{0,200}\d)[A-Za-z0-9+/_-]{40,}={0,2}"
_DANGLING = """
    a an the and or but nor of at by from into than which whose if while because were its their your our my these those
    it's between der die das und oder le la les des du et ou el los las y il lo gli e het een en of
"""
_WAITING = "to with for can could will would should may might must has have had been are be when that on in you we they"
"""What may end a headline, but hardly a sentence."""
_LONGEST_SHRED = 6
"""Words that may stand without a full stop behind a sentence ("Free entry")."""


def empty(parts: Sequence[str], context: CheckContext) -> Iterator[Violation]:
    """Nothing to post."""
    for at, text in enumerate(parts or ("",)):
        if not text.strip():
            yield Violation("empty", "There is no text.", at)


def artefacts(parts: Sequence[str], context: CheckContext) -> Iterator[Violation]:
    """What a model leaves in its answer, unless the material says the same."""
    for at, text in enumerate(parts):
        for message, expressions in _TRACES:
            found = (match[0] for one in expressions for match in re.finditer(one, text.strip(), re.IGNORECASE))
            if any(not any(trace in known for known in context.material or ()) for trace in found):
                yield Violation("artefacts", message, at)


def cut_off(parts: Sequence[str], context: CheckContext) -> Iterator[Violation]:
    """A text that stops in mid-sentence: no end mark, a dangling word, something opened and not closed."""
    known = {"", *(one.strip() for one in context.material or ())}
    for at, text in enumerate(parts):
        lines = text.strip().split("\n")
        while len(lines) > 1 and lines[-1].strip() in known:  # a signature
            lines.pop()
        own = "\n".join(lines)
        why = _never_closed(own) or _loose_end(own, last=at == len(parts) - 1, carried=bool(context.links))
        if why:
            yield Violation("cut_off", f"The text seems to be cut off: {why}.", at)


def _never_closed(text: str) -> str:
    for opening, closing in (("(", ")"), ("[", "]"), ("“", "”"), ("«", "»")):
        opened = len(re.findall(rf"(?<![:;=-]){re.escape(opening)}", text))
        if opened > text.count(closing) and not (opening == "“" and "„" in text):
            return f"a “{opening}” is never closed"
    return "a backtick is never closed" if text.count("`") % 2 else ""


def _loose_end(text: str, *, last: bool, carried: bool) -> str:
    tokens = text.split()
    total = len(tokens)
    if tokens and re.fullmatch(LINK, tokens[-1]):
        return ""  # "Details at https://…" is a sentence
    while tokens and re.fullmatch(r"[#＃@][\w.-]+", tokens[-1]):
        tokens.pop()
    if not tokens:
        return ""
    labelled, word, final = len(tokens) < total, tokens[-1], tokens[-1][-1]
    if final in ":–—" and carried:
        return ""  # the address comes next
    if (final in ",;-–—/&=" and not word.endswith(":-")) or (final == ":" and last and not labelled):
        return f"it ends with “{final}”"
    if not final.isalnum():
        return ""
    if word.casefold() in _DANGLING.split() or (word.casefold() in _WAITING.split() and _follows_a_sentence(text)):
        return f"it ends with “{word}”"
    is_open = not labelled and not unspaced().match(final) and _follows_a_sentence(text) > _LONGEST_SHRED
    return "the last sentence has no end" if is_open else ""


def _follows_a_sentence(text: str) -> int:
    """The words of the last sentence, where one with an end stands before it in its line; a headline needs none."""
    *before, last = re.split(r"(?<=[.!?…])\s+", text.rpartition("\n")[2])
    return len(last.split()) if before else 0


def injection(parts: Sequence[str], context: CheckContext) -> Iterator[Violation]:
    """Orders to a model."""
    for at, text in enumerate(parts):
        if found := re.search("|".join(_ORDERS), " ".join(text.split()), re.IGNORECASE):
            yield Violation("injection", f"The text gives orders to a model: “{shown(found[0])}”", at)


def blobs(parts: Sequence[str], context: CheckContext) -> Iterator[Violation]:
    """Forty characters and more that no person can read: a key, a hidden order, a piece of a file."""
    for at, text in enumerate(parts):
        if re.search(_BLOB, re.sub(LINK, " ", text)):
            yield Violation("blobs", "The text has a long run of letters and digits that nobody can read.", at)
