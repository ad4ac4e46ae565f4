"""Strings that counting and detection get wrong easily, and rows of them."""

from __future__ import annotations

import random
from collections.abc import Iterator

_LISTED = """
a word 日本語 漢 の 한국 각 नमस्ते क्ष ไทย שלום مرحبا é é ñ ß æ.de 豈 Å 𝒳 𐐷 ﬁ ½ ² ① ～ 。 、 ！ ？ … — “ ” ‘ ’ ' "
😀 👍🏽 👉 👉example.com 👨‍👩‍👧‍👦 🏳️‍🌈 🇩🇪 🇩 1️⃣ #️⃣ © ® ™ ❤️ ❤ 🫠 🩷
# ＃ ## ＃tag #tag #tag! #tag?! #123 #1a #日本 #a-b #a_b #😀 #❤️ #️⃣tag #... #$ #a#b a#b #“a” #AI/ML #c++ #f(x)
@ @x @alice.bsky.social @bob.test @bob.TEST @a.b- @foo.com. @foo.com_
(@foo.com) @foo..com me@example.com @日本.jp @a.COM
$ $AAPL $aapl $a.b $BTC, $TOOLONG $x1 ($MSFT) $5 $$A
http:// https:// http://a http://a.com HTTP://a.com Https://A.com https://example.com/a?b=c&d=e#f https://a.com/(x)
(https://example.com) (https://example.com).
https://en.wikipedia.org/wiki/A_(b) https://a.com?! https://a.com))
https://日本語.jp http://example.com中国語 http://😀.com https://t.co/abcdef ftp://example.com httpx.org
httpbin.org httpnope http.nope
example.com Example.com example.COM foo.bar.baz a.co example.com/path_(x) example.com. example.com, (example.com)
example.co.uk test.invalid 日本語.jp xn--wgv71a119e.jp example.com:8080/x foo-bar.com foo_bar.com 3.14 1,000 v2.0.1
file.py node.js os.path localhost:8080 192.168.0.1 .com ..com com. a.b.c.d.e.com user:pass@example.com
"""
_RAW = (
    "#" + "x" * 64,
    "#" + "x" * 65,
    "#" + "😀" * 32,
    "#" + "😀" * 33,
    "e\u0301",
    "\u0301",
    "\u00ad",
    "#a\u00adb",
    "#a\u200bb",
    "#\u200b",
    "\u2060",
    "\u200d",
    "\u200e",
    "\u202e",
    "\u2066",
    "\u061c",
    "\ufe0f",
    "\ufe0e",
    "#\ufe0ftag",
    "#tag\ufe0f",
    "\u20e2",
    "\ufeff",
    "\ufffe",
    "\uffff",
    "\x00",
    "\x1c#tag",
    "\x85#tag",
    "\u2028#tag",
    "\u3000#tag",
    "\u00a0@a.com",
    "\x0bexample.com",
    "\ud83d",
    "\udc00",
    "\U000e0067",
    "\r\n",
)
PIECES = (*_LISTED.split(), *_RAW)


def rows(count: int, seed: int, separators: tuple[str, ...] = (" ", " ", "\n", "")) -> Iterator[str]:
    """`count` texts of up to 12 pieces, the same for the same seed."""
    chance = random.Random(seed)
    for _ in range(count):
        separator = chance.choice(separators)
        yield as_javascript(separator.join(chance.choices(PIECES, k=chance.choice((1, 2, 3, 5, 8, 12)))))


def as_javascript(text: str) -> str:
    """`text` with surrogates that meet in pairs joined, as every JSON reader has them."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
