"""Local git repositories: releases become items (annotated tags, sections of the changelog), and commits where the
source says so.

What was seen before decides what is news (`material.select_news`), and not where a branch stood: so a rewritten
history, a shallow clone or a change of branch brings nothing twice. `git` reads a repository, `changelog` its
changelog, `routine` tells which commits are no news. Names and addresses of authors are not taken over.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from twitter_manager.domain import Item
from twitter_manager.errors import SourceError
from twitter_manager.sources import changelog, hosts, plain, projects, routine, sections
from twitter_manager.sources.charsets import to_utf8
from twitter_manager.sources.dates import as_utc
from twitter_manager.sources.git import Git
from twitter_manager.sources.material import Collected, Look, Source, select_news

MOST_COMMITS = 300
LONGEST_MESSAGE = 50_000
"""Characters of a commit's or tag's message that are read."""
_READER = 3
"""Raised when releases and commits are read otherwise."""
MOST_TAGS = 300
_NAMES = (
    "CHANGELOG.md", "CHANGES.md", "HISTORY.md", "NEWS.md", "RELEASES.md", "RELEASE_NOTES.md",
    "changelog.md", "Changelog.md", "changes.md", "history.md", "CHANGELOG.rst", "CHANGES.rst",
    "HISTORY.rst", "NEWS.rst", "changelog.rst", "changes.rst", "history.rst", "CHANGELOG",
    "CHANGES", "HISTORY", "NEWS", "ChangeLog", "CHANGELOG.txt", "CHANGES.txt", "NEWS.txt",
)  # fmt: skip
CHANGELOGS = (
    *(f"{folder}{name}" for folder in ("", "docs/", "doc/", "docs/source/", "doc/en/") for name in _NAMES),
    "debian/changelog",
)
_TRAILER = re.compile(
    r"[A-Za-z][A-Za-z-]*-(?:by|id|to|at|url|from)\s*:.*|(?:fixes|closes|refs?|see|bug|issue|cc)\s*:.*", re.I
)
_ADDRESS = re.compile(r"\s*(?:<[^<>\s]+@[^<>\s]+>|\([\w.+-]+@[\w.-]+\)|\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+)")


@dataclass(frozen=True, slots=True)
class _Tag:
    name: str
    published_at: datetime | None
    annotated: bool
    subject: str = ""
    body: str = ""


@dataclass(frozen=True, slots=True)
class _Repository:
    """What all items of a repository share."""

    source: Source
    project: str
    host: hosts.Host
    branch: str

    def item(self, key: str, title: str, text: str, kind: str, when: datetime | None, url: str = "") -> Item:
        return Item(
            source=self.source.name,
            key=key,
            text=text,
            title=title,
            url=url if self.source.link else "",
            label=self.source.label,
            kind=kind,
            published_at=when,
            project=self.project,
        )

    def release(self, key: str, version: str, entries: Iterable[str], when: datetime | None, url: str) -> Item:
        title = f"{self.project or 'Release'} {version}"
        return self.item(key, title, "\n\n".join(_fitting(entries)), "release", when, url)


def collect(look: Look) -> Collected:
    """Look at a repository. Raises SourceError."""
    assert look.source.path is not None
    git = Git(look.source.path)
    if not git.has_commits() and not git("for-each-ref", "--count=1", "refs/tags"):
        raise SourceError(f"{look.source.path} has no commits yet.", "Commit something, or take another repository.")
    repository = _repository(git, look.source)
    tags = list(_tags(git))
    releases = {changelog.version_in(item.title) or item.key: item for item in _annotated(repository, tags)}
    told_by_changelog, home = _changelog(git, repository, tags, look.now)
    releases |= told_by_changelog
    commits = list(_commits(git, repository)) if look.source.commits else []
    if not releases and not look.source.commits and "seen" not in look.state:
        look.warn("No release is told here (an annotated tag, a changelog); commits = true takes its commits.")
    items_there = [*releases.values(), *commits]
    items, seen = select_news(
        items_there, look, home=home, reader=_READER, doubtful=lambda item: item.published_at is None
    )
    # Read by other rules than before, all that is there is given: the rest (commits, once) goes.
    anew = "seen" not in look.state or look.state.get("reader") != _READER
    return Collected(items, {"reader": _READER, "seen": seen}, complete=anew)


def _repository(git: Git, source: Source) -> _Repository:
    host = hosts.of_remote(git.setting("remote.origin.url"))
    project = projects.name([""], git.file, known=(source.called, host.name))
    branch = git("symbolic-ref", "--short", "-q", "HEAD").strip() if git.answers("symbolic-ref", "-q", "HEAD") else ""
    return _Repository(source, project, host, branch)


# -- releases ------------------------------------------------------------------------------------------------


def _tags(git: Git) -> Iterator[_Tag]:
    form = "%(refname:strip=2)%00%(objecttype)%00%(creatordate:iso-strict)%00%(contents:subject)%00%(contents:body)%1e"
    answer = git("for-each-ref", "--sort=-creatordate", f"--count={MOST_TAGS}", f"--format={form}", "refs/tags")
    for name, kind, when, subject, body in _records(answer):
        yield _Tag(name, as_utc(when), kind == "tag", subject, body)


def _records(answer: str) -> Iterator[list[str]]:
    """What git lists in five fields each; what follows the last mark was cut off."""
    for record in answer.split("\x1e")[:-1]:
        fields = record.strip("\n").split("\x00")
        if len(fields) == 5:
            yield [field[:LONGEST_MESSAGE] for field in fields]


def _annotated(repository: _Repository, tags: Iterable[_Tag]) -> Iterator[Item]:
    """Tags with words of their own; a light one carries none."""
    for tag in tags:
        version = changelog.version_in(tag.name) or tag.name
        entries = _tag_entries(tag) if tag.annotated and not _preliminary(version) else []
        if sum(map(len, entries)) >= sections.SHORTEST:
            url = repository.host.tag(tag.name)
            yield repository.release(f"tag:{tag.name}", version, entries, tag.published_at, url)


def _tag_entries(tag: _Tag) -> list[str]:
    subject = plain.line(_ADDRESS.sub("", tag.subject), 500)
    named = changelog.version_in(subject) and len(subject.split()) <= 5  # "Release 1.2", "tool v1.2"
    words = _without_trailers(_ADDRESS.sub("", tag.body))
    return [*([] if named or not subject else changelog.entries(subject)), *changelog.entries(words)]


def _changelog(git: Git, repository: _Repository, tags: list[_Tag], now: datetime) -> tuple[dict[str, Item], str]:
    """The versions that the changelog tells, as the newest commit has it, and the changelog's own address."""
    name, releases = next(_changelogs(git), ("", []))
    home = repository.host.file(name, repository.branch) if name else ""
    tagged = {version: tag for tag in reversed(tags) if (version := changelog.version_in(tag.name))}
    items: dict[str, Item] = {}
    for release in releases:
        tag = _tag_of(release.version, tagged)
        when = release.published_at or (tag.published_at if tag else None)
        if release.version in items or not _is_out(release, tag, tagged, now):
            continue
        url = repository.host.tag(tag.name) if tag else home
        key = f"changelog:{sections.slug(release.heading)}"
        items[release.version] = repository.release(key, release.version, release.entries, when, url)
    return items, home


def _changelogs(git: Git) -> Iterator[tuple[str, list[changelog.Release]]]:
    """The files with a usual name that tell versions, as the newest commit has them."""
    if not git.has_commits():
        return
    there = set(git("ls-tree", "-r", "--name-only", "-z", "HEAD", "--", *CHANGELOGS).split("\0"))
    for name in CHANGELOGS:
        content = git.file(name) if name in there else None
        if content and (releases := changelog.releases(to_utf8(content).decode("utf-8", "replace"), name)):
            yield name, releases


def _tag_of(version: str, tagged: Mapping[str, _Tag]) -> _Tag | None:
    short = re.sub(r"(?:\.0)+\Z", "", version)
    return tagged.get(version) or next(
        (tag for name, tag in tagged.items() if re.sub(r"(?:\.0)+\Z", "", name) == short), None
    )


def _is_out(release: changelog.Release, tag: _Tag | None, tagged: Mapping[str, _Tag], now: datetime) -> bool:
    """Whether a version is released: its day has come, or it has a tag, or nothing here has tags."""
    if _preliminary(release.version):
        return False
    if release.published_at is not None:
        return release.published_at <= now
    return tag is not None or not tagged


def _preliminary(version: str) -> bool:
    return re.search(r"\d[-.]?(?:a|alpha|b|beta|c|rc|dev|pre|preview)[-.]?\d*\Z", version, re.IGNORECASE) is not None


def _fitting(entries: Iterable[str]) -> Iterator[str]:
    """The entries that fit into an item, each whole."""
    left = sections.LONGEST
    for entry in entries:
        if len(entry) + 2 <= left:
            left -= len(entry) + 2
            yield entry


# -- commits -------------------------------------------------------------------------------------------------


def _commits(git: Git, repository: _Repository) -> Iterator[Item]:
    if not git.has_commits():
        return
    form = "--format=%H%x00%cI%x00%an%x00%s%x00%b%x1e"
    answer = git("log", "--no-merges", "--encoding=UTF-8", f"--max-count={MOST_COMMITS}", form, "HEAD", "--")
    for key, when, author, subject, body in _records(answer):
        title = plain.line(re.sub(r"`+([^`]+)`+", r"\1", _ADDRESS.sub("", subject)))
        if "\ufffd" in title or not routine.is_news(title) or routine.is_bot(author) or "This reverts commit" in body:
            continue
        yield repository.item(
            key, title, plain.shorten(_prose(body) or title, sections.LONGEST), "commit", as_utc(when)
        )


def _prose(body: str) -> str:
    """A message's body without trailers, addresses, code and quoted logs."""
    lines = _without_trailers(body).splitlines()
    lines = [line for line in lines if not line.startswith(("    ", "\t", ">", "```", "$ "))]
    text = re.sub(r"\n(?=[ ]{0,3}(?:[-*•]|\d+[.)])\s)", "\n\n", "\n".join(lines))
    paragraphs = plain.clean(_ADDRESS.sub("", text)).split("\n\n")
    entries = (re.sub(r"\A(?:[-*•]|\d+[.)])\s+", "", paragraph) for paragraph in paragraphs)
    return "\n\n".join(paragraph for paragraph in entries if "\ufffd" not in paragraph)


def _without_trailers(body: str) -> str:
    return "\n".join(line for line in body.splitlines() if not _TRAILER.fullmatch(line.strip()))
