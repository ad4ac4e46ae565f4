"""Reads reStructuredText into blocks, with docutils as the parser.

Directives never reach docutils: they are taken out line by line before (a note's words stay), so nothing is included,
fetched or run, whatever a document asks for. Roles, Sphinx's too, become the words that a reader of the page would
see; what needs the whole site to be resolved (`:ref:` to a label) makes its sentence unusable.
"""

from __future__ import annotations

import html
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from twitter_manager.sources import markup, roles
from twitter_manager.sources.blocks import UNUSABLE, Block

SECONDS = 4.0
"""Of computing for one document: what docutils has not read by then is left out."""
_LONGEST_LINE = 2000
_MOST_LINES = 150
"""Lines of one paragraph: docutils' time grows by their square."""
_DEEPEST = 40
"""Columns that a line is indented: docutils takes several frames of the stack for each list within a list."""
_DIRECTIVE = re.compile(r"(\s*)\.\. +(?:\|[^|\n]{1,100}\| +)?([\w.:+-]{1,60}) ?::(?:\s+(.*)|\s*)\Z")
_OPTION = re.compile(r":([\w-]{1,40}):\s*(.*)")
_ADMONITIONS = ("note", "tip", "hint", "important")
_WITH_WORDS = (*_ADMONITIONS, "rst-class", "container")
_UNDERSTOOD = (*_WITH_WORDS, "changelog", "change")
"""Directives whose words are the author's plain statement."""


def blocks(text: str) -> list[Block]:
    """The blocks of a text in reStructuredText."""
    return markup.blocks(_html(_tree(_without_directives(_bounded(text)))))


def _bounded(text: str) -> str:
    lines, run = [], 0
    for line in text.expandtabs(8).splitlines():
        is_entry = line.strip()[:2] in ("* ", "- ")
        run = 1 if is_entry else run + 1 if line.strip() else 0
        if len(line) - len(line.lstrip()) <= _DEEPEST and run <= _MOST_LINES:
            # What is cut holds a sentence that is not what its author wrote.
            lines.append(line.rstrip() if len(line) <= _LONGEST_LINE else line[:_LONGEST_LINE] + UNUSABLE)
    return "\n".join(lines)


@dataclass(slots=True)
class _Directive:
    """A directive that is open. `indent`: its own; `content`: that of its words, None before the first; `column`:
    where they go to; `options`: what stands in front of them."""

    name: str
    indent: int
    column: int
    content: int | None = None
    options: dict[str, str] = field(default_factory=dict)
    begun: bool = False

    def opening(self, words: str) -> Iterator[str]:
        """What stands for the directive itself, with what its first line says."""
        yield ""
        if self.name in _WITH_WORDS:
            yield " " * self.column + (words if self.name in _ADMONITIONS else "")
        elif self.name == "change":
            self.column += 2  # an entry of a list, its words below its mark
        elif self.name != "changelog":
            yield " " * self.column + ".. left out"

    def begin(self) -> Iterator[str]:
        """What stands before its first words: of Sphinx's changelogs, the heading of a version."""
        if not self.begun and self.name == "changelog":
            heading = f"{self.options.get('version', '')} ({self.options.get('released', '')})"
            yield from ("", heading, '"' * len(heading), "")
        self.begun = True

    def words(self, indent: int, words: str) -> str:
        """A line of its words."""
        if self.content is not None or self.name != "change":
            self.content = indent if self.content is None else self.content
            return " " * (self.column + max(0, indent - self.content)) + words
        self.content = indent
        tags = "".join(f"[{tag.strip()}] " for tag in self.options.get("tags", "").split(",") if tag.strip())
        return " " * (self.column - 2) + "* " + tags + words


def _without_directives(text: str) -> str:
    lines: list[str] = []
    opened: list[_Directive] = []
    for line in text.split("\n"):
        words = line.lstrip()
        indent = len(line) - len(words)
        while words and opened and indent <= opened[-1].indent:
            opened.pop()
        top = opened[-1] if opened else None
        if top and not top.begun and (option := _OPTION.fullmatch(words)):
            top.options[option[1]] = option[2]
            continue
        lines += top.begin() if top else ()
        if not words or (top and top.name not in _UNDERSTOOD):
            lines.append("")
        elif directive := _DIRECTIVE.match(line):
            column = top.column if top else indent
            opened.append(_Directive(directive[2].lower(), indent, column))
            lines += opened[-1].opening(directive[3] or "")
        else:
            lines.append(top.words(indent, words) if top else line)
    return "\n".join(lines)


def _tree(text: str) -> Any:
    """The parsed document, as far as docutils comes: until its time is over, or it fails."""
    from docutils.frontend import get_default_settings
    from docutils.parsers.rst import Parser
    from docutils.utils import new_document

    settings = get_default_settings(Parser)
    settings.update(
        {"report_level": 5, "halt_level": 5, "file_insertion_enabled": False, "raw_enabled": False,
         "warning_stream": False, "_disable_config": True, "line_length_limit": _LONGEST_LINE * 2,
         "syntax_highlight": "none", "smart_quotes": False, "pep_references": None, "rfc_references": None},
        _NO_LISTS,
    )  # fmt: skip
    tree = new_document("document", settings)
    with suppress(Exception):  # a parser may fail on hostile text in any way
        Parser(inliner=_inliner()).parse(text, tree)
    return tree


class _NoLists:
    """What docutils asks a parser of settings for: none of ours is a list that could be added to."""

    lists: Mapping[str, Any] = {}


_NO_LISTS = _NoLists()


def _inliner() -> Any:
    """Docutils' reader of what stands within a line, with our own way to read roles, and with a clock."""
    from docutils import nodes
    from docutils.parsers.rst.states import Inliner
    from docutils.utils import unescape

    def interpreted(rawsource: str, text: str, role: str, lineno: int) -> tuple[list[Any], list[Any]]:
        return [nodes.inline(rawsource, roles.spoken(role, unescape(text)))], []

    until = time.process_time() + SECONDS

    def parse(*words: Any) -> Any:
        if time.process_time() > until:
            raise TimeoutError
        return Inliner.parse(inliner, *words)

    inliner = Inliner()
    inliner.parse = parse
    inliner.interpreted = interpreted  # a subclass would lack the patterns that docutils looks up in the class itself
    return inliner


_TAGS = {
    "document": "div", "section": "div", "paragraph": "p", "bullet_list": "ul", "enumerated_list": "ul",
    "list_item": "li", "literal": "code", "superscript": "sup", "subscript": "sub", "block_quote": "blockquote",
    "literal_block": "pre", "doctest_block": "pre", "table": "pre", "comment": "pre",
}  # fmt: skip
_WORDS = ("inline", "emphasis", "strong", "reference", "title_reference", "abbreviation", "acronym", "generated")
_UNSHOWABLE = ("math", "image", "problematic", "substitution_reference")
_MARKS = ("footnote_reference", "citation_reference")


def _html(node: Any, level: int = 0, *, in_list: bool = False) -> str:
    """A node as HTML. `level`: of the heading it stands under. What has no counterpart here is left out."""
    name = type(node).__name__
    if name == "Text":
        return html.escape(node.astext(), quote=False)
    if name in _UNSHOWABLE:
        return UNUSABLE
    if name == "title":
        tag = f"h{min(level, 6) or 1}"
    elif name in _WORDS or (name == "block_quote" and (in_list or _holds_lists(node))):
        tag = ""  # of a list that is only indented nothing is quoted
    elif name in _TAGS:
        tag = _TAGS[name]
    else:
        return ""
    inner = ""
    for child in node.children:
        inner = inner.rstrip() if type(child).__name__ in _MARKS else inner
        inner += _html(child, level + (type(child).__name__ == "section"), in_list=in_list or name == "list_item")
    return f"<{tag}>{inner}</{tag}>" if tag else inner


def _holds_lists(node: Any) -> bool:
    return all(type(child).__name__.endswith("_list") for child in node.children)
