"""Reads reStructuredText into blocks, with docutils as the parser.

Directives never reach docutils: they are taken out line by line before (a note's words stay), so nothing is included,
fetched or run, whatever a document asks for. Roles, Sphinx's too, become the words that a reader of the page would
see; what needs the whole site to be resolved (`:ref:` to a label) makes its sentence unusable.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from twitter_manager.sources import markup, roles
from twitter_manager.sources.blocks import UNUSABLE, Block

if TYPE_CHECKING:
    from docutils import nodes

LONGEST = 120_000
"""Characters of a document that are read; docutils takes seconds for as many."""
_LONGEST_LINE = 2000
_MOST_LINES = 150
"""Lines of one paragraph: docutils' time grows by their square."""
_DEEPEST = 40
"""Columns that a line is indented: docutils takes several frames of the stack for each list within a list."""
_DIRECTIVE = re.compile(r"(\s*)\.\. +(?:\|[^|\n]{1,100}\| +)?([\w.:+-]{1,60}) ?::(?:\s+(.*)|\s*)\Z")
_TOLD = ("note", "tip", "hint", "important", "rst-class", "container")


def blocks(text: str) -> list[Block]:
    """The blocks of a text in reStructuredText."""
    tree = _tree(_without_directives(_bounded(text)))
    return markup.blocks(_html(tree)) if tree is not None else []


def _bounded(text: str) -> str:
    lines, run = [], 0
    for line in text[:LONGEST].expandtabs(8).splitlines():
        run = run + 1 if line.strip() else 0
        if len(line) - len(line.lstrip()) > _DEEPEST:
            continue
        if run <= _MOST_LINES or line.strip()[:3] in ("* ", "- "):
            lines.append(line[:_LONGEST_LINE].rstrip())
    return "\n".join(lines)


def _without_directives(text: str) -> str:
    lines: list[str] = []
    indent, told, first = -1, False, True  # of the directive that is open
    for line in text.split("\n"):
        mine = len(line) - len(line.lstrip())
        if indent >= 0 and line.strip() and mine <= indent:
            indent = -1
        if indent < 0 and (found := _DIRECTIVE.match(line)):
            indent, told, first = len(found[1]), found[2].lower() in _TOLD, True
            said = found[3] or ""
            shown = said if told and found[2].lower() not in _TOLD[4:] else ""
            lines += ["", found[1] + (shown if told else ".. left out")]
        elif indent >= 0:
            if told and line.strip().startswith(":") and first:
                continue
            first = first and not line.strip()
            lines.append(" " * indent + line.lstrip() if told else "")
        else:
            lines.append(line)
    return "\n".join(lines)


def _tree(text: str) -> Any:
    """The parsed document, or None where docutils fails on it."""
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
    try:
        Parser(inliner=_inliner()).parse(text, tree)
    except Exception:  # noqa: BLE001 (a parser may fail on hostile text in any way: the document gives nothing)
        return None
    return tree


class _NoLists:
    """What docutils asks a parser of settings for: none of ours is a list that could be added to."""

    lists: Mapping[str, Any] = {}


_NO_LISTS = _NoLists()


def _inliner() -> Any:
    """Docutils' reader of what stands within a line, with our own way to read roles."""
    from docutils import nodes
    from docutils.parsers.rst.states import Inliner
    from docutils.utils import unescape

    def interpreted(rawsource: str, text: str, role: str, lineno: int) -> tuple[list[nodes.Node], list[Any]]:
        return [nodes.inline(rawsource, roles.spoken(role, unescape(text)))], []

    inliner = Inliner()
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
