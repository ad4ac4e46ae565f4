"""Makes plain text of what others wrote: only what its author states, no markup, no characters that nobody sees.

A text comes out as paragraphs with an empty line between them. Left out are code, tables, captions, navigation, struck
words, the marks of footnotes, and other people's words (blockquotes, quoted mail, pull quotes). What a text says is not
looked at here; that is for the checks.

**What can't be shown** (a formula, a picture among words, a masked mail address, bytes that were no text) leaves the
character `UNUSABLE` in its place, or the U+FFFD that it already was. A sentence that holds one of the two is not what
its author wrote and goes into no post; `usable` tells. Titles and other single lines that hold one are dropped whole.
"""

from __future__ import annotations

import html
import re
import unicodedata
from dataclasses import dataclass, field
from typing import Any, NamedTuple

UNUSABLE = "\ufffc"
"""OBJECT REPLACEMENT CHARACTER: something stood here that plain text can't hold."""
_JOINERS = "\u200c\u200d"
"""Characters without a picture of their own that some scripts and emoji need."""
_MARKS = re.compile(
    r"\[email\s?protected\]|(?<![\w&])(?:et)?#\d{3,5};"  # how Cloudflare masks an address
    r"|\$\$[^$\n\ufffc]{1,500}\$\$"
    r"|(?<![\\\w$])\$(?=[^\s$])(?:[A-Za-z]|[^$\n\ufffc]{0,100}[\\^_=][^$\n\ufffc]{0,100})(?<!\s)\$(?!\w)"
    r"|\\\([^\n\ufffc]{1,300}?\\\)|\\\[[^\n\ufffc]{1,500}?\\\]"
    r"|(?<![\w:\\/.\"'`])\\[a-z]{2,20}(?=[\s{_^]|\Z)(?:\{[^{}\n\ufffc]{0,100}\}){0,3}"
    r"|(?:[ÃÂ][\u0080-\u00bf\u0152-\u0178\u2013-\u203a\u20ac\u2122]|â[\u0080\u20ac]|ð[\u0178\u009f]|ï»¿"
    r"|(?:[ÐÑ][\u0080-\u00bf\u0152-\u0178\u2013-\u203a\u20ac\u2122]){2}){1,200}",
    re.IGNORECASE,
)
"""Mail masks, TeX, and UTF-8 that was read as Latin-1."""


# -- text ----------------------------------------------------------------------------------------------


def clean(text: str) -> str:
    """One text with nothing in it that nobody sees; paragraphs parted by one empty line, no other line breaks. What
    can't be shown becomes `UNUSABLE`. Cleaning twice changes nothing."""
    text = text[: 4 * 10**6].replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n\n")
    text = unicodedata.normalize("NFC", _visible(text))
    paragraphs = (" ".join(block.split()) for block in re.split(r"\n[^\S\n]*\n\s*", text))
    return _MARKS.sub(UNUSABLE, "\n\n".join(filter(None, paragraphs)))


def _visible(text: str) -> str:
    """Without the characters that nobody sees."""
    text = "".join(c for c in text if c in "\n\t" or c in _JOINERS or _shown(c))
    return re.sub(rf"([{_JOINERS}])[{_JOINERS}]+", r"\1", text)


def _shown(character: str) -> bool:
    return unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Co", "Cn")


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
        cuts = [found.start() for found in re.finditer(end, head) if found.start() > longest // 3]
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
    text = entities(_unframed(text[: 4 * 10**6]).replace("\r\n", "\n").replace("\r", "\n"))
    lines: list[str] = []
    for row in text.split("\n"):
        row = row.strip()
        if row.startswith((">", "|")):
            if lines and lines[-1].endswith(":"):  # "On Monday Ann wrote:"
                lines.pop()
            row = ""
        lines.append(row)
    return clean(_parted("\n".join(lines)))


def _parted(text: str) -> str:
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
    return re.sub(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});", lambda one: html.unescape(one[0]), text)


_RAISED = str.maketrans("0123456789+-−–=()ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁻⁼⁽⁾ⁿⁱ")
_LOWERED = str.maketrans("0123456789+-−=()aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ")


def raised(text: str, before: str) -> str:
    """A superscript in characters that say so: 10⁹, m², 1st. `before`: the text in front, which tells a power (after a
    number, a unit, a variable) from the mark of a footnote (after a word or the end of a sentence), which is none of
    the words."""
    text = " ".join(text.split())
    if re.fullmatch(r"\[.{0,4}\]|[*†‡§¶]{0,3}", text):
        return ""
    if re.fullmatch(r"\d{1,3}(?:\s?,\s?\d{1,3})*", text) and not re.search(r"(?:\d|(?<![^\W\d_])[^\W\d_]{1,2}|\))\Z", before):
        return ""
    power = re.search(r"(?:\d|(?<![^\W_])[^\W\d_]|\))\Z", before)
    if re.fullmatch(r"[^\W\d_]{1,3}\.?|[®™℠]", text) and not (power and text in ("n", "i", "k", "x", "y", "m")):
        return text
    shown = text.translate(_RAISED)
    if re.fullmatch(r"[⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱ]+", shown):
        return shown
    return f"^{text}" if len(text) == 1 else UNUSABLE


def lowered(text: str) -> str:
    """A subscript in characters that say so: H₂O."""
    shown = "".join(text.split()).translate(_LOWERED)
    return shown if re.fullmatch(r"[₀-₎ₐ-ₜᵢᵣᵤᵥⱼ]*", shown) else UNUSABLE


# -- HTML ----------------------------------------------------------------------------------------------

_DROPPED = frozenset(
    "script style noscript template iframe object embed svg head textarea select option button input form canvas audio"
    " video pre table nav dialog blockquote figcaption aside footer del s strike rt rp samp xmp listing plaintext".split()
)
_PARTING = frozenset("pre table form nav blockquote figcaption aside footer".split())
"""What is dropped and stands between paragraphs, not within one."""
_HEADINGS = frozenset("h1 h2 h3 h4 h5 h6".split())
_BLOCKS = _HEADINGS | frozenset(
    "p div section article main header ul ol li dl dt dd figure hr address details summary center body html".split()
)
_INLINE = frozenset(
    "a abbr acronym b bdi bdo big cite code data dfn em font i ins kbd label mark q ruby small span strong sub sup time"
    " tt u var del s strike".split()
)
_KNOWN = _DROPPED | _BLOCKS | _INLINE | frozenset(
    "area base br caption col colgroup fieldset frame frameset img legend link map math meta noframes optgroup output"
    " param picture progress rb rtc source tbody td tfoot th thead title tr track wbr meter menu hgroup search".split()
)
_ANGLES = re.compile(r"<(/?)([A-Za-z][\w.:-]{0,60})([^<>]{0,5000})(/?)>")
_HIDDEN_STYLE = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|opacity\s*:\s*0(?:\.0+)?\s*(?:;|!|$)"
    r"|font-size\s*:\s*0|(?:left|right|top|text-indent)\s*:\s*-\d{3,}|clip(?:-path)?\s*:"
    r"|(?:max-)?(?:height|width)\s*:\s*0(?:px)?\s*(?:;|!|$)|line-through",
    re.IGNORECASE,
)
_FOREIGN = re.compile(
    r"\b(?:pull-?quotes?|blockquotes?|testimonials?|footnotes|endnotes|doc-endnotes|references|strikethrough"
    r"|line-through|wp-caption-text|caption|mw-editsection|screen-reader-text|sr-only|visually-hidden)\b",
    re.IGNORECASE,
)
"""Classes and roles of what is not the author's own running text."""
_NOTE = re.compile(r"\b(?:footnote|footnote-?ref|noteref|doc-noteref|fn|easy-footnote|footnote-anchor)\b", re.IGNORECASE)
_FORMULA = re.compile(r"\b(?:katex|mathjax\w*|mwe-math-\w+|math|latex|tex)\b", re.IGNORECASE)
_PICTURE = "\0"
"""A picture, until it is known whether it stands among words. HTML holds no such character."""


class Passage(NamedTuple):
    """A paragraph of HTML: its words, whether it is an entry of a list, or a heading; the heading it stands under."""

    text: str
    kind: str
    heading: str = ""


def from_html(markup: str) -> str:
    """The author's own text of this HTML, headings included. Any string will do."""
    return "\n\n".join(passage.text for passage in passages(markup))


def from_either(words: str) -> str:
    """The text of what may be HTML or plain, as feeds leave it open: a word in angle brackets is markup only where the
    whole reads like markup."""
    return from_html(words) if is_html(words) else from_text(words)


def is_html(words: str) -> bool:
    """Whether a person would take this for HTML: a pair of its tags, a tag with attributes, one that stands alone in
    HTML, or one that hides what follows. `Vec<T>` and "support for <dialog>" are none."""
    for slash, name, rest, _ in _ANGLES.findall(words[:200_000]):
        name = name.lower()
        alone = name in ("br", "p", "img", "hr", "li", "script", "style", "iframe", "object", "embed", "blockquote")
        if (alone and not rest.strip(" /")) or (name in _KNOWN and (slash or re.match(r"\s+[\w:-]+\s*=", rest))):
            return True
    return "<!--" in words


def passages(markup: str) -> list[Passage]:
    """The paragraphs, list entries and headings of this HTML. Any string will do."""
    words = _uncovered(markup)
    found, elements = _passages(words)
    text = "\n".join(passage.text for passage in found)
    if not elements and re.search(r"</[a-zA-Z][a-zA-Z0-9]*\s*>|<(?:br|p|img|hr)\b[^<>]*>", text):
        found, _ = _passages(_uncovered(text))  # markup that was escaped twice on its way
    return found


def _uncovered(markup: str) -> str:
    """The markup without a CDATA frame that was escaped too, and with words in angle brackets that are no tags of HTML
    (`Vec<T>`) as words."""
    markup = _unframed(markup[: 4 * 10**6])
    closed = {name.lower() for name in re.findall(r"</([A-Za-z][\w.:-]{0,60})", markup)}

    def literal(tag: re.Match[str]) -> str:
        name = tag[2].lower()
        known = name in _KNOWN or name in closed or ":" in name or "-" in name
        if name in _INLINE and name not in closed and not tag[3]:
            known = not markup[max(0, tag.start() - 1) : tag.start()].isalnum()
        return tag[0] if known else "&lt;" + tag[0][1:].replace(">", "&gt;")

    return _ANGLES.sub(literal, markup)


def _unframed(words: str) -> str:
    return re.sub(r"<!\[CDATA\[|\]\]>", "", words)


def html_tree(markup: str | bytes, charset: str = "utf-8") -> Any:
    """The parsed tree without what is hidden, or None where there is nothing. `charset`: of bytes; '' to guess."""
    from lxml import etree
    from lxml.html import HTMLParser, document_fromstring

    if isinstance(markup, str):
        markup, charset = markup.encode("utf-8", "replace"), "utf-8"
    try:
        parser = HTMLParser(encoding=charset or None, remove_comments=True, remove_pis=True, no_network=True)
    except LookupError:
        parser = HTMLParser(remove_comments=True, remove_pis=True, no_network=True)
    try:
        tree = document_fromstring(markup.replace(b"\0", b""), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError, AssertionError):
        return None
    for element in list(tree.iter()):
        if element is not tree and _hidden(element):
            element.drop_tree()
    return tree


def _hidden(element: Any) -> bool:
    attributes = element.attrib
    if not attributes:
        return False
    style = attributes.get("style")
    return (
        "hidden" in attributes
        or attributes.get("aria-hidden", "").strip().lower() == "true"
        or bool(style and _HIDDEN_STYLE.search(style))
    )


def _passages(markup: str) -> tuple[list[Passage], int]:
    """The passages, and how many elements there were."""
    from lxml import etree

    tree = html_tree(f"<div>{markup}</div>")
    if tree is None:
        return [], 0
    elements = sum(1 for element in tree.iter() if element.tag not in ("html", "body")) - 1  # our own div
    _drop_furniture(tree)
    reader = _Reader()
    walk = etree.iterwalk(tree, events=("start", "end"))
    for event, element in walk:
        if event == "start" and reader.skips(element):
            walk.skip_subtree()
            reader.skipped = element
        elif event == "start":
            reader.start(element)
        elif reader.skipped is element:
            reader.skipped = None
            reader.add(element.tail)
        else:
            reader.end(element)
    reader.flush()
    return reader.found, elements


def _drop_furniture(tree: Any) -> None:
    """Take out what trafilatura knows of sites' furniture (sharing, related posts, sign-up and author boxes), unless
    that is most of the text."""
    from trafilatura.xpaths import DISCARD_IMAGE_ELEMENTS, OVERALL_DISCARD_XPATH

    furniture = [element for path in (*OVERALL_DISCARD_XPATH, *DISCARD_IMAGE_ELEMENTS) for element in path(tree)]
    if sum(len(element.text_content()) for element in furniture) > len(tree.text_content()) / 2:
        return
    for element in furniture:
        if element.getparent() is not None:
            element.drop_tree()


@dataclass(slots=True)
class _Reader:
    """Collects the passages of a tree as it is walked. Of the paragraph at hand: its pieces, and how many of its
    characters belong to links and to code."""

    found: list[Passage] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)
    kind: str = "text"
    heading: str = ""
    links: int = 0
    codes: int = 0
    in_link: int = 0
    in_code: int = 0
    scripts: list[int] = field(default_factory=list)
    skipped: Any = None

    def skips(self, element: Any) -> bool:
        """Whether this element and what is in it is left out; what stands for it in the text is put there."""
        name, attributes = element.tag, element.attrib
        if not isinstance(name, str):
            return True
        marks = " ".join(attributes.get(key, "") for key in ("class", "role", "id", "type", "epub:type")) if attributes else ""
        if name == "math" or (marks and _FORMULA.search(marks) and name in ("span", "script", "img", "div", "mjx-container")):
            self.pieces.append(UNUSABLE)
        elif name == "img":
            self.pieces.append(_emoji(element) or ("" if _is_dot(element) else _PICTURE))
        elif "__cf_email__" in marks or "data-cfemail" in attributes:
            self.pieces.append(UNUSABLE)
        elif name in _DROPPED or (marks and _FOREIGN.search(marks) and name not in ("body", "html")):
            if name in _PARTING or name in _BLOCKS:
                self.flush()
            self.pieces.append(" ")
        elif name != "a" or not (_NOTE.search(marks) or re.match(r"#_?(?:fn|ftn|footnote|cite)", attributes.get("href", ""))):
            return False
        return True

    def start(self, element: Any) -> None:
        name = element.tag
        if name in _BLOCKS or name == "tr":
            self.flush()
            self.kind = "heading" if name in _HEADINGS else "item" if name == "li" else self.kind
        elif name == "br":
            self.pieces.append("\n")
        elif name == "q":
            self.pieces.append("“")
        elif name in ("sup", "sub"):
            self.scripts.append(len(self.pieces))
        self.in_link += name == "a"
        self.in_code += name in ("code", "tt", "kbd")
        self.add(element.text)

    def end(self, element: Any) -> None:
        name = element.tag
        if name in _BLOCKS:
            self.flush()
        elif name == "q":
            self.pieces.append("”")
        elif name in ("sup", "sub") and self.scripts:
            at = min(self.scripts.pop(), len(self.pieces))
            inner, before = "".join(self.pieces[at:]), "".join(self.pieces[max(0, at - 20) : at])[-40:]
            note = name == "sup" and any(isinstance(one.tag, str) and one.tag == "a" for one in element.iter())
            self.pieces[at:] = ["" if note else raised(inner, before) if name == "sup" else lowered(inner)]
        self.in_link -= name == "a"
        self.in_code -= name in ("code", "tt", "kbd")
        self.add(element.tail)

    def add(self, text: str | None) -> None:
        if not text:
            return
        words = re.sub(r"\s+", " ", text)
        self.pieces.append(words)
        letters = len(words.strip())
        self.links += letters if self.in_link > 0 else 0
        self.codes += letters if self.in_code > 0 else 0

    def flush(self) -> None:
        """End the paragraph at hand. One that is mostly links leads elsewhere, one of code alone is none."""
        text = "".join(self.pieces)
        kind, links, codes = self.kind, self.links, self.codes
        self.pieces.clear()
        self.scripts.clear()
        self.kind, self.links, self.codes = "text", 0, 0
        for paragraph in clean(_parted(_without_pictures(_typographic(text)))).split("\n\n"):
            share = max(links, codes) / len(text.strip()) if text.strip() and len(text) < 300 and kind != "heading" else 0.0
            if not paragraph or share > 0.7 or (share > 0.4 and not re.search(r"[.!?。！？]\W?\Z", paragraph)):
                continue
            if kind == "heading":
                self.heading = line(paragraph, 120)
            self.found.append(Passage(paragraph, kind, "" if kind == "heading" else self.heading))


def _typographic(text: str) -> str:
    """With what was escaped once too often as itself, but for angle brackets."""
    return re.sub(r"&(?!lt;|gt;)(?:#\d{1,6}|#x[0-9a-fA-F]{1,5}|[a-z]{2,8});", lambda one: html.unescape(one[0]), text)


def _without_pictures(text: str) -> str:
    """Pictures that stand before, after or between sentences are gone; one among words leaves its sentence unusable."""
    if _PICTURE not in text:
        return text
    text = re.sub(rf"(\A|[.!?:…\n”\"]\s*|\n\s*){_PICTURE}(?:\s*{_PICTURE})*(?=\s*(?:\Z|\n|[^\W\d_a-zß-ÿ]|\d|[“\"„«]))", r"\1 ", text)
    return text.replace(_PICTURE, UNUSABLE)


def _emoji(image: Any) -> str:
    """The character that a picture stands for."""
    alt = image.get("alt") or ""
    return alt if 0 < len(alt) <= 12 and not any(c.isalnum() or c.isascii() for c in alt) else ""


def _is_dot(image: Any) -> bool:
    """A picture that nobody sees, which counts readers."""
    return (image.get("width") or "").strip() in ("0", "1") or (image.get("height") or "").strip() in ("0", "1")
