"""The inbox in the console and in the API: what was said is shown, answered, approved and dismissed, as it was seen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from jsonschema import Draft202012Validator
from starlette.testclient import TestClient

from tests.accessible import broken
from tests.home import Home
from tests.review import calling, filled, seat
from tests.review.conftest import open_console
from tests.review.talk import draft_answer, hear, publish
from tests.review.test_browser import SIZES
from twitter_manager.domain import DraftStatus
from twitter_manager.store.comments import Status

if TYPE_CHECKING:
    from playwright.sync_api import Browser

LEADING = "See https://evil.example/login and \u202eturn\u202c"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return filled.set_up(Home(tmp_path / "home"))


@pytest.fixture
def client(home: Home) -> Iterator[TestClient]:
    with TestClient(seat.console(home)) as client:
        yield client


@pytest.fixture
def api(home: Home) -> Iterator[TestClient]:
    with calling.client(home) as client:
        yield client


def out(home: Home) -> int:
    """A post of the bot's that is out, as 77 on Mastodon."""
    number = filled.add(home, "The room opens at ten.", status=DraftStatus.APPROVED, platforms=["mastodon"])
    return publish(home, number, "77")


def statuses(home: Home) -> list[str]:
    return [status for (status,) in home.rows("SELECT status FROM comments ORDER BY id")]


# -- pages ---------------------------------------------------------------------------------------------


def test_the_page_shows_what_waits_and_no_address_of_a_stranger_can_be_followed(home: Home, client: TestClient) -> None:
    """Comment, our post, drafted answer; what is over only where all is asked for; a stranger's address is text, and
    hidden characters are named."""
    out(home)
    asked = hear(home, LEADING, parent_id="77", name="Eve <b>", author="eve@evil.example")
    draft_answer(home, asked, "Not on Mondays.")
    hear(home, "First!", status=Status.DISMISSED)
    page = client.get("/inbox").text
    for words in (
        "The room opens at ten.",
        "Not on Mondays.",
        "Eve &lt;b&gt; @eve@evil.example",
        "answers you",
        "U+202E",
    ):
        assert words in page
    assert "First!" not in page
    assert "First!" in client.get("/inbox?show=all").text
    assert 'href="https://evil.example/login"' not in page
    assert "https://evil.example/login" in page


def test_a_comment_without_words_is_no_empty_box(home: Home, client: TestClient) -> None:
    """A picture alone is told as such, in the list, on its page and above what was said beneath it; and a private one
    as private."""
    picture = hear(home, "", visibility="direct")
    assert "answers you privately" in client.get("/inbox").text
    beneath = hear(home, "Nice!", parent_id="100000")
    for path in ("/inbox", f"/inbox/{picture}", f"/inbox/{beneath}"):
        assert "(no words; perhaps a picture)" in client.get(path).text, path


def test_a_strangers_name_hides_nothing(home: Home, client: TestClient) -> None:
    """What would turn round the handle behind it is named wherever the name stands: in the list, in the conversation
    above another comment and in the history."""
    above = hear(home, "Hello?", name="Bob \u202e", author="bob\u202e@evil.example")
    hear(home, "And you?", parent_id="100000")
    answer = draft_answer(home, above, "Hello.")
    assert home("inbox", "approve", str(above)).code == 0
    publish(home, answer, "78")
    for path in ("/inbox?show=all", "/inbox/2", "/history"):
        page = client.get(path).text
        assert "bob" in page and "U+202E" in page and "\u202e" not in page, path


def test_a_person_answers_in_the_form_and_loses_no_words(home: Home, client: TestClient) -> None:
    """What is refused stands in the form again with the reason; what is good becomes a draft of theirs, once."""
    number = hear(home)
    refused = client.post(f"/inbox/{number}/answer", data={"text": "word " * 200})
    assert refused.status_code == 422
    assert 'role="alert"' in refused.text
    assert "word word" in refused.text
    assert statuses(home) == ["new"]
    assert "is answered by draft 1" in client.post(f"/inbox/{number}/answer", data={"text": "At ten.\r\nAlways."}).text
    assert home.rows("SELECT text FROM parts") == [("At ten.\nAlways.",)]
    again = client.post(f"/inbox/{number}/answer", data={"text": "At eleven."})
    assert (again.status_code, "At eleven." in again.text) == (409, True)
    assert home.rows("SELECT count(*) FROM drafts") == [(1,)]
    assert client.get("/inbox/999").status_code == 404
    assert client.post("/inbox/999/dismiss").status_code == 404


def test_the_drafted_answer_is_approved_as_it_was_seen(home: Home, client: TestClient) -> None:
    """With the hash of something else nothing happens; dismissing gives it up, and can be taken back."""
    first, second = hear(home), hear(home, "And dogs?")
    draft_answer(home, first), draft_answer(home, second, "Guide dogs are welcome.")
    assert client.post(f"/inbox/{first}/approve", data={"seen": "0" * 64}).status_code == 409
    assert home.rows("SELECT status FROM drafts WHERE id = 1") == [("pending",)]
    page = client.get(f"/inbox/{first}").text
    seen = page.split('name="seen" value="')[1].split('"')[0]
    assert client.post(f"/inbox/{first}/approve", data={"seen": seen}).status_code == 200
    client.post(f"/inbox/{second}/dismiss")
    assert (home.rows("SELECT status FROM drafts ORDER BY id"), statuses(home)) == (
        [("approved",), ("skipped",)],
        ["drafted", "dismissed"],
    )
    client.post(f"/inbox/{second}/reopen")
    assert statuses(home) == ["drafted", "flagged"]


def test_an_answer_stands_with_its_comment_and_in_no_queue(home: Home, client: TestClient) -> None:
    """On its draft's page and in the history with the comment that it answers; it takes no place among the posts, and
    can be given none."""
    out(home)
    number = hear(home, "And on Sundays?", parent_id="77")
    draft = draft_answer(home, number, "Never on Sundays.")
    page = client.get(f"/draft/{draft}").text
    assert f'href="/inbox/{number}"' in page
    assert "And on Sundays?" in page
    assert "Schedule" not in page
    assert "Never on Sundays." not in client.get("/queue").text
    moved = home("drafts", "move", str(draft), "--at", "in 2 hours")
    assert (moved.code, "answers a comment" in moved.err) == (2, True)
    assert home("inbox", "approve", str(number)).code == 0
    assert "Never on Sundays." not in client.get("/queue").text
    assert "goes out with the next run" in client.get(f"/draft/{draft}").text
    publish(home, draft, "79")
    assert "answers @mia@books.example: And on Sundays?" in client.get("/history").text
    assert "answers @mia@books.example: And on Sundays?" in home("history").out


def test_many_comments_come_page_by_page(home: Home, client: TestClient) -> None:
    """Each once, the newest first, with a link to the older ones."""
    for number in range(30):
        hear(home, f"Comment of number {number}.")
    first = client.get("/inbox").text
    assert first.count('<article class="entry"') == 25
    older = first.split('rel="next" href="')[1].split('"')[0]
    second = client.get(older.replace("&amp;", "&")).text
    assert second.count('<article class="entry"') == 5
    assert "Comment of number 0." in second
    assert "Comment of number 29." in first


@pytest.mark.parametrize("size", SIZES)
def test_axe_finds_nothing_in_the_inbox(home: Home, browser: Browser, size: str) -> None:
    """On the list, on a comment's page, after an error, on an answer's draft: no rule of axe is broken and nothing
    needs scrolling sideways."""
    out(home)
    asked, flagged = hear(home, LEADING, parent_id="77"), hear(home, "Crooks!", status=Status.FLAGGED, reason="hostile")
    draft = draft_answer(home, asked)
    with open_console(home) as console:
        width, height = SIZES[size]
        context = browser.new_context(viewport={"width": width, "height": height})
        page = context.new_page()
        page.goto(console.link)
        page.wait_for_url("**/queue")  # the link's page leads there by itself
        for path in (
            "/inbox",
            "/inbox?show=all",
            f"/inbox/{asked}",
            f"/draft/{draft}",
            "/history",
            f"/inbox/{flagged}",
        ):
            page.goto(console.address + path)
            assert broken(page) == [], path
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path
            assert page.evaluate("document.querySelector('.top ul').scrollWidth") <= width, path
        page.get_by_label("In your own words").fill("word " * 200)
        page.locator("form button.main").click()
        assert page.get_by_role("alert").is_visible()
        assert broken(page) == []
        context.close()


def test_the_inbox_is_worked_through_by_keys(home: Home, browser: Browser) -> None:
    """j goes to the next, a approves its answer, s dismisses, e leads to the field, q back to the inbox."""
    first, second, third = (hear(home, words) for words in ("When?", "Where?", "Why?"))
    draft_answer(home, first)
    with open_console(home) as console:
        context = browser.new_context()
        page = context.new_page()
        page.goto(console.link)
        page.wait_for_url("**/queue")
        page.goto(f"{console.address}/inbox")
        page.keyboard.press("j")
        page.keyboard.press("r")  # there is nothing to write anew
        assert page.url.endswith("/inbox")
        page.keyboard.press("s")
        page.wait_for_selector(f"text=Comment {third} is dismissed")
        page.keyboard.press("j")
        page.keyboard.press("a")
        page.wait_for_selector(f"text=Comment {first} is answered")
        page.goto(f"{console.address}/inbox/{second}")
        page.keyboard.press("e")
        page.keyboard.type("Here.")
        page.locator("form button.main").click()
        page.wait_for_selector(f"text=Comment {second} is answered by draft")
        context.close()
    assert statuses(home) == ["drafted", "drafted", "dismissed"]


# -- the API -------------------------------------------------------------------------------------------


def test_the_api_lists_and_shows_comments_as_it_is_described(home: Home, api: TestClient) -> None:
    """By status and bot, a page at a time, each with its answer and that one's hash; the conversation by number."""
    out(home)
    numbers = [hear(home, f"Question {number}?", parent_id="77") for number in range(3)]
    draft_answer(home, numbers[0])
    described = api.get("/api/openapi.json").json()
    shapes = {"components": described["components"]}

    def fits(name: str, value: object) -> None:
        shape = {"$ref": f"#/components/schemas/{name}"} | shapes
        Draft202012Validator(shape).validate(value)

    page = api.get("/api/comments?limit=2").json()
    fits("CommentPage", page)
    assert ([each["id"] for each in page["comments"]], page["next_cursor"]) == (numbers[:0:-1], numbers[1])
    rest = api.get(f"/api/comments?cursor={page['next_cursor']}&status=drafted&bot=library").json()
    assert len(rest["comments"][0]["answer"]["hash"]) == 64
    one = api.get(f"/api/comments/{numbers[0]}").json()
    fits("FullComment", one)
    assert [each["text"] for each in one["thread"]] == ["The room opens at ten."]
    assert api.get("/api/comments?status=lost").status_code == 422
    assert api.get("/api/comments/99").status_code == 404


def test_a_program_answers_approves_and_dismisses(home: Home, api: TestClient) -> None:
    """With the same refusals as a person: once (409), as it was seen (409), nothing that is over (422)."""
    mine, theirs = hear(home), hear(home, "And dogs?")
    draft_answer(home, theirs)
    done = api.post(f"/api/comments/{mine}/answer", json={"text": "At ten."})
    assert (done.status_code, done.json()["comment"]["answer"]["parts"]) == (200, ["At ten."])
    assert api.post(f"/api/comments/{mine}/answer", json={"text": "At ten."}).status_code == 409
    assert api.post(f"/api/comments/{theirs}/approve", json={"seen": "0" * 64}).status_code == 409
    assert api.post(f"/api/comments/{theirs}/dismiss").json()["comment"]["status"] == "dismissed"
    assert api.post(f"/api/comments/{theirs}/reopen").json()["comment"]["status"] == "flagged"
    assert api.post(f"/api/comments/{theirs}/reopen").status_code == 422
    assert api.post(f"/api/comments/{theirs}/approve").status_code == 422
    assert api.post("/api/comments/99/dismiss").status_code == 404
    assert home.rows("SELECT DISTINCT json_extract(data, '$.by') FROM events WHERE kind LIKE 'comment_%'") == [("ci",)]
