"""Characters that nobody sees: what hides words from a check, or an order to a model from its reader.

A few of them have a use where they stand: the variation selector of an emoji or of an ideograph, the joiners of emoji
families and of Arabic, Persian and Indian scripts, the tags of three flags. Those stay; all others go. Control
characters (line breaks among them) are left to whoever reads or checks a text.
"""

from __future__ import annotations

import re
import unicodedata

_NEVER = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164\ufeff\uffa0"
    "\ufff9-\ufffb\U0001d173-\U0001d17a"
)
_SOMETIMES = "\u180b-\u180d\u180f\u200c\u200d\ufe00-\ufe0f\U000e0000-\U000e0fff"
_ANY = re.compile(f"[{_NEVER}{_SOMETIMES}]")
_FLAG = re.compile(
    "\U0001f3f4(?:\U000e0067\U000e0062(?:\U000e0065\U000e006e\U000e0067|\U000e0073\U000e0063\U000e0074"
    "|\U000e0077\U000e006c\U000e0073)\U000e007f)"
)
"""England, Scotland and Wales: a black flag and the tags gbeng, gbsct or gbwls."""
_JOINING_SCRIPTS = re.compile(
    "[\u0600-\u08ff\u0900-\u0dff\u0f00-\u109f\u1780-\u18af\u1a20-\u1aaf\ua840-\ua87f\ua8e0-\uabff\ufb50-\ufdff\ufe70-\ufefc]"
)
_IDEOGRAPH = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_MONGOLIAN = re.compile("[\u1820-\u18aa]")
_SKIN = re.compile("[\U0001f3fb-\U0001f3ff]")
_KEYCAP = "\u20e3"


def remove(text: str) -> str:
    """`text` without what nobody sees. Removing twice removes nothing more."""
    if text.isascii() or not _ANY.search(text):
        return text
    flags = {at for found in _FLAG.finditer(text) for at in range(*found.span())}
    kept = ""
    pieces: list[str] = []
    for at, character in enumerate(text):
        if _ANY.match(character) and at not in flags and not _has_use(character, kept, text[at + 1 : at + 2]):
            continue
        pieces.append(character)
        kept = kept[-3:] + character
    return "".join(pieces)


def _has_use(character: str, before: str, after: str) -> bool:
    """Whether it changes what is shown. `before`: the last few characters that stay."""
    last = before[-1:]
    if not last or re.match(f"[{_NEVER}]", character) or (_ANY.match(last) and character not in "\u200d"):
        return False
    if character in "\u180b\u180c\u180d\u180f":
        return bool(_MONGOLIAN.match(last))
    if "\ufe00" <= character <= "\ufe0d":
        return bool(_IDEOGRAPH.match(last)) or unicodedata.category(last) == "Sm"
    if character in "\ufe0e\ufe0f":
        return _is_picture(last) or (last in "0123456789#*" and after == _KEYCAP)
    if "\U000e0100" <= character <= "\U000e011f":
        return bool(_IDEOGRAPH.match(last))
    if character == "\u200d" and _is_picture(after) and _is_picture(before.rstrip("\ufe0f\U000e007f")[-1:]):
        return True
    return character in "\u200c\u200d" and bool(_JOINING_SCRIPTS.match(last))


def _is_picture(character: str) -> bool:
    """A symbol that emoji are made of. The blank of Braille counts as a symbol, and shows nothing."""
    return (
        bool(character)
        and not _ANY.match(character)
        and (
            unicodedata.category(character) in ("So", "Sm")
            or bool(_SKIN.match(character))
            or character in "\u203c\u2049\u2122\u3030\u303d\u00a9\u00ae"
        )
    )


def is_unseen(character: str) -> bool:
    """Whether it has no picture of its own, useful or not: what a comparison of words leaves out."""
    return bool(_ANY.match(character)) or unicodedata.category(character) == "Cf"


def first(text: str) -> str:
    """The first character of `text` that nobody sees, or ''."""
    if text.isascii() or not _ANY.search(text):
        return ""
    shown = remove(text)
    if shown == text:
        return ""
    return next((one for one, other in zip(text, shown, strict=False) if one != other), text[len(shown) :][:1])
