"""A person ends a question of a verb with Ctrl-D or Ctrl-C: nothing changes, and nothing that they typed is lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.home import Home
from tests.talking import Person

NEW = "Written in an editor."
EDITOR = f"""#!/bin/sh
printf '{NEW}\\n' > "$1"
"""
ASKED = {
    "delete": ("delete", "1"),
    "correct": ("correct", "1", "We meet on Sunday at noon."),
    "sources remove": ("sources", "remove", "tea"),
    "drafts edit": ("drafts", "edit", "2"),
}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A post that is out, a draft that waits, a source, and an editor that writes what was said already."""
    home = Home(tmp_path / "home")
    (tmp_path / "tea.md").write_text("# Tea\n\nTea is served in the hut on every ride of the club.\n")
    home.bot("club", f'[[sources]]\nkind = "files"\nname = "tea"\npath = "{tmp_path / "tea.md"}"\n')
    for words in (("post", "We meet on Sunday.", "--now"), ("post", "Bring a lamp."), ("post", NEW)):
        assert home(*words).code == 0
    editor = tmp_path / "editor"
    editor.write_text(EDITOR)
    editor.chmod(0o755)
    return home


@pytest.mark.parametrize("words", ASKED.values(), ids=ASKED)
def test_ctrl_d_at_a_question_changes_nothing(home: Home, tmp_path: Path, words: tuple[str, ...]) -> None:
    """One line, exit code 2, all as it was; what was typed in the editor is shown."""
    before = [home("drafts", "--json").json, home("sources", "--json").json, home("history", "--json").json]
    asked = home.at_terminal(*words, typed="\x04", VISUAL=str(tmp_path / "editor"))
    assert asked.code == 2 and asked.out.splitlines()[-1] == "twitter_manager: Nothing was changed.", asked.out
    assert words[0] != "drafts" or f"You wrote:\n{NEW}\n" in asked.out
    assert before == [home("drafts", "--json").json, home("sources", "--json").json, home("history", "--json").json]


@pytest.mark.parametrize("words", ASKED.values(), ids=ASKED)
def test_ctrl_c_at_a_question_is_one_clean_line(home: Home, tmp_path: Path, words: tuple[str, ...]) -> None:
    """It does not stand behind the terminal's ^C."""
    person = Person(home.path, environment=home.environment(VISUAL=str(tmp_path / "editor")))
    asked = person.at_terminal(*words, says=[("N] " if words[0] != "drafts" else "n] ", "\x03")])
    assert asked.code == 130 and asked.out.splitlines()[-1] == "twitter_manager: ended by signal 2", asked.out
    assert words[0] != "drafts" or f"You wrote:\n{NEW}\n" in asked.out


def test_a_text_that_is_not_edited_again_is_shown(home: Home, tmp_path: Path) -> None:
    """Who says no can copy it; who says yes sees the editor again."""
    asked = home.at_terminal("drafts", "edit", "2", typed="y\nn\n", VISUAL=str(tmp_path / "editor"))
    assert asked.out.count("Edit it again?") == 2 and asked.out.count("You wrote:") == 1 and asked.code == 0
