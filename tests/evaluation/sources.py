"""Sources as people have them, made of a package's files: feeds of releases and articles, pages, folders, repositories.

The dates of feed entries are ours, one a day: a package does not say when each was public.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from email.utils import format_datetime
from html import escape
from pathlib import Path
from typing import NamedTuple

from tests.sources.web import Site
from twitter_manager.domain import Json

MOST = 30
"""Entries of a feed, pages of a site, commits of a repository."""
METADATA = ("pyproject.toml", "package.json", "setup.cfg")
"""Lie beside documents in a project's folder, and are none."""
NEWS: Mapping[str, int] = {"backfill": MOST, "max_age_days": 3650}
_BLOCKS = ("p", "ul", "ol", "pre", "dl", "table", "blockquote")
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")


def table(bot: Json, package: Path, place: Path, site: Site, now: datetime) -> Json:
    """The `[[sources]]` table of a bot of the set; what it reads is made: on the site, or in the folder `place`."""
    if bot["source"] == "starter":
        return {"kind": "starter"}
    kind, name, home = bot["source"], bot["title"], bot.get("home", f"https://{bot['name']}.example")
    paths = [path for pattern in bot["files"] for path in sorted(package.glob(pattern)) if path.is_file()]
    if kind in ("releases", "articles"):
        entries = list(releases(paths[0], home) if kind == "releases" else articles(paths, name, home))
        text = feed(bot["form"], name, bot["language"], home, entries, now - timedelta(hours=3))
        media = "application/feed+json" if bot["form"] == "json" else f"application/{bot['form']}+xml"
        return {"kind": "rss", "url": site.put("/feed", text, content_type=media), "name": name, **NEWS}
    if kind == "pages":
        urls = [site.put(f"/{bot['name']}/{path.name}", path.read_bytes()) for path in paths[:MOST]]
        return {"kind": "web", "urls": urls, "name": name}
    if kind == "files":
        for path in [*paths, *(one for beside in METADATA for one in package.glob(f"*/{beside}"))]:
            copy = place / path.relative_to(package)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, copy)
        root = place if bot["package"].startswith("deb") else next(place.iterdir())
        more: Json = {key: bot[key] for key in ("base_url", "patterns") if key in bot}
        return {"kind": "files", "path": str(root), "name": name, **more}
    repository(place, paths, home + ".git", bot["package"].partition("==")[2], now)
    return {"kind": "git", "path": str(place), "name": name, "commits": kind == "commits", **NEWS}


class Entry(NamedTuple):
    """An entry of a feed."""

    title: str
    html: str
    link: str


def html_of(path: Path) -> str:
    """A document as its site would show it. Sphinx's roles, which docutils does not know, become code."""
    text = path.read_text("utf-8", "replace")
    if path.suffix == ".html":
        return text
    if path.suffix == ".md":
        from markdown_it import MarkdownIt

        return str(MarkdownIt("gfm-like", {"linkify": False}).render(text))
    from docutils.core import publish_parts

    text = re.sub(r":[a-z:+-]{1,40}:`~?([^`<]{1,300}?)(?:\s*<[^`>]{1,300}>)?`", r"``\1``", text)
    quiet = {"report_level": 5, "halt_level": 6, "file_insertion_enabled": False, "raw_enabled": False}
    return str(publish_parts(text, writer="html5", settings_overrides=quiet)["html_body"])


def releases(path: Path, home: str) -> Iterator[Entry]:
    """The versions of a changelog as a forge's feed of releases gives them: the version, and what is below it."""
    title, level = "", 0
    parts: list[str] = []
    for tag, words, block in _blocks(html_of(path)):
        depth = _HEADINGS.index(tag) if tag in _HEADINGS else 9
        version = re.search(r"\bv?\d+\.\d+[\w.]*", words) if depth < 9 else None
        if version and (not title or depth <= level):
            if title and parts:
                yield Entry(title, "".join(parts), f"{home}/releases/tag/{title}")
            title, level, parts = version[0], depth, []
        elif title:
            parts.append(block)
    if title and parts:
        yield Entry(title, "".join(parts), f"{home}/releases/tag/{title}")


def articles(paths: Sequence[Path], name: str, home: str) -> Iterator[Entry]:
    """Each document as an entry: its title (Nikola's comment, or the first heading but the site's name), and all."""
    for path in paths:
        blocks = list(_blocks(html_of(path)))
        named = re.search(r"^\.\. title: (.+)$", path.read_text("utf-8", "replace"), re.MULTILINE)
        title = (
            named[1] if named else next((words for tag, words, _ in blocks if tag in _HEADINGS and words != name), "")
        )
        rest = [block for _, words, block in blocks if words != title]
        if title and rest:
            yield Entry(title, "".join(rest), f"{home}/{path.stem}.html")


def _blocks(html: str) -> Iterator[tuple[str, str, str]]:
    """Headings and blocks in order: tag, words, HTML."""
    from lxml import html as parser

    for element in parser.document_fromstring(html.encode(), parser.HTMLParser(encoding="utf-8")).iter(
        *_HEADINGS, *_BLOCKS
    ):
        if not any(above.tag in (*_BLOCKS, *_HEADINGS) for above in element.iterancestors()):
            words = " ".join(element.text_content().replace("¶", "").split())
            yield element.tag, words, parser.tostring(element, encoding="unicode", with_tail=False)


def feed(form: str, name: str, language: str, home: str, entries: Sequence[Entry], newest: datetime) -> str:
    """An Atom, RSS or JSON feed; that of RSS has a description beside the whole."""
    dated = [(entry, newest - timedelta(days=at)) for at, entry in enumerate(entries[:MOST])]
    if form == "json":
        items = [
            {"id": e.link, "url": e.link, "title": e.title, "content_html": e.html, "date_published": when.isoformat()}
            for e, when in dated
        ]
        version = "https://jsonfeed.org/version/1.1"
        return json.dumps(
            {"version": version, "title": name, "home_page_url": home, "language": language, "items": items}
        )
    if form == "rss":
        body = "".join(
            f"<item><title>{escape(e.title)}</title><link>{escape(e.link)}</link><guid>{escape(e.link)}</guid>"
            f"<pubDate>{format_datetime(when)}</pubDate><description>{escape(_first(e.html))}</description>"
            f"<content:encoded>{escape(e.html)}</content:encoded></item>"
            for e, when in dated
        )
        return (
            '<?xml version="1.0"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>'
            f"<title>{escape(name)}</title><link>{home}</link><language>{language}</language>{body}</channel></rss>"
        )
    body = "".join(
        f"<entry><id>{escape(e.link)}</id><updated>{when.isoformat()}</updated><title>{escape(e.title)}</title>"
        f'<link rel="alternate" type="text/html" href="{escape(e.link)}"/>'
        f'<content type="html">{escape(e.html)}</content></entry>'
        for e, when in dated
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{language}">'
        f'<id>{home}</id><title>{escape(name)}</title><link href="{home}"/>{body}</feed>'
    )


def _first(html: str) -> str:
    """The first paragraph, as many sites make their description."""
    return next((block for tag, _, block in _blocks(html) if tag == "p"), "")


def repository(folder: Path, files: Sequence[Path], remote: str, version: str, newest: datetime) -> None:
    """A clone as a person has it: the project's files, its newest version as a tag, and the subjects that a ChangeLog
    made by pbr lists (newest first) as commits again."""
    folder.mkdir(parents=True)
    for path in files:
        if path.name != "ChangeLog":
            shutil.copy(path, folder / path.name)
    _git(folder, "init", "-q", "-b", "main")
    _git(folder, "remote", "add", "origin", remote)
    _git(folder, "add", ".")
    _git(folder, "commit", "-q", "-m", f"Release {version}")
    _git(folder, "tag", f"v{version}")
    logs = [path.read_text("utf-8", "replace") for path in files if path.name == "ChangeLog"]
    subjects = re.findall(r"^\* (.+)$", "".join(logs), re.MULTILINE)[: MOST * 2]
    for at, subject in reversed(list(enumerate(subjects))):
        day = (newest - timedelta(days=at)).isoformat()
        _git(folder, "commit", "-q", "--allow-empty", f"--date={day}", "-m", subject, day=day)


def _git(folder: Path, *words: str, day: str = "") -> None:
    who = {f"GIT_{role}_{what}": "a@b.example" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    plain = {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1"} | (
        {"GIT_COMMITTER_DATE": day} if day else {}
    )
    subprocess.run(["git", "-C", folder, *words], check=True, capture_output=True, env=os.environ | who | plain)
