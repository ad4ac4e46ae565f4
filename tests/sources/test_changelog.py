"""Changelogs and release notes in every form that projects write them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.bounds import soon
from twitter_manager.sources import changelog

KEEP = """# Changelog

## [Unreleased]

### Added
- Nothing that anybody has yet, only an idea.

## [2.1.0] - 2026-11-02

This release is about dates.

### Removed

- Support for Python 2.7 and 3.5
- Parser:
  - the old flag for quiet runs

### Fixed
- An empty file is no error any more, which it was
  since the beginning ([#12](https://example.org/12))

  This paragraph belongs to it and is now reverted.
- Reading failed for:
  - files without an end
  - files without a name
### Internal
- The tests run twice as fast as before.

## 2.0.0 - 2026-10-01 [YANKED]
- This one was taken back on the same day.
"""
RESTRUCTURED = """Changes
=======

Version 2.1.0
-------------

Released 2026-11-02

-   An empty file is no error for :class:`~tool.Reader` any more. :issue:`12`
-   The reader takes :meth:`.Reader.date` in any calendar -- by :user:`someone`.

    *Related issues and pull requests on GitHub:* :issue:`13`, :issue:`14`.

Version 2.0.0
-------------

Unreleased

-   Everything is new.
"""
CONVENTIONAL = """# Changelog

## [2.1.0](https://example.org/compare/a...b) (2026-11-02)

### ⚠ BREAKING CHANGES

* **cli:** the flag for quiet runs is gone

### 🐛 Bug Fixes

* **reader:** take empty files, closes [#13](https://example.org/13) ([abc1234](https://example.org/abc1234))

### [2.0.1](https://example.org/compare/b...c) (2026-10-02)

* feat: read dates of any calendar
* fix(ci): run it at night only
"""
NEWS = """Tool news

2.1.0 (2 November 2026)
  - The reader takes dates of any calendar, and
    of any year (#12)
  - Removed: the flag that nobody used

2.0
o An older entry with a bullet of its own kind
"""
DEBIAN = """tool (2.1.0-1) unstable; urgency=medium

  * The reader takes dates of any calendar
    and of any year. (Closes: #123456)

 -- Some Body <somebody@example.org>  Mon, 02 Nov 2026 10:00:00 +0100
"""


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        (
            KEEP,
            "CHANGELOG.md",
            {
                "2.1.0": [
                    "This release is about dates.",
                    "Removed: Support for Python 2.7 and 3.5",
                    "Removed: Parser: the old flag for quiet runs",
                    "Fixed: An empty file is no error any more, which it was since the beginning. "
                    "This paragraph belongs to it and is now reverted.",
                    "Fixed: Reading failed for: files without an end; files without a name",
                ]
            },
        ),
        (
            RESTRUCTURED,
            "CHANGES.rst",
            {
                "2.1.0": [
                    "An empty file is no error for Reader any more.",
                    "The reader takes Reader.date() in any calendar.",
                ]
            },
        ),
        (
            CONVENTIONAL,
            "CHANGELOG.md",
            {
                "2.1.0": ["Breaking: cli: the flag for quiet runs is gone", "Fixed: reader: take empty files"],
                "2.0.1": ["Added: read dates of any calendar"],
            },
        ),
        (
            NEWS,
            "NEWS",
            {
                "2.1.0": [
                    "The reader takes dates of any calendar, and of any year",
                    "Removed: the flag that nobody used",
                ],
                "2.0": ["An older entry with a bullet of its own kind"],
            },
        ),
        (DEBIAN, "debian/changelog", {"2.1.0": ["The reader takes dates of any calendar and of any year."]}),
    ],
    ids=["keep-a-changelog", "restructured", "conventional", "news", "debian"],
)
def test_a_changelog_is_read_in_its_form(text: str, name: str, expected: dict[str, list[str]]) -> None:
    """Versions that are out, each entry whole, after its group, without references; no groups of no interest."""
    found = changelog.releases(text, name)
    assert {release.version: list(release.entries) for release in found} == expected
    if name not in ("debian/changelog",):
        assert found[0].published_at == datetime(2026, 11, 2, tzinfo=UTC)


GENERATED = """## What's Changed
* Handle empty input without a crash by @someone in #123
* Add a flag for quiet runs by @other in https://github.com/example/tool/pull/124
* Bump reader from 1.2 to 1.3 by @dependabot[bot] in #125
* feat(dates): read any calendar by @someone in #126

## New Contributors
* @other made their first contribution in #124

**Full Changelog**: https://github.com/example/tool/compare/v1...v2
"""
GENERATED_ENTRIES = [
    "Handle empty input without a crash",
    "Add a flag for quiet runs",
    "Added: dates: read any calendar",
]


def test_generated_release_notes_are_read() -> None:
    """As a list, and as bare lines."""
    assert changelog.entries(GENERATED) == GENERATED_ENTRIES
    assert changelog.entries(GENERATED.replace("* ", "")) == GENERATED_ENTRIES


@pytest.mark.parametrize(
    ("expected", "groups"),
    [
        ("Fixed", "Bug fixes / 🐛 Fixes / Bugfixes / Corrigé"),
        ("Added", "New Features / ✨ Features / Añadido"),
        ("Changed", "Enhancements / Performance / Gewijzigd"),
        ("Breaking", "Backwards-incompatible Changes / BREAKING CHANGES:"),
        ("Deprecated", "Deprecations / Descontinuado"),
        ("Removed", "Deprecations and Removals / Entfernt / Rimosso"),
        ("Security", "Security"),
        ("Reverted", "Reverts"),
        ("", "Internal / Documentation / Tests / Dependencies / Chores / Misc / CI / New Contributors"),
        (None, "The parser / Support for Python 2.7"),
    ],
)
def test_groups_have_one_name_each(expected: str | None, groups: str) -> None:
    """However a changelog spells them; "" is left out, None is no group."""
    assert {changelog.group_of(group) for group in groups.split(" / ")} == {expected}


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ("Fix the reader of dates (#12).", "Fix the reader of dates."),
        ("Fix the reader of dates -- by @one and @two", "Fix the reader of dates"),
        ("Fix the reader of dates (thanks, @someone)", "Fix the reader of dates"),
        ("Fix the reader of dates -- by `ada`", "Fix the reader of dates"),
        ("Fix the reader of dates (GHSA-12ab-34cd-56ef)", "Fix the reader of dates"),
        ("Fix the reader of dates (Apple Silicon)", "Fix the reader of dates (Apple Silicon)"),
        ("Fix the reader of dates, see #300 and #301 (@ada)", "Fix the reader of dates"),
        ("Fix the reader of dates. Patch by Some Body.", "Fix the reader of dates."),
        (
            "Fix the reader ([#12](https://x.example), [abc1234](https://y.example)), closes [#3](https://z.example)",
            "Fix the reader",
        ),
        ("Fix the reader of dates (CVE-2026-12345)", "Fix the reader of dates (CVE-2026-12345)"),
        ("The pages moved to https://example.org", "The pages moved to https://example.org"),
        ("Items are now found by name", "Items are now found by name"),
        ("Close a file after 1000000 reads", "Close a file after 1000000 reads"),
        ("Dates are read twice, and is now reverted", "Dates are read twice, and is now reverted"),
        ("Fixes a regression from #12", ""),
        ("Fix the reader (#12). It also read the wrong file.", "Fix the reader. It also read the wrong file."),
        ("fix issue #4: no name for a file without one", "Fixed: no name for a file without one"),
        ("Fix the reader on Python 3.14. -- by @someone.", "Fix the reader on Python 3.14."),
        ("Fix typing of the reader", ""),
        ("Fix typo", ""),
        ("Update dependencies", ""),
        ("Runs 10<sup>9</sup> reads in $O(n^2)$ steps", ""),
    ],
)
def test_an_entry_is_taken_whole_or_not_at_all(entry: str, expected: str) -> None:
    """References and names at its end are no part of it; what needs them, or can't be shown, gives nothing."""
    assert changelog.entries(f"* {entry}") == ([expected] if expected else [])


def test_the_last_version_begins_nothing_that_is_not_its_own() -> None:
    """What stands below the list of versions is none of the last one's entries."""
    text = "# Tool\n\n## 1.0.0\n\n- The reader is there for all.\n\n# About this file\n\n- It is kept by hand.\n"
    assert [release.entries for release in changelog.releases(text, "CHANGELOG.md")] == [
        ("The reader is there for all.",)
    ]


DIRECTIVES = """=============
1.1 Changelog
=============

.. changelog::
    :version: 1.1.2
    :released: March 7, 2026

    .. change::
        :tags: bug, reader
        :tickets: 7

        Fixed the reader of empty files, which
        stopped at once.

        .. seealso::

            :ref:`empty_files`

    .. change::
        :tags: feature

        The calendar may begin on any day.

.. changelog::
    :version: 1.1.1
    :released:

    .. change::
        :tags: tests

        The tests run at night only.
"""


def test_directives_of_changes_are_read() -> None:
    """Each is an entry below its version, its tags are its group and its topic."""
    found = changelog.releases(DIRECTIVES, "changelog_11.rst")
    assert [(each.version, each.published_at, each.entries) for each in found] == [
        (
            "1.1.2",
            datetime(2026, 3, 7, tzinfo=UTC),
            (
                "reader: Fixed the reader of empty files, which stopped at once.",
                "Added: The calendar may begin on any day.",
            ),
        )
    ]


def test_a_long_changelog_is_read_to_its_end() -> None:
    """Of reStructuredText neither a long list nor a long text is cut, as long as it takes no time."""
    lines = "".join(f"* The reader takes the form number {number} too.\n" for number in range(200))
    text = "".join(f"{number}.0.0\n======\n\n{lines}\n" for number in range(20, 0, -1))
    found = changelog.releases(text, "CHANGES.rst")
    assert len(text) > 150_000 and [len(each.entries) for each in found] == [200] * 20


def test_an_entry_of_a_long_list_is_never_cut() -> None:
    """Its second line is read with the first, or neither is."""
    lines = "".join(
        f"* The client number {at} now sends passwords\n  only over TLS to the server.\n" for at in range(120)
    )
    (found,) = changelog.releases(f"2.0.0\n=====\n\n{lines}", "CHANGES.rst")
    assert len(found.entries) == 120 and all("only over TLS" in entry for entry in found.entries)


def test_plain_lists_keep_their_groups() -> None:
    """However deep the entries of a plain text are indented, each is one, below its own group."""
    text = (
        "2.0.0 (2026-01-02)\n  Bug fixes:\n      - The owl no longer sleeps at night\n  Removed:\n"
        "      - Support for bats\n        of every kind\n\n1.0.0 (2025-01-01)\n\n"
        "- The client sends passwords\nonly over TLS to the server.\n"
    )
    assert {each.version: list(each.entries) for each in changelog.releases(text, "NEWS")} == {
        "2.0.0": ["Fixed: The owl no longer sleeps at night", "Removed: Support for bats of every kind"],
        "1.0.0": ["The client sends passwords only over TLS to the server."],
    }


@given(st.text(max_size=400), st.sampled_from(["CHANGELOG.md", "CHANGES.rst", "NEWS"]))
def test_any_text_is_read_without_an_error(text: str, name: str) -> None:
    """Whatever it holds, below a version or not."""
    changelog.releases(text, name)
    for release in changelog.releases(f"1.0\n===\n\n{text}", name):
        assert all("\ufffc" not in entry and len(entry) <= changelog.LONGEST_ENTRY + 20 for entry in release.entries)


@pytest.mark.parametrize(
    "text",
    [
        "## 1.0.0\n" + "* entry of the list\n" * 20_000,
        "## 1.0.0\n\n* " + "(#1 " * 50_000,
        "## 1.0.0\n\n* " + "by @a " * 50_000,
        "## 1.0.0\n\n" + "x" * 500_000,
        "".join(f"## 1.{number}.0\n\n* the entry\n\n" for number in range(10_000)),
        "1.0.0\n" + "".join(f"{' ' * (number % 300)}- entry\n" for number in range(20_000)),
    ],
    ids=["entries", "brackets", "names", "letters", "versions", "nesting"],
)
@pytest.mark.parametrize("name", ["CHANGELOG.md", "CHANGES.rst", "NEWS"])
@soon
def test_a_hostile_changelog_takes_bounded_time(text: str, name: str) -> None:
    """Half a megabyte of it."""
    changelog.releases(text[:500_000], name)
