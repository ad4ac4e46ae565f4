"""A person's own openers and closings, which take turns beside notes, and what a bot's latest posts said."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from twitter_manager import english
from twitter_manager.domain import Persona
from twitter_manager.writing.releases import names

TOPIC = "{topic}"
"""Stands in an opener for the label that a person put on the note."""
APART = 12
"""So many posts at least come between two with the same phrase; with n phrases the nth part of it between any two."""
_LABEL = r"[\w+#.]{1,20}"


def dressed(body: str, label: str, persona: Persona, recent: Sequence[str]) -> Iterator[str]:
    """The body with each phrase that suits it, the one that was used least recently first. None where one of the
    latest posts (`recent`, newest first) has a phrase."""
    phrases = (*persona.openers, *persona.closings)
    ages = {
        phrase: next((at for at, text in enumerate(recent) if _has(text, phrase)), len(recent) + APART)
        for phrase in phrases
    }
    if not phrases or min(ages.values()) < max(1, APART // len(phrases)):
        return
    for phrase in sorted(phrases, key=lambda candidate: -ages[candidate]):
        if ages[phrase] < APART or (TOPIC in phrase and (not re.fullmatch(_LABEL, label) or names(body, label))):
            continue
        words = phrase.replace(TOPIC, label)
        whole = f"{words} {body}" if phrase in persona.openers else f"{body} {words}"
        if len(re.findall(r":(?=\s)", whole)) <= 1:
            yield whole


def said(recent: Sequence[str]) -> str:
    """What `said_before` looks in: the words of each post."""
    return "\n".join(f" {' '.join(english.words(text))} " for text in recent)


def said_before(text: str, said: str) -> bool:
    """One of its sentences stood in a post, word for word."""
    return any(f" {sentence} " in said for sentence in sentences(text))


def sentences(text: str) -> Iterator[str]:
    """The sentences of a text as they are compared: their words alone. One or two words ("Why?") say nothing."""
    for sentence in english.sentences(text):
        if len(words := english.words(sentence)) > 2:
            yield " ".join(words)


def _has(text: str, phrase: str) -> bool:
    """A post begins with the phrase, or ends with it; hashtags and a signature may follow."""
    words = re.escape(phrase).replace(re.escape(TOPIC), _LABEL)
    return re.search(rf"\A{words} | {words}(?=\Z|\s*[\n#])", text) is not None
