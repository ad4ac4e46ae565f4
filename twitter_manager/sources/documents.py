"""Folders of documents: Markdown, text, HTML and PDF become items, one a section (`sections` says why).

A key is the path within the folder and the section's heading, so that a section which moves within its document stays
itself. Only files whose time or size has changed are opened, only those whose bytes have changed are read again.
What can't be read is named in a warning and keeps the items it gave before. Links that lead out of the folder are not
followed; names that begin with a dot are left alone.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from twitter_manager.domain import Item
from twitter_manager.errors import SourceError
from twitter_manager.sources import plain, sections
from twitter_manager.sources.material import Collected, Look, Source, moment, short_key, web_address
from twitter_manager.sources.pages import page_text

LARGEST = 10 * 1024 * 1024
"""Bytes of a document."""
LARGEST_TEXT = 2 * 1024 * 1024
"""Bytes of one that is not a PDF: longer ones are no documents that a person wrote."""
MOST_FILES = 5000
MOST_PAGES = 500
PATTERNS = ("**/*.md", "**/*.markdown", "**/*.txt", "**/*.html", "**/*.htm", "**/*.pdf")
_SKIPPED = ("node_modules", "__pycache__")
_FRONT_MATTER = 10_000
_READER = 1
"""Raised when documents are cut otherwise: they are all read anew then."""


class Unreadable(Exception):
    """A document that gives nothing; the message says why, for a warning."""


@dataclass(frozen=True, slots=True)
class Document:
    """A document as its format gave it."""

    title: str
    sections: list[sections.Section]
    published_at: datetime | None = None
    url: str = ""
    tag: str = ""


def collect(look: Look) -> Collected:
    """Look at a folder, or at one file. Raises SourceError."""
    root, names = _names(look)
    known = look.state.get("files", {}) if look.state.get("reader") == _READER else {}
    files: dict[str, list[Any]] = {}
    items: list[Item] = []
    kept: set[str] = set()
    for name in names:
        before = known.get(name)
        if look.time_left() <= 0:  # the next look goes on
            files |= {name: before} if before is not None else {}
            kept.add(_stem(name))
            continue
        try:
            files[name], found = _read(root / name, name, look.source, before)
        except (Unreadable, OSError) as error:
            reason = (error.strerror or "can't be read") if isinstance(error, OSError) else str(error)
            files[name] = [*_stamp(root / name), ""]
            if before is None or before[:2] != files[name][:2]:
                look.warn(f"{plain.line(name, 200)} {reason}")
            found = None
        if found is None:
            kept.add(_stem(name))
        else:
            items += found
    return Collected(tuple(items), {"reader": _READER, "files": files}, complete=True, kept=frozenset(kept))


def _read(path: Path, name: str, source: Source, before: list[Any] | None) -> tuple[list[Any], list[Item] | None]:
    """What to remember of a file (time, size, hash), and its items; None where they are those of before.

    Raises Unreadable, OSError."""
    stamp = _stamp(path)
    if before is not None and before[:2] == stamp:
        return before, None
    content = _content(path)
    digest = hashlib.sha256(content).hexdigest()[:16]
    remembered = [*stamp, digest]
    if before is not None and before[2] == digest:
        return remembered, None
    document = FORMATS.get(path.suffix.lower(), _text_document)(content, path.stem)
    if document is None:
        return remembered, []
    if not document.sections:
        raise Unreadable("holds no text that could be used.")
    return remembered, [_item(name, section, document, source) for section in document.sections]


def _item(name: str, section: sections.Section, document: Document, source: Source) -> Item:
    title = document.title
    if section.heading and section.heading != title:
        title = f"{title}: {section.heading}"
    return Item(
        source=source.name,
        key=f"{_stem(name)}#{section.slug}",
        text=section.text,
        title=plain.line(title),
        url=document.url if source.link else "",
        label=source.label or document.tag,
        kind="document",
        published_at=document.published_at,
    )


def _stem(name: str) -> str:
    return short_key(name.encode("utf-8", "backslashreplace").decode())


# -- which files -------------------------------------------------------------------------------------


def _names(look: Look) -> tuple[Path, list[str]]:
    """The folder, and the documents in it by their path there, in order. Raises SourceError."""
    place = look.source.path
    assert place is not None
    try:
        if place.is_file():
            return place.parent, [place.name]
        if not place.is_dir():
            raise SourceError(f"{place} is not there.", "Mend its path in the bot file, or put it back.")
        wanted = _matching(look.source.patterns or PATTERNS)
        names = sorted(name for name in _walk(place, look.warn) if wanted(name))
    except OSError as error:
        raise SourceError(f"{place} can't be read ({error.strerror}).", "Mend its permissions.") from None
    if not names:
        what = ", ".join(look.source.patterns) or "Markdown, text, HTML or PDF"
        raise SourceError(f"{place} holds no documents ({what}).", "Put some in, or mend the patterns.")
    if len(names) > MOST_FILES:
        look.warn(f"{place} holds {len(names)} documents; only the first {MOST_FILES} are read.")
    return place, names[:MOST_FILES]


def _walk(root: Path, warn: Callable[[str], None]) -> Iterator[str]:
    """Paths of all files below `root` that lie in it, links to elsewhere left out."""
    real = root.resolve()
    for folder, subfolders, files in os.walk(root):
        subfolders[:] = sorted(name for name in subfolders if not name.startswith(".") and name not in _SKIPPED)
        for name in files:
            path = Path(folder) / name
            if name.startswith("."):
                continue
            if path.is_symlink() and not path.resolve().is_relative_to(real):
                warn(f"{plain.line(str(path.relative_to(root)))} leads out of the folder; it is left out.")
                continue
            yield path.relative_to(root).as_posix()


def _matching(patterns: tuple[str, ...]) -> Callable[[str], bool]:
    """Whether a path fits one of the patterns: `*` is anything within a name, `**/` any folders."""
    pieces = {"**/": r"(?:.*/)?", "**": r".*", "*": r"[^/]*", "?": r"[^/]"}
    expressions = [
        re.compile(re.sub(r"\\\*\\\*/|\\\*\\\*|\\\*|\\\?", lambda found: pieces[found[0].replace("\\", "")], escaped))
        for escaped in (re.escape(pattern) for pattern in patterns)
    ]
    return lambda name: any(expression.fullmatch(name) for expression in expressions)


def _stamp(path: Path) -> list[int]:
    try:
        facts = path.stat()
    except OSError:
        return [0, 0]
    return [facts.st_mtime_ns, facts.st_size]


def _content(path: Path) -> bytes:
    """The bytes of a plain file that is not too large; never waits on a pipe. Raises Unreadable, OSError."""
    with open(path, "rb", opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK)) as file:
        facts = os.fstat(file.fileno())
        if not stat.S_ISREG(facts.st_mode):
            raise Unreadable("is not a plain file; it is left out.")
        most = LARGEST if path.suffix.lower() == ".pdf" else LARGEST_TEXT
        if facts.st_size > most:
            raise Unreadable(f"is larger than {most // 2**20} MB; it is left out.")
        return file.read(most)


# -- the formats -------------------------------------------------------------------------------------


def _markdown(content: bytes, name: str) -> Document | None:
    facts, body = _front_matter(_decoded(content))
    if facts.get("draft") is True:
        return None
    heading, found = sections.of_markdown(body)
    title = _scalar(facts.get("title")) or heading or _spoken(name)
    tags = facts.get("tags")
    tag = _scalar(next(iter(tags), "")) if isinstance(tags, list) else ""
    return Document(title, found, moment(facts.get("date")), web_address(_scalar(facts.get("url"))), tag)


def _text_document(content: bytes, name: str) -> Document:
    return Document(_spoken(name), sections.of_text(_decoded(content)))


def _html(content: bytes, name: str) -> Document:
    title, published, markdown = page_text(content, "")
    return Document(title or _spoken(name), sections.of_markdown(markdown)[1], published)


def _pdf(content: bytes, name: str) -> Document:
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    try:
        reader = PdfReader(_stream(content))
        if reader.is_encrypted and not reader.decrypt(""):
            raise Unreadable("is a PDF with a password; it is left out.")
        pages = [page.extract_text() for page in list(reader.pages)[:MOST_PAGES]]
        facts = reader.metadata
        title = plain.line(facts.title or "") if facts else ""
        published = facts.creation_date if facts else None
    except Unreadable:
        raise
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError, OSError) as error:
        raise Unreadable(f"is no PDF that can be read ({type(error).__name__}); it is left out.") from None
    found = sections.of_text(_reflowed("\n\n".join(pages)))
    if not found:
        raise Unreadable("is a PDF without text (pictures of pages?); run it through OCR first.")
    return Document(title or _spoken(name), found, moment(published))


FORMATS: Mapping[str, Callable[[bytes, str], Document | None]] = {
    ".md": _markdown,
    ".markdown": _markdown,
    ".html": _html,
    ".htm": _html,
    ".pdf": _pdf,
}
"""By the name's ending; all else is taken for plain text."""


def _decoded(content: bytes) -> str:
    if b"\0" in content and not content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Unreadable("is not a text; it is left out.")
    try:
        return content.decode("utf-16" if content.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig")
    except UnicodeDecodeError:
        raise Unreadable("is not UTF-8 text; it is left out. Save it as UTF-8.") from None


def _front_matter(text: str) -> tuple[dict[str, Any], str]:
    """What stands between `---` (YAML) or `+++` (TOML) at the beginning, and the rest."""
    found = re.match(r"(---|\+\+\+)[ \t]*\r?\n(.*?\r?\n)?\1[ \t]*(?:\r?\n|\Z)", text[:_FRONT_MATTER], re.DOTALL)
    if not found:
        return {}, text
    return _facts(found[1], found[2] or ""), text[found.end() :]


def _facts(mark: str, block: str) -> dict[str, Any]:
    import tomllib

    import yaml

    try:
        facts = tomllib.loads(block) if mark == "+++" else yaml.safe_load(block)
    except (yaml.YAMLError, ValueError, RecursionError):
        return {}  # it is not what it looked like
    return facts if isinstance(facts, dict) else {}


def _reflowed(text: str) -> str:
    """A PDF's lines as paragraphs: words that were parted at a line's end together again."""
    text = re.sub(r"(?<=[^\W\d_])[-\u2010]\n(?=[^\W\d_A-Z])", "", text)
    return re.sub(r"(?<=[.!?:])\n(?=[A-Z0-9•-])", "\n\n", text)


def _stream(content: bytes) -> Any:
    from io import BytesIO

    return BytesIO(content)


def _scalar(value: object) -> str:
    return plain.line(value) if isinstance(value, str) else ""


def _spoken(name: str) -> str:
    """A file's name as a title."""
    return plain.line(re.sub(r"[-_\s]+", " ", name).strip().capitalize())
