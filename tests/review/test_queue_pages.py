"""What the pages of queue and drafts do when their forms are sent: once, on what was seen, and with no words lost."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tests.home import Home
from tests.review import filled, seat
from twitter_manager.content import Card, Part
from twitter_manager.domain import Actor, Draft, DraftStatus
from twitter_manager.operations.lock import locked
from twitter_manager.platforms import exact
from twitter_manager.review.actions import Actions
from twitter_manager.store import drafts, events

HOSTILE = (
    '<script>window.owned=1</script><img src=x onerror="window.owned=1">',
    '"><svg onload=window.owned=1>',
    "javascript:window.owned=1 https://evil.example/\"onmouseover='window.owned=1'",
    "</textarea><script>window.owned=1</script>",
    "{{ 7 * 7 }}{% include 'layout.html.j2' %}",
)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return filled.set_up(Home(tmp_path / "home"))


@pytest.fixture
def client(home: Home) -> Iterator[TestClient]:
    with TestClient(seat.console(home)) as client:
        yield client


def of(home: Home, number: int) -> Draft:
    with filled.opened(home) as (_, db):
        draft = drafts.get(db, number)
    assert draft is not None
    return draft


def seen(home: Home, number: int) -> str:
    return exact.content_hash(of(home, number))


class Page(HTMLParser):
    """Elements with their attributes, and the text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


# -- decisions -----------------------------------------------------------------------------------------


def test_a_draft_is_approved_from_the_queue_and_its_person_told(home: Home, client: TestClient) -> None:
    """The page that follows is the queue as it was left, with words on what comes of the draft, said once."""
    number = filled.judged(home)
    sent = {"seen": seen(home, number), "back": "show=pending&page=1"}
    answer = client.post(f"/draft/{number}/approve", data=sent)
    assert answer.url.path == "/queue" and answer.url.query == b"show=pending&page=1"
    assert f"Draft {number} is approved, and goes out" in answer.text
    assert of(home, number).status is DraftStatus.APPROVED
    assert f"Draft {number} is approved" not in client.get("/queue").text
    with filled.opened(home) as (_, db):
        last = events.of_draft(db, number)[-1]
    assert (last["kind"], last["by"], last["via"]) == ("draft_approved", "anna", "console")


@pytest.mark.parametrize("action", ["approve", "skip", "move", "edit", "regenerate"])
def test_nothing_happens_to_a_draft_that_was_changed_meanwhile(home: Home, client: TestClient, action: str) -> None:
    """The form is of the words before: the person sees those of now, is told, and what they typed is there still."""
    number, old = filled.judged(home), ""
    old = seen(home, number)
    with filled.opened(home) as (app, db):
        Actions(app, db, Actor("ben", "telegram")).edit(number, ["Guide dogs are allowed, says the house."])
    before = of(home, number)
    sent = {"seen": old, "text": "My own long thoughts.", "to": "at", "at": "in 5 hours"}
    answer = client.post(f"/draft/{number}/{action}", data=sent)
    assert answer.status_code == 409
    page = Page(answer.text)
    assert "was changed meanwhile. Nothing was done." in page.text
    assert "Guide dogs are allowed, says the house." in page.text
    assert ("My own long thoughts." in page.text) == (action == "edit")
    assert of(home, number) == before
    newer = next(field["value"] for field in page.all("input") if field.get("name") == "seen")
    assert newer == seen(home, number) != old


@pytest.mark.parametrize("action", ["approve", "skip", "edit", "move"])
def test_a_form_that_says_not_what_was_seen_does_nothing(home: Home, client: TestClient, action: str) -> None:
    """A page never decides on something that nobody looked at."""
    number = filled.judged(home)
    answer = client.post(
        f"/draft/{number}/{action}", data={"text": "New words for it.", "to": "at", "at": "in 5 hours"}
    )
    assert answer.status_code == 409 and of(home, number).status is DraftStatus.PENDING


def test_two_clicks_are_one_decision(home: Home, client: TestClient) -> None:
    """The second is told that it is done already; one approval is on record."""
    number = filled.judged(home)
    sent = {"seen": seen(home, number)}
    first, second = (client.post(f"/draft/{number}/approve", data=sent) for _ in range(2))
    assert first.status_code == second.status_code == 200
    assert f"Draft {number} is approved already." in Page(second.text).text
    with filled.opened(home) as (_, db):
        assert [event["kind"] for event in events.of_draft(db, number)].count("draft_approved") == 1


def test_several_are_decided_on_each_for_itself(home: Home, client: TestClient) -> None:
    """What was changed meanwhile stays and is told; the others are done."""
    one, two, three = (filled.add(home, f"Number {word} of the notes.") for word in ("one", "two", "three"))
    picked = [f"{number}:{seen(home, number)}" for number in (one, two)] + [
        f"{three}:{'0' * 64}",
        f"{three}",
        "x",
        "99:1",
    ]
    answer = client.post("/queue/decide", data={"draft": picked, "do": "approve"})
    assert "2 drafts approved." in answer.text and f"Not approved: Draft {three} was changed meanwhile." in answer.text
    assert [of(home, number).status for number in (one, two, three)] == ["approved", "approved", "pending"]
    client.post("/queue/decide", data={"draft": [f"{three}:{seen(home, three)}"], "do": "skip"})
    assert of(home, three).status is DraftStatus.SKIPPED
    assert "Select some drafts first." in client.post("/queue/decide", data={"do": "skip"}).text


def test_a_run_that_was_quicker_wins_and_the_person_is_told(home: Home, client: TestClient) -> None:
    """The draft goes out while its page is open: it can be neither skipped nor edited any more, and nothing is lost."""
    number = filled.add(
        home, "Books may be kept for four weeks.", status=DraftStatus.APPROVED, origin="person", platforms=["feed"]
    )
    assert client.get(f"/draft/{number}").status_code == 200
    old = seen(home, number)
    home.bot("library", f'{filled.BOT}platforms = ["feed"]\n')
    assert home("run").code == 0 and of(home, number).status is DraftStatus.POSTED
    for action in ("skip", "edit"):
        answer = client.post(f"/draft/{number}/{action}", data={"seen": old, "text": "Other words, too late."})
        assert answer.status_code in (409, 422) and 'role="alert"' in answer.text
    assert "python" not in re.findall(r'role="alert".*?</div>', answer.text, re.DOTALL)[0]
    assert of(home, number).status is DraftStatus.POSTED


# -- editing -------------------------------------------------------------------------------------------


def test_an_edit_is_saved_and_approved_in_one(home: Home, client: TestClient) -> None:
    """Texts, alt texts and an approval of exactly those."""
    number = filled.pictured(home, alt="Red")
    sent = {
        "seen": seen(home, number),
        "parts": "1",
        "text": ["The new wing is closed.\r\nCome tomorrow.", ""],
        "alt-1": "Red and blue",
        "approve": "1",
    }
    answer = client.post(f"/draft/{number}/edit", data=sent)
    assert answer.status_code == 200 and f"Draft {number} is changed, and goes out" in answer.text
    draft = of(home, number)
    assert draft.texts == ("The new wing is closed.\nCome tomorrow.",) and draft.status is DraftStatus.APPROVED
    assert draft.parts[0].media[0].alt == "Red and blue"


@pytest.mark.parametrize("status", [DraftStatus.PENDING, DraftStatus.NEEDS_ATTENTION, DraftStatus.APPROVED])
def test_an_edit_that_is_only_saved_waits_for_an_approval(home: Home, client: TestClient, status: DraftStatus) -> None:
    """Whatever the draft was before: nothing goes out by a button that does not say so."""
    number = filled.add(home, "Books may be kept for four weeks.", status=status)
    client.post(f"/draft/{number}/edit", data={"seen": seen(home, number), "text": "Books may be kept for five weeks."})
    assert of(home, number).status is DraftStatus.PENDING
    sent = {"seen": seen(home, number), "text": "Books may be kept for six weeks.", "approve": "1"}
    assert "is changed, and goes out" in client.post(f"/draft/{number}/edit", data=sent).text


def test_one_bot_alone_is_looked_at(home: Home, client: TestClient) -> None:
    """The queue names the bots once there are several; one of them can be chosen, and stays so."""
    filled.add(home, "A note of the library.")
    assert "<select" not in client.get("/queue").text
    home.bot("second", f'{filled.BOT}platforms = ["feed"]\n')
    filled.add(home, "A note of the second bot.", bot="second")
    with TestClient(seat.console(home)) as client:
        both, one = client.get("/queue").text, client.get("/queue?bot=second&show=pending").text
    assert "A note of the library." in both and "A note of the second bot." in both
    assert "A note of the library." not in one and "A note of the second bot." in one
    assert 'name="back" value="bot=second&amp;show=pending"' in one


def test_what_failed_goes_on_unless_a_run_is_at_work(home: Home, client: TestClient) -> None:
    """The page of a draft that did not get out has the button for it; while a run holds the lock it says so."""
    number = filled.failed(home)
    assert "Go on with it" in client.get(f"/draft/{number}").text
    with filled.opened(home) as (app, _):
        lock = app.settings.lock
    sent = {"seen": seen(home, number)}
    with locked(lock):
        answer = client.post(f"/draft/{number}/resume", data=sent)
    assert answer.status_code == 503 and 'role="alert"' in answer.text
    assert "goes on with the next run" in client.post(f"/draft/{number}/resume", data=sent).text
    assert of(home, number).status is DraftStatus.PUBLISHING


def test_what_the_checks_refuse_stands_in_the_form_again(home: Home, client: TestClient) -> None:
    """Nothing is saved, the reason is told, and both text and alt text are as the person wrote them."""
    number = filled.pictured(home)
    long = "All of the library. " * 20
    sent = {"seen": seen(home, number), "parts": "1", "text": long, "alt-1": "My new alt text"}
    answer = client.post(f"/draft/{number}/edit", data=sent)
    assert answer.status_code == 422 and "its limit is 280" in answer.text
    assert long.strip() in answer.text and "My new alt text" in answer.text
    assert of(home, number).parts[0].media[0].alt != "My new alt text"


def test_a_part_joins_a_thread_and_leaves_it(home: Home, client: TestClient) -> None:
    """The empty field at the end becomes a part once it holds a text; the last part that is emptied is gone."""
    number = filled.thread(home)
    texts = [*of(home, number).texts, "4/4 The house is warm."]
    client.post(f"/draft/{number}/edit", data={"seen": seen(home, number), "parts": "3", "text": texts})
    assert of(home, number).texts[3] == "4/4 The house is warm."
    client.post(f"/draft/{number}/edit", data={"seen": seen(home, number), "parts": "4", "text": [*texts[:3], "", ""]})
    assert len(of(home, number).parts) == 3


def test_checks_answer_a_script_and_a_browser_without_one(home: Home, client: TestClient) -> None:
    """As JSON with lengths by part and platform, or as the page with the words and what is wrong with them; neither
    saves anything."""
    number = filled.thread(home)
    sent = {"seen": seen(home, number), "parts": "3", "text": ["x" * 300, "Two.", "Three."]}
    found = client.post(f"/draft/{number}/check", data=sent, headers={"Accept": "application/json"}).json()
    assert found["parts"][0][0] == {"platform": "X", "told": "300 of 280", "over": True}
    assert len(found["parts"]) == 3 and found["violations"][0]["part"] == 1
    page = client.post(f"/draft/{number}/check", data=sent)
    assert page.status_code == 200 and "x" * 300 in page.text and "300 of 280" in page.text
    assert of(home, number).texts[1] == "2/3 It opens at ten."


def test_too_much_to_look_at_is_refused_at_once(home: Home, client: TestClient) -> None:
    """A text that no platform takes is not searched by every rule; it comes back to who wrote it."""
    number = filled.judged(home)
    sent = {"seen": seen(home, number), "text": "long " * 20_000}
    answer = client.post(f"/draft/{number}/check", data=sent, headers={"Accept": "application/json"})
    assert answer.status_code == 422 and "50,000 characters" in answer.json()["error"]
    assert client.post(f"/draft/{number}/edit", data=sent).text.count("long ") >= 20_000


@pytest.mark.parametrize("action", ["edit", "check"])
def test_a_form_that_was_emptied_is_told_so(home: Home, client: TestClient, action: str) -> None:
    """Who clears the words and saves is told what is missing, with and without a script."""
    number = filled.add(home, "A draft.")
    form = {"seen": seen(home, number), "text": ["", " "]}
    page = client.post(f"/draft/{number}/{action}", data=form)
    assert page.status_code == 422 and "There is no text." in page.text
    if action == "check":
        answer = client.post(f"/draft/{number}/check", data=form, headers={"Accept": "application/json"})
        assert answer.status_code == 422 and "There is no text." in answer.json()["error"]


def test_a_candidate_is_taken_into_the_form(home: Home, client: TestClient) -> None:
    """By its name, and only one of this draft's own."""
    number, other = filled.judged(home), filled.add(home, "Another draft.")
    assert "Dogs are welcome in the hall!</textarea>" in client.get(f"/draft/{number}?take=2.1").text
    for name in ("2.9", "99.0", "x", "2.1.1"):
        own = filled.POST.replace("'", "&#39;")
        assert f"{own}</textarea>" in client.get(f"/draft/{number}?take={name}").text
    assert "Another draft.</textarea>" in client.get(f"/draft/{other}?take=2.1").text


def test_what_stands_in_the_form_is_what_is_counted(home: Home, client: TestClient) -> None:
    """After an edit that was refused, and with another candidate in the form: not the length of the draft's own."""
    number = filled.judged(home)
    sent = {"seen": seen(home, number), "text": "x" * 300}
    page = Page(client.post(f"/draft/{number}/edit", data=sent).text)
    assert re.search(r"X\s+300 of 280", page.text.partition("Edit")[2])
    candidate = Page(client.get(f"/draft/{number}?take=2.1").text)
    assert re.search(r"X\s+29 of 280", candidate.text)


def test_a_date_shows_in_the_queue_before_it_is_approved(home: Home, client: TestClient) -> None:
    """A draft that waits and has a date says both: when it goes out, and that it must be approved for that."""
    number = filled.judged(home)
    sent = {"seen": seen(home, number), "to": "at", "at": "2030-12-01T09:00"}
    told = client.post(f"/draft/{number}/move", data=sent).text
    assert f"Draft {number} waits for an approval, and goes out Sunday 1 December 2030, 09:00 at the earliest." in told
    assert "goes out Sunday 1 December 2030, 09:00, if it is approved" in client.get("/queue").text


# -- the rest ------------------------------------------------------------------------------------------


def test_a_draft_gets_a_date_in_words_or_another_place(home: Home, client: TestClient) -> None:
    """What the words name is told; what can't be understood stands in the field again."""
    number, other = (filled.add(home, f"{word} of all notes.", status=DraftStatus.APPROVED) for word in ("One", "Two"))

    def move(**to: str) -> str:
        return Page(client.post(f"/draft/{other}/move", data={"seen": seen(home, other), **to}).text).text

    assert f"Draft {other} comes before draft {number}." in move(to="before", before=str(number))
    assert f"Draft {other} comes first." in move(to="first")
    assert f"Draft {other} goes out " in move(to="at", at="in 5 hours")
    assert of(home, other).due_at is not None
    answer = client.post(f"/draft/{other}/move", data={"seen": seen(home, other), "to": "at", "at": "some day"})
    assert answer.status_code == 422 and 'value="some day"' in answer.text
    assert "Where to?" in move(to="before", before="x")


def test_writing_anew_gives_another_draft_and_never_two(home: Home, client: TestClient) -> None:
    """While one request writes, a second one is told so and writes nothing; the new draft stands in the old one's
    place."""
    home.bot("library", f'{filled.BOT}platforms = ["feed"]\npool = 4\n')
    assert home("run").code == 0
    number, before = 2, home.rows("SELECT count(*) FROM drafts")[0][0]
    begun, go_on = threading.Event(), threading.Event()
    real = Actions.regenerate

    def slowly(actions: Actions, number: int, *, seen: str = "") -> Draft:
        begun.set()
        assert go_on.wait(20)
        return real(actions, number, seen=seen)

    answers = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Actions, "regenerate", slowly)
        send = lambda: client.post(f"/draft/{number}/regenerate", data={"seen": seen(home, number)})  # noqa: E731
        first = threading.Thread(target=lambda: answers.append(send()))
        first.start()
        assert begun.wait(20)
        second = send()
        go_on.set()
        first.join(60)
    assert second.status_code == 503 and "is being written anew already" in second.text
    [answer] = answers
    new = int(answer.url.path.rpartition("/")[2])
    assert answer.status_code == 200 and new != number and f"Draft {number} was written anew" in answer.text
    assert of(home, number).status is DraftStatus.SKIPPED and of(home, new).item_id == of(home, number).item_id
    assert home.rows("SELECT count(*) FROM drafts") == [(before + 1,)]


def test_a_page_that_is_not_there_says_so(client: TestClient) -> None:
    """A number without a draft, of a page and of a form; a page of the queue that is none."""
    assert client.get("/draft/99").status_code == client.post("/draft/99/skip", data={"seen": "x"}).status_code == 404
    assert client.get("/draft/x").status_code == 404 and client.get("/draft/" + "9" * 30).status_code == 404
    for group in ("nothing", "pending", "queued"):
        assert "Nothing waits" in client.get(f"/queue?show={group}&page=-4&bot=nobody").text


def test_a_draft_of_a_bot_that_is_no_more_says_so(home: Home) -> None:
    """Its page, to which history and runs lead, and a form that was open: with the remedy, and without an error."""
    number = filled.judged(home)
    home.bot("other", filled.BOT)
    (home.path / "data" / "bots" / "library.toml").unlink()
    with TestClient(seat.console(home)) as client:
        answers = [client.get(f"/draft/{number}"), client.post(f"/draft/{number}/approve", data={"seen": "x"})]
    for answer in answers:
        assert answer.status_code == 404 and f"Draft {number} belongs to the bot library" in answer.text


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_in_a_draft_becomes_a_part_of_the_page(home: Home, client: TestClient, text: str) -> None:
    """Text, reason, card and topic are somebody's words: they are shown, and are no element, attribute or link."""
    card = Card("https://evil.example/x", text, text)
    number = filled.add(home, Part(text, (), card), reason=text, platforms=("feed",))
    with filled.opened(home) as (_, db), db.transaction():
        db.update("UPDATE drafts SET topic = ?, format = ?, language = ?", text, text, text)
    for path in ("/queue", f"/draft/{number}", "/queue?show=pending"):
        page = Page(client.get(path).text)
        assert text in page.text.replace("\n", "\n")
        assert [script.get("src") for script in page.all("script")] == ["/static/console.js"]
        assert not {"svg", "object", "iframe", "style"} & {tag for tag, _ in page.elements}
        for _, attributes in page.elements:
            assert not [name for name in attributes if name.startswith("on") or name == "style"]
            href = attributes.get("href") or ""
            assert re.match(r"/|#|https?://", href) or not href
            if href.startswith("http"):
                assert attributes["rel"] == "nofollow noopener noreferrer"


@pytest.mark.parametrize("back", ["//evil.example", "\r\nX: y", "javascript:1", "bot=" + "a" * 400, "a=b#c"])
def test_the_way_back_leads_to_the_queue_alone(home: Home, client: TestClient, back: str) -> None:
    """Whatever a form says of where its person came from."""
    number = filled.judged(home)
    sent = {"seen": seen(home, number), "back": back}
    answer = client.post(f"/draft/{number}/skip", data=sent, follow_redirects=False)
    assert answer.status_code == 303 and answer.headers["location"] in ("/queue", f"/queue?{back}")
    assert "evil" not in answer.headers["location"]
