"""A person writes a post in the console: what is queued, what is refused and where that is said, and that nothing they
typed is lost."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest
from PIL import Image
from starlette.testclient import TestClient

from tests.home import BUNDLED, Home
from tests.pictures import photo
from tests.review.filled import opened
from tests.review.seat import console

BOT = f'time_zone = "Europe/Berlin"\n[schedule]\ntimes = ["09:00"]\n{BUNDLED}'
Said = dict[str, str | list[str]]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    home.bot("garden", BOT)
    with opened(home):
        return home


@pytest.fixture
def page(home: Home) -> TestClient:
    return TestClient(console(home), base_url="http://127.0.0.1", follow_redirects=False)


def send(page: TestClient, files: list[bytes] | None = None, **said: str | list[str]) -> tuple[int, str]:
    """Send the form; gives the status and the page that came."""
    form: Said = {"csrf": "token", "for": "garden", "bot": "garden", "platform": ["feed"], "do": "post"} | said
    pictures = [("picture", (f"photo {number}.jpg", content)) for number, content in enumerate(files or [])]
    answer = page.post("/write", data=form, files=pictures or None)
    return answer.status_code, unescape(answer.text)


def typed(shown: str, name: str) -> list[str]:
    """What stands in the fields of this name."""
    areas = re.findall(rf'<textarea[^>]* name="{name}"[^>]*>\n(.*?)</textarea>', shown, re.DOTALL)
    return areas or re.findall(rf'<input[^>]* name="{name}" value="(.*?)"', shown)


def test_a_post_is_queued_and_its_moment_told(home: Home, page: TestClient) -> None:
    """The texts become its parts, the empty one is left out, and the next page says when it goes out."""
    status, _ = send(page, text=["Tomatoes want sun.", "  ", "And patience."], at="1 March 2027 10:15")
    assert status == 303
    assert home.rows("SELECT text FROM parts ORDER BY number") == [("Tomatoes want sun.",), ("And patience.",)]
    assert home.rows("SELECT due_at, origin, status FROM drafts") == [
        ("2027-03-01T09:15:00.000000Z", "person", "approved")
    ]
    told = unescape(page.get("/write").text)
    assert "Queued as draft 1: it goes out Monday 1 March 2027, 10:15 (Europe/Berlin)" in told
    assert "Queued as draft" not in page.get("/write").text  # once


def test_who_queued_it_is_on_record(home: Home, page: TestClient) -> None:
    """The audit trail names the person and the console."""
    send(page, text="Tomatoes want sun.")
    [(data,)] = home.rows("SELECT data FROM events WHERE kind = 'draft_saved'")
    assert '"by": "anna"' in data
    assert '"via": "console"' in data


@pytest.mark.parametrize(
    ("field", "said", "words"),
    [
        ("at", {"at": "yesterday 10:00"}, "is past"),
        ("at", {"at": "soonish"}, "is not understood"),
        ("expires", {"at": "1 March 2027 10:00", "expires": "1 February 2027"}, "it expires before it goes out"),
        ("every", {"every": "fortnight"}, "fortnight"),
        ("until", {"until": "1 March 2027"}, "posts that come again"),
        ("platform", {"platform": []}, "Choose where it goes"),
        ("text-0", {"text": "  "}, "Write something"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_typed_is_lost(
    home: Home, page: TestClient, field: str, said: Said, words: str
) -> None:
    """The field is marked and described by the message, which names no option of the command line."""
    status, shown = send(page, **({"text": ["Tomatoes want sun.", "And patience."]} | said))
    assert status == 422
    assert not home.rows("SELECT id FROM drafts")
    told = re.search(rf'id="wrong-{field}">(.*?)</p>', shown)
    assert told, shown
    assert words.casefold() in told[1].casefold()
    assert "--" not in told[1]
    assert re.search(rf'aria-describedby="[^"]*wrong-{field}"', shown)
    for name, value in said.items():
        if name not in ("platform", "text"):
            assert typed(shown, name) == [value]
    assert typed(shown, "text") == (["Tomatoes want sun.", "And patience."] if "text" not in said else [""])


def test_what_the_checks_find_stands_at_its_part(page: TestClient) -> None:
    """A key in the second part is said there; the first is untouched."""
    secret = "sk-ant-api03-" + "a1B2" * 12
    status, shown = send(page, text=["Tomatoes want sun.", f"The key is {secret}"])
    assert status == 422
    assert 'id="wrong-text-1"' in shown
    assert 'id="wrong-text-0"' not in shown


def test_the_same_words_again_are_refused_with_the_draft_that_has_them(page: TestClient) -> None:
    """The message leads to the other draft."""
    send(page, text="Tomatoes want sun.")
    status, shown = send(page, text="Tomatoes want sun.")
    assert status == 422
    assert 'href="/draft/1"' in shown


def test_pictures_are_cleaned_kept_over_errors_and_queued_with_their_words(home: Home, page: TestClient) -> None:
    """A picture without words is asked about; it need not be chosen again, and what is kept names no place."""
    exif = Image.Exif()
    exif[0x010F] = "SecretCamera"
    status, shown = send(page, [photo(exif=exif.tobytes())], text="Look.")
    assert status == 422
    [digest] = typed(shown, "kept")
    assert "Say what it shows" in shown
    given = page.get(f"/media/{digest}")
    assert (given.headers["content-type"], given.headers["content-disposition"]) == ("image/jpeg", "inline")
    assert b"SecretCamera" not in given.content
    status, _ = send(page, text="Look.", kept=digest, **{f"alt-{digest}": "A tomato."})
    assert status == 303
    [(attached,)] = home.rows("SELECT attached FROM parts")
    assert digest in attached
    assert "A tomato." in attached
    assert page.get(f"/media/{digest}").status_code == 200


def test_a_picture_may_need_no_words_and_can_be_taken_off(home: Home, page: TestClient) -> None:
    """Said explicitly, an empty alt text goes; one that is taken off is gone from the form."""
    _, shown = send(page, [photo()], do="look", text="Look.")
    [digest] = typed(shown, "kept")
    _, without = send(page, do=f"drop-{digest}", kept=digest, text="Look.")
    assert typed(without, "kept") == []
    assert typed(without, "text") == ["Look."]
    status, _ = send(page, text="Look.", kept=digest, **{f"wordless-{digest}": "yes"})
    assert status == 303


def test_what_is_no_picture_is_said_and_the_rest_stays(page: TestClient) -> None:
    """A text that calls itself a picture is refused in one line; so is the fifth picture."""
    _, shown = send(page, [b"<svg onload=alert(1)>"], do="look", text="Look.")
    assert 'id="wrong-image"' in shown
    assert typed(shown, "text") == ["Look."]
    many = [photo(40 + number, 30) for number in range(5)]
    _, shown = send(page, many, do="look", text="Look.")
    assert len(typed(shown, "kept")) == 4
    assert "a post takes at most 4 pictures" in shown


def test_a_picture_that_is_not_known_any_more_must_be_chosen_again(home: Home, page: TestClient) -> None:
    """A new console knows none of those that were given before, and says so instead of queueing without it."""
    status, shown = send(page, text="Look.", kept="ab" * 32)
    assert status == 422
    assert "1 picture can't be found any more" in shown
    assert not home.rows("SELECT id FROM drafts")


def test_lengths_and_checks_are_told_while_a_person_types(page: TestClient) -> None:
    """By platform, for each part; an empty part counts nothing, and nothing is kept."""
    form: Said = {"csrf": "token", "bot": "garden", "platform": ["feed"], "text": ["Tomatoes 🍅", "", "more"]}
    parts = page.post("/write/check", data=form).json()["parts"]
    assert [part["lengths"][0]["told"] for part in parts] == ["10", "0", "4"]
    assert [part["problems"] for part in parts] == [[], [], []]


def test_moments_are_understood_while_a_person_types(page: TestClient) -> None:
    """When that is by the bot's clock, or why it can't be told; what is empty says nothing."""
    form: Said = {"csrf": "token", "bot": "garden", "text": "Look.", "at": "1 March 2027 10:15", "expires": "soonish"}
    said = page.post("/write/check", data=form).json()["moments"]
    assert said["at"] == {"words": "Monday 1 March 2027, 10:15 (Europe/Berlin)", "wrong": False}
    assert said["expires"]["wrong"]
    assert said.keys() == {"at", "expires"}


def test_another_bot_brings_its_own_platforms(home: Home, page: TestClient) -> None:
    """Where the bot was changed, all that the new one has are chosen, and the text stays."""
    home.bot("house", BOT)
    changed = TestClient(console(home), base_url="http://127.0.0.1", follow_redirects=False)
    _, shown = send(changed, do="look", bot="house", text="Look.", platform=[])
    assert '<option value="house" selected>' in shown
    assert 'name="platform" value="feed" checked' in shown
    assert typed(shown, "text") == ["Look."]
    status, shown = send(changed, bot="house", text="Look.", platform=["feed"])
    assert status == 422
    assert "The bot was changed" in shown
    assert not home.rows("SELECT id FROM drafts")


@pytest.mark.parametrize("path", ["/media/" + "ef" * 32, "/media/..%2f.env", "/media/AB", "/media/" + "é" * 64])
def test_only_known_pictures_are_given(page: TestClient, path: str) -> None:
    """Whatever is asked for."""
    assert page.get(path).status_code == 404
