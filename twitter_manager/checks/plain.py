"""One form for what is written in several ways: digits, dashes, quotes, spaces, kanji numerals."""

from __future__ import annotations

import re
import unicodedata

_DASHES = dict.fromkeys("‐‑‒–−﹣－", "-") | {"—": " - ", "―": " - "}
_QUOTES = dict.fromkeys("“”„‟«»″", '"') | dict.fromkeys("‘’‚‛ʼ′", "'")
_POWERS = {power: f"^{at}" for at, power in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")}
_OTHER = _POWERS | _DASHES | _QUOTES | {"½": " 1/2", "¼": " 1/4", "¾": " 3/4", "～": "-", "〜": "-"}
_KANJI_DIGITS = {"〇": 0, "一": 1, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_KANJI = r"[〇一二三四五六七八九十百]{1,8}(?=[年月日時分週人円個回本枚台歳名号万億種倍階]|つの|か月|ヶ月)"


def plain(text: str) -> str:
    """`text` in one form; what it says stays."""
    text = re.sub("\ufe0f?\u20e3", ".", text)  # a keycap, as 1. of a list
    text = text.translate({ord(character): other for character, other in _OTHER.items()})
    text = re.sub(r"(?<=\d)[\u00a0\u2007\u2009\u202f](?=\d{3}(?!\d))", "", text)
    text = unicodedata.normalize("NFKC", "".join(c for c in text if unicodedata.category(c) != "Cf"))
    if not text.isascii():
        text = re.sub(r"[^\W0-9_]", lambda match: str(unicodedata.decimal(match[0], match[0])), text)
        text = re.sub(_KANJI, lambda match: _from_kanji(match[0]), text)
        text = re.sub(r"(\d{1,4})億(\d{1,4})万", lambda match: f"{int(match[1]) * 10_000 + int(match[2])}万", text)
        text = re.sub(r"(?<!\d)([1-9])割", r"\g<1>0%", text)
    return re.sub(r"(?<=\d)[,_'](?=\d{3}(?!\d))", "", text)


def _from_kanji(said: str) -> str:
    if not set(said) & set("十百"):
        return "".join(str(_KANJI_DIGITS[c]) for c in said)
    total = current = 0
    for c in said:
        if c in "十百":
            total, current = total + (current or 1) * (10 if c == "十" else 100), 0
        else:
            current = _KANJI_DIGITS[c]
    return str(total + current)
