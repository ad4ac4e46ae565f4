"""What a reader of the page sees of a role of reStructuredText or MyST: `:class:`~pkg.Tool`` is Tool, `:issue:`12`` is
#12, and what only the whole site can resolve makes its sentence unusable.
"""

from __future__ import annotations

import re

from twitter_manager.sources.blocks import UNUSABLE, lowered, raised

_NUMBERED = (
    "issue", "issues", "pr", "pull", "gh", "ghissue", "ghpull", "bug", "ticket", "bpo", "gh-issue", "gh-pr",
    "pull-request",
)  # fmt: skip
_PEOPLE = ("user", "author", "ghuser", "gh-user")
_OBJECTS = ("class", "func", "meth", "attr", "mod", "exc", "obj", "data", "function", "method", "const", "type")
_DROPPED = ("commit", "index", "raw", "raw-html", "footcite", "cite")
_BY_LABEL = ("ref", "doc", "numref", "any", "eq", "download", "std:ref", "std:doc")
_FORMULAS = ("math", "latex")


def spoken(role: str, text: str) -> str:
    """What a reader of the page sees of `:role:`text``."""
    role = role.casefold()
    name = role.rpartition(":")[2]
    if name in _DROPPED:
        return ""
    if name in _NUMBERED or name in _PEOPLE:
        return ("#" if name in _NUMBERED else "@") + text.lstrip("#@")
    if name in _FORMULAS:
        return UNUSABLE
    if name in ("sup", "superscript"):
        return raised(text, "0")
    if name in ("sub", "subscript"):
        return lowered(text)
    if titled := re.fullmatch(r"(?s)(.+?)\s*<[^<>]*>", text):
        return titled[1]
    if role in _BY_LABEL or name in _BY_LABEL:
        return UNUSABLE
    if name in ("pep", "rfc"):
        return f"{name.upper()} {text.partition('#')[0]}"
    if name == "menuselection":
        return text.replace("-->", "→")
    if name in ("abbr", "abbreviation", "acronym"):
        return re.sub(r"\s*\([^()]*\)\Z", "", text)
    shown = text.lstrip("!")
    shown = shown.lstrip(".") if name in _OBJECTS else shown
    if shown.startswith("~"):
        shown = shown[1:].rpartition(".")[2]
    return shown + ("()" if name in ("func", "meth", "function", "method") and not shown.endswith(")") else "")
