"""The pages for users: their generated blocks, their links, and that what they show as a bot file is one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests import readme
from twitter_manager.settings.botfile import read
from twitter_manager.settings.files import Problems

PAGES = {page: page.read_text() for page in (readme.ROOT / "README.md", *(readme.ROOT / "docs").glob("*.md"))}


def test_every_block_stands_once() -> None:
    """A block that a page lost, or that stands on two, is an error that names it."""
    page = readme.ROOT / "docs" / "checks.md"
    with pytest.raises(SystemExit, match=r"'rules' must stand once .* 0 times"):
        readme.with_blocks(PAGES | {page: ""})
    with pytest.raises(SystemExit, match=r"'rules' must stand once .* 2 times"):
        readme.with_blocks(PAGES | {readme.ROOT / "README.md": PAGES[page]} | {page: PAGES[page]})


def test_a_block_is_made_anew() -> None:
    """What was changed by hand within a block is undone; what stands around it stays."""
    page = readme.ROOT / "docs" / "checks.md"
    changed = PAGES[page].replace("| empty |", "| hollow |")
    assert changed != PAGES[page]
    assert readme.with_blocks(PAGES | {page: changed})[page] == PAGES[page]


def test_links_lead_somewhere() -> None:
    """A link to a page or a heading that is not there is told; those of our pages are all there."""
    page = readme.ROOT / "README.md"
    text = "# Two words\n[a](docs/none.md) [b](#two-words) [c](#three) [d](https://example.org) [e](docs/checks.md#no)"
    told = list(readme.dead_links(PAGES | {page: text}))
    leads = [line.split()[1] for line in told if line.startswith("README")]
    assert leads == ["docs/none.md", "#three", "docs/checks.md#no"]
    assert list(readme.dead_links(PAGES)) == []


def test_the_bot_file_shown_is_one(tmp_path: Path) -> None:
    """What README shows as a bot's file is read without a problem."""
    shown = re.search(r"```toml\n(time_zone.*?)```", PAGES[readme.ROOT / "README.md"], re.DOTALL)
    assert shown is not None
    for name in ("posts.txt", "notes.toml"):
        (tmp_path / name).touch()
    (tmp_path / "bot.toml").write_text(shown[1])
    problems = Problems()
    assert read(tmp_path / "bot.toml", "bot.toml", tmp_path, problems) is not None, problems
