"""Makes plain text of what others wrote: only what its author states, no markup, no characters that nobody sees.

A text comes out as paragraphs with an empty line between them. What of a marked-up text is its author's own, `markup`
tells; of plain text quoted mail is left out here. What a text says is for the checks.

**What can't be shown** (a formula, a picture among words, a masked mail address, bytes that were no text) leaves the
character `UNUSABLE` in its place, or the U+FFFD that it already was. A sentence that holds one of the two is not what
its author wrote and goes into no post; `usable` tells. Titles and other single lines that hold one are dropped whole.
"""

from __future__ import annotations

import html
import re
import unicodedata

from twitter_manager import invisible
from twitter_manager.sources.blocks import UNUSABLE

_UNSEEN = ("Cc", "Cs", "Co", "Cn")
_JOINERS = "\u200c\u200d"
"""Characters without a picture of their own that some scripts and emoji need."""
_MARKS = re.compile(
    r"\[(?i:email\s?protected)\]|(?:&|et)?#\d{3,5};"  # how Cloudflare masks an address
    r"|\$\$[^$\n\ufffc]{1,500}\$\$"
    r"|(?<![\\\w$\ufffc])\$(?=[^\s$])(?:[A-Za-z]|[^$\n\ufffc]{0,100}[\\^_=][^$\n\ufffc]{0,100})(?<!\s)\$(?!\w)"
    r"|\\\([^\n\ufffc]{1,300}?\\\)|\\\[[^\n\ufffc]{1,500}?\\\]"
    r"|(?<![\w:\\/.\"'`\ufffc])\\[A-Za-z]{2,20}(?=[\s{_^]|\Z)(?:\{[^{}\n\ufffc]{0,100}\}){0,3}"
    r"|(?:[ÃÂ][\u0080-\u00bf\u0152-\u0178\u2013-\u203a\u20ac\u2122]|â[\u0080\u20ac]|ð[\u0178\u009f]|ï»¿"
    r"|(?:[ÐÑ][\u0080-\u00bf\u0152-\u0178\u2013-\u203a\u20ac\u2122]){2}){1,200}"
)
"""Mail masks, TeX, and UTF-8 that was read as Latin-1."""


def clean(text: str) -> str:
    """One text with nothing in it that nobody sees; paragraphs parted by one empty line, no other line breaks. What
    can't be shown becomes `UNUSABLE`. Cleaning twice changes nothing."""
    text = text[: 4 * 10**6].replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n\n")
    text = unicodedata.normalize("NFC", _visible(text))
    paragraphs = (" ".join(block.split()) for block in re.split(r"\n[^\S\n]*\n\s*", text))
    return _MARKS.sub(UNUSABLE, "\n\n".join(filter(None, paragraphs)))


def _visible(text: str) -> str:
    """Without the characters that nobody sees; of the format characters `invisible` keeps those that have a use."""
    return "".join(c for c in invisible.remove(text) if c in "\n\t" or unicodedata.category(c) not in _UNSEEN)


def ends_sentence(text: str) -> bool:
    """Whether the text ends where a sentence does."""
    return re.search(r"[.!?。！？؟।…][\"'”’»)\]]*\Z", text) is not None


def usable(text: str) -> bool:
    """Whether the text is whole: nothing in it stands for what could not be shown."""
    return UNUSABLE not in text and "\ufffd" not in text


def line(text: str, longest: int = 200) -> str:
    """The same on one line, cut at a word where it is too long."""
    return shorten(" ".join(clean(text).split()), longest)


def shorten(text: str, longest: int) -> str:
    """At most `longest` characters: cut after a paragraph, a sentence, or else a word, with an ellipsis."""
    if len(text) <= longest:
        return text
    head = text[:longest]
    for end in (r"\n\n", r"(?<=[.!?…])(?=\s)|(?<=[。！？])"):
        cuts = [cut.start() for cut in re.finditer(end, head) if cut.start() > longest // 3]
        if cuts:
            return head[: cuts[-1]].rstrip()
    head = text[: longest - 1]
    words = head.rsplit(None, 1)[0] if re.search(r"\S\s+\S", head[longest // 2 :]) else head
    while words and (unicodedata.combining(text[len(words)]) or text[len(words)] in _JOINERS + "\ufe0f"):
        words = words[:-1]
    return words.rstrip(_JOINERS + " \n") + "…"


def from_text(text: str) -> str:
    """A plain text's own words: entities read, quoted lines (`> …`) left out, a line that ends a sentence or is short
    a paragraph of its own."""
    text = entities(unframed(text[: 4 * 10**6]).replace("\r\n", "\n").replace("\r", "\n"))
    lines: list[str] = []
    for row in text.split("\n"):
        row = row.strip()
        if row.startswith((">", "|")):
            if lines and lines[-1].endswith(":"):  # "On Monday Ann wrote:"
                lines.pop()
            row = ""
        lines.append(row)
    return clean(parted("\n".join(lines)))


def parted(text: str) -> str:
    """A text whose single line breaks part paragraphs: after the end of a sentence, after a short line, before a mark
    of a list. A line that is broken because it was full goes on."""
    lines: list[str] = []
    for row in text.split("\n"):
        row = row.strip()
        marked = re.match(r"(?:[-*•·–]|\d{1,2}[.)])\s", row)
        if lines and (marked or len(lines[-1]) < 50 or re.search(r"[.!?:…。！？]\W?\Z", lines[-1])):
            lines.append("")
        lines.append(re.sub(r"\A[-*•·–]\s+", "", row))
    return "\n".join(lines)


def entities(text: str) -> str:
    """Named and numbered characters as themselves; `&lt;` and `&gt;` too. A plain `&` stays."""
    return re.sub(
        r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});", lambda entity: html.unescape(entity[0]), text
    )


def unframed(words: str) -> str:
    return re.sub(r"<!\[CDATA\[|\]\]>", "", words)
