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
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from twitter_manager.checks.context import CheckContext
from twitter_manager.checks.folding import LEET, SPACED, folded
from twitter_manager.domain import Violation

_LONGEST = 40
"""Letters of a word that are looked at."""
_BEGINNING = 7
"""Letters of a listed word from which on it is found as the beginning of a longer one too."""
_WORD = r"[^\W_](?:[^\W_]|[@$!|*])*+|[@$*](?:[^\W_]|[@$!|*])++"


@dataclass(frozen=True, slots=True)
class _List:
    words: frozenset[str]
    endings: frozenset[str]

    def has(self, word: str) -> bool:
        """True for a listed word, alone or with an ending, and for a long one with anything behind it."""
        word = word[:_LONGEST]
        return any(
            word[:at] in self.words and (at >= _BEGINNING or word[at:] in self.endings)
            for at in range(3, len(word) + 1)
        )


def slurs(parts: Sequence[str], context: CheckContext) -> Iterator[Violation]:
    """Words that demean people."""
    yield from _found("slurs", parts, context)


def swearing(parts: Sequence[str], context: CheckContext) -> Iterator[Violation]:
    """Swear words and obscene ones."""
    if not context.policy.allow_profanity:
        yield from _found("swearing", parts, context)


def _found(kind: str, parts: Sequence[str], context: CheckContext) -> Iterator[Violation]:
    language = context.language.casefold().split("-")[0]
    lists = [one for name in dict.fromkeys(("en", language)) if (one := _lists(kind, name, language)) is not None]
    for at, text in enumerate(context.shown(parts)):
        plain = _benign().sub(" ", folded(text))
        if any(one.has(word) for one in lists for word in _words(plain)) or any(
            listed in joined for one in lists for joined in _spaced(plain) for listed in one.words if len(listed) > 3
        ):
            yield Violation(kind, "A word that no bot says: take it out.", at)
        elif any(_is_masked(word, one) for word in re.findall(_WORD, plain) if "*" in word[1:-1] for one in lists):
            yield Violation(kind, "A word that no bot says, hidden behind stars: take it out.", at)


def _words(text: str) -> Iterator[str]:
    """Each word as it stands, with letters for digits, and with what is repeated said once or twice."""
    for word in re.findall(_WORD, text):
        bare = word.strip("@$!|*")
        forms = {bare}
        whole = word.rstrip("!|*")
        if len(whole) > 3 and not whole.isalpha() and any(c.isalpha() for c in whole):
            forms.add(whole.translate(LEET).replace("*", ""))
        for form in forms:
            yield form
            if re.search(r"(.)\1\1", form):
                yield re.sub(r"(.)\1\1+", r"\1", form)
                yield re.sub(r"(.)\1\1+", r"\1\1", form)
                yield re.sub(r"(.)\1+", r"\1", form)


def _spaced(text: str) -> Iterator[str]:
    """Single letters with something between each two, put together."""
    for found in re.finditer(SPACED, text):
        yield re.sub(r"[\W_]+", "", found[0]).translate(LEET)


def _is_masked(word: str, listed: _List) -> bool:
    """A listed word with stars for some of its inner letters."""
    bare = word[:_LONGEST].strip("@$!|*")
    if len(bare) < 4 or sum(c != "*" for c in bare) < 2:
        return False
    return any(
        len(one) == len(bare) and all(c in ("*", letter) for c, letter in zip(bare, one, strict=True))
        for one in listed.words
    )


@functools.cache
def _lists(kind: str, name: str, language: str) -> _List | None:
    """The words of the list `name` that are no ordinary ones in the text's language."""
    content = _file()
    if name not in content[kind]:
        return None
    words, endings = (frozenset(content[table][name].split()) for table in (kind, "endings"))
    return _List(words - set(content["ordinary"].get(language, "").split()), endings | {""})


@functools.cache
def _benign() -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, _file()["benign"]["phrases"])))


@functools.cache
def _file() -> dict[str, dict[str, str]]:
    import tomllib
    from importlib import resources

    return tomllib.loads(resources.files(__package__).joinpath("profanity.toml").read_text("utf-8"))
