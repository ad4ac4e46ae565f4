"""Rules against swearing and slurs, however they are written: look-alike letters, digits for letters, zero-width
characters, s p a c e d, full of st*rs, looooong.

Words are compared whole, so that Scunthorpe, cockpit and assess stay what they are; the lists stand in
`profanity.toml`, which is read when a text is first looked at. English words count in every text, those of another
language in texts of that language. The lists are our own: of the packaged ones, better-profanity (MIT, not kept since
2020) refuses "drunk", "kill", "hell", "oral" and "LEN", which a bot on technology or a club has to say.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from twitter_manager.checks.context import CheckContext
from twitter_manager.checks.folding import folded, undisguised
from twitter_manager.checks.tables import table
from twitter_manager.domain import Violation
from twitter_manager.language import primary

_LONGEST = 40
"""Letters of a word that are looked at."""
_BEGINNING = 7
"""Letters of a listed word from which on it is found as the beginning of a longer one too."""
_WORD = r"[^\W_](?:[^\W_]|\*)*+"


def _rule(kind: str) -> Callable[[Sequence[str], CheckContext], Iterator[Violation]]:
    def check(parts: Sequence[str], context: CheckContext) -> Iterator[Violation]:
        if kind == "swearing" and context.policy.allow_profanity:
            return
        listed = _listed(kind, primary(context.language))
        for at, text in enumerate(context.shown(parts)):
            forms = undisguised(_benign().sub(" ", folded(text)))
            words = {word[:_LONGEST].rstrip("*") for form in forms for word in re.findall(_WORD, form)}
            if any(_is_listed(word, listed) for word in words):
                yield Violation(kind, "A word that no bot says: take it out.", at)

    return check


slurs, swearing = _rule("slurs"), _rule("swearing")


def _is_listed(word: str, listed: Mapping[str, frozenset[str]]) -> bool:
    """A listed word, with an ending or without, long drawn or with stars for some of its inner letters."""
    if "*" in word:
        letters = len(word) - word.count("*")
        return letters > 1 and any(re.fullmatch(word.replace("*", "."), entry) for entry in listed if len(entry) > 3)
    forms = {word}
    if re.search(r"(.)\1\1", word):
        forms |= {re.sub(r"(.)\1\1+", r"\1", word), re.sub(r"(.)\1\1+", r"\1\1", word), re.sub(r"(.)\1+", r"\1", word)}
    return any(
        form[:at] in listed and (at >= _BEGINNING or form[at:] in listed[form[:at]])
        for form in forms
        for at in range(3, len(form) + 1)
    )


@functools.cache
def _listed(kind: str, language: str) -> Mapping[str, frozenset[str]]:
    """The words that are no ordinary ones in a text of this language, each with what may stand behind it."""
    content = table("profanity")
    ordinary = content["ordinary"].get(language, "").split()
    return {
        word: frozenset(["", *content["endings"][name].split()])
        for name in (language, "en")
        for word in content[kind].get(name, "").split()
        if word not in ordinary
    }


@functools.cache
def _benign() -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, table("profanity")["benign"]["phrases"])))
