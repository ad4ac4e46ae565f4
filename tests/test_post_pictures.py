"""Pictures from a person's command to a server, by the program as a process."""

from __future__ import annotations

from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from tests.home import Home, mastodon_settings
from tests.pictures import animation, noise, opened, photo, saved
from tests.standins.mastodon import MastodonStandIn
from twitter_manager.show.verb_shapes import json_schema


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
        (("--no-alt", "--image", "a.jpg", "--focus", "0,0", "--focus", "0,1"), "more --focus than --image"),
        *(
            (("--no-alt", "--image", "a.jpg", "--focus", place), f"{place!r} is no place in a picture. Say X,Y")
            for place in ("0.5", "1.01,0", "-1,-2", "0,0,0", "left,top", "nan,0", "1e0,0", "", "٠,٠")
        ),
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
        most = f"Mastodon takes alt texts of at most 1,500 characters, and “{'x' * 40}…” has 5,000: shorten it."
        assert (long.code, long.err) == (1, f"twitter_manager: Not queued: {most}\n")
        words = ("--image", a, "--alt", "A flag.", "--image", b, "--alt", "Another.")
        assert home("post", "The flag is out.", "--platform", "mastodon", *words).code == 0
        assert home("run", "--force").code == 0
        [post] = server.posts.values()
        assert [one.alt for one in post.media] == ["A flag.", "Another."]
    assert len(list((home.path / "data" / "media").iterdir())) == 2


def test_the_focus_of_each_picture_reaches_the_server(home: Home) -> None:
    """In the order of the pictures, kept with the draft; one in the middle is none."""
    with MastodonStandIn() as server:
        home.settings(**mastodon_settings(server))
        (home.path / "c.jpg").write_bytes(photo(70, 60))
        pictures = [word for name in "abc" for word in ("--image", str(home.path / f"{name}.jpg"))]
        places = ("--focus", "-0.50, 1", "--focus", "0,0", "--focus", "-1,-.25")
        done = home("post", "Three.", "--platform", "mastodon", *pictures, "--no-alt", *places, "--json")
        assert done.code == 0, done
        kept = done.json["draft"]["attached"][0]["media"]
        assert [picture.get("focus") for picture in kept] == ["-0.5,1", None, "-1,-0.25"]
        Draft202012Validator(json_schema("post")).validate(done.json)
        assert home("run", "--force").code == 0
        [post] = server.posts.values()
        assert [one.focus for one in post.media] == ["-0.5,1", "", "-1,-0.25"]


def test_a_server_that_takes_little_gets_smaller_pictures(home: Home) -> None:
    """Below its own limits of bytes and pixels, as large as they allow, in the same proportions."""
    (home.path / "wide.png").write_bytes(saved(noise(1600, 200), "PNG"))
    (home.path / "round.gif").write_bytes(animation())
    with MastodonStandIn(image_bytes=60_000, image_pixels=90_000) as server:
        home.settings(**mastodon_settings(server))
        wide, gif = str(home.path / "wide.png"), str(home.path / "round.gif")
        words = ("--platform", "mastodon", "--image", wide, "--image", gif, "--no-alt")
        assert home("post", "A wide one.", *words).code == 0
        assert home("run", "--force").code == 0
        [post] = server.posts.values()
        small, moving = (opened(picture.content) for picture in post.media)
        assert 0.8 * 90_000 < small.width * small.height <= 90_000
        assert small.width / small.height == pytest.approx(8, rel=0.02)
        assert len(post.media[0].content) <= 60_000
        assert getattr(moving, "n_frames", 1) == 5


def test_where_an_animation_stands_still_is_told(home: Home) -> None:
    """Of the platforms that it goes to, and of no other picture."""
    with MastodonStandIn() as server:
        bluesky = {"BLUESKY_IDENTIFIER": "me.example.com", "BLUESKY_PASSWORD": "abcd-efgh-ijkl-mnop"}
        home.settings(**mastodon_settings(server), **bluesky)
        (home.path / "round.gif").write_bytes(animation())
        gif, still = (("--image", str(home.path / name), "--no-alt", "--json") for name in ("round.gif", "a.jpg"))
        told = "Bluesky: the animation stands still there, at its first frame."
        assert home("post", "Round.", *gif).json["notes"] == [told]
        assert home("post", "Round and round.", *gif, "--platform", "mastodon").json["notes"] == []
        assert home("post", "Square.", *still).json["notes"] == []
        assert told in home("post", "Again.", *gif, "--every", "Mon 09:00").json["notes"]
        assert told in home.at_terminal("post", "Once more round.", *gif[:-1]).out
