"""One form for what looks alike, so that a word is found in any disguise: look-alike letters, accents, what nobody
sees, digits for letters, s p a c e d."""

from __future__ import annotations

import functools
import re
import unicodedata

from twitter_manager import invisible

# Letters of other scripts that look Latin, small ones (of the list for Unicode's security mechanisms,
# https://www.unicode.org/Public/security/latest/confusables.txt, those that stand for one letter and are easily typed).
_LOOKALIKES = (
    "aаᴀɑα bвʙь cсϲᴄ dԁđ eеєёҽ fғϝ gɡց hһн iıіїιɩ jјϳ kкκᴋ lⅼӏł mмᴍ nոпη oоοσᴏօø pрρ qԛ rгᴦ sѕꜱ tтτᴛŧ uυսʋц vѵν "
    "wԝωш xхχ yуүγ zᴢ"
)
_LEET = str.maketrans("013457@$!|", "oieasta" + "sil")
_SPACED = r"(?<![^\W_])[^\W\d_](?:[\s._*~+-][^\W\d_]){3,30}(?![^\W_])"
"""Four single letters and more with something between each two."""


def folded(text: str) -> str:
    """Small letters without accents (but ñ); a #TagOfWords also as its words, at the end."""
    tags = re.sub(r"(?<=[a-z])(?=[A-Z][a-z])", " ", " ".join(re.findall(r"#\w+", text)))  # #LikeThis
    apart = unicodedata.normalize("NFKD", f"{text} {tags}").casefold().replace("n\u0303", "ñ")
    shown = "".join(c for c in apart if c.isascii() or not _adds_nothing(c))
    return shown.translate(_latin())


def undisguised(text: str) -> tuple[str, ...]:
    """`text`, folded, as it stands and with letters for digits inside words and single letters put together."""
    joined = re.sub(_SPACED, lambda match: re.sub(r"[\W_]+", "", match[0]), text)
    return tuple(dict.fromkeys((text, joined, _read(joined, "i"), _read(joined, "l"))))


def _read(text: str, one_means: str) -> str:
    return re.sub(r"[\w@$!|]+", lambda match: _letters(match[0], one_means), text)


def _letters(word: str, one_means: str) -> str:
    """Letters for the digits of a mixed word; a 1 may be an i or an l."""
    bare = word.rstrip("!|")
    mixed = not bare.isalpha() and sum(c.isalpha() for c in bare) > 1
    return bare.replace("1", one_means).translate(_LEET) + word[len(bare) :] if mixed else word


def _adds_nothing(character: str) -> bool:
    return invisible.is_unseen(character) or unicodedata.category(character) in ("Mn", "Me")


@functools.cache
def _latin() -> dict[int, str]:
    return {ord(other): group[0] for group in _LOOKALIKES.split() for other in group[1:]}
