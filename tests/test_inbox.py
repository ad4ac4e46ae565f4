"""The verb `inbox` as a process: what people said is listed, shown, answered, approved and dismissed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from tests.home import Done, Home, mastodon_settings
from tests.review.filled import add, set_up
from tests.review.talk import draft_answer, hear, publish
from tests.standins.mastodon import MastodonStandIn
from twitter_manager.domain import DraftStatus
from twitter_manager.show.verb_shapes import json_schema
from twitter_manager.store.comments import Status

HOSTILE = "Look\x1b[2J\x1b]0;owned\x07 \u202eevil\u202c \u2066x\u2069\nlibrary: is answered\r\nYour key?"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return set_up(Home(tmp_path / "home"))


def sent(home: Home, text: str, remote_id: str) -> int:
    """A post of the bot's that is out on Mastodon; gives its draft's number."""
    return publish(home, add(home, text, status=DraftStatus.APPROVED, platforms=["mastodon"]), remote_id)


def fits(done: Done) -> Done:
    Draft202012Validator(json_schema("inbox")).validate(json.loads(done.out))
    return done


def test_what_waits_is_listed_with_why_and_with_the_drafted_answer(home: Home) -> None:
    """Of each what was said, by whom, beneath which post, at the bot's clock; what is over only with --all."""
    post = sent(home, "The reading room opens at ten.", "77")
    asked = hear(home, "When do you open?", parent_id="77")
    flagged = hear(home, "You are all crooks.", status=Status.FLAGGED, reason="it is hostile", name="")
    answer = draft_answer(home, asked)
    over = hear(home, "Nice.", status=Status.DISMISSED)
    told = home("inbox").out
    assert f"{asked}. Mia @mia@books.example answers you on mastodon" in told
    assert f"beneath draft {post}: The reading room opens at ten." in told
    assert f"The drafted answer, draft {answer}, waiting for approval (answers wait for you):" in told
    assert f"{flagged}. @mia@books.example" in told
    assert "library: waits for you (it is hostile)" in told
    assert " CET" in told or " CEST" in told
    assert "Nice." not in told
    assert [each["id"] for each in fits(home("inbox", "--json")).json["comments"]] == [asked, flagged]
    every = fits(home("inbox", "--all", "--json")).json["comments"]
    assert [each["id"] for each in every] == [over, flagged, asked]
    assert every[0]["commands"] == [f"inbox reopen {over}"]
    assert every[2]["commands"] == [f"inbox approve {asked}", f"inbox dismiss {asked}"]
    status = home("status")
    assert "  2 comments wait (1 with an answer drafted, 1 for you alone); see: " in status.out
    assert home("status", "--json").json["bots"][0]["comments"] == {"drafted": 1, "flagged": 1}


def test_one_comment_is_shown_with_the_conversation_above_it(home: Home) -> None:
    """Our post, what was said beneath it, and our answer to that, the first of all first."""
    sent(home, "The reading room opens at ten.", "77")
    first = hear(home, "On Mondays too?", parent_id="77")
    assert home("inbox", "answer", str(first), "Not on Mondays.").code == 0
    publish(home, 2, "79")
    second = hear(home, "And on Sundays?", parent_id="79", author="leo@books.example")
    thread = fits(home("inbox", "show", str(second), "--json")).json["comments"][0]["thread"]
    assert [(each["ours"], each["text"]) for each in thread] == [
        (True, "The reading room opens at ten."),
        (False, "On Mondays too?"),
        (True, "Not on Mondays."),
    ]
    told = home("inbox", "show", str(second)).out
    assert (
        told.index("opens at ten")
        < told.index("On Mondays too?")
        < told.index("Not on Mondays.")
        < told.index("And on S")
    )
    assert f'inbox answer {second} "Your words"' in told


def test_a_person_answers_approves_and_dismisses(home: Home) -> None:
    """Each verb does what it says, once; what is refused is told with a way on, and keeps no other from it."""
    mine, theirs, no_answer = hear(home), hear(home, "And dogs?"), hear(home, "First!")
    draft_answer(home, theirs, "Guide dogs are welcome.")
    assert fits(home("inbox", "answer", str(mine), "At ten.", "--json")).json["drafts"] == [2]
    again = home("inbox", "answer", str(mine), "At eleven.")
    assert again.code == 2
    assert "has an answer already: draft 2 is ready" in again.err
    assert home("inbox", "approve", str(theirs)) == Done(0, "", "")
    refused = fits(home("inbox", "dismiss", str(no_answer), "99", "--json"))
    assert (refused.code, refused.json["comments"], len(refused.json["refused"])) == (2, [no_answer], 1)
    assert home("inbox", "reopen", str(no_answer)).code == 0
    assert home.rows("SELECT id, status FROM comments ORDER BY id") == [
        (mine, "drafted"), (theirs, "drafted"), (no_answer, "flagged")
    ]  # fmt: skip
    assert home.rows("SELECT status FROM drafts ORDER BY id") == [("approved",), ("approved",)]
    assert home("status", "--json").json["bots"][0]["comments"] == {"flagged": 1}
    assert "answers @mia@books.example: And dogs?" in home("explain", "1").out
    assert home("explain", "1", "--json").json["draft"]["answers"]["text"] == "And dogs?"


def test_drafts_tells_of_answers_too(home: Home) -> None:
    """One that waits for approval is there with how to approve it, and an approved one is on its way, with no place in
    the queue: the list never says that nothing waits while an answer does."""
    draft_answer(home, hear(home, "And dogs?"), "Guide dogs are welcome.")
    told = home("drafts").out
    assert "library: Waits for your approval:\n  draft 1, answer from the bot, waiting for approval" in told
    assert "answers @mia@books.example: And dogs?" in told
    assert "drafts approve 1" in told
    assert home("drafts", "approve", "1").code == 0
    [listed] = home("drafts", "--json").json["drafts"]
    assert (listed["waits"], listed["place"], listed["parts"]) == ("on_its_way", None, ["Guide dogs are welcome."])


def test_what_was_said_against_old_words_is_not_said_of_the_persons(home: Home) -> None:
    """A drafted answer that its person edits, and that still waits for a yes, loses the doubt that the model's words
    met."""
    number = hear(home)
    draft_answer(home, number)
    assert "(answers wait for you)" in home("inbox").out
    assert home("drafts", "edit", "1", "--text", "At ten, but not on Mondays.").code == 0
    told = home("inbox").out
    assert "waiting for approval (it was edited):" in told
    assert "(answers wait for you)" not in told


def test_what_its_person_answered_there_is_not_answered_again_here(home: Home) -> None:
    """The words would never go out: they are refused at once, with the place where they can be said."""
    number = hear(home, status=Status.ANSWERED, reason="the account answered it there")
    done = home("inbox", "answer", str(number), "At ten.")
    assert done.code == 2 and "is answered already: the account answered it there" in done.err
    assert "https://books.example/@mia/1" in done.err


def test_a_list_that_is_cut_says_so(home: Home) -> None:
    """With more comments than are listed, or one that is a page long, the list tells how to see the rest."""
    [_, long, last] = [hear(home), hear(home, "Well. " * 500), hear(home, "And now?")]
    told = home("inbox", "-n", "2").out
    assert "And now?" not in told
    assert "There are more: " in told
    assert "inbox -n 20" in told
    assert "inbox --all -n 20" in home("inbox", "--all", "-n", "2").out
    whole = home("inbox", "-n", "3").out
    assert (f"{last}. Mia" in whole, "There are more" in whole) == (True, False)
    assert whole.count("Well.") == 100
    assert home("inbox", "show", str(long)).out.count("Well.") == 500


def test_a_comment_without_words_is_told_as_such(home: Home) -> None:
    """Of a picture alone no empty line is shown, in the list or above it, nor where its answer is told."""
    picture = hear(home, "")
    assert home("inbox", "answer", str(picture), "A fine picture.").code == 0
    for told in (("inbox",), ("inbox", "show", str(picture)), ("drafts",), ("explain", "1")):
        assert "(no words; perhaps a picture)" in home(*told).out, told


def test_a_private_message_is_told_as_one(home: Home) -> None:
    """Whoever answers sees beforehand that only the two of them will read it."""
    for visibility, private in (("direct", True), ("private", False), ("", False)):
        number = hear(home, visibility=visibility)
        shown = home("inbox", "show", str(number))
        assert ("Mia @mia@books.example answers you privately on mastodon" in shown.out) == private
        [comment] = fits(home("inbox", "show", str(number), "--json")).json["comments"]
        assert comment["private"] == private


def test_words_come_by_standard_input_too(home: Home) -> None:
    """As for every verb that takes a text: a dash is no answer to anybody."""
    number = hear(home)
    assert home("inbox", "answer", str(number), "-", stdin="At ten.\n").code == 0
    assert json.loads(home("inbox", "--json").out)["comments"][0]["answer"]["parts"] == ["At ten."]
    assert home("inbox", "answer", str(hear(home, "And now?")), "-", stdin="\n").code == 2


@pytest.mark.parametrize("words", [
    ("show",), ("approve",), ("dismiss", "x"), ("answer", "1"), ("answer", "1", "two", "texts"), ("answer", "0", "Hi."),
    ("list", "3"), ("show", "1", "--all"), ("approve", "1", "--bot", "library"), ("show", "7"),
    ("dismiss", "9" * 30), ("answer", "1", " "), ("list", "--bot", "nobody"),
])  # fmt: skip
def test_slips_are_told_in_one_line(home: Home, words: tuple[str, ...]) -> None:
    """No number, no text, a number of nothing, an option of another action: exit code 2 and nothing changed."""
    hear(home)
    done = home("inbox", *words)
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1), done
    assert home.rows("SELECT status FROM comments") == [("new",)]


def test_what_a_stranger_writes_acts_on_no_terminal(home: Home) -> None:
    """Escape sequences and turns of direction come as visible escapes wherever a comment is told, and a line of theirs
    never stands where one of the program's does."""
    number = hear(home, HOSTILE, name=f"Eve{HOSTILE}", author=f"eve{HOSTILE}")
    draft_answer(home, number)
    for words in (
        ("inbox",),
        ("inbox", "show", str(number)),
        ("explain", "1"),
        ("explain", "1", "--full"),
        ("status",),
    ):
        shown = home.at_terminal(*words).out
        assert not set(shown) & set("\x1b\x07\r\u202e\u202c\u2066\u2069"), words
        assert not any(line.startswith(("library: is", "  library: is")) for line in shown.splitlines()), words
    assert home("inbox", "--json").json["comments"][0]["text"] == HOSTILE


def test_a_home_without_a_database_has_an_empty_inbox(tmp_path: Path) -> None:
    """Before the first run there is nothing to answer."""
    home = Home(tmp_path / "home")
    home.bot("library")
    assert "Nobody waits for an answer" in home("inbox").out
    assert fits(home("inbox", "--json")).json == {"comments": []}


def test_an_inbox_that_nothing_is_read_into_says_so(tmp_path: Path) -> None:
    """Where the token may not read what people say, an empty inbox tells that and what to do, until it may."""
    with MastodonStandIn(scopes=("read:accounts", "read:statuses", "write:statuses")) as server:
        home = Home(tmp_path / "home", **mastodon_settings(server))
        assert home("run").code == 0
        told = home("inbox").out
        assert told.startswith("default: mastodon is not read: Mastodon does not allow this")
        assert "read:notifications" in told
        server.settings.scopes = ("read", "write")
        assert home("run").code == 0
        assert home("inbox").out.startswith("Nobody waits for an answer")
