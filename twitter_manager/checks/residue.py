"""Rules against what prompts and hostile material leave in a text: orders to a model, a model's talk of itself, marks
of templates, words of the brief, blobs.

A model's own traces are its material's subject where the material says the same. Orders to a model are refused whoever
put them there, and the material is no excuse: it may be hostile, and an excerpt of it would carry them out to others.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from twitter_manager.checks.artefacts import rule_against
from twitter_manager.checks.context import CheckContext
from twitter_manager.domain import Violation
from twitter_manager.english import LINK, shown

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
_TALK = (
    r"\bas an? (?:ai|artificial intelligence|(?:large )?language model)\b",
    r"\bi(?:['’]m| am) (?:an ai|a (?:large )?language model)\b|\bmy (?:training data|knowledge cut-?off)\b",
    r"\b(?:i|we) hope this helps\b|\bwould you like me to\b|\bfeel free to (?:adjust|edit|modify)\b",
    r"\blet me know if you(?:['’]d like| want) (?:me|any (?:changes|adjustments|edits)"
    r"|a (?:different|shorter|longer))\b",
    r"\bi(?:['’]ve| have) (?:kept|made|written|limited) (?:it|the post|this)\b",
    r"\b(?:this|the) (?:post|tweet|thread) (?:is|stays|keeps|has) (?:\w+ ){0,3}(?:\d{1,3} characters|within the limit)",
    r"\b(?:word|character) count:",
)
_TEMPLATE = (
    r"\{%[^%\n]{0,80}%\}|\$\{[^}\n]{0,80}\}|<%[^%\n]{0,80}%>|%%\w{1,40}%%|\[\[[^\]\n]{1,80}\]\]",
    r"(?-i:__[A-Z]{3,20}__|\[(?:(?:[Yy]our|YOUR|[Tt]he|INSERT)[ _][A-Z][A-Z _]{2,30}|(?:NAME|DATE"
    r"|LINK|URL|TITLE|TIME|PLACE|COMPANY|PRODUCT|TOPIC)(?:[ _][A-Z]+)?)\]|<[A-Z][A-Z_]{2,30}>"
    r"|\bTODO\b)",
    r"\blorem ipsum\b|\b(?:your|company|product|bot)_?name_?here\b",
)
# The words of the brief (writing/brief.py).
_BRIEF = (
    r"\bdata-[0-9a-f]{8}\b|\A(?:material|topic|readers|voice):\s|\balready posted; open\b|\(BCP 47\)",
    r"\banswer with the post alone\b|\bsay only what the material says\b|\bone post of at most\b",
    r"\bthe material (?:says|states|mentions)\b|\baccording to the (?:material|provided text|text above)\b",
    r"\bat most \d{2,4} characters, better \d",
)
_BLOB = r"(?<![\w+/=.-])(?=[\w+/-]{0,200}[a-z])(?=[\w+/-]{0,200}[A-Z])(?=[\w+/-]{0,200}\d)[A-Za-z0-9+/_-]{40,}={0,2}"

model_talk = rule_against("model_talk", "The text speaks as a model, or of itself.", "|".join(_TALK))
template_marks = rule_against("template_marks", "The text has a template's mark or a gap to fill.", "|".join(_TEMPLATE))
brief_echo = rule_against("brief_echo", "The text repeats the brief that asked for it.", "|".join(_BRIEF))


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
