"""Git repositories: real ones, made for the test, some of them hostile."""

from __future__ import annotations

import os
import shutil
import subprocess
import tracemalloc
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.sources.looks import NOW, Watcher, by_key
from twitter_manager.errors import SourceError
from twitter_manager.sources import Source
from twitter_manager.sources.git import Git


class Repository:
    """A repository with a clock of its own."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.now = NOW - timedelta(days=5)
        path.mkdir(parents=True)
        self("init", "-q", "-b", "main")

    def __call__(self, *words: str, author: str = "Ada Lovelace <ada@secret.example>") -> str:
        name, _, mail = author.partition(" <")
        who = {f"GIT_{role}_{key}": value for role in ("AUTHOR", "COMMITTER") for key, value in
               (("NAME", name), ("EMAIL", mail.rstrip(">")), ("DATE", self.now.isoformat()))}  # fmt: skip
        clean = {"PATH": os.environ["PATH"], "HOME": str(self.path), "GIT_CONFIG_NOSYSTEM": "1"}
        return subprocess.run(
            ["git", *words], cwd=self.path, env=clean | who, check=True, capture_output=True, text=True
        ).stdout

    def commit(self, message: str, author: str = "Ada Lovelace <ada@secret.example>") -> str:
        self.now += timedelta(minutes=15)
        self("commit", "-q", "--allow-empty", "-m", message, author=author)
        return self("rev-parse", "HEAD").strip()

    def write(self, name: str, text: str, message: str = "Write a file") -> None:
        (self.path / name).write_text(text)
        self("add", name)
        self.commit(message)

    def tag(self, name: str, message: str = "") -> None:
        self.now += timedelta(minutes=10)
        self("tag", name, *(("-a", "-m", message) if message else ()))


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    made = Repository(tmp_path / "project")
    made.commit("Start")
    return made


def watch(repository: Repository | Path, **settings: Any) -> Watcher:
    path = repository if isinstance(repository, Path) else repository.path
    return Watcher(Source("git", "project", path=path, **{"commits": True, **settings}))


def test_what_is_not_there_costs_no_program(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder is listed once; then git is asked for what is there alone, in folders too."""
    (repository.path / "docs").mkdir()
    repository.write("docs/conf.py", "project = 'Reader'")
    repository.write("doc", "No folder.")
    git = Git(repository.path)
    assert git.file("docs/conf.py") == b"project = 'Reader'" and git.file("doc") == b"No folder."
    assert git.file("docs") is None and git.file("doc/conf.py") is None
    monkeypatch.setenv("PATH", "")  # from here on no git is found
    names = ("README.md", "docs/index.md", "docs/source/conf.py", "doc/README.md", "conf.py")
    assert [git.file(name) for name in names] == [None] * len(names)
    with pytest.raises(SourceError, match="not there"):
        git.file("doc")


def test_commits_become_items(repository: Repository) -> None:
    """Subject and body, date and hash; no name, no address, no trailer, no quoted code."""
    message = """Retry an upload that broke off (thanks bob@private.example)

It used to lose the file. Now it asks three times,
with a pause in between.

- The first try is immediate.
- Others wait a second.

    code = 1

Mail me at eve@private.example for more.

Signed-off-by: Ada <ada@secret.example>
Co-authored-by: B <b@c.example>
Fixes: #12"""
    key = repository.commit(message)
    item = by_key(watch(repository).look())[key]
    assert (item.kind, item.source, item.published_at) == ("commit", "project", repository.now)
    assert item.title == "Retry an upload that broke off (thanks)"
    assert item.text == (
        "It used to lose the file. Now it asks three times, with a pause in between.\n\n"
        "The first try is immediate.\n\nOthers wait a second.\n\nMail me at for more."
    )
    assert "@" not in item.text + item.title and "Ada" not in item.text and "Fixes" not in item.text


def test_code_in_a_commits_subject_is_shown_as_words(repository: Repository) -> None:
    """Without the marks that only a renderer takes away."""
    repository.commit("Let `dates` take any ``calendar`` there is")
    assert watch(repository).look().items[0].title == "Let dates take any calendar there is"


READ = ["Read dates of any calendar", "Write a file at once"]
"""What a user of the program cares for."""
ROUTINE = [
    ("Merge branch 'x'", ""), ('Revert "Add a thing"\n\nThis reverts commit abc.', ""), ("fixup! Add a thing", ""),
    ("WIP", ""), ("typo", ""), ("chore: tidy", ""), ("ci(linux): newer image", ""), ("Bump requests to 2.34.2", ""),
    ("1.4.2", ""), ("v2.0.0-rc1", ""), ("Release 1.4.2", ""), ("Initial commit", ""), ("style: blanks", ""),
    ("docs: say what it needs", ""), ("refactor(core)!: move it", ""), ("README: what was found", ""),
    ("Update README.md", ""), ("Clean up", ""), ("Add a verb (in progress)", ""), ("Merged the branch", ""),
    ("tests: one more case", ""), ("Minor fixes", ""), ("Line length", ""),
    ("Update a dependency", "dependabot[bot] <x@y.example>"), ("Update a dependency", "renovate <x@y.example>"),
]  # fmt: skip
UNSEEN = [
    "Apply suggestions from code review", "Fix flaky test", "Fix the bug", "Fix some more issues",
    "Add more tests for dates",
    "Rename _build to _make in the reader", "Add type hints to reader and writer",
    "Fix lint errors in the reader",
    "Fix the build on the new machine (#12) again", "Address review comments of the last days", "fix: typo",
    "feat(ci): run the jobs at night only", "Add parser.py and its helpers", "Move reader into its own module",
    "Everything is in its place now", "Update the documentation of dates", "comments",
    "More work on the reader part 2",
    "fix(deps): use the newer one of them", "Fix for #12", "Drop it", "Remove unused imports of the reader",
]  # fmt: skip
SEEN = [
    "feat(parser): read dates of any calendar", "Clean up temporary files on exit",
    "parser: handle empty input files",
    "fix: keep the order of the columns", "Remove support for Python 3.8", "Allow more than one file at a time",
    "Deprecate the old flag for quiet runs", "Support dates of any calendar (#12)",
    "perf: open large files twice as fast",
]  # fmt: skip


def news_of(repository: Repository, commits: Sequence[tuple[str, str]]) -> list[str]:
    """What a look makes of these messages and authors, which came after one look."""
    watcher = watch(repository)
    watcher.look()
    for message, author in commits:
        repository.commit(message, author or "Ada Lovelace <ada@secret.example>")
    return sorted(watcher.news())


def test_routine_is_no_news(repository: Repository) -> None:
    """Merges, reverts, leftovers, version numbers and what programs commit, between two commits that are news."""
    assert news_of(repository, [(READ[0], ""), *ROUTINE, (READ[1], "")]) == READ


def test_what_no_user_of_the_program_cares_for_is_no_news(repository: Repository) -> None:
    """Work on the tests, the code and its neighbourhood; what says too little; names only the code knows."""
    assert news_of(repository, [(message, "") for message in (READ[0], *UNSEEN, READ[1])]) == READ


def test_what_a_user_of_the_program_would_read_is_news(repository: Repository) -> None:
    """A change of the program itself, in at least four words."""
    assert news_of(repository, [(message, "") for message in SEEN]) == sorted(SEEN)


def test_merges_are_left_out_and_their_commits_are_not(repository: Repository) -> None:
    """A merge says nothing that its commits don't say."""
    watcher = watch(repository)
    watcher.look()
    repository("checkout", "-q", "-b", "side")
    repository.commit("Add a side door to it")
    repository("checkout", "-q", "main")
    repository.commit("Add a main door to it")
    repository("merge", "-q", "--no-ff", "-m", "Two doors now", "side")
    assert sorted(watcher.news()) == ["Add a main door to it", "Add a side door to it"]


def test_annotated_tags_and_the_changelog_are_releases(repository: Repository) -> None:
    """A tag with words and a changelog's section become a release each; for one version the changelog wins; a light
    tag and what is unreleased say nothing."""
    watcher = watch(repository, backfill=0)
    watcher.look()
    changelog = """# Changelog

## [Unreleased]

Things that nobody has yet, and that may never come to be.

## [1.2.0] - 2026-11-20

### Added

- The parser reads dates of any calendar that has months.

### Fixed

- An empty file is no error any more.

## 1.1.0 (2020-01-01)

Old things happened here, long before anybody looked at them.
"""
    repository.write("CHANGELOG.md", changelog, "chore: changelog")
    repository.tag("v1.2.0", "The same release, in the words of the tag.")
    repository.tag("v1.3.0", "Faster dates\n\nDates are read twice as fast as before, in any calendar.")
    repository.tag("light")
    found = by_key(watcher.look(after=timedelta(hours=1)))
    releases = {key: item for key, item in found.items() if item.kind == "release" and item.postable}
    assert {item.title for item in releases.values()} == {"Release 1.2.0", "Release 1.3.0"}
    section = next(item for key, item in releases.items() if key.startswith("changelog:1-2-0"))
    assert section.text.split("\n\n") == [
        "Added: The parser reads dates of any calendar that has months.",
        "Fixed: An empty file is no error any more.",
    ]  # fmt: skip
    assert found["tag:v1.3.0"].text == "Faster dates\n\nDates are read twice as fast as before, in any calendar."
    assert watcher.news() == []


def test_commits_are_no_material_unless_the_source_says_so(repository: Repository) -> None:
    """By default releases alone; where there is none, a line says what to do, once."""
    watcher = watch(repository, commits=False)
    repository.commit("Speed up the parser of dates")
    assert watcher.look().items == () and "commits = true" in watcher.warnings[0]
    watcher.look()
    assert len(watcher.warnings) == 1


CHANGES = """# Changelog

## [Unreleased]
- Something that nobody has yet, whatever it is.

## 1.1.0

### Removed
- Support for Python 2.7 and 3.5 (#12)

## 1.0.0 - 2026-11-10 [YANKED]
- A release that was taken back on the same day.

## 0.9.0 - 2026-11-01
- The reader of dates is there.
"""


def test_a_release_says_which_project_and_where(repository: Repository) -> None:
    """The name from the metadata as the README writes it, the address of the tag or of the changelog, the tag's day."""
    repository.write("CHANGELOG.md", CHANGES)
    repository.write("pyproject.toml", '[project]\nname = "date-tool"\n')
    repository.write("README.md", "# Date Tool\n\nReads dates.\n")
    repository("remote", "add", "origin", "https://someone:secret@github.com/someone/tool.git")
    repository.tag("v1.1.0")
    releases = watch(repository, commits=False).look().items
    assert [(item.title, item.url, item.text) for item in releases] == [
        ("Date Tool 1.1.0", "https://github.com/someone/tool/releases/tag/v1.1.0",
         "Removed: Support for Python 2.7 and 3.5"),
        ("Date Tool 0.9.0", "https://github.com/someone/tool/blob/main/CHANGELOG.md", "The reader of dates is there."),
    ]  # fmt: skip
    assert releases[0].published_at == repository.now - timedelta(minutes=10)  # a light tag's day is its commit's
    assert releases[0].project == "Date Tool"
    assert watch(repository, commits=False, link=False).look().items[0].url == ""


@pytest.mark.parametrize(
    ("readme", "name", "expected"),
    [
        ("It finds lines in any text that a program writes.\n\nHighlights of it\n---\n\n- Fast", "project", "seek"),
        ("# Getting started\n\nIt finds lines.\n", "project", "seek"),
        ("# Seek\n\nIt finds lines.\n", "project", "Seek"),
        ("# The Fine Finder\n\nIt finds lines.\n", "Fine Seek", "Fine Seek"),
    ],
)
def test_a_heading_that_agrees_with_neither_person_nor_remote_names_no_release(
    repository: Repository, readme: str, name: str, expected: str
) -> None:
    """Without metadata the person's name counts, then the remote's; a README's heading only tells how it is spelt."""
    repository.write("CHANGELOG.md", CHANGES)
    repository.write("README.md", readme)
    repository("remote", "add", "origin", "https://github.com/someone/seek.git")
    source = Source("git", name, path=repository.path)
    assert {item.project for item in Watcher(source).look().items} == {expected}


def test_a_version_without_a_day_and_a_tag_is_not_out(repository: Repository) -> None:
    """The changelog is written before the release: it is news on the day of its tag."""
    repository.write("CHANGELOG.md", CHANGES)
    repository.tag("v0.9.0")
    watcher = watch(repository, commits=False)
    assert [item.title for item in watcher.look().items] == ["Release 0.9.0"]
    repository.tag("v1.1.0")
    assert watcher.news() == ["Release 1.1.0"]


def test_the_commits_of_an_older_edition_go(repository: Repository) -> None:
    """Who was looked at when commits were material gets all that is material now, once, and nothing becomes news."""
    repository.write("CHANGELOG.md", CHANGES)
    watcher = watch(repository, commits=False)
    watcher.look()
    del watcher.state["reader"]
    again = watcher.look()
    assert again.complete and len(again.items) == 2 and not any(item.postable for item in again.items)
    assert not watcher.look().complete


def test_a_commit_in_another_encoding_is_read_as_it_was_written(repository: Repository) -> None:
    """Git knows the encoding and converts."""
    repository("config", "i18n.commitEncoding", "ISO-8859-1")
    watcher = watch(repository)
    watcher.look()
    (repository.path / "message").write_bytes(
        "Read greetings from Köln with ümlauts\n\nAlso Zürich.\n".encode("latin-1")
    )
    repository.now += timedelta(minutes=1)
    repository("commit", "-q", "--allow-empty", "-F", "message")
    assert watcher.news() == ["Read greetings from Köln with ümlauts"]


def test_a_rewritten_history_brings_nothing_twice(repository: Repository) -> None:
    """The same commits under other hashes are no news; a really new one among them is."""
    repository.commit("Speed up the parser of dates")
    watcher = watch(repository)
    watcher.look()
    repository.now += timedelta(hours=1)
    repository("commit", "-q", "--amend", "--allow-empty", "--reset-author", "--no-edit")
    repository.commit("Read dates of any calendar")
    assert watcher.news() == ["Read dates of any calendar"]


def test_old_commits_that_arrive_late_are_no_news(repository: Repository) -> None:
    """A branch of last year that is merged today, or a deeper clone."""
    watcher = watch(repository, max_age_days=3)
    watcher.look()
    repository.now -= timedelta(days=300)
    repository.commit("Add an old idea at last")
    assert watcher.news() == []


def test_a_shallow_clone_and_a_bare_one_are_read(repository: Repository, tmp_path: Path) -> None:
    """Whatever is there of a history is enough."""
    repository.commit("Speed up the parser of dates")
    for words, name in ((["--depth", "1"], "shallow"), (["--bare"], "bare")):
        subprocess.run(
            ["git", "clone", "-q", *words, repository.path.as_uri(), tmp_path / name], check=True, capture_output=True
        )
        assert "Speed up the parser of dates" in [item.title for item in watch(tmp_path / name).look().items]


def test_what_is_no_repository_is_a_clear_line(repository: Repository, tmp_path: Path) -> None:
    """Gone, a plain folder, a folder within a repository, one without commits, one that is damaged."""
    plain = tmp_path / "plain"
    plain.mkdir()
    inner = repository.path / "inner"
    inner.mkdir()
    empty = Repository(tmp_path / "empty")
    for path, words in ((tmp_path / "gone", "not there"), (plain, "no git repository"), (inner, "no git repository"),
                        (empty.path, "no commits yet")):  # fmt: skip
        with pytest.raises(SourceError, match=words):
            watch(path).look()
    for name in (repository.path / ".git/objects").rglob("*"):
        if name.is_file():
            name.chmod(0o600)
            name.write_bytes(b"garbage")
    with pytest.raises(SourceError, match=r"can't read it|no commits"):
        watch(repository).look()


def test_the_repositorys_configuration_runs_nothing(repository: Repository, tmp_path: Path) -> None:
    """A repository from elsewhere may name programs in its configuration: none of them runs."""
    ran = tmp_path / "ran"
    program = tmp_path / "evil"
    signature = "-----BEGIN PGP SIGNATURE-----\\n\\nx\\n-----END PGP SIGNATURE-----\\n"
    reads = 'case "$*" in *-bsau*) cat >/dev/null ;; esac'  # or git, still writing the commit to it, would give up
    program.write_text(
        f"#!/bin/sh\ntouch {ran}\n{reads}\nprintf '[GNUPG:] SIG_CREATED \\n' >&2\nprintf -- '{signature}'\n"
    )
    program.chmod(0o755)
    settings = ["core.fsmonitor", "core.pager", "pager.log", "core.sshCommand", "gpg.program", "diff.external",
                "core.editor", "log.showSignature=true", "core.alternateRefsCommand", "uploadpack.packObjectsHook",
                "diff.x.textconv", "filter.x.smudge", "filter.x.clean", "credential.helper",
                "core.hooksPath"]  # fmt: skip
    for setting in settings:
        name, _, value = setting.partition("=")
        repository("config", name, value or str(program))
    (repository.path / ".gitattributes").write_text("* diff=x filter=x\n")
    for hook in ("post-checkout", "reference-transaction", "post-index-change"):
        (repository.path / ".git/hooks").mkdir(exist_ok=True)
        (repository.path / ".git/hooks" / hook).symlink_to(program)
    repository("config", "--unset", "core.hooksPath")
    repository("config", "--unset", "core.fsmonitor")
    repository("commit", "-q", "-S", "--allow-empty", "-m", "Add a commit with a signature")
    assert ran.exists()  # git itself does run it
    ran.unlink()
    assert "Add a commit with a signature" in [item.title for item in watch(repository).look().items]
    assert not ran.exists()


def test_the_environment_does_not_lead_elsewhere(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """GIT_DIR and the like, left over from a hook that started us, are not followed."""
    other = Repository(tmp_path / "other")
    other.commit("Add a commit of the other one")
    monkeypatch.setenv("GIT_DIR", str(other.path / ".git"))
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "core.pager")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "false")
    repository.commit("Add a commit of this one")
    assert [item.title for item in watch(repository).look().items] == ["Add a commit of this one"]


def test_hostile_messages_are_plain_text(repository: Repository) -> None:
    """Separators of our own, escapes, other directions of writing, a long line: nothing breaks."""
    repository.commit("Add an odd \x1b[31m subject \u202e here\n\nBody with \x1e and \x1f inside it, " + "long " * 3000)
    repository.commit("Add a plain one too")
    titles = [item.title for item in watch(repository).look().items]
    assert "Add a plain one too" in titles and all(title.isprintable() for title in titles)


def test_what_git_says_is_cut_while_it_is_read(repository: Repository) -> None:
    """Forty megabytes of commit messages never lie in memory; the newest ones are whole, and read."""
    body = "x" * (2 * 2**20)
    stream = ""
    for n in range(20):
        text = f"Add support for more dates {n}\n\n{body}"
        stream += f"commit refs/heads/big\ncommitter A <a@b.c> {1_790_000_000 + n} +0000\ndata {len(text)}\n{text}\n"
    subprocess.run(["git", "fast-import", "--quiet"], cwd=repository.path, input=stream.encode(), check=True)
    repository("checkout", "-q", "big")
    tracemalloc.start()
    found = watch(repository).look()
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert {item.title for item in found.items} == {f"Add support for more dates {n}" for n in (18, 19)}
    assert most < 60 * 2**20


@pytest.mark.parametrize("how", ["worktree", "link", "commondir", "objects", "loop"])
def test_a_repository_that_lies_elsewhere_is_refused(repository: Repository, tmp_path: Path, how: str) -> None:
    """A planted .git could show what another repository keeps: a worktree, a submodule and links are named as such."""
    folder = tmp_path / "planted"
    git = folder / ".git"
    if how == "worktree":
        repository("worktree", "add", "-q", str(folder))
    elif how == "link":
        folder.mkdir()
        git.symlink_to(repository.path / ".git")
    elif how == "loop":
        folder.mkdir()
        git.symlink_to(git)
    else:
        Repository(folder).commit("Start")
        if how == "commondir":
            (git / "commondir").write_text(str(repository.path / ".git"))
        else:
            shutil.rmtree(git / "objects")
            (git / "objects").symlink_to(repository.path / ".git" / "objects")
    with pytest.raises(SourceError, match=r"leads out of it\. Give the folder"):
        watch(folder).look()


def test_no_protocol_is_allowed_to_git(repository: Repository) -> None:
    """Even where the repository's own configuration allows one."""
    repository("config", "protocol.file.allow", "always")
    with pytest.raises(SourceError, match="not allowed"):
        Git(repository.path)("ls-remote", f"file://{repository.path}")
