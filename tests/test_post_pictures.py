"""Pictures from a person's command to a server, by the program as a process."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.home import Home, mastodon_settings
from tests.pictures import photo
from tests.standins.mastodon import MastodonStandIn


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path)
    (tmp_path / "a.jpg").write_bytes(photo())
    (tmp_path / "b.jpg").write_bytes(photo(60, 60))
    return home


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--image", "a.jpg"), "a.jpg has no alt text"),
        (("--image", "a.jpg", "--alt", " "), "a.jpg has no alt text"),
        (("--image", "a.jpg", "--image", "b.jpg", "--alt", "A flag."), "b.jpg has no alt text"),
        (("--alt", "A flag."), "more --alt than --image"),
        (("--image", "a.jpg", "--alt", "A flag.", "--no-alt"), "contradict"),
        (("--no-alt", *("--image", "a.jpg") * 5), "at most 4"),
        (("--no-alt", *("--image", "a.jpg") * 2), "given twice"),
        (("--no-alt", "--image", "nothing.jpg"), "nothing.jpg does not exist"),
    ],
)
def test_words_about_pictures_that_are_off_queue_nothing(home: Home, words: tuple[str, ...], message: str) -> None:
    """Each is one line that names what is wrong; nothing is kept."""
    paths = [str(home.path / word) if word in ("a.jpg", "b.jpg", "nothing.jpg") else word for word in words]
    done = home("post", "The flag is out.", *paths)
    assert (done.code, message in done.err) == (2, True), done.err
    assert not (home.path / "data" / "media").exists()


def test_a_post_shows_its_pictures_on_the_server(home: Home) -> None:
    """Cleaned, each with its own alt text, by a later run; what no platform takes is refused with the way out."""
    with MastodonStandIn() as server:
        home.settings(**mastodon_settings(server))
        a, b = str(home.path / "a.jpg"), str(home.path / "b.jpg")
        long = home("post", "A long one.", "--platform", "mastodon", "--image", a, "--alt", "x" * 5000)
        assert (long.code, "Mastodon takes alt texts of at most 1,500 characters" in long.err) == (1, True), long.err
        words = ("--image", a, "--alt", "A flag.", "--image", b, "--alt", "Another.")
        assert home("post", "The flag is out.", "--platform", "mastodon", *words).code == 0
        assert home("run", "--force").code == 0
        [post] = server.posts.values()
        assert [one.alt for one in post.media] == ["A flag.", "Another."]
    assert len(list((home.path / "data" / "media").iterdir())) == 2
