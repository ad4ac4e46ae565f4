"""Which language a text is in. The package py3langid knows; here is only when it is believed.

Its model is 4.6 MB on disk, takes about half a second and 100 MB to load, and 30 µs for a sentence.
"""

from __future__ import annotations

import functools
import re
from typing import Any

_KNOWN = """
    ar bg ca cs da de el en es et eu fa fi fr gl he hi hr hu id it ja ko lt lv nl nn no pl pt ro ru sk sl sr sv th tr uk
    vi zh
"""
"""The others that the package knows are small or near to one of these; a short text of names looks like any of them."""
LEAST_LETTERS, LEAST_SURE = 12, 0.7
_NO_WORDS = r"https?://\S+|`[^`]*`|[@#]\w+|\S*[\d_/\\=<>{}]\S*|\b\S+\.\S+\b"
"""What is of no language: addresses, code, handles, numbers, file names."""


def detect(text: str, least_sure: float = LEAST_SURE) -> str:
    """The BCP 47 primary tag of the language of `text`; "" where it can't be told, as with a few names and numbers.
    `least_sure`: how likely it must be, 0 to 1."""
    words = " ".join(re.sub(_NO_WORDS, " ", text[:5000]).split())
    if sum(c.isalpha() for c in words) < LEAST_LETTERS:
        return ""
    name, sure = _identifier().classify(words)
    return primary(name) if sure >= least_sure else ""


def differs(text: str, wished: str) -> str:
    """The language of `text` where that is surely another than `wished`, a tag such as "de-AT"; else "". Of a wished
    language that the package does not know nothing can be said."""
    tag = primary(wished)
    detected = detect(text) if tag in {*_KNOWN.split(), "no"} else ""
    return detected if detected != tag else ""


def is_known(tag: str) -> bool:
    """Whether it is the primary tag of a language that can be told."""
    return tag in _KNOWN.split()


def primary(tag: str) -> str:
    """ "de" for "de-AT". Norwegian's two written forms count as one."""
    first = tag.casefold().replace("_", "-").split("-")[0]
    return "no" if first in ("nb", "nn") else first


@functools.cache
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(_KNOWN.split())
    return identifier
