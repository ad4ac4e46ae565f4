"""Reads Markdown (CommonMark, with what GitHub and the usual site generators add) into blocks.

Code, tables, HTML, struck text and comments are left out. Formulas, pictures among words and a generator's own
variables make their sentence unusable. What the author only warns of (warning, danger …) is left out too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from twitter_manager.sources import plain, roles
from twitter_manager.sources.blocks import UNUSABLE, Block, lowered, raised

if TYPE_CHECKING:
    from markdown_it.token import Token

_PICTURE = "\ue000"
"""A picture until it is known whether it stands among words."""
_TOLD = ("note", "tip", "info", "hint", "important", "success", "abstract", "summary")
"""Kinds of boxes whose words are the author's plain statement."""
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_CONTAINER = re.compile(r"\s*:{3,}\s*\{?\.?([\w-]*)")
_BOX = re.compile(r"( *)(?:!!!|\?\?\?\+?)\s*([\w-]*)")
_TAG_LINE = re.compile(
    r"\s*(?:\{\{[<%][^{}]{0,500}[%>]\}\}|\{%[^{}]{0,500}%\}|\{:[^{}]{0,200}\}"
    r"|\[\[?_?toc_?\]?\]|\([\w/.: -]{1,80}\)=|% .*)\s*",
    re.I,
)
_FORMULA = re.compile(
    r"\$\$[^$`]{1,500}\$\$"
    r"|(?<![\\\w$])\$(?=[^\s$])(?:[A-Za-z]|[^$`\n]{0,100}?[\\^_=][^$`\n]{0,100})\$(?![\d\w])"
    r"|\\\([^`\n]{1,300}?\\\)|\\\[(?=[^\]\n]{0,200}[\\^_=])[^`\n]{1,300}?\\\]"
)
_ANCHOR = re.compile(r"\s*(?:\{[#.:][^{}\n]{0,200}\}|¶)\s*\Z")
_VARIABLE = re.compile(r"\{\{.{0,300}?\}\}|\{%.{0,300}?%\}")
_ROLE = re.compile(r"\{([a-z][\w:.-]{0,30})\}\Z")
"""MyST's, right before the code that it is for."""
_HTML_HEADING = re.compile(r"<h([1-6])\b[^>]*>(.{1,500}?)</h\1>", re.IGNORECASE | re.DOTALL)
_EMOJI_NAME = re.compile(r"(?<![\w:]):[a-z][a-z0-9_+-]{1,40}:(?![\w:])")


def blocks(markdown: str) -> list[Block]:
    """The blocks of a Markdown text."""
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    return list(_blocks(parser.parse(_prepared(markdown))))


def _blocks(tokens: Sequence[Token]) -> Iterator[Block]:
    depth = quotes = 0
    table = first = False
    heading = 0
    for token in tokens:
        match token.type:
            case "heading_open":
                heading = int(token.tag[1:])
            case "heading_close":
                heading = 0
            case "table_open" | "table_close":
                table = token.type == "table_open"
                yield Block("code", depth, "")
            case "blockquote_open" | "blockquote_close":
                quotes += token.nesting
            case "bullet_list_open" | "ordered_list_open" | "bullet_list_close" | "ordered_list_close":
                depth += token.nesting
            case "list_item_open":
                first = True
            case "fence" | "code_block":
                yield Block("code", depth, "")
            case "html_block" if not quotes:
                yield from _html_headings(token.content)
            case "inline" if not table:
                text = inline(token.children or ())
                if heading:
                    yield Block("heading", heading, plain.line(_ANCHOR.sub("", text), 120))
                elif text:
                    kind = "quote" if quotes else "paragraph" if not depth else "item" if first else "more"
                    yield Block(kind, depth, text)  # type: ignore[arg-type]
                    first = False
            case _:
                pass


def _html_headings(html: str) -> Iterator[Block]:
    """Headings that a README sets in HTML to have them in the middle."""
    for found in _HTML_HEADING.finditer(html[:5000]):
        if text := plain.line(plain.from_html(found[2]), 120):
            yield Block("heading", int(found[1]), text)


def inline(tokens: Sequence[Token]) -> str:
    """The words of a paragraph; an address that is its own words stays."""
    text = ""
    struck = 0
    script: list[str] | None = None
    for token in tokens:
        if token.type in ("s_open", "s_close"):
            struck += token.nesting
        elif token.type == "html_inline":
            tag = token.content.lower()
            if re.match(r"</?(?:del|s|strike)\b", tag):
                struck += -1 if tag.startswith("</") else 1
            elif re.match(r"<su[bp]\b", tag):
                script = []
            elif found := re.match(r"</su([bp])\b", tag):
                shown = "".join(script or ())
                text += raised(shown, text) if found[1] == "p" else lowered(shown)
                script = None
            elif tag.startswith("<br"):
                text += "\n"
            elif tag.startswith("<img"):
                text += _PICTURE
        elif struck > 0:
            continue
        elif script is not None:
            script.append(token.content)
        else:
            role = _ROLE.search(text) if token.type == "code_inline" else None
            text = text[: role.start()] + roles.spoken(role[1], token.content) if role else text + _words(token)
    return plain.clean(_without_pictures(text))


def _words(token: Token) -> str:
    match token.type:
        case "code_inline":
            return token.content
        case "text":
            text = re.sub(r"\[\^[^\]\s]{1,40}\]", "", token.content)
            return _VARIABLE.sub(UNUSABLE, _EMOJI_NAME.sub("", text))
        case "image":
            return _PICTURE
        case "softbreak" | "hardbreak":
            return "\n"
        case _:
            return ""


def _without_pictures(text: str) -> str:
    """Lines of pictures (badges) and one that stands in front are gone; another leaves its sentence unusable."""
    if _PICTURE not in text:
        return text
    lines = [line for line in text.split("\n") if line.strip(_PICTURE + " \t|·•") or _PICTURE not in line]
    return "\n".join(lines).lstrip(_PICTURE + " ").replace(_PICTURE, UNUSABLE)


def _prepared(markdown: str) -> str:
    """The text with formulas marked, and without comments, boxes and the tags that a site's generator would replace."""
    text = _without_comments(markdown.replace("\r\n", "\n").replace("\r", "\n").expandtabs(4))
    lines: list[str] = []
    fence = ""
    kept = _Boxes()
    for line in text.split("\n"):
        mark = _FENCE.match(line)
        if fence:
            fence = "" if mark and mark[1].startswith(fence) and not line.strip().strip(mark[1][0]) else fence
            code = True
        else:
            fence = mark[1] if mark else ""
            code = mark is not None
        shown = kept.line(line, code=code)
        if shown is not None:
            lines.append(shown if code else re.sub(r"\]\(\{\{.{0,300}?\}\}\)", "](#)", _FORMULA.sub(UNUSABLE, shown)))
    return "\n".join(lines)


class _Boxes:
    """Takes the marks of boxes away, line by line, and with them what an author only warns of."""

    def __init__(self) -> None:
        self._open: list[bool] = []  # the containers that are open, outermost first: whether each is told
        self._indent = -1  # of the box whose words are indented below its mark
        self._told = True

    def line(self, line: str, *, code: bool) -> str | None:
        """What remains of the line; None where nothing does."""
        indent = len(line) - len(line.lstrip())
        if self._indent >= 0 and line.strip():
            if indent > self._indent:
                return line[min(indent, 4) :] if self._told and all(self._open) else None
            self._indent = -1
        if not code and (box := _BOX.match(line)):
            self._indent, self._told = len(box[1]), box[2].lower() in _TOLD
            return ""
        if not code and (container := _CONTAINER.match(line)):
            if container[1]:
                self._open.append(container[1].lower() in _TOLD or container[1].lower() not in _WARNED)
            elif self._open:
                self._open.pop()
            return ""
        if not all(self._open) or (not code and _TAG_LINE.fullmatch(line)):
            return ""
        return line


_WARNED = (
    "warning",
    "danger",
    "caution",
    "attention",
    "error",
    "failure",
    "bug",
    "example",
    "question",
    "quote",
    "details",
)


def _without_comments(text: str) -> str:
    """No HTML comments; one without an end is left to the parser."""
    pieces, at = [], 0
    while (start := text.find("<!--", at)) >= 0 and (end := text.find("-->", start)) >= 0:
        pieces.append(text[at:start])
        at = end + 3
    return "".join([*pieces, text[at:]])
