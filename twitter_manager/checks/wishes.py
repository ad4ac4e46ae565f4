"""Rules that hold a post to what its person wishes of its form: tone, length, language.

A tone is a word in the settings; what it bars can be looked for by anybody, and is. Whether a text *sounds* so is left
to the model that writes, which is told, and to the person.
"""

from __future__ import annotations

import functools
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from twitter_manager.checks.context import CheckContext
from twitter_manager.checks.lengths import length
from twitter_manager.checks.plain import plain
from twitter_manager.checks.words import EMOJI, LINK, shown
from twitter_manager.domain import Violation

_EXCLAMATION = r"(?<=[^\W\d_])[!！]+(?=[\s\"'”’»)]|$)"
_CHAT = (
    r"(?i:\b(?:fun facts?|psa|fyi|tl;?dr|heads up|hey|wow|yay|btw|imo|imho|lol|folks|guys|awesome|super cool|pro tip"
    r"|no joke)\b)|\bTIL\b"
)
_CONTRACTION = r"(?i:\b\w+(?:n['’]t|['’](?:ll|re|ve|m|d))\b|\b(?:it|that|there|here|what|let|who)['’]s\b)"
_FIRST_PERSON = r"\bI\b(?![/-])|(?i:\b(?:my|mine|we|our|ours|us)\b)(?<!US)"
_SHOUTING = r"\b(?:NEVER|ALWAYS|MUST|WARNING|ATTENTION|STOP|DO NOT|DON['’]T|WRONG)\b|[!！]{2,}"
_SCOLDING = r"(?i:\b(?:obviously|of course|clearly|everyone knows|stupid\w*|dumb\w*|idiot\w*|lazy|clueless)\b)"

BARRED: Mapping[str, Mapping[str, str]] = {
    "sober": {"an exclamation mark": _EXCLAMATION, "an emoji": EMOJI, "chat": _CHAT},
    "formal": {
        "an exclamation mark": _EXCLAMATION,
        "an emoji": EMOJI,
        "chat": _CHAT,
        "a contraction": _CONTRACTION,
        "“I” or “we”": _FIRST_PERSON,
    },
    "friendly": {"shouting": _SHOUTING, "scolding": _SCOLDING},
    "lively": {"scolding": _SCOLDING},
}
"""For each tone of `domain.TONES` what no post may have, with the expression that finds it."""

LIKED: Mapping[str, Mapping[str, str]] = {
    "friendly": {"you": r"(?i:\byou(?:r|rs)?\b)", "a contraction": _CONTRACTION},
    "lively": {
        "a question or an exclamation": r"[?!？！](?:\s|$)",
        "a short sentence": r"(?:^|[.!?] )(?:\S{1,40} ){0,6}\S{1,40}[.!?]",
    },
}
"""What makes a post sound so: counted in the scores, never asked for."""

_SCRIPTS = {
    "ja": "[\u3040-\u30ff\u3400-\u9fff]",
    "zh": "[\u3400-\u9fff]",
    "ko": "[\uac00-\ud7af\u1100-\u11ff]",
    **dict.fromkeys(("ru", "uk", "bg", "be", "sr", "mk"), "[\u0400-\u04ff]"),
    **dict.fromkeys(("ar", "fa", "ur"), "[\u0600-\u06ff]"),
    "he": "[\u0590-\u05ff]",
    "el": "[\u0370-\u03ff]",
    **dict.fromkeys(("hi", "mr", "ne"), "[\u0900-\u097f]"),
    "th": "[\u0e00-\u0e7f]",
}
_COMMON = {
    "en": "the of and is that for it with are by this from which was has have can when an be not",
    "de": "der das und ist nicht mit von ein eine dem den zu für wird werden auch sich im auf wenn",
    "fr": "le les des et est une dans pour qui avec pas au sont ce sur du que quand",
    "es": "el los las y una por con para del se como más que es cuando",
    "it": "il gli di che è una per con non sono della nel quando",
    "pt": "o os uma para com não são dos mais do que em quando",
    "nl": "het een van niet met zijn voor aan dat wordt ook als",
}
_FEWEST_LETTERS, _FEWEST_WORDS = 20, 4
_NO_WORDS = rf"{LINK}|`[^`]*`|[#@]\w+"
"""What stands in a text of any language."""


def tone(parts: Sequence[str], context: CheckContext) -> Iterator[Violation]:
    """Nothing that the wished tone bars; what stands in backticks is code."""
    for at, part in enumerate(parts):
        text = re.sub(r"`[^`]*`", " ", part)
        for what, expression in BARRED.get(context.policy.tone, {}).items():
            if found := re.search(expression, text):
                said = shown(found[0], 20)
                yield Violation(
                    "tone", f"{context.policy.tone.capitalize()} posts have no {_bare(what)}: “{said}”.", at
                )


def _bare(what: str) -> str:
    return re.sub(r"\Aan? ", "", what)


def liking(parts: Sequence[str], wished: str) -> float | None:
    """The share (0 to 1) of what makes a post sound as wished that this one has; None for a tone that only bars."""
    liked = LIKED.get(wished)
    return sum(bool(re.search(one, "\n".join(parts))) for one in liked.values()) / len(liked) if liked else None


def wished_length(parts: Sequence[str], context: CheckContext) -> Iterator[Violation]:
    """No part longer than wished, hashtags and signature counted, in characters as readers count them."""
    most = context.policy.max_chars
    for at, part in enumerate(parts):
        if most is not None and (counted := length(part, "bluesky")[0]) > most:
            yield Violation("wished_length", f"{counted} characters, and at most {most} are wished: shorten it.", at)


def language(parts: Sequence[str], context: CheckContext) -> Iterator[Violation]:
    """The bot's language; sentences of the material may stay in theirs. Where neither script nor the commonest words
    tell, nothing is said."""
    wished = context.language.casefold().split("-")[0]
    for at, part in enumerate(parts):
        own = _own_words(part, context.material or ())
        if why := _foreign_script(own, wished) or _foreign_words(own, wished):
            yield Violation("language", f"It is not in {context.language}: {why}.", at)


def _own_words(part: str, material: Sequence[str]) -> str:
    """The part without links, code and sentences of the material."""
    known = _words(" ".join(material))
    sentences = re.split(r"(?<=[.!?…])\s+|(?<=[。！？])|\n+", re.sub(_NO_WORDS, " ", part))
    return " ".join(one for one in sentences if _words(one) not in known)


def _words(text: str) -> str:
    return " ".join(plain(re.sub(_NO_WORDS, " ", text)).casefold().split())


def _foreign_script(text: str, wished: str) -> str:
    letters = re.findall(r"[^\W\d_]", text)
    script = _SCRIPTS.get(wished, "[A-Za-z\u00c0-\u024f\u1e00-\u1eff]" if wished in _COMMON else "")
    if not script or len(letters) < _FEWEST_LETTERS:
        return ""
    share = sum(bool(re.match(script, one)) for one in letters) / len(letters)
    return f"{1 - share:.0%} of its letters are of another script" if share < 0.3 else ""


def _foreign_words(text: str, wished: str) -> str:
    if wished not in _COMMON:
        return ""
    said = re.findall(r"[^\W\d_]+", text.casefold())
    counts = {name: sum(word in some for word in said) for name, some in _telling().items()}
    best = max(counts, key=lambda name: counts[name])
    clear = counts[best] >= _FEWEST_WORDS and counts[best] >= 3 * counts[wished]
    return f"its words are those of {best}" if best != wished and clear else ""


@functools.cache
def _telling() -> dict[str, frozenset[str]]:
    """Each language's common words that are no other's."""
    seen = Counter(word for words in _COMMON.values() for word in words.split())
    return {name: frozenset(word for word in words.split() if seen[word] == 1) for name, words in _COMMON.items()}
