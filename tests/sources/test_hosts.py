"""Addresses at the host of a repository, from the address of its remote."""

from __future__ import annotations

import pytest

from twitter_manager.sources import hosts


@pytest.mark.parametrize(
    ("remote", "tag", "file"),
    [
        ("git@github.com:someone/tool.git", "https://github.com/someone/tool/releases/tag/v1.0",
         "https://github.com/someone/tool/blob/main/CHANGES.rst"),
        ("https://someone:ghp_secret@github.com/someone/tool", "https://github.com/someone/tool/releases/tag/v1.0",
         "https://github.com/someone/tool/blob/main/CHANGES.rst"),
        ("ssh://git@gitlab.example.org:2222/group/sub/tool.git", "https://gitlab.example.org/group/sub/tool/-/tags/v1.0",
         "https://gitlab.example.org/group/sub/tool/-/blob/main/CHANGES.rst"),
        ("https://codeberg.org/someone/tool.git", "https://codeberg.org/someone/tool/releases/tag/v1.0",
         "https://codeberg.org/someone/tool/src/branch/main/CHANGES.rst"),
        ("https://git.example.org/someone/tool.git", "", ""),
    ],
)  # fmt: skip
def test_a_remote_tells_the_pages_of_tags_and_files(remote: str, tag: str, file: str) -> None:
    """From any form of a remote's address, without its user and password; no guess about hosts that we don't know."""
    host = hosts.of_remote(remote)
    assert host.name == "tool"
    assert (host.tag("v1.0"), host.file("CHANGES.rst", "main")) == (tag, file)


@pytest.mark.parametrize(
    "remote",
    ["", "/srv/git/tool.git", "../tool", "file:///srv/tool", "https://github.com/", "https://github.com/../x", "a b"],
)
def test_what_is_no_host_gives_no_address(remote: str) -> None:
    """A folder, a file, half an address, a path that climbs."""
    host = hosts.of_remote(remote)
    assert (host.name, host.tag("v1"), host.file("a.md", "main")) == ("", "", "")


def test_odd_tags_are_written_as_addresses_write_them() -> None:
    """Spaces can't be in a tag's name, other signs can."""
    host = hosts.of_remote("git@github.com:someone/tool.git")
    assert host.tag("release/1.0+ü#1").endswith("/releases/tag/release/1.0%2B%C3%BC%231")
