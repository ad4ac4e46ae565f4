"""Turns the bytes of a text into UTF-8, whatever they are declared to be. What can't be read is lost alone (U+FFFD).

Declarations in the wild are wrong, late and contradict each other; bytes that are UTF-8 are hardly ever anything else.
So: a byte order mark is believed; then UTF-8, if that is what most of the bytes beyond ASCII are; then what is
declared, in the text before the server; then what the bytes look like.
"""

from __future__ import annotations

import codecs
from collections.abc import Sequence
from contextlib import suppress

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF32_LE, "utf-32-le"), (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"),
)  # fmt: skip
_WIDER = {
    "iso8859-1": "cp1252", "ascii": "cp1252", "gb2312": "gb18030", "gbk": "gb18030", "shift_jis": "cp932",
    "euc_kr": "cp949", "iso8859-9": "cp1254", "big5": "big5hkscs",
}  # fmt: skip
"""What is declared by habit, and what it turns out to be. https://encoding.spec.whatwg.org/#names-and-labels"""
_USUAL = {
    "cp1250": "cs hr hu pl ro sk sl bs", "cp1251": "ru uk bg be mk sr kk ky", "cp1253": "el", "cp1254": "tr az",
    "cp1255": "he yi", "cp1256": "ar fa ur", "cp1257": "et lt lv", "cp932": "ja", "gb18030": "zh", "cp949": "ko",
    "cp874": "th",
}  # fmt: skip
"""Of texts that declare nothing but their language. https://encoding.spec.whatwg.org/#legacy-single-byte-encodings"""
_NO_CHARSETS = (
    "idna", "punycode", "unicode_escape", "unicode-escape", "raw_unicode_escape", "raw-unicode-escape", "undefined",
)  # fmt: skip
_LIKELY = [
    "cp1252", "cp1250", "cp1251", "koi8_r", "cp1253", "cp1254", "cp1255", "cp1256", "cp932", "euc_jp", "gb18030",
    "big5", "cp949", "cp874",
]  # fmt: skip


def to_utf8(content: bytes, declared: Sequence[str] = (), language: str = "") -> bytes:
    """The text as UTF-8 without a byte order mark. `declared`: names of encodings, the more trustworthy first;
    `language`: a tag such as "de-AT", where it is known."""
    for mark, name in _MARKS:
        if content.startswith(mark):
            return _recoded(content[len(mark) :], name)
    if content[:2] in (b"<\0", b"{\0"):
        return _recoded(content, "utf-16-le")
    if content[:2] in (b"\0<", b"\0{"):
        return _recoded(content, "utf-16-be")
    names = [name for name in map(_known, declared) if name and not name.startswith("utf")]
    shifted = next((name for name in names if name.startswith(("iso2022", "hz"))), "")
    if shifted and (b"\x1b" in content or b"~{" in content):
        return _recoded(content, shifted)
    text = content.decode("utf-8", "replace")
    lost = text.count("\ufffd") - content.count("\ufffd".encode())  # some were written so
    beyond_ascii = len(text) - len(text.encode("ascii", "ignore"))
    if beyond_ascii >= 2 * lost:
        return text.encode() if lost else content
    for name in names:
        with suppress(ValueError):
            return content.decode(name).encode("utf-8", "replace")
    return _recoded(content, names[0] if names else _guess(content, language))


def _known(name: str) -> str:
    try:
        codec = codecs.lookup(name.strip()[:40])
    except (LookupError, ValueError):
        return ""
    is_text = codec._is_text_encoding and codec.name not in _NO_CHARSETS and _keeps_ascii(codec.name)
    return _WIDER.get(codec.name, codec.name) if is_text else ""


def _keeps_ascii(name: str) -> bool:
    """Whether markup looks the same in it: in EBCDIC (cp037 and its like) what forbids a declaration finds none."""
    markup = "<!ENTITY & ]]>"
    try:
        return name.startswith("utf") or markup.encode(name) == markup.encode()
    except (UnicodeError, ValueError):
        return False


def _guess(content: bytes, language: str) -> str:
    """By the language; else Latin-1 where most letters are ASCII, else what the letters look like."""
    tag = language.partition("-")[0].lower()
    usual = next((name for name, tags in _USUAL.items() if tag in tags.split()), "")
    if usual:
        return usual
    sample = b"\n".join(row for row in content[:400_000].splitlines() if not row.isascii())[:50_000]
    beyond = sum(byte > 127 for byte in sample)
    if tag or beyond < 0.2 * len(sample) or beyond < 50:
        return "cp1252"
    from charset_normalizer import from_bytes

    best = from_bytes(sample, cp_isolation=_LIKELY).best()
    return (_known(best.encoding) if best else "") or "cp1252"


def _recoded(content: bytes, name: str) -> bytes:
    return content.decode(name, "replace").encode("utf-8", "replace")
