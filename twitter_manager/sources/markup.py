"""Reads HTML into blocks: headings, paragraphs, entries of lists; of these only what the author states.

`markdown` and `restructured` render theirs to HTML first. So what is struck, raised, quoted, a picture among words or
code is treated alike, whatever a text was written in.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from typing import Any

from twitter_manager.sources import plain
from twitter_manager.sources.blocks import UNUSABLE, Block, Kind, lowered, raised
from twitter_manager.sources.limits import refuse_deep_tree, refuse_overgrown

_TAGS = {
    "dropped": "script style noscript template iframe object embed svg head textarea select option button input form"
    " canvas audio video pre table nav dialog samp xmp listing plaintext",
    "foreign": "blockquote figcaption aside footer del s strike rt rp",
    "apart": "pre table form nav blockquote figcaption aside footer",
    "heading": "h1 h2 h3 h4 h5 h6",
    "block": "h1 h2 h3 h4 h5 h6 p div section article main header ul ol menu li dl dt dd figure hr address details"
    " summary center body html",
    "inline": "a abbr acronym b bdi bdo big cite code data dfn em font i ins kbd label mark q ruby small span strong"
    " sub sup time tt u var del s strike",
    "other": "area base br caption col colgroup fieldset frame frameset img legend link map math meta noframes optgroup"
    " output param picture progress rb rtc source tbody td tfoot th thead title tr track wbr meter hgroup search",
}
"""Tags of HTML. `foreign`: what is not the author's own running text; `apart`: what is left out between paragraphs."""
_DROPPED, _FOREIGN_TAGS, _APART, _HEADINGS, BLOCKS, _INLINE, _ = (frozenset(tags.split()) for tags in _TAGS.values())
_KNOWN = frozenset(" ".join(_TAGS.values()).split())
_ANGLES = re.compile(r"<(/?)([A-Za-z][\w.:-]{0,60})([^<>]{0,5000})(/?)>")
_HIDDEN_STYLE = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|opacity\s*:\s*0(?:\.0+)?\s*(?:;|!|$)"
    r"|font-size\s*:\s*0|(?:left|right|top|text-indent)\s*:\s*-\d{3,}|clip(?:-path)?\s*:"
    r"|(?:max-)?(?:height|width)\s*:\s*0(?:px)?\s*(?:;|!|$)|line-through",
    re.IGNORECASE,
)
_FOREIGN = re.compile(
    r"\b(?:pull-?quotes?|blockquotes?|testimonials?|footnotes|endnotes|doc-endnotes|references|strikethrough|line-through|wp-caption-text|caption|figure|mediaobject|screenshot|mw-editsection|screen-collector-text|sr-only|visually-hidden)\b",
    re.IGNORECASE,
)
"""Classes and roles of what is not the author's own running text."""
_MOST_RAISED = 1_000
"""Superscripts and subscripts; what stands in front of each is looked for."""
_NOTE = re.compile(
    r"\b(?:footnote|footnote-?ref|noteref|doc-noteref|fn|easy-footnote|footnote-anchor)\b", re.IGNORECASE
)
_ANCHOR = re.compile(r"\s*(?:\{[#.:][^{}\n]{0,200}\}|¶)\s*\Z")
"""What generators put at the end of a heading, so that it can be linked to."""
LONGEST_HEADING = 120
_FORMULA = re.compile(r"\b(?:katex|mathjax\w*|mwe-math-\w+|math|latex|tex)\b", re.IGNORECASE)


def from_html(markup: str) -> str:
    """The author's own text of this HTML, headings included. Any string will do."""
    return "\n\n".join(block.text for block in blocks(markup) if block.text)


def is_html(words: str) -> bool:
    """Whether a person would take this for HTML: a pair of its tags, a tag with attributes, one that stands alone in
    HTML, or one that hides what follows. `Vec<T>` and "support for <dialog>" are none."""
    for slash, name, rest, _ in _ANGLES.findall(words[:200_000]):
        name = name.lower()
        alone = name in ("br", "p", "img", "hr", "li", "script", "style", "iframe", "object", "embed", "blockquote")
        if (alone and not rest.strip(" /")) or (name in _KNOWN and (slash or re.match(r"\s+[\w:-]+\s*=", rest))):
            return True
    return "<!--" in words


def blocks(markup: str, longest: int = 10**6) -> list[Block]:
    """The headings, paragraphs and entries of lists of this HTML, without quotes, as far as the one that passes
    `longest` characters. Any string will do."""
    blocks_so_far, elements = _blocks(_uncovered(markup), longest)
    text = "\n".join(block.text for block in blocks_so_far)
    if not elements and re.search(r"</[a-zA-Z][a-zA-Z0-9]*\s*>|<(?:br|p|img|hr)\b[^<>]*>", text):
        blocks_so_far, _ = _blocks(_uncovered(text), longest)  # markup that was escaped twice on its way
    return blocks_so_far


def _uncovered(markup: str) -> str:
    """The markup without a CDATA frame that was escaped too, and with words in angle brackets that are no tags of HTML
    (`Vec<T>`) as words."""
    markup = plain.unframed(markup[: 4 * 10**6])
    closed = {name.lower() for name in re.findall(r"</([A-Za-z][\w.:-]{0,60})", markup)}

    def literal(tag: re.Match[str]) -> str:
        name = tag[2].lower()
        known = name in _KNOWN or name in closed or ":" in name or "-" in name
        if name in _INLINE and name not in closed and not tag[3]:
            known = not markup[max(0, tag.start() - 1) : tag.start()].isalnum()
        return tag[0] if known else "&lt;" + tag[0][1:].replace(">", "&gt;")

    return _ANGLES.sub(literal, markup)


def html_tree(markup: str | bytes, charset: str = "utf-8") -> Any:
    """The parsed tree without what is hidden, or None where there is nothing. `charset`: of bytes; '' to guess.

    Raises SourceError for markup that is overgrown."""
    from lxml import etree
    from lxml.html import HTMLParser, document_fromstring

    if isinstance(markup, str):
        markup, charset = markup.encode("utf-8", "replace"), "utf-8"
    refuse_overgrown(markup)
    try:
        parser = HTMLParser(encoding=charset or None, remove_comments=True, remove_pis=True, no_network=True)
    except LookupError:
        parser = HTMLParser(remove_comments=True, remove_pis=True, no_network=True)
    try:
        tree = document_fromstring(markup.replace(b"\0", b""), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError, AssertionError):
        return None
    refuse_deep_tree(tree)
    for element in list(tree.iter()):
        if element is not tree and _hidden(element):
            element.drop_tree()
    return tree


def stated_tree(markup: str | bytes) -> Any:
    """`html_tree` with its author's own running text alone: without quotes, struck words, captions and the marks of
    footnotes; superscripts in characters of their own; `UNUSABLE` where text can't hold what stands there."""
    tree = html_tree(markup)
    if tree is None:
        return None
    count = 0
    for element in list(tree.iter()):
        if element is tree or element.tag == "body" or not isinstance(element.tag, str) or element.getparent() is None:
            continue  # the last: it was taken out with what it stood in
        count += element.tag in ("sup", "sub")
        words = UNUSABLE if element.tag in ("sup", "sub") and count > _MOST_RAISED else _in_words(element)
        if words == "" and element.tag not in BLOCKS | _APART:
            element.drop_tree()
        elif words is not None:
            for child in list(element):
                element.remove(child)
            element.text = words
            element.attrib.clear()
            element.tag = "span" if words else "hr"  # at the latter the paragraphs around it stay apart
    return tree


def _in_words(element: Any) -> str | None:
    """What stands for this element in the text: "" where it is left out, None where its own words do."""
    name, attributes = element.tag, element.attrib
    keys = ["class", "role", "type", "epub:type"]
    keys += ["id"] if name not in _HEADINGS and name != "section" else []  # their ids are made of their words
    marks = " ".join(attributes.get(key, "") for key in keys) if attributes else ""
    if name in _FOREIGN_TAGS or (marks and _FOREIGN.search(marks)):
        return ""
    if name == "a":
        is_note = bool(_NOTE.search(marks)) or re.match(r"#_?(?:fn|ftn|footnote|cite)", attributes.get("href", ""))
        return "" if is_note else UNUSABLE if "__cf_email__" in marks or "data-cfemail" in attributes else None
    if name == "img":
        return _emoji(element) or ("" if _is_dot(element) or not _is_among_words(element) else UNUSABLE)
    if name in ("sup", "sub"):
        is_mark = name == "sup" and bool(_NOTE.search(marks) or any(each.tag == "a" for each in element))
        words = element.text_content()
        return "" if is_mark else raised(words, _before(element)[-40:]) if name == "sup" else lowered(words)
    if name == "q":
        return f"“{element.text_content()}”"
    is_formula = name == "math" or (
        marks and name in ("span", "script", "div", "mjx-container") and _FORMULA.search(marks)
    )
    return UNUSABLE if is_formula or "data-cfemail" in attributes else None


def _before(element: Any) -> str:
    """The words in front of an element, in its paragraph."""
    for _ in range(8):
        previous, parent = element.getprevious(), element.getparent()
        if previous is not None:
            text = previous.tail or ""
            text = (
                text
                if text.strip() or previous.tag in BLOCKS or previous.tag == "br"
                else previous.text_content() + text
            )
            if text.strip() or previous.tag in BLOCKS or previous.tag == "br":
                return str(text)
            element = previous
        elif parent is None or parent.tag in BLOCKS or (parent.text or "").strip():
            return str(parent.text or "") if parent is not None else ""
        else:
            element = parent
    return ""


def _is_among_words(image: Any) -> bool:
    """Whether a picture stands within a sentence, and not before, after or between sentences."""
    before, after = _before(image).strip(), (image.tail or "").strip()
    begins = not before or re.search(r"[.!?:…”\"]\Z", before) is not None
    return not (begins and (not after or re.match(r"[^\W_a-zß-ÿ]|[“\"„«(]", after)))


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


def _blocks(markup: str, longest: int) -> tuple[list[Block], int]:
    """The blocks, and how many elements there were."""
    from lxml import etree

    tree = stated_tree(f"<div>{markup}</div>")
    if tree is None:
        return [], 0
    elements = sum(1 for element in tree.iter() if element.tag not in ("html", "body")) - 1  # our own div
    if any(element.attrib for element in tree.iter()):
        _drop_furniture(tree)
    collector = _BlockCollector()
    walk = etree.iterwalk(tree, events=("start", "end"))
    for event, element in walk:
        if event == "end":
            collector.end(element)
        elif _is_left_out(element):
            walk.skip_subtree()
            collector.leave_out(element)
        else:
            collector.start(element)
        if collector.length > longest:
            break
    collector.flush()
    return collector.blocks, elements


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


def _is_left_out(element: Any) -> bool:
    return not isinstance(element.tag, str) or element.tag in _DROPPED


@dataclass(slots=True)
class _BlockCollector:
    """Collects the blocks of a tree as it is walked."""

    blocks: list[Block] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)
    """Of the paragraph at hand."""
    heading: int = 0
    depth: int = 0
    length: int = 0
    is_first: bool = False
    """Whether nothing was found yet of the list's entry at hand."""
    links: int = 0
    """Characters of the paragraph at hand that belong to links."""
    codes: int = 0
    in_link: int = 0
    in_code: int = 0

    def leave_out(self, element: Any) -> None:
        if element.tag in _APART:
            self.flush()
        if element.tag in ("pre", "table"):
            self.blocks.append(Block("code", self.depth, ""))
        self.pieces.append(" ")

    def start(self, element: Any) -> None:
        name = element.tag
        if name in BLOCKS:
            self.flush()
            self.heading = int(name[1]) if name in _HEADINGS else self.heading
            self.is_first = self.is_first or name == "li"
        elif name == "br":
            self.pieces.append("\n")
        self._count(name, 1)
        self._add(element.text)

    def end(self, element: Any) -> None:
        name = element.tag
        if name in BLOCKS:
            self.flush()
            self.heading = 0 if name in _HEADINGS else self.heading
            self.is_first = self.is_first and name != "li"
        if not _is_left_out(element):
            self._count(name, -1)
        self._add(element.tail)

    def _count(self, name: str, step: int) -> None:
        self.depth += step * (name in ("ul", "ol", "menu"))
        self.in_link += step * (name == "a")
        self.in_code += step * (name in ("code", "tt", "kbd"))

    def _add(self, text: str | None) -> None:
        if not text:
            return
        words = re.sub(r"\s+", " ", text)
        letters = len(words.strip())
        self.links += letters if self.in_link > 0 else 0
        self.codes += letters if self.in_code > 0 else 0
        self.pieces.append(words if self.in_code > 0 else _typographic(words))

    def flush(self) -> None:
        """End the paragraph at hand. One that is mostly links leads elsewhere, one of code alone is none."""
        text, links, codes = "".join(self.pieces).strip(), self.links, self.codes
        self.pieces.clear()
        self.links = self.codes = 0
        if self.heading:
            if words := plain.line(_ANCHOR.sub("", text), LONGEST_HEADING):
                self.blocks.append(Block("heading", self.heading, words))
            return
        for paragraph in filter(None, plain.clean(plain.parted(text)).split("\n\n")):
            most = 1.0 if len(text) > 300 else 0.85 if self.is_first or plain.ends_sentence(paragraph) else 0.4
            if links <= most * len(text) and codes < (1 if self.depth else 0.8) * len(text):
                kind: Kind = "item" if self.is_first else "more" if self.depth > 0 else "paragraph"
                self.blocks.append(Block(kind, self.depth, paragraph))
                self.length += len(paragraph)
                self.is_first = False


def _typographic(text: str) -> str:
    """With what was escaped once too often as itself, but for angle brackets."""
    return re.sub(
        r"&(?!lt;|gt;)(?:#\d{1,6}|#x[0-9a-fA-F]{1,5}|[a-z]{2,8});", lambda entity: html.unescape(entity[0]), text
    )


def _emoji(image: Any) -> str:
    """The character that a picture stands for."""
    alt = image.get("alt") or ""
    return alt if 0 < len(alt) <= 12 and not any(c.isalnum() or c.isascii() for c in alt) else ""


def _is_dot(image: Any) -> bool:
    """A picture that nobody sees, which counts readers."""
    return (image.get("width") or "").strip() in ("0", "1") or (image.get("height") or "").strip() in ("0", "1")
