"""Folders of documents: Markdown, reStructuredText, text, HTML and PDF become items, one a section, or one an article
(a page with a date).

A key is the path within the folder and the section's heading, so that a section which moves within its document stays
itself. Only files whose time or size has changed are opened, only those whose bytes have changed are read again.
What can't be read is named in a warning and keeps the items it gave before. Links that lead out of the folder are not
followed; names that begin with a dot are left alone. A draft and what is dated in the future give nothing yet.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import Any

from twitter_manager.domain import Item
from twitter_manager.errors import SourceError
from twitter_manager.sources import (
    addresses,
    front_matter,
    headings,
    images,
    markdown,
    plain,
    projects,
    restructured,
    sections,
)
from twitter_manager.sources.blocks import UNUSABLE, Block
from twitter_manager.sources.dates import first_day_in
from twitter_manager.sources.limits import Overgrown, within
from twitter_manager.sources.material import Collected, Look, Source, short_key
from twitter_manager.sources.pages import html_page
from twitter_manager.sources.words import fits

LARGEST = 10 * 1024 * 1024
"""Bytes of a document."""
LARGEST_TEXT = 2 * 1024 * 1024
"""Bytes of one that is not a PDF: longer ones are no documents that a person wrote."""
MOST_FILES = 5000
MOST_PAGES = 500
DEEPEST = 40
"""Folders within each other."""
MOST_ANY = 4
"""Times that `**` stands in a pattern: what it fits is tried in every way."""
PATTERNS = ("**/*.md", "**/*.markdown", "**/*.rst", "**/*.txt", "**/*.html", "**/*.htm", "**/*.pdf")
_SKIPPED = ("node_modules", "__pycache__")
_INSIDE = ("docs", "doc", "documentation", "site", "source", "content")
"""What a project calls the folder of its documents."""
_MOST_NAMED = 8
_READER = 4
"""Raised when documents are cut otherwise: they are all read anew then."""


class Unreadable(Exception):
    """A document that gives nothing; the message says why, for a warning."""


@dataclass(frozen=True, slots=True)
class Document:
    """A document as its format gave it."""

    title: str
    sections: list[sections.Section]
    facts: front_matter.Facts
    published_at: datetime | None = None
    site: str = ""
    pictures: Sequence[tuple[str, images.Image]] = ()
    """Those that it shows, each with the heading that it stands under."""


def collect(look: Look) -> Collected:
    """Look at a folder, or at one file. Raises SourceError."""
    root, names = _names(look)
    known = look.state.get("files", {}) if look.state.get("reader") == _READER else {}
    projects_of = _projects(root, look.source.called)
    files: dict[str, list[Any]] = {}
    items: list[Item] = []
    kept: set[str] = set()
    for name in names:
        before = known.get(name)
        if look.time_left() <= 0:  # the next look goes on
            files |= {name: before} if before is not None else {}
            kept.add(_stem(name))
            continue
        look.at(plain.line(name, 200))
        try:
            if plain.line(name, 200) in look.skip:
                raise Unreadable("takes too long to read; it is left out.")
            with within():
                files[name], document_items = _read(root / name, name, look, before, projects_of)
        except (Unreadable, Overgrown, OSError) as error:
            reason = (error.strerror or "can't be read") if isinstance(error, OSError) else str(error)
            files[name] = [*_stamp(root / name), ""]
            if before is None or before[:2] != files[name][:2]:
                look.warn(f"{plain.line(name, 200)} {reason}")
            document_items = None
        if document_items is None:
            kept.add(_stem(name))
        else:
            items += document_items
    look.at("")
    if not items and not kept and not look.state:
        look.warn(f"{look.source.place} holds no text for a post (drafts, references, lists, code give none).")
    return Collected(tuple(items), {"reader": _READER, "files": files}, complete=True, kept=frozenset(kept))


def _read(
    path: Path, name: str, look: Look, before: list[Any] | None, projects_of: Callable[[str], str]
) -> tuple[list[Any], list[Item] | None]:
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
    document = FORMATS.get(path.suffix.lower(), _plain_text)(content, path.stem)
    published = _published(document, path.stem)
    if published and published > look.now:
        return [0, 0, ""], []  # it is read again at each look until its time has come
    is_named = document.title != _title_of_name(path.stem)
    takes_back = is_named and headings.gives_no_material((document.title.rstrip("?"),))
    if document.facts.draft or (takes_back and not published):
        return remembered, []
    letters = sum(map(str.isalpha, content[:4000].decode("utf-8", "replace")))
    if not document.sections and letters < sections.SHORTEST:
        raise Unreadable("holds no text that could be used.")
    project = projects_of(name) or document.site
    if published:
        pieces = sections.whole(document.sections, document.facts.summary or document.facts.title)
    else:
        pieces = document.sections or _summed_up(document)
    return remembered, [_item(name, piece, document, published, look.source, project) for piece in pieces]


def _published(document: Document, stem: str) -> datetime | None:
    """The day of an article; None for the other pages of a site, its lists of articles among them."""
    if stem.startswith("_index"):
        return None
    return (
        document.facts.published_at or first_day_in("-".join(addresses.name_date(stem) or ())) or document.published_at
    )


def _summed_up(document: Document) -> list[sections.Section]:
    """What a person wrote to sum a page up says enough, where the page itself has no section for a post."""
    summary = document.facts.summary
    return [sections.Section(document.title, 1, sections.slug(document.title), summary)] if summary else []


def _left_out(root: Path, name: str, *, is_project: bool) -> str:
    """The folder or file for which a document is no text for readers, or ""."""
    *folders, file = name.split("/")
    inner = [
        folder
        for folder in folders
        if fits("files.technical", folder) or (is_project and fits("files.of_makers", folder))
    ]
    if inner and not (all(fits("files.of_makers", folder) for folder in inner) and _is_article(root / name)):
        return "/".join(folders[: folders.index(inner[0]) + 1]) + "/"
    return name if fits("files.housekeeping", file.rpartition(".")[0]) else ""


def _is_article(path: Path) -> bool:
    """Whether a file says its title and its day."""
    try:
        facts, _ = front_matter.part(_decoded(_content(path)))
    except (Unreadable, Overgrown, OSError):
        return False
    return bool(facts.title and facts.published_at)


def _item(
    name: str, section: sections.Section, document: Document, published: datetime | None, source: Source, project: str
) -> Item:
    facts, title = document.facts, document.title if published else headings.of_chapter(document.title)
    above = section.headings[1:] if section.headings[:1] == (document.title,) else section.headings
    url = addresses.address(source.base_url, name, slug=facts.slug, published_at=published, own=facts.address)
    picture = _picture(name, section, document, is_whole=bool(published) or len(document.sections) < 2)
    return Item(
        source=source.name,
        key=f"{_stem(name)}#{section.slug}",
        text=section.text,
        title=project if not title or fits("headings.nameless", title) else title,
        url=url if source.link else "",
        label=source.label or _label(facts.tags, name),
        kind="document",
        published_at=published,
        summary=facts.summary,
        project=project,
        headings=above,
        language=facts.language or addresses.language_of(PurePosixPath(name).stem),
        image=picture.place if picture else "",
        image_alt=picture.alt if picture else "",
    )


def _picture(name: str, section: sections.Section, document: Document, *, is_whole: bool) -> images.Image | None:
    """The picture that an article leads with, or that stands below the heading of one section."""
    is_one = [piece.heading for piece in document.sections].count(section.heading) == 1
    shown = [image for above, image in document.pictures if is_whole or (is_one and above == section.heading)]
    named = [document.facts.picture] if document.facts.picture and is_whole else []
    lead = images.lead(named, shown, document.title if is_whole else section.heading)
    return replace(lead, place=images.within_folder(lead.place, name)) if lead else None


def _label(tags: tuple[str, ...], name: str) -> str:
    """The document's subject for a reader: its first tag, or the nearest folder that is named after one."""
    folders = reversed(PurePosixPath(name).parts[:-1])
    for word in (*tags, *folders):
        spoken = _title_of_name(re.sub(r"\A\d+[-_. ]+", "", word))
        if spoken and len(spoken) <= 40 and not fits("files.structural", word):
            return spoken if word == word.lower() else " ".join(re.sub(r"[-_]+", " ", word).split())
    return ""


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
        fits_pattern = _matching(look.source.patterns or PATTERNS)
        names = sorted(name for name in _walk(place, look.warn) if fits_pattern(name))
        if not look.source.patterns:
            names = _for_readers(place, names, look)
    except OSError as error:
        raise SourceError(f"{place} can't be read ({error.strerror}).", "Mend its permissions.") from None
    if not names:
        what = ", ".join(look.source.patterns) or "Markdown, reStructuredText, text, HTML or PDF"
        raise SourceError(f"{place} holds no documents ({what}).", "Put some in, or mend the patterns.")
    if len(names) > MOST_FILES:
        look.warn(f"{place} holds {len(names)} documents; only the first {MOST_FILES} are read.")
    return place, names[:MOST_FILES]


def _for_readers(root: Path, names: list[str], look: Look) -> list[str]:
    """The documents without a project's housekeeping; all of them where there are no others."""
    above = [root, root.parent] if root.name.lower() in _INSIDE else [root]
    is_project = any((folder / file).is_file() for folder in above for file in projects.PACKAGES)
    reasons = {name: _left_out(root, name, is_project=is_project) for name in names}
    kept = [name for name in names if not reasons[name]]
    out = [plain.line(reason, 60) for reason in dict.fromkeys(reasons.values()) if reason]
    if kept and out and not look.state:
        more = f" and {len(out) - _MOST_NAMED} more" if len(out) > _MOST_NAMED else ""
        look.warn(
            f"{', '.join(out[:_MOST_NAMED])}{more}: left out as housekeeping; a pattern that names them has them."
        )
    return kept or names


def _walk(root: Path, warn: Callable[[str], None]) -> Iterator[str]:
    """Paths of all files below `root` that lie in it, links to elsewhere left out."""
    real = root.resolve()
    for folder, subfolders, files in os.walk(root):
        subfolders[:] = sorted(name for name in subfolders if not name.startswith(".") and name not in _SKIPPED)
        if len(Path(folder).relative_to(root).parts) >= DEEPEST and subfolders:
            warn(f"{plain.line(str(Path(folder).relative_to(root)), 60)}: what lies deeper is left out.")
            subfolders.clear()
        for name in files:
            path = Path(folder) / name
            if name.startswith("."):
                continue
            if path.is_symlink() and not _leads_within(path, real):
                warn(f"{plain.line(str(path.relative_to(root)))} leads out of the folder; it is left out.")
                continue
            yield path.relative_to(root).as_posix()


def _leads_within(link: Path, folder: Path) -> bool:
    """Whether a link leads to what lies in the folder; one that leads to itself leads nowhere."""
    try:
        return link.resolve(strict=True).is_relative_to(folder)
    except (OSError, RuntimeError):
        return False


def _matching(patterns: tuple[str, ...]) -> Callable[[str], bool]:
    """Whether a path fits one of the patterns: `*` is anything within a name, `**/` any folders. Raises SourceError."""
    patterns = tuple(re.sub(r"(?:\*\*/)+", "**/", re.sub(r"\*{3,}", "**", pattern)) for pattern in patterns)
    if (
        hard := next(
            (pattern for pattern in patterns if pattern.count("**") > MOST_ANY or pattern.count("*") > 12), None
        )
    ) is not None:
        message = f"The pattern {plain.line(hard, 60)} has ** more than {MOST_ANY} times, or * too often."
        raise SourceError(message, "Write a simpler one into the bot file.")
    pieces = {"**/": r"(?:[^/]+/)*", "**": r".*", "*": r"[^/]*", "?": r"[^/]"}
    expressions = [
        re.compile(
            re.sub(r"\\\*\\\*/|\\\*\\\*|\\\*|\\\?", lambda wildcard: pieces[wildcard[0].replace("\\", "")], escaped)
        )
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


def _projects(root: Path, called: str) -> Callable[[str], str]:
    """What names the project of a file by what lies beside and above it, up to the source's folder; where that is a
    project's `docs`, its folder too."""
    near = ["", "../"] if root.name.lower() in _INSIDE else [""]

    def content(name: str) -> bytes | None:
        try:
            return _content(root / name)
        except (OSError, Unreadable):
            return None

    @cache
    def of_folder(folder: PurePosixPath) -> str:
        above = [f"{ancestor}/" for ancestor in (folder, *folder.parents) if ancestor.name]
        project = projects.name(above, content, readmes=False)
        return project or projects.name(near, content, known=[called])

    return lambda name: of_folder(PurePosixPath(name).parent)


# -- the formats -------------------------------------------------------------------------------------


def _of_blocks(
    read_blocks: Callable[[str], list[Block]],
    *,
    fields: bool = False,
    pictures_in: Callable[[str], Sequence[tuple[str, images.Image]]] = lambda body: (),
) -> Callable[[bytes, str], Document]:
    """Reads a document whose headings are marked up. `fields`: see `front_matter.part`."""

    def read(content: bytes, name: str) -> Document:
        facts, body = front_matter.part(_decoded(content), fields=fields)
        blocks = read_blocks(body)
        title = facts.title or sections.page_title(blocks) or _title_of_name(name)
        return Document(title, sections.of_blocks(blocks), facts, pictures=pictures_in(body))

    return read


def _plain_text(content: bytes, name: str) -> Document:
    facts, body = front_matter.part(_decoded(content))
    return Document(facts.title or _title_of_name(name), sections.of_text(body), facts)


def _html(content: bytes, name: str) -> Document:
    facts, body = _html_facts(content)
    page, _ = html_page(body, "")
    facts = replace(
        facts,
        summary=facts.summary or page.summary,
        language=facts.language or page.language,
        tags=facts.tags or page.tags,
    )
    return Document(
        facts.title or page.title or _title_of_name(name),
        page.sections,
        facts,
        page.published_at,
        page.site,
        [("", page.picture)] if page.picture else (),
    )


def _html_facts(content: bytes) -> tuple[front_matter.Facts, bytes]:
    """Front matter of a page that a site's generator is still to make; its bytes are a page's as they are."""
    if content.lstrip()[:3] not in (b"---", b"+++"):
        return front_matter.Facts(), content
    facts, body = front_matter.part(content.decode("utf-8", "replace"))
    return facts, re.sub(r"\{%.{0,500}?%\}|\{\{.{0,500}?\}\}", UNUSABLE, body).encode()


def _pdf(content: bytes, name: str) -> Document:
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    try:
        reader = PdfReader(BytesIO(content))
        if reader.is_encrypted and not reader.decrypt(""):
            raise Unreadable("is a PDF with a password; it is left out.")
        pages = [page.extract_text() for page in list(reader.pages)[:MOST_PAGES]]
        facts = reader.metadata
        title = plain.line(facts.title or "") if facts else ""
    except Unreadable:
        raise
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError, OSError) as error:
        raise Unreadable(f"is no PDF that can be read ({type(error).__name__}); it is left out.") from None
    pieces = sections.of_text(_reflowed("\n\n".join(pages)))
    if not pieces:
        raise Unreadable("is a PDF without text (pictures of pages?); run it through OCR first.")
    return Document(title or _title_of_name(name), pieces, front_matter.Facts())


FORMATS: Mapping[str, Callable[[bytes, str], Document]] = {
    ".md": _of_blocks(markdown.blocks, pictures_in=markdown.pictures),
    ".markdown": _of_blocks(markdown.blocks, pictures_in=markdown.pictures),
    ".rst": _of_blocks(restructured.blocks, fields=True),
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


def _reflowed(text: str) -> str:
    """A PDF's lines as paragraphs: words that were parted at a line's end together again."""
    text = re.sub(r"(?<=[^\W\d_])[-\u2010]\n(?=[^\W\d_A-Z])", "", text)
    return re.sub(r"(?<=[.!?:])\n(?=[A-Z0-9•-])", "\n\n", text)


def _title_of_name(name: str) -> str:
    """A file's name as a title: without its date and language."""
    name = addresses.without_language(addresses.bare_name(name))
    return plain.line(re.sub(r"[-_\s]+", " ", name).strip().capitalize())
