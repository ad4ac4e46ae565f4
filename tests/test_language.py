"""Which language a text is in, and when nothing is said."""

from __future__ import annotations

import pytest

from twitter_manager.language import detect, differs


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The mill on the hill opens its doors to owls in March.", "en"),
        ("Hunde dürfen nicht hinein.", "de"),
        ("La ferme du moulin ouvre ses portes en mars.", "fr"),
        ("El molino de la colina abre sus puertas en marzo.", "es"),
        ("De molen op de heuvel opent in maart zijn deuren.", "nl"),
        ("新しいバージョンが公開されました。", "ja"),
        ("Вышла новая версия программы.", "ru"),
    ],
)
def test_a_sentence_is_told(text: str, language: str) -> None:
    """A sentence of everyday length is enough."""
    assert detect(text) == language


@pytest.mark.parametrize(
    "text", ["", "Python 3.12", "git rebase --onto main", "Mozilla Firefox 120", "https://a.b/c d"]
)
def test_names_and_code_are_of_no_language(text: str) -> None:
    """Where there are no words to tell by, nothing is said."""
    assert detect(text) == ""


def test_only_a_surely_different_language_differs() -> None:
    """A region makes no difference, and what can't be told is no other language."""
    german = "Die Mühle auf dem Hügel öffnet im März ihre Türen."
    assert differs(german, "de-AT") == "" and differs(german, "en") == "de"
    assert differs("Python 3.12", "de") == "" and differs(german, "") == ""
