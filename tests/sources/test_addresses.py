"""From a file's path to its address on the web."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from twitter_manager.sources.addresses import address, unknown


@pytest.mark.parametrize(
    ("base", "file", "expected"),
    [
        ("https://example.org/docs/", "guide/intro.md", "https://example.org/docs/guide/intro/"),
        ("https://example.org/docs", "README.md", "https://example.org/docs/"),
        ("https://example.org/docs", "guide/index.md", "https://example.org/docs/guide/"),
        ("https://example.org/docs", "guide/_index.zh.md", "https://example.org/docs/guide/"),
        ("https://example.org/docs", "guide/index.fr.md", "https://example.org/docs/guide/"),
        ("https://example.org/docs", "guide/asp.net.md", "https://example.org/docs/guide/asp.net/"),
        ("https://example.org/{path}.html", "guide/index.rst", "https://example.org/guide/index.html"),
        ("https://example.org/blob/main/{file}", "a folder/ü.md", "https://example.org/blob/main/a%20folder/%C3%BC.md"),
        ("https://example.org/{year}/{month}/{day}/{slug}/", "_posts/2026-11-03-a-post.md", "https://example.org/2026/11/03/a-post/"),
        ("https://example.org/{name}", "guide/intro.md", "https://example.org/intro"),
        ("https://example.org/{year}/{slug}", "without-a-date.md", ""),
        ("", "guide/intro.md", ""),
    ],
)  # fmt: skip
def test_the_path_is_put_into_the_base(base: str, file: str, expected: str) -> None:
    """As the usual generators place it; no address is better than a wrong one."""
    assert address(base, file) == expected


def test_a_document_knows_its_own_address_best() -> None:
    """An absolute one, a path on the same host, a slug; never another scheme."""
    base = "https://example.org/docs/"
    assert address(base, "a.md", own="https://other.example/x") == "https://other.example/x"
    assert address(base, "a.md", own="/x/y/") == "https://example.org/x/y/"
    assert address("", "a.md", own="/x/y/") == ""
    assert address(base, "a.md", own="javascript:alert(1)") == "https://example.org/docs/a/"
    assert address(base, "blog/a.md", slug="better") == "https://example.org/docs/blog/better/"
    day = datetime(2026, 11, 3, tzinfo=UTC)
    assert address("https://example.org/{year}/{slug}", "a.md", published_at=day) == "https://example.org/2026/a"


def test_unknown_placeholders_are_named() -> None:
    """For the message of the bot file."""
    assert unknown("https://example.org/{path}/{titel}") == ["titel"]
