"""Reads Markdown (CommonMark, with what GitHub and the usual site generators add) into blocks.

Code, tables, HTML, struck text and comments are left out. Formulas, pictures among words and a generator's own
variables make their sentence unusable. What the author only warns of (warning, danger …) is left out too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from twitter_manager.sources import images, markup, plain, roles
from twitter_manager.sources.blocks import UNUSABLE, Block

if TYPE_CHECKING:
    from markdown_it.token import Token

_PLAIN_BOXES = ("note", "tip", "info", "hint", "important", "success", "abstract", "summary")
"""Kinds of boxes whose words are the author's plain statement."""
_WARNING_BOXES = (
    "warning", "danger", "caution", "attention", "error", "failure", "bug", "example", "question", "quote", "details",
)  # fmt: skip
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
_VARIABLE = re.compile(r"\{\{.{0,300}?\}\}|\{%.{0,300}?%\}")
_ROLE = re.compile(r"\{([a-z][\w:.-]{0,30})\}\Z")
"""MyST's, right before the code that it is for."""
_KEPT_HTML = re.compile(
    r"<h([1-6])\b[^>]*>.{1,500}?</h\1>|</?(?:blockquote|del|s|aside)\b[^<>]{0,200}>", re.IGNORECASE | re.DOTALL
)
"""Headings, and what says that the Markdown within is not the author's statement."""
_FOOTNOTE = re.compile(r" {0,3}\[\^[^\]\s]{1,40}\]:")
_EMOJI_NAME = re.compile(r"(?<![\w:]):[a-z][a-z0-9_+-]{1,40}:(?![\w:])")


def blocks(markdown: str) -> list[Block]:
    """The blocks of a Markdown text."""
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    tokens = parser.parse(_prepared(markdown))
    for token in tokens:
        if token.type == "html_block":  # a README sets its headings so, to have them in the middle
            token.content = "".join(element[0] for element in _KEPT_HTML.finditer(token.content[:5000]))
        _replace_marks(token.children or ())
    for name in ("link_open", "link_close"):  # here a link is among its author's words, and no navigation
        parser.add_render_rule(name, lambda *_: "")
    return markup.blocks(parser.renderer.render(tokens, parser.options, {}))


def pictures(markdown: str) -> list[tuple[str, images.Image]]:
    """The pictures of a Markdown text, each with the heading that it stands under, in its order."""
    from markdown_it import MarkdownIt

    if "![" not in markdown and "<img" not in markdown:
        return []
    tokens = MarkdownIt("commonmark").enable("table").parse(_prepared(markdown))
    found: list[tuple[str, images.Image]] = []
    heading, quoted = "", 0
    for before, token in zip([None, *tokens], tokens, strict=False):
        quoted += token.nesting * token.type.startswith("blockquote")
        if before and before.type == "heading_open":
            heading = plain.line("".join(child.content for child in token.children or () if child.type != "image"))
        if not quoted and len(found) < images.MOST:
            found += [(heading, image) for image in _pictures_in(token)]
    return found


def _pictures_in(token: Token) -> Iterator[images.Image]:
    for part in (token, *(token.children or ())):
        if part.type == "image" and images.is_picture(place := str(part.attrs.get("src", ""))):
            yield images.Image(place, "".join(child.content for child in part.children or ()))
        elif part.type in ("html_block", "html_inline"):
            yield from images.of_html(part.content)


def _replace_marks(tokens: Sequence[Token]) -> None:
    """Put the words that a reader sees in the place of roles, names of emoji, footnote marks and variables."""
    before: Token | None = None
    for token in tokens:
        if token.type == "text":
            text = re.sub(r"\[\^[^\]\s]{1,40}\]", "", token.content)
            token.content = _VARIABLE.sub(UNUSABLE, _EMOJI_NAME.sub("", text))
        elif token.type == "code_inline" and before and (role := _ROLE.search(before.content)):
            before.content = before.content[: role.start()]
            token.type, token.content = "text", roles.spoken(role[1], token.content)
        before = token if token.type == "text" else None


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
        if shown is not None and (code or not _FOOTNOTE.match(shown)):
            lines.append(shown if code else re.sub(r"\]\(\{\{.{0,300}?\}\}\)", "](#)", _FORMULA.sub(UNUSABLE, shown)))
    return "\n".join(lines)


class _Boxes:
    """Takes the marks of boxes away, line by line, and with them what an author only warns of."""

    def __init__(self) -> None:
        self._open: list[bool] = []  # the containers that are open, outermost first: whether each is told
        self._indent = -1  # of the box whose words are indented below its mark
        self._is_plain = True

    def line(self, line: str, *, code: bool) -> str | None:
        """What remains of the line; None where nothing does."""
        indent = len(line) - len(line.lstrip())
        if self._indent >= 0 and line.strip():
            if indent > self._indent:
                return line[min(indent, 4) :] if self._is_plain and all(self._open) else None
            self._indent = -1
        if not code and (box := _BOX.match(line)):
            self._indent, self._is_plain = len(box[1]), box[2].lower() in _PLAIN_BOXES
            return ""
        if not code and (container := _CONTAINER.match(line)):
            if container[1]:
                self._open.append(container[1].lower() not in _WARNING_BOXES)
            elif self._open:
                self._open.pop()
            return ""
        if not all(self._open) or (not code and _TAG_LINE.fullmatch(line)):
            return ""
        return line


def _without_comments(text: str) -> str:
    """No HTML comments; one without an end is left to the parser."""
    pieces, at = [], 0
    while (start := text.find("<!--", at)) >= 0 and (end := text.find("-->", start)) >= 0:
        pieces.append(text[at:start])
        at = end + 3
    return "".join([*pieces, text[at:]])
