"""What readers call the project that a file belongs to, from its package's metadata, its site's settings or its README.

All of them are read as data; nothing of the project runs.
"""

from __future__ import annotations

import ast
import json
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from twitter_manager.sources import headings, plain, restructured, sections
from twitter_manager.sources.blocks import UNUSABLE, Block
from twitter_manager.sources.markdown import blocks as markdown_blocks
from twitter_manager.sources.words import pattern

ReadFile = Callable[[str], bytes | None]
"""Gives the bytes of a file by its path, None where there is none."""
READMES = ("README.md", "README.rst", "README.markdown", "README.txt", "README", "readme.md", "Readme.md")
_LARGEST = 256 * 1024


def name(folders: Iterable[str], read: ReadFile, *, readmes: bool = True, known: Iterable[str] = ()) -> str:
    """The name that the nearest of these folders gives, or "". `folders`: paths that end with a slash, or "".

    `known`: what a person or the remote calls it, the best first. Metadata comes before it; a README's heading only
    says how it is spelt."""
    called = [spoken for candidate in known if (spoken := _presentable(candidate))]
    names = (_of_folder(folder, read, called, readmes=readmes) for folder in folders)
    return next(filter(None, names), "") or next(iter(called), "")


def _of_folder(folder: str, read: ReadFile, called: Sequence[str], *, readmes: bool) -> str:
    if site := _first(folder, _SITES, read):
        return site
    package = _first(folder, _PACKAGES, read)
    headline = _readme(folder, read) if readmes or package else ""
    called = [package] if package else called
    if not called:
        return headline if len(headline.split()) <= 4 and len(headline) <= 40 else ""
    return headline if any(_spells(headline, name) for name in called) else package


def _first(folder: str, readers: Mapping[str, Callable[[str], object]], read: ReadFile) -> str:
    for file, reader in readers.items():
        content = read(folder + file)
        if content is None or len(content) > _LARGEST:
            continue
        try:
            value = reader(content.decode("utf-8-sig"))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError, SyntaxError, MemoryError):
            continue  # not what it should be: another file may tell
        if isinstance(value, str) and (spoken := _presentable(value)):
            return spoken
    return ""


def _presentable(value: str) -> str:
    words = plain.line(value, 60).removesuffix(" documentation").removesuffix(" Documentation").strip()
    words = words.rpartition("/")[2] if words.startswith("@") else words  # npm's scope
    words = " ".join(re.sub(rf"\A[^\w(]+\s|{UNUSABLE}", " ", words).split())  # pictures beside it
    is_name = re.search(r"\w", words) and not re.search(r"[{}<>$|]", words)
    is_usual = pattern("headings.nameless", r"(?:the )?{}\W*").fullmatch(words)
    return words if is_name and not is_usual else ""


def _readme(folder: str, read: ReadFile) -> str:
    for file in READMES:
        content = read(folder + file)
        if content is None or len(content) > _LARGEST:
            continue
        text = content.decode("utf-8", "replace")
        blocks = restructured.blocks(text) if file.endswith((".rst", "README")) else markdown_blocks(text)
        words = re.split(r":? [-–—|] |: ", sections.title_of(blocks) if _begins_with_heading(blocks) else "")[0]
        return "" if headings.gives_no_material([words]) else _presentable(words)
    return ""


def _begins_with_heading(blocks: Iterable[Block]) -> bool:
    """Whether no paragraph stands above the first heading: below one it is a section's, and names no project."""
    first = next((block for block in blocks if block.kind == "heading" or len(block.text) >= sections.SHORTEST), None)
    return first is not None and first.kind == "heading"


def _spells(headline: str, name: str) -> bool:
    """Whether a heading is the name as a reader sees it: "HTTPie" for httpie, "Homebrew" for brew."""
    is_word = re.fullmatch(r"\w{6,}", headline) is not None
    return _plain(headline) == _plain(name) or (is_word and len(name) > 3 and _plain(name) in _plain(headline))


def _plain(words: str) -> str:
    return re.sub(r"[\W_]+", "", words).casefold()


def _yaml(key: str) -> Callable[[str], object]:
    def reader(text: str) -> object:
        # Only the one line: such files hold tags (!!python/name) that no safe loader reads.
        value = re.search(rf"^{key}:[ \t]+(.+?)[ \t]*(?:#.*)?$", text, re.MULTILINE)
        return value[1].strip("\"'") if value else ""

    return reader


def _conf(text: str) -> object:
    """Sphinx's conf.py, read as a tree and never run."""
    for node in ast.parse(text).body:
        if (
            isinstance(node, ast.Assign)
            and any(isinstance(target, ast.Name) and target.id == "project" for target in node.targets)
            and isinstance(node.value, ast.Constant)
        ):
            return node.value.value
    return ""


def _pyproject(text: str) -> object:
    tables = tomllib.loads(text)
    poetry = tables.get("tool", {}).get("poetry", {})
    return tables.get("project", {}).get("name") or poetry.get("name") or ""


def _ini(text: str) -> object:
    name = re.search(r"^\[metadata\][^\[]*?^name[ \t]*=[ \t]*(.+)$", text, re.MULTILINE)
    return name[1].strip() if name else ""


def _toml(*path: str) -> Callable[[str], object]:
    def reader(text: str) -> object:
        value: Any = tomllib.loads(text)
        for key in path:
            value = value[key]
        return value

    return reader


_SITES: Mapping[str, Callable[[str], object]] = {
    "mkdocs.yml": _yaml("site_name"),
    "mkdocs.yaml": _yaml("site_name"),
    "docs/conf.py": _conf,
    "conf.py": _conf,
    "doc/conf.py": _conf,
    "docs/source/conf.py": _conf,
    "_config.yml": _yaml("title"),
    "hugo.toml": _toml("title"),
    "config.toml": _toml("title"),
    "book.toml": _toml("book", "title"),
}
_PACKAGES: Mapping[str, Callable[[str], object]] = {
    "pyproject.toml": _pyproject,
    "setup.cfg": _ini,
    "package.json": lambda text: json.loads(text)["name"],
    "Cargo.toml": _toml("package", "name"),
    "composer.json": lambda text: json.loads(text)["name"].rpartition("/")[2],
}
PACKAGES = (*_PACKAGES, "setup.py", "go.mod", "pom.xml", "CMakeLists.txt")
"""Files that lie in the root of a software project."""
