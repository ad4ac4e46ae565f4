"""What readers call the project that a file belongs to, from its package's metadata, its site's settings or its README.

All of them are read as data; nothing of the project runs.
"""

from __future__ import annotations

import ast
import json
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from twitter_manager.sources import plain, restructured, sections
from twitter_manager.sources.markdown import blocks as markdown_blocks
from twitter_manager.sources.words import pattern

Reader = Callable[[str], bytes | None]
"""Gives the bytes of a file by its path, None where there is none."""
READMES = ("README.md", "README.rst", "README.markdown", "README.txt", "README", "readme.md", "Readme.md")
_LARGEST = 256 * 1024


def name(folders: Iterable[str], read: Reader, *, readmes: bool = True) -> str:
    """The name that the nearest of these folders gives, or "". `folders`: paths that end with a slash, or ""."""
    for folder in folders:
        if found := _of_folder(folder, read, readmes=readmes):
            return found
    return ""


def _of_folder(folder: str, read: Reader, *, readmes: bool) -> str:
    known = _first(f"{folder}", _SITES, read)
    if known:
        return known
    package = _first(folder, _PACKAGES, read)
    headline = _readme(folder, read) if readmes or package else ""
    if package and _plain(headline) == _plain(package):
        return headline  # as a reader sees it: "HTTPie", not "httpie"
    if package:
        return package
    return headline if len(headline.split()) <= 4 and len(headline) <= 40 else ""


def _first(folder: str, readers: Mapping[str, Callable[[str], object]], read: Reader) -> str:
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
    return (
        ""
        if pattern("headings.nameless", r"(?:the )?{}\W*").fullmatch(words)
        or not re.search(r"\w", words)
        or re.search(r"[{}<>$|]", words)
        else words
    )


def _readme(folder: str, read: Reader) -> str:
    for file in READMES:
        content = read(folder + file)
        if content is None or len(content) > _LARGEST:
            continue
        text = content.decode("utf-8", "replace")
        found = restructured.blocks(text) if file.endswith((".rst", "README")) else markdown_blocks(text)
        return _presentable(re.split(r":? [-–—|] |: ", sections.title_of(found))[0])
    return ""


def _plain(words: str) -> str:
    return re.sub(r"[\W_]+", "", words).casefold()


def _yaml(key: str) -> Callable[[str], object]:
    def reader(text: str) -> object:
        # Only the one line: such files hold tags (!!python/name) that no safe loader reads.
        found = re.search(rf"^{key}:[ \t]+(.+?)[ \t]*(?:#.*)?$", text, re.MULTILINE)
        return found[1].strip("\"'") if found else ""

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
    found = re.search(r"^\[metadata\][^\[]*?^name[ \t]*=[ \t]*(.+)$", text, re.MULTILINE)
    return found[1].strip() if found else ""


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
