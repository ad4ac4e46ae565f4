"""Bytes become UTF-8 whatever they are declared to be."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twitter_manager.sources.charsets import to_utf8

GERMAN, RUSSIAN, JAPANESE = (
    "Die Käuzchen über Zürich hören schöne Töne",
    "Совы слышат ночью каждый шорох",
    "梟は夜の森でよく聞こえます",
)


@pytest.mark.parametrize(
    ("text", "encoding", "declared", "language"),
    [
        (GERMAN, "utf-8", (), ""),
        (GERMAN, "utf-8", ("iso-8859-1",), ""),
        (GERMAN, "utf-8", ("", "us-ascii"), ""),
        (GERMAN, "iso-8859-1", ("utf-8",), ""),
        (GERMAN, "iso-8859-1", ("utf-8", "iso-8859-1"), ""),
        (GERMAN, "windows-1252", ("no-such",), ""),
        (GERMAN, "utf-8-sig", ("iso-8859-1",), ""),
        (GERMAN, "utf-16", ("utf-8",), ""),
        ("<" + GERMAN, "utf-16-le", (), ""),
        ("<" + GERMAN, "utf-16-be", (), ""),
        ("“owl” – 5 €", "cp1252", ("iso-8859-1",), ""),
        (RUSSIAN, "windows-1251", ("windows-1251", "utf-8"), ""),
        (RUSSIAN, "windows-1251", (), "ru"),
        (RUSSIAN, "koi8-r", ("koi8-r",), ""),
        (RUSSIAN * 9, "windows-1251", (), ""),
        (JAPANESE, "shift_jis", ("shift_jis",), ""),
        (JAPANESE, "euc-jp", ("utf-8", "euc-jp"), ""),
        (JAPANESE, "cp932", (), "ja"),
        (JAPANESE, "iso2022_jp", ("iso-2022-jp",), ""),
        ("Żółta sowa śpi", "cp1250", (), "pl"),
        ("猫头鹰晚上不睡觉", "gb18030", ("gb2312",), ""),
    ],
)
def test_words_come_out_right(text: str, encoding: str, declared: tuple[str, ...], language: str) -> None:
    """Wrong, missing and contradictory declarations."""
    assert to_utf8(text.encode(encoding), declared, language).decode() == text


def test_one_bad_byte_loses_itself_alone() -> None:
    """The rest of a text that is UTF-8 stays as it is."""
    text = GERMAN.encode() + b" caf\xe9 " + GERMAN.encode()
    assert to_utf8(text, ("utf-8", "iso-8859-1")).decode() == f"{GERMAN} caf\ufffd {GERMAN}"


@given(
    st.binary(max_size=400),
    st.lists(st.sampled_from(["utf-7", "rot13", "hex", "idna", "x", "", "big5", "cp037"]), max_size=3),
)
def test_any_bytes_become_utf8(content: bytes, declared: list[str]) -> None:
    """Never an error, whatever is declared."""
    to_utf8(content, declared).decode("utf-8")


@pytest.mark.parametrize("name", ["cp037", "cp500", "cp1026", "cp1140", "cp875"])
def test_no_encoding_hides_markup(name: str) -> None:
    """EBCDIC, in which a declaration looks like other bytes, is not believed."""
    text = '<!DOCTYPE rss [<!ENTITY a "b">]>'
    assert text.encode() in to_utf8(text.encode() + b"\xff\xfa\xf9", (name,))
