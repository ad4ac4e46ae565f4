"""Local git repositories: new commits, annotated tags and changelog sections become items.

What is news is told by what was seen before (`material.sift`), not by where a branch stood: so a rewritten history, a
shallow clone or a change of branch brings nothing twice. Git itself reads the repository; it runs none of its hooks,
helpers or pagers and reaches no network, whatever the repository's own configuration asks for. Names and addresses of
authors are not taken over.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from twitter_manager.domain import Item
from twitter_manager.errors import SourceError
from twitter_manager.sources import plain, sections
from twitter_manager.sources.material import Collected, Look, Source, moment, sift

SECONDS = 20
"""For one question to git."""
MOST_COMMITS = 300
MOST_TAGS = 100
MOST_OUTPUT = 5 * 1024 * 1024
CHANGELOGS = ("CHANGELOG.md", "CHANGES.md", "HISTORY.md", "NEWS.md", "docs/CHANGELOG.md")
_SAFE = (
    "core.fsmonitor=false", "core.hooksPath=/dev/null", "protocol.allow=never", "log.showSignature=false",
    "gpg.program=false", "core.pager=cat", "core.alternateRefsCommand=false", "core.attributesFile=/dev/null",
)  # fmt: skip
_SIDE_FILES = "readme|changelog|contributing|licen[cs]e|makefile|todo|.?github|.?gitignore|tests?|docs?|comments?|ci"
_ROUTINE = re.compile(
    r"(?:fixup|squash|amend)!|(?:wip|tmp|typos?|lint|fmt|format|oops|nits?|minor|reverts?|merged?|initial commit)\b"
    r"|(?:bump|release|prepare|version)\b.{0,40}\d|v?\d+(?:\.\d+)+\S*\Z|.*[(\[](?:wip|in progress)[)\]]"
    r"|(?:chore|build|ci|style|tests?|docs?|refactor)(?:\([^)]*\))?!?:|clean(?:ed)? ?up\b.{0,12}\Z|line length"
    rf"|(?:{_SIDE_FILES})(?:\.\w+)?\s*:"
    rf"|(?:add|create|edit|fix|improve|tidy|update)s? (?:the )?(?:{_SIDE_FILES})\S*\s*\Z",
    re.IGNORECASE,
)
"""Subjects of commits that are no news to anybody outside."""
_BOT = re.compile(
    r"\[bot\]|\b(?:dependabot|renovate|pre-commit-ci|github-actions|greenkeeper|weblate)\b", re.IGNORECASE
)
_TRAILER = re.compile(
    r"[A-Za-z][A-Za-z-]*-(?:by|id|to|at|url|from)\s*:.*|(?:fixes|closes|refs?|see|bug|issue|cc)\s*:.*", re.I
)
_ADDRESS = re.compile(r"\s*(?:<[^<>\s]+@[^<>\s]+>|\([\w.+-]+@[\w.-]+\)|\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+)")


def collect(look: Look) -> Collected:
    """Look at a repository. Raises SourceError."""
    git = _Git(look.source)
    releases = {_version(item.title) or item.key: item for item in _tags(git, look.source)}
    releases |= {_version(item.title) or item.key: item for item in _changelog(git, look.source)}
    found = [*releases.values(), *_commits(git, look.source)]
    if not found and not git.has_commits():
        raise SourceError(f"{look.source.path} has no commits yet.", "Commit something, or take another repository.")
    items, seen = sift(found, look)
    return Collected(items, {"seen": seen}, complete="seen" not in look.state)


def _commits(git: _Git, source: Source) -> Iterator[Item]:
    if not git.has_commits():
        return
    form = "--format=%H%x00%cI%x00%an%x00%s%x00%b%x1e"
    answer = git("log", "--no-merges", f"--max-count={MOST_COMMITS}", form, "HEAD", "--")
    for record in answer.split("\x1e"):
        fields = record.strip("\n").split("\x00")
        if len(fields) != 5:
            continue
        key, when, author, subject, body = fields
        title = plain.line(_ADDRESS.sub("", subject))
        if not title or _ROUTINE.match(subject) or _BOT.search(author) or "This reverts commit" in body:
            continue
        text = _prose(body)
        yield _item(source, key, title, text or title, "commit", moment(when))


def _tags(git: _Git, source: Source) -> Iterator[Item]:
    """Annotated tags: a light one carries no words of its own."""
    form = "%(refname:short)%00%(objecttype)%00%(creatordate:iso-strict)%00%(contents:subject)%00%(contents:body)%1e"
    answer = git("for-each-ref", "--sort=-creatordate", f"--count={MOST_TAGS}", f"--format={form}", "refs/tags")
    for record in answer.split("\x1e"):
        fields = record.strip("\n").split("\x00")
        if len(fields) != 5 or fields[1] != "tag":
            continue
        name, _, when, subject, body = fields
        words = "\n\n".join(filter(None, (plain.line(_ADDRESS.sub("", subject), 500), _prose(body))))
        if len(words) >= sections.SHORTEST:
            yield _item(source, f"tag:{name}", f"Release {name}", words, "release", moment(when))


def _changelog(git: _Git, source: Source) -> Iterator[Item]:
    """The sections of the changelog that name a version, as the newest commit has it."""
    name = next(
        (name for name in CHANGELOGS if git.has_commits() and git.answers("cat-file", "-e", f"HEAD:{name}")), None
    )
    if name is None:
        return
    _, found = sections.of_markdown(_releases(git("cat-file", "blob", f"HEAD:{name}")))
    for section in found:
        if version := _version(section.heading):
            day = re.search(r"\b(\d{4}-\d{2}-\d{2})\b", section.heading)
            when = moment(day[1]) if day else None
            text = _ADDRESS.sub("", section.text)
            yield _item(source, f"changelog:{section.slug}", f"Release {version}", text, "release", when)


def _releases(changelog: str) -> str:
    """The changelog with the headings below a version's (Added, Fixed …) made plain lines, so that each version stays
    one section; older ones than the newest 100 are left out."""
    lines, level, versions = [], 0, 0
    for one in changelog.splitlines():
        heading = re.match(r"(#{1,6})\s+(.*)", one)
        if heading and _version(heading[2]):
            level, versions = len(heading[1]), versions + 1
        elif heading and level and len(heading[1]) > level:
            one = ""
        if versions > 100:
            break
        lines.append(one)
    return "\n".join(lines)


def _item(source: Source, key: str, title: str, text: str, kind: str, when: datetime | None) -> Item:
    return Item(
        source=source.name,
        key=key,
        text=plain.shorten(text, sections.LONGEST),
        title=title,
        label=source.label,
        kind=kind,
        published_at=when,
    )


def _prose(body: str) -> str:
    """A message's body without trailers, addresses, code and quoted logs."""
    lines = [line for line in body.splitlines() if not _TRAILER.fullmatch(line.strip())]
    lines = [line for line in lines if not line.startswith(("    ", "\t", ">", "```", "$ "))]
    text = re.sub(r"\n(?=[ ]{0,3}(?:[-*•]|\d+[.)])\s)", "\n\n", "\n".join(lines))
    paragraphs = plain.clean(_ADDRESS.sub("", text)).split("\n\n")
    return "\n\n".join(re.sub(r"\A(?:[-*•]|\d+[.)])\s+", "", paragraph) for paragraph in paragraphs)


def _version(words: str) -> str:
    """The version that a heading or a tag's title names, without its v; '' for `Unreleased` and the like."""
    found = re.search(r"(?<![\w.])v?(\d+(?:\.\d+)+(?:-?[A-Za-z]+\.?\d*)?)", words)
    return found[1] if found and "unreleased" not in words.casefold() else ""


class _Git:
    """Asks git about one repository, that of the folder itself and no folder above it."""

    def __init__(self, source: Source) -> None:
        assert source.path is not None
        self._path = source.path
        self._has_commits: bool | None = None
        if not self._path.is_dir():
            raise SourceError(f"{self._path} is not there.", "Mend its path in the bot file, or put it back.")
        self("rev-parse", "--git-dir")

    def has_commits(self) -> bool:
        if self._has_commits is None:
            self._has_commits = self.answers("rev-parse", "--verify", "--quiet", "HEAD^{commit}")
        return self._has_commits

    def answers(self, *words: str) -> bool:
        """Whether git ends well when asked this."""
        return self._run(words).returncode == 0

    def __call__(self, *words: str) -> str:
        done = self._run(words)
        if done.returncode:
            raise self._trouble(done.stderr.decode("utf-8", "replace"))
        return done.stdout[:MOST_OUTPUT].decode("utf-8", "replace")

    def _run(self, words: tuple[str, ...]) -> subprocess.CompletedProcess[bytes]:
        safe = [word for setting in _SAFE for word in ("-c", setting)]
        command = [
            "git",
            "--no-pager",
            "--no-replace-objects",
            "--literal-pathspecs",
            *safe,
            "-C",
            str(self._path),
            *words,
        ]
        try:
            return subprocess.run(
                command, env=_environment(self._path), stdin=subprocess.DEVNULL, capture_output=True, timeout=SECONDS,
                check=False,
            )  # fmt: skip
        except FileNotFoundError:
            raise SourceError("The program git is not there.", "Install git.") from None
        except subprocess.TimeoutExpired:
            raise SourceError(f"{self._path}: git did not answer within {SECONDS} seconds.") from None
        except OSError as error:
            raise SourceError(f"git can't be started ({error.strerror}).") from None

    def _trouble(self, stderr: str) -> SourceError:
        if "dubious ownership" in stderr:
            remedy = f"Run: git config --global --add safe.directory {self._path}"
            return SourceError(f"{self._path} belongs to another user, so git does not read it.", remedy)
        if "not a git repository" in stderr:
            return SourceError(f"{self._path} is no git repository.", 'Give its folder, or say kind = "files".')
        reason = plain.line(stderr, 150)
        return SourceError(f"{self._path}: git can't read it ({reason}).", "Look with: git fsck")


def _environment(path: Path) -> dict[str, str]:
    """What git needs, and nothing that could lead it elsewhere."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "XDG_CONFIG_HOME") if name in os.environ}
    return kept | {
        "LC_ALL": "C.UTF-8",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CEILING_DIRECTORIES": str(path.parent),
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_ATTR_NOSYSTEM": "1",
    }
